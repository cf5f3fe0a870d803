/* Looking at the tree: as text, by name, for faults, as a picture. */
#include <stdio.h>
#include <stdlib.h>

#include "kiosk/ui/png.h"
#include "kiosk/ui/state.h"

static const char *role_name(UiRole role)
{
  switch (role) {
  case UI_ROLE_GROUP: return "group";
  case UI_ROLE_PAGE: return "page";
  case UI_ROLE_HEADING: return "heading";
  case UI_ROLE_TEXT: return "text";
  case UI_ROLE_BUTTON: return "button";
  case UI_ROLE_RADIO_GROUP: return "radiogroup";
  case UI_ROLE_RADIO: return "radio";
  case UI_ROLE_CHECKBOX: return "checkbox";
  case UI_ROLE_SWITCH: return "switch";
  case UI_ROLE_TEXTBOX: return "textbox";
  case UI_ROLE_KEYBOARD: return "keyboard";
  case UI_ROLE_KEY: return "key";
  case UI_ROLE_LIST: return "list";
  case UI_ROLE_LISTITEM: return "listitem";
  case UI_ROLE_SCROLL: return "scroll";
  case UI_ROLE_IMAGE: return "image";
  case UI_ROLE_INK: return "ink";
  case UI_ROLE_STATUS: return "status";
  case UI_ROLE_ALERT: return "alert";
  case UI_ROLE_DIALOG: return "dialog";
  case UI_ROLE_PROGRESS: return "progress";
  }
  return "";
}

/* is_whole: its children only draw it. */
static bool is_whole(UiRole role)
{
  return role == UI_ROLE_BUTTON || role == UI_ROLE_RADIO || role == UI_ROLE_CHECKBOX || role == UI_ROLE_SWITCH ||
         role == UI_ROLE_TEXTBOX || role == UI_ROLE_KEY || role == UI_ROLE_INK || role == UI_ROLE_PROGRESS;
}

static void quoted(Buf *out, const char *text)
{
  buf_u8(out, '"');
  for (; *text != '\0'; text++) {
    if (*text == '\n') {
      buf_c(out, "\\n");
      continue;
    }
    if (*text == '"' || *text == '\\') buf_u8(out, '\\');
    buf_u8(out, (uint8_t)*text);
  }
  buf_u8(out, '"');
}

static void states(Buf *out, uint32_t state)
{
  static const struct {
    uint32_t bit;
    const char *name;
  } names[] = {{UI_CHECKED, " checked"},   {UI_DISABLED, " disabled"}, {UI_INVALID, " invalid"},
               {UI_REQUIRED, " required"}, {UI_BUSY, " busy"},         {UI_READ_ONLY, " read-only"},
               {UI_FOCUSED, " focused"},   {UI_PRESSED, " pressed"}};
  for (size_t i = 0; i < COUNT_OF(names); i++)
    if (state & names[i].bit) buf_c(out, names[i].name);
}

static bool is_layout_only(const UiNode *node)
{
  return node->role == UI_ROLE_GROUP && *node->label == '\0' && node->act.verb == 0;
}

static void node_line(Buf *out, const UiNode *node, int depth)
{
  buf_printf(out, "%*s%s", 2 * depth, "", role_name(node->role));
  if (*node->id != '\0') buf_printf(out, " #%s", node->id);
  if (*node->label != '\0') {
    buf_u8(out, ' ');
    quoted(out, node->label);
  }
  if (*node->value != '\0') {
    buf_c(out, " value=");
    quoted(out, node->value);
  }
  states(out, node->state);
  if (*node->hint != '\0') {
    buf_c(out, " hint=");
    quoted(out, node->hint);
  }
  buf_u8(out, '\n');
}

static void keys_line(Buf *out, const UiNode *keyboard, int depth)
{
  buf_printf(out, "%*skeys", 2 * depth, "");
  for (const UiNode *n = keyboard; n != NULL; n = ui_node_next(n, keyboard))
    if (n->role == UI_ROLE_KEY) buf_printf(out, " %s", n->label);
  buf_u8(out, '\n');
}

