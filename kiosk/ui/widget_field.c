/* What is filled in: fields, dates, signatures. */
#include <stdio.h>

#include "common/base/crypto.h"
#include "kiosk/ui/tree.h"

enum { FIELD_PAD_DP = 22, FIELD_PAD_UPDOWN_DP = 12, SIGNATURE_DP = 260, SIGNATURE_LINE_DP = 64 };

static const char *shown_text(UiBuild *b, const UiField *field, UiKeyKind keys, uint32_t *caret_at)
{
  *caret_at = field->cursor;
  if (keys != UI_KEYS_PIN) return arena_cstr(b->arena, ui_field_str(field));
  static const char dot[3] = {'\xe2', '\x80', '\xa2'}; /* U+2022 */
  char *dots = ARENA_ARRAY(b->arena, char, field->len * 3u + 1u);
  for (size_t i = 0; i < field->len; i++) memcpy(dots + 3 * i, dot, 3);
  *caret_at = field->cursor * 3u;
  return dots;
}

typedef struct Entry {
  const char *id, *label, *hint, *placeholder;
  UiField *field;
  UiKeyKind keys;
  uint32_t state;
  int advance_over; /* of a part of a date; -1: not one */
  int lines;        /* above 1: folds */
} Entry;

/* entry_box: the box in which text is typed. */
static void entry_box(UiBuild *b, const Entry *entry, UiSize width)
{
  const UiTheme *t = b->theme;
  uint64_t hash = ui_hash_id(entry->id);
  bool editing = b->editing == hash && !(entry->state & UI_READ_ONLY), bad = (entry->state & UI_INVALID) != 0;
  if (b->editing_found && !(entry->state & UI_READ_ONLY)) b->editing_has_next = true;
  if (editing) {
    b->editing_found = true;
    b->editing_keys = entry->keys;
    b->editing_has_next = false;
  }
  uint32_t caret_at;
  const char *text = shown_text(b, entry->field, entry->keys, &caret_at);
  UiColour border = bad ? UI_BAD : editing ? UI_ACCENT : UI_LINE_STRONG;
  bool read_only = (entry->state & UI_READ_ONLY) != 0, folds = entry->lines > 1;
  int height = folds ? entry->lines * ui_build_line_dp(b, UI_TYPE_ENTRY) + 2 * FIELD_PAD_UPDOWN_DP : t->target_dp;
  UiNode *node = ui_leaf(b, &(UiBox){.id = entry->id,
                                     .role = UI_ROLE_TEXTBOX,
                                     .label = entry->label,
                                     .value = text,
                                     .hint = entry->hint,
                                     .state = entry->state,
                                     .act = {read_only ? 0 : UI_VERB_EDIT, 0},
                                     .pad = UI_PAD_XY(FIELD_PAD_DP, FIELD_PAD_UPDOWN_DP),
                                     .width = width,
                                     .height = UI_SIZE_MIN(height),
                                     .paint = {.fill = read_only ? UI_PAPER_DEEP : UI_SURFACE,
                                               .border = border,
                                               .border_dp = editing || bad ? t->border_dp + 2 : t->border_dp,
                                               .radius_dp = t->radius_dp}});
  node->content = UI_IS_FIELD;
  node->field = entry->field;
  node->keys = entry->keys;
  node->single_line = !folds;
  node->style = ui_build_style(b, UI_TYPE_ENTRY);
  node->colour = UI_INK;
  node->caret = editing;
  node->caret_at = caret_at;
  node->date_part = entry->advance_over >= 0;
  node->advance_over = entry->advance_over > 0 ? entry->advance_over : 0;
  if (editing) node->state |= UI_FOCUSED;
  bool empty = *text == '\0';
  if (empty && entry->placeholder != NULL && *entry->placeholder != '\0') {
    node->colour = UI_INK_FAINT;
    node->caret_at = 0;
    text = entry->placeholder;
  }
  if (*text != '\0') node->para = ui_text_para(b->text, node->style, b->locale->rtl, str_c(text));
}

