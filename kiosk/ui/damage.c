#include <stdlib.h>

#include "common/base/crypto.h"
#include "kiosk/ui/tree.h"

enum { INK_CHUNK = 16 /* points */, WASTE_PX = 64 * 64 /* drawn in vain rather than one more rect */ };

typedef struct Found {
  UiDrawn *items;
  size_t count, capacity;
} Found;

static void add_item(Found *found, uint64_t hash, UiRect rect)
{
  if (ui_rect_empty(rect)) return;
  if (found->count == found->capacity) {
    found->capacity = found->capacity ? found->capacity * 2 : 256;
    found->items = realloc(found->items, found->capacity * sizeof *found->items);
    if (found->items == NULL) abort();
  }
  found->items[found->count++] = (UiDrawn){hash, rect};
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

static uint64_t mix_rect(uint64_t hash, UiRect r)
{
  hash = mix(hash, (uint64_t)(uint32_t)r.x << 32 | (uint32_t)r.y);
  return mix(hash, (uint64_t)(uint32_t)r.w << 32 | (uint32_t)r.h);
}

static uint64_t hash_node(const UiPainting *p, const UiNode *node)
{
  uint64_t hash = mix_rect(mix_rect(0, node->bounds), node->cut);
  hash = mix(hash, (uint64_t)ui_node_rgb(p->theme, node->fill) << 32 | ui_node_rgb(p->theme, node->border));
  hash = mix(hash, (uint64_t)ui_node_rgb(p->theme, node->colour) << 32 | (uint32_t)node->opacity << 8 |
                       (uint32_t)node->shadow);
  hash = mix(hash, (uint64_t)node->border_px << 32 | (uint64_t)node->radius_px << 8 | (uint64_t)node->ring << 4 |
                       node->content);
  hash = mix(hash, (uint64_t)(node->fill != UI_NO_COLOUR) << 16 | (uint64_t)p->rtl << 8 | (uint64_t)node->text_align);
  if (node->para != NULL) hash = mix(hash, ui_para_hash(node->para));
  hash = mix(hash, (uint64_t)node->icon << 40 | (uint64_t)node->caret << 32 | node->caret_at);
  hash = mix(hash, (uint64_t)(uint32_t)node->text_shift);
  if (node->content == UI_IS_BITMAP) hash = mix(mix(hash, (uintptr_t)node->bitmap.pixels), node->bitmap.version);
  return hash;
}

/* add_ink: a signature in chunks, so that a further point draws only what is near it. */
static void add_ink(Found *found, const UiPainting *p, const UiNode *node)
{
  const UiInk *ink = node->ink;
  for (uint32_t at = 0; at < ink->count; at += INK_CHUNK) {
    uint64_t hash = mix_rect(at + 1, node->bounds);
    UiRect box = {0};
    uint32_t from = at > 0 ? at - 1 : 0; /* the line from the chunk before */
    for (uint32_t i = from; i < ink->count && i < at + INK_CHUNK; i++) {
      const UiInkPoint *q = &ink->points[i];
      hash = mix(hash, (uint64_t)(uint16_t)q->x << 32 | (uint64_t)(uint16_t)q->y << 16 | q->stroke);
      UiRect spot = {node->bounds.x + q->x * node->bounds.w / UI_INK_UNIT,
                     node->bounds.y + q->y * node->bounds.h / UI_INK_UNIT, 1, 1};
      box = ui_rect_union(box, ui_rect_grow(spot, p->density * 5 / 100 + 2));
    }
    add_item(found, hash, ui_rect_intersect(box, node->visible));
  }
}

static int by_hash(const void *a, const void *b)
{
  const UiDrawn *x = a, *y = b;
  return (x->hash > y->hash) - (x->hash < y->hash);
}

static int64_t area(UiRect r)
{
  return (int64_t)r.w * r.h;
}

static int64_t waste(UiRect a, UiRect b)
{
  return area(ui_rect_union(a, b)) - area(a) - area(b);
}

static void remove_at(UiRect *rects, size_t *count, size_t at)
{
  rects[at] = rects[--*count];
}

static void add_dirty(UiRect rects[UI_DIRTY_MAX], size_t *count, UiRect rect)
{
  for (size_t i = 0; i < *count;) { /* join what overlaps, or is near enough; the union may meet further ones */
    bool overlaps = !ui_rect_empty(ui_rect_intersect(rects[i], rect));
    if (!overlaps && waste(rects[i], rect) > WASTE_PX) {
      i++;
      continue;
    }
    rect = ui_rect_union(rects[i], rect);
    remove_at(rects, count, i);
    i = 0;
  }
  if (*count < UI_DIRTY_MAX) {
    rects[(*count)++] = rect;
    return;
  }
  size_t best = 0;
  for (size_t i = 1; i < *count; i++)
    if (waste(rects[i], rect) < waste(rects[best], rect)) best = i;
  rect = ui_rect_union(rects[best], rect);
  remove_at(rects, count, best);
  add_dirty(rects, count, rect);
}

size_t ui_damage_update(UiDamage *damage, const UiPainting *painting, UiNode *root, UiRect dirty[UI_DIRTY_MAX])
{
  Found now = {0};
  for (UiNode *n = root; n != NULL; n = ui_node_next(n, root)) {
    UiRect reach = ui_paint_reach(painting->theme, painting->density, n);
    if (ui_rect_empty(reach)) continue;
    add_item(&now, hash_node(painting, n), reach);
    if (n->content == UI_IS_INK && n->ink != NULL) add_ink(&now, painting, n);
  }
  if (now.count > 1) qsort(now.items, now.count, sizeof *now.items, by_hash);
  size_t count = 0, a = 0, b = 0;
  while (a < damage->count || b < now.count) {
    if (b == now.count || (a < damage->count && damage->items[a].hash < now.items[b].hash)) {
      add_dirty(dirty, &count, damage->items[a++].rect);
    } else if (a == damage->count || damage->items[a].hash > now.items[b].hash) {
      add_dirty(dirty, &count, now.items[b++].rect);
    } else {
      a++;
      b++;
    }
  }
  ui_damage_forget(damage);
  *damage = (UiDamage){now.items, now.count, now.capacity};
  return count;
}

void ui_damage_forget(UiDamage *damage)
{
  if (damage->items != NULL) crypto_wipe(damage->items, damage->capacity * sizeof *damage->items);
  free(damage->items);
  *damage = (UiDamage){0};
}
