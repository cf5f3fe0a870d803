/* What this node has given away, cell by cell; declared in booking_internal.h. The table `slot` has one owner for each (calendar,
 * cell, lane): whoever inserts first has it, and the insert is the check. It is made from the rulings whenever it does not match them. */
#include <stdlib.h>

#include "common/practice/booking_internal.h"
#include "common/practice/practice.h"

SQL(SLOT_TAKE,
    "INSERT INTO slot (calendar, cell, lane, owner) VALUES (:book, :cell, :lane, :owner)"
    " ON CONFLICT (calendar, cell, lane) DO UPDATE SET owner = owner WHERE owner = excluded.owner RETURNING 1 AS got");
SQL(SLOT_GIVE, "DELETE FROM slot WHERE calendar = :book AND cell = :cell AND lane = :lane AND owner = :owner");
SQL(SLOT_OWNS, "SELECT 1 FROM slot WHERE calendar = :book AND cell = :cell AND lane = :lane AND owner = :owner");
SQL(SLOT_DROP, "DELETE FROM slot WHERE owner = :owner AND calendar = :book");
SQL(SLOT_CLEAR, "DELETE FROM slot WHERE calendar = :book");
SQL(SLOT_SESSION_LANE, "SELECT lane FROM slot WHERE owner = :owner AND calendar = :book LIMIT 1");
SQL(SLOT_SEATED, "SELECT 1 FROM slot WHERE calendar = :book LIMIT 1");
SQL(SLOT_KNOWN, "SELECT lease, number FROM slot_calendar WHERE calendar = :book");
SQL(SLOT_NOTE, "INSERT INTO slot_calendar (calendar, lease, number) VALUES (:book, :lease, :number)"
               " ON CONFLICT (calendar) DO UPDATE SET lease = excluded.lease, number = excluded.number");
SQL(SLOT_FORGET, "DELETE FROM slot_calendar WHERE calendar = :book");
SQL(SLOT_SITE_ZONE, "SELECT zone FROM site WHERE id = :site");
SQL(SLOT_CAPACITY, "SELECT capacity FROM resource WHERE id = :id");
#define HELD_SELECT                                                                                    \
  "SELECT " BOOKING_COLUMNS                                                                            \
  ", r.lane, r.seat FROM booking b JOIN standing_ruling r ON r.booking = b.id AND r.decision = 'firm'" \
  " WHERE " BOOKING_HELD
SQL(SLOT_HELD, HELD_SELECT " AND b.calendar = :calendar ORDER BY r.number, r.part");
SQL(SLOT_HELD_BY, HELD_SELECT " AND b.appointment = :appointment AND b.calendar = :calendar ORDER BY r.number, r.part");
SQL(SLOT_SESSIONS, "SELECT DISTINCT session FROM booking WHERE calendar = :calendar AND session IS NOT NULL");

Booking booking_read(Query *q)
{
  Booking b = {.id = query_uuid(q, "id"),
               .demand = query_uuid(q, "demand"),
               .appointment = query_uuid(q, "appointment"),
               .calendar = query_uuid(q, "calendar"),
               .site = query_uuid(q, "site"),
               .session = query_uuid(q, "session"),
               .minutes = (int)query_int(q, "minutes"),
               .before = (int)query_int(q, "before_minutes"),
               .after = (int)query_int(q, "after_minutes"),
               .seats = (int)query_int(q, "seats"),
               .may_double = query_int(q, "may_double") != 0,
               .firm = query_int(q, "firm") != 0,
               .refused = query_int(q, "refused") != 0,
               .released = query_int(q, "released") != 0,
               .allotment = query_uuid(q, "allotment"),
               .start = {{1, 1, 1}, 0}};
  (void)wall_parse(query_str(q, "start_wall"), &b.start);
  return b;
}

/* ---------------------------------------------------------------------------------------------------------------- spans */

static int64_t cell_of(Instant instant)
{
  return instant >= 0 ? instant / SLOT_CELL_MS : -((-instant + SLOT_CELL_MS - 1) / SLOT_CELL_MS);
}

