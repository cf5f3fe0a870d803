/* Who are you: date of birth, name, and the time of the visit where that is not enough; or a code instead. Nothing of
 * anyone else ever shows, and every failure has the same answer. */
#include <stdio.h>

#include "kiosk/screens/state.h"

enum { VERB_HALF = VERB_OWN, VERB_WALK_IN, VERB_TRY_AGAIN };
enum { NOTICE_S = 15 };

#define CODE_PREFIX "FOYER:"

/* --- asking the store ------------------------------------------------------------------------------------------- */

static Err look_up(App *app)
{
  Person *person = app->person;
  CheckinIdentity identity = {.given = ui_field_str(&person->given),
                              .family = ui_field_str(&person->family),
                              .code = str_c(person->code)};
  if (!ui_date_value(&person->birth, &identity.birth_date)) identity.birth_date = (Date){0};
  const Site *site = &app_place(app)->site;
  int minute;
  if (time_entry_value(app, &person->visit_time, &minute)) {
    TRY(site_wall(site, app_now(app), &identity.visit));
    identity.visit.minute = (int16_t)minute;
  }
  checkin_forgetp(&person->checkin);
  TRY(checkin_identify(app->store, site, &identity, &person->found, &person->checkin));
  if (person->checkin != NULL) checkin_language(person->checkin, app->language);
  return ERR_OK;
}

static void looked_up(App *app, Err err)
{
  Person *person = app->person;
  memset(person->code, 0, sizeof person->code);
  if (err == ERR_NOT_FOUND || err == ERR_INVALID || err == ERR_DENIED)
    app_go(app, GO_UNKNOWN);
  else if (err == ERR_THROTTLED)
    app_go(app, GO_THROTTLED);
  else if (err != ERR_OK)
    app_trouble(app, err, (Job){look_up, looked_up, false});
  else if (person->found == CHECKIN_ASK_TIME)
    app_go(app, GO_UNCLEAR);
  else
    app_go(app, checkin_is_here_already(person->checkin) ? GO_HERE : GO_FOUND);
}

void identify_scan(App *app, Str text)
{
  Person *person = app->person;
  Str code = str_trim(text);
  if (!flow_has(app->screen, GO_FOUND) || person->checkin != NULL || app->screen == SCREEN_NEW_PHONE) return;
  if (!str_starts(code, STR(CODE_PREFIX)) || code.len >= sizeof person->code) {
    faults_clear(app);
    faults_add(&person->faults, "code", "kiosk.code.other", NULL);
    app_tick(app, NOTICE_S * 1000);
    return;
  }
  memset(person->code, 0, sizeof person->code);
  memcpy(person->code, code.ptr, code.len);
  job_start(app, (Job){look_up, looked_up, false});
}

void identify_notice(App *app, UiBuild *build)
{
  const char *words = fault_words(app, build, "code");
  if (words != NULL) ui_notice(build, "code.notice", UI_TONE_WARN, words);
}

/* --- date of birth ---------------------------------------------------------------------------------------------- */

static void birth_enter(App *app)
{
  faults_clear(app);
  app->person->is_new = app->screen == SCREEN_NEW_BIRTH;
  bool month_first = words_locale(app).date_order == UI_DATE_MDY;
  ui_focus(app->ui, month_first ? "birth.date.month" : "birth.date.day");
}

static void birth_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = app_screen(app),
                      .title = say(app, "kiosk.birth.title"),
                      .primary = {.label = say(app, "kiosk.next"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  identify_notice(app, build);
  ui_date(build, &(UiDateBox){.id = "birth.date",
                              .entry = &app->person->birth,
                              .error = fault_words(app, build, "birth_date")});
  page_end(build);
}

/* birth_fault: a mistake that can be seen without looking anyone up. */
static const char *birth_fault(App *app)
{
  Date birth;
  WallTime today;
  if (!ui_date_value(&app->person->birth, &birth)) return "kiosk.birth.error";
  if (site_wall(&app_place(app)->site, app_now(app), &today) != ERR_OK) return NULL;
  return date_compare(birth, today.date) > 0 || birth.year < 1880 ? "kiosk.birth.error" : NULL;
}

static void birth_act(App *app, UiAct act)
{
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb != VERB_NEXT) return;
  faults_clear(app);
  const char *fault = birth_fault(app);
  if (fault != NULL)
    faults_add(&app->person->faults, "birth_date", fault, NULL);
  else
    app_go(app, GO_NEXT);
}

/* birth_edit: what was complained about is being put right. */
static void birth_edit(App *app, const char *id)
{
  (void)id;
  faults_clear(app);
}

