#include "common/practice/appointment.h"
#include "common/practice/booking.h"
#include "common/practice/practice.h"
#include "common/practice/series.h"
#include "common/practice/task.h"
#include "tests/support/bookings.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

/* Three nodes: 0 the root, 1 the office that is the home of both calendars, 2 another office. */
typedef struct Clinic {
  Replicas r;
  Arena arena;
  Uuid site, visit, group, buffered, doctor, room;
} Clinic;

enum { ROOT, HOME, OTHER };
static const Date MONDAY = {2026, 3, 9};
static const Uuid NIL = {{0}};

static Store *at(Clinic *c, size_t node)
{
  return c->r.node[node].store;
}

static Clinic clinic_make(void)
{
  Clinic c = {.r = replicas_make(3), .arena = arena_make(0)};
  Faults faults = faults_make(&c.arena);
  Uuid id;
  for (unsigned i = 1; i <= 4; i++) test_client(at(&c, ROOT), i, "Ana", "Ruiz");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(at(&c, ROOT), actor_system(), "test", "", &tx));
  assert_ok(practice_add(&tx, &(PracticeNew){"Clinic", "clinic", "USD", "en", ""}, &faults, &id));
  assert_ok(site_add(&tx, &(SiteNew){.name = "Main", .prefix = "M", .zone = "America/New_York"}, &faults, &c.site));
  assert_ok(appointment_type_add(&tx, &(AppointmentType){.name = "Visit", .minutes = 30}, &c.visit));
  assert_ok(appointment_type_add(&tx, &(AppointmentType){.name = "Group", .minutes = 60}, &c.group));
  assert_ok(appointment_type_add(&tx, &(AppointmentType){.name = "Long", .minutes = 30}, &c.buffered));
  assert_ok(tx_update(&tx, "appointment_type", c.group, COLS(col_int("capacity", 2))));
  assert_ok(tx_update(&tx, "appointment_type", c.buffered, COLS(col_int("buffer_after", 15))));
  assert_ok(provider_add(&tx, &(ProviderNew){.given = "Lee", .family = "Wong", .prefix = "Dr."}, &c.doctor));
  assert_ok(resource_add(&tx, c.site, "Room 1", "room", &c.room));
  NodeId home = store_node(at(&c, HOME));
  assert_ok(calendar_hand_over(&tx, c.doctor, home, 0, NIL, "its office"));
  assert_ok(calendar_hand_over(&tx, c.room, home, 0, NIL, "its office"));
  assert_ok(tx_commit(&tx));
  replicas_settle(&c.r);
  return c;
}

static void clinic_fini(Clinic *c)
{
  arena_fini(&c->arena);
  replicas_fini(&c->r);
}

static AppointmentNew wish(Clinic *c, unsigned client, int minute)
{
  return (AppointmentNew){.client = test_id(client),
                          .type = c->visit,
                          .site = c->site,
                          .provider = c->doctor,
                          .start = {MONDAY, (int16_t)minute}};
}

static Err add(Clinic *c, size_t node, AppointmentNew visit, Uuid *out)
{
  Faults faults = faults_make(&c->arena);
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(at(c, node), actor_system(), "test.book", "", &tx));
  TRY(appointment_add(&tx, &visit, &faults, out));
  env_fake_advance(c->r.node[node].fake, 1000);
  return tx_commit(&tx);
}

static Uuid book(Clinic *c, size_t node, unsigned client, int minute)
{
  Uuid id = NIL;
  assert_ok(add(c, node, wish(c, client, minute), &id));
  return id;
}

static const char *certainty(Clinic *c, size_t node, Uuid visit)
{
  Appointment a;
  assert_ok(appointment_get(at(c, node), &c->arena, visit, &a));
  return a.certainty;
}

static WallTime start_of(Clinic *c, size_t node, Uuid visit)
{
  Appointment a;
  assert_ok(appointment_get(at(c, node), &c->arena, visit, &a));
  return a.start;
}

static void settle(Clinic *c)
{
  for (int i = 0; i < 3; i++) {
    replicas_settle(&c->r);
    for (size_t n = 0; n < 3; n++) assert_ok(booking_rule(at(c, n), NULL));
  }
  replicas_settle(&c->r);
  replicas_assert_equal(&c->r);
  bookings_assert_no_conflict(at(c, ROOT), "2026-01-01", "settled");
}

