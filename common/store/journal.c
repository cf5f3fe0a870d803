#include "common/store/journal.h"

#include <assert.h>

#include "common/store/replay.h"

SQL(JOURNAL_READ, "SELECT pos, node, seq, hlc, via, hash, body FROM journal WHERE pos > :after ORDER BY pos");
SQL(JOURNAL_AT, "SELECT pos, node, seq, hlc, via, hash, body FROM journal WHERE pos = :pos");
SQL(JOURNAL_NEXT_OF, "SELECT pos, seq FROM journal WHERE pos >= :pos AND node = :node ORDER BY pos LIMIT 1");
SQL(JOURNAL_END, "SELECT coalesce(max(pos), 0) AS pos FROM journal");
SQL(BATCH_READ, "SELECT j.pos AS pos, node, seq, hlc, via, hash, s.signature AS signature, body"
                " FROM journal AS j LEFT JOIN signature AS s ON s.pos = j.pos WHERE j.pos > :after ORDER BY j.pos");
SQL_SCAN(OWN_NEWEST, "SELECT pos FROM journal WHERE node = :node ORDER BY pos DESC LIMIT 1");
SQL(OWN_SIGNATURE, "INSERT OR REPLACE INTO signature (pos, signature) VALUES (:pos, :signature)");

Err journal_entry_read(Query *q, Arena *arena, JournalEntry *out)
{
  Str hash = query_str(q, "hash");
  *out = (JournalEntry){.pos = query_int(q, "pos"),
                        .node = (NodeId)query_int(q, "node"),
                        .seq = (uint64_t)query_int(q, "seq"),
                        .hlc = query_hlc(q, "hlc"),
                        .via = (NodeId)query_int(q, "via")};
  if (hash.len != HASH_SIZE) return err_because(ERR_CORRUPT, "journal: no hash at position %lld", (long long)out->pos);
  memcpy(out->hash.bytes, hash.ptr, HASH_SIZE);
  out->body = query_copy(q, arena, "body");
  return ERR_OK;
}

Err journal_read(Store *store, Arena *arena, int64_t after_pos, size_t max_count, size_t max_bytes,
                 JournalEntry **entries, size_t *count)
{
  JournalEntry *list = NULL;
  size_t n = 0, capacity = 0, bytes = 0;
  AUTO(Query, q, query_fini) = query(store, &JOURNAL_READ);
  query_bind_int(&q, ":after", after_pos);
  while (n < max_count && (n == 0 || bytes < max_bytes) && query_next(&q)) {
    size_t size = query_str(&q, "body").len;
    if (n > 0 && bytes + size > max_bytes) break;
    list = arena_grow_array(arena, list, n, &capacity, sizeof *list);
    TRY(journal_entry_read(&q, arena, &list[n++]));
    bytes += size;
  }
  TRY(query_end(&q));
  *entries = list;
  *count = n;
  return ERR_OK;
}

/* next_of: the author's first entry at or after a position; its seq is 0 when there is none. */
static Err next_of(Store *store, NodeId node, int64_t *pos, uint64_t *seq)
{
  AUTO(Query, q, query_fini) = internal_query(store, &JOURNAL_NEXT_OF);
  query_bind_int(&q, ":pos", *pos);
  query_bind_int(&q, ":node", node);
  *seq = 0;
  if (query_next(&q)) {
    *pos = query_int(&q, "pos");
    *seq = (uint64_t)query_int(&q, "seq");
  }
  return query_end(&q);
}

static Err end_of(Store *store, int64_t *end)
{
  AUTO(Query, q, query_fini) = internal_query(store, &JOURNAL_END);
  *end = query_next(&q) ? query_int(&q, "pos") : 0;
  return query_end(&q);
}

Err journal_locate(Store *store, NodeId node, uint64_t seq, int64_t *pos)
{
  int64_t low = 1, high; /* it is at or after low, and not after high */
  TRY(end_of(store, &high));
  while (low <= high) {
    int64_t at = low + (high - low) / 2, middle = at;
    uint64_t found;
    TRY(next_of(store, node, &at, &found));
    if (found == seq) {
      *pos = at;
      return ERR_OK;
    }
    if (found == 0 || found > seq)
      high = middle - 1;
    else
      low = at + 1;
  }
  return err_because(ERR_NOT_FOUND, "journal: no entry %llu of node %08x", (unsigned long long)seq, node);
}

Err journal_find(Store *store, Arena *arena, NodeId node, uint64_t seq, JournalEntry *out)
{
  int64_t pos;
  if (seq == 0) return ERR_NOT_FOUND;
  TRY(journal_locate(store, node, seq, &pos));
  AUTO(Query, q, query_fini) = query(store, &JOURNAL_AT);
  query_bind_int(&q, ":pos", pos);
  if (query_next(&q)) return journal_entry_read(&q, arena, out);
  TRY(query_end(&q));
  return ERR_NOT_FOUND;
}

Err journal_heads(Store *store, Arena *arena, Head **heads, size_t *count)
{
  TRY(authors_refresh(store));
  Head *list = ARENA_ARRAY(arena, Head, store->author_count + 1);
  size_t n = 0;
  for (size_t i = 0; i < store->author_count; i++) {
    if (store->authors[i].head.seq > 0) list[n++] = store->authors[i].head;
  }
  *heads = list;
  *count = n;
  return ERR_OK;
}

Err journal_head_of(Store *store, NodeId node, Head *out)
{
  TRY(authors_refresh(store));
  const Author *author = author_find(store, node);
  *out = author ? author->head : (Head){.node = node};
  return ERR_OK;
}

