#include "common/store/internal.h"
#include "common/store/verify.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"
#include "tests/support/vfs_fault.h"

/* The disk fails at every single operation in turn. After each failure the replica has the whole of a transaction or
 * nothing of it, says so, and goes on. */

enum { OPERATIONS_MAX = 4000, CLIENTS = 30 };

static TestStore store_on_fault(void)
{
  vfs_fault_register();
  TestStore t = test_store_make();
  store_close(t.store);
  t.fake->env.vfs = VFS_FAULT;
  t.store = test_store_again(&t);
  return t;
}

/* One transaction with inserts, updates, a delete and a setting; `round` makes it differ from the others. */
static Err write_round(Store *store, unsigned round)
{
  AUTO(Tx, tx, tx_fini) = {0};
  char text[400];
  memset(text, 'a' + (int)(round % 20), sizeof text);
  Str words = {text, 100 + round % 300};
  TRY(tx_begin(store, actor_system(), "test.round", "", &tx));
  for (unsigned i = 0; i < CLIENTS; i++) {
    const Col *cols = COLS(col_text("given", words), col_text("family", STR("F")), col_text("sort_name", STR("f")));
    TRY(tx_put(&tx, "client", test_id(i + round * 3), cols, NULL));
  }
  TRY(tx_delete(&tx, "client", test_id(round * 3)));
  TRY(local_set_int(store, "round", round));
  return tx_commit(&tx);
}

static void check_whole(Store *store, const char *when)
{
  VerifyReport report;
  Err err = verify_store(store, &report);
  if (err != ERR_OK) fail_msg("%s: %s: %s %s", when, err_name(err), report.fault, err_detail());
}

/* The entry and the setting of a round are both there or both not. */
static int64_t rounds_of(Store *store)
{
  int64_t rounds = local_get_int(store, "round", 0);
  assert_int_equal(store_head(store), rounds);
  return rounds;
}

static bool is_of_disk(Err err)
{
  return err == ERR_NO_SPACE || err == ERR_IO;
}

/* fail_everywhere: returns how many operations were tried. */
static long fail_everywhere(VfsFault how, Err expected)
{
  AUTO(TestStore, t, test_store_fini) = store_on_fault();
  unsigned round = 1;
  for (long n = 0; n < OPERATIONS_MAX; n++) {
    vfs_fault_after(n, how);
    Err err = write_round(t.store, round);
    bool happened = vfs_fault_happened();
    vfs_fault_never();
    assert_false(t.store->in_write);
    if (err == ERR_OK) {
      assert_int_equal(rounds_of(t.store), round++);
      if (!happened) {
        check_whole(t.store, "at the end");
        return n;
      }
      continue; /* what failed was a checkpoint, which is made up for later */
    }
    assert_true(happened && is_of_disk(err));
    if (how == VFS_FULL) assert_int_equal(err, expected);
    assert_int_equal(rounds_of(t.store), round - 1);
    if (n % 8 == 0) check_whole(t.store, "after a failure");
  }
  fail_msg("no transaction got through within %d operations", OPERATIONS_MAX);
  return 0;
}

TEST(a_full_disk_at_any_operation_undoes_the_transaction)
{
  assert_true(fail_everywhere(VFS_FULL, ERR_NO_SPACE) > 20);
}

TEST(a_moment_without_space_undoes_the_transaction)
{
  fail_everywhere(VFS_FULL_ONCE, ERR_NO_SPACE);
}

TEST(an_io_error_at_any_operation_undoes_the_transaction)
{
  fail_everywhere(VFS_BROKEN_ONCE, ERR_IO);
}

