#include "common/store/merge.h"

#include <assert.h>
#include <stdlib.h>

#include "common/store/replay.h"

SQL(NODE_OF, "SELECT number, public_key, revoked_at FROM node WHERE id = :id");
SQL(KEY_PINNED, "SELECT public_key FROM author_key WHERE node = :node");
SQL(KEY_PIN, "INSERT OR IGNORE INTO author_key (node, public_key) VALUES (:node, :key)");
SQL(SIGNATURE_ADD, "INSERT OR REPLACE INTO signature (pos, signature) VALUES (:pos, :signature)");
SQL(JOURNAL_ONWARDS, "SELECT node, seq, hlc, body FROM journal WHERE pos >= :pos ORDER BY pos");

static const Instant STAMP_MAX_MS = INT64_C(253402300799999); /* what comes after needs room, too */

/* BatchAuthor: an author with new entries in the batch. */
typedef struct BatchAuthor {
  NodeId node;
  uint8_t public_key[SIGN_PUBLIC_SIZE];
  uint64_t last_seq;
  Hash last_hash;
  int64_t last_pos;
} BatchAuthor;

typedef struct Batch {
  Store *store;
  Arena arena;
  Merger merger;
  Instant now; /* or the newest stamp that is known here, if that is later */
  bool as_is;  /* whatever the clocks were */
  BatchAuthor *authors;
  size_t author_count, author_capacity;
  NodeId trusted_via; /* a messenger that was found not to be revoked; 0: none yet */
  bool nodes_changed; /* at all; the merger's flag is cleared whenever trusted_via is */
} Batch;

static void batch_fini(Batch *batch)
{
  merger_fini(&batch->merger);
  arena_fini(&batch->arena);
}

/* ----------------------------------------------------------------------------------------------------- whom to believe */

static Err root_key(Batch *batch, NodeId node, uint8_t key[SIGN_PUBLIC_SIZE], bool *found)
{
  Str pinned = local_get(batch->store, &batch->arena, LOCAL_ROOT_KEY);
  *found = pinned.len == SIGN_PUBLIC_SIZE && node_id_of((const uint8_t *)pinned.ptr) == node;
  if (*found) memcpy(key, pinned.ptr, SIGN_PUBLIC_SIZE);
  return ERR_OK;
}

static Err pinned_key(Batch *batch, NodeId node, uint8_t key[SIGN_PUBLIC_SIZE], bool *found)
{
  AUTO(Query, q, query_fini) = internal_query(batch->store, &KEY_PINNED);
  query_bind_int(&q, ":node", node);
  if (query_next(&q)) {
    Str bytes = query_str(&q, "public_key");
    *found = bytes.len == SIGN_PUBLIC_SIZE;
    if (*found) memcpy(key, bytes.ptr, SIGN_PUBLIC_SIZE);
  }
  return query_end(&q);
}

static Err enrolled_key(Batch *batch, NodeId node, uint8_t key[SIGN_PUBLIC_SIZE], bool *found)
{
  AUTO(Query, q, query_fini) = query(batch->store, &NODE_OF);
  query_bind_uuid(&q, ":id", node_row_id(node));
  if (query_next(&q)) {
    Str bytes = query_str(&q, "public_key");
    *found = query_int(&q, "number") == node && bytes.len == SIGN_PUBLIC_SIZE &&
             node_id_of((const uint8_t *)bytes.ptr) == node;
    if (*found) memcpy(key, bytes.ptr, SIGN_PUBLIC_SIZE);
  }
  return query_end(&q);
}

static Err find_key(Batch *batch, NodeId node, uint8_t key[SIGN_PUBLIC_SIZE])
{
  bool found = node == store_node(batch->store);
  if (found) memcpy(key, store_key(batch->store)->public_key, SIGN_PUBLIC_SIZE);
  if (!found) TRY(pinned_key(batch, node, key, &found));
  if (!found) TRY(root_key(batch, node, key, &found));
  if (!found) TRY(enrolled_key(batch, node, key, &found));
  return found ? ERR_OK : err_because(ERR_DENIED, "author %08x is not enrolled", node);
}

static Err check_messenger(Batch *batch, const JournalEntry *entry)
{
  NodeId via = entry->via ? entry->via : entry->node;
  if (batch->merger.nodes_changed) {
    batch->trusted_via = 0;
    batch->nodes_changed = true;
    batch->merger.nodes_changed = false;
  }
  if (via == batch->trusted_via) return ERR_OK;
  AUTO(Query, q, query_fini) = query(batch->store, &NODE_OF);
  query_bind_uuid(&q, ":id", node_row_id(via));
  bool revoked = query_next(&q) && !query_is_null(&q, "revoked_at");
  TRY(query_end(&q));
  if (revoked) return err_because(ERR_REVOKED, "node %08x was revoked", via);
  batch->trusted_via = via;
  return ERR_OK;
}

