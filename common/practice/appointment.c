#include "common/practice/appointment.h"

#include <stdlib.h>

#include "common/practice/appointment_internal.h"
#include "common/practice/booking_internal.h"
#include "common/practice/client.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { MINUTES_MOST = 24 * 60, NOTE_MAX_CHARS = 1000 };

static const char *const STATUS_NAMES[] = {
#define STATUS_TEXT(constant, name) [constant] = name,
    APPOINTMENT_STATUS_TABLE(STATUS_TEXT)
#undef STATUS_TEXT
};

#define APPOINTMENT_SELECT                                                                                       \
  "SELECT a.id, a.client, a.type, a.site, a.provider, a.resource, a.start_wall, a.minutes, a.status, " CERTAINTY \
  " AS certainty,"                                                                                               \
  " a.walk_in, a.ticket, a.note, a.arrived_at, a.called_at, c.given AS client_given, c.family AS client_family," \
  " c.preferred_name AS client_preferred, p.prefix AS provider_prefix, p.given AS provider_given,"               \
  " p.family AS provider_family, t.name AS type_name, r.name AS resource_name FROM appointment a"                \
  " LEFT JOIN client c ON c.id = a.client LEFT JOIN provider p ON p.id = a.provider"                             \
  " LEFT JOIN appointment_type t ON t.id = a.type LEFT JOIN resource r ON r.id = a.resource"
SQL(APPOINTMENT_GET, APPOINTMENT_SELECT " WHERE a.id = :id");
SQL(APPOINTMENT_DAY, APPOINTMENT_SELECT " WHERE a.site = :site AND a.start_wall >= :day AND a.start_wall < :next_day"
                                        " ORDER BY a.start_wall, a.id");
SQL(APPOINTMENT_OF_CLIENT, APPOINTMENT_SELECT " WHERE a.client = :client ORDER BY a.start_wall DESC LIMIT :max_count");
SQL(TYPE_MINUTES, "SELECT minutes FROM appointment_type WHERE id = :id");

const char *appointment_status_name(AppointmentStatus status)
{
  return STATUS_NAMES[status];
}

bool appointment_status_parse(Str text, AppointmentStatus *out)
{
  for (size_t i = 0; i < COUNT_OF(STATUS_NAMES); i++) {
    if (!str_eq_c(text, STATUS_NAMES[i])) continue;
    *out = (AppointmentStatus)i;
    return true;
  }
  return false;
}

const char *provider_name_of(Arena *arena, Str prefix, Str given, Str family)
{
  const char *name = tidy_full_name(arena, given, family);
  return str_empty(prefix) ? name : arena_printf(arena, STR_FMT " %s", STR_ARG(prefix), name);
}

/* A status or a start that this program does not know came from a newer one: shown as booked, at the beginning of time, rather
 * than hidden. */
static Appointment read_appointment(Query *q, Arena *arena)
{
  Appointment a = {.id = query_uuid(q, "id"),
                   .client = query_uuid(q, "client"),
                   .type = query_uuid(q, "type"),
                   .site = query_uuid(q, "site"),
                   .provider = query_uuid(q, "provider"),
                   .resource = query_uuid(q, "resource"),
                   .minutes = (int)query_int(q, "minutes"),
                   .certainty = query_cstr(q, arena, "certainty"),
                   .walk_in = query_int(q, "walk_in") != 0,
                   .ticket = query_cstr(q, arena, "ticket"),
                   .note = query_cstr(q, arena, "note"),
                   .arrived_at = query_int(q, "arrived_at"),
                   .called_at = query_int(q, "called_at"),
                   .type_name = query_cstr(q, arena, "type_name"),
                   .resource_name = query_cstr(q, arena, "resource_name"),
                   .status = APPT_BOOKED,
                   .start = {{1, 1, 1}, 0}};
  (void)appointment_status_parse(query_str(q, "status"), &a.status);
  (void)wall_parse(query_str(q, "start_wall"), &a.start);
  Str preferred = query_copy(q, arena, "client_preferred");
  Str given = query_copy(q, arena, "client_given");
  a.client_name =
      tidy_full_name(arena, str_empty(preferred) ? given : preferred, query_copy(q, arena, "client_family"));
  a.provider_name = provider_name_of(arena, query_copy(q, arena, "provider_prefix"),
                                     query_copy(q, arena, "provider_given"), query_copy(q, arena, "provider_family"));
  return a;
}

Err appointment_get(Store *store, Arena *arena, Uuid id, Appointment *out)
{
  AUTO(Query, q, query_fini) = query(store, &APPOINTMENT_GET);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = read_appointment(&q, arena);
  return query_end(&q);
}

typedef struct List {
  Appointment *items;
  size_t count, capacity;
} List;

