/* The first screen, and the one for when there can be no first screen. */
#include "kiosk/screens/state.h"

enum { VERB_CHECK_IN = VERB_OWN, VERB_WALK_IN, VERB_STAFF };

static void calls(App *app, UiBuild *build)
{
  const Place *place = app_place(app);
  if (place->call_count == 0) return;
  ui_box_begin(build, &(UiBox){.id = "welcome.calls",
                               .role = UI_ROLE_STATUS,
                               .label = say(app, "kiosk.calls.title"),
                               .axis = UI_ROW,
                               .wrap = true,
                               .cross = UI_CENTRE,
                               .main = UI_CENTRE,
                               .gap = 16,
                               .pad = UI_PAD_XY(28, 14),
                               .paint = {.fill = UI_ACCENT_SOFT, .radius_dp = 24}});
  ui_icon(build, UI_ICON_BELL, UI_ACCENT_DEEP, 44);
  ui_text(build, UI_TYPE_BODY, UI_ACCENT_DEEP, say(app, "kiosk.calls.title"));
  for (size_t i = 0; i < place->call_count; i++) {
    const Call *call = &place->calls[i];
    const char *text = *call->room ? SAY(app, ui_build_arena(build), "kiosk.calls.room", {"ticket", call->ticket},
                                         {"room", call->room})
                                   : call->ticket;
    ui_text(build, UI_TYPE_STRONG, UI_ACCENT_DEEP, text);
  }
  ui_box_end(build);
}

/* chip: one of the languages, in its own words. */
static void chip(App *app, UiBuild *build, size_t index)
{
  const I18n *i18n = app->config.i18n;
  const char *id = arena_printf(ui_build_arena(build), "welcome.language.%s", i18n_tag(i18n, index));
  bool chosen = strcmp(i18n_tag(i18n, index), app->language) == 0, pressed = ui_build_is_pressed(build, id);
  ui_box_begin(build, &(UiBox){.id = id,
                               .role = UI_ROLE_RADIO,
                               .label = i18n_name(i18n, index),
                               .state = chosen ? UI_CHECKED : 0,
                               .act = {VERB_LANGUAGE, (int64_t)index + 1},
                               .axis = UI_ROW,
                               .gap = 12,
                               .main = UI_CENTRE,
                               .cross = UI_CENTRE,
                               .pad = UI_PAD_XY(36, 12),
                               .height = UI_SIZE_MIN(ui_build_theme(build)->target_dp),
                               .width = UI_SIZE_MIN(220),
                               .paint = {.fill = chosen    ? UI_ACCENT_SOFT
                                                 : pressed ? UI_SURFACE_PRESSED
                                                           : UI_SURFACE,
                                         .border = chosen ? UI_ACCENT : UI_LINE_STRONG,
                                         .border_dp = 2,
                                         .radius_dp = ui_build_theme(build)->target_dp / 2}});
  if (chosen) ui_icon(build, UI_ICON_CHECK, UI_ACCENT_DEEP, 34);
  ui_text(build, UI_TYPE_LABEL, UI_ACCENT_DEEP, i18n_name(i18n, index));
  ui_box_end(build);
}

static void languages(App *app, UiBuild *build)
{
  size_t count = i18n_count(app->config.i18n);
  if (count < 2) return;
  ui_box_begin(build, &(UiBox){.id = "welcome.languages",
                               .role = UI_ROLE_RADIO_GROUP,
                               .label = say(app, "kiosk.ui.language"),
                               .axis = UI_ROW,
                               .wrap = true,
                               .main = UI_CENTRE,
                               .gap = 16});
  for (size_t i = 0; i < count && i < LANGUAGES_MAX; i++) chip(app, build, i);
  ui_box_end(build);
}

/* way: one of the two ways to begin. */
static void way(UiBuild *build, const char *id, const char *label, UiIcon icon, bool main, UiAct act)
{
  bool pressed = ui_build_is_pressed(build, id);
  UiColour fill = main ? (pressed ? UI_ACCENT_PRESSED : UI_ACCENT) : pressed ? UI_SURFACE_PRESSED : UI_SURFACE;
  UiColour colour = main ? UI_ON_ACCENT : UI_ACCENT_DEEP;
  ui_box_begin(build, &(UiBox){.id = id,
                               .role = UI_ROLE_BUTTON,
                               .label = label,
                               .act = act,
                               .gap = 12,
                               .main = UI_CENTRE,
                               .cross = UI_CENTRE,
                               .pad = UI_PAD_XY(28, 28),
                               .width = UI_SIZE_GROW,
                               .height = UI_SIZE_MIN(184),
                               .paint = {.fill = fill,
                                         .border = main ? UI_NO_COLOUR : UI_LINE_STRONG,
                                         .border_dp = 2,
                                         .radius_dp = ui_build_theme(build)->radius_large_dp,
                                         .shadow = pressed ? UI_SHADOW_NONE : UI_SHADOW_LOW}});
  ui_icon(build, icon, colour, 64);
  ui_text_with(build, &(UiBox){0}, UI_TYPE_ACTION, colour, UI_CENTRE, label);
  ui_box_end(build);
}

