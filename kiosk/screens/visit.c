/* Your appointment; and the end: already here, writing, could not write, done. */
#include "kiosk/screens/state.h"

enum { VERB_NOT_ME = VERB_OWN };

/* --- your appointment ------------------------------------------------------------------------------------------- */

static void visit_facts(App *app, UiBuild *build, const Appointment *visit)
{
  Arena *arena = ui_build_arena(build);
  ui_card_begin(build, "visit.card", NULL);
  ui_fact(build, say(app, "kiosk.visit.when"), say_time(app, arena, visit->start.minute));
  if (*visit->provider_name) ui_fact(build, say(app, "kiosk.visit.with"), visit->provider_name);
  if (*visit->type_name) ui_fact(build, say(app, "kiosk.visit.what"), visit->type_name);
  ui_end(build);
}

static void visit_build(App *app, UiBuild *build)
{
  Arena *arena = ui_build_arena(build);
  const Checkin *checkin = app->person->checkin;
  page_begin(app, build,
             (UiPage){.id = "visit",
                      .title = SAY(app, arena, "kiosk.visit.title",
                                   {"name", words_greeting(arena, checkin_client(checkin))}),
                      .lead = checkin_resumed(checkin) ? NULL : say(app, "kiosk.visit.lead"),
                      .aside = {.id = "visit.not_me", .label = say(app, "kiosk.visit.not_me"), .act = {VERB_NOT_ME, 0}},
                      .primary = {.label = say(app, "kiosk.visit.ok"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  if (checkin_resumed(checkin)) ui_notice(build, "visit.resumed", UI_TONE_GOOD, say(app, "kiosk.visit.resumed"));
  const Appointment *visit = checkin_appointment(checkin);
  if (visit != NULL) visit_facts(app, build, visit);
  page_end(build);
}

static void visit_act(App *app, UiAct act)
{
  if (act.verb == VERB_NEXT) app_go(app, GO_NEXT);
  if (act.verb == VERB_BACK || act.verb == VERB_NOT_ME) app_go(app, GO_HOME);
}

const Screen screen_visit = {.id = "visit", .kind = SCREEN_PERSON, .build = visit_build, .act = visit_act};

/* --- writing ---------------------------------------------------------------------------------------------------- */

static Err finish(App *app)
{
  TRY(checkin_finish(app->person->checkin, &app->person->done));
  return ERR_OK;
}

static void finished(App *app, Err err)
{
  if (err == ERR_OK) {
    app_go(app, GO_NEXT);
  } else if (err == ERR_CONFLICT) {
    app_go(app, GO_HERE);
  } else {
    app->person->trouble = err;
    app_go(app, GO_FAILED);
  }
}

static void finish_enter(App *app)
{
  job_start(app, (Job){finish, finished, false});
}

static void finish_build(App *app, UiBuild *build)
{
  page_begin(app, build, (UiPage){.id = "finish", .centred = true});
  ui_scene(build, UI_TONE_INFO, UI_ICON_CLOCK, say(app, "kiosk.busy.title"), say(app, "kiosk.busy.text"));
  page_end(build);
}

const Screen screen_finish = {.id = "finish", .kind = SCREEN_PERSON, .enter = finish_enter, .build = finish_build};

static void failed_build(App *app, UiBuild *build)
{
  page_begin(
      app, build,
      (UiPage){.id = "failed",
               .centred = true,
               .primary = {.label = say(app, "kiosk.failed.again"), .icon = UI_ICON_REFRESH, .act = {VERB_NEXT, 0}}});
  ui_scene(build, UI_TONE_WARN, UI_ICON_WARNING, say(app, "kiosk.failed.title"), say(app, "kiosk.failed.text"));
  ui_notice(build, "failed.why", UI_TONE_WARN, say(app, err_key(app->person->trouble)));
  page_end(build);
}

const Screen screen_failed = {.id = "failed", .kind = SCREEN_PERSON, .build = failed_build};

/* --- done, already here ----------------------------------------------------------------------------------------- */

static const char *wait_words(App *app, Arena *arena, const WaitEstimate *wait)
{
  const char *ahead = wait->ahead <= 0   ? say(app, "kiosk.wait.first")
                      : wait->ahead == 1 ? say(app, "kiosk.wait.one")
                                         : say_number(app, arena, "kiosk.wait.many", "count", wait->ahead);
  if (wait->minutes_most < 0) return ahead;
  bool range = wait->minutes_least < wait->minutes_most;
  const char *key = wait->minutes_most <= 5 ? "kiosk.wait.soon" : range ? "kiosk.wait.range" : "kiosk.wait.about";
  const char *time = SAY(app, arena, key, {"least", arena_printf(arena, "%d", wait->minutes_least)},
                         {"most", arena_printf(arena, "%d", wait->minutes_most)});
  return arena_printf(arena, "%s %s", ahead, time);
}

static void ticket(App *app, UiBuild *build, const char *text)
{
  if (text == NULL || *text == '\0') return;
  ui_box_begin(build, &(UiBox){.id = "ticket",
                               .role = UI_ROLE_STATUS,
                               .label = say(app, "kiosk.done.ticket"),
                               .value = text,
                               .cross = UI_CENTRE,
                               .gap = 4,
                               .pad = {56, 20, 56, 28},
                               .paint = {.fill = UI_SURFACE,
                                         .border = UI_LINE,
                                         .border_dp = 1,
                                         .radius_dp = 24,
                                         .shadow = UI_SHADOW_LOW}});
  ui_text(build, UI_TYPE_NOTE, UI_INK_SOFT, say(app, "kiosk.done.ticket"));
  ui_display(build, text);
  ui_box_end(build);
}

static void where_and_how_long(App *app, UiBuild *build, const char *place, const WaitEstimate *wait)
{
  if (app->person->called_at != 0) {
    ui_notice(build, "done.called", UI_TONE_GOOD, say(app, "kiosk.done.called"));
    return;
  }
  Arena *arena = ui_build_arena(build);
  ui_box_begin(build, &(UiBox){.gap = 8, .cross = UI_CENTRE, .width = UI_SIZE_GROW});
  UiBox line = {.width = UI_SIZE_GROW};
  const char *where =
      place != NULL && *place ? SAY(app, arena, "kiosk.done.place", {"place", place}) : say(app, "kiosk.done.seat");
  ui_text_with(build, &line, UI_TYPE_STRONG, UI_INK, UI_CENTRE, where);
  if (wait != NULL) ui_text_with(build, &line, UI_TYPE_BODY, UI_INK_SOFT, UI_CENTRE, wait_words(app, arena, wait));
  ui_box_end(build);
}

static void shown_enter(App *app)
{
  app_tick(app, SHOWN_S * 1000);
}

static void shown_tick(App *app)
{
  app_go(app, GO_HOME);
}

static void shown_act(App *app, UiAct act)
{
  if (act.verb == VERB_NEXT || act.verb == VERB_BACK) app_go(app, GO_HOME);
}

/* shown_refresh: has this person been called meanwhile, and how long does it take now? */
static void shown_refresh(App *app)
{
  Person *person = app->person;
  const Appointment *visit = checkin_appointment(person->checkin);
  Uuid id = app->screen == SCREEN_DONE ? person->done.appointment : visit != NULL ? visit->id : (Uuid){0};
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Appointment now;
  WaitEstimate wait;
  if (uuid_is_nil(id) || appointment_get(app->store, &arena, id, &now) != ERR_OK) return;
  if (*now.ticket) person->done.ticket = arena_cstr(&app->person_arena, str_c(now.ticket));
  person->called_at = now.status == APPT_BOOKED ? 0 : now.called_at;
  if (appointment_wait(app->store, id, &wait) == ERR_OK) person->done.wait = wait;
}

/* tick: the sign that all went well. */
static void tick(UiBuild *build)
{
  ui_box_begin(build, &(UiBox){.main = UI_CENTRE,
                               .cross = UI_CENTRE,
                               .width = UI_SIZE_FIXED(96),
                               .height = UI_SIZE_FIXED(96),
                               .paint = {.fill = UI_GOOD_SOFT, .radius_dp = 48}});
  ui_icon(build, UI_ICON_CHECK, UI_GOOD, 56);
  ui_box_end(build);
}

static void done_build(App *app, UiBuild *build)
{
  Arena *arena = ui_build_arena(build);
  const Person *person = app->person;
  const char *name = words_greeting(arena, checkin_client(person->checkin));
  page_begin(app, build,
             (UiPage){.id = "done",
                      .centred = true,
                      .primary = {.label = say(app, "kiosk.done.ok"), .kind = UI_PRIMARY, .act = {VERB_NEXT, 0}}});
  if (ui_build_text_scale(build) < 200 || ui_build_is_portrait(build)) tick(build);
  ui_text_with(build, &(UiBox){.role = UI_ROLE_HEADING, .width = UI_SIZE_GROW}, UI_TYPE_TITLE, UI_INK, UI_CENTRE,
               SAY(app, arena, "kiosk.done.title", {"name", name}));
  ticket(app, build, person->done.ticket);
  where_and_how_long(app, build, person->done.waiting_place, &person->done.wait);
  page_end(build);
}

const Screen screen_done = {.id = "done",
                            .kind = SCREEN_PERSON,
                            .enter = shown_enter,
                            .build = done_build,
                            .act = shown_act,
                            .refresh = shown_refresh,
                            .tick = shown_tick};

static void here_enter(App *app)
{
  app->person->done.wait = (WaitEstimate){0, -1, -1};
  shown_refresh(app);
  app_tick(app, SHOWN_S * 1000);
}

static void here_build(App *app, UiBuild *build)
{
  const Person *person = app->person;
  const Appointment *visit = checkin_appointment(person->checkin);
  page_begin(app, build,
             (UiPage){.id = "here",
                      .centred = true,
                      .title = say(app, "kiosk.here.title"),
                      .lead = say(app, "kiosk.here.lead"),
                      .primary = {.label = say(app, "kiosk.done.ok"), .act = {VERB_NEXT, 0}}});
  ticket(app, build, person->done.ticket);
  where_and_how_long(app, build, app_place(app)->site.waiting_place, visit != NULL ? &person->done.wait : NULL);
  page_end(build);
}

const Screen screen_here = {.id = "here",
                            .kind = SCREEN_PERSON,
                            .enter = here_enter,
                            .build = here_build,
                            .act = shown_act,
                            .refresh = shown_refresh,
                            .tick = shown_tick};
