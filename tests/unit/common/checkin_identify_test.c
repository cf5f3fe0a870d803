#include <string.h>

#include "common/practice/checkin.h"
#include "common/practice/task.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

static CheckinIdentity who(const char *birth, const char *given, const char *family)
{
  CheckinIdentity identity = {.given = str_c(given), .family = str_c(family)};
  assert_true(date_parse(str_c(birth), &identity.birth_date));
  return identity;
}

static Err look(TestPractice *p, CheckinIdentity identity, CheckinFound *found, Checkin **out)
{
  *found = CHECKIN_ASK_TIME;
  return checkin_identify(p->t.store, &p->site, &identity, found, out);
}

/* The visit found, nil for none; fails on anything else than found and not found. */
static Uuid visit_of(TestPractice *p, CheckinIdentity identity)
{
  CheckinFound found;
  AUTO(Checkin *, checkin, checkin_forgetp) = NULL;
  Err err = look(p, identity, &found, &checkin);
  if (err == ERR_NOT_FOUND) return (Uuid){{0}};
  if (err != ERR_OK) fail_msg("%s %s", err_name(err), err_detail());
  assert_int_equal(found, CHECKIN_FOUND);
  return checkin_appointment(checkin)->id;
}

static void next_day(TestPractice *p)
{
  env_fake_advance(p->t.fake, 11 * 60 * 1000); /* past the window of tries */
}

TEST(people_are_found_as_they_write_their_names)
{
  static const struct {
    const char *birth, *given, *family;
    bool found;
  } CASES[] = {
      {"1980-02-29", "Ana María", "Ruiz Gómez", true},
      {"1980-02-29", "ana maria", "RUIZ GOMEZ", true},
      {"1980-02-29", "Ana", "Ruiz", true},
      {"1980-02-29", "María", "Gomez", true},
      {"1980-02-29", "A", "Ruiz Gómez", true},
      {"1980-02-29", "A", "RuizGomez", true},
      {"1980-02-29", "A", "Ruiz", false},
      {"1980-02-29", "", "Ruiz Gómez", false},
      {"1980-02-29", "Ana", "", false},
      {"1980-02-29", "Ana", "R", false},
      {"1980-02-29", "B", "Ruiz Gómez", false},
      {"1980-02-28", "Ana María", "Ruiz Gómez", false},
      {"1980-02-29", "Anabel", "Ruiz", false},
      {"1980-02-29", "Pat", "Ruiz Gómez", false},
      {"1975-05-05", "Sean", "O'Neil-Mejia", true},
      {"1975-05-05", "S", "oneil mejia", true},
  };
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana María", "Ruiz Gómez", "1980-02-29", "555-010-0100");
  test_person(&p, 2, "Seán", "O’Neil Mejía", "1975-05-05", "555-010-0200");
  test_visit(&p, 100, 1, "10:30");
  test_visit(&p, 101, 2, "10:30");
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    bool found = !uuid_is_nil(visit_of(&p, who(CASES[i].birth, CASES[i].given, CASES[i].family)));
    if (found != CASES[i].found) fail_msg("%s %s %s", CASES[i].birth, CASES[i].given, CASES[i].family);
    next_day(&p);
  }
}

TEST(nobody_wrong_date_no_visit_and_another_site_are_one_answer)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_person(&p, 2, "Bob", "Lee", "1990-01-01", "555-010-0200");
  test_person(&p, 3, "Cy", "Ode", "1991-01-01", "555-010-0300");
  test_visit(&p, 100, 1, "2026-03-03T10:30");
  Uuid done = test_visit(&p, 101, 3, "09:30");
  test_visit_move(&p, done, APPT_BOOKED, APPT_CANCELLED);
  const CheckinIdentity tries[] = {who("1980-02-29", "Ana", "Ruiz"), who("1980-02-28", "Ana", "Ruiz"),
                                   who("1990-01-01", "Bob", "Lee"), who("1991-01-01", "Cy", "Ode"),
                                   who("1950-01-01", "No", "One")};
  for (size_t i = 0; i < COUNT_OF(tries); i++) {
    CheckinFound found;
    Checkin *checkin = NULL;
    int64_t before = store_head(p.t.store);
    assert_int_equal(look(&p, tries[i], &found, &checkin), ERR_NOT_FOUND);
    assert_null(checkin);
    if (i + 1 < COUNT_OF(tries)) assert_int_equal(store_head(p.t.store), before); /* nothing to tell them apart by */
  }
}

