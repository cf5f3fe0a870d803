#include <math.h>
#include <string.h>

#include "common/practice/client.h"
#include "common/practice/form.h"
#include "tests/support/unit.h"

/* JSON with ' for ", so that it can be read here. */
static json_t *json_of(const char *text)
{
  char *copy = strdup(text);
  assert_non_null(copy);
  for (char *c = copy; *c; c++) {
    if (*c == '\'') *c = '"';
  }
  json_t *value = NULL;
  if (json_parse(str_c(copy), &value) != ERR_OK) fail_msg("%s: %s", text, err_detail());
  free(copy);
  return value;
}

static Err open_items(const char *items, Form **out)
{
  AUTO(json_t *, questionnaire, json_release) =
      json_pack("{ss ss so}", "resourceType", "Questionnaire", "url", "http://example.org/q", "item", json_of(items));
  return form_open(questionnaire, out);
}

static Form *form_of(const char *items)
{
  Form *form = NULL;
  if (open_items(items, &form) != ERR_OK) fail_msg("%s", err_detail());
  return form;
}

static const FormItem *item_of(const Form *form, const char *link_id)
{
  const FormItem *item = form_find(form, link_id);
  if (!item) fail_msg("no item %s", link_id);
  return item;
}

static void give(Answers *answers, const FormItem *item, const char *values)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  AUTO(json_t *, array, json_release) = json_of(values);
  if (answers_set(answers, item, array, &faults) != ERR_OK)
    fail_msg("%s: %s", item->link_id, faults.count ? faults.items[0].key : err_detail());
}

static void set(const Form *form, Answers *answers, const char *link_id, const char *values)
{
  give(answers, item_of(form, link_id), values);
}

/* The fault that answers_set finds; "" when it takes them. Nothing may change then. */
static const char *fault_of(const Form *form, Answers *answers, const char *link_id, const char *values)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  AUTO(json_t *, array, json_release) = json_of(values);
  const FormItem *item = item_of(form, link_id);
  AUTO(json_t *, before, json_release) = json_deep_copy(answers_get(answers, item));
  Err err = answers_set(answers, item, array, &faults);
  if (err == ERR_OK) return "";
  assert_int_equal(err, ERR_INVALID);
  assert_true(json_equal(before, answers_get(answers, item)));
  if (faults.count == 0) return "no fault";
  assert_string_equal(faults.items[0].field, link_id);
  return faults.items[0].key;
}

static void assert_json(json_t *value, const char *expected)
{
  AUTO(json_t *, wanted, json_release) = json_of(expected);
  if (json_equal(value, wanted)) return;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str got = json_canonical(&arena, value);
  fail_msg("got " STR_FMT ", wanted %s", STR_ARG(got), expected);
}

static bool enabled(const Form *form, const Answers *answers, const char *link_id)
{
  return answers_enabled(answers, item_of(form, link_id));
}

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
    if (open_items(CASES[i].items, &form) != ERR_INVALID) fail_msg("accepted: %s", CASES[i].items);
    if (!strstr(err_detail(), CASES[i].detail)) fail_msg("%s: %s", CASES[i].items, err_detail());
  }
}

TEST(deep_nesting_and_crowds_are_refused)
{
  AUTO(json_t *, item, json_release) = json_of("{'linkId': 'x', 'type': 'string'}");
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
  AUTO(json_t *, other, json_release) = json_of("{'resourceType': 'Patient'}");
  assert_int_equal(form_open(other, &form), ERR_INVALID);
  AUTO(json_t *, modified, json_release) =
      json_of("{'resourceType': 'Questionnaire', 'modifierExtension': [{'url': 'x'}]}");
  assert_int_equal(form_open(modified, &form), ERR_UNSUPPORTED);
}

TEST(each_type_takes_its_own_answers_and_names_the_fault_of_others)
{
#define EXT "http://hl7.org/fhir/StructureDefinition/"
  AUTO(Form *, form, form_closep) = form_of(
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
    const char *fault = fault_of(form, answers, CASES[i].link_id, CASES[i].values);
    if (strcmp(fault, CASES[i].fault) != 0) fail_msg("%s %s: %s", CASES[i].link_id, CASES[i].values, fault);
    if (CASES[i].kept) assert_json(answers_get(answers, item_of(form, CASES[i].link_id)), CASES[i].kept);
  }
  answers_zone(answers, "America/New_York");
  set(form, answers, "dt", "[{'valueDateTime': '2026-07-01T09:30'}]");
  assert_json(answers_get(answers, item_of(form, "dt")), "[{'valueDateTime': '2026-07-01T09:30:00-04:00'}]");
  assert_string_equal(item_of(form, "pin")->entry_format, "4 digits");
  assert_true(isnan(item_of(form, "dec")->min_value));
}

