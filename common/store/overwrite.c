#include "common/base/json.h"
#include "common/store/merge.h"
#include "common/store/merge_state.h"
#include "common/store/replay.h"

/* What merge listed for staff: edits that had not seen the one that stands. */

SQL_SCAN(OVERWRITE_LIST, "SELECT table_id, id, column_group, hlc, node, edit FROM overwrite WHERE reviewed_at IS NULL"
                         " ORDER BY hlc DESC, node DESC, table_id, id, column_group");
SQL(OVERWRITE_REVIEWED, "UPDATE overwrite SET reviewed_at = :now WHERE table_id = :table AND id = :id"
                        " AND column_group = :group AND hlc = :hlc AND node = :node");
SQL(OVERWRITE_EDIT,
    "SELECT edit FROM overwrite WHERE table_id = :table AND id = :id AND column_group = :group AND hlc = :hlc"
    " AND node = :node");
SQL(OVERWRITE_WHO,
    "SELECT pos, node, seq, hlc, via, hash, body FROM journal WHERE pos > :after AND node = :node AND hlc = :hlc"
    " LIMIT 1");
SQL(DELETION_OF, "SELECT hlc, node FROM shadow WHERE table_id = :table AND id = :id");

static json_t *value_json(const JournalValue *value)
{
  switch (value->kind) {
  case COL_END:
  case COL_NULL: return json_null();
  case COL_INT: return json_integer(value->number);
  case COL_TEXT: return json_from_str(value->bytes);
  case COL_BLOB: break;
  }
  char hex[2 * 64 + 1] = "";
  for (size_t i = 0; i < value->bytes.len && i < 64; i++)
    snprintf(hex + 2 * i, 3, "%02x", (unsigned char)value->bytes.ptr[i]);
  return json_string(hex);
}

static Str columns_json(Arena *arena, const Table *table, uint64_t columns, const JournalValue values[])
{
  AUTO(json_t *, object, json_release) = json_object();
  for (uint64_t left = columns & table->mask; left; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    json_object_set_new(object, table->by_id[c]->name, value_json(&values[c]));
  }
  return json_canonical(arena, object);
}

static bool values_eq(const JournalValue *a, const JournalValue *b)
{
  if (a->kind != b->kind) return false;
  return a->kind == COL_INT ? a->number == b->number : str_eq(a->bytes, b->bytes);
}

static Err deletion_of(Store *store, Overwrite *overwrite)
{
  AUTO(Query, q, query_fini) = internal_query(store, &DELETION_OF);
  query_bind_int(&q, ":table", overwrite->table);
  query_bind_blob(&q, ":id", (Str){(const char *)overwrite->id.bytes, 16});
  if (query_next(&q)) {
    overwrite->won_hlc = query_hlc(&q, "hlc");
    overwrite->won_node = (NodeId)query_int(&q, "node");
  }
  return query_end(&q);
}

/* describe: *differs is false when nothing was lost: both wrote the same, or it is what stands. */
static Err describe(Store *store, Arena *arena, const Table *table, unsigned group, Str edit, Overwrite *out,
                    bool *differs)
{
  static _Thread_local JournalValue lost[BODY_COLUMN_MAX + 1];
  static _Thread_local Row row;
  uint64_t columns;
  Version version;
  if (!row_edit_unpack(edit, &columns, lost)) return err_because(ERR_CORRUPT, "an overwritten edit does not decode");
  out->table_name = table->name;
  out->group = table->group_names[group];
  out->lost_json = columns_json(arena, table, columns, lost);
  *differs = true;
  Err err = row_read(store, arena, table, out->id, &row);
  if (err == ERR_NOT_FOUND) return deletion_of(store, out);
  TRY(err);
  if (!version_parse(row.v, &version)) return err_because(ERR_CORRUPT, "version of a row of %s", table->name);
  *differs = false;
  for (uint64_t left = columns & table->mask; left; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    if (!values_eq(&lost[c], &row.values[c])) *differs = true;
  }
  out->won_hlc = version_of(&version, group).hlc;
  out->won_node = version_of(&version, group).node;
  out->won_json = columns_json(arena, table, table->groups[group], row.values);
  return ERR_OK;
}

