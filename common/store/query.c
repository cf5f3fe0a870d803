#include "common/store/query.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/store/logstore_row.h"
#include "common/store/raw.h"

/* A prepared SQL(). When a query is begun while the same one is still running, a second Statement of it is made. */
struct Statement {
  const Sql *sql;
  sqlite3_stmt *stmt;
  bool internal;
  bool writes;
  bool shared; /* it writes rows that the log is told of (logstore_row.h) */
  bool busy;
  int column_count;
  int column_hint; /* where the next column name is likely to be */
  Statement *twin; /* another one of the same text */
};

static size_t slot_of(const Store *store, const Sql *sql)
{
  return (size_t)(((uintptr_t)sql >> 4) * 0x9e3779b97f4a7c15U >> 32) & (store->statement_capacity - 1);
}

static void grow(Store *store)
{
  Statement **old = store->statements;
  size_t old_capacity = store->statement_capacity;
  store->statement_capacity = old_capacity ? old_capacity * 2 : 128;
  store->statements = calloc(store->statement_capacity, sizeof(Statement *));
  if (!store->statements) abort();
  for (size_t i = 0; i < old_capacity; i++) {
    if (!old[i]) continue;
    size_t at = slot_of(store, old[i]->sql);
    while (store->statements[at]) at = (at + 1) & (store->statement_capacity - 1);
    store->statements[at] = old[i];
  }
  free(old);
}

/* A statement that SQLite cannot prepare is a programmer's error, and so is one that lacks its schema; only what the
 * authorizer refuses, and trouble with the file, can be answered. */
static Err prepare(Store *store, const Sql *sql, bool internal, Statement **out)
{
  Statement *made = calloc(1, sizeof *made);
  if (!made) abort();
  bool was = store->trusted;
  store->trusted = was || internal;
  store->names_shared = false;
  int rc = sqlite3_prepare_v3(store->db, sql->text, -1, SQLITE_PREPARE_PERSISTENT, &made->stmt, NULL);
  store->trusted = was;
  if (rc == SQLITE_ERROR && raw_prepares(store->migrations, store->migration_count, sql->text)) {
    free(made); /* the fault is not the program's: the schema in the file has been damaged */
    return err_because(ERR_CORRUPT, "%s: %s", sql->name, sqlite3_errmsg(store->db));
  }
  if (rc == SQLITE_ERROR) {
    fprintf(stderr, "%s: %s: %s\n", sql->file, sql->name, sqlite3_errmsg(store->db));
    abort();
  }
  if (rc != SQLITE_OK) {
    free(made);
    return store_err(store, rc, sql->name);
  }
  made->sql = sql;
  made->internal = internal;
  made->writes = !sqlite3_stmt_readonly(made->stmt);
  made->shared = made->writes && store->names_shared;
  made->column_count = sqlite3_column_count(made->stmt);
  *out = made;
  return ERR_OK;
}

static Err statement_take(Store *store, const Sql *sql, bool internal, Statement **out)
{
  if (store->statement_count * 2 >= store->statement_capacity) grow(store);
  size_t at = slot_of(store, sql);
  while (store->statements[at] && store->statements[at]->sql != sql) at = (at + 1) & (store->statement_capacity - 1);
  Statement *found = store->statements[at];
  while (found && (found->busy || found->internal != internal)) found = found->twin;
  if (!found) {
    TRY(prepare(store, sql, internal, &found));
    if (!store->statements[at]) store->statement_count++;
    found->twin = store->statements[at];
    store->statements[at] = found;
  }
  found->busy = true;
  *out = found;
  return ERR_OK;
}

void statements_free(Store *store)
{
  for (size_t i = 0; i < store->statement_capacity; i++) {
    for (Statement *at = store->statements[i], *next; at; at = next) {
      next = at->twin;
      sqlite3_finalize(at->stmt);
      free(at);
    }
  }
  free(store->statements);
  store->statements = NULL;
  store->statement_count = store->statement_capacity = 0;
}

static void release(Query *q)
{
  if (!q->statement) return;
  sqlite3_reset(q->statement->stmt);
  sqlite3_clear_bindings(q->statement->stmt);
  q->statement->busy = false;
  q->statement = NULL;
}

static Query query_of(Store *store, const Sql *sql, bool internal)
{
  Query q = {.store = store};
  /* SQLite ends a transaction by itself after some failures; what follows must not commit on its own. */
  if (store->in_write && sqlite3_get_autocommit(store->db))
    q.err = err_because(ERR_IO, "%s: the transaction has been rolled back", sql->name);
  else
    q.err = statement_take(store, sql, internal, &q.statement);
  return q;
}

Query query(Store *store, const Sql *sql)
{
  return query_of(store, sql, false);
}

Query internal_query(Store *store, const Sql *sql)
{
  return query_of(store, sql, true);
}

static int parameter(Query *q, const char *name)
{
  int index = sqlite3_bind_parameter_index(q->statement->stmt, name);
  if (index == 0) {
    fprintf(stderr, "%s: %s has no %s\n", q->statement->sql->file, q->statement->sql->name, name);
    abort();
  }
  return index;
}

static void bound(Query *q, int rc)
{
  if (rc != SQLITE_OK) q->err = store_err(q->store, rc, q->statement->sql->name);
}

