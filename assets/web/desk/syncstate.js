// The state of replication in plain words.
import { Cell } from './cell.js';
import { get } from './api.js';
import { head } from './live.js';
import { may, session } from './session.js';
import { moment, n, siteDay, t } from './i18n.js';

export const syncState = new Cell(null);
const EVERY_MS = 5000;

async function look() {
  if (!session.value || !may('sync.view') || document.hidden) return;
  try { syncState.value = await get('/api/sync'); } catch { /* the banner says so */ }
}

export function watchSync() {
  look();
  const timer = setInterval(look, EVERY_MS);
  const stop = head.watch(look);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    stop();
    document.removeEventListener('visibilitychange', look);
  };
}

const waiting = (s) => s.waiting.transactions + s.waiting.attachments_up;
const TONES = { root: 'good', current: 'good', busy: 'good', offline: 'wait', connecting: 'wait', new: 'wait', snapshot: 'wait', recovering: 'wait' };

/** {tone: good | wait | bad, title, text}: one line, and a second one when something waits. */
export function syncLine(s, here) {
  if (!here) return { tone: 'bad', title: t('desk.sync.unreachable'), text: '' };
  if (!s) return { tone: 'wait', title: t('desk.sync.looking'), text: '' };
  const tone = s.needs_person ? 'bad' : TONES[s.state] ?? 'wait';
  const count = waiting(s);
  const today = siteDay(s.now);
  if (s.needs_person) return { tone, title: t(`desk.sync.${s.state}`), text: t('desk.sync.tell') };
  if (s.state === 'root') return { tone, title: t('desk.sync.saved'), text: t('desk.sync.root') };
  if (s.state === 'snapshot' && s.snapshot?.total) {
    return { tone, title: t('desk.sync.snapshot'), text: t('desk.sync.snapshot_part', { percent: Math.floor(100 * s.snapshot.done / s.snapshot.total) }) };
  }
  if (s.state === 'offline') {
    const since = moment(s.last_exchange_at ?? s.since, today);
    return { tone, title: t('desk.sync.saved'), text: count ? n('desk.sync.waits_since', count, { since }) : t('desk.sync.offline_since', { since }) };
  }
  if (count) return { tone, title: t('desk.sync.saved'), text: n('desk.sync.sending', count) };
  return { tone, title: t('desk.sync.saved'), text: t(s.state === 'current' || s.state === 'busy' ? 'desk.sync.sent' : `desk.sync.${s.state}`) };
}
