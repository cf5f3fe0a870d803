#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/practice/form_internal.h"

/* Memory for answers never fails, as an arena's does not. */
static void *allocate(size_t count, size_t size)
{
  void *memory = calloc(count ? count : 1, size);
  if (!memory) abort();
  return memory;
}

Answers *answers_new(const Form *form)
{
  Answers *answers = allocate(1, sizeof *answers);
  answers->form = form;
  answers->values = allocate(form->total, sizeof *answers->values);
  answers->enabled = allocate(form->total, sizeof *answers->enabled);
  answers_changed(answers);
  return answers;
}

/* The values' memory is wiped by JSON's own release (common/base/json.c). */
void answers_free(Answers *answers)
{
  if (!answers) return;
  for (size_t i = 0; i < answers->form->total; i++) json_decref(answers->values[i]);
  crypto_wipe(answers->enabled, answers->form->total * sizeof *answers->enabled);
  free(answers->values);
  free(answers->enabled);
  free(answers->zone);
  free(answers);
}

void answers_freep(Answers **answers)
{
  answers_free(*answers);
  *answers = NULL;
}

void answers_zone(Answers *answers, const char *zone)
{
  free(answers->zone);
  answers->zone = strdup(zone);
  if (!answers->zone) abort();
}

bool form_asks(const FormItem *item)
{
  if (item->type == FORM_GROUP || item->hidden || item->unsupported) return false;
  return item->type == FORM_DISPLAY || !item->read_only;
}

json_t *answers_given(const Answers *answers, const FormItem *item)
{
  return answers->values[item->index];
}

void answers_put(Answers *answers, const FormItem *item, json_t *values)
{
  json_decref(answers->values[item->index]);
  answers->values[item->index] = values;
}

static void add_fault(Faults *faults, const FormItem *item, const char *key, const char *value)
{
  if (faults) faults_add(faults, item->link_id, key, *value ? value : NULL);
}

static void add_fault_of_number(Faults *faults, const FormItem *item, const char *key, int number)
{
  char value[16];
  snprintf(value, sizeof value, "%d", number);
  add_fault(faults, item, key, value);
}

static bool has_value(json_t *values, json_t *value)
{
  size_t i;
  json_t *other;
  json_array_foreach(values, i, other)
  {
    if (json_equal(value, other)) return true;
  }
  return false;
}

static bool mixes_exclusive(const FormItem *item, json_t *values)
{
  size_t count = json_array_size(values);
  for (size_t i = 0; count > 1 && i < item->option_count; i++) {
    if (item->options[i].exclusive && has_value(values, item->options[i].value)) return true;
  }
  return false;
}

Err answers_tidy(const Answers *answers, const FormItem *item, json_t *values, Faults *faults, json_t **out)
{
  AUTO(json_t *, tidy, json_release) = json_array();
  bool is_choice = item->type == FORM_CHOICE || item->type == FORM_OPEN_CHOICE;
  size_t i, before = json_array_size(values);
  json_t *value;
  if (before > FORM_ANSWERS_MAX) {
    add_fault_of_number(faults, item, "fault.too_many", item->max_answers);
    return ERR_INVALID;
  }
  json_array_foreach(values, i, value)
  {
    FormFault fault;
    json_t *made;
    if (!form_tidy(answers->form, item, answers->zone, value, &made, &fault)) {
      add_fault(faults, item, fault.key, fault.value);
      return ERR_INVALID;
    }
    if (made && is_choice && has_value(tidy, made))
      json_decref(made);
    else if (made)
      json_array_append_new(tidy, made);
  }
  if (json_array_size(tidy) > (size_t)item->max_answers) {
    add_fault_of_number(faults, item, "fault.too_many", item->max_answers);
    return ERR_INVALID;
  }
  if (mixes_exclusive(item, tidy)) {
    add_fault(faults, item, "fault.exclusive", "");
    return ERR_INVALID;
  }
  *out = json_incref(tidy);
  return ERR_OK;
}

Err answers_set(Answers *answers, const FormItem *item, json_t *values, Faults *faults)
{
  if (!json_is_array(values) || !form_asks(item) || item->type == FORM_DISPLAY)
    return err_because(ERR_INVALID, "'%s' takes no such answer", item->link_id);
  json_t *tidy;
  TRY(answers_tidy(answers, item, values, faults, &tidy));
  answers_put(answers, item, tidy);
  answers_changed(answers);
  return ERR_OK;
}

