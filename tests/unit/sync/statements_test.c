#include "tests/support/statements.h"
#include "tests/support/unit.h"

/* Linked with the whole of its room, so that every statement is here. */

TEST(every_statement_of_sync_is_prepared_and_indexed)
{
  assert_true(test_statements() > 140);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_statement_of_sync_is_prepared_and_indexed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
