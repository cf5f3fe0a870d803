#include "common/practice/series.h"

#include <stdlib.h>

#include "common/store/query.h"

SQL(SERIES_OCCURRENCES, "SELECT id FROM appointment WHERE series = :series ORDER BY occurrence_wall, id");
SQL(SERIES_TO_COME, "SELECT id FROM appointment WHERE series = :series AND status = 'booked' AND start_wall >= :from"
                    " ORDER BY start_wall, id");

typedef struct Ids {
  Uuid items[SERIES_OCCURRENCES_MAX];
  size_t count;
} Ids;

static Err read_ids(Query *q, Ids *out)
{
  out->count = 0;
  while (out->count < SERIES_OCCURRENCES_MAX && query_next(q)) out->items[out->count++] = query_uuid(q, "id");
  return query_end(q);
}

static bool check(const SeriesNew *input, Faults *faults)
{
  size_t before = faults->count;
  if (input->every_days < 1 || input->every_days > 366) faults_add(faults, "every_days", "fault.option", NULL);
  if (input->count < 1 || input->count > SERIES_OCCURRENCES_MAX) faults_add(faults, "count", "fault.option", NULL);
  return faults->count == before;
}

static Err put_series(Tx *tx, Arena *arena, Uuid id, const SeriesNew *input)
{
  char first[WALL_TEXT_LEN + 1];
  wall_text(input->first, first);
  const char *rule = arena_printf(arena, "FREQ=DAILY;INTERVAL=%d;COUNT=%d", input->every_days, input->count);
  return tx_insert(tx, "series", id,
                   COLS(col_uuid("client", &input->client), col_uuid("type", &input->type),
                        col_uuid("site", &input->site), col_uuid("provider", &input->provider),
                        col_text("first_wall", str_c(first)), col_text("rule", str_c(rule))));
}

static Err is_lost(Store *store, Uuid visit, bool *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Appointment a;
  TRY(appointment_get(store, &arena, visit, &a));
  *out = strcmp(a.certainty, "displaced") == 0;
  return ERR_OK;
}

Err series_add(Tx *tx, const SeriesNew *input, Faults *faults, Uuid *out, size_t *lost)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (!check(input, faults)) return ERR_INVALID;
  Uuid series = uuid_v7(store_env(tx->store));
  TRY(put_series(tx, &arena, series, input));
  *lost = 0;
  for (int i = 0; i < input->count; i++) {
    Date day = date_from_days(date_days(input->first.date) + i * input->every_days);
    AppointmentNew visit = {.client = input->client,
                            .type = input->type,
                            .site = input->site,
                            .provider = input->provider,
                            .resource = input->resource,
                            .start = {day, input->first.minute},
                            .minutes = input->minutes,
                            .note = input->note,
                            .series = series,
                            .queue = true};
    Uuid id;
    bool no_time;
    TRY(appointment_add(tx, &visit, faults, &id));
    TRY(is_lost(tx->store, id, &no_time));
    *lost += no_time;
  }
  *out = series;
  return ERR_OK;
}

Err series_list(Store *store, Arena *arena, Uuid series, Appointment **list, size_t *count)
{
  Ids ids;
  {
    AUTO(Query, q, query_fini) = query(store, &SERIES_OCCURRENCES);
    query_bind_uuid(&q, ":series", series);
    TRY(read_ids(&q, &ids));
  }
  *list = ARENA_ARRAY(arena, Appointment, ids.count + 1);
  for (size_t i = 0; i < ids.count; i++) TRY(appointment_get(store, arena, ids.items[i], &(*list)[i]));
  *count = ids.count;
  return ERR_OK;
}

Err series_end(Tx *tx, Uuid series, Date from, Uuid staff, const char *note, size_t *cancelled)
{
  Ids ids;
  char day[DATE_TEXT_LEN + 1];
  date_text(from, day);
  {
    AUTO(Query, q, query_fini) = query(tx->store, &SERIES_TO_COME);
    query_bind_uuid(&q, ":series", series);
    query_bind_text(&q, ":from", str_c(day));
    TRY(read_ids(&q, &ids));
  }
  for (size_t i = 0; i < ids.count; i++)
    TRY(appointment_move_to(tx, ids.items[i], APPT_BOOKED, APPT_CANCELLED, staff, note));
  if (cancelled) *cancelled = ids.count;
  return tx_update(tx, "series", series, COLS(col_bool("active", false)));
}
