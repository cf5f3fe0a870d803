/* Str: a sized piece of UTF-8 text that someone else owns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Str {
  const char *ptr; /* not NUL-terminated; may be NULL when len is 0 */
  size_t len;      /* bytes */
} Str;

#define STR(literal) ((Str){("" literal), sizeof(literal) - 1})
#define STR_FMT      "%.*s"
#define STR_ARG(s)   (int)(s).len, ((s).ptr ? (s).ptr : "")

static inline Str str_c(const char *text)
{
  return (Str){text, text ? strlen(text) : 0};
}
static inline bool str_empty(Str s)
{
  return s.len == 0;
}

bool str_eq(Str a, Str b);
bool str_eq_c(Str a, const char *b);
/* str_eq_ascii_nocase: equal but for the case of A-Z. For protocol words, not for people's text. */
bool str_eq_ascii_nocase(Str a, Str b);
bool str_starts(Str s, Str prefix);
/* str_trim: without leading and trailing white space (ASCII and U+00A0). */
Str str_trim(Str s);
/* str_cut: split at the first `separator`; returns what is before it, leaves the rest in *s. */
Str str_cut(Str *s, char separator);
/* str_to_int64: the whole of `s` as a decimal number. False, and *out untouched, if it is not one or does not fit. */
bool str_to_int64(Str s, int64_t *out);

/* utf8_next: decode one code point at *offset and advance; U+FFFD for a malformed byte (advances one byte).
 * Returns false at the end. */
bool utf8_next(Str s, size_t *offset, uint32_t *code_point);
/* utf8_valid: well-formed, without NUL (RFC 3629). */
bool utf8_valid(Str s);
/* utf8_encode: writes 1..4 bytes to `out`, returns their number (U+FFFD for an invalid code point). */
size_t utf8_encode(uint32_t code_point, char out[4]);
/* utf8_count: number of code points. */
size_t utf8_count(Str s);

struct Arena;
/* str_fold: for comparing names as people do: lower case, without accents (Latin, Greek, Cyrillic), apostrophes and
 * hyphens dropped, runs of other white space or punctuation as one space, trimmed. "Mejía-O'Neil" -> "mejiaoneil".
 * Letters of other scripts stay as they are. The result lives in the arena. */
Str str_fold(struct Arena *arena, Str s);
