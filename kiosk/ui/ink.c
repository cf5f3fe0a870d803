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