TEST(choices_come_from_options_contained_and_known_value_sets)
{
  AUTO(json_t *, questionnaire, json_release) = json_of(
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
  set(form, answers, "opt",
      "[{'valueString': 'plain'}, {'valueInteger': 7}, {'valueCoding': {'code': 'x'}}, {'valueInteger': 7}]");
  assert_json(answers_get(answers, item_of(form, "opt")),
              "[{'valueString': 'plain'}, {'valueInteger': 7}, {'valueCoding': {'system': 'urn:s', 'code': 'x', "
              "'display': 'X'}}]");
  assert_string_equal(fault_of(form, answers, "opt", "[{'valueCoding': {'code': 'none'}}, {'valueInteger': 7}]"),
                      "fault.exclusive");
  assert_string_equal(fault_of(form, answers, "opt", "[{'valueCoding': {'code': 'q'}}]"), "fault.option");
  assert_string_equal(fault_of(form, answers, "opt", "[{'valueCoding': {'system': 'urn:t', 'code': 'x'}}]"),
                      "fault.option");
  assert_string_equal(item_of(form, "opt")->options[2].text, "7");
  assert_int_equal(item_of(form, "vs")->option_count, 2);
  assert_string_equal(item_of(form, "vs")->options[0].text, "Apple");
  assert_string_equal(item_of(form, "vs")->options[1].text, "b");
  assert_string_equal(item_of(form, "ex")->options[0].code, "in");
  assert_string_equal(item_of(form, "whole")->options[0].text, "One");
  assert_int_equal(item_of(form, "known")->option_count, 4);
  form_set_language(form, "es-MX");
  assert_string_equal(item_of(form, "vs")->options[0].text, "Manzana");
  assert_string_equal(item_of(form, "known")->options[1].text, "Femenino");
  set(form, answers, "open", "[{'valueString': 'in my words'}]");
  set(form, answers, "open", "[]");

  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *report = arena_cstr(&arena, form_report(form, &arena));
  for (size_t i = 0; i < 5; i++) {
    static const char *const NAMED[] = {"filter: ", "far: ", "open: ", "empty: ", "photo: "};
    if (!strstr(report, NAMED[i])) fail_msg("%s not in: %s", NAMED[i], report);
  }
  assert_null(strstr(report, "known"));
  assert_null(item_of(form, "open")->unsupported);
  assert_string_equal(item_of(form, "far")->option_source, "urn:far");
  /* What cannot be asked cannot be demanded. */
  Faults faults = faults_make(&arena);
  answers_check(answers, &faults);
  assert_int_equal(faults.count, 1);
  assert_string_equal(faults.items[0].field, "open");
}

TEST(quantities_have_the_forms_unit)
{
  AUTO(Form *, form, form_closep) = form_of(
      "[{'linkId': 'kg', 'type': 'quantity', 'extension': [{'url': '" EXT "questionnaire-unit',"
      "  'valueCoding': {'system': 'http://unitsofmeasure.org', 'code': 'kg', 'display': 'kilograms'}}]},"
      " {'linkId': 'any', 'type': 'quantity', 'extension': ["
      "  {'url': '" EXT "questionnaire-unitOption', 'valueCoding': {'system': 'u', 'code': 'cm', 'display': 'cm'}},"
      "  {'url': '" EXT
      "questionnaire-unitOption', 'valueCoding': {'system': 'u', 'code': '[in_i]', 'display': 'inch'}}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  assert_string_equal(item_of(form, "kg")->unit, "kilograms");
  AUTO(json_t *, typed, json_release) = form_value(item_of(form, "kg"), STR(" 72,5 "));
  assert_json(typed, "{'valueQuantity': {'value': 72.5}}");
  set(form, answers, "kg", "[{'valueQuantity': {'value': 72.5, 'unit': 'stone'}}]");
  assert_json(
      answers_get(answers, item_of(form, "kg")),
      "[{'valueQuantity': {'value': 72.5, 'unit': 'kilograms', 'system': 'http://unitsofmeasure.org', 'code': 'kg'}}]");
  assert_int_equal(item_of(form, "any")->option_count, 2);
  set(form, answers, "any", "[{'valueQuantity': {'value': 70, 'unit': 'inch'}}]");
  assert_json(answers_get(answers, item_of(form, "any")),
              "[{'valueQuantity': {'value': 70, 'unit': 'inch', 'system': 'u', 'code': '[in_i]'}}]");
  assert_string_equal(fault_of(form, answers, "any", "[{'valueQuantity': {'value': 70, 'unit': 'mile'}}]"),
                      "fault.option");
  assert_string_equal(fault_of(form, answers, "any", "[{'valueQuantity': {'value': 'x'}}]"), "fault.number");
}

TEST(what_is_typed_becomes_a_value)
{
  AUTO(Form *, form, form_closep) =
      form_of("[{'linkId': 'i', 'type': 'integer'}, {'linkId': 'd', 'type': 'decimal'},"
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
    AUTO(json_t *, value, json_release) = form_value(item_of(form, CASES[i].link_id), str_c(CASES[i].typed));
    if (!CASES[i].value) {
      assert_null(value);
      continue;
    }
    if (strcmp(CASES[i].typed, "+7") == 0)
      assert_true(json_number_value(json_object_get(value, "valueInteger")) == 7);
    else
      assert_json(value, CASES[i].value);
  }
}

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
    AUTO(Form *, form, form_closep) = form_of(
        arena_printf(&arena,
                     "[{'linkId': 'q', 'type': '%s', 'answerOption': [{'valueCoding': {'system': 's', 'code': 'a'}},"
                     " {'valueCoding': {'system': 's', 'code': 'b'}}]}, {'linkId': 'x', 'type': 'display',"
                     " 'enableWhen': [{'question': 'q', %s}]}]",
                     CASES[i].type, CASES[i].condition));
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    if (strcmp(CASES[i].answer, "[]") != 0) set(form, answers, "q", CASES[i].answer);
    if (enabled(form, answers, "x") != CASES[i].holds) fail_msg("%s with %s", CASES[i].condition, CASES[i].answer);
  }
}

