/* A root's journal in PostgreSQL, with the real server, a replica of it, and several views. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/blob.h"
#include "common/store/merge.h"
#include "common/store/verify.h"
#include "sync/postgres/postgres.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

SQL(DEVICE_ADD, "INSERT INTO device (node, token_hash, enrolled_at, code_hash, seen_at, pulled_pos, epoch)"
                " VALUES (:node, x'01', 1, x'02', 1, 0, '')");
SQL(DEVICE_SEEN, "SELECT seen_at FROM device WHERE node = :node");
SQL(DEVICE_DROP, "DELETE FROM device WHERE node = :node");

static TestFolder folder;
static const char *cluster, *address;

static int pg(const char *words)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int rc = system(arena_printf(&arena, "tests/support/postgres %s", words));
  return WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

static void pg_ok(const char *verb, const char *rest)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_int_equal(pg(arena_printf(&arena, "%s %s %s", verb, cluster, rest)), 0);
}

static int start(void **state)
{
  (void)state;
  folder = test_folder_make();
  chmod(folder.path, 0755);
  cluster = test_folder_path(&folder, "pg");
  address = arena_printf(&folder.arena, "host=%s,%s port=54321,54322 user=foyer dbname=postgres", cluster, cluster);
  return 0;
}

static int server(void **state)
{
  (void)state;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  pg(arena_printf(&arena, "end %s", cluster));
  return pg(arena_printf(&arena, "start %s", cluster));
}

static int end(void **state)
{
  (void)state;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  pg(arena_printf(&arena, "end %s", cluster));
  test_folder_fini(&folder);
  return 0;
}

/* ---------------------------------------------------------------------------------------------------------------- views */

enum { VIEWS_MAX = 4 };

typedef struct Root { /* one practice, several views of it; [0] was there first */
  TestFolder folder;
  const char *paths[VIEWS_MAX];
  Store *views[VIEWS_MAX];
  int count;
} Root;

static Store *view_open(const char *path)
{
  Store *store = NULL;
  assert_ok(store_open(path, postgres_env(), &store));
  return store;
}

static void write_person(Store *store, unsigned number, const char *given)
{
  test_client(store, number, given, "Moved");
}

/* root_make: an ordinary root with some history. */
static Root root_make(void)
{
  Root root = {.folder = test_folder_make(), .count = 1};
  root.paths[0] = test_folder_path(&root.folder, "view0");
  assert_ok(store_create(root.paths[0], postgres_env(), &root.views[0]));
  for (unsigned i = 1; i <= 5; i++) write_person(root.views[0], i, "Before");
  return root;
}

static void move(Root *root)
{
  assert_ok(postgres_prepare(postgres_env(), address, store_key(root->views[0])->public_key));
  assert_ok(logstore_attach(root->views[0], address));
}

/* view_add: another daemon's: nothing but the key and the address. */
static Store *view_add(Root *root)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int i = root->count++;
  root->paths[i] = test_folder_path(&root->folder, arena_printf(&root->folder.arena, "view%d", i));
  assert_ok(logstore_join(root->paths[i], postgres_env(), arena_printf(&arena, "%s/node.key", root->paths[0]), address,
                          &root->views[i]));
  return root->views[i];
}

static void root_close(Root *root)
{
  for (int i = 0; i < root->count; i++) store_close(root->views[i]);
  test_folder_fini(&root->folder);
}

static void assert_same(Root *root)
{
  Hash first = {{0}}, other;
  for (int i = 0; i < root->count; i++) {
    VerifyReport report;
    assert_ok(logstore_catch_up(root->views[i]));
    assert_ok(verify_store(root->views[i], &report));
    assert_ok(verify_digest(root->views[i], i ? &other : &first));
    assert_int_equal(store_head(root->views[i]), store_head(root->views[0]));
    if (i) assert_true(hash_eq(first, other));
  }
}

static bool knows_device(Store *store, NodeId node)
{
  AUTO(Query, q, query_fini) = query(store, &DEVICE_SEEN);
  query_bind_int(&q, ":node", node);
  return query_next(&q);
}

