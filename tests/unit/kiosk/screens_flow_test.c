/* People at the kiosk, with real fingers and a real store: what they see, how many touches it takes, and what is written. */
#include <stdlib.h>
#include <unistd.h>

#include "common/practice/checkin.h"
#include "common/practice/response.h"
#include "common/practice/task.h"
#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"
#include "tests/support/vfs_fault.h"

static TestKiosk open_kiosk(void (*more)(TestKiosk *k))
{
  TestKiosk k = test_kiosk_make();
  if (more != NULL) more(&k);
  test_kiosk_show(&k, 1280, 800, NULL);
  return k;
}

static void ana(TestKiosk *k)
{
  test_tap(k, "welcome.check_in");
  test_who(k, "02291980", "Ana", "Ruiz Gómez");
}

static void ana_to_the_forms(TestKiosk *k)
{
  ana(k);
  test_tap(k, "visit.primary");
  test_tap(k, "contact.primary");
  test_tap(k, "coverage.primary");
}

static Appointment visit_of(TestKiosk *k, Arena *arena, Uuid id)
{
  Appointment visit;
  assert_ok(appointment_get(k->p.t.store, arena, id, &visit));
  return visit;
}

static Task *tasks_of(TestKiosk *k, Arena *arena, size_t *count)
{
  Task *list;
  assert_ok(task_open_list(k->p.t.store, arena, k->p.site.id, &list, count));
  return list;
}

/* --- someone who has been here before --------------------------------------------------------------------------- */

TEST(someone_with_nothing_to_change_is_done_in_six_touches)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_tap(&k, "welcome.check_in");
  test_type(&k, "02291980");
  k.taps = 0;
  int64_t journal = test_count(k.p.t.store, "journal");
  test_tap(&k, "birth.primary");
  test_type(&k, "A");
  test_tap(&k, "Next field");
  test_type(&k, "ruiz gomez");
  test_tap(&k, "name.primary");
  test_on(&k, "visit");
  test_sees(&k, "Hello, Ana");
  test_sees(&k, "10:30 AM");
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  test_tap(&k, "coverage.primary");
  test_on(&k, "done");
  assert_true(k.taps <= 6); /* the aim of the whole is 8 */
  Appointment visit = visit_of(&k, &arena, test_id(101));
  assert_int_equal(visit.status, APPT_ARRIVED);
  test_sees(&k, visit.ticket);
  test_sees(&k, "Blue chairs");
  assert_true(test_count(k.p.t.store, "journal") - journal <= 3); /* arrival; at most who looked, twice */
  Client client;
  assert_ok(client_get(k.p.t.store, &arena, test_id(TEST_ANA), &client));
  assert_int_equal(client.contact_confirmed_at, k.p.t.fake->now);
  test_pass(&k, 26000);
  test_on(&k, "welcome");
  test_kiosk_fini(&k);
}

TEST(keys_alone_are_enough)
{
  TestKiosk k = open_kiosk(NULL);
  test_key(&k, UI_KEY_TAB);
  for (int i = 0; i < 12 && strcmp(app_screen(k.app), "welcome") == 0; i++) {
    UiRect r;
    (void)r;
    test_key(&k, UI_KEY_ENTER);
    if (strcmp(app_screen(k.app), "welcome") == 0) test_key(&k, UI_KEY_TAB);
  }
  test_on(&k, "birth");
  test_type(&k, "02291980");
  test_key(&k, UI_KEY_ENTER);
  test_on(&k, "name");
  test_type(&k, "Ana");
  test_key(&k, UI_KEY_ENTER);
  test_type(&k, "Ruiz Gómez");
  test_key(&k, UI_KEY_ENTER);
  test_on(&k, "visit");
  for (int i = 0; i < 3; i++) test_key(&k, UI_KEY_ENTER);
  test_on(&k, "done");
  test_key(&k, UI_KEY_ENTER);
  test_on(&k, "welcome");
  test_kiosk_fini(&k);
}

/* scan: the reader types, and is silent for longer than between two characters. */
static void scan(TestKiosk *k, const char *code)
{
  ui_inject_scan(k->ui, code);
  ui_step(k->ui, 0);
  usleep(60000);
  test_settle(k);
}

