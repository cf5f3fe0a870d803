/* A lobby tablet and what it may have and say, over the real line. */
#include <poll.h>

#include "common/practice/scope.h"
#include "common/store/verify.h"
#include "sync/settings.h"
#include "sync/status.h"
#include "tests/support/nodes.h"
#include "tests/support/unit.h"

static SyncStatus status_of(TestNode *node, Arena *arena)
{
  SyncStatus status;
  assert_ok(status_read(node->store, arena, &status));
  return status;
}

TEST(what_a_tablet_may_not_write_is_set_aside_and_the_rest_goes_on)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, lobby, test_node_freep) = test_join(root, "lobby", 0);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_walk_in(lobby->store, 1, "Ana", "Ruiz");
  test_client(lobby->store, 2, "Ben", "Okafor"); /* by an action that no tablet has */
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(lobby->store, actor_system(), "checkin.finish", "", &tx));
    assert_ok(tx_insert(&tx, "role", test_id(7), COLS(col_text("name", STR("Intruder")))));
    assert_ok(tx_commit(&tx));
  }
  test_walk_in(lobby->store, 3, "Cy", "Young");
  assert_ok(agent_catch_up(lobby->store, 20000));
  assert_int_equal(test_count(root->store, "client"), 2);
  assert_int_equal(test_count(root->store, "role"), test_count(lobby->store, "role"));
  SyncStatus status = status_of(lobby, &arena);
  assert_int_equal(status.set_aside, 2);
  assert_int_equal(status.waiting_entries, 0);
  VerifyReport report;
  assert_ok(verify_store(lobby->store, &report));
  assert_ok(verify_store(root->store, &report));
}

TEST(a_tablet_that_asks_for_everything_is_given_its_rows_only)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  test_client(root->store, 1, "Ana", "Neverhereson");
  AUTO(TestNode *, lobby, test_node_freep) = test_join(root, "lobby", 0);
  assert_int_equal(test_count(lobby->store, "client"), 0);
  assert_int_equal(test_count(lobby->store, "journal"), 0);
  /* As a program would that had been made to forget what it is. */
  assert_ok(local_set(lobby->store, LOCAL_SCOPE, STR("")));
  assert_ok(local_set(lobby->store, SETTING_MODE, STR("snapshot")));
  assert_err(agent_catch_up(lobby->store, 3000), ERR_DENIED);
  assert_ok(local_set(lobby->store, SETTING_MODE, STR("")));
  (void)!agent_catch_up(lobby->store, 3000);
  assert_int_equal(test_count(lobby->store, "journal"), 0);
  assert_int_equal(test_count(lobby->store, "client"), 0);
}

TEST(an_upstream_that_was_restored_is_told_again_what_the_tablet_has_kept)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, lobby, test_node_freep) = test_join(root, "lobby", 0);
  test_expected(root->store, 1, "Ana", "Ruiz");
  assert_ok(agent_catch_up(lobby->store, 20000));
  const char *backup = test_folder_path(&root->folder, "backup.db");
  assert_ok(backup_make(root->store, backup));
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(lobby->store, actor_client(test_id(1)), "checkin.finish", "", &tx));
    assert_ok(tx_update(&tx, "client", test_id(1), COLS(col_text("phone", STR("555-010-1234")))));
    assert_ok(tx_commit(&tx));
  }
  assert_ok(agent_catch_up(lobby->store, 20000));
  assert_int_equal(test_count(lobby->store, "journal"), 1); /* acknowledged, and kept while she is expected */
  const char *path = test_folder_path(&root->folder, "again");
  test_unserve(root);
  store_close(root->store);
  assert_ok(backup_restore(backup, test_folder_path(&root->folder, "node/node.key"), path, &root->env));
  root->path = path;
  assert_ok(store_open(path, &root->env, &root->store));
  assert_int_equal(rename(test_folder_path(&root->folder, "node/tls"), test_folder_path(&root->folder, "again/tls")),
                   0);
  test_serve(root);
  assert_ok(agent_catch_up(lobby->store, 20000));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Head at_root, own;
  assert_ok(journal_head_of(root->store, store_node(lobby->store), &at_root));
  assert_ok(journal_head_of(lobby->store, store_node(lobby->store), &own));
  assert_int_equal(at_root.seq, own.seq);
  assert_int_equal(test_count(lobby->store, "appointment"), 1);
  assert_int_equal(status_of(lobby, &arena).waiting_entries, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_tablet_may_not_write_is_set_aside_and_the_rest_goes_on),
      cmocka_unit_test(a_tablet_that_asks_for_everything_is_given_its_rows_only),
      cmocka_unit_test(an_upstream_that_was_restored_is_told_again_what_the_tablet_has_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
