/* An entry that the upstream refuses for good must not hold up those after it. */
#include "common/store/replay.h"
#include "common/store/scope_take.h"

SQL_SCAN(ENTRIES_FROM, "SELECT pos, node, seq, hlc, via, hash, body FROM journal WHERE node = :node AND seq >= :seq"
                       " ORDER BY pos");
SQL(ENTRY_DROP, "DELETE FROM journal WHERE pos = :pos");
SQL(ENTRY_MOVE, "UPDATE journal SET seq = :seq, hash = :hash WHERE pos = :pos");
SQL_SCAN(SIGNATURES_FROM, "DELETE FROM signature WHERE pos >= :pos");
SQL(ASIDE_ADD, "INSERT OR REPLACE INTO set_aside (hlc, seq, at, reason, sealed)"
               " VALUES (:hlc, :seq, :at, :reason, :sealed)");
SQL_SCAN(ASIDE_COUNT, "SELECT count(*) AS count FROM set_aside");

static Err keep(Store *store, Arena *arena, const JournalEntry *entry, Str reason)
{
  Query q = internal_query(store, &ASIDE_ADD);
  query_bind_hlc(&q, ":hlc", entry->hlc);
  query_bind_int(&q, ":seq", (int64_t)entry->seq);
  query_bind_int(&q, ":at", store_now(store));
  query_bind_text(&q, ":reason", reason);
  query_bind_blob(&q, ":sealed", seal(arena, store->env, store->seal_key, entry->body));
  return query_run(&q);
}

/* undo: rows that it made go; those that it changed are told again. */
static Err undo(Store *store, Str body)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  TRY(body_open(body, &head, &reader));
  while (body_next(&reader, &change)) {
    const Table *table = schema_table_by_id(&store->schema, change.table);
    if (!table || change.kind != CHANGE_INSERT) continue;
    Err err = row_write(store, table, CHANGE_DELETE, change.id, 0, NULL, (Str){0});
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  }
  TRY(local_set_int(store, SCOPE_DIRTY, 1));
  return reader.err;
}

/* close_up: the entries after it take its number and so on; the chain is computed anew from `end`. */
static Err close_up(Store *store, const JournalEntry list[], size_t count, Head *end)
{
  for (size_t i = 0; i < count; i++) {
    end->seq++;
    end->hlc = list[i].hlc;
    end->hash = entry_hash(end->hash, store->node, end->seq, list[i].hlc, list[i].body);
    Query q = internal_query(store, &ENTRY_MOVE);
    query_bind_int(&q, ":seq", (int64_t)end->seq);
    query_bind_blob(&q, ":hash", (Str){(const char *)end->hash.bytes, HASH_SIZE});
    query_bind_int(&q, ":pos", list[i].pos);
    TRY(query_run(&q));
  }
  return ERR_OK;
}

/* end_before: the entry before `seq`, which may not be in the journal any more. */
static Err end_before(Store *store, Arena *arena, uint64_t seq, Head *out)
{
  JournalEntry entry;
  ScopeChain chain;
  *out = (Head){.node = store->node};
  if (seq <= 1) return ERR_OK;
  Err err = journal_find(store, arena, store->node, seq - 1, &entry);
  if (err == ERR_OK) {
    *out = (Head){.node = store->node, .seq = entry.seq, .hlc = entry.hlc, .hash = entry.hash};
    return ERR_OK;
  }
  if (err != ERR_NOT_FOUND) return err;
  TRY(scope_chain(store, &chain));
  if (chain.seq != seq - 1)
    return err_because(ERR_CORRUPT, "journal: entry %llu is missing", (unsigned long long)seq - 1);
  *out = (Head){.node = store->node, .seq = chain.seq, .hlc = chain.hlc, .hash = chain.hash};
  return ERR_OK;
}

static Err set_aside(Store *store, uint64_t seq, Str reason)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping((size_t)1 << 30);
  JournalEntry *list = NULL;
  size_t count = 0, capacity = 0;
  Head end;
  if ((int64_t)seq <= local_get_int(store, SCOPE_OWN, 0))
    return err_because(ERR_CONFLICT, "the upstream has entry %llu already", (unsigned long long)seq);
  {
    AUTO(Query, q, query_fini) = internal_query(store, &ENTRIES_FROM);
    query_bind_int(&q, ":node", store->node);
    query_bind_int(&q, ":seq", (int64_t)seq);
    while (query_next(&q)) {
      list = arena_grow_array(&arena, list, count, &capacity, sizeof *list);
      TRY(journal_entry_read(&q, &arena, &list[count++]));
    }
    TRY(query_end(&q));
  }
  if (count == 0 || list[0].seq != seq) return ERR_NOT_FOUND;
  TRY(end_before(store, &arena, seq, &end));
  TRY(keep(store, &arena, &list[0], reason));
  TRY(undo(store, list[0].body));
  Query drop = internal_query(store, &ENTRY_DROP);
  query_bind_int(&drop, ":pos", list[0].pos);
  TRY(query_run(&drop));
  Query signatures = internal_query(store, &SIGNATURES_FROM);
  query_bind_int(&signatures, ":pos", list[0].pos);
  TRY(query_run(&signatures));
  TRY(close_up(store, list + 1, count - 1, &end));
  Author *own = author_get(store, store->node);
  own->head = end;
  own->dirty = true;
  store->head++;
  TRY(scope_begin_anew(store));
  TRY(authors_save(store));
  return authors_replaced(store);
}

Err scope_set_aside(Store *store, uint64_t seq, Str reason)
{
  Err err = store_write_begin(store);
  if (err == ERR_OK) {
    err = set_aside(store, seq, reason);
    if (err == ERR_OK)
      err = store_write_end(store);
    else
      store_write_cancel(store);
  }
  return err;
}

Err scope_aside_count(Store *store, int64_t *count)
{
  AUTO(Query, q, query_fini) = internal_query(store, &ASIDE_COUNT);
  *count = query_next(&q) ? query_int(&q, "count") : 0;
  return query_end(&q);
}
