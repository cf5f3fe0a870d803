import { html, cls } from './lib.js';
import { useCell } from './cell.js';
import { reachable } from './api.js';
import { moment, n, siteDay, t } from './i18n.js';
import { Loading, useTick } from './parts.js';
import { Icon } from './icons.js';
import { syncLine, syncState } from './syncstate.js';

const Row = ({ label, children }) => html`<div class="fact"><dt>${label}</dt><dd>${children}</dd></div>`;

export function Sync() {
  const s = useCell(syncState);
  const here = useCell(reachable);
  useTick(5000);
  if (!s) return html`<h1>${t('desk.nav.sync')}</h1><${Loading} rows=${3} />`;
  const line = syncLine(s, here);
  const today = siteDay(s.now);
  const never = t('desk.sync.never');
  return html`<div class="narrow"><h1>${t('desk.nav.sync')}</h1>
    <section class=${cls('card', 'sync-big', line.tone)}>
      <span class="empty-icon"><${Icon} name=${line.tone === 'good' ? 'check' : line.tone === 'wait' ? 'clock' : 'review'} size=${28} /></span>
      <div><p class="sync-title">${line.title}</p><p>${line.text}</p></div></section>
    <section class="card"><h2>${t('desk.sync.details')}</h2><dl class="facts">
      ${s.upstream && html`<${Row} label=${t('desk.sync.upstream')}>${s.upstream.url}<//>`}
      ${s.upstream && html`<${Row} label=${t('desk.sync.last')}>${s.last_exchange_at ? moment(s.last_exchange_at, today) : never}<//>`}
      <${Row} label=${t('desk.sync.to_send')}>${n('desk.sync.changes', s.waiting.transactions)}<//>
      ${s.waiting.attachments_up > 0 && html`<${Row} label=${t('desk.sync.files_up')}>${s.waiting.attachments_up}<//>`}
      ${s.waiting.attachments_down > 0 && html`<${Row} label=${t('desk.sync.files_down')}>${s.waiting.attachments_down}<//>`}
      ${s.error && html`<${Row} label=${t('desk.sync.why')}>${t(s.error.key)}<//>`}
      ${s.next_try_at > s.now && html`<${Row} label=${t('desk.sync.next')}>${moment(s.next_try_at, today)}<//>`}
      ${Math.abs(s.clock_offset_ms) > 60000 && html`<${Row} label=${t('desk.sync.clock')}>${n('desk.sync.clock_off', Math.round(Math.abs(s.clock_offset_ms) / 60000))}<//>`}
    </dl><p class="soft">${t('desk.sync.explain')}</p></section></div>`;
}
