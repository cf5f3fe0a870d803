#include "kiosk/ui/tree.h"

enum { RING_OUTER_DP = 2, SHADOW_LOW_DP = 10, SHADOW_HIGH_DP = 40, INK_WIDTH_DP = 5 };

static int px(int density, int dp)
{
  return (dp * density + 50) / 100;
}

static int shadow_blur(int density, UiShadow shadow)
{
  switch (shadow) {
  case UI_SHADOW_NONE: return 0;
  case UI_SHADOW_LOW: return px(density, SHADOW_LOW_DP);
  case UI_SHADOW_HIGH: return px(density, SHADOW_HIGH_DP);
  }
  return 0;
}

static bool paints(const UiNode *node)
{
  return node->fill != UI_NO_COLOUR || node->border_px > 0 || node->content != UI_IS_BOX || node->ring;
}

UiRect ui_paint_reach(const UiTheme *theme, int density, const UiNode *node)
{
  if (!paints(node)) return (UiRect){0};
  int blur = shadow_blur(density, node->shadow),
      ring = node->ring ? px(density, theme->focus_dp + 2 * RING_OUTER_DP) : 0;
  int ink = node->content == UI_IS_TEXT ? node->style.size_px / 4 : 0; /* letters may reach out of their line */
  int most = ring > blur ? ring : blur;
  UiRect reach = ui_rect_grow(node->bounds, most > ink ? most : ink);
  reach.h += blur / 2;
  return ui_rect_intersect(reach, node->cut);
}

static void paint_box(UiPainting *p, const UiNode *node)
{
  int blur = shadow_blur(p->density, node->shadow);
  if (blur > 0)
    ui_draw_shadow(p->canvas, node->bounds, node->radius_px, blur, blur / 3, ui_node_rgb(p->theme, UI_SCRIM),
                   node->shadow == UI_SHADOW_HIGH ? 90 : 36);
  bool edged = node->border != UI_NO_COLOUR && node->border_px > 0;
  if (node->fill != UI_NO_COLOUR) {
    /* One pixel inside the edge, so that the fill does not shine through the edge's smooth outside. */
    UiRect inner = edged ? ui_rect_grow(node->bounds, -1) : node->bounds;
    int radius = edged && node->radius_px > 0 ? node->radius_px - 1 : node->radius_px;
    ui_draw_round(p->canvas, inner, radius, ui_node_rgb(p->theme, node->fill), node->opacity);
  }
  if (edged)
    ui_draw_ring(p->canvas, node->bounds, node->radius_px, node->border_px, ui_node_rgb(p->theme, node->border));
}

static UiRect inside_of(const UiPainting *p, const UiNode *node)
{
  int left = p->rtl ? node->pad.end : node->pad.start;
  return (UiRect){node->bounds.x + left, node->bounds.y + node->pad.top,
                  node->bounds.w - node->pad.start - node->pad.end, node->bounds.h - node->pad.top - node->pad.bottom};
}

static void paint_field(UiPainting *p, const UiNode *node)
{
  UiRect inside = inside_of(p, node);
  int height = node->fold != NULL ? node->fold->height : node->style.line_px;
  int y = node->single_line ? inside.y + (inside.h - height) / 2 : inside.y;
  int over = node->fold != NULL && p->rtl ? inside.w - node->fold->width : 0; /* a mirrored field begins at its right */
  int x = inside.x + over + node->text_shift, caret_x = 0, caret_y = 0;
  UiRect clip = p->canvas->clip;
  p->canvas->clip = ui_rect_intersect(clip, (UiRect){inside.x - 4, node->bounds.y, inside.w + 8, node->bounds.h});
  if (node->fold != NULL && node->para != NULL) {
    ui_text_draw(p->text, p->canvas, node->para, node->fold, x, y, node->fold->width, UI_START, node->fold->rtl,
                 ui_node_rgb(p->theme, node->colour));
    ui_text_caret(p->text, node->para, node->fold, node->caret_at, &caret_x, &caret_y);
  } else if (p->rtl) {
    x = inside.x + inside.w;
  }
  if (node->caret) {
    int width = px(p->density, 3);
    ui_draw_fill(p->canvas,
                 (UiRect){x + caret_x, y + caret_y + node->style.line_px / 10, width, node->style.line_px * 8 / 10},
                 ui_node_rgb(p->theme, UI_ACCENT), 255);
  }
  p->canvas->clip = clip;
}

