// Tasks: what someone asked for, to take and to close.
import { html, useEffect, useState, cls } from './lib.js';
import { useCell } from './cell.js';
import { get, post } from './api.js';
import { has, moment, span, t, wallMoment } from './i18n.js';
import { board, refresh, serverNow, today, trouble } from './live.js';
import { may, session } from './session.js';
import { to } from './route.js';
import { Chip, Dialog, Empty, Failed, Field, Loading, toast, useTick } from './parts.js';
import { Icon } from './icons.js';

const ICONS = { help: 'bell', rebook: 'clock', 'move-refused': 'clock', 'number-taken': 'review', identity: 'question', 'consent-refused': 'pen', 'coverage-check': 'doc' };
const title = (task) => (has(task.title) ? t(task.title) : has(`desk.task.${task.kind}`) ? t(`desk.task.${task.kind}`) : task.title);

async function act(task, path, body, said) {
  try {
    await post(`/api/tasks/${task.id}/${path}`, body);
    toast(said);
  } catch (error) {
    toast(t(error.status === 409 ? 'desk.task.faster' : error.key), { tone: 'bad' });
  }
  refresh();
}

function age(task) {
  const minutes = Math.max(0, Math.floor((serverNow() - task.created_at) / 60000));
  return minutes < 1 ? t('desk.just_now') : minutes < 600 ? t('desk.ago', { time: span(minutes) }) : moment(task.created_at, today.value);
}

/** Who has lost their time, by task; fetched again when the tasks change. */
function useRebooking(now) {
  const [items, setItems] = useState({});
  const key = now?.tasks.filter((x) => x.kind === 'rebook').map((x) => x.id).join() ?? '';
  useEffect(() => {
    if (!key) { setItems({}); return undefined; }
    const abort = new AbortController();
    get(`/api/rebooking?site=${now.site}`, { signal: abort.signal })
      .then((x) => setItems(Object.fromEntries(x.items.map((item) => [item.task, item]))), () => {});
    return () => abort.abort();
  }, [key]);
  return items;
}

async function rebook(visit, start) {
  try {
    const { appointment } = await post(`/api/appointments/${visit.id}/reschedule`, { start });
    toast(t(appointment.certainty === 'firm' ? 'desk.rebook.done' : 'desk.rebook.asked', { name: visit.client_name, time: wallMoment(start, today.value) }));
  } catch (error) {
    toast(t(error.status === 409 ? 'desk.rebook.taken' : error.key), { tone: 'bad' });
  }
  refresh();
}

function Offers({ lost }) {
  const visit = lost.appointment;
  return html`<p class="soft">${t('desk.rebook.lost', { time: wallMoment(visit.start, today.value) })}</p>
    ${may('appointment.edit', visit.site) && html`<div class="task-actions" role="group" aria-label=${t('desk.rebook.offers')}>
      ${lost.offers.map((offer) => html`<button type="button" class="soft accent" key=${offer.start} data-offer=${offer.start} onClick=${() => rebook(visit, offer.start)}
        aria-label=${t('desk.rebook.take', { name: visit.client_name, time: wallMoment(offer.start, today.value) })}>${wallMoment(offer.start, today.value)}</button>`)}</div>`}`;
}

function Task({ task, lost }) {
  const mine = task.owner === session.value.staff.id;
  const edit = may('task.edit', board.value?.site);
  return html`<li class=${cls('task', task.kind === 'help' && !task.owner && 'urgent')} data-task=${task.id}>
    <span class="task-icon"><${Icon} name=${ICONS[task.kind] ?? 'tasks'} /></span>
    <div class="task-main"><p class="task-title">${title(task)}</p>
      ${task.client && html`<p><a href=${to('client', task.client)}>${task.client_name}</a></p>`}
      ${task.note && html`<p class="soft">${has(task.note) ? t(task.note) : task.note}</p>`}
      ${lost && html`<${Offers} lost=${lost} />`}
      <p class="task-when">${age(task)}${task.owner && html` · <${Chip} tone=${mine ? 'accent' : 'plain'} icon="person">${mine ? t('desk.task.mine') : task.owner_name}<//>`}</p>
      ${edit && html`<div class="task-actions">
        ${!task.owner && html`<button type="button" class="soft" onClick=${() => act(task, 'take', {}, t('desk.task.taken', { title: title(task) }))}
          aria-label=${t('desk.task.take_it', { title: title(task) })}>${t('desk.task.take')}</button>`}
        <button type="button" class=${task.owner ? 'soft accent' : 'quiet'} onClick=${() => act(task, 'close', { status: 'done' }, t('desk.task.closed', { title: title(task) }))}
          aria-label=${t('desk.task.close_it', { title: title(task) })}>${t('desk.task.close')}</button></div>`}
    </div></li>`;
}

export function TaskList({ compact }) {
  const now = useCell(board);
  useTick();
  const lost = useRebooking(now);
  if (!now) return html`<${Loading} rows=${3} />`;
  if (!now.tasks.length) return html`<${Empty} icon="check" tone=${compact ? 'small' : ''} title=${t('desk.task.none')} />`;
  const urgent = (x) => (x.kind === 'help' && !x.owner ? 0 : x.owner ? 2 : 1);
  const tasks = [...now.tasks].sort((a, b) => urgent(a) - urgent(b) || a.created_at - b.created_at);
  return html`<ul class="tasks">${tasks.map((x) => html`<${Task} key=${x.id} task=${x} lost=${lost[x.id]} />`)}</ul>`;
}

function NewTask({ onClose }) {
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      await post('/api/tasks', { site: board.value.site, title: form.get('title'), note: form.get('note') });
      refresh();
      toast(t('desk.task.added'));
      onClose();
    } catch (e) { setError(e); }
  };
  return html`<${Dialog} title=${t('desk.task.new')} onClose=${onClose}><form class="stack" onSubmit=${submit}>
    <${Field} label=${t('desk.task.title')} name="title" error=${error?.fault?.('title')} maxlength="200" />
    <${Field} label=${t('desk.task.note')} name="note" maxlength="1000" />
    ${error && !error.body?.faults && html`<p class="notice bad">${t(error.key)}</p>`}
    <div class="dialog-actions"><button type="button" onClick=${onClose}>${t('desk.cancel')}</button><button class="primary">${t('desk.task.add')}</button></div></form><//>`;
}

export function Tasks() {
  const error = useCell(trouble);
  const now = useCell(board);
  const [adding, setAdding] = useState(false);
  return html`<div class="page narrow"><header class="page-head"><h1>${t('desk.nav.tasks')}</h1>
    ${may('task.edit', now?.site) && html`<div class="tools"><button type="button" class="primary" onClick=${() => setAdding(true)}><${Icon} name="plus" />${t('desk.task.new')}</button></div>`}</header>
    ${!now && error ? html`<${Failed} error=${{ key: error }} />` : html`<${TaskList} />`}
    ${adding && html`<${NewTask} onClose=${() => setAdding(false)} />`}</div>`;
}
