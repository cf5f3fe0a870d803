/* The rebooking queue, and times that are free; declared in booking.h. */
#include <stdlib.h>

#include "common/practice/appointment_internal.h"
#include "common/practice/booking_internal.h"
#include "common/practice/practice.h"
#include "common/practice/task.h"

enum { OPENS = 8 * 60, CLOSES = 18 * 60, STEP = 15, DAYS_AHEAD = 28, OFFERS = 3 };

SQL(BUSY,
    "SELECT b.start_wall, b.minutes, b.before_minutes, b.after_minutes FROM booking b JOIN appointment a"
    " ON a.id = b.appointment WHERE b.calendar = :calendar AND b.start_wall >= :from AND b.start_wall < :until AND"
    " (" BOOKING_HELD " OR (a.demand = b.demand AND a.status <> 'cancelled' AND NOT " RULED(
        "IN ('refused', 'released')") "))"
                                      " ORDER BY b.start_wall");
SQL(VISIT_FOR_TASK, "SELECT client, site FROM appointment WHERE id = :id");
SQL(KEPT_DEMAND, "SELECT k.demand, k.site, k.start_wall, k.minutes FROM booking k WHERE k.appointment = :appointment"
                 " AND k.demand <> :demand AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.demand = k.demand"
                 " AND NOT " BOOKING_HELD ") ORDER BY k.v DESC LIMIT 1");
SQL(KEPT_PROVIDER,
    "SELECT b.calendar FROM booking b JOIN provider p ON p.id = b.calendar WHERE b.demand = :demand LIMIT 1");
SQL(TASK_STATUS, "SELECT status, kind FROM task WHERE id = :id");
SQL(QUEUE,
    "SELECT t.id, t.client, t.appointment, a.start_wall, a.demand, (SELECT min(b.asked_at) FROM booking b"
    " WHERE b.appointment = a.id) AS asked_at, (SELECT min(b.v) FROM booking b WHERE b.appointment = a.id) AS place"
    " FROM task t JOIN appointment a ON a.id = t.appointment WHERE t.status = 'open' AND t.kind = 'rebook'"
    " AND (t.site = :site OR :site IS NULL) ORDER BY place, t.id");
SQL(OFFERS_OF, "SELECT calendar, start_wall, minutes FROM booking_offer WHERE demand = :demand ORDER BY place");

/* ---------------------------------------------------------------------------------------------------------- free times */

typedef struct Busy {
  WallTime start, end;
} Busy;

static Err read_busy(Store *store, Arena *arena, Uuid calendar, Date day, Busy **list, size_t *count)
{
  char from[DATE_TEXT_LEN + 1], until[DATE_TEXT_LEN + 1];
  date_text(date_from_days(date_days(day) - 1), from); /* one that began yesterday may still go on */
  date_text(date_from_days(date_days(day) + 1), until);
  size_t capacity = 0;
  *list = NULL;
  *count = 0;
  AUTO(Query, q, query_fini) = query(store, &BUSY);
  query_bind_uuid(&q, ":calendar", calendar);
  query_bind_text(&q, ":from", str_c(from));
  query_bind_text(&q, ":until", str_c(until));
  while (query_next(&q)) {
    WallTime start;
    if (!wall_parse(query_str(&q, "start_wall"), &start)) continue;
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    (*list)[*count].start = wall_add_minutes(start, -(int)query_int(&q, "before_minutes"));
    (*list)[(*count)++].end =
        wall_add_minutes(start, (int)query_int(&q, "minutes") + (int)query_int(&q, "after_minutes"));
  }
  return query_end(&q);
}

static bool is_free(const Busy *list, size_t count, WallTime start, int minutes)
{
  WallTime end = wall_add_minutes(start, minutes);
  for (size_t i = 0; i < count; i++)
    if (wall_minutes_between(list[i].start, end) > 0 && wall_minutes_between(start, list[i].end) > 0) return false;
  return true;
}

