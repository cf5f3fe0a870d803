#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

/* A process that merges is killed at any moment, again and again. */

enum { ENTRIES = 400, KILLS = 30, KILL_WITHIN_US = 50000, UNTIL_DONE = 10000000 };

typedef struct Cursor {
  int64_t pos;
} Cursor;

static Err move_cursor(Store *store, void *context)
{
  return local_set_int(store, "cursor", ((Cursor *)context)->pos);
}

static Err pull_once(Store *from, Store *to, bool *more)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalBatch batch;
  TRY(journal_batch(from, &arena, local_get_int(to, "cursor", 0), store_node(to), 3, 1 << 20, &batch));
  Cursor cursor = {batch.next_pos};
  *more = batch.count > 0;
  for (size_t i = 0; i < batch.count; i++) batch.entries[i].via = store_node(from);
  return merge_apply(to, batch.entries, batch.count, batch.heads, batch.head_count, move_cursor, &cursor, NULL);
}

/* pull_all: what the child does; its exit code is 0 once there is no more. */
static _Noreturn void pull_all(const TestStore *from, const TestStore *to)
{
  Store *source = NULL, *target = NULL;
  bool more = true;
  if (store_open(from->path, &from->fake->env, &source) != ERR_OK) _exit(2);
  if (store_open(to->path, &to->fake->env, &target) != ERR_OK) _exit(3);
  while (more) {
    if (pull_once(source, target, &more) != ERR_OK) _exit(4);
  }
  _exit(0);
}

/* run_and_kill: the child's exit code; -1 when it was killed. */
static int run_and_kill(const TestStore *from, const TestStore *to, unsigned after_us)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) pull_all(from, to);
  int status;
  if (after_us != UNTIL_DONE) {
    usleep(after_us);
    kill(child, SIGKILL);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_sound(TestStore *t)
{
  VerifyReport report;
  t->store = test_store_again(t);
  if (verify_store(t->store, &report) != ERR_OK) fail_msg("%s", report.fault);
  int64_t cursor = local_get_int(t->store, "cursor", 0);
  assert_true(cursor == 0 || cursor == store_head(t->store)); /* the batch and the cursor, or neither */
  store_close(t->store);
  t->store = NULL;
}

/* fresh_replica: one that knows whom to believe, closed. */
static TestStore fresh_replica(Str root_key)
{
  TestStore fresh = test_store_seeded(700);
  assert_ok(local_set(fresh.store, LOCAL_ROOT_KEY, root_key));
  store_close(fresh.store);
  fresh.store = NULL;
  return fresh;
}

TEST(killed_at_any_moment_a_merge_is_all_there_or_not_at_all)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(1);
  Store *root = r.node[0].store;
  for (unsigned i = 0; i < ENTRIES / 2; i++) test_client(root, i, "Ana", "Mejia");
  for (unsigned i = 0; i < ENTRIES / 2; i++) replica_update_text(root, "client", test_id(i), "phone", "555");
  SignKey key = *store_key(root);
  Str root_key = {(const char *)key.public_key, SIGN_PUBLIC_SIZE};
  store_close(root); /* SQLite must not be taken through a fork */
  r.node[0].store = NULL;
  EnvFake dice;
  env_fake_init(&dice, 0, 9);
  AUTO(TestStore, fresh, test_store_fini) = fresh_replica(root_key);
  for (int killed = 0; killed < KILLS;) {
    uint32_t us;
    env_random(&dice.env, &us, sizeof us);
    int outcome = run_and_kill(&r.node[0], &fresh, us % KILL_WITHIN_US);
    assert_true(outcome <= 0);
    killed += outcome < 0;
    assert_sound(&fresh);
    if (outcome < 0) continue;
    test_store_fini(&fresh); /* it was done before it was killed: once more from the beginning */
    fresh = fresh_replica(root_key);
  }
  assert_int_equal(run_and_kill(&r.node[0], &fresh, UNTIL_DONE), 0);
  Hash a, b;
  r.node[0].store = test_store_again(&r.node[0]);
  fresh.store = test_store_again(&fresh);
  assert_ok(verify_digest(r.node[0].store, &a));
  assert_ok(verify_digest(fresh.store, &b));
  assert_true(hash_eq(a, b));
  assert_int_equal(test_count(fresh.store, "client"), ENTRIES / 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(killed_at_any_moment_a_merge_is_all_there_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
