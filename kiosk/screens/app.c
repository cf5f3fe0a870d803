#include "kiosk/screens/app.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/crypto.h"
#include "common/base/log.h"
#include "kiosk/screens/place.h"
#include "kiosk/screens/state.h"

/* In the order of ScreenId. */
static const Screen *const SCREENS[SCREEN_COUNT] = {
    [SCREEN_UNAVAILABLE] = &screen_unavailable,
    [SCREEN_WELCOME] = &screen_welcome,
    [SCREEN_BIRTH] = &screen_birth,
    [SCREEN_NAME] = &screen_name,
    [SCREEN_TIME] = &screen_time,
    [SCREEN_UNKNOWN] = &screen_unknown,
    [SCREEN_THROTTLED] = &screen_throttled,
    [SCREEN_VISIT] = &screen_visit,
    [SCREEN_HERE] = &screen_here,
    [SCREEN_NEW_BIRTH] = &screen_new_birth,
    [SCREEN_NEW_NAME] = &screen_new_name,
    [SCREEN_NEW_PHONE] = &screen_new_phone,
    [SCREEN_CONTACT] = &screen_contact,
    [SCREEN_PHONE] = &screen_phone,
    [SCREEN_EMAIL] = &screen_email,
    [SCREEN_ADDRESS] = &screen_address,
    [SCREEN_COVERAGE] = &screen_coverage,
    [SCREEN_CARD] = &screen_card,
    [SCREEN_REASON] = &screen_reason,
    [SCREEN_QUESTION] = &screen_question,
    [SCREEN_READ] = &screen_read,
    [SCREEN_ELECTRONIC] = &screen_electronic,
    [SCREEN_SIGN] = &screen_sign,
    [SCREEN_SIGNER] = &screen_signer,
    [SCREEN_FINISH] = &screen_finish,
    [SCREEN_FAILED] = &screen_failed,
    [SCREEN_DONE] = &screen_done,
    [SCREEN_PIN] = &screen_pin,
    [SCREEN_BOARD] = &screen_board,
};

static const Screen *now(const App *app)
{
  return SCREENS[app->screen];
}

const char *app_screen(const App *app)
{
  return now(app)->id;
}

bool app_busy(const App *app)
{
  return jobs_any(app->jobs);
}

/* --- going ------------------------------------------------------------------------------------------------------ */

void app_set_idle(App *app)
{
  const Screen *screen = now(app);
  bool changed = ui_text_scale(app->ui) != 100 || strcmp(app->language, app_first_language(app)) != 0;
  int seconds = screen->idle_s;
  if (seconds == 0) switch (screen->kind) {
    case SCREEN_OPEN: seconds = changed ? IDLE_OPEN_S : 0; break;
    case SCREEN_PERSON: seconds = ui_text_scale(app->ui) > 100 ? IDLE_S * 3 / 2 : IDLE_S; break;
    case SCREEN_STAFF: seconds = IDLE_STAFF_S; break;
    }
  ui_set_idle(app->ui, seconds * 1000);
}

/* due: where a place of the flow is for this check-in now. */
static ScreenId due(App *app, ScreenId to)
{
  Person *person = app->person;
  if (to == SCREEN_BEFORE && !person->moved_back) return person->is_new ? SCREEN_NEW_PHONE : SCREEN_VISIT;
  if (to != SCREEN_DUE && to != SCREEN_BEFORE) return to;
  switch (checkin_step(person->checkin)) {
  case CHECKIN_CONTACT: return SCREEN_CONTACT;
  case CHECKIN_COVERAGE: return SCREEN_COVERAGE;
  case CHECKIN_REASON: return SCREEN_REASON;
  case CHECKIN_FORM: return SCREEN_QUESTION;
  case CHECKIN_CONSENT: return SCREEN_READ;
  case CHECKIN_DONE: return SCREEN_FINISH;
  }
  return SCREEN_FINISH;
}