static Err move(Clinic *c, size_t node, Uuid visit, int minute)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(at(c, node), actor_system(), "test.move", "", &tx));
  AppointmentMove to = {.provider = c->doctor, .start = {MONDAY, (int16_t)minute}, .minutes = 30};
  TRY(appointment_reschedule(&tx, visit, &to, NIL, ""));
  return tx_commit(&tx);
}

static Err status(Clinic *c, size_t node, Uuid visit, AppointmentStatus from, AppointmentStatus to)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(at(c, node), actor_system(), "test.status", "", &tx));
  TRY(appointment_move_to(&tx, visit, from, to, NIL, ""));
  return tx_commit(&tx);
}

static size_t queue(Clinic *c, size_t node, Rebooking **list)
{
  size_t count;
  assert_ok(booking_queue(at(c, node), &c->arena, c->site, list, &count));
  return count;
}

TEST(at_home_a_booking_is_firm_at_once_and_a_second_one_is_told_so)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid id, first = book(&c, HOME, 1, 600);
  assert_string_equal(certainty(&c, HOME, first), "firm");
  static const struct {
    int minute, minutes;
    Err want;
  } CASES[] = {{600, 30, ERR_INVALID}, {615, 30, ERR_INVALID}, {585, 30, ERR_INVALID}, {540, 180, ERR_INVALID},
               {630, 30, ERR_OK},      {570, 30, ERR_OK},      {625, 5, ERR_INVALID}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AppointmentNew w = wish(&c, 2, CASES[i].minute);
    w.minutes = CASES[i].minutes;
    assert_err(add(&c, HOME, w, &id), CASES[i].want);
  }
}

TEST(a_double_booking_is_made_with_a_reason_and_by_nobody_else)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid id;
  book(&c, HOME, 1, 600);
  AppointmentNew w = wish(&c, 2, 600);
  assert_err(add(&c, HOME, w, &id), ERR_INVALID);
  w.double_reason = "the twins come together";
  w.double_by = test_id(77);
  assert_ok(add(&c, HOME, w, &id));
  assert_string_equal(certainty(&c, HOME, id), "firm");
  assert_err(add(&c, HOME, wish(&c, 3, 600), &id), ERR_INVALID);
}

TEST(a_group_session_takes_as_many_as_it_has_seats_and_nobody_beside_it)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid ids[2], id;
  AppointmentNew w = wish(&c, 1, 600);
  w.type = c.group;
  assert_ok(add(&c, HOME, w, &ids[0]));
  w.client = test_id(2);
  assert_ok(add(&c, HOME, w, &ids[1]));
  w.client = test_id(3);
  assert_err(add(&c, HOME, w, &id), ERR_INVALID);
  assert_err(add(&c, HOME, wish(&c, 4, 630), &id), ERR_INVALID);
  assert_ok(status(&c, HOME, ids[0], APPT_BOOKED, APPT_CANCELLED));
  assert_ok(add(&c, HOME, w, &ids[0]));
  assert_ok(status(&c, HOME, ids[0], APPT_BOOKED, APPT_CANCELLED));
  assert_ok(status(&c, HOME, ids[1], APPT_BOOKED, APPT_CANCELLED));
  assert_ok(add(&c, HOME, wish(&c, 4, 630), &id)); /* the last one has left: the time is free */
}

TEST(time_kept_free_after_a_visit_is_kept_free)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid id;
  AppointmentNew w = wish(&c, 1, 600);
  w.type = c.buffered;
  assert_ok(add(&c, HOME, w, &id));
  assert_err(add(&c, HOME, wish(&c, 2, 630), &id), ERR_INVALID);
  assert_ok(add(&c, HOME, wish(&c, 2, 645), &id));
}

TEST(elsewhere_it_is_provisional_until_home_has_ruled_and_who_asked_first_has_it)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid first = book(&c, OTHER, 1, 600);
  env_fake_advance(c.r.node[ROOT].fake, 5000);
  Uuid second = book(&c, ROOT, 2, 615);
  assert_string_equal(certainty(&c, OTHER, first), "provisional");
  assert_string_equal(certainty(&c, ROOT, second), "provisional");
  replicas_settle(&c.r);
  assert_string_equal(certainty(&c, HOME, first), "provisional");
  settle(&c);
  for (size_t n = 0; n < 3; n++) {
    assert_string_equal(certainty(&c, n, first), "firm");
    assert_string_equal(certainty(&c, n, second), "displaced");
  }
  Rebooking *list;
  assert_int_equal(queue(&c, OTHER, &list), 1);
  assert_true(uuid_eq(list[0].appointment, second));
  assert_int_equal(list[0].offer_count, 3);
  assert_int_equal(list[0].offers[0].start.minute, 630); /* the nearest after it that is free */
  assert_ok(move(&c, ROOT, second, list[0].offers[0].start.minute));
  settle(&c);
  assert_string_equal(certainty(&c, ROOT, second), "firm");
  assert_int_equal(queue(&c, OTHER, &list), 0);
}

