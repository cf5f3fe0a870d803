/* Texts in the language that is asked for. */
#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(texts_follow_the_language)
{
#define SAYS(text)                                                                                               \
  "{'extension': [{'url': 'http://hl7.org/fhir/StructureDefinition/translation', 'extension': [{'url': 'lang', " \
  "'valueCode': 'es'},"                                                                                          \
  " {'url': 'content', 'valueString': '" text "'}]}]}"
  AUTO(json_t *, questionnaire, json_release) =
      test_json("{'resourceType': 'Questionnaire', 'language': 'en', 'title': 'Health', '_title': " SAYS(
          "Salud") ", 'item': ["
                   " {'linkId': 'q', 'type': 'choice', 'text': 'Smoke?', '_text': " SAYS(
                       "Fuma?") ", 'answerOption': ["
                                "  {'valueCoding': {'code': 'y', 'display': 'Yes', '_display': " SAYS(
                                    "S\\u00ed") "}},"
                                                "  {'valueString': 'Rarely', '_valueString': " SAYS(
                                                    "Casi nunca") "}]}]}");
  AUTO(Form *, form, form_closep) = NULL;
  assert_int_equal(form_open(questionnaire, &form), ERR_OK);
  const FormItem *item = test_item(form, "q");
  assert_string_equal(form_title(form), "Health");
  assert_string_equal(item->text, "Smoke?");
  assert_string_equal(item->options[1].text, "Rarely");
  form_set_language(form, "es-419");
  assert_string_equal(form_title(form), "Salud");
  assert_string_equal(item->text, "Fuma?");
  assert_string_equal(item->options[0].text, "Sí");
  assert_string_equal(item->options[1].text, "Casi nunca");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  test_set(form, answers, "q", "[{'valueCoding': {'code': 'y'}}]");
  /* What was chosen is kept as coded, and shown in the reader's language. */
  AUTO(json_t *, response, json_release) = answers_response(answers, "u", (Uuid){{1}}, 0);
  test_json_is(json_path(response, "item.0.answer"), "[{'valueCoding': {'code': 'y', 'display': 'Yes'}}]");
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_follow_the_language),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