TEST(of_several_visits_the_next_one_is_meant)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  CheckinIdentity ana = who("1980-02-29", "Ana", "Ruiz");
  Uuid missed = test_visit(&p, 100, 1, "06:00"); /* it is 10:00 */
  assert_true(uuid_eq(visit_of(&p, ana), missed));
  Uuid late = test_visit(&p, 101, 1, "09:15");
  assert_true(uuid_eq(visit_of(&p, ana), late));
  Uuid afternoon = test_visit(&p, 102, 1, "15:00");
  assert_true(uuid_eq(visit_of(&p, ana), late));
  test_visit_move(&p, late, APPT_BOOKED, APPT_ARRIVED);
  CheckinFound found;
  AUTO(Checkin *, checkin, checkin_forgetp) = NULL;
  assert_int_equal(look(&p, ana, &found, &checkin), ERR_OK);
  assert_true(checkin_is_here_already(checkin)); /* waiting for one, the other is hours away */
  assert_true(uuid_eq(checkin_appointment(checkin)->id, late));
  assert_int_equal(checkin_step(checkin), CHECKIN_DONE);
  CheckinDone done;
  assert_int_equal(checkin_finish(checkin, &done), ERR_CONFLICT);
  test_visit_move(&p, late, APPT_ARRIVED, APPT_DONE);
  assert_true(uuid_eq(visit_of(&p, ana), afternoon));
  ana.visit = (WallTime){{2026, 3, 2}, 6 * 60};
  assert_true(uuid_eq(visit_of(&p, ana), missed)); /* whoever says the time gets that one */
}

TEST(twins_are_asked_for_the_time)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_person(&p, 2, "Aura", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&p, 100, 1, "10:30");
  Uuid second = test_visit(&p, 101, 2, "11:00");
  CheckinIdentity initial = who("1980-02-29", "A", "Ruiz");
  CheckinFound found;
  Checkin *checkin = NULL;
  assert_int_equal(look(&p, initial, &found, &checkin), ERR_OK);
  assert_int_equal(found, CHECKIN_ASK_TIME);
  assert_null(checkin);
  initial.visit = (WallTime){{2026, 3, 2}, 11 * 60};
  assert_true(uuid_eq(visit_of(&p, initial), second));
  initial.visit.minute = 12 * 60;
  assert_true(uuid_is_nil(visit_of(&p, initial)));
  assert_true(uuid_eq(visit_of(&p, who("1980-02-29", "Aura", "Ruiz")), second));
}

TEST(two_records_of_one_person_are_one_person)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_person(&p, 2, "Ana", "Gómez", "1980-02-29", "555-010-0100"); /* as she was called before */
  Uuid visit = test_visit(&p, 100, 2, "10:30");
  assert_true(uuid_is_nil(visit_of(&p, who("1980-02-29", "Ana", "Ruiz"))));
  AUTO(Tx, tx, tx_fini) = {0};
  assert_int_equal(tx_begin(p.t.store, actor_system(), "test.link", "", &tx), ERR_OK);
  assert_int_equal(client_link(&tx, test_id(1), test_id(2)), ERR_OK);
  assert_int_equal(tx_commit(&tx), ERR_OK);
  assert_true(uuid_eq(visit_of(&p, who("1980-02-29", "Ana", "Ruiz")), visit));
  test_visit(&p, 101, 1, "11:00");
  assert_true(uuid_eq(visit_of(&p, who("1980-02-29", "Ana", "Gomez")), visit)); /* not "several people" */
}

static size_t identity_tasks(TestPractice *p)
{
  Task *tasks;
  size_t count, found = 0;
  assert_int_equal(task_open_list(p->t.store, &p->arena, p->site.id, &tasks, &count), ERR_OK);
  for (size_t i = 0; i < count; i++) found += strcmp(tasks[i].kind, "identity") == 0;
  return found;
}

TEST(guessing_is_closed_after_five_failures_and_stays_so_over_a_restart)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&p, 100, 1, "10:30");
  CheckinFound found;
  Checkin *checkin = NULL;
  for (int i = 0; i < 5; i++) {
    CheckinIdentity guess = who("1980-02-01", "Ana", "Ruiz");
    guess.birth_date.day = (int8_t)(i + 1);
    assert_int_equal(look(&p, guess, &found, &checkin), ERR_NOT_FOUND);
    env_fake_advance(p.t.fake, 1000);
    if (i == 2) test_store_reopen(&p.t);
  }
  assert_int_equal(identity_tasks(&p), 1);
  /* Now not even the right person. */
  assert_int_equal(look(&p, who("1980-02-29", "Ana", "Ruiz"), &found, &checkin), ERR_THROTTLED);
  test_store_reopen(&p.t);
  env_fake_advance(p.t.fake, 4 * 60 * 1000);
  assert_int_equal(look(&p, who("1980-02-29", "Ana", "Ruiz"), &found, &checkin), ERR_THROTTLED);
  env_fake_advance(p.t.fake, 60 * 1000);
  assert_false(uuid_is_nil(visit_of(&p, who("1980-02-29", "Ana", "Ruiz"))));
  assert_int_equal(identity_tasks(&p), 1);
}

