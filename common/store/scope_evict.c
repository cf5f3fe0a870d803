/* What a scoped node may no longer hold goes: rows, drafts, attachments' bytes, its own entries about them, and what remains of
 * all that in the file. */
#include <stdio.h>

#include "common/base/buf.h"
#include "common/store/scope_take.h"

SQL(MARKED, "SELECT 1 AS marked FROM scope_mark WHERE table_id = :table AND id = :id");
SQL(LEFT, "SELECT 1 AS left FROM scope_left WHERE table_id = :table AND id = :id");
SQL(LEFT_GONE, "DELETE FROM scope_left WHERE table_id = :table AND id = :id");
SQL(DRAFTS_OF, "DELETE FROM draft WHERE owner = :id");
SQL_SCAN(ACKNOWLEDGED, "SELECT pos, seq, hlc, hash, body FROM journal WHERE node = :node AND seq <= :seq ORDER BY pos");
SQL_SCAN(PRUNE_ENTRIES, "DELETE FROM journal WHERE pos <= :pos");
SQL_SCAN(PRUNE_SIGNATURES, "DELETE FROM signature WHERE pos <= :pos");

enum { KEEP_MS = 3 * 24 * 3600 * 1000 }; /* an acknowledged entry that names nobody who left */

Err row_ids(Store *store, Arena *arena, const Table *table, Uuid **list, size_t *count)
{
  char sql[128];
  sqlite3_stmt *stmt;
  size_t capacity = 0;
  int rc;
  *list = NULL;
  *count = 0;
  snprintf(sql, sizeof sql, "SELECT id FROM %s ORDER BY id", table->name);
  TRY(store_err(store, sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), table->name));
  while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    if (sqlite3_column_bytes(stmt, 0) == 16) memcpy((*list)[(*count)++].bytes, sqlite3_column_blob(stmt, 0), 16);
  }
  Err err = store_err(store, rc, table->name);
  sqlite3_finalize(stmt);
  return err;
}

typedef struct Candidate { /* a row that may go */
  const Table *table;
  const ScopeRule *rule;
  Uuid id;
  bool gone;
} Candidate;

typedef struct Eviction {
  Store *store;
  const ScopeRules *rules;
  const ScopeOf *of;
  const OwnChanges *own;
  bool marked;
  Merger merger;
  Arena arena;
  Candidate *list;
  size_t count, capacity, evicted;
} Eviction;

static void eviction_fini(Eviction *e)
{
  merger_fini(&e->merger);
  arena_fini(&e->arena);
}

static Query row_query(Eviction *e, const Sql *sql, const Table *table, Uuid id)
{
  Query q = internal_query(e->store, sql);
  query_bind_int(&q, ":table", table->id);
  query_bind_uuid(&q, ":id", id);
  return q;
}

static Err is_listed(Eviction *e, const Sql *sql, const Table *table, Uuid id, bool *out)
{
  AUTO(Query, q, query_fini) = row_query(e, sql, table, id);
  *out = query_next(&q);
  return query_end(&q);
}

static Err stays(Eviction *e, const Table *table, const ScopeSet *set, Uuid id, bool *out)
{
  size_t count;
  *out = own_changes_find(e->own, table->id, id, &count) != NULL;
  if (*out || !scope_set_find(set, id)) return ERR_OK;
  bool left;
  TRY(is_listed(e, &LEFT, table, id, &left));
  *out = !left;
  return e->marked && !left ? is_listed(e, &MARKED, table, id, out) : ERR_OK;
}

static Err collect(Eviction *e, const Table *table)
{
  ScopeSet set = {.count = 0};
  Uuid *ids;
  size_t count;
  const ScopeRule *rule = scope_rule_of(e->rules, table);
  TRY(row_ids(e->store, &e->arena, table, &ids, &count));
  if (count == 0) return ERR_OK;
  if (rule) TRY(scope_set_read(e->store, &e->arena, rule, e->of, &set));
  for (size_t i = 0; i < count; i++) {
    bool stay;
    TRY(stays(e, table, &set, ids[i], &stay));
    if (stay) continue;
    e->list = arena_grow_array(&e->arena, e->list, e->count, &e->capacity, sizeof *e->list);
    e->list[e->count++] = (Candidate){table, rule, ids[i], false};
  }
  return ERR_OK;
}

static Err evict_row(Eviction *e, Candidate *row)
{
  TRY(row_write(e->store, row->table, CHANGE_DELETE, row->id, 0, NULL, (Str){0}));
  row->gone = true;
  e->evicted++;
  Query left = row_query(e, &LEFT_GONE, row->table, row->id);
  TRY(query_run(&left));
  Query drafts = query(e->store, &DRAFTS_OF);
  query_bind_uuid(&drafts, ":id", row->id);
  TRY(query_run(&drafts));
  return row->rule && row->rule->evicted ? row->rule->evicted(e->store, row->id) : ERR_OK;
}

