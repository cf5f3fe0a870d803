#include "common/store/verify.h"
#include "tests/support/nodes.h"
#include "tests/support/unit.h"

TEST(a_new_node_has_what_its_upstream_has)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  test_client(root->store, 1, "Ana", "Ruiz");
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  assert_true(test_equal(root, office));
  assert_int_equal(test_count(office->store, "client"), 1);
  VerifyReport report;
  assert_ok(verify_store(office->store, &report));
}

TEST(changes_cross_three_nodes_in_both_directions)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  test_serve(office);
  AUTO(TestNode *, lobby, test_node_freep) = test_join(office, "lobby", 0);
  test_agent(office);
  test_agent(lobby);
  TestNode *all[] = {root, office, lobby};
  test_until_equal(all, 3); /* the root has learned of the tablet */
  test_client(lobby->store, 1, "Ana", "Ruiz");
  test_until_equal(all, 3);
  assert_int_equal(test_count(root->store, "client"), 1);
  test_client(root->store, 2, "Ben", "Okafor");
  test_until_equal(all, 3);
  assert_int_equal(test_count(lobby->store, "client"), 2);
  test_until_state(lobby, SYNC_CURRENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_node_has_what_its_upstream_has),
      cmocka_unit_test(changes_cross_three_nodes_in_both_directions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
