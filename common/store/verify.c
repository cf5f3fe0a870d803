#include "common/store/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/store/raw.h"
#include "common/store/replay.h"
#include "common/store/scope_rules.h"

SQL_SCAN(VERIFY_JOURNAL, "SELECT j.pos AS pos, node, seq, hlc, via, hash, s.signature AS signature, body"
                         " FROM journal AS j LEFT JOIN signature AS s ON s.pos = j.pos ORDER BY j.pos");
SQL_SCAN(VERIFY_SIGNATURES, "SELECT count(*) AS stray FROM signature AS s"
                            " WHERE NOT EXISTS (SELECT 1 FROM journal AS j WHERE j.pos = s.pos)");
SQL_SCAN(VERIFY_HEAD, "SELECT head FROM replica");
SQL_SCAN(VERIFY_AUTHORS, "SELECT node, seq, hlc, hash FROM author ORDER BY node");
SQL_SCAN(VERIFY_SEEN, "SELECT author, node, hlc FROM seen ORDER BY author, node");
SQL(VERIFY_KEY, "SELECT public_key FROM author_key WHERE node = :node");
SQL(VERIFY_NODE_KEY, "SELECT public_key FROM node WHERE id = :id");
SQL_SCAN(VERIFY_POSTINGS, "SELECT p.id AS id, total(l.amount_minor) AS rough, coalesce(sum(l.amount_minor), 0) AS total"
                          " FROM posting AS p LEFT JOIN ledger_line AS l ON l.posting = p.id GROUP BY p.id");
SQL_SCAN(VERIFY_BLOBS, "SELECT hash, bytes FROM blob");
SQL_SCAN(VERIFY_INTEGRITY, "SELECT integrity_check AS word FROM pragma_integrity_check(1)");

typedef struct Key {
  NodeId node;
  uint8_t bytes[SIGN_PUBLIC_SIZE];
  uint64_t signed_seq; /* newest entry with a good signature */
} Key;

typedef struct Verify {
  Store *store;
  VerifyReport *report;
  Arena arena;
  Replay replay;
  Key *keys;
  size_t key_count, key_capacity;
  int64_t saved_head;
} Verify;

static void verify_fini(Verify *v)
{
  replay_fini(&v->replay);
  arena_fini(&v->arena);
}

/* ---------------------------------------------------------------------------------------------------------- signatures */

static Err key_from(Store *store, const Sql *sql, NodeId node, uint8_t out[SIGN_PUBLIC_SIZE], bool *found)
{
  Uuid row = node_row_id(node);
  AUTO(Query, q, query_fini) = internal_query(store, sql);
  if (sql == &VERIFY_NODE_KEY)
    query_bind_uuid(&q, ":id", row);
  else
    query_bind_int(&q, ":node", node);
  *found = query_next(&q);
  if (!*found) return query_end(&q);
  Str bytes = query_str(&q, "public_key");
  if (bytes.len != SIGN_PUBLIC_SIZE || node_id_of((const uint8_t *)bytes.ptr) != node)
    return err_because(ERR_CORRUPT, "the key that is kept for node %08x is not its own", node);
  memcpy(out, bytes.ptr, SIGN_PUBLIC_SIZE);
  return ERR_OK;
}

static Err find_key(Verify *v, NodeId node, Key **out)
{
  for (size_t i = 0; i < v->key_count; i++) {
    if (v->keys[i].node == node) {
      *out = &v->keys[i];
      return ERR_OK;
    }
  }
  Key key = {.node = node};
  bool found = node == v->store->node;
  if (found) memcpy(key.bytes, v->store->key.public_key, SIGN_PUBLIC_SIZE);
  if (!found) TRY(key_from(v->store, &VERIFY_KEY, node, key.bytes, &found));
  if (!found) TRY(key_from(v->store, &VERIFY_NODE_KEY, node, key.bytes, &found));
  if (!found) return err_because(ERR_CORRUPT, "no key of node %08x", node);
  v->keys = arena_grow_array(&v->arena, v->keys, v->key_count, &v->key_capacity, sizeof *v->keys);
  v->keys[v->key_count] = key;
  *out = &v->keys[v->key_count++];
  return ERR_OK;
}