Err booking_free(Store *store, Arena *arena, Uuid calendar, Uuid site, WallTime from, int minutes, size_t max_count,
                 FreeTime **list, size_t *count)
{
  FreeTime *found = ARENA_ARRAY(arena, FreeTime, max_count + 1);
  size_t n = 0;
  (void)site; /* opening hours of sites come with scheduling */
  for (int ahead = 0; ahead < DAYS_AHEAD && n < max_count; ahead++) {
    Date day = date_from_days(date_days(from.date) + ahead);
    if (date_weekday(day) > 4) continue;
    Busy *busy;
    size_t busy_count;
    TRY(read_busy(store, arena, calendar, day, &busy, &busy_count));
    for (int minute = OPENS; minute + minutes <= CLOSES && n < max_count; minute += STEP) {
      WallTime start = {day, (int16_t)minute};
      if (wall_minutes_between(from, start) < 0 || !is_free(busy, busy_count, start, minutes)) continue;
      found[n++] = (FreeTime){calendar, start, minutes};
      minute += (minutes - 1) / STEP * STEP; /* one after the other, not every quarter of one gap */
    }
  }
  *list = found;
  *count = n;
  return ERR_OK;
}

/* --------------------------------------------------------------------------------------------------------- losing a time */

static Uuid task_id(Uuid demand)
{
  return uuid_from_parts(STR("rebook"), demand.bytes, sizeof demand.bytes);
}

/* task_there: *open: it is one that ends by itself, once the visit has a time. That a move was refused, a person has to read. */
static Err task_there(Store *store, Uuid demand, bool *there, bool *open)
{
  AUTO(Query, q, query_fini) = query(store, &TASK_STATUS);
  query_bind_uuid(&q, ":id", task_id(demand));
  *there = query_next(&q);
  *open = *there && str_eq_c(query_str(&q, "status"), "open") && str_eq_c(query_str(&q, "kind"), "rebook");
  return query_end(&q);
}

static Err offer(Tx *tx, Arena *arena, const Booking *lost)
{
  FreeTime *list;
  size_t count;
  TRY(booking_free(tx->store, arena, lost->calendar, lost->site, lost->start, lost->minutes, OFFERS, &list, &count));
  for (size_t i = 0; i < count; i++) {
    char start[WALL_TEXT_LEN + 1];
    wall_text(list[i].start, start);
    struct {
      Uuid demand;
      uint8_t place;
    } parts = {lost->demand, (uint8_t)i};
    TRY(tx_put(tx, "booking_offer", uuid_from_parts(STR("booking_offer"), &parts, sizeof parts),
               COLS(col_uuid("demand", &lost->demand), col_uuid("calendar", &lost->calendar),
                    col_text("start_wall", str_c(start)), col_int("minutes", list[i].minutes),
                    col_int("place", (int64_t)i)),
               NULL));
  }
  return ERR_OK;
}

typedef struct Kept {
  Uuid demand, site, provider;
  WallTime start;
  int minutes;
} Kept;

/* find_kept: a time of the visit that it still holds; demand nil: none. */
static Err find_kept(Store *store, const Booking *lost, Kept *out)
{
  *out = (Kept){0};
  {
    AUTO(Query, q, query_fini) = query(store, &KEPT_DEMAND);
    query_bind_uuid(&q, ":appointment", lost->appointment);
    query_bind_uuid(&q, ":demand", lost->demand);
    if (query_next(&q)) {
      *out = (Kept){.demand = query_uuid(&q, "demand"),
                    .site = query_uuid(&q, "site"),
                    .minutes = (int)query_int(&q, "minutes")};
      if (!wall_parse(query_str(&q, "start_wall"), &out->start)) out->demand = (Uuid){{0}};
    }
    TRY(query_end(&q));
  }
  AUTO(Query, q, query_fini) = query(store, &KEPT_PROVIDER);
  query_bind_uuid(&q, ":demand", out->demand);
  if (query_next(&q)) out->provider = query_uuid(&q, "calendar");
  return query_end(&q);
}

