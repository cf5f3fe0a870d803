// The day: who is here, who is expected, who needs something. Live, and workable by keyboard alone.
import { html, useEffect, useMemo, useRef, useState, cls } from './lib.js';
import { useCell } from './cell.js';
import { addDays, dayLong, n, span, t, wallMinute, wallTime } from './i18n.js';
import { board, lookAt, today, trouble, where } from './live.js';
import { may } from './session.js';
import { go, to } from './route.js';
import { Chip, Dialog, Empty, Failed, Loading, announce, useTick } from './parts.js';
import { Icon } from './icons.js';
import { Actions, Doubts, GROUPS, KEYS, RoomDialog, State, late, possible, step, waited } from './visit.js';
import { TaskList } from './tasks.js';
import { WalkIn } from './walkin.js';
import { PrintDay } from './printday.js';

const byStart = (a, b) => wallMinute(a.start) - wallMinute(b.start) || (a.client_name < b.client_name ? -1 : 1);
const ORDER = {
  waiting: (a, b) => a.arrived_at - b.arrived_at,
  roomed: byStart,
  expected: byStart,
  finished: (a, b) => byStart(b, a),
};

function Row({ visit, fresh }) {
  const [room, setRoom] = useState(false);
  const key = (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('dialog, [role=menu]')) return;
    const links = [...document.querySelectorAll('.visit-name')];
    const at = links.indexOf(e.currentTarget.querySelector('.visit-name'));
    const name = Object.keys(KEYS).find((x) => KEYS[x] === e.key.toUpperCase());
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') links[at + (e.key === 'ArrowDown' ? 1 : -1)]?.focus();
    else if (name && possible(visit).includes(name) && may('appointment.edit', visit.site)) name === 'room' ? setRoom(true) : step(visit, name);
    else return;
    e.preventDefault();
  };
  const provider = visit.provider_name || t('desk.anyone');
  return html`<li class=${cls('visit', visit.status, fresh && 'fresh')} data-visit=${visit.id} onKeyDown=${key}>
    <span class="visit-time">${visit.walk_in ? html`<span class="walk">${t('desk.walk_in.short')}</span>` : wallTime(visit.start)}</span>
    <div class="visit-who"><span class="visit-line"><a class="visit-name" href=${to('client', visit.client)}
      aria-keyshortcuts=${possible(visit).map((x) => KEYS[x]).filter(Boolean).join(' ')}>${visit.client_name}</a>
      ${visit.ticket && html`<span class="ticket" title=${t('desk.ticket')}>${visit.ticket}</span>`}<${Doubts} visit=${visit} /></span>
      <span class="visit-what">${visit.type_name}<span class="with-inline"> · ${provider}</span>${visit.note && ` · ${visit.note}`}</span></div>
    <span class="visit-with">${provider}</span>
    <span class="visit-state"><${State} visit=${visit} /></span>
    <${Actions} visit=${visit} />
    ${room && html`<${RoomDialog} visit=${visit} onClose=${() => setRoom(false)} />`}
  </li>`;
}

function Group({ name, visits, fresh, folded, onFold }) {
  const id = `group-${name}`;
  if (visits.length === 0 && name !== 'waiting' && name !== 'expected') return null;
  const hidden = folded && visits.length > 0;
  return html`<section class=${cls('group', name)} aria-labelledby=${id}>
    <header class="group-head"><h2 id=${id}>${onFold ? html`<button type="button" class="fold" aria-expanded=${!folded} onClick=${onFold}>
      <${Icon} name=${folded ? 'right' : 'down'} size=${16} />${t(`desk.group.${name}`)}<span class="count">${visits.length}</span></button>`
      : html`${t(`desk.group.${name}`)}<span class="count">${visits.length}</span>`}</h2></header>
    ${visits.length === 0 && html`<p class="group-empty">${t(`desk.group.${name}.empty`)}</p>`}
    ${!hidden && visits.length > 0 && html`<ul class="visits">${visits.map((v) => html`<${Row} key=${v.id} visit=${v} fresh=${fresh.has(v.id)} />`)}</ul>`}
  </section>`;
}

/** Visits that arrived while the page was open: marked for a moment, and said. */
function useArrivals(now) {
  const before = useRef(null);
  const [fresh, setFresh] = useState(new Set());
  useEffect(() => {
    if (!now) return;
    const here = new Map(now.appointments.filter((v) => v.status === 'arrived').map((v) => [v.id, v]));
    const known = before.current;
    const same = known && known.day === now.day && known.site === now.site;
    const news = same ? [...here.values()].filter((v) => !known.ids.has(v.id)) : [];
    before.current = { day: now.day, site: now.site, ids: new Set(here.keys()) };
    if (!news.length) return;
    announce(news.map((v) => t('desk.now.arrived', { name: v.client_name })).join(' '));
    setFresh((old) => new Set([...old, ...news.map((v) => v.id)]));
    setTimeout(() => setFresh((old) => new Set([...old].filter((id) => !news.some((v) => v.id === id)))), 6000);
  }, [now]);
  return fresh;
}

