/* Batch: the wire form of a JournalBatch, a field of a message. What the receiver can work out is left out: numbers of
 * entries run on, hashes follow from the chain. */
#pragma once

#include "common/base/buf.h"
#include "common/store/journal.h"

enum { BATCH_ENTRIES_MAX = 1 << 16, BATCH_AUTHORS_MAX = 4096 };

/* batch_encode: within these limits (asserted). */
void batch_encode(Buf *out, const JournalBatch *batch);
/* batch_size: how many bytes batch_encode will write. */
size_t batch_size(const JournalBatch *batch);
/* batch_decode: ERR_CORRUPT. Bodies are views. */
MUST_CHECK Err batch_decode(Arena *arena, Str bytes, JournalBatch *out);