static Err batch_author(Batch *batch, NodeId node, BatchAuthor **out)
{
  for (size_t i = batch->author_count; i-- > 0;) {
    if (batch->authors[i].node == node) {
      *out = &batch->authors[i];
      return ERR_OK;
    }
  }
  BatchAuthor fresh = {.node = node};
  TRY(find_key(batch, node, fresh.public_key));
  batch->authors = arena_grow_array(&batch->arena, batch->authors, batch->author_count, &batch->author_capacity,
                                    sizeof *batch->authors);
  batch->authors[batch->author_count] = fresh;
  *out = &batch->authors[batch->author_count++];
  Query q = internal_query(batch->store, &KEY_PIN);
  query_bind_int(&q, ":node", node);
  query_bind_blob(&q, ":key", (Str){(const char *)fresh.public_key, SIGN_PUBLIC_SIZE});
  return query_run(&q);
}

/* --------------------------------------------------------------------------------------------------------- duplicates */

static int by_name(const void *a, const void *b)
{
  const JournalEntry *x = *(const JournalEntry *const *)a, *y = *(const JournalEntry *const *)b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static bool is_known(Store *store, const JournalEntry *entry)
{
  const Author *author = author_find(store, entry->node);
  return author && entry->seq <= author->head.seq;
}

static Err differs(const JournalEntry *entry)
{
  return err_because(ERR_FORK, "entry %llu of node %08x has two contents", (unsigned long long)entry->seq, entry->node);
}

/* check_run: known entries of one author, ascending; they lie in this order behind the first one. */
static Err check_run(Batch *batch, const JournalEntry *const run[], size_t count)
{
  int64_t pos;
  TRY(journal_locate(batch->store, run[0]->node, run[0]->seq, &pos));
  AUTO(Query, q, query_fini) = internal_query(batch->store, &JOURNAL_ONWARDS);
  query_bind_int(&q, ":pos", pos);
  size_t i = 0;
  while (i < count && query_next(&q)) {
    if (query_int(&q, "node") != run[i]->node) continue;
    while (i < count && (uint64_t)query_int(&q, "seq") == run[i]->seq) { /* the same one may have come twice */
      if (run[i]->hlc != query_hlc(&q, "hlc") || !str_eq(run[i]->body, query_str(&q, "body"))) return differs(run[i]);
      i++;
    }
  }
  return query_end(&q);
}

/* check_duplicates: known entries must be the same as here. */
static Err check_duplicates(Batch *batch, const JournalEntry entries[], size_t count)
{
  const JournalEntry **known = ARENA_ARRAY(&batch->arena, const JournalEntry *, count + 1);
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    if (entries[i].seq > 0 && is_known(batch->store, &entries[i])) known[n++] = &entries[i];
  }
  if (n > 0) qsort(known, n, sizeof(const JournalEntry *), by_name);
  for (size_t first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && known[end]->node == known[first]->node;) end++;
    TRY(check_run(batch, known + first, end - first));
  }
  return ERR_OK;
}

/* ----------------------------------------------------------------------------------------------------------- entries */

static Err check_order(Batch *batch, const JournalEntry *entry, const BodyHead *head)
{
  const Author *author = author_find(batch->store, entry->node);
  uint64_t seq = author ? author->head.seq : 0;
  Hlc hlc = author ? author->head.hlc : 0;
  if (entry->seq != seq + 1)
    return err_because(ERR_GAP, "entry %llu of node %08x is missing", (unsigned long long)(seq + 1), entry->node);
  if (entry->hlc <= hlc) return err_because(ERR_CORRUPT, "the clock of node %08x went back", entry->node);
  if (hlc_ms(entry->hlc) > STAMP_MAX_MS) return err_because(ERR_CORRUPT, "a stamp beyond the year 9999");
  if (!batch->as_is && hlc_is_ahead(entry->hlc, batch->now))
    return err_because(ERR_CLOCK, "the clock of node %08x is ahead by %lld ms", entry->node,
                       (long long)(hlc_ms(entry->hlc) - batch->now));
  for (size_t i = 0; i < head->seen_count; i++) {
    Seen seen = body_seen(head, i);
    if (seen.node == entry->node || seen.hlc >= entry->hlc)
      return err_because(ERR_CORRUPT, "node %08x has seen what cannot be", entry->node);
    const Author *other = author_find(batch->store, seen.node);
    if (!other || other->head.hlc < seen.hlc)
      return err_because(ERR_GAP, "an entry of node %08x, seen by node %08x, is missing", seen.node, entry->node);
  }
  return ERR_OK;
}

