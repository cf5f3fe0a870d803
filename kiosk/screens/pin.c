/* The way to the staff board: a PIN that says who it is. */
#include "common/practice/permission.h"
#include "kiosk/screens/board.h"

static void pin_enter(App *app)
{
  board_open(app);
  ui_focus(app->ui, "pin.field");
}

static void pin_build(App *app, UiBuild *build)
{
  Board *board = app->board;
  board->pin.max_chars = 8;
  page_begin(app, build,
             (UiPage){.id = "pin",
                      .title = say(app, "kiosk.pin.title"),
                      .primary = {.label = say(app, "kiosk.pin.ok"), .icon = UI_ICON_LOCK, .act = {VERB_NEXT, 0}}});
  ui_field(build, &(UiFieldBox){.id = "pin.field",
                                .label = say(app, "kiosk.pin.label"),
                                .field = &board->pin,
                                .keys = UI_KEYS_PIN,
                                .width = 420,
                                .error = board->fault ? say(app, board->fault) : NULL});
  page_end(build);
}

static Err check(App *app)
{
  Board *board = app->board;
  TRY(staff_pin(app->store, &board->arena, ui_field_str(&board->pin), &board->staff));
  Uuid site = app_place(app)->site.id, staff = board->staff.id;
  TRY(permission_check(app->store, staff, site, PERM_BOARD_VIEW));
  board->may_edit = permission_check(app->store, staff, site, PERM_APPOINTMENT_EDIT) == ERR_OK;
  board->may_close = permission_check(app->store, staff, site, PERM_TASK_EDIT) == ERR_OK;
  return ERR_OK;
}

static void checked(App *app, Err err)
{
  Board *board = app->board;
  ui_field_wipe(&board->pin);
  if (err == ERR_OK) {
    app_go(app, GO_NEXT);
    return;
  }
  board->fault = err == ERR_DENIED ? "kiosk.pin.error" : err_key(err);
  ui_focus(app->ui, "pin.field");
}

static void pin_act(App *app, UiAct act)
{
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_NEXT && app->board->pin.len > 0) job_start(app, (Job){check, checked, false});
}

static void pin_edit(App *app, const char *id)
{
  (void)id;
  app->board->fault = NULL;
}

const Screen screen_pin = {
    .id = "pin", .kind = SCREEN_STAFF, .enter = pin_enter, .build = pin_build, .act = pin_act, .edit = pin_edit};
