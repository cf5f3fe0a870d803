#include "tests/support/bookings.h"

#include <stdlib.h>

#include "common/store/internal.h"
#include "tests/support/unit.h"

typedef struct ModelLease {
  Uuid id, calendar;
  int64_t number, first;
} ModelLease;

typedef struct ModelRuling {
  Uuid calendar, lease, booking, allotment;
  int64_t fence, number, part, lane, seat;
  char decision[12];
  bool stands;
} ModelRuling;

typedef struct Model {
  Arena *arena;
  ModelLease *leases;
  ModelRuling *rulings;
  HeldBooking *bookings;
  size_t lease_count, ruling_count, booking_count;
} Model;

static Uuid uuid_at(sqlite3_stmt *stmt, int column)
{
  Uuid id = {{0}};
  if (sqlite3_column_bytes(stmt, column) == sizeof id.bytes)
    memcpy(id.bytes, sqlite3_column_blob(stmt, column), sizeof id.bytes);
  return id;
}

static sqlite3_stmt *prepare(Store *store, const char *sql, const char *since)
{
  sqlite3_stmt *stmt;
  assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), SQLITE_OK);
  sqlite3_bind_text(stmt, 1, since, -1, SQLITE_STATIC);
  return stmt;
}

static void read_leases(Store *store, Model *m)
{
  size_t capacity = 0;
  sqlite3_stmt *stmt =
      prepare(store, "SELECT id, calendar, number, first_ruling FROM calendar_lease ORDER BY number, id", NULL);
  while (sqlite3_step(stmt) == SQLITE_ROW) {
    m->leases = arena_grow_array(m->arena, m->leases, m->lease_count, &capacity, sizeof *m->leases);
    m->leases[m->lease_count++] =
        (ModelLease){uuid_at(stmt, 0), uuid_at(stmt, 1), sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3)};
  }
  sqlite3_finalize(stmt);
}

static void read_rulings(Store *store, Model *m, const char *since)
{
  size_t capacity = 0;
  sqlite3_stmt *stmt = prepare(store,
                               "SELECT r.calendar, r.lease, r.booking, r.allotment, r.fence, r.number, r.part, r.lane,"
                               " r.seat, r.decision FROM ruling r LEFT JOIN booking b ON b.id = r.booking"
                               " WHERE r.booking IS NULL OR b.start_wall >= ?",
                               since);
  while (sqlite3_step(stmt) == SQLITE_ROW) {
    m->rulings = arena_grow_array(m->arena, m->rulings, m->ruling_count, &capacity, sizeof *m->rulings);
    ModelRuling *r = &m->rulings[m->ruling_count++];
    *r = (ModelRuling){.calendar = uuid_at(stmt, 0),
                       .lease = uuid_at(stmt, 1),
                       .booking = uuid_at(stmt, 2),
                       .allotment = uuid_at(stmt, 3),
                       .fence = sqlite3_column_int64(stmt, 4),
                       .number = sqlite3_column_int64(stmt, 5),
                       .part = sqlite3_column_int64(stmt, 6),
                       .lane = sqlite3_column_int64(stmt, 7),
                       .seat = sqlite3_column_int64(stmt, 8)};
    snprintf(r->decision, sizeof r->decision, "%s", sqlite3_column_text(stmt, 9));
  }
  sqlite3_finalize(stmt);
}

static int64_t minutes_of(const char *wall, int64_t more)
{
  WallTime at, zero = {{1970, 1, 1}, 0};
  assert_true(wall_parse(str_c(wall), &at));
  return wall_minutes_between(zero, at) + more;
}

static void read_bookings(Store *store, Model *m, const char *since)
{
  size_t capacity = 0;
  sqlite3_stmt *stmt =
      prepare(store,
              "SELECT b.id, b.demand, b.appointment, b.calendar, b.session, b.start_wall, b.minutes, b.before_minutes,"
              " b.after_minutes, b.seats, b.double_reason, coalesce(r.capacity, 1) FROM booking b LEFT JOIN resource r"
              " ON r.id = b.calendar WHERE b.start_wall >= ? ORDER BY b.calendar, b.start_wall",
              since);
  while (sqlite3_step(stmt) == SQLITE_ROW) {
    m->bookings = arena_grow_array(m->arena, m->bookings, m->booking_count, &capacity, sizeof *m->bookings);
    const char *wall = (const char *)sqlite3_column_text(stmt, 5);
    m->bookings[m->booking_count++] =
        (HeldBooking){.booking = uuid_at(stmt, 0),
                      .demand = uuid_at(stmt, 1),
                      .appointment = uuid_at(stmt, 2),
                      .calendar = uuid_at(stmt, 3),
                      .session = uuid_at(stmt, 4),
                      .from = minutes_of(wall, -sqlite3_column_int64(stmt, 7)),
                      .until = minutes_of(wall, sqlite3_column_int64(stmt, 6) + sqlite3_column_int64(stmt, 8)),
                      .seats = sqlite3_column_int64(stmt, 9),
                      .may_double = *sqlite3_column_text(stmt, 10) != 0,
                      .capacity = sqlite3_column_int64(stmt, 11)};
  }
  sqlite3_finalize(stmt);
}

