#include "common/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { CAPACITY_FIRST = 64, VARINT_MAX = 10 };

Buf buf_make(size_t max_bytes)
{
  return (Buf){.max_bytes = max_bytes < SIZE_MAX / 4 ? max_bytes : SIZE_MAX / 4};
}

void buf_fini(Buf *buf)
{
  free(buf->data);
  *buf = (Buf){.max_bytes = buf->max_bytes};
}

void buf_clear(Buf *buf)
{
  buf->len = 0;
  buf->err = ERR_OK;
}

uint8_t *buf_grow(Buf *buf, size_t extra)
{
  if (buf->err != ERR_OK) return NULL;
  if (extra > buf->max_bytes - buf->len) {
    buf->err = ERR_TOO_LARGE;
    return NULL;
  }
  size_t least = buf->len + extra + 1; /* 1 for buf_cstr */
  size_t capacity = buf->capacity ? buf->capacity * 2 : CAPACITY_FIRST;
  if (capacity > buf->max_bytes + 1) capacity = buf->max_bytes + 1;
  if (capacity < least) capacity = least;
  uint8_t *data = realloc(buf->data, capacity);
  if (!data) {
    buf->err = ERR_TOO_LARGE;
    return NULL;
  }
  buf->data = data;
  buf->capacity = capacity;
  return data + buf->len;
}

void buf_varint_long(Buf *buf, uint64_t value)
{
  size_t len = (size_t)(64 - __builtin_clzll(value | 1) + 6) / 7;
  uint8_t *at = buf_reserve(buf, len);
  if (!at) return;
  for (size_t i = 0; i + 1 < len; i++) {
    at[i] = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  at[len - 1] = (uint8_t)value;
  buf->len += len;
}

void buf_printf(Buf *buf, const char *fmt, ...)
{
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  uint8_t *at = len > 0 ? buf_reserve(buf, (size_t)len) : NULL;
  if (at) {
    vsnprintf((char *)at, (size_t)len + 1, fmt, again);
    buf->len += (size_t)len;
  }
  va_end(again);
}

const char *buf_cstr(Buf *buf)
{
  if (buf->err != ERR_OK || buf->len == 0) return "";
  buf->data[buf->len] = '\0';
  return (const char *)buf->data;
}

uint64_t reader_varint_long(Reader *reader)
{
  const uint8_t *at = reader->data + reader->at;
  size_t left = reader->failed ? 0 : reader->len - reader->at;
  uint64_t value = 0;
  for (size_t i = 0; i < left && i < VARINT_MAX; i++) {
    uint8_t byte = at[i];
    value |= (uint64_t)(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    bool over_64_bits = i == VARINT_MAX - 1 && byte > 1;
    bool longer_than_needed = i > 0 && byte == 0;
    if (over_64_bits || longer_than_needed) break;
    reader->at += i + 1;
    return value;
  }
  reader->failed = true;
  return 0;
}
