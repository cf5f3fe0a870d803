/* Why someone without an appointment has come, and whom they would like to see. Both may be left out. */
#include "kiosk/screens/state.h"

enum { VERB_PROVIDER = VERB_OWN, PROVIDERS_MAX = 8 };

static void reason_enter(App *app)
{
  Person *person = app->person;
  Str kept = app_kept(app, "reason", NULL);
  ui_field_set(&person->reason, str_empty(kept) ? str_c(checkin_reason_said(person->checkin)) : kept);
  person->provider = checkin_provider(person->checkin);
}

static void choice(App *app, UiBuild *build, const char *id, const char *label, Uuid provider, size_t index)
{
  ui_choice(build, &(UiChoice){.id = id,
                               .label = label,
                               .checked = uuid_eq(app->person->provider, provider),
                               .act = {VERB_PROVIDER, (int64_t)index}});
}

/* providers: asked where there is a choice; a list that is too long to be looked through is left to the desk. */
static void providers(App *app, UiBuild *build)
{
  size_t count;
  const Provider *list = checkin_providers(app->person->checkin, &count);
  if (count < 2 || count > PROVIDERS_MAX) return;
  Arena *arena = ui_build_arena(build);
  ui_choices_begin(build, &(UiChoices){.id = "reason.providers", .label = say(app, "kiosk.reason.who"), .columns = 2});
  choice(app, build, "reason.anyone", say(app, "kiosk.reason.anyone"), (Uuid){{0}}, 0);
  for (size_t i = 0; i < count; i++)
    choice(app, build, arena_printf(arena, "reason.provider.%zu", i), list[i].name, list[i].id, i + 1);
  ui_choices_end(build);
}

static void reason_build(App *app, UiBuild *build)
{
  bool empty = str_empty(str_trim(ui_field_str(&app->person->reason))) && uuid_is_nil(app->person->provider);
  page_begin(app, build,
             (UiPage){.id = "reason",
                      .title = say(app, "kiosk.reason.title"),
                      .primary = {.label = say(app, empty ? "kiosk.skip" : "kiosk.next"),
                                  .icon = UI_ICON_NEXT,
                                  .act = {VERB_NEXT, 0}}});
  ui_field(build, &(UiFieldBox){.id = "reason.text",
                                .label = say(app, "kiosk.reason.why"),
                                .field = &app->person->reason,
                                .keys = UI_KEYS_TEXT,
                                .error = fault_words(app, build, "reason")});
  providers(app, build);
  page_end(build);
}

static Err write(App *app)
{
  Person *person = app->person;
  return checkin_reason(person->checkin, ui_field_str(&person->reason), person->provider, &person->faults);
}

static void written(App *app, Err err)
{
  if (err == ERR_OK)
    app_go(app, GO_NEXT);
  else if (err != ERR_INVALID)
    app_trouble(app, err, (Job){write, written, false});
}

static void reason_act(App *app, UiAct act)
{
  size_t count;
  const Provider *list = checkin_providers(app->person->checkin, &count);
  faults_clear(app);
  if (act.verb == VERB_PROVIDER)
    app->person->provider = act.arg > 0 && (size_t)act.arg <= count ? list[act.arg - 1].id : (Uuid){{0}};
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_NEXT) job_start(app, (Job){write, written, false});
}

static void reason_keep(App *app)
{
  app_keep(app, "reason", NULL, ui_field_str(&app->person->reason));
}

const Screen screen_reason = {.id = "reason",
                              .kind = SCREEN_PERSON,
                              .enter = reason_enter,
                              .build = reason_build,
                              .act = reason_act,
                              .keep = reason_keep};
