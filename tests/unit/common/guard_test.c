#include "common/store/internal.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

/* What is written past the Tx must fail, from another program as well as from our own connection. */

SQL(DIRECT_INSERT, "INSERT INTO role (id, name) VALUES (zeroblob(16), 'x')");
SQL(DIRECT_UPDATE, "UPDATE client SET given = 'x'");
SQL_SCAN(DIRECT_DELETE, "DELETE FROM client");
SQL(DIRECT_JOURNAL, "DELETE FROM journal WHERE pos = 1");
SQL(DIRECT_DROP, "DROP TABLE client");
SQL(DIRECT_COMMIT, "COMMIT");
SQL(DIRECT_PRAGMA, "PRAGMA synchronous = OFF");

#define ROLE "zeroblob(16), 'x'"
static const char *const FROM_A_SHELL[] = {
    "INSERT INTO role (id, name) VALUES (" ROLE ")",
    "INSERT INTO role (id, name, v) VALUES (" ROLE ", x'000000000000000000000001')",
    "REPLACE INTO role (id, name, v) VALUES (" ROLE ", x'000000000000000000000001')",
    "INSERT OR IGNORE INTO role (id, name, v) VALUES (" ROLE ", x'000000000000000000000001')",
    "INSERT INTO role (id, name, v) VALUES (" ROLE ", x'01') ON CONFLICT DO UPDATE SET name = 'y'",
    "UPDATE client SET given = 'x'",
    "UPDATE client SET given = 'x', v = x'000000000000000000000001'",
    "UPDATE OR REPLACE client SET id = zeroblob(16)",
    "REPLACE INTO client (id, given, family, sort_name, v) SELECT id, 'x', family, sort_name, v FROM client",
    "DELETE FROM client",
    "DELETE FROM client WHERE given = 'Ana'",
};

TEST(another_program_cannot_write_replicated_tables)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  test_client(t.store, 1, "Ana", "Sol");
  sqlite3 *shell;
  assert_int_equal(sqlite3_open(test_folder_path(&t.folder, "replica/foyer.db"), &shell), SQLITE_OK);
  assert_int_equal(sqlite3_exec(shell, "SELECT given FROM client", NULL, NULL, NULL), SQLITE_OK); /* it may read */
  for (size_t i = 0; i < COUNT_OF(FROM_A_SHELL); i++) {
    int rc = sqlite3_exec(shell, FROM_A_SHELL[i], NULL, NULL, NULL);
    if (rc == SQLITE_OK) print_error("went through: %s\n", FROM_A_SHELL[i]);
    assert_int_not_equal(rc, SQLITE_OK);
  }
  assert_int_equal(sqlite3_total_changes(shell), 0);
  sqlite3_close(shell);
}

TEST(a_query_cannot_write_what_is_the_stores)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  test_client(t.store, 1, "Ana", "Sol");
  const Sql *const refused[] = {&DIRECT_INSERT, &DIRECT_UPDATE, &DIRECT_DELETE, &DIRECT_JOURNAL,
                                &DIRECT_DROP,   &DIRECT_COMMIT, &DIRECT_PRAGMA};
  AUTO(Tx, tx, tx_fini) = {0};
  for (int inside = 0; inside <= 1; inside++) {
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
      Query q = query(t.store, refused[i]);
      assert_err(query_run(&q), ERR_DENIED);
    }
    if (!inside) assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
  }
  assert_ok(tx_commit(&tx));
  assert_int_equal(test_count(t.store, "client"), 1);
}

/* Should a statement ever get past the authorizer, the hooks stop it. */
TEST(a_write_outside_a_tx_is_not_committed)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  test_client(t.store, 1, "Ana", "Sol");
  sqlite3_set_authorizer(t.store->db, NULL, NULL);
  assert_int_not_equal(sqlite3_exec(t.store->db, "UPDATE client SET given = 'x'", NULL, NULL, NULL), SQLITE_OK);
  assert_int_not_equal(sqlite3_exec(t.store->db, "DELETE FROM client", NULL, NULL, NULL), SQLITE_OK);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
  assert_ok(tx_update(&tx, "client", test_id(1), COLS(col_text("phone", STR("1")))));
  assert_int_equal(sqlite3_exec(t.store->db, "UPDATE client SET given = 'x'", NULL, NULL, NULL), SQLITE_OK);
  assert_int_not_equal(sqlite3_exec(t.store->db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  assert_int_not_equal(tx_commit(&tx), ERR_OK);
  assert_int_equal(store_head(t.store), 1);
  test_client(t.store, 1, "Ana", "Luna");
  assert_int_equal(store_head(t.store), 2);
}

TEST(a_tx_cannot_be_committed_from_below)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
  assert_ok(tx_insert(&tx, "role", test_id(1), COLS(col_text("name", STR("desk")))));
  assert_int_not_equal(sqlite3_exec(t.store->db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  tx_fini(&tx);
  assert_int_equal(test_count(t.store, "role"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(another_program_cannot_write_replicated_tables),
      cmocka_unit_test(a_query_cannot_write_what_is_the_stores),
      cmocka_unit_test(a_write_outside_a_tx_is_not_committed),
      cmocka_unit_test(a_tx_cannot_be_committed_from_below),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
