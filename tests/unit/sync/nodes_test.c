#include <poll.h>

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
  TestNode *whole[] = {root, office};
  test_until_equal(whole, 2); /* the root has learned of the tablet */
  test_walk_in(lobby->store, 1, "Ana", "Ruiz");
  test_until_count(root, "client", 1);
  test_expected(root->store, 2, "Ben", "Okafor");
  test_client(root->store, 3, "Cy", "Elsewhere");
  test_until_count(lobby, "appointment", 1);
  test_until_equal(whole, 2);
  test_until_state(lobby, SYNC_CURRENT);
  test_until_count(lobby, "client", 1); /* the walk-in has no visit, and is gone from the tablet */
  VerifyReport report;
  assert_ok(verify_store(lobby->store, &report));
  assert_true(report.scoped);
}

/* The case that the product exists for: a tablet's check-in at the front desk while the internet is cut. */
TEST(a_change_reaches_the_next_node_in_well_under_a_second)
{
  enum { TRIES = 10, LIMIT_MS = 500 };
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  test_serve(office);
  AUTO(TestNode *, lobby, test_node_freep) = test_join(office, "lobby", 0);
  test_unserve(root);
  test_agent(office);
  test_agent(lobby);
  test_until_state(lobby, SYNC_CURRENT);
  test_until_state(office, SYNC_OFFLINE);
  int64_t slowest = 0;
  for (unsigned i = 1; i <= TRIES; i++) {
    TestNode *from = i % 2 ? lobby : office, *to = i % 2 ? office : lobby;
    if (from == lobby)
      test_walk_in(lobby->store, i, "Ana", "Ruiz");
    else
      test_expected(office->store, i, "Ana", "Ruiz");
    const char *table = from == lobby ? "client" : "appointment";
    int64_t expected = from == lobby ? i : i / 2;
    int64_t start = env_monotonic_ms(env_system()), took = 0;
    while (test_count(to->store, table) < expected && took < 5000) {
      poll(NULL, 0, 2);
      took = env_monotonic_ms(env_system()) - start;
    }
    if (took > slowest) slowest = took;
  }
  print_message("slowest of %d: %lld ms\n", TRIES, (long long)slowest);
  assert_true(slowest < LIMIT_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_node_has_what_its_upstream_has),
      cmocka_unit_test(a_change_reaches_the_next_node_in_well_under_a_second),
      cmocka_unit_test(changes_cross_three_nodes_in_both_directions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