static void tree_text(Buf *out, const UiNode *node, int depth)
{
  bool said =
      !is_layout_only(node) && !(node->content == UI_IS_TEXT && node->para == NULL) && node->content != UI_IS_ICON;
  if (said) node_line(out, node, depth);
  if (node->role == UI_ROLE_KEYBOARD) {
    keys_line(out, node, depth + 1);
    return;
  }
  if (is_whole(node->role)) return;
  for (const UiNode *c = node->first; c != NULL; c = c->next) tree_text(out, c, depth + said);
}

void ui_tree_text(const Ui *ui, Buf *out)
{
  if (ui->root == NULL) return;
  for (const UiNode *c = ui->root->first; c != NULL; c = c->next) tree_text(out, c, 0);
}

static const UiNode *find_in(const UiNode *top, const char *name)
{
  const char *id = *name == '#' ? name + 1 : name;
  const UiNode *labelled = NULL;
  for (const UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
    if (strcmp(n->id, id) == 0) return n;
    if (*name == '#' || strcmp(n->label, name) != 0) continue;
    if (labelled == NULL || (!ui_node_is_touchable(labelled) && ui_node_is_touchable(n))) labelled = n;
  }
  return labelled;
}

UiNode *ui_find_node(const Ui *ui, const char *name)
{
  if (ui->root == NULL) return NULL;
  const UiNode *top = ui_tree_modal(ui->root), *found = find_in(top, name);
  if (found == NULL) found = find_in(ui->root, name);
  return (UiNode *)(uintptr_t)found;
}

bool ui_find(const Ui *ui, const char *id_or_label, UiRect *bounds)
{
  const UiNode *node = ui_find_node(ui, id_or_label);
  if (node == NULL) return false;
  *bounds = ui_rect_empty(node->visible) ? node->bounds : node->visible;
  return true;
}

Err ui_screenshot(const Ui *ui, const char *path)
{
  if (ui->canvas.pixels == NULL) return err_because(ERR_NOT_FOUND, "nothing is drawn yet");
  return ui_png_write(&ui->canvas, path);
}

/* --- faults ----------------------------------------------------------------------------------------------------- */

typedef struct Issues {
  UiIssue *items;
  size_t max, count;
} Issues;

static void report(Issues *issues, UiIssueKind kind, const UiNode *node, const char *word, const char *detail)
{
  if (issues->count < issues->max) {
    UiIssue *issue = &issues->items[issues->count];
    const UiNode *named = node;
    while (named->parent != NULL && *named->id == '\0') named = named->parent;
    issue->kind = kind;
    snprintf(issue->what, sizeof issue->what, "%s: #%s \"%.60s\" %d,%d %dx%d %s", word, named->id, node->label,
             node->bounds.x, node->bounds.y, node->bounds.w, node->bounds.h, detail);
  }
  issues->count++;
}

static bool is_within(UiRect inner, UiRect outer)
{
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w &&
         inner.y + inner.h <= outer.y + outer.h;
}

static const UiNode *scrolling_ancestor(const UiNode *node)
{
  for (node = node->parent; node != NULL; node = node->parent)
    if (node->scrolls) return node;
  return NULL;
}

static void check_text(Issues *issues, const UiNode *node)
{
  if (ui_para_missing(node->para)) report(issues, UI_ISSUE_MISSING_GLYPH, node, "no glyph", "");
  if (node->content != UI_IS_TEXT || node->fold == NULL) return;
  char detail[48];
  snprintf(detail, sizeof detail, "needs %dx%d", node->fold->width, node->fold->height);
  int width = node->bounds.w - node->pad.start - node->pad.end,
      height = node->bounds.h - node->pad.top - node->pad.bottom;
  if (node->fold->width > width || node->fold->height > height) {
    report(issues, UI_ISSUE_TEXT_CUT, node, "cut", detail);
    return;
  }
  for (const UiNode *n = node->parent; n != NULL; n = n->parent) {
    if (n->scrolls) { /* cut above and below is what scrolling is for */
      if (node->bounds.x < n->bounds.x || node->bounds.x + node->bounds.w > n->bounds.x + n->bounds.w)
        report(issues, UI_ISSUE_TEXT_CUT, node, "cut at the side", detail);
      return;
    }
    if (n->clip && !is_within(node->bounds, n->bounds)) {
      report(issues, UI_ISSUE_TEXT_CUT, node, "cut by its box", detail);
      return;
    }
  }
}