void ui_field(UiBuild *b, const UiFieldBox *box)
{
  bool bad = box->error != NULL && *box->error != '\0';
  uint32_t state = (bad ? UI_INVALID : 0) | (box->required ? UI_REQUIRED : 0) | (box->read_only ? UI_READ_ONLY : 0);
  ui_box_begin(b, &(UiBox){.gap = 8, .width = {UI_GROW, 1, 0, box->width}});
  if (!box->hide_label) ui_text(b, UI_TYPE_LABEL, UI_INK, box->label);
  ui_text(b, UI_TYPE_NOTE, UI_INK_SOFT, box->help);
  entry_box(b,
            &(Entry){.id = box->id,
                     .label = box->label,
                     .hint = bad ? box->error : box->help,
                     .placeholder = box->placeholder,
                     .field = box->field,
                     .keys = box->keys,
                     .state = state,
                     .advance_over = -1,
                     .lines = box->lines},
            UI_SIZE_GROW);
  ui_error_line(b, box->error);
  ui_box_end(b);
}

/* --- date ------------------------------------------------------------------------------------------------------- */

static int number_of(const UiField *field)
{
  int64_t value = 0;
  return str_to_int64(ui_field_str(field), &value) && value >= 0 && value <= 9999 ? (int)value : 0;
}

bool ui_date_value(const UiDateEntry *entry, Date *out)
{
  int year = number_of(&entry->year), month = number_of(&entry->month), day = number_of(&entry->day);
  if (entry->year.len != 4 || !date_valid(year, month, day)) return false;
  *out = (Date){(int16_t)year, (int8_t)month, (int8_t)day};
  return true;
}

void ui_date_wipe(UiDateEntry *entry)
{
  ui_field_wipe(&entry->day);
  ui_field_wipe(&entry->month);
  ui_field_wipe(&entry->year);
}

static void replace(Buf *out, const char *pattern, const char *month, int day, int year)
{
  for (const char *p = pattern; *p != '\0';) {
    if (strncmp(p, "{month}", 7) == 0) {
      buf_c(out, month);
      p += 7;
    } else if (strncmp(p, "{day}", 5) == 0) {
      buf_printf(out, "%d", day);
      p += 5;
    } else if (strncmp(p, "{year}", 6) == 0) {
      buf_printf(out, "%d", year);
      p += 6;
    } else {
      buf_u8(out, (uint8_t)*p++);
    }
  }
}

static void date_in_words(UiBuild *b, const UiDateEntry *entry)
{
  Date date;
  if (!ui_date_value(entry, &date)) return;
  const UiWords *words = &b->locale->words;
  AUTO(Buf, text, buf_fini) = buf_make(256);
  replace(&text, words->date_pattern, words->months[date.month - 1], date.day, date.year);
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .cross = UI_CENTRE, .gap = 14});
  ui_icon(b, UI_ICON_CHECK, UI_GOOD, 40);
  ui_text(b, UI_TYPE_STRONG, UI_INK, buf_cstr(&text));
  ui_box_end(b);
  crypto_wipe(text.data, text.capacity);
}

static void date_part(UiBuild *b, const UiDateBox *box, const char *suffix, const char *label, UiField *field,
                      int chars, int advance_over)
{
  bool bad = box->error != NULL && *box->error != '\0';
  field->max_chars = (uint16_t)chars;
  int width = chars == 4 ? 212 : 140;
  ui_box_begin(b, &(UiBox){.gap = 6, .rigid = true});
  ui_text(b, UI_TYPE_NOTE, UI_INK_SOFT, label);
  entry_box(b,
            &(Entry){.id = arena_printf(b->arena, "%s%s", box->id, suffix),
                     .label = label,
                     .hint = bad ? box->error : "",
                     .field = field,
                     .keys = UI_KEYS_NUMBER,
                     .state = bad ? UI_INVALID : 0,
                     .advance_over = advance_over},
            (UiSize){UI_GROW, 1, width * (100 + (b->text_scale - 100) * 6 / 10) / 100, 0});
  ui_box_end(b);
}

