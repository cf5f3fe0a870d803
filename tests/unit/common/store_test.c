#include <sys/stat.h>

#include "common/store/journal.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

SQL(CLIENT_GET, "SELECT given, family, sort_name, birth_date, contact_confirmed_at, v FROM client WHERE id = :id");

static const char *given_of(Store *store, Arena *arena, unsigned number)
{
  AUTO(Query, q, query_fini) = query(store, &CLIENT_GET);
  query_bind_uuid(&q, ":id", test_id(number));
  const char *given = query_next(&q) ? query_cstr(&q, arena, "given") : NULL;
  assert_ok(query_end(&q));
  return given;
}

TEST(a_new_store_is_private_and_empty)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  struct stat info;
  assert_int_equal(stat(test_folder_path(&t.folder, "replica/foyer.db"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(stat(test_folder_path(&t.folder, "replica/node.key"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(store_head(t.store), 0);
  assert_int_not_equal(store_node(t.store), 0);
}

TEST(what_was_committed_is_there_after_reopening)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  NodeId node = store_node(t.store);
  test_client(t.store, 1, "Ana", "Sol");
  test_client(t.store, 1, "Anna", "Sol");
  test_store_reopen(&t);
  assert_string_equal(given_of(t.store, &arena, 1), "Anna");
  assert_int_equal(store_head(t.store), 2);
  assert_int_equal(store_node(t.store), node);
}

TEST(what_was_not_committed_is_not_there)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
    const Col *cols = COLS(col_text("given", STR("A")), col_text("family", STR("B")), col_text("sort_name", STR("b")));
    assert_ok(tx_insert(&tx, "client", test_id(1), cols));
    assert_string_equal(given_of(t.store, &arena, 1), "A");
  }
  assert_null(given_of(t.store, &arena, 1));
  assert_int_equal(store_head(t.store), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_store_is_private_and_empty),
      cmocka_unit_test(what_was_committed_is_there_after_reopening),
      cmocka_unit_test(what_was_not_committed_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
