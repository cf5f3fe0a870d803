#include "sync/protocol/frame.h"

#include <zlib.h>

enum { FLAG_ZLIB = 1, LEVEL = 1, HEAD_MAX = 16 };

static const uint8_t MAGIC[2] = {'F', 'y'};

static size_t put_head(uint8_t *at, uint8_t kind, bool zlib, size_t expanded)
{
  AUTO(Buf, head, buf_fini) = buf_make(HEAD_MAX);
  buf_bytes(&head, MAGIC, sizeof MAGIC);
  buf_u8(&head, FRAME_VERSION);
  buf_u8(&head, kind);
  buf_u8(&head, zlib ? FLAG_ZLIB : 0);
  if (zlib) buf_varint(&head, expanded);
  memcpy(at, head.data, head.len);
  return head.len;
}

Err frame_seal(Arena *arena, uint8_t kind, Str fields, Str *wire)
{
  if (fields.len > FRAME_EXPANDED_MAX) return err_because(ERR_TOO_LARGE, "a frame of %zu bytes", fields.len);
  bool zlib = fields.len >= FRAME_COMPRESS_LEAST;
  uLongf packed = zlib ? compressBound(fields.len) : fields.len;
  uint8_t *out = arena_alloc(arena, HEAD_MAX + packed);
  size_t head = put_head(out, kind, zlib, fields.len);
  if (zlib && compress2(out + head, &packed, (const Bytef *)fields.ptr, fields.len, LEVEL) != Z_OK)
    return err_because(ERR_NO_SPACE, "memory for zlib");
  if (!zlib || packed >= fields.len) {
    head = put_head(out, kind, false, 0);
    packed = fields.len;
    if (fields.len) memcpy(out + head, fields.ptr, fields.len);
  }
  *wire = (Str){(char *)out, head + packed};
  return ERR_OK;
}

/* expand: exactly `size` bytes must come out, and nothing may be left over on either side. */
static Err expand(Arena *arena, Str packed, size_t size, Str *out)
{
  uint8_t *data = arena_alloc(arena, size + 1);
  z_stream z = {.next_in = (Bytef *)(uintptr_t)packed.ptr,
                .avail_in = (uInt)packed.len,
                .next_out = data,
                .avail_out = (uInt)size + 1};
  if (inflateInit(&z) != Z_OK) return err_because(ERR_NO_SPACE, "memory for zlib");
  int code = inflate(&z, Z_FINISH);
  bool whole = code == Z_STREAM_END && z.total_out == size && z.avail_in == 0;
  inflateEnd(&z);
  if (!whole) return err_because(ERR_CORRUPT, "frame: its compressed part does not give %zu bytes", size);
  *out = (Str){(char *)data, size};
  return ERR_OK;
}

Err frame_open(Arena *arena, Str wire, uint8_t *kind, Str *fields)
{
  Reader r = reader_make(wire.ptr, wire.len);
  const uint8_t *magic = reader_bytes(&r, sizeof MAGIC);
  if (!magic || memcmp(magic, MAGIC, sizeof MAGIC) != 0) return err_because(ERR_CORRUPT, "not a frame");
  uint8_t version = reader_u8(&r);
  *kind = reader_u8(&r);
  uint8_t flags = reader_u8(&r);
  if (r.failed) return err_because(ERR_CORRUPT, "frame: cut off");
  if (version != FRAME_VERSION || (flags & ~FLAG_ZLIB))
    return err_because(ERR_UNSUPPORTED, "frame of version %u", version);
  if (!(flags & FLAG_ZLIB)) {
    if (wire.len - r.at > FRAME_EXPANDED_MAX) return err_because(ERR_TOO_LARGE, "frame of %zu bytes", wire.len);
    *fields = (Str){wire.ptr + r.at, wire.len - r.at};
    return ERR_OK;
  }
  uint64_t size = reader_varint(&r);
  if (r.failed) return err_because(ERR_CORRUPT, "frame: cut off");
  if (size > FRAME_EXPANDED_MAX || wire.len > FRAME_WIRE_MAX)
    return err_because(ERR_TOO_LARGE, "frame that expands to %llu bytes", (unsigned long long)size);
  /* zlib's best is 1032:1: a small thing that claims more is not worth the memory. */
  if (size / 1032 > wire.len) return err_because(ERR_CORRUPT, "frame: it cannot expand that far");
  return expand(arena, (Str){wire.ptr + r.at, wire.len - r.at}, size, fields);
}

void frame_field(Buf *fields, uint32_t tag, Str value)
{
  buf_varint(fields, tag);
  buf_chunk(fields, value.ptr, value.len);
}

void frame_field_int(Buf *fields, uint32_t tag, int64_t value)
{
  if (value == 0) return;
  AUTO(Buf, number, buf_fini) = buf_make(16);
  buf_zigzag(&number, value);
  frame_field(fields, tag, buf_view(&number));
}

bool frame_next(Reader *reader, uint32_t *tag, Str *value)
{
  if (reader_done(reader)) return false;
  uint64_t t = reader_varint(reader);
  *value = reader_chunk(reader);
  if (t > UINT32_MAX) reader->failed = true;
  *tag = (uint32_t)t;
  return !reader->failed;
}

int64_t frame_int(Str value, bool *bad)
{
  Reader r = reader_make(value.ptr, value.len);
  int64_t number = reader_zigzag(&r);
  if (!r.failed && r.at == r.len) return number;
  *bad = true;
  return 0;
}
