/* Layout in four passes over the tree: least and preferred widths upwards, widths downwards, natural heights upwards (texts
 * fold at their width), heights and places downwards. */
#include <assert.h>

#include "kiosk/ui/tree.h"

enum { ROW_MAX = 64 /* children of one line of a row that can share its room */ };

static int clamp_size(const UiPxSize *size, int value)
{
  if (size->max > 0 && value > size->max) value = size->max;
  return value < size->min ? size->min : value;
}

static int across(const UiNode *node)
{
  return node->pad.start + node->pad.end;
}

static int down(const UiNode *node)
{
  return node->pad.top + node->pad.bottom;
}

static bool is_empty_text(const UiNode *node)
{
  return node->content == UI_IS_TEXT && node->para == NULL;
}

/* --- widths ----------------------------------------------------------------------------------------------------- */

static void measure_widths(UiNode *node)
{
  int least = 0, preferred = 0, count = 0;
  for (UiNode *c = node->first; c != NULL; c = c->next) {
    measure_widths(c);
    if (is_empty_text(c)) continue;
    if (node->axis == UI_ROW) {
      least = node->wrap ? (c->least_w > least ? c->least_w : least) : least + c->least_w;
      preferred += c->preferred_w;
      count++;
    } else {
      if (c->least_w > least) least = c->least_w;
      if (c->preferred_w > preferred) preferred = c->preferred_w;
    }
  }
  if (count > 1) preferred += node->gap * (count - 1);
  if (count > 1 && !node->wrap) least += node->gap * (count - 1);
  if (node->para != NULL && node->content == UI_IS_TEXT) ui_para_widths(node->para, &least, &preferred);
  node->least_w = least + across(node);
  node->preferred_w = preferred + across(node);
  if (node->width.kind == UI_FIXED) node->least_w = node->preferred_w = node->width.value;
  node->least_w = clamp_size(&node->width, node->least_w);
  node->preferred_w = clamp_size(&node->width, node->preferred_w);
  if (node->rigid) node->least_w = node->preferred_w;
}

static void assign_widths(UiNode *node, int width);

static int width_in_column(const UiNode *node, const UiNode *child, int inside)
{
  int width = 0;
  switch (child->width.kind) {
  case UI_FIXED: width = child->width.value < inside || child->rigid ? child->width.value : inside; break;
  case UI_PERCENT: width = inside * child->width.value / 100; break;
  case UI_GROW: width = inside; break;
  case UI_FIT:
    width = node->cross == UI_STRETCH || child->preferred_w > inside ? inside : child->preferred_w;
    if (child->rigid) width = child->preferred_w;
    break;
  }
  if (child->width.max > 0 && width > child->width.max) width = child->width.max;
  if (width < child->width.min) width = child->width.min < inside ? child->width.min : inside;
  return width;
}

/* share_out: give `room` to those that grow, by weight, each at least what it has in sizes[]. */
static void share_out(int sizes[], const UiPxSize *const specs[], int count, int room)
{
  bool settled[ROW_MAX] = {false};
  for (bool again = true; again;) {
    int weight = 0, left = room;
    again = false;
    for (int i = 0; i < count; i++) {
      if (specs[i]->kind == UI_GROW && !settled[i])
        weight += specs[i]->value;
      else
        left -= sizes[i];
    }
    if (weight == 0) return;
    for (int i = 0; i < count && !again; i++) {
      if (specs[i]->kind != UI_GROW || settled[i]) continue;
      int share = left * specs[i]->value / weight;
      int wanted = clamp_size(specs[i], share > sizes[i] ? share : sizes[i]);
      if (wanted == share) continue;
      sizes[i] = wanted;
      settled[i] = again = true;
    }
    if (again) continue;
    for (int i = 0; i < count; i++) {
      if (specs[i]->kind != UI_GROW || settled[i]) continue;
      int share = left * specs[i]->value / weight; /* the last takes what rounding leaves */
      sizes[i] = share;
      left -= share;
      weight -= specs[i]->value;
    }
  }
}

