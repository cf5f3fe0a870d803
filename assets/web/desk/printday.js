// The day on paper: one plain table in the order of time.
import { html } from './lib.js';
import { dayLong, moment, n, t, wallTime } from './i18n.js';
import { serverNow } from './live.js';
import { session, siteOf } from './session.js';

export function PrintDay({ visits, day, site }) {
  const who = session.value.staff;
  return html`<div class="paper-day" aria-hidden="true"><h1>${dayLong(day)}</h1>
    <p>${siteOf(site)?.name} · ${n('desk.print.visits', visits.length)}</p>
    <table><thead><tr><th>${t('desk.print.time')}</th><th>${t('desk.print.client')}</th><th>${t('desk.print.type')}</th><th>${t('desk.print.provider')}</th>
      <th>${t('desk.print.state')}</th><th>${t('desk.print.notes')}</th></tr></thead>
    <tbody>${visits.map((v) => html`<tr key=${v.id}><td>${v.walk_in ? t('desk.walk_in.short') : wallTime(v.start)}</td><td>${v.client_name}${v.ticket && ` (${v.ticket})`}</td>
      <td>${v.type_name}</td><td>${v.provider_name}</td>
      <td>${t(`desk.state.${v.status}`, { time: '' })}${v.certainty === 'firm' ? '' : ` · ${t(`desk.${v.certainty}`)}`}</td><td>${v.note}</td></tr>`)}</tbody></table>
    <p class="paper-foot">${t('desk.print.by', { name: `${who.given} ${who.family}`, time: moment(serverNow()) })}</p></div>`;
}
