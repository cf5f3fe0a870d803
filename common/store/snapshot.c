#include <unistd.h>

#include "common/base/file.h"
#include "common/store/raw.h"
#include "common/store/replay.h"
#include "common/store/verify.h"

/* A snapshot file is plain: tables without constraints or indexes, as it is only read from beginning to end. */

static const int64_t SNAPSHOT_APPLICATION_ID = 0x666f7973; /* "foys" */

/* Copied besides the replicated tables. */
static const char *const COPIES[] = {
    "CREATE TABLE journal AS SELECT pos, node, seq, hlc, via, hash, body FROM src.journal ORDER BY pos",
    "CREATE TABLE signature AS SELECT pos, signature FROM src.signature",
    "CREATE TABLE author_key AS SELECT node, public_key FROM src.author_key",
    "CREATE TABLE author AS SELECT node, seq, hlc, hash, signed_seq, signature FROM src.author",
    "CREATE TABLE seen AS SELECT author, node, hlc FROM src.seen",
    "CREATE TABLE replica AS SELECT head FROM src.replica",
    "CREATE TABLE shadow AS SELECT table_id, id, hlc, node, state FROM src.shadow",
    "CREATE TABLE overwrite AS SELECT table_id, id, column_group, hlc, node, edit FROM src.overwrite",
    "CREATE TABLE unknown_change AS SELECT table_id, column_id FROM src.unknown_change",
};

static Err copy_tables(Raw *raw, const Schema *schema)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (size_t i = 0; i < schema->table_count; i++) {
    const char *name = schema->tables[i].name;
    TRY(raw_exec(raw, arena_printf(&arena, "CREATE TABLE %s AS SELECT * FROM src.%s ORDER BY id", name, name), NULL));
  }
  for (size_t i = 0; i < COUNT_OF(COPIES); i++) TRY(raw_exec(raw, COPIES[i], NULL));
  return ERR_OK;
}

static Err bind_and_run(Raw *raw, const char *sql, int64_t number, const void *bytes, int len)
{
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_bind_int64(stmt, 1, number);
  if (rc == SQLITE_OK) rc = sqlite3_bind_blob(stmt, 2, bytes, len, SQLITE_STATIC);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  Err err = raw_err(raw, rc, sql);
  sqlite3_finalize(stmt);
  return err;
}

/* sign_newest: of our own entries in the copy, since the newcomer cannot check what is not signed. */
static Err sign_newest(Raw *raw, const Store *store)
{
  sqlite3_stmt *stmt = NULL;
  const char *sql = "SELECT pos, seq, hash FROM journal WHERE node = ?1 ORDER BY pos DESC LIMIT 1";
  int rc = sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_bind_int64(stmt, 1, store->node);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  bool found = rc == SQLITE_ROW && sqlite3_column_bytes(stmt, 2) == HASH_SIZE;
  int64_t pos = 0;
  uint8_t signature[SIGNATURE_SIZE];
  if (found) {
    Hash hash;
    uint8_t bytes[HEAD_SIGNED_SIZE];
    pos = sqlite3_column_int64(stmt, 0);
    memcpy(hash.bytes, sqlite3_column_blob(stmt, 2), HASH_SIZE);
    head_signed_bytes(store->node, (uint64_t)sqlite3_column_int64(stmt, 1), hash, bytes);
    sign_bytes(&store->key, bytes, sizeof bytes, signature);
  }
  Err err = raw_err(raw, rc, sql);
  sqlite3_finalize(stmt);
  if (err != ERR_OK || !found) return err;
  return bind_and_run(raw,
                      "INSERT INTO signature (pos, signature) SELECT ?1, ?2"
                      " WHERE NOT EXISTS (SELECT 1 FROM signature WHERE pos = ?1)",
                      pos, signature, sizeof signature);
}

/* Our own key is not among those that were pinned, and the newcomer needs it. */
static Err add_own_key(Raw *raw, const Store *store)
{
  return bind_and_run(raw,
                      "INSERT INTO author_key (node, public_key) SELECT ?1, ?2"
                      " WHERE NOT EXISTS (SELECT 1 FROM author_key WHERE node = ?1)",
                      store->node, store->key.public_key, SIGN_PUBLIC_SIZE);
}

