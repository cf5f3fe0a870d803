// Language and colours: of this computer, kept in the browser.
import { html } from './lib.js';
import { Cell, useCell } from './cell.js';
import { Menu } from './parts.js';
import { language, languageName, loadLanguage, t } from './i18n.js';

export const theme = new Cell(document.documentElement.dataset.theme ?? 'system');

export function setTheme(name) {
  theme.value = name;
  if (name === 'system') {
    localStorage.removeItem('foyer.theme');
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem('foyer.theme', name);
    document.documentElement.dataset.theme = name;
  }
}
export async function setLanguage(tag) {
  await loadLanguage(tag);
  localStorage.setItem('foyer.language', tag);
}

/** The language of whoever has just signed in, unless this computer has one of its own. */
export async function useOwnLanguage(own, languages) {
  if (!localStorage.getItem('foyer.language') && languages.includes(own) && own !== language.value) await loadLanguage(own);
}

export const languageItems = (languages) => languages.map((tag) => ({ label: languageName(tag), checked: tag === language.value, run: () => setLanguage(tag) }));
export const themeItems = () => ['system', 'light', 'dark'].map((name) => ({ label: t(`desk.theme.${name}`), checked: name === theme.value, run: () => setTheme(name) }));

export function Preferences({ languages }) {
  useCell(theme);
  return html`<${Menu} label=${t('desk.language')} icon="language" text=${languageName(language.value)} className="quiet" align="start" items=${languageItems(languages)} />
    <${Menu} label=${t('desk.theme')} icon="sun" text=${t(`desk.theme.${theme.value}`)} className="quiet" align="start" items=${themeItems()} />`;
}
