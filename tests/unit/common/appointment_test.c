#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/practice/appointment.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

enum { MINUTE = 60 * 1000 };
static const Date TODAY = {2026, 3, 2};

SQL(EVENTS, "SELECT kind, staff FROM appointment_event WHERE appointment = :id ORDER BY at, id");

static Err move(TestPractice *p, Uuid visit, AppointmentStatus from, AppointmentStatus to)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(p->t.store, actor_system(), "test.move", "", &tx));
  TRY(appointment_move_to(&tx, visit, from, to, test_id(77), ""));
  return tx_commit(&tx);
}

static Appointment get(TestPractice *p, Uuid visit)
{
  Appointment a;
  assert_ok(appointment_get(p->t.store, &p->arena, visit, &a));
  return a;
}

static Uuid provider(TestPractice *p, const char *given, const char *family)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test", "", &tx));
  assert_ok(
      provider_add(&tx, &(ProviderNew){.given = given, .family = family, .prefix = "Dr.", .site = p->site.id}, &id));
  assert_ok(tx_commit(&tx));
  return id;
}

static Uuid room(TestPractice *p, Uuid site, const char *name)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test", "", &tx));
  assert_ok(resource_add(&tx, site, name, "room", &id));
  assert_ok(tx_commit(&tx));
  return id;
}

static Uuid visit_with(TestPractice *p, unsigned client, Uuid doctor, Date day, int minute)
{
  Faults faults = faults_make(&p->arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test", "", &tx));
  assert_ok(appointment_add(&tx,
                            &(AppointmentNew){.client = test_id(client),
                                              .type = p->visit_type,
                                              .site = p->site.id,
                                              .provider = doctor,
                                              .double_reason = "they wait for the same provider",
                                              .start = {day, (int16_t)minute}},
                            &faults, &id));
  assert_ok(tx_commit(&tx));
  return id;
}

TEST(status_names_are_read_back)
{
  for (AppointmentStatus s = APPT_BOOKED; s <= APPT_CANCELLED; s++) {
    AppointmentStatus back;
    assert_true(appointment_status_parse(str_c(appointment_status_name(s)), &back));
    assert_int_equal(back, s);
  }
  assert_false(appointment_status_parse(STR("late"), &(AppointmentStatus){0}));
}

TEST(a_visit_is_shown_with_the_names_that_belong_to_it)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid doctor = provider(&p, "Lee", "Wong");
  Uuid id = visit_with(&p, 1, doctor, TODAY, 630);
  Appointment a = get(&p, id);
  assert_string_equal(a.client_name, "Ana Ruiz");
  assert_string_equal(a.provider_name, "Dr. Lee Wong");
  assert_string_equal(a.type_name, "Visit");
  assert_string_equal(a.resource_name, "");
  assert_string_equal(a.certainty, "firm");
  assert_int_equal(a.status, APPT_BOOKED);
  assert_int_equal(a.minutes, 30);
  assert_int_equal(a.start.minute, 630);
}

TEST(mistakes_in_a_booking_are_told)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  AppointmentNew right = {.client = test_id(1), .type = p.visit_type, .site = p.site.id, .start = {TODAY, 600}};
  AppointmentNew cases[6];
  static const char *const fields[] = {"client", "site", "type", "start", "start", "minutes"};
  for (size_t i = 0; i < COUNT_OF(cases); i++) cases[i] = right;
  cases[0].client = cases[1].site = cases[2].type = (Uuid){{0}};
  cases[3].start.minute = 1440;
  cases[4].start.date = (Date){2026, 2, 29};
  cases[5].minutes = -5;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    Faults faults = faults_make(&p.arena);
    Uuid id;
    assert_err(appointment_add(&tx, &cases[i], &faults, &id), ERR_INVALID);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, fields[i]);
  }
}