static void enter(App *app, ScreenId to)
{
  ui_timer_cancel(app->ui, TIMER_PAUSE);
  ui_timer_cancel(app->ui, TIMER_SCREEN);
  ui_timer_cancel(app->ui, TIMER_WARNING);
  app->screen = to;
  app->dialog = DIALOG_NONE;
  ui_focus(app->ui, NULL);
  ui_scroll_to_top(app->ui);
  app_set_idle(app);
  if (now(app)->enter) now(app)->enter(app);
}

void app_show(App *app, ScreenId to)
{
  enter(app, to);
}

void app_enter_first(App *app)
{
  enter(app, app->trouble == ERR_OK ? SCREEN_WELCOME : SCREEN_UNAVAILABLE);
}

static Err move_back(App *app)
{
  app->person->moved_back = checkin_back(app->person->checkin);
  return ERR_OK;
}

static void moved_back(App *app, Err err)
{
  (void)err;
  enter(app, due(app, SCREEN_BEFORE));
}

void app_go(App *app, Go go)
{
  ScreenId to = flow_next(app->screen, go);
  if (to == SCREEN_WELCOME || to == SCREEN_UNAVAILABLE) {
    app_forget(app);
    app_enter_first(app);
  } else if (to == SCREEN_BEFORE) {
    job_start(app, (Job){move_back, moved_back, false});
  } else {
    enter(app, due(app, to));
  }
}

void app_dialog(App *app, DialogId dialog)
{
  app->dialog = dialog;
  ui_focus(app->ui, NULL);
}

void app_tick(App *app, int delay_ms)
{
  if (delay_ms > 0)
    ui_timer(app->ui, TIMER_SCREEN, delay_ms);
  else
    ui_timer_cancel(app->ui, TIMER_SCREEN);
}

void app_trouble(App *app, Err err, Job retry)
{
  app->person->retry = retry;
  app->person->trouble = err;
  app_dialog(app, DIALOG_TROUBLE);
}

/* --- language, text size ---------------------------------------------------------------------------------------- */

const char *app_first_language(const App *app)
{
  const I18n *i18n = app->config.i18n;
  const char *wanted = app->config.language, *practice = app->places[app->place].practice.language;
  for (int turn = 0; turn < 2; turn++, wanted = practice)
    for (size_t i = 0; wanted != NULL && i < i18n_count(i18n); i++)
      if (strcmp(i18n_tag(i18n, i), wanted) == 0) return i18n_tag(i18n, i);
  return i18n_tag(i18n, 0);
}

/* tell_language: to the check-in, as soon as no job has it. */
static void tell_language(App *app)
{
  app->language_waits = app->person->checkin != NULL && jobs_any(app->jobs);
  if (app->person->checkin == NULL || app->language_waits) return;
  checkin_language(app->person->checkin, app->language);
  signing_check_language(app);
}

void app_set_language(App *app, const char *tag)
{
  app->language = tag;
  UiLocale locale = words_locale(app);
  ui_set_locale(app->ui, &locale);
  tell_language(app);
}

static void change_language(App *app, size_t index)
{
  const I18n *i18n = app->config.i18n;
  size_t count = i18n_count(i18n), at = 0;
  for (size_t i = 0; i < count; i++)
    if (strcmp(i18n_tag(i18n, i), app->language) == 0) at = i;
  if (index == 0 && count > 2) {
    app_dialog(app, DIALOG_LANGUAGE);
    return;
  }
  app_set_language(app, i18n_tag(i18n, index > 0 ? index - 1 : (at + 1) % count));
  if (app->dialog == DIALOG_LANGUAGE) app->dialog = DIALOG_NONE;
  app_set_idle(app);
}

static void change_text_size(App *app)
{
  int scale = ui_text_scale(app->ui);
  ui_set_text_scale(app->ui, scale == 100 ? 150 : scale == 150 ? 200 : 100);
  app_set_idle(app);
}

/* --- forgetting ------------------------------------------------------------------------------------------------- */

