#include <pthread.h>
#include <stdio.h>

#include "common/base/date.h"
#include "common/store/replay.h"

/* The journal as people and screens read it. */

SQL_SCAN(HISTORY_BACKWARDS, "SELECT pos, node, seq, hlc, via, hash, body FROM journal ORDER BY pos DESC");

/* Decoding needs no store, as all stores of a program have the same tables. */
static Schema program_schema;
static pthread_once_t schema_once = PTHREAD_ONCE_INIT;

static void parse_program_schema(void)
{
  static Arena forever;
  forever = arena_make(0);
  program_schema = schema_parse(&forever, MIGRATIONS, MIGRATION_COUNT);
}

static JournalColumn column_of(const Table *table, const BodyChange *change, unsigned id)
{
  static const JournalValue NONE = {COL_END, 0, {NULL, 0}};
  const Column *column = table ? table->by_id[id] : NULL;
  return (JournalColumn){.column = id,
                         .name = column ? column->name : NULL,
                         .old = change->kind == CHANGE_INSERT ? NONE : change->old[id],
                         .new_value = change->kind == CHANGE_DELETE ? NONE : change->new_value[id]};
}

static void decode_change(Arena *arena, const BodyChange *change, JournalChange *out)
{
  pthread_once(&schema_once, parse_program_schema);
  const Table *table = schema_table_by_id(&program_schema, change->table);
  *out = (JournalChange){.kind = change->kind,
                         .table = change->table,
                         .table_name = table ? table->name : NULL,
                         .id = change->id,
                         .columns = ARENA_ARRAY(arena, JournalColumn, __builtin_popcountll(change->changed) + 1)};
  for (uint64_t left = change->changed; left; left &= left - 1)
    out->columns[out->column_count++] = column_of(table, change, (unsigned)__builtin_ctzll(left) + 1);
}

Err journal_decode(Arena *arena, const JournalEntry *entry, JournalTx *out)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  TRY(body_open(entry->body, &head, &reader));
  *out = (JournalTx){.flags = head.flags,
                     .actor = head.actor,
                     .action = arena_cstr(arena, head.action),
                     .reason = arena_cstr(arena, head.reason)};
  size_t capacity = 0;
  while (body_next(&reader, &change)) {
    out->changes = arena_grow_array(arena, out->changes, out->change_count, &capacity, sizeof *out->changes);
    decode_change(arena, &change, &out->changes[out->change_count++]);
  }
  return reader.err;
}

/* ---------------------------------------------------------------------------------------------------------- as JSON */

static json_t *blob_json(Str bytes)
{
  enum { SHOWN_MAX = 64 };
  if (bytes.len == 16) {
    Uuid id;
    char text[UUID_TEXT_LEN + 1];
    memcpy(id.bytes, bytes.ptr, 16);
    uuid_text(id, text);
    return json_string(text);
  }
  char hex[2 * SHOWN_MAX + 1];
  if (bytes.len > SHOWN_MAX) {
    snprintf(hex, sizeof hex, "(%zu bytes)", bytes.len);
    return json_string(hex);
  }
  for (size_t i = 0; i < bytes.len; i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned char)bytes.ptr[i]);
  return json_stringn(hex, 2 * bytes.len);
}

static json_t *value_json(const JournalColumn *column, const JournalValue *value)
{
  bool secret = column->name && (strcmp(column->name, "password_hash") == 0 || strcmp(column->name, "pin_hash") == 0);
  switch (value->kind) {
  case COL_END:
  case COL_NULL: return json_null();
  case COL_INT: return json_integer(value->number);
  case COL_TEXT: return secret ? json_string("(not shown)") : json_from_str(value->bytes);
  case COL_BLOB: return blob_json(value->bytes);
  }
  return json_null();
}

static json_t *columns_json(const JournalChange *change)
{
  json_t *columns = json_object();
  for (size_t i = 0; i < change->column_count; i++) {
    const JournalColumn *column = &change->columns[i];
    char number[16];
    snprintf(number, sizeof number, "%u", column->column);
    json_t *values = json_object();
    if (column->old.kind != COL_END) json_object_set_new(values, "old", value_json(column, &column->old));
    if (column->new_value.kind != COL_END) json_object_set_new(values, "new", value_json(column, &column->new_value));
    json_object_set_new(columns, column->name ? column->name : number, values);
  }
  return columns;
}

