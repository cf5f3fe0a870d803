#include "common/practice/repair.h"

#include <stdlib.h>

#include "common/practice/task.h"
#include "common/store/merge.h"
#include "common/store/query.h"

enum { NUMBERS_MOST = 1000 };

/* Ids of rows are in the order in which they were made: the lower one has it, and is the one that a sign-in finds. */
SQL_SCAN(
    STAFF_TWICE,
    "SELECT id, username AS value FROM staff s WHERE active = 1 AND username <> '' AND EXISTS (SELECT 1 FROM staff o"
    " WHERE o.username = s.username AND o.active = 1 AND o.id < s.id)");
SQL_SCAN(
    SITE_TWICE,
    "SELECT id, prefix AS value FROM site s WHERE active = 1 AND EXISTS (SELECT 1 FROM site o WHERE o.prefix = s.prefix"
    " AND o.active = 1 AND o.id < s.id)");
SQL(REPAIR_TOLD, "SELECT 1 FROM task WHERE id = :id");
SQL(REPAIR_IDENTIFIER, "SELECT value FROM client_identifier WHERE id = :id");
SQL(REPAIR_CLIENT, "SELECT 1 FROM client WHERE id = :id");

typedef struct Twice {
  Uuid id;     /* of the task */
  Uuid client; /* nil: not about a client */
  const char *value;
} Twice;

typedef struct TwiceList {
  Twice *items;
  size_t count, capacity;
} TwiceList;

static Uuid task_id(Uuid row, Str value)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *parts = arena_alloc(&arena, sizeof row.bytes + value.len);
  memcpy(parts, row.bytes, sizeof row.bytes);
  memcpy(parts + sizeof row.bytes, value.ptr, value.len);
  return uuid_from_parts(STR("number-taken"), parts, sizeof row.bytes + value.len);
}

static void add(Arena *arena, TwiceList *list, Twice one)
{
  list->items = arena_grow_array(arena, list->items, list->count, &list->capacity, sizeof *list->items);
  list->items[list->count++] = one;
}

static Err add_rows(Store *store, Arena *arena, const Sql *sql, TwiceList *list)
{
  AUTO(Query, q, query_fini) = query(store, sql);
  while (query_next(&q)) {
    Str value = query_copy(&q, arena, "value");
    add(arena, list, (Twice){.id = task_id(query_uuid(&q, "id"), value), .value = value.ptr});
  }
  return query_end(&q);
}

static Err one_row(Store *store, const Sql *sql, Uuid id, bool *found)
{
  AUTO(Query, q, query_fini) = query(store, sql);
  query_bind_uuid(&q, ":id", id);
  *found = query_next(&q);
  return query_end(&q);
}

/* A client's number is a row that is named by the number, so two nodes that give it to two clients write one row: one of the clients has
 * it, and the other is in what merge put aside. */
static Err add_number(Store *store, Arena *arena, const Overwrite *o, TwiceList *list)
{
  AUTO(json_t *, lost, json_release) = NULL;
  Twice one = {.value = ""};
  bool there;
  TRY(json_parse(o->lost_json, &lost));
  Str hex = json_str(lost, "client");
  if (!uuid_parse_hex(hex, &one.client)) return ERR_OK;
  TRY(one_row(store, &REPAIR_CLIENT, one.client, &there));
  if (!there) return ERR_OK;
  one.id = task_id(o->id, hex);
  AUTO(Query, q, query_fini) = query(store, &REPAIR_IDENTIFIER);
  query_bind_uuid(&q, ":id", o->id);
  if (query_next(&q)) one.value = query_cstr(&q, arena, "value");
  TRY(query_end(&q));
  add(arena, list, one);
  return ERR_OK;
}

static Err add_numbers(Store *store, Arena *arena, TwiceList *list)
{
  Overwrite *lost;
  size_t count;
  TRY(merge_overwrites(store, arena, NUMBERS_MOST, &lost, &count));
  for (size_t i = 0; i < count; i++) {
    bool number = strcmp(lost[i].table_name, "client_identifier") == 0 && strcmp(lost[i].group, "client") == 0;
    if (number) TRY(add_number(store, arena, &lost[i], list));
  }
  return ERR_OK;
}

static Err tell(Tx *tx, const Twice *one, size_t *found)
{
  bool told;
  Uuid id;
  TRY(one_row(tx->store, &REPAIR_TOLD, one->id, &told));
  if (told) return ERR_OK;
  if (found) ++*found;
  return task_add(tx,
                  &(Task){.id = one->id,
                          .kind = "number-taken",
                          .title = "desk.task.number-taken",
                          .client = one->client,
                          .note = one->value},
                  &id);
}

Err repair_sweep(Store *store, size_t *found)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  TwiceList list = {0};
  if (found) *found = 0;
  TRY(add_rows(store, &arena, &STAFF_TWICE, &list));
  TRY(add_rows(store, &arena, &SITE_TWICE, &list));
  TRY(add_numbers(store, &arena, &list));
  if (list.count == 0) return ERR_OK;
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "repair.sweep", "", &tx));
  for (size_t i = 0; i < list.count; i++) TRY(tell(&tx, &list.items[i], found));
  return tx_commit(&tx);
}
