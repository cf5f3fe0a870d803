/* Where the options of a choice come from. */
#include <string.h>

#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(choices_come_from_options_contained_and_known_value_sets)
{
  AUTO(json_t *, questionnaire, json_release) = test_json(
      "{'resourceType': 'Questionnaire', 'id': 'x', 'contained': ["
      "  {'resourceType': 'ValueSet', 'id': 'vs', 'compose': {'include': [{'system': 'urn:s', 'concept': ["
      "    {'code': 'a', 'display': 'Apple', 'designation': [{'language': 'es', 'value': 'Manzana'}]},"
      "    {'code': 'b'}]}]}},"
      "  {'resourceType': 'ValueSet', 'id': 'ex', 'expansion': {'contains': [{'system': 'urn:s', 'abstract': true,"
      "    'contains': [{'system': 'urn:s', 'code': 'in', 'display': 'Inner'}]}]}},"
      "  {'resourceType': 'ValueSet', 'id': 'whole', 'compose': {'include': [{'system': 'urn:cs'}]}},"
      "  {'resourceType': 'CodeSystem', 'url': 'urn:cs', 'content': 'complete', 'concept': [{'code': 'c1', 'display': "
      "'One'}]},"
      "  {'resourceType': 'ValueSet', 'id': 'filter', 'compose': {'include': [{'system': 'urn:z', 'filter': [{}]}]}}],"
      " 'item': ["
      "  {'linkId': 'opt', 'type': 'choice', 'repeats': true, 'answerOption': ["
      "    {'valueCoding': {'system': 'urn:s', 'code': 'x', 'display': 'X'}}, {'valueString': 'plain'}, "
      "{'valueInteger': 7},"
      "    {'valueCoding': {'code': 'none', 'display': 'None'}, 'extension': [{'url': '" EXT
      "questionnaire-optionExclusive', 'valueBoolean': true}]}]},"
      "  {'linkId': 'vs', 'type': 'choice', 'answerValueSet': '#vs'}, {'linkId': 'ex', 'type': 'choice', "
      "'answerValueSet': '#ex'},"
      "  {'linkId': 'whole', 'type': 'choice', 'answerValueSet': '#whole'},"
      "  {'linkId': 'known', 'type': 'choice', 'answerValueSet': "
      "'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1'},"
      "  {'linkId': 'filter', 'type': 'choice', 'answerValueSet': '#filter'},"
      "  {'linkId': 'far', 'type': 'choice', 'required': true, 'answerValueSet': 'urn:far'},"
      "  {'linkId': 'open', 'type': 'open-choice', 'required': true, 'answerValueSet': 'urn:far'},"
      "  {'linkId': 'empty', 'type': 'choice'}, {'linkId': 'photo', 'type': 'attachment'}]}");
  AUTO(Form *, form, form_closep) = NULL;
  assert_int_equal(form_open(questionnaire, &form), ERR_OK);
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  test_set(form, answers, "opt",
           "[{'valueString': 'plain'}, {'valueInteger': 7}, {'valueCoding': {'code': 'x'}}, {'valueInteger': 7}]");
  test_json_is(answers_get(answers, test_item(form, "opt")),
               "[{'valueString': 'plain'}, {'valueInteger': 7}, {'valueCoding': {'system': 'urn:s', 'code': 'x', "
               "'display': 'X'}}]");
  assert_string_equal(test_fault_of(form, answers, "opt", "[{'valueCoding': {'code': 'none'}}, {'valueInteger': 7}]"),
                      "fault.exclusive");
  assert_string_equal(test_fault_of(form, answers, "opt", "[{'valueCoding': {'code': 'q'}}]"), "fault.option");
  assert_string_equal(test_fault_of(form, answers, "opt", "[{'valueCoding': {'system': 'urn:t', 'code': 'x'}}]"),
                      "fault.option");
  assert_string_equal(test_item(form, "opt")->options[2].text, "7");
  assert_int_equal(test_item(form, "vs")->option_count, 2);
  assert_string_equal(test_item(form, "vs")->options[0].text, "Apple");
  assert_string_equal(test_item(form, "vs")->options[1].text, "b");
  assert_string_equal(test_item(form, "ex")->options[0].code, "in");
  assert_string_equal(test_item(form, "whole")->options[0].text, "One");
  assert_int_equal(test_item(form, "known")->option_count, 4);
  form_set_language(form, "es-MX");
  assert_string_equal(test_item(form, "vs")->options[0].text, "Manzana");
  assert_string_equal(test_item(form, "known")->options[1].text, "Femenino");
  test_set(form, answers, "open", "[{'valueString': 'in my words'}]");
  test_set(form, answers, "open", "[]");

  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *report = arena_cstr(&arena, form_report(form, &arena));
  for (size_t i = 0; i < 5; i++) {
    static const char *const NAMED[] = {"filter: ", "far: ", "open: ", "empty: ", "photo: "};
    if (!strstr(report, NAMED[i])) fail_msg("%s not in: %s", NAMED[i], report);
  }
  assert_null(strstr(report, "known"));
  assert_null(test_item(form, "open")->unsupported);
  assert_string_equal(test_item(form, "far")->option_source, "urn:far");
  /* What cannot be asked cannot be demanded. */
  Faults faults = faults_make(&arena);
  answers_check(answers, &faults);
  assert_int_equal(faults.count, 1);
  assert_string_equal(faults.items[0].field, "open");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(choices_come_from_options_contained_and_known_value_sets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
