#include "kiosk/ui/draw.h"

#include <math.h>
#include <stdlib.h>
#include <wchar.h>

_Static_assert(sizeof(wchar_t) == sizeof(uint32_t), "wmemset fills pixels");

enum { CORNERS_MAX = 24, SHADOWS_MAX = 6, RADIUS_MAX = 256 };

typedef struct Corner { /* coverage of the top left quarter of a disc */
  int radius;
  uint8_t *alpha;
} Corner;

typedef struct Shadow { /* the top left corner of a blurred rounded rect, with the blur's reach outside */
  int radius, blur;
  uint8_t *alpha;
} Shadow;

static Corner corners[CORNERS_MAX];
static Shadow shadows[SHADOWS_MAX];
static int corner_next, shadow_next;

UiRect ui_rect_union(UiRect a, UiRect b)
{
  if (ui_rect_empty(a)) return b;
  if (ui_rect_empty(b)) return a;
  int x0 = a.x < b.x ? a.x : b.x, y0 = a.y < b.y ? a.y : b.y;
  int x1 = a.x + a.w > b.x + b.w ? a.x + a.w : b.x + b.w, y1 = a.y + a.h > b.y + b.h ? a.y + a.h : b.y + b.h;
  return (UiRect){x0, y0, x1 - x0, y1 - y0};
}

/* blend: `colour` over `under` with coverage 0..256, red and blue in one multiplication. */
static inline uint32_t blend(uint32_t under, uint32_t colour, uint32_t coverage)
{
  uint32_t rb = under & 0xff00ff, g = under & 0x00ff00;
  rb += (((colour & 0xff00ff) - rb) * coverage) >> 8;
  g += (((colour & 0x00ff00) - g) * coverage) >> 8;
  return (rb & 0xff00ff) | (g & 0x00ff00);
}

static inline uint32_t widen(uint32_t alpha)
{
  return alpha + (alpha >> 7); /* 255 -> 256 */
}

void ui_draw_fill(UiCanvas *canvas, UiRect rect, UiRgb colour, int opacity)
{
  UiRect r = ui_rect_intersect(rect, canvas->clip);
  if (ui_rect_empty(r) || opacity <= 0) return;
  for (int y = r.y; y < r.y + r.h; y++) {
    uint32_t *row = canvas->pixels + (ptrdiff_t)y * canvas->pitch + r.x;
    if (opacity >= 255) {
      wmemset((wchar_t *)row, (wchar_t)colour, (size_t)r.w);
    } else {
      uint32_t coverage = widen((uint32_t)opacity);
      for (int x = 0; x < r.w; x++) row[x] = blend(row[x], colour, coverage);
    }
  }
}

static const uint8_t *corner_mask(int radius)
{
  for (int i = 0; i < CORNERS_MAX; i++)
    if (corners[i].alpha != NULL && corners[i].radius == radius) return corners[i].alpha;
  Corner *corner = &corners[corner_next];
  corner_next = (corner_next + 1) % CORNERS_MAX;
  free(corner->alpha);
  corner->radius = radius;
  corner->alpha = malloc((size_t)radius * (size_t)radius);
  if (corner->alpha == NULL) abort();
  for (int y = 0; y < radius; y++)
    for (int x = 0; x < radius; x++) {
      double distance = hypot(radius - x - 0.5, radius - y - 0.5);
      double coverage = fmin(1.0, fmax(0.0, radius + 0.5 - distance));
      corner->alpha[y * radius + x] = (uint8_t)lround(coverage * 255.0);
    }
  return corner->alpha;
}

static inline void cover(UiCanvas *canvas, int x, int y, UiRgb colour, uint32_t alpha)
{
  if (alpha == 0 || !ui_rect_has(canvas->clip, x, y)) return;
  uint32_t *pixel = canvas->pixels + (ptrdiff_t)y * canvas->pitch + x;
  *pixel = blend(*pixel, colour, widen(alpha));
}

static int fit_radius(UiRect rect, int radius)
{
  int side = rect.w < rect.h ? rect.w : rect.h;
  if (radius > side / 2) radius = side / 2;
  return radius > RADIUS_MAX ? RADIUS_MAX : radius;
}

void ui_draw_round(UiCanvas *canvas, UiRect rect, int radius, UiRgb colour, int opacity)
{
  if (ui_rect_empty(ui_rect_intersect(rect, canvas->clip))) return;
  radius = fit_radius(rect, radius);
  ui_draw_fill(canvas, (UiRect){rect.x, rect.y + radius, rect.w, rect.h - 2 * radius}, colour, opacity);
  if (radius <= 0) return;
  ui_draw_fill(canvas, (UiRect){rect.x + radius, rect.y, rect.w - 2 * radius, radius}, colour, opacity);
  ui_draw_fill(canvas, (UiRect){rect.x + radius, rect.y + rect.h - radius, rect.w - 2 * radius, radius}, colour,
               opacity);
  const uint8_t *mask = corner_mask(radius);
  for (int y = 0; y < radius; y++)
    for (int x = 0; x < radius; x++) {
      uint32_t alpha = (uint32_t)mask[y * radius + x] * (uint32_t)opacity / 255;
      int right = rect.x + rect.w - 1 - x, bottom = rect.y + rect.h - 1 - y;
      cover(canvas, rect.x + x, rect.y + y, colour, alpha);
      cover(canvas, right, rect.y + y, colour, alpha);
      cover(canvas, rect.x + x, bottom, colour, alpha);
      cover(canvas, right, bottom, colour, alpha);
    }
}