/* ink_rect: where a text's letters are, without the air of its lines. */
static UiRect ink_rect(const UiNode *node, bool rtl)
{
  UiRect r = node->bounds;
  if (node->fold == NULL) return (UiRect){0};
  int air = (node->style.line_px - node->style.size_px) / 2, left = rtl ? node->pad.end : node->pad.start;
  int room = node->bounds.w - node->pad.start - node->pad.end - node->fold->width;
  r.x += left + (node->text_align == UI_CENTRE ? room / 2 : (node->text_align == UI_END) != rtl ? room : 0);
  r.w = node->fold->width;
  r.y += node->pad.top + air;
  r.h = node->fold->height - 2 * air;
  return ui_rect_intersect(r, node->cut);
}

static void check_overlaps(Issues *issues, const UiNode *top, bool rtl)
{
  for (const UiNode *a = top; a != NULL; a = ui_node_next(a, top)) {
    if (a->content != UI_IS_TEXT || a->para == NULL) continue;
    for (const UiNode *b = ui_node_next(a, top); b != NULL; b = ui_node_next(b, top)) {
      if (b->content != UI_IS_TEXT || b->para == NULL) continue;
      if (ui_rect_empty(ui_rect_intersect(ink_rect(a, rtl), ink_rect(b, rtl)))) continue;
      char detail[64];
      snprintf(detail, sizeof detail, "over \"%.40s\"", b->label);
      report(issues, UI_ISSUE_TEXT_OVERLAP, a, "overlap", detail);
    }
  }
}

static void check_target(Issues *issues, const Ui *ui, const UiNode *node)
{
  if (!ui_node_is_touchable(node) || node->no_focus) return;
  int least = ui->theme.target_dp * ui->density / 100 - 1, least_w = least, least_h = least;
  if (node->role == UI_ROLE_KEY) {
    least_h = ui->theme.key_dp * ui->density / 100 - 1;
    least_w = least_h * 8 / 10; /* ten keys in the width of a small portrait screen */
  }
  if (node->dense) least_h = least * 7 / 10;
  if (node->bounds.w < least_w || node->bounds.h < least_h)
    report(issues, UI_ISSUE_SMALL_TARGET, node, "small target", "");
  if (*node->label == '\0') report(issues, UI_ISSUE_NO_LABEL, node, "no label", "");
}

static void check_ids(Issues *issues, const UiNode *root)
{
  for (const UiNode *a = root; a != NULL; a = ui_node_next(a, root)) {
    if (*a->id == '\0') continue;
    for (const UiNode *b = ui_node_next(a, root); b != NULL; b = ui_node_next(b, root))
      if (a->id_hash == b->id_hash) report(issues, UI_ISSUE_SAME_ID, b, "same id", "");
  }
}

size_t ui_check_layout(Ui *ui, UiIssue items[], size_t max)
{
  Issues issues = {items, max, 0};
  ui_sync(ui);
  UiRect window = {0, 0, ui->canvas.width, ui->canvas.height};
  for (const UiNode *n = ui->root; n != NULL; n = ui_node_next(n, ui->root)) {
    if (n->para != NULL) check_text(&issues, n);
    check_target(&issues, ui, n);
    if (scrolling_ancestor(n) == NULL && n->bounds.h > 0 && !is_within(n->bounds, window))
      report(&issues, UI_ISSUE_OUTSIDE, n, "outside the window", "");
  }
  check_overlaps(&issues, ui_tree_modal(ui->root), ui->locale.rtl);
  check_ids(&issues, ui->root);
  return issues.count;
}
