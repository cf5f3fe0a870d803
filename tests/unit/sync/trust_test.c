/* Who is let in, who is believed, and what strangers cannot do. */
#include <poll.h>
#include <stdio.h>

#include "common/base/file.h"
#include "common/practice/practice.h"
#include "common/store/journal_codec.h"
#include "sync/enrol.h"
#include "sync/protocol/message.h"
#include "sync/settings.h"
#include "sync/tls/tls.h"
#include "tests/support/nodes.h"
#include "tests/support/raw_peer.h"
#include "tests/support/unit.h"

TEST(a_code_works_once)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  const char *code = test_code(root, "lobby");
  AUTO(TestNode *, first, test_node_freep) = NULL;
  AUTO(TestNode *, second, test_node_freep) = NULL;
  assert_ok(test_enrol(root, "lobby", 0, code, &first));
  assert_err(test_enrol(root, "lobby", 0, code, &second), ERR_DENIED);
}

TEST(a_code_that_is_too_old_or_made_up_is_refused_and_guessing_is_slowed_down)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, node, test_node_freep) = NULL;
  const char *code = test_code(root, "lobby");
  root->clock_ms = 2 * 3600 * 1000;
  assert_err(test_enrol(root, "lobby", 0, code, &node), ERR_DENIED);
  test_node_freep(&node);
  char *wrong = arena_cstr(&root->folder.arena, str_c(code));
  for (int i = 0; i < 9; i++) {
    wrong[0] = (char)('0' + i);
    wrong[1] = wrong[0] == code[0] ? (code[1] == '9' ? '8' : '9') : code[1];
    assert_err(test_enrol(root, "lobby", 0, wrong, &node), ERR_DENIED);
    test_node_freep(&node);
  }
  assert_err(test_enrol(root, "lobby", 0, test_code(root, "lobby"), &node), ERR_THROTTLED);
}

TEST(a_device_says_nothing_to_a_server_that_did_not_make_the_code)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, stranger, test_node_freep) = test_root();
  AUTO(TestNode *, node, test_node_freep) = NULL;
  assert_err(test_enrol(root, "lobby", stranger->port, test_code(root, "lobby"), &node), ERR_DENIED);
  assert_non_null(strstr(err_detail(), "not the one that made the code"));
}

TEST(an_agent_does_not_talk_to_another_server_at_the_same_address)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  test_unserve(root);
  AUTO(TestNode *, stranger, test_node_freep) = test_root();
  test_unserve(stranger);
  stranger->port = root->port;
  test_serve(stranger);
  test_client(office->store, 1, "Ana", "Ruiz");
  assert_err(agent_catch_up(office->store, 1500), ERR_DENIED);
  assert_int_equal(test_count(stranger->store, "client"), 0);
  test_unserve(stranger);
  test_serve(root);
  assert_ok(agent_catch_up(office->store, 10000));
  assert_true(test_equal(root, office));
}

TEST(another_node_of_the_practice_cannot_pose_as_the_upstream)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(TestNode *, other, test_node_freep) = test_join(root, "office", 0);
  test_unserve(root);
  other->port = root->port;
  test_serve(other); /* the practice's CA has signed for it, but another name */
  assert_err(agent_catch_up(office->store, 1500), ERR_DENIED);
}

TEST(a_lobby_device_that_is_revoked_deletes_what_it_has)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, lobby, test_node_freep) = test_join(root, "lobby", 0);
  test_client(lobby->store, 1, "Ana", "Ruiz"); /* not sent yet */
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(root->store, actor_system(), "node.revoke", "stolen", &tx));
  assert_ok(node_revoke(&tx, store_node(lobby->store)));
  assert_ok(tx_commit(&tx));
  assert_err(agent_catch_up(lobby->store, 5000), ERR_REVOKED);
  assert_int_equal(test_count(root->store, "client"), 0);
  assert_false(file_exists(test_folder_path(&lobby->folder, "node/node.key")));
  assert_false(file_exists(test_folder_path(&lobby->folder, "node/foyer.db")));
  assert_false(file_exists(test_folder_path(&lobby->folder, "node/tls")));
  assert_true(file_exists(test_folder_path(&lobby->folder, "node/revoked")));
}

TEST(an_office_that_is_revoked_stops_and_keeps_its_data)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  test_agent(office);
  test_until_state(office, SYNC_CURRENT);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(root->store, actor_system(), "node.revoke", "", &tx));
  assert_ok(node_revoke(&tx, store_node(office->store)));
  assert_ok(tx_commit(&tx));
  test_until_state(office, SYNC_REVOKED);
  assert_true(file_exists(test_folder_path(&office->folder, "node/foyer.db")));
}

TEST(strangers_are_refused_before_their_bytes_are_taken)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, NULL);
  char *bytes = arena_alloc(&raw.arena, 8 << 20);
  HttpAnswer got = raw_post(&raw, "/sync/v1/push", (Str){bytes, 8 << 20});
  assert_true(got.status == 401 || got.err == ERR_NETWORK);
  raw.token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  assert_int_equal(raw_post(&raw, "/sync/v1/pull", STR("x")).status, 401);
  assert_int_equal(raw_post(&raw, "/sync/v1/snapshot", STR("")).status, 403);
  assert_int_equal(raw_post(&raw, "/sync/v1/blobs/wanted", STR("")).status, 403);
}