TEST(a_code_from_a_scanner_says_who_it_is)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str code;
  assert_ok(checkin_code(k.p.t.store, &arena, test_id(101), &code));
  scan(&k, "4006381333931");
  test_on(&k, "welcome");
  test_sees(&k, "That code is not from us");
  scan(&k, arena_cstr(&arena, code));
  test_on(&k, "visit");
  test_sees(&k, "Hello, Ana");
  /* Someone else's code, while Ana is checking in, changes nothing. */
  scan(&k, arena_cstr(&arena, code));
  test_on(&k, "visit");
  test_kiosk_fini(&k);
}

TEST(contact_and_insurance_are_corrected_one_at_a_time)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana(&k);
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.phone");
  for (int i = 0; i < 14; i++) test_key(&k, UI_KEY_BACKSPACE);
  test_type(&k, "12");
  test_tap(&k, "phone.primary");
  test_on(&k, "phone");
  test_sees(&k, "That is not a phone number");
  test_type(&k, "125550177");
  test_tap(&k, "phone.primary");
  test_on(&k, "contact");
  test_sees(&k, "12125550177");
  test_tap(&k, "contact.email");
  test_type(&k, "x");
  test_tap(&k, "email.back"); /* thought better of it */
  test_sees(&k, "ana.ruiz@example.com");
  test_sees_not(&k, "ana.ruiz@example.comx");
  test_tap(&k, "contact.primary");
  test_tap(&k, "coverage.change");
  for (int i = 0; i < 14; i++) test_key(&k, UI_KEY_BACKSPACE);
  test_type(&k, "Summit Mutual");
  test_tap(&k, "card.primary");
  test_on(&k, "done");
  Client client;
  assert_ok(client_get(k.p.t.store, &arena, test_id(TEST_ANA), &client));
  assert_string_equal(client.contact.phone, "12125550177");
  assert_string_equal(client.contact.email, "ana.ruiz@example.com");
  Coverage *list;
  size_t count;
  assert_ok(coverage_list(k.p.t.store, &arena, test_id(TEST_ANA), &list, &count));
  assert_int_equal(count, 1);
  assert_string_equal(list[0].payer, "Summit Mutual");
  assert_string_equal(list[0].plan, "");
  test_kiosk_fini(&k);
}

TEST(who_is_checked_in_already_is_asked_nothing)
{
  TestKiosk k = open_kiosk(NULL);
  ana_to_the_forms(&k);
  test_on(&k, "done");
  test_tap(&k, "done.primary");
  int64_t journal = test_count(k.p.t.store, "journal");
  ana(&k);
  test_on(&k, "here");
  test_sees(&k, "Blue chairs");
  test_sees_not(&k, "555-0142");
  test_tap(&k, "here.primary");
  test_on(&k, "welcome");
  assert_true(test_count(k.p.t.store, "journal") - journal <= 1); /* who looked */
  test_kiosk_fini(&k);
}

/* --- who are you ------------------------------------------------------------------------------------------------ */

static char *tree_of(TestKiosk *k)
{
  AUTO(Buf, text, buf_fini) = buf_make(1 << 20);
  ui_tree_text(k->ui, &text);
  return strdup(buf_cstr(&text));
}

TEST(no_such_person_and_a_wrong_date_have_the_same_answer)
{
  TestKiosk k = open_kiosk(NULL);
  test_tap(&k, "welcome.check_in");
  test_who(&k, "02291980", "Zoe", "Nobody");
  test_on(&k, "unknown");
  char *nobody = tree_of(&k);
  test_tap(&k, "unknown.start_over");
  test_tap(&k, "start_over.ok");
  test_tap(&k, "welcome.check_in");
  test_who(&k, "03011980", "Ana", "Ruiz Gómez");
  test_on(&k, "unknown");
  char *wrong_date = tree_of(&k);
  assert_string_equal(nobody, wrong_date);
  free(nobody);
  free(wrong_date);
  test_kiosk_fini(&k);
}

