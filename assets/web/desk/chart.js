// A client: who it is, how to reach them, what they said and signed, when they come.
import { html, useEffect, useRef, useState, cls } from './lib.js';
import { useCell } from './cell.js';
import { get } from './api.js';
import { age, dayShort, has, languageHere, moment, n, t, wallTime } from './i18n.js';
import { board, head, today, watchAll } from './live.js';
import { may } from './session.js';
import { to } from './route.js';
import { Chip, Failed, Loading, useTick } from './parts.js';
import { Icon } from './icons.js';
import { Actions, Doubts, State } from './visit.js';
import { Overwrites, useReview } from './review.js';
import { AnswersDialog, ConsentDialog } from './records.js';
import { ContactDialog } from './contact.js';

const REFETCH_MS = 800;

/** The chart, fetched again when something of the practice has changed. */
function useChart(id) {
  const [chart, setChart] = useState(null);
  const [error, setError] = useState(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let timer = null;
    const load = () => {
      timer = null;
      get(`/api/clients/${id}`, { signal: abort.signal }).then((x) => { setChart(x); setError(null); }, (e) => { if (!abort.signal.aborted) setError(e); });
    };
    const stop = [watchAll(), head.watch(() => { timer ??= setTimeout(load, REFETCH_MS); }), () => clearTimeout(timer), () => abort.abort()];
    load();
    return () => stop.forEach((end) => end());
  }, [id, tries]);
  return { chart, error, retry: () => setTries(tries + 1) };
}

const Fact = ({ label, children }) => (children ? html`<div class="fact"><dt>${label}</dt><dd>${children}</dd></div>` : null);

function Contact({ client, onEdit }) {
  const c = client.contact;
  const lines = [c.line1, c.line2, [c.city, [c.state, c.postal_code].filter(Boolean).join(' ')].filter(Boolean).join(', '), c.country].filter(Boolean);
  return html`<section class="card"><header class="card-head"><h2>${t('desk.client.contact')}</h2>
    ${may('client.edit') && html`<button type="button" class="quiet" onClick=${onEdit}><${Icon} name="pen" size=${16} />${t('desk.edit')}</button>`}</header>
    <dl class="facts"><${Fact} label=${t('desk.client.phone')}>${c.phone}<//><${Fact} label=${t('desk.client.email')}>${c.email}<//>
      <${Fact} label=${t('desk.client.address')}>${lines.length > 0 && lines.map((x) => html`<span class="line">${x}</span>`)}<//></dl>
    ${!c.phone && !c.email && !lines.length && html`<p class="soft">${t('desk.client.no_contact')}</p>`}
    <p class="soft small">${client.contact_confirmed_at ? t('desk.client.confirmed', { when: moment(client.contact_confirmed_at, today.value) }) : t('desk.client.never_confirmed')}</p></section>`;
}

function Coverages({ list }) {
  if (!list) return null;
  return html`<section class="card"><header class="card-head"><h2>${t('desk.client.coverage')}</h2></header>
    ${list.length === 0 && html`<p class="soft">${t('desk.client.no_coverage')}</p>`}
    ${list.map((c) => html`<div class="coverage" key=${c.id}><p><strong>${c.payer}</strong> ${list.length > 1 && html`<${Chip} tone="plain">${t('desk.coverage.rank', { rank: c.rank })}<//>`}</p>
      <dl class="facts"><${Fact} label=${t('desk.coverage.plan')}>${c.plan}<//><${Fact} label=${t('desk.coverage.member')}>${c.member_id}<//>
        <${Fact} label=${t('desk.coverage.group')}>${c.group_number}<//><${Fact} label=${t('desk.coverage.subscriber')}>${c.subscriber}<//>
        <${Fact} label=${t('desk.coverage.dates')}>${(c.start_date || c.end_date) && `${dayShort(c.start_date)} – ${dayShort(c.end_date)}`}<//></dl>
      <p class="soft small">${c.confirmed_at ? t('desk.client.confirmed', { when: moment(c.confirmed_at, today.value) }) : t('desk.coverage.unconfirmed')}</p></div>`)}</section>`;
}

const ofToday = (v) => v.start.slice(0, 10) === today.value && v.status !== 'cancelled';

function TodayVisits({ list }) {
  useTick();
  return list.filter(ofToday).map((v) => html`<section class="card today-visit" key=${v.id} data-visit=${v.id}><div class="today-main"><h2>${t('desk.client.today')}</h2>
    <p class="today-time">${v.walk_in ? t('desk.walk_in.short') : wallTime(v.start)} · ${v.type_name}</p>
    <p class="soft">${[v.provider_name || t('desk.anyone'), v.ticket && t('desk.ticket_is', { ticket: v.ticket }), v.note].filter(Boolean).join(' · ')}</p></div>
    <div class="today-side"><span><${State} visit=${v} /> <${Doubts} visit=${{ ...v, client: null }} /></span><${Actions} visit=${v} /></div></section>`);
}

