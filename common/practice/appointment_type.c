/* What can be booked, declared in appointment.h. */
#include "common/practice/appointment.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(TYPE_LIST, "SELECT id, name, minutes, walk_in FROM appointment_type WHERE active = 1 ORDER BY name, id");

Err appointment_type_list(Store *store, Arena *arena, AppointmentType **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &TYPE_LIST);
  AppointmentType *found = NULL;
  size_t n = 0, capacity = 0;
  while (query_next(&q)) {
    found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
    found[n++] = (AppointmentType){.id = query_uuid(&q, "id"),
                                   .name = query_cstr(&q, arena, "name"),
                                   .minutes = (int)query_int(&q, "minutes"),
                                   .walk_in = query_int(&q, "walk_in") != 0};
  }
  TRY(query_end(&q));
  *list = found;
  *count = n;
  return ERR_OK;
}

Err appointment_type_add(Tx *tx, const AppointmentType *type, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid id = uuid_is_nil(type->id) ? uuid_v7(store_env(tx->store)) : type->id;
  TRY(tx_insert(tx, "appointment_type", id,
                COLS(col_text("name", tidy_c(&arena, type->name)), col_int("minutes", type->minutes),
                     col_bool("walk_in", type->walk_in))));
  *out = id;
  return ERR_OK;
}
