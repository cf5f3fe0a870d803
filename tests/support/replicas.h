/* A practice of several nodes that exchange their journals as sync does, without a network: node 0 is the root and has enrolled
 * the others. AUTO(Replicas, r, replicas_fini) = replicas_make(3); */
#pragma once

#include "common/store/merge.h"
#include "tests/support/store_fixture.h"

enum { REPLICAS_MAX = 6 };

typedef struct Replicas {
  TestStore node[REPLICAS_MAX];
  size_t count;
  int64_t cursor[REPLICAS_MAX][REPLICAS_MAX]; /* [from][to]: how much of from's journal `to` has been sent */
} Replicas;

Replicas replicas_make(size_t count);
void replicas_fini(Replicas *r);
/* replicas_send: one batch of at most max_count entries from one to another; *report may be NULL. */
Err replicas_send(Replicas *r, size_t from, size_t to, size_t max_count, MergeReport *report);
/* replicas_settle: send until no one has anything for anyone. */
void replicas_settle(Replicas *r);
/* replicas_assert_equal: the same tables on all, and the same lists of overwritten edits. */
void replicas_assert_equal(Replicas *r);
/* replica_aside: what merge keeps beside the tables, as text: open edits, and shadows. */
const char *replica_aside(Store *store, Arena *arena);

/* replica_enrol: a row for `store` in the table `node`, written by `by`. */
void replica_enrol(Store *by, Store *store, const char *kind);
/* replica_update: one column of one row, in a transaction of its own. */
void replica_update_text(Store *store, const char *table, Uuid id, const char *column, const char *value);
