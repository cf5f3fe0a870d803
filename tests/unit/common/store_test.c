#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store/internal.h"
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

TEST(a_folder_holds_one_replica)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  Store *second = NULL;
  assert_err(store_create(t.path, &t.fake->env, &second), ERR_EXISTS);
  assert_err(store_open(test_folder_path(&t.folder, "nothing"), &t.fake->env, &second), ERR_NOT_FOUND);
  assert_null(second);
}

TEST(an_interrupted_creation_is_taken_up_again)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  store_close(t.store);
  t.store = NULL;
  assert_int_equal(unlink(test_folder_path(&t.folder, "replica/node.key")), 0);
  assert_err(store_open(t.path, &t.fake->env, &t.store), ERR_NOT_FOUND);
  assert_ok(store_create(t.path, &t.fake->env, &t.store));
  test_client(t.store, 1, "A", "B");
  store_close(t.store);
  t.store = NULL;
  /* A replica that has been written to and whose key is lost is not. */
  assert_int_equal(unlink(test_folder_path(&t.folder, "replica/node.key")), 0);
  assert_err(store_create(t.path, &t.fake->env, &t.store), ERR_EXISTS);
}

TEST(a_file_of_a_newer_program_is_left_alone)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  store_close(t.store);
  assert_err(store_open_with(t.path, &t.fake->env, MIGRATIONS, 1, false, &t.store), ERR_DOWNGRADE);
  t.store = test_store_again(&t);
}

TEST(what_is_not_a_replica_is_said_to_be_corrupt)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  store_close(t.store);
  t.store = NULL;
  test_folder_write(&t.folder, "replica/foyer.db",
                    "This is a letter to my aunt and has nothing to do with SQLite at all.\n");
  assert_err(store_open(t.path, &t.fake->env, &t.store), ERR_CORRUPT);
  test_folder_write(&t.folder, "replica/node.key", "no key\n");
  assert_err(store_open(t.path, &t.fake->env, &t.store), ERR_CORRUPT);
}

static const Migration OLD[] = {
    {"1", "-- table 1 thing: something\n"
          "CREATE TABLE thing (\n"
          "  id BLOB NOT NULL PRIMARY KEY,\n"
          "  name TEXT NOT NULL,                -- 1: what it is called\n"
          "  v BLOB NOT NULL DEFAULT (foyer_stamp())\n"
          ") STRICT, WITHOUT ROWID;\n"
          "-- table 2 node: stands in for the real one\n"
          "CREATE TABLE node (\n"
          "  id BLOB NOT NULL PRIMARY KEY,\n"
          "  revoked_at INTEGER,                -- 1: when\n"
          "  v BLOB NOT NULL DEFAULT (foyer_stamp())\n"
          ") STRICT, WITHOUT ROWID;\n"},
    {"2", NULL}, /* the node's own tables */
    {"3", "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; -- 2: of its skin\n"},
};

SQL(THING_GET, "SELECT name, colour, v FROM thing");

TEST(a_migration_adds_a_column_without_touching_rows)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  EnvFake fake;
  env_fake_init(&fake, 1772463600000, 3);
  const char *path = test_folder_path(&folder, "replica");
  Migration steps[COUNT_OF(OLD)];
  memcpy(steps, OLD, sizeof OLD);
  steps[1].sql = MIGRATIONS[1].sql;
  Store *store;
  assert_ok(store_open_with(path, &fake.env, steps, 2, true, &store));
  Tx tx = {0};
  assert_ok(tx_begin(store, actor_system(), "test", "", &tx));
  assert_ok(tx_insert(&tx, "thing", test_id(1), COLS(col_text("name", STR("fox")))));
  assert_ok(tx_commit(&tx));
  store_close(store);

  assert_ok(store_open_with(path, &fake.env, steps, 3, false, &store));
  assert_int_equal(store_head(store), 1);
  Query q = query(store, &THING_GET);
  assert_true(query_next(&q));
  assert_string_equal(query_cstr(&q, &arena, "colour"), "red");
  assert_int_equal(query_str(&q, "v").len, VERSION_BASE_SIZE);
  assert_ok(query_end(&q));
  assert_ok(tx_begin(store, actor_system(), "test", "", &tx));
  assert_ok(tx_update(&tx, "thing", test_id(1), COLS(col_text("colour", STR("grey")))));
  assert_ok(tx_commit(&tx));
  store_close(store);
}

TEST(a_migration_that_fails_changes_nothing)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  EnvFake fake;
  env_fake_init(&fake, 1772463600000, 3);
  const char *path = test_folder_path(&folder, "replica");
  Migration steps[4];
  memcpy(steps, OLD, sizeof OLD);
  steps[1].sql = MIGRATIONS[1].sql;
  steps[3] = (Migration){"4", "CREATE TABLE thing (x)"};
  Store *store;
  assert_ok(store_open_with(path, &fake.env, steps, 2, true, &store));
  store_close(store);
  assert_int_not_equal(store_open_with(path, &fake.env, steps, 4, false, &store), ERR_OK);
  assert_ok(store_open_with(path, &fake.env, steps, 2, false, &store));
  store_close(store);
}

