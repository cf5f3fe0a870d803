#include "common/store/raw.h"
#include "common/store/verify.h"

/* Folded in as soon as so much has come together; part of the definition, as the boundaries show in the result. */
enum { FOLD_BYTES = 1 << 16 };

static void fold(Buf *buf, Hash *state)
{
  Str parts[] = {{(const char *)state->bytes, HASH_SIZE}, buf_view(buf)};
  *state = hash_parts(parts, COUNT_OF(parts));
  buf_clear(buf);
}

static void add_cell(Buf *buf, sqlite3_stmt *row, int i)
{
  int len = sqlite3_column_bytes(row, i);
  switch (sqlite3_column_type(row, i)) {
  case SQLITE_INTEGER: body_int(buf, sqlite3_column_int64(row, i)); break;
  case SQLITE_TEXT: body_text(buf, sqlite3_column_text(row, i), (size_t)len); break;
  case SQLITE_BLOB: body_blob(buf, sqlite3_column_blob(row, i), (size_t)len); break;
  default: body_null(buf); break;
  }
}

static Err add_table(Store *store, const Table *table, Buf *buf, Hash *state)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 16);
  buf_c(&sql, "SELECT id");
  for (size_t c = 0; c < table->column_count; c++) buf_printf(&sql, ", %s", table->columns[c].name);
  buf_printf(&sql, ", v FROM %s ORDER BY id", table->name);
  sqlite3_stmt *row = NULL;
  int rc = sqlite3_prepare_v2(store->db, buf_cstr(&sql), -1, &row, NULL);
  buf_u32(buf, table->id);
  while (rc == SQLITE_OK || rc == SQLITE_ROW) {
    rc = sqlite3_step(row);
    if (rc != SQLITE_ROW) break;
    for (int i = 0; i < sqlite3_column_count(row); i++) add_cell(buf, row, i);
    if (buf->len >= FOLD_BYTES) fold(buf, state);
  }
  Err err = store_err(store, rc, table->name);
  sqlite3_finalize(row);
  return err == ERR_OK ? buf->err : err;
}

Err verify_digest(Store *store, Hash *out)
{
  AUTO(Buf, buf, buf_fini) = buf_make(FOLD_BYTES + 2 * JOURNAL_BODY_MAX);
  Hash state = {{0}};
  bool own = !store->in_read && !store->in_write;
  if (own) TRY(store_read_begin(store));
  Err err = ERR_OK;
  for (size_t i = 0; i < store->schema.table_count && err == ERR_OK; i++)
    err = add_table(store, &store->schema.tables[i], &buf, &state);
  if (own) store_read_end(store);
  TRY(err);
  fold(&buf, &state);
  *out = state;
  return ERR_OK;
}
