#include "sync/restored.h"

#include "common/store/query.h"
#include "sync/settings.h"

SQL_SCAN(DEVICE_AWAITED, "SELECT count(*) AS awaited FROM device AS d JOIN node AS n ON n.number = d.node"
                         " WHERE n.revoked_at IS NULL AND d.epoch IS NOT :epoch");

static Err awaited_below(Store *store, Str epoch, size_t *devices)
{
  AUTO(Query, q, query_fini) = query(store, &DEVICE_AWAITED);
  query_bind_text(&q, ":epoch", epoch);
  *devices = query_next(&q) ? (size_t)query_int(&q, "awaited") : 0;
  return query_end(&q);
}

static Err settle(Store *store, bool accept_loss)
{
  if (!store_is_restored(store)) return ERR_OK;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str epoch = local_get(store, &arena, LOCAL_EPOCH);
  bool is_root = local_get_int(store, SETTING_UPSTREAM, 0) == 0;
  if (!is_root && !str_eq(epoch, local_get(store, &arena, SETTING_RECOVERED_EPOCH))) return ERR_OK;
  size_t awaited = 0;
  if (!accept_loss) TRY(awaited_below(store, epoch, &awaited));
  return awaited == 0 ? local_set(store, LOCAL_WHOLE_EPOCH, epoch) : ERR_OK;
}

Err restored_settle(Store *store)
{
  return settle(store, false);
}

Err restored_accept_loss(Store *store)
{
  return settle(store, true);
}