/* The same while a checkpoint is due: it writes the database file itself. */
TEST(a_checkpoint_that_fails_loses_nothing)
{
  AUTO(TestStore, t, test_store_fini) = store_on_fault();
  assert_ok(store_exec(t.store, "PRAGMA wal_autocheckpoint = 1"));
  unsigned round = 1;
  int failed = 0;
  for (long n = 0; n < 120; n++) {
    vfs_fault_after(n, n % 2 ? VFS_FULL : VFS_BROKEN);
    Err err = write_round(t.store, round);
    failed += vfs_fault_happened() && err == ERR_OK;
    vfs_fault_never();
    if (err == ERR_OK) round++;
    assert_int_equal(rounds_of(t.store), round - 1);
  }
  assert_true(failed > 0); /* some failures were the checkpoint's */
  check_whole(t.store, "after checkpoints");
  test_store_reopen(&t);
  assert_int_equal(rounds_of(t.store), round - 1);
}

/* Power is cut at every operation; what had been committed is there afterwards, whatever the disk made of the rest. */
static void cut_everywhere(uint64_t seed, bool checkpoints)
{
  AUTO(TestStore, t, test_store_fini) = store_on_fault();
  unsigned committed = 0;
  for (long n = 0; n < OPERATIONS_MAX; n++) {
    /* Begin without a WAL, else it grows with every checkpoint that is cut. */
    if (checkpoints) assert_ok(store_exec(t.store, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 1"));
    vfs_fault_after(n, VFS_DEAD);
    Err first = write_round(t.store, committed + 1);
    if (first == ERR_OK) committed++;
    Err second = first == ERR_OK ? write_round(t.store, committed + 1) : first;
    if (second == ERR_OK) committed++;
    bool happened = vfs_fault_happened();
    store_close(t.store);
    vfs_fault_power_cut(seed ? seed + (uint64_t)n : 0);
    t.store = test_store_again(&t);
    int64_t rounds = rounds_of(t.store);
    /* One more may have reached the disk just before it was reported. */
    assert_true(rounds == committed || (happened && rounds == committed + 1));
    committed = (unsigned)rounds;
    if (n % 16 == 0) check_whole(t.store, "after a power cut");
    if (!happened) {
      check_whole(t.store, "at the end");
      return;
    }
  }
  fail_msg("no transaction got through within %d operations", OPERATIONS_MAX);
}

TEST(a_power_cut_that_drops_what_was_not_synced_loses_no_commit)
{
  cut_everywhere(0, false);
}

TEST(a_power_cut_that_tears_writes_loses_no_commit)
{
  cut_everywhere(11, false);
}

TEST(a_power_cut_in_a_checkpoint_loses_no_commit)
{
  cut_everywhere(0, true);
  cut_everywhere(23, true);
}

/* Creation and migration, too. */
TEST(a_store_whose_creation_failed_can_be_created)
{
  vfs_fault_register();
  for (long n = 0; n < OPERATIONS_MAX; n++) {
    AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
    EnvFake fake;
    env_fake_init(&fake, 1772463600000, 5);
    fake.env.vfs = VFS_FAULT;
    const char *path = test_folder_path(&folder, "replica");
    Store *store = NULL;
    vfs_fault_after(n, n % 2 ? VFS_FULL : VFS_BROKEN);
    Err err = store_create(path, &fake.env, &store);
    bool happened = vfs_fault_happened();
    vfs_fault_never();
    if (err != ERR_OK) {
      assert_true(happened && is_of_disk(err));
      assert_null(store);
      assert_ok(store_create(path, &fake.env, &store));
    }
    test_client(store, 1, "A", "B");
    store_close(store);
    if (!happened) return;
  }
  fail_msg("no store was created within %d operations", OPERATIONS_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_full_disk_at_any_operation_undoes_the_transaction),
      cmocka_unit_test(a_moment_without_space_undoes_the_transaction),
      cmocka_unit_test(an_io_error_at_any_operation_undoes_the_transaction),
      cmocka_unit_test(a_checkpoint_that_fails_loses_nothing),
      cmocka_unit_test(a_power_cut_that_drops_what_was_not_synced_loses_no_commit),
      cmocka_unit_test(a_power_cut_that_tears_writes_loses_no_commit),
      cmocka_unit_test(a_power_cut_in_a_checkpoint_loses_no_commit),
      cmocka_unit_test(a_store_whose_creation_failed_can_be_created),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
