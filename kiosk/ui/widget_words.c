/* Groups and words. */
#include <assert.h>

#include "kiosk/ui/tree.h"

static const struct {
  UiColour strong, soft;
  UiIcon icon;
} tones[] = {
    [UI_TONE_INFO] = {UI_ACCENT_DEEP, UI_ACCENT_SOFT, UI_ICON_INFO},
    [UI_TONE_GOOD] = {UI_GOOD, UI_GOOD_SOFT, UI_ICON_CHECK},
    [UI_TONE_WARN] = {UI_WARN, UI_WARN_SOFT, UI_ICON_WARNING},
    [UI_TONE_BAD] = {UI_BAD, UI_BAD_SOFT, UI_ICON_ERROR},
};

void ui_row_begin(UiBuild *b, int gap)
{
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .gap = gap, .wrap = true, .width = UI_SIZE_GROW});
}

void ui_column_begin(UiBuild *b, int gap)
{
  ui_box_begin(b, &(UiBox){.gap = gap, .width = UI_SIZE_GROW});
}

void ui_split_begin(UiBuild *b, int gap)
{
  bool one = ui_build_is_portrait(b) || b->text_scale >= 200;
  ui_box_begin(b,
               &(UiBox){.axis = one ? UI_COLUMN : UI_ROW, .gap = gap, .width = UI_SIZE_GROW, .height = UI_SIZE_GROW});
}

void ui_card_begin(UiBuild *b, const char *id, const char *label)
{
  ui_box_begin(b, &(UiBox){.id = id,
                           .label = label,
                           .gap = 20,
                           .pad = UI_PAD_XY(32, 28),
                           .width = UI_SIZE_GROW,
                           .paint = {.fill = UI_SURFACE,
                                     .border = UI_LINE,
                                     .border_dp = 1,
                                     .radius_dp = b->theme->radius_large_dp,
                                     .shadow = UI_SHADOW_LOW}});
}

void ui_list_begin(UiBuild *b, const char *id, const char *label)
{
  ui_box_begin(b, &(UiBox){.id = id,
                           .role = UI_ROLE_LIST,
                           .label = label,
                           .pad = UI_PAD_XY(1, 8),
                           .width = UI_SIZE_GROW,
                           .paint = {.fill = UI_SURFACE,
                                     .border = UI_LINE,
                                     .border_dp = 1,
                                     .radius_dp = b->theme->radius_large_dp,
                                     .shadow = UI_SHADOW_LOW}});
}

void ui_list_row_begin(UiBuild *b, const UiListRow *row)
{
  bool pressed = row->id != NULL && ui_build_is_pressed(b, row->id);
  if (b->open->first != NULL)
    ui_leaf(b, &(UiBox){.width = UI_SIZE_GROW, .height = UI_SIZE_FIXED(1), .paint = {.fill = UI_LINE}});
  UiColour fill = pressed ? UI_SURFACE_PRESSED : row->chosen ? UI_ACCENT_SOFT : UI_NO_COLOUR;
  UiNode *node = ui_box_begin(b, &(UiBox){.id = row->id,
                                          .role = UI_ROLE_LISTITEM,
                                          .label = row->label,
                                          .act = row->act,
                                          .state = row->chosen ? UI_CHECKED : 0,
                                          .axis = UI_ROW,
                                          .cross = UI_CENTRE,
                                          .gap = row->dense ? 16 : 24,
                                          .pad = row->dense ? UI_PAD_XY(20, 6) : UI_PAD_XY(32, 14),
                                          .width = UI_SIZE_GROW,
                                          .height = UI_SIZE_MIN(row->dense ? 64 : b->theme->target_dp),
                                          .paint = {.fill = fill}});
  node->dense = row->dense;
}

void ui_cell(UiBuild *b, int weight, UiType type, UiColour colour, const char *text)
{
  UiSize width = weight > 0 ? (UiSize){UI_GROW, weight, 0, 0} : (UiSize){0};
  if (text == NULL || *text == '\0')
    ui_leaf(b, &(UiBox){.width = width});
  else
    ui_text_with(b, &(UiBox){.width = width}, type, colour, UI_START, text);
}

void ui_end(UiBuild *b)
{
  ui_box_end(b);
}

void ui_heading(UiBuild *b, const char *text)
{
  ui_text_with(b, &(UiBox){.role = UI_ROLE_HEADING}, UI_TYPE_HEADING, UI_INK, UI_START, text);
}

void ui_display(UiBuild *b, const char *text)
{
  ui_text_with(b, &(UiBox){.role = UI_ROLE_HEADING, .width = UI_SIZE_GROW}, UI_TYPE_DISPLAY, UI_ACCENT_DEEP, UI_CENTRE,
               text);
}

/* paragraphs: one text each, so that the space between them is more than that between lines. */
static void paragraphs(UiBuild *b, UiColour colour, const char *text)
{
  if (text == NULL || *text == '\0') return;
  if (strchr(text, '\n') == NULL) {
    ui_text(b, UI_TYPE_BODY, colour, text);
    return;
  }
  ui_box_begin(b, &(UiBox){.gap = 20});
  for (Str rest = str_c(text); !str_empty(rest);) {
    Str part = str_cut(&rest, '\n');
    if (!str_empty(str_trim(part))) ui_text(b, UI_TYPE_BODY, colour, arena_cstr(b->arena, part));
  }
  ui_box_end(b);
}