static void welcome_build(App *app, UiBuild *build)
{
  const char *practice = app_place(app)->practice.name;
  page_begin(app, build,
             (UiPage){.id = "welcome",
                      .centred = true,
                      .corner = {.id = "welcome.staff",
                                 .label = say(app, "kiosk.welcome.staff"),
                                 .icon = UI_ICON_LOCK,
                                 .act = {VERB_STAFF, 0}}});
  ui_box_begin(build, &(UiBox){.gap = 4, .cross = UI_STRETCH, .width = UI_SIZE_GROW});
  ui_display(build, SAY(app, ui_build_arena(build), "kiosk.welcome.title", {"practice", practice}));
  bool large = ui_build_text_scale(build) >= 200 && !ui_build_is_portrait(build);
  if (app_place(app)->call_count == 0 && app->person->faults.count == 0 && !large)
    ui_text_with(build, &(UiBox){.width = UI_SIZE_GROW}, UI_TYPE_BODY, UI_INK_SOFT, UI_CENTRE,
                 say(app, app->config.scanner ? "kiosk.welcome.lead.scanner" : "kiosk.welcome.lead"));
  ui_box_end(build);
  calls(app, build);
  identify_notice(app, build);
  bool stacked = ui_build_is_portrait(build) || large;
  ui_box_begin(build, &(UiBox){.axis = stacked ? UI_COLUMN : UI_ROW,
                               .gap = 24,
                               .cross = UI_STRETCH,
                               .width = {UI_GROW, 1, 0, 980}});
  way(build, "welcome.check_in", say(app, "kiosk.welcome.check_in"), UI_ICON_CALENDAR, true, (UiAct){VERB_CHECK_IN, 0});
  way(build, "welcome.walk_in", say(app, "kiosk.welcome.walk_in"), UI_ICON_PERSON, false, (UiAct){VERB_WALK_IN, 0});
  ui_box_end(build);
  languages(app, build);
  page_end(build);
}

static void welcome_act(App *app, UiAct act)
{
  if (act.verb == VERB_CHECK_IN) app_go(app, GO_CHECK_IN);
  if (act.verb == VERB_WALK_IN) app_go(app, GO_WALK_IN);
  if (act.verb == VERB_STAFF) app_go(app, GO_STAFF);
}

/* welcome_tick: the notice about a strange code has been up long enough. */
static void welcome_tick(App *app)
{
  faults_clear(app);
}

const Screen screen_welcome = {
    .id = "welcome", .kind = SCREEN_OPEN, .build = welcome_build, .act = welcome_act, .tick = welcome_tick};

/* --- unavailable ------------------------------------------------------------------------------------------------ */

static const char *staff_key(Err trouble)
{
  switch ((int)trouble) {
  case ERR_NOT_FOUND: return "kiosk.unavailable.staff.empty";
  case ERR_DOWNGRADE:
  case ERR_CORRUPT:
  case ERR_REVOKED:
  case ERR_NO_SPACE: return err_key(trouble);
  default: return "kiosk.unavailable.staff.other";
  }
}

static void unavailable_build(App *app, UiBuild *build)
{
  page_begin(app, build, (UiPage){.id = "unavailable", .centred = true});
  ui_scene(build, UI_TONE_INFO, UI_ICON_PEOPLE, say(app, "kiosk.unavailable.title"),
           say(app, "kiosk.unavailable.text"));
  ui_text_with(build, &(UiBox){.id = "unavailable.staff", .role = UI_ROLE_STATUS, .width = UI_SIZE_GROW}, UI_TYPE_NOTE,
               UI_INK_SOFT, UI_CENTRE, say(app, staff_key(app->trouble)));
  page_end(build);
}

const Screen screen_unavailable = {.id = "unavailable", .kind = SCREEN_OPEN, .build = unavailable_build};
