#include "common/store/logstore.h"

#include <assert.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/store/logstore_view.h"
#include "common/store/raw.h"

enum {
  ROUNDS = 50, /* of catching up before the lock is held at the log's end */
  NEAR = 256,  /* entries that are read under the lock */
  BATCH_BYTES = 2 << 20,
};

SQL(HASH_AT, "SELECT hash FROM journal WHERE pos = :pos");
SQL(ADDED, "SELECT j.pos AS pos, node, seq, hlc, via, hash, s.signature AS signature, body"
           " FROM journal AS j LEFT JOIN signature AS s ON s.pos = j.pos WHERE j.pos > :after ORDER BY j.pos");

/* ------------------------------------------------------------------------------------------------------------ attached */

Str logstore_address(Store *store, Arena *arena)
{
  return local_get(store, arena, LOCAL_LOG_ADDRESS);
}

Err logstore_open(Store *store, const char *address)
{
  const LogDriver *driver = store->env->log;
  if (!driver)
    return err_because(ERR_UNSUPPORTED, "the journal of %s lives elsewhere: use foyer or foyerd", store->folder);
  logstore_close(store);
  TRY(driver->open(driver, store->env, address, store->key.public_key, &store->log));
  store->log_row_count = 1; /* whatever was there */
  logstore_row_forget(store);
  return ERR_OK;
}

void logstore_close(Store *store)
{
  if (!store->log) return;
  logstore_leave(store);
  store->log->close(store->log);
  store->log = NULL;
  logstore_row_forget(store);
  buf_fini(&store->log_rows);
}

Err logstore_hash_here(Store *store, int64_t pos, Hash *out)
{
  *out = (Hash){{0}};
  if (pos == 0) return ERR_OK;
  AUTO(Query, q, query_fini) = internal_query(store, &HASH_AT);
  query_bind_int(&q, ":pos", pos);
  bool found = query_next(&q) && query_str(&q, "hash").len == HASH_SIZE;
  if (found) memcpy(out->bytes, query_str(&q, "hash").ptr, HASH_SIZE);
  TRY(query_end(&q));
  return found ? ERR_OK : err_because(ERR_CORRUPT, "journal: no entry at position %lld", (long long)pos);
}

Err logstore_here(Store *store, LogHere *out)
{
  out->pos = store_head(store);
  out->row = local_get_int(store, LOCAL_LOG_ROW, 0);
  out->era = local_get_int(store, LOCAL_LOG_ERA, 0);
  return logstore_hash_here(store, out->pos, &out->hash);
}

/* ------------------------------------------------------------------------------------------------------------ catching up */

/* log_read_on: one batch; *more when there may be another. */
static Err read_on(Store *store, bool *more)
{
  AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
  LogBatch batch = {0};
  int64_t row = local_get_int(store, LOCAL_LOG_ROW, 0);
  TRY(store->log->read(store->log, &arena, store_head(store), row, BATCH_BYTES, &batch));
  *more = batch.entry_count > 0 || batch.row_count > 0;
  return *more ? logstore_view_apply(store, &batch) : ERR_OK;
}

/* read_to: until the view is where the log was. */
static Err read_to(Store *store, const LogEnd *end)
{
  bool more = true;
  while (more && (store_head(store) < end->pos || local_get_int(store, LOCAL_LOG_ROW, 0) < end->row))
    TRY(read_on(store, &more));
  return ERR_OK;
}

static void fresh(Store *store)
{
  store->log_fresh_ms = env_monotonic_ms(store->env);
  store->log_ever_fresh = true;
}

static bool has_lost(const LogHere *here, const LogEnd *end)
{
  return end->pos < here->pos || !end->same;
}

Err logstore_catch_up(Store *store)
{
  if (!store->log) return ERR_OK;
  assert(!store->in_write && !store->in_read);
  int64_t asked_ms = env_monotonic_ms(store->env);
  LogHere here;
  LogEnd end;
  TRY(logstore_here(store, &here));
  TRY(store->log->peek(store->log, &here, &end));
  if (has_lost(&here, &end) || end.suspect) { /* what is to be done about it is done under the lock */
    TRY(logstore_enter(store));
    logstore_leave(store);
  } else if (end.pos > here.pos || end.row != here.row) {
    TRY(read_to(store, &end));
  }
  store->log_fresh_ms = asked_ms;
  store->log_ever_fresh = true;
  return ERR_OK;
}

