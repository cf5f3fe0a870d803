#include "kiosk/ui/field.h"

#include "common/base/crypto.h"

/* joins: does this code point belong to the character before it? (accents, variation selectors, joiners) */
static bool joins(uint32_t c)
{
  return (c >= 0x0300 && c <= 0x036f) || (c >= 0x0591 && c <= 0x05bd) || (c >= 0x064b && c <= 0x065f) || c == 0x0670 ||
         (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) || c == 0x200d ||
         (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xfe20 && c <= 0xfe2f);
}

static size_t next_edge(Str s, size_t at)
{
  uint32_t c;
  if (!utf8_next(s, &at, &c)) return s.len;
  for (;;) {
    size_t after = at;
    if (!utf8_next(s, &after, &c) || !joins(c)) return at;
    at = after;
  }
}

static size_t previous_edge(Str s, size_t at)
{
  size_t edge = 0, last = 0;
  while (edge < at && edge < s.len) {
    last = edge;
    edge = next_edge(s, edge);
  }
  return last;
}

static size_t count_chars(Str s)
{
  size_t count = 0;
  for (size_t at = 0; at < s.len; at = next_edge(s, at)) count++;
  return count;
}

static void cut_out(UiField *field, size_t from, size_t to)
{
  memmove(field->text + from, field->text + to, field->len - to);
  size_t len = field->len - (to - from);
  crypto_wipe(field->text + len, sizeof field->text - len);
  field->len = (uint16_t)len;
  field->cursor = (uint16_t)from;
}

void ui_field_wipe(UiField *field)
{
  uint16_t max_chars = field->max_chars;
  crypto_wipe(field, sizeof *field);
  field->max_chars = max_chars;
}

void ui_field_set(UiField *field, Str text)
{
  ui_field_wipe(field);
  size_t at = 0, chars = 0;
  while (at < text.len && (field->max_chars == 0 || chars < field->max_chars)) {
    size_t next = next_edge(text, at);
    if (next > UI_FIELD_MAX) break;
    at = next;
    chars++;
  }
  if (at > 0) memcpy(field->text, text.ptr, at);
  field->len = field->cursor = (uint16_t)at;
}

bool ui_field_insert(UiField *field, Str text)
{
  char clean[UI_FIELD_MAX];
  size_t len = 0, at = 0;
  uint32_t c;
  bool fits = true;
  while (fits && utf8_next(text, &at, &c)) {
    if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0)) continue;
    char bytes[4];
    size_t n = utf8_encode(c, bytes);
    fits = len + n <= sizeof clean && field->len + len + n <= UI_FIELD_MAX;
    if (fits) memcpy(clean + len, bytes, n);
    if (fits) len += n;
  }
  if (fits && field->max_chars > 0)
    fits = count_chars(ui_field_str(field)) + count_chars((Str){clean, len}) <= field->max_chars;
  if (fits && len > 0) {
    memmove(field->text + field->cursor + len, field->text + field->cursor, (size_t)(field->len - field->cursor));
    memcpy(field->text + field->cursor, clean, len);
    field->len = (uint16_t)(field->len + len);
    field->cursor = (uint16_t)(field->cursor + len);
    field->text[field->len] = '\0';
  }
  crypto_wipe(clean, sizeof clean);
  return fits;
}

void ui_field_backspace(UiField *field)
{
  if (field->cursor == 0) return;
  cut_out(field, previous_edge(ui_field_str(field), field->cursor), field->cursor);
}

void ui_field_delete(UiField *field)
{
  if (field->cursor >= field->len) return;
  cut_out(field, field->cursor, next_edge(ui_field_str(field), field->cursor));
}

bool ui_field_move(UiField *field, int by)
{
  Str s = ui_field_str(field);
  size_t at = field->cursor;
  if (by < 0) at = at > 0 ? previous_edge(s, at) : 0;
  if (by > 0) at = at < s.len ? next_edge(s, at) : s.len;
  bool moved = at != field->cursor;
  field->cursor = (uint16_t)at;
  return moved;
}
