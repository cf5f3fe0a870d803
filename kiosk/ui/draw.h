/* Draw: pixels in memory. A canvas is 32-bit xRGB; everything is cut at canvas->clip. Shapes are anti-aliased; the corner
 * and shadow masks they need are made once per radius. No floating point per pixel once those are made. */
#pragma once

#include "kiosk/ui/node.h"
#include "kiosk/ui/ui.h"

typedef struct UiCanvas {
  uint32_t *pixels;
  int pitch; /* pixels from one row to the next */
  int width, height;
  UiRect clip;
} UiCanvas;

/* UiMask: coverage 0..255, row after row without gaps. */
typedef struct UiMask {
  uint8_t *alpha;
  int width, height;
} UiMask;

static inline UiRect ui_rect_intersect(UiRect a, UiRect b)
{
  int x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
  int x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w, y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
  return (UiRect){x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
}
static inline bool ui_rect_empty(UiRect r)
{
  return r.w <= 0 || r.h <= 0;
}
static inline UiRect ui_rect_grow(UiRect r, int by)
{
  return (UiRect){r.x - by, r.y - by, r.w + 2 * by, r.h + 2 * by};
}
UiRect ui_rect_union(UiRect a, UiRect b);
static inline bool ui_rect_has(UiRect r, int x, int y)
{
  return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

/* ui_draw_fill: opacity 0..255. */
void ui_draw_fill(UiCanvas *canvas, UiRect rect, UiRgb colour, int opacity);
void ui_draw_round(UiCanvas *canvas, UiRect rect, int radius, UiRgb colour, int opacity);
/* ui_draw_ring: the band of `width` px inside the rounded rect's edge. */
void ui_draw_ring(UiCanvas *canvas, UiRect rect, int radius, int width, UiRgb colour);
/* ui_draw_shadow: soft, `blur` px around the rect moved down by `drop`; not drawn under the rect itself. */
void ui_draw_shadow(UiCanvas *canvas, UiRect rect, int radius, int blur, int drop, UiRgb colour, int opacity);
void ui_draw_mask(UiCanvas *canvas, int x, int y, UiMask mask, UiRgb colour);
/* ui_draw_line: with round ends. Coordinates in 1/16 px, width in 1/16 px. */
void ui_draw_line(UiCanvas *canvas, int x0, int y0, int x1, int y1, int width, UiRgb colour);
void ui_draw_bitmap(UiCanvas *canvas, UiRect rect, UiBitmap bitmap, bool crisp);
/* ui_draw_icon: in a square of `size` px; `mirrored` for a right-to-left layout (only those that point). */
void ui_draw_icon(UiCanvas *canvas, int x, int y, int size, UiIcon icon, bool mirrored, UiRgb colour);
/* ui_draw_release, ui_icon_release: free the masks made so far. */
void ui_draw_release(void);
void ui_icon_release(void);
