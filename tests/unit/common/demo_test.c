#include <stdlib.h>
#include <string.h>

#include "common/practice/appointment.h"
#include "common/practice/client.h"
#include "common/practice/consent.h"
#include "common/practice/demo.h"
#include "common/practice/form.h"
#include "common/practice/permission.h"
#include "common/practice/practice.h"
#include "common/practice/staff.h"
#include "common/store/verify.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

static const DemoOptions OPTIONS = {.password = "open sesame now", .pin = "4801", .seed = 5};

SQL(SOME_CLIENTS, "SELECT id FROM client LIMIT 20");
SQL(LANGUAGES, "SELECT count(DISTINCT language) AS n FROM client");

static TestStore filled(const DemoOptions *options)
{
  setenv("FOYER_ASSETS", "assets", 1);
  TestStore t = test_store_make();
  Err err = demo_fill(t.store, options);
  if (err != ERR_OK) fail_msg("%s %s", err_name(err), err_detail());
  return t;
}

TEST(the_demo_practice_is_whole)
{
  AUTO(TestStore, t, test_store_fini) = filled(&OPTIONS);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Practice practice;
  Site *sites;
  size_t site_count, count;
  assert_ok(practice_get(t.store, &arena, &practice));
  assert_string_equal(practice.vertical, "clinic");
  assert_ok(site_list(t.store, &arena, &sites, &site_count));
  assert_int_equal(site_count, 2);
  assert_string_not_equal(sites[0].prefix, sites[1].prefix);
  assert_string_equal(sites[0].zone, sites[1].zone);
  for (size_t i = 0; i < site_count; i++) {
    Provider *providers;
    Resource *rooms;
    assert_ok(provider_list(t.store, &arena, sites[i].id, &providers, &count));
    assert_true(count >= 2);
    assert_ok(resource_list(t.store, &arena, sites[i].id, &rooms, &count));
    assert_true(count >= 2);
    assert_true(*sites[i].waiting_place != '\0');
  }
  Node node;
  assert_ok(node_get(t.store, &arena, store_node(t.store), &node));
  assert_string_equal(node.kind, "root");
  VerifyReport report;
  assert_ok(verify_store(t.store, &report));
}

TEST(every_account_signs_in_with_password_and_pin)
{
  AUTO(TestStore, t, test_store_fini) = filled(&OPTIONS);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  DemoAccount *accounts;
  size_t count;
  assert_ok(demo_accounts(&arena, &OPTIONS, &accounts, &count));
  assert_true(count >= 3);
  bool owner = false;
  for (size_t i = 0; i < count; i++) {
    Staff staff, by_pin;
    assert_ok(staff_sign_in(t.store, &arena, str_c(accounts[i].username), str_c(OPTIONS.password), &staff));
    assert_ok(staff_pin(t.store, &arena, str_c(accounts[i].pin), &by_pin));
    assert_true(uuid_eq(staff.id, by_pin.id));
    owner |= permission_check(t.store, staff.id, (Uuid){{0}}, PERM_STAFF_EDIT) == ERR_OK;
    assert_ok(permission_check(t.store, staff.id, (Uuid){{0}}, PERM_BOARD_VIEW));
  }
  assert_true(owner);
  assert_string_equal(accounts[0].pin, "4801");
}

typedef struct Today {
  size_t booked, here, done, all;
} Today;