static void sign_entry(const Store *store, uint64_t seq, Hash hash, uint8_t signature[SIGNATURE_SIZE])
{
  uint8_t bytes[HEAD_SIGNED_SIZE];
  head_signed_bytes(store->node, seq, hash, bytes);
  sign_bytes(&store->key, bytes, sizeof bytes, signature);
}

static Err own_newest_pos(Store *store, int64_t *pos)
{
  AUTO(Query, q, query_fini) = query(store, &OWN_NEWEST);
  query_bind_int(&q, ":node", store->node);
  *pos = query_next(&q) ? query_int(&q, "pos") : 0;
  return query_end(&q);
}

static Err sign_in_transaction(Store *store)
{
  Author *own = author_find(store, store->node);
  if (!own || own->head.seq == own->head.signed_seq) return ERR_OK;
  uint8_t signature[SIGNATURE_SIZE];
  sign_entry(store, own->head.seq, own->head.hash, signature);
  author_set_signature(own, own->head.seq, signature);
  int64_t pos;
  TRY(own_newest_pos(store, &pos));
  Query q = internal_query(store, &OWN_SIGNATURE);
  query_bind_int(&q, ":pos", pos);
  query_bind_blob(&q, ":signature", (Str){(const char *)signature, SIGNATURE_SIZE});
  TRY(query_run(&q));
  return authors_save(store);
}

Err journal_sign(Store *store, Head *out)
{
  TRY(journal_head_of(store, store->node, out));
  if (out->seq == out->signed_seq) return ERR_OK;
  TRY(store_write_begin(store));
  Err err = sign_in_transaction(store);
  if (err != ERR_OK) {
    store_write_cancel(store);
    return err;
  }
  TRY(store_write_end(store));
  return journal_head_of(store, store->node, out);
}

/* Assembly: a batch being put together. A cut is where every author's last entry is signed, or can be signed by us. */
typedef struct Assembly {
  Store *store;
  Arena *arena;
  JournalBatch *out;
  size_t capacity, head_capacity, bytes;
  size_t unsigned_heads; /* authors whose last entry in the batch has no signature */
  Head *heads;           /* as of the entries so far; signed_seq 0: not there */
  size_t head_count;
  size_t cut;
  int64_t cut_pos;
} Assembly;

static Head *head_in(Assembly *a, NodeId node)
{
  for (size_t i = a->head_count; i-- > 0;) {
    if (a->heads[i].node == node) return &a->heads[i];
  }
  a->heads = arena_grow_array(a->arena, a->heads, a->head_count, &a->head_capacity, sizeof *a->heads);
  a->heads[a->head_count] = (Head){.node = node, .signed_seq = UINT64_MAX}; /* none yet; signed in its way */
  return &a->heads[a->head_count++];
}

static void keep_cut(Assembly *a)
{
  JournalBatch *out = a->out;
  a->cut = out->count;
  out->next_pos = a->cut_pos;
  out->heads = ARENA_ARRAY(a->arena, Head, a->head_count + 1);
  out->head_count = a->head_count;
  if (a->head_count) memcpy(out->heads, a->heads, a->head_count * sizeof(Head));
}

static Err assemble(Assembly *a, Query *q)
{
  JournalBatch *out = a->out;
  out->entries = arena_grow_array(a->arena, out->entries, out->count, &a->capacity, sizeof *out->entries);
  JournalEntry *entry = &out->entries[out->count];
  TRY(journal_entry_read(q, a->arena, entry));
  out->count++;
  a->bytes += entry->body.len;
  Head *head = head_in(a, entry->node);
  bool was_signed = head->signed_seq != 0;
  Str signature = query_str(q, "signature");
  bool is_signed = entry->node == a->store->node || signature.len == SIGNATURE_SIZE;
  *head = (Head){.node = entry->node, .seq = entry->seq, .hlc = entry->hlc, .hash = entry->hash};
  if (is_signed) head->signed_seq = entry->seq;
  if (signature.len == SIGNATURE_SIZE) memcpy(head->signature, signature.ptr, SIGNATURE_SIZE);
  a->unsigned_heads += was_signed && !is_signed;
  a->unsigned_heads -= !was_signed && is_signed;
  return ERR_OK;
}

static Err assemble_all(Assembly *a, int64_t after_pos, NodeId neighbour, size_t max_count, size_t max_bytes)
{
  AUTO(Query, q, query_fini) = query(a->store, &BATCH_READ);
  query_bind_int(&q, ":after", after_pos);
  while (query_next(&q)) {
    bool full = a->out->count >= max_count || (a->out->count > 0 && a->bytes >= max_bytes);
    if (full && a->cut > 0) break;
    if (neighbour == 0 || (NodeId)query_int(&q, "via") != neighbour) TRY(assemble(a, &q));
    a->cut_pos = query_int(&q, "pos");
    if (a->unsigned_heads > 0) continue;
    if (a->out->count > a->cut)
      keep_cut(a);
    else
      a->out->next_pos = a->cut_pos;
  }
  return query_end(&q);
}

Err journal_batch(Store *store, Arena *arena, int64_t after_pos, NodeId neighbour, size_t max_count, size_t max_bytes,
                  JournalBatch *out)
{
  *out = (JournalBatch){.next_pos = after_pos};
  Assembly a = {.store = store, .arena = arena, .out = out};
  TRY(assemble_all(&a, after_pos, neighbour, max_count, max_bytes));
  out->count = a.cut;
  if (a.cut == 0) out->head_count = 0;
  for (size_t i = 0; i < out->head_count; i++) {
    Head *head = &out->heads[i];
    if (head->node == store->node) sign_entry(store, head->seq, head->hash, head->signature);
  }
  return ERR_OK;
}
