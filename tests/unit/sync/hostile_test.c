/* Devices that mean harm, and whoever took a device's token: what they send is refused, and nothing of it stays. */
#include <sys/resource.h>
#include <zlib.h>

#include "common/practice/practice.h"
#include "common/store/journal_codec.h"
#include "common/store/verify.h"
#include "sync/settings.h"
#include "tests/support/nodes.h"
#include "tests/support/raw_peer.h"
#include "tests/support/rude.h"
#include "tests/support/unit.h"

static Hash digest_of(TestNode *node)
{
  Hash digest;
  assert_ok(verify_digest(node->store, &digest));
  return digest;
}

static long peak_mb(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/* bomb: `size` zero bytes packed to a thousandth, in a frame that says `claimed`. */
static Str bomb(Arena *arena, size_t size, uint64_t claimed)
{
  AUTO(Arena, scratch, arena_fini) = arena_make(128 << 20);
  uLongf packed = compressBound(size);
  uint8_t *zeros = arena_alloc(&scratch, size), *out = arena_alloc(&scratch, packed);
  assert_int_equal(compress2(out, &packed, zeros, size, 9), Z_OK);
  AUTO(Buf, frame, buf_fini) = buf_make(packed + 32);
  buf_bytes(&frame, "Fy\1\1\1", 5);
  buf_varint(&frame, claimed);
  buf_bytes(&frame, out, packed);
  return arena_strdup(arena, buf_view(&frame));
}

TEST(decompression_bombs_go_off_nowhere)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, office);
  enum { MOST = FRAME_EXPANDED_MAX, LARGE = 40 << 20, GROWTH_MB = 200 };
  static const struct {
    size_t size;
    uint64_t claimed;
    int status;
  } CASES[] = {{LARGE, LARGE, 413},                       /* more than a frame may hold, and says so */
               {LARGE, 1000, 500},                        /* and says less */
               {LARGE, MOST, 500},     {MOST, MOST, 500}, /* as large as allowed: it is no message */
               {1000, MOST, 500},                         /* less comes out than it says */
               {1000, UINT64_MAX, 413}};
  int64_t head = store_head(root->store);
  Str bombs[COUNT_OF(CASES)];
  for (size_t i = 0; i < COUNT_OF(CASES); i++) bombs[i] = bomb(&raw.arena, CASES[i].size, CASES[i].claimed);
  long before = peak_mb();
  for (int round = 0; round < 4; round++)
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
      assert_true(bombs[i].len < 100 << 10);
      HttpAnswer got = raw_post(&raw, round % 2 ? "/sync/v1/pull" : "/sync/v1/push", bombs[i]);
      assert_ok(got.err);
      if (got.status != CASES[i].status) fail_msg("case %zu: %d", i, got.status);
    }
  assert_true(peak_mb() - before < GROWTH_MB);
  assert_int_equal(store_head(root->store), head);
}

TEST(lengths_that_lie_are_refused)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, office);
  static const struct {
    const char *bytes;
    size_t len;
  } CASES[] = {
#define FRAME(text) {"Fy\1\1\0" text, sizeof("Fy\1\1\0" text) - 1}
      FRAME("\x0b\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), /* a batch of 2^63 bytes */
      FRAME("\x0b\x06\xff\xff\xff\xff\x0f\x00"),         /* of four billion authors */
      FRAME("\x0b\x06\x00\xff\xff\xff\xff\x0f"),         /* of as many entries */
      FRAME("\x02\x41"
            "01234567890123456789012345678901234567890123456789012345678901234"), /* an epoch of 65 */
      FRAME("\x0a\x05\x01\x00\x00\x00\xff"),                                      /* a number that does not end */
      FRAME("\x0d\x21"
            "0123456789012345678901234567890\x00\x00"),              /* a parcel of nothing */
      FRAME("\x04\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), /* a number of 77 bits */
      FRAME("\xff\xff\xff\xff\xff\x01\x00"),                         /* a tag beyond 32 bits */
      FRAME("\x0b"),
#undef FRAME
  };
  int64_t head = store_head(root->store);
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    HttpAnswer got = raw_post(&raw, "/sync/v1/push", (Str){CASES[i].bytes, CASES[i].len});
    assert_ok(got.err);
    if (got.status != 500) fail_msg("case %zu: %d " STR_FMT, i, got.status, STR_ARG(got.body));
  }
  assert_int_equal(store_head(root->store), head);
}