static void with_device(Store *store, const Sql *sql, NodeId node)
{
  Query q = query(store, sql);
  query_bind_int(&q, ":node", node);
  assert_ok(query_run(&q));
}

static bool is_suspended(Store *store)
{
  return store_is_restored(store);
}

/* --------------------------------------------------------------------------------------------------------------- tests */

TEST(a_root_that_moves_takes_its_journal_and_its_devices_along)
{
  AUTO(Root, root, root_close) = root_make();
  with_device(root.views[0], &DEVICE_ADD, 7);
  int64_t before = store_head(root.views[0]);
  move(&root);
  Store *second = view_add(&root);
  assert_int_equal(store_head(second), before);
  assert_true(knows_device(second, 7));
  assert_same(&root);
}

TEST(what_one_writes_the_others_see_and_write_after)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  view_add(&root);
  view_add(&root);
  for (unsigned i = 0; i < 60; i++) write_person(root.views[i % 3], 1 + i % 7, i % 2 ? "Odd" : "Even");
  assert_same(&root);
}

TEST(devices_settings_and_attachments_are_shared)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  Store *first = root.views[0], *second = view_add(&root);
  Hash hash;
  Str bytes;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  with_device(first, &DEVICE_ADD, 9);
  assert_ok(blob_put(first, STR("a signature"), &hash));
  assert_ok(local_set(first, "signin.0aa", STR("5 1")));
  assert_ok(local_set(first, "of.its.own", STR("x")));
  assert_false(knows_device(second, 9));
  assert_ok(logstore_catch_up(second));
  assert_true(knows_device(second, 9));
  assert_ok(blob_get(second, &arena, hash, &bytes));
  assert_true(str_eq_c(bytes, "a signature"));
  assert_true(str_eq_c(local_get(second, &arena, "signin.0aa"), "5 1"));
  assert_true(local_get(second, &arena, "of.its.own").len == 0);
  with_device(second, &DEVICE_DROP, 9);
  assert_ok(logstore_catch_up(first));
  assert_false(knows_device(first, 9));
}

TEST(a_transaction_that_sqlite_would_refuse_never_reaches_the_log)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  Store *first = root.views[0], *second = view_add(&root);
  int64_t head = store_head(first);
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid nobody = test_id(4242), id = test_id(4243);
  assert_ok(tx_begin(first, actor_system(), "client.note", "", &tx));
  assert_ok(tx_insert(&tx, "client_link", id,
                      COLS(col_uuid("client", &nobody), col_uuid("same_as", &nobody), col_int("active", 1))));
  assert_int_not_equal(tx_commit(&tx), ERR_OK);
  assert_ok(logstore_catch_up(second));
  assert_int_equal(store_head(second), head);
  write_person(second, 1, "After");
  assert_same(&root);
}

TEST(a_view_that_was_killed_between_the_two_commits_catches_up)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Store *second = view_add(&root);
  /* A file that SQLite has not committed to is one from before: the log is ahead of it. */
  store_close(second);
  const char *copy = arena_printf(&arena, "cp -r %s %s.old", root.paths[1], root.paths[1]);
  assert_int_equal(system(copy), 0);
  root.views[1] = second = view_open(root.paths[1]);
  write_person(second, 3, "Committed");
  with_device(second, &DEVICE_ADD, 11);
  store_close(second);
  assert_int_equal(system(
                       arena_printf(&arena, "rm -r %s && mv %s.old %s", root.paths[1], root.paths[1], root.paths[1])),
                   0);
  root.views[1] = second = view_open(root.paths[1]);
  assert_true(knows_device(second, 11));
  write_person(second, 4, "Next");
  assert_same(&root);
}

typedef struct Writer {
  const char *path;
  unsigned number, count;
  int written, failed;
} Writer;

static void *write_many(void *context)
{
  Writer *w = context;
  Store *store = NULL;
  if (store_open(w->path, postgres_env(), &store) != ERR_OK) return NULL;
  for (unsigned i = 0; i < w->count; i++) {
    AUTO(Tx, tx, tx_fini) = {0};
    Err err = tx_begin(store, actor_system(), "client.update", "", &tx);
    if (err == ERR_OK)
      err = tx_update(&tx, "client", test_id(1 + i % 5), COLS(col_text("given", w->number % 2 ? STR("A") : STR("B"))));
    if (err == ERR_OK) err = tx_commit(&tx);
    if (err == ERR_OK)
      w->written++;
    else
      w->failed++;
  }
  store_close(store);
  return NULL;
}

