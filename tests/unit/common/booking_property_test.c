#include <stdlib.h>

#include "common/practice/appointment.h"
#include "common/practice/booking.h"
#include "common/practice/client.h"
#include "common/practice/practice.h"
#include "common/store/query.h"
#include "tests/support/bookings.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

/* Nodes book, move, cancel, double-book, hand calendars on, take them from one another, give allotments away and exchange entries, all
 * at random, with clocks that are off. After every step an independent model looks for two firm bookings at one time; in the end, all
 * must be the same everywhere, everything asked must be answered, and whoever once read "firm" must still have that time unless a
 * person decided otherwise. Each round is a seed of its own, on a day of its own. */

enum { NODES = 4, CALENDARS = 3, VISITS_MOST = 24, STEPS = 60, ROUNDS_A_WORLD = 25, ALLOTMENTS_MOST = 8 };

typedef struct Read { /* somebody has read that this demand of a visit is firm */
  Uuid visit, demand;
} Read;

typedef struct World {
  Replicas r;
  EnvFake dice;
  Uuid site, type, group, calendars[CALENDARS]; /* two providers and a room for two */
  Date day;
  char since[DATE_TEXT_LEN + 1];
  Uuid visits[VISITS_MOST], allotments[ALLOTMENTS_MOST];
  struct Promise {
    size_t node, calendar;
    WallTime start;
  } given[ALLOTMENTS_MOST];  /* to whom, of what */
  bool touched[VISITS_MOST]; /* a person moved, cancelled or displaced it */
  size_t visit_count, allotment_count;
  bool seizures, seized; /* may persons take calendars and allotments from nodes that seem lost; did they */
  Read reads[VISITS_MOST * 8];
  size_t read_count;
  uint64_t seed;
} World;

static size_t firm_seen, refused_seen, asked_seen, seized_seen, allotted_seen;

static uint32_t roll(World *w, uint32_t sides)
{
  uint32_t r;
  env_random(&w->dice.env, &r, sizeof r);
  return r % sides;
}

SQL(TEST_CERTAIN, "SELECT demand, status FROM appointment WHERE id = :id");

static Store *store_of(World *w, size_t node)
{
  return w->r.node[node].store;
}

static void begin(World *w, size_t node, Tx *tx)
{
  Err err = tx_begin(store_of(w, node), actor_system(), "test.book", "", tx);
  if (err != ERR_OK) fail_msg("round %llu: %s %s", (unsigned long long)w->seed, err_name(err), err_detail());
}

/* end: `err` is what a person may be told; then nothing has happened. */
static bool end(World *w, Tx *tx, Err err)
{
  if (err == ERR_OK) err = tx_commit(tx);
  bool fine = err == ERR_OK || err == ERR_CONFLICT || err == ERR_INVALID || err == ERR_DENIED || err == ERR_NOT_FOUND;
  if (!fine) fail_msg("round %llu: %s %s", (unsigned long long)w->seed, err_name(err), err_detail());
  tx_fini(tx);
  return err == ERR_OK;
}

static void make_practice(World *w)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Uuid id;
  Tx tx = {0};
  test_client(store_of(w, 0), 1, "Ana", "Ruiz");
  begin(w, 0, &tx);
  assert_ok(practice_add(&tx, &(PracticeNew){"Clinic", "clinic", "USD", "en", ""}, &faults, &id));
  assert_ok(site_add(&tx, &(SiteNew){.name = "Main", .prefix = "M", .zone = "America/New_York"}, &faults, &w->site));
  assert_ok(appointment_type_add(&tx, &(AppointmentType){.name = "Visit", .minutes = 30}, &w->type));
  assert_ok(appointment_type_add(&tx, &(AppointmentType){.name = "Group", .minutes = 60}, &w->group));
  assert_ok(tx_update(&tx, "appointment_type", w->group, COLS(col_int("capacity", 2))));
  for (size_t i = 0; i < 2; i++)
    assert_ok(provider_add(&tx, &(ProviderNew){.given = "P", .family = "Q", .prefix = ""}, &w->calendars[i]));
  assert_ok(resource_add(&tx, w->site, "Room", "room", &w->calendars[2]));
  assert_ok(tx_update(&tx, "resource", w->calendars[2], COLS(col_int("capacity", 2))));
  for (size_t i = 0; i < CALENDARS; i++)
    assert_ok(
        calendar_hand_over(&tx, w->calendars[i], store_node(store_of(w, 1 + i % 2)), 0, (Uuid){{0}}, "its office"));
  assert_ok(tx_commit(&tx));
  replicas_settle(&w->r);
}