TEST(bodies_that_are_announced_and_do_not_come_hold_no_more_memory_than_is_set_aside_for_all)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, office);
  enum { MANY = 20 };
  Rude *waiting[MANY];
  size_t refused = 0;
  const char *head = arena_printf(&raw.arena,
                                  "POST /sync/v1/push HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
                                  "Expect: 100-continue\r\nContent-Length: %d\r\n\r\n",
                                  raw.token, FRAME_WIRE_MAX);
  for (int i = 0; i < MANY; i++) {
    bool closed;
    assert_non_null(waiting[i] = rude_open(root->port, NULL));
    assert_true(rude_send(waiting[i], str_c(head)));
    Str got = rude_read(waiting[i], &raw.arena, 300, &closed);
    refused += str_starts(got, STR("HTTP/1.1 503"));
  }
  assert_true(refused > 0 && refused < MANY);
  assert_int_equal(raw_call(&raw, "GET", "/sync/v1/ca", STR("")).status, 200); /* others are served meanwhile */
  for (int i = 0; i < MANY; i++) rude_close(waiting[i]);
  assert_int_equal(raw_post(&raw, "/sync/v1/snapshot", STR("")).status, 200);
}

/* ------------------------------------------------------------------------------------------------------------- tokens */

static const char *const ASKED[] = {"/sync/v1/snapshot", "/sync/v1/blobs/wanted", "/sync/v1/pull", "/sync/v1/push",
                                    "/sync/v1/certificate"};

TEST(a_token_with_one_bit_changed_opens_nothing)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, office);
  Str token, good = str_c(raw.token);
  assert_int_equal(raw_post(&raw, "/sync/v1/blobs/wanted", STR("")).status, 200);
  assert_true(base64url_decode(&raw.arena, good, &token));
  for (size_t bit = 0; bit < token.len * 8; bit += 7) {
    char bytes[64];
    memcpy(bytes, token.ptr, token.len);
    bytes[bit / 8] ^= (char)(1 << bit % 8);
    raw.token = arena_cstr(&raw.arena, base64url_encode(&raw.arena, (Str){bytes, token.len}));
    int status = raw_post(&raw, ASKED[bit % COUNT_OF(ASKED)], STR("")).status;
    if (status != 401 && status != 403) fail_msg("bit %zu: %d", bit, status);
  }
  for (size_t len = 0; len < good.len; len += 5) {
    raw.token = arena_cstr(&raw.arena, (Str){good.ptr, len});
    assert_int_equal(raw_post(&raw, "/sync/v1/blobs/wanted", STR("")).status, 403);
  }
}

static void revoke_node(TestNode *root, TestNode *node)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(root->store, actor_system(), "node.revoke", "stolen", &tx));
  assert_ok(node_revoke(&tx, store_node(node->store)));
  assert_ok(tx_commit(&tx));
}

static JournalBatch unsent(TestNode *node, TestNode *root, Arena *arena)
{
  JournalBatch batch;
  assert_ok(journal_batch(node->store, arena, local_get_int(node->store, SETTING_PUSH_POS, 0), store_node(root->store),
                          100, 1 << 20, &batch));
  return batch;
}

TEST(a_stolen_token_brings_nothing_in_its_owners_name_and_dies_with_the_device)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, owner, test_node_freep) = test_join(root, "office", 0);
  AUTO(TestNode *, thief, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, owner); /* the token, but not the key that signs */
  test_client(thief->store, 1, "Ana", "Ruiz");
  JournalBatch batch = unsent(thief, root, &raw.arena);
  Hash before = digest_of(root);
  assert_int_equal(raw_push(&raw, batch), ERR_DENIED); /* the thief's own entries, under the owner's token */
  batch.entries[0].node = batch.heads[0].node = store_node(owner->store);
  assert_int_equal(raw_push(&raw, batch), ERR_CORRUPT); /* in the owner's name, signed by the thief */
  assert_true(hash_eq(before, digest_of(root)));
  revoke_node(root, owner);
  Str error = STR("error.revoked");
  for (size_t i = 0; i < COUNT_OF(ASKED); i++) {
    Message pull = {.kind = strcmp(ASKED[i], "/sync/v1/push") == 0 ? MESSAGE_PUSH : MESSAGE_PULL};
    Str wire;
    assert_ok(message_encode(&raw.arena, &pull, &wire));
    HttpAnswer got = raw_post(&raw, ASKED[i], i == 2 || i == 3 ? wire : STR(""));
    if (got.status != 403 || !strstr(arena_cstr(&raw.arena, got.body), error.ptr))
      fail_msg("%s: %d " STR_FMT, ASKED[i], got.status, STR_ARG(got.body));
  }
  /* The thief, who is a device of the practice, cannot bring what the revoked one wrote, either. */
  test_client(owner->store, 2, "Ben", "Okafor");
  AUTO(RawPeer, other, raw_peer_fini) = raw_to(root, thief);
  Err err = raw_push(&other, unsent(owner, root, &raw.arena));
  assert_true(err == ERR_DENIED || err == ERR_REVOKED);
  assert_int_equal(test_count(root->store, "client"), 0);
}

