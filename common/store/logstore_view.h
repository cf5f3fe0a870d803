/* The view: what a log says, applied to this replica. For the store room alone. */
#pragma once

#include "common/store/logstore_row.h"
#include "common/store/replay.h"

/* log_open: set store->log. log_close is always safe. */
MUST_CHECK Err logstore_open(Store *store, const char *address);
void logstore_close(Store *store);

/* logstore_enter: take the log's lock with the view at its end. logstore_leave: safe without it. logstore_add: before SQLite's COMMIT: tell the log
 * what this transaction has added, if it has (*added); ends the lock. On an error nothing may be committed. */
MUST_CHECK Err logstore_enter(Store *store);
MUST_CHECK Err logstore_add(Store *store, bool *added);
void logstore_leave(Store *store);

MUST_CHECK Err logstore_here(Store *store, LogHere *out);
MUST_CHECK Err logstore_hash_here(Store *store, int64_t pos, Hash *out); /* zero at 0 */
/* log_entries_after: of this replica's journal, with their signatures, about max_bytes. */
MUST_CHECK Err logstore_entries_after(Store *store, Arena *arena, int64_t after, size_t max_bytes, LogBatch *out);

/* logstore_view_apply: entries that go on from the view's end (those that are here already are skipped) and rows, in one transaction. */
MUST_CHECK Err logstore_view_apply(Store *store, const LogBatch *batch);
/* logstore_view_new_epoch: under the lock, which ends with it: what was acknowledged may be lost, so devices have to offer it again. */
MUST_CHECK Err logstore_view_new_epoch(Store *store);
/* logstore_view_rewind: under the lock, which ends with it: the log has lost what this view holds. The view is made that of the log, a new
 * epoch begins unless one has, and what the log has lost is added to it again, as far as it still follows. */
MUST_CHECK Err logstore_view_rewind(Store *store, const LogHere *here, const LogEnd *end);
