/* The scaffold: page, scroll areas, dialog. */
#include <assert.h>
#include <stdio.h>

#include "kiosk/ui/tree.h"

enum {
  SIDE_DP = 48,
  SIDE_PORTRAIT_DP = 36,
  BAR_DP = 60,
  TOOL_DP = 132,
  TOOL_ICON_DP = 36,
  PRIMARY_DP = 260,
  PILL_DP = 10,
  DIALOG_DP = 820,
  DIALOG_GROW_DP = 340,
};

static bool is_narrow(const UiBuild *b)
{
  return ui_build_is_portrait(b) || b->text_scale >= 200;
}

static const char *id_with(UiBuild *b, const char *id, const char *suffix)
{
  return arena_printf(b->arena, "%s%s", id != NULL ? id : "", suffix);
}

/* --- scroll areas ----------------------------------------------------------------------------------------------- */

static void rail_button(UiBuild *b, const char *id, const char *label, UiIcon icon, int by, bool off)
{
  bool pressed = ui_build_is_pressed(b, id);
  ui_box_begin(b, &(UiBox){.id = id,
                           .role = UI_ROLE_BUTTON,
                           .label = label,
                           .act = {UI_VERB_SCROLL, by},
                           .state = off ? UI_DISABLED : 0,
                           .skip_tab = true,
                           .main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .width = UI_SIZE_FIXED(b->theme->target_dp),
                           .height = UI_SIZE_FIXED(b->theme->target_dp),
                           .paint = {.fill = off       ? UI_PAPER_DEEP
                                             : pressed ? UI_SURFACE_PRESSED
                                                       : UI_SURFACE,
                                     .border = off ? UI_LINE : UI_LINE_STRONG,
                                     .border_dp = b->theme->border_dp,
                                     .radius_dp = b->theme->target_dp / 2}});
  ui_icon(b, icon, off ? UI_INK_FAINT : UI_ACCENT_DEEP, 44);
  ui_box_end(b);
}

UiNode *ui_scroller_begin(UiBuild *b, const char *id, const UiBox *box)
{
  ui_box_begin(b,
               &(UiBox){.axis = UI_ROW, .width = UI_SIZE_GROW, .height = UI_SIZE_GROW, .gap = 16, .cross = UI_STRETCH});
  UiBox own = *box;
  own.id = id;
  own.role = UI_ROLE_SCROLL;
  own.width = own.height = UI_SIZE_GROW;
  own.height.min = box->height.min;
  UiNode *node = ui_box_begin(b, &own);
  node->scrolls = true;
  return node;
}

void ui_scroller_end(UiBuild *b)
{
  const char *id = b->open->id;
  const UiScrollState *s = ui_build_scroll(b, id);
  const UiWords *words = &b->locale->words;
  ui_box_end(b);
  if (s != NULL && s->rail) {
    ui_box_begin(b, &(UiBox){.main = UI_CENTRE, .gap = 24, .pad = {0, 16, 24, 16}, .rigid = true});
    rail_button(b, id_with(b, id, ".up"), words->scroll_up, UI_ICON_UP, -1, s->offset <= 0);
    rail_button(b, id_with(b, id, ".down"), words->scroll_down, UI_ICON_DOWN, 1, s->offset >= s->most);
    ui_box_end(b);
  }
  ui_box_end(b);
}

void ui_scroll_begin(UiBuild *b, const UiScroll *scroll)
{
  const UiTheme *t = b->theme;
  UiBox box = {.label = scroll->label, .height = {UI_GROW, 1, scroll->min_height, 0}, .gap = 20};
  if (scroll->framed) {
    box.pad = UI_PAD_XY(32, 28);
    box.paint =
        (UiPaint){.fill = UI_SURFACE, .border = UI_LINE_STRONG, .border_dp = t->border_dp, .radius_dp = t->radius_dp};
  }
  UiNode *node = ui_scroller_begin(b, scroll->id, &box);
  node->tells_end = true;
}

void ui_scroll_end(UiBuild *b)
{
  ui_scroller_end(b);
}

