#include "kiosk/ui/icon.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "kiosk/ui/draw.h"

/* A drawing is a list of commands on a 24x24 grid, y downwards:
 *   M x y, L x y   move, line          Z              back to the last move
 *   C x y r        circle              E x y rx ry    ellipse
 *   A x y r a b    arc from angle a to b in degrees (0 right, 90 down); the pen ends at b
 *   R x y X Y      rectangle with rounded corners     D x y r   filled disc */
static const struct {
  const char *path;
  bool points; /* mirrored in a mirrored layout */
} drawings[UI_ICON_COUNT] = {
    [UI_ICON_NONE] = {"", false},
    [UI_ICON_BACK] = {"M19 12 L5 12 M11 6 L5 12 L11 18", true},
    [UI_ICON_NEXT] = {"M5 12 L19 12 M13 6 L19 12 L13 18", true},
    [UI_ICON_HELP] = {"C12 12 9.5 A12 9.6 2.8 165 405 L12 13.4 L12 14 D12 17.2 1.25", false},
    [UI_ICON_GLOBE] = {"C12 12 9.5 E12 12 4.2 9.5 M2.5 12 L21.5 12", false},
    [UI_ICON_TEXT_SIZE] =
        {"M2.5 19 L8.5 5 L14.5 19 M4.7 14.2 L12.3 14.2 M15 19 L18.4 11 L21.8 19 M16.2 16.4 L20.6 16.4", false},
    [UI_ICON_CHECK] = {"M5 12.5 L10 17.5 L19 7", false},
    [UI_ICON_CLOSE] = {"M6 6 L18 18 M18 6 L6 18", false},
    [UI_ICON_UP] = {"M5.5 15 L12 8.5 L18.5 15", false},
    [UI_ICON_DOWN] = {"M5.5 9 L12 15.5 L18.5 9", false},
    [UI_ICON_INFO] = {"C12 12 9.5 M12 11 L12 16.8 D12 7.5 1.25", false},
    [UI_ICON_WARNING] = {"M12 3.5 L21.5 20 L2.5 20 Z M12 9.8 L12 14.2 D12 17.2 1.2", false},
    [UI_ICON_ERROR] = {"C12 12 9.5 M12 6.8 L12 13 D12 16.8 1.25", false},
    [UI_ICON_OFFLINE] =
        {"A12 19 12.5 222 262 A12 19 12.5 290 318 A12 19 7.5 222 258 A12 19 7.5 305 318 D12 18.6 1.5 M4 3.5 L19.5 20.5",
         false},
    [UI_ICON_CLOCK] = {"C12 12 9.5 M12 6.5 L12 12 L15.8 14.4", false},
    [UI_ICON_CALENDAR] = {"R3.5 5 20.5 20.5 M3.5 10 L20.5 10 M8 2.8 L8 6.8 M16 2.8 L16 6.8", false},
    [UI_ICON_PERSON] = {"C12 7.5 4.3 A12 21 8 180 360", false},
    [UI_ICON_PEOPLE] = {"C9 8 3.8 A9 20.5 6.8 180 360 A16 8 3.8 285 435 A16.2 20.5 6.4 285 360", false},
    [UI_ICON_CHAIR] = {"M6 3 L7.5 13.5 L17.5 13.5 M7.5 13.5 L7.5 21 M17.5 13.5 L17.5 21 M7.5 17.5 L17.5 17.5", true},
    [UI_ICON_PEN] = {"M3.5 20.5 L4.8 15.4 L16.2 4 L20 7.8 L8.6 19.2 Z M13.2 7 L17 10.8", false},
    [UI_ICON_DOCUMENT] = {"M5.5 2.8 L14 2.8 L18.5 7.3 L18.5 21.2 L5.5 21.2 Z M9 12 L15 12 M9 16.3 L15 16.3", false},
    [UI_ICON_CARD] = {"R2.8 5 21.2 19 M2.8 9.8 L21.2 9.8 M6.5 15 L11 15", false},
    [UI_ICON_SCAN] = {"M3.5 8 L3.5 3.5 L8 3.5 M16 3.5 L20.5 3.5 L20.5 8 M20.5 16 L20.5 20.5 L16 20.5 M8 20.5 L3.5 20.5 "
                      "L3.5 16 M3.5 12 L20.5 12",
                      false},
    [UI_ICON_PHONE] = {"R6.5 2.5 17.5 21.5 D12 18.2 1.2", false},
    [UI_ICON_BACKSPACE] = {"M8.5 5 L21.5 5 L21.5 19 L8.5 19 L2.5 12 Z M12 9.3 L17.4 14.7 M17.4 9.3 L12 14.7", true},
    [UI_ICON_SHIFT] = {"M12 3.5 L20.5 12.5 L16 12.5 L16 20 L8 20 L8 12.5 L3.5 12.5 Z", false},
    [UI_ICON_ENTER] = {"M19.5 5.5 L19.5 13.5 L5 13.5 M9.5 9 L5 13.5 L9.5 18", true},
    [UI_ICON_UNDO] = {"M8.5 4.5 L4 9 L8.5 13.5 M4 9 L14.5 9 A14.5 14.2 5.2 270 450 L9 19.4", true},
    [UI_ICON_LOCK] = {"R4.8 10.5 19.2 21 A12 9.5 4.8 180 360 M7.2 9.5 L7.2 10.5 M16.8 9.5 L16.8 10.5 D12 15.6 1.5",
                      false},
    [UI_ICON_BELL] = {"M4.5 17.5 L19.5 17.5 M6.5 17.5 L6.5 10.5 A12 10 5.5 180 360 L17.5 17.5 A12 18.4 2.6 20 160",
                      false},
    [UI_ICON_REFRESH] = {"A12 12.5 8.2 40 342 M20.2 4.2 L20.2 10 L14.4 10", false},
    [UI_ICON_PLUS] = {"M12 4.5 L12 19.5 M4.5 12 L19.5 12", false},
};

