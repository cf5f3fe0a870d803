/* The right control for each type of item. */
#include <math.h>

#include "kiosk/screens/question.h"
#include "kiosk/screens/state.h"

/* --- choices ---------------------------------------------------------------------------------------------------- */

static bool is_multiple(const FormItem *item)
{
  return item->repeats && item->max_answers != 1;
}

static void choose(Question *q, size_t index)
{
  const FormItem *item = q->item;
  bool on = !q->chosen[index];
  for (size_t i = 0; i < item->option_count; i++)
    if (!is_multiple(item) || (on && (item->options[index].exclusive || item->options[i].exclusive)))
      q->chosen[i] = false;
  q->chosen[index] = on;
  if (on && (!is_multiple(item) || item->options[index].exclusive)) ui_field_wipe(&q->entries[0].text);
}

static void option(App *app, UiBuild *build, size_t index)
{
  const Question *q = &app->person->question;
  const FormOption *o = &q->item->options[index];
  Arena *arena = ui_build_arena(build);
  ui_choice(build, &(UiChoice){.id = arena_printf(arena, "q.option.%zu", index),
                               .label = *o->prefix ? arena_printf(arena, "%s %s", o->prefix, o->text) : o->text,
                               .checked = q->chosen[index],
                               .act = {VERB_CHOOSE, (int64_t)index}});
}

/* columns: short options stand side by side. */
static int columns(const FormItem *item)
{
  size_t longest = 0;
  for (size_t i = 0; i < item->option_count; i++) {
    size_t len = utf8_count(str_c(item->options[i].text));
    if (len > longest) longest = len;
  }
  return item->option_count >= 4 && longest <= 18 ? 2 : 1;
}

/* matches: does an option fit what was typed to search? Every word of it is somewhere in the option. */
static bool matches(Arena *arena, const FormOption *o, Str words)
{
  Str text = str_fold(arena, str_c(o->text)), rest = str_fold(arena, words);
  while (!str_empty(rest)) {
    Str word = str_cut(&rest, ' ');
    if (!str_empty(word) && memmem(text.ptr, text.len, word.ptr, word.len) == NULL) return false;
  }
  return true;
}

bool question_is_searching(const App *app, const UiBuild *build)
{
  bool many = app->person->question.item->option_count > OPTIONS_SHOWN_MAX;
  return many && !ui_build_is_portrait(build) && ui_build_is_focused(build, "q.search");
}

static void search_field(App *app, UiBuild *build)
{
  Question *q = &app->person->question;
  bool searching = question_is_searching(app, build);
  ui_field(build, &(UiFieldBox){.id = "q.search",
                                .hide_label = searching && ui_build_text_scale(build) > 100,
                                .label = searching ? q->item->text : say(app, "kiosk.question.search"),
                                .field = &q->search,
                                .keys = UI_KEYS_PLAIN});
}

/* found: what is chosen, and the first that fit what was typed. */
static void found(App *app, UiBuild *build, const UiChoices *choices)
{
  Question *q = &app->person->question;
  Arena *arena = ui_build_arena(build);
  size_t shown = 0, more = 0;
  Str words = str_trim(ui_field_str(&q->search));
  ui_choices_begin(build, choices);
  for (size_t i = 0; i < q->item->option_count; i++) {
    bool fits = matches(arena, &q->item->options[i], words);
    if (fits && shown >= OPTIONS_FOUND_MAX) more++;
    if (!q->chosen[i] && (!fits || shown >= OPTIONS_FOUND_MAX)) continue;
    if (fits) shown++;
    option(app, build, i);
  }
  ui_choices_end(build);
  if (more > 0) ui_para_soft(build, say_number(app, arena, "kiosk.question.more", "count", (int64_t)more));
  if (shown == 0) ui_para_soft(build, say(app, "kiosk.question.none_found"));
}

static void many_options(App *app, UiBuild *build, const UiChoices *choices)
{
  bool searching = question_is_searching(app, build);
  UiChoices one = *choices;
  if (searching) one.columns = 1;
  if (searching) ui_box_begin(build, &(UiBox){.axis = UI_ROW, .gap = 24, .width = UI_SIZE_GROW});
  ui_column_begin(build, 8);
  search_field(app, build);
  ui_end(build);
  ui_column_begin(build, 16);
  found(app, build, &one);
  ui_end(build);
  if (searching) ui_end(build);
}

