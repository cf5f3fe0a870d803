#include "common/store/tx.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/store/capture.h"
#include "common/store/merge_own.h"

/* A process that opens the file reads so much of the journal at most, and one entry. */
enum { SAVE_AUTHORS_ENTRIES = 512, SAVE_AUTHORS_BYTES = 128 << 10 };

/* What others wrote since our own last entry; the present state of each of them is what this entry has seen. */
static Err collect_seen(Store *store, Arena *arena, Seen **out, size_t *count)
{
  *count = 0;
  *out = NULL;
  if (!store->others_news) return ERR_OK;
  Seen *list = *out = ARENA_ARRAY(arena, Seen, store->author_count + 1);
  author_get(store, store->node);
  for (size_t i = 0; i < store->author_count; i++) {
    const Head *head = &store->authors[i].head;
    Hlc known;
    if (head->node == store->node || head->seq == 0) continue;
    TRY(author_seen(store, author_find(store, store->node), head->node, &known));
    if (head->hlc > known) list[(*count)++] = (Seen){head->node, head->hlc};
  }
  return ERR_OK;
}

static Err begin(Store *store, Actor actor, Str action, Str reason)
{
  if (store->revoked) return err_because(ERR_REVOKED, "this node has been revoked");
  if (store->restored)
    return err_because(ERR_EPOCH,
                       "this replica was restored from a backup and has not got back yet what was written since:"
                       " foyerd collects it; until then nothing can be written here");
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Seen *seen;
  size_t seen_count;
  TRY(collect_seen(store, &arena, &seen, &seen_count));
  capture_begin(store, actor, action, reason, seen, seen_count);
  store->capture->now = env_now(store->env) + store->clock_offset_ms;
  store->capture->stamp = (Stamp){hlc_next(store->newest_hlc, store->capture->now), store->node};
  return ERR_OK;
}

Err tx_begin(Store *store, Actor actor, const char *action, const char *reason, Tx *tx)
{
  TRY(store_write_begin_checked(store));
  Err err = begin(store, actor, str_c(action), str_c(reason));
  if (err != ERR_OK) {
    store_write_cancel(store);
    return err;
  }
  tx->store = store;
  return ERR_OK;
}

void tx_fini(Tx *tx)
{
  if (tx->store) store_write_cancel(tx->store);
  tx->store = NULL;
}

Hlc tx_hlc(const Tx *tx)
{
  return tx->store->capture->stamp.hlc;
}

Instant tx_now(const Tx *tx)
{
  return tx->store->capture->now;
}

/* ------------------------------------------------------------------------------------------------------------- commit */

static Err settle_overwrites(Store *store, const Capture *capture)
{
  if (!store->own_any_known) TRY(merge_own_any(store, &store->own_any));
  store->own_any_known = !capture->has_deleted;
  if (!store->own_any && !capture->has_deleted) return ERR_OK;
  return merge_own_commit(store, buf_view(&capture->body), capture->stamp);
}

static Err append_entry(Store *store, const Capture *capture)
{
  TRY(capture->body.err);
  TRY(settle_overwrites(store, capture));
  const Author *own = author_find(store, store->node);
  Head last = own ? own->head : (Head){0};
  JournalEntry entry = {.node = store->node, .seq = last.seq + 1, .hlc = capture->stamp.hlc};
  entry.body = buf_view(&capture->body);
  entry.hash = entry_hash(last.hash, entry.node, entry.seq, entry.hlc, entry.body);
  TRY(journal_append(store, &entry));
  bool far = store->head - store->saved_head >= SAVE_AUTHORS_ENTRIES || store->unsaved_bytes >= SAVE_AUTHORS_BYTES;
  if (far) TRY(authors_save(store));
  return ERR_OK;
}

Err tx_commit(Tx *tx)
{
  Store *store = tx->store;
  Capture *capture = store->capture;
  Err err = capture->failed;
  bool empty = capture_is_empty(capture);
  if (err == ERR_OK && !empty) err = append_entry(store, capture);
  if (err == ERR_OK && (!empty || store->other_writes)) {
    tx->store = NULL;
    bool own_any_known = store->own_any_known;
    TRY(store_write_end(store));
    if (!empty) store->others_news = false;
    store->own_any_known = own_any_known;
    if (capture->has_touched_node) store->authors_stale = true; /* perhaps we are revoked */
    return ERR_OK;
  }
  tx_fini(tx);
  return err;
}

/* --------------------------------------------------------------------------------------------------------------- rows */

static _Noreturn void wrong(const char *table, const char *column, const char *what)
{
  fprintf(stderr, "tx: %s%s%s: %s\n", table, column ? "." : "", column ? column : "", what);
  abort();
}

/* A Tx mostly goes on with the table it was at. */
static const Table *table_named(Store *store, const char *name)
{
  const Table *table = store->capture->table;
  if (table && strcmp(table->name, name) == 0) return table;
  table = schema_table(&store->schema, name);
  if (!table) wrong(name, NULL, "no such replicated table");
  return table;
}

/* column_named: call sites name columns in an order of their own, again and again; follows[] remembers which column came
 * after which. A wrong guess costs one comparison. */
static const Column *column_named(Capture *capture, const Table *table, unsigned previous, const char *name)
{
  const Column *guess = table->by_id[capture->follows[previous]];
  if (guess && strcmp(guess->name, name) == 0) return guess;
  const Column *column = table_column(table, name);
  if (!column) wrong(table->name, name, "no such column");
  capture->follows[previous] = column->id;
  return column;
}