/* by_lease: walking up from the ruling's own lease, no later one began before it. */
static bool by_lease(const Model *m, const ModelRuling *r)
{
  bool after = false;
  for (size_t i = 0; i < m->lease_count; i++) {
    const ModelLease *l = &m->leases[i];
    if (!uuid_eq(l->calendar, r->calendar)) continue;
    if (uuid_eq(l->id, r->lease)) {
      after = true;
    } else if (after) {
      if (l->number == r->fence || r->number >= l->first) return false;
    }
  }
  return after;
}

static bool by_allotment(const Model *m, const ModelRuling *r)
{
  if (r->part == 0 || uuid_is_nil(r->booking)) return true;
  for (size_t i = 0; i < m->ruling_count; i++) {
    const ModelRuling *end = &m->rulings[i];
    if (uuid_eq(end->allotment, r->allotment) && strcmp(end->decision, "closed") == 0 && end->part < r->part &&
        by_lease(m, end))
      return false;
  }
  return true;
}

static bool is_held(const Model *m, HeldBooking *b)
{
  bool firm = false;
  for (size_t i = 0; i < m->ruling_count; i++) {
    const ModelRuling *r = &m->rulings[i];
    if (!r->stands || !uuid_eq(r->booking, b->booking)) continue;
    if (strcmp(r->decision, "released") == 0) return false;
    if (strcmp(r->decision, "firm") != 0) continue;
    firm = true;
    b->lane = r->lane;
    b->seat = r->seat;
  }
  return firm;
}

/* A session that was once meant to stand beside another one does so with everybody who joins it. */
static void share_doubles(Model *m)
{
  for (size_t i = 0; i < m->booking_count; i++) {
    HeldBooking *a = &m->bookings[i];
    a->lane_may_double = a->may_double;
    for (size_t j = 0; j < m->booking_count && !uuid_is_nil(a->session); j++)
      a->lane_may_double |= uuid_eq(a->session, m->bookings[j].session) && m->bookings[j].may_double;
  }
}

void bookings_held(Store *store, Arena *arena, const char *since, HeldBooking **list, size_t *count)
{
  Model m = {.arena = arena};
  read_leases(store, &m);
  read_rulings(store, &m, since);
  read_bookings(store, &m, since);
  share_doubles(&m);
  for (size_t i = 0; i < m.ruling_count; i++)
    m.rulings[i].stands = by_lease(&m, &m.rulings[i]) && by_allotment(&m, &m.rulings[i]);
  *list = ARENA_ARRAY(arena, HeldBooking, m.booking_count + 1);
  *count = 0;
  for (size_t i = 0; i < m.booking_count; i++)
    if (is_held(&m, &m.bookings[i])) (*list)[(*count)++] = m.bookings[i];
}

static bool overlap(const HeldBooking *a, const HeldBooking *b)
{
  return uuid_eq(a->calendar, b->calendar) && a->from < b->until && b->from < a->until;
}

static void print_booking(const HeldBooking *b)
{
  char visit[UUID_TEXT_LEN + 1];
  uuid_text(b->appointment, visit);
  print_error("  visit %s at %lld..%lld lane %lld seat %lld\n", visit, (long long)b->from, (long long)b->until,
              (long long)b->lane, (long long)b->seat);
}

void bookings_assert_no_conflict(Store *store, const char *since, const char *where)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  HeldBooking *list;
  size_t count;
  bookings_held(store, &arena, since, &list, &count);
  for (size_t i = 0; i < count; i++) {
    const HeldBooking *a = &list[i];
    if (a->lane >= a->capacity && !a->lane_may_double) fail_msg("%s: nobody meant a double booking", where);
    for (size_t j = i + 1; j < count; j++) {
      const HeldBooking *b = &list[j];
      if (!overlap(a, b) || a->lane != b->lane || uuid_eq(a->appointment, b->appointment)) continue;
      bool together = !uuid_is_nil(a->session) && uuid_eq(a->session, b->session) && a->seat != b->seat;
      if (together) continue;
      print_booking(a);
      print_booking(b);
      fail_msg("%s: two firm bookings at one time", where);
    }
    if (!uuid_is_nil(a->session) && a->seat >= a->seats && !a->may_double)
      fail_msg("%s: more than there are seats", where);
  }
}