void ui_date(UiBuild *b, const UiDateBox *box)
{
  const UiWords *words = &b->locale->words;
  UiDateEntry *entry = box->entry;
  ui_box_begin(b, &(UiBox){.id = box->id, .label = box->label, .gap = 14, .width = UI_SIZE_GROW});
  ui_text(b, UI_TYPE_LABEL, UI_INK, box->label);
  ui_text(b, UI_TYPE_NOTE, UI_INK_SOFT, box->help);
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .wrap = true, .gap = 16});
  if (b->locale->date_order == UI_DATE_YMD) date_part(b, box, ".year", words->year, &entry->year, 4, 0);
  if (b->locale->date_order == UI_DATE_DMY) date_part(b, box, ".day", words->day, &entry->day, 2, 3);
  date_part(b, box, ".month", words->month, &entry->month, 2, 1);
  if (b->locale->date_order != UI_DATE_DMY) date_part(b, box, ".day", words->day, &entry->day, 2, 3);
  if (b->locale->date_order != UI_DATE_YMD) date_part(b, box, ".year", words->year, &entry->year, 4, 0);
  ui_box_end(b);
  ui_error_line(b, box->error);
  if (box->error == NULL || *box->error == '\0') date_in_words(b, entry);
  ui_box_end(b);
}

/* --- signature -------------------------------------------------------------------------------------------------- */

static void signature_ground(UiBuild *b, bool empty)
{
  ui_box_begin(b, &(UiBox){.main = UI_END,
                           .width = UI_SIZE_GROW,
                           .height = UI_SIZE_GROW,
                           .gap = 10,
                           .pad = {36, 20, 36, SIGNATURE_LINE_DP}});
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .cross = UI_CENTRE, .gap = 14, .height = UI_SIZE_MIN(48)});
  if (empty) {
    ui_icon(b, UI_ICON_PEN, UI_INK_SOFT, 40);
    ui_text(b, UI_TYPE_NOTE, UI_INK_SOFT, b->locale->words.sign_here);
  }
  ui_box_end(b);
  ui_leaf(b, &(UiBox){.width = UI_SIZE_GROW,
                      .height = UI_SIZE_FIXED(3),
                      .paint = {.fill = UI_LINE_STRONG, .radius_dp = 1}});
  ui_box_end(b);
}

void ui_signature(UiBuild *b, const UiSignature *signature)
{
  const UiTheme *t = b->theme;
  const UiWords *words = &b->locale->words;
  bool empty = signature->ink->count == 0, bad = signature->error != NULL && *signature->error != '\0';
  int height = signature->height > 0 ? signature->height : SIGNATURE_DP;
  bool grows = signature->height == 0 && b->page != NULL && b->page->tall;
  ui_box_begin(b, &(UiBox){.gap = 10, .width = UI_SIZE_GROW, .height = grows ? UI_SIZE_GROW : (UiSize){0}});
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .gap = 24, .cross = UI_CENTRE, .width = UI_SIZE_GROW});
  ui_box_begin(b, &(UiBox){.gap = 4, .width = UI_SIZE_GROW});
  ui_text(b, UI_TYPE_LABEL, UI_INK, signature->label);
  ui_text(b, UI_TYPE_NOTE, UI_INK_SOFT, signature->help);
  ui_box_end(b);
  ui_button(b, &(UiButton){.id = arena_printf(b->arena, "%s.clear", signature->id),
                           .label = words->clear,
                           .act = {UI_VERB_INK_CLEAR, 0},
                           .icon = UI_ICON_UNDO,
                           .kind = UI_QUIET,
                           .disabled = empty});
  ui_box_end(b);
  ui_box_begin(b, &(UiBox){.axis = UI_STACK,
                           .clip = true,
                           .width = UI_SIZE_GROW,
                           .height = grows ? (UiSize){UI_GROW, 1, 180, 0} : UI_SIZE_FIXED(height),
                           .paint = {.fill = UI_SURFACE,
                                     .border = bad ? UI_BAD : UI_LINE_STRONG,
                                     .border_dp = bad ? t->border_dp + 2 : t->border_dp,
                                     .radius_dp = t->radius_dp}});
  signature_ground(b, empty);
  UiNode *pad = ui_leaf(b, &(UiBox){.id = signature->id,
                                    .role = UI_ROLE_INK,
                                    .label = signature->label != NULL ? signature->label : words->sign_here,
                                    .value = empty ? "" : words->signed_,
                                    .hint = bad ? signature->error : signature->help,
                                    .state = bad ? UI_INVALID : 0,
                                    .act = {UI_VERB_INK, 0},
                                    .width = UI_SIZE_GROW,
                                    .height = UI_SIZE_GROW});
  pad->content = UI_IS_INK;
  pad->ink = signature->ink;
  ui_box_end(b);
  ui_error_line(b, signature->error);
  ui_box_end(b);
}
