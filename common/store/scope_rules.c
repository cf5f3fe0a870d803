#include "common/store/scope_rules.h"

#include <stdlib.h>

#include "common/base/buf.h"

bool store_is_scoped(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(4096);
  return local_get(store, &arena, LOCAL_SCOPE).len > 0;
}

int uuid_order(const Uuid *a, const Uuid *b)
{
  return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static int by_id(const void *a, const void *b)
{
  return uuid_order(&((const ScopeId *)a)->id, &((const ScopeId *)b)->id);
}

Err scope_set_read(Store *store, Arena *arena, const ScopeRule *rule, const ScopeOf *of, ScopeSet *out)
{
  const uint8_t author[4] = {(uint8_t)(of->node >> 24), (uint8_t)(of->node >> 16), (uint8_t)(of->node >> 8),
                             (uint8_t)of->node};
  ScopeSet set = {.read = true};
  size_t capacity = 0;
  AUTO(Query, q, query_fini) = internal_query(store, rule->rows);
  if (query_takes(&q, ":site")) query_bind_uuid(&q, ":site", of->site);
  if (query_takes(&q, ":node")) query_bind_int(&q, ":node", of->node);
  if (query_takes(&q, ":author")) query_bind_blob(&q, ":author", (Str){(const char *)author, sizeof author});
  if (query_takes(&q, ":from")) query_bind_text(&q, ":from", str_c(of->from));
  if (query_takes(&q, ":to")) query_bind_text(&q, ":to", str_c(of->to));
  while (query_next(&q)) {
    set.list = arena_grow_array(arena, set.list, set.count, &capacity, sizeof *set.list);
    set.list[set.count++] = (ScopeId){query_uuid(&q, "id"), query_uuid(&q, "person")};
  }
  TRY(query_end(&q));
  if (set.count > 1) qsort(set.list, set.count, sizeof *set.list, by_id);
  *out = set;
  return ERR_OK;
}

const ScopeId *scope_set_find(const ScopeSet *set, Uuid id)
{
  ScopeId key = {.id = id};
  return set->count ? bsearch(&key, set->list, set->count, sizeof key, by_id) : NULL;
}

const ScopeRule *scope_rule_of(const ScopeRules *rules, const Table *table)
{
  for (size_t i = 0; i < rules->count; i++) {
    if (strcmp(rules->list[i].table, table->name) == 0) return &rules->list[i];
  }
  return NULL;
}

uint64_t scope_columns(const ScopeRule *rule, const Table *table)
{
  if (!rule->columns) return table->mask;
  uint64_t columns = 0;
  for (Str rest = str_c(rule->columns); rest.len > 0;) {
    Str name = str_cut(&rest, ' ');
    for (size_t i = 0; i < table->column_count; i++) {
      if (str_eq_c(name, table->columns[i].name)) columns |= 1ULL << (table->columns[i].id - 1);
    }
  }
  return columns;
}

Err scope_chain(Store *store, ScopeChain *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(4096);
  Str kept = local_get(store, &arena, SCOPE_CHAIN);
  *out = (ScopeChain){0};
  if (kept.len == 0) return ERR_OK;
  Reader r = reader_make(kept.ptr, kept.len);
  out->seq = reader_u64(&r);
  out->hlc = reader_u64(&r);
  const uint8_t *hash = reader_bytes(&r, HASH_SIZE);
  if (r.failed || r.at != r.len) return err_because(ERR_CORRUPT, "setting %s does not decode", SCOPE_CHAIN);
  memcpy(out->hash.bytes, hash, HASH_SIZE);
  return ERR_OK;
}

Hlc scope_newest(Store *store)
{
  Hlc newest = (Hlc)local_get_int(store, SCOPE_HLC, 0);
  for (size_t i = 0; i < store->author_count; i++) {
    const Head *head = &store->authors[i].head;
    if (head->node != store->node && head->hlc > newest) newest = head->hlc;
  }
  return newest;
}

/* The order among all stamps that are known here is kept, so each keeps its place in the version. */
static Err restamp_row(Store *store, const BodyChange *change, Stamp old, Stamp fresh)
{
  const Table *table = schema_table_by_id(&store->schema, change->table);
  uint8_t bytes[VERSION_SIZE_MAX];
  size_t size;
  Version version;
  if (!table) return ERR_OK;
  Err err = row_version(store, table, change->id, bytes, &size);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  if (!version_parse((Str){(const char *)bytes, size}, &version))
    return err_because(ERR_CORRUPT, "version of a row of %s does not decode", table->name);
  version_restamp(&version, old, fresh);
  return row_write(store, table, CHANGE_UPDATE, change->id, 0, NULL,
                   (Str){(const char *)bytes, version_write(&version, bytes)});
}

Err scope_restamped(Store *store, Str body, Stamp old, Stamp fresh)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  TRY(body_open(body, &head, &reader));
  while (body_next(&reader, &change)) TRY(restamp_row(store, &change, old, fresh));
  return reader.err;
}
