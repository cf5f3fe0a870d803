#include "common/store/row.h"

#include <assert.h>
#include <stdlib.h>

typedef struct Generated {
  const Table *table;
  RowForm form;
  uint64_t columns;
  sqlite3_stmt *stmt; /* NULL: the slot is free */
} Generated;

struct RowCache { /* open addressing */
  Generated *slots;
  size_t count, capacity;
};

static size_t slot_of(const RowCache *cache, const Table *table, RowForm form, uint64_t columns)
{
  uint64_t key = (columns * 0x9e3779b97f4a7c15U) ^ ((table->id << 3 | form) * 0xc2b2ae3d27d4eb4fU);
  return (size_t)(key >> 32) & (cache->capacity - 1);
}

static void grow(RowCache *cache)
{
  Generated *old = cache->slots;
  size_t old_capacity = cache->capacity;
  cache->capacity = old_capacity ? old_capacity * 2 : 128;
  cache->slots = calloc(cache->capacity, sizeof *cache->slots);
  if (!cache->slots) abort();
  for (size_t i = 0; i < old_capacity; i++) {
    if (!old[i].stmt) continue;
    size_t at = slot_of(cache, old[i].table, old[i].form, old[i].columns);
    while (cache->slots[at].stmt) at = (at + 1) & (cache->capacity - 1);
    cache->slots[at] = old[i];
  }
  free(old);
}

void rows_free(Store *store)
{
  RowCache *cache = store->rows;
  if (!cache) return;
  for (size_t i = 0; i < cache->capacity; i++) sqlite3_finalize(cache->slots[i].stmt);
  free(cache->slots);
  free(cache);
  store->rows = NULL;
}

/* ---------------------------------------------------------------------------------------------------------- generating */

/* Names come from the migrations; some are words of SQL. */
static void put_name(Buf *sql, const char *name)
{
  buf_u8(sql, '"');
  buf_c(sql, name);
  buf_u8(sql, '"');
}

static void put_parameter(Buf *sql, int number)
{
  buf_printf(sql, "?%d", number);
}

/* each_column: `before`, name, and with `assign` "=?n", for the columns of a mask. */
static void each_column(Buf *sql, const Table *table, uint64_t columns, const char *before, const char *after,
                        bool assign)
{
  int parameter = PARAM_COLUMNS;
  for (; columns; columns &= columns - 1) {
    buf_c(sql, before);
    put_name(sql, table->by_id[__builtin_ctzll(columns) + 1]->name);
    if (assign) {
      buf_c(sql, " = ");
      put_parameter(sql, parameter++);
    }
    buf_c(sql, after);
  }
}

static void put_insert(Buf *sql, const Table *table)
{
  buf_c(sql, "INSERT INTO ");
  put_name(sql, table->name);
  buf_c(sql, " (id, v");
  each_column(sql, table, table->mask, ", ", "", false);
  buf_c(sql, ") VALUES (?1, ?2");
  for (size_t i = 0; i < table->column_count; i++) {
    buf_c(sql, ", ");
    put_parameter(sql, PARAM_COLUMNS + (int)i);
  }
  buf_c(sql, ")");
}

static void put_update(Buf *sql, const Table *table, uint64_t columns, bool own)
{
  buf_c(sql, "UPDATE ");
  put_name(sql, table->name);
  buf_c(sql, " SET ");
  each_column(sql, table, columns, "", ", ", true);
  if (!own) {
    buf_c(sql, "v = ?2 WHERE id = ?1");
    return;
  }
  buf_c(sql, "v = foyer_version() WHERE id = ?1 AND foyer_differs(v");
  each_column(sql, table, table_group_columns(table, columns), ", ", "", false);
  buf_c(sql, ")");
}

static void put_read(Buf *sql, const Table *table, uint64_t columns)
{
  buf_c(sql, "SELECT v");
  each_column(sql, table, columns, ", ", "", false);
  buf_c(sql, " FROM ");
  put_name(sql, table->name);
  buf_c(sql, " WHERE id = ?1");
}