TEST(a_day_has_its_own_visits_in_order_and_no_others)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  test_visit(&p, 11, 1, "2026-03-01T23:59");
  test_visit(&p, 12, 1, "2026-03-02T23:59");
  test_visit(&p, 13, 1, "2026-03-02T00:00");
  test_visit(&p, 14, 1, "2026-03-03T00:00");
  test_visit_move(&p, test_id(12), APPT_BOOKED, APPT_CANCELLED);
  Appointment *list;
  size_t count;
  assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, TODAY, &list, &count));
  assert_int_equal(count, 2);
  assert_true(uuid_eq(list[0].id, test_id(13)));
  assert_int_equal(list[1].status, APPT_CANCELLED);
  assert_ok(appointment_day(p.t.store, &p.arena, test_id(5), TODAY, &list, &count));
  assert_int_equal(count, 0);
}

TEST(only_the_allowed_changes_of_status_happen)
{
  static const bool allowed[6][6] = {
      /* to:      booked arrived roomed done noshow cancelled */
      [APPT_BOOKED] = {0, 1, 0, 0, 1, 1}, [APPT_ARRIVED] = {1, 0, 1, 1, 1, 0}, [APPT_ROOMED] = {0, 1, 0, 1, 0, 0},
      [APPT_DONE] = {0, 0, 1, 0, 0, 0},   [APPT_NOSHOW] = {1, 1, 0, 0, 0, 0},  [APPT_CANCELLED] = {1, 0, 0, 0, 0, 0},
  };
  static const AppointmentStatus ways[6][4] = {
      /* how to get there from booked */
      [APPT_BOOKED] = {APPT_BOOKED},
      [APPT_ARRIVED] = {APPT_BOOKED, APPT_ARRIVED},
      [APPT_ROOMED] = {APPT_BOOKED, APPT_ARRIVED, APPT_ROOMED},
      [APPT_DONE] = {APPT_BOOKED, APPT_ARRIVED, APPT_ROOMED, APPT_DONE},
      [APPT_NOSHOW] = {APPT_BOOKED, APPT_NOSHOW},
      [APPT_CANCELLED] = {APPT_BOOKED, APPT_CANCELLED},
  };
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  unsigned number = 100;
  for (AppointmentStatus from = APPT_BOOKED; from <= APPT_CANCELLED; from++)
    for (AppointmentStatus to = APPT_BOOKED; to <= APPT_CANCELLED; to++) {
      Uuid visit = test_visit(&p, number++, 1, "10:30");
      for (int i = 0; i < 3 && ways[from][i] != from; i++) test_visit_move(&p, visit, ways[from][i], ways[from][i + 1]);
      assert_int_equal(get(&p, visit).status, from);
      assert_err(move(&p, visit, from, to), allowed[from][to] ? ERR_OK : ERR_CONFLICT);
      assert_int_equal(get(&p, visit).status, allowed[from][to] ? to : from);
    }
}

TEST(the_second_of_two_who_press_at_once_learns_of_the_first)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid visit = test_visit(&p, 11, 1, "10:30");
  assert_ok(move(&p, visit, APPT_BOOKED, APPT_ARRIVED));
  assert_err(move(&p, visit, APPT_BOOKED, APPT_NOSHOW), ERR_CONFLICT);
  assert_err(move(&p, test_id(99), APPT_BOOKED, APPT_NOSHOW), ERR_NOT_FOUND);
  assert_int_equal(get(&p, visit).status, APPT_ARRIVED);
}

TEST(every_change_of_status_leaves_an_event)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid visit = test_visit(&p, 11, 1, "10:30");
  static const AppointmentStatus way[] = {APPT_BOOKED, APPT_ARRIVED, APPT_ROOMED, APPT_ARRIVED,
                                          APPT_DONE,   APPT_ROOMED,  APPT_DONE};
  static const char *const want[] = {"booked", "arrived", "roomed", "reopened", "done", "reopened", "done"};
  for (size_t i = 0; i + 1 < COUNT_OF(way); i++) {
    env_fake_advance(p.t.fake, MINUTE);
    assert_ok(move(&p, visit, way[i], way[i + 1]));
  }
  AUTO(Query, q, query_fini) = query(p.t.store, &EVENTS);
  query_bind_uuid(&q, ":id", visit);
  for (size_t i = 0; i < COUNT_OF(want); i++) {
    assert_true(query_next(&q));
    assert_true(str_eq_c(query_str(&q, "kind"), want[i]));
    if (i > 0) assert_true(uuid_eq(query_uuid(&q, "staff"), test_id(77)));
  }
  assert_false(query_next(&q));
}

