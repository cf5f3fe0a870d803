/* booking_rule: reading on in the journal and ruling on what it brings; declared in booking.h. */
#include <stdlib.h>

#include "common/practice/booking_internal.h"
#include "common/practice/practice.h"
#include "common/store/journal.h"

enum { STEP_BYTES = 4 << 20, STEP_ENTRIES = 2000 };

/* 1 more than the journal's pos up to which it was read; 0: never. */
#define SETTING_POS "booking.pos"

SQL(RULE_BOOKING_VISIT, "SELECT appointment FROM booking WHERE id = :id");
SQL(RULE_CALENDAR, "SELECT DISTINCT appointment FROM booking WHERE calendar = :calendar ORDER BY 1");
SQL(RULE_HOMELESS, "SELECT id, NULL AS site FROM provider p WHERE NOT EXISTS (SELECT 1 FROM calendar_lease l"
                   " WHERE l.calendar = p.id) UNION ALL SELECT id, site FROM resource r WHERE NOT EXISTS (SELECT 1"
                   " FROM calendar_lease l WHERE l.calendar = r.id)");
SQL(RULE_SITE_OF, "SELECT site FROM provider_site WHERE provider = :provider AND active = 1 ORDER BY site LIMIT 1");
SQL(RULE_OWN_KIND, "SELECT kind FROM node WHERE id = :id");
SQL(RULE_ASKED, "SELECT max(b.v) AS asked FROM booking b JOIN appointment a ON a.demand = b.demand WHERE a.id = :id");

typedef struct News {
  Arena arena;
  Uuid *visits, *calendars;
  size_t visit_count, visit_capacity, calendar_count, calendar_capacity;
  bool rows; /* a provider or a room is new */
} News;

static void news_fini(News *news)
{
  arena_fini(&news->arena);
}

static int by_bytes(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(Uuid));
}

static void add(News *news, Uuid **list, size_t *count, size_t *capacity, Uuid id)
{
  if (uuid_is_nil(id) || (*count > 0 && uuid_eq((*list)[*count - 1], id))) return;
  *list = arena_grow_array(&news->arena, *list, *count, capacity, sizeof **list);
  (*list)[(*count)++] = id;
}

static void add_visit(News *news, Uuid id)
{
  add(news, &news->visits, &news->visit_count, &news->visit_capacity, id);
}

/* value_of: bytes are there for texts and blobs alone. */
static Str value_of(const JournalChange *change, const char *name, ColKind kind)
{
  for (size_t i = 0; i < change->column_count; i++) {
    const JournalColumn *column = &change->columns[i];
    if (column->name && strcmp(column->name, name) == 0 && column->new_value.kind == kind)
      return column->new_value.bytes;
  }
  return STR("");
}

static Uuid uuid_of(const JournalChange *change, const char *name)
{
  Uuid id = {{0}};
  Str bytes = value_of(change, name, COL_BLOB);
  if (bytes.len == sizeof id.bytes) memcpy(id.bytes, bytes.ptr, sizeof id.bytes);
  return id;
}

static bool says(const JournalChange *change, const char *name, const char *text)
{
  return str_eq_c(value_of(change, name, COL_TEXT), text);
}

static bool touches(const JournalChange *change, const char *name)
{
  for (size_t i = 0; i < change->column_count; i++)
    if (change->columns[i].name && strcmp(change->columns[i].name, name) == 0) return true;
  return false;
}

static Err visit_of(Store *store, Uuid booking, Uuid *out)
{
  *out = (Uuid){{0}};
  AUTO(Query, q, query_fini) = query(store, &RULE_BOOKING_VISIT);
  query_bind_uuid(&q, ":id", booking);
  if (query_next(&q)) *out = query_uuid(&q, "appointment");
  return query_end(&q);
}

static Err take_change(Store *store, News *news, const JournalChange *change)
{
  const char *table = change->table_name ? change->table_name : "";
  Uuid visit;
  if (strcmp(table, "booking") == 0) add_visit(news, uuid_of(change, "appointment"));
  if (strcmp(table, "appointment") == 0 && (touches(change, "demand") || touches(change, "status")))
    add_visit(news, change->id);
  if (strcmp(table, "task") == 0 && says(change, "kind", "rebook")) add_visit(news, uuid_of(change, "appointment"));
  if (strcmp(table, "provider") == 0 || strcmp(table, "resource") == 0) news->rows = true;
  bool ruling = strcmp(table, "ruling") == 0;
  if (ruling) {
    TRY(visit_of(store, uuid_of(change, "booking"), &visit));
    add_visit(news, visit);
  }
  if ((ruling && says(change, "decision", "closed")) || strcmp(table, "calendar_lease") == 0)
    add(news, &news->calendars, &news->calendar_count, &news->calendar_capacity, uuid_of(change, "calendar"));
  return ERR_OK;
}

static Err collect(Store *store, News *news, const JournalEntry *entry)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalTx tx;
  TRY(journal_decode(&arena, entry, &tx));
  for (size_t i = 0; i < tx.change_count; i++) TRY(take_change(store, news, &tx.changes[i]));
  return ERR_OK;
}