Err logstore_wait(Store *store, int timeout_ms)
{
  if (!store->log) return err_because(ERR_UNSUPPORTED, "an ordinary replica");
  return store->log->wait(store->log, timeout_ms);
}

int64_t logstore_age_ms(Store *store)
{
  if (!store->log) return 0;
  return store->log_ever_fresh ? env_monotonic_ms(store->env) - store->log_fresh_ms : INT64_MAX;
}

/* ------------------------------------------------------------------------------------------------------------ the lock */

void logstore_leave(Store *store)
{
  if (!store->log_held) return;
  store->log_held = false;
  store->log->cancel(store->log);
}

/* settle: under the lock. *done when the view is at the log's end; otherwise the lock has to be taken anew. */
static Err settle(Store *store, const LogHere *here, const LogEnd *end, bool *done)
{
  *done = false;
  if (has_lost(here, end)) return logstore_view_rewind(store, here, end);
  bool behind = end->pos > here->pos || end->row != here->row;
  if (behind && end->pos - here->pos > NEAR) {
    logstore_leave(store);
    return read_to(store, end);
  }
  if (behind) TRY(read_to(store, end));
  if (end->suspect) return logstore_view_new_epoch(store);
  if (end->era > here->era) TRY(local_set_int(store, LOCAL_LOG_ERA, end->era));
  store->log_pos = end->pos;
  store->log_row = end->row;
  *done = true;
  return ERR_OK;
}

static Err enter(Store *store, bool *done)
{
  LogHere here;
  LogEnd end;
  TRY(logstore_here(store, &here));
  TRY(store->log->lock(store->log, &here, &end));
  store->log_held = true;
  return settle(store, &here, &end, done);
}

Err logstore_enter(Store *store)
{
  assert(!store->log_held && !store->in_write);
  for (int round = 0; round < ROUNDS; round++) {
    bool done = false;
    Err err = enter(store, &done);
    if (err == ERR_OK && done) {
      fresh(store);
      return ERR_OK;
    }
    logstore_leave(store);
    TRY(err);
  }
  return err_because(ERR_BUSY, "log: it grows faster than it can be read here");
}

/* ------------------------------------------------------------------------------------------------------------ adding */

Err logstore_entries_after(Store *store, Arena *arena, int64_t after, size_t max_bytes, LogBatch *out)
{
  size_t capacity = 0, bytes = 0;
  AUTO(Query, q, query_fini) = internal_query(store, &ADDED);
  query_bind_int(&q, ":after", after);
  while (bytes < max_bytes && query_next(&q)) {
    out->entries = arena_grow_array(arena, out->entries, out->entry_count, &capacity, sizeof *out->entries);
    LogEntry *one = &out->entries[out->entry_count++];
    TRY(journal_entry_read(&q, arena, &one->entry));
    one->signature = query_copy(&q, arena, "signature");
    bytes += one->entry.body.len + 128;
  }
  return query_end(&q);
}

/* fit_to_commit: will SQLite's COMMIT succeed? What it would refuse must not get into the log. */
static bool fit_to_commit(Store *store)
{
  int now = 0, high = 0;
  if (store->poisoned || sqlite3_get_autocommit(store->db)) return false;
  return sqlite3_db_status(store->db, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &high, 0) == SQLITE_OK && now == 0;
}

static Err add(Store *store, const LogBatch *batch)
{
  TRY(local_set_int(store, LOCAL_LOG_ROW, store->log_row + (int64_t)batch->row_count));
  /* A full disk should show now, and not once the log has it. */
  TRY(store_err(store, sqlite3_db_cacheflush(store->db), "writing what is to be committed"));
  TRY(store->log->add(store->log, batch));
  store->log_held = false;
  return store->log->commit(store->log);
}

Err logstore_add(Store *store, bool *added)
{
  AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
  LogBatch batch = {0};
  Err err = ERR_OK;
  bool fit = fit_to_commit(store);
  if (fit) err = logstore_entries_after(store, &arena, store->log_pos, SIZE_MAX, &batch);
  if (fit && err == ERR_OK) err = logstore_row_noted(store, &arena, &batch.rows, &batch.row_count);
  bool any = batch.entry_count > 0 || batch.row_count > 0;
  if (err == ERR_OK && any) err = add(store, &batch);
  *added = err == ERR_OK && any;
  logstore_row_forget(store);
  logstore_leave(store);
  return err;
}

