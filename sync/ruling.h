/* Ruling: a thread that reads the journal on and rules on what is asked of the calendars of this node (common/practice/booking.h), as
 * soon as it arrives, from whomever. */
#pragma once

#include "common/base/env.h"
#include "common/base/err.h"

typedef struct Ruling Ruling;

/* ruling_start: opens its own Store. */
MUST_CHECK Err ruling_start(const char *folder, const Env *env, Ruling **out);
/* ruling_stop: ends the thread. NULL is fine. */
void ruling_stop(Ruling *ruling);
