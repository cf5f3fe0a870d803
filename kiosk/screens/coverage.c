/* Insurance: shown as we have it, confirmed with one touch, or entered from the card. */
#include "kiosk/screens/state.h"

enum { VERB_CARD = VERB_OWN, VERB_NONE };

static const char *const FIELD_NAMES[CARD_FIELD_COUNT] = {
#define CARD_FIELD(constant, name) [constant] = #name,
    CARD_FIELDS(CARD_FIELD)
#undef CARD_FIELD
};

static const Coverage *first_coverage(const App *app)
{
  size_t count;
  const Coverage *list = checkin_coverages(app->person->checkin, &count);
  return count > 0 ? &list[0] : NULL;
}

static Coverage blank(const App *app)
{
  return (Coverage){.client = checkin_client(app->person->checkin)->id,
                    .payer = "",
                    .plan = "",
                    .member_id = "",
                    .group_number = "",
                    .subscriber = "",
                    .relationship = "self",
                    .start_date = "",
                    .end_date = "",
                    .status = "active",
                    .rank = 1};
}

/* --- confirming ------------------------------------------------------------------------------------------------- */

static void done(App *app, Err err, Job job, bool card)
{
  if (err == ERR_OK)
    app_go(app, GO_NEXT);
  else if (err != ERR_INVALID)
    app_trouble(app, err, job);
  else if (!card)
    app_go(app, GO_CARD); /* what we have is no longer good enough: it is asked for */
}

static Err confirm(App *app)
{
  return checkin_coverage(app->person->checkin, NULL, &app->person->faults);
}

static void confirmed(App *app, Err err)
{
  done(app, err, (Job){confirm, confirmed, false}, false);
}

static Err say_none(App *app)
{
  Coverage none = blank(app);
  return checkin_coverage(app->person->checkin, &none, &app->person->faults);
}

static void said_none(App *app, Err err)
{
  done(app, err, (Job){say_none, said_none, false}, false);
}

static void show(App *app, UiBuild *build, const Coverage *coverage, bool several)
{
  Arena *arena = ui_build_arena(build);
  const char *heading =
      several ? say(app, coverage->rank <= 1 ? "kiosk.coverage.first" : "kiosk.coverage.second") : NULL;
  ui_card_begin(build, arena_printf(arena, "coverage.%d", coverage->rank), heading);
  if (heading) ui_text(build, UI_TYPE_NOTE, UI_INK_SOFT, heading);
  ui_fact(build, say(app, "kiosk.card.payer"), coverage->payer);
  if (*coverage->plan) ui_fact(build, say(app, "kiosk.card.plan"), coverage->plan);
  if (*coverage->member_id) ui_fact(build, say(app, "kiosk.card.member_id"), coverage->member_id);
  if (*coverage->group_number) ui_fact(build, say(app, "kiosk.card.group_number"), coverage->group_number);
  ui_end(build);
}

static void none_on_file(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "coverage",
                      .title = say(app, "kiosk.coverage.title.none"),
                      .lead = say(app, "kiosk.coverage.lead.none")});
  ui_box_begin(build, &(UiBox){.gap = 20, .cross = UI_STRETCH, .width = {UI_GROW, 1, 0, 720}});
  ui_button(build, &(UiButton){.id = "coverage.enter",
                               .label = say(app, "kiosk.coverage.enter"),
                               .kind = UI_PRIMARY,
                               .icon = UI_ICON_CARD,
                               .act = {VERB_CARD, 0}});
  ui_button(build, &(UiButton){.id = "coverage.none",
                               .label = say(app, "kiosk.coverage.no_insurance"),
                               .act = {VERB_NONE, 0}});
  ui_box_end(build);
  page_end(build);
}

