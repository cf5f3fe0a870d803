#include "common/store/logstore_row.h"

#include <assert.h>

enum { COLUMNS_MAX = 32, NOTED_MAX = 256 << 20, EACH_BYTES = 4 << 20 };

typedef struct Shared {
  const char *table;
  int keys;      /* leading columns that are the primary key */
  bool settings; /* only rows whose key logstore_row_setting knows */
} Shared;

/* A table's place is its number in the log: only ever add at the end. */
static const Shared SHARED[] = {
    {"device", 1, false}, {"enrolment_code", 1, false}, {"session", 1, false},
    {"blob", 1, false},   {"blob_part", 2, false},      {"local", 1, true},
};

static int shared_number(const char *table)
{
  for (size_t i = 0; i < COUNT_OF(SHARED); i++)
    if (strcmp(SHARED[i].table, table) == 0) return (int)i;
  return -1;
}

bool logstore_row_shared(const char *table)
{
  int number = shared_number(table);
  return number >= 0 && !SHARED[number].settings;
}

bool logstore_row_setting(const char *key)
{
  /* The epoch is the journal's, not the daemon's; and who guesses passwords must not be counted anew by each daemon. */
  return strcmp(key, LOCAL_EPOCH) == 0 || strcmp(key, LOCAL_WHOLE_EPOCH) == 0 || strncmp(key, "signin.", 7) == 0;
}

bool logstore_row_is_setting(const LogRow *row, const char *key)
{
  Reader reader = reader_make(row->key.ptr, row->key.len);
  JournalValue value;
  return row->table >= 0 && (size_t)row->table < COUNT_OF(SHARED) && SHARED[row->table].settings &&
         body_read_value(&reader, &value) && value.kind == COL_TEXT && str_eq_c(value.bytes, key);
}

/* ------------------------------------------------------------------------------------------------------------- noting */

static void add_value(Buf *buf, sqlite3_value *value)
{
  switch (sqlite3_value_type(value)) {
  case SQLITE_INTEGER: body_int(buf, sqlite3_value_int64(value)); return;
  case SQLITE_TEXT: {
    const void *text = sqlite3_value_text(value);
    body_text(buf, text, (size_t)sqlite3_value_bytes(value));
    return;
  }
  case SQLITE_BLOB: {
    const void *blob = sqlite3_value_blob(value);
    body_blob(buf, blob, (size_t)sqlite3_value_bytes(value));
    return;
  }
  default: body_value(buf, &(JournalValue){.kind = COL_NULL}); return;
  }
}

static bool is_wanted(const Shared *shared, sqlite3_value *first)
{
  return !shared->settings || logstore_row_setting((const char *)sqlite3_value_text(first));
}

/* add_row: u8 table, chunk key, chunk value; each value is a row's, `count` of them. */
static void add_row(Store *store, int number, sqlite3_value *const values[], int count, bool deleted)
{
  AUTO(Buf, key, buf_fini) = buf_make(NOTED_MAX);
  AUTO(Buf, all, buf_fini) = buf_make(NOTED_MAX);
  for (int i = 0; i < SHARED[number].keys; i++) add_value(&key, values[i]);
  for (int i = 0; i < count && !deleted; i++) add_value(&all, values[i]);
  Buf *out = &store->log_rows;
  buf_u8(out, (uint8_t)number);
  buf_chunk(out, key.data, key.len);
  buf_chunk(out, all.data, all.len);
  if (key.err != ERR_OK || all.err != ERR_OK) out->err = ERR_TOO_LARGE;
  store->log_row_count++;
}

void logstore_row_note(Store *store, sqlite3 *db, int op, const char *table)
{
  int number = shared_number(table);
  if (number < 0) return;
  sqlite3_value *values[COLUMNS_MAX];
  int count = sqlite3_preupdate_count(db);
  assert(count <= COLUMNS_MAX);
  for (int i = 0; i < count; i++) {
    int rc = op == SQLITE_DELETE ? sqlite3_preupdate_old(db, i, &values[i]) : sqlite3_preupdate_new(db, i, &values[i]);
    if (rc != SQLITE_OK) {
      store->log_rows.err = ERR_IO;
      return;
    }
  }
  if (is_wanted(&SHARED[number], values[0])) add_row(store, number, values, count, op == SQLITE_DELETE);
}

Err logstore_row_noted(Store *store, Arena *arena, LogRow **rows, size_t *count)
{
  TRY(store->log_rows.err);
  *count = store->log_row_count;
  *rows = ARENA_ARRAY(arena, LogRow, *count + 1);
  Reader reader = reader_make(store->log_rows.data, store->log_rows.len);
  for (size_t i = 0; i < *count; i++) {
    (*rows)[i].row = 0;
    (*rows)[i].table = reader_u8(&reader);
    (*rows)[i].key = reader_chunk(&reader);
    (*rows)[i].value = reader_chunk(&reader);
  }
  return reader.failed ? err_because(ERR_CORRUPT, "log: noted rows") : ERR_OK;
}

void logstore_row_forget(Store *store)
{
  if (store->log_row_count == 0 && store->log_rows.err == ERR_OK) return;
  buf_fini(&store->log_rows);
  store->log_rows = buf_make(NOTED_MAX);
  store->log_row_count = 0;
}

/* ------------------------------------------------------------------------------------------------------------ writing */