static Err accept_entry(Batch *batch, const JournalEntry *given)
{
  BodyHead head;
  BodyReader reader;
  if (given->seq == 0 || given->node == 0 || given->body.len > JOURNAL_BODY_MAX)
    return err_because(ERR_CORRUPT, "an entry without a name");
  TRY(body_open(given->body, &head, &reader));
  TRY(check_messenger(batch, given));
  BatchAuthor *author;
  TRY(batch_author(batch, given->node, &author));
  TRY(check_order(batch, given, &head));

  JournalEntry entry = *given;
  const Author *known = author_find(batch->store, entry.node);
  entry.hash = entry_hash(known ? known->head.hash : (Hash){{0}}, entry.node, entry.seq, entry.hlc, entry.body);
  TRY(journal_append(batch->store, &entry));
  author->last_seq = entry.seq;
  author->last_hash = entry.hash;
  author->last_pos = batch->store->head;
  return merger_apply(&batch->merger, (Stamp){entry.hlc, entry.node}, entry.body);
}

static Err check_head(Batch *batch, const BatchAuthor *author, const Head heads[], size_t head_count)
{
  for (size_t i = 0; i < head_count; i++) {
    const Head *head = &heads[i];
    if (head->node != author->node) continue;
    uint8_t bytes[HEAD_SIGNED_SIZE];
    head_signed_bytes(author->node, author->last_seq, author->last_hash, bytes);
    if (head->seq != author->last_seq || head->signed_seq != author->last_seq ||
        !hash_eq(head->hash, author->last_hash) ||
        !sign_verify(author->public_key, bytes, sizeof bytes, head->signature))
      return err_because(ERR_CORRUPT, "entries of node %08x do not match its signed head", author->node);
    author_set_signature(author_get(batch->store, author->node), author->last_seq, head->signature);
    Query q = internal_query(batch->store, &SIGNATURE_ADD);
    query_bind_int(&q, ":pos", author->last_pos);
    query_bind_blob(&q, ":signature", (Str){(const char *)head->signature, SIGNATURE_SIZE});
    return query_run(&q);
  }
  return err_because(ERR_CORRUPT, "entries of node %08x came without its head", author->node);
}

static Err apply_batch(Batch *batch, const JournalEntry entries[], size_t count, const Head heads[], size_t head_count,
                       MergeReport *report)
{
  Store *store = batch->store;
  batch->now = store_now(store);
  if (hlc_ms(store->newest_hlc) > batch->now) batch->now = hlc_ms(store->newest_hlc);
  TRY(merger_begin(&batch->merger, store));
  TRY(check_duplicates(batch, entries, count));
  for (size_t i = 0; i < count; i++) {
    if (entries[i].seq > 0 && is_known(store, &entries[i])) continue;
    TRY(accept_entry(batch, &entries[i]));
    report->applied++;
  }
  for (size_t i = 0; i < batch->author_count; i++) TRY(check_head(batch, &batch->authors[i], heads, head_count));
  report->overwrites = batch->merger.overwrites;
  report->unknown = batch->merger.unknown;
  report->duplicate = count - report->applied;
  return authors_save(store);
}

static Err apply_in_transaction(Store *store, const JournalEntry entries[], size_t count, const Head heads[],
                                size_t head_count, bool as_is, MergeAlso *also, void *context, MergeReport *report)
{
  AUTO(Batch, batch, batch_fini) = {.store = store, .arena = arena_make(0), .as_is = as_is};
  TRY(store_write_begin(store));
  Err err = apply_batch(&batch, entries, count, heads, head_count, report);
  if (err == ERR_OK && also) err = also(store, context);
  store->own_any_known = false;
  if (batch.nodes_changed || batch.merger.nodes_changed) store->authors_stale = true; /* perhaps we are revoked */
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

static Err apply(Store *store, const JournalEntry entries[], size_t count, const Head heads[], size_t head_count,
                 bool as_is, MergeAlso *also, void *context, MergeReport *report)
{
  MergeReport done = {0};
  if (count == 0 && !also) {
    if (report) *report = done;
    return ERR_OK;
  }
  TRY(apply_in_transaction(store, entries, count, heads, head_count, as_is, also, context, &done));
  if (report) *report = done;
  return ERR_OK;
}

Err merge_apply(Store *store, const JournalEntry entries[], size_t count, const Head heads[], size_t head_count,
                MergeAlso *also, void *context, MergeReport *report)
{
  return apply(store, entries, count, heads, head_count, false, also, context, report);
}

Err merge_apply_as_is(Store *store, const JournalEntry entries[], size_t count, const Head heads[], size_t head_count,
                      MergeAlso *also, void *context, MergeReport *report)
{
  return apply(store, entries, count, heads, head_count, true, also, context, report);
}
