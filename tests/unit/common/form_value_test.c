/* What each type of item takes as an answer, and what is made of what is typed. */
#include <math.h>
#include <string.h>

#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(each_type_takes_its_own_answers_and_names_the_fault_of_others)
{
  AUTO(Form *, form, form_closep) = test_form(
      "[{'linkId': 'bool', 'type': 'boolean'}, {'linkId': 'int', 'type': 'integer', 'extension': ["
      "  {'url': '" EXT "minValue', 'valueInteger': 0}, {'url': '" EXT "maxValue', 'valueInteger': 120}]},"
      " {'linkId': 'dec', 'type': 'decimal', 'extension': [{'url': '" EXT "maxDecimalPlaces', 'valueInteger': 1}]},"
      " {'linkId': 'date', 'type': 'date', 'extension': [{'url': '" EXT "maxValue', 'valueDate': '2026-12-31'}]},"
      " {'linkId': 'dt', 'type': 'dateTime'}, {'linkId': 'time', 'type': 'time'},"
      " {'linkId': 'str', 'type': 'string', 'maxLength': 5, 'extension': [{'url': '" EXT
      "minLength', 'valueInteger': 2}]},"
      " {'linkId': 'pin', 'type': 'string', 'extension': [{'url': '" EXT "regex', 'valueString': '\\\\d{4}'},"
      "  {'url': '" EXT "entryFormat', 'valueString': '4 digits'}]},"
      " {'linkId': 'url', 'type': 'url'}, {'linkId': 'text', 'type': 'text', 'repeats': true,"
      "  'extension': [{'url': '" EXT "questionnaire-maxOccurs', 'valueInteger': 2}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  static const struct {
    const char *link_id, *values, *fault, *kept;
  } CASES[] = {
      {"bool", "[{'valueBoolean': false}]", "", "[{'valueBoolean': false}]"},
      {"bool", "[{'valueString': 'yes'}]", "fault.option", NULL},
      {"bool", "[true]", "fault.option", NULL},
      {"bool", "[{'valueBoolean': true, 'valueString': ''}]", "fault.option", NULL},
      {"bool", "[{'valueBoolean': true}, {'valueBoolean': false}]", "fault.too_many", NULL},
      {"int", "[{'valueInteger': 120}]", "", "[{'valueInteger': 120}]"},
      {"int", "[{'valueInteger': 3.0}]", "", "[{'valueInteger': 3}]"},
      {"int", "[{'valueInteger': 3.5}]", "fault.whole_number", NULL},
      {"int", "[{'valueInteger': 121}]", "fault.too_large", NULL},
      {"int", "[{'valueInteger': -1}]", "fault.too_small", NULL},
      {"int", "[{'valueInteger': 3000000000}]", "fault.whole_number", NULL},
      {"int", "[{'valueDecimal': 1}]", "fault.whole_number", NULL},
      {"dec", "[{'valueDecimal': 36.6}]", "", "[{'valueDecimal': 36.6}]"},
      {"dec", "[{'valueDecimal': 36.65}]", "fault.decimals", NULL},
      {"dec", "[{'valueDecimal': 1e300}]", "fault.number", NULL},
      {"date", "[{'valueDate': '2024-02-29'}]", "", "[{'valueDate': '2024-02-29'}]"},
      {"date", "[{'valueDate': ' 2024 '}]", "", "[{'valueDate': '2024'}]"},
      {"date", "[{'valueDate': '2023-02-29'}]", "fault.date", NULL},
      {"date", "[{'valueDate': '24/02/2024'}]", "fault.date", NULL},
      {"date", "[{'valueDate': '2027-01-01'}]", "fault.too_late", NULL},
      {"dt", "[{'valueDateTime': '2026-03-01T09:30:00-05:00'}]", "",
       "[{'valueDateTime': '2026-03-01T09:30:00-05:00'}]"},
      {"dt", "[{'valueDateTime': '2026-03'}]", "", "[{'valueDateTime': '2026-03'}]"},
      {"dt", "[{'valueDateTime': '2026-03-01T09:30'}]", "fault.date", NULL},
      {"time", "[{'valueTime': '9:30'}]", "", "[{'valueTime': '09:30:00'}]"},
      {"time", "[{'valueTime': '24:00'}]", "fault.time", NULL},
      {"time", "[{'valueTime': '12:60'}]", "fault.time", NULL},
      {"str", "[{'valueString': '  \\u00e9t\\u00e9  '}]", "", "[{'valueString': '\\u00e9t\\u00e9'}]"},
      {"str", "[{'valueString': 'abcdef'}]", "fault.too_long", NULL},
      {"str", "[{'valueString': '\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9'}]", "", NULL},
      {"str", "[{'valueString': 'a'}]", "fault.too_short", NULL},
      {"str", "[{'valueString': '   '}]", "", "[]"},
      {"str", "[{'valueString': 5}]", "fault.text", NULL},
      {"str", "[{'valueString': 'a\\u0001b'}]", "fault.pattern", NULL},
      {"pin", "[{'valueString': '0042'}]", "", "[{'valueString': '0042'}]"},
      {"pin", "[{'valueString': '42'}]", "fault.pattern", NULL},
      {"url", "[{'valueUri': 'https://example.org/x'}]", "", "[{'valueUri': 'https://example.org/x'}]"},
      {"url", "[{'valueUri': 'two words'}]", "fault.url", NULL},
      {"text", "[{'valueString': 'a'}, {'valueString': 'a'}]", "", "[{'valueString': 'a'}, {'valueString': 'a'}]"},
      {"text", "[{'valueString': 'a'}, {'valueString': 'b'}, {'valueString': 'c'}]", "fault.too_many", NULL},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    const char *fault = test_fault_of(form, answers, CASES[i].link_id, CASES[i].values);
    if (strcmp(fault, CASES[i].fault) != 0) fail_msg("%s %s: %s", CASES[i].link_id, CASES[i].values, fault);
    if (CASES[i].kept) test_json_is(answers_get(answers, test_item(form, CASES[i].link_id)), CASES[i].kept);
  }
  answers_zone(answers, "America/New_York");
  test_set(form, answers, "dt", "[{'valueDateTime': '2026-07-01T09:30'}]");
  test_json_is(answers_get(answers, test_item(form, "dt")), "[{'valueDateTime': '2026-07-01T09:30:00-04:00'}]");
  assert_string_equal(test_item(form, "pin")->entry_format, "4 digits");
  assert_true(isnan(test_item(form, "dec")->min_value));
}