const Screen screen_birth = {.id = "birth",
                             .kind = SCREEN_PERSON,
                             .enter = birth_enter,
                             .build = birth_build,
                             .act = birth_act,
                             .edit = birth_edit};
const Screen screen_new_birth = {.id = "new_birth",
                                 .kind = SCREEN_PERSON,
                                 .enter = birth_enter,
                                 .build = birth_build,
                                 .act = birth_act,
                                 .edit = birth_edit};

/* --- name ------------------------------------------------------------------------------------------------------- */

static void name_enter(App *app)
{
  faults_clear(app);
  ui_focus(app->ui, "name.given");
}

static void name_fields(App *app, UiBuild *build, const char *given_help)
{
  Person *person = app->person;
  ui_split_begin(build, 24);
  ui_field(build, &(UiFieldBox){.id = "name.given",
                                .label = say(app, given_help),
                                .field = &person->given,
                                .keys = UI_KEYS_NAME,
                                .error = fault_words(app, build, "given")});
  ui_field(build, &(UiFieldBox){.id = "name.family",
                                .label = say(app, "kiosk.name.family"),
                                .field = &person->family,
                                .keys = UI_KEYS_NAME,
                                .error = fault_words(app, build, "family")});
  ui_end(build);
}

static void name_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "name",
                      .title = say(app, "kiosk.name.title"),
                      .primary = {.label = say(app, "kiosk.next"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  identify_notice(app, build);
  name_fields(app, build, "kiosk.name.given_or_letter");
  page_end(build);
}

/* name_missing: says so beside what is empty. */
static bool name_missing(App *app)
{
  Person *person = app->person;
  faults_clear(app);
  if (str_empty(str_trim(ui_field_str(&person->given))))
    faults_add(&person->faults, "given", "kiosk.name.error.given", NULL);
  if (str_empty(str_trim(ui_field_str(&person->family))))
    faults_add(&person->faults, "family", "kiosk.name.error.family", NULL);
  return person->faults.count > 0;
}

static void name_act(App *app, UiAct act)
{
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_NEXT && !name_missing(app)) job_start(app, (Job){look_up, looked_up, false});
}

const Screen screen_name = {
    .id = "name", .kind = SCREEN_PERSON, .enter = name_enter, .build = name_build, .act = name_act, .edit = birth_edit};

/* --- time of the visit ------------------------------------------------------------------------------------------ */

static void time_enter(App *app)
{
  faults_clear(app);
  ui_focus(app->ui, "time.hour");
}

static void time_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "time",
                      .title = say(app, "kiosk.time.title"),
                      .primary = {.label = say(app, "kiosk.next"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  time_entry(app, build, "time", NULL, fault_words(app, build, "visit"), &app->person->visit_time,
             (UiAct){VERB_HALF, 0});
  page_end(build);
}

static void time_act(App *app, UiAct act)
{
  Person *person = app->person;
  int minute;
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_HALF) person->visit_time.half = (int)act.arg;
  if (act.verb != VERB_NEXT) return;
  faults_clear(app);
  if (time_entry_value(app, &person->visit_time, &minute))
    job_start(app, (Job){look_up, looked_up, false});
  else
    faults_add(&person->faults, "visit", "kiosk.time.error", NULL);
}

const Screen screen_time = {
    .id = "time", .kind = SCREEN_PERSON, .enter = time_enter, .build = time_build, .act = time_act, .edit = birth_edit};

/* --- not found, too many tries ---------------------------------------------------------------------------------- */

static void unknown_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "unknown",
                      .centred = true,
                      .primary = {.label = say(app, "kiosk.unknown.again"), .act = {VERB_TRY_AGAIN, 0}}});
  ui_scene(build, UI_TONE_INFO, UI_ICON_PERSON, say(app, "kiosk.unknown.title"), say(app, "kiosk.unknown.text"));
  ui_button(build,
            &(UiButton){.id = "unknown.walk_in", .label = say(app, "kiosk.unknown.walk_in"), .act = {VERB_WALK_IN, 0}});
  page_end(build);
}

static void unknown_act(App *app, UiAct act)
{
  memset(&app->person->visit_time, 0, sizeof app->person->visit_time);
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_TRY_AGAIN) app_go(app, GO_CHECK_IN);
  if (act.verb == VERB_WALK_IN) app_go(app, GO_WALK_IN);
}

const Screen screen_unknown = {.id = "unknown", .kind = SCREEN_PERSON, .build = unknown_build, .act = unknown_act};

