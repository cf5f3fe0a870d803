/* Merge into the tables: the state of a row is read from its table or from `shadow`, with its open edits from `overwrite`;
 * merge_row.h changes it; what became of it is written back. For the store room alone.
 */
#pragma once

#include "common/store/internal.h"
#include "common/store/merge_row.h"

typedef struct Reference { /* a foreign key */
  const Table *child, *parent;
  unsigned column; /* id, in child */
} Reference;

typedef struct Merger Merger;
/* MergerSeen: the newest entry of `of` that merger->author had seen with the entry being applied. */
typedef Err MergerSeen(Merger *merger, NodeId of, Hlc *out);

struct Merger {
  Witness witness; /* first: of the author of the change being applied */
  Store *store;
  MergerSeen *seen_of; /* from the store's authors unless someone else keeps count */
  void *seen_context;
  NodeId author;
  Err err;     /* of the witness */
  Arena arena; /* for one change */
  bool any_shadow, any_overwrite;
  Arena names; /* references */
  Reference *references;
  size_t reference_count;
  bool references_read;
  bool nodes_changed; /* a row of `node` was written; whoever caches one clears it */
  size_t overwrites;  /* edits that were overwritten */
  size_t unknown;     /* changes that this program does not know */
};

/* merger_begin: inside store_write_begin, with foreign keys off. merger_fini is always safe. */
MUST_CHECK Err merger_begin(Merger *merger, Store *store);
void merger_fini(Merger *merger);
/* merger_apply: the changes of one entry, whose author has been advanced to it. ERR_CORRUPT when it has no sense. */
MUST_CHECK Err merger_apply(Merger *merger, Stamp stamp, Str body);
/* merger_bury: keep the state of a row that its own author, this node, is about to delete from its table. */
MUST_CHECK Err merger_bury(Merger *merger, const Table *table, Uuid id, Stamp stamp);
/* merger_own: after an own change of this row, which has seen everything, was written to its table. */
MUST_CHECK Err merger_own(Merger *merger, const Table *table, BodyChange *change, Stamp stamp);
/* merger_references: fill in references. merger_is_referenced: does a row in a table refer to this one? */
MUST_CHECK Err merger_references(Merger *merger);
MUST_CHECK Err merger_is_referenced(Merger *merger, const Table *table, const Uuid *id, bool *found);
