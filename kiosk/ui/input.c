#include <assert.h>
#include <stdlib.h>

#include "kiosk/ui/state.h"

enum { DRAG_DP = 14, STUCK_MS = 8000, LINE_DP = 120 };

/* note_input: the idle clock begins anew. */
static void note_input(Ui *ui)
{
  ui->last_input_ms = env_monotonic_ms(ui->env);
  if (!ui->idle_told) return;
  ui->idle_told = false;
  ui_tell(ui, UI_EVENT_INPUT, (UiAct){0}, "", (Str){0}, 0);
}

static int page_px(const UiNode *scroll)
{
  return scroll->bounds.h * 8 / 10;
}

static void press_key(Ui *ui, const UiNode *node)
{
  char bytes[4];
  size_t len = utf8_encode((uint32_t)node->act.arg, bytes);
  ui_edit_insert(ui, (Str){bytes, len});
  if (ui->layer == UI_LAYER_ACCENTS) ui->layer = UI_LAYER_LETTERS;
}

static void press_shift(Ui *ui)
{
  if (ui->shift_lock)
    ui->shift = ui->shift_lock = false;
  else if (ui->shift)
    ui->shift_lock = true;
  else
    ui->shift = true;
}

/* scroll_of_rail: the area whose buttons are beside it in one row. */
static UiNode *scroll_of_rail(const UiNode *button)
{
  for (const UiNode *n = button->parent; n != NULL; n = n->parent)
    for (UiNode *c = n->first; c != NULL; c = c->next)
      if (c->scrolls) return c;
  return NULL;
}

/* clear_ink: of the pad that stands nearest to its Clear button. */
static void clear_ink(Ui *ui, UiNode *button)
{
  for (UiNode *top = button->parent; top != NULL; top = top->parent)
    for (UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
      if (n->ink == NULL) continue;
      ui_ink_clear(n->ink);
      ui_tell(ui, UI_EVENT_INK, (UiAct){0}, n->id, (Str){0}, 0);
      return;
    }
}

static void activate_own(Ui *ui, UiNode *node)
{
  UiNode *scroll;
  switch (node->act.verb) {
  case UI_VERB_KEY: press_key(ui, node); break;
  case UI_VERB_BACKSPACE: ui_edit_backspace(ui); break;
  case UI_VERB_SHIFT: press_shift(ui); break;
  case UI_VERB_LAYER: ui->layer = (UiKeyLayer)node->act.arg; break;
  case UI_VERB_DONE: ui_edit_done(ui); break;
  case UI_VERB_EDIT: ui_edit_begin(ui, node); break;
  case UI_VERB_SCROLL:
    scroll = scroll_of_rail(node);
    if (scroll != NULL) ui_scroll_by(ui, scroll, (int)node->act.arg * page_px(scroll));
    break;
  case UI_VERB_INK_CLEAR: clear_ink(ui, node); break;
  default: break;
  }
  ui->stale = true;
}

void ui_activate(Ui *ui, UiNode *node)
{
  if (!ui_node_is_touchable(node)) return;
  if (node->role != UI_ROLE_KEY && !node->no_focus) ui->focused = node->id_hash;
  if (node->act.verb < 0) {
    activate_own(ui, node);
    return;
  }
  ui_tell(ui, UI_EVENT_ACT, node->act, node->id, (Str){0}, 0);
}

/* --- fingers ---------------------------------------------------------------------------------------------------- */

static void ink_point(const Ui *ui, int *x, int *y)
{
  *x = (int)((int64_t)(ui->touch.x - ui->touch.pad.x) * UI_INK_UNIT / ui->touch.pad.w);
  *y = (int)((int64_t)(ui->touch.y - ui->touch.pad.y) * UI_INK_UNIT / ui->touch.pad.h);
}

static void begin_ink(Ui *ui, UiNode *node)
{
  int x, y;
  ui->touch.ink = node->ink;
  ui->touch.pad = node->bounds;
  node->ink->aspect_x1000 = (uint16_t)(node->bounds.w * 1000 / node->bounds.h);
  ink_point(ui, &x, &y);
  ui_ink_begin(node->ink, x, y, env_monotonic_ms(ui->env));
  ui_edit_end(ui);
}

