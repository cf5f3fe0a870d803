#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/desk.h"
#include "tests/support/unit.h"

static TestDesk *desk;
static Uuid visit;

static int open_desk(void **state)
{
  (void)state;
  desk = test_desk_make();
  test_person(&desk->practice, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  visit = test_visit(&desk->practice, 100, 1, "10:30");
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  return 0;
}

static int close_desk(void **state)
{
  (void)state;
  test_desk_free(desk);
  return 0;
}

/* As another process would: its own connection. */
static void move(AppointmentStatus from, AppointmentStatus to)
{
  AUTO(Store *, other, store_closep) = test_store_again(&desk->practice.t);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(other, actor_system(), "test.move", "", &tx));
  assert_ok(appointment_move_to(&tx, visit, from, to, (Uuid){{0}}, ""));
  assert_ok(tx_commit(&tx));
}

static json_t *board(const char *query)
{
  Browsed answer = test_desk_call(desk, "GET", arena_printf(&desk->arena, "/api/board%s", query), NULL);
  assert_int_equal(answer.status, 200);
  return browse_json(&answer);
}

static const char *status_in(json_t *answer)
{
  return arena_cstr(&desk->arena, json_str(answer, "board.appointments.0.status"));
}

/* what the page has, as the query of its next request */
static const char *next(json_t *answer)
{
  return arena_printf(&desk->arena, "?have=" STR_FMT "&after=%lld", STR_ARG(json_str(answer, "hash")),
                      (long long)json_int(answer, "head", -1));
}

TEST(the_day_at_the_sites_own_time)
{
  AUTO(json_t *, answer, json_release) = board("");
  assert_true(str_eq_c(json_str(answer, "today"), "2026-03-02"));
  assert_true(str_eq_c(json_str(answer, "board.day"), "2026-03-02"));
  assert_int_equal(json_int(answer, "now", 0), desk->practice.t.fake->now);
  assert_true(str_eq_c(json_str(answer, "board.appointments.0.client_name"), "Ana Ruiz"));
  assert_true(str_eq_c(json_str(answer, "board.appointments.0.start"), "2026-03-02T10:30"));
  AUTO(json_t *, tomorrow, json_release) = board("?day=2026-03-03");
  assert_int_equal(json_array_size(json_path(tomorrow, "board.appointments")), 0);
}

TEST(what_the_page_has_is_not_sent_again)
{
  AUTO(json_t *, first, json_release) = board("");
  AUTO(json_t *, again, json_release) =
      board(arena_printf(&desk->arena, "?have=" STR_FMT, STR_ARG(json_str(first, "hash"))));
  assert_true(json_is_null(json_object_get(again, "board")));
}

static void *move_soon(void *context)
{
  (void)context;
  usleep(300 * 1000);
  move(APPT_BOOKED, APPT_ARRIVED);
  return NULL;
}

TEST(a_waiting_page_is_answered_when_another_process_has_changed_the_day)
{
  AUTO(json_t *, before, json_release) = board("");
  assert_string_equal(status_in(before), "booked");
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, move_soon, NULL), 0);
  AUTO(json_t *, after, json_release) = board(next(before));
  pthread_join(thread, NULL);
  assert_string_equal(status_in(after), "arrived");
  assert_true(json_int(after, "head", 0) > json_int(before, "head", 0));
  move(APPT_ARRIVED, APPT_BOOKED);
}

static void *rename_soon(void *context)
{
  (void)context;
  usleep(300 * 1000);
  AUTO(Store *, other, store_closep) = test_store_again(&desk->practice.t);
  test_client(other, 50, "Ben", "Okafor"); /* someone without a visit: no board shows it */
  return NULL;
}

TEST(a_page_that_asks_for_any_change_hears_of_one_elsewhere)
{
  AUTO(json_t *, before, json_release) = board("");
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, rename_soon, NULL), 0);
  AUTO(json_t *, after, json_release) = board(arena_printf(&desk->arena, "%s&any=1", next(before)));
  pthread_join(thread, NULL);
  assert_true(json_is_null(json_object_get(after, "board")));
  assert_true(json_int(after, "head", 0) > json_int(before, "head", 0));
}

