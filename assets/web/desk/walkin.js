// Someone without an appointment: found among the clients, or new.
import { html, useState } from './lib.js';
import { post } from './api.js';
import { t } from './i18n.js';
import { refresh } from './live.js';
import { may } from './session.js';
import { Dialog, Field, toast } from './parts.js';
import { Search } from './clients.js';

export function WalkIn({ site, onClose }) {
  const [client, setClient] = useState(null);
  const [fresh, setFresh] = useState(false);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    try {
      const { appointment } = await post('/api/walk-ins', { site, client: client?.id, ...form });
      refresh();
      toast(t('desk.walk_in.added', { name: appointment.client_name, ticket: appointment.ticket }));
      onClose();
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  const fault = (field) => error?.fault?.(field);
  if (!client && !fresh) {
    return html`<${Dialog} title=${t('desk.walk_in')} onClose=${onClose}>
      <${Search} onPick=${setClient} autofocus />
      ${may('client.edit', site) && html`<button type="button" class="quiet" onClick=${() => setFresh(true)}>${t('desk.walk_in.new')}</button>`}<//>`;
  }
  return html`<${Dialog} title=${client ? t('desk.walk_in.for', { name: client.name }) : t('desk.walk_in.new')} onClose=${onClose}>
    <form class="stack" onSubmit=${submit}>
      ${fresh && html`<div class="pair"><${Field} label=${t('desk.client.given')} name="given" autocomplete="off" error=${fault('given')} />
        <${Field} label=${t('desk.client.family')} name="family" autocomplete="off" error=${fault('family')} /></div>
        <div class="pair"><${Field} label=${t('desk.client.birth_date')} name="birth_date" type="date" error=${fault('birth_date')} />
        <${Field} label=${t('desk.client.phone')} name="phone" type="tel" autocomplete="off" error=${fault('phone')} /></div>`}
      <${Field} label=${t('desk.walk_in.reason')} name="reason" autocomplete="off" maxlength="200" />
      ${error && !error.body?.faults && html`<p class="notice bad">${t(error.key)}</p>`}
      <div class="dialog-actions"><button type="button" onClick=${() => { setClient(null); setFresh(false); setError(null); }}>${t('desk.back')}</button>
        <button class="primary" disabled=${busy}>${t('desk.walk_in.go')}</button></div>
    </form><//>`;
}
