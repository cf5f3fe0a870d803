#include <assert.h>
#include <stdlib.h>

#include "common/store/scope_rules.h"

SQL(REPLICA_GET, "SELECT head, generation FROM replica WHERE id = 1");
SQL(REPLICA_SET_HEAD, "UPDATE replica SET head = :head WHERE id = 1");
SQL(REPLICA_RAISE, "UPDATE replica SET generation = generation + 1 WHERE id = 1");
SQL_SCAN(AUTHOR_LIST, "SELECT node, seq, hlc, hash, signed_seq, signature FROM author");
SQL(AUTHOR_PUT, "INSERT OR REPLACE INTO author (node, seq, hlc, hash, signed_seq, signature)"
                " VALUES (:node, :seq, :hlc, :hash, :signed_seq, :signature)");
SQL(SEEN_OF, "SELECT node, hlc FROM seen WHERE author = :author ORDER BY node");
SQL(SEEN_PUT, "INSERT OR REPLACE INTO seen (author, node, hlc) VALUES (:author, :node, :hlc)");
SQL(JOURNAL_AFTER, "SELECT pos, node, seq, hlc, hash, body FROM journal WHERE pos > :pos ORDER BY pos");
SQL(JOURNAL_ADD, "INSERT INTO journal (pos, node, seq, hlc, via, hash, body)"
                 " VALUES (:pos, :node, :seq, :hlc, :via, :hash, :body)");
SQL(READ_BEGIN, "BEGIN");
SQL(READ_END, "COMMIT");

static void *grown(void *array, size_t *capacity, size_t size)
{
  *capacity = *capacity ? *capacity * 2 : 8;
  array = reallocarray(array, *capacity, size);
  if (!array) abort();
  return array;
}

void authors_forget(Store *store)
{
  for (size_t i = 0; i < store->author_count; i++) free(store->authors[i].seen);
  store->author_count = 0;
  store->authors_valid = false;
  store->head = store->saved_head = 0;
  store->unsaved_bytes = 0;
  store->newest_hlc = 0;
}

static size_t author_place(const Store *store, NodeId node)
{
  size_t low = 0, high = store->author_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (store->authors[middle].head.node < node)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Author *author_find(Store *store, NodeId node)
{
  size_t at = author_place(store, node);
  return at < store->author_count && store->authors[at].head.node == node ? &store->authors[at] : NULL;
}

Author *author_get(Store *store, NodeId node)
{
  size_t at = author_place(store, node);
  if (at < store->author_count && store->authors[at].head.node == node) return &store->authors[at];
  if (store->author_count == store->author_capacity)
    store->authors = grown(store->authors, &store->author_capacity, sizeof *store->authors);
  memmove(store->authors + at + 1, store->authors + at, (store->author_count - at) * sizeof *store->authors);
  store->author_count++;
  store->authors[at] = (Author){.head.node = node};
  return &store->authors[at];
}

/* seen_at: the element for `of`, added when it is not there. */
static Seen *seen_at(Author *author, NodeId of)
{
  size_t low = 0, high = author->seen_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (author->seen[middle].node < of)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < author->seen_count && author->seen[low].node == of) return &author->seen[low];
  if (author->seen_count == author->seen_capacity)
    author->seen = grown(author->seen, &author->seen_capacity, sizeof *author->seen);
  memmove(author->seen + low + 1, author->seen + low, (author->seen_count - low) * sizeof(Seen));
  author->seen_count++;
  author->seen[low] = (Seen){of, 0};
  return &author->seen[low];
}

static Err load_seen(Store *store, Author *author)
{
  if (author->seen_loaded) return ERR_OK;
  AUTO(Query, q, query_fini) = internal_query(store, &SEEN_OF);
  query_bind_int(&q, ":author", author->head.node);
  while (query_next(&q)) seen_at(author, (NodeId)query_int(&q, "node"))->hlc = query_hlc(&q, "hlc");
  TRY(query_end(&q));
  author->seen_loaded = true;
  return ERR_OK;
}

Err author_seen(Store *store, Author *author, NodeId of, Hlc *out)
{
  if (of == author->head.node) {
    *out = author->head.hlc;
    return ERR_OK;
  }
  TRY(load_seen(store, author));
  size_t low = 0, high = author->seen_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (author->seen[middle].node < of)
      low = middle + 1;
    else
      high = middle;
  }
  *out = low < author->seen_count && author->seen[low].node == of ? author->seen[low].hlc : 0;
  return ERR_OK;
}

