/* What both ends of a scope share: the rows of a rule as a set. For the store room alone. */
#pragma once

#include "common/store/internal.h"
#include "common/store/scope.h"

typedef struct ScopeId {
  Uuid id, person; /* person nil: nobody's */
} ScopeId;

typedef struct ScopeSet { /* ascending by id */
  ScopeId *list;
  size_t count;
  bool read;
} ScopeSet;

int uuid_order(const Uuid *a, const Uuid *b);
/* scope_set_read: the rows of a rule, in the arena. */
MUST_CHECK Err scope_set_read(Store *store, Arena *arena, const ScopeRule *rule, const ScopeOf *of, ScopeSet *out);
/* scope_set_find: NULL when it is not among them. */
const ScopeId *scope_set_find(const ScopeSet *set, Uuid id);
/* scope_rule_of: the rule of a table; NULL when its rows are in no scope. */
const ScopeRule *scope_rule_of(const ScopeRules *rules, const Table *table);
/* scope_columns: the bits of a rule's columns. */
uint64_t scope_columns(const ScopeRule *rule, const Table *table);

/* Settings of a scoped node that its own store room keeps. */
#define SCOPE_PLACE  "scope.place"
#define SCOPE_FORMAT "scope.format" /* version of the schema that its rows were taken with */
#define SCOPE_OF     "scope.of"     /* site, from, to */
#define SCOPE_OWN    "scope.own"    /* seq of our newest entry that the upstream is known to have */
#define SCOPE_WHOLE  "scope.whole"  /* the same, when the whole began that is under way; -1: none is */
#define SCOPE_HLC    "scope.hlc"    /* newest stamp of a row that was told */
#define SCOPE_CHAIN  "scope.chain"  /* seq, hlc and hash of our newest entry that is no longer in the journal */
#define SCOPE_DIRTY  "scope.dirty"  /* something was evicted that may still be readable in the file */

typedef struct ScopeChain {
  uint64_t seq;
  Hlc hlc;
  Hash hash;
} ScopeChain;
/* scope_chain: where the journal's own chain begins; seq 0: at its very beginning. */
MUST_CHECK Err scope_chain(Store *store, ScopeChain *out);
/* scope_restamped: our entry that was stamped `old` has the stamp `fresh` now: in the versions of the rows it touched. */
MUST_CHECK Err scope_restamped(Store *store, Str body, Stamp old, Stamp fresh);
/* scope_verify: what can be told of a scoped node by itself: its own chain and signatures, versions that decode, and that what
 * it has written and not sent is in its rows. ERR_CORRUPT with the first fault in err_detail. Counts what it has looked at. */
MUST_CHECK Err scope_verify(Store *store, uint64_t *entries, uint64_t *signatures, uint64_t *rows);
/* scope_newest: newest stamp that rows or authors have here. */
Hlc scope_newest(Store *store);
