#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/store/logstore_row.h"
#include "common/store/scope.h"

enum { APPLICATION_ID = 0x466f7972 }; /* "Foyr" */

static Err err_of(int rc)
{
  switch (rc) {
  case SQLITE_CONSTRAINT_PRIMARYKEY:
  case SQLITE_CONSTRAINT_UNIQUE:
  case SQLITE_CONSTRAINT_ROWID: return ERR_EXISTS;
  case SQLITE_CONSTRAINT_COMMITHOOK: return ERR_DENIED;
  default: break;
  }
  switch (rc & 0xff) {
  case SQLITE_OK:
  case SQLITE_ROW:
  case SQLITE_DONE: return ERR_OK;
  case SQLITE_FULL: return ERR_NO_SPACE;
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return ERR_BUSY;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return ERR_CORRUPT;
  case SQLITE_CONSTRAINT:
  case SQLITE_MISMATCH: return ERR_INVALID;
  case SQLITE_TOOBIG: return ERR_TOO_LARGE;
  case SQLITE_AUTH: return ERR_DENIED;
  case SQLITE_NOMEM: return ERR_NO_SPACE;
  default: return ERR_IO;
  }
}

/* SQLite reports ENOSPC as SQLITE_FULL when it writes, but not when it extends the file of shared memory. */
static bool is_full(Store *store, int rc)
{
  return (rc & 0xff) == SQLITE_IOERR && sqlite3_system_errno(store->db) == ENOSPC;
}

Err store_err(Store *store, int rc, const char *what)
{
  Err err = err_of(rc);
  if (err == ERR_OK) return ERR_OK;
  if (is_full(store, rc)) err = ERR_NO_SPACE;
  return err_because(err, "%s: %s (SQLite %d)", what, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc), rc);
}

Err store_exec(Store *store, const char *sql)
{
  bool was = store->trusted;
  store->trusted = true;
  int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
  store->trusted = was;
  return store_err(store, rc, sql);
}

/* ------------------------------------------------------------------------------------------------------------- guards */

static bool is_guarded(const Store *store, const char *table)
{
  static const char *const own[] = {"journal",        "author",     "seen",       "replica",
                                    "shadow",         "overwrite",  "signature",  "author_key",
                                    "unknown_change", "scope_mark", "scope_left", "set_aside"};
  for (size_t i = 0; i < COUNT_OF(own); i++) {
    if (strcmp(table, own[i]) == 0) return true;
  }
  return strncmp(table, "sqlite_", 7) == 0 || schema_table(&store->schema, table);
}

/* Asked when a statement is prepared. What is neither reading nor writing of the node's open tables is the store's alone. */
static int authorize(void *context, int action, const char *a, const char *b, const char *database, const char *trigger)
{
  (void)b, (void)database, (void)trigger;
  Store *store = context;
  bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
  if (writes && logstore_row_shared(a)) store->names_shared = true;
  if (store->trusted || store->migrating) return SQLITE_OK;
  switch (action) {
  case SQLITE_READ:
  case SQLITE_SELECT:
  case SQLITE_RECURSIVE: return SQLITE_OK;
  case SQLITE_FUNCTION: return b && strncmp(b, "foyer_", 6) == 0 ? SQLITE_DENY : SQLITE_OK;
  case SQLITE_INSERT:
  case SQLITE_UPDATE:
  case SQLITE_DELETE: return is_guarded(store, a) ? SQLITE_DENY : SQLITE_OK;
  default: return SQLITE_DENY;
  }
}

/* Sees every row that any statement of this connection writes, and is there for those that the authorizer let through. */
static void before_write(void *context, sqlite3 *db, int op, const char *database, const char *table, sqlite3_int64 old,
                         sqlite3_int64 new)
{
  (void)database, (void)old, (void)new;
  Store *store = context;
  if (store->writing) return;
  store->other_writes++;
  if (store->log && !store->log_applying) logstore_row_note(store, db, op, table);
  if (store->trusted || store->migrating) return;
  if (is_guarded(store, table)) store->poisoned = true;
}

static int before_commit(void *context)
{
  const Store *store = context;
  return store->poisoned || (store->row_writes && !store->committing);
}

static void after_rollback(void *context)
{
  Store *store = context;
  store->poisoned = false;
}

/* Other programs have no triggers of ours to lose: our connections run none, theirs run these. */
static void append_guard(Buf *sql, const char *table, const char *event)
{
  buf_printf(sql, "CREATE TRIGGER IF NOT EXISTS \"%s.%s\" BEFORE %s ON \"%s\"", table, event, event, table);
  buf_c(sql, " BEGIN SELECT RAISE(ABORT, 'this table is written by Foyer alone, which keeps a journal'); END;\n");
}