TEST(after_five_wrong_tries_the_desk_is_asked_and_the_kiosk_says_no_more)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (int i = 0; i < 5; i++) {
    test_tap(&k, "welcome.check_in");
    test_who(&k, "02281980", "Ana", "Ruiz Gómez");
    test_sees_not(&k, "Hello");
    if (strcmp(app_screen(k.app), "throttled") == 0) break;
    test_tap(&k, "unknown.start_over");
    test_tap(&k, "start_over.ok");
  }
  if (strcmp(app_screen(k.app), "throttled") != 0) {
    ana(&k); /* now even with the right date */
  }
  test_on(&k, "throttled");
  size_t count;
  Task *tasks = tasks_of(&k, &arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "identity");
  test_pass(&k, 26000);
  test_on(&k, "welcome");
  test_pass(&k, 6 * 60000);
  ana(&k);
  test_on(&k, "visit");
  test_kiosk_fini(&k);
}

static void twin(TestKiosk *k)
{
  test_person(&k->p, 9, "Ana Belén", "Ruiz Gómez", "1980-02-29", "");
  test_visit(&k->p, 109, 9, "14:00");
}

TEST(two_people_of_one_name_and_birthday_are_told_apart_by_the_time_of_their_visit)
{
  TestKiosk k = open_kiosk(twin);
  test_tap(&k, "welcome.check_in");
  test_who(&k, "02291980", "A", "Ruiz Gómez");
  test_on(&k, "time");
  test_sees_not(&k, "14:00");
  test_sees_not(&k, "10:30");
  test_type(&k, "2");
  test_tap(&k, "time.primary");
  test_on(&k, "time"); /* morning or afternoon? */
  test_tap(&k, "time.pm");
  test_tap(&k, "time.primary");
  test_on(&k, "visit");
  test_sees(&k, "2:00 PM");
  test_kiosk_fini(&k);
}

/* --- without an appointment ------------------------------------------------------------------------------------- */

TEST(someone_without_an_appointment_gets_a_place_in_the_queue)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t clients = test_count(k.p.t.store, "client"), visits = test_count(k.p.t.store, "appointment");
  test_tap(&k, "welcome.walk_in");
  test_type(&k, "07041990");
  test_tap(&k, "new_birth.primary");
  test_tap(&k, "new_name.primary");
  test_on(&k, "new_name");
  test_sees(&k, "Please enter your first name");
  test_type(&k, "Noor");
  test_tap(&k, "name.family");
  test_type(&k, "Haddad");
  test_tap(&k, "new_name.primary");
  test_type(&k, "12");
  test_tap(&k, "new_phone.primary");
  test_on(&k, "new_phone");
  test_sees(&k, "That is not a phone number");
  test_type(&k, "125550166");
  test_tap(&k, "new_phone.primary");
  test_on(&k, "contact");
  test_sees(&k, "12125550166");
  test_tap(&k, "contact.primary");
  test_on(&k, "coverage");
  test_tap(&k, "coverage.none");
  test_on(&k, "done");
  test_sees(&k, "Thank you, Noor");
  assert_int_equal(test_count(k.p.t.store, "client"), clients + 1);
  assert_int_equal(test_count(k.p.t.store, "appointment"), visits + 1);
  Appointment *day;
  size_t count;
  assert_ok(appointment_day(k.p.t.store, &arena, k.p.site.id, (Date){2026, 3, 2}, &day, &count));
  int walk_ins = 0;
  for (size_t i = 0; i < count; i++)
    if (day[i].walk_in) {
      walk_ins++;
      assert_int_equal(day[i].status, APPT_ARRIVED);
      assert_string_equal(day[i].client_name, "Noor Haddad");
      test_sees(&k, day[i].ticket);
    }
  assert_int_equal(walk_ins, 1);
  test_kiosk_fini(&k);
}

/* --- questions -------------------------------------------------------------------------------------------------- */

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
  TestKiosk k = open_kiosk(test_kiosk_forms);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana_to_the_forms(&k);
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
  TestKiosk k = open_kiosk(test_kiosk_forms);
  ana_to_the_forms(&k);
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

