/* What is known of a client is filled in. */
#include "common/practice/client.h"
#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

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
  test_json_is(answers_get(answers, test_item(form, "birth")), "[{'valueDate': '1980-02-29'}]");
  assert_true(str_eq_c(json_str(answers_get(answers, test_item(form, "gender")), "0.valueCoding.code"), "female"));
  assert_true(str_eq_c(json_str(answers_get(answers, test_item(form, "name")), "0.valueString"), "Ruiz, Ana María"));
  test_json_is(answers_get(answers, test_item(form, "mobile")), "[{'valueString': '555-0100'}]");
  test_json_is(answers_get(answers, test_item(form, "given")), "[{'valueString': 'x'}]");
  test_json_is(answers_get(answers, test_item(form, "bad")), "[]");
  test_json_is(answers_get(answers, test_item(form, "pick")), "[{'valueString': 'b'}]");
  /* An answer is not overwritten. */
  test_set(form, answers, "given", "[{'valueString': 'mine'}]");
  answers_initial(answers, &client);
  test_json_is(answers_get(answers, test_item(form, "given")), "[{'valueString': 'mine'}]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_known_is_filled_in),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
