#include <assert.h>
#include <stdio.h>

#include "common/store/logstore_row.h"

SQL(LOCAL_SET, "INSERT INTO local (key, value) VALUES (:key, :value)"
               " ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value");
SQL(LOCAL_GET, "SELECT value FROM local WHERE key = :key");
SQL(LOCAL_DELETE, "DELETE FROM local WHERE key = :key");

/* run: a setting that the log is told of is a transaction by itself, if it is in none. */
static Err run(Store *store, const char *key, Query *q)
{
  if (!store->log || store->in_write || !logstore_row_setting(key)) return query_run(q);
  TRY(store_write_begin(store));
  Err err = query_run(q);
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

Err local_set(Store *store, const char *key, Str value)
{
  assert(!store->in_read);
  AUTO(Query, q, query_fini) = query(store, &LOCAL_SET);
  query_bind_text(&q, ":key", str_c(key));
  query_bind_blob(&q, ":value", value);
  if (standing_depends_on(key)) store->authors_stale = true;
  return run(store, key, &q);
}

Str local_get(Store *store, Arena *arena, const char *key)
{
  AUTO(Query, q, query_fini) = query(store, &LOCAL_GET);
  query_bind_text(&q, ":key", str_c(key));
  return query_next(&q) ? query_copy(&q, arena, "value") : STR("");
}

Err local_set_int(Store *store, const char *key, int64_t value)
{
  char text[24];
  int len = snprintf(text, sizeof text, "%lld", (long long)value);
  return local_set(store, key, (Str){text, (size_t)len});
}

int64_t local_get_int(Store *store, const char *key, int64_t otherwise)
{
  AUTO(Query, q, query_fini) = query(store, &LOCAL_GET);
  query_bind_text(&q, ":key", str_c(key));
  int64_t value = otherwise;
  if (query_next(&q) && !str_to_int64(query_str(&q, "value"), &value)) value = otherwise;
  return value;
}

Err local_delete(Store *store, const char *key)
{
  assert(!store->in_read);
  AUTO(Query, q, query_fini) = query(store, &LOCAL_DELETE);
  query_bind_text(&q, ":key", str_c(key));
  return run(store, key, &q);
}
