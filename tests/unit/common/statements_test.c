#include "tests/support/statements.h"
#include "tests/support/unit.h"

/* Linked with the whole of its room, so that every statement is here. */

SQL_SCAN(BY_TABLE, "SELECT given FROM client WHERE gender = 'other'");
SQL_SCAN(BY_ALIAS, "SELECT s.name AS name FROM site s JOIN appointment AS a ON a.site IS NOT s.id");
SQL_SCAN(BY_INDEX, "SELECT sort_name FROM client ORDER BY sort_name");
SQL(SMALL, "SELECT s.name AS name FROM site s WHERE active");
SQL(SOUGHT, "SELECT c.given AS given FROM client c WHERE c.birth_date = :birth");

TEST(reading_a_whole_table_is_noticed)
{
  assert_int_equal(test_statement_scans(&BY_TABLE), 1);
  assert_int_equal(test_statement_scans(&BY_ALIAS), 1);
  assert_int_equal(test_statement_scans(&BY_INDEX), 1);
  assert_int_equal(test_statement_scans(&SMALL), 0);
  assert_int_equal(test_statement_scans(&SOUGHT), 0);
}

TEST(every_statement_of_common_is_prepared_and_indexed)
{
  assert_true(test_statements() > 120);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(reading_a_whole_table_is_noticed),
                                     cmocka_unit_test(every_statement_of_common_is_prepared_and_indexed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
