/* Rows of the node's own tables that go into the log: which, how they are noted as they are written, and how they are written
 * here when they come from there. For the store room alone.
 *
 * A key is the values of the table's leading columns, a value those of all, each as in a journal body (journal_codec.h). A newer
 * program may know more columns: they are at the end, and what a value lacks takes its default.
 */
#pragma once

#include "common/store/internal.h"
#include "common/store/logstore.h"

/* logstore_row_shared: is a row of this table in the log? Of `local` only some keys are: ask logstore_row_setting too. */
bool logstore_row_shared(const char *table);
bool logstore_row_setting(const char *key);
/* logstore_row_is_setting: is this the row of `local` with that key? */
bool logstore_row_is_setting(const LogRow *row, const char *key);

/* logstore_row_note: in the pre-update hook: remember what is being written, in store->log_rows. */
void logstore_row_note(Store *store, sqlite3 *db, int op, const char *table);
/* logstore_row_noted: what was noted in this transaction, without numbers. Views into store->log_rows. */
MUST_CHECK Err logstore_row_noted(Store *store, Arena *arena, LogRow **rows, size_t *count);
void logstore_row_forget(Store *store);

/* logstore_row_apply: inside store_write_begin. */
MUST_CHECK Err logstore_row_apply(Store *store, const LogRow *row);
/* logstore_row_each: every shared row that there is here, some megabytes at a time. Inside a transaction. */
typedef Err LogRowSink(Store *store, const LogBatch *batch, void *context);
MUST_CHECK Err logstore_row_each(Store *store, LogRowSink *sink, void *context);
