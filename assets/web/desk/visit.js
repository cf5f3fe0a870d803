// A visit's steps: what comes next, what else is possible, and doing it.
import { html, useState } from './lib.js';
import { post } from './api.js';
import { span, t, wallMinute, siteMinute } from './i18n.js';
import { board, refresh, serverNow, today } from './live.js';
import { may } from './session.js';
import { Chip, Dialog, Menu, toast } from './parts.js';

export const GROUPS = [
  { key: 'waiting', statuses: ['arrived'] },
  { key: 'roomed', statuses: ['roomed'] },
  { key: 'expected', statuses: ['booked'] },
  { key: 'finished', statuses: ['done', 'noshow', 'cancelled'] },
];

// The table of common/practice/appointment.h, as buttons: what is usual first.
const STEPS = {
  booked: { next: 'arrived', others: ['noshow', 'cancelled'] },
  arrived: { next: 'room', others: ['call', 'done', 'booked', 'noshow'] },
  roomed: { next: 'done', others: ['arrived'] },
  done: { next: null, others: ['roomed'] },
  noshow: { next: null, others: ['arrived', 'booked'] },
  cancelled: { next: null, others: ['booked'] },
};
export const KEYS = { arrived: 'A', room: 'R', done: 'D', noshow: 'N', call: 'C' };
const ICONS = { arrived: 'check', room: 'door', done: 'check', noshow: 'close', cancelled: 'close', call: 'bell', booked: 'undo', roomed: 'undo' };
export const possible = (visit) => [STEPS[visit.status].next, ...STEPS[visit.status].others].filter(Boolean);

// "arrived" taken back is another word than "arrived" for the first time.
const wordOf = (visit, step) => {
  const back = (visit.status === 'roomed' && step === 'arrived') || (visit.status === 'done' && step === 'roomed') || step === 'booked';
  return t(`desk.step.${back ? `back.${visit.status}` : step}`);
};

function put(visit) {
  const now = board.value;
  if (!now) return;
  board.value = { ...now, appointments: now.appointments.map((x) => (x.id === visit.id ? visit : x)) };
}

function told(visit) {
  return t(`desk.now.${visit.status}`, { name: visit.client_name, room: visit.resource_name || t('desk.some_room') });
}

/** Do a step; a conflict shows what the other person did. */
export async function step(visit, name, resource) {
  const expected = visit.status;
  const paths = { call: ['call', {}], room: ['room', { expected, resource }] };
  const [path, body] = paths[name] ?? ['move', { expected, status: name }];
  try {
    const { appointment } = await post(`/api/appointments/${visit.id}/${path}`, body);
    put(appointment);
    refresh();
    if (name === 'call') toast(t('desk.now.called', { name: visit.client_name, ticket: visit.ticket }));
    else toast(told(appointment), { undo: undoOf(expected, appointment) });
  } catch (error) {
    if (error.body?.appointment) put(error.body.appointment);
    toast(error.status === 409 && error.body.appointment ? t('desk.faster', { now: told(error.body.appointment) }) : t(error.key), { tone: 'bad' });
  }
}

// The way back of a step, where there is one in the table of transitions.
function undoOf(before, now) {
  const back = { arrived: ['booked'], roomed: ['arrived'], done: ['roomed'], noshow: ['booked', 'arrived'], cancelled: ['booked'] };
  return back[now.status]?.includes(before) ? () => step(now, before) : undefined;
}

/** Minutes that someone has waited, or is late. */
export const waited = (visit) => Math.max(0, Math.floor((serverNow() - visit.arrived_at) / 60000));
export function late(visit) {
  if (visit.status !== 'booked' || !today.value) return 0;
  const day = visit.start.slice(0, 10);
  if (day !== today.value) return 0;
  return Math.max(0, siteMinute(serverNow()) - wallMinute(visit.start));
}