/* refers: does a row that we have written to, and that was not sent, refer to this one? */
static Err refers(Eviction *e, const OwnChange *own, const Table *parent, Uuid id, bool *out)
{
  const Table *table = schema_table_by_id(&e->store->schema, own->table);
  static _Thread_local Row row;
  Err err = table ? row_read(e->store, &e->arena, table, own->id, &row) : ERR_NOT_FOUND;
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  for (size_t i = 0; i < e->merger.reference_count; i++) {
    const Reference *reference = &e->merger.references[i];
    if (reference->child != table || reference->parent != parent) continue;
    const JournalValue *value = &row.values[reference->column];
    *out |= value->kind == COL_BLOB && value->bytes.len == 16 && memcmp(value->bytes.ptr, id.bytes, 16) == 0;
  }
  return ERR_OK;
}

/* evict_left: what was told to leave goes first, as it is by these rows that others belong. Those that refer to it follow; only for
 * what was not sent yet it stays. */
static Err evict_left(Eviction *e)
{
  TRY(merger_references(&e->merger));
  for (size_t i = 0; i < e->count; i++) {
    bool left, needed = false;
    TRY(is_listed(e, &LEFT, e->list[i].table, e->list[i].id, &left));
    for (size_t k = 0; left && !needed && k < e->own->count; k++)
      TRY(refers(e, &e->own->list[k], e->list[i].table, e->list[i].id, &needed));
    if (left && !needed) TRY(evict_row(e, &e->list[i]));
  }
  return ERR_OK;
}

/* evict_all: again and again, as a row that goes may have been all that kept another one. */
static Err evict_all(Eviction *e)
{
  for (size_t before = SIZE_MAX; before != e->evicted;) {
    before = e->evicted;
    for (size_t i = e->count; i-- > 0;) { /* what refers comes after what it refers to, mostly */
      bool needed;
      if (e->list[i].gone) continue;
      TRY(merger_is_referenced(&e->merger, e->list[i].table, &e->list[i].id, &needed));
      if (!needed) TRY(evict_row(e, &e->list[i]));
    }
  }
  return ERR_OK;
}

/* ----------------------------------------------------------------------------------------------------- our own entries */

/* names_someone_gone: does the entry touch a row of an anchor that is not here any more? */
static Err names_someone_gone(Store *store, const ScopeRules *rules, Str body, bool *out)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  *out = false;
  TRY(body_open(body, &head, &reader));
  while (!*out && body_next(&reader, &change)) {
    uint8_t v[VERSION_SIZE_MAX];
    size_t size;
    const Table *table = schema_table_by_id(&store->schema, change.table);
    const ScopeRule *rule = table ? scope_rule_of(rules, table) : NULL;
    if (!rule || !rule->anchor) continue;
    Err err = row_version(store, table, change.id, v, &size);
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    *out = err == ERR_NOT_FOUND;
  }
  return reader.err;
}

/* last_to_go: entries go from the front, so that what is left is one chain. */
static Err last_to_go(Store *store, const ScopeRules *rules, uint64_t acknowledged, int64_t *pos, ScopeChain *chain)
{
  Instant old = store_now(store) - KEEP_MS;
  AUTO(Query, q, query_fini) = internal_query(store, &ACKNOWLEDGED);
  query_bind_int(&q, ":node", store->node);
  query_bind_int(&q, ":seq", (int64_t)acknowledged);
  while (query_next(&q)) {
    bool gone;
    TRY(names_someone_gone(store, rules, query_str(&q, "body"), &gone));
    if (!gone && hlc_ms(query_hlc(&q, "hlc")) >= old) continue;
    *pos = query_int(&q, "pos");
    *chain = (ScopeChain){.seq = (uint64_t)query_int(&q, "seq"), .hlc = query_hlc(&q, "hlc")};
    Str hash = query_str(&q, "hash");
    if (hash.len == HASH_SIZE) memcpy(chain->hash.bytes, hash.ptr, HASH_SIZE);
  }
  return query_end(&q);
}

static Err drop_up_to(Store *store, const Sql *sql, int64_t pos)
{
  Query q = internal_query(store, sql);
  query_bind_int(&q, ":pos", pos);
  return query_run(&q);
}

