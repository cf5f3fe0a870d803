#include "common/store/merge_own.h"

#include "common/store/merge_state.h"
#include "common/store/replay.h"

SQL_SCAN(OWN_ANY, "SELECT EXISTS (SELECT 1 FROM shadow) OR EXISTS (SELECT 1 FROM overwrite) AS any");
SQL_SCAN(UNKNOWN_LIST, "SELECT table_id, column_id FROM unknown_change");

Err merge_own_any(Store *store, bool *any)
{
  AUTO(Query, q, query_fini) = internal_query(store, &OWN_ANY);
  *any = query_next(&q) && query_int(&q, "any");
  return query_end(&q);
}

Err merge_own_delete(Store *store, uint32_t table, Uuid id, Stamp stamp)
{
  AUTO(Merger, merger, merger_fini) = {.store = store};
  TRY(merger_begin(&merger, store));
  return merger_bury(&merger, schema_table_by_id(&store->schema, table), id, stamp);
}

/* The arrays keep what an earlier change left in columns that this one does not name. */
static void forget_others(BodyChange *change)
{
  for (unsigned c = 1; c <= BODY_COLUMN_MAX; c++) {
    if (!(change->columns >> (c - 1) & 1)) change->old[c].kind = change->new_value[c].kind = COL_END;
  }
}

Err merge_own_commit(Store *store, Str body, Stamp stamp)
{
  AUTO(Merger, merger, merger_fini) = {.store = store};
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  TRY(merger_begin(&merger, store));
  TRY(body_open(body, &head, &reader));
  while (body_next(&reader, &change)) {
    forget_others(&change);
    TRY(merger_own(&merger, schema_table_by_id(&store->schema, change.table), &change, stamp));
  }
  return reader.err;
}

static Err is_known_now(Store *store, bool *known)
{
  *known = false;
  AUTO(Query, q, query_fini) = internal_query(store, &UNKNOWN_LIST);
  while (query_next(&q)) {
    const Table *table = schema_table_by_id(&store->schema, (uint32_t)query_int(&q, "table_id"));
    int64_t column = query_int(&q, "column_id");
    if (table && (column == 0 || table->by_id[column])) *known = true;
  }
  return query_end(&q);
}

static Err rebuild(Store *store)
{
  TRY(store_write_begin(store));
  Err err = replay_rebuild(store);
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

Err merge_catch_up(Store *store)
{
  bool known;
  TRY(is_known_now(store, &known));
  if (!known) return ERR_OK;
  return rebuild(store);
}
