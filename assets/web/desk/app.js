// The desk: sign in, then the shell with one page in it.
import { html, render, useEffect, useState } from './lib.js';
import { useCell } from './cell.js';
import { get } from './api.js';
import { language, loadLanguage, t, setPeople } from './i18n.js';
import { resume, session, leaving, stay, signOut, may } from './session.js';
import { start } from './live.js';
import { route } from './route.js';
import { Dialog, Toasts, Empty, Failed } from './parts.js';
import { useOwnLanguage } from './preferences.js';
import { SignIn } from './signin.js';
import { Shell } from './shell.js';
import { Day } from './day.js';
import { Clients } from './clients.js';
import { Chart } from './chart.js';
import { Tasks } from './tasks.js';
import { Review } from './review.js';
import { Devices } from './devices.js';
import { Sync } from './sync.js';

export const pages = {
  day: { view: Day, permission: 'board.view' },
  clients: { view: Clients, permission: 'client.read' },
  client: { view: Chart, permission: 'client.read' },
  tasks: { view: Tasks, permission: 'board.view' },
  review: { view: Review, permission: 'client.read' },
  devices: { view: Devices, permission: 'device.manage' },
  sync: { view: Sync, permission: 'sync.view' },
};

function Leaving() {
  const seconds = useCell(leaving);
  if (seconds === null) return null;
  return html`<${Dialog} title=${t('desk.leaving.title')} urgent onClose=${stay}
    actions=${html`<button type="button" onClick=${() => signOut('self')}>${t('desk.sign_out')}</button>
      <button type="button" class="primary" onClick=${stay}>${t('desk.leaving.stay')}</button>`}>
    <p>${t('desk.leaving.text', { seconds })}</p><//>`;
}

function Page() {
  const at = useCell(route);
  const page = pages[at.page];
  if (!page) return html`<${Empty} icon="question" title=${t('desk.no_page')} />`;
  if (!may(page.permission)) return html`<${Empty} icon="review" title=${t('error.denied')} />`;
  return html`<${page.view} key=${`${at.page}/${at.id ?? ''}`} id=${at.id} query=${at.query} />`;
}

function App({ welcome }) {
  const who = useCell(session);
  useCell(language);
  const [, began] = useState(0);
  useEffect(() => { if (session.value) start(); }, [who?.staff.id]);
  if (!who) return html`<${SignIn} welcome=${welcome} onDone=${() => began((x) => x + 1)} /><${Toasts} />`;
  return html`<${Shell} welcome=${welcome}><${Page} /><//><${Toasts} /><${Leaving} />`;
}

const place = document.getElementById('app');
async function begin() {
  const welcome = await get('/api/welcome');
  setPeople(welcome.people);
  const wanted = [localStorage.getItem('foyer.language'), ...navigator.languages.map((l) => l.split('-')[0]), welcome.language, 'en'];
  await loadLanguage(wanted.find((l) => welcome.languages.includes(l)));
  if (welcome.signed_in) {
    await resume();
    await useOwnLanguage(session.value.staff.language, welcome.languages);
  }
  document.title = welcome.practice || 'Foyer';
  render(html`<${App} welcome=${welcome} />`, place);
}
function tryBegin() {
  begin().catch(async (error) => {
    try { await loadLanguage(document.documentElement.lang); } catch { /* keys are all there is to show */ }
    render(html`<main class="alone"><${Failed} error=${error} retry=${tryBegin} /></main>`, place);
  });
}
tryBegin();
