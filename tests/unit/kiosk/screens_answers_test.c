/* Questions and consents: what a person answers and signs, and what is kept of it. */
#include <stdlib.h>

#include "common/practice/consent.h"
#include "common/practice/response.h"
#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"

/* --- questions ------------------------------------------------------------------------------------------------------- */

/* answer_all: the fixture's form, each item with an answer of its type. */
static void answer_all(TestKiosk *k)
{
  test_tap(k, "question.primary"); /* the note */
  test_tap(k, "question.primary");
  test_sees(k, "Please fill this in");
  test_tap(k, "q.yes");
  test_tap(k, "question.primary");
  test_type(k, "12");
  test_tap(k, "question.primary");
  test_type(k, "70.5");
  test_tap(k, "q.0.unit.1");
  test_tap(k, "question.primary");
  test_type(k, "36.6");
  test_tap(k, "question.primary");
  test_type(k, "0229");
  test_tap(k, "question.primary");
  test_sees(k, "That is not a date");
  test_type(k, "2024");
  test_tap(k, "question.primary");
  test_type(k, "11032025");
  test_tap(k, "q.0.time.hour");
  test_type(k, "4");
  test_tap(k, "q.0.time.minute");
  test_type(k, "15");
  test_tap(k, "question.primary");
  test_sees(k, "choose AM or PM");
  test_tap(k, "q.0.time.pm");
  test_tap(k, "question.primary");
  test_type(k, "11");
  test_tap(k, "q.0.time.pm");
  test_tap(k, "question.primary");
  test_tap(k, "Quite strong");
  test_tap(k, "question.primary");
  test_tap(k, "Nuts");
  test_tap(k, "Latex");
  test_tap(k, "q.0.text");
  test_type(k, "Bees");
  test_tap(k, "question.primary");
  test_tap(k, "q.search");
  test_type(k, "ugu");
  test_tap(k, "Uruguay");
  test_tap(k, "question.primary");
  test_type(k, "Aspirin");
  test_tap(k, "q.another");
  test_type(k, "Insulin");
  test_tap(k, "question.primary");
  test_type(k, "example.org/knee");
  test_tap(k, "question.primary");
  test_tap(k, "question.primary");
  test_sees(k, "Please fill this in");
  test_type(k, "My knee hurts.");
  test_tap(k, "question.primary");
}

static void assert_answer(json_t *body, const char *link_id, size_t index, const char *path, const char *want)
{
  size_t i;
  json_t *item;
  json_array_foreach(json_object_get(body, "item"), i, item)
  {
    if (!str_eq_c(json_str(item, "linkId"), link_id)) continue;
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    json_t *answer = json_array_get(json_object_get(item, "answer"), index), *value = json_path(answer, path);
    AUTO(json_t *, shown, json_release) =
        json_is_string(value) ? json_incref(value) : json_from_str(value ? json_canonical(&arena, value) : STR("none"));
    if (!str_eq_c(json_str(shown, ""), want))
      fail_msg("%s %s: %s, not %s", link_id, path, json_string_value(shown), want);
    return;
  }
  fail_msg("no answer to %s", link_id);
}

TEST(every_type_of_question_is_answered_and_kept_as_fhir)
{
  TestKiosk k = test_kiosk_open(test_kiosk_forms);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana_to_the_forms(&k);
  answer_all(&k);
  test_on(&k, "done");
  Response *list, response;
  size_t count;
  assert_ok(response_of_client(k.p.t.store, &arena, test_id(TEST_ANA), 10, &list, &count));
  assert_int_equal(count, 1);
  AUTO(json_t *, body, json_release) = NULL;
  assert_ok(response_get(k.p.t.store, &arena, list[0].id, &response, &body));
  assert_string_equal(response.face, "kiosk");
  assert_answer(body, "smoke", 0, "valueBoolean", "true");
  assert_answer(body, "cigarettes", 0, "valueInteger", "12");
  assert_answer(body, "weight", 0, "valueQuantity.value", "70.5");
  assert_answer(body, "weight", 0, "valueQuantity.code", "kg");
  assert_answer(body, "temperature", 0, "valueDecimal", "36.6");
  assert_answer(body, "last", 0, "valueDate", "2024-02-29");
  assert_answer(body, "since", 0, "valueDateTime", "2025-11-03T16:15:00-05:00");
  assert_answer(body, "sleep", 0, "valueTime", "23:00:00");
  assert_answer(body, "pain", 0, "valueCoding.code", "2");
  assert_answer(body, "allergies", 0, "valueCoding.code", "n");
  assert_answer(body, "allergies", 1, "valueCoding.code", "l");
  assert_answer(body, "allergies", 2, "valueString", "Bees");
  assert_answer(body, "country", 0, "valueCoding.display", "Uruguay");
  assert_answer(body, "medicines", 0, "valueString", "Aspirin");
  assert_answer(body, "medicines", 1, "valueString", "Insulin");
  assert_answer(body, "page", 0, "valueUri", "example.org/knee");
  assert_answer(body, "story", 0, "valueString", "My knee hurts.");
  test_kiosk_fini(&k);
}