TEST(a_node_that_has_written_keeps_its_key)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  NodeId first = store_node(t.store);
  assert_ok(store_new_key(t.store));
  NodeId second = store_node(t.store);
  assert_int_not_equal(first, second);
  test_store_reopen(&t);
  assert_int_equal(store_node(t.store), second);
  test_client(t.store, 1, "A", "B");
  assert_err(store_new_key(t.store), ERR_CONFLICT);
  assert_int_equal(store_node(t.store), second);
}

TEST(a_node_is_named_by_its_key)
{
  char text[NODE_TEXT_LEN + 1];
  NodeId node;
  node_text(0x0badcafe, text);
  assert_string_equal(text, "0badcafe");
  assert_true(node_parse(str_c(text), &node));
  assert_int_equal(node, 0x0badcafe);
  static const char *const wrong[] = {"", "badcafe", "0badcafe0", "0BADCAFE", "00000000", "0badcafg"};
  for (size_t i = 0; i < COUNT_OF(wrong); i++) assert_false(node_parse(str_c(wrong[i]), &node));
  assert_false(uuid_eq(node_row_id(1), node_row_id(2)));
}

TEST(settings_are_kept)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_ok(local_set(t.store, "a", STR("x\0y")));
  assert_ok(local_set_int(t.store, "n", -5));
  assert_ok(local_set(t.store, "gone", STR("1")));
  assert_ok(local_delete(t.store, "gone"));
  test_store_reopen(&t);
  assert_int_equal(local_get(t.store, &arena, "a").len, 3);
  assert_int_equal(local_get_int(t.store, "n", 9), -5);
  assert_int_equal(local_get_int(t.store, "a", 9), 9);
  assert_int_equal(local_get_int(t.store, "gone", 9), 9);
}

TEST(a_reader_sees_one_moment)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Store *, reader, store_closep) = test_store_again(&t);
  test_client(t.store, 1, "Ana", "Sol");
  assert_ok(store_read_begin(reader));
  test_client(t.store, 1, "Anna", "Sol");
  assert_string_equal(given_of(reader, &arena, 1), "Ana");
  assert_int_equal(store_head(reader), 1);
  store_read_end(reader);
  assert_string_equal(given_of(reader, &arena, 1), "Anna");
  assert_int_equal(store_head(reader), 2);
}

static bool readable(int fd)
{
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  return poll(&wait, 1, 0) == 1;
}

TEST(a_commit_wakes_who_watches)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Store *, watcher, store_closep) = test_store_again(&t);
  int fd = store_watch_fd(watcher);
  assert_true(fd >= 0);
  store_watch_drain(watcher);
  assert_false(readable(fd));
  test_client(t.store, 1, "A", "B");
  assert_true(readable(fd));
  assert_int_equal(store_head(watcher), 1);
  store_watch_drain(watcher);
  assert_false(readable(fd));
}

TEST(queries_of_one_text_may_be_nested)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  for (unsigned i = 1; i <= 3; i++) test_client(t.store, i, "A", "B");
  AUTO(Query, outer, query_fini) = query(t.store, &CLIENT_GET);
  query_bind_uuid(&outer, ":id", test_id(1));
  int rows = 0;
  for (; query_next(&outer); rows++) {
    for (unsigned i = 1; i <= 3; i++) {
      AUTO(Query, inner, query_fini) = query(t.store, &CLIENT_GET);
      query_bind_uuid(&inner, ":id", test_id(i));
      assert_true(query_next(&inner));
      assert_true(str_eq_c(query_str(&inner, "family"), "B"));
      assert_true(query_is_null(&inner, "contact_confirmed_at"));
    }
    assert_true(str_eq_c(query_str(&outer, "given"), "A"));
  }
  assert_int_equal(rows, 1);
  assert_ok(query_end(&outer));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_store_is_private_and_empty),
      cmocka_unit_test(what_was_committed_is_there_after_reopening),
      cmocka_unit_test(what_was_not_committed_is_not_there),
      cmocka_unit_test(a_folder_holds_one_replica),
      cmocka_unit_test(an_interrupted_creation_is_taken_up_again),
      cmocka_unit_test(a_file_of_a_newer_program_is_left_alone),
      cmocka_unit_test(what_is_not_a_replica_is_said_to_be_corrupt),
      cmocka_unit_test(a_migration_adds_a_column_without_touching_rows),
      cmocka_unit_test(a_migration_that_fails_changes_nothing),
      cmocka_unit_test(a_node_that_has_written_keeps_its_key),
      cmocka_unit_test(a_node_is_named_by_its_key),
      cmocka_unit_test(settings_are_kept),
      cmocka_unit_test(a_reader_sees_one_moment),
      cmocka_unit_test(a_commit_wakes_who_watches),
      cmocka_unit_test(queries_of_one_text_may_be_nested),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
