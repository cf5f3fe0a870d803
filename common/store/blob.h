/* Blobs: the bytes of attachments, content-addressed; local, replicated apart from the journal, in pieces. Drafts: what a
 * person has typed and not sent yet, sealed, local. */
#pragma once

#include "common/base/arena.h"
#include "common/store/store.h"

enum { BLOB_MAX = 16 << 20 };

/* blob_put: keep; inside a Tx it is part of it. Known bytes are kept once. */
MUST_CHECK Err blob_put(Store *store, Str bytes, Hash *out);
/* blob_get: ERR_NOT_FOUND when the bytes are not here (yet); ERR_CORRUPT when they do not match. Lives in the arena. */
MUST_CHECK Err blob_get(Store *store, Arena *arena, Hash hash, Str *out);
bool blob_has(Store *store, Hash hash);
/* blob_missing: hashes that rows of `attachment` name and whose bytes are not here. */
MUST_CHECK Err blob_missing(Store *store, Arena *arena, size_t max_count, Hash **out, size_t *count);
/* blob_part: receive a piece at `offset` (must be the current length); *complete once all `size` bytes are there and match. A
 * whole that does not match its hash is dropped: ERR_CORRUPT. ERR_CONFLICT when the piece does not fit to what is here;
 * ERR_TOO_LARGE. Not inside a Tx. blob_part_length: where to go on. */
MUST_CHECK Err blob_part(Store *store, Hash hash, uint64_t size, uint64_t offset, Str piece, bool *complete);
uint64_t blob_part_length(Store *store, Hash hash);

/* draft_save: replace the draft `kind` of `owner` (a client's or visit's id); durable when it returns. Sealed with the node's
 * sealing key and bound to owner and kind. draft_load: ERR_NOT_FOUND; ERR_CORRUPT. */
MUST_CHECK Err draft_save(Store *store, Uuid owner, const char *kind, Str plain);
MUST_CHECK Err draft_load(Store *store, Arena *arena, Uuid owner, const char *kind, Str *plain);
MUST_CHECK Err draft_delete(Store *store, Uuid owner, const char *kind);
/* draft_expire: forget those not touched since. */
MUST_CHECK Err draft_expire(Store *store, Instant before);