TEST(back_shows_what_was_answered_and_a_change_of_language_keeps_it)
{
  TestKiosk k = test_kiosk_open(test_kiosk_forms);
  test_ana_to_the_forms(&k);
  test_tap(&k, "question.primary");
  test_tap(&k, "q.no");
  test_tap(&k, "question.primary");
  test_sees(&k, "How much do you weigh?"); /* cigarettes are not asked of those who do not smoke */
  test_type(&k, "150");
  test_tap(&k, "question.language");
  test_sees(&k, "value=\"150\"");
  test_tap(&k, "question.primary");
  test_tap(&k, "question.back");
  test_sees(&k, "value=\"150\"");
  test_tap(&k, "question.back");
  test_sees(&k, "radio #q.no \"No\" checked");
  for (int i = 0; i < 4; i++) test_tap(&k, i < 2 ? "question.back" : i == 2 ? "coverage.back" : "contact.back");
  test_on(&k, "visit");
  test_sees(&k, "Hola, Ana");
  test_kiosk_fini(&k);
}

/* --- consents -------------------------------------------------------------------------------------------------------- */

static void read_to_the_end(TestKiosk *k)
{
  test_sees(k, "button #read.primary \"Read to the end\" disabled");
  for (int i = 0; i < 12; i++) {
    UiRect r;
    if (!ui_find(k->ui, "I have read it", &r)) test_tap(k, "read.text.down");
  }
  test_tap(k, "read.primary");
}

static Consent consent_now(TestKiosk *k, Arena *arena)
{
  Consent *list;
  size_t count;
  assert_ok(consent_of_client(k->p.t.store, arena, test_id(TEST_ANA), &list, &count));
  assert_int_equal(count, 1);
  return list[0];
}

TEST(a_consent_is_read_to_its_end_agreed_to_and_signed_with_a_finger)
{
  TestKiosk k = test_kiosk_open(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana_to_the_forms(&k);
  test_on(&k, "read");
  test_tap(&k, "read.primary"); /* not yet */
  test_on(&k, "read");
  read_to_the_end(&k);
  test_on(&k, "electronic");
  test_tap(&k, "copy.email");
  test_tap(&k, "electronic.primary");
  test_tap(&k, "sign.primary");
  test_on(&k, "sign");
  test_sees(&k, "Please sign with your finger");
  test_sign(&k, "sign.pad");
  test_tap(&k, "sign.primary");
  test_on(&k, "done");
  Consent consent = consent_now(&k, &arena);
  assert_string_equal(consent.decision, "signed");
  assert_string_equal(consent.method, "drawn");
  assert_string_equal(consent.language, "en");
  assert_string_equal(consent.signer_name, "Ana María Ruiz Gómez");
  assert_string_equal(consent.signer_relationship, "self");
  assert_string_equal(consent.intent, "By signing I say that I have received and read this text.");
  assert_true(consent.has_ink);
  assert_true(consent.intact);
  test_kiosk_fini(&k);
}

TEST(a_guardian_signs_by_typing_their_name)
{
  TestKiosk k = test_kiosk_open(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana_to_the_forms(&k);
  read_to_the_end(&k);
  test_tap(&k, "electronic.primary");
  test_tap(&k, "sign.signer");
  test_tap(&k, "signer.guardian");
  test_tap(&k, "signer.primary");
  test_on(&k, "signer");
  test_type(&k, "Marta Ruiz");
  test_tap(&k, "signer.primary");
  test_tap(&k, "sign.other_way");
  test_type(&k, "Marta Ruiz");
  test_tap(&k, "sign.primary");
  test_on(&k, "done");
  Consent consent = consent_now(&k, &arena);
  assert_string_equal(consent.method, "typed");
  assert_string_equal(consent.signer_name, "Marta Ruiz");
  assert_string_equal(consent.signer_relationship, "guardian");
  assert_false(consent.has_ink);
  test_kiosk_fini(&k);
}

TEST(another_language_is_another_text_to_be_read)
{
  TestKiosk k = test_kiosk_open(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana_to_the_forms(&k);
  read_to_the_end(&k);
  test_tap(&k, "electronic.primary");
  test_tap(&k, "sign.language");
  test_on(&k, "read");
  test_sees(&k, "Prácticas de privacidad");
  test_sees(&k, "button #read.primary \"Lea hasta el final\" disabled");
  for (int i = 0; i < 12; i++) {
    UiRect r;
    if (!ui_find(k.ui, "Lo he leído", &r)) test_tap(&k, "read.text.down");
  }
  test_tap(&k, "read.primary");
  test_sign(&k, "sign.pad");
  test_tap(&k, "sign.primary");
  test_on(&k, "done");
  assert_string_equal(consent_now(&k, &arena).language, "es");
  test_kiosk_fini(&k);
}

TEST(who_does_not_want_to_sign_is_checked_in_and_the_desk_is_told)
{
  TestKiosk k = test_kiosk_open(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana_to_the_forms(&k);
  test_tap(&k, "read.refuse");
  test_tap(&k, "refuse.close");
  test_on(&k, "read");
  test_tap(&k, "read.refuse");
  test_tap(&k, "refuse.ok");
  test_on(&k, "done");
  assert_string_equal(consent_now(&k, &arena).decision, "refused");
  assert_int_equal(test_visit_now(&k, &arena, test_id(101)).status, APPT_ARRIVED);
  size_t count;
  Task *tasks = test_tasks(&k, &arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "consent-refused");
  test_kiosk_fini(&k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_of_question_is_answered_and_kept_as_fhir),
      cmocka_unit_test(back_shows_what_was_answered_and_a_change_of_language_keeps_it),
      cmocka_unit_test(a_consent_is_read_to_its_end_agreed_to_and_signed_with_a_finger),
      cmocka_unit_test(a_guardian_signs_by_typing_their_name),
      cmocka_unit_test(another_language_is_another_text_to_be_read),
      cmocka_unit_test(who_does_not_want_to_sign_is_checked_in_and_the_desk_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
