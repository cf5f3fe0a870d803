// What surrounds every page: where one can go, how the data is doing, who is signed in.
import { html, useEffect, useState, cls } from './lib.js';
import { useCell } from './cell.js';
import { reachable } from './api.js';
import { language, t, n } from './i18n.js';
import { may, session, signOut } from './session.js';
import { board, newVersion, lookAt, where } from './live.js';
import { go, route, to } from './route.js';
import { Icon } from './icons.js';
import { Menu, Notice } from './parts.js';
import { Keys } from './day.js';
import { languageItems, setTheme, theme } from './preferences.js';
import { syncState, watchSync, syncLine } from './syncstate.js';

const LINKS = [
  { page: 'day', icon: 'day', permission: 'board.view' },
  { page: 'clients', icon: 'clients', permission: 'client.read', also: 'client' },
  { page: 'tasks', icon: 'tasks', permission: 'board.view', count: (b) => b.tasks.length },
  { page: 'review', icon: 'review', permission: 'client.read', count: (b) => b.review.length, hideEmpty: true },
  { page: 'devices', icon: 'devices', permission: 'device.manage' },
];

function Links() {
  const at = useCell(route);
  const now = useCell(board);
  return html`<ul class="links">${LINKS.map((link) => {
    const here = at.page === link.page || at.page === link.also;
    const count = now && link.count ? link.count(now) : 0;
    if (!may(link.permission) || (link.hideEmpty && !count && !here)) return null;
    return html`<li key=${link.page}><a href=${to(link.page)} class=${here ? 'here' : ''} aria-current=${here ? 'page' : undefined}>
      <${Icon} name=${link.icon} /><span>${t(`desk.nav.${link.page}`)}</span>
      ${count > 0 && html`<span class="badge"><span aria-hidden="true">${count}</span><span class="unseen">${n('desk.nav.count', count)}</span></span>`}</a></li>`;
  })}</ul>`;
}

function SyncCard() {
  const state = useCell(syncState);
  const here = useCell(reachable);
  const line = syncLine(state, here);
  return html`<a class=${cls('sync-card', line.tone)} href=${to('sync')}>
    <span class="dot" aria-hidden="true"></span><span><strong>${line.title}</strong>${line.text && html`<span class="sync-text">${line.text}</span>`}</span></a>`;
}

function Person({ welcome }) {
  const [keys, setKeys] = useState(false);
  const who = useCell(session);
  useCell(language);
  useCell(theme);
  const name = `${who.staff.given} ${who.staff.family}`.trim();
  const initials = [who.staff.given, who.staff.family].map((x) => [...x][0] ?? '').join('');
  const items = [
    ...languageItems(welcome.languages), { rule: true },
    ...['system', 'light', 'dark'].map((x) => ({ label: t(`desk.theme.${x}`), checked: x === theme.value, run: () => setTheme(x) })), { rule: true },
    { label: t('desk.print_day'), icon: 'print', run: () => { go('day'); setTimeout(print, 100); } },
    { label: t('desk.keys.title'), icon: 'question', run: () => setKeys(true) },
    { label: t('desk.sign_out'), icon: 'out', run: () => signOut('self') },
  ];
  return html`<${Menu} label=${t('desk.person_menu', { name })} className="person" align="start" items=${items}
    text=${html`<span class="initials" aria-hidden="true">${initials}</span><span class="person-name">${name}</span><${Icon} name="down" size=${16} />`} />${keys && html`<${Keys} onClose=${() => setKeys(false)} />`}`;
}

function Sites() {
  const who = useCell(session);
  const now = useCell(board);
  if (who.sites.length < 2) return html`<span class="place-site">${who.sites[0]?.name}</span>`;
  const at = now?.site ?? where().site ?? who.site;
  return html`<${Menu} label=${t('desk.site')} className="place-site quiet" align="start"
    text=${html`${who.sites.find((s) => s.id === at)?.name ?? ''}<${Icon} name="down" size=${14} />`}
    items=${who.sites.map((s) => ({ label: s.name, checked: s.id === at, run: () => lookAt(s.id, where().day) }))} />`;
}

export function Shell({ welcome, children }) {
  const here = useCell(reachable);
  const stale = useCell(newVersion);
  const now = useCell(board);
  useCell(language);
  const at = useCell(route);
  useEffect(watchSync, []);
  useEffect(() => {
    const waiting = now?.tasks.filter((x) => x.kind === 'help' && !x.owner).length ?? 0;
    document.title = `${waiting ? `(${waiting}) ` : ''}${t(`desk.nav.${at.page}`)} · ${welcome.practice || 'Foyer'}`;
  }, [now, at]);
  return html`<div class="shell">
    <a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>${t('desk.skip')}</a>
    <header class="rail">
      <div class="place"><span class="mark" aria-hidden="true"><${Icon} name="door" /></span>
        <div><span class="place-name">${welcome.practice || 'Foyer'}</span><${Sites} /></div></div>
      <nav aria-label=${t('desk.nav.label')}><${Links} /></nav>
      <div class="rail-foot">${may('sync.view') && html`<${SyncCard} />`}<${Person} welcome=${welcome} /></div>
    </header>
    <main id="main" tabindex="-1">
      ${!here && html`<div class="banner" role="alert"><${Icon} name="cloud_off" /><p><strong>${t('desk.unreachable.title')}</strong> ${t('desk.unreachable.text')}</p></div>`}
      ${stale && html`<${Notice} tone="plain" icon="sync">${t('desk.new_version')} <button type="button" class="link" onClick=${() => location.reload()}>${t('desk.reload')}</button><//>`}
      ${children}
    </main></div>`;
}