/* ----------------------------------------------------------------------------------------------------------------- acts */

static WallTime some_time(World *w)
{
  return (WallTime){w->day, (int16_t)(9 * 60 + 30 * roll(w, 6))};
}

/* in_allotment: whoever has been given time often books it. */
static void in_allotment(World *w, size_t *node, AppointmentNew *visit)
{
  if (w->allotment_count == 0 || roll(w, 3)) return;
  const struct Promise *given = &w->given[roll(w, (uint32_t)w->allotment_count)];
  *node = given->node;
  visit->type = w->type;
  visit->provider = given->calendar < 2 ? w->calendars[given->calendar] : (Uuid){{0}};
  visit->resource = given->calendar < 2 ? (Uuid){{0}} : w->calendars[given->calendar];
  visit->start = wall_add_minutes(given->start, 30 * (int)roll(w, 2));
}

static void book(World *w, size_t node)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  if (w->visit_count == VISITS_MOST) return;
  uint32_t with = roll(w, 6);
  AppointmentNew visit = {.client = test_id(1),
                          .type = roll(w, 4) ? w->type : w->group,
                          .site = w->site,
                          .provider = with < 5 ? w->calendars[with % 2] : (Uuid){{0}},
                          .resource = with >= 3 ? w->calendars[2] : (Uuid){{0}},
                          .start = some_time(w),
                          .double_reason = roll(w, 15) ? NULL : "they are twins",
                          .queue = roll(w, 4) == 0};
  Uuid id;
  Tx tx = {0};
  in_allotment(w, &node, &visit);
  begin(w, node, &tx);
  if (!end(w, &tx, appointment_add(&tx, &visit, &faults, &id))) return;
  w->touched[w->visit_count] = false;
  w->visits[w->visit_count++] = id;
  asked_seen++;
}

static bool pick(World *w, size_t node, size_t *index, Appointment *out, Arena *arena)
{
  if (w->visit_count == 0) return false;
  *index = roll(w, (uint32_t)w->visit_count);
  return appointment_get(store_of(w, node), arena, w->visits[*index], out) == ERR_OK;
}

static void change(World *w, size_t node, uint32_t what)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  size_t index;
  Appointment a;
  Err err = ERR_CONFLICT;
  if (!pick(w, node, &index, &a, &arena)) return;
  AppointmentMove move = {.provider = w->calendars[roll(w, 2)],
                          .resource = roll(w, 3) ? (Uuid){{0}} : w->calendars[2],
                          .start = some_time(w),
                          .minutes = 30 * (1 + (int)roll(w, 2))};
  AppointmentStatus to = a.status == APPT_CANCELLED ? APPT_BOOKED : APPT_CANCELLED;
  Tx tx = {0};
  begin(w, node, &tx);
  switch (what) {
  case 0: err = appointment_move_to(&tx, a.id, a.status, to, (Uuid){{0}}, ""); break;
  case 1: err = appointment_reschedule(&tx, a.id, &move, (Uuid){{0}}, ""); break;
  default: err = booking_displace(&tx, a.id, (Uuid){{0}}, "an emergency"); break;
  }
  if (end(w, &tx, err)) w->touched[index] = true;
}

