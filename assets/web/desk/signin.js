import { html, useEffect, useRef, useState } from './lib.js';
import { session, signIn } from './session.js';
import { Field, announce } from './parts.js';
import { Preferences, useOwnLanguage } from './preferences.js';
import { t } from './i18n.js';

export function SignIn({ welcome, onDone }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const [left] = useState(() => sessionStorage.getItem('foyer.left'));
  const name = useRef();
  const password = useRef();
  useEffect(() => {
    sessionStorage.removeItem('foyer.left');
    name.current.focus();
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(name.current.value, password.current.value);
      await useOwnLanguage(session.value.staff.language, welcome.languages);
      onDone();
    } catch (e) {
      setBusy(false);
      setError(e.key);
      announce(t(e.key), true);
      password.current.value = '';
      password.current.focus();
    }
  };
  return html`<main class="signin">
    <div class="signin-card">
      <p class="signin-place">${welcome.practice || 'Foyer'}${welcome.site && welcome.site !== welcome.practice ? html`<span>${welcome.site}</span>` : null}</p>
      <h1>${t('desk.signin.title')}</h1>
      ${left && left !== 'self' && html`<p class="notice warn">${t(`desk.signin.left.${left}`)}</p>`}
      <form onSubmit=${submit}>
        <${Field} label=${t('desk.signin.username')} 
          children=${(id) => html`<input id=${id} ref=${name} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} required />`} />
        <${Field} label=${t('desk.signin.password')}
          children=${(id) => html`<input id=${id} ref=${password} type="password" name="password" autocomplete="current-password" required />`} />
        ${error && html`<p class="notice bad">${t(error)}</p>`}
        <button class="primary" disabled=${busy}>${t(busy ? 'desk.signin.busy' : 'desk.signin.go')}</button>
      </form>
      <p class="signin-foot">${t('desk.signin.foot')}</p>
    </div>
    <div class="signin-tools"><${Preferences} languages=${welcome.languages} /></div>
  </main>`;
}