/* ------------------------------------------------------------------------------------------------------------ moving */

static Err add_rows(Store *store, const LogBatch *batch, void *context)
{
  int64_t *count = context;
  *count += (int64_t)batch->row_count;
  return store->log->add(store->log, batch);
}

/* give_rest: entries that the log lacks and, in the same transaction of the log, the shared rows. */
static Err give_rest(Store *store, const LogEnd *end, int64_t *rows)
{
  int64_t pos = end->pos;
  for (bool more = true; more;) {
    AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
    LogBatch batch = {0};
    TRY(logstore_entries_after(store, &arena, pos, BATCH_BYTES, &batch));
    more = batch.entry_count > 0;
    if (more) {
      pos = batch.entries[batch.entry_count - 1].entry.pos;
      TRY(store->log->add(store->log, &batch));
    }
  }
  return logstore_row_each(store, add_rows, rows);
}

static Err same_beginning(Store *store, const LogEnd *end)
{
  Hash theirs = {{0}}, ours;
  if (end->pos == 0) return ERR_OK;
  TRY(store->log->hash_at(store->log, end->pos, &theirs));
  TRY(logstore_hash_here(store, end->pos, &ours));
  return hash_eq(theirs, ours) ? ERR_OK : err_because(ERR_CONFLICT, "the log holds another journal of this practice");
}

static Err give(Store *store, const LogEnd *end)
{
  int64_t rows = 0;
  TRY(same_beginning(store, end));
  store->log_applying = true;
  Err err = store_write_begin(store);
  if (err == ERR_OK) {
    err = give_rest(store, end, &rows);
    if (err == ERR_OK) err = local_set_int(store, LOCAL_LOG_ROW, end->row + rows);
    store->log_held = err != ERR_OK && store->log_held;
    if (err == ERR_OK) err = store->log->commit(store->log);
    if (err == ERR_OK) err = store_write_end(store);
    store_write_cancel(store);
  }
  store->log_applying = false;
  return err;
}

static Err attach(Store *store, const char *address)
{
  LogHere here;
  LogEnd end;
  TRY(logstore_here(store, &here));
  here.era = 0;
  TRY(store->log->lock(store->log, &here, &end));
  store->log_held = true;
  if (end.pos < here.pos)
    TRY(give(store, &end));
  else if (!end.same)
    return err_because(ERR_CONFLICT, "the log holds another journal of this practice");
  logstore_leave(store);
  TRY(local_set(store, LOCAL_LOG_ADDRESS, str_c(address)));
  return read_to(store, &end);
}

Err logstore_attach(Store *store, const char *address)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (logstore_address(store, &arena).len > 0) return err_because(ERR_EXISTS, "the journal lives elsewhere already");
  TRY(logstore_open(store, address));
  Err err = attach(store, address);
  if (err != ERR_OK) logstore_close(store);
  store->authors_stale = true;
  return err;
}

static Err join(const char *folder, const Env *env, const char *key_path, const char *address, Store **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Str key;
  TRY(file_read(&arena, key_path, 4096, &key));
  TRY(file_make_folders(folder, 0700));
  TRY(file_write(store_key_file(&arena, folder), key.ptr, key.len, 0600));
  TRY(file_write(store_file(&arena, folder), "", 0, 0600)); /* SQLite takes an empty file for a new one */
  TRY(store_open(folder, env, out));
  return logstore_attach(*out, address);
}

Err logstore_join(const char *folder, const Env *env, const char *key_path, const char *address, Store **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *file = store_file(&arena, folder), *key = store_key_file(&arena, folder);
  if (file_exists(file) || file_exists(key)) return err_because(ERR_EXISTS, "%s has a replica already", folder);
  *out = NULL;
  Err err = join(folder, env, key_path, address, out);
  if (err == ERR_OK) return ERR_OK;
  store_close(*out);
  *out = NULL;
  static const char *const AFTER[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < COUNT_OF(AFTER); i++) unlink(arena_printf(&arena, "%s%s", file, AFTER[i]));
  unlink(key);
  return err;
}

Err logstore_detach(Store *store)
{
  TRY(logstore_catch_up(store));
  logstore_close(store);
  TRY(local_delete(store, LOCAL_LOG_ROW));
  TRY(local_delete(store, LOCAL_LOG_ERA));
  store->authors_stale = true;
  return local_delete(store, LOCAL_LOG_ADDRESS);
}
