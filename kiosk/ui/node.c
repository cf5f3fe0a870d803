#include <assert.h>

#include "kiosk/ui/tree.h"

uint64_t ui_hash_id(const char *id)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *id != '\0'; id++) hash = (hash ^ (uint8_t)*id) * 0x100000001b3u;
  return hash | 1; /* never 0 */
}

UiRgb ui_node_rgb(const UiTheme *theme, UiColour colour)
{
  assert(colour >= UI_NO_COLOUR && colour < UI_COLOUR_COUNT);
  return theme->colour[colour];
}

static int scaled_dp(const UiBuild *build, int dp, int grow_percent)
{
  return dp + dp * (build->text_scale - 100) * grow_percent / 10000;
}

int ui_build_line_dp(const UiBuild *build, UiType type)
{
  const UiTypeToken *token = &build->theme->type[type];
  return scaled_dp(build, token->line_dp, token->grow_percent);
}

UiStyle ui_build_style(const UiBuild *build, UiType type)
{
  const UiTypeToken *token = &build->theme->type[type];
  return (UiStyle){token->family, token->bold,
                   (uint16_t)ui_px(build, scaled_dp(build, token->size_dp, token->grow_percent)),
                   (uint16_t)ui_px(build, scaled_dp(build, token->line_dp, token->grow_percent))};
}

static const char *copy(UiBuild *build, const char *text)
{
  if (text == NULL || *text == '\0') return "";
  return arena_cstr(build->arena, str_c(text));
}

static UiPxSize px_size(const UiBuild *build, UiSize size)
{
  UiPxSize out = {size.kind, size.value, ui_px(build, size.min), ui_px(build, size.max)};
  if (size.kind == UI_FIXED) out.value = ui_px(build, size.value);
  if (size.kind == UI_GROW && out.value <= 0) out.value = 1;
  return out;
}

static UiNode *add_node(UiBuild *build, const UiBox *box)
{
  UiNode *node = ARENA_NEW(build->arena, UiNode), *parent = build->open;
  uint64_t place = 0;
  node->parent = parent;
  if (parent != NULL) {
    place = parent->last != NULL ? parent->last->id_hash * 31 + 7 : parent->id_hash * 131 + 1;
    if (parent->last != NULL)
      parent->last->next = node;
    else
      parent->first = node;
    parent->last = node;
  } else {
    assert(build->root == NULL);
    build->root = node;
  }
  build->node_count++;
  node->id = copy(build, box->id);
  node->id_hash = *node->id ? ui_hash_id(node->id) : place | 1;
  node->role = box->role;
  node->label = copy(build, box->label);
  node->value = copy(build, box->value);
  node->hint = copy(build, box->hint);
  node->act = box->act;
  node->state = box->state & (uint32_t) ~(UI_FOCUSED | UI_PRESSED);
  bool enabled = !(box->state & (UI_DISABLED | UI_BUSY));
  node->focusable = enabled && (box->focusable || box->act.verb != 0);
  if (node->focusable && node->id_hash == build->pressed) node->state |= UI_PRESSED;
  if (node->focusable && node->id_hash == build->focused) node->state |= UI_FOCUSED;
  node->ring = build->show_focus && (node->state & UI_FOCUSED) != 0;
  node->skip_tab = box->skip_tab;
  node->modal = box->modal;
  node->clip = box->clip;
  node->rigid = box->rigid;
  node->wrap = box->wrap;
  node->axis = box->axis;
  node->width = px_size(build, box->width);
  node->height = px_size(build, box->height);
  node->pad = (UiEdges){ui_px(build, box->pad.start), ui_px(build, box->pad.top), ui_px(build, box->pad.end),
                        ui_px(build, box->pad.bottom)};
  node->gap = ui_px(build, box->gap);
  node->main = box->main;
  node->cross = box->cross;
  node->fill = box->paint.fill;
  node->border = box->paint.border;
  node->border_px = ui_px(build, box->paint.border_dp);
  node->radius_px = ui_px(build, box->paint.radius_dp);
  node->opacity = box->paint.opacity_percent > 0 ? box->paint.opacity_percent * 255 / 100 : 255;
  node->shadow = box->paint.shadow;
  return node;
}

UiNode *ui_box_begin(UiBuild *build, const UiBox *box)
{
  UiNode *node = add_node(build, box);
  build->open = node;
  build->depth++;
  assert(build->depth < UI_DEPTH_MAX);
  return node;
}

void ui_box_end(UiBuild *build)
{
  assert(build->open != NULL && build->depth > 0);
  build->open = build->open->parent;
  build->depth--;
}