static void coverage_build(App *app, UiBuild *build)
{
  size_t count;
  const Coverage *list = checkin_coverages(app->person->checkin, &count);
  if (count == 0) {
    none_on_file(app, build);
    return;
  }
  page_begin(
      app, build,
      (UiPage){.id = "coverage",
               .title = say(app, "kiosk.coverage.title"),
               .primary = {.label = say(app, "kiosk.coverage.ok"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  for (size_t i = 0; i < count; i++) show(app, build, &list[i], count > 1);
  ui_row_begin(build, 16);
  ui_button(build, &(UiButton){.id = "coverage.change",
                               .label = say(app, "kiosk.coverage.change"),
                               .icon = UI_ICON_CARD,
                               .act = {VERB_CARD, 0}});
  ui_button(build, &(UiButton){.id = "coverage.none",
                               .label = say(app, "kiosk.coverage.no_insurance"),
                               .kind = UI_QUIET,
                               .act = {VERB_NONE, 0}});
  ui_end(build);
  page_end(build);
}

static void coverage_act(App *app, UiAct act)
{
  faults_clear(app);
  switch (act.verb) {
  case VERB_BACK: app_go(app, GO_BACK); break;
  case VERB_CARD: app_go(app, GO_CARD); break;
  case VERB_NONE: job_start(app, (Job){say_none, said_none, false}); break;
  case VERB_NEXT: job_start(app, (Job){confirm, confirmed, false}); break;
  default: break;
  }
}

const Screen screen_coverage = {.id = "coverage", .kind = SCREEN_PERSON, .build = coverage_build, .act = coverage_act};

/* --- the card --------------------------------------------------------------------------------------------------- */

static const char *have(const App *app, CardField field)
{
  const Coverage *coverage = first_coverage(app);
  if (coverage == NULL) return "";
  switch (field) {
#define CARD_FIELD(constant, name) \
  case constant: return coverage->name;
    CARD_FIELDS(CARD_FIELD)
#undef CARD_FIELD
  case CARD_FIELD_COUNT: break;
  }
  return "";
}

static void card_enter(App *app)
{
  for (int i = 0; i < CARD_FIELD_COUNT; i++) {
    Str kept = app_kept(app, "coverage", FIELD_NAMES[i]);
    ui_field_set(&app->person->card[i], str_empty(kept) ? str_c(have(app, (CardField)i)) : kept);
  }
  ui_focus(app->ui, "card.payer");
}

static void field(App *app, UiBuild *build, CardField which, const char *label, UiKeyKind keys)
{
  ui_field(build, &(UiFieldBox){.id = arena_printf(ui_build_arena(build), "card.%s", FIELD_NAMES[which]),
                                .label = say(app, label),
                                .field = &app->person->card[which],
                                .keys = keys,
                                .error = fault_words(app, build, FIELD_NAMES[which])});
}

static void card_build(App *app, UiBuild *build)
{
  page_begin(app, build,
             (UiPage){.id = "card",
                      .title = say(app, "kiosk.card.title"),
                      .primary = {.label = say(app, "kiosk.save"), .act = {VERB_NEXT, 0}}});
  ui_split_begin(build, 24);
  field(app, build, CARD_PAYER, "kiosk.card.payer", UI_KEYS_NAME);
  field(app, build, CARD_MEMBER_ID, "kiosk.card.member_id", UI_KEYS_PLAIN);
  ui_end(build);
  ui_split_begin(build, 24);
  field(app, build, CARD_GROUP_NUMBER, "kiosk.card.group_number.optional", UI_KEYS_PLAIN);
  field(app, build, CARD_SUBSCRIBER, "kiosk.card.subscriber", UI_KEYS_NAME);
  ui_end(build);
  page_end(build);
}

/* save: in place of the first coverage, so that there are not two of them; with another insurer nothing else of the old one
 * holds. What it was is in the journal. */
static Err save(App *app)
{
  Person *person = app->person;
  Arena *arena = &app->person_arena;
  const Coverage *old = first_coverage(app);
  const char *payer = arena_cstr(arena, str_trim(ui_field_str(&person->card[CARD_PAYER])));
  Coverage coverage = blank(app);
  if (old != NULL && str_eq(str_fold(arena, str_c(payer)), str_fold(arena, str_c(old->payer)))) coverage = *old;
  if (old != NULL) {
    coverage.id = old->id;
    coverage.rank = old->rank;
  }
  coverage.payer = payer;
  coverage.member_id = arena_cstr(arena, str_trim(ui_field_str(&person->card[CARD_MEMBER_ID])));
  coverage.group_number = arena_cstr(arena, str_trim(ui_field_str(&person->card[CARD_GROUP_NUMBER])));
  coverage.subscriber = arena_cstr(arena, str_trim(ui_field_str(&person->card[CARD_SUBSCRIBER])));
  if (*coverage.subscriber && strcmp(coverage.relationship, "self") == 0) coverage.relationship = "other";
  return checkin_coverage(person->checkin, &coverage, &person->faults);
}

static void saved(App *app, Err err)
{
  done(app, err, (Job){save, saved, false}, true);
}

static void card_act(App *app, UiAct act)
{
  Person *person = app->person;
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb != VERB_NEXT) return;
  faults_clear(app);
  if (str_empty(str_trim(ui_field_str(&person->card[CARD_PAYER]))))
    faults_add(&person->faults, "payer", "kiosk.card.error.payer", NULL);
  else
    job_start(app, (Job){save, saved, false});
}

static void card_edit(App *app, const char *id)
{
  (void)id;
  faults_clear(app);
}

static void card_keep(App *app)
{
  for (int i = 0; i < CARD_FIELD_COUNT; i++)
    app_keep(app, "coverage", FIELD_NAMES[i], ui_field_str(&app->person->card[i]));
}

const Screen screen_card = {.id = "card",
                            .kind = SCREEN_PERSON,
                            .enter = card_enter,
                            .build = card_build,
                            .act = card_act,
                            .edit = card_edit,
                            .keep = card_keep};
