#include "common/store/merge.h"
#include "common/store/replay.h"
#include "common/store/scope_rules.h"

/* A node whose clock was ahead takes back its stamps. JOURNAL.md, "Restamping". */

SQL_SCAN(OWN_AFTER, "SELECT pos, node, seq, hlc, via, hash, body FROM journal WHERE node = :node AND pos > :after"
                    " ORDER BY pos");
SQL_SCAN(NEWEST_OTHER, "SELECT coalesce(max(hlc), 0) AS hlc FROM journal WHERE node <> :node");
SQL_SCAN(SEEN_OF_US, "SELECT coalesce(max(hlc), 0) AS hlc FROM seen WHERE node = :node");
SQL(ENTRY_REWRITE, "UPDATE journal SET hlc = :hlc, hash = :hash, body = :body WHERE pos = :pos");
SQL(SIGNATURES_DROP, "DELETE FROM signature WHERE pos = :pos");
SQL_SCAN(SIGNATURE_LEFT,
         "SELECT j.seq AS seq, s.signature AS signature FROM signature AS s JOIN journal AS j ON j.pos = s.pos"
         " WHERE j.node = :node ORDER BY j.seq DESC LIMIT 1");
SQL(AUTHOR_REWRITE, "UPDATE author SET hlc = :hlc, hash = :hash, signed_seq = :signed, signature = :signature"
                    " WHERE node = :node");

typedef struct Chain { /* where our chain stands */
  Hlc hlc;
  Hash hash;
} Chain;

static Err hlc_from(Store *store, const Sql *sql, Hlc *out)
{
  AUTO(Query, q, query_fini) = internal_query(store, sql);
  query_bind_int(&q, ":node", store->node);
  if (query_next(&q)) *out = query_hlc(&q, "hlc");
  return query_end(&q);
}

static Err read_own_after(Store *store, Arena *arena, int64_t after_pos, JournalEntry **list, size_t *count)
{
  size_t capacity = 0;
  AUTO(Query, q, query_fini) = internal_query(store, &OWN_AFTER);
  query_bind_int(&q, ":node", store->node);
  query_bind_int(&q, ":after", after_pos);
  while (query_next(&q)) {
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    TRY(journal_entry_read(&q, arena, &(*list)[(*count)++]));
  }
  return query_end(&q);
}

/* chain_before: our newest entry that keeps its stamp. */
static Err chain_before(Store *store, Arena *arena, uint64_t seq, Chain *chain)
{
  *chain = (Chain){0};
  if (seq == 1) return ERR_OK;
  JournalEntry entry;
  ScopeChain gone;
  Err err = journal_find(store, arena, store->node, seq - 1, &entry);
  if (err == ERR_OK) *chain = (Chain){entry.hlc, entry.hash};
  if (err != ERR_NOT_FOUND) return err;
  TRY(scope_chain(store, &gone));
  if (gone.seq != seq - 1)
    return err_because(ERR_CORRUPT, "journal: entry %llu is missing", (unsigned long long)seq - 1);
  *chain = (Chain){gone.hlc, gone.hash};
  return ERR_OK;
}

static Err rewrite(Store *store, Arena *arena, const JournalEntry *entry, Chain *chain)
{
  Str body = arena_strdup(arena, entry->body);
  uint8_t *bytes = (uint8_t *)(uintptr_t)body.ptr; /* our own copy */
  BodyHead head;
  BodyReader reader;
  TRY(body_open(body, &head, &reader));
  body_set_flags(bytes, head.flags | JOURNAL_RESTAMPED);
  chain->hash = entry_hash(chain->hash, entry->node, entry->seq, chain->hlc, body);
  Query q = internal_query(store, &ENTRY_REWRITE);
  query_bind_int(&q, ":pos", entry->pos);
  query_bind_hlc(&q, ":hlc", chain->hlc);
  query_bind_blob(&q, ":hash", (Str){(const char *)chain->hash.bytes, HASH_SIZE});
  query_bind_blob(&q, ":body", body);
  TRY(query_run(&q));
  Query drop = internal_query(store, &SIGNATURES_DROP);
  query_bind_int(&drop, ":pos", entry->pos);
  return query_run(&drop);
}

static Err rewrite_author(Store *store, const Chain *chain)
{
  AUTO(Query, left, query_fini) = internal_query(store, &SIGNATURE_LEFT);
  query_bind_int(&left, ":node", store->node);
  bool found = query_next(&left);
  Query q = internal_query(store, &AUTHOR_REWRITE);
  query_bind_int(&q, ":node", store->node);
  query_bind_hlc(&q, ":hlc", chain->hlc);
  query_bind_blob(&q, ":hash", (Str){(const char *)chain->hash.bytes, HASH_SIZE});
  query_bind_int(&q, ":signed", found ? query_int(&left, "seq") : 0);
  if (found)
    query_bind_blob(&q, ":signature", query_str(&left, "signature"));
  else
    query_bind_null(&q, ":signature");
  TRY(query_run(&q));
  return query_end(&left);
}

static Err restamp(Store *store, int64_t after_pos, Instant upstream_now, size_t *restamped)
{
  AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
  JournalEntry *list = NULL;
  size_t count = 0;
  TRY(authors_save(store)); /* the tables are exact for the journal's end, then only our own row changes */
  TRY(read_own_after(store, &arena, after_pos, &list, &count));
  *restamped = count;
  if (count == 0) return ERR_OK;
  Hlc others = 0, known_of_us = 0, *stamps = ARENA_ARRAY(&arena, Hlc, count);
  Chain chain;
  TRY(hlc_from(store, &NEWEST_OTHER, &others));
  if (store_is_scoped(store)) others = scope_newest(store);
  TRY(hlc_from(store, &SEEN_OF_US, &known_of_us));
  if (known_of_us >= list[0].hlc)
    return err_because(ERR_CONFLICT, "another node has seen entry %llu already", (unsigned long long)list[0].seq);
  TRY(chain_before(store, &arena, list[0].seq, &chain));
  if (chain.hlc < others) chain.hlc = others;
  for (size_t i = 0; i < count; i++) {
    stamps[i] = chain.hlc = hlc_next(chain.hlc, upstream_now);
    TRY(rewrite(store, &arena, &list[i], &chain));
  }
  if (hlc_is_ahead(chain.hlc, upstream_now))
    return err_because(ERR_CLOCK, "what others wrote is ahead of the upstream's clock too");
  TRY(rewrite_author(store, &chain));
  TRY(authors_replaced(store));
  if (!store_is_scoped(store)) return replay_rebuild(store);
  /* Its journal does not tell what its rows are. */
  for (size_t i = 0; i < count; i++)
    TRY(scope_restamped(store, list[i].body, (Stamp){list[i].hlc, store->node}, (Stamp){stamps[i], store->node}));
  return ERR_OK;
}

static Err restamp_in_transaction(Store *store, int64_t after_pos, Instant upstream_now, size_t *restamped)
{
  TRY(store_write_begin(store));
  Err err = restamp(store, after_pos, upstream_now, restamped);
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

Err merge_restamp(Store *store, int64_t after_pos, Instant upstream_now, size_t *restamped)
{
  size_t count = 0;
  Err err = restamp_in_transaction(store, after_pos, upstream_now, &count);
  TRY(err);
  *restamped = count;
  return ERR_OK;
}
