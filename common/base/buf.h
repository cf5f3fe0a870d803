/* Buf: a growable byte buffer with a stated maximum and a sticky error, checked once. Reader: its counterpart.
 * Integers are little-endian; varint is LEB128 (7 bits a byte, least significant first, at most 10 bytes). */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

typedef struct Buf {
  uint8_t *data;
  size_t len;
  size_t capacity;
  size_t max_bytes;
  Err err; /* ERR_TOO_LARGE once something did not fit; later writes are ignored */
} Buf;

/* buf_make: an empty buffer that will not grow beyond max_bytes. Allocates nothing until used. */
Buf buf_make(size_t max_bytes);
void buf_fini(Buf *buf);
/* buf_clear: forget the contents and the error, keep the memory. */
void buf_clear(Buf *buf);
/* buf_reserve: room for `extra` more bytes; returns where they go (advance buf->len after writing), NULL on error. */
uint8_t *buf_reserve(Buf *buf, size_t extra);

void buf_u8(Buf *buf, uint8_t value);
void buf_u16(Buf *buf, uint16_t value);
void buf_u32(Buf *buf, uint32_t value);
void buf_u64(Buf *buf, uint64_t value);
void buf_varint(Buf *buf, uint64_t value);
/* buf_zigzag: a signed number as varint, small magnitudes short. */
void buf_zigzag(Buf *buf, int64_t value);
void buf_bytes(Buf *buf, const void *data, size_t len);
void buf_str(Buf *buf, Str text); /* the bytes alone */
void buf_c(Buf *buf, const char *text);
/* buf_chunk: varint length, then the bytes. */
void buf_chunk(Buf *buf, const void *data, size_t len);
void buf_printf(Buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* buf_cstr: the contents as a NUL-terminated string (the NUL is not counted in len). "" when empty or failed. */
const char *buf_cstr(Buf *buf);
static inline Str buf_view(const Buf *buf) { return (Str){(const char *)buf->data, buf->len}; }

typedef struct Reader {
  const uint8_t *data;
  size_t len;
  size_t at;
  bool failed; /* sticky: read past the end, or a malformed varint; later reads give zeros */
} Reader;

static inline Reader reader_make(const void *data, size_t len) { return (Reader){(const uint8_t *)data, len, 0, false}; }
static inline bool reader_done(const Reader *r) { return r->failed || r->at >= r->len; }
uint8_t reader_u8(Reader *reader);
uint16_t reader_u16(Reader *reader);
uint32_t reader_u32(Reader *reader);
uint64_t reader_u64(Reader *reader);
uint64_t reader_varint(Reader *reader);
int64_t reader_zigzag(Reader *reader);
/* reader_bytes: a view of the next `len` bytes inside the reader's data; NULL (and failed) if they are not there. */
const uint8_t *reader_bytes(Reader *reader, size_t len);
/* reader_chunk: counterpart of buf_chunk; an empty Str on failure. */
Str reader_chunk(Reader *reader);
