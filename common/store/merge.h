/* Merge: applying transactions that were written elsewhere. Last writer wins for each column group by (HLC, node).
 *
 * Applying is idempotent and, for any order that respects causality, gives byte-identical tables. An overwritten edit whose
 * author had not been seen by the winner is recorded in `overwrite` for staff to review, equally on every node.
 */
#pragma once

#include "common/store/journal.h"

typedef struct MergeReport {
  size_t applied;    /* entries new to this node */
  size_t duplicate;  /* known already */
  size_t overwrites; /* concurrent edits that lost */
  size_t unknown;    /* changes kept for after an upgrade: table or column not known here */
} MergeReport;

/* merge_apply: all of them or none, in one SQLite transaction, with local_set calls made by `also` (may be NULL: a cursor) in it.
 *
 * entries  each author's in order; the neighbour's order kept. `via` of each says where they came from; pos and hash are
 *          not looked at
 * heads    each author's head after these entries, with a signature (public keys come from the table `node`, or from the
 *          entries themselves: an author's node row may be among them); authors without a head here are refused
 * errors   ERR_GAP    an entry before these is missing, or one that its author had seen; nothing applied
 *          ERR_FORK   the same (node, seq) with another hash: a cloned disk; nothing applied
 *          ERR_CORRUPT a body that does not decode, a chain that does not match the head, or a bad signature
 *          ERR_CLOCK  a stamp too far ahead of the time here, and of the newest stamp that is known here
 *          ERR_DENIED an author that is not enrolled; ERR_REVOKED brought by a node (via, or the author) that was revoked
 *          ERR_BUSY, ERR_NO_SPACE, ERR_IO */
typedef Err MergeAlso(Store *store, void *context);
MUST_CHECK Err merge_apply(Store *store, const JournalEntry entries[], size_t count, const Head heads[],
                           size_t head_count, MergeAlso *also, void *context, MergeReport *report);

/* merge_apply_as_is: merge_apply without ERR_CLOCK: for what comes from the upstream, whose time counts, and for what cannot be
 * given another stamp any more, as others have seen it. */
MUST_CHECK Err merge_apply_as_is(Store *store, const JournalEntry entries[], size_t count, const Head heads[],
                                 size_t head_count, MergeAlso *also, void *context, MergeReport *report);

/* merge_restamp: give our own entries that are newer than `after_pos` fresh stamps that are not ahead of `upstream_now`,
 * keeping their order, flagged JOURNAL_RESTAMPED, and correct the row versions. For a node whose clock was ahead. All or
 * nothing; it makes all tables anew, at about 100,000 rows a second. Not inside a Tx.
 * errors  ERR_CONFLICT another node has seen one of them; ERR_CLOCK what others wrote here is ahead of upstream_now too */
MUST_CHECK Err merge_restamp(Store *store, int64_t after_pos, Instant upstream_now, size_t *restamped);

typedef struct Overwrite {
  uint32_t table;
  const char *table_name;
  Uuid id;
  const char *group; /* column group's name, or the column's */
  NodeId lost_node, won_node;
  Hlc lost_hlc, won_hlc;
  Str lost_json, won_json; /* {"column": value, ...}; won_json is empty when a deletion won */
} Overwrite;
/* merge_overwrites: those not reviewed yet, newest first. One that lost to the same values is not listed; one that a later edit
 * by someone who knew it has settled is gone. Lives in the arena. */
MUST_CHECK Err merge_overwrites(Store *store, Arena *arena, size_t max_count, Overwrite **list, size_t *count);
/* merge_review: staff has looked at it, at this node: not listed here again. */
MUST_CHECK Err merge_review(Store *store, const Overwrite *overwrite);
/* merge_take: write the values that lost as an edit of this Tx, which knows both: decided everywhere, and the list is one shorter.
 * errors  ERR_NOT_FOUND it was settled meanwhile, or the row is gone; ERR_CONFLICT the table is append-only */
MUST_CHECK Err merge_take(Tx *tx, const Overwrite *overwrite);
/* merge_who: who wrote what a stamp names, as far as it is among the newest entries (some ten thousand); the system when it is not. */
MUST_CHECK Err merge_who(Store *store, Arena *arena, NodeId node, Hlc hlc, Actor *out);
