#include <stdlib.h>

#include "kiosk/ui/state.h"

enum { SLOP_DP = 14 /* how far beside a target a touch still counts */ };

static bool can_focus(const UiNode *node)
{
  return node->focusable && !node->no_focus && node->bounds.w > 0 && node->bounds.h > 0;
}

/* topmost: the last touchable (or absorbing) node in drawing order under the point. */
static UiNode *topmost(UiNode *top, int x, int y)
{
  UiNode *found = NULL;
  for (UiNode *n = top; n != NULL; n = ui_node_next(n, top))
    if ((ui_node_is_touchable(n) || n->absorbs) && ui_rect_has(n->visible, x, y)) found = n;
  return found;
}

static int distance_to(UiRect r, int x, int y)
{
  int dx = x < r.x ? r.x - x : x >= r.x + r.w ? x - r.x - r.w + 1 : 0;
  int dy = y < r.y ? r.y - y : y >= r.y + r.h ? y - r.y - r.h + 1 : 0;
  return dx > dy ? dx : dy;
}

static bool is_inside(const UiNode *node, const UiNode *outer)
{
  for (; node != NULL; node = node->parent)
    if (node == outer) return true;
  return false;
}

UiNode *ui_hit(Ui *ui, int x, int y)
{
  UiNode *top = ui_tree_modal(ui->root), *found = topmost(top, x, y);
  if (found != NULL && !found->absorbs && !found->no_focus) return found;
  /* A gap belongs to the nearest target, within reach. */
  UiNode *nearest = NULL;
  int best = SLOP_DP * ui->density / 100;
  for (UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
    if (!ui_node_is_touchable(n) || n->no_focus || ui_rect_empty(n->visible)) continue;
    if (found != NULL && found->absorbs && !is_inside(n, found)) continue;
    int distance = distance_to(n->visible, x, y);
    if (distance < best) {
      best = distance;
      nearest = n;
    }
  }
  if (nearest != NULL) return nearest;
  return found != NULL && !found->absorbs ? found : NULL;
}

bool ui_absorbs_at(Ui *ui, int x, int y)
{
  UiNode *found = topmost(ui_tree_modal(ui->root), x, y);
  return found != NULL && found->absorbs;
}

UiNode *ui_focus_next(Ui *ui, int by)
{
  UiNode *top = ui_tree_modal(ui->root), *first = NULL, *last = NULL, *before = NULL, *after = NULL;
  bool passed = false;
  for (UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
    if (n->id_hash == ui->focused) {
      passed = true;
      continue;
    }
    if (!can_focus(n) || n->skip_tab) continue;
    if (first == NULL) first = n;
    last = n;
    if (!passed) before = n;
    if (passed && after == NULL) after = n;
  }
  if (by > 0) return passed && after != NULL ? after : first;
  return passed && before != NULL ? before : last;
}

UiNode *ui_focus_towards(Ui *ui, int dx, int dy)
{
  UiNode *top = ui_tree_modal(ui->root), *from = ui_tree_find(top, ui->focused), *best = NULL;
  if (from == NULL || !can_focus(from)) return ui_focus_next(ui, 1);
  int64_t least = INT64_MAX;
  UiRect a = from->bounds;
  for (UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
    if (n == from || !can_focus(n)) continue;
    UiRect b = n->bounds;
    /* Along the direction from edge to edge; across it, how far apart the two are. */
    int along = dx > 0   ? b.x - (a.x + a.w)
                : dx < 0 ? a.x - (b.x + b.w)
                : dy > 0 ? b.y - (a.y + a.h)
                         : a.y - (b.y + b.h);
    int across = dx != 0 ? abs((b.y + b.h / 2) - (a.y + a.h / 2)) : abs((b.x + b.w / 2) - (a.x + a.w / 2));
    bool shares = dx != 0 ? b.y < a.y + a.h && a.y < b.y + b.h : b.x < a.x + a.w && a.x < b.x + b.w;
    if (along < -4) continue;
    int64_t cost = (int64_t)along * 2 + (shares ? across / 4 : across * 4);
    if (cost < least) {
      least = cost;
      best = n;
    }
  }
  return best;
}

UiNode *ui_scroll_around(UiNode *node)
{
  while (node != NULL && !node->scrolls) node = node->parent;
  return node;
}

UiNode *ui_scroll_main(Ui *ui)
{
  UiNode *top = ui_tree_modal(ui->root), *best = NULL;
  for (UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
    if (!n->scrolls || n->content_h <= n->bounds.h) continue;
    if (best == NULL || n->bounds.h * n->bounds.w > best->bounds.h * best->bounds.w) best = n;
  }
  return best;
}

bool ui_scroll_by(Ui *ui, UiNode *scroll, int px)
{
  UiScrollState *s = scroll != NULL ? ui_scroll_of(ui, scroll->id_hash) : NULL;
  if (s == NULL) return false;
  int offset = s->offset + px;
  if (offset > s->most) offset = s->most;
  if (offset < 0) offset = 0;
  bool moved = offset != s->offset;
  s->offset = offset;
  if (moved) ui->stale = true;
  return moved;
}

bool ui_scroll_reveal(Ui *ui, UiNode *node)
{
  UiNode *scroll = ui_scroll_around(node->parent);
  if (scroll == NULL) return false;
  UiRect view = scroll->visible, target = node->bounds;
  for (UiNode *n = node->parent; n != NULL && n != scroll && n->bounds.h <= view.h; n = n->parent) target = n->bounds;
  if (target.h > view.h) target = node->bounds;
  int margin = view.h - target.h < 32 * ui->density / 100 ? 0 : 8 * ui->density / 100;
  if (target.y - margin < view.y) return ui_scroll_by(ui, scroll, target.y - margin - view.y);
  int below = target.y + target.h + margin - (view.y + view.h);
  return below > 0 && ui_scroll_by(ui, scroll, below);
}
