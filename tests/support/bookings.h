/* Bookings seen by an independent model: it reads the rows of leases, bookings and rulings and decides by itself what is firm, sharing
 * nothing with the code that it checks. */
#pragma once

#include "common/base/date.h"
#include "common/store/store.h"

typedef struct HeldBooking {
  Uuid booking, demand, appointment, calendar, session;
  int64_t from, until; /* minutes of wall-clock time since 1970, with buffers */
  int64_t lane, seat, seats, capacity;
  bool may_double, lane_may_double;
} HeldBooking;

/* bookings_held: those from the day `since` on that were said yes to and not taken back, by rulings that stand. Lives in the arena. */
void bookings_held(Store *store, Arena *arena, const char *since, HeldBooking **list, size_t *count);
/* bookings_assert_no_conflict: no two of them have one lane of one calendar at one time (but for one session), no two one seat, and
 * none is in a lane above the capacity that was not meant to be a double booking. */
void bookings_assert_no_conflict(Store *store, const char *since, const char *where);
