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

static void languages(App *app, UiBuild *build)
{
  const I18n *i18n = app->config.i18n;
  if (i18n_count(i18n) < 2) return;
  ui_box_begin(build, &(UiBox){.axis = UI_ROW, .wrap = true, .main = UI_CENTRE, .gap = 16});
  for (size_t i = 0; i < i18n_count(i18n) && i < LANGUAGES_MAX; i++) {
    bool chosen = strcmp(i18n_tag(i18n, i), app->language) == 0;
    ui_button(build, &(UiButton){.id = arena_printf(ui_build_arena(build), "welcome.language.%s", i18n_tag(i18n, i)),
                                 .label = i18n_name(i18n, i),
                                 .kind = UI_QUIET,
                                 .icon = chosen ? UI_ICON_CHECK : UI_ICON_NONE,
                                 .act = {VERB_LANGUAGE, (int64_t)i + 1}});
  }
  ui_box_end(build);
}

static void welcome_build(App *app, UiBuild *build)
{
  Place *place = app_place(app);
  page_begin(app, build,
             (UiPage){.id = "welcome",
                      .centred = true,
                      .title =
                          SAY(app, ui_build_arena(build), "kiosk.welcome.title", {"practice", place->practice.name}),
                      .lead = say(app, app->config.scanner ? "kiosk.welcome.lead.scanner" : "kiosk.welcome.lead"),
                      .secondary = {.id = "welcome.staff",
                                    .label = say(app, "kiosk.welcome.staff"),
                                    .kind = UI_QUIET,
                                    .icon = UI_ICON_LOCK,
                                    .act = {VERB_STAFF, 0}}});
  calls(app, build);
  ui_box_begin(build, &(UiBox){.gap = 20, .cross = UI_STRETCH, .width = {UI_GROW, 1, 0, 720}});
  ui_button(build, &(UiButton){.id = "welcome.check_in",
                               .label = say(app, "kiosk.welcome.check_in"),
                               .kind = UI_PRIMARY,
                               .icon = UI_ICON_NEXT,
                               .act = {VERB_CHECK_IN, 0}});
  ui_button(build,
            &(UiButton){.id = "welcome.walk_in", .label = say(app, "kiosk.welcome.walk_in"), .act = {VERB_WALK_IN, 0}});
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

const Screen screen_welcome = {.id = "welcome", .kind = SCREEN_OPEN, .build = welcome_build, .act = welcome_act};

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
