/* Frame: the envelope of what nodes say to one another (sync/PROTOCOL.md): a kind and numbered fields, compressed when that
 * makes it smaller. Reading is safe on any bytes and never expands beyond a stated size.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

enum {
  FRAME_VERSION = 1,
  FRAME_EXPANDED_MAX = 20 << 20, /* a body of JOURNAL_BODY_MAX behind a full batch fits */
  FRAME_WIRE_MAX = FRAME_EXPANDED_MAX + (64 << 10),
  FRAME_COMPRESS_LEAST = 200 /* smaller ones are sent as they are */
};

/* frame_seal: the wire form of `fields` (a sequence of frame_field) of this kind. Lives in the arena.
 * ERR_TOO_LARGE when they are over FRAME_EXPANDED_MAX. */
MUST_CHECK Err frame_seal(Arena *arena, uint8_t kind, Str fields, Str *wire);
/* frame_open: the counterpart. `fields` is a view of `wire` or lives in the arena.
 * errors  ERR_CORRUPT not a frame, or its compressed part is not what it says; ERR_UNSUPPORTED a newer version;
 *         ERR_TOO_LARGE it says that it expands beyond FRAME_EXPANDED_MAX */
MUST_CHECK Err frame_open(Arena *arena, Str wire, uint8_t *kind, Str *fields);

/* Fields: varint tag, then a chunk. A reader skips tags that it does not know. */
void frame_field(Buf *fields, uint32_t tag, Str value);
void frame_field_int(Buf *fields, uint32_t tag, int64_t value); /* zigzag; 0 is left out */
/* frame_next: the next field; false at the end, or when the rest is malformed (reader->failed). */
bool frame_next(Reader *reader, uint32_t *tag, Str *value);
/* frame_int: the value of a field written by frame_field_int; 0 and *bad set when it is malformed. */
int64_t frame_int(Str value, bool *bad);