static void choices(App *app, UiBuild *build, const char *error)
{
  Question *q = &app->person->question;
  const FormItem *item = q->item;
  UiChoices box = {.id = "q.options",
                   .help = is_multiple(item) ? say(app, "kiosk.question.several") : NULL,
                   .error = error,
                   .multiple = is_multiple(item),
                   .columns = columns(item),
                   .required = item->required};
  if (item->option_count > OPTIONS_SHOWN_MAX) {
    many_options(app, build, &box);
  } else if (item->option_count > 0) {
    ui_choices_begin(build, &box);
    for (size_t i = 0; i < item->option_count; i++) option(app, build, i);
    ui_choices_end(build);
  }
  if (item->type != FORM_OPEN_CHOICE) return;
  const char *label = *item->open_label
                          ? item->open_label
                          : say(app, item->option_count > 0 ? "kiosk.question.other" : "kiosk.question.own_words");
  ui_field(build, &(UiFieldBox){.id = "q.0.text",
                                .label = label,
                                .hide_label = item->option_count == 0,
                                .field = &q->entries[0].text,
                                .keys = UI_KEYS_TEXT,
                                .error = item->option_count > 0 ? NULL : error});
}

static void yes_no(App *app, UiBuild *build, const char *error)
{
  const Question *q = &app->person->question;
  ui_choices_begin(build, &(UiChoices){.id = "q.options", .columns = 2, .error = error, .required = q->item->required});
  ui_choice(build,
            &(UiChoice){.id = "q.yes", .label = say(app, "kiosk.yes"), .checked = q->yes == 1, .act = {VERB_YES, 1}});
  ui_choice(build,
            &(UiChoice){.id = "q.no", .label = say(app, "kiosk.no"), .checked = q->yes == 0, .act = {VERB_YES, 0}});
  ui_choices_end(build);
}

/* --- what is typed ---------------------------------------------------------------------------------------------- */

static UiKeyKind keys_of(const FormItem *item)
{
  bool negative = item->min_value < 0; /* false for NAN: hardly ever asked of people */
  switch (item->type) {
  case FORM_INTEGER: return negative ? UI_KEYS_DECIMAL : UI_KEYS_NUMBER;
  case FORM_DECIMAL:
  case FORM_QUANTITY: return UI_KEYS_DECIMAL;
  case FORM_URL: return UI_KEYS_EMAIL;
  case FORM_STRING:
  case FORM_TEXT:
  case FORM_OPEN_CHOICE:
  case FORM_CHOICE:
  case FORM_BOOLEAN:
  case FORM_DATE:
  case FORM_DATETIME:
  case FORM_TIME:
  case FORM_GROUP:
  case FORM_DISPLAY:
  case FORM_ATTACHMENT:
  case FORM_REFERENCE: return UI_KEYS_TEXT;
  }
  return UI_KEYS_TEXT;
}

static void text_entry(App *app, UiBuild *build, size_t index, const char *error)
{
  Question *q = &app->person->question;
  const FormItem *item = q->item;
  Arena *arena = ui_build_arena(build);
  bool number = item->type == FORM_INTEGER || item->type == FORM_DECIMAL || item->type == FORM_QUANTITY;
  bool unit = *item->unit && item->option_count < 2;
  const char *label = q->entry_count > 1 ? say_number(app, arena, "kiosk.question.nth", "number", (int64_t)index + 1)
                      : unit             ? SAY(app, arena, "kiosk.question.answer_in", {"unit", item->unit})
                                         : say(app, "kiosk.question.answer");
  ui_field(build, &(UiFieldBox){.id = arena_printf(arena, "q.%zu.text", index),
                                .label = label,
                                .hide_label = q->entry_count == 1 && !unit,
                                .help = *item->entry_format ? item->entry_format : NULL,
                                .field = &q->entries[index].text,
                                .keys = keys_of(item),
                                .required = item->required,
                                .width = number ? 420 : 0,
                                .lines = item->type != FORM_TEXT       ? 1
                                         : ui_build_is_portrait(build) ? 5
                                                                       : 2,
                                .error = error});
  if (item->type != FORM_QUANTITY || item->option_count < 2) return;
  ui_choices_begin(build, &(UiChoices){.id = arena_printf(arena, "q.%zu.units", index),
                                       .label = say(app, "kiosk.question.unit"),
                                       .columns = 3});
  for (size_t i = 0; i < item->option_count; i++)
    ui_choice(build, &(UiChoice){.id = arena_printf(arena, "q.%zu.unit.%zu", index, i),
                                 .label = item->options[i].text,
                                 .checked = q->entries[index].unit == i,
                                 .act = {VERB_UNIT, (int64_t)(index * UNIT_STRIDE + i)}});
  ui_choices_end(build);
}

