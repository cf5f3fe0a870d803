#include <string.h>

#include "common/practice/checkin.h"
#include "common/practice/task.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

static void ok(Err err, const Faults *faults)
{
  if (err != ERR_OK) fail_msg("%s: %s", err_name(err), faults && faults->count ? faults->items[0].key : err_detail());
}

static Client typed(const char *given, const char *family, const char *birth, const char *phone)
{
  return (Client){.given = given, .family = family, .birth_date = birth, .contact = {.phone = phone}};
}

static Checkin *come(TestPractice *p, Client client)
{
  Faults faults = faults_make(&p->arena);
  Checkin *checkin = NULL;
  ok(checkin_walk_in(p->t.store, &p->site, &client, &faults, &checkin), &faults);
  return checkin;
}

static CheckinDone finish(TestPractice *p, Checkin *checkin)
{
  Faults faults = faults_make(&p->arena);
  CheckinDone done;
  ok(checkin_contact(checkin, NULL, &faults), &faults);
  ok(checkin_coverage(checkin, NULL, &faults), &faults);
  if (checkin_step(checkin) == CHECKIN_REASON) ok(checkin_reason(checkin, STR(""), (Uuid){{0}}, &faults), &faults);
  ok(checkin_finish(checkin, &done), NULL);
  return done;
}

static size_t tasks_of_kind(TestPractice *p, const char *kind)
{
  Task *tasks;
  size_t count, found = 0;
  ok(task_open_list(p->t.store, &p->arena, p->site.id, &tasks, &count), NULL);
  for (size_t i = 0; i < count; i++) found += strcmp(tasks[i].kind, kind) == 0;
  return found;
}

static void add_wong(TestPractice *p)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.provider", "", &tx), NULL);
  ok(provider_add(&tx, &(ProviderNew){.given = "Lee", .family = "Wong", .site = p->site.id}, &id), NULL);
  ok(tx_commit(&tx), NULL);
}

TEST(someone_new_is_written_once_with_a_place_in_the_queue)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  add_wong(&p);
  AUTO(Checkin *, checkin, checkin_forgetp) = come(&p, typed("Nina", "Novak", "1990-04-01", "555-010-0700"));
  assert_null(checkin_appointment(checkin));
  assert_int_equal(test_count(p.t.store, "client"), 0);
  Faults faults = faults_make(&p.arena);
  ok(checkin_contact(checkin, NULL, &faults), &faults);
  Coverage coverage = {.payer = "Blue Shield", .member_id = "N1"};
  ok(checkin_coverage(checkin, &coverage, &faults), &faults);
  size_t providers;
  Uuid wong = checkin_providers(checkin, &providers)[0].id;
  assert_int_equal(providers, 1);
  char long_reason[202];
  memset(long_reason, 'x', sizeof long_reason);
  assert_int_equal(checkin_reason(checkin, (Str){long_reason, 201}, wong, &faults), ERR_INVALID);
  ok(checkin_reason(checkin, STR("  A rash "), wong, &faults), &faults);
  int64_t head = store_head(p.t.store);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  assert_int_equal(store_head(p.t.store), head + 1);
  assert_string_equal(done.ticket, "M-01");
  assert_int_equal(test_count(p.t.store, "client"), 1);
  assert_int_equal(test_count(p.t.store, "coverage"), 1);
  Appointment visit;
  ok(appointment_get(p.t.store, &p.arena, done.appointment, &visit), NULL);
  assert_true(visit.walk_in);
  assert_string_equal(visit.note, "A rash");
  assert_true(uuid_eq(visit.provider, wong));
  assert_int_equal(visit.status, APPT_ARRIVED);
  assert_true(uuid_eq(visit.type, p.walk_in_type));
  assert_string_equal(visit.client_name, "Nina Novak");
  assert_int_equal(checkin_finish(checkin, &done), ERR_CONFLICT);
  assert_int_equal(test_count(p.t.store, "appointment"), 1);
  /* Once more at the kiosk, in other letters: here already. */
  AUTO(Checkin *, again, checkin_forgetp) = come(&p, typed("nina", "NOVAK", "1990-04-01", "(555) 010 0700"));
  assert_true(checkin_is_here_already(again));
}

TEST(names_and_birth_date_are_needed)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  static const struct {
    const char *given, *family, *birth, *field;
  } CASES[] = {{"", "", "1990-01-01", "given"},
               {"Nina", "Novak", "", "birth_date"},
               {"Nina", "Novak", "1990-13-01", "birth_date"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Faults faults = faults_make(&p.arena);
    Checkin *checkin = NULL;
    Client client = typed(CASES[i].given, CASES[i].family, CASES[i].birth, "");
    assert_int_equal(checkin_walk_in(p.t.store, &p.site, &client, &faults, &checkin), ERR_INVALID);
    assert_null(checkin);
    assert_non_null(faults_for(&faults, CASES[i].field));
  }
}

