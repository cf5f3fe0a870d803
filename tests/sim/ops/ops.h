/* What people do at a node: one file for each kind. To add one: a function, a line in OPS_TABLE, and its file. */
#pragma once

#include "common/practice/client.h"
#include "tests/sim/model.h"

enum { CLIENTS_MAX = 512 };

typedef struct Ops { /* what there is to work with; some of it may not have reached a node yet */
  Uuid clients[CLIENTS_MAX], visits[CLIENTS_MAX], tasks[CLIENTS_MAX];
  uint64_t client_count, visit_count, task_count; /* ever made; the newest are kept */
} Ops;

/* X(bit, function, weight) */
#define OPS_TABLE(X)                                              \
  X(OP_CLIENT_ADD, client_add_op, 10)                             \
  X(OP_CLIENT_EDIT, client_edit_op, 30) /* concurrent, often */   \
  X(OP_CONTACT, client_contact_op, 20)                            \
  X(OP_COVERAGE, client_coverage_op, 8)                           \
  X(OP_LINK, client_link_op, 3)                                   \
  X(OP_IDENTIFIER, identifier_op, 6) /* one value, taken twice */ \
  X(OP_VISIT, visit_add_op, 12)                                   \
  X(OP_VISIT_MOVE, visit_move_op, 14)                             \
  X(OP_CHECKIN, checkin_op, 4)                                    \
  X(OP_TASK, task_op, 12)                                         \
  X(OP_POSTING, posting_op, 14)                                   \
  X(OP_ATTACHMENT, attachment_op, 3)                              \
  X(OP_PURGE, purge_op, 4)                                        \
  X(OP_BULK, bulk_op, 1) /* one large transaction */
#define OPS_NAME(id, function, weight) id,
typedef enum OpKind { OPS_TABLE(OPS_NAME) OP_KINDS } OpKind;
#undef OPS_NAME

typedef void OpFunction(SimNode *node, Rng *rng, Ops *ops);
#define OPS_DECLARE(id, function, weight) OpFunction function;
OPS_TABLE(OPS_DECLARE)
#undef OPS_DECLARE

/* ops_setup: practice, sites, staff, forms: at the root, before anything else. ops_run: operation `number` at a node. */
void ops_setup(Sim *sim);
void ops_run(Sim *sim, int number);

/* ops_pick: one of the newest; false when there is none. ops_keep: a new one. */
bool ops_pick(Rng *rng, const Uuid list[CLIENTS_MAX], uint64_t count, Uuid *out);
void ops_keep(Uuid list[CLIENTS_MAX], uint64_t *count, Uuid id);
Actor ops_staff(const SimNode *node);
/* ops_has: does the node hold this client? */
bool ops_has_client(SimNode *node, Arena *arena, Uuid id, Client *out);
