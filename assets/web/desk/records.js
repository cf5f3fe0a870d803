// What a client answered and signed, to be read.
import { html, useEffect, useState, cls } from './lib.js';
import { get } from './api.js';
import { dayShort, language, languageHere, moment, t } from './i18n.js';
import { today } from './live.js';
import { Dialog, Failed, Loading, Notice } from './parts.js';

function useRecord(path) {
  const [state, setState] = useState({});
  useEffect(() => {
    const abort = new AbortController();
    get(path, { signal: abort.signal }).then((record) => setState({ record }), (error) => { if (!abort.signal.aborted) setState({ error }); });
    return () => abort.abort();
  }, [path]);
  return state;
}

const Shown = ({ state, children }) => (state.error ? html`<${Failed} error=${state.error} />` : state.record ? children(state.record) : html`<${Loading} rows=${4} />`);

// The server shows values as FHIR writes them; truth and dates have words of their own in each language.
function answerText({ type, answer }) {
  if (type === 'boolean') return t(answer === 'true' ? 'desk.yes' : 'desk.no');
  return type === 'date' ? dayShort(answer) : answer;
}

export function AnswersDialog({ id, name, onClose }) {
  const state = useRecord(`/api/responses/${id}?language=${language.value}`);
  return html`<${Dialog} wide title=${state.record?.title ?? t('desk.client.answers')} onClose=${onClose}>
    <${Shown} state=${state}>${(r) => html`<p class="soft record-sub">${name} · ${moment(r.completed_at, today.value)} · ${t(`desk.face.${r.face}`)} · ${languageHere(r.language)}</p>
      <dl class="answers">${r.lines.map((line, i) => (line.answer === ''
        ? html`<div class=${cls('answer-group', `depth-${Math.min(line.depth, 3)}`)} key=${i}><dt>${line.question}</dt><dd class="unseen"></dd></div>`
        : html`<div class=${cls('answer', `depth-${Math.min(line.depth, 3)}`)} key=${i}><dt>${line.question}</dt><dd>${answerText(line)}</dd></div>`))}</dl>
      ${r.lines.length === 0 && html`<p class="soft">${t('desk.answers.none')}</p>`}`}<//><//>`;
}

/** Plain text: paragraphs by empty lines, headings by "# ". */
const Body = ({ text, id }) => html`<div class="document" lang=${id}>${text.split(/\n\s*\n/).map((part) => (part.startsWith('# ')
  ? html`<h3>${part.slice(2)}</h3>` : html`<p>${part}</p>`))}</div>`;

function Evidence({ consent }) {
  const rows = [
    ['signer', [consent.signer_name, consent.signer_relationship && consent.signer_relationship !== 'self' && t(`desk.relationship.${consent.signer_relationship}`)].filter(Boolean).join(', ')],
    ['when', moment(consent.decided_at, today.value)],
    ['device', consent.device],
    ['method', consent.method && t(`desk.method.${consent.method}`)],
    ['witness', consent.witness],
    ['language', languageHere(consent.language)],
    ['fingerprint', consent.shown_hash.slice(0, 16)],
  ].filter(([, value]) => value);
  return html`<dl class="facts evidence">${rows.map(([key, value]) => html`<div class="fact" key=${key}><dt>${t(`desk.consent.${key}`)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Whole({ consent }) {
  if (!consent.intact) return html`<${Notice} tone="bad"><strong>${t('desk.consent.altered')}</strong> ${t('desk.consent.altered.more')}<//>`;
  const pending = consent.has_ink && !consent.ink_here;
  return html`<${Notice} tone="good" icon="seal"><strong>${t(`desk.consent.${consent.decision}`)}.</strong> ${t(pending ? 'desk.consent.intact_text' : 'desk.consent.intact')}<//>`;
}

export function ConsentDialog({ id, name, onClose }) {
  const state = useRecord(`/api/consents/${id}`);
  return html`<${Dialog} wide title=${state.record?.title ?? t('desk.client.consents')} onClose=${onClose}>
    <${Shown} state=${state}>${(c) => html`<p class="soft record-sub">${name}</p><${Whole} consent=${c} />
      <div class="consent-columns"><div>
        <h3>${t('desk.consent.signature')}</h3>
        ${c.has_ink && c.ink_here && html`<div class="signature"><img src=${`/api/consents/${c.id}/ink`} alt=${t('desk.consent.signature_of', { name: c.signer_name || name })} /></div>`}
        ${c.has_ink && !c.ink_here && html`<p class="soft">${t('desk.consent.ink_later')}</p>`}
        ${!c.has_ink && html`<p class="soft">${t(c.decision === 'signed' ? 'desk.consent.no_ink' : `desk.consent.${c.decision}`)}</p>`}
        <p class="intent">${c.intent}</p>
        <h3>${t('desk.consent.evidence')}</h3><${Evidence} consent=${c} /></div>
      <div><h3>${t('desk.consent.text')}</h3><${Body} text=${c.body} id=${c.language} /></div></div>
    `}<//><//>`;
}
