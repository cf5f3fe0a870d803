/* Hlc: hybrid logical clock, 48 bits of milliseconds since 1970 UTC, 16 bits of counter (Kulkarni et al. 2014).
 * Compared as unsigned integers. Never goes backwards on a node. */
#pragma once

#include "common/base/env.h"
#include "common/base/err.h"

typedef uint64_t Hlc;

static inline Instant hlc_ms(Hlc hlc)
{
  return (Instant)(hlc >> 16);
}
static inline Hlc hlc_make(Instant ms, uint16_t counter)
{
  return ((Hlc)ms << 16) | counter;
}

/* hlc_next: the stamp of a new transaction: later than `last`, and not before `now`. When the counter is used up the
 * millisecond part moves on. `now` below 0 counts as 0. */
Hlc hlc_next(Hlc last, Instant now);
/* hlc_is_ahead: is `hlc` more than HLC_MAX_AHEAD_MS after `now`? Such stamps are restamped, never accepted. */
enum { HLC_MAX_AHEAD_MS = 5 * 60 * 1000 };
bool hlc_is_ahead(Hlc hlc, Instant now);