static Err generate(Store *store, const Table *table, RowForm form, uint64_t columns, sqlite3_stmt **out)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 16);
  switch (form) {
  case ROW_INSERT: put_insert(&sql, table); break;
  case ROW_UPDATE: put_update(&sql, table, columns, false); break;
  case ROW_UPDATE_OWN: put_update(&sql, table, columns, true); break;
  case ROW_DELETE:
    buf_c(&sql, "DELETE FROM ");
    put_name(&sql, table->name);
    buf_c(&sql, " WHERE id = ?1");
    break;
  case ROW_READ: put_read(&sql, table, table->mask); break;
  case ROW_VERSION: put_read(&sql, table, 0); break;
  }
  bool was = store->trusted;
  store->trusted = true;
  int rc = sqlite3_prepare_v3(store->db, buf_cstr(&sql), -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
  store->trusted = was;
  return store_err(store, rc, table->name);
}

Err row_statement(Store *store, const Table *table, RowForm form, uint64_t columns, sqlite3_stmt **out)
{
  if (form != ROW_UPDATE && form != ROW_UPDATE_OWN) columns = 0;
  if (!store->rows) store->rows = calloc(1, sizeof *store->rows);
  RowCache *cache = store->rows;
  if (!cache) abort();
  if (cache->count * 2 >= cache->capacity) grow(cache);
  size_t at = slot_of(cache, table, form, columns);
  for (; cache->slots[at].stmt; at = (at + 1) & (cache->capacity - 1)) {
    const Generated *slot = &cache->slots[at];
    if (slot->table != table || slot->form != form || slot->columns != columns) continue;
    *out = slot->stmt;
    return ERR_OK;
  }
  Generated made = {.table = table, .form = form, .columns = columns};
  TRY(generate(store, table, form, columns, &made.stmt));
  cache->slots[at] = made;
  cache->count++;
  *out = made.stmt;
  return ERR_OK;
}

/* ------------------------------------------------------------------------------------------------------------- running */

void row_bind_id(sqlite3_stmt *stmt, const Uuid *id)
{
  sqlite3_bind_blob(stmt, PARAM_ID, id->bytes, sizeof id->bytes, SQLITE_STATIC);
}

void row_bind_value(sqlite3_stmt *stmt, int parameter, const JournalValue *value)
{
  const char *bytes = value->bytes.ptr ? value->bytes.ptr : "";
  switch (value->kind) {
  case COL_END:
  case COL_NULL: sqlite3_bind_null(stmt, parameter); break;
  case COL_INT: sqlite3_bind_int64(stmt, parameter, value->number); break;
  case COL_TEXT: sqlite3_bind_text64(stmt, parameter, bytes, value->bytes.len, SQLITE_STATIC, SQLITE_UTF8); break;
  case COL_BLOB: sqlite3_bind_blob64(stmt, parameter, bytes, value->bytes.len, SQLITE_STATIC); break;
  }
}

Err row_step(Store *store, sqlite3_stmt *stmt, const Table *table)
{
  assert(store->in_write);
  if (sqlite3_get_autocommit(store->db))
    return err_because(ERR_IO, "%s: the transaction has been rolled back", table->name);
  bool was = store->trusted;
  store->trusted = store->writing = true;
  store->row_writes++;
  int rc = sqlite3_step(stmt);
  store->writing = false;
  store->trusted = was;
  Err err = store_err(store, rc, table->name);
  sqlite3_reset(stmt);
  return err;
}

JournalValue row_default(const Column *column)
{
  const Col *value = &column->default_value;
  if (value->kind == COL_END) return (JournalValue){.kind = COL_NULL};
  return (JournalValue){.kind = value->kind, .number = value->number, .bytes = value->bytes};
}

