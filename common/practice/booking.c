/* Asking for time, and ruling on what was asked; declared in booking.h. */
#include "common/practice/booking.h"

#include <stdlib.h>

#include "common/practice/booking_internal.h"
#include "common/practice/tidy.h"

SQL(BOOKING_TYPE, "SELECT buffer_before, buffer_after, capacity FROM appointment_type WHERE id = :id");
SQL(BOOKING_VISIT, "SELECT status, demand FROM appointment WHERE id = :id");
SQL(BOOKINGS_OF, "SELECT " BOOKING_COLUMNS " FROM booking b WHERE b.appointment = :appointment ORDER BY b.v, b.id");

enum { CALENDARS_MAX = 2 }; /* a provider and a room */

typedef struct Placed {
  Booking booking;
  Right right;
  bool ruled; /* by this node, now */
  int lane, seat;
} Placed;

/* --------------------------------------------------------------------------------------------------------------- asking */

static Err from_type(Store *store, const BookingAsk *ask, Booking *b)
{
  AUTO(Query, q, query_fini) = query(store, &BOOKING_TYPE);
  query_bind_uuid(&q, ":id", ask->type);
  b->seats = 1;
  if (query_next(&q)) {
    b->before = (int)query_int(&q, "buffer_before");
    b->after = (int)query_int(&q, "buffer_after");
    b->seats = (int)query_int(&q, "capacity");
  }
  return query_end(&q);
}

/* Visits of one type and length at one time with one calendar are one session, whoever books them wherever. */
static Uuid session_of(const BookingAsk *ask, Uuid calendar)
{
  struct {
    Uuid calendar, type, site;
    char start[WALL_TEXT_LEN + 1];
    uint8_t minutes[2];
    uint8_t end;
  } parts = {.calendar = calendar,
             .type = ask->type,
             .site = ask->site,
             .minutes = {(uint8_t)ask->minutes, (uint8_t)(ask->minutes >> 8)}};
  wall_text(ask->start, parts.start);
  return uuid_from_parts(STR("session"), &parts, sizeof parts);
}

/* try_place: when this node may say yes or no to it, take the time. *fits is false when the time is another's. */
static Err try_place(Tx *tx, Placed *p, bool *fits)
{
  *fits = true;
  TRY(right_home(tx->store, p->booking.calendar, &p->right, &p->ruled));
  bool home = p->ruled;
  if (!home) TRY(right_allotted(tx, &p->booking, &p->right, &p->ruled));
  if (!p->ruled) return ERR_OK;
  TRY(slot_ready(tx->store, &p->right));
  TRY(slot_place(tx->store, &p->right, &p->booking, &p->lane, &p->seat, fits));
  if (*fits || home) return ERR_OK;
  *fits = true; /* the allotment has no room for it; the calendar may */
  p->ruled = false;
  return ERR_OK;
}

static Err write_booking(Tx *tx, const BookingAsk *ask, const Booking *b)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char start[WALL_TEXT_LEN + 1];
  wall_text(b->start, start);
  return tx_insert(tx, "booking", b->id,
                   COLS(col_uuid("demand", &b->demand), col_uuid("appointment", &b->appointment),
                        col_uuid("calendar", &b->calendar), col_uuid("site", &b->site),
                        col_text("start_wall", str_c(start)), col_int("minutes", b->minutes),
                        col_int("before_minutes", b->before), col_int("after_minutes", b->after),
                        col_uuid("session", &b->session), col_int("seats", b->seats),
                        col_text("double_reason", tidy_text(&arena, str_c(ask->double_reason))),
                        col_uuid("double_by", &ask->double_by), col_int("asked_at", tx_now(tx))));
}

/* let_go: the cells of what was taken and is not going to be ruled firm. */
static Err let_go(Tx *tx, const Placed placed[], size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (placed[i].ruled) TRY(slot_refresh(tx->store, &placed[i].right, &placed[i].booking));
  return ERR_OK;
}

/* place_all: all of a demand or none. *refused: the one that is taken; COUNT when none is. */
static Err place_all(Tx *tx, Placed placed[], size_t count, size_t *refused)
{
  *refused = count;
  for (size_t i = 0; i < count && *refused == count; i++) {
    bool fits;
    TRY(try_place(tx, &placed[i], &fits));
    if (!fits) *refused = i;
  }
  return *refused == count ? ERR_OK : let_go(tx, placed, *refused + 1);
}

