// Edits of one thing that had not seen one another: the later one stands, the earlier one is kept here until someone has looked.
import { html, useEffect, useState } from './lib.js';
import { useCell } from './cell.js';
import { get, post } from './api.js';
import { has, moment, t } from './i18n.js';
import { board, refresh, today } from './live.js';
import { may } from './session.js';
import { to } from './route.js';
import { Empty, Loading, Notice, toast } from './parts.js';

/** The list; null while it is being fetched. Fetched again when the board's own list of ids changes. */
export function useReview() {
  const now = useCell(board);
  const [items, setItems] = useState(null);
  const key = now?.review.join() ?? null;
  useEffect(() => {
    if (key === null) return undefined;
    if (key === '') { setItems([]); return undefined; }
    const abort = new AbortController();
    get('/api/review', { signal: abort.signal }).then((x) => setItems(x.items), (e) => { if (!abort.signal.aborted) setItems(e); });
    return () => abort.abort();
  }, [key]);
  return items instanceof Error ? [] : items;
}

const word = (name) => (has(`desk.client.${name}`) ? t(`desk.client.${name}`) : has(`desk.column.${name}`) ? t(`desk.column.${name}`) : name);
function valueText(name, value) {
  if (value === null || value === '') return t('desk.contact.empty');
  if (name.endsWith('_at') && typeof value === 'number') return moment(value, today.value);
  // Rows are named by their id; rooms and providers of the day have names.
  const named = [...(board.value?.rooms ?? []), ...(board.value?.providers ?? [])].find((x) => x.id.replaceAll('-', '') === value);
  if (named) return named.name;
  if (name === 'status' && has(`desk.state.${value}`)) return t(`desk.state.${value}`, { time: '' });
  return String(value);
}
async function decide(o, takeOther) {
  try {
    await post(`/api/review/${encodeURIComponent(o.key)}/${takeOther ? 'take' : 'done'}`);
    toast(t('desk.review.decided'));
  } catch (e) {
    toast(t(e.key), { tone: 'bad' });
  }
  refresh();
}

const Side = ({ title, side, tone, action }) => html`<div class=${`side-value ${tone}`}><p class="side-title">${title}</p>
  ${Object.entries(side.values).filter(([name]) => name !== 'demand').map(([name, value]) => html`<p key=${name}><span class="soft">${word(name)}</span> <strong>${valueText(name, value)}</strong></p>`)}
  <p class="soft small">${side.who && html`<strong>${side.who}</strong> · `}${t('desk.review.by', { device: side.device, time: moment(side.at, today.value) })}</p>${action}</div>`;

function Item({ o, linked }) {
  const edit = may('client.edit');
  const button = (takeOther) => html`<button type="button" class="soft" onClick=${() => decide(o, takeOther)}>${t(takeOther ? 'desk.review.take' : 'desk.review.keep')}</button>`;
  return html`<article class="overwrite" data-review=${o.key}><header>${word(o.group)} <span class="soft">${has(`desk.table.${o.table}`) ? t(`desk.table.${o.table}`) : o.table}</span>
    ${linked && o.client && html`<a href=${to('client', o.client)}>${t('desk.review.open')}</a>`}</header>
    <div class="sides"><${Side} title=${t('desk.review.stands')} side=${o.won} tone="won" action=${edit && button(false)} />
      <${Side} title=${t('desk.review.kept')} side=${o.lost} tone="lost" action=${edit && o.can_take && button(true)} /></div></article>`;
}

export const Overwrites = ({ items, linked }) => html`<section class="overwrites" aria-label=${t('desk.review.title')}>
  <${Notice} tone="warn"><p><strong>${t('desk.review.title')}</strong> ${t('desk.review.explain')}</p><//>
  ${items.map((o) => html`<${Item} key=${o.key} o=${o} linked=${linked} />`)}</section>`;

export function Review() {
  const items = useReview();
  return html`<div class="page narrow"><header class="page-head"><h1>${t('desk.nav.review')}</h1></header>
    ${!items ? html`<${Loading} rows=${3} />` : items.length ? html`<${Overwrites} items=${items} linked />` : html`<${Empty} icon="check" title=${t('desk.review.none')} />`}</div>`;
}