static Err add_guards(Store *store)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 20);
  for (size_t i = 0; i < store->schema.table_count; i++) {
    append_guard(&sql, store->schema.tables[i].name, "INSERT");
    append_guard(&sql, store->schema.tables[i].name, "UPDATE");
    append_guard(&sql, store->schema.tables[i].name, "DELETE");
  }
  return store_exec(store, buf_cstr(&sql));
}

/* ---------------------------------------------------------------------------------------------------------- migration */

static Err pragma_int(Store *store, const char *sql, int64_t *out)
{
  sqlite3_stmt *stmt;
  store->trusted = true;
  int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
  store->trusted = false;
  TRY(store_err(store, rc, sql));
  rc = sqlite3_step(stmt);
  *out = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
  sqlite3_finalize(stmt);
  return store_err(store, rc, sql);
}

static Err read_version(Store *store, size_t known, size_t *version)
{
  int64_t number, application;
  TRY(pragma_int(store, "PRAGMA user_version", &number));
  TRY(pragma_int(store, "PRAGMA application_id", &application));
  if (number != 0 && application != APPLICATION_ID) return err_because(ERR_CORRUPT, "foyer.db is not of Foyer");
  if (number < 0) return err_because(ERR_CORRUPT, "foyer.db has version %lld", (long long)number);
  if ((uint64_t)number > known)
    return err_because(ERR_DOWNGRADE, "foyer.db has version %lld, this program knows %zu", (long long)number, known);
  *version = (size_t)number;
  return ERR_OK;
}

static Err migrate_in_transaction(Store *store, const Migration migrations[], size_t count)
{
  size_t version;
  TRY(read_version(store, count, &version)); /* again: another process may have been first */
  if (version == count) return ERR_OK;
  for (size_t i = version; i < count; i++) TRY(store_exec(store, migrations[i].sql));
  TRY(add_guards(store));
  char sql[96];
  snprintf(sql, sizeof sql, "PRAGMA user_version = %zu; PRAGMA application_id = %d", count, APPLICATION_ID);
  return store_exec(store, sql);
}

static Err migrate(Store *store, const Migration migrations[], size_t count)
{
  size_t version;
  TRY(read_version(store, count, &version));
  if (version == count) return ERR_OK;
  TRY(store_exec(store, "BEGIN IMMEDIATE"));
  store->migrating = true;
  Err err = migrate_in_transaction(store, migrations, count);
  if (err == ERR_OK) err = store_exec(store, "COMMIT");
  store->migrating = false;
  if (err != ERR_OK && !sqlite3_get_autocommit(store->db)) sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  return err;
}

/* --------------------------------------------------------------------------------------------------------- connection */

static const char SETTINGS[] = "PRAGMA journal_mode = WAL;"
                               /* A check-in that was confirmed must survive a power cut. */
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA cache_size = -16000;"
                               "PRAGMA journal_size_limit = 67108864;"
                               "PRAGMA temp_store = MEMORY";

static Err configure(Store *store)
{
  sqlite3 *db = store->db;
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, STORE_BUSY_MS);
  int rc = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);               /* see append_guard */
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL); /* see store_write_begin */
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_set_authorizer(db, authorize, store);
  TRY(store_err(store, rc, "configure"));
  TRY(capture_functions(store));
  sqlite3_preupdate_hook(db, before_write, store);
  sqlite3_commit_hook(db, before_commit, store);
  sqlite3_rollback_hook(db, after_rollback, store);
  return store_exec(store, SETTINGS);
}

/* SQLite makes the other files with the mode of this one. */
static Err make_file(const char *path)
{
  int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return err_because(errno == ENOSPC ? ERR_NO_SPACE : ERR_IO, "create %s: %s", path, strerror(errno));
  close(fd);
  return ERR_OK;
}

Err store_connect(Store *store, const Migration migrations[], size_t count, bool create)
{
  const char *path = arena_printf(&store->arena, "%s/foyer.db", store->folder);
  if (create) TRY(make_file(path));
  store->migrations = migrations;
  store->migration_count = count;
  store->schema = schema_parse(&store->arena, migrations, count);
  int rc = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                           store->env->vfs);
  TRY(store_err(store, rc, path));
  TRY(configure(store));
  TRY(migrate(store, migrations, count));
  return store_is_scoped(store) ? store_exec(store, "PRAGMA secure_delete = ON") : ERR_OK;
}

void store_disconnect(Store *store)
{
  statements_free(store);
  rows_free(store);
  int rc = sqlite3_close(store->db);
  assert(rc == SQLITE_OK); /* else a statement was not finalized */
  store->db = NULL;
}