export const WAIT_LONG = 20;
export const WAIT_VERY_LONG = 40;
export function State({ visit }) {
  if (visit.status === 'arrived') {
    const minutes = waited(visit);
    const tone = minutes >= WAIT_VERY_LONG ? 'bad' : minutes >= WAIT_LONG ? 'warn' : 'good';
    return html`<${Chip} tone=${tone} icon=${visit.called_at ? 'bell' : 'clock'}>${visit.called_at ? t('desk.state.called') : minutes ? t('desk.state.waiting', { time: span(minutes) }) : t('desk.state.just_arrived')}<//>`;
  }
  if (visit.status === 'roomed') return html`<${Chip} tone="accent" icon="door">${visit.resource_name || t('desk.state.roomed')}<//>`;
  const minutes = late(visit);
  if (minutes >= 5) return html`<${Chip} tone="warn" icon="clock">${t('desk.state.late', { time: span(minutes) })}<//>`;
  if (visit.status === 'booked') return html`<span class="state-plain">${t('desk.state.booked')}</span>`;
  return html`<${Chip} tone=${visit.status === 'done' ? 'plain' : 'quiet'} icon=${visit.status === 'done' ? 'check' : 'close'}>${t(`desk.state.${visit.status}`)}<//>`;
}

/** Bookings that are not certain, and edits that met one another. */
export function Doubts({ visit }) {
  const review = board.value?.review ?? [];
  return html`${visit.certainty === 'provisional' && html`<${Chip} tone="dashed" icon="question" title=${t('desk.provisional.why')}>${t('desk.provisional')}<//>`}
    ${visit.certainty === 'displaced' && html`<${Chip} tone="bad" icon="review" title=${t('desk.displaced.why')}>${t('desk.displaced')}<//>`}
    ${(review.includes(visit.client) || review.includes(visit.id)) && html`<a class="chip warn" href=${`#/client/${visit.client}`} title=${t('desk.conflict.why')}>${t('desk.conflict')}</a>`}`;
}

export function RoomDialog({ visit, onClose }) {
  const now = board.value;
  const inUse = (room) => now.appointments.find((x) => x.status === 'roomed' && x.resource === room.id && x.id !== visit.id);
  const rooms = now.rooms.filter((r) => r.kind === 'room');
  return html`<${Dialog} title=${t('desk.room.title', { name: visit.client_name })} onClose=${onClose}>
    <div class="rooms">${rooms.map((room) => {
      const other = inUse(room);
      return html`<button type="button" class=${other ? 'room busy' : 'room'} key=${room.id} onClick=${() => { onClose(); step(visit, 'room', room.id); }}>
        <strong>${room.name}</strong><span>${other ? t('desk.room.with', { name: other.client_name }) : t('desk.room.free')}</span></button>`;
    })}</div>
    ${rooms.length === 0 && html`<p>${t('desk.room.none')}</p>`}
    <button type="button" class="quiet" onClick=${() => { onClose(); step(visit, 'roomed'); }}>${t('desk.room.without')}</button><//>`;
}

/** The main step as a button, the others in a menu. */
export function Actions({ visit, menuItems = [] }) {
  const [choosing, setChoosing] = useState(false);
  if (!may('appointment.edit', visit.site)) return null;
  const run = (name) => (name === 'room' ? setChoosing(true) : step(visit, name));
  const { next, others } = STEPS[visit.status];
  return html`<div class="actions">
    ${next && html`<button type="button" class=${next === 'arrived' ? 'soft' : 'soft accent'} data-step=${next} onClick=${() => run(next)}
      aria-label=${t('desk.step.for', { step: wordOf(visit, next), name: visit.client_name })}>${wordOf(visit, next)}</button>`}
    <${Menu} label=${t('desk.more_for', { name: visit.client_name })} icon="more"
      items=${[...others.map((name) => ({ label: wordOf(visit, name), icon: ICONS[name], keys: KEYS[name], danger: name === 'noshow' || name === 'cancelled', run: () => run(name) })), ...menuItems]} />
    ${choosing && html`<${RoomDialog} visit=${visit} onClose=${() => setChoosing(false)} />`}</div>`;
}
