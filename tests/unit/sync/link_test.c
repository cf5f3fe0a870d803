/* What the line between two nodes may do to them. */
#include <poll.h>
#include <stdio.h>

#include "common/store/blob.h"
#include "common/store/verify.h"
#include "tests/support/nodes.h"
#include "tests/support/proxy.h"
#include "tests/support/unit.h"

static void add_clients(TestNode *node, unsigned from, unsigned to)
{
  for (unsigned i = from; i < to; i++) test_client(node->store, i, "Ana", "Ruiz");
}

static void assert_sound(TestNode *node)
{
  VerifyReport report;
  Err err = verify_store(node->store, &report);
  if (err != ERR_OK) fail_msg("%s: %s", err_name(err), report.fault);
}

TEST(what_was_written_while_the_line_was_cut_arrives_once_it_is_back)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(root->port);
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", proxy_port(proxy));
  test_agent(office);
  test_until_state(office, SYNC_CURRENT);
  proxy_link(proxy, false);
  test_until_state(office, SYNC_OFFLINE);
  add_clients(office, 1, 6);
  add_clients(root, 11, 16);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  SyncStatus status;
  assert_ok(status_read(office->store, &arena, &status));
  assert_int_equal(status.waiting_entries, 5);
  assert_int_equal(status.err, ERR_NETWORK);
  assert_int_equal(test_count(root->store, "client"), 5);
  proxy_link(proxy, true);
  test_until_equal((TestNode *[]){root, office}, 2);
  assert_int_equal(test_count(root->store, "client"), 10);
  test_until_state(office, SYNC_CURRENT);
  assert_ok(status_read(office->store, &arena, &status));
  assert_int_equal(status.waiting_entries, 0);
}

TEST(changes_while_offline_are_counted_for_all_to_see_and_do_not_hammer_the_line)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(root->port);
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", proxy_port(proxy));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_agent(office);
  test_until_state(office, SYNC_CURRENT);
  proxy_link(proxy, false);
  test_until_state(office, SYNC_OFFLINE);
  uint64_t before = proxy_attempts(proxy);
  for (unsigned i = 1; i <= 60; i++) {
    test_client(office->store, i, "Ana", "Ruiz");
    poll(NULL, 0, 50);
  }
  assert_in_range(proxy_attempts(proxy) - before, 1, 12);
  /* As a kiosk reads it, without counting by itself. */
  int64_t waiting = 0;
  for (int i = 0; i < 100 && waiting != 60; i++) {
    AUTO(json_t *, status, json_release) = NULL;
    assert_ok(json_parse(local_get(office->store, &arena, STATUS_SETTING), &status));
    waiting = json_int(status, "waiting.transactions", 0);
    poll(NULL, 0, 20);
  }
  assert_int_equal(waiting, 60);
}

TEST(an_answer_that_is_lost_after_the_commit_does_no_harm)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(root->port);
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", proxy_port(proxy));
  test_agent(office);
  test_until_state(office, SYNC_CURRENT);
  proxy_drop_answers(proxy, true);
  test_client(office->store, 1, "Ana", "Ruiz");
  for (int i = 0; i < 500 && test_count(root->store, "client") == 0; i++) poll(NULL, 0, 20);
  assert_int_equal(test_count(root->store, "client"), 1); /* carried out, never acknowledged */
  test_until_state(office, SYNC_OFFLINE);
  proxy_drop_answers(proxy, false);
  test_until_state(office, SYNC_CURRENT);
  assert_true(test_equal(root, office));
  assert_int_equal(test_count(root->store, "journal"), test_count(office->store, "journal"));
  assert_sound(root);
}

/* Whatever the byte at which connections are cut, each carries what it can, and in the end all is there once. */
TEST(a_line_that_is_cut_again_and_again_still_makes_progress)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(root->port);
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", proxy_port(proxy));
  for (int64_t bytes = 5000; bytes < 9000; bytes += 777) {
    unsigned first = (unsigned)bytes;
    add_clients(office, first, first + 25);
    add_clients(root, first + 100, first + 125);
    proxy_cut_after(proxy, bytes, bytes);
    test_agent(office);
    test_until_equal((TestNode *[]){root, office}, 2);
    test_agent_stop(office);
  }
  proxy_cut_after(proxy, -1, -1);
  assert_sound(root);
  assert_sound(office);
}