static Err check_signature(Verify *v, const JournalEntry *entry, Str signature)
{
  Key *key;
  uint8_t bytes[HEAD_SIGNED_SIZE];
  TRY(find_key(v, entry->node, &key));
  head_signed_bytes(entry->node, entry->seq, entry->hash, bytes);
  if (signature.len != SIGNATURE_SIZE || !sign_verify(key->bytes, bytes, sizeof bytes, (const uint8_t *)signature.ptr))
    return err_because(ERR_CORRUPT, "journal: bad signature of entry %llu of node %08x (position %lld)",
                       (unsigned long long)entry->seq, entry->node, (long long)entry->pos);
  key->signed_seq = entry->seq;
  v->report->signatures++;
  return ERR_OK;
}

/* What came from elsewhere came with a signature; only our own newest entries may lack one. */
static Err check_all_signed(Verify *v)
{
  for (size_t i = 0; i < v->replay.author_count; i++) {
    const ReplayAuthor *author = &v->replay.authors[i];
    Key *key;
    if (author->node == v->store->node) continue;
    TRY(find_key(v, author->node, &key));
    if (key->signed_seq != author->seq)
      return err_because(ERR_CORRUPT, "journal: entries of node %08x after %llu lack a signature", author->node,
                         (unsigned long long)key->signed_seq);
  }
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_SIGNATURES);
  if (query_next(&q) && query_int(&q, "stray") > 0)
    return err_because(ERR_CORRUPT, "journal: a signature of an entry that is not there");
  return query_end(&q);
}

/* ------------------------------------------------------------------------------------------------------------- authors */

static Err check_seen(Verify *v)
{
  size_t expected = 0, found = 0;
  for (size_t i = 0; i < v->replay.author_count; i++) expected += v->replay.authors[i].seen_count;
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_SEEN);
  while (query_next(&q)) {
    const ReplayAuthor *author = replay_author(&v->replay, (NodeId)query_int(&q, "author"));
    NodeId node = (NodeId)query_int(&q, "node");
    bool same = false;
    for (size_t i = 0; author && i < author->seen_count; i++)
      same |= author->seen[i].node == node && author->seen[i].hlc == query_hlc(&q, "hlc");
    if (!same) return err_because(ERR_CORRUPT, "table seen: what is said of node %08x is not in the journal", node);
    found++;
  }
  TRY(query_end(&q));
  return found == expected ? ERR_OK : err_because(ERR_CORRUPT, "table seen: %zu rows are missing", expected - found);
}

/* check_authors: the tables are exact for the journal up to replica.head. */
static Err check_authors(Verify *v)
{
  size_t found = 0;
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_AUTHORS);
  while (query_next(&q)) {
    NodeId node = (NodeId)query_int(&q, "node");
    const ReplayAuthor *author = replay_author(&v->replay, node);
    Str hash = query_str(&q, "hash");
    uint64_t seq = (uint64_t)query_int(&q, "seq");
    if (!author && seq == 0) continue;
    if (!author || author->seq != seq || author->hlc != query_hlc(&q, "hlc") || hash.len != HASH_SIZE ||
        memcmp(author->hash.bytes, hash.ptr, HASH_SIZE) != 0)
      return err_because(ERR_CORRUPT, "journal: it does not reach entry %llu of node %08x, which was known here",
                         (unsigned long long)seq, node);
    found++;
  }
  TRY(query_end(&q));
  if (found != v->replay.author_count) return err_because(ERR_CORRUPT, "table author: a row is missing");
  return check_seen(v);
}

