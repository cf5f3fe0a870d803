/* Replay: making the tables anew from the journal. For the store room alone. */
#pragma once

#include "common/store/internal.h"

/* journal_entry_read: from a row of the journal with all its columns; the body is copied into the arena. */
MUST_CHECK Err journal_entry_read(Query *q, Arena *arena, JournalEntry *out);

/* replay_rebuild: inside store_write_begin, with foreign keys off: empty all replicated tables and what merge keeps aside, and
 * apply the journal from its start. What staff have reviewed stays reviewed. */
MUST_CHECK Err replay_rebuild(Store *store);
