/* Model: what must be true, from what was done. It shares nothing with what it checks: operations tell it what they have committed; of
 * the nodes it reads tables by plain SQL over a connection of its own (the spy), and the journal's bytes by JOURNAL.md.
 */
#pragma once

#include "common/base/uuid.h"
#include "tests/sim/sim.h"

enum { AUTHORS_MAX = 32, VALUE_MAX = 48 };

/* Operations: begin, say what it writes, and how it ended.
 * op_begin      what the node's people know now is what this operation has seen
 * op_text       it sets a column to a text that no other operation ever sets
 * op_added      it adds a row of an append-only table, whatever is in it: as it is then, it must be everywhere for ever
 * op_deleted    it deletes a row
 * op_child      it adds a row that refers to this one, which therefore may come back after a deletion
 * op_end        ERR_OK: it is committed. Otherwise: it has not happened, or, if the power failed or the disk did, perhaps it has */
typedef struct Op Op;
Op *op_begin(SimNode *node, const char *what);
void op_text(Op *op, const char *table, Uuid id, const char *column, const char *text);
void op_added(Op *op, const char *table, Uuid id);
void op_deleted(Op *op, const char *table, Uuid id);
void op_child(Op *op, const char *table, Uuid id);
void op_end(Op *op, Err err);
/* op_value: "w<operation><letter>": a text for op_text. */
void op_value(Op *op, char letter, char out[VALUE_MAX]);

Model *model_new(Sim *sim);
/* model_open: the node's file is there (again): the spy reads it from the beginning. model_close: before the file is closed.
 * `forget`: it may know less than before (it is another disk). */
void model_open(SimNode *node);
void model_close(SimNode *node);
void model_forget(SimNode *node);
/* model_follow: read on in the node's journal, and check it. Returns its newest position. */
int64_t model_follow(SimNode *node);
/* model_revoked_at: does this node's table say that the device is revoked? */
bool model_revoked_at(SimNode *node, NodeId device);
/* model_live: must it have everything in the end? */
bool model_live(const SimNode *node);
/* model_check: after the links have healed. The checks are in checks.c. */
void model_check(Sim *sim);

/* For checks.c. */
typedef struct Entry {
  uint64_t content; /* hash of stamp and body; 0: never seen */
  uint64_t body;    /* of the body behind its flags: what a new stamp leaves as it was */
  uint32_t holders; /* bits of nodes that have it */
} Entry;
typedef struct SimAuthor {
  NodeId id;
  Entry *entries; /* by seq - 1 */
  size_t count, capacity;
  bool forked; /* two may have written under this name */
} SimAuthor;
typedef struct Write {
  int author;
  uint64_t seq; /* 0: not known whether it has happened */
  int operation;
  uint32_t *seen; /* by author: newest seq */
  uint64_t body;  /* of its entry */
  char text[VALUE_MAX];
  bool single; /* the operation made one entry */
  struct Write *next, *next_of_row;
} Write;
typedef struct Cell {
  const char *column;
  Write *writes;
  struct Cell *next;
} Cell;
typedef struct SimRow {
  const char *table;
  Uuid id;
  Cell *cells;
  Write *added, *deleted, *all; /* lists */
  uint64_t content;             /* of an append-only row */
  bool has_children;
  struct SimRow *next, *next_in_bucket;
} SimRow;
enum { BUCKETS = 1 << 14 };
struct Model {
  Sim *sim;
  Arena arena;
  SimAuthor authors[AUTHORS_MAX];
  int author_count;
  uint64_t known[SIM_NODES_MAX][AUTHORS_MAX];  /* how far each node has each author */
  uint64_t before[SIM_NODES_MAX][AUTHORS_MAX]; /* the same, before the file was closed */
  uint8_t chain[SIM_NODES_MAX][AUTHORS_MAX][32];
  Op *maybe[SIM_NODES_MAX]; /* the last operation, if it is not known what became of it */
  SimRow *rows;
  SimRow *buckets[BUCKETS];
  size_t row_count;
};
int model_author(Model *model, NodeId id);
/* row_content: hash of all columns but `v`, by plain SQL; 0: there is no such row. */
uint64_t row_content(SimNode *node, const char *table, Uuid id);
bool write_lives(const Model *model, const Write *write);