static Err check_journal(Verify *v)
{
  AUTO(Query, head, query_fini) = internal_query(v->store, &VERIFY_HEAD);
  if (query_next(&head)) v->saved_head = query_int(&head, "head");
  TRY(query_end(&head));
  if (v->saved_head == 0) TRY(check_authors(v));
  AUTO(Arena, arena, arena_fini) = arena_make(4 * JOURNAL_BODY_MAX);
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_JOURNAL);
  while (query_next(&q)) {
    JournalEntry entry;
    TRY(journal_entry_read(&q, &arena, &entry));
    TRY(v->replay.merger.store ? replay_entry(&v->replay, &entry) : replay_chain(&v->replay, &entry));
    if (!query_is_null(&q, "signature")) TRY(check_signature(v, &entry, query_str(&q, "signature")));
    if (entry.pos == v->saved_head) TRY(check_authors(v));
    v->report->entries++;
    arena_reset(&arena);
  }
  TRY(query_end(&q));
  if (v->replay.pos < v->saved_head)
    return err_because(ERR_CORRUPT, "journal: it ends at position %lld, %lld was known here", (long long)v->replay.pos,
                       (long long)v->saved_head);
  return check_all_signed(v);
}

Err verify_journal(Store *store)
{
  VerifyReport report = {0};
  AUTO(Verify, v, verify_fini) = {.store = store, .report = &report, .arena = arena_make(0)};
  TRY(replay_begin(&v.replay, NULL));
  return check_journal(&v);
}

/* -------------------------------------------------------------------------------------------------------------- tables */

static bool cell_eq(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
  if (sqlite3_column_type(a, i) != sqlite3_column_type(b, i)) return false;
  if (sqlite3_column_type(a, i) == SQLITE_INTEGER) return sqlite3_column_int64(a, i) == sqlite3_column_int64(b, i);
  int len = sqlite3_column_bytes(a, i);
  if (len != sqlite3_column_bytes(b, i)) return false;
  return len == 0 || memcmp(sqlite3_column_blob(a, i), sqlite3_column_blob(b, i), (size_t)len) == 0;
}

/* key_compare: of the first `keys` columns, as SQLite orders numbers and blobs. */
static int key_compare(sqlite3_stmt *a, sqlite3_stmt *b, int keys)
{
  for (int i = 0; i < keys; i++) {
    if (sqlite3_column_type(a, i) == SQLITE_INTEGER) {
      int64_t x = sqlite3_column_int64(a, i), y = sqlite3_column_int64(b, i);
      if (x != y) return x < y ? -1 : 1;
      continue;
    }
    int x_len = sqlite3_column_bytes(a, i), y_len = sqlite3_column_bytes(b, i);
    int order = memcmp(sqlite3_column_blob(a, i), sqlite3_column_blob(b, i), (size_t)(x_len < y_len ? x_len : y_len));
    if (order != 0) return order;
    if (x_len != y_len) return x_len < y_len ? -1 : 1;
  }
  return 0;
}

static Err differs(const char *table, sqlite3_stmt *row, const char *how)
{
  char name[UUID_TEXT_LEN + 1] = "";
  for (int i = 0; i < sqlite3_column_count(row) && !name[0]; i++) {
    if (sqlite3_column_type(row, i) != SQLITE_BLOB || sqlite3_column_bytes(row, i) != 16) continue;
    Uuid id;
    memcpy(id.bytes, sqlite3_column_blob(row, i), 16);
    uuid_text(id, name);
  }
  return err_because(ERR_CORRUPT, "table %s, row %s: %s", table, name, how);
}

static Err compare_cells(const char *table, sqlite3_stmt *here, sqlite3_stmt *there)
{
  char how[160];
  for (int i = 0; i < sqlite3_column_count(here); i++) {
    if (cell_eq(here, there, i)) continue;
    snprintf(how, sizeof how, "column %s is not what the journal says", sqlite3_column_name(here, i));
    return differs(table, here, how);
  }
  return ERR_OK;
}

