#include <stdlib.h>
#include <string.h>

#include "common/practice/client.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

static const Date TODAY = {2026, 3, 2};

static Client person(const char *given, const char *family, const char *birth)
{
  return (Client){.given = given, .family = family, .birth_date = birth};
}

static Err add(TestPractice *p, const Client *client, Faults *faults, Uuid *out)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(p->t.store, actor_system(), "test.client", "", &tx));
  TRY(client_add(&tx, client, faults, out));
  return tx_commit(&tx);
}

TEST(a_client_is_read_back_tidy)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Faults faults = faults_make(&p.arena);
  Client in = person("  Ana  María ", "Ruiz\tGómez", "1980-02-29");
  in.preferred_name = "Ani";
  in.contact.phone = "555.123.4567";
  in.contact.email = " ana@example.org ";
  in.gender = "female";
  Uuid id;
  assert_ok(add(&p, &in, &faults, &id));
  Client out;
  assert_ok(client_get(p.t.store, &p.arena, id, &out));
  assert_string_equal(out.given, "Ana María");
  assert_string_equal(out.family, "Ruiz Gómez");
  assert_string_equal(out.contact.phone, "555-123-4567");
  assert_string_equal(out.contact.email, "ana@example.org");
  assert_string_equal(out.contact.city, "");
  assert_string_equal(out.status, "active");
  assert_int_equal(out.contact_confirmed_at, 0);
  assert_string_equal(client_name(&p.arena, &out), "Ani Ruiz Gómez");
  out.preferred_name = "";
  assert_string_equal(client_name(&p.arena, &out), "Ana María Ruiz Gómez");
  assert_err(client_get(p.t.store, &p.arena, test_id(1), &out), ERR_NOT_FOUND);
}

TEST(mistakes_in_a_persons_details_are_told_field_by_field)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static char long_name[405];
  memset(long_name, 'x', sizeof long_name - 1);
  static const struct {
    Client client;
    const char *field, *key;
  } cases[] = {
      {{.given = " ", .family = ""}, "family", "fault.required"},
      {{.given = "A", .family = long_name}, "family", "fault.too_long"},
      {{.given = "A", .birth_date = "29.2.1980"}, "birth_date", "fault.date"},
      {{.given = "A", .birth_date = "1981-02-29"}, "birth_date", "fault.date"},
      {{.given = "A", .birth_date = "2026-03-03"}, "birth_date", "fault.date_future"},
      {{.given = "A", .birth_date = "1825-03-03"}, "birth_date", "fault.date_long_ago"},
      {{.given = "A", .gender = "x"}, "gender", "fault.option"},
      {{.given = "A", .contact.phone = "call me"}, "phone", "fault.phone"},
      {{.given = "A", .contact.phone = "12345"}, "phone", "fault.phone"},
      {{.given = "A", .contact.phone = "1234567890123456"}, "phone", "fault.phone"},
      {{.given = "A", .contact.email = "ana"}, "email", "fault.email"},
      {{.given = "A", .contact.email = "@b.org"}, "email", "fault.email"},
      {{.given = "A", .contact.email = "a@b"}, "email", "fault.email"},
      {{.given = "A", .contact.email = "a@b.org."}, "email", "fault.email"},
      {{.given = "A", .contact.email = "a b@c.org"}, "email", "fault.email"},
      {{.given = "A", .contact.email = "a@b@c.org"}, "email", "fault.email"},
      {{.given = "A", .contact.line1 = "pay 4111 1111 1111 1111 please"}, "line1", "fault.card_number"},
      {{.given = "A", .preferred_name = "5500-0000-0000-0004"}, "preferred_name", "fault.card_number"},
      {{.given = "A", .contact.city = "bad\xff"}, "city", "fault.text"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    Faults faults = faults_make(&arena);
    client_check(&cases[i].client, TODAY, &faults);
    const Fault *fault = faults_for(&faults, cases[i].field);
    if (!fault || strcmp(fault->key, cases[i].key) != 0)
      fail_msg("case %zu: %s is %s", i, cases[i].field, fault ? fault->key : "no fault");
  }
  static const Client right[] = {
      {.given = "Cher"},
      {.family = "Suharto", .birth_date = "2026-03-02", .gender = "unknown"},
      {.given = "李", .family = "王", .contact.phone = "+44 (0)20 7946 0958", .contact.email = "o'neil+x@ex.co.uk"},
      {.given = "A", .contact.line1 = "4111 1111 1111 1112"}, /* fails Luhn: no card */
      {.given = "A", .contact.line1 = "Box 0000000000000000"},
  };
  for (size_t i = 0; i < COUNT_OF(right); i++) {
    Faults faults = faults_make(&arena);
    client_check(&right[i], TODAY, &faults);
    if (faults.count) fail_msg("case %zu: %s %s", i, faults.items[0].field, faults.items[0].key);
  }
}

