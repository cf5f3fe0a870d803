#include <stdlib.h>

#include "common/base/crypto.h"
#include "kiosk/ui/state.h"

UiNode *ui_edit_node(Ui *ui)
{
  UiNode *node = ui->root != NULL ? ui_tree_find(ui->root, ui->editing) : NULL;
  return node != NULL && node->field != NULL && !(node->state & (UI_READ_ONLY | UI_DISABLED)) ? node : NULL;
}

void ui_edit_auto_shift(Ui *ui)
{
  UiNode *node = ui_edit_node(ui);
  if (ui->shift_lock) return;
  ui->shift = false;
  if (node == NULL) return;
  const UiField *f = node->field;
  char before = f->cursor > 0 ? f->text[f->cursor - 1] : ' ',
       before_that = f->cursor > 1 ? f->text[f->cursor - 2] : '.';
  bool word = before == ' ' || before == '-',
       sentence = f->cursor == 0 || (before == ' ' && strchr(".!?", before_that) != NULL);
  if (node->keys == UI_KEYS_NAME) ui->shift = word;
  if (node->keys == UI_KEYS_TEXT) ui->shift = sentence;
}

void ui_edit_begin(Ui *ui, UiNode *node)
{
  if (node->state & (UI_READ_ONLY | UI_DISABLED)) return;
  bool other = ui->editing != node->id_hash;
  ui->editing_in_dialog = false;
  for (const UiNode *n = node; n != NULL; n = n->parent)
    if (n->modal) ui->editing_in_dialog = true;
  ui->editing = ui->focused = ui->reveal = node->id_hash;
  ui->stale = true;
  if (!other) return;
  node->field->cursor = node->field->len;
  ui->layer = UI_LAYER_LETTERS;
  ui->shift_lock = false;
  ui_edit_auto_shift(ui);
}

void ui_edit_end(Ui *ui)
{
  if (ui->editing == 0) return;
  ui->editing = 0;
  ui->stale = true;
}

static void tell_edit(Ui *ui, const UiNode *node)
{
  ui_tell(ui, UI_EVENT_EDIT, (UiAct){0}, node->id, (Str){0}, 0);
}

static UiNode *neighbour_field(Ui *ui, const UiNode *from, int by)
{
  UiNode *top = ui_tree_modal(ui->root), *before = NULL;
  bool passed = false;
  for (UiNode *n = top; n != NULL; n = ui_node_next(n, top)) {
    if (n == from) {
      if (by < 0) return before;
      passed = true;
    } else if (n->field != NULL && n->focusable && !(n->state & UI_READ_ONLY)) {
      if (passed) return n;
      before = n;
    }
  }
  return NULL;
}

/* allowed: what a field of this kind takes, into `out`; the number of bytes. */
static size_t allowed(UiKeyKind keys, Str text, char out[UI_FIELD_MAX])
{
  size_t len = 0;
  bool digits = keys == UI_KEYS_NUMBER || keys == UI_KEYS_PIN;
  for (size_t i = 0; i < text.len && len < UI_FIELD_MAX; i++) {
    char c = text.ptr[i];
    bool digit = c >= '0' && c <= '9';
    if (digits && !digit) continue;
    if (keys == UI_KEYS_DECIMAL && !digit && c != '.' && c != ',' && c != '-') continue;
    if (keys == UI_KEYS_PHONE && !digit && strchr("+()- .", c) == NULL) continue;
    out[len++] = c;
  }
  return len;
}

static bool is_filled(const UiNode *node)
{
  const UiField *f = node->field;
  if (!node->date_part) return false;
  return f->len == f->max_chars || (f->len == 1 && node->advance_over > 0 && f->text[0] - '0' > node->advance_over);
}

void ui_edit_insert(Ui *ui, Str text)
{
  ui_sync(ui);
  UiNode *node = ui_edit_node(ui);
  if (node == NULL) return;
  if (node->date_part && text.len > 1) { /* a date in one piece: its parts fill one after the other */
    for (size_t i = 0; i < text.len; i++) ui_edit_insert(ui, (Str){text.ptr + i, 1});
    return;
  }
  char clean[UI_FIELD_MAX];
  size_t len = allowed(node->keys, text, clean);
  bool changed = len > 0 && ui_field_insert(node->field, (Str){clean, len});
  crypto_wipe(clean, sizeof clean);
  if (!changed) return;
  /* A part of a date that is full: on to the next part, if it is still empty. */
  UiNode *next = node->single_line && is_filled(node) ? neighbour_field(ui, node, 1) : NULL;
  bool advance = next != NULL && next->date_part && next->field->len == 0;
  ui->reveal = ui->editing;
  if (advance) ui->editing = ui->focused = next->id_hash;
  ui_edit_auto_shift(ui);
  tell_edit(ui, node);
}

void ui_edit_backspace(Ui *ui)
{
  ui_sync(ui);
  UiNode *node = ui_edit_node(ui);
  if (node == NULL) return;
  UiNode *previous = node->field->len == 0 ? neighbour_field(ui, node, -1) : NULL;
  if (previous != NULL && node->date_part && previous->date_part) {
    ui_edit_begin(ui, previous);
    node = previous;
  }
  ui_field_backspace(node->field);
  ui_edit_auto_shift(ui);
  tell_edit(ui, node);
}

void ui_edit_delete(Ui *ui)
{
  ui_sync(ui);
  UiNode *node = ui_edit_node(ui);
  if (node == NULL) return;
  ui_field_delete(node->field);
  tell_edit(ui, node);
}

bool ui_edit_move(Ui *ui, int by)
{
  UiNode *node = ui_edit_node(ui);
  if (node == NULL || !ui_field_move(node->field, by)) return false;
  ui->stale = true;
  return true;
}

void ui_edit_place_cursor(Ui *ui, UiNode *node, int x, int y)
{
  UiField *f = node->field;
  if (node->para == NULL || node->fold == NULL || node->keys == UI_KEYS_PIN || f->len == 0) return;
  int left = ui->locale.rtl ? node->bounds.x + node->bounds.w - node->pad.start - node->fold->width
                            : node->bounds.x + node->pad.start;
  int top = node->single_line ? node->bounds.y : node->bounds.y + node->pad.top, best = INT32_MAX;
  uint16_t found = f->cursor;
  f->cursor = 0;
  do {
    int cx, cy;
    ui_text_caret(ui->text, node->para, node->fold, f->cursor, &cx, &cy);
    int off_line = node->single_line ? 0 : abs(top + cy + node->style.line_px / 2 - y) * 8;
    int far = abs(left + node->text_shift + cx - x) + off_line;
    if (far < best) {
      best = far;
      found = f->cursor;
    }
  } while (ui_field_move(f, 1));
  f->cursor = found;
  ui->stale = true;
}

bool ui_edit_done(Ui *ui)
{
  ui_sync(ui);
  UiNode *node = ui_edit_node(ui), *next = node != NULL ? neighbour_field(ui, node, 1) : NULL;
  if (next != NULL)
    ui_edit_begin(ui, next);
  else
    ui_edit_end(ui);
  return next != NULL;
}
