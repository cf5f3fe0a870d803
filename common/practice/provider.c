/* Providers and rooms, declared in appointment.h. */
#include "common/practice/appointment_internal.h"
#include "common/practice/calendar.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(PROVIDER_LIST, "SELECT DISTINCT p.id, p.prefix, p.given, p.family FROM provider_site s JOIN provider p"
                   " ON p.id = s.provider WHERE (s.site = :site OR :site IS NULL) AND s.active = 1 AND p.active = 1"
                   " ORDER BY p.family, p.given, p.id");
SQL(RESOURCE_LIST, "SELECT id, name, kind FROM resource WHERE site = :site AND active = 1 ORDER BY name, id");

Err provider_list(Store *store, Arena *arena, Uuid site, Provider **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &PROVIDER_LIST);
  query_bind_uuid(&q, ":site", site);
  Provider *found = NULL;
  size_t n = 0, capacity = 0;
  while (query_next(&q)) {
    found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
    found[n].id = query_uuid(&q, "id");
    found[n++].name = provider_name_of(arena, query_copy(&q, arena, "prefix"), query_copy(&q, arena, "given"),
                                       query_copy(&q, arena, "family"));
  }
  TRY(query_end(&q));
  *list = found;
  *count = n;
  return ERR_OK;
}

Err provider_at(Tx *tx, Uuid provider, Uuid site)
{
  const Uuid pair[] = {provider, site};
  return tx_put(tx, "provider_site", uuid_from_parts(STR("provider_site"), pair, sizeof pair),
                COLS(col_uuid("provider", &provider), col_uuid("site", &site), col_bool("active", true)), NULL);
}

Err provider_add(Tx *tx, const ProviderNew *input, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid id = uuid_is_nil(input->id) ? uuid_v7(store_env(tx->store)) : input->id;
  TRY(tx_insert(tx, "provider", id,
                COLS(col_text("given", tidy_c(&arena, input->given)), col_text("family", tidy_c(&arena, input->family)),
                     col_text("prefix", tidy_c(&arena, input->prefix)),
                     col_text("identifier", tidy_c(&arena, input->identifier)),
                     col_text("specialty", tidy_c(&arena, input->specialty)))));
  if (!uuid_is_nil(input->site)) TRY(provider_at(tx, id, input->site));
  TRY(calendar_add(tx, id, input->site));
  *out = id;
  return ERR_OK;
}

Err resource_list(Store *store, Arena *arena, Uuid site, Resource **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &RESOURCE_LIST);
  query_bind_uuid(&q, ":site", site);
  Resource *found = NULL;
  size_t n = 0, capacity = 0;
  while (query_next(&q)) {
    found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
    found[n++] = (Resource){.id = query_uuid(&q, "id"),
                            .name = query_cstr(&q, arena, "name"),
                            .kind = query_cstr(&q, arena, "kind")};
  }
  TRY(query_end(&q));
  *list = found;
  *count = n;
  return ERR_OK;
}

Err resource_add(Tx *tx, Uuid site, const char *name, const char *kind, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid id = uuid_v7(store_env(tx->store));
  TRY(tx_insert(tx, "resource", id,
                COLS(col_uuid("site", &site), col_text("name", tidy_c(&arena, name)), col_text("kind", str_c(kind)))));
  TRY(calendar_add(tx, id, site));
  *out = id;
  return ERR_OK;
}
