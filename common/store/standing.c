/* What this node may do, and what time it is here: from its own settings, which replication keeps, and its row in `node`. */
#include <string.h>

#include "common/store/logstore_row.h"

SQL(OWN_REVOKED, "SELECT 1 FROM node WHERE id = :id AND revoked_at IS NOT NULL");

static bool same_setting(Store *store, const char *a, const char *b)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  return str_eq(local_get(store, &arena, a), local_get(store, &arena, b));
}

bool store_is_restored(Store *store)
{
  return !same_setting(store, LOCAL_EPOCH, LOCAL_WHOLE_EPOCH);
}

Instant store_now(Store *store)
{
  return env_now(store->env) + local_get_int(store, LOCAL_CLOCK_OFFSET, 0);
}

bool standing_depends_on(const char *key)
{
  return strcmp(key, LOCAL_EPOCH) == 0 || strcmp(key, LOCAL_WHOLE_EPOCH) == 0 || strcmp(key, LOCAL_CLOCK_OFFSET) == 0;
}

static bool local_has(Store *store, const char *key)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  return local_get(store, &arena, key).len > 0;
}

Err standing_read(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &OWN_REVOKED);
  query_bind_uuid(&q, ":id", node_row_id(store->node));
  store->revoked = query_next(&q);
  TRY(query_end(&q));
  store->restored = store_is_restored(store);
  store->log_wanted = local_has(store, LOCAL_LOG_ADDRESS);
  store->clock_offset_ms = local_get_int(store, LOCAL_CLOCK_OFFSET, 0);
  return ERR_OK;
}