/* --- consents --------------------------------------------------------------------------------------------------- */

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
  TestKiosk k = open_kiosk(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana_to_the_forms(&k);
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
  TestKiosk k = open_kiosk(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana_to_the_forms(&k);
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
  TestKiosk k = open_kiosk(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana_to_the_forms(&k);
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
  TestKiosk k = open_kiosk(test_kiosk_consents);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana_to_the_forms(&k);
  test_tap(&k, "read.refuse");
  test_tap(&k, "refuse.close");
  test_on(&k, "read");
  test_tap(&k, "read.refuse");
  test_tap(&k, "refuse.ok");
  test_on(&k, "done");
  assert_string_equal(consent_now(&k, &arena).decision, "refused");
  assert_int_equal(visit_of(&k, &arena, test_id(101)).status, APPT_ARRIVED);
  size_t count;
  Task *tasks = tasks_of(&k, &arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "consent-refused");
  test_kiosk_fini(&k);
}

/* --- help, idle, power ------------------------------------------------------------------------------------------ */

TEST(help_reaches_the_desk_from_the_first_screen_and_from_any_other)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_tap(&k, "welcome.help");
  test_sees(&k, "Someone is coming to help you");
  test_tap(&k, "help.ok");
  test_on(&k, "welcome");
  size_t count;
  Task *tasks = tasks_of(&k, &arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "help");
  assert_true(uuid_is_nil(tasks[0].client));
  ana(&k);
  test_tap(&k, "visit.help");
  test_tap(&k, "help.ok");
  test_on(&k, "visit");
  tasks = tasks_of(&k, &arena, &count);
  assert_int_equal(count, 2);
  assert_true(uuid_eq(tasks[1].client, test_id(TEST_ANA)));
  test_kiosk_fini(&k);
}

static void to_the_story(TestKiosk *k)
{
  ana_to_the_forms(k);
  test_tap(k, "question.primary");
  test_tap(k, "q.no");
  for (int i = 0; i < 11; i++) test_tap(k, "question.primary");
  test_sees(k, "What brings you here today?");
}

TEST(when_nobody_answers_the_screen_clears_and_only_the_same_person_goes_on)
{
  TestKiosk k = open_kiosk(test_kiosk_forms);
  to_the_story(&k);
  test_type(&k, "It began on Sunday");
  test_pass(&k, 61000);
  test_sees(&k, "Are you still there?");
  test_tap(&k, "idle.ok");
  test_sees(&k, "It began on Sunday");
  test_pass(&k, 59000);
  test_sees_not(&k, "Are you still there?");
  test_pass(&k, 2000);
  test_sees(&k, "this screen clears in");
  test_pass(&k, 21000);
  test_on(&k, "welcome");
  test_sees_not(&k, "Sunday");
  /* Someone else begins, and finds nothing of it. */
  test_tap(&k, "welcome.walk_in");
  test_type(&k, "07041990");
  test_tap(&k, "new_birth.primary");
  test_type(&k, "Noor");
  test_tap(&k, "name.family");
  test_type(&k, "Haddad");
  test_tap(&k, "new_name.primary");
  test_tap(&k, "new_phone.primary");
  test_sees_not(&k, "555-0142");
  test_tap(&k, "contact.start_over");
  test_tap(&k, "start_over.ok");
  /* Ana comes back. */
  ana(&k);
  test_sees(&k, "We kept the answers");
  test_tap(&k, "visit.primary");
  test_on(&k, "question");
  test_sees(&k, "What brings you here today?");
  test_sees(&k, "value=\"It began on Sunday\"");
  test_tap(&k, "question.primary");
  test_on(&k, "done");
  test_kiosk_fini(&k);
}

TEST(a_pause_of_half_a_second_keeps_what_is_typed)
{
  TestKiosk k = open_kiosk(test_kiosk_forms);
  to_the_story(&k);
  test_type(&k, "Since Monday");
  test_pass(&k, 500);
  test_type(&k, " or so");
  /* The power goes: another kiosk on the same replica has what was kept by then, without the first one's leave. */
  TestKiosk next = k;
  next.app = NULL;
  next.ui = NULL;
  app_close(k.app);
  ui_close(k.ui);
  test_kiosk_show(&next, 1280, 800, NULL);
  ana(&next);
  test_tap(&next, "visit.primary");
  test_sees(&next, "value=\"Since Monday");
  test_kiosk_fini(&next);
}

TEST(start_over_asks_first_and_then_forgets)
{
  TestKiosk k = open_kiosk(NULL);
  ana(&k);
  test_tap(&k, "visit.text_size");
  assert_int_equal(ui_text_scale(k.ui), 150);
  test_tap(&k, "visit.start_over");
  test_tap(&k, "start_over.close");
  test_on(&k, "visit");
  test_tap(&k, "visit.not_me");
  test_on(&k, "welcome");
  assert_int_equal(ui_text_scale(k.ui), 100);
  test_tap(&k, "welcome.check_in");
  test_sees_not(&k, "1980");
  test_kiosk_fini(&k);
}

/* --- trouble ---------------------------------------------------------------------------------------------------- */

/* disk_full_at: check in while the disk is full from the n-th write on; true when it failed somewhere. */
static bool disk_full_at(long n)
{
  vfs_fault_register();
  TestKiosk k = test_kiosk_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  k.p.t.fake->env.vfs = VFS_FAULT;
  test_kiosk_show(&k, 1280, 800, NULL);
  ana(&k);
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  vfs_fault_after(n, VFS_FULL);
  test_tap(&k, "coverage.primary");
  bool failed = vfs_fault_happened();
  bool done = strcmp(app_screen(k.app), "done") == 0;
  if (!done) {
    test_sees(&k, "run out of storage");
    assert_int_equal(visit_of(&k, &arena, test_id(101)).status, APPT_BOOKED); /* nothing half done */
    vfs_fault_never();
    UiRect r;
    test_tap(&k, ui_find(k.ui, "trouble.ok", &r) ? "trouble.ok" : "failed.primary");
  }
  vfs_fault_never();
  test_on(&k, "done");
  assert_int_equal(visit_of(&k, &arena, test_id(101)).status, APPT_ARRIVED);
  test_kiosk_fini(&k);
  return failed;
}

TEST(a_full_disk_loses_nothing_and_says_so_whenever_it_happens)
{
  long n = 0;
  while (disk_full_at(n)) n++;
  assert_true(n >= 2);
}

TEST(while_another_process_writes_the_kiosk_says_so_and_stays_awake)
{
  TestKiosk k = open_kiosk(NULL);
  ana(&k);
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k.p.t.store, actor_system(), "test.busy", "", &tx));
  UiRect r;
  assert_true(ui_find(k.ui, "coverage.primary", &r));
  ui_inject_tap(k.ui, r.x + r.w / 2, r.y + r.h / 2);
  for (int i = 0; i < 40; i++) ui_step(k.ui, 10);
  assert_true(app_busy(k.app));
  test_sees(&k, "One moment");
  tx_fini(&tx);
  for (int i = 0; i < 400 && app_busy(k.app); i++) ui_step(k.ui, 10);
  test_settle(&k);
  test_on(&k, "done");
  test_kiosk_fini(&k);
}

