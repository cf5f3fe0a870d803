/* Capture: the journal entry of the open Tx, as it grows. For tx.c.
 *
 * What a Tx inserts and deletes is told to it; of an update the generated statement tells it the old values, through
 * the SQL function foyer_differs, which keeps the statement from writing anything where nothing differs.
 */
#pragma once

#include "common/store/row.h"

struct Capture {
  Buf body;
  size_t head_size; /* of the body, before the first change */
  Uuid previous;    /* for body_change */
  Stamp stamp;
  Instant now;
  Err failed; /* after which the Tx can only be rolled back */
  bool has_deleted;
  bool has_touched_node;              /* the table `node` */
  uint8_t follows[COLUMN_ID_MAX + 1]; /* guesses: the column that is named after this one (tx.c) */

  /* The update under way. */
  const Table *table;
  Uuid id;
  uint64_t given;                         /* columns that it names */
  uint64_t listed;                        /* those and the others of their groups: arguments of foyer_differs */
  JournalValue values[COLUMN_ID_MAX + 1]; /* new ones, by column id; also of an insert */
  bool found;                             /* there is such a row */
  bool changed;                           /* and something was different */
  size_t version_size;
  uint8_t version[VERSION_SIZE_MAX];
};

/* capture_begin: makes store->capture on first use. */
void capture_begin(Store *store, Actor actor, Str action, Str reason, const Seen seen[], size_t seen_count);
bool capture_is_empty(const Capture *capture);
/* capture_insert: capture->table, id, values (all of them). capture_delete: old values. */
void capture_insert(Capture *capture);
void capture_delete(Capture *capture, const Table *table, Uuid id, const JournalValue old[]);
/* capture_mark, capture_undo: forget the changes since. */
typedef struct CaptureMark {
  size_t size;
  Uuid previous;
} CaptureMark;
CaptureMark capture_mark(const Capture *capture);
void capture_undo(Capture *capture, CaptureMark mark);
