#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/store/blob.h"
#include "common/store/internal.h"
#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

static void post(Store *store, unsigned number, int64_t debit, int64_t credit)
{
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid posting = test_id(number);
  assert_ok(tx_begin(store, actor_system(), "test.post", "", &tx));
  assert_ok(tx_insert(&tx, "posting", posting,
                      COLS(col_text("key", STR("k")), col_text("kind", STR("charge")), col_int("at", 0),
                           col_text("currency", STR("USD")))));
  for (unsigned side = 1; side <= 2; side++) {
    assert_ok(tx_insert(&tx, "ledger_line", test_id(number + side),
                        COLS(col_uuid("posting", &posting), col_text("account", STR("cash")),
                             col_int("amount_minor", side == 1 ? debit : credit))));
  }
  assert_ok(tx_commit(&tx));
}

static void fill(Replicas *r)
{
  for (unsigned i = 0; i < 20; i++) {
    test_client(r->node[i % 2].store, i, "Ana", "Mejia");
    replica_update_text(r->node[i % 2].store, "client", test_id(i), "phone", "555");
    if (i % 5 == 4) replicas_settle(r);
  }
  post(r->node[0].store, 500, 1000, -1000);
  replicas_settle(r);
}

/* tamper: with the tools of someone who has the disk: no hooks, no guards. */
static void tamper(Store *store, const char *sql)
{
  sqlite3 *db;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_int_equal(sqlite3_open(arena_printf(&arena, "%s/foyer.db", store_folder(store)), &db), SQLITE_OK);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
  assert_true(sqlite3_total_changes(db) > 0);
  sqlite3_close(db);
}

TEST(a_sound_replica_is_found_sound_and_is_not_changed)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  fill(&r);
  VerifyReport report;
  assert_ok(verify_store(r.node[1].store, &report));
  assert_string_equal(report.fault, "");
  assert_int_equal(report.entries, test_count(r.node[1].store, "journal"));
  assert_true(report.rows >= 25 && report.signatures >= 4);
  assert_int_equal(report.postings, 1);
  assert_int_equal(test_folder_count(&r.node[1].folder), 1);
  replicas_assert_equal(&r);
}

TEST(each_fault_is_named)
{
  static const struct {
    const char *sql;
    const char *fault; /* part of it */
  } CASES[] = {
      {"UPDATE journal SET body = CAST(substr(body, 1, 20) || x'00' || substr(body, 22) AS BLOB) WHERE pos = 9",
       "(position 9): its hash is not that of its content"},
      {"UPDATE journal SET hash = zeroblob(32) WHERE pos = 9", "(position 9): its hash is not that of its content"},
      {"UPDATE journal SET hlc = hlc + 1 WHERE pos = 9", "(position 9): its hash is not that of its content"},
      {"DELETE FROM journal WHERE pos = 9", "(position 10): the position before it is missing"},
      {"DELETE FROM journal WHERE pos = (SELECT max(pos) FROM journal)", "journal: "},
      {"UPDATE signature SET signature = zeroblob(64) WHERE pos = (SELECT max(pos) FROM signature)",
       "bad signature of"},
      {"DELETE FROM signature", "lack a signature"},
      {"UPDATE author_key SET public_key = zeroblob(32)", "the key that is kept for node"},
      {"UPDATE client SET phone = '666' WHERE id = (SELECT max(id) FROM client)",
       "table client, row 019cae00-0000-7000-0000-000000000013: column phone is not what the journal says"},
      {"UPDATE client SET v = zeroblob(12) WHERE id = (SELECT max(id) FROM client)", "column v is not"},
      {"DELETE FROM client WHERE id = (SELECT max(id) FROM client)",
       "table client, row 019cae00-0000-7000-0000-000000000013: it is missing"},
      {"INSERT INTO staff (id, username, given, family, v) VALUES (randomblob(16), 'x', '', '', zeroblob(12))",
       "it is not in the journal"},
      {"UPDATE ledger_line SET amount_minor = amount_minor + 1", "column amount_minor is not"},
      {"INSERT INTO overwrite VALUES (8, zeroblob(16), 1, 1, 1, x'00', NULL)", "table overwrite"},
      {"INSERT INTO shadow VALUES (8, zeroblob(16), 1, 1, NULL)", "table shadow"},
      {"UPDATE author SET hash = zeroblob(32)", "which was known here"},
      {"UPDATE seen SET hlc = hlc - 1", "table seen"},
      {"INSERT INTO blob VALUES (zeroblob(32), x'6f')", "attachment: bytes with hash"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(Replicas, r, replicas_fini) = replicas_make(2);
    fill(&r);
    tamper(r.node[1].store, CASES[i].sql);
    test_store_reopen(&r.node[1]);
    VerifyReport report;
    Err err = verify_store(r.node[1].store, &report);
    if (err != ERR_CORRUPT || !strstr(report.fault, CASES[i].fault))
      fail_msg("%s: %s, \"%s\"", CASES[i].sql, err_name(err), report.fault);
  }
}

TEST(a_posting_that_does_not_add_up_is_named)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(1);
  post(r.node[0].store, 500, 1000, -1000);
  post(r.node[0].store, 600, 1000, -999);
  VerifyReport report;
  assert_int_equal(verify_store(r.node[0].store, &report), ERR_CORRUPT);
  assert_string_equal(report.fault, "posting 019cae00-0000-7000-0000-000000000258: its lines add up to 1");
}