static Err make(Store *store, const char *path, int64_t *head)
{
  AUTO(Raw, raw, raw_fini) = {0};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t version;
  TRY(raw_open(&raw, path, store->env, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  TRY(raw_exec(&raw, "PRAGMA journal_mode = OFF", NULL));
  TRY(raw_exec(&raw, "PRAGMA synchronous = OFF", NULL)); /* synced as a whole at the end */
  TRY(raw_exec(&raw, "ATTACH ?1 AS src", store_file(&arena, store->folder)));
  TRY(raw_exec(&raw, "BEGIN", NULL));
  TRY(copy_tables(&raw, &store->schema));
  TRY(sign_newest(&raw, store));
  TRY(add_own_key(&raw, store));
  TRY(raw_int(&raw, "SELECT coalesce(max(pos), 0) FROM journal", head));
  TRY(raw_int(&raw, "PRAGMA src.user_version", &version));
  TRY(raw_exec(&raw, arena_printf(&arena, "PRAGMA main.user_version = %lld", (long long)version), NULL));
  TRY(raw_exec(&raw, arena_printf(&arena, "PRAGMA main.application_id = %lld", (long long)SNAPSHOT_APPLICATION_ID),
               NULL));
  return raw_exec(&raw, "COMMIT", NULL);
}

Err snapshot_make(Store *store, const char *path, int64_t *head)
{
  if (file_exists(path)) return err_because(ERR_EXISTS, "%s exists", path);
  Err err = make(store, path, head);
  if (err == ERR_OK) err = raw_sync(path);
  if (err != ERR_OK) unlink(path);
  return err;
}

/* ------------------------------------------------------------------------------------------------------------- install */

/* `derived` depends on the version of the schema. */
static const struct {
  const char *from;
  const char *into;
  bool derived;
} INSTALLS[] = {
    {"SELECT pos, node, seq, hlc, via, hash, body FROM journal ORDER BY pos",
     "INSERT INTO journal (pos, node, seq, hlc, via, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", false},
    {"SELECT pos, signature FROM signature ORDER BY pos", "INSERT INTO signature (pos, signature) VALUES (?1, ?2)",
     false},
    {"SELECT node, public_key FROM author_key", "INSERT OR IGNORE INTO author_key (node, public_key) VALUES (?1, ?2)",
     false},
    {"SELECT node, seq, hlc, hash, signed_seq, signature FROM author",
     "INSERT INTO author (node, seq, hlc, hash, signed_seq, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", false},
    {"SELECT author, node, hlc FROM seen", "INSERT INTO seen (author, node, hlc) VALUES (?1, ?2, ?3)", false},
    {"SELECT head FROM replica", "UPDATE replica SET head = ?1", false},
    {"SELECT table_id, id, hlc, node, state FROM shadow",
     "INSERT INTO shadow (table_id, id, hlc, node, state) VALUES (?1, ?2, ?3, ?4, ?5)", true},
    {"SELECT table_id, id, column_group, hlc, node, edit FROM overwrite",
     "INSERT INTO overwrite (table_id, id, column_group, hlc, node, edit) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", true},
    {"SELECT table_id, column_id FROM unknown_change",
     "INSERT INTO unknown_change (table_id, column_id) VALUES (?1, ?2)", true},
};

/* step_pair: every row of one statement into the other. */
static Err step_pair(Store *store, Raw *raw, sqlite3_stmt *from, sqlite3_stmt *into)
{
  int rc;
  while ((rc = sqlite3_step(from)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(from); i++) sqlite3_bind_value(into, i + 1, sqlite3_column_value(from, i));
    sqlite3_step(into);
    TRY(store_err(store, sqlite3_reset(into), sqlite3_sql(into)));
  }
  return raw_err(raw, rc, sqlite3_sql(from));
}

static Err copy_rows(Store *store, Raw *raw, const char *from_sql, const char *into_sql)
{
  sqlite3_stmt *from = NULL, *into = NULL;
  bool was = store->trusted;
  store->trusted = true;
  Err err = raw_err(raw, sqlite3_prepare_v2(raw->db, from_sql, -1, &from, NULL), from_sql);
  if (err == ERR_OK) err = store_err(store, sqlite3_prepare_v2(store->db, into_sql, -1, &into, NULL), into_sql);
  if (err == ERR_OK) err = step_pair(store, raw, from, into);
  store->trusted = was;
  sqlite3_finalize(from);
  sqlite3_finalize(into);
  return err;
}

static JournalValue value_of(sqlite3_stmt *row, int i)
{
  JournalValue value = {COL_NULL, 0, {0}};
  int type = sqlite3_column_type(row, i);
  if (type == SQLITE_INTEGER) return (JournalValue){COL_INT, sqlite3_column_int64(row, i), {0}};
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return value;
  value.kind = type == SQLITE_TEXT ? COL_TEXT : COL_BLOB;
  const char *bytes = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(row, i) : sqlite3_column_blob(row, i);
  value.bytes = (Str){bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, i)};
  return value;
}

static Err install_row(Store *store, const Table *table, sqlite3_stmt *row)
{
  static _Thread_local JournalValue values[BODY_COLUMN_MAX + 1];
  Uuid id;
  Str v;
  if (sqlite3_column_bytes(row, 0) != 16) return err_because(ERR_CORRUPT, "snapshot: an id in %s", table->name);
  memcpy(id.bytes, sqlite3_column_blob(row, 0), 16);
  for (size_t c = 0; c < table->column_count; c++) values[table->columns[c].id] = value_of(row, (int)c + 1);
  v = value_of(row, (int)table->column_count + 1).bytes;
  Version version;
  if (!version_parse(v, &version)) return err_because(ERR_CORRUPT, "snapshot: a version in %s", table->name);
  return row_write(store, table, CHANGE_INSERT, id, table->mask, values, v);
}

static Err install_table(Store *store, Raw *raw, const Table *table)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 16);
  buf_c(&sql, "SELECT id");
  for (size_t c = 0; c < table->column_count; c++) buf_printf(&sql, ", %s", table->columns[c].name);
  buf_printf(&sql, ", v FROM %s ORDER BY id", table->name);
  sqlite3_stmt *row = NULL;
  Err err = raw_err(raw, sqlite3_prepare_v2(raw->db, buf_cstr(&sql), -1, &row, NULL), table->name);
  while (err == ERR_OK) {
    int rc = sqlite3_step(row);
    if (rc != SQLITE_ROW) {
      err = raw_err(raw, rc, table->name);
      break;
    }
    err = install_row(store, table, row);
  }
  sqlite3_finalize(row);
  return err;
}

