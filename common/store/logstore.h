/* Log: a journal that lives elsewhere, for a root that several daemons serve. The log holds the entries, their order and what
 * the root keeps about devices, sessions and attachments; each daemon's replica is a view of it, made by reading on. Every
 * write transaction of such a replica takes the practice's lock in the log, reads what it lacks, applies its own change, adds
 * it to the log, commits the log, and only then commits SQLite: the log is never behind a view. Positions are those of the log.
 *
 * What the store asks of a log (sync/log has the one for PostgreSQL). A Store uses its own LogStore from one thread.
 */
#pragma once

#include "common/store/journal.h"

typedef struct LogStore LogStore;
typedef struct LogDriver LogDriver;

typedef struct LogEntry {
  JournalEntry entry;
  Str signature; /* of the author's head at this entry; "" when a batch did not end here */
} LogEntry;

/* LogRow: a row of one of the node's own tables that all who serve the practice must know (logstore_row.c lists them). */
typedef struct LogRow {
  int64_t row; /* running number; a changed row takes a new one */
  int table;
  Str key;   /* its primary key */
  Str value; /* all columns; "" when it was deleted */
} LogRow;

typedef struct LogHere { /* how far the view is */
  int64_t pos;
  Hash hash; /* of the entry at pos; zero at 0 */
  int64_t row;
  int64_t era; /* the newest that was seen (LogEnd) */
} LogHere;

typedef struct LogEnd { /* how far the log is */
  int64_t pos, row;
  bool same;    /* it has the view's newest entry */
  int64_t era;  /* grows with every failover to another server */
  bool suspect; /* first lock after a failover that may have lost what had been acknowledged */
} LogEnd;

typedef struct LogBatch { /* in the caller's arena */
  LogEntry *entries;
  size_t entry_count;
  LogRow *rows; /* ascending by their number */
  size_t row_count;
} LogBatch;

struct LogStore {
  /* lock: take the practice's lock, until commit or cancel. On an error it is not held.
   * errors  ERR_NETWORK not reachable; ERR_BUSY someone else holds it; ERR_NOT_FOUND the practice is not there (any more);
   *         ERR_CONFLICT a server of an older era than `here` has seen: a former primary that is still running */
  Err (*lock)(LogStore *log, const LogHere *here, LogEnd *end);
  /* peek: as lock, without taking it; also of a practice that has moved away. */
  Err (*peek)(LogStore *log, const LogHere *here, LogEnd *end);
  /* read: entries after `pos` and rows after `row`, oldest first, about max_bytes of each; with or without the lock. */
  Err (*read)(LogStore *log, Arena *arena, int64_t pos, int64_t row, size_t max_bytes, LogBatch *out);
  /* hash_at: of the entry at `pos`. ERR_NOT_FOUND. Under the lock. */
  Err (*hash_at)(LogStore *log, int64_t pos, Hash *out);
  /* add: under the lock; positions and rows go on from the end. commit: all that was added, durably, and end the lock. On an
   * error nothing was added and the lock is gone, except ERR_PEER: it is not known whether it was. */
  Err (*add)(LogStore *log, const LogBatch *batch);
  Err (*commit)(LogStore *log);
  void (*cancel)(LogStore *log);
  /* wait: until something may have been added, or for `timeout_ms`. ERR_NETWORK. */
  Err (*wait)(LogStore *log, int timeout_ms);
  void (*close)(LogStore *log);
};

struct LogDriver {
  /* open: `address` as it was given to logstore_attach. Connects when it is first used. */
  Err (*open)(const LogDriver *driver, const Env *env, const char *address,
              const uint8_t practice_key[SIGN_PUBLIC_SIZE], LogStore **out);
};

/* The log's address in the node's settings; a backup does not take it along. */
#define LOCAL_LOG_ADDRESS "log.address"
#define LOCAL_LOG_ROW     "log.row"
#define LOCAL_LOG_ERA     "log.era"

/* logstore_attach: from now on the store (and whoever opens the folder later) is a view of the log at `address`. A log that holds a
 * beginning of this journal, or nothing, is given the rest and the shared rows; one that holds more is read on from. Other
 * connections that are open to the folder refuse to write until they are opened anew. Can be repeated after a failure.
 * errors  ERR_CONFLICT the log is another journal; ERR_UNSUPPORTED this program has no driver
 * logstore_detach: an ordinary replica again, with all that the log has now. Neither inside a transaction. */
MUST_CHECK Err logstore_attach(Store *store, const char *address);
MUST_CHECK Err logstore_detach(Store *store);
/* logstore_join: a new view in `folder`, for one more daemon of the root whose node.key is at `key_path`: it is filled from the log.
 * ERR_EXISTS the folder has a replica; and those of logstore_attach. Nothing is left there after an error. */
MUST_CHECK Err logstore_join(const char *folder, const Env *env, const char *key_path, const char *address,
                             Store **out);
/* logstore_address: "" for an ordinary replica. */
Str logstore_address(Store *store, Arena *arena);

/* logstore_catch_up: read what the log has and the store lacks; nothing to do without a log. Not inside a transaction.
 * errors  those of lock and read; ERR_CORRUPT what it holds does not follow from what is here */
MUST_CHECK Err logstore_catch_up(Store *store);
/* logstore_wait: until there may be news, at most timeout_ms; at once ERR_UNSUPPORTED without a log. */
MUST_CHECK Err logstore_wait(Store *store, int timeout_ms);
/* logstore_age_ms: how long ago the view was known to be whole; 0 without a log, INT64_MAX: never. */
int64_t logstore_age_ms(Store *store);
