/* Leases of calendars, declared in calendar.h. */
#include "common/practice/calendar.h"

#include "common/practice/booking_internal.h"
#include "common/practice/practice.h"
#include "common/practice/tidy.h"

SQL(LEASE_NEWEST, "SELECT id, number, first_ruling, holder, until_at FROM calendar_lease WHERE calendar = :calendar"
                  " ORDER BY number DESC, id DESC LIMIT 1");
SQL(LEASE_LAST_RULING, "SELECT max(number) AS number FROM ruling WHERE lease = :lease");
SQL(LEASE_HELD_BY,
    "SELECT l.calendar FROM calendar_lease l WHERE l.holder = :holder AND NOT EXISTS (SELECT 1 FROM calendar_lease n"
    " WHERE n.calendar = l.calendar AND (n.number > l.number OR (n.number = l.number AND n.id > l.id)))"
    " ORDER BY l.calendar");
SQL(SITE_OFFICE, "SELECT number FROM node WHERE site = :site AND kind = 'office' AND revoked_at IS NULL"
                 " ORDER BY enrolled_at, id LIMIT 1");
SQL(SITE_CALENDARS,
    "SELECT id FROM resource WHERE site = :site UNION SELECT provider FROM provider_site WHERE site = :site"
    " AND active = 1 ORDER BY 1");

Err calendar_lease(Store *store, Uuid calendar, Lease *out)
{
  AUTO(Query, q, query_fini) = query(store, &LEASE_NEWEST);
  query_bind_uuid(&q, ":calendar", calendar);
  bool found = query_next(&q);
  if (found)
    *out = (Lease){.id = query_uuid(&q, "id"),
                   .calendar = calendar,
                   .number = query_int(&q, "number"),
                   .first_ruling = query_int(&q, "first_ruling"),
                   .holder = (NodeId)query_int(&q, "holder"),
                   .until_at = query_int(&q, "until_at")};
  TRY(query_end(&q));
  return found ? ERR_OK : ERR_NOT_FOUND;
}

bool calendar_is_here(Store *store, const Lease *lease)
{
  return lease->holder == store_node(store) && (lease->until_at == 0 || store_now(store) < lease->until_at);
}

Err ruling_last(Store *store, const Lease *lease, int64_t *out)
{
  AUTO(Query, q, query_fini) = query(store, &LEASE_LAST_RULING);
  query_bind_uuid(&q, ":lease", lease->id);
  *out = lease->first_ruling - 1;
  if (query_next(&q) && !query_is_null(&q, "number")) *out = query_int(&q, "number");
  return query_end(&q);
}

typedef struct Grant {
  Uuid calendar;
  int64_t number, first_ruling;
  NodeId holder;
  Instant until_at;
  Uuid staff;
  const char *reason;
} Grant;

static Err give(Tx *tx, Uuid id, const Grant *grant)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  return tx_insert(tx, "calendar_lease", id,
                   COLS(col_uuid("calendar", &grant->calendar), col_int("number", grant->number),
                        col_int("holder", grant->holder), col_int("first_ruling", grant->first_ruling),
                        col_int("since_at", tx_now(tx)),
                        grant->until_at ? col_int("until_at", grant->until_at) : col_null("until_at"),
                        col_int("given_by", store_node(tx->store)), col_uuid("staff", &grant->staff),
                        col_text("reason", tidy_c(&arena, grant->reason))));
}

static Err office_of(Store *store, Uuid site, NodeId *out)
{
  AUTO(Query, q, query_fini) = query(store, &SITE_OFFICE);
  query_bind_uuid(&q, ":site", site);
  if (!uuid_is_nil(site) && query_next(&q)) *out = (NodeId)query_int(&q, "number");
  return query_end(&q);
}

Err calendar_add(Tx *tx, Uuid calendar, Uuid site)
{
  Grant first = {.calendar = calendar, .number = 1, .first_ruling = 1, .holder = store_node(tx->store), .reason = ""};
  Lease there;
  Err err = calendar_lease(tx->store, calendar, &there);
  if (err != ERR_NOT_FOUND) return err;
  TRY(office_of(tx->store, site, &first.holder));
  return give(tx, uuid_from_parts(STR("calendar_lease"), calendar.bytes, sizeof calendar.bytes), &first);
}

