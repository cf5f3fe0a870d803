#include "common/practice/tidy.h"

#include <string.h>

static bool is_space(uint32_t c)
{
  return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
         c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Zero-width joiners stay: Persian and the scripts of India need them. */
static bool is_dropped(uint32_t c)
{
  return c == 0xfeff || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

Str tidy_line(Arena *arena, Str text)
{
  char *out = arena_alloc(arena, text.len * 3 + 1); /* a malformed byte becomes three */
  size_t len = 0, at = 0;
  uint32_t c;
  bool gap = false;
  while (utf8_next(text, &at, &c)) {
    if (is_dropped(c)) continue;
    if (is_space(c)) {
      gap = len > 0;
      continue;
    }
    if (gap) out[len++] = ' ';
    gap = false;
    len += utf8_encode(c, out + len);
  }
  out[len] = '\0';
  return (Str){out, len};
}

Str tidy_c(Arena *arena, const char *text)
{
  return tidy_line(arena, str_c(text));
}

Str tidy_text(Arena *arena, Str text)
{
  char *out = arena_alloc(arena, text.len * 3 + 2);
  size_t len = 0;
  while (!str_empty(text)) {
    Str line = tidy_line(arena, str_cut(&text, '\n'));
    if (line.len) memcpy(out + len, line.ptr, line.len);
    len += line.len;
    out[len++] = '\n';
  }
  while (len > 0 && out[len - 1] == '\n') len--;
  size_t start = 0;
  while (start < len && out[start] == '\n') start++;
  out[len] = '\0';
  return (Str){out + start, len - start};
}

Str tidy_phone(Arena *arena, Str text)
{
  Str line = tidy_line(arena, text);
  char *out = arena_cstr(arena, line);
  for (size_t i = 0; i < line.len; i++)
    if (out[i] == '.' || out[i] == '/') out[i] = '-';
  return (Str){out, line.len};
}

Str tidy_joined(Arena *arena, Str line)
{
  char *out = arena_alloc(arena, line.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < line.len; i++)
    if (line.ptr[i] != ' ') out[len++] = line.ptr[i];
  return (Str){out, len};
}

Str tidy_digits(Arena *arena, Str text)
{
  char *out = arena_alloc(arena, text.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++)
    if (text.ptr[i] >= '0' && text.ptr[i] <= '9') out[len++] = text.ptr[i];
  return (Str){out, len};
}

static bool is_east_asian(Str text)
{
  size_t at = 0;
  uint32_t c;
  if (str_empty(text)) return false;
  while (utf8_next(text, &at, &c)) {
    bool han = (c >= 0x3400 && c <= 0x9fff) || (c >= 0x20000 && c <= 0x3ffff);
    bool kana = c >= 0x3040 && c <= 0x30ff;
    bool hangul = (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff);
    if (!han && !kana && !hangul) return false;
  }
  return true;
}

const char *tidy_full_name(Arena *arena, Str given, Str family)
{
  if (is_east_asian(given) && is_east_asian(family))
    return arena_printf(arena, STR_FMT STR_FMT, STR_ARG(family), STR_ARG(given));
  bool both = !str_empty(given) && !str_empty(family);
  return arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(given), both ? " " : "", STR_ARG(family));
}