TEST(a_visit_that_is_moved_keeps_its_time_until_the_new_one_is_firm_and_when_it_is_refused)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid id, mine = book(&c, HOME, 1, 600), taken = book(&c, HOME, 2, 660);
  replicas_settle(&c.r);
  assert_ok(move(&c, OTHER, mine, 660)); /* that node does not know better; offline it cannot */
  assert_string_equal(certainty(&c, OTHER, mine), "provisional");
  assert_err(add(&c, HOME, wish(&c, 3, 600), &id), ERR_INVALID);
  settle(&c);
  assert_string_equal(certainty(&c, OTHER, mine), "firm");
  assert_int_equal(start_of(&c, OTHER, mine).minute, 600);
  assert_string_equal(certainty(&c, OTHER, taken), "firm");
  Task *tasks;
  size_t count;
  assert_ok(task_open_list(at(&c, OTHER), &c.arena, c.site, &tasks, &count));
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "move-refused");
  assert_ok(move(&c, OTHER, mine, 720));
  settle(&c);
  assert_int_equal(start_of(&c, HOME, mine).minute, 720);
  assert_ok(add(&c, HOME, wish(&c, 3, 600), &id)); /* the old time is free now */
}

TEST(a_cancelled_time_is_free_and_who_comes_back_asks_again)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid mine = book(&c, HOME, 1, 600);
  replicas_settle(&c.r);
  assert_ok(status(&c, OTHER, mine, APPT_BOOKED, APPT_CANCELLED));
  settle(&c);
  Uuid other = book(&c, HOME, 2, 600);
  assert_err(status(&c, HOME, mine, APPT_CANCELLED, APPT_BOOKED), ERR_CONFLICT);
  assert_ok(status(&c, HOME, other, APPT_BOOKED, APPT_CANCELLED));
  assert_ok(status(&c, HOME, mine, APPT_CANCELLED, APPT_BOOKED));
  assert_string_equal(certainty(&c, HOME, mine), "firm");
}

TEST(rulings_under_an_older_lease_are_void_wherever_they_meet_the_newer_one)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid known = book(&c, HOME, 1, 540);
  replicas_settle(&c.r);
  Uuid late = book(&c, HOME, 2, 600); /* the office is cut off from here on */
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(at(&c, OTHER), actor_system(), "test", "", &tx));
    assert_err(calendar_seize(&tx, c.doctor, store_node(at(&c, OTHER)), NIL, "the office is flooded"), ERR_DENIED);
  }
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(at(&c, ROOT), actor_system(), "test", "", &tx));
    assert_err(calendar_seize(&tx, c.doctor, store_node(at(&c, ROOT)), NIL, ""), ERR_INVALID);
    assert_err(calendar_hand_over(&tx, c.doctor, store_node(at(&c, ROOT)), 0, NIL, ""), ERR_DENIED);
    assert_ok(calendar_seize(&tx, c.doctor, store_node(at(&c, ROOT)), NIL, "the office is flooded"));
    assert_ok(tx_commit(&tx));
  }
  Uuid id, now = book(&c, ROOT, 3, 600);
  assert_string_equal(certainty(&c, ROOT, now), "firm");
  assert_err(add(&c, ROOT, wish(&c, 4, 540), &id), ERR_INVALID); /* what the root knew stands */
  assert_string_equal(certainty(&c, HOME, late), "firm");
  settle(&c);
  for (size_t n = 0; n < 3; n++) {
    assert_string_equal(certainty(&c, n, known), "firm");
    assert_string_equal(certainty(&c, n, now), "firm");
    assert_string_equal(certainty(&c, n, late), "displaced");
  }
  Uuid after = book(&c, HOME, 1, 700);
  assert_string_equal(certainty(&c, HOME, after), "provisional"); /* it knows that it rules no more */
}