Err merge_overwrites(Store *store, Arena *arena, size_t max_count, Overwrite **list, size_t *count)
{
  Overwrite *made = NULL;
  size_t n = 0, capacity = 0;
  AUTO(Query, q, query_fini) = internal_query(store, &OVERWRITE_LIST);
  while (n < max_count && query_next(&q)) {
    Overwrite one = {.table = (uint32_t)query_int(&q, "table_id"),
                     .id = query_uuid(&q, "id"),
                     .lost_hlc = query_hlc(&q, "hlc"),
                     .lost_node = (NodeId)query_int(&q, "node")};
    const Table *table = schema_table_by_id(&store->schema, one.table);
    unsigned group = (unsigned)query_int(&q, "column_group");
    if (!table || group > BODY_COLUMN_MAX || !table->groups[group]) continue;
    bool differs;
    TRY(describe(store, arena, table, group, query_copy(&q, arena, "edit"), &one, &differs));
    if (!differs) continue;
    made = arena_grow_array(arena, made, n, &capacity, sizeof *made);
    made[n++] = one;
  }
  TRY(query_end(&q));
  *list = made;
  *count = n;
  return ERR_OK;
}

static unsigned group_of(const Table *table, const char *name)
{
  unsigned group = 1;
  while (group <= BODY_COLUMN_MAX && (!table || !table->groups[group] || strcmp(table->group_names[group], name) != 0))
    group++;
  return group;
}

static void bind_edit(Query *q, const Overwrite *overwrite, unsigned group)
{
  query_bind_int(q, ":table", overwrite->table);
  query_bind_blob(q, ":id", (Str){(const char *)overwrite->id.bytes, 16});
  query_bind_int(q, ":group", group);
  query_bind_hlc(q, ":hlc", overwrite->lost_hlc);
  query_bind_int(q, ":node", overwrite->lost_node);
}

Err merge_review(Store *store, const Overwrite *overwrite)
{
  const Table *table = schema_table_by_id(&store->schema, overwrite->table);
  Query q = internal_query(store, &OVERWRITE_REVIEWED);
  query_bind_int(&q, ":now", store_now(store));
  bind_edit(&q, overwrite, group_of(table, overwrite->group));
  return query_run(&q);
}

static Err read_edit(Store *store, Arena *arena, const Overwrite *overwrite, unsigned group, Str *out)
{
  AUTO(Query, q, query_fini) = internal_query(store, &OVERWRITE_EDIT);
  bind_edit(&q, overwrite, group);
  bool found = query_next(&q);
  if (found) *out = query_copy(&q, arena, "edit");
  TRY(query_end(&q));
  return found ? ERR_OK : err_because(ERR_NOT_FOUND, "that edit was settled meanwhile");
}

Err merge_take(Tx *tx, const Overwrite *overwrite)
{
  static _Thread_local JournalValue values[BODY_COLUMN_MAX + 1];
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  const Table *table = schema_table_by_id(&tx->store->schema, overwrite->table);
  unsigned group = group_of(table, overwrite->group);
  Col cols[BODY_COLUMN_MAX + 1];
  uint64_t columns;
  size_t n = 0;
  Str edit;
  TRY(read_edit(tx->store, &arena, overwrite, group, &edit));
  if (table->append_only) return err_because(ERR_CONFLICT, "%s is append-only", table->name);
  if (!row_edit_unpack(edit, &columns, values)) return err_because(ERR_CORRUPT, "an overwritten edit does not decode");
  for (uint64_t left = columns & table->mask; left; left &= left - 1) {
    const Column *column = table->by_id[__builtin_ctzll(left) + 1];
    const JournalValue *value = &values[column->id];
    cols[n++] = (Col){column->name, value->kind, value->number, value->bytes};
  }
  cols[n] = (Col){0};
  return tx_update(tx, table->name, overwrite->id, cols);
}

Err merge_who(Store *store, Arena *arena, NodeId node, Hlc hlc, Actor *out)
{
  enum { LOOK_BACK = 50000 };
  *out = actor_system();
  JournalEntry entry = {0};
  {
    AUTO(Query, q, query_fini) = query(store, &OVERWRITE_WHO);
    query_bind_int(&q, ":after", store_head(store) - LOOK_BACK);
    query_bind_int(&q, ":node", node);
    query_bind_hlc(&q, ":hlc", hlc);
    if (query_next(&q)) TRY(journal_entry_read(&q, arena, &entry));
    TRY(query_end(&q));
  }
  if (entry.pos == 0) return ERR_OK;
  JournalTx decoded;
  TRY(journal_decode(arena, &entry, &decoded));
  *out = decoded.actor;
  return ERR_OK;
}
