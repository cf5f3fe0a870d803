/* Batches: canonical, so that what is read and written again is the same bytes; numbers run on, and each author has entries. */
#include "sync/protocol/batch.h"
#include "tests/fuzz/fuzz.h"

static void check_head(const JournalBatch *batch, const Head *head)
{
  uint64_t first = 0, next = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const JournalEntry *entry = &batch->entries[i];
    if (entry->node != head->node) continue;
    REQUIRE(entry->seq > 0 && (first == 0 || entry->seq == next));
    if (first == 0) first = entry->seq;
    next = entry->seq + 1;
  }
  REQUIRE(first > 0 && head->seq + 1 == next && head->signed_seq == head->seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalBatch batch;
  Str bytes = {(const char *)data, size};
  Err err = batch_decode(&arena, bytes, &batch);
  REQUIRE(err == ERR_OK || err == ERR_CORRUPT);
  if (err != ERR_OK) return 0;
  for (size_t i = 0; i < batch.head_count; i++) check_head(&batch, &batch.heads[i]);
  AUTO(Buf, out, buf_fini) = buf_make(size + 16);
  batch_encode(&out, &batch);
  REQUIRE(out.err == ERR_OK && batch_size(&batch) == size);
  REQUIRE(str_eq(buf_view(&out), bytes));
  return 0;
}

void fuzz_seeds(void)
{
  JournalEntry entries[] = {{.node = 7, .seq = 100, .hlc = hlc_make(1772463600000, 3), .body = STR("one body")},
                            {.node = 9, .seq = 1, .hlc = hlc_make(1772463600500, 0), .body = STR("another")},
                            {.node = 7, .seq = 101, .hlc = hlc_make(1772463600001, 65535), .body = STR("")}};
  Head heads[] = {{.node = 7, .seq = 101}, {.node = 9, .seq = 1}};
  Head twice[] = {{.node = 7, .seq = 100}, {.node = 7, .seq = 100}},
       idle[] = {{.node = 7, .seq = 100}, {.node = 3, .seq = 5}};
  JournalBatch list[] = {
      {entries, 3, heads, 2, 0}, {entries, 1, heads, 1, 0}, {0}, {entries, 1, twice, 2, 0}, {entries, 1, idle, 2, 0}};
  for (size_t i = 0; i < COUNT_OF(list); i++) {
    AUTO(Buf, out, buf_fini) = buf_make(4096);
    batch_encode(&out, &list[i]);
    fuzz_seed(buf_view(&out));
  }
}