static void move_calendar(World *w, size_t node)
{
  Uuid calendar = w->calendars[roll(w, CALENDARS)];
  NodeId to = store_node(store_of(w, roll(w, NODES - 1)));
  bool seize = w->seizures && node == 0 && roll(w, 2);
  Tx tx = {0};
  begin(w, node, &tx);
  Err err = seize ? calendar_seize(&tx, calendar, to, (Uuid){{0}}, "the office does not answer")
                  : calendar_hand_over(&tx, calendar, to, 0, (Uuid){{0}}, "for a while");
  bool done = end(w, &tx, err);
  if (done && seize) {
    w->seized = true;
    seized_seen++;
  }
}

static size_t home_of(World *w, size_t node, Uuid calendar)
{
  Lease lease;
  size_t home = 0;
  assert_ok(calendar_lease(store_of(w, node), calendar, &lease));
  while (store_node(store_of(w, home)) != lease.holder) home++;
  return home;
}

static void grant(World *w, size_t node)
{
  struct Promise given = {roll(w, NODES), roll(w, CALENDARS), some_time(w)};
  Uuid calendar = w->calendars[given.calendar], id;
  Tx tx = {0};
  node = home_of(w, node, calendar);
  begin(w, node, &tx);
  AllotmentNew input = {.calendar = calendar,
                        .site = w->site,
                        .node = store_node(store_of(w, given.node)),
                        .start = given.start,
                        .minutes = 30 * (1 + (int)roll(w, 3)),
                        .expires_at = w->r.node[node].fake->now + roll(w, 20000)};
  if (!end(w, &tx, allotment_grant(&tx, &input, &id))) return;
  w->given[w->allotment_count] = given;
  w->allotments[w->allotment_count++] = id;
  allotted_seen++;
}

/* allot: give some time away, or an end to what was given: by whoever has it, or by a person at its home. */
static void allot(World *w, size_t node)
{
  if (w->allotment_count == 0 || (w->allotment_count < ALLOTMENTS_MOST && roll(w, 2))) {
    grant(w, node);
    return;
  }
  Uuid id = w->allotments[roll(w, (uint32_t)w->allotment_count)];
  bool revoke = w->seizures && roll(w, 3) == 0;
  Tx tx = {0};
  begin(w, node, &tx);
  if (end(w, &tx, revoke ? allotment_revoke(&tx, id, (Uuid){{0}}, "it is lost") : allotment_return(&tx, id)) && revoke)
    w->seized = true;
}

static void send(World *w)
{
  size_t from = roll(w, NODES), to = roll(w, NODES);
  if (from == to) return;
  int64_t before = w->r.cursor[from][to];
  if (roll(w, 4) == 0) w->r.cursor[from][to] = before > 5 ? before - roll(w, 5) : before; /* an answer was lost */
  Err err = replicas_send(&w->r, from, to, 1 + roll(w, 12), NULL);
  if (err == ERR_GAP)
    w->r.cursor[from][to] = before; /* something it builds on went another way */
  else
    assert_ok(err);
}

static void rule(World *w, size_t node)
{
  size_t ruled;
  assert_ok(allotment_sweep(store_of(w, node)));
  assert_ok(booking_rule(store_of(w, node), &ruled));
}

/* ------------------------------------------------------------------------------------------------------------- looking */

static void note_read(World *w, Uuid visit, Uuid demand)
{
  for (size_t i = 0; i < w->read_count; i++)
    if (uuid_eq(w->reads[i].visit, visit) && uuid_eq(w->reads[i].demand, demand)) return;
  if (w->read_count < COUNT_OF(w->reads)) w->reads[w->read_count++] = (Read){visit, demand};
}

static Uuid demand_of(Store *store, Uuid visit)
{
  AUTO(Query, q, query_fini) = query(store, &TEST_CERTAIN);
  query_bind_uuid(&q, ":id", visit);
  return query_next(&q) ? query_uuid(&q, "demand") : (Uuid){{0}};
}

static bool model_holds(const HeldBooking *list, size_t count, Uuid demand)
{
  for (size_t i = 0; i < count; i++)
    if (uuid_eq(list[i].demand, demand)) return true;
  return false;
}

