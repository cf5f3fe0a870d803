/* What all pages have in common. */
#include "kiosk/screens/state.h"

/* is_step: does the screen stand for a step of the check-in? */
static bool is_step(const App *app)
{
  return app->person->checkin != NULL && app->screen >= SCREEN_CONTACT && app->screen <= SCREEN_SIGNER;
}

static void add_progress(App *app, UiBuild *build, UiPage *page)
{
  if (!is_step(app) || page->steps != 0) return;
  int step, steps;
  checkin_progress(app->person->checkin, &step, &steps);
  if (steps < 2) return;
  Arena *arena = ui_build_arena(build);
  page->step = step;
  page->steps = steps;
  page->step_text = SAY(app, arena, "kiosk.page.step", {"step", arena_printf(arena, "%d", step)},
                        {"steps", arena_printf(arena, "%d", steps)});
}

/* add_language: with two languages the tool names the other one and a touch changes to it. */
static void add_language(App *app, UiPage *page)
{
  const I18n *i18n = app->config.i18n;
  if (i18n_count(i18n) < 2) return;
  page->language = (UiAct){VERB_LANGUAGE, 0};
  if (i18n_count(i18n) > 2) return;
  bool first = strcmp(app->language, i18n_tag(i18n, 0)) == 0;
  page->language_label = i18n_name(i18n, first ? 1 : 0);
}

void page_begin(App *app, UiBuild *build, UiPage page)
{
  const Place *place = app_place(app);
  page.brand = place->practice.name;
  if (flow_has(app->screen, GO_BACK)) page.back = (UiAct){VERB_BACK, 0};
  bool staff = app->screen == SCREEN_PIN || app->screen == SCREEN_BOARD;
  bool first = app->screen == SCREEN_WELCOME || app->screen == SCREEN_UNAVAILABLE;
  if (!staff) page.help = (UiAct){VERB_HELP, 0};
  if (!staff && !first && app->screen != SCREEN_DONE) page.start_over = (UiAct){VERB_START_OVER, 0};
  if (app->offline && (first || app->screen == SCREEN_DONE)) {
    page.status = say(app, "kiosk.page.offline");
    page.status_icon = UI_ICON_OFFLINE;
  }
  page.text_size = (UiAct){VERB_TEXT_SIZE, 0};
  add_language(app, &page);
  add_progress(app, build, &page);
  ui_page_begin(build, &page);
}

void page_end(UiBuild *build)
{
  ui_page_end(build);
}

const char *fault_words(App *app, UiBuild *build, const char *field)
{
  const Fault *fault = faults_for(&app->person->faults, field);
  if (fault == NULL) return NULL;
  return SAY(app, ui_build_arena(build), fault->key, {"value", fault->value});
}

void faults_clear(App *app)
{
  app->person->faults = faults_make(&app->person_arena);
}
