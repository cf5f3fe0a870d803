// Who is signed in, what they may do, and signing out by itself.
import { Cell } from './cell.js';
import { call, get, post, useGuard } from './api.js';
import { setZone } from './i18n.js';

/** null: nobody. */
export const session = new Cell(null);
/** Seconds left before signing out; null while there is time. */
export const leaving = new Cell(null);

const WARN_MS = 60000;
const channel = new BroadcastChannel('foyer.desk');
let lastActive = Date.now();
let lastTouch = Date.now();
let timer;
let going = null; // why we are signing out; the server's "no session" to a poll under way is not another reason

export const may = (permission, site) => {
  const now = session.value;
  if (!now) return false;
  const place = site && now.sites.find((s) => s.id === site);
  return (place ? place.permissions : now.permissions).includes(permission);
};
export const siteOf = (id) => session.value?.sites.find((s) => s.id === id);

// The page is loaded anew, so that nothing of the practice stays in its memory.
function leave(reason) {
  clearInterval(timer);
  sessionStorage.setItem('foyer.left', going ?? reason);
  location.replace('/desk');
}

export async function signOut(reason = 'self') {
  going = reason;
  try { await call('DELETE', '/api/session'); } catch { /* the session ends by itself soon */ }
  channel.postMessage({ left: reason });
  leave(reason);
}

function began(data) {
  useGuard(data.guard, leave);
  setZone(data.sites.find((s) => s.id === data.site)?.zone);
  session.value = data;
  lastActive = lastTouch = Date.now();
  clearInterval(timer);
  timer = setInterval(look, 1000);
}

export async function signIn(username, password) {
  began(await post('/api/session', { username, password }));
}
export async function resume() {
  began(await get('/api/session'));
}

function look() {
  const now = Date.now();
  const idle = session.value.idle_ms;
  const left = lastActive + idle - now;
  if (left <= 0) signOut('idle');
  else leaving.value = left <= Math.min(WARN_MS, idle / 3) ? Math.ceil(left / 1000) : null;
  if (lastActive > lastTouch && now - lastTouch > Math.min(20000, idle / 6)) {
    lastTouch = now;
    post('/api/session/touch').catch(() => {});
  }
}

export function stay() {
  lastActive = Date.now();
  lastTouch = lastActive;
  leaving.value = null;
  channel.postMessage({ active: lastActive });
  post('/api/session/touch').catch(() => {});
}

// Work in any window of this browser keeps all of them; once the warning stands, only an answer to it does.
function active() {
  if (leaving.value !== null) return;
  const now = Date.now();
  if (now - lastActive > 1000) channel.postMessage({ active: now });
  lastActive = now;
}
for (const event of ['pointerdown', 'keydown', 'wheel', 'touchmove']) addEventListener(event, active, { passive: true, capture: true });
channel.onmessage = ({ data }) => {
  if (!session.value) return;
  if (data.left) leave(data.left);
  else if (data.active > lastActive) {
    lastActive = data.active;
    leaving.value = null;
  }
};