/* stay: the move that was asked for is not possible; the visit is where it was. */
static Err stay(Tx *tx, const Booking *lost, const Kept *kept)
{
  char start[WALL_TEXT_LEN + 1];
  wall_text(kept->start, start);
  TRY(tx_update(tx, "appointment", lost->appointment,
                COLS(col_uuid("site", &kept->site), col_uuid("provider", &kept->provider),
                     col_text("start_wall", str_c(start)), col_int("minutes", kept->minutes),
                     col_uuid("demand", &kept->demand))));
  return appointment_event(tx, lost->appointment, "moved", (Uuid){{0}}, "back");
}

static Err add_task(Tx *tx, const Booking *lost, const char *kind, const char *title)
{
  Task task = {.id = task_id(lost->demand), .appointment = lost->appointment, .kind = kind, .title = title, .note = ""};
  {
    AUTO(Query, q, query_fini) = query(tx->store, &VISIT_FOR_TASK);
    query_bind_uuid(&q, ":id", lost->appointment);
    if (query_next(&q)) {
      task.client = query_uuid(&q, "client");
      task.site = query_uuid(&q, "site");
    }
    TRY(query_end(&q));
  }
  Uuid id;
  return task_add(tx, &task, &id);
}

Err booking_enqueue(Tx *tx, const Booking *lost)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Kept kept;
  bool there, open;
  TRY(task_there(tx->store, lost->demand, &there, &open));
  if (there) return ERR_OK;
  TRY(find_kept(tx->store, lost, &kept));
  bool lives = !uuid_is_nil(kept.demand);
  TRY(add_task(tx, lost, lives ? "move-refused" : "rebook", lives ? "desk.task.move-refused" : "desk.task.rebook"));
  TRY(offer(tx, &arena, lost));
  return lives ? stay(tx, lost, &kept) : ERR_OK;
}

Err booking_dequeue(Tx *tx, Uuid demand)
{
  bool there, open;
  TRY(task_there(tx->store, demand, &there, &open));
  return open ? task_close(tx, task_id(demand), (Uuid){{0}}, "done") : ERR_OK;
}

/* ---------------------------------------------------------------------------------------------------------------- queue */

static Err read_offers(Store *store, Arena *arena, Uuid demand, Rebooking *out)
{
  FreeTime *list = ARENA_ARRAY(arena, FreeTime, OFFERS);
  out->offers = list;
  AUTO(Query, q, query_fini) = query(store, &OFFERS_OF);
  query_bind_uuid(&q, ":demand", demand);
  while (out->offer_count < OFFERS && query_next(&q)) {
    FreeTime *one = &list[out->offer_count];
    *one = (FreeTime){.calendar = query_uuid(&q, "calendar"), .minutes = (int)query_int(&q, "minutes")};
    if (wall_parse(query_str(&q, "start_wall"), &one->start)) out->offer_count++;
  }
  return query_end(&q);
}

Err booking_queue(Store *store, Arena *arena, Uuid site, Rebooking **list, size_t *count)
{
  Rebooking *found = NULL;
  Uuid *demands = NULL;
  size_t n = 0, capacity = 0, demand_capacity = 0;
  {
    AUTO(Query, q, query_fini) = query(store, &QUEUE);
    query_bind_uuid(&q, ":site", site);
    while (query_next(&q)) {
      found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
      demands = arena_grow_array(arena, demands, n, &demand_capacity, sizeof *demands);
      demands[n] = query_uuid(&q, "demand");
      found[n] = (Rebooking){.task = query_uuid(&q, "id"),
                             .client = query_uuid(&q, "client"),
                             .appointment = query_uuid(&q, "appointment"),
                             .asked_at = query_int(&q, "asked_at"),
                             .start = {{1, 1, 1}, 0}};
      (void)wall_parse(query_str(&q, "start_wall"), &found[n++].start);
    }
    TRY(query_end(&q));
  }
  for (size_t i = 0; i < n; i++) TRY(read_offers(store, arena, demands[i], &found[i]));
  *list = found;
  *count = n;
  return ERR_OK;
}
