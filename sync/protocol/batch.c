#include "sync/protocol/batch.h"

#include <assert.h>

enum { AUTHOR_LEAST = 4 + 1 + HASH_SIZE + SIGNATURE_SIZE, ENTRY_LEAST = 4 };

/* An author's part: its entries are numbered from `first_seq` on, in the order in which they appear. */
typedef struct Chain {
  NodeId node;
  uint64_t next_seq;
} Chain;

static size_t head_index(const JournalBatch *batch, NodeId node, size_t guess)
{
  if (guess < batch->head_count && batch->heads[guess].node == node) return guess;
  for (size_t i = 0; i < batch->head_count; i++)
    if (batch->heads[i].node == node) return i;
  assert(false); /* a batch has the head of each of its authors */
  return 0;
}

static uint64_t first_seq(const JournalBatch *batch, const Head *head)
{
  for (size_t i = 0; i < batch->count; i++)
    if (batch->entries[i].node == head->node) return batch->entries[i].seq;
  return head->seq;
}

void batch_encode(Buf *out, const JournalBatch *batch)
{
  assert(batch->count <= BATCH_ENTRIES_MAX && batch->head_count <= BATCH_AUTHORS_MAX);
  buf_varint(out, batch->head_count);
  for (size_t i = 0; i < batch->head_count; i++) {
    const Head *head = &batch->heads[i];
    buf_u32(out, head->node);
    buf_varint(out, first_seq(batch, head));
    buf_bytes(out, head->hash.bytes, HASH_SIZE);
    buf_bytes(out, head->signature, SIGNATURE_SIZE);
  }
  buf_varint(out, batch->count);
  int64_t ms = 0;
  size_t index = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const JournalEntry *entry = &batch->entries[i];
    index = head_index(batch, entry->node, index);
    buf_varint(out, index);
    buf_zigzag(out, hlc_ms(entry->hlc) - ms);
    buf_varint(out, entry->hlc & 0xffff);
    buf_chunk(out, entry->body.ptr, entry->body.len);
    ms = hlc_ms(entry->hlc);
  }
}

static size_t varint_size(uint64_t value)
{
  size_t size = 1;
  while (value >>= 7) size++;
  return size;
}

size_t batch_size(const JournalBatch *batch)
{
  size_t size = varint_size(batch->head_count) + varint_size(batch->count), index = 0;
  for (size_t i = 0; i < batch->head_count; i++)
    size += 4 + varint_size(first_seq(batch, &batch->heads[i])) + HASH_SIZE + SIGNATURE_SIZE;
  int64_t ms = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const JournalEntry *entry = &batch->entries[i];
    int64_t delta = hlc_ms(entry->hlc) - ms;
    index = head_index(batch, entry->node, index);
    size += varint_size(index) + varint_size(((uint64_t)delta << 1) ^ (delta < 0 ? UINT64_MAX : 0)) +
            varint_size(entry->hlc & 0xffff) + varint_size(entry->body.len) + entry->body.len;
    ms = hlc_ms(entry->hlc);
  }
  return size;
}

static Err cut_off(void)
{
  return err_because(ERR_CORRUPT, "batch: malformed");
}

static Err decode_heads(Arena *arena, Reader *r, JournalBatch *out, Chain **chains)
{
  uint64_t count = reader_varint(r);
  if (r->failed || count > BATCH_AUTHORS_MAX || count > (r->len - r->at) / AUTHOR_LEAST) return cut_off();
  out->heads = ARENA_ARRAY(arena, Head, count + 1);
  *chains = ARENA_ARRAY(arena, Chain, count + 1);
  out->head_count = count;
  for (size_t i = 0; i < count; i++) {
    Head *head = &out->heads[i];
    head->node = reader_u32(r);
    (*chains)[i] = (Chain){head->node, reader_varint(r)};
    const uint8_t *hash = reader_bytes(r, HASH_SIZE);
    const uint8_t *signature = reader_bytes(r, SIGNATURE_SIZE);
    if (r->failed || head->node == 0 || (*chains)[i].next_seq == 0 || (*chains)[i].next_seq > INT64_MAX / 2)
      return cut_off();
    memcpy(head->hash.bytes, hash, HASH_SIZE);
    memcpy(head->signature, signature, SIGNATURE_SIZE);
  }
  return ERR_OK;
}

static Err decode_entries(Arena *arena, Reader *r, JournalBatch *out, Chain *chains)
{
  uint64_t count = reader_varint(r);
  if (r->failed || count > BATCH_ENTRIES_MAX || count > (r->len - r->at) / ENTRY_LEAST) return cut_off();
  out->entries = ARENA_ARRAY(arena, JournalEntry, count + 1);
  out->count = count;
  uint64_t ms = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t index = reader_varint(r);
    ms += (uint64_t)reader_zigzag(r);
    uint64_t counter = reader_varint(r);
    Str body = reader_chunk(r);
    if (r->failed || index >= out->head_count || ms >> 48 || counter > 0xffff) return cut_off();
    Chain *chain = &chains[index];
    Head *head = &out->heads[index];
    out->entries[i] = (JournalEntry){.node = chain->node,
                                     .seq = chain->next_seq++,
                                     .hlc = hlc_make((Instant)ms, (uint16_t)counter),
                                     .body = body};
    head->seq = head->signed_seq = out->entries[i].seq;
    head->hlc = out->entries[i].hlc;
  }
  return ERR_OK;
}

/* each_once: every author is named once, and has entries: what follows goes by the author's number. */
static bool each_once(const JournalBatch *batch)
{
  for (size_t i = 0; i < batch->head_count; i++) {
    if (batch->heads[i].seq == 0) return false;
    for (size_t j = 0; j < i; j++)
      if (batch->heads[i].node == batch->heads[j].node) return false;
  }
  return true;
}

Err batch_decode(Arena *arena, Str bytes, JournalBatch *out)
{
  *out = (JournalBatch){0};
  Chain *chains = NULL;
  Reader r = reader_make(bytes.ptr, bytes.len);
  TRY(decode_heads(arena, &r, out, &chains));
  TRY(decode_entries(arena, &r, out, chains));
  return r.at == r.len && each_once(out) ? ERR_OK : cut_off();
}
