/* Merge of one row, in memory: the rules of JOURNAL.md under "Merge" as a function from state and change to state. Knows nothing
 * of SQL. For the store room alone.
 */
#pragma once

#include "common/store/journal_codec.h"
#include "common/store/schema.h"
#include "common/store/version.h"

/* Witness: what the author of the change being applied has seen. */
typedef struct Witness Witness;
struct Witness {
  bool (*saw)(Witness *witness, Stamp edit); /* also true for its own */
};

typedef struct OpenEdit { /* of `overwrite` */
  unsigned group;
  Stamp stamp;
  Str edit;            /* columns as varint, then their values */
  int64_t reviewed_at; /* 0: not yet */
} OpenEdit;

typedef struct RowState {
  Version version;                          /* base.hlc 0: never inserted */
  Stamp deleted;                            /* newest deletion if it is above the base; hlc 0: none */
  JournalValue values[BODY_COLUMN_MAX + 1]; /* by column id; COL_END: never written */
  OpenEdit *open;
  size_t open_count, open_capacity;
} RowState;

static inline bool row_state_alive(const RowState *state)
{
  return state->version.base.hlc != 0 && state->deleted.hlc == 0;
}

/* row_change_complete: make `change` name exactly what merge goes by: known columns, all of an insert, whole groups of an update.
 * What its author did not know gets its default. False when a value is not of its column's type. */
bool row_change_complete(const Table *table, BodyChange *change);
/* row_state_apply: a completed change. Values are views into the change; what is added lives in the arena.
 * Returns how many edits were overwritten: those that stand in `open` now and did not before. */
size_t row_state_apply(Arena *arena, const Table *table, RowState *state, const BodyChange *change, Stamp stamp,
                       Witness *witness);

/* row_state_pack, row_state_unpack: version and values, for `shadow`. unpack: false when malformed; views into `packed`. */
Str row_state_pack(Arena *arena, const RowState *state);
bool row_state_unpack(Str packed, RowState *state);

/* row_edit_pack: columns of one group, for `overwrite`. row_edit_unpack: false when malformed; columns outside the edit keep
 * their value. */
Str row_edit_pack(Arena *arena, uint64_t columns, const JournalValue values[]);
bool row_edit_unpack(Str packed, uint64_t *columns, JournalValue values[]);