static Err may_hold(Store *store, NodeId node)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Node row;
  TRY(node_get(store, &arena, node, &row));
  if (row.revoked_at) return err_because(ERR_REVOKED, "that node was revoked");
  if (strcmp(row.scope, "lobby") == 0) return err_because(ERR_DENIED, "a lobby tablet rules on nothing");
  return ERR_OK;
}

static Err hand_over(Tx *tx, const Lease *lease, NodeId to, Instant until_at, Uuid staff, const char *reason)
{
  int64_t last;
  TRY(ruling_last(tx->store, lease, &last));
  return give(tx, uuid_v7(store_env(tx->store)),
              &(Grant){lease->calendar, lease->number + 1, last + 1, to, until_at, staff, reason});
}

Err calendar_hand_over(Tx *tx, Uuid calendar, NodeId to, Instant until_at, Uuid staff, const char *reason)
{
  Lease lease;
  TRY(calendar_lease(tx->store, calendar, &lease));
  if (!calendar_is_here(tx->store, &lease)) return err_because(ERR_DENIED, "this node does not hold the calendar");
  TRY(may_hold(tx->store, to));
  return hand_over(tx, &lease, to, until_at, staff, reason);
}

static Err is_root(Store *store, bool *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Node own;
  Err err = node_get(store, &arena, store_node(store), &own);
  *out = err == ERR_OK && strcmp(own.kind, "root") == 0;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static Err seize(Tx *tx, Uuid calendar, NodeId to, Uuid staff, const char *reason)
{
  Lease lease;
  int64_t last;
  TRY(calendar_lease(tx->store, calendar, &lease));
  TRY(ruling_last(tx->store, &lease, &last));
  int64_t number = (lease.number / LEASE_TERM + 1) * LEASE_TERM;
  return give(tx, uuid_v7(store_env(tx->store)), &(Grant){calendar, number, last + 1, to, 0, staff, reason});
}

Err calendar_seize(Tx *tx, Uuid calendar, NodeId to, Uuid staff, const char *reason)
{
  bool root;
  TRY(is_root(tx->store, &root));
  if (!root) return err_because(ERR_DENIED, "only the root takes a calendar from a node that is lost");
  if (!reason || !*reason) return err_because(ERR_INVALID, "a reason is needed");
  TRY(may_hold(tx->store, to));
  return seize(tx, calendar, to, staff, reason);
}

typedef struct Ids {
  Uuid *items;
  size_t count, capacity;
} Ids;

static Err read_ids(Query *q, Arena *arena, const char *column, Ids *out)
{
  *out = (Ids){0};
  while (query_next(q)) {
    out->items = arena_grow_array(arena, out->items, out->count, &out->capacity, sizeof *out->items);
    out->items[out->count++] = query_uuid(q, column);
  }
  return query_end(q);
}

Err calendar_seize_all(Tx *tx, NodeId from, Uuid staff, const char *reason)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  bool root;
  TRY(is_root(tx->store, &root));
  if (!root || from == store_node(tx->store)) return ERR_OK;
  Ids calendars;
  {
    AUTO(Query, q, query_fini) = query(tx->store, &LEASE_HELD_BY);
    query_bind_int(&q, ":holder", from);
    TRY(read_ids(&q, &arena, "calendar", &calendars));
  }
  for (size_t i = 0; i < calendars.count; i++) TRY(seize(tx, calendars.items[i], store_node(tx->store), staff, reason));
  return ERR_OK;
}

Err calendar_move_in(Tx *tx, Uuid site, NodeId office)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Ids calendars;
  {
    AUTO(Query, q, query_fini) = query(tx->store, &SITE_CALENDARS);
    query_bind_uuid(&q, ":site", site);
    TRY(read_ids(&q, &arena, "id", &calendars));
  }
  for (size_t i = 0; i < calendars.count; i++) {
    Lease lease;
    Err err = calendar_lease(tx->store, calendars.items[i], &lease);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !calendar_is_here(tx->store, &lease))) continue;
    TRY(err);
    TRY(hand_over(tx, &lease, office, 0, (Uuid){{0}}, "enrolled at its site"));
  }
  return ERR_OK;
}