TEST(quantities_have_the_forms_unit)
{
  AUTO(Form *, form, form_closep) = test_form(
      "[{'linkId': 'kg', 'type': 'quantity', 'extension': [{'url': '" EXT "questionnaire-unit',"
      "  'valueCoding': {'system': 'http://unitsofmeasure.org', 'code': 'kg', 'display': 'kilograms'}}]},"
      " {'linkId': 'any', 'type': 'quantity', 'extension': ["
      "  {'url': '" EXT "questionnaire-unitOption', 'valueCoding': {'system': 'u', 'code': 'cm', 'display': 'cm'}},"
      "  {'url': '" EXT
      "questionnaire-unitOption', 'valueCoding': {'system': 'u', 'code': '[in_i]', 'display': 'inch'}}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  assert_string_equal(test_item(form, "kg")->unit, "kilograms");
  AUTO(json_t *, typed, json_release) = form_value(test_item(form, "kg"), STR(" 72,5 "));
  test_json_is(typed, "{'valueQuantity': {'value': 72.5}}");
  test_set(form, answers, "kg", "[{'valueQuantity': {'value': 72.5, 'unit': 'stone'}}]");
  test_json_is(
      answers_get(answers, test_item(form, "kg")),
      "[{'valueQuantity': {'value': 72.5, 'unit': 'kilograms', 'system': 'http://unitsofmeasure.org', 'code': 'kg'}}]");
  assert_int_equal(test_item(form, "any")->option_count, 2);
  test_set(form, answers, "any", "[{'valueQuantity': {'value': 70, 'unit': 'inch'}}]");
  test_json_is(answers_get(answers, test_item(form, "any")),
               "[{'valueQuantity': {'value': 70, 'unit': 'inch', 'system': 'u', 'code': '[in_i]'}}]");
  assert_string_equal(test_fault_of(form, answers, "any", "[{'valueQuantity': {'value': 70, 'unit': 'mile'}}]"),
                      "fault.option");
  assert_string_equal(test_fault_of(form, answers, "any", "[{'valueQuantity': {'value': 'x'}}]"), "fault.number");
}

TEST(what_is_typed_becomes_a_value)
{
  AUTO(Form *, form, form_closep) =
      test_form("[{'linkId': 'i', 'type': 'integer'}, {'linkId': 'd', 'type': 'decimal'},"
                " {'linkId': 's', 'type': 'string'}, {'linkId': 'o', 'type': 'open-choice'}]");
  static const struct {
    const char *link_id, *typed, *value;
  } CASES[] = {
      {"i", "12", "{'valueInteger': 12}"},
      {"i", "+7", "{'valueInteger': 7}"},
      {"i", "a lot", "{'valueString': 'a lot'}"},
      {"i", "0x10", "{'valueString': '0x10'}"},
      {"d", "1.5", "{'valueDecimal': 1.5}"},
      {"d", "-1,25", "{'valueDecimal': -1.25}"},
      {"d", "1e9", "{'valueString': '1e9'}"},
      {"d", "1.2.3", "{'valueString': '1.2.3'}"},
      {"s", " hi ", "{'valueString': 'hi'}"},
      {"o", "own", "{'valueString': 'own'}"},
      {"i", "", NULL},
      {"s", " ", NULL},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(json_t *, value, json_release) = form_value(test_item(form, CASES[i].link_id), str_c(CASES[i].typed));
    if (!CASES[i].value) {
      assert_null(value);
      continue;
    }
    if (strcmp(CASES[i].typed, "+7") == 0)
      assert_true(json_number_value(json_object_get(value, "valueInteger")) == 7);
    else
      test_json_is(value, CASES[i].value);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_type_takes_its_own_answers_and_names_the_fault_of_others),
      cmocka_unit_test(quantities_have_the_forms_unit),
      cmocka_unit_test(what_is_typed_becomes_a_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