bool ui_scroll_was_read(const UiBuild *b, const char *id)
{
  const UiScrollState *s = ui_build_scroll(b, id);
  return s != NULL && s->end_seen;
}

/* --- page ------------------------------------------------------------------------------------------------------- */

static void progress(UiBuild *b, const UiPage *page)
{
  if (page->steps <= 0) return;
  int width = page->steps * 36 < 360 ? page->steps * 36 : 360;
  ui_box_begin(b, &(UiBox){.id = id_with(b, page->id, ".progress"),
                           .role = UI_ROLE_PROGRESS,
                           .label = page->step_text,
                           .axis = UI_ROW,
                           .cross = UI_CENTRE,
                           .gap = 20,
                           .rigid = true});
  ui_text(b, UI_TYPE_TOOL, UI_INK_SOFT, page->step_text);
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .gap = 6, .width = UI_SIZE_FIXED(width), .rigid = true});
  for (int i = 1; i <= page->steps; i++)
    ui_leaf(b, &(UiBox){.width = UI_SIZE_GROW,
                        .height = UI_SIZE_FIXED(PILL_DP),
                        .paint = {.fill = i <= page->step ? UI_ACCENT : UI_LINE, .radius_dp = PILL_DP / 2}});
  ui_box_end(b);
  ui_box_end(b);
}

static void top_bar(UiBuild *b, const UiPage *page)
{
  int side = page->dense ? 24 : ui_build_is_portrait(b) ? SIDE_PORTRAIT_DP : SIDE_DP;
  int beyond = (ui_build_width_dp(b) - b->theme->measure_dp) / 2; /* over the column of content */
  if (!page->wide && beyond > side) side = beyond;
  ui_box_begin(b, &(UiBox){.axis = UI_ROW,
                           .wrap = true,
                           .cross = UI_CENTRE,
                           .main = UI_BETWEEN,
                           .gap = 12,
                           .width = UI_SIZE_GROW,
                           .height = UI_SIZE_MIN(BAR_DP),
                           .pad = UI_PAD_XY(side, 8)});
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .cross = UI_CENTRE, .gap = 14});
  if (page->brand != NULL) {
    ui_leaf(b, &(UiBox){.width = UI_SIZE_FIXED(12),
                        .height = UI_SIZE_FIXED(28),
                        .rigid = true,
                        .paint = {.fill = UI_ACCENT, .radius_dp = 6}});
    ui_text(b, UI_TYPE_TOOL, UI_INK, page->brand);
  }
  ui_box_end(b);
  if (page->status != NULL) {
    ui_box_begin(b, &(UiBox){.id = id_with(b, page->id, ".status"),
                             .role = UI_ROLE_STATUS,
                             .label = page->status,
                             .axis = UI_ROW,
                             .cross = UI_CENTRE,
                             .gap = 10,
                             .pad = UI_PAD_XY(16, 4),
                             .paint = {.fill = UI_WARN_SOFT, .radius_dp = 20}});
    ui_icon(b, page->status_icon, UI_WARN, 30);
    ui_text(b, UI_TYPE_TOOL, UI_WARN, page->status);
    ui_box_end(b);
  }
  progress(b, page);
  ui_box_end(b);
}

/* title_row: the title, and at its end the way round. */
static void title_row(UiBuild *b, const UiPage *page, UiAlign align, const UiBox *line)
{
  UiType type = page->dense ? UI_TYPE_HEADING : UI_TYPE_TITLE;
  if (page->aside.label == NULL) {
    ui_text_with(b, line, type, UI_INK, align, page->title);
    return;
  }
  bool stacked = is_narrow(b);
  ui_box_begin(b, &(UiBox){.axis = stacked ? UI_COLUMN : UI_ROW, .gap = stacked ? 4 : 24, .width = UI_SIZE_GROW});
  UiBox own = *line;
  own.width = UI_SIZE_GROW;
  own.pad.top = stacked ? 0 : 10;
  ui_text_with(b, &own, type, UI_INK, align, page->title);
  UiButton button = page->aside;
  button.kind = UI_QUIET;
  button.id = button.id != NULL ? button.id : id_with(b, page->id, ".aside");
  ui_button(b, &button);
  /* Its words stand at the edge of the content, which its own padding would prevent. */
  *(stacked ? &b->open->last->pad.start : &b->open->last->pad.end) = 0;
  ui_box_end(b);
}