/* is_text: UTF-8 without NUL; most of it is ASCII, which eight bytes at a time tell. */
static bool is_text(Str s)
{
  const uint64_t ones = UINT64_MAX / 255, highs = ones << 7;
  size_t at = 0;
  for (; at + 8 <= s.len; at += 8) {
    uint64_t word;
    memcpy(&word, s.ptr + at, 8);
    if ((word | (word - ones)) & highs) break;
  }
  return at == s.len || utf8_valid((Str){s.ptr + at, s.len - at});
}

/* take_columns: into capture->values and ->given. ERR_INVALID for text that is not UTF-8. */
static Err take_columns(Capture *capture, const Table *table, Uuid id, const Col cols[])
{
  capture->table = table;
  capture->id = id;
  uint64_t given = 0;
  unsigned previous = 0;
  for (const Col *col = cols; col->kind != COL_END; col++) {
    const Column *column = column_named(capture, table, previous, col->name);
    uint64_t bit = 1ULL << (column->id - 1);
    if (given & bit) wrong(table->name, col->name, "named twice");
    if (col->kind != COL_NULL && col->kind != column->kind) wrong(table->name, col->name, "another type");
    if (col->kind == COL_TEXT && !is_text(col->bytes))
      return err_because(ERR_INVALID, "%s.%s: not UTF-8", table->name, col->name);
    given |= bit;
    capture->values[column->id] = (JournalValue){.kind = col->kind, .number = col->number, .bytes = col->bytes};
    previous = column->id;
  }
  capture->given = given;
  return ERR_OK;
}

/* outcome: what `err` means for the Tx. Only a row that is there already, or is not, leaves it fit to go on. */
static Err outcome(Capture *capture, CaptureMark mark, Err err)
{
  if (err == ERR_OK) return ERR_OK;
  capture_undo(capture, mark);
  if (err != ERR_EXISTS && err != ERR_NOT_FOUND) capture->failed = err;
  return err;
}

static void note_table(Capture *capture, const Table *table)
{
  if (strcmp(table->name, "node") == 0) capture->has_touched_node = true;
}

static Err insert(Store *store, const Table *table, Uuid id, const Col cols[])
{
  Capture *capture = store->capture;
  TRY(take_columns(capture, table, id, cols));
  for (uint64_t left = table->mask & ~capture->given; left; left &= left - 1) {
    const Column *column = table->by_id[__builtin_ctzll(left) + 1];
    capture->values[column->id] = row_default(column);
  }
  uint8_t version[VERSION_SIZE_MAX];
  Str v = {(const char *)version, version_base(capture->stamp, version)};
  TRY(row_write(store, table, CHANGE_INSERT, id, table->mask, capture->values, v));
  capture_insert(capture);
  note_table(capture, table);
  return ERR_OK;
}

static Err update(Store *store, const Table *table, Uuid id, const Col cols[])
{
  Capture *capture = store->capture;
  TRY(take_columns(capture, table, id, cols));
  capture->listed = table_group_columns(table, capture->given);
  capture->found = capture->changed = false;
  sqlite3_stmt *stmt;
  TRY(row_statement(store, table, ROW_UPDATE_OWN, capture->given, &stmt));
  row_bind_id(stmt, &id);
  int parameter = PARAM_COLUMNS;
  for (uint64_t left = capture->given; left; left &= left - 1, parameter++)
    row_bind_value(stmt, parameter, &capture->values[__builtin_ctzll(left) + 1]);
  TRY(row_step(store, stmt, table));
  if (capture->changed) note_table(capture, table);
  return capture->found ? ERR_OK : ERR_NOT_FOUND;
}

Err tx_insert(Tx *tx, const char *table, Uuid id, const Col cols[])
{
  Capture *capture = tx->store->capture;
  TRY(capture->failed);
  CaptureMark mark = capture_mark(capture);
  return outcome(capture, mark, insert(tx->store, table_named(tx->store, table), id, cols));
}

Err tx_update(Tx *tx, const char *table, Uuid id, const Col cols[])
{
  const Table *of = table_named(tx->store, table);
  if (of->append_only) wrong(table, NULL, "is append-only");
  Capture *capture = tx->store->capture;
  TRY(capture->failed);
  CaptureMark mark = capture_mark(capture);
  return outcome(capture, mark, update(tx->store, of, id, cols));
}

Err tx_put(Tx *tx, const char *table, Uuid id, const Col cols[], bool *changed)
{
  bool append_only = table_named(tx->store, table)->append_only;
  Err err = append_only ? ERR_NOT_FOUND : tx_update(tx, table, id, cols);
  bool different = tx->store->capture->changed;
  if (err == ERR_NOT_FOUND) {
    err = tx_insert(tx, table, id, cols);
    different = err == ERR_OK;
    if (err == ERR_EXISTS) err = ERR_OK;
  }
  if (changed && err == ERR_OK) *changed = different;
  return err;
}

static Err delete_row(Store *store, const Table *table, Uuid id)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Capture *capture = store->capture;
  Row row;
  TRY(row_read(store, &arena, table, id, &row));
  TRY(merge_own_delete(store, table->id, id, capture->stamp));
  TRY(row_write(store, table, CHANGE_DELETE, id, 0, NULL, (Str){0}));
  capture_delete(capture, table, id, row.values);
  note_table(capture, table);
  return ERR_OK;
}

Err tx_delete(Tx *tx, const char *table, Uuid id)
{
  Capture *capture = tx->store->capture;
  TRY(capture->failed);
  CaptureMark mark = capture_mark(capture);
  return outcome(capture, mark, delete_row(tx->store, table_named(tx->store, table), id));
}