void ui_draw_ring(UiCanvas *canvas, UiRect rect, int radius, int width, UiRgb colour)
{
  if (width <= 0 || ui_rect_empty(ui_rect_intersect(rect, canvas->clip))) return;
  radius = fit_radius(rect, radius);
  int edge = radius > width ? radius : width;
  ui_draw_fill(canvas, (UiRect){rect.x + edge, rect.y, rect.w - 2 * edge, width}, colour, 255);
  ui_draw_fill(canvas, (UiRect){rect.x + edge, rect.y + rect.h - width, rect.w - 2 * edge, width}, colour, 255);
  ui_draw_fill(canvas, (UiRect){rect.x, rect.y + edge, width, rect.h - 2 * edge}, colour, 255);
  ui_draw_fill(canvas, (UiRect){rect.x + rect.w - width, rect.y + edge, width, rect.h - 2 * edge}, colour, 255);
  int inner = radius - width;
  for (int y = 0; y < edge; y++)
    for (int x = 0; x < edge; x++) {
      double distance = hypot(edge - x - 0.5, edge - y - 0.5);
      double outside = radius > 0 ? fmin(1.0, fmax(0.0, radius + 0.5 - distance)) : 1.0;
      double inside = inner > 0 ? fmin(1.0, fmax(0.0, inner + 0.5 - distance)) : 0.0;
      uint32_t alpha = (uint32_t)lround((outside - inside) * 255.0);
      int right = rect.x + rect.w - 1 - x, bottom = rect.y + rect.h - 1 - y;
      cover(canvas, rect.x + x, rect.y + y, colour, alpha);
      cover(canvas, right, rect.y + y, colour, alpha);
      cover(canvas, rect.x + x, bottom, colour, alpha);
      cover(canvas, right, bottom, colour, alpha);
    }
}

/* smooth: the share of a soft edge at `distance` px inside (negative: outside) it, `blur` px wide to each side. */
static double smooth(double distance, double blur)
{
  double t = fmin(1.0, fmax(0.0, (distance + blur) / (2.0 * blur)));
  return t * t * (3.0 - 2.0 * t);
}

static const uint8_t *shadow_mask(int radius, int blur)
{
  for (int i = 0; i < SHADOWS_MAX; i++)
    if (shadows[i].alpha != NULL && shadows[i].radius == radius && shadows[i].blur == blur) return shadows[i].alpha;
  Shadow *shadow = &shadows[shadow_next];
  shadow_next = (shadow_next + 1) % SHADOWS_MAX;
  free(shadow->alpha);
  *shadow = (Shadow){radius, blur, NULL};
  int side = radius + 2 * blur;
  shadow->alpha = malloc((size_t)side * (size_t)side);
  if (shadow->alpha == NULL) abort();
  double round = radius + blur; /* a shadow's corner is rounder than what casts it */
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      double px = x + 0.5 - blur, py = y + 0.5 - blur; /* from the rect's corner */
      double dx = fmax(0.0, round - px), dy = fmax(0.0, round - py);
      double inside = dx > 0 && dy > 0 ? round - hypot(dx, dy) : fmin(px, py);
      shadow->alpha[y * side + x] = (uint8_t)lround(255.0 * smooth(inside, blur));
    }
  return shadow->alpha;
}

void ui_draw_shadow(UiCanvas *canvas, UiRect rect, int radius, int blur, int drop, UiRgb colour, int opacity)
{
  UiRect outer = ui_rect_grow(rect, blur);
  outer.y += drop;
  UiRect r = ui_rect_intersect(outer, canvas->clip);
  radius = fit_radius(rect, radius);
  if (ui_rect_empty(r) || outer.w < 2 * (radius + 2 * blur) || outer.h < 2 * (radius + 2 * blur)) return;
  const uint8_t *mask = shadow_mask(radius, blur);
  int side = radius + 2 * blur;
  for (int y = r.y; y < r.y + r.h; y++) {
    int from_top = y - outer.y, from_bottom = outer.y + outer.h - 1 - y;
    int my = from_top < from_bottom ? from_top : from_bottom;
    if (my >= side) my = side - 1;
    /* Under the middle of the rect nothing shows: skip to its right edge. */
    bool covered = y >= rect.y + radius && y < rect.y + rect.h - radius;
    for (int x = r.x; x < r.x + r.w; x++) {
      if (covered && x == rect.x) x = rect.x + rect.w;
      if (x >= r.x + r.w) break;
      int from_left = x - outer.x, from_right = outer.x + outer.w - 1 - x;
      int mx = from_left < from_right ? from_left : from_right;
      if (mx >= side) mx = side - 1;
      uint32_t alpha = (uint32_t)mask[my * side + mx] * (uint32_t)opacity / 255;
      uint32_t *pixel = canvas->pixels + (ptrdiff_t)y * canvas->pitch + x;
      *pixel = blend(*pixel, colour, widen(alpha));
    }
  }
}