enum { SEGMENTS_MAX = 160, DISCS_MAX = 4, MASKS_MAX = 48, ARC_STEP_DEGREES = 12 };

typedef struct Drawing {
  struct {
    double ax, ay, bx, by;
  } segments[SEGMENTS_MAX];
  struct {
    double x, y, r;
  } discs[DISCS_MAX];
  int segment_count, disc_count;
  double x, y, start_x, start_y; /* pen, last move */
} Drawing;

static void line_to(Drawing *d, double x, double y)
{
  assert(d->segment_count < SEGMENTS_MAX);
  d->segments[d->segment_count].ax = d->x;
  d->segments[d->segment_count].ay = d->y;
  d->segments[d->segment_count].bx = d->x = x;
  d->segments[d->segment_count++].by = d->y = y;
}

static void move_to(Drawing *d, double x, double y)
{
  d->x = d->start_x = x;
  d->y = d->start_y = y;
}

static void arc(Drawing *d, double x, double y, double rx, double ry, double from, double to)
{
  int steps = (int)ceil((to - from) / ARC_STEP_DEGREES);
  for (int i = 0; i <= steps; i++) {
    double angle = (from + (to - from) * i / steps) * M_PI / 180.0;
    double px = x + rx * cos(angle), py = y + ry * sin(angle);
    if (i == 0)
      move_to(d, px, py);
    else
      line_to(d, px, py);
  }
}

static void rectangle(Drawing *d, double x, double y, double right, double bottom)
{
  static const double radius = 2.0;
  double cx[4] = {right - radius, x + radius, x + radius, right - radius};
  double cy[4] = {bottom - radius, bottom - radius, y + radius, y + radius};
  double first_x = right, first_y = bottom - radius;
  for (int i = 0; i < 4; i++) {
    double last_x = d->x, last_y = d->y;
    Drawing corner = {0};
    arc(&corner, cx[i], cy[i], radius, radius, 90.0 * i, 90.0 * (i + 1));
    if (i == 0) move_to(d, first_x, first_y);
    if (i > 0) {
      d->x = last_x;
      d->y = last_y;
      line_to(d, corner.segments[0].ax, corner.segments[0].ay);
    }
    for (int k = 0; k < corner.segment_count; k++) line_to(d, corner.segments[k].bx, corner.segments[k].by);
  }
  line_to(d, first_x, first_y);
}