static void finger_down(Ui *ui, int64_t finger, int x, int y)
{
  note_input(ui);
  ui_sync(ui);
  int64_t now = env_monotonic_ms(ui->env);
  if (ui->touch.down) {
    UiNode *held = ui_tree_find(ui->root, ui->pressed);
    bool key = held != NULL && held->role == UI_ROLE_KEY;
    if (!key && now - ui->touch.last_ms < STUCK_MS) return; /* a second finger, or the heel of the hand */
    ui_input_cancel(ui);
    if (key) ui_activate(ui, held); /* typing with two thumbs: the next key goes down before the last is up */
    ui_sync(ui);
  }
  UiNode *node = ui_hit(ui, x, y);
  UiNode *scroll = ui_scroll_around(node != NULL ? node : ui_scroll_main(ui));
  if (node == NULL && scroll != NULL && !ui_rect_has(scroll->visible, x, y)) scroll = NULL;
  const UiScrollState *s = scroll != NULL ? ui_scroll_of(ui, scroll->id_hash) : NULL;
  ui->touch = (UiTouch){.down = true, .finger = finger, .last_ms = now, .from_x = x, .from_y = y, .x = x, .y = y};
  ui->touch.node = node != NULL ? node->id_hash : 0;
  ui->touch.scroll = s != NULL && s->most > 0 ? scroll->id_hash : 0;
  ui->touch.scroll_from = s != NULL ? s->offset : 0;
  ui->show_focus = false;
  ui->stale = true;
  if (node != NULL && node->ink != NULL) {
    begin_ink(ui, node);
    return;
  }
  ui->pressed = ui->touch.node;
}

static void finger_move(Ui *ui, int64_t finger, int x, int y)
{
  UiTouch *t = &ui->touch;
  if (!t->down || t->finger != finger) return;
  t->x = x;
  t->y = y;
  t->last_ms = env_monotonic_ms(ui->env);
  ui->last_input_ms = t->last_ms;
  if (t->ink != NULL) {
    int ix, iy;
    ink_point(ui, &ix, &iy);
    ui_ink_move(t->ink, ix, iy, t->last_ms);
    ui->stale = true;
    return;
  }
  int slop = DRAG_DP * ui->density / 100;
  if (!t->dragging && t->scroll != 0 && abs(y - t->from_y) > slop) {
    t->dragging = true;
    ui->pressed = 0;
    ui->stale = true;
  }
  if (t->dragging) {
    UiScrollState *s = ui_scroll_of(ui, t->scroll);
    if (s == NULL) return;
    int offset = t->scroll_from + t->from_y - y;
    s->offset = offset < 0 ? 0 : offset > s->most ? s->most : offset;
    ui->stale = true;
    return;
  }
  ui_sync(ui);
  UiNode *node = ui_tree_find(ui->root, t->node);
  bool on_it = node != NULL && ui_rect_has(ui_rect_grow(node->visible, slop), x, y);
  uint64_t pressed = on_it ? t->node : 0;
  if (pressed != ui->pressed) ui->stale = true;
  ui->pressed = pressed;
}

static void finger_up(Ui *ui, int64_t finger, int x, int y)
{
  UiTouch *t = &ui->touch;
  if (!t->down || t->finger != finger) return;
  finger_move(ui, finger, x, y);
  ui_sync(ui);
  UiNode *node = ui_tree_find(ui->root, ui->pressed), *pad = ui_tree_find(ui->root, t->node);
  bool drew = t->ink != NULL, dragged = t->dragging, nowhere = t->node == 0 && !ui_absorbs_at(ui, t->from_x, t->from_y);
  if (drew) ui_ink_end(t->ink);
  *t = (UiTouch){0};
  ui->pressed = 0;
  ui->stale = true;
  if (drew && pad != NULL) {
    ui_tell(ui, UI_EVENT_INK, (UiAct){0}, pad->id, (Str){0}, 0);
  } else if (node != NULL) {
    if (node->field != NULL && node->id_hash == ui->editing) ui_edit_place_cursor(ui, node, x, y);
    ui_activate(ui, node);
  } else if (nowhere && !dragged) {
    ui_edit_end(ui); /* a touch beside everything puts the keyboard away */
  }
}

void ui_input_finger(Ui *ui, int phase, int64_t finger, int x, int y)
{
  if (phase == 0) finger_down(ui, finger, x, y);
  if (phase == 1) finger_move(ui, finger, x, y);
  if (phase == 2) finger_up(ui, finger, x, y);
}