TEST(a_device_that_enrols_anew_has_one_token)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, old, raw_peer_fini) = raw_to(root, office);
  Str key = {(const char *)store_key(office->store)->public_key, SIGN_PUBLIC_SIZE};
  const char *code = test_code(root, "lobby");
  const char *body = arena_printf(&old.arena, "{\"code\":\"%.4s%.4s\",\"public_key\":\"" STR_FMT "\"}", code, code + 5,
                                  STR_ARG(base64url_encode(&old.arena, key)));
  assert_int_equal(raw_post(&old, "/sync/v1/blobs/wanted", STR("")).status, 200);
  assert_int_equal(raw_post(&old, "/sync/v1/enrol", str_c(body)).status, 200);
  assert_int_equal(raw_post(&old, "/sync/v1/blobs/wanted", STR("")).status, 403);
}

/* -------------------------------------------------------------------------------------------------------------- pushes */

/* sign_again: a good chain and signature over whatever the entries are now. */
static void sign_again(TestNode *node, JournalBatch *batch, Hash hash)
{
  uint8_t bytes[HEAD_SIGNED_SIZE];
  Head *head = &batch->heads[0];
  for (size_t i = 0; i < batch->count; i++) {
    const JournalEntry *e = &batch->entries[i];
    hash = entry_hash(hash, e->node, e->seq, e->hlc, e->body);
    head->seq = head->signed_seq = e->seq;
    head->hlc = e->hlc;
  }
  head->hash = hash;
  head_signed_bytes(head->node, head->seq, hash, bytes);
  sign_bytes(store_key(node->store), bytes, sizeof bytes, head->signature);
}

TEST(entries_out_of_order_left_out_or_of_another_time_are_refused_whole)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(RawPeer, raw, raw_peer_fini) = raw_to(root, office);
  for (unsigned i = 1; i <= 4; i++) test_client(office->store, i, "Ana", "Ruiz");
  Hash before = digest_of(root);
  JournalBatch batch = unsent(office, root, &raw.arena);
  assert_int_equal(batch.count, 4);
  JournalBatch late = batch; /* the first one was left out */
  late.entries++;
  late.count--;
  assert_int_equal(raw_push(&raw, late), ERR_GAP);
  JournalEntry swapped[4];
  memcpy(swapped, batch.entries, sizeof swapped);
  swapped[1].body = batch.entries[2].body;
  swapped[2].body = batch.entries[1].body;
  JournalBatch mixed = batch; /* each as it was written, but the chain is of another order */
  mixed.entries = swapped;
  assert_int_equal(raw_push(&raw, mixed), ERR_CORRUPT);
  JournalEntry ahead[4];
  Head head = batch.heads[0];
  memcpy(ahead, batch.entries, sizeof ahead);
  ahead[3].hlc += (Hlc)(365 * INT64_C(86400000)) << 16;
  JournalBatch future = {ahead, 4, &head, 1, 0};
  sign_again(office, &future, (Hash){{0}});
  assert_int_equal(raw_push(&raw, future), ERR_CLOCK);
  JournalEntry rubbish[4];
  memcpy(rubbish, batch.entries, sizeof rubbish);
  rubbish[3].body = STR("no body");
  JournalBatch garbled = {rubbish, 4, &head, 1, 0}; /* well signed, and yet not a transaction */
  sign_again(office, &garbled, (Hash){{0}});
  assert_int_equal(raw_push(&raw, garbled), ERR_CORRUPT);
  assert_true(hash_eq(before, digest_of(root)));
  assert_int_equal(raw_push(&raw, batch), ERR_OK);
  Hash after = digest_of(root);
  JournalBatch old = batch; /* a part of it, replayed when there is more already */
  old.count = 2;
  sign_again(office, &old, (Hash){{0}});
  assert_int_equal(raw_push(&raw, old), ERR_OK);
  JournalEntry rewritten[4];
  memcpy(rewritten, batch.entries, sizeof rewritten);
  rewritten[1].body = batch.entries[3].body;
  JournalBatch forked = {rewritten, 4, &head, 1, 0}; /* history told otherwise */
  sign_again(office, &forked, (Hash){{0}});
  assert_int_equal(raw_push(&raw, forked), ERR_FORK);
  assert_true(hash_eq(after, digest_of(root)));
  VerifyReport report;
  assert_ok(verify_store(root->store, &report));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decompression_bombs_go_off_nowhere),
      cmocka_unit_test(lengths_that_lie_are_refused),
      cmocka_unit_test(bodies_that_are_announced_and_do_not_come_hold_no_more_memory_than_is_set_aside_for_all),
      cmocka_unit_test(a_token_with_one_bit_changed_opens_nothing),
      cmocka_unit_test(a_stolen_token_brings_nothing_in_its_owners_name_and_dies_with_the_device),
      cmocka_unit_test(a_device_that_enrols_anew_has_one_token),
      cmocka_unit_test(entries_out_of_order_left_out_or_of_another_time_are_refused_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