static void throttled_enter(App *app)
{
  app_tick(app, SHOWN_S * 1000);
}

static void throttled_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "throttled",
                      .centred = true,
                      .primary = {.label = say(app, "kiosk.close"), .act = {VERB_NEXT, 0}}});
  ui_scene(build, UI_TONE_INFO, UI_ICON_PEOPLE, say(app, "kiosk.throttled.title"), say(app, "kiosk.throttled.text"));
  page_end(build);
}

static void go_home(App *app)
{
  app_go(app, GO_HOME);
}

static void throttled_act(App *app, UiAct act)
{
  (void)act;
  app_go(app, GO_HOME);
}

const Screen screen_throttled = {.id = "throttled",
                                 .kind = SCREEN_PERSON,
                                 .enter = throttled_enter,
                                 .build = throttled_build,
                                 .act = throttled_act,
                                 .tick = go_home};

/* --- without an appointment ------------------------------------------------------------------------------------- */

static void new_name_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "new_name",
                      .title = say(app, "kiosk.name.title"),
                      .primary = {.label = say(app, "kiosk.next"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  name_fields(app, build, "kiosk.name.given");
  page_end(build);
}

static void new_name_act(App *app, UiAct act)
{
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_NEXT && !name_missing(app)) app_go(app, GO_NEXT);
}

const Screen screen_new_name = {.id = "new_name",
                                .kind = SCREEN_PERSON,
                                .enter = name_enter,
                                .build = new_name_build,
                                .act = new_name_act,
                                .edit = birth_edit};

static void new_phone_enter(App *app)
{
  faults_clear(app);
  ui_focus(app->ui, "new.phone");
}

static void new_phone_build(App *app, UiBuild *build)
{
  Person *person = app->person;
  page_begin(app, build,
             (UiPage){.id = "new_phone",
                      .title = say(app, "kiosk.new_phone.title"),
                      .lead = say(app, "kiosk.new_phone.lead"),
                      .primary = {.label = say(app, "kiosk.next"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  const char *other = fault_words(app, build, "person");
  if (other != NULL) ui_notice(build, "new.notice", UI_TONE_BAD, other);
  ui_field(build, &(UiFieldBox){.id = "new.phone",
                                .label = say(app, "kiosk.contact.phone"),
                                .field = &person->phone,
                                .keys = UI_KEYS_PHONE,
                                .hide_label = true,
                                .error = fault_words(app, build, "phone")});
  page_end(build);
}

static Err begin_new(App *app)
{
  Person *person = app->person;
  Arena *arena = &app->person_arena;
  Date birth;
  char text[DATE_TEXT_LEN + 1] = "";
  if (ui_date_value(&person->birth, &birth)) date_text(birth, text);
  Contact contact = {arena_cstr(arena, str_trim(ui_field_str(&person->phone))), "", "", "", "", "", "", ""};
  Client client = {.given = arena_cstr(arena, str_trim(ui_field_str(&person->given))),
                   .family = arena_cstr(arena, str_trim(ui_field_str(&person->family))),
                   .prefix = "",
                   .suffix = "",
                   .preferred_name = "",
                   .birth_date = arena_cstr(arena, str_c(text)),
                   .gender = "",
                   .language = app->language,
                   .status = "active",
                   .contact = contact};
  checkin_forgetp(&person->checkin);
  TRY(checkin_walk_in(app->store, &app_place(app)->site, &client, &person->faults, &person->checkin));
  checkin_language(person->checkin, app->language);
  return ERR_OK;
}

static void begun_new(App *app, Err err)
{
  Person *person = app->person;
  if (err == ERR_OK) {
    app_go(app, checkin_is_here_already(person->checkin) ? GO_HERE : GO_FOUND);
  } else if (err == ERR_INVALID && person->faults.count > 0) {
    /* Names and dates were looked at on their own screens; what is left to say is said here. */
    const Fault *first = &person->faults.items[0];
    if (strcmp(first->field, "phone") != 0) faults_add(&person->faults, "person", first->key, first->value);
  } else {
    app_trouble(app, err, (Job){begin_new, begun_new, false});
  }
}

static void new_phone_act(App *app, UiAct act)
{
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb != VERB_NEXT) return;
  faults_clear(app);
  job_start(app, (Job){begin_new, begun_new, false});
}

const Screen screen_new_phone = {.id = "new_phone",
                                 .kind = SCREEN_PERSON,
                                 .enter = new_phone_enter,
                                 .build = new_phone_build,
                                 .act = new_phone_act,
                                 .edit = birth_edit};
