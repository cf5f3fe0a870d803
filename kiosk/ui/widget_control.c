/* Buttons, choices, toggle. */
#include <assert.h>

#include "kiosk/ui/tree.h"

enum { BUTTON_DP = 140 };

typedef struct Look {
  UiColour fill, border, text;
} Look;

static Look button_look(UiButtonKind kind, bool off, bool pressed)
{
  static const Look rest[] = {
      [UI_SECONDARY] = {UI_SURFACE, UI_LINE_STRONG, UI_ACCENT_DEEP},
      [UI_PRIMARY] = {UI_ACCENT, UI_NO_COLOUR, UI_ON_ACCENT},
      [UI_QUIET] = {UI_NO_COLOUR, UI_NO_COLOUR, UI_ACCENT_DEEP},
      [UI_DANGER] = {UI_SURFACE, UI_BAD, UI_BAD},
  };
  static const Look down[] = {
      [UI_SECONDARY] = {UI_SURFACE_PRESSED, UI_ACCENT_DEEP, UI_ACCENT_DEEP},
      [UI_PRIMARY] = {UI_ACCENT_PRESSED, UI_NO_COLOUR, UI_ON_ACCENT},
      [UI_QUIET] = {UI_SURFACE_PRESSED, UI_NO_COLOUR, UI_ACCENT_DEEP},
      [UI_DANGER] = {UI_BAD, UI_BAD, UI_ON_ACCENT},
  };
  if (off)
    return kind == UI_QUIET ? (Look){UI_NO_COLOUR, UI_NO_COLOUR, UI_INK_FAINT}
                            : (Look){UI_PAPER_DEEP, UI_LINE, UI_INK_FAINT};
  return pressed ? down[kind] : rest[kind];
}

/* open_dialog_row: the first button in a dialog begins the row in which all its buttons stand. */
static void open_dialog_row(UiBuild *b)
{
  if (b->dialog_buttons == NULL) {
    b->dialog_buttons = ui_box_begin(
        b,
        &(UiBox){.axis = UI_ROW, .wrap = true, .gap = 16, .main = UI_END, .width = UI_SIZE_GROW, .pad = {0, 8, 0, 0}});
    return;
  }
  b->open = b->dialog_buttons;
  b->depth++;
}

void ui_button(UiBuild *b, const UiButton *button)
{
  const UiTheme *t = b->theme;
  bool in_dialog = b->dialog_body != NULL && b->open == b->dialog_body;
  if (in_dialog) open_dialog_row(b);
  const char *id = button->id != NULL ? button->id : button->label;
  bool off = button->disabled || button->busy, pressed = ui_build_is_pressed(b, id);
  Look look = button_look(button->kind, off, pressed);
  bool raised = !off && !pressed && button->kind != UI_QUIET;
  ui_box_begin(b, &(UiBox){.id = id,
                           .role = UI_ROLE_BUTTON,
                           .label = button->label,
                           .act = button->act,
                           .state = (button->disabled ? UI_DISABLED : 0) | (button->busy ? UI_BUSY : 0),
                           .axis = UI_ROW,
                           .main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .gap = 14,
                           .pad = UI_PAD_XY(button->kind == UI_QUIET ? 20 : 32, 16),
                           .width = {button->grow ? UI_GROW : UI_FIT, 1, BUTTON_DP, 0},
                           .height = UI_SIZE_MIN(t->target_dp),
                           .paint = {.fill = look.fill,
                                     .border = look.border,
                                     .border_dp = t->border_dp,
                                     .radius_dp = t->radius_dp,
                                     .shadow = raised ? UI_SHADOW_LOW : UI_SHADOW_NONE}});
  b->open->unbroken = true;
  bool after = button->icon == UI_ICON_NEXT;
  if (button->icon != UI_ICON_NONE && !after) ui_icon(b, button->icon, look.text, 40);
  ui_text_with(b, &(UiBox){0}, UI_TYPE_ACTION, look.text, UI_CENTRE, button->label);
  if (after) ui_icon(b, button->icon, look.text, 40);
  ui_box_end(b);
  if (in_dialog) {
    if (button->kind == UI_PRIMARY && !off) {
      b->enter = button->act;
      b->enter_id = id;
    }
    ui_box_end(b);
  }
}