UiNode *ui_leaf(UiBuild *build, const UiBox *box)
{
  UiNode *node = ui_box_begin(build, box);
  ui_box_end(build);
  return node;
}

UiNode *ui_text_with(UiBuild *build, const UiBox *box, UiType type, UiColour colour, UiAlign align, const char *text)
{
  UiBox own = *box;
  own.label = text;
  if (own.role == UI_ROLE_GROUP) own.role = UI_ROLE_TEXT;
  UiNode *node = ui_leaf(build, &own);
  node->content = UI_IS_TEXT;
  node->type = type;
  node->colour = colour;
  node->text_align = align;
  node->style = ui_build_style(build, type);
  if (*node->label != '\0') node->para = ui_text_para(build->text, node->style, build->locale->rtl, str_c(node->label));
  return node;
}

UiNode *ui_text(UiBuild *build, UiType type, UiColour colour, const char *text)
{
  return ui_text_with(build, &(UiBox){0}, type, colour, UI_START, text);
}

UiNode *ui_icon(UiBuild *build, UiIcon icon, UiColour colour, int size_dp)
{
  UiNode *node =
      ui_leaf(build, &(UiBox){.width = UI_SIZE_FIXED(size_dp), .height = UI_SIZE_FIXED(size_dp), .rigid = true});
  node->content = UI_IS_ICON;
  node->icon = icon;
  node->colour = colour;
  return node;
}

UiNode *ui_bitmap(UiBuild *build, const char *id, const char *label, UiBitmap bitmap, int width_dp, int height_dp,
                  bool crisp)
{
  UiNode *node = ui_leaf(build, &(UiBox){.id = id,
                                         .label = label,
                                         .role = UI_ROLE_IMAGE,
                                         .width = UI_SIZE_FIXED(width_dp),
                                         .height = UI_SIZE_FIXED(height_dp),
                                         .rigid = true});
  node->content = UI_IS_BITMAP;
  node->bitmap = bitmap;
  node->crisp = crisp;
  return node;
}

void ui_spacer(UiBuild *build, int min_dp)
{
  UiSize size = {UI_GROW, 1, min_dp, 0};
  bool row = build->open->axis == UI_ROW;
  ui_leaf(build, &(UiBox){.width = row ? size : (UiSize){0}, .height = row ? (UiSize){0} : size});
}

Arena *ui_build_arena(UiBuild *build)
{
  return build->arena;
}

const UiTheme *ui_build_theme(const UiBuild *build)
{
  return build->theme;
}

int ui_build_width_dp(const UiBuild *build)
{
  return build->width_px * 100 / build->density;
}

int ui_build_height_dp(const UiBuild *build)
{
  return build->height_px * 100 / build->density;
}

bool ui_build_is_portrait(const UiBuild *build)
{
  return build->height_px > build->width_px;
}

int ui_build_text_scale(const UiBuild *build)
{
  return build->text_scale;
}

bool ui_build_is_rtl(const UiBuild *build)
{
  return build->locale->rtl;
}

bool ui_build_is_pressed(const UiBuild *build, const char *id)
{
  return build->pressed != 0 && build->pressed == ui_hash_id(id);
}

bool ui_build_is_focused(const UiBuild *build, const char *id)
{
  return build->focused != 0 && build->focused == ui_hash_id(id);
}

const UiScrollState *ui_build_scroll(const UiBuild *build, const char *id)
{
  uint64_t hash = ui_hash_id(id);
  for (int i = 0; i < UI_SCROLLS_MAX; i++)
    if (build->scrolls[i].id_hash == hash) return &build->scrolls[i];
  return NULL;
}

bool ui_node_is_touchable(const UiNode *node)
{
  return node->act.verb != 0 && !(node->state & (UI_DISABLED | UI_BUSY));
}

UiNode *ui_node_next(const UiNode *node, const UiNode *top)
{
  if (node->first != NULL) return node->first;
  while (node != top && node->next == NULL) node = node->parent;
  return node == top ? NULL : node->next;
}

UiNode *ui_tree_modal(UiNode *root)
{
  UiNode *found = root;
  for (UiNode *n = root; n != NULL; n = ui_node_next(n, root))
    if (n->modal) found = n;
  return found;
}

UiNode *ui_tree_find(UiNode *root, uint64_t id_hash)
{
  if (id_hash == 0) return NULL;
  for (UiNode *n = root; n != NULL; n = ui_node_next(n, root))
    if (n->id_hash == id_hash) return n;
  return NULL;
}