/* One transaction larger than what a connection carries: both ways in pieces. */
TEST(a_large_transaction_crosses_a_line_that_carries_little_at_a_time)
{
  enum { SIZE = 40000 };
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(root->port);
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", proxy_port(proxy));
  TestNode *writers[] = {office, root};
  for (int i = 0; i < 2; i++) {
    uint8_t random[SIZE / 2];
    char text[SIZE + 1];
    env_random(env_system(), random, sizeof random);
    for (int k = 0; k < SIZE / 2; k++) snprintf(text + 2 * k, 3, "%02x", random[k]);
    test_client(writers[i]->store, 1 + (unsigned)i, text, "Ruiz");
  }
  proxy_cut_after(proxy, 7000, 7000);
  test_agent(office);
  test_until_equal((TestNode *[]){root, office}, 2);
  assert_int_equal(test_count(root->store, "client"), 2);
}

TEST(a_snapshot_goes_on_where_it_was_cut)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  add_clients(root, 1, 600);
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(root->port);
  uint64_t up, start, whole, cut;
  proxy_bytes(proxy, &up, &start);
  AUTO(TestNode *, other, test_node_freep) = test_join(root, "office", proxy_port(proxy));
  proxy_bytes(proxy, &up, &whole);
  assert_true(test_equal(root, other));
  AUTO(TestNode *, office, test_node_freep) = NULL;
  assert_ok(test_enrol(root, "office", proxy_port(proxy), test_code(root, "office"), &office));
  proxy_cut_after(proxy, -1, 8000);
  test_agent(office);
  test_until_equal((TestNode *[]){root, office}, 2);
  proxy_bytes(proxy, &up, &cut);
  assert_sound(office);
  /* A connection carries less than a fifth of it, so beginning anew each time would never end. Handshakes and what was cut in its middle
   * come on top. */
  assert_true(whole - start > 5 * 8000);
  assert_true(cut - whole < 4 * (whole - start));
}

TEST(attachments_follow_their_rows_through_an_office_and_survive_cuts)
{
  enum { SIZE = 300000 };
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  test_serve(office);
  AUTO(Proxy *, proxy, proxy_stopp) = proxy_start(office->port);
  AUTO(TestNode *, lobby, test_node_freep) = test_join(office, "lobby", proxy_port(proxy));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *bytes = arena_alloc(&arena, SIZE);
  env_random(env_system(), bytes, SIZE);
  Hash hash;
  test_walk_in(lobby->store, 1, "Ana", "Ruiz");
  {
    AUTO(Tx, tx, tx_fini) = {0};
    Uuid client = test_id(1);
    assert_ok(tx_begin(lobby->store, actor_client(client), "checkin.finish", "", &tx));
    assert_ok(blob_put(lobby->store, (Str){bytes, SIZE}, &hash));
    assert_ok(tx_insert(&tx, "attachment", test_id(7),
                        COLS(col_uuid("client", &client), col_hash("hash", &hash), col_int("size_bytes", SIZE),
                             col_text("media_type", STR("image/png")), col_text("kind", STR("ink")))));
    assert_ok(tx_commit(&tx));
  }
  proxy_cut_after(proxy, 60000, -1);
  test_agent(office);
  test_agent(lobby);
  for (int i = 0; i < 1000 && !blob_has(root->store, hash); i++) poll(NULL, 0, 20);
  Str back;
  assert_ok(blob_get(root->store, &arena, hash, &back));
  assert_int_equal(back.len, SIZE);
  assert_memory_equal(back.ptr, bytes, SIZE);
  for (int i = 0; i < 1000 && blob_has(lobby->store, hash); i++) poll(NULL, 0, 20);
  assert_false(blob_has(lobby->store, hash)); /* the tablet keeps no one's signature once it is above */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_written_while_the_line_was_cut_arrives_once_it_is_back),
      cmocka_unit_test(changes_while_offline_are_counted_for_all_to_see_and_do_not_hammer_the_line),
      cmocka_unit_test(an_answer_that_is_lost_after_the_commit_does_no_harm),
      cmocka_unit_test(a_line_that_is_cut_again_and_again_still_makes_progress),
      cmocka_unit_test(a_large_transaction_crosses_a_line_that_carries_little_at_a_time),
      cmocka_unit_test(a_snapshot_goes_on_where_it_was_cut),
      cmocka_unit_test(attachments_follow_their_rows_through_an_office_and_survive_cuts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