static void page_words(UiBuild *b, const UiPage *page)
{
  if (page->title == NULL && page->lead == NULL && page->over == NULL) return;
  ui_box_begin(b, &(UiBox){.gap = 10, .cross = page->centred ? UI_CENTRE : UI_START, .width = UI_SIZE_GROW});
  UiAlign align = page->centred ? UI_CENTRE : UI_START;
  UiBox line = {.width = page->centred ? UI_SIZE_GROW : (UiSize){0}, .role = UI_ROLE_TEXT};
  ui_text_with(b, &line, UI_TYPE_NOTE, UI_INK_SOFT, align, page->over);
  line.role = UI_ROLE_HEADING;
  title_row(b, page, align, &line);
  line.role = UI_ROLE_TEXT;
  ui_text_with(b, &line, page->dense ? UI_TYPE_DENSE : UI_TYPE_BODY, UI_INK_SOFT, align, page->lead);
  ui_box_end(b);
}

void ui_page_begin(UiBuild *b, const UiPage *given)
{
  assert(b->page == NULL && given->id != NULL);
  UiPage *page = ARENA_NEW(b->arena, UiPage);
  *page = *given;
  b->page = page;
  bool portrait = ui_build_is_portrait(b), editing = b->editing != 0 && !b->editing_in_dialog;
  int side = page->dense ? 24 : portrait ? SIDE_PORTRAIT_DP : SIDE_DP;
  ui_box_begin(b, &(UiBox){.id = page->id,
                           .role = UI_ROLE_PAGE,
                           .label = page->title,
                           .width = UI_SIZE_GROW,
                           .height = UI_SIZE_GROW});
  top_bar(b, page);
  b->page_body =
      ui_box_begin(b, &(UiBox){.axis = UI_COLUMN, .width = UI_SIZE_GROW, .height = UI_SIZE_GROW, .cross = UI_STRETCH});
  UiBox box = {.cross = UI_CENTRE, .pad = {side, editing ? 8 : 28, side, editing ? 16 : 32}};
  if (page->tall) box.pad.bottom = 20;
  ui_scroller_begin(b, id_with(b, page->id, ".scroll"), &box);
  ui_box_begin(b, &(UiBox){.gap = editing ? 16 : 28,
                           .main = page->centred ? UI_CENTRE : UI_START,
                           .cross = page->centred ? UI_CENTRE : UI_START,
                           .width = {UI_GROW, 1, 0, page->wide ? 0 : b->theme->measure_dp},
                           .height = UI_SIZE_GROW});
  page_words(b, page);
}

typedef struct Tool {
  const char *suffix, *label;
  UiIcon icon;
  UiAct act;
  const char *id; /* NULL: the page's and the suffix */
} Tool;

static void tool(UiBuild *b, const UiPage *page, const Tool *tool, bool icons_only, bool spread)
{
  const UiTheme *t = b->theme;
  UiSize width = spread ? UI_SIZE_GROW : UI_SIZE_MIN(icons_only ? t->target_dp : TOOL_DP);
  if (tool->act.verb == 0) { /* its place stays */
    ui_leaf(b, &(UiBox){.width = spread ? UI_SIZE_GROW : UI_SIZE_FIXED(icons_only ? t->target_dp : TOOL_DP)});
    return;
  }
  const char *id = tool->id != NULL ? tool->id : id_with(b, page->id, tool->suffix);
  bool pressed = ui_build_is_pressed(b, id);
  ui_box_begin(b, &(UiBox){.id = id,
                           .role = UI_ROLE_BUTTON,
                           .label = tool->label,
                           .act = tool->act,
                           .main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .gap = 4,
                           .pad = UI_PAD_XY(spread ? 4 : 14, 8),
                           .width = width,
                           .height = UI_SIZE_MIN(t->target_dp),
                           .paint = {.fill = pressed ? UI_LINE : UI_NO_COLOUR, .radius_dp = t->radius_dp}});
  ui_icon(b, tool->icon, UI_ACCENT_DEEP, icons_only ? TOOL_ICON_DP + 8 : TOOL_ICON_DP);
  if (!icons_only) ui_text_with(b, &(UiBox){0}, UI_TYPE_TOOL, UI_INK, UI_CENTRE, tool->label);
  ui_box_end(b);
}

