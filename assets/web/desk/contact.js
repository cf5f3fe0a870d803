// Correcting contact details. When someone else has changed them meanwhile, both versions are on screen before anything is saved.
import { html, useState } from './lib.js';
import { put } from './api.js';
import { t } from './i18n.js';
import { Dialog, Field, Notice, toast } from './parts.js';

const FIELDS = [['phone', 'tel'], ['email', 'email'], ['line1', 'text'], ['line2', 'text'], ['city', 'text'], ['state', 'text'], ['postal_code', 'text'], ['country', 'text']];

export function ContactDialog({ client, onClose }) {
  const [shown, setShown] = useState(client.contact);
  const [error, setError] = useState(null);
  const [others, setOthers] = useState([]);
  const submit = async (event) => {
    event.preventDefault();
    const wanted = Object.fromEntries(new FormData(event.target));
    try {
      await put(`/api/clients/${client.id}/contact`, { ...wanted, shown });
      toast(t('desk.contact.saved', { name: client.name }));
      onClose();
    } catch (e) {
      setError(e);
      if (!e.body?.contact) return;
      setOthers(FIELDS.map(([name]) => name).filter((name) => e.body.contact[name] !== shown[name]).map((name) => [name, e.body.contact[name]]));
      setShown(e.body.contact);
    }
  };
  return html`<${Dialog} title=${t('desk.contact.title', { name: client.name })} onClose=${onClose}><form class="stack" onSubmit=${submit} novalidate>
    ${others.length > 0 && html`<${Notice} tone="warn"><p><strong>${t('desk.contact.changed')}</strong> ${t('desk.contact.changed.more')}</p>
      <ul>${others.map(([name, value]) => html`<li key=${name}>${t(`desk.client.${name}`)}: <strong>${value || t('desk.contact.empty')}</strong></li>`)}</ul><//>`}
    <div class="grid2">${FIELDS.map(([name, type]) => html`<${Field} key=${name} label=${t(`desk.client.${name}`)} name=${name} type=${type} defaultValue=${client.contact[name]} autocomplete="off"
      error=${error?.fault?.(name)} />`)}</div>
    ${error && !error.body?.faults && !error.body?.contact && html`<p class="notice bad">${t(error.key)}</p>`}
    <div class="dialog-actions"><button type="button" onClick=${onClose}>${t('desk.cancel')}</button>
      <button class="primary">${t(others.length ? 'desk.contact.save_mine' : 'desk.save')}</button></div></form><//>`;
}
