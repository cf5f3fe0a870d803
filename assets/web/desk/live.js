// The day's board, kept live: one request waits at the server and is answered as soon as the board is another.
import { Cell } from './cell.js';
import { get, reachable } from './api.js';
import { session } from './session.js';
import { setZone } from './i18n.js';

/** {site, day, appointments, rooms, providers, tasks, review}; null until the first answer. */
export const board = new Cell(null);
export const today = new Cell(null);
/** Grows with every change of the practice that this node hears of; moves only while `watchAll` asks for it. */
export const head = new Cell(0);
/** An error that is not a matter of reaching the server. */
export const trouble = new Cell(null);
export const newVersion = new Cell(false);

const build = document.documentElement.dataset.build;
const HIDDEN_MS = 20000;
let place = { site: null, day: null };
let hash = '';
let all = 0;
let clock = 0;
let restart = new AbortController();

/** The server's time: waits are counted with one clock. */
export const serverNow = () => Date.now() + clock;

const sleep = (ms, signal) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
});

function again() {
  restart.abort();
  restart = new AbortController();
}

export function lookAt(site, day) {
  if (site === place.site && day === place.day) return;
  place = { site, day };
  hash = '';
  board.value = null;
  setZone(session.value.sites.find((s) => s.id === site)?.zone);
  again();
}
export const where = () => place;

/** While a chart is open every change counts, not only those of the board. Returns how to end it. */
export function watchAll() {
  if (++all === 1) again();
  return () => { all--; };
}

function take(answer) {
  clock = answer.now - Date.now();
  trouble.value = null;
  today.value = answer.today;
  if (answer.build !== build) newVersion.value = true;
  if (answer.board) {
    hash = answer.hash;
    board.value = answer.board;
  }
  head.value = answer.head;
}

async function ask(signal, wait) {
  const query = new URLSearchParams();
  if (place.site) query.set('site', place.site);
  if (place.day) query.set('day', place.day);
  if (hash) query.set('have', hash);
  if (wait && hash) query.set('after', head.value);
  if (all) query.set('any', '1');
  take(await get(`/api/board?${query}`, { signal, timeoutMs: 40000 }));
}

/** After an own change: do not wait for the news of it. */
export const refresh = () => ask(restart.signal, false).catch(() => {});

async function run() {
  for (let failures = 0; ;) {
    const { signal } = restart;
    try {
      await ask(signal, !document.hidden && reachable.value);
      failures = 0;
      // A window that nobody sees must not keep a connection: the browser has six for all of them.
      if (document.hidden) await sleep(HIDDEN_MS, signal);
    } catch (error) {
      if (signal.aborted) continue;
      if (error.status === 401) return;
      if (error.status) trouble.value = error.key;
      failures++;
      await sleep(Math.min(5000, 300 * 2 ** failures) * (0.7 + 0.6 * Math.random()), signal);
    }
  }
}

export function start() {
  place = { site: session.value.site, day: null };
  run();
}
document.addEventListener('visibilitychange', () => { if (session.value) again(); });
addEventListener('online', () => { if (session.value) again(); });