void author_set_signature(Author *author, uint64_t seq, const uint8_t signature[SIGNATURE_SIZE])
{
  author->head.signed_seq = seq;
  memcpy(author->head.signature, signature, SIGNATURE_SIZE);
  author->dirty = true;
}

Err author_advance(Store *store, const JournalEntry *entry)
{
  BodyHead head;
  BodyReader reader;
  if (body_open(entry->body, &head, &reader) != ERR_OK)
    return err_because(ERR_CORRUPT, "journal: entry %llu of node %08x (position %lld): its body does not decode",
                       (unsigned long long)entry->seq, entry->node, (long long)entry->pos);
  Author *author = author_get(store, entry->node);
  if (head.seen_count) TRY(load_seen(store, author));
  for (size_t i = 0; i < head.seen_count; i++) {
    Seen seen = body_seen(&head, i);
    Seen *known = seen_at(author, seen.node);
    if (seen.hlc > known->hlc) known->hlc = seen.hlc;
    author->seen_dirty++;
  }
  author->head.seq = entry->seq;
  author->head.hlc = entry->hlc;
  author->head.hash = entry->hash;
  author->dirty = true;
  store->unsaved_bytes += entry->body.len;
  if (entry->hlc > store->newest_hlc) store->newest_hlc = entry->hlc;
  if (entry->pos > store->head) store->head = entry->pos;
  if (entry->node != store->node) store->others_news = true;
  return ERR_OK;
}

static Str hash_str(const Hash *hash)
{
  return (Str){(const char *)hash->bytes, HASH_SIZE};
}

Err journal_append(Store *store, const JournalEntry *given)
{
  JournalEntry entry = *given;
  entry.pos = store->head + 1;
  Query q = internal_query(store, &JOURNAL_ADD);
  query_bind_int(&q, ":pos", entry.pos);
  query_bind_int(&q, ":node", entry.node);
  query_bind_int(&q, ":seq", (int64_t)entry.seq);
  query_bind_hlc(&q, ":hlc", entry.hlc);
  query_bind_int(&q, ":via", entry.via);
  query_bind_blob(&q, ":hash", hash_str(&entry.hash));
  query_bind_blob(&q, ":body", entry.body);
  TRY(query_run(&q));
  return author_advance(store, &entry);
}

static Err read_hash(Query *q, Hash *out)
{
  Str bytes = query_str(q, "hash");
  if (bytes.len != HASH_SIZE) return err_because(ERR_CORRUPT, "a hash of %zu bytes", bytes.len);
  memcpy(out->bytes, bytes.ptr, HASH_SIZE);
  return ERR_OK;
}

static Err load_authors(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &AUTHOR_LIST);
  while (query_next(&q)) {
    Author *author = author_get(store, (NodeId)query_int(&q, "node"));
    author->head.seq = (uint64_t)query_int(&q, "seq");
    author->head.hlc = query_hlc(&q, "hlc");
    TRY(read_hash(&q, &author->head.hash));
    author->head.signed_seq = (uint64_t)query_int(&q, "signed_seq");
    Str signature = query_str(&q, "signature");
    if (signature.len == SIGNATURE_SIZE) memcpy(author->head.signature, signature.ptr, SIGNATURE_SIZE);
    if (author->head.hlc > store->newest_hlc) store->newest_hlc = author->head.hlc;
  }
  store->others_news = true;
  /* A scoped node has rows that no entry of its journal tells of. */
  Hlc told = (Hlc)local_get_int(store, SCOPE_HLC, 0);
  if (told > store->newest_hlc) store->newest_hlc = told;
  return query_end(&q);
}

/* Signatures that another process has set do not show in the journal. */
static Err load_signatures(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &AUTHOR_LIST);
  while (query_next(&q)) {
    Author *author = author_get(store, (NodeId)query_int(&q, "node"));
    Str signature = query_str(&q, "signature");
    uint64_t seq = (uint64_t)query_int(&q, "signed_seq");
    if (seq <= author->head.signed_seq || signature.len != SIGNATURE_SIZE) continue;
    author->head.signed_seq = seq;
    memcpy(author->head.signature, signature.ptr, SIGNATURE_SIZE);
  }
  return query_end(&q);
}