TEST(conditions_join_by_any_or_all_and_pass_down)
{
  AUTO(Form *, form, form_closep) =
      form_of("[{'linkId': 'a', 'type': 'boolean'}, {'linkId': 'b', 'type': 'boolean'},"
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
  set(form, answers, "a", "[{'valueBoolean': true}]");
  assert_false(enabled(form, answers, "under"));
  assert_true(enabled(form, answers, "any"));
  set(form, answers, "any", "[{'valueString': 'x'}]");
  assert_true(enabled(form, answers, "chain"));
  set(form, answers, "b", "[{'valueBoolean': true}]");
  assert_true(enabled(form, answers, "under"));
  set(form, answers, "a", "[]");
  set(form, answers, "b", "[]");
  assert_false(enabled(form, answers, "under"));
  /* A disabled question's answer counts as absent, and is not lost. */
  assert_false(enabled(form, answers, "chain"));
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  assert_null(json_object_get(response, "item"));
  set(form, answers, "a", "[{'valueBoolean': true}]");
  assert_true(enabled(form, answers, "chain"));
}

TEST(questions_come_one_after_another_and_back)
{
  AUTO(Form *, form, form_closep) = form_of(
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
  set(form, answers, "a", "[{'valueBoolean': true}]");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "b");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "c");
  assert_null(answers_next(answers, at));
  assert_string_equal(answers_previous(answers, at)->link_id, "b");
  assert_string_equal(answers_previous(answers, NULL)->link_id, "c");
  assert_null(answers_previous(answers, item_of(form, "d")));
  assert_string_equal(fault_of(form, answers, "ro", "[{'valueString': 'x'}]"), "no fault");
  assert_string_equal(fault_of(form, answers, "h", "[{'valueString': 'x'}]"), "no fault");
}