TEST(a_kiosk_without_a_practice_waits_and_begins_by_itself)
{
  TestKiosk k = test_kiosk_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *folder = arena_printf(&arena, "%s/later", k.p.t.folder.path);
  k.folder = folder;
  test_kiosk_show(&k, 1280, 800, NULL);
  test_on(&k, "unavailable");
  test_tap(&k, "unavailable.help");
  test_sees(&k, "Please ask at the front desk");
  test_tap(&k, "help.ok");
  Store *store;
  assert_ok(store_create(folder, &k.p.t.fake->env, &store));
  store_close(store);
  test_pass(&k, 3000);
  test_on(&k, "unavailable"); /* a replica, but nothing in it yet */
  assert_int_equal(rename(k.p.t.path, arena_printf(&arena, "%s/other", k.p.t.folder.path)), 0);
  test_kiosk_hide(&k);
  assert_int_equal(rename(arena_printf(&arena, "%s/other", k.p.t.folder.path), k.p.t.path), 0);
  k.folder = arena_printf(&arena, "%s/moved", k.p.t.folder.path);
  test_kiosk_show(&k, 1280, 800, NULL);
  test_on(&k, "unavailable");
  assert_int_equal(symlink(k.p.t.path, k.folder), 0); /* the practice arrives */
  test_pass(&k, 3000);
  test_on(&k, "welcome");
  test_kiosk_fini(&k);
}

