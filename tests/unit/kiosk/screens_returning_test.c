/* Someone who has been here before, with real fingers and a real store: who they say they are, how many touches it takes, and what is
 * written. */
#include <stdlib.h>
#include <unistd.h>

#include "common/practice/checkin.h"
#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"

/* --- someone who has been here before -------------------------------------------------------------------------------- */

TEST(someone_with_nothing_to_change_is_done_in_six_touches)
{
  TestKiosk k = test_kiosk_open(NULL);
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
  Appointment visit = test_visit_now(&k, &arena, test_id(101));
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
  TestKiosk k = test_kiosk_open(NULL);
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
  TestKiosk k = test_kiosk_open(NULL);
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
  TestKiosk k = test_kiosk_open(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana(&k);
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
  TestKiosk k = test_kiosk_open(NULL);
  test_ana_to_the_forms(&k);
  test_on(&k, "done");
  test_tap(&k, "done.primary");
  int64_t journal = test_count(k.p.t.store, "journal");
  test_ana(&k);
  test_on(&k, "here");
  test_sees(&k, "Blue chairs");
  test_sees_not(&k, "555-0142");
  test_tap(&k, "here.primary");
  test_on(&k, "welcome");
  assert_true(test_count(k.p.t.store, "journal") - journal <= 1); /* who looked */
  test_kiosk_fini(&k);
}

/* --- who are you ----------------------------------------------------------------------------------------------------- */

static char *tree_of(TestKiosk *k)
{
  AUTO(Buf, text, buf_fini) = buf_make(1 << 20);
  ui_tree_text(k->ui, &text);
  return strdup(buf_cstr(&text));
}

TEST(no_such_person_and_a_wrong_date_have_the_same_answer)
{
  TestKiosk k = test_kiosk_open(NULL);
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
  TestKiosk k = test_kiosk_open(NULL);
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
    test_ana(&k); /* now even with the right date */
  }
  test_on(&k, "throttled");
  size_t count;
  Task *tasks = test_tasks(&k, &arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "identity");
  test_pass(&k, 26000);
  test_on(&k, "welcome");
  test_pass(&k, 6 * 60000);
  test_ana(&k);
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
  TestKiosk k = test_kiosk_open(twin);
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