TEST(the_second_of_two_presses_gets_the_visit_as_it_is_now)
{
  char id[UUID_TEXT_LEN + 1];
  uuid_text(visit, id);
  const char *path = arena_printf(&desk->arena, "/api/appointments/%s/move", id);
  const char *body = "{\"expected\": \"booked\", \"status\": \"arrived\"}";
  assert_int_equal(test_desk_call(desk, "POST", path, body).status, 200);
  Browsed second = test_desk_call(desk, "POST", path, body);
  assert_int_equal(second.status, 409);
  AUTO(json_t *, answer, json_release) = browse_json(&second);
  assert_true(str_eq_c(json_str(answer, "error"), "error.conflict"));
  assert_true(str_eq_c(json_str(answer, "appointment.status"), "arrived"));
  AUTO(json_t *, now, json_release) = board("");
  assert_string_equal(status_in(now), "arrived"); /* the cache does not hide what was just done */
  move(APPT_ARRIVED, APPT_BOOKED);
}

TEST(what_is_not_a_day_a_site_or_a_place_in_the_journal_is_refused)
{
  const struct {
    const char *query;
    int status;
  } cases[] = {{"?day=2026-02-30", 400},
               {"?day=today", 400},
               {"?after=x", 400},
               {"?site=x", 404},
               {"?site=019b0000-0000-7000-8000-000000000001", 404}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    const char *path = arena_printf(&desk->arena, "/api/board%s", cases[i].query);
    assert_int_equal(test_desk_call(desk, "GET", path, NULL).status, cases[i].status);
  }
}

TEST(bodies_that_are_no_object_or_too_large_are_refused)
{
  const char *path = "/api/walk-ins";
  assert_int_equal(test_desk_call(desk, "POST", path, "[1]").status, 400);
  assert_int_equal(test_desk_call(desk, "POST", path, "{\"site\": ").status, 400);
  assert_int_equal(test_desk_call(desk, "POST", path, "{\"a\": 1, \"a\": 2}").status, 400);
  enum { TOO_MUCH = 70000 };
  char *large = arena_alloc(&desk->arena, TOO_MUCH + 1);
  memset(large, ' ', TOO_MUCH);
  assert_int_equal(test_desk_call(desk, "POST", path, large).status, 413);
}

TEST(a_walk_in_with_mistakes_changes_nothing)
{
  int64_t clients = test_count(desk->practice.t.store, "client");
  char site[UUID_TEXT_LEN + 1];
  uuid_text(desk->practice.site.id, site);
  const char *body =
      arena_printf(&desk->arena, "{\"site\": \"%s\", \"given\": \"Eve\", \"phone\": \"no number\"}", site);
  Browsed answer = test_desk_call(desk, "POST", "/api/walk-ins", body);
  assert_int_equal(answer.status, 400);
  AUTO(json_t *, told, json_release) = browse_json(&answer);
  assert_true(str_eq_c(json_str(told, "faults.0.field"), "phone"));
  assert_int_equal(test_count(desk->practice.t.store, "client"), clients);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_day_at_the_sites_own_time),
      cmocka_unit_test(what_the_page_has_is_not_sent_again),
      cmocka_unit_test(a_waiting_page_is_answered_when_another_process_has_changed_the_day),
      cmocka_unit_test(a_page_that_asks_for_any_change_hears_of_one_elsewhere),
      cmocka_unit_test(the_second_of_two_presses_gets_the_visit_as_it_is_now),
      cmocka_unit_test(what_is_not_a_day_a_site_or_a_place_in_the_journal_is_refused),
      cmocka_unit_test(bodies_that_are_no_object_or_too_large_are_refused),
      cmocka_unit_test(a_walk_in_with_mistakes_changes_nothing),
  };
  return cmocka_run_group_tests(tests, open_desk, close_desk);
}