TEST(a_name_alone_neither_shows_nor_changes_what_is_on_record)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  AUTO(Checkin *, checkin, checkin_forgetp) = come(&p, typed("Ana", "Ruiz", "1980-02-29", "555-010-0999"));
  assert_string_equal(checkin_contact_shown(checkin)->line1, "");
  CheckinDone done = finish(&p, checkin);
  assert_int_equal(test_count(p.t.store, "client"), 2);
  assert_int_equal(tasks_of_kind(&p, "identity"), 1);
  Client client;
  ok(client_get(p.t.store, &p.arena, test_id(1), &client), NULL);
  assert_string_equal(client.contact.phone, "555-010-0100");
  Appointment visit;
  ok(appointment_get(p.t.store, &p.arena, done.appointment, &visit), NULL);
  assert_false(uuid_eq(visit.client, test_id(1)));
}

TEST(phone_or_email_tell_who_it_is)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  AUTO(Checkin *, checkin, checkin_forgetp) = come(&p, typed("ana", "ruíz", "1980-02-29", "+1 (555) 010-0100"));
  assert_true(uuid_eq(checkin_client(checkin)->id, test_id(1)));
  finish(&p, checkin);
  assert_int_equal(test_count(p.t.store, "client"), 1);
  assert_int_equal(tasks_of_kind(&p, "identity"), 0);
}

TEST(the_phone_may_be_told_later)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  AUTO(Checkin *, checkin, checkin_forgetp) = come(&p, typed("Ana", "Ruiz", "1980-02-29", ""));
  Faults faults = faults_make(&p.arena);
  Contact contact = *checkin_contact_shown(checkin);
  contact.phone = "555-010-0100";
  contact.city = "Shelbyville";
  ok(checkin_contact(checkin, &contact, &faults), &faults);
  ok(checkin_coverage(checkin, NULL, &faults), &faults);
  ok(checkin_reason(checkin, STR(""), (Uuid){{0}}, &faults), &faults);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  assert_int_equal(test_count(p.t.store, "client"), 1);
  Client client;
  ok(client_get(p.t.store, &p.arena, test_id(1), &client), NULL);
  assert_string_equal(client.contact.city, "Shelbyville");
}

TEST(who_has_a_visit_after_all_gets_that_one)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  Uuid visit = test_visit(&p, 100, 1, "10:30");
  AUTO(Checkin *, checkin, checkin_forgetp) = come(&p, typed("Ana", "Ruiz", "1980-02-29", "555-010-0100"));
  assert_true(uuid_eq(checkin_appointment(checkin)->id, visit));
  finish(&p, checkin);
  assert_int_equal(test_count(p.t.store, "appointment"), 1);
}

TEST(the_desk_may_say_who_it_is)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  AUTO(Checkin *, checkin, checkin_forgetp) = come(&p, (Client){.id = test_id(1)});
  AUTO(Checkin *, twice, checkin_forgetp) = come(&p, (Client){.id = test_id(1)});
  assert_string_equal(checkin_contact_shown(checkin)->line1, "1 Elm St");
  finish(&p, checkin);
  Faults faults = faults_make(&p.arena);
  CheckinDone done;
  ok(checkin_contact(twice, NULL, &faults), &faults);
  ok(checkin_coverage(twice, NULL, &faults), &faults);
  ok(checkin_reason(twice, STR(""), (Uuid){{0}}, &faults), &faults);
  assert_int_equal(checkin_finish(twice, &done), ERR_CONFLICT);
  assert_int_equal(test_count(p.t.store, "appointment"), 1);
  Checkin *nobody = NULL;
  Client unknown = {.id = test_id(9)};
  assert_int_equal(checkin_walk_in(p.t.store, &p.site, &unknown, &faults, &nobody), ERR_NOT_FOUND);
}

TEST(a_walk_in_is_resumed_by_the_same_person_alone)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Faults faults = faults_make(&p.arena);
  Checkin *checkin = come(&p, typed("Nina", "Novak", "1990-04-01", "555-010-0700"));
  ok(checkin_contact(checkin, NULL, &faults), &faults);
  checkin_forget(checkin);
  checkin = come(&p, typed("Nina", "Novak", "1990-04-01", "555-010-0701"));
  assert_false(checkin_resumed(checkin));
  checkin_forget(checkin);
  checkin = come(&p, typed("Nina", "Novak", "1990-04-01", "555-010-0700"));
  assert_true(checkin_resumed(checkin));
  assert_int_equal(checkin_step(checkin), CHECKIN_COVERAGE);
  checkin_forget(checkin);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(someone_new_is_written_once_with_a_place_in_the_queue),
      cmocka_unit_test(names_and_birth_date_are_needed),
      cmocka_unit_test(a_name_alone_neither_shows_nor_changes_what_is_on_record),
      cmocka_unit_test(phone_or_email_tell_who_it_is),
      cmocka_unit_test(the_phone_may_be_told_later),
      cmocka_unit_test(who_has_a_visit_after_all_gets_that_one),
      cmocka_unit_test(the_desk_may_say_who_it_is),
      cmocka_unit_test(a_walk_in_is_resumed_by_the_same_person_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