static Today look(TestStore *t, Arena *arena, WallTime now)
{
  Today today = {0};
  Site *sites;
  size_t site_count, count;
  assert_ok(site_list(t->store, arena, &sites, &site_count));
  for (size_t s = 0; s < site_count; s++) {
    Appointment *list;
    assert_ok(appointment_day(t->store, arena, sites[s].id, now.date, &list, &count));
    const char *ticket = "";
    for (size_t i = 0; i < count; i++, today.all++) {
      if (*list[i].ticket) assert_true(strcmp(ticket, list[i].ticket) < 0); /* the earlier, the lower */
      if (*list[i].ticket) ticket = list[i].ticket;
      today.booked += list[i].status == APPT_BOOKED;
      today.here += list[i].status == APPT_ARRIVED || list[i].status == APPT_ROOMED;
      today.done += list[i].status == APPT_DONE;
      if (list[i].status == APPT_BOOKED) assert_true(list[i].start.minute >= now.minute || now.minute > 23 * 60);
      if (list[i].status == APPT_ARRIVED) {
        assert_true(*list[i].ticket != '\0');
        assert_true(list[i].arrived_at > 0 && list[i].arrived_at <= t->fake->now);
      }
      assert_true(*list[i].client_name && *list[i].provider_name && *list[i].type_name);
    }
  }
  return today;
}

TEST(today_has_visits_around_now_at_any_hour)
{
  setenv("FOYER_ASSETS", "assets", 1);
  static const int hours[] = {0, 7, 12, 23};
  for (size_t i = 0; i < COUNT_OF(hours); i++) {
    AUTO(TestStore, t, test_store_fini) = test_store_make();
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    WallTime now = {{2026, 3, 4}, (int16_t)(hours[i] * 60 + 20)};
    assert_ok(zone_to_instant("America/New_York", now, &t.fake->now));
    assert_ok(demo_fill(t.store, &OPTIONS));
    Today today = look(&t, &arena, now);
    assert_int_equal(today.all, 24);
    assert_int_equal(today.booked, 18);
    assert_true(today.here >= 2);
  }
}

TEST(the_first_to_come_waits_at_the_first_site_and_knows_how_long)
{
  AUTO(TestStore, t, test_store_fini) = filled(&OPTIONS);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Site *sites;
  size_t count;
  assert_ok(site_list(t.store, &arena, &sites, &count));
  const Site *main_site = strcmp(sites[0].prefix, "M") == 0 ? &sites[0] : &sites[1];
  WallTime now;
  assert_ok(site_wall(main_site, t.fake->now, &now));
  Appointment *list, next = {.client_name = ""};
  assert_ok(appointment_day(t.store, &arena, main_site->id, now.date, &list, &count));
  for (size_t i = count; i-- > 0;)
    if (list[i].status == APPT_BOOKED) next = list[i];
  assert_in_range(next.start.minute - now.minute, 0, 15);
  bool accents = false;
  for (const char *c = next.client_name; *c; c++) accents |= (unsigned char)*c >= 0x80;
  assert_true(accents);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
  assert_ok(appointment_move_to(&tx, next.id, APPT_BOOKED, APPT_ARRIVED, (Uuid){{0}}, ""));
  assert_ok(tx_commit(&tx));
  WaitEstimate wait;
  assert_ok(appointment_wait(t.store, next.id, &wait));
  assert_true(wait.minutes_least >= 0 && wait.minutes_most > wait.minutes_least && wait.minutes_most <= 60);
}

TEST(the_real_people_come_when_their_bundles_are_there)
{
  DemoOptions options = OPTIONS;
  options.fhir_folder = "../shared/data/fhir";
  AUTO(TestStore, t, test_store_fini) = filled(&options);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  WallTime now;
  assert_ok(zone_to_wall("America/New_York", t.fake->now, &now));
  assert_int_equal(look(&t, &arena, now).all, 24); /* generated ones otherwise */
  assert_int_equal(test_count(t.store, "client"), 24);
}

