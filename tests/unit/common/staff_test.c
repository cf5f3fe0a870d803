#include <stdlib.h>
#include <string.h>

#include "common/practice/permission.h"
#include "common/practice/staff.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

typedef struct TestStaff {
  TestPractice p;
  Uuid maria, lee;
} TestStaff;

static Err add(TestPractice *p, const StaffNew *input, Faults *faults, Uuid *out)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(p->t.store, actor_system(), "test.staff", "", &tx));
  TRY(staff_add(&tx, input, faults, out));
  return tx_commit(&tx);
}

static TestStaff make(void)
{
  TestStaff t = {.p = test_practice_make()};
  Faults faults = faults_make(&t.p.arena);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.p.t.store, actor_system(), "test.roles", "", &tx));
  assert_ok(permission_add_default_roles(&tx));
  assert_ok(tx_commit(&tx));
  assert_ok(add(&t.p,
                &(StaffNew){.username = "Maria",
                            .given = "María",
                            .family = "Soto",
                            .password = "correct horse",
                            .pin = "4711",
                            .role = "Front desk",
                            .site = t.p.site.id},
                &faults, &t.maria));
  assert_ok(add(&t.p,
                &(StaffNew){.username = "lee.wong",
                            .given = "Lee",
                            .family = "Wong",
                            .password = "battery staple",
                            .pin = "90210",
                            .role = "Owner"},
                &faults, &t.lee));
  return t;
}

static void fini(TestStaff *t)
{
  test_practice_fini(&t->p);
}

static Err sign_in(TestStaff *t, const char *username, const char *password)
{
  Staff staff;
  return staff_sign_in(t->p.t.store, &t->p.arena, str_c(username), str_c(password), &staff);
}

static void set_active(TestStaff *t, Uuid staff, bool active)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t->p.t.store, actor_system(), "test.leave", "", &tx));
  assert_ok(tx_update(&tx, "staff", staff, COLS(col_bool("active", active))));
  assert_ok(tx_commit(&tx));
}

TEST(a_password_opens_only_its_own_account)
{
  AUTO(TestStaff, t, fini) = make();
  Staff staff;
  assert_ok(staff_sign_in(t.p.t.store, &t.p.arena, STR(" MARIA "), STR("correct horse"), &staff));
  assert_true(uuid_eq(staff.id, t.maria));
  assert_string_equal(staff.given, "María");
  assert_err(sign_in(&t, "maria", "battery staple"), ERR_DENIED);
  assert_err(sign_in(&t, "maria", ""), ERR_DENIED);
  assert_err(sign_in(&t, "nobody", "correct horse"), ERR_DENIED);
  assert_err(sign_in(&t, "", ""), ERR_DENIED);
  set_active(&t, t.maria, false);
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_DENIED);
}

TEST(five_failures_make_the_name_wait_and_the_wait_doubles)
{
  AUTO(TestStaff, t, fini) = make();
  EnvFake *fake = t.p.t.fake;
  for (int i = 0; i < 5; i++) assert_err(sign_in(&t, "maria", "wrong password"), ERR_DENIED);
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_THROTTLED);
  assert_ok(sign_in(&t, "lee.wong", "battery staple")); /* others are not held up */
  test_store_reopen(&t.p.t);                            /* and a restart forgets nothing */
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_THROTTLED);
  env_fake_advance(fake, 60 * 1000);
  assert_err(sign_in(&t, "maria", "wrong password"), ERR_DENIED);
  env_fake_advance(fake, 119 * 1000);
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_THROTTLED);
  env_fake_advance(fake, 1000);
  assert_ok(sign_in(&t, "maria", "correct horse"));
  for (int i = 0; i < 4; i++) assert_err(sign_in(&t, "maria", "wrong password"), ERR_DENIED);
  assert_ok(sign_in(&t, "maria", "correct horse")); /* success begins the count anew */
}

