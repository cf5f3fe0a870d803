/* What is looked at once everything has healed: one file for each kind of rule. To add one: a function, and a line in CHECKS_TABLE. */
#pragma once

#include "tests/sim/model.h"

#define CHECKS_TABLE(X)                                          \
  X(check_entries) /* everybody has every entry */               \
  X(check_equal)   /* the same tables, to the byte */            \
  X(check_values)  /* no edit lost, none resurrected */          \
  X(check_ledger)  /* every posting adds up to zero */           \
  X(check_revoked) /* those who were put out hold nothing new */ \
  X(check_verify)  /* the product's own opinion */               \
  X(check_blobs)   /* attachments are where their rows are */
typedef void Check(Sim *sim);
#define CHECKS_DECLARE(function) Check function;
CHECKS_TABLE(CHECKS_DECLARE)
#undef CHECKS_DECLARE

/* check_ledger_at: one node, at any time. */
void check_ledger_at(SimNode *node);
/* check_blobs_there: what any of them has, all that keep attachments have. */
bool check_blobs_there(Sim *sim, int *who, int *whose);
/* check_number: the first column of the first row, by plain SQL. */
int64_t check_number(SimNode *node, const char *sql);