TEST(a_clock_set_back_does_not_close_the_kiosk_for_years)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&p, 100, 1, "10:30");
  CheckinFound found;
  Checkin *checkin = NULL;
  Instant right = p.t.fake->now;
  p.t.fake->now += 365LL * 24 * 3600 * 1000;
  for (int i = 0; i < 5; i++)
    assert_int_equal(look(&p, who("1999-01-01", "No", "One"), &found, &checkin), ERR_NOT_FOUND);
  assert_int_equal(look(&p, who("1999-01-01", "No", "One"), &found, &checkin), ERR_THROTTLED);
  p.t.fake->now = right;
  assert_false(uuid_is_nil(visit_of(&p, who("1980-02-29", "Ana", "Ruiz"))));
}

TEST(what_one_mistyped_is_forgiven_and_what_others_guess_is_not)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&p, 100, 1, "10:30");
  CheckinFound found;
  Checkin *checkin = NULL;
  for (int i = 0; i < 4; i++)
    assert_int_equal(look(&p, who("1980-02-29", "Ana", "Riuz"), &found, &checkin), ERR_NOT_FOUND);
  assert_false(uuid_is_nil(visit_of(&p, who("1980-02-29", "Ana", "Ruiz"))));
  for (int i = 0; i < 4; i++)
    assert_int_equal(look(&p, who("1970-01-01", "Bob", "Lee"), &found, &checkin), ERR_NOT_FOUND);
  assert_false(uuid_is_nil(visit_of(&p, who("1980-02-29", "Ana", "Ruiz")))); /* one's own visit buys no more guesses */
  assert_int_equal(look(&p, who("1970-01-02", "Bob", "Lee"), &found, &checkin), ERR_NOT_FOUND);
  assert_int_equal(look(&p, who("1970-01-03", "Bob", "Lee"), &found, &checkin), ERR_THROTTLED);
}

TEST(a_code_names_its_visit_and_no_other_code_does)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  Uuid visit = test_visit(&p, 100, 1, "10:30"), tomorrow = test_visit(&p, 101, 1, "2026-03-03T10:30");
  Str code, again, other;
  int64_t journal = test_count(p.t.store, "journal");
  assert_int_equal(checkin_code(p.t.store, &p.arena, visit, &code), ERR_OK);
  assert_int_equal(checkin_code(p.t.store, &p.arena, visit, &again), ERR_OK);
  assert_int_equal(checkin_code(p.t.store, &p.arena, tomorrow, &other), ERR_OK);
  assert_int_equal(test_count(p.t.store, "journal"), journal); /* the key came with the practice */
  assert_true(str_eq(code, again));
  assert_int_equal(code.len, strlen("FOYER:") + 32);
  assert_true(uuid_eq(visit_of(&p, (CheckinIdentity){.code = code}), visit));
  assert_true(uuid_is_nil(visit_of(&p, (CheckinIdentity){.code = other})));
  for (size_t at = 0; at < code.len; at++) {
    char *altered = arena_cstr(&p.arena, code);
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    if (!uuid_is_nil(visit_of(&p, (CheckinIdentity){.code = str_c(altered)}))) fail_msg("taken: %s", altered);
    next_day(&p);
  }
  assert_true(uuid_is_nil(visit_of(&p, (CheckinIdentity){.code = STR("FOYER:")})));
  assert_true(uuid_is_nil(visit_of(&p, (CheckinIdentity){.code = STR("https://example.org")})));
}

TEST(identification_is_in_the_audit)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&p, 100, 1, "10:30");
  int64_t before = test_count(p.t.store, "access");
  visit_of(&p, who("1980-02-28", "Ana", "Ruiz"));
  assert_int_equal(test_count(p.t.store, "access"), before);
  visit_of(&p, who("1980-02-29", "Ana", "Ruiz"));
  assert_int_equal(test_count(p.t.store, "access"), before + 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(people_are_found_as_they_write_their_names),
      cmocka_unit_test(nobody_wrong_date_no_visit_and_another_site_are_one_answer),
      cmocka_unit_test(of_several_visits_the_next_one_is_meant),
      cmocka_unit_test(twins_are_asked_for_the_time),
      cmocka_unit_test(two_records_of_one_person_are_one_person),
      cmocka_unit_test(guessing_is_closed_after_five_failures_and_stays_so_over_a_restart),
      cmocka_unit_test(a_clock_set_back_does_not_close_the_kiosk_for_years),
      cmocka_unit_test(what_one_mistyped_is_forgiven_and_what_others_guess_is_not),
      cmocka_unit_test(a_code_names_its_visit_and_no_other_code_does),
      cmocka_unit_test(identification_is_in_the_audit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
