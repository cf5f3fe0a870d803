/* Wrong clocks, and replicas that were restored from a backup. */
#include <stdio.h>

#include "common/store/verify.h"
#include "sync/settings.h"
#include "tests/support/nodes.h"
#include "tests/support/unit.h"

enum { PATIENCE_MS = 10000 };
static const int64_t YEAR_MS = INT64_C(365) * 86400 * 1000;

static void assert_sound(TestNode *node)
{
  VerifyReport report;
  Err err = verify_store(node->store, &report);
  if (err != ERR_OK) fail_msg("%s: %s", err_name(err), report.fault);
}

TEST(a_node_in_1970_is_enrolled_and_takes_part)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  office->clock_ms = -env_now(env_system()) + 60000;
  test_client(root->store, 1, "Ana", "Ruiz");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  test_client(office->store, 2, "Ben", "Okafor");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_true(test_equal(root, office));
  int64_t offset = local_get_int(office->store, LOCAL_CLOCK_OFFSET, 0);
  assert_true(offset > 50 * YEAR_MS);
  assert_sound(office);
}

TEST(work_that_was_stamped_in_2099_arrives_with_fresh_stamps)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  office->clock_ms = 73 * YEAR_MS;
  test_client(office->store, 1, "Ana", "Ruiz");
  test_client(office->store, 2, "Ben", "Okafor");
  test_client(office->store, 1, "Anna", "Ruiz");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_true(test_equal(root, office));
  assert_int_equal(test_count(root->store, "client"), 2);
  Head head;
  assert_ok(journal_head_of(root->store, store_node(office->store), &head));
  assert_true(hlc_ms(head.hlc) < env_now(env_system()) + 60000);
  /* A later edit at the root wins, as it should. */
  test_client(root->store, 1, "Anna Maria", "Ruiz");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_true(test_equal(root, office));
  assert_sound(root);
  assert_sound(office);
}

/* restore: the node as it was at the backup. */
static void restore(TestNode *node, const char *backup)
{
  int port = node->port;
  if (node->server) test_unserve(node);
  store_close(node->store);
  node->store = NULL;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *lost = test_folder_path(&node->folder, "lost"), *was = node->path;
  assert_int_equal(rename(was, lost), 0);
  assert_ok(backup_restore(backup, arena_printf(&arena, "%s/node.key", lost), was, &node->env));
  assert_int_equal(rename(arena_printf(&arena, "%s/tls", lost), arena_printf(&arena, "%s/tls", was)), 0);
  assert_ok(store_open(was, &node->env, &node->store));
  node->port = port;
}

TEST(a_root_restored_from_a_backup_is_given_again_what_it_lost)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(TestNode *, other, test_node_freep) = test_join(root, "office", 0);
  test_client(office->store, 1, "Ana", "Ruiz");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  const char *backup = test_folder_path(&root->folder, "backup.db");
  assert_ok(backup_make(root->store, backup));
  /* After the backup: from the office, from the root itself, and from one whose disk dies before the root is back. */
  test_client(office->store, 2, "Ben", "Okafor");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  test_client(root->store, 3, "Cai", "Lee");
  test_client(other->store, 4, "Dora", "Silva");
  assert_ok(agent_catch_up(other->store, PATIENCE_MS));
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_int_equal(test_count(root->store, "client"), 4);
  restore(root, backup);
  assert_int_equal(test_count(root->store, "client"), 1);
  test_serve(root);
  test_client(office->store, 5, "Eva", "Stone"); /* not sent yet */
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_int_equal(test_count(root->store, "client"), 5);
  assert_true(test_equal(root, office));
  Tx tx;
  assert_err(tx_begin(root->store, actor_system(), "test.write", "", &tx),
             ERR_EPOCH); /* the other may have more of ours */
  assert_ok(agent_catch_up(other->store, PATIENCE_MS));
  test_client(root->store, 6, "Finn", "West");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_ok(agent_catch_up(other->store, PATIENCE_MS));
  assert_true(test_equal(root, other));
  assert_sound(root);
  assert_sound(office);
}

TEST(an_office_restored_from_a_backup_gets_its_own_work_back)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  test_client(office->store, 1, "Ana", "Ruiz");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  const char *backup = test_folder_path(&office->folder, "backup.db");
  assert_ok(backup_make(office->store, backup));
  test_client(office->store, 2, "Ben", "Okafor");
  test_client(root->store, 3, "Cai", "Lee");
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  restore(office, backup);
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_true(test_equal(root, office));
  test_client(office->store, 4, "Dora", "Silva"); /* its chain goes on where the root has it */
  assert_ok(agent_catch_up(office->store, PATIENCE_MS));
  assert_true(test_equal(root, office));
  assert_int_equal(test_count(root->store, "client"), 4);
  assert_sound(office);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_node_in_1970_is_enrolled_and_takes_part),
      cmocka_unit_test(work_that_was_stamped_in_2099_arrives_with_fresh_stamps),
      cmocka_unit_test(a_root_restored_from_a_backup_is_given_again_what_it_lost),
      cmocka_unit_test(an_office_restored_from_a_backup_gets_its_own_work_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
