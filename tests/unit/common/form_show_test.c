/* Responses, shown line by line. */
#include "tests/support/form_fixture.h"
#include "tests/support/unit.h"

TEST(responses_are_shown_even_where_the_form_lacks_an_item)
{
  AUTO(Form *, form, form_closep) = test_form("[{'linkId': 'a', 'type': 'boolean', 'text': 'Well?'}]");
  AUTO(json_t *, response, json_release) =
      test_json("{'resourceType': 'QuestionnaireResponse', 'item': [{'linkId': 'g', 'text': 'Group', 'item': ["
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
  AUTO(json_t *, other, json_release) = test_json("{'resourceType': 'Patient'}");
  assert_int_equal(form_show_response(form, other, &arena, &lines, &count), ERR_INVALID);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(responses_are_shown_even_where_the_form_lacks_an_item),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
