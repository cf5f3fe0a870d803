// Finding a client, as people type.
import { html, useEffect, useRef, useState, cls } from './lib.js';
import { get } from './api.js';
import { dayShort, n, t } from './i18n.js';
import { to } from './route.js';
import { Empty, Failed, announce, useId } from './parts.js';
import { Icon } from './icons.js';

const PAUSE_MS = 120;

function useSearch() {
  const [words, setWords] = useState('');
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    setError(null);
    if (words.trim().length < 2) { setFound(null); return undefined; }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      get(`/api/clients?${new URLSearchParams({ q: words })}`, { signal: abort.signal }).then(
        ({ clients }) => { setFound(clients); announce(n('desk.search.found', clients.length)); },
        (e) => { if (!abort.signal.aborted) setError(e); },
      );
    }, PAUSE_MS);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [words]);
  return { words, setWords, found, error };
}

export function Search({ onPick, autofocus }) {
  const { words, setWords, found, error } = useSearch();
  const input = useRef();
  const list = useRef();
  const id = useId();
  useEffect(() => { if (autofocus) input.current.focus(); }, []);
  const key = (e) => {
    const items = [...(list.current?.querySelectorAll('[data-match]') ?? [])];
    const at = items.indexOf(document.activeElement);
    if (e.key === 'ArrowDown') items[at + 1]?.focus();
    else if (e.key === 'ArrowUp') (items[at - 1] ?? input.current).focus();
    else if (e.key === 'Enter' && e.target === input.current) items[0]?.click();
    else return;
    e.preventDefault();
  };
  const match = (c) => html`<span class="match-name">${c.name}</span><span>${c.birth_date ? dayShort(c.birth_date) : t('desk.client.no_birth_date')}</span><span>${c.phone}</span>`;
  return html`<div class="search" onKeyDown=${key}>
    <label class="unseen" for=${id}>${t('desk.search')}</label>
    <div class="search-box"><${Icon} name="search" /><input id=${id} ref=${input} type="search" value=${words} placeholder=${t('desk.search.hint')} autocomplete="off"
      spellcheck=${false} onInput=${(e) => setWords(e.target.value)} /></div>
    ${error && html`<${Failed} error=${error} />`}
    ${!error && found?.length === 0 && html`<${Empty} icon="search" title=${t('desk.search.none')}>${t('desk.search.none.more')}<//>`}
    ${!error && !found && html`<p class="soft search-help">${t('desk.search.help')}</p>`}
    ${found?.length > 0 && html`<ul class="matches" ref=${list}>${found.map((c) => html`<li key=${c.id}>${onPick
      ? html`<button type="button" class="match" data-match onClick=${() => onPick(c)}>${match(c)}</button>`
      : html`<a class="match" data-match href=${to('client', c.id)}>${match(c)}</a>`}</li>`)}</ul>`}</div>`;
}

export const Clients = () => html`<div class=${cls('page', 'narrow')}><header class="page-head"><h1>${t('desk.nav.clients')}</h1></header><${Search} autofocus /></div>`;
