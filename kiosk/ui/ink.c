#include "kiosk/ui/ink.h"

#include <math.h>

#include "common/base/crypto.h"

static int16_t clamp_unit(int value)
{
  if (value < 0) return 0;
  return (int16_t)(value > UI_INK_UNIT ? UI_INK_UNIT : value);
}

static void add_point(UiInk *ink, int x, int y, int64_t monotonic_ms)
{
  if (ink->count == UI_INK_POINTS_MAX) {
    ink->full = true;
    return;
  }
  if (ink->count == 0) ink->began_ms = monotonic_ms;
  int64_t ms = monotonic_ms - ink->began_ms;
  ink->points[ink->count++] = (UiInkPoint){.x = clamp_unit(x),
                                           .y = clamp_unit(y),
                                           .ms = (uint32_t)(ms < 0 ? 0 : ms),
                                           .stroke = (uint16_t)(ink->strokes - 1)};
  ink->generation++;
}

void ui_ink_begin(UiInk *ink, int x, int y, int64_t monotonic_ms)
{
  if (ink->strokes == UI_INK_STROKES_MAX || ink->count == UI_INK_POINTS_MAX) {
    ink->full = true;
    return;
  }
  ink->strokes++;
  ink->down = true;
  add_point(ink, x, y, monotonic_ms);
}

void ui_ink_move(UiInk *ink, int x, int y, int64_t monotonic_ms)
{
  if (!ink->down) return;
  const UiInkPoint *last = &ink->points[ink->count - 1];
  if (last->x == clamp_unit(x) && last->y == clamp_unit(y)) return;
  add_point(ink, x, y, monotonic_ms);
}

void ui_ink_end(UiInk *ink)
{
  ink->down = false;
}

void ui_ink_clear(UiInk *ink)
{
  uint32_t generation = ink->generation + 1;
  uint16_t aspect = ink->aspect_x1000;
  crypto_wipe(ink, sizeof *ink);
  ink->generation = generation;
  ink->aspect_x1000 = aspect;
}

bool ui_ink_is_signature(const UiInk *ink)
{
  double length = 0, height_part = ink->aspect_x1000 > 0 ? 1000.0 / ink->aspect_x1000 : 1.0;
  for (uint32_t i = 1; i < ink->count; i++) {
    const UiInkPoint *a = &ink->points[i - 1], *b = &ink->points[i];
    if (a->stroke == b->stroke) length += hypot(b->x - a->x, (b->y - a->y) * height_part);
  }
  return length >= UI_INK_UNIT / 10.0;
}

static uint32_t stroke_end(const UiInk *ink, uint32_t from)
{
  uint32_t to = from;
  while (to < ink->count && ink->points[to].stroke == ink->points[from].stroke) to++;
  return to;
}

void ui_ink_encode(const UiInk *ink, Buf *out)
{
  buf_c(out, "INK1");
  buf_varint(out, ink->aspect_x1000);
  buf_varint(out, ink->strokes);
  UiInkPoint last = {0};
  for (uint32_t at = 0; at < ink->count;) {
    uint32_t end = stroke_end(ink, at);
    buf_varint(out, end - at);
    for (; at < end; at++) {
      const UiInkPoint *p = &ink->points[at];
      buf_zigzag(out, p->x - last.x);
      buf_zigzag(out, p->y - last.y);
      buf_zigzag(out, (int64_t)p->ms - (int64_t)last.ms);
      last = *p;
    }
  }
}

static bool decode_point(Reader *r, UiInkPoint *last)
{
  int64_t x = last->x + reader_zigzag(r), y = last->y + reader_zigzag(r), ms = (int64_t)last->ms + reader_zigzag(r);
  if (r->failed || x < 0 || x > UI_INK_UNIT || y < 0 || y > UI_INK_UNIT || ms < 0 || ms > UINT32_MAX) return false;
  last->x = (int16_t)x;
  last->y = (int16_t)y;
  last->ms = (uint32_t)ms;
  return true;
}

static bool decode_strokes(Reader *r, UiInk *ink)
{
  UiInkPoint last = {0};
  for (uint16_t stroke = 0; stroke < ink->strokes; stroke++) {
    uint64_t points = reader_varint(r);
    if (r->failed || points == 0 || points > UI_INK_POINTS_MAX - ink->count) return false;
    last.stroke = stroke;
    for (uint64_t i = 0; i < points; i++) {
      if (!decode_point(r, &last)) return false;
      ink->points[ink->count++] = last;
    }
  }
  return r->at == r->len;
}

Err ui_ink_decode(Str bytes, UiInk *out)
{
  Reader r = reader_make(bytes.ptr, bytes.len);
  const uint8_t *magic = reader_bytes(&r, 4);
  if (magic == NULL || memcmp(magic, "INK1", 4) != 0) return err_because(ERR_INVALID, "ink: not an INK1");
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  UiInk *ink = ARENA_NEW(&arena, UiInk);
  uint64_t aspect = reader_varint(&r), strokes = reader_varint(&r);
  if (r.failed || aspect > UINT16_MAX || strokes > UI_INK_STROKES_MAX) return err_because(ERR_INVALID, "ink: bad head");
  ink->aspect_x1000 = (uint16_t)aspect;
  ink->strokes = (uint16_t)strokes;
  if (!decode_strokes(&r, ink)) return err_because(ERR_INVALID, "ink: bad strokes");
  *out = *ink;
  return ERR_OK;
}

void ui_ink_svg(const UiInk *ink, Buf *out)
{
  int height = ink->aspect_x1000 > 0 ? UI_INK_UNIT * 1000 / ink->aspect_x1000 : UI_INK_UNIT;
  buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">", UI_INK_UNIT, height);
  for (uint32_t at = 0; at < ink->count;) {
    uint32_t end = stroke_end(ink, at);
    buf_c(out, "<path fill=\"none\" stroke=\"#1b2a2c\" stroke-width=\"50\" stroke-linecap=\"round\" "
               "stroke-linejoin=\"round\" d=\"");
    for (uint32_t i = at; i < end; i++)
      buf_printf(out, "%c%d %d", i == at ? 'M' : 'L', ink->points[i].x, ink->points[i].y * height / UI_INK_UNIT);
    if (end == at + 1) buf_c(out, "h0"); /* a dot */
    buf_c(out, "\"/>");
    at = end;
  }
  buf_c(out, "</svg>");
}