function Summary({ visits }) {
  const here = visits.filter((v) => v.status === 'arrived');
  const longest = here.length ? Math.max(...here.map(waited)) : 0;
  const running = visits.filter((v) => late(v) >= 5).length;
  return html`<p class="summary">
    <span><strong>${visits.filter((v) => v.status !== 'cancelled').length}</strong> ${t('desk.summary.visits')}</span>
    <span><strong>${here.length}</strong> ${t('desk.summary.waiting')}${here.length > 0 && html` <span class="soft">${t('desk.summary.longest', { time: span(longest) })}</span>`}</span>
    <span><strong>${visits.filter((v) => v.status === 'roomed').length}</strong> ${t('desk.summary.roomed')}</span>
    ${running > 0 && html`<span class="warn-text"><strong>${running}</strong> ${t('desk.summary.late')}</span>`}</p>`;
}

function DayTitle({ day }) {
  const now = useCell(today);
  const move = (target) => lookAt(board.value?.site ?? where().site, target === now ? null : target);
  const relative = day === now ? t('desk.today') : day === addDays(now, 1) ? t('desk.tomorrow') : day === addDays(now, -1) ? t('desk.yesterday') : '';
  return html`<div class="day-title"><h1>${dayLong(day)}</h1>${relative && html`<${Chip} tone=${day === now ? 'accent' : 'plain'}>${relative}<//>`}
    <div class="stepper"><button type="button" class="quiet square" aria-label=${t('desk.day.previous')} onClick=${() => move(addDays(day, -1))}><${Icon} name="left" /></button>
      ${day !== now && html`<button type="button" class="quiet" onClick=${() => move(now)}>${t('desk.today')}</button>`}
      <button type="button" class="quiet square" aria-label=${t('desk.day.next')} onClick=${() => move(addDays(day, 1))}><${Icon} name="right" /></button></div></div>`;
}

export const Keys = ({ onClose }) => html`<${Dialog} title=${t('desk.keys.title')} onClose=${onClose}><dl class="keys">
  ${[['↑ ↓', 'move'], ['Enter', 'open'], ['A', 'arrived'], ['R', 'room'], ['C', 'call'], ['D', 'done'], ['N', 'noshow'], ['Ctrl K', 'search']].map(([k, name]) => html`
    <div><dt>${k.split(' ').map((x) => html`<kbd>${x}</kbd>`)}</dt><dd>${t(`desk.keys.${name}`)}</dd></div>`)}</dl>
  <p class="soft">${t('desk.keys.where')}</p><//>`;

export function Day() {
  const now = useCell(board);
  const day = useCell(today);
  const error = useCell(trouble);
  useTick();
  const fresh = useArrivals(now);
  const [provider, setProvider] = useState('');
  const [folded, setFolded] = useState(true);
  const [walkIn, setWalkIn] = useState(false);
  const groups = useMemo(() => {
    const visits = (now?.appointments ?? []).filter((v) => !provider || v.provider === provider);
    return GROUPS.map((g) => ({ ...g, visits: visits.filter((v) => g.statuses.includes(v.status)).sort(ORDER[g.key]) }));
  }, [now, provider]);
  if (!now) return error ? html`<${Failed} error=${{ key: error }} />` : html`<${Loading} rows=${9} />`;
  const visits = groups.flatMap((g) => g.visits);
  const edit = may('appointment.edit', now.site);
  return html`<div class="page day-page">
    <header class="page-head"><${DayTitle} day=${now.day} />
      <div class="tools">
        <button type="button" class="quiet search-button" onClick=${() => go('clients')}><${Icon} name="search" />${t('desk.search')}<kbd aria-hidden="true">Ctrl K</kbd></button>
        ${now.providers.length > 1 && html`<label class="picker"><span class="unseen">${t('desk.provider')}</span>
          <select value=${provider} onChange=${(e) => setProvider(e.target.value)}><option value="">${t('desk.everyone')}</option>
          ${now.providers.map((p) => html`<option value=${p.id} key=${p.id}>${p.name}</option>`)}</select></label>`}
        <button type="button" class="quiet square" aria-label=${t('desk.print_day')} title=${t('desk.print_day')} onClick=${() => print()}><${Icon} name="print" /></button>
        ${edit && now.day === day && html`<button type="button" class="primary" onClick=${() => setWalkIn(true)}><${Icon} name="plus" />${t('desk.walk_in')}</button>`}
      </div></header>
    <${Summary} visits=${visits} />
    <div class="day-columns">
      <div class="board">
        ${now.appointments.length === 0 ? html`<${Empty} icon="day" title=${t('desk.day.empty')}>${t('desk.day.empty.more')}<//>`
          : groups.map((g) => html`<${Group} key=${g.key} name=${g.key} visits=${g.visits} fresh=${fresh}
              folded=${g.key === 'finished' && folded} onFold=${g.key === 'finished' ? () => setFolded(!folded) : undefined} />`)}
      </div>
      <aside class="side" aria-labelledby="side-tasks"><h2 id="side-tasks">${t('desk.nav.tasks')}${now.tasks.length > 0 && html`<span class="count">${now.tasks.length}</span>`}</h2>
        <${TaskList} compact /></aside>
    </div>
    <${PrintDay} visits=${[...visits].sort(byStart)} day=${now.day} site=${now.site} />
    ${walkIn && html`<${WalkIn} site=${now.site} onClose=${() => setWalkIn(false)} />`}
  </div>`;
}

addEventListener('keydown', (e) => {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k' && document.querySelector('.shell')) {
    e.preventDefault();
    go('clients');
    setTimeout(() => document.querySelector('input[type=search]')?.focus(), 0);
  }
});
