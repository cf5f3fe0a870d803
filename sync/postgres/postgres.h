/* PostgreSQL as the log of a root that several daemons serve (common/store/logstore.h; SCALE.md says how it is set up).
 *
 * An address is what libpq takes, a URL or keywords: "postgres://foyer@db1,db2/foyer?target_session_attrs=read-write". Several
 * hosts may be named; the one that can be written is used. A process has one connection for writing and reading each practice,
 * however many Stores it opens, and one more for each Store that waits for news.
 *
 * All of libpq is in this folder.
 */
#pragma once

#include "common/store/logstore.h"

/* postgres_driver: for Env.log. Valid for ever. postgres_env: the system's Env with it. */
const LogDriver *postgres_driver(void);
const Env *postgres_env(void);

/* postgres_prepare: make the tables, if they are not there, and the line of the practice whose root has this key.
 * errors  ERR_NETWORK; ERR_DENIED the account may not; ERR_DOWNGRADE the tables are of a newer Foyer; ERR_CONFLICT this practice
 *         has moved away from there (postgres_leave) */
MUST_CHECK Err postgres_prepare(const Env *env, const char *address, const uint8_t practice_key[SIGN_PUBLIC_SIZE]);
/* postgres_leave: whoever still follows the log there can no longer write (ERR_NOT_FOUND). */
MUST_CHECK Err postgres_leave(const Env *env, const char *address, const uint8_t practice_key[SIGN_PUBLIC_SIZE]);
