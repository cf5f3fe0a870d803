/* Verify, back up, restore, snapshot: the replica as a whole. */
#pragma once

#include "common/store/journal.h"

typedef struct VerifyReport {
  uint64_t entries, rows, signatures, postings; /* looked at */
  bool
      scoped; /* the node holds a part of the practice: its rows are not in its journal and cannot be compared with it */
  char fault[512]; /* the first fault found, in words that name the table, row or entry; "" when there is none */
} VerifyReport;

/* verify_store: chains, signatures, tables and versions against a replay of the journal into an empty replica, foreign keys,
 * postings that add up to zero in one currency, attachments' hashes, SQLite's own integrity check.
 * A scoped node is checked as far as that goes: its own chain and signatures, its own unsent changes in its rows, references.
 * ERR_CORRUPT with report->fault set; operating errors otherwise. Changes nothing; other processes may go on writing. */
MUST_CHECK Err verify_store(Store *store, VerifyReport *report);
/* verify_digest: BLAKE2b over every replicated table in primary-key order with versions: equal on nodes that hold the same
 * transactions. */
MUST_CHECK Err verify_digest(Store *store, Hash *out);

/* backup_make: an online copy into the file `path` (must not exist), checked after writing. Without the node's keys. */
MUST_CHECK Err backup_make(Store *store, const char *path);
/* backup_restore: make `folder` (no replica in it) the node again from a backup file and the key file `key_path`. It begins a
 * new epoch (local "epoch", random), so that what other nodes had of it and from it after the backup is asked for again. */
MUST_CHECK Err backup_restore(const char *path, const char *key_path, const char *folder, const Env *env);

/* snapshot_make: a copy for a new downstream node: like a backup without the node's own tables (settings, drafts, sessions);
 * the journal's positions stay, so *head tells the pull cursor that follows it. */
MUST_CHECK Err snapshot_make(Store *store, const char *path, int64_t *head);
/* snapshot_install: take over tables and journal from a snapshot file into a store that has no entries yet. All or nothing. */
MUST_CHECK Err snapshot_install(Store *store, const char *path);