TEST(a_tablet_that_was_removed_from_the_practice_shows_nothing_more_of_it)
{
  TestKiosk k = open_kiosk(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ana(&k);
  test_on(&k, "visit");
  test_folder_write(&k.p.t.folder, "replica/revoked", "");
  assert_int_equal(unlink(arena_printf(&arena, "%s/foyer.db", k.p.t.path)), 0);
  for (int i = 0; i < 700 && strcmp(app_screen(k.app), "visit") == 0; i++) { /* it looks every five seconds */
    ui_step(k.ui, 10);
    env_fake_advance(k.p.t.fake, 10);
  }
  test_settle(&k);
  test_on(&k, "unavailable");
  test_sees(&k, "This device may no longer be used");
  test_sees_not(&k, "Ana");
  test_kiosk_fini(&k);
}

TEST(offline_is_said_calmly_and_changes_nothing)
{
  TestKiosk k = open_kiosk(test_kiosk_staff);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *status = arena_printf(&arena, "{\"state\": \"offline\", \"since\": %lld, \"waiting\": {\"transactions\": 3}}",
                              (long long)k.p.t.fake->now - 120000);
  assert_ok(local_set(k.p.t.store, "sync.status", str_c(status)));
  test_person(&k.p, 8, "Some", "One", "1950-01-01",
              ""); /* the kiosk looks when there is a change, else every half minute */
  UiRect r;
  for (int i = 0; i < 100 && !ui_find(k.ui, "welcome.status", &r); i++) {
    ui_step(k.ui, 10);
    env_fake_advance(k.p.t.fake, 10);
  }
  test_sees(&k, "Offline. Check-in works as usual.");
  ana_to_the_forms(&k);
  test_on(&k, "done");
  test_tap(&k, "done.primary");
  test_tap(&k, "welcome.staff");
  test_type(&k, TEST_PIN);
  test_tap(&k, "pin.primary");
  test_sees(&k, "Changes to send: 3.");
  test_kiosk_fini(&k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(someone_with_nothing_to_change_is_done_in_six_touches),
      cmocka_unit_test(keys_alone_are_enough),
      cmocka_unit_test(a_code_from_a_scanner_says_who_it_is),
      cmocka_unit_test(contact_and_insurance_are_corrected_one_at_a_time),
      cmocka_unit_test(who_is_checked_in_already_is_asked_nothing),
      cmocka_unit_test(no_such_person_and_a_wrong_date_have_the_same_answer),
      cmocka_unit_test(after_five_wrong_tries_the_desk_is_asked_and_the_kiosk_says_no_more),
      cmocka_unit_test(two_people_of_one_name_and_birthday_are_told_apart_by_the_time_of_their_visit),
      cmocka_unit_test(someone_without_an_appointment_gets_a_place_in_the_queue),
      cmocka_unit_test(every_type_of_question_is_answered_and_kept_as_fhir),
      cmocka_unit_test(back_shows_what_was_answered_and_a_change_of_language_keeps_it),
      cmocka_unit_test(a_consent_is_read_to_its_end_agreed_to_and_signed_with_a_finger),
      cmocka_unit_test(a_guardian_signs_by_typing_their_name),
      cmocka_unit_test(another_language_is_another_text_to_be_read),
      cmocka_unit_test(who_does_not_want_to_sign_is_checked_in_and_the_desk_is_told),
      cmocka_unit_test(help_reaches_the_desk_from_the_first_screen_and_from_any_other),
      cmocka_unit_test(when_nobody_answers_the_screen_clears_and_only_the_same_person_goes_on),
      cmocka_unit_test(a_pause_of_half_a_second_keeps_what_is_typed),
      cmocka_unit_test(start_over_asks_first_and_then_forgets),
      cmocka_unit_test(a_full_disk_loses_nothing_and_says_so_whenever_it_happens),
      cmocka_unit_test(while_another_process_writes_the_kiosk_says_so_and_stays_awake),
      cmocka_unit_test(a_kiosk_without_a_practice_waits_and_begins_by_itself),
      cmocka_unit_test(a_tablet_that_was_removed_from_the_practice_shows_nothing_more_of_it),
      cmocka_unit_test(offline_is_said_calmly_and_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
