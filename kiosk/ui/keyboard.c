#include "kiosk/ui/tree.h"

/* Rows of keys; a space separates keys, which are one character each. '^' is Shift, '<' Backspace. */
typedef struct Rows {
  const char *row[3];
} Rows;

static const Rows letters_en = {{"q w e r t y u i o p", "a s d f g h j k l", "^ z x c v b n m <"}};
static const Rows letters_es = {{"q w e r t y u i o p", "a s d f g h j k l ñ", "^ z x c v b n m <"}};
static const Rows accents = {{"á é í ó ú ü ñ ç à è", "ì ò ù â ê î ô û ä ë", "^ ï ö ã õ å ø ł <"}};
static const Rows symbols = {{"1 2 3 4 5 6 7 8 9 0", "@ # $ % & * - + ( )", "! ? ' \" : ; / _ <"}};

enum { WIDE_MAX_DP = 1240, PAD_KEY_DP = 108, CELL_PAD_DP = 4 };

bool ui_keys_are_numeric(UiKeyKind keys)
{
  switch (keys) {
  case UI_KEYS_TEXT:
  case UI_KEYS_NAME:
  case UI_KEYS_PLAIN:
  case UI_KEYS_EMAIL: return false;
  case UI_KEYS_PHONE:
  case UI_KEYS_NUMBER:
  case UI_KEYS_DECIMAL:
  case UI_KEYS_PIN: return true;
  }
  return false;
}

static uint32_t upper(uint32_t c)
{
  if (c >= 'a' && c <= 'z') return c - 32;
  if (c >= 0xe0 && c <= 0xfe && c != 0xf7) return c - 32;
  return c == 0x142 ? 0x141 : c;
}

typedef struct Key {
  const char *label; /* accessible name, shown when there is no icon */
  UiIcon icon;
  UiAct act;
  int weight; /* halves of a letter key */
  UiColour fill, colour;
  bool small; /* the label in the type of tools */
} Key;

static void key(UiBuild *b, const Key *k)
{
  int height = b->theme->key_dp, radius = b->theme->radius_small_dp;
  UiNode *cell = ui_box_begin(b, &(UiBox){.id = NULL,
                                          .role = UI_ROLE_KEY,
                                          .label = k->label,
                                          .act = k->act,
                                          .skip_tab = true,
                                          .axis = UI_STACK,
                                          .cross = UI_STRETCH,
                                          .pad = UI_PAD(CELL_PAD_DP),
                                          .width = {UI_GROW, k->weight, 0, 0},
                                          .height = UI_SIZE_FIXED(height)});
  bool pressed = (cell->state & UI_PRESSED) != 0;
  cell->radius_px = ui_px(b, radius);
  ui_box_begin(b, &(UiBox){.axis = UI_ROW,
                           .main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .width = UI_SIZE_GROW,
                           .height = UI_SIZE_GROW,
                           .paint = {.fill = pressed ? UI_ACCENT : k->fill,
                                     .radius_dp = radius,
                                     .shadow = pressed ? UI_SHADOW_NONE : UI_SHADOW_LOW}});
  UiColour colour = pressed ? UI_ON_ACCENT : k->colour;
  if (k->icon != UI_ICON_NONE)
    ui_icon(b, k->icon, colour, 40);
  else
    ui_text_with(b, &(UiBox){0}, k->small ? UI_TYPE_TOOL : UI_TYPE_KEY, colour, UI_CENTRE, k->label);
  ui_box_end(b);
  ui_box_end(b);
}

static void character_key(UiBuild *b, uint32_t c, int weight)
{
  char *label = ARENA_ARRAY(b->arena, char, 5);
  utf8_encode(c, label);
  key(b, &(Key){.label = label, .act = {UI_VERB_KEY, c}, .weight = weight, .fill = UI_SURFACE, .colour = UI_INK});
}

static void shift_key(UiBuild *b)
{
  UiColour fill = b->shift_lock ? UI_ACCENT : b->shift ? UI_INK_SOFT : UI_LINE;
  key(b, &(Key){.label = b->locale->words.shift,
                .icon = UI_ICON_SHIFT,
                .act = {UI_VERB_SHIFT, 0},
                .weight = 3,
                .fill = fill,
                .colour = b->shift || b->shift_lock ? UI_ON_ACCENT : UI_INK});
}

static void backspace_key(UiBuild *b, int weight)
{
  key(b, &(Key){.label = b->locale->words.backspace,
                .icon = UI_ICON_BACKSPACE,
                .act = {UI_VERB_BACKSPACE, 0},
                .weight = weight,
                .fill = UI_LINE,
                .colour = UI_INK});
}

static void layer_key(UiBuild *b, const char *label, UiKeyLayer layer)
{
  key(b, &(Key){.label = label,
                .act = {UI_VERB_LAYER, (int64_t)layer},
                .weight = 3,
                .fill = UI_LINE,
                .colour = UI_INK,
                .small = true});
}

static void done_key(UiBuild *b, int weight)
{
  const UiWords *words = &b->locale->words;
  key(b, &(Key){.label = b->editing_has_next ? words->next : words->done,
                .icon = b->editing_has_next ? UI_ICON_NEXT : UI_ICON_CHECK,
                .act = {UI_VERB_DONE, 0},
                .weight = weight,
                .fill = UI_ACCENT,
                .colour = UI_ON_ACCENT});
}