TEST(failures_are_forgotten_after_a_quarter_of_an_hour_and_a_clock_set_back_ends_the_wait)
{
  AUTO(TestStaff, t, fini) = make();
  EnvFake *fake = t.p.t.fake;
  for (int i = 0; i < 4; i++) assert_err(sign_in(&t, "maria", "wrong password"), ERR_DENIED);
  env_fake_advance(fake, 16 * 60 * 1000);
  for (int i = 0; i < 4; i++) assert_err(sign_in(&t, "maria", "wrong password"), ERR_DENIED);
  assert_err(sign_in(&t, "maria", "wrong password"), ERR_DENIED);
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_THROTTLED);
  fake->now -= 10LL * 365 * 86400000;
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_THROTTLED);
  env_fake_advance(fake, 61 * 1000);
  assert_ok(sign_in(&t, "maria", "correct horse"));
}

TEST(unknown_names_take_as_long_as_known_ones)
{
  AUTO(TestStaff, t, fini) = make();
  const Env *env = env_system();
  int64_t spent[2] = {0};
  for (int round = 0; round < 3; round++)
    for (int known = 0; known < 2; known++) {
      int64_t start = env_monotonic_ms(env);
      assert_err(sign_in(&t, known ? "maria" : "nobody", "some password"), ERR_DENIED);
      spent[known] += env_monotonic_ms(env) - start;
    }
  assert_true(spent[0] * 4 > spent[1] && spent[1] * 4 > spent[0]);
}

TEST(a_pin_alone_says_who_it_is)
{
  AUTO(TestStaff, t, fini) = make();
  Staff staff;
  assert_ok(staff_pin(t.p.t.store, &t.p.arena, STR("90210"), &staff));
  assert_true(uuid_eq(staff.id, t.lee));
  assert_ok(staff_pin(t.p.t.store, &t.p.arena, STR("4711"), &staff));
  assert_true(uuid_eq(staff.id, t.maria));
  set_active(&t, t.maria, false);
  assert_err(staff_pin(t.p.t.store, &t.p.arena, STR("4711"), &staff), ERR_DENIED);
  const char *wrong[] = {"", "1", "abcd", "123456789"};
  for (size_t i = 0; i < COUNT_OF(wrong); i++)
    assert_err(staff_pin(t.p.t.store, &t.p.arena, str_c(wrong[i]), &staff), ERR_DENIED);
  assert_err(staff_pin(t.p.t.store, &t.p.arena, STR("90210"), &staff), ERR_THROTTLED);
}

TEST(mistakes_in_an_account_are_told_and_nothing_is_added)
{
  AUTO(TestStaff, t, fini) = make();
  static const struct {
    StaffNew input;
    const char *field, *key;
  } cases[] = {
      {{.username = "x", .given = "A", .role = "Owner"}, "username", "fault.username"},
      {{.username = "anne marie", .given = "A", .role = "Owner"}, "username", "fault.username"},
      {{.username = "ángel", .given = "A", .role = "Owner"}, "username", "fault.username"},
      {{.username = "MARIA", .given = "A", .role = "Owner"}, "username", "fault.username_taken"},
      {{.username = "anne", .given = " ", .role = "Owner"}, "given", "fault.required"},
      {{.username = "anne", .given = "A", .role = "Janitor"}, "role", "fault.role"},
      {{.username = "anne", .given = "A", .role = "Owner", .password = "short"}, "password", "fault.password"},
      {{.username = "anne-of-green", .given = "A", .role = "Owner", .password = "Anne-of-Green"},
       "password",
       "fault.password"},
      {{.username = "anne", .given = "A", .role = "Owner", .pin = "12a4"}, "pin", "fault.pin"},
      {{.username = "anne", .given = "A", .role = "Owner", .pin = "123"}, "pin", "fault.pin"},
      {{.username = "anne", .given = "A", .role = "Owner", .pin = "4711"}, "pin", "fault.pin_taken"},
  };
  int64_t before = test_count(t.p.t.store, "staff");
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    Faults faults = faults_make(&t.p.arena);
    Uuid id;
    assert_err(add(&t.p, &cases[i].input, &faults, &id), ERR_INVALID);
    const Fault *fault = faults_for(&faults, cases[i].field);
    assert_non_null(fault);
    assert_string_equal(fault->key, cases[i].key);
  }
  assert_int_equal(test_count(t.p.t.store, "staff"), before);
}