static Err read_on(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &JOURNAL_AFTER);
  query_bind_int(&q, ":pos", store->head);
  while (query_next(&q)) {
    JournalEntry entry = {.pos = query_int(&q, "pos"),
                          .node = (NodeId)query_int(&q, "node"),
                          .seq = (uint64_t)query_int(&q, "seq"),
                          .hlc = query_hlc(&q, "hlc"),
                          .body = query_str(&q, "body")};
    TRY(read_hash(&q, &entry.hash));
    TRY(author_advance(store, &entry));
  }
  return query_end(&q);
}

/* Everything here is seen at one moment. */
static Err refresh(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &REPLICA_GET);
  if (!query_next(&q)) return store_err(store, SQLITE_CORRUPT, "table replica is empty");
  int64_t saved_head = query_int(&q, "head");
  int64_t generation = query_int(&q, "generation");
  TRY(query_end(&q));
  if (!store->authors_valid || store->generation != generation) {
    authors_forget(store);
    TRY(load_authors(store));
    store->head = store->saved_head = saved_head;
    store->generation = generation;
  } else {
    TRY(load_signatures(store));
  }
  TRY(read_on(store));
  TRY(standing_read(store));
  store->own_any_known = false;
  store->authors_valid = true;
  store->authors_stale = false;
  return ERR_OK;
}

static unsigned pager_version(Store *store)
{
  unsigned version = 0;
  sqlite3_file_control(store->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
  return version;
}

void authors_note_version(Store *store)
{
  store->data_version = pager_version(store);
}

static Err run_once(Store *store, const Sql *sql)
{
  Query q = internal_query(store, sql);
  return query_run(&q);
}

Err authors_refresh(Store *store)
{
  /* The pager learns of other connections' commits when a transaction begins. */
  bool own = sqlite3_get_autocommit(store->db);
  if (own) TRY(run_once(store, &READ_BEGIN));
  Err err = ERR_OK;
  if (own) {
    Query q = internal_query(store, &REPLICA_GET);
    err = query_run(&q);
  }
  if (err == ERR_OK && (!store->authors_valid || store->authors_stale || store->data_version != pager_version(store)))
    err = refresh(store);
  if (err == ERR_OK)
    authors_note_version(store);
  else
    authors_forget(store);
  if (own) {
    Err ended = run_once(store, &READ_END);
    if (err == ERR_OK) err = ended;
  }
  return err;
}

static Err save_seen(Store *store, Author *author)
{
  for (size_t i = 0; i < author->seen_count; i++) {
    Query q = internal_query(store, &SEEN_PUT);
    query_bind_int(&q, ":author", author->head.node);
    query_bind_int(&q, ":node", author->seen[i].node);
    query_bind_hlc(&q, ":hlc", author->seen[i].hlc);
    TRY(query_run(&q));
  }
  author->seen_dirty = 0;
  return ERR_OK;
}

static Err save_author(Store *store, Author *author)
{
  const Head *head = &author->head;
  Query q = internal_query(store, &AUTHOR_PUT);
  query_bind_int(&q, ":node", head->node);
  query_bind_int(&q, ":seq", (int64_t)head->seq);
  query_bind_hlc(&q, ":hlc", head->hlc);
  query_bind_blob(&q, ":hash", hash_str(&head->hash));
  query_bind_int(&q, ":signed_seq", (int64_t)head->signed_seq);
  if (head->signed_seq)
    query_bind_blob(&q, ":signature", (Str){(const char *)head->signature, SIGNATURE_SIZE});
  else
    query_bind_null(&q, ":signature");
  TRY(query_run(&q));
  author->dirty = false;
  return ERR_OK;
}

Err authors_save(Store *store)
{
  assert(store->in_write);
  for (size_t i = 0; i < store->author_count; i++) {
    Author *author = &store->authors[i];
    if (author->dirty) TRY(save_author(store, author));
    if (author->seen_dirty) TRY(save_seen(store, author));
  }
  Query q = internal_query(store, &REPLICA_SET_HEAD);
  query_bind_int(&q, ":head", store->head);
  TRY(query_run(&q));
  store->saved_head = store->head;
  store->unsaved_bytes = 0;
  return ERR_OK;
}

Err authors_replaced(Store *store)
{
  assert(store->in_write);
  TRY(run_once(store, &REPLICA_RAISE));
  authors_forget(store);
  return authors_refresh(store);
}
