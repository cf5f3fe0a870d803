/* Buf: a growable byte buffer with a stated maximum and a sticky error, checked once. Reader: its counterpart.
 * Integers are little-endian; varint is LEB128 (7 bits a byte, least significant first, at most 10 bytes). */
#pragma once

#include <endian.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/str.h"

typedef struct Buf {
  uint8_t *data;
  size_t len;
  size_t capacity;
  size_t max_bytes;
  Err err; /* ERR_TOO_LARGE once something did not fit (or memory ran out); later writes are ignored */
} Buf;

/* buf_make: an empty buffer that will not grow beyond max_bytes. Allocates nothing until used. */
Buf buf_make(size_t max_bytes);
void buf_fini(Buf *buf);
/* buf_clear: forget the contents and the error, keep the memory. */
void buf_clear(Buf *buf);
/* buf_reserve: room for `extra` more bytes; returns where they go (advance buf->len after writing), NULL on error. */
static inline uint8_t *buf_reserve(Buf *buf, size_t extra);

static inline void buf_u8(Buf *buf, uint8_t value);
static inline void buf_u16(Buf *buf, uint16_t value);
static inline void buf_u32(Buf *buf, uint32_t value);
static inline void buf_u64(Buf *buf, uint64_t value);
static inline void buf_varint(Buf *buf, uint64_t value);
/* buf_zigzag: a signed number as varint, small magnitudes short. */
static inline void buf_zigzag(Buf *buf, int64_t value);
static inline void buf_bytes(Buf *buf, const void *data, size_t len);
static inline void buf_str(Buf *buf, Str text); /* the bytes alone */
static inline void buf_c(Buf *buf, const char *text);
/* buf_chunk: varint length, then the bytes. */
static inline void buf_chunk(Buf *buf, const void *data, size_t len);
void buf_printf(Buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* buf_cstr: the contents as a NUL-terminated string (the NUL is not counted in len). "" when empty or failed. */
const char *buf_cstr(Buf *buf);
static inline Str buf_view(const Buf *buf)
{
  return (Str){(const char *)buf->data, buf->len};
}

typedef struct Reader {
  const uint8_t *data;
  size_t len;
  size_t at;
  bool failed; /* sticky: read past the end, or a malformed varint (over 64 bits, or longer than its number needs, so
                * that a number has one encoding only); later reads give zeros */
} Reader;

static inline Reader reader_make(const void *data, size_t len)
{
  return (Reader){(const uint8_t *)data, len, 0, false};
}
static inline bool reader_done(const Reader *r)
{
  return r->failed || r->at >= r->len;
}
static inline uint8_t reader_u8(Reader *reader);
static inline uint16_t reader_u16(Reader *reader);
static inline uint32_t reader_u32(Reader *reader);
static inline uint64_t reader_u64(Reader *reader);
static inline uint64_t reader_varint(Reader *reader);
static inline int64_t reader_zigzag(Reader *reader);
/* reader_bytes: a view of the next `len` bytes inside the reader's data; NULL (and failed) if they are not there. */
static inline const uint8_t *reader_bytes(Reader *reader, size_t len);
/* reader_chunk: counterpart of buf_chunk; an empty Str on failure. */
static inline Str reader_chunk(Reader *reader);

/* The short paths are inline: the journal writes and reads nearly everything a byte or a small number at a time. */

/* buf_grow, buf_varint_long, reader_varint_long: the long ways of the functions below; not for callers. */
uint8_t *buf_grow(Buf *buf, size_t extra);
void buf_varint_long(Buf *buf, uint64_t value);
uint64_t reader_varint_long(Reader *reader);

static inline uint8_t *buf_reserve(Buf *buf, size_t extra)
{
  /* capacity stays above len, which leaves room for buf_cstr's NUL. */
  if (buf->err == ERR_OK && extra < buf->capacity - buf->len) return buf->data + buf->len;
  return buf_grow(buf, extra);
}

static inline void buf_bytes(Buf *buf, const void *data, size_t len)
{
  if (len == 0) return;
  uint8_t *at = buf_reserve(buf, len);
  if (!at) return;
  memcpy(at, data, len);
  buf->len += len;
}

static inline void buf_u8(Buf *buf, uint8_t value)
{
  uint8_t *at = buf_reserve(buf, 1);
  if (!at) return;
  *at = value;
  buf->len++;
}

static inline void buf_u16(Buf *buf, uint16_t value)
{
  uint16_t le = htole16(value);
  buf_bytes(buf, &le, sizeof le);
}

static inline void buf_u32(Buf *buf, uint32_t value)
{
  uint32_t le = htole32(value);
  buf_bytes(buf, &le, sizeof le);
}

static inline void buf_u64(Buf *buf, uint64_t value)
{
  uint64_t le = htole64(value);
  buf_bytes(buf, &le, sizeof le);
}

static inline void buf_varint(Buf *buf, uint64_t value)
{
  if (value < 0x80)
    buf_u8(buf, (uint8_t)value);
  else
    buf_varint_long(buf, value);
}

static inline void buf_zigzag(Buf *buf, int64_t value)
{
  buf_varint(buf, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static inline void buf_str(Buf *buf, Str text)
{
  buf_bytes(buf, text.ptr, text.len);
}

static inline void buf_c(Buf *buf, const char *text)
{
  buf_str(buf, str_c(text));
}

static inline void buf_chunk(Buf *buf, const void *data, size_t len)
{
  buf_varint(buf, len);
  buf_bytes(buf, data, len);
}

static inline const uint8_t *reader_bytes(Reader *reader, size_t len)
{
  if (reader->failed || len > reader->len - reader->at) {
    reader->failed = true;
    return NULL;
  }
  const uint8_t *at = reader->data ? reader->data + reader->at : (const uint8_t *)"";
  reader->at += len;
  return at;
}

static inline uint8_t reader_u8(Reader *reader)
{
  const uint8_t *at = reader_bytes(reader, 1);
  return at ? *at : 0;
}

static inline uint16_t reader_u16(Reader *reader)
{
  uint16_t le = 0;
  const uint8_t *at = reader_bytes(reader, sizeof le);
  if (at) memcpy(&le, at, sizeof le);
  return le16toh(le);
}

static inline uint32_t reader_u32(Reader *reader)
{
  uint32_t le = 0;
  const uint8_t *at = reader_bytes(reader, sizeof le);
  if (at) memcpy(&le, at, sizeof le);
  return le32toh(le);
}

static inline uint64_t reader_u64(Reader *reader)
{
  uint64_t le = 0;
  const uint8_t *at = reader_bytes(reader, sizeof le);
  if (at) memcpy(&le, at, sizeof le);
  return le64toh(le);
}

static inline uint64_t reader_varint(Reader *reader)
{
  if (!reader->failed && reader->at < reader->len && reader->data[reader->at] < 0x80) return reader->data[reader->at++];
  return reader_varint_long(reader);
}

static inline int64_t reader_zigzag(Reader *reader)
{
  uint64_t value = reader_varint(reader);
  return (int64_t)((value >> 1) ^ (value & 1 ? UINT64_MAX : 0));
}

static inline Str reader_chunk(Reader *reader)
{
  uint64_t len = reader_varint(reader);
  const uint8_t *at = reader_bytes(reader, len);
  return at ? (Str){(const char *)at, len} : (Str){0};
}