static json_t *change_json(const JournalChange *change)
{
  static const char *const KINDS[] = {"", "insert", "update", "delete"};
  char number[16], id[UUID_TEXT_LEN + 1];
  snprintf(number, sizeof number, "%u", change->table);
  uuid_text(change->id, id);
  json_t *out = json_object();
  json_object_set_new(out, "kind", json_string(KINDS[change->kind]));
  json_object_set_new(out, "table", json_string(change->table_name ? change->table_name : number));
  json_object_set_new(out, "id", json_string(id));
  json_object_set_new(out, "columns", columns_json(change));
  return out;
}

static json_t *actor_json(Actor actor)
{
  static const char *const KINDS[] = {"system", "staff", "client"};
  json_t *out = json_object();
  json_object_set_new(out, "kind", json_string(KINDS[actor.kind]));
  if (actor.kind != ACTOR_SYSTEM) {
    char id[UUID_TEXT_LEN + 1];
    uuid_text(actor.id, id);
    json_object_set_new(out, "id", json_string(id));
  }
  return out;
}

Err journal_json(const JournalEntry *entry, json_t **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(8 * JOURNAL_BODY_MAX);
  JournalTx tx;
  TRY(journal_decode(&arena, entry, &tx));
  char node[NODE_TEXT_LEN + 1], at[INSTANT_TEXT_LEN + 1], hash[HASH_HEX_LEN + 1];
  node_text(entry->node, node);
  instant_text(hlc_ms(entry->hlc), at);
  hash_hex(entry->hash, hash);
  json_t *made = json_object();
  json_object_set_new(made, "pos", json_integer(entry->pos));
  json_object_set_new(made, "node", json_string(node));
  json_object_set_new(made, "seq", json_integer((json_int_t)entry->seq));
  json_object_set_new(made, "at", json_string(at));
  json_object_set_new(made, "counter", json_integer((json_int_t)(entry->hlc & UINT16_MAX)));
  json_object_set_new(made, "hash", json_string(hash));
  json_object_set_new(made, "actor", actor_json(tx.actor));
  json_object_set_new(made, "action", json_string(tx.action));
  json_object_set_new(made, "reason", json_from_str(str_c(tx.reason)));
  if (tx.flags & JOURNAL_RESTAMPED) json_object_set_new(made, "restamped", json_true());
  json_t *changes = json_array();
  for (size_t i = 0; i < tx.change_count; i++) json_array_append_new(changes, change_json(&tx.changes[i]));
  json_object_set_new(made, "changes", changes);
  *out = made;
  return ERR_OK;
}

/* --------------------------------------------------------------------------------------------------------- history */

static Err touches_row(Str body, uint32_t table, Uuid id, bool *touches)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  *touches = false;
  TRY(body_open(body, &head, &reader));
  while (!*touches && body_next(&reader, &change)) *touches = change.table == table && uuid_eq(change.id, id);
  return reader.err;
}

Err journal_history(Store *store, Arena *arena, const char *table, Uuid id, size_t max_count, JournalEntry **entries,
                    size_t *count)
{
  const Table *of = schema_table(&store->schema, table);
  if (!of) return err_because(ERR_NOT_FOUND, "no table %s", table);
  JournalEntry *list = NULL;
  size_t n = 0, capacity = 0;
  AUTO(Query, q, query_fini) = query(store, &HISTORY_BACKWARDS);
  while (n < max_count && query_next(&q)) {
    bool touches;
    TRY(touches_row(query_str(&q, "body"), of->id, id, &touches));
    if (!touches) continue;
    list = arena_grow_array(arena, list, n, &capacity, sizeof *list);
    TRY(journal_entry_read(&q, arena, &list[n++]));
  }
  TRY(query_end(&q));
  *entries = list;
  *count = n;
  return ERR_OK;
}