/* A calendar that has become this node's, or of which an allotment was closed: all that was ever asked of it. */
static Err take_calendars(Store *store, News *news)
{
  for (size_t i = 0; i < news->calendar_count; i++) {
    Right right;
    bool home;
    TRY(right_home(store, news->calendars[i], &right, &home));
    TRY(slot_forget(store, news->calendars[i]));
    if (!home) continue;
    AUTO(Query, q, query_fini) = query(store, &RULE_CALENDAR);
    query_bind_uuid(&q, ":calendar", news->calendars[i]);
    while (query_next(&q)) add_visit(news, query_uuid(&q, "appointment"));
    TRY(query_end(&q));
  }
  return ERR_OK;
}

/* ---------------------------------------------------------------------------------------------------------------- ruling */

typedef struct Asked {
  Uuid visit;
  uint8_t when[12]; /* HLC and node of its newest booking, as `v` has them */
} Asked;

static int in_order(const void *a, const void *b)
{
  const Asked *x = a, *y = b;
  int order = memcmp(x->when, y->when, sizeof x->when);
  return order ? order : memcmp(x->visit.bytes, y->visit.bytes, sizeof x->visit.bytes);
}

static Err asked_when(Store *store, Asked *asked)
{
  AUTO(Query, q, query_fini) = query(store, &RULE_ASKED);
  query_bind_uuid(&q, ":id", asked->visit);
  if (query_next(&q)) {
    Str v = query_str(&q, "asked");
    if (v.len >= sizeof asked->when) memcpy(asked->when, v.ptr, sizeof asked->when);
  }
  return query_end(&q);
}

static Err settle(Store *store, Uuid visit, size_t *ruled)
{
  int64_t before = store_head(store);
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "booking.rule", "", &tx));
  TRY(booking_settle(&tx, visit));
  TRY(tx_commit(&tx));
  if (store_head(store) > before && ruled) ++*ruled;
  return ERR_OK;
}

static Err rule(Store *store, News *news, size_t *ruled)
{
  if (news->visit_count == 0) return ERR_OK;
  qsort(news->visits, news->visit_count, sizeof *news->visits, by_bytes);
  Asked *asked = ARENA_ARRAY(&news->arena, Asked, news->visit_count);
  size_t n = 0;
  for (size_t i = 0; i < news->visit_count; i++) {
    if (i > 0 && uuid_eq(news->visits[i], news->visits[i - 1])) continue;
    asked[n] = (Asked){.visit = news->visits[i]};
    TRY(asked_when(store, &asked[n++]));
  }
  qsort(asked, n, sizeof *asked, in_order);
  for (size_t i = 0; i < n; i++) TRY(settle(store, asked[i].visit, ruled));
  return ERR_OK;
}

/* A provider or room that was made by a program which gives no leases: the root does, and nobody else, so that there is one. */
static Err house(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  struct Row {
    Uuid id, site;
  } *rows = NULL;
  size_t count = 0, capacity = 0;
  bool root;
  {
    AUTO(Query, q, query_fini) = query(store, &RULE_OWN_KIND);
    query_bind_uuid(&q, ":id", node_row_id(store_node(store)));
    root = query_next(&q) && str_eq_c(query_str(&q, "kind"), "root");
    TRY(query_end(&q));
  }
  if (!root) return ERR_OK;
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "calendar.add", "", &tx));
  {
    AUTO(Query, q, query_fini) = query(store, &RULE_HOMELESS);
    while (query_next(&q)) {
      rows = arena_grow_array(&arena, rows, count, &capacity, sizeof *rows);
      rows[count++] = (struct Row){query_uuid(&q, "id"), query_uuid(&q, "site")};
    }
    TRY(query_end(&q));
  }
  for (size_t i = 0; i < count; i++) {
    if (uuid_is_nil(rows[i].site)) {
      AUTO(Query, q, query_fini) = query(store, &RULE_SITE_OF);
      query_bind_uuid(&q, ":provider", rows[i].id);
      if (query_next(&q)) rows[i].site = query_uuid(&q, "site");
      TRY(query_end(&q));
    }
    TRY(calendar_add(&tx, rows[i].id, rows[i].site));
  }
  return tx_commit(&tx);
}

static Err step(Store *store, int64_t pos, int64_t *next, size_t *ruled)
{
  AUTO(News, news, news_fini) = {.arena = arena_make(0)};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalEntry *entries;
  size_t count;
  TRY(journal_read(store, &arena, pos, STEP_ENTRIES, STEP_BYTES, &entries, &count));
  for (size_t i = 0; i < count; i++) TRY(collect(store, &news, &entries[i]));
  if (news.rows) TRY(house(store));
  TRY(take_calendars(store, &news));
  TRY(rule(store, &news, ruled));
  *next = count ? entries[count - 1].pos : pos;
  return ERR_OK;
}

/* What is cut off in the middle is read again: a ruling that stands is not made twice. */
Err booking_rule(Store *store, size_t *ruled)
{
  if (ruled) *ruled = 0;
  for (;;) {
    int64_t head = store_head(store), from = local_get_int(store, SETTING_POS, 0) - 1, next;
    if (from < 0 || from > head) from = 0; /* never read, or the journal is another one */
    if (from == head) return ERR_OK;
    TRY(step(store, from, &next, ruled));
    TRY(local_set_int(store, SETTING_POS, next + 1));
  }
}
