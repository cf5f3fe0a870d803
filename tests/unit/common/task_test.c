#include <stdlib.h>
#include <string.h>

#include "common/practice/task.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

static Uuid add(TestPractice *p, const Task *task)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test.task", "", &tx));
  assert_ok(task_add(&tx, task, &id));
  assert_ok(tx_commit(&tx));
  return id;
}

static Err change(TestPractice *p, Uuid task, unsigned staff, const char *status)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(p->t.store, actor_system(), "test.task", "", &tx));
  TRY(status ? task_close(&tx, task, test_id(staff), status) : task_take(&tx, task, test_id(staff)));
  return tx_commit(&tx);
}

static void add_staff(TestPractice *p, unsigned number)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test.staff", "", &tx));
  assert_ok(tx_insert(&tx, "staff", test_id(number),
                      COLS(col_text("username", STR("u")), col_text("given", STR("A")), col_text("family", STR("B")))));
  assert_ok(tx_commit(&tx));
}

TEST(open_tasks_are_listed_oldest_first_by_site)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid first = add(&p, &(Task){.kind = "todo", .title = "Call back", .site = p.site.id, .client = test_id(1)});
  env_fake_advance(p.t.fake, 1000);
  add(&p, &(Task){.kind = "todo", .title = "For everyone", .note = " two\nlines "});
  Task *list;
  size_t count;
  assert_ok(task_open_list(p.t.store, &p.arena, p.site.id, &list, &count));
  assert_int_equal(count, 2);
  assert_true(uuid_eq(list[0].id, first));
  assert_string_equal(list[0].client_name, "Ana Ruiz");
  assert_string_equal(list[1].client_name, "");
  assert_string_equal(list[1].note, "two\nlines");
  assert_ok(task_open_list(p.t.store, &p.arena, test_id(5), &list, &count));
  assert_int_equal(count, 1);
  assert_ok(task_open_list(p.t.store, &p.arena, (Uuid){{0}}, &list, &count));
  assert_int_equal(count, 2);
}

TEST(a_call_for_help_is_not_doubled_within_a_minute)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  add_staff(&p, 7);
  Task help = {.kind = "help", .title = "task.help", .site = p.site.id};
  Uuid first = add(&p, &help);
  assert_true(uuid_eq(add(&p, &help), first));
  Task known = help;
  known.client = test_id(1);
  Uuid second = add(&p, &known); /* another person */
  assert_false(uuid_eq(second, first));
  assert_true(uuid_eq(add(&p, &known), second));
  env_fake_advance(p.t.fake, 61 * 1000);
  Uuid third = add(&p, &known);
  assert_false(uuid_eq(third, second));
  assert_ok(change(&p, third, 7, "done"));
  assert_false(uuid_eq(add(&p, &known), third)); /* the desk has been; they ask again */
  assert_int_equal(test_count(p.t.store, "task"), 4);
}

TEST(a_task_is_taken_and_closed_once)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  add_staff(&p, 7);
  add_staff(&p, 8);
  Uuid task = add(&p, &(Task){.kind = "todo", .title = "Call back"});
  assert_ok(change(&p, task, 7, NULL));
  assert_ok(change(&p, task, 7, NULL));
  assert_err(change(&p, task, 8, NULL), ERR_CONFLICT);
  assert_err(change(&p, task, 8, "forgotten"), ERR_INVALID);
  assert_ok(change(&p, task, 8, "done"));
  assert_err(change(&p, task, 7, "cancelled"), ERR_CONFLICT);
  assert_err(change(&p, task, 7, NULL), ERR_CONFLICT);
  assert_err(change(&p, test_id(99), 7, "done"), ERR_NOT_FOUND);
  Task *list;
  size_t count;
  assert_ok(task_open_list(p.t.store, &p.arena, (Uuid){{0}}, &list, &count));
  assert_int_equal(count, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(open_tasks_are_listed_oldest_first_by_site),
      cmocka_unit_test(a_call_for_help_is_not_doubled_within_a_minute),
      cmocka_unit_test(a_task_is_taken_and_closed_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