TEST(an_arrival_gets_a_ticket_and_keeps_it)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid first = test_visit(&p, 11, 1, "10:30"), second = test_visit(&p, 12, 1, "10:45");
  assert_ok(move(&p, first, APPT_BOOKED, APPT_ARRIVED));
  assert_ok(move(&p, second, APPT_BOOKED, APPT_ARRIVED));
  assert_string_equal(get(&p, first).ticket, "M-01");
  assert_string_equal(get(&p, second).ticket, "M-02");
  assert_int_equal(get(&p, first).arrived_at, p.t.fake->now);
  assert_ok(move(&p, first, APPT_ARRIVED, APPT_BOOKED)); /* pressed by mistake */
  assert_int_equal(get(&p, first).arrived_at, 0);
  assert_ok(move(&p, first, APPT_BOOKED, APPT_ARRIVED));
  assert_string_equal(get(&p, first).ticket, "M-01");
}

static void add_node(TestPractice *p, const uint8_t key[SIGN_PUBLIC_SIZE], uint8_t fill)
{
  Faults faults = faults_make(&p->arena);
  NodeNew node = {.name = "Tablet", .kind = "lobby", .scope = "lobby", .site = p->site.id};
  memset(node.public_key, fill, sizeof node.public_key);
  if (key) memcpy(node.public_key, key, sizeof node.public_key);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test", "", &tx));
  assert_ok(node_add(&tx, &node, &faults));
  assert_ok(tx_commit(&tx));
}

TEST(two_tablets_that_do_not_see_one_another_give_different_tickets)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  add_node(&p, store_key(p.t.store)->public_key, 0);
  add_node(&p, NULL, 3);
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  char numbers[3][16];
  for (unsigned i = 0; i < 3; i++) {
    char when[8];
    snprintf(when, sizeof when, "11:%02u", i);
    Uuid visit = test_visit(&p, 20 + i, 1, when);
    assert_ok(move(&p, visit, APPT_BOOKED, APPT_ARRIVED));
    snprintf(numbers[i], sizeof numbers[i], "%s", get(&p, visit).ticket);
  }
  /* Two devices and one lane for everyone else: this one deals every third number. */
  int first = atoi(numbers[0] + 2);
  assert_in_range(first, 1, 2);
  assert_int_equal(atoi(numbers[1] + 2), first + 3);
  assert_int_equal(atoi(numbers[2] + 2), first + 6);
}

TEST(a_room_belongs_to_the_site_of_the_visit)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Faults faults = faults_make(&p.arena);
  Uuid elsewhere;
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
    assert_ok(site_add(&tx, &(SiteNew){.name = "H", .prefix = "H", .zone = "UTC"}, &faults, &elsewhere));
    assert_ok(tx_commit(&tx));
  }
  Uuid one = room(&p, p.site.id, "Room 1"), two = room(&p, p.site.id, "Room 2"), far = room(&p, elsewhere, "Far");
  Uuid visit = test_visit(&p, 11, 1, "10:30");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_err(appointment_room(&tx, visit, APPT_BOOKED, one, test_id(77)), ERR_CONFLICT);
  assert_ok(appointment_move_to(&tx, visit, APPT_BOOKED, APPT_ARRIVED, test_id(77), ""));
  assert_err(appointment_room(&tx, visit, APPT_ARRIVED, far, test_id(77)), ERR_CONFLICT);
  assert_err(appointment_room(&tx, visit, APPT_ARRIVED, test_id(9), test_id(77)), ERR_NOT_FOUND);
  assert_ok(appointment_room(&tx, visit, APPT_ARRIVED, one, test_id(77)));
  assert_ok(appointment_room(&tx, visit, APPT_ROOMED, two, test_id(77)));
  assert_ok(tx_commit(&tx));
  assert_string_equal(get(&p, visit).resource_name, "Room 2");
  assert_ok(move(&p, visit, APPT_ROOMED, APPT_ARRIVED));
  assert_string_equal(get(&p, visit).resource_name, "");
  Resource *rooms;
  size_t count;
  assert_ok(resource_list(p.t.store, &p.arena, p.site.id, &rooms, &count));
  assert_int_equal(count, 2);
  assert_string_equal(rooms[0].name, "Room 1");
}

