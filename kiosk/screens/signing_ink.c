/* From the pad's strokes to the signature that is kept with a consent. */
#include "kiosk/screens/state.h"

enum { PAD_HEIGHT = 1000, KEPT_UNIT = 65535 };

Str signing_ink(Arena *arena, const UiInk *ink)
{
  InkPoint *points = ARENA_ARRAY(arena, InkPoint, ink->count > 0 ? ink->count : 1);
  for (uint32_t i = 0; i < ink->count; i++) {
    const UiInkPoint *from = &ink->points[i];
    points[i] = (InkPoint){.x = (uint16_t)((int64_t)from->x * KEPT_UNIT / UI_INK_UNIT),
                           .y = (uint16_t)((int64_t)from->y * KEPT_UNIT / UI_INK_UNIT),
                           .ms = from->ms,
                           .down = i > 0 && from->stroke == ink->points[i - 1].stroke};
  }
  return ink_encode(arena, points, ink->count, ink->aspect_x1000, PAD_HEIGHT);
}