Err slot_span(Store *store, Uuid site, WallTime start, int minutes, Span *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Query, q, query_fini) = query(store, &SLOT_SITE_ZONE);
  query_bind_uuid(&q, ":site", site);
  const char *zone = query_next(&q) ? query_cstr(&q, &arena, "zone") : NULL;
  TRY(query_end(&q));
  if (!zone) return err_because(ERR_NOT_FOUND, "a booking at a site that is not here");
  Instant at;
  TRY(zone_to_instant(zone, start, &at));
  *out = (Span){cell_of(at), cell_of(at + (int64_t)minutes * 60000 - 1)};
  return ERR_OK;
}

Err slot_span_of(Store *store, const Booking *b, Span *out)
{
  return slot_span(store, b->site, wall_add_minutes(b->start, -b->before), b->before + b->minutes + b->after, out);
}

/* ---------------------------------------------------------------------------------------------------------------- cells */

static void bind_cell(Query *q, Uuid book, int64_t cell, int lane, Uuid owner)
{
  query_bind_uuid(q, ":book", book);
  query_bind_int(q, ":cell", cell);
  query_bind_int(q, ":lane", lane);
  query_bind_uuid(q, ":owner", owner);
}

static Err one_row(Store *store, const Sql *sql, Uuid book, int64_t cell, int lane, Uuid owner, bool *found)
{
  AUTO(Query, q, query_fini) = query(store, sql);
  bind_cell(&q, book, cell, lane, owner);
  *found = query_next(&q);
  while (query_next(&q)) continue;
  return query_end(&q);
}

static Err give_back(Store *store, Uuid book, const int64_t *cells, size_t count, int lane, Uuid owner)
{
  for (size_t i = 0; i < count; i++) {
    Query q = query(store, &SLOT_GIVE);
    bind_cell(&q, book, cells[i], lane, owner);
    TRY(query_run(&q));
  }
  return ERR_OK;
}

Err slot_take(Store *store, Uuid book, Span span, int lane, Uuid owner, bool *taken)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t *fresh = ARENA_ARRAY(&arena, int64_t, (size_t)(span.last - span.first + 1));
  size_t count = 0;
  *taken = true;
  for (int64_t cell = span.first; cell <= span.last && *taken; cell++) {
    bool had;
    TRY(one_row(store, &SLOT_OWNS, book, cell, lane, owner, &had));
    if (had) continue;
    TRY(one_row(store, &SLOT_TAKE, book, cell, lane, owner, taken));
    if (*taken) fresh[count++] = cell;
  }
  return *taken ? ERR_OK : give_back(store, book, fresh, count, lane, owner);
}

static Err run_owner(Store *store, const Sql *sql, Uuid book, Uuid owner)
{
  Query q = query(store, sql);
  query_bind_uuid(&q, ":book", book);
  if (!uuid_is_nil(owner)) query_bind_uuid(&q, ":owner", owner);
  return query_run(&q);
}

/* ------------------------------------------------------------------------------------------------------------ placing */

/* The book in which a right's cells are written: the calendar's at its home node, the allotment's at the node that has it. */
static Uuid book_of(const Right *right)
{
  return uuid_is_nil(right->allotment.id) ? right->lease.calendar : right->allotment.id;
}

static Err lanes_of(Store *store, const Right *right, int *out)
{
  *out = 1;
  if (!uuid_is_nil(right->allotment.id)) return ERR_OK;
  AUTO(Query, q, query_fini) = query(store, &SLOT_CAPACITY);
  query_bind_uuid(&q, ":id", right->lease.calendar);
  if (query_next(&q)) *out = (int)query_int(&q, "capacity");
  if (*out < 1) *out = 1;
  return query_end(&q);
}

static Uuid owner_of(const Booking *b)
{
  return uuid_is_nil(b->session) ? b->appointment : b->session;
}

/* The book of a session's seats: one for each book that the session is in. */
static Uuid seats_of(Uuid book, Uuid session)
{
  const Uuid parts[] = {book, session};
  return uuid_from_parts(STR("seats"), parts, sizeof parts);
}

static Err take_seat(Store *store, Uuid book, const Booking *b, int from, int count, int *seat, bool *taken)
{
  *taken = false;
  for (int i = from; i < from + count && !*taken; i++) {
    *seat = i;
    TRY(slot_take(store, seats_of(book, b->session), (Span){0, 0}, i, b->appointment, taken));
  }
  return ERR_OK;
}

