/* Session: someone of the staff who is signed in to a page of this node. Local to the node; only a hash of the token is kept, so that a copy of
 * the database opens nothing.
 */
#pragma once

#include "common/base/arena.h"
#include "common/store/store.h"

enum { SESSION_TOKEN_LEN = 43, SESSION_MAX_MS = 12 * 3600 * 1000, SESSION_TOUCH_MS = 15 * 1000 };

typedef struct Session {
  Hash token_hash;
  Uuid staff;
  Instant created_at, seen_at;
  char guard[SESSION_TOKEN_LEN + 1]; /* derived from the token: what a page must send along with every write */
} Session;

/* session_start: a new token (256 random bits, base64url) for someone who has just proved who they are. Also forgets sessions that are over. */
MUST_CHECK Err session_start(Store *store, Arena *arena, Uuid staff, int64_t idle_ms, Str *token, Session *out);
/* session_find: ERR_DENIED for an unknown token, after `idle_ms` without session_touch, SESSION_MAX_MS after it began, when the clock was set back
 * before its beginning, and for staff who are no longer active. */
MUST_CHECK Err session_find(Store *store, Arena *arena, Str token, int64_t idle_ms, Session *out);
/* session_touch: the person did something. Written at most once in SESSION_TOUCH_MS. */
MUST_CHECK Err session_touch(Store *store, Session *session);
MUST_CHECK Err session_end(Store *store, const Session *session);
/* session_end_all: of one member of staff: after a change of password, or when they have left. */
MUST_CHECK Err session_end_all(Store *store, Uuid staff);
