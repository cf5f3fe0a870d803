/* Replay: making tables anew from a journal, checking its chains on the way. For the store room alone. */
#pragma once

#include "common/store/merge_state.h"

/* journal_entry_read: from a row of the journal with all its columns; the body is copied into the arena. */
MUST_CHECK Err journal_entry_read(Query *q, Arena *arena, JournalEntry *out);

/* journal_locate: position of an entry. ERR_NOT_FOUND. By halving: the entries of one author are in order. */
MUST_CHECK Err journal_locate(Store *store, NodeId node, uint64_t seq, int64_t *pos);

typedef struct ReplayAuthor {
  NodeId node;
  uint64_t seq;
  Hlc hlc;
  Hash hash;
  Seen *seen; /* ascending by node */
  size_t seen_count, seen_capacity;
} ReplayAuthor;

typedef struct Replay {
  Merger merger;
  Arena arena;
  ReplayAuthor *authors; /* ascending by node */
  size_t author_count, author_capacity;
  int64_t pos; /* of the last entry */
} Replay;

/* replay_begin: into the tables of `target`, which are empty, inside its store_write_begin, with foreign keys off; NULL to look
 * at chains alone. */
MUST_CHECK Err replay_begin(Replay *replay, Store *target);
void replay_fini(Replay *replay);
/* replay_chain: the next entry in the order of arrival. ERR_CORRUPT when it cannot follow those before it: its number, stamp,
 * hash or what it has seen; err_detail names it. replay_entry: and apply it. */
MUST_CHECK Err replay_chain(Replay *replay, const JournalEntry *entry);
MUST_CHECK Err replay_entry(Replay *replay, const JournalEntry *entry);
/* replay_author: NULL when it has no entries. */
const ReplayAuthor *replay_author(const Replay *replay, NodeId node);

/* replay_rebuild: inside store_write_begin, with foreign keys off: empty all replicated tables and what merge keeps aside, and
 * apply the journal from its start. What staff have reviewed stays reviewed. */
MUST_CHECK Err replay_rebuild(Store *store);

/* verify_journal: chains and signatures alone. ERR_CORRUPT with the first fault in err_detail. Inside a transaction or not. */
MUST_CHECK Err verify_journal(Store *store);