/* --- choices ---------------------------------------------------------------------------------------------------- */

void ui_error_line(UiBuild *b, const char *error)
{
  if (error == NULL || *error == '\0') return;
  ui_box_begin(b, &(UiBox){.role = UI_ROLE_ALERT, .axis = UI_ROW, .gap = 12, .cross = UI_START});
  int line = ui_build_line_dp(b, UI_TYPE_NOTE), size = 34;
  ui_box_begin(b, &(UiBox){.pad = {0, (line - size) / 2, 0, 0}, .rigid = true});
  ui_icon(b, UI_ICON_ERROR, UI_BAD, size);
  ui_box_end(b);
  ui_text(b, UI_TYPE_NOTE, UI_BAD, error);
  ui_box_end(b);
}

void ui_choices_begin(UiBuild *b, const UiChoices *choices)
{
  bool one = ui_build_is_portrait(b) || b->text_scale >= 150;
  bool bad = choices->error != NULL && *choices->error != '\0';
  ui_box_begin(b, &(UiBox){.id = choices->id,
                           .role = choices->multiple ? UI_ROLE_GROUP : UI_ROLE_RADIO_GROUP,
                           .label = choices->label,
                           .hint = bad ? choices->error : choices->help,
                           .state = (bad ? UI_INVALID : 0) | (choices->required ? UI_REQUIRED : 0),
                           .gap = 16,
                           .width = UI_SIZE_GROW});
  if (choices->label != NULL || choices->help != NULL || bad) {
    ui_box_begin(b, &(UiBox){.gap = 4});
    ui_text(b, UI_TYPE_LABEL, UI_INK, choices->label);
    ui_text(b, UI_TYPE_NOTE, UI_INK_SOFT, choices->help);
    ui_error_line(b, choices->error);
    ui_box_end(b);
  }
  b->choices_multiple = choices->multiple;
  b->choices_columns = one || choices->columns < 1 ? 1 : choices->columns;
  b->choices_in_row = 0;
  b->choices = b->open;
}

/* mark: a circle for one of many, a rounded square for any of many; filled when chosen, with a tick in the square. */
static void mark(UiBuild *b, bool checked, bool off)
{
  int side = 44, dot = 20;
  UiColour edge = off ? UI_INK_FAINT : checked ? UI_ACCENT : UI_LINE_STRONG;
  bool square = b->choices_multiple;
  ui_box_begin(b, &(UiBox){.main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .width = UI_SIZE_FIXED(side),
                           .height = UI_SIZE_FIXED(side),
                           .rigid = true,
                           .paint = {.fill = checked ? edge : UI_SURFACE,
                                     .border = edge,
                                     .border_dp = 3,
                                     .radius_dp = square ? 10 : side / 2}});
  if (checked && square) ui_icon(b, UI_ICON_CHECK, UI_ON_ACCENT, 34);
  if (checked && !square)
    ui_leaf(b, &(UiBox){.width = UI_SIZE_FIXED(dot),
                        .height = UI_SIZE_FIXED(dot),
                        .rigid = true,
                        .paint = {.fill = UI_ON_ACCENT, .radius_dp = dot / 2}});
  ui_box_end(b);
}

static void choice_box(UiBuild *b, const UiChoice *choice)
{
  const UiTheme *t = b->theme;
  bool pressed = ui_build_is_pressed(b, choice->id), off = choice->disabled;
  UiColour fill = off ? UI_PAPER_DEEP : choice->checked ? UI_ACCENT_SOFT : pressed ? UI_SURFACE_PRESSED : UI_SURFACE;
  UiColour border = off ? UI_LINE : choice->checked || pressed ? UI_ACCENT : UI_LINE_STRONG;
  ui_box_begin(b, &(UiBox){.id = choice->id,
                           .role = b->choices_multiple ? UI_ROLE_CHECKBOX : UI_ROLE_RADIO,
                           .label = choice->label,
                           .hint = choice->detail,
                           .act = choice->act,
                           .state = (choice->checked ? UI_CHECKED : 0) | (off ? UI_DISABLED : 0),
                           .axis = UI_ROW,
                           .cross = UI_CENTRE,
                           .gap = 22,
                           .pad = UI_PAD_XY(24, 14),
                           .width = UI_SIZE_GROW,
                           .height = UI_SIZE_MIN(t->target_dp),
                           .paint = {.fill = fill,
                                     .border = border,
                                     .border_dp = choice->checked ? t->border_dp + 1 : t->border_dp,
                                     .radius_dp = t->radius_dp}});
  mark(b, choice->checked, off);
  ui_box_begin(b, &(UiBox){.width = UI_SIZE_GROW, .gap = 2});
  ui_text(b, UI_TYPE_BODY, off ? UI_INK_FAINT : UI_INK, choice->label);
  ui_text(b, UI_TYPE_NOTE, off ? UI_INK_FAINT : UI_INK_SOFT, choice->detail);
  ui_box_end(b);
  ui_box_end(b);
}