/* wipe_stack: what deeper calls have left below. */
static __attribute__((noinline)) void wipe_stack(void)
{
  char below[64 << 10];
  crypto_wipe(below, sizeof below);
}

static void begin_person(App *app)
{
  app->person = ARENA_NEW(&app->person_arena, Person);
  app->person->faults = faults_make(&app->person_arena);
  app->person->question.yes = -1;
}

void app_forget(App *app)
{
  if (jobs_any(app->jobs)) {
    app->forget_after_job = true;
    return;
  }
  checkin_forget(app->person->checkin);
  arena_reset(&app->person_arena);
  begin_person(app);
  board_close(app);
  app->dialog = DIALOG_NONE;
  ui_set_text_scale(app->ui, 100);
  app_set_language(app, app_first_language(app));
  ui_forget(app->ui);
  wipe_stack();
}

/* --- help ------------------------------------------------------------------------------------------------------- */

static Err ask_for_help(App *app)
{
  return checkin_help(app->store, &app_place(app)->site, app->person->checkin);
}

static void asked_for_help(App *app, Err err)
{
  app_dialog(app, err == ERR_OK ? DIALOG_HELP : DIALOG_HELP_SELF);
}

/* --- events ----------------------------------------------------------------------------------------------------- */

static void act(App *app, UiAct act)
{
  if (app->dialog != DIALOG_NONE && act.verb != VERB_LANGUAGE) {
    dialog_act(app, act);
    return;
  }
  switch (act.verb) {
  case VERB_HELP:
    if (app->trouble == ERR_OK)
      job_start(app, (Job){ask_for_help, asked_for_help, false});
    else
      app_dialog(app, DIALOG_HELP_SELF);
    break;
  case VERB_LANGUAGE: change_language(app, (size_t)act.arg); break;
  case VERB_TEXT_SIZE: change_text_size(app); break;
  case VERB_START_OVER: app_dialog(app, DIALOG_START_OVER); break;
  default:
    if (now(app)->act != NULL)
      now(app)->act(app, act);
    else if (act.verb == VERB_BACK)
      app_go(app, GO_BACK);
    else if (act.verb == VERB_NEXT)
      app_go(app, GO_NEXT);
  }
}

static void idle(App *app)
{
  if (jobs_any(app->jobs)) {
    app_set_idle(app); /* asked again later */
    return;
  }
  switch (now(app)->kind) {
  case SCREEN_OPEN:
    ui_set_text_scale(app->ui, 100);
    app_set_language(app, app_first_language(app));
    break;
  case SCREEN_PERSON:
    if (app->dialog == DIALOG_IDLE) break;
    if (now(app)->keep != NULL) {
      now(app)->keep(app);
      app_keep_run(app);
    }
    app->warning_left_s = WARNING_S;
    app_dialog(app, DIALOG_IDLE);
    ui_timer(app->ui, TIMER_WARNING, 1000);
    break;
  case SCREEN_STAFF: app_go(app, GO_HOME); break;
  }
}

static void warn(App *app)
{
  if (app->dialog != DIALOG_IDLE) return;
  if (--app->warning_left_s <= 0)
    app_go(app, GO_HOME);
  else
    ui_timer(app->ui, TIMER_WARNING, 1000);
}

static void timer(App *app, int number)
{
  switch (number) {
  case TIMER_PAUSE:
    if (now(app)->keep == NULL) break;
    if (jobs_any(app->jobs)) {
      app_keep_soon(app);
      break;
    }
    now(app)->keep(app);
    app_keep_run(app);
    break;
  case TIMER_WARNING: warn(app); break;
  case TIMER_RETRY:
  case TIMER_REFRESH: place_refresh(app); break;
  case TIMER_SCREEN:
    if (now(app)->tick != NULL) now(app)->tick(app);
    break;
  default: break;
  }
}

