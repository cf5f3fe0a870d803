#include <string.h>

#include "common/practice/permission.h"
#include "common/practice/session.h"
#include "common/practice/staff.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

enum { IDLE_MS = 15 * 60 * 1000 };

static Uuid add_staff(TestPractice *p, const char *username)
{
  Faults faults = faults_make(&p->arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test.staff", "", &tx));
  assert_ok(permission_add_default_roles(&tx));
  StaffNew staff = {.username = username, .given = "Rosa", .family = "Delgado", .role = "Front desk"};
  assert_ok(staff_add(&tx, &staff, &faults, &id));
  assert_ok(tx_commit(&tx));
  return id;
}

static Str begin(TestPractice *p, Uuid staff)
{
  Str token;
  Session session;
  assert_ok(session_start(p->t.store, &p->arena, staff, IDLE_MS, &token, &session));
  return token;
}

static Err find(TestPractice *p, Str token, Session *session)
{
  return session_find(p->t.store, &p->arena, token, IDLE_MS, session);
}

TEST(a_token_finds_the_session_it_was_given_for)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Uuid rosa = add_staff(&p, "rosa"), lee = add_staff(&p, "lee");
  Str a = begin(&p, rosa), b = begin(&p, lee);
  Session session;
  assert_int_equal(a.len, SESSION_TOKEN_LEN);
  assert_false(str_eq(a, b));
  assert_ok(find(&p, a, &session));
  assert_true(uuid_eq(session.staff, rosa));
  assert_ok(find(&p, b, &session));
  assert_true(uuid_eq(session.staff, lee));
}

TEST(what_is_not_a_token_finds_nothing)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Str token = begin(&p, add_staff(&p, "rosa"));
  Session session;
  assert_ok(find(&p, token, &session));
  assert_err(find(&p, STR(""), &session), ERR_DENIED);
  assert_err(find(&p, (Str){token.ptr, token.len - 1}, &session), ERR_DENIED);
  assert_err(find(&p, str_c(session.guard), &session), ERR_DENIED);
  assert_err(find(&p, (Str){(const char *)session.token_hash.bytes, HASH_SIZE}, &session), ERR_DENIED);
}

TEST(it_ends_after_the_idle_time_unless_touched)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Str token = begin(&p, add_staff(&p, "rosa"));
  Session session;
  env_fake_advance(p.t.fake, IDLE_MS);
  assert_ok(find(&p, token, &session));
  assert_ok(session_touch(p.t.store, &session));
  env_fake_advance(p.t.fake, IDLE_MS);
  assert_ok(find(&p, token, &session));
  env_fake_advance(p.t.fake, 1);
  assert_err(find(&p, token, &session), ERR_DENIED);
}

TEST(no_work_keeps_it_alive_for_more_than_its_longest_time)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Str token = begin(&p, add_staff(&p, "rosa"));
  Session session;
  for (int64_t at = 0; at < SESSION_MAX_MS; at += IDLE_MS) {
    assert_ok(find(&p, token, &session));
    assert_ok(session_touch(p.t.store, &session));
    env_fake_advance(p.t.fake, IDLE_MS);
  }
  env_fake_advance(p.t.fake, 1);
  assert_err(find(&p, token, &session), ERR_DENIED);
}

TEST(a_clock_that_was_set_back_ends_it)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Str token = begin(&p, add_staff(&p, "rosa"));
  Session session;
  env_fake_advance(p.t.fake, -24 * 3600 * 1000);
  assert_err(find(&p, token, &session), ERR_DENIED);
}

TEST(ending_one_leaves_the_others_and_ending_all_leaves_other_people)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Uuid rosa = add_staff(&p, "rosa"), lee = add_staff(&p, "lee");
  Str a = begin(&p, rosa), b = begin(&p, rosa), c = begin(&p, lee);
  Session session;
  assert_ok(find(&p, a, &session));
  assert_ok(session_end(p.t.store, &session));
  assert_err(find(&p, a, &session), ERR_DENIED);
  assert_ok(find(&p, b, &session));
  assert_ok(session_end_all(p.t.store, rosa));
  assert_err(find(&p, b, &session), ERR_DENIED);
  assert_ok(find(&p, c, &session));
}

TEST(it_is_never_replicated)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Uuid rosa = add_staff(&p, "rosa");
  int64_t head = store_head(p.t.store);
  begin(&p, rosa);
  assert_int_equal(store_head(p.t.store), head);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_token_finds_the_session_it_was_given_for),
      cmocka_unit_test(what_is_not_a_token_finds_nothing),
      cmocka_unit_test(it_ends_after_the_idle_time_unless_touched),
      cmocka_unit_test(no_work_keeps_it_alive_for_more_than_its_longest_time),
      cmocka_unit_test(a_clock_that_was_set_back_ends_it),
      cmocka_unit_test(ending_one_leaves_the_others_and_ending_all_leaves_other_people),
      cmocka_unit_test(it_is_never_replicated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