TEST(a_group_that_repeats_asks_whether_to_go_round_again)
{
  AUTO(Form *, form, form_closep) =
      form_of("[{'linkId': 'med', 'type': 'group', 'repeats': true, 'text': 'Medicine', 'item': ["
              "  {'linkId': 'name', 'type': 'string', 'required': true},"
              "  {'linkId': 'dose', 'type': 'string', 'enableWhen': [{'question': 'name', 'operator': 'exists', "
              "'answerBoolean': true}]}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  const FormItem *at = answers_next(answers, NULL);
  give(answers, at, "[{'valueString': 'Aspirin'}]");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "dose");
  give(answers, at, "[{'valueString': '1'}]");
  at = answers_next(answers, at);
  assert_true(at->again);
  assert_string_equal(at->text, "Medicine");
  assert_null(answers_next(answers, at));
  give(answers, at, "[{'valueBoolean': true}]");
  at = answers_next(answers, at);
  assert_string_equal(at->link_id, "name");
  assert_int_equal(at->instance, 1);
  /* The second dose depends on the second name. */
  assert_true(answers_next(answers, at)->again);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  answers_check(answers, &faults);
  assert_int_equal(faults.count, 1);
  give(answers, at, "[{'valueString': 'Ibuprofen'}]");
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  assert_json(
      json_object_get(response, "item"),
      "[{'linkId': 'med', 'text': 'Medicine', 'item': [{'linkId': 'name', 'answer': [{'valueString': 'Aspirin'}]},"
      "   {'linkId': 'dose', 'answer': [{'valueString': '1'}]}]},"
      " {'linkId': 'med', 'text': 'Medicine', 'item': [{'linkId': 'name', 'answer': [{'valueString': "
      "'Ibuprofen'}]}]}]");
}

