#include "common/store/capture.h"

#include <assert.h>
#include <stdlib.h>

enum { KEEP_MAX = 1 << 20 }; /* a larger body buffer is given back */

void capture_free(Store *store)
{
  if (!store->capture) return;
  buf_fini(&store->capture->body);
  free(store->capture);
  store->capture = NULL;
}

void capture_begin(Store *store, Actor actor, Str action, Str reason, const Seen seen[], size_t seen_count)
{
  if (store->capture && store->capture->body.capacity > KEEP_MAX) capture_free(store);
  if (!store->capture) {
    store->capture = calloc(1, sizeof *store->capture);
    if (!store->capture) abort();
    store->capture->body = buf_make(JOURNAL_BODY_MAX);
  }
  Capture *capture = store->capture;
  buf_clear(&capture->body);
  body_begin(&capture->body, 0, actor, action, reason, seen, seen_count);
  capture->head_size = capture->body.len;
  capture->previous = (Uuid){{0}};
  capture->failed = ERR_OK;
  capture->has_deleted = capture->has_touched_node = false;
}

bool capture_is_empty(const Capture *capture)
{
  return capture->body.len == capture->head_size && capture->body.err == ERR_OK;
}

CaptureMark capture_mark(const Capture *capture)
{
  return (CaptureMark){capture->body.len, capture->previous};
}

void capture_undo(Capture *capture, CaptureMark mark)
{
  capture->body.len = mark.size;
  capture->previous = mark.previous;
}

/* body_value, for the many */
static inline void put_value(Buf *body, const JournalValue *value)
{
  if (value->kind == COL_TEXT)
    body_text(body, value->bytes.ptr, value->bytes.len);
  else if (value->kind == COL_INT)
    body_int(body, value->number);
  else
    body_value(body, value);
}

void capture_insert(Capture *capture)
{
  const Table *table = capture->table;
  body_change(&capture->body, CHANGE_INSERT, table->id, capture->id, &capture->previous, table->mask);
  for (uint64_t left = table->mask; left; left &= left - 1)
    put_value(&capture->body, &capture->values[__builtin_ctzll(left) + 1]);
}

void capture_delete(Capture *capture, const Table *table, Uuid id, const JournalValue old[])
{
  body_change(&capture->body, CHANGE_DELETE, table->id, id, &capture->previous, table->mask);
  for (size_t i = 0; i < table->column_count; i++) body_value(&capture->body, &old[table->columns[i].id]);
  capture->has_deleted = true;
}

/* ------------------------------------------------------------------------------------------------------- SQL functions */

/* Text is taken as a blob, too: asked for as text, SQLite would copy it in order to terminate it. */
static JournalValue value_of(sqlite3_value *value)
{
  int type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) return (JournalValue){.kind = COL_INT, .number = sqlite3_value_int64(value)};
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return (JournalValue){.kind = COL_NULL};
  Str bytes = {sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value)};
  return (JournalValue){.kind = type == SQLITE_TEXT ? COL_TEXT : COL_BLOB, .bytes = bytes};
}

static bool value_eq(const JournalValue *a, const JournalValue *b)
{
  return a->kind == b->kind && a->number == b->number && str_eq(a->bytes, b->bytes);
}

/* which of the given columns differ from the old values; olds are in the order of `listed` */
static uint64_t differing(const Capture *capture, const JournalValue olds[])
{
  uint64_t differ = 0;
  for (uint64_t left = capture->listed; left; left &= left - 1, olds++) {
    unsigned id = (unsigned)__builtin_ctzll(left) + 1;
    uint64_t bit = 1ULL << (id - 1);
    if ((capture->given & bit) && !value_eq(olds, &capture->values[id])) differ |= bit;
  }
  return differ;
}

static void capture_update(Capture *capture, const JournalValue olds[], uint64_t differ)
{
  uint64_t columns = table_group_columns(capture->table, differ);
  body_change(&capture->body, CHANGE_UPDATE, capture->table->id, capture->id, &capture->previous, columns);
  for (uint64_t left = capture->listed; left; left &= left - 1, olds++) {
    unsigned id = (unsigned)__builtin_ctzll(left) + 1;
    uint64_t bit = 1ULL << (id - 1);
    if (!(columns & bit)) continue;
    put_value(&capture->body, olds);
    if (differ & bit)
      put_value(&capture->body, &capture->values[id]);
    else
      body_same(&capture->body);
  }
}

/* foyer_differs(v, old values of the listed columns): notes the change; true when there is one. */
static void sql_differs(sqlite3_context *context, int count, sqlite3_value **arguments)
{
  Capture *capture = ((Store *)sqlite3_user_data(context))->capture;
  JournalValue olds[COLUMN_ID_MAX];
  assert(capture && capture->table && count == 1 + __builtin_popcountll(capture->listed));
  for (int i = 1; i < count; i++) olds[i - 1] = value_of(arguments[i]);
  capture->found = true;
  uint64_t differ = differing(capture, olds);
  capture->changed = differ != 0;
  if (differ) {
    Str old = {sqlite3_value_blob(arguments[0]), (size_t)sqlite3_value_bytes(arguments[0])};
    uint64_t groups = table_group_bits(capture->table, differ);
    capture->version_size = version_touch_bytes(old, capture->stamp, groups, capture->version);
    if (capture->version_size == 0) {
      sqlite3_result_error_code(context, SQLITE_CORRUPT);
      return;
    }
    capture_update(capture, olds, differ);
  }
  sqlite3_result_int(context, differ != 0);
}

static void sql_version(sqlite3_context *context, int count, sqlite3_value **arguments)
{
  (void)count, (void)arguments;
  const Capture *capture = ((Store *)sqlite3_user_data(context))->capture;
  sqlite3_result_blob(context, capture->version, (int)capture->version_size, SQLITE_STATIC);
}

/* The default of every column `v`. Generated statements always give it, so this is met by others alone. */
static void sql_stamp(sqlite3_context *context, int count, sqlite3_value **arguments)
{
  (void)count, (void)arguments;
  sqlite3_result_error(context, "this table is written through a Tx alone", -1);
}

Err capture_functions(Store *store)
{
  sqlite3 *db = store->db;
  int rc = sqlite3_create_function(db, "foyer_stamp", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, store, sql_stamp, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function(db, "foyer_version", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY, store, sql_version, NULL,
                                 NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function(db, "foyer_differs", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, store, sql_differs, NULL,
                                 NULL);
  return store_err(store, rc, "SQL functions");
}