static void row_begin(UiBuild *b)
{
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .width = UI_SIZE_GROW});
}

static void key_row(UiBuild *b, const char *keys)
{
  row_begin(b);
  Str rest = str_c(keys);
  size_t at = 0, count = 1;
  for (size_t i = 0; i < rest.len; i++) count += rest.ptr[i] == ' ';
  bool short_row = count == 9 && strchr(keys, '<') == NULL;
  if (short_row) ui_leaf(b, &(UiBox){.width = {UI_GROW, 1, 0, 0}});
  uint32_t c;
  while (utf8_next(rest, &at, &c)) {
    if (c == ' ') continue;
    if (c == '^')
      shift_key(b);
    else if (c == '<')
      backspace_key(b, count == 9 && strchr(keys, '^') == NULL ? 4 : 3);
    else
      character_key(b, b->shift ? upper(c) : c, 2);
  }
  if (short_row) ui_leaf(b, &(UiBox){.width = {UI_GROW, 1, 0, 0}});
  ui_box_end(b);
}

/* side_characters: the two beside the space bar, what this kind of field needs most. */
static const char *side_characters(UiKeyKind kind)
{
  switch (kind) {
  case UI_KEYS_NAME: return "'-";
  case UI_KEYS_EMAIL: return "@.";
  case UI_KEYS_PLAIN: return "-/";
  case UI_KEYS_TEXT:
  case UI_KEYS_PHONE:
  case UI_KEYS_NUMBER:
  case UI_KEYS_DECIMAL:
  case UI_KEYS_PIN: return ",.";
  }
  return ",.";
}

static void last_row(UiBuild *b)
{
  const UiWords *words = &b->locale->words;
  const char *side = side_characters(b->editing_keys);
  row_begin(b);
  layer_key(b, b->layer == UI_LAYER_SYMBOLS ? "abc" : "123",
            b->layer == UI_LAYER_SYMBOLS ? UI_LAYER_LETTERS : UI_LAYER_SYMBOLS);
  layer_key(b, b->layer == UI_LAYER_ACCENTS ? "abc" : "áéñ",
            b->layer == UI_LAYER_ACCENTS ? UI_LAYER_LETTERS : UI_LAYER_ACCENTS);
  character_key(b, (uint32_t)side[0], 2);
  key(b, &(Key){.label = words->space,
                .act = {UI_VERB_KEY, ' '},
                .weight = 6,
                .fill = UI_SURFACE,
                .colour = UI_INK,
                .small = true});
  character_key(b, (uint32_t)side[1], 2);
  done_key(b, 4);
  ui_box_end(b);
}

static void letter_keyboard(UiBuild *b)
{
  const Rows *rows = b->locale->keys == UI_LAYOUT_ES ? &letters_es : &letters_en;
  if (b->layer == UI_LAYER_ACCENTS) rows = &accents;
  if (b->layer == UI_LAYER_SYMBOLS) rows = &symbols;
  for (size_t i = 0; i < COUNT_OF(rows->row); i++) key_row(b, rows->row[i]);
  last_row(b);
}

static void number_keyboard(UiBuild *b)
{
  for (int row = 0; row < 3; row++) {
    row_begin(b);
    for (int i = 1; i <= 3; i++) character_key(b, (uint32_t)('0' + 3 * row + i), 2);
    ui_box_end(b);
  }
  row_begin(b);
  backspace_key(b, 2);
  character_key(b, '0', 2);
  if (b->editing_keys == UI_KEYS_PHONE && !b->editing_has_next)
    character_key(b, '+', 2);
  else if (b->editing_keys == UI_KEYS_DECIMAL)
    character_key(b, '.', 2);
  else
    done_key(b, 2);
  ui_box_end(b);
}

void ui_keyboard(UiBuild *b, bool beside)
{
  bool numeric = ui_keys_are_numeric(b->editing_keys);
  UiSize width = {UI_GROW, 1, 0, numeric ? 3 * PAD_KEY_DP : WIDE_MAX_DP};
  if (beside) width = UI_SIZE_FIXED(3 * PAD_KEY_DP);
  b->keyboard_built = true;
  UiNode *ground = ui_box_begin(b, &(UiBox){.id = "keyboard",
                                            .role = UI_ROLE_KEYBOARD,
                                            .label = b->locale->words.keyboard,
                                            .axis = UI_COLUMN,
                                            .main = UI_CENTRE,
                                            .cross = UI_CENTRE,
                                            .width = beside ? (UiSize){0} : UI_SIZE_GROW,
                                            .height = beside ? UI_SIZE_GROW : (UiSize){0},
                                            .pad = beside ? UI_PAD_XY(20, 8) : UI_PAD_XY(12, 8),
                                            .paint = {.fill = UI_PAPER_DEEP}});
  ground->absorbs = true;
  ui_box_begin(b, &(UiBox){.width = width, .rigid = beside})->ltr = true;
  if (numeric)
    number_keyboard(b);
  else
    letter_keyboard(b);
  ui_box_end(b);
  ui_box_end(b);
}
