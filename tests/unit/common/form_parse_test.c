/* Questionnaires that are wrong or too large are refused, and repetition is bounded. */
#include <string.h>

#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(broken_questionnaires_are_refused_by_name)
{
  static const struct {
    const char *items, *detail;
  } CASES[] = {
      {"{}", "not a list"},
      {"[1]", "no object"},
      {"[{'type': 'string'}]", "no linkId"},
      {"[{'linkId': 'a'}]", "'a' has no type"},
      {"[{'linkId': 'a', 'type': 'riddle'}]", "no type 'riddle'"},
      {"[{'linkId': 'a', 'type': 'string'}, {'linkId': 'a', 'type': 'string'}]", "'a' is there twice"},
      {"[{'linkId': 'g', 'type': 'group', 'item': [{'linkId': 'g', 'type': 'string'}]}]", "'g' is there twice"},
      {"[{'linkId': 'a', 'type': 'string', 'enableWhen': [{'question': 'z', 'operator': '=', 'answerString': ''}]}]",
       "'z'"},
      {"[{'linkId': 'a', 'type': 'string', 'enableWhen': [{'question': 'a', 'operator': '=', 'answerString': ''}]}]",
       "'a' goes round in a circle"},
      {"[{'linkId': 'a', 'type': 'string'}, {'linkId': 'b', 'type': 'string',"
       " 'enableWhen': [{'question': 'a', 'operator': '~', 'answerString': ''}]}]",
       "no operator '~'"},
      {"[{'linkId': 'a', 'type': 'string'}, {'linkId': 'b', 'type': 'string',"
       " 'enableWhen': [{'question': 'a', 'operator': 'exists', 'answerString': ''}]}]",
       "no fitting answer"},
      {"[{'linkId': 'a', 'type': 'string', 'enableWhen': [{'question': 'b', 'operator': 'exists', 'answerBoolean': "
       "true}]},"
       " {'linkId': 'b', 'type': 'string', 'enableWhen': [{'question': 'a', 'operator': 'exists', 'answerBoolean': "
       "true}]}]",
       "goes round in a circle"},
      {"[{'linkId': 'g', 'type': 'group', 'enableWhen': [{'question': 'q', 'operator': 'exists', 'answerBoolean': "
       "true}],"
       " 'item': [{'linkId': 'q', 'type': 'string'}]}]",
       "'g' goes round in a circle"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Form *form = NULL;
    if (test_form_open(CASES[i].items, &form) != ERR_INVALID) fail_msg("accepted: %s", CASES[i].items);
    if (!strstr(err_detail(), CASES[i].detail)) fail_msg("%s: %s", CASES[i].items, err_detail());
  }
}

TEST(deep_nesting_and_crowds_are_refused)
{
  AUTO(json_t *, item, json_release) = test_json("{'linkId': 'x', 'type': 'string'}");
  for (int i = 0; i < 30; i++) {
    char link_id[16];
    snprintf(link_id, sizeof link_id, "g%d", i);
    json_t *outer = json_pack("{ss ss s[o]}", "linkId", link_id, "type", "group", "item", item);
    item = outer;
  }
  AUTO(json_t *, deep, json_release) = json_pack("{ss s[O]}", "resourceType", "Questionnaire", "item", item);
  Form *form;
  assert_int_equal(form_open(deep, &form), ERR_INVALID);
  assert_non_null(strstr(err_detail(), "deeper"));

  json_t *list = json_array();
  for (int i = 0; i < 5000; i++) {
    char link_id[16];
    snprintf(link_id, sizeof link_id, "q%d", i);
    json_array_append_new(list, json_pack("{ss ss}", "linkId", link_id, "type", "string"));
  }
  AUTO(json_t *, crowd, json_release) = json_pack("{ss so}", "resourceType", "Questionnaire", "item", list);
  assert_int_equal(form_open(crowd, &form), ERR_INVALID);
  assert_non_null(strstr(err_detail(), "over 4096 items"));
  AUTO(json_t *, other, json_release) = test_json("{'resourceType': 'Patient'}");
  assert_int_equal(form_open(other, &form), ERR_INVALID);
  AUTO(json_t *, modified, json_release) =
      test_json("{'resourceType': 'Questionnaire', 'modifierExtension': [{'url': 'x'}]}");
  assert_int_equal(form_open(modified, &form), ERR_UNSUPPORTED);
}

TEST(repetition_is_bounded_by_the_form_and_by_us)
{
  AUTO(Form *, least, form_closep) =
      test_form("[{'linkId': 'g', 'type': 'group', 'repeats': true, 'extension': ["
                "  {'url': '" EXT "questionnaire-minOccurs', 'valueInteger': 2}, {'url': '" EXT
                "questionnaire-maxOccurs', 'valueInteger': 3}],"
                " 'item': [{'linkId': 'q', 'type': 'string', 'required': true}]}]");
  size_t count;
  form_items(least, &count);
  assert_int_equal(count, 3);
  AUTO(Answers *, answers, answers_freep) = answers_new(least);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  answers_check(answers, &faults);
  assert_int_equal(faults.count, 2); /* two rounds are not optional */

  /* Repeats within repeats within repeats of a long list stay within the limit of items. */
  json_t *list = json_array();
  for (int i = 0; i < 100; i++) {
    char link_id[16];
    snprintf(link_id, sizeof link_id, "q%d", i);
    json_array_append_new(list, json_pack("{ss ss}", "linkId", link_id, "type", "string"));
  }
  for (int i = 0; i < 4; i++) {
    char link_id[16];
    snprintf(link_id, sizeof link_id, "g%d", i);
    list = json_pack("[{ss ss sb so}]", "linkId", link_id, "type", "group", "repeats", true, "item", list);
  }
  AUTO(json_t *, nested, json_release) = json_pack("{ss so}", "resourceType", "Questionnaire", "item", list);
  AUTO(Form *, form, form_closep) = NULL;
  assert_int_equal(form_open(nested, &form), ERR_OK);
  assert_true(form_item_total(form) <= 4096);
  assert_true(form_item_total(form) > 1000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(broken_questionnaires_are_refused_by_name),
      cmocka_unit_test(deep_nesting_and_crowds_are_refused),
      cmocka_unit_test(repetition_is_bounded_by_the_form_and_by_us),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