TEST(a_new_password_takes_the_place_of_the_old_one)
{
  AUTO(TestStaff, t, fini) = make();
  Faults faults = faults_make(&t.p.arena);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(t.p.t.store, actor_staff(t.lee), "staff.password", "", &tx));
    assert_err(staff_set_password(&tx, t.maria, "tiny", &faults), ERR_INVALID);
    assert_ok(staff_set_password(&tx, t.maria, "a whole new password", &faults));
    assert_err(staff_set_password(&tx, test_id(99), "a whole new password", &faults), ERR_NOT_FOUND);
    assert_ok(tx_commit(&tx));
  }
  assert_err(sign_in(&t, "maria", "correct horse"), ERR_DENIED);
  assert_ok(sign_in(&t, "maria", "a whole new password"));
}

TEST(permissions_follow_the_role_and_the_site)
{
  AUTO(TestStaff, t, fini) = make();
  Store *store = t.p.t.store;
  Uuid here = t.p.site.id, elsewhere = test_id(7), any = {{0}};
  assert_ok(permission_check(store, t.maria, here, PERM_BOARD_VIEW));
  assert_ok(permission_check(store, t.maria, any, PERM_BOARD_VIEW));
  assert_err(permission_check(store, t.maria, elsewhere, PERM_BOARD_VIEW), ERR_DENIED);
  assert_err(permission_check(store, t.maria, here, PERM_STAFF_EDIT), ERR_DENIED);
  assert_err(permission_check(store, test_id(9), here, PERM_BOARD_VIEW), ERR_DENIED);
  for (Permission p = 0; p < PERM_COUNT; p++) assert_ok(permission_check(store, t.lee, elsewhere, p));
  set_active(&t, t.maria, false);
  assert_err(permission_check(store, t.maria, here, PERM_BOARD_VIEW), ERR_DENIED);
}

TEST(what_a_practice_has_taken_back_stays_taken_back)
{
  AUTO(TestStaff, t, fini) = make();
  Store *store = t.p.t.store;
  Uuid role = permission_role_id("Front desk");
  char parts[16 + 32];
  memcpy(parts, role.bytes, 16);
  memcpy(parts + 16, "answers.read", 12);
  Uuid row = uuid_from_parts(STR("role_permission"), parts, 16 + 12);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(permission_check(store, t.maria, t.p.site.id, PERM_ANSWERS_READ));
  assert_ok(tx_begin(store, actor_staff(t.lee), "role.edit", "", &tx));
  assert_ok(tx_update(&tx, "role_permission", row, COLS(col_bool("allowed", false))));
  assert_ok(permission_add_default_roles(&tx));
  assert_ok(tx_commit(&tx));
  assert_err(permission_check(store, t.maria, t.p.site.id, PERM_ANSWERS_READ), ERR_DENIED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_password_opens_only_its_own_account),
      cmocka_unit_test(five_failures_make_the_name_wait_and_the_wait_doubles),
      cmocka_unit_test(failures_are_forgotten_after_a_quarter_of_an_hour_and_a_clock_set_back_ends_the_wait),
      cmocka_unit_test(unknown_names_take_as_long_as_known_ones),
      cmocka_unit_test(a_pin_alone_says_who_it_is),
      cmocka_unit_test(mistakes_in_an_account_are_told_and_nothing_is_added),
      cmocka_unit_test(a_new_password_takes_the_place_of_the_old_one),
      cmocka_unit_test(permissions_follow_the_role_and_the_site),
      cmocka_unit_test(what_a_practice_has_taken_back_stays_taken_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