/* compare: two statements in the order of their first `keys` columns. */
static Err compare(Verify *v, const char *table, sqlite3_stmt *here, sqlite3_stmt *there, int keys)
{
  int a = sqlite3_step(here), b = sqlite3_step(there);
  while (a == SQLITE_ROW || b == SQLITE_ROW) {
    int order = a != SQLITE_ROW ? 1 : b != SQLITE_ROW ? -1 : key_compare(here, there, keys);
    if (order < 0 && b != SQLITE_ROW && b != SQLITE_DONE) break;
    if (order > 0 && a != SQLITE_ROW && a != SQLITE_DONE) break;
    if (order < 0) return differs(table, here, "it is not in the journal");
    if (order > 0) return differs(table, there, "it is missing");
    TRY(compare_cells(table, here, there));
    v->report->rows++;
    a = sqlite3_step(here);
    b = sqlite3_step(there);
  }
  TRY(store_err(v->store, a, table));
  return store_err(v->replay.merger.store, b, table);
}

static Err compare_query(Verify *v, const char *table, const char *sql, int keys)
{
  sqlite3_stmt *here = NULL, *there = NULL;
  Store *other = v->replay.merger.store;
  Err err = store_err(v->store, sqlite3_prepare_v2(v->store->db, sql, -1, &here, NULL), table);
  if (err == ERR_OK) err = store_err(other, sqlite3_prepare_v2(other->db, sql, -1, &there, NULL), table);
  if (err == ERR_OK) err = compare(v, table, here, there, keys);
  sqlite3_finalize(here);
  sqlite3_finalize(there);
  return err;
}

static const char *table_query(Arena *arena, const Table *table)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 16);
  buf_c(&sql, "SELECT id");
  for (size_t c = 0; c < table->column_count; c++) buf_printf(&sql, ", %s", table->columns[c].name);
  buf_printf(&sql, ", v FROM %s ORDER BY id", table->name);
  return arena_cstr(arena, str_c(buf_cstr(&sql)));
}

static Err check_tables(Verify *v)
{
  for (size_t i = 0; i < v->store->schema.table_count; i++) {
    const Table *table = &v->store->schema.tables[i];
    TRY(compare_query(v, table->name, table_query(&v->arena, table), 1));
  }
  TRY(compare_query(v, "shadow", "SELECT table_id, id, hlc, node, state FROM shadow ORDER BY table_id, id", 2));
  TRY(compare_query(v, "overwrite",
                    "SELECT table_id, id, column_group, hlc, node, edit FROM overwrite"
                    " ORDER BY table_id, id, column_group, hlc, node",
                    5));
  return compare_query(v, "unknown_change",
                       "SELECT table_id, column_id FROM unknown_change ORDER BY table_id, column_id", 2);
}

/* --------------------------------------------------------------------------------------------------------------- rules */

static Err check_reference(Verify *v, const Reference *reference)
{
  const char *child = reference->child->name, *parent = reference->parent->name;
  const char *column = reference->child->by_id[reference->column]->name;
  const char *sql = arena_printf(&v->arena,
                                 "SELECT id FROM %s AS c WHERE %s IS NOT NULL"
                                 " AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE p.id = c.%s) LIMIT 1",
                                 child, column, parent, column);
  sqlite3_stmt *stmt = NULL;
  Err err = store_err(v->store, sqlite3_prepare_v2(v->store->db, sql, -1, &stmt, NULL), sql);
  if (err == ERR_OK) {
    int rc = sqlite3_step(stmt);
    err = store_err(v->store, rc, sql);
    char how[160];
    snprintf(how, sizeof how, "column %s names a row of %s that is not there", column, parent);
    if (rc == SQLITE_ROW) err = differs(child, stmt, how);
  }
  sqlite3_finalize(stmt);
  return err;
}

static Err check_references(Verify *v)
{
  TRY(merger_references(&v->replay.merger));
  for (size_t i = 0; i < v->replay.merger.reference_count; i++)
    TRY(check_reference(v, &v->replay.merger.references[i]));
  return ERR_OK;
}

static Err check_postings(Verify *v)
{
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_POSTINGS);
  while (query_next(&q)) {
    v->report->postings++;
    if (query_int(&q, "total") == 0 && query_int(&q, "rough") == 0) continue;
    char id[UUID_TEXT_LEN + 1];
    uuid_text(query_uuid(&q, "id"), id);
    return err_because(ERR_CORRUPT, "posting %s: its lines add up to %lld", id, (long long)query_int(&q, "total"));
  }
  return query_end(&q);
}

