#include "common/base/str.h"

bool str_eq(Str a, Str b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eq_c(Str a, const char *b)
{
  return str_eq(a, str_c(b));
}

static char ascii_lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_ascii_nocase(Str a, Str b)
{
  if (a.len != b.len) return false;
  for (size_t i = 0; i < a.len; i++) {
    if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i])) return false;
  }
  return true;
}

bool str_starts(Str s, Str prefix)
{
  return s.len >= prefix.len && str_eq((Str){s.ptr, prefix.len}, prefix);
}

static bool is_ascii_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Length of the white space at the start or the end of `s`: 0, 1, or 2 for U+00A0. */
static size_t space_at_start(Str s)
{
  if (s.len >= 1 && is_ascii_space(s.ptr[0])) return 1;
  return s.len >= 2 && memcmp(s.ptr, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

static size_t space_at_end(Str s)
{
  if (s.len >= 1 && is_ascii_space(s.ptr[s.len - 1])) return 1;
  return s.len >= 2 && memcmp(s.ptr + s.len - 2, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

Str str_trim(Str s)
{
  size_t n;
  while ((n = space_at_start(s)) > 0) s = (Str){s.ptr + n, s.len - n};
  while ((n = space_at_end(s)) > 0) s.len -= n;
  return s;
}

Str str_cut(Str *s, char separator)
{
  const char *at = s->len ? memchr(s->ptr, separator, s->len) : NULL;
  Str before = *s;
  if (!at) {
    *s = (Str){s->ptr ? s->ptr + s->len : NULL, 0};
    return before;
  }
  before.len = (size_t)(at - s->ptr);
  *s = (Str){at + 1, s->len - before.len - 1};
  return before;
}

bool str_to_int64(Str s, int64_t *out)
{
  bool negative = s.len > 0 && s.ptr[0] == '-';
  size_t i = negative ? 1 : 0;
  if (i >= s.len) return false;
  int64_t value = 0; /* built downwards, since the lowest number has no positive counterpart */
  for (; i < s.len; i++) {
    if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    if (__builtin_mul_overflow(value, 10, &value)) return false;
    if (__builtin_sub_overflow(value, s.ptr[i] - '0', &value)) return false;
  }
  if (!negative && __builtin_sub_overflow(0, value, &value)) return false;
  *out = value;
  return true;
}

/* Well-formed sequences by first byte (Unicode 15, table 3-7): length, and the range of the second byte. */
static size_t sequence_len(uint8_t first, uint8_t *low, uint8_t *high)
{
  *low = 0x80;
  *high = 0xbf;
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) {
    if (first == 0xe0) *low = 0xa0;
    if (first == 0xed) *high = 0x9f;
    return 3;
  }
  if (first == 0xf0) *low = 0x90;
  if (first == 0xf4) *high = 0x8f;
  return first < 0xf5 ? 4 : 0;
}

/* Decodes the sequence at the start of at[0..left): its length, 0 when malformed. */
static size_t decode(const uint8_t *at, size_t left, uint32_t *code_point)
{
  uint8_t low, high;
  size_t len = sequence_len(at[0], &low, &high);
  if (len == 0 || len > left) return 0;
  if (len == 1) {
    *code_point = at[0];
    return 1;
  }
  if (at[1] < low || at[1] > high) return 0;
  uint32_t value = at[0] & (0x7fU >> len);
  for (size_t i = 1; i < len; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
    value = value << 6 | (at[i] & 0x3fU);
  }
  *code_point = value;
  return len;
}

bool utf8_next(Str s, size_t *offset, uint32_t *code_point)
{
  if (*offset >= s.len) return false;
  size_t len = decode((const uint8_t *)s.ptr + *offset, s.len - *offset, code_point);
  if (len == 0) *code_point = 0xfffd;
  *offset += len ? len : 1;
  return true;
}

bool utf8_valid(Str s)
{
  for (size_t at = 0; at < s.len;) {
    uint32_t code_point;
    size_t len = decode((const uint8_t *)s.ptr + at, s.len - at, &code_point);
    if (len == 0 || code_point == 0) return false;
    at += len;
  }
  return true;
}

size_t utf8_encode(uint32_t c, char out[4])
{
  if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = 0xfffd;
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xc0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3f));
  out[2] = (char)(0x80 | (c >> 6 & 0x3f));
  out[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

size_t utf8_count(Str s)
{
  size_t count = 0;
  uint32_t code_point;
  for (size_t at = 0; utf8_next(s, &at, &code_point);) count++;
  return count;
}