static void tools(UiBuild *b, const UiPage *page, bool icons_only, bool spread)
{
  const UiWords *words = &b->locale->words;
  Tool list[] = {
      {".back", words->back, UI_ICON_BACK, page->back, NULL},
      {".help", words->help, UI_ICON_HELP, page->help, NULL},
      {".start_over", words->start_over, UI_ICON_REFRESH, page->start_over, NULL},
      {".language", page->language_label != NULL ? page->language_label : words->language, UI_ICON_GLOBE,
       page->language, NULL},
      {".text_size", words->text_size, UI_ICON_TEXT_SIZE, page->text_size, NULL},
  };
  if (page->back.verb == 0 && page->corner.label != NULL)
    list[0] = (Tool){".corner", page->corner.label, page->corner.icon, page->corner.act, page->corner.id};
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .gap = 8, .rigid = !spread, .width = spread ? UI_SIZE_GROW : (UiSize){0}});
  for (size_t i = 0; i < COUNT_OF(list); i++) tool(b, page, &list[i], icons_only, spread);
  ui_box_end(b);
}

static void main_actions(UiBuild *b, const UiPage *page, bool spread)
{
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .wrap = true, .gap = 16, .main = UI_END, .width = UI_SIZE_GROW});
  if (page->secondary.label != NULL) {
    UiButton button = page->secondary;
    button.id = button.id != NULL ? button.id : id_with(b, page->id, ".secondary");
    button.grow = spread;
    ui_button(b, &button);
  }
  if (page->primary.label != NULL) {
    UiButton button = page->primary;
    button.id = button.id != NULL ? button.id : id_with(b, page->id, ".primary");
    button.kind = button.kind == UI_SECONDARY ? UI_PRIMARY : button.kind;
    button.grow = spread;
    ui_button(b, &button);
    b->open->last->width.min = ui_px(b, PRIMARY_DP);
    if (!button.disabled && !button.busy) {
      b->enter = button.act;
      b->enter_id = button.id;
    }
  }
  ui_box_end(b);
}

static void bottom_bar(UiBuild *b, const UiPage *page)
{
  bool has_tools =
      page->back.verb || page->help.verb || page->start_over.verb || page->language.verb || page->text_size.verb;
  bool has_actions = page->primary.label != NULL || page->secondary.label != NULL;
  if (!has_tools && !has_actions) return;
  /* Two rows where one would not do; while typing in landscape height is dear, so the tools shrink to their icons. */
  bool typing = b->keyboard_built && !ui_build_is_portrait(b);
  bool stacked = is_narrow(b) && !typing;
  bool icons_only = typing && b->text_scale >= 150;
  ui_leaf(b, &(UiBox){.width = UI_SIZE_GROW, .height = UI_SIZE_FIXED(1), .paint = {.fill = UI_LINE}});
  ui_box_begin(b, &(UiBox){.axis = stacked ? UI_COLUMN : UI_ROW,
                           .gap = stacked ? 8 : 24,
                           .cross = stacked ? UI_STRETCH : UI_CENTRE,
                           .width = UI_SIZE_GROW,
                           .pad = UI_PAD_XY(page->dense ? 16 : 24, stacked ? 12 : 8),
                           .paint = {.fill = UI_PAPER_DEEP}});
  if (stacked && has_actions) main_actions(b, page, true);
  if (has_tools) tools(b, page, icons_only, stacked);
  if (!stacked) main_actions(b, page, false);
  ui_box_end(b);
}