/* A session has one lane; whoever comes later sits down there. */
static Err session_lane(Store *store, Uuid book, Uuid session, int *lane)
{
  *lane = -1;
  if (uuid_is_nil(session)) return ERR_OK;
  AUTO(Query, q, query_fini) = query(store, &SLOT_SESSION_LANE);
  query_bind_uuid(&q, ":book", book);
  query_bind_uuid(&q, ":owner", session);
  if (query_next(&q)) *lane = (int)query_int(&q, "lane");
  return query_end(&q);
}

static Err take_lane(Store *store, Uuid book, Span span, const Booking *b, int from, int count, int *lane, bool *taken)
{
  *taken = false;
  for (int i = from; i < from + count && !*taken; i++) {
    *lane = i;
    TRY(slot_take(store, book, span, i, owner_of(b), taken));
  }
  return ERR_OK;
}

Err slot_place(Store *store, const Right *right, const Booking *b, int *lane, int *seat, bool *placed)
{
  Span span;
  int lanes, there;
  Uuid book = book_of(right);
  bool doubles = b->may_double && uuid_is_nil(right->allotment.id);
  TRY(slot_span_of(store, b, &span));
  TRY(lanes_of(store, right, &lanes));
  TRY(session_lane(store, book, b->session, &there));
  *seat = 0;
  TRY(take_lane(store, book, span, b, there < 0 ? 0 : there, there < 0 ? lanes : 1, lane, placed));
  if (!*placed && doubles) TRY(take_lane(store, book, span, b, lanes, SLOT_DOUBLES, lane, placed));
  if (!*placed || uuid_is_nil(b->session)) return ERR_OK;
  TRY(take_seat(store, book, b, 0, b->seats, seat, placed));
  if (!*placed && doubles) TRY(take_seat(store, book, b, b->seats, SLOT_DOUBLES, seat, placed));
  return ERR_OK;
}

/* put_back: a booking that is held, where it was ruled to be. Rules of time zones may have moved two of them onto one another
 * since (sites in two zones share a provider): the later one gets a lane of its own rather than nothing. */
static Err put_back(Store *store, const Right *right, const Booking *b, int lane, int seat)
{
  Span span;
  bool taken;
  Uuid book = book_of(right);
  TRY(slot_span_of(store, b, &span));
  TRY(slot_take(store, book, span, lane, owner_of(b), &taken));
  if (!taken) TRY(take_lane(store, book, span, b, lane + 1, SLOT_DOUBLES, &lane, &taken));
  if (uuid_is_nil(b->session)) return ERR_OK;
  TRY(take_seat(store, book, b, seat, 1, &seat, &taken));
  return taken ? ERR_OK : take_seat(store, book, b, seat + 1, b->seats + SLOT_DOUBLES, &seat, &taken);
}

/* in_book: is a booking that is held written in this right's book, or in another's? What was booked under an allotment stays in
 * that one's book until it is closed. */
static Err in_book(Store *store, const Right *right, const Booking *b, bool *out)
{
  Allotment open;
  *out = uuid_is_nil(right->allotment.id) || uuid_eq(b->allotment, right->allotment.id);
  if (uuid_is_nil(b->allotment) || !uuid_is_nil(right->allotment.id)) return ERR_OK;
  Err err = allotment_open(store, b->allotment, &open);
  *out = err == ERR_NOT_FOUND;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct Held {
  Booking booking;
  int lane, seat;
} Held;

static Err read_held(Query *q, Arena *arena, Held **list, size_t *count)
{
  size_t capacity = 0;
  *list = NULL;
  *count = 0;
  while (query_next(q)) {
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    (*list)[(*count)++] = (Held){booking_read(q), (int)query_int(q, "lane"), (int)query_int(q, "seat")};
  }
  return query_end(q);
}

static Err put_all_back(Store *store, const Right *right, const Held *list, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    bool here;
    TRY(in_book(store, right, &list[i].booking, &here));
    int lane = uuid_is_nil(right->allotment.id) ? list[i].lane : 0;
    if (here) TRY(put_back(store, right, &list[i].booking, lane, list[i].seat));
  }
  return ERR_OK;
}