void ui_input_cancel(Ui *ui)
{
  if (ui->touch.ink != NULL) ui_ink_end(ui->touch.ink);
  ui->touch = (UiTouch){0};
  ui->pressed = 0;
  ui->stale = true;
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

static void go_to(Ui *ui, UiNode *node)
{
  ui->stale = true;
  if (node == NULL) return;
  ui->focused = ui->reveal = node->id_hash;
  if (node->field != NULL) ui_edit_begin(ui, node);
}

static void press_enter(Ui *ui)
{
  UiNode *node = ui_tree_find(ui->root, ui->focused), *field = ui_edit_node(ui);
  if (node != NULL && node != field && ui->show_focus && node->focusable) {
    ui_activate(ui, node);
    return;
  }
  if (field != NULL && ui_edit_done(ui)) return;
  if (ui->enter.verb > 0) ui_tell(ui, UI_EVENT_ACT, ui->enter, ui->enter_id, (Str){0}, 0);
}

static void press_space(Ui *ui)
{
  UiNode *node = ui_tree_find(ui->root, ui->focused);
  if (node == NULL || node == ui_edit_node(ui) || !ui->show_focus) return; /* typed into a field, as text */
  ui->swallow_text = true;
  ui_activate(ui, node);
}

static void press_arrow(Ui *ui, int dx, int dy)
{
  UiNode *field = ui_edit_node(ui);
  bool in_field = field != NULL && ui->focused == field->id_hash;
  if (in_field && dx != 0 && ui_edit_move(ui, ui->locale.rtl ? -dx : dx)) return;
  UiNode *to = ui_focus_towards(ui, dx, dy), *main = ui_scroll_main(ui);
  if (dy != 0 && main != NULL && (to == NULL || ui_scroll_around(to) != main)) {
    /* What lies between here and there may only be text: scroll first, so that it can be read. */
    if (ui_scroll_by(ui, main, dy * LINE_DP * ui->density / 100)) return;
  }
  go_to(ui, to);
}

static void press_page(Ui *ui, int by, bool whole)
{
  UiNode *node = ui_tree_find(ui->root, ui->focused);
  UiNode *scroll = node != NULL ? ui_scroll_around(node) : NULL;
  if (scroll == NULL || scroll->content_h <= scroll->bounds.h) scroll = ui_scroll_main(ui);
  if (scroll != NULL) ui_scroll_by(ui, scroll, by * (whole ? scroll->content_h : page_px(scroll)));
}

static void press_edge(Ui *ui, int by)
{
  UiNode *field = ui_edit_node(ui);
  if (field == NULL) {
    press_page(ui, by, true);
    return;
  }
  field->field->cursor = by < 0 ? 0 : field->field->len;
  ui->stale = true;
}

void ui_input_key(Ui *ui, UiKey key)
{
  note_input(ui);
  ui_sync(ui);
  bool moves = key != UI_KEY_BACKSPACE && key != UI_KEY_DELETE && key != UI_KEY_ESCAPE;
  if (moves && !ui->show_focus && key != UI_KEY_ENTER && key != UI_KEY_SPACE) {
    ui->show_focus = true;
    ui->stale = true;
  }
  switch (key) {
  case UI_KEY_TAB: go_to(ui, ui_focus_next(ui, 1)); break;
  case UI_KEY_BACKTAB: go_to(ui, ui_focus_next(ui, -1)); break;
  case UI_KEY_ENTER: press_enter(ui); break;
  case UI_KEY_SPACE: press_space(ui); break;
  case UI_KEY_ESCAPE:
    if (ui->escape.verb > 0) ui_tell(ui, UI_EVENT_ACT, ui->escape, ui->escape_id, (Str){0}, 0);
    break;
  case UI_KEY_BACKSPACE: ui_edit_backspace(ui); break;
  case UI_KEY_DELETE: ui_edit_delete(ui); break;
  case UI_KEY_UP: press_arrow(ui, 0, -1); break;
  case UI_KEY_DOWN: press_arrow(ui, 0, 1); break;
  case UI_KEY_LEFT: press_arrow(ui, -1, 0); break;
  case UI_KEY_RIGHT: press_arrow(ui, 1, 0); break;
  case UI_KEY_PAGE_UP: press_page(ui, -1, false); break;
  case UI_KEY_PAGE_DOWN: press_page(ui, 1, false); break;
  case UI_KEY_HOME: press_edge(ui, -1); break;
  case UI_KEY_END: press_edge(ui, 1); break;
  }
}

/* --- typed text and scans --------------------------------------------------------------------------------------- */

static void take(Ui *ui, UiScannerResult result, Str text, bool enter)
{
  switch (result) {
  case UI_SCANNER_HELD: return;
  case UI_SCANNER_SCAN:
    note_input(ui);
    ui_tell(ui, UI_EVENT_SCAN, (UiAct){0}, "", text, 0);
    break;
  case UI_SCANNER_TYPED:
    if (text.len > 0) note_input(ui);
    if (text.len > 0) ui_edit_insert(ui, text);
    break;
  }
  ui_scanner_wipe(&ui->scanner);
  if (enter) ui_input_key(ui, UI_KEY_ENTER);
}

void ui_input_tick(Ui *ui, uint32_t ticks)
{
  Str text = {0};
  bool enter = false;
  UiScannerResult result = ui_scanner_tick(&ui->scanner, ticks, &text, &enter);
  take(ui, result, text, enter);
}

void ui_input_text(Ui *ui, Str text, uint32_t ticks)
{
  if (ui->swallow_text) {
    ui->swallow_text = false;
    return;
  }
  ui_input_tick(ui, ticks);
  Str out = {0};
  bool enter = false;
  UiScannerResult result = ui_scanner_text(&ui->scanner, text, ticks, &out, &enter);
  take(ui, result, out, enter);
}

void ui_input_enter(Ui *ui, uint32_t ticks)
{
  ui_input_tick(ui, ticks);
  Str out = {0};
  bool enter = false;
  UiScannerResult result = ui_scanner_enter(&ui->scanner, ticks, &out, &enter);
  take(ui, result, out, enter);
}

void ui_input_flush(Ui *ui)
{
  Str out = {0};
  bool enter = false;
  UiScannerResult result = ui_scanner_flush(&ui->scanner, &out, &enter);
  take(ui, result, out, enter);
}