static Err rule_all(Tx *tx, const Placed placed[], size_t count, size_t refused)
{
  if (refused < count)
    return ruling_write(tx, &placed[refused].right, "refused", placed[refused].booking.id, 0, 0, (Uuid){{0}}, 0);
  for (size_t i = 0; i < count; i++) {
    const Placed *p = &placed[i];
    int lane = p->lane + (uuid_is_nil(p->right.allotment.id) ? 0 : p->right.allotment.lane);
    if (p->ruled) TRY(ruling_write(tx, &p->right, "firm", p->booking.id, lane, p->seat, (Uuid){{0}}, 0));
  }
  return ERR_OK;
}

Err booking_ask(Tx *tx, const BookingAsk *ask, Uuid *demand)
{
  Placed placed[CALENDARS_MAX] = {0};
  size_t count = 0, refused;
  Uuid id = uuid_v7(store_env(tx->store));
  const Uuid calendars[CALENDARS_MAX] = {ask->provider, ask->resource};
  *demand = (Uuid){{0}};
  for (size_t i = 0; i < CALENDARS_MAX; i++) {
    if (uuid_is_nil(calendars[i])) continue;
    Booking *b = &placed[count++].booking;
    *b = (Booking){.id = uuid_v7(store_env(tx->store)),
                   .demand = id,
                   .appointment = ask->appointment,
                   .calendar = calendars[i],
                   .site = ask->site,
                   .start = ask->start,
                   .minutes = ask->minutes,
                   .may_double = ask->double_reason && *ask->double_reason};
    TRY(from_type(tx->store, ask, b));
    if (b->seats > 1) b->session = session_of(ask, calendars[i]);
  }
  if (count == 0) return ERR_OK;
  TRY(place_all(tx, placed, count, &refused));
  if (refused < count && !ask->queue) return err_because(ERR_CONFLICT, "the time is taken");
  for (size_t i = 0; i < count; i++) TRY(write_booking(tx, ask, &placed[i].booking));
  *demand = id;
  return rule_all(tx, placed, count, refused);
}

/* ------------------------------------------------------------------------------------------------------------- settling */

typedef struct Visit {
  bool there, wanted; /* it is not cancelled */
  Uuid id, demand;
  Booking *bookings;
  size_t count;
} Visit;

static Err read_visit(Store *store, Arena *arena, Uuid id, Visit *out)
{
  *out = (Visit){.id = id};
  {
    AUTO(Query, q, query_fini) = query(store, &BOOKING_VISIT);
    query_bind_uuid(&q, ":id", id);
    out->there = query_next(&q);
    if (out->there) {
      out->wanted = !str_eq_c(query_str(&q, "status"), "cancelled");
      out->demand = query_uuid(&q, "demand");
    }
    TRY(query_end(&q));
  }
  size_t capacity = 0;
  AUTO(Query, q, query_fini) = query(store, &BOOKINGS_OF);
  query_bind_uuid(&q, ":appointment", id);
  while (query_next(&q)) {
    out->bookings = arena_grow_array(arena, out->bookings, out->count, &capacity, sizeof *out->bookings);
    out->bookings[out->count++] = booking_read(&q);
  }
  return query_end(&q);
}

static bool is_current(const Visit *visit, const Booking *b)
{
  return uuid_eq(b->demand, visit->demand);
}

typedef enum State { STATE_NONE, STATE_FIRM, STATE_OPEN, STATE_LOST } State;

static State state_of(const Visit *visit, Uuid demand)
{
  State state = STATE_NONE;
  for (size_t i = 0; i < visit->count; i++) {
    const Booking *b = &visit->bookings[i];
    if (!uuid_eq(b->demand, demand)) continue;
    if (b->refused || b->released) return STATE_LOST;
    state = b->firm && state != STATE_OPEN ? STATE_FIRM : STATE_OPEN;
  }
  return state;
}

/* answer: what is asked of this node's calendars. */
static Err answer(Tx *tx, const Visit *visit)
{
  Placed placed[CALENDARS_MAX] = {0};
  size_t count = 0, refused;
  if (!visit->wanted || state_of(visit, visit->demand) != STATE_OPEN) return ERR_OK;
  for (size_t i = 0; i < visit->count && count < CALENDARS_MAX; i++) {
    const Booking *b = &visit->bookings[i];
    Right right;
    bool home;
    if (!is_current(visit, b) || b->firm) continue;
    TRY(right_home(tx->store, b->calendar, &right, &home));
    if (home) placed[count++].booking = *b;
  }
  TRY(place_all(tx, placed, count, &refused));
  return rule_all(tx, placed, count, refused);
}

