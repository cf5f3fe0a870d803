// Sentences, dates and times in the person's language: the same files as the kiosk's.
import { Cell } from './cell.js';

const build = document.documentElement.dataset.build;
let sentences = {};
let plural = new Intl.PluralRules('en');
let zone;
let people = '';
export const language = new Cell(document.documentElement.lang || 'en');

export async function loadLanguage(tag) {
  const response = await fetch(`/i18n/${build}/${tag}`);
  if (!response.ok) throw new Error(`no sentences for ${tag}`);
  sentences = await response.json();
  plural = new Intl.PluralRules(tag);
  document.documentElement.lang = tag;
  document.documentElement.dir = sentences._?.direction ?? 'ltr';
  language.value = tag;
}

/** What a language calls itself. */
export const languageName = (tag) => new Intl.DisplayNames([tag], { type: 'language' }).of(tag).replace(/^./, (c) => c.toLocaleUpperCase(tag));

/** What a language is called in the present one; without its country. */
export const languageHere = (tag) => new Intl.DisplayNames([language.value], { type: 'language' }).of(tag.split('-')[0]);

/** What the practice calls those it serves: "patient" picks the sentences whose keys end in @patient. */
export function setPeople(word) { people = word; }

export const has = (key) => key in sentences;
export function t(key, args) {
  const text = sentences[`${key}@${people}`] ?? sentences[key] ?? key;
  return args ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in args ? String(args[name]) : whole)) : text;
}
/** A sentence with a number in it: key.one, key.other, as the language wants. */
export function n(key, count, args) {
  const form = `${key}.${plural.select(count)}`;
  return t(has(form) ? form : `${key}.other`, { count: number(count), ...args });
}
export const number = (value) => new Intl.NumberFormat(language.value).format(value);

/** The site's zone: past moments are shown in its time, whatever the browser's clock is set to. */
export function setZone(name) { zone = name; }

const two = (value) => String(value).padStart(2, '0');
/** 570 -> "9:30 AM" or "09:30", by the language's pattern. */
export function minuteText(minute) {
  const hour = Math.floor(minute / 60);
  return t('time.pattern', {
    hour12: hour % 12 || 12, hour24: two(hour), hour: two(hour), minute: two(minute % 60), half: t(hour < 12 ? 'time.am' : 'time.pm'),
  });
}
/** "2026-11-24T09:30" -> its time. */
export const wallTime = (wall) => minuteText(Number(wall.slice(11, 13)) * 60 + Number(wall.slice(14, 16)));
export const wallMinute = (wall) => Number(wall.slice(11, 13)) * 60 + Number(wall.slice(14, 16));

const atNoon = (day) => new Date(`${day}T12:00:00Z`);
/** "2026-11-24" -> "Tuesday 24 November 2026". */
export function dayLong(day) {
  const date = atNoon(day);
  return t('date.long', {
    weekday: t(`date.weekday.${(date.getUTCDay() + 6) % 7}`), day: date.getUTCDate(),
    month: t(`date.month.${date.getUTCMonth() + 1}`), year: date.getUTCFullYear(),
  });
}
/** "2026-11-24" -> "24 Nov 2026". */
export function dayShort(day) {
  if (!/^\d{4}-\d\d-\d\d/.test(day)) return day;
  return new Intl.DateTimeFormat(dateLocale(), { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(atNoon(day.slice(0, 10)));
}
export function addDays(day, count) {
  const date = atNoon(day);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}
export function age(birth, today) {
  if (!/^\d{4}-\d\d-\d\d$/.test(birth)) return null;
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5) < birth.slice(5) ? years - 1 : years;
}

// Day before month, as in date.long; American English would turn them round and leave two orders on one page.
const dateLocale = () => (language.value === 'en' ? 'en-GB' : language.value);

function siteParts(ms) {
  const parts = {};
  for (const { type, value } of new Intl.DateTimeFormat('en-CA', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  }).formatToParts(ms)) parts[type] = value;
  return { day: `${parts.year}-${parts.month}-${parts.day}`, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}
/** A moment in the site's time: "10:42", or "23 Nov 2026, 10:42" on another day. */
export function moment(ms, today) {
  const { day, minute } = siteParts(ms);
  return day === today ? minuteText(minute) : t('desk.day_time', { day: dayShort(day), time: minuteText(minute) });
}
/** A wall-clock time at the site, likewise. */
export const wallMoment = (wall, today) => (wall.slice(0, 10) === today ? wallTime(wall) : t('desk.day_time', { day: dayShort(wall.slice(0, 10)), time: wallTime(wall) }));
export const siteDay = (ms) => siteParts(ms).day;
export const siteMinute = (ms) => siteParts(ms).minute;

/** 72 -> "1 h 12 min". */
export function span(minutes) {
  if (minutes < 60) return t('desk.span.minutes', { minutes });
  return t(minutes % 60 ? 'desk.span.hours_minutes' : 'desk.span.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