void ui_draw_mask(UiCanvas *canvas, int x, int y, UiMask mask, UiRgb colour)
{
  UiRect r = ui_rect_intersect((UiRect){x, y, mask.width, mask.height}, canvas->clip);
  for (int py = r.y; py < r.y + r.h; py++) {
    uint32_t *row = canvas->pixels + (ptrdiff_t)py * canvas->pitch;
    const uint8_t *alpha = mask.alpha + (ptrdiff_t)(py - y) * mask.width - x;
    for (int px = r.x; px < r.x + r.w; px++) {
      uint32_t a = alpha[px];
      if (a == 0) continue;
      row[px] = a == 255 ? colour : blend(row[px], colour, widen(a));
    }
  }
}

void ui_draw_line(UiCanvas *canvas, int x0, int y0, int x1, int y1, int width, UiRgb colour)
{
  double ax = x0 / 16.0, ay = y0 / 16.0, bx = x1 / 16.0, by = y1 / 16.0, half = width / 32.0;
  double dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy;
  int left = (int)floor(fmin(ax, bx) - half - 1), top = (int)floor(fmin(ay, by) - half - 1);
  int right = (int)ceil(fmax(ax, bx) + half + 1), bottom = (int)ceil(fmax(ay, by) + half + 1);
  UiRect r = ui_rect_intersect((UiRect){left, top, right - left, bottom - top}, canvas->clip);
  for (int y = r.y; y < r.y + r.h; y++)
    for (int x = r.x; x < r.x + r.w; x++) {
      double px = x + 0.5 - ax, py = y + 0.5 - ay;
      double t = length2 > 0 ? fmin(1.0, fmax(0.0, (px * dx + py * dy) / length2)) : 0.0;
      double distance = sqrt((px - t * dx) * (px - t * dx) + (py - t * dy) * (py - t * dy));
      double coverage = fmin(1.0, fmax(0.0, half + 0.5 - distance));
      if (coverage <= 0.0) continue;
      uint32_t *pixel = canvas->pixels + (ptrdiff_t)y * canvas->pitch + x;
      *pixel = blend(*pixel, colour, widen((uint32_t)lround(coverage * 255.0)));
    }
}

static inline uint32_t sample_smooth(UiBitmap b, int64_t fx, int64_t fy)
{
  int x = (int)(fx >> 16), y = (int)(fy >> 16);
  int x1 = x + 1 < b.width ? x + 1 : x, y1 = y + 1 < b.height ? y + 1 : y;
  uint32_t tx = (uint32_t)(fx >> 8 & 0xff), ty = (uint32_t)(fy >> 8 & 0xff);
  uint32_t out = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    uint32_t a = b.pixels[(ptrdiff_t)y * b.width + x] >> shift & 0xff,
             c = b.pixels[(ptrdiff_t)y * b.width + x1] >> shift & 0xff;
    uint32_t d = b.pixels[(ptrdiff_t)y1 * b.width + x] >> shift & 0xff,
             e = b.pixels[(ptrdiff_t)y1 * b.width + x1] >> shift & 0xff;
    uint32_t upper = a * (256 - tx) + c * tx, lower = d * (256 - tx) + e * tx;
    out |= ((upper * (256 - ty) + lower * ty) >> 16 & 0xff) << shift;
  }
  return out;
}

void ui_draw_bitmap(UiCanvas *canvas, UiRect rect, UiBitmap bitmap, bool crisp)
{
  UiRect r = ui_rect_intersect(rect, canvas->clip);
  if (ui_rect_empty(r) || bitmap.width <= 0 || bitmap.height <= 0) return;
  int64_t step_x = ((int64_t)bitmap.width << 16) / rect.w, step_y = ((int64_t)bitmap.height << 16) / rect.h;
  for (int y = r.y; y < r.y + r.h; y++) {
    int64_t fy = (y - rect.y) * step_y;
    uint32_t *row = canvas->pixels + (ptrdiff_t)y * canvas->pitch;
    for (int x = r.x; x < r.x + r.w; x++) {
      int64_t fx = (x - rect.x) * step_x;
      uint32_t c = crisp ? bitmap.pixels[(ptrdiff_t)(fy >> 16) * bitmap.width + (ptrdiff_t)(fx >> 16)]
                         : sample_smooth(bitmap, fx, fy);
      row[x] = blend(row[x], c & 0xffffff, widen(c >> 24));
    }
  }
}

void ui_draw_release(void)
{
  for (int i = 0; i < CORNERS_MAX; i++) {
    free(corners[i].alpha);
    corners[i] = (Corner){0};
  }
  for (int i = 0; i < SHADOWS_MAX; i++) {
    free(shadows[i].alpha);
    shadows[i] = (Shadow){0};
  }
}
