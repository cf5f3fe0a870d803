#include "tests/support/form_fixture.h"

#include <string.h>

#include "tests/support/unit.h"

Err test_form_open(const char *items, Form **out)
{
  AUTO(json_t *, questionnaire, json_release) =
      json_pack("{ss ss so}", "resourceType", "Questionnaire", "url", "http://example.org/q", "item", test_json(items));
  return form_open(questionnaire, out);
}

Form *test_form(const char *items)
{
  Form *form = NULL;
  if (test_form_open(items, &form) != ERR_OK) fail_msg("%s", err_detail());
  return form;
}

const FormItem *test_item(const Form *form, const char *link_id)
{
  const FormItem *item = form_find(form, link_id);
  if (!item) fail_msg("no item %s", link_id);
  return item;
}

void test_give(Answers *answers, const FormItem *item, const char *values)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  AUTO(json_t *, array, json_release) = test_json(values);
  if (answers_set(answers, item, array, &faults) != ERR_OK)
    fail_msg("%s: %s", item->link_id, faults.count ? faults.items[0].key : err_detail());
}

void test_set(const Form *form, Answers *answers, const char *link_id, const char *values)
{
  test_give(answers, test_item(form, link_id), values);
}

const char *test_fault_of(const Form *form, Answers *answers, const char *link_id, const char *values)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  AUTO(json_t *, array, json_release) = test_json(values);
  const FormItem *item = test_item(form, link_id);
  AUTO(json_t *, before, json_release) = json_deep_copy(answers_get(answers, item));
  Err err = answers_set(answers, item, array, &faults);
  if (err == ERR_OK) return "";
  assert_int_equal(err, ERR_INVALID);
  assert_true(json_equal(before, answers_get(answers, item)));
  if (faults.count == 0) return "no fault";
  assert_string_equal(faults.items[0].field, link_id);
  return faults.items[0].key;
}

bool test_enabled(const Form *form, const Answers *answers, const char *link_id)
{
  return answers_enabled(answers, test_item(form, link_id));
}