/* A time is held as long as the visit has no better one: until a move is firm everywhere, the old one stays. */
static bool is_wanted(const Visit *visit, const Booking *b, State current)
{
  if (!visit->there || !visit->wanted) return false;
  return is_current(visit, b) ? current != STATE_LOST : current != STATE_FIRM;
}

static Err release(Tx *tx, const Booking *b, bool *done)
{
  Right right;
  TRY(right_over(tx->store, b, &right, done));
  if (!*done) return ERR_OK;
  TRY(slot_ready(tx->store, &right));
  TRY(ruling_write(tx, &right, "released", b->id, 0, 0, (Uuid){{0}}, 0));
  return slot_refresh(tx->store, &right, b);
}

static Err release_unwanted(Tx *tx, const Visit *visit)
{
  State current = state_of(visit, visit->demand);
  for (size_t i = 0; i < visit->count; i++) {
    const Booking *b = &visit->bookings[i];
    bool done;
    if (booking_held(b) && !is_wanted(visit, b, current)) TRY(release(tx, b, &done));
  }
  return ERR_OK;
}

/* Whoever rules on one of its calendars sees to it that a visit that has lost its time is in the queue. */
static Err enqueue_lost(Tx *tx, const Visit *visit)
{
  if (!visit->wanted || state_of(visit, visit->demand) != STATE_LOST) return ERR_OK;
  for (size_t i = 0; i < visit->count; i++) {
    const Booking *b = &visit->bookings[i];
    Right right;
    bool home;
    if (!is_current(visit, b) || !(b->refused || b->released)) continue;
    TRY(right_home(tx->store, b->calendar, &right, &home));
    if (home) return booking_enqueue(tx, b);
  }
  return ERR_OK;
}

/* closes_tasks: is it for this node to say that a visit no longer waits? One node does, so that nobody overwrites another. */
static Err closes_tasks(Store *store, const Visit *visit, bool *out)
{
  const Booking *first = &visit->bookings[0];
  for (size_t i = visit->count; i-- > 0;)
    if (is_current(visit, &visit->bookings[i])) first = &visit->bookings[i];
  Right right;
  return right_home(store, first->calendar, &right, out);
}

static Err close_tasks(Tx *tx, const Visit *visit)
{
  bool mine;
  if (visit->wanted && state_of(visit, visit->demand) != STATE_FIRM) return ERR_OK;
  TRY(closes_tasks(tx->store, visit, &mine));
  for (size_t i = 0; i < visit->count && mine; i++) TRY(booking_dequeue(tx, visit->bookings[i].demand));
  return ERR_OK;
}

Err booking_settle(Tx *tx, Uuid appointment)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Visit visit;
  TRY(read_visit(tx->store, &arena, appointment, &visit));
  if (visit.count == 0) return ERR_OK;
  TRY(answer(tx, &visit));
  TRY(read_visit(tx->store, &arena, appointment, &visit));
  TRY(release_unwanted(tx, &visit));
  TRY(enqueue_lost(tx, &visit));
  TRY(read_visit(tx->store, &arena, appointment, &visit));
  return close_tasks(tx, &visit);
}

Err booking_displace(Tx *tx, Uuid appointment, Uuid staff, const char *reason)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Visit visit;
  bool any = false;
  (void)staff; /* the transaction's actor and reason are the record of it */
  if (!reason || !*reason) return err_because(ERR_INVALID, "a reason is needed");
  TRY(read_visit(tx->store, &arena, appointment, &visit));
  if (!visit.there) return ERR_NOT_FOUND;
  for (size_t i = 0; i < visit.count; i++) {
    bool done = false;
    if (is_current(&visit, &visit.bookings[i]) && booking_held(&visit.bookings[i]))
      TRY(release(tx, &visit.bookings[i], &done));
    any |= done;
  }
  if (!any) return err_because(ERR_DENIED, "this node does not hold the calendar, or the time was not firm");
  return booking_settle(tx, appointment);
}
