#include <stdio.h>
#include <string.h>

#include "common/base/fault.h"
#include "tests/support/unit.h"

TEST(faults_keep_copies_in_order)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  char field[16], value[16];
  for (int i = 0; i < 20; i++) {
    snprintf(field, sizeof field, "f%d", i);
    snprintf(value, sizeof value, "v%d", i);
    faults_add(&faults, field, "fault.test", i % 2 ? value : NULL);
  }
  memset(field, 0, sizeof field);
  memset(value, 0, sizeof value);
  assert_int_equal(faults.count, 20);
  assert_string_equal(faults.items[0].field, "f0");
  assert_null(faults.items[0].value);
  assert_string_equal(faults.items[19].field, "f19");
  assert_string_equal(faults.items[19].value, "v19");
}

TEST(the_first_fault_of_a_field_is_found)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  assert_null(faults_for(&faults, "phone"));
  faults_add(&faults, NULL, "fault.form", NULL);
  faults_add(&faults, "phone", "fault.phone", NULL);
  faults_add(&faults, "phone", "fault.long", NULL);
  assert_string_equal(faults_for(&faults, "phone")->key, "fault.phone");
  assert_null(faults_for(&faults, "pho"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(faults_keep_copies_in_order),
      cmocka_unit_test(the_first_fault_of_a_field_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
