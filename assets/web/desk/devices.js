// The practice's devices, a code for a new one, and the end of trust in one.
import { html, useEffect, useState } from './lib.js';
import { useCell } from './cell.js';
import { get, post } from './api.js';
import { moment, t } from './i18n.js';
import { head, serverNow, today } from './live.js';
import { session, siteOf } from './session.js';
import { Chip, Dialog, Failed, Field, Loading, toast, useTick } from './parts.js';
import { Icon } from './icons.js';

function Code({ invitation, onClose }) {
  useTick(1000);
  const left = Math.max(0, Math.ceil((invitation.expires_at - serverNow()) / 60000));
  const { size, path } = invitation.qr;
  return html`<${Dialog} title=${t('desk.device.code')} onClose=${onClose} actions=${html`<button type="button" class="primary" onClick=${onClose}>${t('desk.done')}</button>`}>
    <ol class="steps"><li>${t('desk.device.step1')}</li><li>${t('desk.device.step2')}</li></ol>
    <div class="code"><svg class="qr" viewBox=${`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label=${t('desk.device.qr')}><rect x="-4" y="-4" width=${size + 8} height=${size + 8} fill="#fff" /><path d=${path} fill="#000" /></svg>
      <div><p class="soft">${t('desk.device.address')}</p><p class="code-text small-code">${invitation.url}</p><p class="soft">${t('desk.device.type')}</p>
      <p class="code-text">${invitation.code.split('-').map((part) => html`<span>${part}</span>`)}</p>
      <p class="soft">${left ? t('desk.device.expires', { minutes: left }) : t('desk.device.expired')}</p></div></div><//>`;
}

function Invite({ onDone, onClose }) {
  const [error, setError] = useState(null);
  const who = session.value;
  const submit = async (event) => {
    event.preventDefault();
    try { onDone(await post('/api/devices/codes', Object.fromEntries(new FormData(event.target)))); } catch (e) { setError(e); }
  };
  return html`<${Dialog} title=${t('desk.device.add')} onClose=${onClose}><form class="stack" onSubmit=${submit}>
    <${Field} label=${t('desk.device.name')} name="name" defaultValue=${t('desk.device.name.example')} error=${error?.fault?.('name')} />
    <${Field} label=${t('desk.device.kind')} error=${error?.fault?.('kind')}>${(id) => html`<select id=${id} name="kind"><option value="lobby">${t('desk.device.lobby')}</option><option value="office">${t('desk.device.office')}</option></select>`}<//>
    <${Field} label=${t('desk.device.site')} error=${error?.fault?.('site')}>${(id) => html`<select id=${id} name="site">${who.sites.map((s) => html`<option value=${s.id} selected=${s.id === who.site}>${s.name}</option>`)}</select>`}<//>
    ${error && !error.body?.faults && html`<p class="notice bad">${t(error.key)}</p>`}
    <div class="dialog-actions"><button type="button" onClick=${onClose}>${t('desk.cancel')}</button><button class="primary">${t('desk.device.make_code')}</button></div></form><//>`;
}

function Revoke({ device, onClose }) {
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await post(`/api/devices/${device.node}/revoke`, { reason: new FormData(event.target).get('reason') });
      toast(t('desk.device.revoked_now', { name: device.name }));
      onClose();
    } catch (e) { setError(e); }
  };
  return html`<${Dialog} title=${t('desk.device.revoke_title', { name: device.name })} onClose=${onClose}><form class="stack" onSubmit=${submit}>
    <p>${t('desk.device.revoke_text')}</p><${Field} label=${t('desk.device.reason')} name="reason" maxlength="200" />
    ${error && html`<p class="notice bad">${t(error.key)}</p>`}
    <div class="dialog-actions"><button type="button" onClick=${onClose}>${t('desk.cancel')}</button><button class="danger">${t('desk.device.revoke')}</button></div></form><//>`;
}

export function Devices() {
  const [list, setList] = useState(null);
  const [error, setError] = useState(null);
  const [open, setOpen] = useState(null);
  const [tries, setTries] = useState(0);
  useCell(today);
  const at = useCell(head);
  useEffect(() => { get('/api/devices').then((x) => { setList(x.devices); setError(null); }, setError); }, [tries, at]);
  const close = () => { setOpen(null); setTries(tries + 1); };
  return html`<div class="page"><header class="page-head"><h1>${t('desk.nav.devices')}</h1>
    <div class="tools"><button type="button" class="primary" onClick=${() => setOpen({ invite: true })}><${Icon} name="plus" />${t('desk.device.add')}</button></div></header>
    ${error && !list ? html`<${Failed} error=${error} retry=${() => setTries(tries + 1)} />` : !list ? html`<${Loading} rows=${3} />` : html`
    <ul class="device-list">${list.map((d) => html`<li class=${d.revoked_at ? 'device revoked' : 'device'} key=${d.node}><span class="task-icon"><${Icon} name="devices" /></span>
      <div class="device-main"><strong>${d.name}</strong><span class="soft">${[t(`desk.device.${d.kind}`), siteOf(d.site)?.name].filter(Boolean).join(' · ')}</span></div>
      <span class="soft">${t('desk.device.since', { when: moment(d.enrolled_at, today.value) })}</span><span class="mono soft">${d.node}</span>
      <span class="device-end">${d.here ? html`<${Chip} tone="accent">${t('desk.device.here')}<//>` : d.revoked_at ? html`<${Chip} tone="bad">${t('desk.device.revoked')}<//>`
        : html`<button type="button" class="quiet danger" onClick=${() => setOpen({ revoke: d })} aria-label=${t('desk.device.revoke_it', { name: d.name })}>${t('desk.device.revoke')}</button>`}</span></li>`)}</ul>`}
    ${open?.invite && html`<${Invite} onClose=${close} onDone=${(code) => setOpen({ code })} />`}
    ${open?.code && html`<${Code} invitation=${open.code} onClose=${close} />`}
    ${open?.revoke && html`<${Revoke} device=${open.revoke} onClose=${close} />`}</div>`;
}