TEST(many_threads_of_several_daemons_write_at_once)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  view_add(&root);
  view_add(&root);
  Writer writers[6];
  pthread_t threads[6];
  for (unsigned i = 0; i < 6; i++) {
    writers[i] = (Writer){.path = root.paths[i % 3], .number = i, .count = 40};
    assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
  }
  for (unsigned i = 0; i < 6; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(writers[i].written, 40);
  }
  assert_same(&root);
}

TEST(a_connection_that_the_server_ends_is_made_again)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  view_add(&root);
  for (unsigned i = 0; i < 6; i++) {
    pg_ok("sql",
          "a \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'foyer'\" >/dev/null");
    write_person(root.views[i % 2], 1 + i % 3, "Again");
  }
  assert_same(&root);
}

TEST(without_the_server_reading_goes_on_and_writing_says_so)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  pg_ok("kill", "a");
  store_close(root.views[0]);
  root.views[0] = view_open(root.paths[0]);
  assert_int_equal(test_count(root.views[0], "client"), 5);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_err(tx_begin(root.views[0], actor_system(), "client.update", "", &tx), ERR_NETWORK);
  pg_ok("up", "a");
  write_person(root.views[0], 2, "Back");
  assert_same(&root);
}

TEST(a_failover_to_a_synchronous_replica_loses_nothing_and_starts_no_epoch)
{
  AUTO(Root, root, root_close) = root_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  pg_ok("replica", "sync");
  move(&root);
  view_add(&root);
  for (unsigned i = 0; i < 20; i++) write_person(root.views[i % 2], 1 + i % 5, i % 2 ? "One" : "Two");
  int64_t head = store_head(root.views[1]);
  pg_ok("kill", "a");
  pg_ok("promote", "");
  write_person(root.views[0], 1, "After");
  assert_true(store_head(root.views[0]) == head + 1);
  assert_false(is_suspended(root.views[0]));
  assert_int_equal(local_get(root.views[0], &arena, LOCAL_EPOCH).len, 0);
  assert_same(&root);
}

TEST(a_commit_whose_answer_was_lost_is_looked_for_and_acknowledged_once_it_is_safe)
{
  AUTO(Root, root, root_close) = root_make();
  pg_ok("replica", "sync");
  move(&root);
  view_add(&root);
  int64_t head = store_head(root.views[0]);
  pg_ok("stop", "b"); /* a commit waits for it now */
  Writer writer = {.path = root.paths[0], .count = 1};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, write_many, &writer), 0);
  sleep(1);
  pg_ok("sql", "a \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'\" | grep -q t");
  sleep(1);
  pg_ok("up", "b");
  pthread_join(thread, NULL);
  assert_int_equal(writer.written, 1);
  assert_int_equal(writer.failed, 0);
  assert_same(&root);
  assert_int_equal(store_head(root.views[1]), head + 1);
}

