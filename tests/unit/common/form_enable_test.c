/* When an item is asked. */
#include <string.h>

#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(every_operator_of_enable_when_decides)
{
  static const struct {
    const char *type, *answer, *condition;
    bool holds;
  } CASES[] = {
      {"boolean", "[]", "'operator': 'exists', 'answerBoolean': true", false},
      {"boolean", "[]", "'operator': 'exists', 'answerBoolean': false", true},
      {"boolean", "[{'valueBoolean': false}]", "'operator': 'exists', 'answerBoolean': true", true},
      {"boolean", "[{'valueBoolean': true}]", "'operator': '=', 'answerBoolean': true", true},
      {"boolean", "[{'valueBoolean': false}]", "'operator': '=', 'answerBoolean': true", false},
      {"boolean", "[]", "'operator': '=', 'answerBoolean': true", false},
      {"boolean", "[]", "'operator': '!=', 'answerBoolean': true", true},
      {"integer", "[{'valueInteger': 5}]", "'operator': '>', 'answerInteger': 4", true},
      {"integer", "[{'valueInteger': 5}]", "'operator': '>', 'answerInteger': 5", false},
      {"integer", "[{'valueInteger': 5}]", "'operator': '>=', 'answerInteger': 5", true},
      {"integer", "[{'valueInteger': 5}]", "'operator': '<', 'answerDecimal': 5.5", true},
      {"integer", "[{'valueInteger': 6}]", "'operator': '<=', 'answerInteger': 5", false},
      {"integer", "[]", "'operator': '<', 'answerInteger': 5", false},
      {"string", "[{'valueString': 'yes'}]", "'operator': '=', 'answerString': 'yes'", true},
      {"string", "[{'valueString': 'yes'}]", "'operator': '!=', 'answerString': 'yes'", false},
      {"date", "[{'valueDate': '2026-03-01'}]", "'operator': '>', 'answerDate': '2025-12-31'", true},
      {"date", "[{'valueDate': '2026'}]", "'operator': '=', 'answerDate': '2026-03-01'", false},
      {"date", "[{'valueDate': '2026'}]", "'operator': '<', 'answerDate': '2027-03-01'", true},
      {"dateTime", "[{'valueDateTime': '2026-03-01T10:00:00+02:00'}]",
       "'operator': '=', 'answerDateTime': '2026-03-01T08:00:00Z'", true},
      {"time", "[{'valueTime': '09:00:00'}]", "'operator': '<', 'answerTime': '12:00:00'", true},
      {"quantity", "[{'valueQuantity': {'value': 3, 'unit': 'kg'}}]",
       "'operator': '>', 'answerQuantity': {'value': 2, 'unit': 'kg'}", true},
      {"quantity", "[{'valueQuantity': {'value': 3, 'unit': 'kg'}}]",
       "'operator': '>', 'answerQuantity': {'value': 2, 'unit': 'lb'}", false},
      {"open-choice", "[{'valueString': 'other'}]", "'operator': '=', 'answerString': 'other'", true},
      {"choice", "[{'valueCoding': {'code': 'a'}}]", "'operator': '=', 'answerCoding': {'system': 's', 'code': 'a'}",
       true},
      {"choice", "[{'valueCoding': {'code': 'a'}}]", "'operator': '=', 'answerCoding': {'system': 't', 'code': 'a'}",
       false},
      {"choice", "[{'valueCoding': {'code': 'b'}}]", "'operator': '!=', 'answerCoding': {'system': 's', 'code': 'a'}",
       true},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(Form *, form, form_closep) = test_form(
        arena_printf(&arena,
                     "[{'linkId': 'q', 'type': '%s', 'answerOption': [{'valueCoding': {'system': 's', 'code': 'a'}},"
                     " {'valueCoding': {'system': 's', 'code': 'b'}}]}, {'linkId': 'x', 'type': 'display',"
                     " 'enableWhen': [{'question': 'q', %s}]}]",
                     CASES[i].type, CASES[i].condition));
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    if (strcmp(CASES[i].answer, "[]") != 0) test_set(form, answers, "q", CASES[i].answer);
    if (test_enabled(form, answers, "x") != CASES[i].holds) fail_msg("%s with %s", CASES[i].condition, CASES[i].answer);
  }
}

TEST(conditions_join_by_any_or_all_and_pass_down)
{
  AUTO(Form *, form, form_closep) =
      test_form("[{'linkId': 'a', 'type': 'boolean'}, {'linkId': 'b', 'type': 'boolean'},"
                " {'linkId': 'all', 'type': 'group', 'enableBehavior': 'all', 'enableWhen': ["
                "   {'question': 'a', 'operator': '=', 'answerBoolean': true}, {'question': 'b', 'operator': '=', "
                "'answerBoolean': true}],"
                "  'item': [{'linkId': 'under', 'type': 'string', 'required': true}]},"
                " {'linkId': 'any', 'type': 'string', 'enableBehavior': 'any', 'enableWhen': ["
                "   {'question': 'a', 'operator': '=', 'answerBoolean': true}, {'question': 'b', 'operator': '=', "
                "'answerBoolean': true}]},"
                " {'linkId': 'chain', 'type': 'string', 'enableWhen': [{'question': 'any', 'operator': 'exists', "
                "'answerBoolean': true}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  test_set(form, answers, "a", "[{'valueBoolean': true}]");
  assert_false(test_enabled(form, answers, "under"));
  assert_true(test_enabled(form, answers, "any"));
  test_set(form, answers, "any", "[{'valueString': 'x'}]");
  assert_true(test_enabled(form, answers, "chain"));
  test_set(form, answers, "b", "[{'valueBoolean': true}]");
  assert_true(test_enabled(form, answers, "under"));
  test_set(form, answers, "a", "[]");
  test_set(form, answers, "b", "[]");
  assert_false(test_enabled(form, answers, "under"));
  /* A disabled question's answer counts as absent, and is not lost. */
  assert_false(test_enabled(form, answers, "chain"));
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  assert_null(json_object_get(response, "item"));
  test_set(form, answers, "a", "[{'valueBoolean': true}]");
  assert_true(test_enabled(form, answers, "chain"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_of_enable_when_decides),
      cmocka_unit_test(conditions_join_by_any_or_all_and_pass_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