static void read_drawing(const char *path, Drawing *d)
{
  while (*path != '\0') {
    char command = *path++;
    if (command == ' ') continue;
    double n[5] = {0};
    int count = 0;
    for (char *end; count < 5; path = end) {
      n[count] = strtod(path, &end);
      if (end == path) break;
      count++;
    }
    switch (command) {
    case 'M': move_to(d, n[0], n[1]); break;
    case 'L': line_to(d, n[0], n[1]); break;
    case 'Z': line_to(d, d->start_x, d->start_y); break;
    case 'C': arc(d, n[0], n[1], n[2], n[2], 0, 360); break;
    case 'E': arc(d, n[0], n[1], n[2], n[3], 0, 360); break;
    case 'A': arc(d, n[0], n[1], n[2], n[2], n[3], n[4]); break;
    case 'R': rectangle(d, n[0], n[1], n[2], n[3]); break;
    case 'D':
      assert(d->disc_count < DISCS_MAX);
      d->discs[d->disc_count].x = n[0];
      d->discs[d->disc_count].y = n[1];
      d->discs[d->disc_count++].r = n[2];
      break;
    default: assert(false);
    }
  }
}

/* distance: from a point to the nearest stroke's edge; negative inside. */
static double distance(const Drawing *d, double x, double y, double half)
{
  double best = 1e9;
  for (int i = 0; i < d->segment_count; i++) {
    double dx = d->segments[i].bx - d->segments[i].ax, dy = d->segments[i].by - d->segments[i].ay;
    double px = x - d->segments[i].ax, py = y - d->segments[i].ay, length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? fmin(1.0, fmax(0.0, (px * dx + py * dy) / length2)) : 0.0;
    double ex = px - t * dx, ey = py - t * dy;
    best = fmin(best, sqrt(ex * ex + ey * ey) - half);
  }
  for (int i = 0; i < d->disc_count; i++)
    best = fmin(best, hypot(x - d->discs[i].x, y - d->discs[i].y) - d->discs[i].r);
  return best;
}

static struct {
  UiMask mask;
  UiIcon icon;
  bool mirrored;
} masks[MASKS_MAX];
static int mask_next;

static UiMask icon_mask(UiIcon icon, int size, bool mirrored)
{
  for (int i = 0; i < MASKS_MAX; i++)
    if (masks[i].mask.alpha != NULL && masks[i].icon == icon && masks[i].mask.width == size &&
        masks[i].mirrored == mirrored)
      return masks[i].mask;
  free(masks[mask_next].mask.alpha);
  UiMask mask = {malloc((size_t)size * (size_t)size), size, size};
  if (mask.alpha == NULL) abort();
  Drawing drawing = {0};
  read_drawing(drawings[icon].path, &drawing);
  double unit = 24.0 / size, half = 1.1; /* half a stroke, on the grid */
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      double gx = (x + 0.5) * unit, gy = (y + 0.5) * unit;
      double far = distance(&drawing, mirrored ? 24.0 - gx : gx, gy, half) / unit;
      mask.alpha[y * size + x] = (uint8_t)lround(255.0 * fmin(1.0, fmax(0.0, 0.5 - far)));
    }
  masks[mask_next].icon = icon;
  masks[mask_next].mask = mask;
  masks[mask_next].mirrored = mirrored;
  mask_next = (mask_next + 1) % MASKS_MAX;
  return mask;
}

void ui_draw_icon(UiCanvas *canvas, int x, int y, int size, UiIcon icon, bool mirrored, UiRgb colour)
{
  assert(icon >= UI_ICON_NONE && icon < UI_ICON_COUNT);
  if (icon == UI_ICON_NONE || size <= 0) return;
  ui_draw_mask(canvas, x, y, icon_mask(icon, size, mirrored && drawings[icon].points), colour);
}

void ui_icon_release(void)
{
  for (int i = 0; i < MASKS_MAX; i++) {
    free(masks[i].mask.alpha);
    masks[i].mask = (UiMask){0};
  }
}