/* shrink: take `excess` from those that can fold, by how much they can; the rest from any that is not rigid. */
static void shrink(UiNode *const nodes[], int sizes[], int count, int excess)
{
  int can = 0;
  for (int i = 0; i < count; i++) can += sizes[i] > nodes[i]->least_w ? sizes[i] - nodes[i]->least_w : 0;
  int from_can = excess < can ? excess : can;
  excess -= from_can;
  for (int i = 0; i < count && can > 0; i++) {
    int own = sizes[i] > nodes[i]->least_w ? sizes[i] - nodes[i]->least_w : 0;
    int part = (int)((int64_t)from_can * own / can);
    sizes[i] -= part;
    from_can -= part;
    can -= own;
  }
  int soft = 0; /* what may be narrower than its longest word, which then is broken */
  for (int i = 0; i < count; i++) soft += nodes[i]->rigid || nodes[i]->width.kind == UI_FIXED ? 0 : sizes[i];
  for (int i = 0; i < count && excess > 0 && soft > 0; i++) {
    if (nodes[i]->rigid || nodes[i]->width.kind == UI_FIXED) continue;
    int part = (int)((int64_t)excess * sizes[i] / soft);
    if (part > sizes[i]) part = sizes[i];
    soft -= sizes[i];
    sizes[i] -= part;
    excess -= part;
  }
}

static void widths_of_line(UiNode *const nodes[], int count, int inside, int gap)
{
  int sizes[ROW_MAX], total = gap * (count - 1), all = total;
  const UiPxSize *specs[ROW_MAX];
  for (int i = 0; i < count; i++) all += nodes[i]->preferred_w;
  for (int i = 0; i < count; i++) {
    specs[i] = &nodes[i]->width;
    sizes[i] = nodes[i]->preferred_w;
    if (specs[i]->kind == UI_GROW && !(nodes[i]->unbroken && all <= inside)) sizes[i] = nodes[i]->least_w;
    if (specs[i]->kind == UI_PERCENT) sizes[i] = inside * specs[i]->value / 100;
    total += sizes[i];
  }
  if (total < inside) share_out(sizes, specs, count, inside - gap * (count - 1));
  if (total > inside) shrink(nodes, sizes, count, total - inside);
  for (int i = 0; i < count; i++) assign_widths(nodes[i], sizes[i]);
}

static void widths_in_row(UiNode *node, int inside)
{
  UiNode *line[ROW_MAX];
  int count = 0, used = 0;
  for (UiNode *c = node->first; c != NULL; c = c->next) {
    c->starts_line = false;
    if (is_empty_text(c)) {
      assign_widths(c, 0);
      continue;
    }
    int wanted = c->preferred_w < inside ? c->preferred_w : inside;
    bool full = count == ROW_MAX || (node->wrap && count > 0 && used + node->gap + wanted > inside);
    if (full) {
      widths_of_line(line, count, inside, node->gap);
      count = used = 0;
    }
    c->starts_line = full;
    used += wanted + (count > 0 ? node->gap : 0);
    line[count++] = c;
  }
  if (count > 0) widths_of_line(line, count, inside, node->gap);
}

static void assign_widths(UiNode *node, int width)
{
  node->bounds.w = width;
  int inside = width - across(node) > 0 ? width - across(node) : 0;
  if (node->axis == UI_ROW) {
    widths_in_row(node, inside);
    return;
  }
  for (UiNode *c = node->first; c != NULL; c = c->next) assign_widths(c, width_in_column(node, c, inside));
}

/* --- heights ---------------------------------------------------------------------------------------------------- */

static int measure_heights(UiLayout *layout, UiNode *node);

/* line_of_row: the children of one line; returns the first of the next. */
static UiNode *line_of_row(UiNode *from, int *height)
{
  UiNode *c = from;
  *height = 0;
  do {
    if (c->bounds.h > *height) *height = c->bounds.h;
    c = c->next;
  } while (c != NULL && !c->starts_line);
  return c;
}

static int heights_of_children(UiLayout *layout, UiNode *node)
{
  int height = 0, count = 0;
  for (UiNode *c = node->first; c != NULL; c = c->next) {
    int own = measure_heights(layout, c);
    if (is_empty_text(c)) continue;
    if (node->axis == UI_COLUMN) height += own;
    if (node->axis == UI_STACK && own > height) height = own;
    count++;
  }
  if (node->axis == UI_COLUMN && count > 1) height += node->gap * (count - 1);
  if (node->axis != UI_ROW) return height;
  for (UiNode *c = node->first; c != NULL;) {
    int line;
    c = line_of_row(c, &line);
    height += line + (c != NULL ? node->gap : 0);
  }
  return height;
}