static Err check_blobs(Verify *v)
{
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_BLOBS);
  while (query_next(&q)) {
    Str bytes = query_str(&q, "bytes");
    Hash hash = hash_bytes(bytes.ptr, bytes.len);
    Str named = query_str(&q, "hash");
    if (str_eq(named, (Str){(const char *)hash.bytes, HASH_SIZE})) continue;
    char hex[HASH_HEX_LEN + 1];
    hash_hex(hash, hex);
    return err_because(ERR_CORRUPT, "attachment: bytes with hash %.16s... are kept under another one", hex);
  }
  return query_end(&q);
}

static Err check_file(Verify *v)
{
  bool was = v->store->trusted;
  v->store->trusted = true;
  AUTO(Query, q, query_fini) = internal_query(v->store, &VERIFY_INTEGRITY);
  bool found = query_next(&q);
  v->store->trusted = was;
  if (found && !str_eq_c(query_str(&q, "word"), "ok"))
    return err_because(ERR_CORRUPT, "database file: " STR_FMT, STR_ARG(query_str(&q, "word")));
  return query_end(&q);
}

/* ----------------------------------------------------------------------------------------------------- the other replica */

typedef struct Other { /* an empty replica to replay into */
  Arena arena;
  const char *folder;
  Store *store;
} Other;

static void other_fini(Other *other)
{
  store_close(other->store);
  static const char *const FILES[] = {"foyer.db",     "foyer.db-journal", "foyer.db-wal",
                                      "foyer.db-shm", "foyer.commit",     "node.key"};
  for (size_t i = 0; other->folder && i < COUNT_OF(FILES); i++)
    unlink(arena_printf(&other->arena, "%s/%s", other->folder, FILES[i]));
  if (other->folder) rmdir(other->folder);
  arena_fini(&other->arena);
}

static Err other_make(Other *other, const Store *like)
{
  char *folder = arena_printf(&other->arena, "%s/verify.XXXXXX", like->folder);
  if (!mkdtemp(folder)) return err_because(ERR_IO, "cannot make a folder in %s", like->folder);
  other->folder = folder;
  TRY(store_open_with(folder, like->env, like->migrations, like->migration_count, true, &other->store));
  /* It is thrown away: nothing in it need survive. */
  TRY(store_exec(other->store, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -100000;"
                               "PRAGMA foreign_keys = OFF"));
  return store_write_begin(other->store);
}

static Err check_scoped(Verify *v)
{
  VerifyReport *report = v->report;
  report->scoped = true;
  TRY(scope_verify(v->store, &report->entries, &report->signatures, &report->rows));
  TRY(merger_begin(&v->replay.merger, v->store));
  TRY(check_references(v));
  TRY(check_blobs(v));
  return check_file(v);
}

static Err check_all(Verify *v, Store *other)
{
  if (!other) return check_scoped(v);
  TRY(replay_begin(&v->replay, other));
  TRY(check_journal(v));
  TRY(check_tables(v));
  TRY(check_references(v));
  TRY(check_postings(v));
  TRY(check_blobs(v));
  return check_file(v);
}

static Err verify_at_one_moment(Store *store, Store *other, VerifyReport *report)
{
  AUTO(Verify, v, verify_fini) = {.store = store, .report = report, .arena = arena_make(0)};
  TRY(store_read_begin(store));
  Err err = check_all(&v, other);
  store_read_end(store);
  return err;
}

Err verify_store(Store *store, VerifyReport *report)
{
  *report = (VerifyReport){0};
  AUTO(Other, other, other_fini) = {.arena = arena_make(0)};
  if (!store_is_scoped(store)) TRY(other_make(&other, store));
  Err err = verify_at_one_moment(store, other.store, report);
  if (err == ERR_CORRUPT) snprintf(report->fault, sizeof report->fault, "%s", err_detail());
  return err;
}