static Err prune(Store *store, const ScopeRules *rules, uint64_t acknowledged, bool *some)
{
  int64_t pos = 0;
  ScopeChain chain = {0};
  TRY(last_to_go(store, rules, acknowledged, &pos, &chain));
  *some = pos > 0;
  if (!*some) return ERR_OK;
  AUTO(Buf, buf, buf_fini) = buf_make(64);
  buf_u64(&buf, chain.seq);
  buf_u64(&buf, chain.hlc);
  buf_bytes(&buf, chain.hash.bytes, HASH_SIZE);
  TRY(local_set(store, SCOPE_CHAIN, buf_view(&buf)));
  TRY(drop_up_to(store, &PRUNE_SIGNATURES, pos));
  TRY(drop_up_to(store, &PRUNE_ENTRIES, pos));
  author_get(store, store->node)->dirty = true; /* from now on the table alone knows where our chain ends */
  return ERR_OK;
}

Err scope_evict(Store *store, const ScopeRules *rules, const ScopeOf *of, const OwnChanges *own, bool marked,
                uint64_t acknowledged, size_t *evicted)
{
  AUTO(Eviction, e, eviction_fini) = {
      .store = store, .rules = rules, .of = of, .own = own, .marked = marked, .arena = arena_make(0)};
  bool pruned;
  TRY(merger_begin(&e.merger, store));
  for (size_t before = SIZE_MAX; before != e.evicted;) { /* what goes takes others with it, by the rules */
    before = e.evicted;
    e.count = 0;
    for (size_t i = 0; i < store->schema.table_count; i++) TRY(collect(&e, &store->schema.tables[i]));
    TRY(evict_left(&e));
    TRY(evict_all(&e));
  }
  TRY(prune(store, rules, acknowledged, &pruned));
  if (e.evicted > 0 || pruned) TRY(local_set_int(store, SCOPE_DIRTY, 1));
  *evicted = e.evicted;
  return ERR_OK;
}

/* -------------------------------------------------------------------------------------------------- without the upstream */

static Err age(Store *store, const ScopeRules *rules, ScopeOf *of, size_t *evicted)
{
  AUTO(OwnChanges, own, own_changes_fini) = {.arena = arena_make((size_t)1 << 30)};
  uint64_t acknowledged = (uint64_t)local_get_int(store, SCOPE_OWN, 0);
  TRY(own_changes_read(store, acknowledged, &own));
  TRY(scope_evict(store, rules, of, &own, false, acknowledged, evicted));
  TRY(scope_of_write(store, of));
  if (*evicted == 0 && !author_get(store, store->node)->dirty) return ERR_OK;
  if (*evicted > 0) TRY(scope_begin_anew(store)); /* should our clock have been wrong, all of it is told again */
  store->head++;
  TRY(authors_save(store));
  return authors_replaced(store);
}

Err scope_age(Store *store, const ScopeRules *rules, const char *from, size_t *evicted)
{
  ScopeOf of;
  *evicted = 0;
  if (local_get_int(store, SCOPE_WHOLE, -1) >= 0 || !scope_of_read(store, &of) || strcmp(from, of.from) <= 0)
    return ERR_OK;
  snprintf(of.from, sizeof of.from, "%s", from);
  Err err = store_write_begin(store);
  if (err == ERR_OK) {
    err = age(store, rules, &of, evicted);
    if (err == ERR_OK)
      err = store_write_end(store);
    else
      store_write_cancel(store);
  }
  return err;
}

SQL_SCAN(BLOBS_UNNAMED, "DELETE FROM blob WHERE NOT EXISTS (SELECT 1 FROM attachment AS a WHERE a.hash = blob.hash)"
                        " RETURNING 1");

Err scope_sweep(Store *store)
{
  size_t count = 0;
  {
    AUTO(Query, q, query_fini) = query(store, &BLOBS_UNNAMED);
    while (query_next(&q)) count++;
    TRY(query_end(&q));
  }
  return count > 0 ? local_set_int(store, SCOPE_DIRTY, 1) : ERR_OK;
}

/* ---------------------------------------------------------------------------------------------------------------- file */

/* SQLite overwrites what is deleted, but a cell that moved to another page when the tree was balanced may have left a copy behind,
 * and the log holds pages as they were: so the file is written anew and the log is emptied. */
Err scope_wipe(Store *store, bool *done)
{
  enum { WAIT_MS = 300 };
  *done = true;
  if (local_get_int(store, SCOPE_DIRTY, 0) == 0) return ERR_OK;
  *done = false;
  sqlite3_busy_timeout(store->db, WAIT_MS); /* nobody at the kiosk is to wait for it */
  bool was = store->trusted;
  store->trusted = true;
  int rc = sqlite3_exec(store->db, "VACUUM", NULL, NULL, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  store->trusted = was;
  sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
  if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) return ERR_OK;
  TRY(store_err(store, rc, "write the file anew"));
  TRY(local_set_int(store, SCOPE_DIRTY, 0));
  *done = true;
  return ERR_OK;
}