static void bind_columns(sqlite3_stmt *stmt, const Table *table, uint64_t bound, uint64_t given,
                         const JournalValue values[])
{
  int parameter = PARAM_COLUMNS;
  for (uint64_t left = bound; left; left &= left - 1, parameter++) {
    unsigned id = (unsigned)__builtin_ctzll(left) + 1;
    JournalValue fallback = {0};
    if (!(given >> (id - 1) & 1)) fallback = row_default(table->by_id[id]);
    row_bind_value(stmt, parameter, given >> (id - 1) & 1 ? &values[id] : &fallback);
  }
}

Err row_write(Store *store, const Table *table, ChangeKind kind, Uuid id, uint64_t columns, const JournalValue values[],
              Str v)
{
  static const RowForm forms[] = {
      [CHANGE_INSERT] = ROW_INSERT, [CHANGE_UPDATE] = ROW_UPDATE, [CHANGE_DELETE] = ROW_DELETE};
  columns &= table->mask;
  sqlite3_stmt *stmt;
  TRY(row_statement(store, table, forms[kind], columns, &stmt));
  row_bind_id(stmt, &id);
  if (kind != CHANGE_DELETE) {
    sqlite3_bind_blob64(stmt, PARAM_VERSION, v.ptr, v.len, SQLITE_STATIC);
    bind_columns(stmt, table, kind == CHANGE_INSERT ? table->mask : columns, columns, values);
  }
  TRY(row_step(store, stmt, table));
  return sqlite3_changes(store->db) == 0 ? ERR_NOT_FOUND : ERR_OK;
}

/* Text is read as a blob, which spares SQLite a terminated copy. */
static JournalValue read_value(sqlite3_stmt *stmt, Arena *arena, int at)
{
  int type = sqlite3_column_type(stmt, at);
  if (type == SQLITE_INTEGER) return (JournalValue){.kind = COL_INT, .number = sqlite3_column_int64(stmt, at)};
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return (JournalValue){.kind = COL_NULL};
  Str bytes = {sqlite3_column_blob(stmt, at), (size_t)sqlite3_column_bytes(stmt, at)};
  return (JournalValue){.kind = type == SQLITE_TEXT ? COL_TEXT : COL_BLOB, .bytes = arena_strdup(arena, bytes)};
}

Err row_read(Store *store, Arena *arena, const Table *table, Uuid id, Row *out)
{
  sqlite3_stmt *stmt;
  TRY(row_statement(store, table, ROW_READ, 0, &stmt));
  row_bind_id(stmt, &id);
  int rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW) {
    *out = (Row){.v = read_value(stmt, arena, 0).bytes};
    int at = 1;
    for (uint64_t left = table->mask; left; left &= left - 1, at++)
      out->values[__builtin_ctzll(left) + 1] = read_value(stmt, arena, at);
  }
  Err err = rc == SQLITE_DONE ? ERR_NOT_FOUND : store_err(store, rc, table->name);
  sqlite3_reset(stmt);
  return err;
}

Err row_version(Store *store, const Table *table, Uuid id, uint8_t out[VERSION_SIZE_MAX], size_t *size)
{
  sqlite3_stmt *stmt;
  TRY(row_statement(store, table, ROW_VERSION, 0, &stmt));
  row_bind_id(stmt, &id);
  int rc = sqlite3_step(stmt);
  Err err = rc == SQLITE_DONE ? ERR_NOT_FOUND : store_err(store, rc, table->name);
  if (rc == SQLITE_ROW) {
    const void *bytes = sqlite3_column_blob(stmt, 0);
    *size = (size_t)sqlite3_column_bytes(stmt, 0);
    if (*size < VERSION_BASE_SIZE || *size > VERSION_SIZE_MAX)
      err = err_because(ERR_CORRUPT, "%s: a version of %zu bytes", table->name, *size);
    else
      memcpy(out, bytes, *size);
  }
  sqlite3_reset(stmt);
  return err;
}