/* install: with a schema of another version, the tables are made from the journal instead. */
static Err install(Store *store, Raw *raw)
{
  int64_t theirs;
  int64_t version = (int64_t)store->migration_count;
  TRY(raw_int(raw, "PRAGMA user_version", &theirs));
  for (size_t i = 0; i < COUNT_OF(INSTALLS); i++) {
    if (theirs == version || !INSTALLS[i].derived) TRY(copy_rows(store, raw, INSTALLS[i].from, INSTALLS[i].into));
  }
  for (size_t i = 0; theirs == version && i < store->schema.table_count; i++)
    TRY(install_table(store, raw, &store->schema.tables[i]));
  TRY(authors_replaced(store));
  return theirs == version ? ERR_OK : replay_rebuild(store);
}

static Err check_root(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str pinned = local_get(store, &arena, "root.key");
  if (pinned.len == SIGN_PUBLIC_SIZE && !author_find(store, node_id_of((const uint8_t *)pinned.ptr)))
    return err_because(ERR_CORRUPT, "snapshot: it is not of the practice that this node was enrolled in");
  return verify_journal(store);
}

static Err install_in_transaction(Store *store, Raw *raw)
{
  TRY(store_write_begin(store));
  Err err = store->head == 0 ? install(store, raw) : err_because(ERR_CONFLICT, "this replica has entries already");
  if (err == ERR_OK) err = check_root(store);
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

Err snapshot_install(Store *store, const char *path)
{
  AUTO(Raw, raw, raw_fini) = {0};
  int64_t application;
  TRY(raw_open(&raw, path, store->env, SQLITE_OPEN_READONLY));
  TRY(raw_int(&raw, "PRAGMA application_id", &application));
  if (application != SNAPSHOT_APPLICATION_ID) return err_because(ERR_CORRUPT, "%s is not a snapshot", path);
  TRY(store_exec(store, "PRAGMA foreign_keys = OFF"));
  Err err = install_in_transaction(store, &raw);
  TRY(store_exec(store, "PRAGMA foreign_keys = ON"));
  return err;
}