TEST(mistakes_in_coverage_are_told)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const struct {
    Coverage coverage;
    const char *field;
  } cases[] = {
      {{.payer = " "}, "payer"},
      {{.payer = "Aetna", .start_date = "soon"}, "start_date"},
      {{.payer = "Aetna", .start_date = "2026-02-01", .end_date = "2026-01-31"}, "end_date"},
      {{.payer = "Aetna", .member_id = "4111111111111111"}, "member_id"},
      {{.payer = "Aetna", .status = "maybe"}, "status"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    Faults faults = faults_make(&arena);
    coverage_check(&cases[i].coverage, &faults);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, cases[i].field);
  }
}

TEST(a_save_writes_only_what_differs)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-1000");
  Client client;
  assert_ok(client_get(p.t.store, &p.arena, test_id(1), &client));
  int64_t before = test_count(p.t.store, "journal");
  Faults faults = faults_make(&p.arena);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
    assert_ok(client_save(&tx, &client, &faults));
    assert_ok(tx_commit(&tx));
  }
  assert_int_equal(test_count(p.t.store, "journal"), before);
  client.family = "Ruiz de la Peña";
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
    assert_ok(client_save(&tx, &client, &faults));
    client.contact.email = "nonsense";
    assert_err(client_save(&tx, &client, &faults), ERR_INVALID);
    client.id = test_id(9);
    client.contact.email = "";
    assert_err(client_save(&tx, &client, &faults), ERR_NOT_FOUND);
    assert_ok(tx_commit(&tx));
  }
  assert_ok(client_get(p.t.store, &p.arena, test_id(1), &client));
  assert_string_equal(client.family, "Ruiz de la Peña");
  assert_string_equal(client.contact.email, "");
}

TEST(contact_details_are_confirmed_when_they_are_saved)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-1000");
  Faults faults = faults_make(&p.arena);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_client(test_id(1)), "checkin", "", &tx));
  assert_err(client_save_contact(&tx, test_id(1), &(Contact){.phone = "none"}, &faults), ERR_INVALID);
  assert_ok(client_save_contact(&tx, test_id(1), &(Contact){.phone = "555-9000", .city = "Rome"}, &faults));
  assert_ok(tx_commit(&tx));
  Client client;
  assert_ok(client_get(p.t.store, &p.arena, test_id(1), &client));
  assert_string_equal(client.contact.phone, "555-9000");
  assert_string_equal(client.contact.line1, "");
  assert_int_equal(client.contact_confirmed_at, p.t.fake->now);
}

TEST(changed_coverage_is_no_longer_verified)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Faults faults = faults_make(&p.arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_err(coverage_save(&tx, &(Coverage){.client = test_id(1), .payer = ""}, &faults, &id), ERR_INVALID);
  assert_ok(coverage_save(&tx, &(Coverage){.client = test_id(1), .payer = "Aetna", .member_id = "W1"}, &faults, &id));
  assert_ok(coverage_save(&tx, &(Coverage){.client = test_id(1), .payer = "Cigna", .rank = 2}, &faults, &(Uuid){{0}}));
  assert_ok(tx_update(&tx, "coverage", id, COLS(col_int("verified_at", 1000))));
  assert_ok(coverage_confirm(&tx, id));
  assert_ok(tx_commit(&tx));
  Coverage *list;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, test_id(1), &list, &count));
  assert_int_equal(count, 2);
  assert_string_equal(list[0].payer, "Aetna");
  assert_string_equal(list[0].relationship, "self");
  assert_int_equal(list[0].verified_at, 1000);
  assert_int_equal(list[0].confirmed_at, p.t.fake->now);
  for (int round = 0; round < 2; round++) { /* the same words again, then others */
    if (round) list[0].member_id = "W2";
    assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
    assert_ok(coverage_save(&tx, &list[0], &faults, &id));
    assert_ok(tx_commit(&tx));
    assert_ok(coverage_list(p.t.store, &p.arena, test_id(1), &list, &count));
    assert_int_equal(list[0].verified_at, round ? 0 : 1000);
  }
  list[1].status = "cancelled";
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_ok(coverage_save(&tx, &list[1], &faults, &id));
  assert_ok(tx_commit(&tx));
  assert_ok(coverage_list(p.t.store, &p.arena, test_id(1), &list, &count));
  assert_int_equal(count, 1);
}