TEST(bombs_and_rubbish_from_a_device_are_refused)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, lobby, test_node_freep) = test_join(root, "lobby", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, lobby);
  /* A frame that says it expands to 16 TB, one to 20 MB out of nothing, one cut off, one of another version. */
  static const char HUGE[] = "Fy\1\1\1\xff\xff\xff\xff\xff\xff\x03xxxxxxxxxxxxxxxx";
  static const char THIN[] = "Fy\1\1\1\x80\x80\x80\x0axxxxxxxxxxxxxxxx";
  assert_int_equal(raw_post(&raw, "/sync/v1/push", (Str){HUGE, sizeof HUGE - 1}).status, 413);
  assert_int_equal(raw_post(&raw, "/sync/v1/push", (Str){THIN, sizeof THIN - 1}).status, 500);
  assert_int_equal(raw_post(&raw, "/sync/v1/push", STR("Fy")).status, 500);
  assert_int_equal(raw_post(&raw, "/sync/v1/push", STR("Fy\7\1\0")).status, 501);
  assert_int_equal(raw_post(&raw, "/sync/v1/push", STR("")).status, 500);
  assert_int_equal(raw_post(&raw, "/sync/v1/nothing", STR("")).status, 404);
  char *bytes = arena_alloc(&raw.arena, FRAME_WIRE_MAX + 1);
  HttpAnswer got = raw_post(&raw, "/sync/v1/push", (Str){bytes, FRAME_WIRE_MAX + 1});
  assert_true(got.status == 413 || got.err == ERR_NETWORK);
}

TEST(a_device_cannot_bring_what_another_wrote_or_forge_it)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(TestNode *, lobby, test_node_freep) = test_join(root, "lobby", 0);
  test_client(office->store, 1, "Ana", "Ruiz");
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, lobby);
  JournalBatch batch;
  assert_ok(journal_batch(office->store, &raw.arena, local_get_int(office->store, SETTING_PUSH_POS, 0),
                          store_node(root->store), 100, 1 << 20, &batch));
  assert_int_equal(batch.count, 1);
  assert_int_equal(raw_push(&raw, batch), ERR_DENIED);
  /* Its own entry, altered on the way; and signed by somebody else. */
  test_walk_in(lobby->store, 2, "Ben", "Okafor");
  assert_ok(journal_batch(lobby->store, &raw.arena, local_get_int(lobby->store, SETTING_PUSH_POS, 0),
                          store_node(root->store), 100, 1 << 20, &batch));
  batch.heads[0].signature[5] ^= 1;
  assert_int_equal(raw_push(&raw, batch), ERR_CORRUPT);
  batch.heads[0].signature[5] ^= 1;
  char *body = arena_cstr(&raw.arena, batch.entries[0].body);
  memcpy(body, batch.entries[0].body.ptr, batch.entries[0].body.len);
  body[batch.entries[0].body.len - 1] ^= 1;
  JournalEntry forged = batch.entries[0];
  forged.body.ptr = body;
  JournalBatch altered = batch;
  altered.entries = &forged;
  assert_int_equal(raw_push(&raw, altered), ERR_CORRUPT);
  assert_int_equal(test_count(root->store, "client"), 0);
  assert_int_equal(raw_push(&raw, batch), ERR_OK);
  assert_int_equal(raw_push(&raw, batch), ERR_OK); /* replayed by a proxy: no harm */
  assert_int_equal(test_count(root->store, "client"), 1);
}

TEST(a_cloned_disk_is_noticed_and_stopped)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, office);
  int64_t push_pos = local_get_int(office->store, SETTING_PUSH_POS, 0);
  /* The twin's history: the same number, other contents, a good signature. */
  JournalBatch twin;
  test_client(office->store, 1, "Ana", "Ruiz");
  assert_ok(journal_batch(office->store, &raw.arena, push_pos, store_node(root->store), 100, 1 << 20, &twin));
  twin.entries[0].hlc += 1 << 16;
  Head before, *head = &twin.heads[0];
  assert_ok(journal_head_of(root->store, store_node(office->store), &before));
  assert_int_equal(before.seq, 0);
  uint8_t bytes[56];
  head->hash = entry_hash((Hash){{0}}, twin.entries[0].node, 1, twin.entries[0].hlc, twin.entries[0].body);
  head_signed_bytes(head->node, 1, head->hash, bytes);
  sign_bytes(store_key(office->store), bytes, sizeof bytes, head->signature);
  assert_int_equal(raw_push(&raw, twin), ERR_OK);
  assert_err(agent_catch_up(office->store, 5000), ERR_FORK);
  SyncStatus status;
  assert_ok(status_read(office->store, &raw.arena, &status));
  assert_int_equal(status.state, SYNC_FORKED);
  assert_true(sync_state_needs_person(status.state));
  assert_int_equal(status.waiting_entries, 1); /* its work is still here */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_code_works_once),
      cmocka_unit_test(a_code_that_is_too_old_or_made_up_is_refused_and_guessing_is_slowed_down),
      cmocka_unit_test(a_device_says_nothing_to_a_server_that_did_not_make_the_code),
      cmocka_unit_test(an_agent_does_not_talk_to_another_server_at_the_same_address),
      cmocka_unit_test(another_node_of_the_practice_cannot_pose_as_the_upstream),
      cmocka_unit_test(a_lobby_device_that_is_revoked_deletes_what_it_has),
      cmocka_unit_test(an_office_that_is_revoked_stops_and_keeps_its_data),
      cmocka_unit_test(strangers_are_refused_before_their_bytes_are_taken),
      cmocka_unit_test(bombs_and_rubbish_from_a_device_are_refused),
      cmocka_unit_test(a_device_cannot_bring_what_another_wrote_or_forge_it),
      cmocka_unit_test(a_cloned_disk_is_noticed_and_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
