// The pages' small building blocks: dialog, menu, chip, field, toast, and the states without data.
import { html, useEffect, useLayoutEffect, useRef, useState, cls } from './lib.js';
import { Cell, useCell } from './cell.js';
import { Icon } from './icons.js';
import { t } from './i18n.js';

let ids = 0;
export const useId = () => useState(() => `id${++ids}`)[0];

/** What changes on screen by itself is also said. */
export function announce(text, urgent = false) {
  const place = document.getElementById(urgent ? 'alert' : 'announce');
  place.textContent = '';
  setTimeout(() => { place.textContent = text; }, 30);
}

/** A minute hand for waits: draws again now and then. */
export function useTick(ms = 10000) {
  const [, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set((x) => x + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
}

export function Dialog({ title, onClose, children, actions, wide, urgent }) {
  const ref = useRef();
  const id = useId();
  useLayoutEffect(() => {
    ref.current.showModal();
    return () => ref.current?.close();
  }, []);
  return html`<dialog ref=${ref} class=${cls('dialog', wide && 'wide')} aria-labelledby=${id} role=${urgent ? 'alertdialog' : undefined}
    onCancel=${(e) => { e.preventDefault(); onClose(); }} onClick=${(e) => { if (e.target === ref.current && !urgent) onClose(); }}>
    <div class="dialog-body">
      <header class="dialog-head"><h2 id=${id}>${title}</h2>
        <button type="button" class="quiet square" aria-label=${t('desk.close')} onClick=${onClose}><${Icon} name="close" /></button></header>
      <div class="dialog-main" tabindex="-1">${children}</div>
      ${actions && html`<footer class="dialog-actions">${actions}</footer>`}
    </div></dialog>`;
}

/** A button with a list of actions: [{label, icon, run, danger, note, keys}], null entries are left out. */
export function Menu({ label, icon, text, items, className = 'quiet square', align = 'end', onOpen }) {
  const [open, setOpen] = useState(false);
  const [up, setUp] = useState(false);
  const root = useRef();
  const button = useRef();
  const id = useId();
  const list = items.filter(Boolean);
  const choices = () => [...root.current.querySelectorAll('[role^=menuitem]')];
  const shut = (focus) => { setOpen(false); if (focus) button.current.focus(); };
  useEffect(() => {
    if (!open) return undefined;
    choices()[0]?.focus();
    const outside = (e) => { if (!root.current.contains(e.target)) setOpen(false); };
    addEventListener('pointerdown', outside, true);
    return () => removeEventListener('pointerdown', outside, true);
  }, [open]);
  const show = () => {
    const { bottom } = button.current.getBoundingClientRect();
    setUp(innerHeight - bottom < 60 + list.length * 44);
    onOpen?.();
    setOpen(!open);
  };
  const key = (e) => {
    const all = choices();
    const at = all.indexOf(document.activeElement);
    const jump = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (jump !== undefined) all[(jump + all.length) % all.length]?.focus();
    else if (e.key === 'Escape') shut(true);
    else if (e.key === 'Tab') setOpen(false);
    else return;
    if (e.key !== 'Tab') { e.preventDefault(); e.stopPropagation(); }
  };
  return html`<div class="menu" ref=${root} onKeyDown=${open ? key : undefined}>
    <button type="button" ref=${button} class=${className} aria-haspopup="menu" aria-expanded=${open} aria-controls=${open ? id : undefined}
      aria-label=${text ? undefined : label} onClick=${show}>${icon && html`<${Icon} name=${icon} />`}${text}</button>
    ${open && html`<div class=${cls('menu-list', align, up && 'up')} role="menu" id=${id} aria-label=${label}>
      ${list.map((item) => (item.rule ? html`<div class="menu-rule" role="separator"></div>` : html`
        <button type="button" role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked=${item.checked} tabindex="-1"
          class=${cls(item.danger && 'danger')} onClick=${() => { shut(true); item.run(); }}>
          ${item.icon && html`<${Icon} name=${item.icon} />`}<span class="menu-label">${item.label}</span>
          ${item.note && html`<span class="menu-note">${item.note}</span>`}
          ${item.checked && html`<${Icon} name="check" size=${16} />`}
          ${item.keys && html`<kbd aria-hidden="true">${item.keys}</kbd>`}</button>`))}
    </div>`}</div>`;
}

export const Chip = ({ tone, icon, title, children }) => html`<span class=${cls('chip', tone)} title=${title}>
  ${icon && html`<${Icon} name=${icon} size=${14} />`}${children}</span>`;

export function Field({ label, error, hint, children, ...input }) {
  const id = useId();
  const described = cls(error && `${id}e`, hint && `${id}h`) || undefined;
  return html`<div class=${cls('field', error && 'wrong')}><label for=${id}>${label}</label>
    ${children ? children(id, described) : html`<input id=${id} aria-invalid=${error ? 'true' : undefined} aria-describedby=${described} ...${input} />`}
    ${hint && html`<p class="hint" id=${`${id}h`}>${hint}</p>`}
    ${error && html`<p class="fault" id=${`${id}e`}>${t(error)}</p>`}</div>`;
}

export const Empty = ({ icon, title, children, tone }) => html`<div class=${cls('empty', tone)}>
  <span class="empty-icon"><${Icon} name=${icon} size=${28} /></span><p class="empty-title">${title}</p>
  ${children && html`<div class="empty-more">${children}</div>`}</div>`;

export const Loading = ({ rows = 6 }) => html`<div class="loading" role="status" aria-label=${t('desk.loading')}>
  ${Array.from({ length: rows }, (_, i) => html`<div class="ghost" key=${i}><i></i><i></i><i></i></div>`)}</div>`;

export function Failed({ error, retry }) {
  return html`<${Empty} icon=${error.status === 0 ? 'cloud_off' : 'review'} tone="bad" title=${t(error.key ?? 'desk.error.page')}>
    ${retry && html`<button type="button" onClick=${retry}>${t('desk.try_again')}</button>`}<//>`;
}

export const Notice = ({ tone = 'warn', icon = 'review', children }) => html`<div class=${cls('notice', tone)}>
  <${Icon} name=${icon} /><div>${children}</div></div>`;

// Toasts: what was just done, with a way back.
const toasts = new Cell([]);
const TOAST_MS = 9000;
export function toast(text, { tone, undo } = {}) {
  const entry = { key: ++ids, text, tone, undo };
  toasts.value = [...toasts.value.slice(-2), entry];
  announce(text, tone === 'bad');
  setTimeout(() => drop(entry), TOAST_MS);
}
const drop = (entry) => { toasts.value = toasts.value.filter((x) => x !== entry); };
export function Toasts() {
  const list = useCell(toasts);
  return html`<div class="toasts">${list.map((x) => html`<div class=${cls('toast', x.tone)} key=${x.key}>
    <span>${x.text}</span>
    ${x.undo && html`<button type="button" class="link" onClick=${() => { drop(x); x.undo(); }}>${t('desk.undo')}</button>`}
    <button type="button" class="quiet square" aria-label=${t('desk.close')} onClick=${() => drop(x)}><${Icon} name="close" size=${16} /></button>
  </div>`)}</div>`;
}
