/* Scope: a node that may hold a part of the practice only. It is given rows with their versions instead of the journal; its own
 * journal holds what it has written itself. Which rows belong to a scope is declared by the domain (common/practice/scope.h) as
 * rules, which both ends go by: the upstream tells what has changed among them (scope_part), the device takes it and evicts what
 * no longer belongs (scope_take). JOURNAL.md, "Scoped nodes".
 */
#pragma once

#include "common/base/date.h"
#include "common/store/journal.h"
#include "common/store/query.h"

/* The local setting that says that this node is a scoped one, set at enrolment: "lobby"; "" for one that holds everything. */
#define LOCAL_SCOPE "scope"
bool store_is_scoped(Store *store);

/* What a changed row of a table may bring into the scope besides itself. */
typedef enum ScopeOpens {
  SCOPE_OPENS_NOTHING,
  SCOPE_OPENS_PERSON, /* all rows of the person that it names */
  SCOPE_OPENS_ALL     /* anything: the whole is told again. For what changes seldom */
} ScopeOpens;

typedef struct ScopeRule {
  const char *table;
  const char
      *columns; /* those that are given, a space between; NULL: all. The others hold their defaults at the device */
  /* Result columns: id, and person: the client whose row it is, or NULL. Of the names :site, :node, :author (the number as four
   * bytes, as it stands in a version), :from and :to (days, the second one excluded) those that it mentions are bound. */
  const Sql *rows;
  ScopeOpens opens;
  bool dated;  /* depends on the days: told again when they move on */
  bool notice; /* depends on columns of the row itself: a change may take it out, and the device has to be told */
  bool anchor; /* what the device has written about such a row goes from its journal when the row goes */
  /* Called for each evicted row, inside the transaction: the domain's own tables. May be NULL. */
  Err (*evicted)(Store *store, Uuid id);
} ScopeRule;

typedef struct ScopeRules {
  const ScopeRule *list;
  size_t count;
} ScopeRules;

typedef struct ScopeOf { /* whose scope */
  NodeId node;
  Uuid site;
  char from[DATE_TEXT_LEN + 1], to[DATE_TEXT_LEN + 1];
} ScopeOf;

typedef struct ScopeRow {
  uint32_t table;
  Uuid id;
  bool left; /* it does not belong (any more); nothing else is said */
  Str v;     /* versions of its groups */
  Str edit;  /* columns that are given as a varint, then their values as in a body */
} ScopeRow;

typedef struct ScopeSeen { /* how far the rows go of what an author has written */
  NodeId node;
  uint64_t seq;
  Hlc hlc;
} ScopeSeen;

/* ScopePart: what a scoped node is told at once. */
enum {
  SCOPE_BEGINS = 1, /* of a whole: rows that are not told until it ends do not belong */
  SCOPE_ENDS = 2,
  SCOPE_AMID = 4 /* more of the whole, or of the days, is to come: nothing is evicted yet */
};
typedef struct ScopePart {
  unsigned flags;
  ScopeOf of;
  ScopeRow *rows;
  size_t count;
  ScopeSeen *seen;
  size_t seen_count;
  uint64_t own_seq; /* the device's newest entry that these rows know of; 0: none */
  Hlc own_hlc;
  Hash own_hash;
  Str place; /* where to go on after it; opaque to the device */
  bool more; /* there is more to be told at once */
  bool own;  /* it tells the device that entries of its own have come: not sent, for the upstream alone */
} ScopePart;

enum { SCOPE_PLACE_MAX = 64, SCOPE_ROWS_MAX = 1 << 14, SCOPE_SEEN_MAX = 1 << 16 };

/* scope_part: at the upstream: what `of` is to be told that was told up to `place` ("" or one that no longer holds: everything,
 * from the beginning), about max_bytes of it. Its cost grows with what has changed since and with what the scope holds, not
 * with what there is. *served: position of the newest entry of this node itself that it tells of, 0 for none. Not inside a
 * transaction. */
MUST_CHECK Err scope_part(Store *store, Arena *arena, const ScopeRules *rules, const ScopeOf *of, Str place,
                          size_t max_bytes, ScopePart *out, int64_t *served);

typedef struct ScopeReport {
  size_t changed; /* rows that are different here now */
  size_t evicted;
} ScopeReport;

/* scope_take: at the device: all of it or nothing, in one transaction, with the place. The state of a row becomes the one that is
 * told with our entries upon it that the upstream had not known of, just as they will merge there. What these have touched
 * is not evicted before the upstream knows of them. `also` (may be NULL) sets local settings in the same transaction.
 * errors  ERR_CORRUPT what makes no sense; ERR_FORK the upstream knows entries of ours that we do not; operating ones */
MUST_CHECK Err scope_take(Store *store, const ScopeRules *rules, const ScopePart *part,
                          Err (*also)(Store *store, void *context), void *context, ScopeReport *report);
/* scope_place_pos: the position in the journal that a place stands for; 0 for one that is not understood. */
int64_t scope_place_pos(Str place);
/* scope_place: what to ask with next; "" when nothing was told yet, or when it has to begin anew. Lives in the arena. */
Str scope_place(Store *store, Arena *arena);
/* scope_begin_anew: after the upstream has become another one. */
MUST_CHECK Err scope_begin_anew(Store *store);
/* scope_age: at the device, without the upstream: evict what is too old by `from`, a day that is later than the one told last;
 * earlier ones change nothing. */
MUST_CHECK Err scope_age(Store *store, const ScopeRules *rules, const char *from, size_t *evicted);
/* scope_sweep: attachments' bytes that no row here names: for when the upstream has said that it lacks none of ours. */
MUST_CHECK Err scope_sweep(Store *store);
/* scope_wipe: after an eviction: write the file anew without what was evicted, and empty the log beside it. *done is false when
 * other processes were in the way: try again. Cheap when there is nothing to do. Not inside a transaction. */
MUST_CHECK Err scope_wipe(Store *store, bool *done);

/* scope_set_aside: our entry `seq`, which the upstream refuses, leaves the journal; those after it close up, as nobody has seen
 * them. It is kept, sealed, for people to look at (scope_aside_count), and what it did here is undone.
 * ERR_NOT_FOUND; ERR_CONFLICT the upstream knows it already */
MUST_CHECK Err scope_set_aside(Store *store, uint64_t seq, Str reason);
MUST_CHECK Err scope_aside_count(Store *store, int64_t *count);
