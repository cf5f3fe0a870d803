/* A device that was let in and means harm: entries with a good chain and signature, whose bodies may be anything. Each is the time
 * since the one before (u8, seconds), then a chunk. What is refused changes nothing; what is taken comes to the same tables elsewhere. */
#include "common/store/journal_codec.h"
#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/fuzz/fuzz_store.h"
#include "tests/support/replicas.h"

enum { ENTRIES_MAX = 8 };

static FuzzStore root, office;
static SignKey key;
static NodeId author;
static Instant now;

static void make(void)
{
  Replicas r = replicas_make(3);
  now = r.node[0].fake->now;
  author = store_node(r.node[1].store);
  key = *store_key(r.node[1].store);
  test_client(r.node[0].store, 1, "Ana", "Ruiz");
  test_client(r.node[2].store, 2, "Ben", "Okafor");
  replicas_settle(&r);
  for (size_t i = 0; i < r.count; i++) {
    store_close(r.node[i].store);
    r.node[i].store = NULL;
  }
  fuzz_store_open(&root, r.node[0].path, now);
  fuzz_store_open(&office, r.node[2].path, now);
  replicas_fini(&r);
}

static size_t read_entries(Reader *r, JournalEntry entries[ENTRIES_MAX], Head *head)
{
  Hash hash = {{0}};
  size_t count = 0;
  Instant at = now - 100000;
  while (!reader_done(r) && count < ENTRIES_MAX) {
    JournalEntry *entry = &entries[count];
    at += reader_u8(r) * 1000;
    Str body = reader_chunk(r);
    if (r->failed) break;
    *entry = (JournalEntry){
        .node = author, .seq = count + 1, .hlc = hlc_make(at, (uint16_t)count), .body = body, .via = author};
    hash = entry_hash(hash, author, entry->seq, entry->hlc, body);
    count++;
  }
  uint8_t bytes[HEAD_SIGNED_SIZE];
  *head = (Head){.node = author, .seq = count, .signed_seq = count, .hash = hash};
  if (count > 0) head->hlc = entries[count - 1].hlc;
  head_signed_bytes(author, count, hash, bytes);
  sign_bytes(&key, bytes, sizeof bytes, head->signature);
  return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!root.store) make();
  JournalEntry entries[ENTRIES_MAX];
  Head head;
  MergeReport report;
  Reader r = reader_make(data, size);
  size_t count = read_entries(&r, entries, &head);
  if (count == 0) return 0;
  Err err = merge_apply(root.store, entries, count, &head, 1, NULL, NULL, &report);
  if (err != ERR_OK) {
    REQUIRE(fuzz_store_same(&root));
    REQUIRE(err == ERR_CORRUPT || err == ERR_CLOCK || err == ERR_GAP || err == ERR_DENIED || err == ERR_REVOKED);
    return 0;
  }
  Hash here, there;
  REQUIRE(report.applied == count);
  for (size_t i = 0; i < count; i++) entries[i].via = store_node(root.store);
  REQUIRE(merge_apply(office.store, entries, count, &head, 1, NULL, NULL, &report) == ERR_OK);
  REQUIRE(verify_digest(root.store, &here) == ERR_OK && verify_digest(office.store, &there) == ERR_OK);
  REQUIRE(hash_eq(here, there));
  REQUIRE(merge_apply(root.store, entries, count, &head, 1, NULL, NULL, &report) == ERR_OK && report.applied == 0);
  VerifyReport verified;
  Err sound = here.bytes[0] % 8 == 0 ? verify_store(root.store, &verified) : ERR_OK; /* slow: now and then */
  if (sound != ERR_OK) fuzz_failed(verified.fault, __FILE__, __LINE__);
  fuzz_store_again(&root);
  fuzz_store_again(&office);
  return 0;
}

static void seed_of(Store *store, size_t count)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalEntry *entries;
  size_t found;
  AUTO(Buf, out, buf_fini) = buf_make(1 << 16);
  REQUIRE(journal_read(store, &arena, 0, 100, 1 << 20, &entries, &found) == ERR_OK);
  for (size_t i = 0, taken = 0; i < found && taken < count; i++) {
    if (entries[i].node != store_node(store)) continue;
    buf_u8(&out, 1);
    buf_chunk(&out, entries[i].body.ptr, entries[i].body.len);
    taken++;
  }
  fuzz_seed(buf_view(&out));
}

void fuzz_seeds(void)
{
  Replicas r = replicas_make(2);
  Store *store = r.node[1].store;
  test_client(store, 3, "Cid", "Li");
  test_client(store, 3, "Cid", "Lee");
  replica_enrol(store, r.node[0].store, "office");
  replica_update_text(store, "client", test_id(3), "family", "Law");
  for (size_t count = 1; count <= 4; count++) seed_of(store, count);
  replicas_fini(&r);
}
