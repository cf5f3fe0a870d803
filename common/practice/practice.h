/* Practice, sites, nodes: the frame that everything else stands in. */
#pragma once

#include "common/base/date.h"
#include "common/base/fault.h"
#include "common/store/tx.h"

/* The setting with the key of the codes that check-in reads: base64url, made with the practice. */
#define PRACTICE_CODE_KEY "checkin_key"
enum { PRACTICE_CODE_KEY_BYTES = 32 };

typedef struct Practice {
  Uuid id;
  const char *name, *vertical, *currency, *language, *accent;
  bool asks_coverage; /* setting "coverage"; without it: not where the vertical has no insurance (law, consulting) */
} Practice;

typedef struct Site {
  Uuid id;
  const char *name, *prefix, *zone, *phone, *waiting_place;
} Site;

typedef struct PracticeNew {
  const char *name, *vertical, *currency, *language, *accent;
  const char *coverage; /* is insurance asked? "yes", "no"; NULL or "": as the vertical has it */
} PracticeNew;
typedef struct SiteNew {
  const char *name, *prefix, *zone, *phone, *waiting_place, *line1, *city, *state, *postal_code, *country;
} SiteNew;

/* practice_add: with its default settings, and the key of the codes that check-in reads (checkin_code). */
MUST_CHECK Err practice_add(Tx *tx, const PracticeNew *input, Faults *faults, Uuid *out);
/* practice_people: what a vertical calls those it serves, "patient" or "client": a sentence whose key ends in "@patient" stands in for the
 * one without. */
const char *practice_people(const char *vertical);
MUST_CHECK Err site_add(Tx *tx, const SiteNew *input, Faults *faults, Uuid *out);
/* practice_get: ERR_NOT_FOUND on a node that has nothing yet. */
MUST_CHECK Err practice_get(Store *store, Arena *arena, Practice *out);
MUST_CHECK Err site_get(Store *store, Arena *arena, Uuid id, Site *out);
MUST_CHECK Err site_list(Store *store, Arena *arena, Site **list, size_t *count);
/* site_here: the site that this node stands at (its own row in `node`); the only site when the practice has one.
 * ERR_NOT_FOUND for a node without a site. */
MUST_CHECK Err site_here(Store *store, Arena *arena, Site *out);
/* site_wall: wall-clock time at a site now. */
MUST_CHECK Err site_wall(const Site *site, Instant now, WallTime *out);

typedef struct Node {
  Uuid id;
  NodeId number;
  const char *name, *kind, *scope;
  Uuid site;
  uint8_t public_key[SIGN_PUBLIC_SIZE];
  Instant enrolled_at, revoked_at; /* 0: not revoked */
} Node;
typedef struct NodeNew {
  const char *name, *kind, *scope; /* kind root|office|lobby; scope practice|site|lobby */
  Uuid site;
  uint8_t public_key[SIGN_PUBLIC_SIZE];
  NodeId upstream;
} NodeNew;
/* node_add: ERR_EXISTS when that number is taken by another key. A new office gets the calendars of its site that this node holds. */
MUST_CHECK Err node_add(Tx *tx, const NodeNew *input, Faults *faults);
MUST_CHECK Err node_get(Store *store, Arena *arena, NodeId number, Node *out);
MUST_CHECK Err node_list(Store *store, Arena *arena, Node **list, size_t *count);
/* node_revoke: at the root, the calendars that it holds go to this node (calendar_seize). */
MUST_CHECK Err node_revoke(Tx *tx, NodeId number);