TEST(every_form_can_be_asked_and_every_text_is_there_in_both_languages)
{
  AUTO(TestStore, t, test_store_fini) = filled(&OPTIONS);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const char *const urls[] = {"https://foyer.example/Questionnaire/health-check",
                                     "https://foyer.example/Questionnaire/reason-for-visit"};
  for (size_t i = 0; i < COUNT_OF(urls); i++) {
    Uuid id;
    assert_ok(questionnaire_latest(t.store, str_c(urls[i]), &id));
    AUTO(Form *, form, form_closep) = NULL;
    assert_ok(questionnaire_open(t.store, id, &form));
    assert_int_equal(form_report(form, &arena).len, 0);
    for (size_t n = 0; n < form_item_total(form); n++) {
      const FormItem *item = form_item(form, n);
      form_set_language(form, "en");
      const char *english = arena_cstr(&arena, str_c(item->text));
      form_set_language(form, "es");
      if (strcmp(english, item->text) == 0) fail_msg("%s is not in Spanish", item->link_id);
      for (size_t o = 0; o < item->option_count; o++) assert_true(*item->options[o].text != '\0');
    }
  }
  static const char *const codes[] = {"privacy-practices", "treatment"};
  static const char *const languages[] = {"en", "es"};
  for (size_t i = 0; i < COUNT_OF(codes); i++)
    for (size_t l = 0; l < COUNT_OF(languages); l++) {
      ConsentDocument document;
      assert_ok(consent_document_latest(t.store, &arena, str_c(codes[i]), str_c(languages[l]), &document));
      assert_string_equal(document.language, languages[l]);
    }
}

TEST(the_same_seed_makes_the_same_people_in_many_scripts)
{
  setenv("FOYER_ASSETS", "assets", 1);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(TestStore, a, test_store_fini) = test_store_seeded(1);
  AUTO(TestStore, b, test_store_fini) = test_store_seeded(2);
  assert_ok(demo_clients(a.store, 300, 9));
  assert_ok(demo_clients(b.store, 20, 9));
  assert_err(demo_clients(b.store, 20, 9), ERR_EXISTS);
  assert_int_equal(test_count(a.store, "client"), 300);
  AUTO(Query, ids, query_fini) = query(b.store, &SOME_CLIENTS);
  while (query_next(&ids)) {
    Uuid id = query_uuid(&ids, "id");
    Client one, other;
    assert_ok(client_get(a.store, &arena, id, &one));
    assert_ok(client_get(b.store, &arena, id, &other));
    assert_string_equal(one.family, other.family);
    assert_string_equal(one.birth_date, other.birth_date);
    Faults faults = faults_make(&arena);
    client_check(&one, (Date){2026, 3, 2}, &faults);
    assert_int_equal(faults.count, 0);
  }
  assert_ok(demo_clients(b.store, 20, 10));
  assert_int_equal(test_count(b.store, "client"), 40);
  AUTO(Query, q, query_fini) = query(a.store, &LANGUAGES);
  assert_true(query_next(&q));
  assert_true(query_int(&q, "n") > 12);
}

TEST(options_that_are_wrong_are_refused)
{
  setenv("FOYER_ASSETS", "assets", 1);
  DemoOptions options = OPTIONS;
  {
    AUTO(TestStore, t, test_store_fini) = test_store_make();
    options.password = "short";
    assert_err(demo_fill(t.store, &options), ERR_INVALID);
    options = OPTIONS;
    options.zone = "Moon/Crater";
    assert_err(demo_fill(t.store, &options), ERR_INVALID);
    options = OPTIONS;
    options.vertical = "bakery";
    assert_err(demo_fill(t.store, &options), ERR_NOT_FOUND);
    assert_int_equal(test_count(t.store, "practice"), 0);
    assert_int_equal(test_count(t.store, "journal"), 0);
  }
  AUTO(TestStore, t, test_store_fini) = filled(&OPTIONS);
  assert_err(demo_fill(t.store, &OPTIONS), ERR_EXISTS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_demo_practice_is_whole),
      cmocka_unit_test(every_account_signs_in_with_password_and_pin),
      cmocka_unit_test(today_has_visits_around_now_at_any_hour),
      cmocka_unit_test(the_first_to_come_waits_at_the_first_site_and_knows_how_long),
      cmocka_unit_test(the_real_people_come_when_their_bundles_are_there),
      cmocka_unit_test(every_form_can_be_asked_and_every_text_is_there_in_both_languages),
      cmocka_unit_test(the_same_seed_makes_the_same_people_in_many_scripts),
      cmocka_unit_test(options_that_are_wrong_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