TEST(a_read_is_noted_once_in_ten_minutes_for_each_reader_and_part)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Store *store = p.t.store;
  Uuid client = test_id(1), maria = test_id(2), nobody = {{0}};
  assert_ok(client_note_access(store, client, maria, "desk", "chart"));
  assert_ok(client_note_access(store, client, maria, "desk", "chart"));
  assert_int_equal(test_count(store, "access"), 1);
  assert_ok(client_note_access(store, client, maria, "desk", "answers"));
  assert_ok(client_note_access(store, client, test_id(3), "desk", "chart"));
  assert_ok(client_note_access(store, client, nobody, "kiosk", "chart"));
  assert_ok(client_note_access(store, client, nobody, "kiosk", "chart"));
  assert_ok(client_note_access(store, test_id(4), maria, "desk", "chart"));
  assert_int_equal(test_count(store, "access"), 5);
  env_fake_advance(p.t.fake, 10 * 60 * 1000);
  assert_ok(client_note_access(store, client, maria, "desk", "chart"));
  assert_int_equal(test_count(store, "access"), 6);
}

static void link(TestPractice *p, unsigned a, unsigned b, bool join)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "client.link", "", &tx));
  assert_ok(join ? client_link(&tx, test_id(a), test_id(b)) : client_unlink(&tx, test_id(a), test_id(b)));
  assert_ok(tx_commit(&tx));
}

static size_t same(TestPractice *p, unsigned client)
{
  Uuid *list;
  size_t count;
  assert_ok(client_same(p->t.store, &p->arena, test_id(client), &list, &count));
  assert_true(uuid_eq(list[0], test_id(client)));
  return count;
}

TEST(linked_records_are_one_person_until_they_are_unlinked)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  for (unsigned i = 1; i <= 4; i++) test_person(&p, i, "Ana", "Ruiz", "1980-02-29", "");
  link(&p, 1, 2, true);
  link(&p, 3, 2, true);
  assert_int_equal(same(&p, 1), 3);
  assert_int_equal(same(&p, 3), 3);
  assert_int_equal(same(&p, 4), 1);
  link(&p, 2, 1, true); /* said the other way round: one link */
  assert_int_equal(test_count(p.t.store, "client_link"), 2);
  link(&p, 1, 2, false);
  assert_int_equal(same(&p, 1), 1);
  assert_int_equal(same(&p, 2), 2);
  link(&p, 1, 2, true);
  assert_int_equal(same(&p, 3), 3);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "client.link", "", &tx));
  assert_err(client_link(&tx, test_id(1), test_id(1)), ERR_INVALID);
  assert_err(client_link(&tx, test_id(1), test_id(99)), ERR_NOT_FOUND);
  assert_err(client_unlink(&tx, test_id(1), test_id(4)), ERR_NOT_FOUND);
}

TEST(a_linked_record_brings_its_coverage_and_visits_along)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  test_person(&p, 2, "Anna", "Ruis", "1980-02-29", "");
  test_visit(&p, 11, 1, "10:30");
  test_visit(&p, 12, 2, "2026-02-01T09:00");
  Faults faults = faults_make(&p.arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_ok(coverage_save(&tx, &(Coverage){.client = test_id(2), .payer = "Aetna"}, &faults, &id));
  assert_ok(tx_commit(&tx));
  link(&p, 1, 2, true);
  Coverage *coverages;
  Appointment *visits;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, test_id(1), &coverages, &count));
  assert_int_equal(count, 1);
  assert_ok(appointment_of_client(p.t.store, &p.arena, test_id(1), 10, &visits, &count));
  assert_int_equal(count, 2);
  assert_true(uuid_eq(visits[0].id, test_id(11)));
  assert_ok(appointment_of_client(p.t.store, &p.arena, test_id(1), 1, &visits, &count));
  assert_int_equal(count, 1);
  link(&p, 1, 2, false);
  assert_ok(coverage_list(p.t.store, &p.arena, test_id(1), &coverages, &count));
  assert_int_equal(count, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_client_is_read_back_tidy),
      cmocka_unit_test(mistakes_in_a_persons_details_are_told_field_by_field),
      cmocka_unit_test(mistakes_in_coverage_are_told),
      cmocka_unit_test(a_save_writes_only_what_differs),
      cmocka_unit_test(contact_details_are_confirmed_when_they_are_saved),
      cmocka_unit_test(changed_coverage_is_no_longer_verified),
      cmocka_unit_test(a_read_is_noted_once_in_ten_minutes_for_each_reader_and_part),
      cmocka_unit_test(linked_records_are_one_person_until_they_are_unlinked),
      cmocka_unit_test(a_linked_record_brings_its_coverage_and_visits_along),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