const FIRST_VISITS = 6;
function OtherVisits({ list }) {
  const [all, setAll] = useState(false);
  const rest = list.filter((v) => !ofToday(v));
  const row = (v) => html`<li class=${cls('past', v.status)} key=${v.id}><span class="past-day">${dayShort(v.start)}<span class="soft">${wallTime(v.start)}</span></span>
    <span class="past-what">${v.type_name}<span class="soft">${[v.provider_name, v.note].filter(Boolean).join(' · ')}</span></span><span class="past-state"><${State} visit=${v} /><${Doubts} visit=${{ ...v, client: null }} /></span></li>`;
  return html`<section class="card"><header class="card-head"><h2>${t('desk.client.visits')}</h2><span class="count">${rest.length}</span></header>
      ${rest.length ? html`<ul class="pasts">${(all ? rest : rest.slice(0, FIRST_VISITS)).map(row)}</ul>
        ${!all && rest.length > FIRST_VISITS && html`<button type="button" class="quiet" onClick=${() => setAll(true)}>${n('desk.client.all_visits', rest.length)}</button>`}` : html`<p class="soft">${t('desk.client.no_visits')}</p>`}</section>`;
}

function Records({ title, empty, list, line, onOpen }) {
  return html`<section class="card"><header class="card-head"><h2>${title}</h2>${list && html`<span class="count">${list.length}</span>`}</header>
    ${list === null ? html`<p class="soft">${t('desk.client.not_permitted')}</p>` : list.length === 0 ? html`<p class="soft">${empty}</p>`
      : html`<ul class="records">${list.map((x) => html`<li key=${x.id}><button type="button" class="record" onClick=${() => onOpen(x.id)}>${line(x)}<${Icon} name="right" size=${16} /></button></li>`)}</ul>`}</section>`;
}

const consentTone = (c) => (!c.intact ? 'bad' : c.decision === 'signed' ? 'good' : 'warn');
const consentWord = (c) => (!c.intact ? t('desk.consent.altered') : t(`desk.consent.${c.decision}`));

export function Chart({ id }) {
  const { chart, error, retry } = useChart(id);
  const [open, setOpen] = useState(null);
  const review = useReview();
  const title = useRef();
  useCell(board);
  useCell(today);
  useEffect(() => { title.current?.focus(); }, [chart !== null]);
  const back = html`<a class="back" href=${to('day')}><${Icon} name="left" size=${16} />${t('desk.nav.day')}</a>`;
  if (error && !chart) return html`<div class="page">${back}<${Failed} error=${error} retry=${retry} /></div>`;
  if (!chart) return html`<div class="page">${back}<${Loading} rows=${6} /></div>`;
  const c = chart.client;
  const years = today.value && age(c.birth_date, today.value);
  const mine = review?.filter((o) => o.client === id || o.id === id) ?? [];
  return html`<div class="page chart">${back}
    <header class="page-head chart-head"><div><h1 ref=${title} tabindex="-1">${[c.prefix, c.given, c.family, c.suffix].filter(Boolean).join(' ')}</h1>
      <p class="chart-facts">${[c.birth_date ? t('desk.client.born', { date: dayShort(c.birth_date) }) : t('desk.client.no_birth_date'), years !== null && n('desk.client.years', years),
        c.gender && has(`desk.gender.${c.gender}`) && t(`desk.gender.${c.gender}`), c.language && languageHere(c.language)].filter(Boolean).join(' · ')}</p></div>
      <div class="tools">${c.preferred_name && html`<${Chip} tone="accent">${t('desk.client.preferred', { name: c.preferred_name })}<//>`}
        ${c.status !== 'active' && html`<${Chip} tone="bad" icon="review">${t(`desk.client.status.${c.status}`)}<//>`}</div></header>
    ${mine.length > 0 && html`<${Overwrites} items=${mine} />`}
    <div class="chart-columns"><div>
      <${Contact} client=${c} onEdit=${() => setOpen({ contact: true })} /><${Coverages} list=${chart.coverages} /></div>
      <div><${TodayVisits} list=${chart.visits ?? []} />
      <${Records} title=${t('desk.client.answers')} empty=${t('desk.client.no_answers')} list=${chart.responses} onOpen=${(x) => setOpen({ answers: x })}
        line=${(r) => html`<span class="record-main"><strong>${r.title}</strong><span class="soft">${moment(r.completed_at, today.value)} · ${t(`desk.face.${r.face}`)}</span></span>`} />
      <${Records} title=${t('desk.client.consents')} empty=${t('desk.client.no_consents')} list=${chart.consents} onOpen=${(x) => setOpen({ consent: x })}
        line=${(x) => html`<span class="record-main"><strong>${x.title}</strong><span class="soft">${moment(x.decided_at, today.value)}</span></span><${Chip} tone=${consentTone(x)} icon=${x.intact && x.decision === 'signed' ? 'seal' : 'review'}>${consentWord(x)}<//>`} />
      <${OtherVisits} list=${chart.visits ?? []} />
    </div></div>
    ${open?.contact && html`<${ContactDialog} client=${c} onClose=${() => { setOpen(null); retry(); }} />`}
    ${open?.answers && html`<${AnswersDialog} id=${open.answers} name=${c.name} onClose=${() => setOpen(null)} />`}
    ${open?.consent && html`<${ConsentDialog} id=${open.consent} name=${c.name} onClose=${() => setOpen(null)} />`}
  </div>`;
}