static Err prepared(Store *store, const char *sql, sqlite3_stmt **out)
{
  bool was = store->trusted;
  store->trusted = true;
  int rc = sqlite3_prepare_v2(store->db, sql, -1, out, NULL);
  store->trusted = was;
  return store_err(store, rc, sql);
}

static Err stepped(Store *store, sqlite3_stmt *stmt)
{
  bool was = store->trusted;
  store->trusted = true;
  int rc = sqlite3_step(stmt);
  store->trusted = was;
  return store_err(store, rc, sqlite3_sql(stmt));
}

static void finalize(sqlite3_stmt **stmt)
{
  sqlite3_finalize(*stmt);
}

static Err bind_all(sqlite3_stmt *stmt, Str bytes, int max, int *count)
{
  Reader reader = reader_make(bytes.ptr, bytes.len);
  for (*count = 0; *count < max && !reader_done(&reader); ++*count) {
    JournalValue value;
    int at = *count + 1;
    if (!body_read_value(&reader, &value)) return err_because(ERR_CORRUPT, "log: a row that does not decode");
    if (value.kind == COL_INT) sqlite3_bind_int64(stmt, at, value.number);
    if (value.kind == COL_TEXT) sqlite3_bind_text(stmt, at, value.bytes.ptr, (int)value.bytes.len, SQLITE_TRANSIENT);
    if (value.kind == COL_BLOB) sqlite3_bind_blob(stmt, at, value.bytes.ptr, (int)value.bytes.len, SQLITE_TRANSIENT);
    if (value.kind == COL_NULL) sqlite3_bind_null(stmt, at);
  }
  return ERR_OK;
}

static int count_values(Str bytes)
{
  Reader reader = reader_make(bytes.ptr, bytes.len);
  JournalValue value;
  int count = 0;
  while (!reader_done(&reader) && body_read_value(&reader, &value)) count++;
  return count;
}

/* put: a value of a newer or older program may have more or fewer columns than the table here. */
static Err put(Store *store, const Shared *shared, Str value)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(sqlite3_stmt *, all, finalize) = NULL;
  AUTO(sqlite3_stmt *, put, finalize) = NULL;
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 14);
  TRY(prepared(store, arena_printf(&arena, "SELECT * FROM %s", shared->table), &all));
  int count = count_values(value), known = sqlite3_column_count(all);
  if (count > known) count = known;
  buf_printf(&sql, "INSERT OR REPLACE INTO %s (", shared->table);
  for (int i = 0; i < count; i++) buf_printf(&sql, "%s%s", i ? ", " : "", sqlite3_column_name(all, i));
  buf_c(&sql, ") VALUES (");
  for (int i = 0; i < count; i++) buf_printf(&sql, "%s?%d", i ? ", " : "", i + 1);
  buf_c(&sql, ")");
  TRY(sql.err);
  TRY(prepared(store, buf_cstr(&sql), &put));
  TRY(bind_all(put, value, count, &count));
  return stepped(store, put);
}

static Err delete (Store *store, const Shared *shared, Str key)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(sqlite3_stmt *, all, finalize) = NULL;
  AUTO(sqlite3_stmt *, gone, finalize) = NULL;
  TRY(prepared(store, arena_printf(&arena, "SELECT * FROM %s", shared->table), &all));
  const char *sql = arena_printf(&arena, "DELETE FROM %s WHERE %s = ?1", shared->table, sqlite3_column_name(all, 0));
  if (shared->keys == 2) sql = arena_printf(&arena, "%s AND %s = ?2", sql, sqlite3_column_name(all, 1));
  int count;
  TRY(prepared(store, sql, &gone));
  TRY(bind_all(gone, key, shared->keys, &count));
  return stepped(store, gone);
}

Err logstore_row_apply(Store *store, const LogRow *row)
{
  if (row->table < 0 || (size_t)row->table >= COUNT_OF(SHARED)) return ERR_OK; /* of a newer program */
  const Shared *shared = &SHARED[row->table];
  if (shared->settings) store->authors_stale = true;
  return row->value.len ? put(store, shared, row->value) : delete (store, shared, row->key);
}

static Err hand_over(Store *store, LogRowSink *sink, void *context)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  LogBatch batch = {0};
  TRY(logstore_row_noted(store, &arena, &batch.rows, &batch.row_count));
  if (batch.row_count > 0) TRY(sink(store, &batch, context));
  logstore_row_forget(store);
  return ERR_OK;
}

static Err each_of_table(Store *store, int number, LogRowSink *sink, void *context)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(sqlite3_stmt *, all, finalize) = NULL;
  TRY(prepared(store, arena_printf(&arena, "SELECT * FROM %s", SHARED[number].table), &all));
  int rc, count = sqlite3_column_count(all);
  sqlite3_value *values[COLUMNS_MAX];
  while ((rc = sqlite3_step(all)) == SQLITE_ROW) {
    for (int i = 0; i < count; i++) values[i] = sqlite3_column_value(all, i);
    if (is_wanted(&SHARED[number], values[0])) add_row(store, number, values, count, false);
    if (store->log_rows.len > EACH_BYTES) TRY(hand_over(store, sink, context));
  }
  TRY(store_err(store, rc, SHARED[number].table));
  return hand_over(store, sink, context);
}

Err logstore_row_each(Store *store, LogRowSink *sink, void *context)
{
  logstore_row_forget(store);
  for (size_t i = 0; i < COUNT_OF(SHARED); i++) TRY(each_of_table(store, (int)i, sink, context));
  return ERR_OK;
}