TEST(repetition_is_bounded_by_the_form_and_by_us)
{
  AUTO(Form *, least, form_closep) =
      form_of("[{'linkId': 'g', 'type': 'group', 'repeats': true, 'extension': ["
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

TEST(items_under_a_question_belong_to_its_answer)
{
  AUTO(Form *, form, form_closep) =
      form_of("[{'linkId': 'q', 'type': 'string', 'item': [{'linkId': 'sub', 'type': 'string', 'required': true},"
              "  {'linkId': 'help', 'type': 'display', 'text': 'As on your card', 'extension': [{'url': '" EXT
              "questionnaire-itemControl',"
              "   'valueCodeableConcept': {'coding': [{'code': 'help'}]}}]},"
              "  {'linkId': 'note', 'type': 'display', 'text': 'Note'}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  assert_string_equal(item_of(form, "q")->help, "As on your card");
  assert_null(form_find(form, "help"));
  assert_false(enabled(form, answers, "sub"));
  assert_true(enabled(form, answers, "note"));
  set(form, answers, "q", "[{'valueString': 'x'}]");
  assert_true(enabled(form, answers, "sub"));
  set(form, answers, "sub", "[{'valueString': 'y'}]");
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  assert_json(json_object_get(response, "item"), "[{'linkId': 'q', 'answer': [{'valueString': 'x', 'item': [{'linkId': "
                                                 "'sub', 'answer': [{'valueString': 'y'}]}]}]}]");
}

TEST(texts_follow_the_language)
{
#define SAYS(text)                                                                                               \
  "{'extension': [{'url': 'http://hl7.org/fhir/StructureDefinition/translation', 'extension': [{'url': 'lang', " \
  "'valueCode': 'es'},"                                                                                          \
  " {'url': 'content', 'valueString': '" text "'}]}]}"
  AUTO(json_t *, questionnaire, json_release) =
      json_of("{'resourceType': 'Questionnaire', 'language': 'en', 'title': 'Health', '_title': " SAYS(
          "Salud") ", 'item': ["
                   " {'linkId': 'q', 'type': 'choice', 'text': 'Smoke?', '_text': " SAYS(
                       "Fuma?") ", 'answerOption': ["
                                "  {'valueCoding': {'code': 'y', 'display': 'Yes', '_display': " SAYS(
                                    "S\\u00ed") "}},"
                                                "  {'valueString': 'Rarely', '_valueString': " SAYS(
                                                    "Casi nunca") "}]}]}");
  AUTO(Form *, form, form_closep) = NULL;
  assert_int_equal(form_open(questionnaire, &form), ERR_OK);
  const FormItem *item = item_of(form, "q");
  assert_string_equal(form_title(form), "Health");
  assert_string_equal(item->text, "Smoke?");
  assert_string_equal(item->options[1].text, "Rarely");
  form_set_language(form, "es-419");
  assert_string_equal(form_title(form), "Salud");
  assert_string_equal(item->text, "Fuma?");
  assert_string_equal(item->options[0].text, "Sí");
  assert_string_equal(item->options[1].text, "Casi nunca");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  set(form, answers, "q", "[{'valueCoding': {'code': 'y'}}]");
  /* What was chosen is kept as coded, and shown in the reader's language. */
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  assert_json(json_path(response, "item.0.answer"), "[{'valueCoding': {'code': 'y', 'display': 'Yes'}}]");
  assert_true(str_eq_c(json_str(response, "language"), "es-419"));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  FormSeen *lines;
  size_t count;
  assert_int_equal(form_show_response(form, response, &arena, &lines, &count), ERR_OK);
  assert_int_equal(count, 1);
  assert_string_equal(lines[0].question, "Fuma?");
  assert_string_equal(lines[0].answer, "Sí");
  form_set_language(form, "fr");
  assert_string_equal(item->text, "Smoke?");
}

TEST(what_is_known_is_filled_in)
{
  static const char TEXT[] = "{\"resourceType\": \"Questionnaire\", \"item\": ["
                             "{\"linkId\": \"birth\", \"type\": \"date\", \"definition\": "
                             "\"http://hl7.org/fhir/StructureDefinition/Patient#Patient.birthDate\"},"
                             "{\"linkId\": \"gender\", \"type\": \"choice\", \"answerValueSet\": "
                             "\"http://hl7.org/fhir/ValueSet/administrative-gender\","
                             " \"extension\": [{\"url\": "
                             "\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression\","
                             "  \"valueExpression\": {\"expression\": \"%patient.gender\"}}]},"
                             "{\"linkId\": \"name\", \"type\": \"string\", \"readOnly\": true, \"required\": true,"
                             " \"extension\": [{\"url\": "
                             "\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression\","
                             "  \"valueExpression\": {\"expression\": "
                             "\"(%patient.name.where(use='official').select((family | (given\\n| prefix)"
                             ".join(' ')).join(', ').where($this != '') | text)).first()\"}}]},"
                             "{\"linkId\": \"mobile\", \"type\": \"string\","
                             " \"extension\": [{\"url\": "
                             "\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression\","
                             "  \"valueExpression\": {\"expression\": \"%patient.telecom.where(system = 'phone' and "
                             "use = 'mobile').value\"}}]},"
                             "{\"linkId\": \"given\", \"type\": \"string\", \"initial\": [{\"valueString\": \"x\"}]},"
                             "{\"linkId\": \"bad\", \"type\": \"integer\", \"initial\": [{\"valueString\": \"x\"}]},"
                             "{\"linkId\": \"pick\", \"type\": \"choice\", \"answerOption\": [{\"valueString\": "
                             "\"a\"}, {\"valueString\": \"b\", \"initialSelected\": true}]}"
                             "]}";
  AUTO(json_t *, questionnaire, json_release) = NULL;
  assert_int_equal(json_parse(str_c(TEXT), &questionnaire), ERR_OK);
  AUTO(Form *, form, form_closep) = NULL;
  assert_int_equal(form_open(questionnaire, &form), ERR_OK);
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  Client client = {.given = "Ana María",
                   .family = "Ruiz",
                   .birth_date = "1980-02-29",
                   .gender = "female",
                   .language = "es",
                   .contact = {.phone = "555-0100",
                               .email = "",
                               .line1 = "",
                               .line2 = "",
                               .city = "",
                               .state = "",
                               .postal_code = "",
                               .country = ""}};
  answers_initial(answers, &client);
  assert_json(answers_get(answers, item_of(form, "birth")), "[{'valueDate': '1980-02-29'}]");
  assert_true(str_eq_c(json_str(answers_get(answers, item_of(form, "gender")), "0.valueCoding.code"), "female"));
  assert_true(str_eq_c(json_str(answers_get(answers, item_of(form, "name")), "0.valueString"), "Ruiz, Ana María"));
  assert_json(answers_get(answers, item_of(form, "mobile")), "[{'valueString': '555-0100'}]");
  assert_json(answers_get(answers, item_of(form, "given")), "[{'valueString': 'x'}]");
  assert_json(answers_get(answers, item_of(form, "bad")), "[]");
  assert_json(answers_get(answers, item_of(form, "pick")), "[{'valueString': 'b'}]");
  /* An answer is not overwritten. */
  set(form, answers, "given", "[{'valueString': 'mine'}]");
  answers_initial(answers, &client);
  assert_json(answers_get(answers, item_of(form, "given")), "[{'valueString': 'mine'}]");
}

TEST(a_required_group_wants_an_answer_somewhere)
{
  AUTO(Form *, form, form_closep) = form_of("[{'linkId': 'g', 'type': 'group', 'required': true, 'item': ["
                                            " {'linkId': 'a', 'type': 'string'}, {'linkId': 'b', 'type': 'string'}]}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults before = faults_make(&arena), after = faults_make(&arena);
  answers_check(answers, &before);
  assert_int_equal(before.count, 1);
  assert_string_equal(before.items[0].field, "a");
  set(form, answers, "b", "[{'valueString': 'x'}]");
  answers_check(answers, &after);
  assert_int_equal(after.count, 0);
}

TEST(saved_answers_fit_only_their_own_form)
{
  AUTO(Form *, form, form_closep) = form_of("[{'linkId': 'a', 'type': 'integer'}, {'linkId': 'b', 'type': 'string'}]");
  AUTO(Form *, other, form_closep) = form_of("[{'linkId': 'b', 'type': 'integer'}, {'linkId': 'a', 'type': 'string'}]");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  AUTO(Answers *, others, answers_freep) = answers_new(other);
  set(form, answers, "a", "[{'valueInteger': 5}]");
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
    AUTO(json_t *, bad, json_release) = json_of(BAD[i]);
    if (answers_load(answers, bad) != ERR_INVALID) fail_msg("took %s", BAD[i]);
    assert_json(answers_get(answers, item_of(form, "a")), "[{'valueInteger': 5}]");
  }
}

TEST(responses_are_shown_even_where_the_form_lacks_an_item)
{
  AUTO(Form *, form, form_closep) = form_of("[{'linkId': 'a', 'type': 'boolean', 'text': 'Well?'}]");
  AUTO(json_t *, response, json_release) =
      json_of("{'resourceType': 'QuestionnaireResponse', 'item': [{'linkId': 'g', 'text': 'Group', 'item': ["
              " {'linkId': 'a', 'answer': [{'valueBoolean': true}]},"
              " {'linkId': 'gone', 'text': 'Weight', 'answer': [{'valueQuantity': {'value': 70.5, 'unit': 'kg'}}, "
              "{'valueDecimal': 0.1}]}]}]}");
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  FormSeen *lines;
  size_t count;
  assert_int_equal(form_show_response(form, response, &arena, &lines, &count), ERR_OK);
  assert_int_equal(count, 4);
  assert_string_equal(lines[0].question, "Group");
  assert_int_equal(lines[1].depth, 1);
  assert_string_equal(lines[1].question, "Well?");
  assert_string_equal(lines[1].answer, "true");
  assert_int_equal(lines[1].type, FORM_BOOLEAN);
  assert_string_equal(lines[2].question, "Weight");
  assert_string_equal(lines[2].answer, "70.5 kg");
  assert_string_equal(lines[3].answer, "0.1");
  AUTO(json_t *, other, json_release) = json_of("{'resourceType': 'Patient'}");
  assert_int_equal(form_show_response(form, other, &arena, &lines, &count), ERR_INVALID);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(broken_questionnaires_are_refused_by_name),
      cmocka_unit_test(deep_nesting_and_crowds_are_refused),
      cmocka_unit_test(each_type_takes_its_own_answers_and_names_the_fault_of_others),
      cmocka_unit_test(choices_come_from_options_contained_and_known_value_sets),
      cmocka_unit_test(quantities_have_the_forms_unit),
      cmocka_unit_test(what_is_typed_becomes_a_value),
      cmocka_unit_test(every_operator_of_enable_when_decides),
      cmocka_unit_test(conditions_join_by_any_or_all_and_pass_down),
      cmocka_unit_test(questions_come_one_after_another_and_back),
      cmocka_unit_test(a_group_that_repeats_asks_whether_to_go_round_again),
      cmocka_unit_test(repetition_is_bounded_by_the_form_and_by_us),
      cmocka_unit_test(items_under_a_question_belong_to_its_answer),
      cmocka_unit_test(texts_follow_the_language),
      cmocka_unit_test(what_is_known_is_filled_in),
      cmocka_unit_test(a_required_group_wants_an_answer_somewhere),
      cmocka_unit_test(saved_answers_fit_only_their_own_form),
      cmocka_unit_test(responses_are_shown_even_where_the_form_lacks_an_item),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