/* look: what someone at this node reads now, and whether the model agrees that it is so. */
static void look(World *w, size_t node)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  HeldBooking *held;
  size_t count;
  char where[64];
  snprintf(where, sizeof where, "round %llu, node %zu", (unsigned long long)w->seed, node);
  bookings_assert_no_conflict(store_of(w, node), w->since, where);
  bookings_held(store_of(w, node), &arena, w->since, &held, &count);
  for (size_t i = 0; i < w->visit_count; i++) {
    Appointment a;
    if (appointment_get(store_of(w, node), &arena, w->visits[i], &a) != ERR_OK || a.status == APPT_CANCELLED) continue;
    Uuid demand = demand_of(store_of(w, node), a.id);
    bool firm = strcmp(a.certainty, "firm") == 0;
    if (firm && !model_holds(held, count, demand)) fail_msg("%s: firm without a ruling", where);
    if (firm) note_read(w, a.id, demand);
    if (firm) firm_seen++;
  }
}

static void step(World *w)
{
  size_t node = roll(w, NODES);
  EnvFake *fake = w->r.node[node].fake;
  if (roll(w, 3) == 0) env_fake_advance(fake, roll(w, 8000));
  uint32_t what = roll(w, 20);
  if (what < 6)
    book(w, node);
  else if (what < 9)
    change(w, node, roll(w, 5) ? roll(w, 2) : 2);
  else if (what < 10)
    move_calendar(w, node);
  else if (what < 12)
    allot(w, node);
  else if (what < 16)
    send(w);
  else
    rule(w, node);
  look(w, node);
}

/* ------------------------------------------------------------------------------------------------------------- the end */

static bool everyone_has_ruled(World *w)
{
  size_t ruled = 0, sum = 0;
  for (size_t i = 0; i < NODES; i++) {
    assert_ok(allotment_sweep(store_of(w, i)));
    assert_ok(booking_rule(store_of(w, i), &ruled));
    sum += ruled;
  }
  replicas_settle(&w->r);
  return sum == 0;
}

static bool in_queue(Store *store, Arena *arena, Uuid visit)
{
  Rebooking *list;
  size_t count;
  assert_ok(booking_queue(store, arena, (Uuid){{0}}, &list, &count));
  for (size_t i = 0; i < count; i++)
    if (uuid_eq(list[i].appointment, visit)) return true;
  return false;
}

static void assert_answered(World *w)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (size_t i = 0; i < w->visit_count; i++) {
    Appointment a;
    assert_ok(appointment_get(store_of(w, 0), &arena, w->visits[i], &a));
    if (a.status == APPT_CANCELLED) continue;
    if (strcmp(a.certainty, "provisional") == 0) fail_msg("round %llu: nobody answered", (unsigned long long)w->seed);
    bool lost = strcmp(a.certainty, "displaced") == 0;
    if (lost) refused_seen++;
    if (lost && !in_queue(store_of(w, 0), &arena, a.id))
      fail_msg("round %llu: a visit lost its time and is in no queue", (unsigned long long)w->seed);
    if (!lost && in_queue(store_of(w, 0), &arena, a.id))
      fail_msg("round %llu: a visit has a time and is in the queue", (unsigned long long)w->seed);
  }
}

static void assert_promises_kept(World *w)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (w->seized) return;
  for (size_t i = 0; i < w->read_count; i++) {
    size_t index = 0;
    while (!uuid_eq(w->visits[index], w->reads[i].visit)) index++;
    Appointment a;
    assert_ok(appointment_get(store_of(w, 0), &arena, w->reads[i].visit, &a));
    bool still = strcmp(a.certainty, "firm") == 0 && uuid_eq(demand_of(store_of(w, 0), a.id), w->reads[i].demand);
    if (!still && !w->touched[index]) fail_msg("round %llu: somebody had read firm", (unsigned long long)w->seed);
  }
}

