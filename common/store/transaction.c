#include <assert.h>

#include "common/base/log.h"
#include "common/store/logstore_view.h"

SQL(WRITE_BEGIN, "BEGIN IMMEDIATE");
SQL(WRITE_COMMIT, "COMMIT");
SQL(WRITE_ROLLBACK, "ROLLBACK");
SQL(SNAPSHOT_BEGIN, "BEGIN");
SQL(SNAPSHOT_TAKE, "SELECT 1 FROM replica");
/* The journal of a scoped node may end before its head does. */
SQL(NEWEST, "SELECT max(coalesce((SELECT max(pos) FROM journal), 0), (SELECT head FROM replica)) AS pos");

static Err run(Store *store, const Sql *sql)
{
  Query q = internal_query(store, sql);
  return query_run(&q);
}

/* set_foreign_keys: only when it is another setting than before, as SQLite then compiles every statement anew. */
static Err set_foreign_keys(Store *store, bool on)
{
  if (store->foreign_keys == on) return ERR_OK;
  TRY(store_exec(store, on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF"));
  store->foreign_keys = on;
  return ERR_OK;
}

static Err write_begin(Store *store, bool foreign_keys)
{
  assert(!store->in_write && !store->in_read);
  /* A query that still has its row holds on to its moment, and SQLite refuses to write upon an old one: sometimes, when
   * another process was quick. Better always. */
  assert(sqlite3_txn_state(store->db, "main") == SQLITE_TXN_NONE);
  if (store->log && !store->log_applying && !store->log_held) TRY(logstore_enter(store));
  Err err = set_foreign_keys(store, foreign_keys);
  if (err == ERR_OK) err = run(store, &WRITE_BEGIN);
  if (err != ERR_OK) {
    if (!store->log_applying) logstore_leave(store);
    return err;
  }
  store->in_write = true;
  store->poisoned = false;
  store->row_writes = store->other_writes = 0;
  err = authors_refresh(store);
  if (err == ERR_OK && store->log_wanted != (store->log != NULL) && !store->log_applying)
    err = err_because(ERR_CONFLICT, "where the journal lives has changed: start this program again");
  if (err != ERR_OK) store_write_cancel(store);
  return err;
}

Err store_write_begin(Store *store)
{
  return write_begin(store, false);
}

Err store_write_begin_checked(Store *store)
{
  return write_begin(store, true);
}

/* view_failed: the log has the transaction, so it has happened, though SQLite could not commit it here: it is read from there. */
static Err view_failed(Store *store, Err err)
{
  log_err("store.view", err);
  err = logstore_catch_up(store);
  if (err != ERR_OK) log_err("store.view", err);
  return ERR_OK;
}

Err store_write_end(Store *store)
{
  assert(store->in_write);
  bool logged = false;
  Err err = store->log && !store->log_applying ? logstore_add(store, &logged) : ERR_OK;
  store->committing = true;
  if (err == ERR_OK) err = run(store, &WRITE_COMMIT);
  store->committing = false;
  if (err != ERR_OK) {
    store_write_cancel(store);
    return logged ? view_failed(store, err) : err;
  }
  store->in_write = false;
  store->row_writes = 0;
  /* A merge may have revoked us, or left overwritten edits; tx.c knows better about its own transactions. */
  store->authors_stale = true;
  store->own_any_known = false;
  authors_note_version(store);
  store_notify(store);
  return ERR_OK;
}

void store_write_cancel(Store *store)
{
  if (!store->in_write) return;
  store->in_write = false;
  store->row_writes = 0;
  authors_forget(store);
  if (store->log && !store->log_applying) {
    logstore_row_forget(store);
    logstore_leave(store);
  }
  if (sqlite3_get_autocommit(store->db)) return; /* SQLite has done it already */
  Err err = run(store, &WRITE_ROLLBACK);
  assert(err == ERR_OK || sqlite3_get_autocommit(store->db));
}

Err store_read_begin(Store *store)
{
  assert(!store->in_read && !store->in_write);
  TRY(run(store, &SNAPSHOT_BEGIN));
  store->in_read = true;
  Err err = run(store, &SNAPSHOT_TAKE);
  if (err != ERR_OK) store_read_end(store);
  return err;
}

void store_read_end(Store *store)
{
  if (!store->in_read) return;
  store->in_read = false;
  Err err = run(store, &WRITE_ROLLBACK);
  assert(err == ERR_OK || sqlite3_get_autocommit(store->db));
}

int64_t store_head(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &NEWEST);
  return query_next(&q) ? query_int(&q, "pos") : store->head;
}
