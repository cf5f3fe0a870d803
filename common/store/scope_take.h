/* The device's side of a scope, shared by its files. For the store room alone. */
#pragma once

#include "common/store/merge_state.h"
#include "common/store/scope_rules.h"

typedef struct OwnChange { /* a change in an entry of ours that the upstream does not know of */
  uint32_t table;
  Uuid id;
  size_t order;
  Stamp stamp;
  Str body; /* of the entry */
  ChangeKind kind;
} OwnChange;

typedef struct OwnChanges { /* ascending by table, id, order */
  Arena arena;
  OwnChange *list;
  size_t count, capacity;
} OwnChanges;

void own_changes_fini(OwnChanges *own);
/* own_changes_read: of our entries after `seq`. */
MUST_CHECK Err own_changes_read(Store *store, uint64_t seq, OwnChanges *out);
/* own_changes_find: the first of a row; NULL when there is none. *count: how many there are. */
const OwnChange *own_changes_find(const OwnChanges *own, uint32_t table, Uuid id, size_t *count);

/* evict: inside store_write_begin, foreign keys off: rows that the rules do not name, unless we have touched them or a row that
 * stays refers to them; and what the journal says of them. `marked`: those that the whole has not told go too. */
MUST_CHECK Err scope_evict(Store *store, const ScopeRules *rules, const ScopeOf *of, const OwnChanges *own, bool marked,
                           uint64_t acknowledged, size_t *evicted);
/* row_ids: of a whole table, in the arena. */
MUST_CHECK Err row_ids(Store *store, Arena *arena, const Table *table, Uuid **list, size_t *count);

/* scope_of_write, scope_of_read: what was told last; false when nothing was. */
MUST_CHECK Err scope_of_write(Store *store, const ScopeOf *of);
bool scope_of_read(Store *store, ScopeOf *of);
