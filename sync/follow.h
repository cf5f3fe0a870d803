/* Follow: a thread that keeps this daemon's view of a log (common/store/logstore.h) whole: it is told of news, reads them, and who
 * waits for a change here (pulls, boards) wakes as after any commit. */
#pragma once

#include "common/base/env.h"
#include "common/base/err.h"

typedef struct Follow Follow;

/* FOLLOW_STALE_MS: a view that was not known to be whole for so long may lack a revocation: it is not good enough for devices. */
enum { FOLLOW_STALE_MS = 15000 };

/* follow_start: opens its own Store. *out is NULL for an ordinary replica, which follows nobody. */
MUST_CHECK Err follow_start(const char *folder, const Env *env, Follow **out);
/* follow_is_stale: false for NULL. Any thread. */
bool follow_is_stale(const Follow *follow);
/* follow_stop: ends the thread, within a second or two. NULL is fine. */
void follow_stop(Follow *follow);