TEST(a_failover_that_lost_the_end_starts_an_epoch_and_a_view_that_has_it_gives_it_back)
{
  AUTO(Root, root, root_close) = root_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  pg_ok("replica", "async");
  move(&root);
  Store *first = root.views[0], *second = view_add(&root);
  write_person(first, 1, "Replicated");
  assert_ok(logstore_catch_up(second));
  pg_ok("sql", "a \"SELECT pg_wal_replay_resume()\" >/dev/null 2>&1; sleep 0.5");
  pg_ok("stop", "b");
  write_person(first, 1, "Acknowledged and lost");
  with_device(first, &DEVICE_ADD, 13);
  pg_ok("kill", "a");
  pg_ok("up", "b");
  pg_ok("promote", "");

  /* The second has nothing that the new server lacks; it notices all the same, and nobody may write as the root. */
  AUTO(Tx, tx, tx_fini) = {0};
  assert_err(tx_begin(second, actor_system(), "client.update", "", &tx), ERR_EPOCH);
  assert_true(is_suspended(second));
  Str epoch = local_get(second, &arena, LOCAL_EPOCH);
  assert_true(epoch.len > 0);
  /* The first is ahead: it becomes what the log is and adds what was lost. */
  assert_err(tx_begin(first, actor_system(), "client.update", "", &tx), ERR_EPOCH);
  assert_true(str_eq(epoch, local_get(first, &arena, LOCAL_EPOCH)));
  assert_ok(logstore_catch_up(second));
  assert_true(knows_device(second, 13));
  assert_same(&root);
  /* Whole again, everybody writes. */
  assert_ok(local_set(second, LOCAL_WHOLE_EPOCH, epoch));
  write_person(first, 2, "Whole");
  write_person(second, 2, "Again");
  assert_same(&root);
  assert_int_equal(test_count(first, "journal"), 5 + 2 + 2);
}

TEST(a_former_primary_that_still_runs_is_refused)
{
  AUTO(Root, root, root_close) = root_make();
  pg_ok("replica", "sync");
  move(&root);
  pg_ok("stop", "a");
  pg_ok("promote", "");
  write_person(root.views[0], 1, "On the new one");
  store_close(root.views[0]);
  pg_ok("up", "a"); /* nobody told it */
  root.views[0] = view_open(root.paths[0]);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_err(tx_begin(root.views[0], actor_system(), "client.update", "", &tx), ERR_CONFLICT);
}

TEST(a_root_moves_back_and_those_who_stayed_cannot_write)
{
  AUTO(Root, root, root_close) = root_make();
  move(&root);
  Store *first = root.views[0], *second = view_add(&root);
  write_person(second, 1, "Last");
  assert_ok(postgres_leave(postgres_env(), address, store_key(first)->public_key));
  assert_ok(logstore_detach(first));
  write_person(first, 2, "At home");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_err(tx_begin(second, actor_system(), "client.update", "", &tx), ERR_NOT_FOUND);
  VerifyReport report;
  assert_ok(verify_store(first, &report));
}

TEST(a_connection_from_before_the_move_does_not_write_past_the_log)
{
  AUTO(Root, root, root_close) = root_make();
  AUTO(Store *, before, store_closep) = view_open(root.paths[0]);
  move(&root);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_err(tx_begin(before, actor_system(), "client.update", "", &tx), ERR_CONFLICT);
}

#define ON_SERVER(test) cmocka_unit_test_setup(test, server)

int main(void)
{
  if (access("/usr/lib/postgresql/15/bin/initdb", X_OK) != 0) {
    puts("postgres_test: no PostgreSQL server here");
    return 0;
  }
  const struct CMUnitTest tests[] = {
      ON_SERVER(a_root_that_moves_takes_its_journal_and_its_devices_along),
      cmocka_unit_test(what_one_writes_the_others_see_and_write_after),
      cmocka_unit_test(devices_settings_and_attachments_are_shared),
      cmocka_unit_test(a_transaction_that_sqlite_would_refuse_never_reaches_the_log),
      cmocka_unit_test(a_view_that_was_killed_between_the_two_commits_catches_up),
      cmocka_unit_test(many_threads_of_several_daemons_write_at_once),
      cmocka_unit_test(a_connection_that_the_server_ends_is_made_again),
      cmocka_unit_test(a_root_moves_back_and_those_who_stayed_cannot_write),
      cmocka_unit_test(a_connection_from_before_the_move_does_not_write_past_the_log),
      cmocka_unit_test(without_the_server_reading_goes_on_and_writing_says_so),
      ON_SERVER(a_failover_to_a_synchronous_replica_loses_nothing_and_starts_no_epoch),
      ON_SERVER(a_commit_whose_answer_was_lost_is_looked_for_and_acknowledged_once_it_is_safe),
      ON_SERVER(a_failover_that_lost_the_end_starts_an_epoch_and_a_view_that_has_it_gives_it_back),
      ON_SERVER(a_former_primary_that_still_runs_is_refused),
  };
  return cmocka_run_group_tests(tests, start, end);
}