/* measure_heights: natural height, left in bounds.h and returned. */
static int measure_heights(UiLayout *layout, UiNode *node)
{
  int height = heights_of_children(layout, node);
  int inside = node->bounds.w - across(node);
  if (node->content == UI_IS_TEXT && node->para != NULL) {
    node->fold = ui_text_fold(layout->text, node->para, inside);
    height = node->fold->height;
  }
  if (node->content == UI_IS_FIELD && node->para != NULL) {
    node->fold = ui_text_fold(layout->text, node->para, node->single_line ? UI_TEXT_UNBOUNDED : inside);
    height = node->fold->height;
  }
  node->content_h = height;
  height += down(node);
  if (node->height.kind == UI_FIXED) height = node->height.value;
  if (node->scrolls && node->height.kind == UI_GROW) height = node->height.min;
  node->bounds.h = clamp_size(&node->height, height);
  if (is_empty_text(node)) node->bounds.h = 0;
  return node->bounds.h;
}

/* --- places ----------------------------------------------------------------------------------------------------- */

static void place(UiLayout *layout, UiNode *node, int x, int y, int height, UiRect cut);

static int offset_for(UiAlign align, int room, bool mirrored)
{
  if (align == UI_CENTRE) return room / 2;
  bool end = align == UI_END;
  return end != mirrored ? room : 0;
}

static UiScrollState *scroll_state(UiLayout *layout, const UiNode *node)
{
  UiScrollState *spare = NULL;
  for (int i = 0; i < UI_SCROLLS_MAX; i++) {
    UiScrollState *s = &layout->scrolls[i];
    if (s->id_hash == node->id_hash) return s;
    if (spare == NULL || s->build < spare->build) spare = s;
  }
  *spare = (UiScrollState){.id_hash = node->id_hash};
  for (size_t i = 0; i + 1 < sizeof spare->id && node->id[i] != '\0'; i++) spare->id[i] = node->id[i];
  return spare;
}

/* scrolled: how far the children of a scroll area are moved up. */
static int scrolled(UiLayout *layout, UiNode *node, int inside)
{
  UiScrollState *s = scroll_state(layout, node);
  s->build = layout->build;
  s->tells_end = node->tells_end;
  s->most =
      node->content_h > inside + node->pad.bottom / 2 ? node->content_h - inside : 0; /* the margin may give way */
  if (s->offset > s->most) s->offset = s->most;
  if (s->offset < 0) s->offset = 0;
  bool end_shows = node->visible.y + node->visible.h >= node->bounds.y + node->bounds.h - node->pad.bottom;
  if (s->offset >= s->most && end_shows) s->end_seen = true;
  return s->offset;
}

static void place_column(UiLayout *layout, UiNode *node, UiRect inside, UiRect cut)
{
  int total = 0, count = 0, weight = 0;
  for (UiNode *c = node->first; c != NULL; c = c->next) {
    if (is_empty_text(c)) continue;
    total += c->bounds.h;
    count++;
    if (c->height.kind == UI_GROW) weight += c->height.value;
  }
  if (count > 1) total += node->gap * (count - 1);
  int room = inside.h - total, y = inside.y, between = 0;
  if (room > 0 && weight == 0) {
    if (node->main == UI_CENTRE) y += room / 2;
    if (node->main == UI_END) y += room;
    if (node->main == UI_BETWEEN && count > 1) between = room / (count - 1);
  }
  for (UiNode *c = node->first; c != NULL; c = c->next) {
    int height = c->bounds.h;
    if (room > 0 && c->height.kind == UI_GROW) {
      assert(weight > 0);
      int part = room * c->height.value / weight;
      if (c->height.max > 0 && height + part > c->height.max) part = c->height.max - height;
      room -= part;
      weight -= c->height.value;
      height += part;
    }
    int x =
        inside.x + offset_for(node->cross == UI_STRETCH ? UI_START : node->cross, inside.w - c->bounds.w, layout->rtl);
    place(layout, c, x, y, height, cut);
    if (!is_empty_text(c)) y += height + node->gap + between;
  }
}

