/* Row: generated statements that write one row, kept for the next time. For row.c, capture.c and tx.c.
 *
 * Every form numbers its parameters alike: ?1 the id, ?2 the version, ?3... the columns of the mask in ascending order of ids.
 */
#pragma once

#include "common/store/internal.h"

typedef enum RowForm {
  ROW_INSERT,     /* all columns */
  ROW_UPDATE,     /* the columns of the mask, and the version */
  ROW_UPDATE_OWN, /* the same for a Tx: capture.c is asked whether anything differs, and for the version */
  ROW_DELETE,
  ROW_READ,
  ROW_VERSION,
} RowForm;
enum { PARAM_ID = 1, PARAM_VERSION = 2, PARAM_COLUMNS = 3 };

/* row_statement: reset and without bindings of interest; belongs to the store. `columns` matters for the updates alone. */
MUST_CHECK Err row_statement(Store *store, const Table *table, RowForm form, uint64_t columns, sqlite3_stmt **out);
/* row_bind: views must live until row_step. */
void row_bind_id(sqlite3_stmt *stmt, const Uuid *id);
void row_bind_value(sqlite3_stmt *stmt, int parameter, const JournalValue *value);
/* row_step: run a writing statement once and reset it. */
MUST_CHECK Err row_step(Store *store, sqlite3_stmt *stmt, const Table *table);
/* row_default: what a column has when an insert does not name it. */
JournalValue row_default(const Column *column);
