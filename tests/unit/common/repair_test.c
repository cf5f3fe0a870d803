#include "common/practice/appointment.h"
#include "common/practice/client.h"
#include "common/practice/practice.h"
#include "common/practice/repair.h"
#include "common/practice/staff.h"
#include "common/practice/task.h"
#include "common/store/merge.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

static void join(Store *store, unsigned a, unsigned b, bool together)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "client.link", "", &tx));
  assert_ok(together ? client_link(&tx, test_id(a), test_id(b)) : client_unlink(&tx, test_id(a), test_id(b)));
  assert_ok(tx_commit(&tx));
}

static size_t found(TestPractice *p, const char *words, Uuid *first)
{
  ClientMatch *list;
  size_t count;
  assert_ok(client_search(p->t.store, &p->arena, str_c(words), 20, &list, &count));
  if (count) *first = list[0].id;
  return count;
}

TEST(two_records_of_one_person_are_one_line_of_a_search_and_two_again_when_they_are_not)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_person(&p, 2, "Ana", "Ruiz Gomez", "1980-02-29", "555-010-0100");
  Uuid visits[] = {test_visit(&p, 100, 1, "10:30"), test_visit(&p, 101, 2, "11:30")}, first = {{0}};
  assert_int_equal(found(&p, "ana", &first), 2);
  join(p.t.store, 1, 2, true);
  assert_int_equal(found(&p, "ana", &first), 1);
  assert_true(uuid_eq(first, test_id(1)));
  assert_int_equal(found(&p, "gomez", &first), 1); /* by what only the folded record says */
  assert_true(uuid_eq(first, test_id(1)));
  Appointment *list, one;
  size_t count;
  assert_ok(appointment_of_client(p.t.store, &p.arena, test_id(1), 10, &list, &count));
  assert_int_equal(count, 2);
  assert_ok(appointment_of_client(p.t.store, &p.arena, test_id(2), 10, &list, &count));
  assert_int_equal(count, 2);
  assert_ok(appointment_get(p.t.store, &p.arena, visits[1], &one));
  assert_true(uuid_eq(one.client, test_id(2))); /* no key was rewritten */
  join(p.t.store, 1, 2, false);
  assert_int_equal(found(&p, "ana", &first), 2);
  assert_ok(appointment_of_client(p.t.store, &p.arena, test_id(1), 10, &list, &count));
  assert_int_equal(count, 1);
}

static const char *column_of(Store *store, Arena *arena, const Sql *sql, Uuid id)
{
  AUTO(Query, q, query_fini) = query(store, sql);
  query_bind_uuid(&q, ":id", id);
  return query_next(&q) ? query_cstr(&q, arena, "value") : "";
}
SQL(TEST_CITY, "SELECT line1 || ', ' || city AS value FROM client WHERE id = :id");

static void address(Store *store, const char *line1, const char *city, Actor who)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, who, "client.contact", "", &tx));
  assert_ok(tx_update(&tx, "client", test_id(1), COLS(col_text("line1", str_c(line1)), col_text("city", str_c(city)))));
  assert_ok(tx_commit(&tx));
}

TEST(an_overwritten_edit_is_taken_with_one_call_whole_and_everywhere)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Overwrite *list;
  size_t count;
  test_client(r.node[0].store, 1, "Ana", "Ruiz");
  replicas_settle(&r);
  address(r.node[1].store, "1 Elm St", "Albany", actor_staff(test_id(77)));
  env_fake_advance(r.node[2].fake, 5000);
  address(r.node[2].store, "9 Oak Ave", "Boston", actor_system());
  replicas_settle(&r);
  assert_string_equal(column_of(r.node[0].store, &arena, &TEST_CITY, test_id(1)), "9 Oak Ave, Boston");
  assert_ok(merge_overwrites(r.node[0].store, &arena, 10, &list, &count));
  assert_int_equal(count, 1);
  Actor who;
  assert_ok(merge_who(r.node[0].store, &arena, list[0].lost_node, list[0].lost_hlc, &who));
  assert_true(who.kind == ACTOR_STAFF && uuid_eq(who.id, test_id(77)));
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(r.node[0].store, actor_system(), "review.take", "", &tx));
    assert_ok(merge_take(&tx, &list[0]));
    assert_ok(tx_commit(&tx));
  }
  replicas_settle(&r);
  replicas_assert_equal(&r);
  for (size_t i = 0; i < 3; i++) {
    size_t left;
    Overwrite *rest;
    assert_string_equal(column_of(r.node[i].store, &arena, &TEST_CITY, test_id(1)), "1 Elm St, Albany");
    assert_ok(merge_overwrites(r.node[i].store, &arena, 10, &rest, &left));
    assert_int_equal(left, 0);
  }
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(r.node[0].store, actor_system(), "review.take", "", &tx));
  assert_err(merge_take(&tx, &list[0]), ERR_NOT_FOUND); /* decided already */
}

static void user(Store *store, unsigned number, const char *username)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "staff.add", "", &tx));
  assert_ok(tx_insert(&tx, "staff", test_id(number),
                      COLS(col_text("username", str_c(username)), col_text("given", STR("A")),
                           col_text("family", STR("B")))));
  assert_ok(tx_commit(&tx));
}

static void number(Store *store, unsigned client)
{
  Uuid owner = test_id(client);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "client.number", "", &tx));
  assert_ok(
      tx_insert(&tx, "client_identifier", test_id(500),
                COLS(col_uuid("client", &owner), col_text("system", STR("urn:mrn")), col_text("value", STR("4711")))));
  assert_ok(tx_commit(&tx));
}

TEST(a_name_and_a_number_taken_twice_have_one_owner_everywhere_and_staff_hear_of_the_other_once)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Task *tasks;
  size_t count, new_tasks;
  test_client(r.node[0].store, 1, "Ana", "Ruiz");
  test_client(r.node[0].store, 2, "Bo", "Li");
  replicas_settle(&r);
  user(r.node[1].store, 61, "lee");
  user(r.node[2].store, 60, "lee");
  number(r.node[1].store, 1);
  env_fake_advance(r.node[2].fake, 5000);
  number(r.node[2].store, 2);
  replicas_settle(&r);
  assert_ok(repair_sweep(r.node[0].store, &new_tasks));
  assert_int_equal(new_tasks, 2);
  assert_ok(repair_sweep(r.node[0].store, &new_tasks));
  assert_int_equal(new_tasks, 0);
  replicas_settle(&r);
  replicas_assert_equal(&r);
  assert_int_equal(test_count(r.node[1].store, "staff"), 2); /* both are kept */
  assert_ok(task_open_list(r.node[1].store, &arena, (Uuid){{0}}, &tasks, &count));
  assert_int_equal(count, 2);
  bool about_client = false, about_name = false;
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(tasks[i].kind, "number-taken");
    about_client |= uuid_eq(tasks[i].client, test_id(1)) && strcmp(tasks[i].note, "4711") == 0;
    about_name |= strcmp(tasks[i].note, "lee") == 0;
  }
  assert_true(about_client && about_name);
  Overwrite *lost;
  assert_ok(merge_overwrites(r.node[2].store, &arena, 10, &lost, &count));
  assert_int_equal(count, 1); /* the number that the other client had is not forgotten */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_records_of_one_person_are_one_line_of_a_search_and_two_again_when_they_are_not),
      cmocka_unit_test(an_overwritten_edit_is_taken_with_one_call_whole_and_everywhere),
      cmocka_unit_test(a_name_and_a_number_taken_twice_have_one_owner_everywhere_and_staff_hear_of_the_other_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