static void place_line(UiLayout *layout, UiNode *node, UiNode *from, const UiNode *to, UiRect line, UiRect cut)
{
  int total = 0, count = 0;
  for (UiNode *c = from; c != to; c = c->next) {
    total += c->bounds.w;
    if (!is_empty_text(c)) count++;
  }
  if (count > 1) total += node->gap * (count - 1);
  int room = line.w - total > 0 ? line.w - total : 0, at = 0, between = 0;
  if (node->main == UI_CENTRE) at = room / 2;
  if (node->main == UI_END) at = room;
  if (node->main == UI_BETWEEN && count > 1) between = room / (count - 1);
  for (UiNode *c = from; c != to; c = c->next) {
    bool whole = node->cross == UI_STRETCH || c->height.kind == UI_GROW;
    int height = whole && line.h > c->bounds.h ? line.h : c->bounds.h;
    int x = layout->rtl ? line.x + line.w - at - c->bounds.w : line.x + at;
    int y = line.y + offset_for(node->cross == UI_STRETCH ? UI_START : node->cross, line.h - height, false);
    place(layout, c, x, y, height, cut);
    if (!is_empty_text(c)) at += c->bounds.w + node->gap + between;
  }
}

static void place_row(UiLayout *layout, UiNode *node, UiRect inside, UiRect cut)
{
  int lines = 0, height;
  for (UiNode *c = node->first; c != NULL; lines++) c = line_of_row(c, &height);
  int y = inside.y;
  for (UiNode *c = node->first; c != NULL;) {
    UiNode *to = line_of_row(c, &height);
    int own = lines == 1 && height < inside.h ? inside.h : height; /* a single line has the whole height */
    place_line(layout, node, c, to, (UiRect){inside.x, y, inside.w, own}, cut);
    y += own + node->gap;
    c = to;
  }
}

static void place_stack(UiLayout *layout, UiNode *node, UiRect inside, UiRect cut)
{
  for (UiNode *c = node->first; c != NULL; c = c->next) {
    int height = c->height.kind == UI_GROW ? clamp_size(&c->height, inside.h) : c->bounds.h;
    int x =
        inside.x + offset_for(node->cross == UI_STRETCH ? UI_START : node->cross, inside.w - c->bounds.w, layout->rtl);
    int y = inside.y + offset_for(node->main, inside.h - height, false);
    place(layout, c, x, y, height, cut);
  }
}

/* place_field: a single line that is longer than its field is moved so that the cursor shows, while it is typed in. */
static void place_field(UiLayout *layout, UiNode *node, UiRect inside)
{
  if (!node->single_line || node->fold == NULL) return;
  int x, y, over = node->fold->width + 4 - inside.w;
  if (over <= 0) return;
  ui_text_caret(layout->text, node->para, node->fold, node->caret ? node->caret_at : 0, &x, &y);
  bool right = layout->rtl;
  int start = right ? -over : 0; /* where the text begins without a shift, against the inside's left */
  int caret = start + x;
  if (caret > inside.w - 4) node->text_shift = inside.w - 4 - caret;
  if (caret < 0) node->text_shift = -caret;
}

static void place(UiLayout *layout, UiNode *node, int x, int y, int height, UiRect cut)
{
  bool rtl = layout->rtl;
  layout->rtl = rtl && !node->ltr;
  node->bounds.x = x;
  node->bounds.y = y;
  node->bounds.h = height;
  node->cut = cut;
  node->visible = ui_rect_intersect(node->bounds, cut);
  int left = layout->rtl ? node->pad.end : node->pad.start;
  UiRect inside = {x + left, y + node->pad.top, node->bounds.w - across(node), height - down(node)};
  if (inside.w < 0) inside.w = 0;
  if (inside.h < 0) inside.h = 0;
  if (node->content == UI_IS_FIELD) place_field(layout, node, inside);
  if (node->clip || node->scrolls) cut = ui_rect_intersect(cut, ui_rect_grow(node->bounds, -node->border_px));
  if (node->scrolls) {
    inside.y -= scrolled(layout, node, inside.h);
    if (node->content_h > inside.h) inside.h = node->content_h;
  }
  switch (node->axis) {
  case UI_COLUMN: place_column(layout, node, inside, cut); break;
  case UI_ROW: place_row(layout, node, inside, cut); break;
  case UI_STACK: place_stack(layout, node, inside, cut); break;
  }
  layout->rtl = rtl;
}

void ui_layout(UiLayout *layout, UiNode *root, int width, int height)
{
  measure_widths(root);
  assign_widths(root, width);
  measure_heights(layout, root);
  place(layout, root, 0, 0, height, (UiRect){0, 0, width, height});
}