TEST(only_who_waits_can_be_called)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid visit = test_visit(&p, 11, 1, "10:30");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_err(appointment_call(&tx, visit, test_id(77)), ERR_CONFLICT);
  assert_ok(appointment_move_to(&tx, visit, APPT_BOOKED, APPT_ARRIVED, (Uuid){{0}}, ""));
  assert_ok(appointment_call(&tx, visit, test_id(77)));
  assert_ok(tx_commit(&tx));
  assert_int_equal(get(&p, visit).called_at, p.t.fake->now);
}

TEST(a_walk_in_is_here_at_once)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid id;
  assert_ok(tx_begin(p.t.store, actor_client(test_id(1)), "walk-in", "", &tx));
  assert_ok(appointment_walk_in(&tx, test_id(1), p.site.id, "sore throat", &id));
  assert_ok(tx_commit(&tx));
  Appointment a = get(&p, id);
  assert_true(a.walk_in);
  assert_int_equal(a.status, APPT_ARRIVED);
  assert_string_equal(a.type_name, "Walk-in");
  assert_string_equal(a.ticket, "M-01");
  assert_string_equal(a.note, "sore throat");
  assert_int_equal(a.start.minute, 600);
  assert_int_equal(a.minutes, 15);
  /* Without a type for walk-ins: only when there is no choice. */
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  assert_ok(tx_update(&tx, "appointment_type", p.walk_in_type, COLS(col_bool("walk_in", false))));
  assert_err(appointment_walk_in(&tx, test_id(1), p.site.id, "", &id), ERR_NOT_FOUND);
  assert_ok(tx_update(&tx, "appointment_type", p.walk_in_type, COLS(col_bool("active", false))));
  assert_ok(appointment_walk_in(&tx, test_id(1), p.site.id, "", &id));
  assert_ok(tx_commit(&tx));
  assert_string_equal(get(&p, id).type_name, "Visit");
}

/* One visit of the past: called so many minutes after its time. */
static void past_visit(TestPractice *p, Uuid doctor, int days_ago, int minute, int late)
{
  Date day = date_from_days(date_days(TODAY) - days_ago);
  Uuid visit = visit_with(p, 1, doctor, day, minute);
  Instant now = p->t.fake->now, start;
  assert_ok(zone_to_instant(p->site.zone, (WallTime){day, (int16_t)minute}, &start));
  p->t.fake->now = start - 20 * MINUTE; /* early: does not count */
  assert_ok(move(p, visit, APPT_BOOKED, APPT_ARRIVED));
  p->t.fake->now = start + (int64_t)late * MINUTE;
  assert_ok(move(p, visit, APPT_ARRIVED, APPT_ROOMED));
  p->t.fake->now = now;
}

TEST(the_wait_is_learnt_from_how_late_people_were_called)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid doctor = provider(&p, "Lee", "Wong"), other = provider(&p, "Zoe", "Amar");
  Uuid mine = visit_with(&p, 1, doctor, TODAY, 600);
  WaitEstimate wait;
  assert_err(appointment_wait(p.t.store, mine, &wait), ERR_CONFLICT); /* not here yet */
  assert_ok(move(&p, mine, APPT_BOOKED, APPT_ARRIVED));
  assert_ok(appointment_wait(p.t.store, mine, &wait));
  assert_int_equal(wait.minutes_least, -1); /* nothing to learn from */
  for (int i = 0; i < 8; i++) past_visit(&p, other, 3, 540 + 30 * i, 60);
  assert_ok(appointment_wait(p.t.store, mine, &wait));
  assert_int_equal(wait.minutes_least, 60); /* by the site */
  for (int i = 0; i < 8; i++) past_visit(&p, doctor, 3 + i, 540, 5 + i * 2);
  assert_ok(appointment_wait(p.t.store, mine, &wait));
  assert_int_equal(wait.minutes_least, 5); /* by the provider: half between 9 and 17 minutes */
  assert_int_equal(wait.minutes_most, 20);
  env_fake_advance(p.t.fake, 30 * MINUTE);
  assert_ok(appointment_wait(p.t.store, mine, &wait));
  assert_int_equal(wait.minutes_least, 0);
  assert_int_equal(wait.minutes_most, 5); /* any moment now */
}

