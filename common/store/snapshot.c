#include <unistd.h>

#include "common/base/file.h"
#include "common/store/raw.h"
#include "common/store/replay.h"
#include "common/store/verify.h"

/* A snapshot file is the replica's own file, compacted, without what is the node's alone. Whoever installs it takes the tables over with
 * their indexes as they are, page by page as far as SQLite can; that is several times faster than row by row. */

static const int64_t SNAPSHOT_APPLICATION_ID = 0x666f7973; /* "foys" */

/* Part: a table that goes along besides the replicated ones. `derived` depends on the version of the schema. */
typedef struct Part {
  const char *table, *columns;
  bool derived;
} Part;

static const Part PARTS[] = {
    {"journal", "pos, node, seq, hlc, via, hash, body", false},
    {"signature", "pos, signature", false},
    {"author_key", "node, public_key", false},
    {"author", "node, seq, hlc, hash, signed_seq, signature", false},
    {"seen", "author, node, hlc", false},
    {"shadow", "table_id, id, hlc, node, state", true},
    {"overwrite", "table_id, id, column_group, hlc, node, edit", true},
    {"unknown_change", "table_id, column_id", true},
};

static bool goes_along(const Schema *schema, const char *table)
{
  for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
    if (strcmp(table, PARTS[i].table) == 0) return true;
  }
  return strcmp(table, "replica") == 0 || schema_table(schema, table);
}

/* empty_others: what is the node's own leaves no readable trace in the copy. Views stay at home: the receiver has its own. */
static Err empty_others(Raw *raw, const Schema *schema)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 16);
  sqlite3_stmt *table = NULL;
  const char *list =
      "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
  int rc = sqlite3_prepare_v2(raw->db, list, -1, &table, NULL);
  while (rc == SQLITE_OK && sqlite3_step(table) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(table, 0);
    bool view = strcmp((const char *)sqlite3_column_text(table, 1), "view") == 0;
    if (view) buf_printf(&sql, "DROP VIEW \"%s\";\n", name);
    if (!view && !goes_along(schema, name)) buf_printf(&sql, "DELETE FROM \"%s\";\n", name);
  }
  sqlite3_finalize(table);
  TRY(raw_err(raw, rc, list));
  TRY(sql.err);
  return raw_err(raw, sqlite3_exec(raw->db, buf_cstr(&sql), NULL, NULL, NULL), "emptying the node's own tables");
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
  TRY(raw_compact(store, path));
  TRY(raw_open(&raw, path, store->env, SQLITE_OPEN_READWRITE));
  if (sqlite3_db_config(raw.db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) != SQLITE_OK) return ERR_IO;
  TRY(raw_exec(&raw, "PRAGMA journal_mode = OFF", NULL));
  TRY(raw_exec(&raw, "PRAGMA synchronous = OFF", NULL)); /* synced as a whole at the end */
  TRY(raw_exec(&raw, "PRAGMA secure_delete = ON", NULL));
  TRY(raw_exec(&raw, "BEGIN", NULL));
  TRY(empty_others(&raw, &store->schema));
  TRY(sign_newest(&raw, store));
  TRY(add_own_key(&raw, store));
  TRY(raw_int(&raw, "SELECT coalesce(max(pos), 0) FROM journal", head));
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

/* take_table: all of it; in this form SQLite copies records and index entries as they are. */
static Err take_table(Store *store, Arena *arena, const char *table)
{
  return store_exec(store, arena_printf(arena, "INSERT INTO main.%s SELECT * FROM snapshot.%s", table, table));
}

/* take_part: from a schema of another version. */
static Err take_part(Store *store, Arena *arena, const Part *part)
{
  return store_exec(store, arena_printf(arena, "INSERT INTO main.%s (%s) SELECT %s FROM snapshot.%s", part->table,
                                        part->columns, part->columns, part->table));
}

/* install: with a schema of another version, the tables are made from the journal instead. */
static Err install(Store *store, bool same_version)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TRY(store_exec(store, "DELETE FROM main.author_key"));
  for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
    if (same_version)
      TRY(take_table(store, &arena, PARTS[i].table));
    else if (!PARTS[i].derived)
      TRY(take_part(store, &arena, &PARTS[i]));
  }
  for (size_t i = 0; same_version && i < store->schema.table_count; i++)
    TRY(take_table(store, &arena, store->schema.tables[i].name));
  TRY(store_exec(store, "UPDATE main.replica SET head = (SELECT head FROM snapshot.replica)"));
  TRY(authors_replaced(store));
  return same_version ? ERR_OK : replay_rebuild(store);
}

static Err check_root(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str pinned = local_get(store, &arena, "root.key");
  if (pinned.len == SIGN_PUBLIC_SIZE && !author_find(store, node_id_of((const uint8_t *)pinned.ptr)))
    return err_because(ERR_CORRUPT, "snapshot: it is not of the practice that this node was enrolled in");
  return verify_journal(store);
}

static Err install_in_transaction(Store *store, bool same_version)
{
  TRY(store_write_begin(store));
  Err err =
      store->head == 0 ? install(store, same_version) : err_because(ERR_CONFLICT, "this replica has entries already");
  if (err == ERR_OK) err = check_root(store);
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

/* check_file: a sound file of nothing but tables, so that reading it runs no code of its maker; *same_version: is its schema ours?
 * SQLite itself would take 'VIEW' for 'view'. */
static Err check_file(Store *store, const char *path, bool *same_version)
{
  AUTO(Raw, raw, raw_fini) = {0};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t application, version, others;
  const char *word;
  TRY(raw_open(&raw, path, store->env, SQLITE_OPEN_READONLY));
  TRY(raw_int(&raw, "PRAGMA application_id", &application));
  if (application != SNAPSHOT_APPLICATION_ID) return err_because(ERR_CORRUPT, "%s is not a snapshot", path);
  TRY(raw_int(&raw,
              "SELECT count(*) FROM sqlite_schema WHERE coalesce(type, '') NOT IN ('table', 'index', 'trigger')"
              " OR (type = 'table' AND NOT coalesce(rootpage > 0, 0))",
              &others));
  if (others > 0) return err_because(ERR_CORRUPT, "snapshot: it has more than tables");
  TRY(raw_text(&raw, "PRAGMA quick_check(1)", &arena, &word));
  if (strcmp(word, "ok") != 0) return err_because(ERR_CORRUPT, "snapshot: %s", word);
  TRY(raw_int(&raw, "PRAGMA user_version", &version));
  *same_version = version == (int64_t)store->migration_count;
  return ERR_OK;
}

static Err attach(Store *store, const char *path)
{
  sqlite3_stmt *stmt = NULL;
  store->trusted = true;
  int rc = sqlite3_prepare_v2(store->db, "ATTACH ?1 AS snapshot", -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  Err err = store_err(store, rc, "attaching a snapshot");
  sqlite3_finalize(stmt);
  store->trusted = false;
  return err;
}

Err snapshot_install(Store *store, const char *path)
{
  bool same_version = false;
  TRY(check_file(store, path, &same_version));
  TRY(attach(store, path));
  Err err = install_in_transaction(store, same_version);
  Err detached = store_exec(store, "DETACH snapshot");
  return err != ERR_OK ? err : detached;
}