static Err read_all(Query *q, Arena *arena, List *list)
{
  while (query_next(q)) {
    list->items = arena_grow_array(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = read_appointment(q, arena);
  }
  return query_end(q);
}

Err appointment_day(Store *store, Arena *arena, Uuid site, Date day, Appointment **list, size_t *count)
{
  char from[DATE_TEXT_LEN + 1], to[DATE_TEXT_LEN + 1];
  date_text(day, from);
  date_text(date_from_days(date_days(day) + 1), to);
  AUTO(Query, q, query_fini) = query(store, &APPOINTMENT_DAY);
  query_bind_uuid(&q, ":site", site);
  query_bind_text(&q, ":day", str_c(from));
  query_bind_text(&q, ":next_day", str_c(to));
  List found = {0};
  TRY(read_all(&q, arena, &found));
  *list = found.items;
  *count = found.count;
  return ERR_OK;
}

static int newest_first(const void *a, const void *b)
{
  const Appointment *x = a, *y = b;
  int64_t minutes = wall_minutes_between(x->start, y->start);
  if (minutes != 0) return minutes > 0 ? 1 : -1;
  return memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

Err appointment_of_client(Store *store, Arena *arena, Uuid client, size_t max_count, Appointment **list, size_t *count)
{
  Uuid *same;
  size_t same_count;
  TRY(client_same(store, arena, client, &same, &same_count));
  List found = {0};
  for (size_t i = 0; i < same_count; i++) {
    AUTO(Query, q, query_fini) = query(store, &APPOINTMENT_OF_CLIENT);
    query_bind_uuid(&q, ":client", same[i]);
    query_bind_int(&q, ":max_count", (int64_t)max_count);
    TRY(read_all(&q, arena, &found));
  }
  if (found.count > 1) qsort(found.items, found.count, sizeof *found.items, newest_first);
  *list = found.items;
  *count = found.count < max_count ? found.count : max_count;
  return ERR_OK;
}

static Err type_minutes(Store *store, Uuid type, int *out)
{
  *out = 0;
  AUTO(Query, q, query_fini) = query(store, &TYPE_MINUTES);
  query_bind_uuid(&q, ":id", type);
  if (query_next(&q)) *out = (int)query_int(&q, "minutes");
  return query_end(&q);
}

Err appointment_event(Tx *tx, Uuid appointment, const char *kind, Uuid staff, const char *note)
{
  return tx_insert(tx, "appointment_event", uuid_v7(store_env(tx->store)),
                   COLS(col_uuid("appointment", &appointment), col_text("kind", str_c(kind)), col_int("at", tx_now(tx)),
                        col_uuid("staff", &staff), col_text("note", str_c(note))));
}

Err appointment_add(Tx *tx, const AppointmentNew *input, Faults *faults, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  size_t before = faults->count;
  int usual;
  TRY(type_minutes(tx->store, input->type, &usual));
  int minutes = input->minutes ? input->minutes : usual;
  Date day = input->start.date;
  bool start_valid =
      date_valid(day.year, day.month, day.day) && input->start.minute >= 0 && input->start.minute < MINUTES_MOST;
  if (uuid_is_nil(input->client)) faults_add(faults, "client", "fault.required", NULL);
  if (uuid_is_nil(input->site)) faults_add(faults, "site", "fault.required", NULL);
  if (usual == 0) faults_add(faults, "type", "fault.required", NULL);
  if (!start_valid) faults_add(faults, "start", "fault.date", NULL);
  if (usual != 0 && (minutes < 1 || minutes > MINUTES_MOST)) faults_add(faults, "minutes", "fault.minutes", NULL);
  Str note = tidy_text(&arena, str_c(input->note));
  if (utf8_count(note) > NOTE_MAX_CHARS) faults_add(faults, "note", "fault.too_long", "1000");
  if (faults->count != before) return ERR_INVALID;
  char start[WALL_TEXT_LEN + 1];
  wall_text(input->start, start);
  Uuid id = uuid_is_nil(input->id) ? uuid_v7(store_env(tx->store)) : input->id, demand;
  Err err = booking_ask(tx,
                        &(BookingAsk){.appointment = id,
                                      .type = input->type,
                                      .site = input->site,
                                      .provider = input->provider,
                                      .resource = input->resource,
                                      .start = input->start,
                                      .minutes = minutes,
                                      .double_reason = input->double_reason,
                                      .double_by = input->double_by,
                                      .queue = input->queue},
                        &demand);
  if (err == ERR_CONFLICT) {
    faults_add(faults, "start", "fault.taken", NULL);
    return ERR_INVALID;
  }
  TRY(err);
  TRY(tx_insert(tx, "appointment", id,
                COLS(col_uuid("client", &input->client), col_uuid("type", &input->type), col_uuid("site", &input->site),
                     col_uuid("provider", &input->provider), col_uuid("resource", &input->resource),
                     col_text("start_wall", str_c(start)), col_int("minutes", minutes), col_uuid("demand", &demand),
                     col_text("status", STR("booked")), col_bool("walk_in", input->walk_in), col_text("note", note),
                     col_text("external_id", tidy_c(&arena, input->external_id)), col_uuid("series", &input->series),
                     col_text("occurrence_wall", uuid_is_nil(input->series) ? STR("") : str_c(start)))));
  TRY(appointment_event(tx, id, "booked", (Uuid){{0}}, ""));
  TRY(booking_settle(tx, id));
  *out = id;
  return ERR_OK;
}
