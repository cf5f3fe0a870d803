/* Raw: SQLite files that are not opened as a Store: backups, snapshots, and a Store's own file for copying. For the store room
 * alone.
 */
#pragma once

#include "common/store/internal.h"

typedef struct Raw {
  sqlite3 *db;
} Raw;

/* raw_open: `flags` as SQLite's (SQLITE_OPEN_READONLY ...). ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT. raw_fini is always safe. */
MUST_CHECK Err raw_open(Raw *raw, const char *path, const Env *env, int flags);
void raw_fini(Raw *raw);
MUST_CHECK Err raw_err(Raw *raw, int rc, const char *what);
/* raw_exec: text without rows; a '?1' is bound to `text` unless that is NULL. */
MUST_CHECK Err raw_exec(Raw *raw, const char *sql, const char *text);
/* raw_int: the first value of the first row; 0 when there is none. raw_text: likewise, into the arena. */
MUST_CHECK Err raw_int(Raw *raw, const char *sql, int64_t *out);
MUST_CHECK Err raw_text(Raw *raw, const char *sql, Arena *arena, const char **out);
/* raw_compact: the store's own file as it is at one moment, compacted, into a file that is not there yet. */
MUST_CHECK Err raw_compact(const Store *store, const char *path);
/* raw_sync: the file and its folder are on the disk when it returns; readable by its owner alone. */
MUST_CHECK Err raw_sync(const char *path);
/* raw_prepares: could this statement be prepared if the file had the schema that the migrations make? */
bool raw_prepares(const Migration migrations[], size_t count, const char *sql);
/* store_file: path of a store's database file in `folder`. store_key_file: likewise. In the arena. */
const char *store_file(Arena *arena, const char *folder);
const char *store_key_file(Arena *arena, const char *folder);
