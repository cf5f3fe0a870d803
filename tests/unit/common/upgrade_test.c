#include "common/store/blob.h"
#include "common/store/internal.h"
#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

/* Old and new programs side by side: the new one has one more column and one more table. */

static const char NEXT[] =
    "ALTER TABLE client ADD COLUMN nickname TEXT NOT NULL DEFAULT 'none'; -- 40: what friends say\n"
    "-- table 90 pet: an animal that comes along\n"
    "CREATE TABLE pet (\n"
    "  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),\n"
    "  client BLOB NOT NULL REFERENCES client DEFERRABLE INITIALLY DEFERRED, -- 1: whose\n"
    "  name TEXT NOT NULL, -- 2: what it listens to\n"
    "  v BLOB NOT NULL DEFAULT (foyer_stamp())\n"
    ") STRICT, WITHOUT ROWID;\n";

static void upgrade(TestStore *t)
{
  static Migration migrations[32];
  for (size_t i = 0; i < MIGRATION_COUNT; i++) migrations[i] = MIGRATIONS[i];
  migrations[MIGRATION_COUNT] = (Migration){"9999_next", NEXT};
  store_close(t->store);
  t->store = NULL;
  assert_ok(store_open_with(t->path, &t->fake->env, migrations, MIGRATION_COUNT + 1, false, &t->store));
}

static void write_new(Store *store, unsigned number)
{
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid client = test_id(number);
  assert_ok(tx_begin(store, actor_system(), "test.new", "", &tx));
  assert_ok(tx_insert(&tx, "client", client,
                      COLS(col_text("given", STR("Ana")), col_text("family", STR("Li")),
                           col_text("sort_name", STR("li")), col_text("nickname", STR("Nan")))));
  assert_ok(
      tx_insert(&tx, "pet", test_id(number + 1000), COLS(col_uuid("client", &client), col_text("name", STR("Rex")))));
  assert_ok(tx_commit(&tx));
}

static const char *nickname(Store *store, Arena *arena, unsigned number)
{
  SQL_SCAN(NICKNAME, "SELECT * FROM client WHERE id = :id");
  AUTO(Query, q, query_fini) = query(store, &NICKNAME);
  query_bind_uuid(&q, ":id", test_id(number));
  return query_next(&q) ? query_cstr(&q, arena, "nickname") : "(no row)";
}

static void assert_sound(Store *store)
{
  VerifyReport report;
  if (verify_store(store, &report) != ERR_OK) fail_msg("%s", report.fault);
}

TEST(what_an_old_program_does_not_know_is_passed_on_and_applied_after_its_upgrade)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(4);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Store **old = &r.node[1].store, **between = &r.node[2].store;
  test_client(r.node[0].store, 1, "Bo", "Li");
  replicas_settle(&r);
  upgrade(&r.node[0]);
  upgrade(&r.node[3]);
  write_new(r.node[0].store, 2);
  replica_update_text(r.node[0].store, "client", test_id(1), "nickname", "Bob");
  env_fake_advance(r.node[1].fake, 2000);
  replica_update_text(*old, "client", test_id(1), "phone", "555");

  MergeReport report;
  assert_ok(replicas_send(&r, 0, 1, 100, &report));
  assert_int_equal(report.unknown, 3);
  assert_int_equal(test_count(*old, "client"), 2);
  assert_sound(*old);
  test_client(*old, 3, "Cy", "Wu"); /* an old program's insert: the new column gets its default elsewhere */
  replicas_settle(&r);              /* the old ones pass on what they do not know */

  replica_update_text(r.node[3].store, "client", test_id(2), "nickname", "Annie");
  replicas_settle(&r);
  upgrade(&r.node[1]);
  upgrade(&r.node[2]);
  assert_string_equal(nickname(*old, &arena, 1), "Bob");
  assert_string_equal(nickname(*old, &arena, 2), "Annie");
  assert_string_equal(nickname(*between, &arena, 3), "none");
  assert_int_equal(test_count(*old, "pet"), 1);
  replicas_assert_equal(&r);
  for (size_t i = 0; i < r.count; i++) assert_sound(r.node[i].store);
}

TEST(what_staff_has_reviewed_stays_reviewed_over_an_upgrade)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Bo", "Li");
  replicas_settle(&r);
  replica_update_text(r.node[1].store, "client", test_id(1), "phone", "1");
  replica_update_text(r.node[2].store, "client", test_id(1), "phone", "2");
  upgrade(&r.node[0]);
  write_new(r.node[0].store, 2);
  replicas_settle(&r);
  Overwrite *list;
  size_t count;
  assert_ok(merge_overwrites(r.node[1].store, &arena, 10, &list, &count));
  assert_int_equal(count, 1);
  assert_ok(merge_review(r.node[1].store, &list[0]));
  upgrade(&r.node[1]);
  assert_int_equal(test_count(r.node[1].store, "pet"), 1);
  assert_ok(merge_overwrites(r.node[1].store, &arena, 10, &list, &count));
  assert_int_equal(count, 0);
}

TEST(a_snapshot_of_a_newer_root_installs_into_an_older_program)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(1);
  AUTO(TestStore, fresh, test_store_fini) = test_store_seeded(700);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Bo", "Li");
  upgrade(&r.node[0]);
  write_new(r.node[0].store, 2);
  const char *path = test_folder_path(&r.node[0].folder, "snapshot");
  int64_t head;
  assert_ok(snapshot_make(r.node[0].store, path, &head));
  assert_ok(snapshot_install(fresh.store, path));
  assert_int_equal(store_head(fresh.store), head);
  assert_int_equal(test_count(fresh.store, "client"), 2);
  assert_sound(fresh.store);
  upgrade(&fresh);
  assert_string_equal(nickname(fresh.store, &arena, 2), "Nan");
  Hash a, b;
  assert_ok(verify_digest(fresh.store, &a));
  assert_ok(verify_digest(r.node[0].store, &b));
  assert_true(hash_eq(a, b));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_an_old_program_does_not_know_is_passed_on_and_applied_after_its_upgrade),
      cmocka_unit_test(what_staff_has_reviewed_stays_reviewed_over_an_upgrade),
      cmocka_unit_test(a_snapshot_of_a_newer_root_installs_into_an_older_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