void ui_choice(UiBuild *b, const UiChoice *choice)
{
  if (b->choices_columns == 1) {
    choice_box(b, choice);
    return;
  }
  if (b->choices_in_row == 0)
    ui_box_begin(b, &(UiBox){.axis = UI_ROW, .gap = 16, .cross = UI_STRETCH, .width = UI_SIZE_GROW});
  choice_box(b, choice);
  if (++b->choices_in_row < b->choices_columns) return;
  ui_box_end(b);
  b->choices_in_row = 0;
}

void ui_choices_end(UiBuild *b)
{
  if (b->choices_in_row > 0) {
    /* The last row keeps the columns of those above. */
    for (; b->choices_in_row < b->choices_columns; b->choices_in_row++) ui_leaf(b, &(UiBox){.width = UI_SIZE_GROW});
    ui_box_end(b);
  }
  assert(b->open == b->choices);
  b->choices = NULL;
  b->choices_in_row = 0;
  ui_box_end(b);
}

/* --- toggle ----------------------------------------------------------------------------------------------------- */

static void switch_track(UiBuild *b, bool on, bool off)
{
  UiColour track = off ? UI_LINE : on ? UI_ACCENT : UI_INK_SOFT;
  ui_box_begin(b, &(UiBox){.axis = UI_ROW,
                           .cross = UI_CENTRE,
                           .main = on ? UI_END : UI_START,
                           .width = UI_SIZE_FIXED(104),
                           .height = UI_SIZE_FIXED(56),
                           .pad = UI_PAD(6),
                           .rigid = true,
                           .paint = {.fill = track, .radius_dp = 28}});
  ui_box_begin(b, &(UiBox){.main = UI_CENTRE,
                           .cross = UI_CENTRE,
                           .width = UI_SIZE_FIXED(44),
                           .height = UI_SIZE_FIXED(44),
                           .rigid = true,
                           .paint = {.fill = UI_SURFACE, .radius_dp = 22}});
  if (on) ui_icon(b, UI_ICON_CHECK, track, 32);
  ui_box_end(b);
  ui_box_end(b);
}

void ui_toggle(UiBuild *b, const UiToggle *toggle)
{
  const UiTheme *t = b->theme;
  bool pressed = ui_build_is_pressed(b, toggle->id), off = toggle->disabled;
  ui_box_begin(b, &(UiBox){.id = toggle->id,
                           .role = UI_ROLE_SWITCH,
                           .label = toggle->label,
                           .hint = toggle->detail,
                           .act = toggle->act,
                           .state = (toggle->on ? UI_CHECKED : 0) | (off ? UI_DISABLED : 0),
                           .axis = UI_ROW,
                           .cross = UI_CENTRE,
                           .gap = 24,
                           .pad = UI_PAD_XY(24, 14),
                           .width = UI_SIZE_GROW,
                           .height = UI_SIZE_MIN(t->target_dp),
                           .paint = {.fill = pressed ? UI_SURFACE_PRESSED : UI_SURFACE,
                                     .border = off ? UI_LINE : UI_LINE_STRONG,
                                     .border_dp = t->border_dp,
                                     .radius_dp = t->radius_dp}});
  ui_box_begin(b, &(UiBox){.width = UI_SIZE_GROW, .gap = 2});
  ui_text(b, UI_TYPE_BODY, off ? UI_INK_FAINT : UI_INK, toggle->label);
  ui_text(b, UI_TYPE_NOTE, off ? UI_INK_FAINT : UI_INK_SOFT, toggle->detail);
  ui_box_end(b);
  switch_track(b, toggle->on, off);
  ui_box_end(b);
}
