/* The disk fails at every write of what replication does to a replica, one after another. */
#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"
#include "tests/support/vfs_fault.h"

enum { WRITES_MAX = 3000 };

/* Scene: a root with something to tell, and a replica on the disk that fails. */
typedef struct Scene {
  Replicas r; /* the root */
  TestStore target;
  Arena arena;
  JournalBatch batch;
  const char *snapshot;
  int64_t written_from; /* the target's entries after this one are of a clock that was ahead */
} Scene;

typedef Err Operation(Scene *scene);

static Err move_cursor(Store *store, void *context)
{
  return local_set_int(store, "cursor", ((Scene *)context)->batch.next_pos);
}

static Err merge(Scene *scene)
{
  const JournalBatch *batch = &scene->batch;
  return merge_apply(scene->target.store, batch->entries, batch->count, batch->heads, batch->head_count, move_cursor,
                     scene, NULL);
}

static Err restamp(Scene *scene)
{
  size_t count;
  return merge_restamp(scene->target.store, scene->written_from, scene->r.node[0].fake->now, &count);
}

static Err install(Scene *scene)
{
  return snapshot_install(scene->target.store, scene->snapshot);
}

static Scene scene_make(void)
{
  vfs_fault_register();
  Scene scene = {.r = replicas_make(1), .target = test_store_seeded(700), .arena = arena_make(0)};
  Store *root = scene.r.node[0].store;
  scene.target.fake->env.vfs = VFS_FAULT;
  test_store_reopen(&scene.target);
  for (unsigned i = 0; i < 30; i++) test_client(root, i, "Ana", "Mejia");
  for (unsigned i = 0; i < 30; i += 2) replica_update_text(root, "client", test_id(i), "phone", "555");
  Str key = {(const char *)store_key(root)->public_key, SIGN_PUBLIC_SIZE};
  assert_ok(local_set(scene.target.store, "root.key", key));
  assert_ok(journal_batch(root, &scene.arena, 0, 0, 1000, 1 << 20, &scene.batch));
  scene.snapshot = test_folder_path(&scene.r.node[0].folder, "snapshot");
  int64_t head;
  assert_ok(snapshot_make(root, scene.snapshot, &head));
  return scene;
}

static void scene_fini(Scene *scene)
{
  vfs_fault_never();
  test_store_fini(&scene->target);
  replicas_fini(&scene->r);
  arena_fini(&scene->arena);
}

/* write_ahead: what restamp is for. */
static void write_ahead(Scene *scene)
{
  assert_ok(merge(scene));
  Store *target = scene->target.store;
  replica_enrol(scene->r.node[0].store, target, "office");
  scene->written_from = store_head(target);
  env_fake_advance(scene->target.fake, (int64_t)365 * 86400 * 1000);
  for (unsigned i = 0; i < 30; i += 3) replica_update_text(target, "client", test_id(i), "email", "x@example.org");
  scene->target.fake->now = scene->r.node[0].fake->now;
}

static Hash digest_of(Store *store)
{
  Hash digest;
  assert_ok(verify_digest(store, &digest));
  return digest;
}

static void assert_sound(Store *store)
{
  VerifyReport report;
  if (verify_store(store, &report) != ERR_OK) fail_msg("%s", report.fault);
}

/* fail_at_every_write: on the same replica, until it gets through. */
static void fail_at_every_write(Scene *scene, Operation *operation, VfsFault fault)
{
  Hash before = digest_of(scene->target.store);
  int64_t head = store_head(scene->target.store);
  for (long n = 0; n < WRITES_MAX; n++) {
    vfs_fault_after(n, fault);
    Err err = operation(scene);
    bool happened = vfs_fault_happened();
    vfs_fault_never();
    if (err == ERR_OK) {
      assert_true(n > 3);
      test_store_reopen(&scene->target);
      assert_sound(scene->target.store);
      return;
    }
    assert_true(happened);
    if (err != ERR_NO_SPACE && err != ERR_IO) fail_msg("write %ld: %s (%s)", n, err_name(err), err_detail());
    assert_true(hash_eq(digest_of(scene->target.store), before));
    assert_int_equal(store_head(scene->target.store), head);
    if (n % 7 == 0) test_store_reopen(&scene->target);
  }
  fail_msg("it did not get through within %d writes", WRITES_MAX);
}

