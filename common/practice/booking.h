/* Bookings: a visit asks calendars for their time; whoever rules on a calendar answers. See BOOKINGS.md.
 *
 *   firm         all calendars that the visit asks have said yes, and none has taken it back
 *   provisional  asked, and not all have answered
 *   displaced    one has said no, or has taken it back: the visit waits in the rebooking queue
 *
 * The state is derived from rulings whenever it is read; it is nowhere stored. */
#pragma once

#include "common/base/date.h"
#include "common/practice/calendar.h"
#include "common/store/tx.h"

typedef struct BookingAsk {
  Uuid appointment, type, site;
  Uuid provider, resource; /* nil: none */
  WallTime start;
  int minutes;
  const char *double_reason; /* "" or NULL: it may not stand beside another; else why it may */
  Uuid double_by;            /* staff who decided so; nil: an import */
  bool queue;                /* when the time is taken: write it all the same, displaced, with a task */
} BookingAsk;

/* booking_ask: inside the Tx that writes the visit. At a calendar's home node, and in an allotment of this node, the answer is part
 * of it. *demand (nil: no calendar is asked) goes into the visit's row, with which it wins or loses; then call booking_settle.
 * errors  ERR_CONFLICT the time is taken and `queue` is false: nothing was written */
MUST_CHECK Err booking_ask(Tx *tx, const BookingAsk *ask, Uuid *demand);
/* booking_settle: everything that this node has to rule on for one visit: answers what is asked, lets go of what is no longer
 * wanted, puts who lost their time into the queue, or back to the time they still have. Nothing to do is ERR_OK. */
MUST_CHECK Err booking_settle(Tx *tx, Uuid appointment);
/* booking_displace: a person takes a firm time away from a visit, and says why (ERR_INVALID otherwise). At the home node of one of
 * its calendars (ERR_DENIED). */
MUST_CHECK Err booking_displace(Tx *tx, Uuid appointment, Uuid staff, const char *reason);

/* booking_rule: what the journal brought since the last call: rules on it in the order in which it was asked (HLC, node), one
 * transaction each, action "booking.rule". For the daemon of every node; cheap when there is nothing. *ruled (may be NULL) counts. */
MUST_CHECK Err booking_rule(Store *store, size_t *ruled);

typedef struct FreeTime {
  Uuid calendar;
  WallTime start;
  int minutes;
} FreeTime;
/* booking_free: the next times of a calendar with nothing firm or asked in them, from `from` on, within a visit's usual hours and four
 * weeks, at most max_count. By what this node knows. */
MUST_CHECK Err booking_free(Store *store, Arena *arena, Uuid calendar, Uuid site, WallTime from, int minutes,
                            size_t max_count, FreeTime **list, size_t *count);

typedef struct Rebooking {
  Uuid appointment, client, task;
  WallTime start; /* the time that it lost */
  Instant asked_at;
  const FreeTime *offers; /* free when it lost; booking them checks again */
  size_t offer_count;
} Rebooking;
/* booking_queue: visits of a site (nil: of all) that have lost their time, who asked first first. */
MUST_CHECK Err booking_queue(Store *store, Arena *arena, Uuid site, Rebooking **list, size_t *count);
