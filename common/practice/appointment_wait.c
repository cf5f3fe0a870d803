/* How long someone is going to wait, declared in appointment.h. */
#include <stdlib.h>

#include "common/practice/appointment_internal.h"
#include "common/practice/practice.h"
#include "common/store/query.h"

enum { SAMPLES_MOST = 300, SAMPLES_LEAST = 5, DAYS_BACK = 30, MINUTE_MS = 60 * 1000, ROUND_TO = 5 };

SQL(WAITING_NOW, "SELECT id, provider, start_wall, arrived_at FROM appointment WHERE site = :site"
                 " AND start_wall >= :day AND start_wall < :next_day AND status = 'arrived' AND called_at IS NULL");
SQL(WAITS, "SELECT a.start_wall, a.arrived_at, (SELECT min(e.at) FROM appointment_event e WHERE e.appointment = a.id"
           " AND e.kind IN ('called', 'roomed') AND e.at >= a.arrived_at) AS seen_at FROM appointment a"
           " WHERE a.site = :site AND a.start_wall >= :since AND a.start_wall < :until AND a.arrived_at IS NOT NULL"
           " AND a.status IN ('roomed', 'done') AND (a.provider = :provider OR :provider IS NULL)"
           " ORDER BY a.start_wall DESC LIMIT :max_count");

static void day_text(Date day, int offset, char out[DATE_TEXT_LEN + 1])
{
  date_text(date_from_days(date_days(day) + offset), out);
}

/* turn: from when a visit has a claim to be seen: its time, or the arrival of one who came late. Who comes early waits for their
 * time first; that is no wait to learn from. */
static Err turn(const Site *site, Str start_wall, Instant arrived_at, Instant *out)
{
  WallTime start;
  Instant at;
  if (!wall_parse(start_wall, &start)) return ERR_CORRUPT;
  TRY(zone_to_instant(site->zone, start, &at));
  *out = at > arrived_at ? at : arrived_at;
  return ERR_OK;
}

static Err count_ahead(Store *store, const Site *site, const Appointment *own, Instant own_turn, int *out)
{
  char day[DATE_TEXT_LEN + 1], next[DATE_TEXT_LEN + 1];
  day_text(own->start.date, 0, day);
  day_text(own->start.date, 1, next);
  AUTO(Query, q, query_fini) = query(store, &WAITING_NOW);
  query_bind_uuid(&q, ":site", site->id);
  query_bind_text(&q, ":day", str_c(day));
  query_bind_text(&q, ":next_day", str_c(next));
  int ahead = 0;
  while (query_next(&q)) {
    Uuid id = query_uuid(&q, "id"), provider = query_uuid(&q, "provider");
    bool same_queue = uuid_eq(provider, own->provider) || uuid_is_nil(provider) || uuid_is_nil(own->provider);
    if (uuid_eq(id, own->id) || !same_queue) continue;
    Instant other;
    TRY(turn(site, query_str(&q, "start_wall"), query_int(&q, "arrived_at"), &other));
    if (other < own_turn || (other == own_turn && memcmp(id.bytes, own->id.bytes, sizeof id.bytes) < 0)) ahead++;
  }
  *out = ahead;
  return query_end(&q);
}

static int ascending(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

/* How long after their turn people were called in the last days, in ms, ascending. */
static Err learn(Store *store, const Site *site, Uuid provider, Date today, int64_t waits[SAMPLES_MOST], size_t *count)
{
  char since[DATE_TEXT_LEN + 1], until[DATE_TEXT_LEN + 1];
  day_text(today, -DAYS_BACK, since);
  day_text(today, 1, until);
  AUTO(Query, q, query_fini) = query(store, &WAITS);
  query_bind_uuid(&q, ":site", site->id);
  query_bind_uuid(&q, ":provider", provider);
  query_bind_text(&q, ":since", str_c(since));
  query_bind_text(&q, ":until", str_c(until));
  query_bind_int(&q, ":max_count", SAMPLES_MOST);
  size_t n = 0;
  while (query_next(&q)) {
    Instant at;
    if (query_is_null(&q, "seen_at")) continue;
    TRY(turn(site, query_str(&q, "start_wall"), query_int(&q, "arrived_at"), &at));
    waits[n++] = query_int(&q, "seen_at") - at;
  }
  TRY(query_end(&q));
  qsort(waits, n, sizeof waits[0], ascending);
  *count = n;
  return ERR_OK;
}

static int round_minutes(int64_t ms, bool up)
{
  if (ms <= 0) return 0;
  int64_t step = (int64_t)ROUND_TO * MINUTE_MS;
  return (int)((up ? (ms + step - 1) / step : ms / step) * ROUND_TO);
}

Err appointment_wait(Store *store, Uuid appointment, WaitEstimate *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Appointment own;
  Site site;
  TRY(appointment_get(store, &arena, appointment, &own));
  TRY(site_get(store, &arena, own.site, &site));
  if (own.status != APPT_ARRIVED) return err_because(ERR_CONFLICT, "the visit is not waiting");
  char start[WALL_TEXT_LEN + 1];
  wall_text(own.start, start);
  Instant own_turn, now = store_now(store);
  TRY(turn(&site, str_c(start), own.arrived_at, &own_turn));
  WaitEstimate estimate = {.minutes_least = -1, .minutes_most = -1};
  TRY(count_ahead(store, &site, &own, own_turn, &estimate.ahead));
  int64_t *waits = ARENA_ARRAY(&arena, int64_t, SAMPLES_MOST);
  size_t count;
  TRY(learn(store, &site, own.provider, own.start.date, waits, &count));
  if (count < SAMPLES_LEAST && !uuid_is_nil(own.provider))
    TRY(learn(store, &site, (Uuid){{0}}, own.start.date, waits, &count));
  if (count >= SAMPLES_LEAST) { /* half of the people were called between these two */
    estimate.minutes_least = round_minutes(own_turn + waits[count / 4] - now, false);
    estimate.minutes_most = round_minutes(own_turn + waits[count * 3 / 4] - now, true);
    if (estimate.minutes_most == 0) estimate.minutes_most = ROUND_TO;
  }
  *out = estimate;
  return ERR_OK;
}