static void wake(App *app, int number)
{
  if (number == WAKE_STORE) place_changed(app);
  if (number != WAKE_JOB) return;
  jobs_wake(app);
  if (!app->forget_after_job || jobs_any(app->jobs)) return;
  app->forget_after_job = false;
  app_forget(app);
  app_enter_first(app);
}

static void edited(App *app, const char *id)
{
  if (now(app)->edit != NULL) now(app)->edit(app, id);
  if (now(app)->keep != NULL) app_keep_soon(app);
}

void app_refresh_screen(App *app)
{
  if (now(app)->refresh != NULL && !jobs_any(app->jobs)) now(app)->refresh(app);
}

static void handle(void *state, const UiEvent *event)
{
  App *app = state;
  bool busy = jobs_loud(app->jobs) || app->forget_after_job;
  switch (event->kind) {
  case UI_EVENT_ACT:
    if (!busy && !jobs_full(app->jobs)) act(app, event->act);
    break;
  case UI_EVENT_EDIT:
    if (!busy) edited(app, event->id);
    break;
  case UI_EVENT_SCAN:
    if (!busy && app->dialog == DIALOG_NONE) identify_scan(app, event->text);
    break;
  case UI_EVENT_INK:
  case UI_EVENT_READ_END:
    if (!busy && now(app)->other != NULL) now(app)->other(app, event);
    break;
  case UI_EVENT_TIMER: timer(app, event->number); break;
  case UI_EVENT_WAKE: wake(app, event->number); break;
  case UI_EVENT_IDLE: idle(app); break;
  case UI_EVENT_INPUT:
    if (app->dialog == DIALOG_IDLE) app->warning_left_s = WARNING_S;
    break;
  case UI_EVENT_DISPLAY: break;
  case UI_EVENT_QUIT: ui_quit(app->ui); break;
  }
  if (app->language_waits && !jobs_any(app->jobs)) tell_language(app);
}

static void build_busy(App *app, UiBuild *build)
{
  ui_page_begin(build, &(UiPage){.id = "busy", .brand = app_place(app)->practice.name, .centred = true});
  ui_scene(build, UI_TONE_INFO, UI_ICON_CLOCK, say(app, "kiosk.busy.title"), say(app, "kiosk.busy.text"));
  ui_page_end(build);
}

static void build(void *state, UiBuild *build)
{
  App *app = state;
  if (jobs_loud(app->jobs) || app->forget_after_job) {
    build_busy(app, build);
    return;
  }
  now(app)->build(app, build);
  if (app->dialog != DIALOG_NONE) dialog_build(app, build);
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

Err app_open(const AppConfig *config, Ui *ui, App **out)
{
  App *app = calloc(1, sizeof *app);
  if (app == NULL) return err_because(ERR_IO, "out of memory");
  *app = (App){.config = *config,
               .theme = *config->theme,
               .ui = ui,
               .env = config->env,
               .trouble = ERR_NOT_FOUND,
               .screen = SCREEN_UNAVAILABLE};
  app->person_arena = arena_make_wiping(PERSON_MAX);
  for (int i = 0; i < 2; i++) app->places[i].arena = arena_make(PLACE_MAX);
  app->language = app_first_language(app);
  begin_person(app);
  Err err = jobs_open(app, &app->jobs);
  if (err != ERR_OK) {
    app_close(app);
    return err;
  }
  UiLocale locale = words_locale(app);
  ui_set_locale(ui, &locale);
  ui_set_app(ui, (UiApp){app, build, handle});
  place_refresh(app);
  *out = app;
  return ERR_OK;
}

void app_close(App *app)
{
  if (app == NULL) return;
  jobs_close(app->jobs);
  ui_set_app(app->ui, (UiApp){0});
  watch_close(app->watch);
  checkin_forget(app->person->checkin);
  board_close(app);
  store_close(app->store);
  arena_fini(&app->person_arena);
  for (int i = 0; i < 2; i++) arena_fini(&app->places[i].arena);
  free(app);
}
