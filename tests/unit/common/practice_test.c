#include <stdlib.h>
#include <string.h>

#include "common/practice/practice.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

TEST(a_practice_and_its_site_are_read_back)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Practice practice;
  assert_ok(practice_get(p.t.store, &p.arena, &practice));
  assert_string_equal(practice.name, "Foyer Clinic");
  assert_string_equal(practice.vertical, "clinic");
  assert_string_equal(p.site.waiting_place, "Blue chairs");
  WallTime wall;
  assert_ok(site_wall(&p.site, p.t.fake->now, &wall));
  assert_int_equal(wall.minute, 10 * 60);
  assert_int_equal(wall.date.day, 2);
}

TEST(insurance_is_asked_where_there_is_any_or_where_the_practice_says_so)
{
  static const struct {
    const char *vertical, *coverage;
    bool asked;
  } cases[] = {{"clinic", NULL, true},    {"therapy", "", true}, {"dental", NULL, true}, {"law", NULL, false},
               {"consulting", "", false}, {"law", "yes", true},  {"clinic", "no", false}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    AUTO(TestStore, t, test_store_fini) = test_store_make();
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    Faults faults = faults_make(&arena);
    Uuid id;
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
    PracticeNew input = {"F", cases[i].vertical, "USD", "en", "", cases[i].coverage};
    assert_ok(practice_add(&tx, &input, &faults, &id));
    assert_ok(tx_commit(&tx));
    Practice practice;
    assert_ok(practice_get(t.store, &arena, &practice));
    if (practice.asks_coverage != cases[i].asked) fail_msg("%s: %d", cases[i].vertical, practice.asks_coverage);
  }
}

TEST(a_replica_without_a_practice_says_so)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Practice practice;
  Site site;
  assert_err(practice_get(t.store, &arena, &practice), ERR_NOT_FOUND);
  assert_err(site_here(t.store, &arena, &site), ERR_NOT_FOUND);
}

TEST(mistakes_in_set_up_are_told)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const struct {
    PracticeNew input;
    const char *field;
  } practices[] = {
      {{"", "clinic", "USD", "en", ""}, "name"},       {{"F", "bakery", "USD", "en", ""}, "vertical"},
      {{"F", "clinic", "XXZ", "en", ""}, "currency"},  {{"F", "clinic", "USD", "e", ""}, "language"},
      {{"F", "clinic", "USD", "en", "red"}, "accent"}, {{"F", "clinic", "USD", "en", "", "maybe"}, "coverage"},
  };
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
  for (size_t i = 0; i < COUNT_OF(practices); i++) {
    Faults faults = faults_make(&arena);
    assert_err(practice_add(&tx, &practices[i].input, &faults, &id), ERR_INVALID);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, practices[i].field);
  }
  static const struct {
    SiteNew input;
    const char *field;
  } sites[] = {
      {{.name = " ", .prefix = "A", .zone = "UTC"}, "name"},
      {{.name = "A", .prefix = "", .zone = "UTC"}, "prefix"},
      {{.name = "A", .prefix = "TOOLONG", .zone = "UTC"}, "prefix"},
      {{.name = "A", .prefix = "A-", .zone = "UTC"}, "prefix"},
      {{.name = "A", .prefix = "A", .zone = "Moon/Crater"}, "zone"},
      {{.name = "A", .prefix = "A"}, "zone"},
  };
  for (size_t i = 0; i < COUNT_OF(sites); i++) {
    Faults faults = faults_make(&arena);
    assert_err(site_add(&tx, &sites[i].input, &faults, &id), ERR_INVALID);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, sites[i].field);
  }
  Faults faults = faults_make(&arena);
  assert_ok(practice_add(&tx, &(PracticeNew){"F", "law", "EUR", "es-MX", "#0a7d5c"}, &faults, &id));
  assert_err(practice_add(&tx, &(PracticeNew){"G", "law", "EUR", "es", ""}, &faults, &id), ERR_EXISTS);
  assert_ok(site_add(&tx, &(SiteNew){.name = "A", .prefix = "ab1", .zone = "Europe/Madrid"}, &faults, &id));
  assert_err(site_add(&tx, &(SiteNew){.name = "B", .prefix = "AB1", .zone = "Europe/Madrid"}, &faults, &id),
             ERR_INVALID);
  assert_string_equal(faults.items[0].key, "fault.prefix_taken");
}

static NodeNew node_of(uint8_t first, const char *name, Uuid site)
{
  NodeNew node = {.name = name, .kind = "lobby", .scope = "lobby", .site = site, .upstream = 5};
  memset(node.public_key, first, sizeof node.public_key);
  return node;
}

TEST(a_node_stands_where_its_row_says)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Store *store = p.t.store;
  Faults faults = faults_make(&p.arena);
  Site here;
  assert_ok(site_here(store, &p.arena, &here)); /* the only one */
  assert_true(uuid_eq(here.id, p.site.id));
  Uuid second;
  NodeNew own = node_of(0, "Lobby tablet", p.site.id);
  memcpy(own.public_key, store_key(store)->public_key, SIGN_PUBLIC_SIZE);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(store, actor_system(), "test", "", &tx));
    assert_ok(site_add(&tx, &(SiteNew){.name = "Harbor", .prefix = "H", .zone = "America/New_York"}, &faults, &second));
    assert_ok(tx_commit(&tx));
  }
  assert_err(site_here(store, &p.arena, &here), ERR_NOT_FOUND);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(store, actor_system(), "test", "", &tx));
    own.site = second;
    assert_ok(node_add(&tx, &own, &faults));
    assert_ok(tx_commit(&tx));
  }
  assert_ok(site_here(store, &p.arena, &here));
  assert_string_equal(here.name, "Harbor");
  Site *sites;
  size_t count;
  assert_ok(site_list(store, &p.arena, &sites, &count));
  assert_int_equal(count, 2);
  assert_string_equal(sites[0].name, "Harbor");
}

TEST(nodes_are_added_once_and_revoked_for_good)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Faults faults = faults_make(&p.arena);
  NodeNew node = node_of(9, "Tablet", p.site.id);
  NodeId number = node_id_of(node.public_key);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_ok(node_add(&tx, &node, &faults));
  assert_ok(node_add(&tx, &node, &faults)); /* the same again */
  NodeNew nameless = node_of(9, "", p.site.id);
  assert_err(node_add(&tx, &nameless, &faults), ERR_INVALID);
  assert_ok(node_revoke(&tx, number));
  assert_err(node_revoke(&tx, number + 1), ERR_NOT_FOUND);
  Instant revoked = tx_now(&tx);
  assert_ok(tx_commit(&tx));
  env_fake_advance(p.t.fake, 1000);
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_ok(node_revoke(&tx, number));
  assert_ok(tx_commit(&tx));
  Node *list;
  size_t count;
  assert_ok(node_list(p.t.store, &p.arena, &list, &count));
  assert_int_equal(count, 1);
  assert_int_equal(list[0].revoked_at, revoked);
  assert_int_equal(list[0].number, number);
  assert_memory_equal(list[0].public_key, node.public_key, SIGN_PUBLIC_SIZE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_practice_and_its_site_are_read_back),
      cmocka_unit_test(insurance_is_asked_where_there_is_any_or_where_the_practice_says_so),
      cmocka_unit_test(a_replica_without_a_practice_says_so),
      cmocka_unit_test(mistakes_in_set_up_are_told),
      cmocka_unit_test(a_node_stands_where_its_row_says),
      cmocka_unit_test(nodes_are_added_once_and_revoked_for_good),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
