/* One question of a form, a screen each. */
#include "kiosk/screens/question.h"

#include "kiosk/screens/state.h"

static void question_enter(App *app)
{
  faults_clear(app);
  question_take(app);
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  ui_focus(app->ui, question_focus(app, &arena));
}

/* group_words: the names of the groups around an item, outermost first, without the form's own title again. */
static const char *group_words(Arena *arena, const Form *form, const FormItem *item)
{
  const char *words = "";
  for (const FormItem *group = item->parent; group != NULL; group = group->parent) {
    if (group->type != FORM_GROUP || !*group->text || strcmp(group->text, form_title(form)) == 0) continue;
    words = *words ? arena_printf(arena, "%s \xc2\xb7 %s", group->text, words) : group->text;
  }
  return words;
}

/* over_words: which form, and which part of it. */
static const char *over_words(App *app, Arena *arena, const FormItem *item)
{
  const Form *form = checkin_form(app->person->checkin);
  const char *groups = group_words(arena, form, item), *title = form_title(form);
  return *groups && *title ? arena_printf(arena, "%s \xc2\xb7 %s", title, groups) : *groups ? groups : title;
}

static const char *title_words(App *app, Arena *arena, const FormItem *item)
{
  if (item->again) return SAY(app, arena, "kiosk.question.again", {"what", item->text});
  if (item->type == FORM_DISPLAY) return say(app, "kiosk.question.note");
  const char *text = *item->text ? item->text : say(app, "kiosk.question.untitled");
  return *item->prefix ? arena_printf(arena, "%s %s", item->prefix, text) : text;
}

static void question_build(App *app, UiBuild *build)
{
  const FormItem *item = app->person->question.item;
  Arena *arena = ui_build_arena(build);
  bool searching = question_is_searching(app, build);
  bool skip = !item->required && item->type != FORM_DISPLAY && question_is_empty(app);
  page_begin(app, build,
             (UiPage){.id = "question",
                      .over = over_words(app, arena, item),
                      .title = searching ? NULL : title_words(app, arena, item),
                      .primary = {.label = say(app, skip ? "kiosk.skip" : "kiosk.next"),
                                  .icon = UI_ICON_NEXT,
                                  .act = {VERB_NEXT, 0}}});
  if (*item->help) ui_para_soft(build, item->help);
  question_controls(app, build);
  page_end(build);
}

static Err answer(App *app)
{
  Person *person = app->person;
  if (person->question.item->type == FORM_DISPLAY) return checkin_answer(person->checkin, NULL, &person->faults);
  AUTO(json_t *, values, json_release) = question_values(app);
  return checkin_answer(person->checkin, values, &person->faults);
}

static void answered(App *app, Err err)
{
  if (err == ERR_OK)
    app_go(app, GO_NEXT);
  else if (err == ERR_INVALID)
    ui_scroll_to_top(app->ui);
  else
    app_trouble(app, err, (Job){answer, answered, false});
}

static void question_screen_act(App *app, UiAct act)
{
  Person *person = app->person;
  if (act.verb == VERB_BACK) {
    app_go(app, GO_BACK);
    return;
  }
  if (question_act(app, act)) {
    faults_clear(app);
    app_keep_soon(app);
    return;
  }
  if (act.verb != VERB_NEXT) return;
  faults_clear(app);
  const char *missing = question_missing(app);
  if (missing != NULL)
    faults_add(&person->faults, person->question.item->link_id, missing, NULL);
  else
    job_start(app, (Job){answer, answered, false});
}

static void question_edit(App *app, const char *id)
{
  (void)id;
  faults_clear(app);
}

const Screen screen_question = {.id = "question",
                                .kind = SCREEN_PERSON,
                                .enter = question_enter,
                                .build = question_build,
                                .act = question_screen_act,
                                .edit = question_edit,
                                .keep = question_keep};