TEST(a_flipped_byte_anywhere_in_the_file_is_noticed_or_does_not_matter)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  fill(&r);
  Hash before, after;
  assert_ok(verify_digest(r.node[1].store, &before));
  store_close(r.node[1].store);
  const char *path = arena_printf(&arena, "%s/foyer.db", r.node[1].path);
  Str whole;
  assert_ok(file_read(&arena, path, 64 << 20, &whole));
  EnvFake dice;
  env_fake_init(&dice, 0, 3);
  int noticed = 0;
  for (int round = 0; round < 60; round++) {
    size_t at;
    do {
      env_random(&dice.env, &at, sizeof at);
      at %= whole.len;
    } while (whole.ptr[at] == 0); /* much of a small file is empty */
    char *damaged = arena_cstr(&arena, whole);
    damaged[at] ^= 0x41;
    assert_ok(file_write(path, damaged, whole.len, 0600));
    VerifyReport report;
    r.node[1].store = NULL;
    Err err = store_open(r.node[1].path, &r.node[1].fake->env, &r.node[1].store);
    if (err == ERR_OK) err = verify_store(r.node[1].store, &report);
    if (err != ERR_OK)
      noticed++;
    else {
      assert_ok(verify_digest(r.node[1].store, &after)); /* an unused byte of a page */
      assert_true(hash_eq(before, after));
    }
    store_close(r.node[1].store);
  }
  assert_true(noticed > 10);
  assert_ok(file_write(path, whole.ptr, whole.len, 0600));
  r.node[1].store = test_store_again(&r.node[1]);
}

/* --------------------------------------------------------------------------------------------------- backup, snapshot */

TEST(a_backup_restores_with_its_key_and_begins_a_new_epoch)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  fill(&r);
  TestFolder *folder = &r.node[0].folder;
  const char *backup = test_folder_path(folder, "backup"), *key = test_folder_path(folder, "replica/node.key");
  const char *wrong = test_folder_path(&r.node[1].folder, "replica/node.key");
  const char *home = test_folder_path(folder, "restored");
  assert_ok(backup_make(r.node[0].store, backup));
  assert_int_equal(backup_make(r.node[0].store, backup), ERR_EXISTS);
  struct stat info;
  assert_int_equal(stat(backup, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(backup_restore(backup, wrong, home, &r.node[0].fake->env), ERR_INVALID);
  assert_int_equal(backup_restore(test_folder_path(folder, "none"), key, home, &r.node[0].fake->env), ERR_NOT_FOUND);
  assert_ok(backup_restore(backup, key, home, &r.node[0].fake->env));
  assert_int_equal(backup_restore(backup, key, home, &r.node[0].fake->env), ERR_EXISTS);
  AUTO(Store *, restored, store_closep) = NULL;
  assert_ok(store_open(home, &r.node[0].fake->env, &restored));
  assert_int_equal(store_node(restored), store_node(r.node[0].store));
  Hash a, b;
  assert_ok(verify_digest(restored, &a));
  assert_ok(verify_digest(r.node[0].store, &b));
  assert_true(hash_eq(a, b));
  assert_int_equal(local_get(restored, &arena, "epoch").len, 32);
  assert_int_equal(local_get(restored, &arena, "backup.node").len, 0);
  VerifyReport report;
  assert_ok(verify_store(restored, &report));
}

TEST(a_restored_root_takes_back_what_others_have_of_it)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TestFolder *folder = &r.node[0].folder;
  const char *backup = test_folder_path(folder, "backup"), *home = test_folder_path(folder, "restored");
  assert_ok(backup_make(r.node[0].store, backup));
  fill(&r);
  assert_ok(backup_restore(backup, test_folder_path(folder, "replica/node.key"), home, &r.node[0].fake->env));
  AUTO(Store *, restored, store_closep) = NULL;
  assert_ok(store_open(home, &r.node[0].fake->env, &restored));
  JournalBatch batch;
  assert_ok(journal_batch(r.node[1].store, &arena, 0, 0, 10000, 64 << 20, &batch));
  MergeReport report;
  assert_ok(merge_apply(restored, batch.entries, batch.count, batch.heads, batch.head_count, NULL, NULL, &report));
  assert_true(report.applied > 20 && report.duplicate > 0);
  Hash a, b;
  assert_ok(verify_digest(restored, &a));
  assert_ok(verify_digest(r.node[1].store, &b));
  assert_true(hash_eq(a, b));
  test_whole(restored);
  test_client(restored, 77, "Bo", "Li"); /* and goes on with the right number */
  Head head;
  assert_ok(journal_head_of(restored, store_node(restored), &head));
  Head before;
  assert_ok(journal_head_of(r.node[1].store, store_node(restored), &before));
  assert_int_equal(head.seq, before.seq + 1);
}

