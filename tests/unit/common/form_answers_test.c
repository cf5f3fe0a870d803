/* Answers: their order, their rounds, what is demanded, what is kept. */
#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(questions_come_one_after_another_and_back)
{
  AUTO(Form *, form, form_closep) = test_form(
      "[{'linkId': 'g', 'type': 'group', 'item': [{'linkId': 'd', 'type': 'display', 'text': 'Hello'},"
      "  {'linkId': 'a', 'type': 'boolean'}, {'linkId': 'ro', 'type': 'string', 'readOnly': true},"
      "  {'linkId': 'h', 'type': 'string', 'extension': [{'url': '" EXT
      "questionnaire-hidden', 'valueBoolean': true}]}]},"
      " {'linkId': 'b', 'type': 'string', 'enableWhen': [{'question': 'a', 'operator': '=', 'answerBoolean': true}]},"
      " {'linkId': 'c', 'type': 'string'}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  int step, steps;
  const FormItem *at = answers_next(answers, NULL);
  assert_string_equal(at->link_id, "d");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "a");
  answers_progress(answers, at, &step, &steps);
  assert_int_equal(step, 2);
  assert_int_equal(steps, 3);
  test_set(form, answers, "a", "[{'valueBoolean': true}]");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "b");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "c");
  assert_null(answers_next(answers, at));
  assert_string_equal(answers_previous(answers, at)->link_id, "b");
  assert_string_equal(answers_previous(answers, NULL)->link_id, "c");
  assert_null(answers_previous(answers, test_item(form, "d")));
  assert_string_equal(test_fault_of(form, answers, "ro", "[{'valueString': 'x'}]"), "no fault");
  assert_string_equal(test_fault_of(form, answers, "h", "[{'valueString': 'x'}]"), "no fault");
}

TEST(a_group_that_repeats_asks_whether_to_go_round_again)
{
  AUTO(Form *, form, form_closep) =
      test_form("[{'linkId': 'med', 'type': 'group', 'repeats': true, 'text': 'Medicine', 'item': ["
                "  {'linkId': 'name', 'type': 'string', 'required': true},"
                "  {'linkId': 'dose', 'type': 'string', 'enableWhen': [{'question': 'name', 'operator': 'exists', "
                "'answerBoolean': true}]}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  const FormItem *at = answers_next(answers, NULL);
  test_give(answers, at, "[{'valueString': 'Aspirin'}]");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "dose");
  test_give(answers, at, "[{'valueString': '1'}]");
  at = answers_next(answers, at);
  assert_true(at->again);
  assert_string_equal(at->text, "Medicine");
  assert_null(answers_next(answers, at));
  test_give(answers, at, "[{'valueBoolean': true}]");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "name");
  assert_int_equal(at->instance, 1);
  /* The second dose depends on the second name. */
  assert_true(answers_next(answers, at)->again);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  answers_check(answers, &faults);
  assert_int_equal(faults.count, 1);
  test_give(answers, at, "[{'valueString': 'Ibuprofen'}]");
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  test_json_is(
      json_object_get(response, "item"),
      "[{'linkId': 'med', 'text': 'Medicine', 'item': [{'linkId': 'name', 'answer': [{'valueString': 'Aspirin'}]},"
      "   {'linkId': 'dose', 'answer': [{'valueString': '1'}]}]},"
      " {'linkId': 'med', 'text': 'Medicine', 'item': [{'linkId': 'name', 'answer': [{'valueString': "
      "'Ibuprofen'}]}]}]");
}

TEST(items_under_a_question_belong_to_its_answer)
{
  AUTO(Form *, form, form_closep) =
      test_form("[{'linkId': 'q', 'type': 'string', 'item': [{'linkId': 'sub', 'type': 'string', 'required': true},"
                "  {'linkId': 'help', 'type': 'display', 'text': 'As on your card', 'extension': [{'url': '" EXT
                "questionnaire-itemControl',"
                "   'valueCodeableConcept': {'coding': [{'code': 'help'}]}}]},"
                "  {'linkId': 'note', 'type': 'display', 'text': 'Note'}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  assert_string_equal(test_item(form, "q")->help, "As on your card");
  assert_null(form_find(form, "help"));
  assert_false(test_enabled(form, answers, "sub"));
  assert_true(test_enabled(form, answers, "note"));
  test_set(form, answers, "q", "[{'valueString': 'x'}]");
  assert_true(test_enabled(form, answers, "sub"));
  test_set(form, answers, "sub", "[{'valueString': 'y'}]");
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  test_json_is(json_object_get(response, "item"),
               "[{'linkId': 'q', 'answer': [{'valueString': 'x', 'item': [{'linkId': "
               "'sub', 'answer': [{'valueString': 'y'}]}]}]}]");
}

TEST(a_required_group_wants_an_answer_somewhere)
{
  AUTO(Form *, form, form_closep) =
      test_form("[{'linkId': 'g', 'type': 'group', 'required': true, 'item': ["
                " {'linkId': 'a', 'type': 'string'}, {'linkId': 'b', 'type': 'string'}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults before = faults_make(&arena), after = faults_make(&arena);
  answers_check(answers, &before);
  assert_int_equal(before.count, 1);
  assert_string_equal(before.items[0].field, "a");
  test_set(form, answers, "b", "[{'valueString': 'x'}]");
  answers_check(answers, &after);
  assert_int_equal(after.count, 0);
}

TEST(saved_answers_fit_only_their_own_form)
{
  AUTO(Form *, form, form_closep) =
      test_form("[{'linkId': 'a', 'type': 'integer'}, {'linkId': 'b', 'type': 'string'}]");
  AUTO(Form *, other, form_closep) =
      test_form("[{'linkId': 'b', 'type': 'integer'}, {'linkId': 'a', 'type': 'string'}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  AUTO(Answers *, others, answers_freep) = answers_new(other);
  test_set(form, answers, "a", "[{'valueInteger': 5}]");
  AUTO(json_t *, saved, json_release) = answers_json(answers);
  assert_int_equal(answers_load(others, saved), ERR_INVALID);
  static const char *const BAD[] = {
      "{}",
      "[]",
      "{'items': 2, 'answers': [{'at': 7, 'linkId': 'a', 'values': []}]}",
      "{'items': 2, 'answers': [{'at': 0, 'linkId': 'a', 'values': [{'valueInteger': 'x'}]}]}",
      "{'items': 2, 'answers': [{'at': 0, 'linkId': 'a'}]}",
      "{'items': 2, 'answers': [7]}"};
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    AUTO(json_t *, bad, json_release) = test_json(BAD[i]);
    if (answers_load(answers, bad) != ERR_INVALID) fail_msg("took %s", BAD[i]);
    test_json_is(answers_get(answers, test_item(form, "a")), "[{'valueInteger': 5}]");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(questions_come_one_after_another_and_back),
      cmocka_unit_test(a_group_that_repeats_asks_whether_to_go_round_again),
      cmocka_unit_test(items_under_a_question_belong_to_its_answer),
      cmocka_unit_test(a_required_group_wants_an_answer_somewhere),
      cmocka_unit_test(saved_answers_fit_only_their_own_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