static Uuid grant(Clinic *c, int minute, int minutes, Instant expires_at)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(at(c, HOME), actor_system(), "test.allot", "", &tx));
  AllotmentNew input = {c->doctor, c->site, store_node(at(c, ROOT)), {MONDAY, (int16_t)minute}, minutes, expires_at};
  assert_ok(allotment_grant(&tx, &input, &id));
  assert_ok(tx_commit(&tx));
  return id;
}

TEST(time_that_home_gave_away_is_booked_firmly_while_home_is_offline_and_by_nobody_else)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid id, allotment = grant(&c, 600, 60, INT64_MAX >> 17);
  assert_err(add(&c, HOME, wish(&c, 1, 615), &id), ERR_INVALID);
  replicas_settle(&c.r);
  Uuid firm = book(&c, ROOT, 2, 600), outside = book(&c, ROOT, 3, 660), elsewhere = book(&c, OTHER, 4, 600);
  assert_string_equal(certainty(&c, ROOT, firm), "firm");
  assert_string_equal(certainty(&c, ROOT, outside), "provisional");
  assert_string_equal(certainty(&c, OTHER, elsewhere), "provisional");
  settle(&c);
  assert_string_equal(certainty(&c, HOME, firm), "firm");
  assert_string_equal(certainty(&c, HOME, elsewhere), "displaced");
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(at(&c, ROOT), actor_system(), "test.return", "", &tx));
    assert_ok(allotment_return(&tx, allotment));
    assert_ok(tx_commit(&tx));
  }
  settle(&c);
  assert_err(add(&c, HOME, wish(&c, 1, 600), &id), ERR_INVALID); /* what was booked in it stays */
  assert_ok(add(&c, HOME, wish(&c, 1, 630), &id));               /* the rest is home's again */
}

TEST(an_allotment_ends_by_the_clock_of_who_has_it_and_not_by_that_of_home)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Instant end = c.r.node[ROOT].fake->now + 3600000;
  Uuid id;
  grant(&c, 600, 60, end);
  replicas_settle(&c.r);
  Uuid promised = book(&c, ROOT, 1, 600); /* and the line is cut */
  c.r.node[HOME].fake->now = end + 250000;
  assert_ok(allotment_sweep(at(&c, HOME)));
  assert_err(add(&c, HOME, wish(&c, 2, 600), &id), ERR_INVALID);
  assert_err(add(&c, HOME, wish(&c, 2, 630), &id), ERR_INVALID);
  c.r.node[ROOT].fake->now = c.r.node[OTHER].fake->now = end + 250000;
  Uuid late = book(&c, ROOT, 3, 630);
  assert_string_equal(certainty(&c, ROOT, late), "provisional"); /* it is over there, too */
  replicas_settle(&c.r);
  assert_ok(allotment_sweep(at(&c, HOME)));
  settle(&c);
  assert_string_equal(certainty(&c, HOME, promised), "firm");
  assert_string_equal(certainty(&c, HOME, late), "firm");
}

TEST(a_person_may_take_a_firm_time_away_and_the_visit_waits_with_its_place)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  Uuid mine = book(&c, HOME, 1, 600);
  Rebooking *list;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(at(&c, HOME), actor_system(), "test", "", &tx));
  assert_err(booking_displace(&tx, mine, NIL, ""), ERR_INVALID);
  assert_ok(booking_displace(&tx, mine, NIL, "an emergency"));
  assert_ok(tx_commit(&tx));
  assert_string_equal(certainty(&c, HOME, mine), "displaced");
  assert_int_equal(queue(&c, HOME, &list), 1);
  Uuid other = book(&c, HOME, 2, 600);
  assert_string_equal(certainty(&c, HOME, other), "firm");
}