TEST(those_ahead_are_counted_by_their_turn)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Uuid doctor = provider(&p, "Lee", "Wong"), other = provider(&p, "Zoe", "Amar"), any = {{0}};
  Uuid mine = visit_with(&p, 1, doctor, TODAY, 615);
  Uuid before = visit_with(&p, 1, doctor, TODAY, 600), after = visit_with(&p, 1, doctor, TODAY, 630);
  Uuid elsewhere = visit_with(&p, 1, other, TODAY, 600), anyone = visit_with(&p, 1, any, TODAY, 605);
  const Uuid all[] = {mine, before, after, elsewhere, anyone};
  for (size_t i = 0; i < COUNT_OF(all); i++) assert_ok(move(&p, all[i], APPT_BOOKED, APPT_ARRIVED));
  WaitEstimate wait;
  assert_ok(appointment_wait(p.t.store, mine, &wait));
  assert_int_equal(wait.ahead, 2);
  assert_ok(move(&p, before, APPT_ARRIVED, APPT_ROOMED));
  assert_ok(appointment_wait(p.t.store, mine, &wait));
  assert_int_equal(wait.ahead, 1);
}

TEST(a_day_of_500_visits_is_read_in_some_milliseconds)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  Faults faults = faults_make(&p.arena);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
  for (int i = 0; i < 500; i++) {
    Uuid id;
    assert_ok(appointment_add(&tx,
                              &(AppointmentNew){.client = test_id(1),
                                                .type = p.visit_type,
                                                .site = p.site.id,
                                                .start = {TODAY, (int16_t)(480 + i)}},
                              &faults, &id));
  }
  assert_ok(tx_commit(&tx));
  const Env *env = env_system();
  int64_t best = INT64_MAX;
  for (int round = 0; round < 5; round++) {
    int64_t start = env_monotonic_ms(env);
    Appointment *list;
    size_t count;
    assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, TODAY, &list, &count));
    assert_int_equal(count, 500);
    int64_t spent = env_monotonic_ms(env) - start;
    if (spent < best) best = spent;
  }
  assert_true(best < 100); /* a few ms; wide for sanitizers */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(status_names_are_read_back),
      cmocka_unit_test(a_visit_is_shown_with_the_names_that_belong_to_it),
      cmocka_unit_test(mistakes_in_a_booking_are_told),
      cmocka_unit_test(a_day_has_its_own_visits_in_order_and_no_others),
      cmocka_unit_test(only_the_allowed_changes_of_status_happen),
      cmocka_unit_test(the_second_of_two_who_press_at_once_learns_of_the_first),
      cmocka_unit_test(every_change_of_status_leaves_an_event),
      cmocka_unit_test(an_arrival_gets_a_ticket_and_keeps_it),
      cmocka_unit_test(two_tablets_that_do_not_see_one_another_give_different_tickets),
      cmocka_unit_test(a_room_belongs_to_the_site_of_the_visit),
      cmocka_unit_test(only_who_waits_can_be_called),
      cmocka_unit_test(a_walk_in_is_here_at_once),
      cmocka_unit_test(the_wait_is_learnt_from_how_late_people_were_called),
      cmocka_unit_test(those_ahead_are_counted_by_their_turn),
      cmocka_unit_test(a_day_of_500_visits_is_read_in_some_milliseconds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