/* ink_place: a point of the ink in 1/16 px. */
static void ink_place(const UiNode *node, const UiInkPoint *point, int *x, int *y)
{
  *x = node->bounds.x * 16 + (int)((int64_t)point->x * node->bounds.w * 16 / UI_INK_UNIT);
  *y = node->bounds.y * 16 + (int)((int64_t)point->y * node->bounds.h * 16 / UI_INK_UNIT);
}

static void paint_ink(UiPainting *p, const UiNode *node)
{
  const UiInk *ink = node->ink;
  int width = px(p->density, INK_WIDTH_DP * 16);
  UiRgb colour = ui_node_rgb(p->theme, UI_INK);
  UiRect clip = p->canvas->clip;
  p->canvas->clip = ui_rect_intersect(clip, node->bounds);
  for (uint32_t i = 0; i < ink->count; i++) {
    const UiInkPoint *to = &ink->points[i];
    const UiInkPoint *from = i > 0 && ink->points[i - 1].stroke == to->stroke ? &ink->points[i - 1] : to;
    int x0, y0, x1, y1;
    ink_place(node, from, &x0, &y0);
    ink_place(node, to, &x1, &y1);
    ui_draw_line(p->canvas, x0, y0, x1, y1, width, colour);
  }
  p->canvas->clip = clip;
}

static void paint_content(UiPainting *p, const UiNode *node)
{
  UiRect inside = inside_of(p, node);
  switch (node->content) {
  case UI_IS_BOX: break;
  case UI_IS_TEXT:
    if (node->fold != NULL)
      ui_text_draw(p->text, p->canvas, node->para, node->fold, inside.x, inside.y, inside.w, node->text_align, p->rtl,
                   ui_node_rgb(p->theme, node->colour));
    break;
  case UI_IS_ICON:
    ui_draw_icon(p->canvas, node->bounds.x, node->bounds.y, node->bounds.w, node->icon, p->rtl,
                 ui_node_rgb(p->theme, node->colour));
    break;
  case UI_IS_BITMAP: ui_draw_bitmap(p->canvas, node->bounds, node->bitmap, node->crisp); break;
  case UI_IS_INK: paint_ink(p, node); break;
  case UI_IS_FIELD: paint_field(p, node); break;
  }
}

static void paint_ring(UiPainting *p, const UiNode *node)
{
  int outer = px(p->density, RING_OUTER_DP), band = px(p->density, p->theme->focus_dp);
  UiRect rect = ui_rect_grow(node->bounds, band);
  ui_draw_ring(p->canvas, rect, node->radius_px + band, band, ui_node_rgb(p->theme, UI_FOCUS));
  ui_draw_ring(p->canvas, ui_rect_grow(rect, outer), node->radius_px + band + outer, outer,
               ui_node_rgb(p->theme, UI_INK));
}

static void paint_node(UiPainting *p, UiNode *node)
{
  UiRect clip = p->canvas->clip;
  bool rtl = p->rtl;
  p->rtl = rtl && !node->ltr;
  p->canvas->clip = ui_rect_intersect(clip, node->cut);
  if (!ui_rect_empty(ui_rect_intersect(p->canvas->clip, ui_paint_reach(p->theme, p->density, node)))) {
    paint_box(p, node);
    paint_content(p, node);
  }
  bool cuts = node->clip || node->scrolls;
  if (!cuts || !ui_rect_empty(ui_rect_intersect(p->canvas->clip, node->visible)))
    for (UiNode *c = node->first; c != NULL; c = c->next) {
      p->canvas->clip = clip;
      paint_node(p, c);
    }
  p->canvas->clip = ui_rect_intersect(clip, node->cut);
  if (node->ring) paint_ring(p, node);
  p->canvas->clip = clip;
  p->rtl = rtl;
}

void ui_paint(UiPainting *painting, UiNode *root)
{
  paint_node(painting, root);
}