void ui_para(UiBuild *b, const char *text)
{
  paragraphs(b, UI_INK, text);
}

void ui_para_soft(UiBuild *b, const char *text)
{
  paragraphs(b, UI_INK_SOFT, text);
}

void ui_fact(UiBuild *b, const char *label, const char *value)
{
  bool beside = !ui_build_is_portrait(b) && b->text_scale < 150;
  ui_box_begin(b, &(UiBox){.axis = beside ? UI_ROW : UI_COLUMN,
                           .gap = beside ? 24 : 2,
                           .cross = UI_START,
                           .label = arena_printf(b->arena, "%s: %s", label, value),
                           .role = UI_ROLE_GROUP,
                           .width = UI_SIZE_GROW});
  UiBox left = {.width = beside ? (UiSize){UI_GROW, 2, 0, 0} : (UiSize){0}, .pad = {0, beside ? 8 : 0, 0, 0}};
  UiBox right = {.width = beside ? (UiSize){UI_GROW, 5, 0, 0} : (UiSize){0}};
  ui_text_with(b, &left, UI_TYPE_NOTE, UI_INK_SOFT, UI_START, label);
  ui_text_with(b, &right, UI_TYPE_STRONG, UI_INK, UI_START, value);
  ui_box_end(b);
}

void ui_badge(UiBuild *b, UiTone tone, const char *text)
{
  bool dense = b->page != NULL && b->page->dense;
  ui_box_begin(
      b, &(UiBox){.pad = dense ? UI_PAD_XY(14, 3) : UI_PAD_XY(18, 4),
                  .paint = {.fill = tones[tone].soft, .border = tones[tone].strong, .border_dp = 1, .radius_dp = 24}});
  ui_text(b, dense ? UI_TYPE_DENSE : UI_TYPE_NOTE, tones[tone].strong, text);
  ui_box_end(b);
}

void ui_notice(UiBuild *b, const char *id, UiTone tone, const char *text)
{
  ui_box_begin(b, &(UiBox){.id = id,
                           .role = tone == UI_TONE_BAD ? UI_ROLE_ALERT : UI_ROLE_STATUS,
                           .axis = UI_ROW,
                           .cross = UI_START,
                           .gap = 20,
                           .pad = UI_PAD_XY(28, 22),
                           .width = UI_SIZE_GROW,
                           .paint = {.fill = tones[tone].soft, .radius_dp = b->theme->radius_dp}});
  int line = ui_build_line_dp(b, UI_TYPE_BODY), size = 42;
  ui_box_begin(b, &(UiBox){.pad = {0, (line - size) / 2, 0, 0}, .rigid = true});
  ui_icon(b, tones[tone].icon, tones[tone].strong, size);
  ui_box_end(b);
  ui_text_with(b, &(UiBox){.width = UI_SIZE_GROW}, UI_TYPE_BODY, UI_INK, UI_START, text);
  ui_box_end(b);
}

void ui_scene(UiBuild *b, UiTone tone, UiIcon icon, const char *title, const char *text)
{
  ui_box_begin(b, &(UiBox){.gap = 28, .cross = UI_CENTRE, .width = UI_SIZE_GROW});
  ui_box_begin(b, &(UiBox){.main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .width = UI_SIZE_FIXED(136),
                           .height = UI_SIZE_FIXED(136),
                           .paint = {.fill = tones[tone].soft, .radius_dp = 68}});
  ui_icon(b, icon, tones[tone].strong, 76);
  ui_box_end(b);
  ui_text_with(b, &(UiBox){.role = UI_ROLE_HEADING, .width = UI_SIZE_GROW}, UI_TYPE_TITLE, UI_INK, UI_CENTRE, title);
  ui_text_with(b, &(UiBox){.width = {UI_GROW, 1, 0, 860}}, UI_TYPE_BODY, UI_INK_SOFT, UI_CENTRE, text);
  ui_box_end(b);
}

void ui_rule(UiBuild *b)
{
  ui_leaf(b, &(UiBox){.width = UI_SIZE_GROW, .height = UI_SIZE_FIXED(1), .paint = {.fill = UI_LINE}});
}

void ui_qr(UiBuild *b, const char *id, const char *label, const uint8_t *modules, int per_side, int side_dp)
{
  enum { QUIET = 4 };
  int side = per_side + 2 * QUIET;
  uint32_t *pixels = ARENA_ARRAY(b->arena, uint32_t, (size_t)side * (size_t)side);
  uint64_t version = 0xcbf29ce484222325u;
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      int mx = x - QUIET, my = y - QUIET;
      bool inside = mx >= 0 && my >= 0 && mx < per_side && my < per_side;
      bool dark = inside && modules[my * per_side + mx] != 0;
      pixels[y * side + x] = dark ? 0xff000000 : 0xffffffff;
      version = (version ^ dark) * 0x100000001b3u;
    }
  ui_bitmap(b, id, label, (UiBitmap){pixels, side, side, version}, side_dp, side_dp, true);
}