json_t *answers_get(const Answers *answers, const FormItem *item)
{
  json_t *values = answers_given(answers, item);
  if (values) return values;
  json_t *empty = json_array(); /* callers borrow; kept so that they can */
  answers->values[item->index] = empty;
  return empty;
}

bool answers_enabled(const Answers *answers, const FormItem *item)
{
  return answers->enabled[item->index];
}

static bool asked(const Answers *answers, const FormItem *item)
{
  return answers->enabled[item->index] && form_asks(item);
}

const FormItem *answers_next(const Answers *answers, const FormItem *after)
{
  for (size_t i = after ? after->index + 1 : 0; i < answers->form->total; i++) {
    if (asked(answers, answers->form->items[i])) return answers->form->items[i];
  }
  return NULL;
}

const FormItem *answers_previous(const Answers *answers, const FormItem *before)
{
  for (size_t i = before ? before->index : answers->form->total; i > 0; i--) {
    if (asked(answers, answers->form->items[i - 1])) return answers->form->items[i - 1];
  }
  return NULL;
}

void answers_progress(const Answers *answers, const FormItem *at, int *step, int *steps)
{
  *step = *steps = 0;
  for (size_t i = 0; i < answers->form->total; i++) {
    if (!asked(answers, answers->form->items[i])) continue;
    ++*steps;
    if (at && i <= at->index) *step = *steps;
  }
}

static size_t given_count(const Answers *answers, const FormItem *item)
{
  return json_array_size(answers_given(answers, item));
}

static void check_question(const Answers *answers, const FormItem *item, Faults *faults)
{
  size_t count = given_count(answers, item);
  if (count == 0 && item->required)
    add_fault(faults, item, "fault.required", "");
  else if (count > 0 && count < (size_t)item->min_answers)
    add_fault_of_number(faults, item, "fault.too_few", item->min_answers);
}

/* A required group needs an answer somewhere; asked for at its first question. */
static void check_group(const Answers *answers, const FormItem *group, Faults *faults)
{
  const FormItem *first = NULL;
  for (size_t i = group->index + 1; i < form_node(answers->form, group)->end; i++) {
    const FormItem *item = answers->form->items[i];
    if (!answers->enabled[i] || item->again) continue;
    if (item->required || given_count(answers, item) > 0) return;
    if (!first && form_asks(item) && item->type != FORM_DISPLAY) first = item;
  }
  if (first) add_fault(faults, first, "fault.required", "");
}

void answers_check(const Answers *answers, Faults *faults)
{
  const Form *form = answers->form;
  for (size_t i = 0; i < form->total; i++) {
    const FormItem *item = form->items[i];
    if (!answers->enabled[i]) continue;
    if (item->type == FORM_GROUP && item->required)
      check_group(answers, item, faults);
    else if (form_asks(item) && item->type != FORM_DISPLAY)
      check_question(answers, item, faults);
  }
}

json_t *answers_json(const Answers *answers)
{
  json_t *list = json_array();
  for (size_t i = 0; i < answers->form->total; i++) {
    if (json_array_size(answers->values[i]) == 0) continue;
    json_array_append_new(list, json_pack("{sI ss sO}", "at", (json_int_t)i, "linkId", answers->form->items[i]->link_id,
                                          "values", answers->values[i]));
  }
  return json_pack("{sI so}", "items", (json_int_t)answers->form->total, "answers", list);
}

static Err load_one(Answers *into, json_t *saved)
{
  int64_t at = json_int(saved, "at", -1);
  json_t *values = json_object_get(saved, "values");
  if (at < 0 || (size_t)at >= into->form->total || !json_is_array(values))
    return err_because(ERR_INVALID, "saved answers name no item");
  const FormItem *item = into->form->items[at];
  if (!str_eq_c(json_str(saved, "linkId"), item->link_id))
    return err_because(ERR_INVALID, "saved answers are of another form");
  json_t *tidy;
  TRY(answers_tidy(into, item, values, NULL, &tidy));
  answers_put(into, item, tidy);
  return ERR_OK;
}

Err answers_load(Answers *answers, json_t *saved)
{
  if (json_int(saved, "items", -1) != (int64_t)answers->form->total)
    return err_because(ERR_INVALID, "saved answers are of another form");
  AUTO(Answers *, fresh, answers_freep) = answers_new(answers->form);
  if (answers->zone) answers_zone(fresh, answers->zone);
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(saved, "answers"), i, one)
  {
    TRY(load_one(fresh, one));
  }
  json_t **values = answers->values;
  answers->values = fresh->values;
  fresh->values = values;
  answers_changed(answers);
  return ERR_OK;
}