void ui_page_end(UiBuild *b)
{
  const UiPage *page = b->page;
  assert(page != NULL);
  ui_box_end(b); /* measure */
  ui_scroller_end(b);
  bool beside = b->editing_found && ui_keys_are_numeric(b->editing_keys) && !ui_build_is_portrait(b);
  if (beside) {
    b->page_body->axis = UI_ROW;
    ui_keyboard(b, true);
  }
  ui_box_end(b); /* body */
  if (b->editing_found && !beside) ui_keyboard(b, false);
  bottom_bar(b, page);
  ui_box_end(b);
  if (page->back.verb > 0) {
    b->escape = page->back;
    b->escape_id = id_with(b, page->id, ".back");
  }
  b->page = NULL;
}

/* --- dialog ----------------------------------------------------------------------------------------------------- */

static UiColour tone_colour(UiTone tone)
{
  static const UiColour colours[] = {UI_ACCENT_DEEP, UI_GOOD, UI_WARN, UI_BAD};
  return colours[tone];
}

void ui_dialog_begin(UiBuild *b, const UiDialog *dialog)
{
  const UiTheme *t = b->theme;
  assert(b->dialog == NULL && b->page == NULL);
  b->enter = (UiAct){0};
  b->escape = dialog->dismiss;
  b->escape_id = dialog->id;
  b->editing_found = false;
  b->keyboard_built = false;
  b->dialog = ui_box_begin(b, &(UiBox){.id = dialog->id,
                                       .role = UI_ROLE_DIALOG,
                                       .label = dialog->title,
                                       .modal = true,
                                       .axis = UI_STACK,
                                       .width = UI_SIZE_GROW,
                                       .height = UI_SIZE_GROW});
  UiNode *scrim = ui_leaf(b, &(UiBox){.act = dialog->dismiss,
                                      .skip_tab = true,
                                      .width = UI_SIZE_GROW,
                                      .height = UI_SIZE_GROW,
                                      .paint = {.fill = UI_SCRIM, .opacity_percent = t->scrim_percent}});
  scrim->no_focus = true;
  ui_box_begin(b, &(UiBox){.axis = UI_COLUMN, .width = UI_SIZE_GROW, .height = UI_SIZE_GROW});
  ui_scroller_begin(b, id_with(b, dialog->id, ".scroll"), &(UiBox){.cross = UI_CENTRE, .pad = UI_PAD(24)});
  int width = DIALOG_DP + (b->text_scale - 100) * DIALOG_GROW_DP / 100; /* so that its buttons show without scrolling */
  ui_box_begin(b, &(UiBox){.main = UI_CENTRE, .width = {UI_GROW, 1, 0, width}, .height = UI_SIZE_GROW});
  UiNode *card =
      ui_box_begin(b,
                   &(UiBox){.width = UI_SIZE_GROW,
                            .gap = 24,
                            .pad = UI_PAD(b->text_scale > 100 ? 28 : 40),
                            .paint = {.fill = UI_SURFACE, .radius_dp = t->radius_large_dp, .shadow = UI_SHADOW_HIGH}});
  card->absorbs = true;
  b->dialog_body = card;
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .gap = 20, .cross = UI_CENTRE, .width = UI_SIZE_GROW});
  if (dialog->icon != UI_ICON_NONE) ui_icon(b, dialog->icon, tone_colour(dialog->tone), 60);
  ui_text_with(b, &(UiBox){.role = UI_ROLE_HEADING}, UI_TYPE_TITLE, UI_INK, UI_START, dialog->title);
  ui_box_end(b);
  ui_text(b, UI_TYPE_BODY, UI_INK, dialog->text);
}

void ui_dialog_end(UiBuild *b)
{
  assert(b->open == b->dialog_body);
  ui_box_end(b); /* card */
  ui_box_end(b);
  ui_scroller_end(b);
  bool beside = b->editing_found && ui_keys_are_numeric(b->editing_keys) && !ui_build_is_portrait(b);
  if (beside) b->open->axis = UI_ROW;
  if (b->editing_found) ui_keyboard(b, beside);
  ui_box_end(b);
  ui_box_end(b);
  b->dialog = b->dialog_body = b->dialog_buttons = NULL;
}
