/* UiInk: the strokes of a signature as they were drawn, point by point with its time. The screen owns it (in a wiping
 * arena); the pad of ui adds to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UI_INK_POINTS_MAX = 8192, UI_INK_STROKES_MAX = 256, UI_INK_UNIT = 10000 };

typedef struct UiInkPoint {
  int16_t x, y;    /* 0..UI_INK_UNIT across the pad's width and height */
  uint32_t ms;     /* since the first point of the first stroke */
  uint16_t stroke; /* 0, 1, ... */
} UiInkPoint;

typedef struct UiInk {
  UiInkPoint points[UI_INK_POINTS_MAX];
  uint32_t count;
  uint16_t strokes;      /* begun so far */
  bool down;             /* a stroke is being drawn */
  bool full;             /* the maximum was reached; later points were not taken */
  int64_t began_ms;      /* monotonic time of the first point */
  uint16_t aspect_x1000; /* width / height of the pad it was drawn on, times 1000 */
  uint32_t generation;   /* grows with each change */
} UiInk;

void ui_ink_begin(UiInk *ink, int x, int y, int64_t monotonic_ms);
void ui_ink_move(UiInk *ink, int x, int y, int64_t monotonic_ms);
void ui_ink_end(UiInk *ink);
/* ui_ink_clear: no strokes; the points are overwritten. */
void ui_ink_clear(UiInk *ink);
/* ui_ink_is_signature: is there enough of it not to be a slip of the finger? (total length of at least a tenth of the
 * pad's width) */
bool ui_ink_is_signature(const UiInk *ink);