static bool file_holds(const char *path, const char *text)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str bytes;
  assert_ok(file_read(&arena, path, 64 << 20, &bytes));
  return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

TEST(a_snapshot_makes_a_new_node_that_goes_on_by_pulling)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(TestStore, fresh, test_store_fini) = test_store_seeded(700);
  fill(&r);
  Hash blob;
  assert_ok(local_set(r.node[0].store, "secret", STR("what-only-this-node-may-know")));
  assert_ok(blob_put(r.node[0].store, STR("picture"), &blob));
  Store *root = r.node[0].store;
  replica_enrol(root, fresh.store, "office");
  assert_ok(local_set(fresh.store, "root.key", (Str){(const char *)store_key(root)->public_key, SIGN_PUBLIC_SIZE}));
  const char *path = test_folder_path(&r.node[0].folder, "snapshot");
  int64_t head = 0;
  assert_ok(snapshot_make(root, path, &head));
  assert_int_equal(head, store_head(root));
  assert_int_equal(snapshot_make(root, path, &head), ERR_EXISTS);
  assert_false(file_holds(path, "what-only-this-node-may-know"));
  assert_true(file_holds(path, "Mejia"));
  assert_ok(snapshot_install(fresh.store, path));
  assert_int_equal(snapshot_install(fresh.store, path), ERR_CONFLICT);
  assert_int_equal(store_head(fresh.store), head);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_int_equal(local_get(fresh.store, &arena, "secret").len, 0);
  assert_false(blob_has(fresh.store, blob));
  VerifyReport report;
  Err err = verify_store(fresh.store, &report);
  if (err != ERR_OK) fail_msg("%s", report.fault);
  test_client(r.node[1].store, 300, "Cy", "Wu");
  replicas_settle(&r);
  JournalBatch batch;
  assert_ok(journal_batch(root, &arena, head, store_node(fresh.store), 100, 1 << 20, &batch));
  assert_ok(merge_apply(fresh.store, batch.entries, batch.count, batch.heads, batch.head_count, NULL, NULL, NULL));
  test_client(fresh.store, 301, "Di", "Ng");
  assert_ok(journal_batch(fresh.store, &arena, head, store_node(root), 100, 1 << 20, &batch));
  assert_ok(merge_apply(root, batch.entries, batch.count, batch.heads, batch.head_count, NULL, NULL, NULL));
  Hash a, b;
  assert_ok(verify_digest(fresh.store, &a));
  assert_ok(verify_digest(root, &b));
  assert_true(hash_eq(a, b));
}

TEST(a_snapshot_that_was_altered_or_is_of_another_practice_is_refused)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(1);
  AUTO(TestStore, fresh, test_store_fini) = test_store_seeded(700);
  AUTO(TestStore, stranger, test_store_fini) = test_store_seeded(701);
  for (unsigned i = 0; i < 5; i++) test_client(r.node[0].store, i, "Ana", "Mejia");
  const char *path = test_folder_path(&r.node[0].folder, "snapshot");
  int64_t head;
  assert_ok(snapshot_make(r.node[0].store, path, &head));
  Str other = {(const char *)store_key(stranger.store)->public_key, SIGN_PUBLIC_SIZE};
  assert_ok(local_set(fresh.store, "root.key", other));
  assert_int_equal(snapshot_install(fresh.store, path), ERR_CORRUPT);
  assert_ok(local_delete(fresh.store, "root.key"));
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "UPDATE journal SET hlc = hlc + 1 WHERE pos = 3", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(snapshot_install(fresh.store, path), ERR_CORRUPT);
  const char *harmful = "UPDATE journal SET hlc = hlc - 1 WHERE pos = 3;"
                        "CREATE VIEW site_list AS SELECT * FROM site";
  assert_int_equal(sqlite3_exec(db, harmful, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(snapshot_install(fresh.store, path), ERR_CORRUPT);
  const char *disguised = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'VIEW' WHERE type = 'view'";
  assert_int_equal(sqlite3_exec(db, disguised, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(snapshot_install(fresh.store, path), ERR_CORRUPT);
  assert_int_equal(sqlite3_exec(db, "DROP VIEW site_list", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  assert_int_equal(test_count(fresh.store, "client"), 0);
  assert_int_equal(store_head(fresh.store), 0);
  assert_int_equal(snapshot_install(fresh.store, store_folder(fresh.store)), ERR_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sound_replica_is_found_sound_and_is_not_changed),
      cmocka_unit_test(each_fault_is_named),
      cmocka_unit_test(a_posting_that_does_not_add_up_is_named),
      cmocka_unit_test(a_flipped_byte_anywhere_in_the_file_is_noticed_or_does_not_matter),
      cmocka_unit_test(a_backup_restores_with_its_key_and_begins_a_new_epoch),
      cmocka_unit_test(a_restored_root_takes_back_what_others_have_of_it),
      cmocka_unit_test(a_snapshot_makes_a_new_node_that_goes_on_by_pulling),
      cmocka_unit_test(a_snapshot_that_was_altered_or_is_of_another_practice_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