/* What no model knows a reason against can be booked at its home: nothing is kept that nobody has. */
static void assert_nothing_leaks(World *w)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  WallTime zero = {{1970, 1, 1}, 0};
  for (size_t i = 0; i < w->allotment_count; i++) {
    for (size_t n = 0; n < NODES; n++) {
      Tx tx = {0};
      begin(w, n, &tx);
      end(w, &tx, allotment_return(&tx, w->allotments[i]));
    }
  }
  replicas_settle(&w->r);
  while (!everyone_has_ruled(w)) continue;
  for (size_t c = 0; c < 2; c++) {
    size_t home = home_of(w, 0, w->calendars[c]);
    HeldBooking *held;
    size_t count;
    bookings_held(store_of(w, home), &arena, w->since, &held, &count);
    for (int minute = 9 * 60; minute < 13 * 60; minute += 30) {
      WallTime start = {w->day, (int16_t)minute};
      int64_t from = wall_minutes_between(zero, start);
      bool busy = false;
      for (size_t i = 0; i < count; i++) {
        bool there = uuid_eq(held[i].calendar, w->calendars[c]) && held[i].lane == 0;
        busy |= there && held[i].from < from + 30 && from < held[i].until;
      }
      Faults faults = faults_make(&arena);
      Uuid id;
      Tx tx = {0};
      begin(w, home, &tx);
      Err err = appointment_add(&tx,
                                &(AppointmentNew){.client = test_id(1),
                                                  .type = w->type,
                                                  .site = w->site,
                                                  .provider = w->calendars[c],
                                                  .start = start},
                                &faults, &id);
      tx_fini(&tx);
      if (err != (busy ? ERR_INVALID : ERR_OK))
        fail_msg("round %llu: minute %d is %s and %s %s", (unsigned long long)w->seed, minute, busy ? "busy" : "free",
                 err_name(err), err_detail());
    }
  }
}

static void round_of(World *w, uint64_t seed)
{
  env_fake_init(&w->dice, 0, seed);
  w->seed = seed;
  w->day = date_from_days(date_days((Date){2026, 4, 1}) + (int32_t)(seed % ROUNDS_A_WORLD) * 2);
  date_text(w->day, w->since);
  w->visit_count = w->allotment_count = w->read_count = 0;
  w->seized = false;
  w->seizures = seed % 2;
  for (int i = 0; i < STEPS; i++) step(w);
  replicas_settle(&w->r);
  for (size_t n = 0; n < NODES; n++) look(w, n);
  while (!everyone_has_ruled(w)) continue;
  for (size_t n = 0; n < NODES; n++) look(w, n);
  assert_answered(w);
  assert_promises_kept(w);
  assert_nothing_leaks(w);
}

static void run_world(uint64_t first)
{
  World *w = calloc(1, sizeof *w);
  assert_non_null(w);
  w->r = replicas_make(NODES);
  make_practice(w);
  env_fake_init(&w->dice, 0, first);
  for (size_t i = 0; i < NODES; i++) /* a minute slow, four minutes fast */
    w->r.node[i].fake->now += (Instant)roll(w, 150000) - 60000;
  for (uint64_t seed = first; seed < first + ROUNDS_A_WORLD; seed++) round_of(w, seed);
  replicas_assert_equal(&w->r);
  replicas_fini(&w->r);
  free(w);
}

TEST(no_two_bookings_of_one_time_are_firm_in_any_interleaving_and_no_promise_is_broken)
{
  const char *worlds = getenv("FOYER_WORLDS"),
             *first = getenv("FOYER_FIRST"); /* for a longer run, or one of its worlds */
  uint64_t count = worlds ? strtoull(worlds, NULL, 10) : 3, from = first ? strtoull(first, NULL, 10) : 0;
  for (uint64_t i = from; i < from + count; i++) run_world(i * ROUNDS_A_WORLD);
  print_message("%zu asked, firm was read %zu times, %zu lost their time, %zu seizures, %zu allotments\n", asked_seen,
                firm_seen, refused_seen, seized_seen, allotted_seen);
  assert_true(firm_seen > 100 && refused_seen > 10 && seized_seen > 2 && allotted_seen > 20);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_two_bookings_of_one_time_are_firm_in_any_interleaving_and_no_promise_is_broken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