void query_bind_int(Query *q, const char *name, int64_t value)
{
  if (q->err == ERR_OK) bound(q, sqlite3_bind_int64(q->statement->stmt, parameter(q, name), value));
}

bool query_takes(Query *q, const char *name)
{
  return q->err == ERR_OK && sqlite3_bind_parameter_index(q->statement->stmt, name) > 0;
}

void query_bind_hlc(Query *q, const char *name, Hlc value)
{
  query_bind_int(q, name, (int64_t)value);
}

void query_bind_text(Query *q, const char *name, Str value)
{
  if (q->err != ERR_OK) return;
  const char *text = value.ptr ? value.ptr : "";
  bound(q, sqlite3_bind_text64(q->statement->stmt, parameter(q, name), text, value.len, SQLITE_STATIC, SQLITE_UTF8));
}

void query_bind_blob(Query *q, const char *name, Str value)
{
  if (q->err != ERR_OK) return;
  const char *bytes = value.ptr ? value.ptr : "";
  bound(q, sqlite3_bind_blob64(q->statement->stmt, parameter(q, name), bytes, value.len, SQLITE_STATIC));
}

void query_bind_uuid(Query *q, const char *name, Uuid value)
{
  if (q->err != ERR_OK) return;
  if (uuid_is_nil(value))
    query_bind_null(q, name);
  else
    bound(q, sqlite3_bind_blob(q->statement->stmt, parameter(q, name), value.bytes, 16, SQLITE_TRANSIENT));
}

void query_bind_null(Query *q, const char *name)
{
  if (q->err == ERR_OK) bound(q, sqlite3_bind_null(q->statement->stmt, parameter(q, name)));
}

/* begin_alone: a statement outside a transaction that the log must be told of is one by itself. */
static bool begin_alone(Query *q)
{
  Store *store = q->store;
  if (!store->log || !q->statement->shared || q->stepping || store->in_write) return true;
  q->err = store_write_begin(store);
  q->alone = q->err == ERR_OK;
  if (!q->alone) release(q);
  return q->alone;
}

static void end_alone(Query *q)
{
  if (!q->alone) return;
  q->alone = false;
  if (q->err == ERR_OK)
    q->err = store_write_end(q->store);
  else
    store_write_cancel(q->store);
}

bool query_next(Query *q)
{
  if (q->err != ERR_OK || !q->statement || !begin_alone(q)) return false;
  Store *store = q->store;
  /* As in store_write_begin: an open query's moment may be too old to write upon. */
  assert(!q->statement->writes || q->stepping || store->in_write ||
         sqlite3_txn_state(store->db, "main") == SQLITE_TXN_NONE);
  bool was = store->trusted;
  store->trusted = was || q->statement->internal; /* it may be prepared again, and it may write */
  int rc = sqlite3_step(q->statement->stmt);
  store->trusted = was;
  q->stepping = rc == SQLITE_ROW;
  if (rc == SQLITE_ROW) return true;
  if (rc != SQLITE_DONE) q->err = store_err(store, rc, q->statement->sql->name);
  release(q);
  end_alone(q);
  return false;
}

Err query_end(Query *q)
{
  Err err = q->err;
  query_fini(q);
  return err;
}

void query_fini(Query *q)
{
  release(q);
  q->stepping = false;
  if (!q->alone) return; /* it ended before its last row: it has not happened */
  q->alone = false;
  store_write_cancel(q->store);
}

Err query_run(Query *q)
{
  while (query_next(q)) continue;
  return query_end(q);
}

static int column_index(Query *q, const char *name)
{
  Statement *s = q->statement;
  assert(s && q->stepping);
  for (int i = 0, at = s->column_hint; i < s->column_count; i++, at++) {
    if (at >= s->column_count) at = 0;
    if (strcmp(sqlite3_column_name(s->stmt, at), name) != 0) continue;
    s->column_hint = at + 1;
    return at;
  }
  fprintf(stderr, "%s: %s has no column %s\n", s->sql->file, s->sql->name, name);
  abort();
}

int64_t query_int(Query *q, const char *column)
{
  return sqlite3_column_int64(q->statement->stmt, column_index(q, column));
}

Hlc query_hlc(Query *q, const char *column)
{
  return (Hlc)query_int(q, column);
}

bool query_is_null(Query *q, const char *column)
{
  return sqlite3_column_type(q->statement->stmt, column_index(q, column)) == SQLITE_NULL;
}

Str query_str(Query *q, const char *column)
{
  int at = column_index(q, column);
  sqlite3_stmt *stmt = q->statement->stmt;
  const char *bytes = sqlite3_column_type(stmt, at) == SQLITE_BLOB ? sqlite3_column_blob(stmt, at)
                                                                   : (const char *)sqlite3_column_text(stmt, at);
  return bytes ? (Str){bytes, (size_t)sqlite3_column_bytes(stmt, at)} : (Str){"", 0};
}

Uuid query_uuid(Query *q, const char *column)
{
  Uuid id = {{0}};
  Str bytes = query_str(q, column);
  if (bytes.len == sizeof id.bytes) memcpy(id.bytes, bytes.ptr, sizeof id.bytes);
  return id;
}

const char *query_cstr(Query *q, Arena *arena, const char *column)
{
  return arena_cstr(arena, query_str(q, column));
}

Str query_copy(Query *q, Arena *arena, const char *column)
{
  return arena_strdup(arena, query_str(q, column));
}
