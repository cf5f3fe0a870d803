/* What the files behind booking.h and calendar.h share. Included by them alone. */
#pragma once

#include "common/practice/booking.h"
#include "common/store/query.h"

/* Texts of SQL, here so that every reader sees the same. The view standing_ruling has the rulings that count. BOOKING_HELD: of a
 * booking b: it was said yes to and that was not taken back. CERTAINTY: of an appointment a. */
#define RULED(decisions) "EXISTS (SELECT 1 FROM standing_ruling r WHERE r.booking = b.id AND r.decision " decisions ")"
#define BOOKING_HELD     "(" RULED("= 'firm'") " AND NOT " RULED("= 'released'") ")"
#define CERTAINTY                                                                                                     \
  "CASE WHEN a.demand IS NULL THEN 'firm' WHEN EXISTS (SELECT 1 FROM booking b WHERE b.demand = a.demand AND " RULED( \
      "IN ('refused', 'released')") ") THEN 'displaced' WHEN NOT EXISTS (SELECT 1 FROM booking b WHERE b.demand"      \
                                    " = a.demand) OR EXISTS (SELECT 1 FROM booking b WHERE b.demand = a.demand AND "  \
                                    "NOT " RULED("= 'firm'") ")"                                                      \
                                                             " THEN 'provisional' ELSE 'firm' END"

typedef struct Booking {
  Uuid id, demand, appointment, calendar, site, session;
  WallTime start;
  int minutes, before, after, seats;
  bool may_double;
  bool firm, refused, released; /* by rulings that stand */
  Uuid allotment;               /* by whose right it is firm; nil: the home node's */
} Booking;
static inline bool booking_held(const Booking *b)
{
  return b->firm && !b->released;
}
#define BOOKING_COLUMNS                                                                                                \
  "b.id, b.demand, b.appointment, b.calendar, b.site, b.session, b.start_wall, b.minutes, b.before_minutes,"           \
  " b.after_minutes, b.seats, b.double_reason <> '' AS may_double, " RULED("= 'firm'") " AS firm, " RULED(             \
      "= 'refused'") " AS refused, " RULED("= 'released'") " AS released, (SELECT r.allotment FROM standing_ruling r " \
                                                           "WHERE r.booking = b.id"                                    \
                                                           " AND r.decision = 'firm' ORDER BY r.number LIMIT 1) AS "   \
                                                           "allotment"
Booking booking_read(Query *q);

/* Allotment: time of a calendar that a node may book. */
typedef struct Allotment {
  Uuid id, calendar, site, lease;
  NodeId node;
  WallTime start;
  int minutes;
  int64_t fence, number; /* of the ruling that granted it */
  int lane;
  Instant expires_at;
} Allotment;
/* allotment_open: is it granted and not closed, by rulings that stand? ERR_NOT_FOUND when not. */
MUST_CHECK Err allotment_open(Store *store, Uuid allotment, Allotment *out);
/* allotment_open_list: those of a calendar. */
MUST_CHECK Err allotment_open_list(Store *store, Arena *arena, Uuid calendar, Allotment **list, size_t *count);

/* Right: by which this node rules. */
typedef struct Right {
  Lease lease;
  Allotment allotment; /* id nil: as the home node */
} Right;
/* right_home: as the home node of a calendar; false when it is not. right_allotted: by an allotment of this node that covers the
 * booking and has not expired. right_over: over a booking that is held. */
MUST_CHECK Err right_home(Store *store, Uuid calendar, Right *out, bool *found);
MUST_CHECK Err right_allotted(Tx *tx, const Booking *booking, Right *out, bool *found);
MUST_CHECK Err right_over(Store *store, const Booking *booking, Right *out, bool *found);
/* ruling_write: booking nil: about the allotment. */
MUST_CHECK Err ruling_write(Tx *tx, const Right *right, const char *decision, Uuid booking, int lane, int seat,
                            Uuid allotment, int64_t part);
/* ruling_last: number of a lease's newest ruling; before the first: one less than that will have. */
MUST_CHECK Err ruling_last(Store *store, const Lease *lease, int64_t *out);
/* allotment_parts: how many rulings of its node under it are known here. */
MUST_CHECK Err allotment_parts(Store *store, Uuid allotment, int64_t *out);

/* Slots: the node's own table of what it has given away. slot_ready: bring it up to date before anything is taken. */
typedef struct Span {
  int64_t first, last; /* cells */
} Span;
enum { SLOT_CELL_MS = 5 * 60 * 1000, SLOT_DOUBLES = 64 };
MUST_CHECK Err slot_span(Store *store, Uuid site, WallTime start, int minutes, Span *out);
MUST_CHECK Err slot_span_of(Store *store, const Booking *booking, Span *out);
MUST_CHECK Err slot_ready(Store *store, const Right *right);
/* slot_note: slot has what is ruled up to now. slot_forget: make it anew next time. */
MUST_CHECK Err slot_note(Store *store, const Right *right);
MUST_CHECK Err slot_forget(Store *store, Uuid calendar);
/* slot_take: all cells of a lane, or none. What the owner has already counts. */
MUST_CHECK Err slot_take(Store *store, Uuid book, Span span, int lane, Uuid owner, bool *taken);
/* slot_place: the first lane, and seat, that a booking fits in. */
MUST_CHECK Err slot_place(Store *store, const Right *right, const Booking *booking, int *lane, int *seat, bool *placed);
/* slot_refresh: a visit has exactly what it holds. */
MUST_CHECK Err slot_refresh(Store *store, const Right *right, const Booking *booking);

/* booking_enqueue: a visit has lost its time: back to a time that it still holds, else a task and offers. Once for a demand. */
MUST_CHECK Err booking_enqueue(Tx *tx, const Booking *lost);
MUST_CHECK Err booking_dequeue(Tx *tx, Uuid demand); /* its task, if it is open, is done */