static void entry(App *app, UiBuild *build, size_t index, const char *error)
{
  Question *q = &app->person->question;
  Arena *arena = ui_build_arena(build);
  Entry *e = &q->entries[index];
  UiAct half = {VERB_ENTRY_HALF, (int64_t)index * HALF_STRIDE};
  const char *id = arena_printf(arena, "q.%zu", index);
  bool has_date = q->item->type == FORM_DATE || q->item->type == FORM_DATETIME;
  bool has_time = q->item->type == FORM_TIME || q->item->type == FORM_DATETIME;
  if (!has_date && !has_time) {
    text_entry(app, build, index, error);
    return;
  }
  if (has_date)
    ui_date(build, &(UiDateBox){.id = arena_printf(arena, "%s.date", id), .entry = &e->date, .error = error});
  if (has_time)
    time_entry(app, build, arena_printf(arena, "%s.time", id), NULL, has_date ? NULL : error, &e->time, half);
}

static void entries(App *app, UiBuild *build, const char *error)
{
  Question *q = &app->person->question;
  for (size_t i = 0; i < q->entry_count; i++) entry(app, build, i, i == 0 ? error : NULL);
  size_t most =
      q->item->max_answers > 0 && q->item->max_answers < ENTRIES_MAX ? (size_t)q->item->max_answers : ENTRIES_MAX;
  if (!q->item->repeats || q->entry_count >= most) return;
  ui_button(build, &(UiButton){.id = "q.another",
                               .label = say(app, "kiosk.question.another"),
                               .kind = UI_QUIET,
                               .icon = UI_ICON_PLUS,
                               .act = {VERB_ANOTHER, 0}});
}

/* --- all -------------------------------------------------------------------------------------------------------- */

void question_controls(App *app, UiBuild *build)
{
  const Question *q = &app->person->question;
  const char *error = fault_words(app, build, q->item->link_id);
  FormType type = q->item->type; /* groups, and what cannot be given, are never asked (answers_next) */
  if (question_is_typed(q)) entries(app, build, error);
  if (type == FORM_DISPLAY) ui_para(build, q->item->text);
  if (type == FORM_BOOLEAN) yes_no(app, build, error);
  if (type == FORM_CHOICE || type == FORM_OPEN_CHOICE) choices(app, build, error);
}

const char *question_focus(const App *app, Arena *arena)
{
  const Question *q = &app->person->question;
  bool month_first = words_locale(app).date_order == UI_DATE_MDY;
  switch ((int)q->item->type) {
  case FORM_DATE:
  case FORM_DATETIME: return month_first ? "q.0.date.month" : "q.0.date.day";
  case FORM_TIME: return "q.0.time.hour";
  case FORM_OPEN_CHOICE: return q->item->option_count == 0 ? "q.0.text" : NULL;
  default: return question_is_typed(q) ? arena_printf(arena, "q.%zu.text", q->entry_count - 1) : NULL;
  }
}

bool question_act(App *app, UiAct act)
{
  Question *q = &app->person->question;
  size_t arg = (size_t)act.arg;
  switch (act.verb) {
  case VERB_CHOOSE: choose(q, arg); return true;
  case VERB_YES: q->yes = q->yes == (int)act.arg ? -1 : (int)act.arg; return true;
  case VERB_UNIT: q->entries[arg / UNIT_STRIDE].unit = arg % UNIT_STRIDE; return true;
  case VERB_ENTRY_HALF:
    q->entries[(act.arg - 1) / HALF_STRIDE].time.half = (int)((act.arg - 1) % HALF_STRIDE) + 1;
    return true;
  case VERB_ANOTHER: {
    if (q->entry_count == ENTRIES_MAX) return true;
    q->entry_count++;
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    ui_focus(app->ui, question_focus(app, &arena));
    return true;
  }
  default: return false;
  }
}