static const VfsFault FAULTS[] = {VFS_FULL, VFS_BROKEN, VFS_FULL_ONCE, VFS_BROKEN_ONCE};

TEST(a_merge_on_a_failing_disk_is_all_there_or_not_at_all)
{
  for (size_t i = 0; i < COUNT_OF(FAULTS); i++) {
    AUTO(Scene, scene, scene_fini) = scene_make();
    fail_at_every_write(&scene, merge, FAULTS[i]);
    assert_true(hash_eq(digest_of(scene.target.store), digest_of(scene.r.node[0].store)));
    assert_int_equal(local_get_int(scene.target.store, "cursor", 0), scene.batch.next_pos);
  }
}

TEST(a_restamp_on_a_failing_disk_is_all_there_or_not_at_all)
{
  for (size_t i = 0; i < COUNT_OF(FAULTS); i++) {
    AUTO(Scene, scene, scene_fini) = scene_make();
    write_ahead(&scene);
    fail_at_every_write(&scene, restamp, FAULTS[i]);
    Head head;
    assert_ok(journal_head_of(scene.target.store, store_node(scene.target.store), &head));
    assert_false(hlc_is_ahead(head.hlc, scene.r.node[0].fake->now));
  }
}

TEST(a_snapshot_on_a_failing_disk_is_installed_or_not_at_all)
{
  for (size_t i = 0; i < COUNT_OF(FAULTS); i++) {
    AUTO(Scene, scene, scene_fini) = scene_make();
    fail_at_every_write(&scene, install, FAULTS[i]);
    assert_true(hash_eq(digest_of(scene.target.store), digest_of(scene.r.node[0].store)));
  }
}

/* cut_at_every_write: the power goes; the process with it; what is on the disk afterwards is the state before or after. */
static void cut_at_every_write(Scene *scene, Operation *operation)
{
  Hash before = digest_of(scene->target.store);
  for (long n = 0; n < WRITES_MAX; n++) {
    vfs_fault_after(n, VFS_DEAD);
    Err err = operation(scene);
    bool happened = vfs_fault_happened();
    store_close(scene->target.store);
    scene->target.store = NULL;
    vfs_fault_power_cut((uint64_t)n);
    vfs_fault_never();
    scene->target.store = test_store_again(&scene->target);
    assert_sound(scene->target.store);
    bool done = !hash_eq(digest_of(scene->target.store), before);
    if (err == ERR_OK) assert_true(done); /* what was reported done is not lost */
    if (done) {
      assert_true(happened || n > 3);
      return;
    }
  }
  fail_msg("it did not get through within %d writes", WRITES_MAX);
}

TEST(after_a_power_cut_a_merge_is_all_there_or_not_at_all)
{
  AUTO(Scene, scene, scene_fini) = scene_make();
  cut_at_every_write(&scene, merge);
  assert_true(hash_eq(digest_of(scene.target.store), digest_of(scene.r.node[0].store)));
  assert_int_equal(local_get_int(scene.target.store, "cursor", 0), scene.batch.next_pos);
}

TEST(after_a_power_cut_a_restamp_is_all_there_or_not_at_all)
{
  AUTO(Scene, scene, scene_fini) = scene_make();
  write_ahead(&scene);
  cut_at_every_write(&scene, restamp);
}

TEST(after_a_power_cut_a_snapshot_is_installed_or_not_at_all)
{
  AUTO(Scene, scene, scene_fini) = scene_make();
  cut_at_every_write(&scene, install);
  assert_true(hash_eq(digest_of(scene.target.store), digest_of(scene.r.node[0].store)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_merge_on_a_failing_disk_is_all_there_or_not_at_all),
      cmocka_unit_test(a_restamp_on_a_failing_disk_is_all_there_or_not_at_all),
      cmocka_unit_test(a_snapshot_on_a_failing_disk_is_installed_or_not_at_all),
      cmocka_unit_test(after_a_power_cut_a_merge_is_all_there_or_not_at_all),
      cmocka_unit_test(after_a_power_cut_a_restamp_is_all_there_or_not_at_all),
      cmocka_unit_test(after_a_power_cut_a_snapshot_is_installed_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