TEST(an_occurrence_of_a_series_that_has_no_time_waits_alone_and_one_that_is_moved_moves_alone)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  AppointmentNew blocker = wish(&c, 2, 600);
  Uuid id, series;
  size_t lost, count;
  blocker.start.date = (Date){2026, 3, 23};
  assert_ok(add(&c, HOME, blocker, &id));
  {
    Faults faults = faults_make(&c.arena);
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(at(&c, HOME), actor_system(), "test", "", &tx));
    SeriesNew input = {.client = test_id(1),
                       .type = c.visit,
                       .site = c.site,
                       .provider = c.doctor,
                       .first = {MONDAY, 600},
                       .every_days = 7,
                       .count = 5};
    assert_ok(series_add(&tx, &input, &faults, &series, &lost));
    assert_ok(tx_commit(&tx));
  }
  Appointment *list;
  assert_int_equal(lost, 1);
  assert_ok(series_list(at(&c, HOME), &c.arena, series, &list, &count));
  assert_int_equal(count, 5);
  for (size_t i = 0; i < 5; i++) assert_string_equal(list[i].certainty, i == 2 ? "displaced" : "firm");
  assert_ok(move(&c, HOME, list[1].id, 720));
  assert_ok(series_list(at(&c, HOME), &c.arena, series, &list, &count));
  for (size_t i = 0; i < 5; i++) assert_int_equal(list[i].start.minute, i == 1 ? 720 : 600);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(at(&c, HOME), actor_system(), "test", "", &tx));
  assert_ok(series_end(&tx, series, (Date){2026, 3, 20}, NIL, "moved away", &count));
  assert_ok(tx_commit(&tx));
  assert_int_equal(count, 3);
}

TEST(an_office_gets_the_calendars_of_its_site_when_it_is_enrolled_and_loses_them_when_it_is_revoked)
{
  AUTO(Clinic, c, clinic_fini) = clinic_make();
  AUTO(TestStore, office, test_store_fini) = test_store_seeded(900);
  Faults faults = faults_make(&c.arena);
  Uuid doctor, room;
  Lease lease;
  NodeNew node = {.name = "Front desk", .kind = "office", .scope = "site", .site = c.site};
  memcpy(node.public_key, store_key(office.store)->public_key, SIGN_PUBLIC_SIZE);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(at(&c, ROOT), actor_system(), "test", "", &tx));
  assert_ok(provider_add(&tx, &(ProviderNew){.given = "Zoe", .family = "Amar", .prefix = "", .site = c.site}, &doctor));
  assert_ok(resource_add(&tx, c.site, "Room 2", "room", &room));
  assert_ok(node_add(&tx, &node, &faults));
  assert_ok(calendar_lease(at(&c, ROOT), doctor, &lease));
  assert_int_equal(lease.holder, store_node(office.store));
  assert_ok(calendar_lease(at(&c, ROOT), room, &lease));
  assert_int_equal(lease.holder, store_node(office.store));
  assert_ok(calendar_lease(at(&c, ROOT), c.doctor, &lease));
  assert_int_equal(lease.holder, store_node(at(&c, HOME))); /* it was not the root's to give */
  assert_ok(provider_add(&tx, &(ProviderNew){.given = "Al", .family = "Berg", .prefix = "", .site = c.site}, &doctor));
  assert_ok(calendar_lease(at(&c, ROOT), doctor, &lease));
  assert_int_equal(lease.holder, store_node(office.store)); /* a new one is the office's from the start */
  assert_ok(node_revoke(&tx, store_node(office.store)));
  assert_ok(calendar_lease(at(&c, ROOT), doctor, &lease));
  assert_int_equal(lease.holder, store_node(at(&c, ROOT)));
  assert_int_equal(lease.number, LEASE_TERM);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_home_a_booking_is_firm_at_once_and_a_second_one_is_told_so),
      cmocka_unit_test(a_double_booking_is_made_with_a_reason_and_by_nobody_else),
      cmocka_unit_test(a_group_session_takes_as_many_as_it_has_seats_and_nobody_beside_it),
      cmocka_unit_test(time_kept_free_after_a_visit_is_kept_free),
      cmocka_unit_test(elsewhere_it_is_provisional_until_home_has_ruled_and_who_asked_first_has_it),
      cmocka_unit_test(a_visit_that_is_moved_keeps_its_time_until_the_new_one_is_firm_and_when_it_is_refused),
      cmocka_unit_test(a_cancelled_time_is_free_and_who_comes_back_asks_again),
      cmocka_unit_test(rulings_under_an_older_lease_are_void_wherever_they_meet_the_newer_one),
      cmocka_unit_test(time_that_home_gave_away_is_booked_firmly_while_home_is_offline_and_by_nobody_else),
      cmocka_unit_test(an_allotment_ends_by_the_clock_of_who_has_it_and_not_by_that_of_home),
      cmocka_unit_test(a_person_may_take_a_firm_time_away_and_the_visit_waits_with_its_place),
      cmocka_unit_test(an_occurrence_of_a_series_that_has_no_time_waits_alone_and_one_that_is_moved_moves_alone),
      cmocka_unit_test(an_office_gets_the_calendars_of_its_site_when_it_is_enrolled_and_loses_them_when_it_is_revoked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
