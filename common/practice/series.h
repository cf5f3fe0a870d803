/* Series: visits that recur. Each occurrence is an appointment of its own, with bookings of its own: when one has no time it alone goes
 * to the rebooking queue, and moving one moves one. */
#pragma once

#include "common/base/fault.h"
#include "common/practice/appointment.h"

enum { SERIES_OCCURRENCES_MAX = 200 };

typedef struct SeriesNew {
  Uuid client, type, site, provider, resource;
  WallTime first;
  int minutes;    /* 0: the type's */
  int every_days; /* 7: every week */
  int count;      /* 1..SERIES_OCCURRENCES_MAX */
  const char *note;
} SeriesNew;
/* series_add: the series and all its occurrences, each at the same wall-clock time. *lost: how many have no time. */
MUST_CHECK Err series_add(Tx *tx, const SeriesNew *input, Faults *faults, Uuid *out, size_t *lost);
/* series_list: its occurrences by their place in it, wherever they were moved. */
MUST_CHECK Err series_list(Store *store, Arena *arena, Uuid series, Appointment **list, size_t *count);
/* series_end: what is booked from `from` on is cancelled; what has been, stays. *cancelled (may be NULL) counts. */
MUST_CHECK Err series_end(Tx *tx, Uuid series, Date from, Uuid staff, const char *note, size_t *cancelled);