static Err leave_session(Store *store, Uuid book, const Booking *b)
{
  TRY(run_owner(store, &SLOT_DROP, seats_of(book, b->session), b->appointment));
  AUTO(Query, q, query_fini) = query(store, &SLOT_SEATED);
  query_bind_uuid(&q, ":book", seats_of(book, b->session));
  bool seated = query_next(&q);
  TRY(query_end(&q));
  return seated ? ERR_OK : run_owner(store, &SLOT_DROP, book, b->session);
}

Err slot_refresh(Store *store, const Right *right, const Booking *b)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Held *list;
  size_t count;
  TRY(run_owner(store, &SLOT_DROP, book_of(right), b->appointment));
  if (!uuid_is_nil(b->session)) TRY(leave_session(store, book_of(right), b));
  {
    AUTO(Query, q, query_fini) = query(store, &SLOT_HELD_BY);
    query_bind_uuid(&q, ":appointment", b->appointment);
    query_bind_uuid(&q, ":calendar", b->calendar);
    TRY(read_held(&q, &arena, &list, &count));
  }
  return put_all_back(store, right, list, count);
}

/* ------------------------------------------------------------------------------------------------------- making it anew */

static Err forget_sessions(Store *store, Arena *arena, Uuid book, Uuid calendar)
{
  Uuid *sessions = NULL;
  size_t count = 0, capacity = 0;
  {
    AUTO(Query, q, query_fini) = query(store, &SLOT_SESSIONS);
    query_bind_uuid(&q, ":calendar", calendar);
    while (query_next(&q)) {
      sessions = arena_grow_array(arena, sessions, count, &capacity, sizeof *sessions);
      sessions[count++] = query_uuid(&q, "session");
    }
    TRY(query_end(&q));
  }
  for (size_t i = 0; i < count; i++) TRY(run_owner(store, &SLOT_CLEAR, seats_of(book, sessions[i]), (Uuid){{0}}));
  return ERR_OK;
}

static Err reserve_allotments(Store *store, Arena *arena, Uuid calendar)
{
  Allotment *list;
  size_t count;
  TRY(allotment_open_list(store, arena, calendar, &list, &count));
  for (size_t i = 0; i < count; i++) {
    Span span;
    bool taken;
    TRY(slot_span(store, list[i].site, list[i].start, list[i].minutes, &span));
    TRY(slot_take(store, calendar, span, list[i].lane, list[i].id, &taken));
  }
  return ERR_OK;
}

static Err rebuild(Store *store, const Right *right)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Held *list;
  size_t count;
  bool home = uuid_is_nil(right->allotment.id);
  TRY(run_owner(store, &SLOT_CLEAR, book_of(right), (Uuid){{0}}));
  TRY(forget_sessions(store, &arena, book_of(right), right->lease.calendar));
  if (home) TRY(reserve_allotments(store, &arena, right->lease.calendar));
  {
    AUTO(Query, q, query_fini) = query(store, &SLOT_HELD);
    query_bind_uuid(&q, ":calendar", right->lease.calendar);
    TRY(read_held(&q, &arena, &list, &count));
  }
  return put_all_back(store, right, list, count);
}

static Err ruled_up_to(Store *store, const Right *right, int64_t *out)
{
  if (uuid_is_nil(right->allotment.id)) return ruling_last(store, &right->lease, out);
  return allotment_parts(store, right->allotment.id, out);
}

Err slot_ready(Store *store, const Right *right)
{
  int64_t now, known = -1;
  TRY(ruled_up_to(store, right, &now));
  {
    AUTO(Query, q, query_fini) = query(store, &SLOT_KNOWN);
    query_bind_uuid(&q, ":book", book_of(right));
    if (query_next(&q) && uuid_eq(query_uuid(&q, "lease"), right->lease.id)) known = query_int(&q, "number");
    TRY(query_end(&q));
  }
  if (known == now) return ERR_OK;
  TRY(rebuild(store, right));
  return slot_note(store, right);
}

Err slot_note(Store *store, const Right *right)
{
  int64_t now;
  TRY(ruled_up_to(store, right, &now));
  Query q = query(store, &SLOT_NOTE);
  query_bind_uuid(&q, ":book", book_of(right));
  query_bind_uuid(&q, ":lease", right->lease.id);
  query_bind_int(&q, ":number", now);
  return query_run(&q);
}

Err slot_forget(Store *store, Uuid calendar)
{
  return run_owner(store, &SLOT_FORGET, calendar, (Uuid){{0}});
}
