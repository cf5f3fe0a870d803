/* Uuid: 128-bit identifiers (RFC 9562). Rows and transactions are named by UUIDv7: time-ordered, made anywhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/env.h"
#include "common/base/str.h"

typedef struct Uuid {
  uint8_t bytes[16];
} Uuid;

enum { UUID_TEXT_LEN = 36 };

/* uuid_v7: 48 bits of env's time, then a 12-bit counter that grows within a millisecond (per process), then random.
 * When the counter is used up the time part moves on; when env's clock goes back by up to a second the counter goes on. */
Uuid uuid_v7(const Env *env);
/* uuid_from_parts: the same name for the same parts on every node (version 8: the first 16 bytes of the BLAKE2b-256 of
 * `domain`'s length as 8 bytes little-endian, `domain` and `parts`).
 * For rows that stand for a relation, so that two nodes that make the same one make the same row. */
Uuid uuid_from_parts(Str domain, const void *parts, size_t len);
/* uuid_text: 8-4-4-4-12 in lower case, NUL-terminated. */
void uuid_text(Uuid id, char out[UUID_TEXT_LEN + 1]);
/* uuid_parse: accepts the 36-character form in any case, optionally behind "urn:uuid:". */
bool uuid_parse(Str text, Uuid *out);
/* uuid_parse_hex: 32 digits without dashes, as blobs are shown (merge_overwrites). */
bool uuid_parse_hex(Str text, Uuid *out);
static inline bool uuid_eq(Uuid a, Uuid b)
{
  return memcmp(a.bytes, b.bytes, 16) == 0;
}
static inline bool uuid_is_nil(Uuid a)
{
  static const Uuid nil = {{0}};
  return uuid_eq(a, nil);
}
