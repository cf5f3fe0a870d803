/* Questionnaires that no one here wrote: ../shared/data/questionnaires, where it is there. */
#include <string.h>

#include "common/practice/form.h"
#include "tests/support/unit.h"

#define FOLDER "../shared/data/questionnaires/"

static Form *form_of_file(const char *name)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, questionnaire, json_release) = NULL;
  Err err = json_read_file(arena_printf(&arena, FOLDER "%s.json", name), 1 << 20, &questionnaire);
  if (err == ERR_NOT_FOUND) skip();
  assert_int_equal(err, ERR_OK);
  Form *form = NULL;
  if (form_open(questionnaire, &form) != ERR_OK) fail_msg("%s: %s", name, err_detail());
  return form;
}

/* Some answer that suits the item. */
static json_t *answer_for(const FormItem *item)
{
  if (item->option_count > 0) return json_pack("[O]", item->options[0].value);
  if (item->type == FORM_BOOLEAN) return json_pack("[{sb}]", "valueBoolean", true);
  const char *typed = item->type == FORM_DATETIME || item->type == FORM_DATE ? "2026-03-01" : "1";
  return json_pack("[o]", form_value(item, str_c(typed)));
}

/* Goes through the form as a person would; how many questions were answered. */
static size_t answer_all(const Form *form, Answers *answers)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  size_t count = 0;
  for (const FormItem *at = answers_next(answers, NULL); at; at = answers_next(answers, at)) {
    if (at->type == FORM_DISPLAY) continue;
    AUTO(json_t *, values, json_release) = answer_for(at);
    if (answers_set(answers, at, values, &faults) != ERR_OK)
      fail_msg("%s: %s", at->link_id, faults.count ? faults.items[0].key : err_detail());
    count++;
  }
  answers_check(answers, &faults);
  if (faults.count > 0) fail_msg("%s: %s is still wanted", form_title(form), faults.items[0].field);
  return count;
}

TEST(every_real_questionnaire_can_be_answered_or_names_what_it_cannot_ask)
{
  static const struct {
    const char *name, *title;
    size_t items, asked, named; /* in all, questions that can be asked, lines of the report */
  } CASES[] = {
      {"AuCoreAllergyIntolerance", "AU Core AllergyIntolerance", 12, 5, 2},
      {"AuCoreImmunization", "AU Core Immunization", 10, 4, 1},
      {"AuCoreObservationSmokingStatus", "Smoking Status Observation", 10, 3, 2},
      {"AuCorePatient", "AU Core Patient", 35, 24, 4},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(Form *, form, form_closep) = form_of_file(CASES[i].name);
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    Str report = form_report(form, &arena);
    size_t lines = 0;
    for (size_t at = 0; at < report.len; at++) lines += report.ptr[at] == '\n';
    size_t asked = answer_all(form, answers);
    if (form_item_total(form) != CASES[i].items || asked != CASES[i].asked || lines != CASES[i].named)
      fail_msg("%s: %zu items, %zu asked, %zu named:\n" STR_FMT, CASES[i].name, form_item_total(form), asked, lines,
               STR_ARG(report));
    assert_string_equal(form_title(form), CASES[i].title);
    /* Every item that cannot be asked is one of the named ones. */
    for (size_t k = 0; k < form_item_total(form); k++) {
      const FormItem *item = form_item(form, k);
      if (item->unsupported && !strstr(arena_cstr(&arena, report), item->link_id))
        fail_msg("%s is not named", item->link_id);
    }
  }
}

TEST(a_response_to_a_real_questionnaire_is_shown_line_by_line)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Form *, form, form_closep) = form_of_file("AuCorePatient");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  size_t asked = answer_all(form, answers);
  AUTO(json_t *, response, json_release) = answers_response(answers, form_url(form), (Uuid){{1}}, 0);
  assert_true(str_eq_c(json_str(response, "questionnaire"), "Questionnaire/AuCorePatient"));
  assert_true(str_eq_c(json_str(response, "authored"), "1970-01-01T00:00:00.000Z"));
  FormSeen *lines;
  size_t count, answered = 0;
  assert_int_equal(form_show_response(form, response, &arena, &lines, &count), ERR_OK);
  for (size_t i = 0; i < count; i++) answered += lines[i].answer[0] != '\0';
  assert_int_equal(answered, asked);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_real_questionnaire_can_be_answered_or_names_what_it_cannot_ask),
      cmocka_unit_test(a_response_to_a_real_questionnaire_is_shown_line_by_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
