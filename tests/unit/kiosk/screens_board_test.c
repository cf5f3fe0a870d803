/* The staff board on the lobby's screen, and what the lobby sees of it. */
#include <unistd.h>

#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"

static void sign_in(TestKiosk *k)
{
  test_tap(k, "welcome.staff");
  test_type(k, TEST_PIN);
  test_tap(k, "pin.primary");
}

/* wait_for: real time passes until the kiosk has noticed by itself. */
static void wait_for(TestKiosk *k, const char *what)
{
  UiRect r;
  for (int i = 0; i < 100 && !ui_find(k->ui, what, &r); i++) {
    ui_step(k->ui, 10);
    env_fake_advance(k->p.t.fake, 10);
  }
  if (!ui_find(k->ui, what, &r)) fail_msg("%s did not come by itself", what);
}

static AppointmentStatus status_of(TestKiosk *k, unsigned visit)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Appointment now;
  assert_ok(appointment_get(k->p.t.store, &arena, test_id(visit), &now));
  return now.status;
}

TEST(only_a_known_pin_opens_the_board)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  test_tap(&k, "welcome.staff");
  test_type(&k, "4712");
  test_sees_not(&k, "4712");
  test_tap(&k, "pin.primary");
  test_on(&k, "pin");
  test_sees(&k, "That PIN is not known here");
  test_sees_not(&k, "Bruno");
  test_type(&k, TEST_PIN);
  test_tap(&k, "pin.primary");
  test_on(&k, "board");
  test_sees(&k, "Bruno F.");
  test_sees(&k, "Clara O.");
  test_sees_not(&k, "Dora");
  test_sees(&k, "Lobby tablet");
  test_tap(&k, "board.back");
  test_on(&k, "welcome");
  test_sees_not(&k, "Bruno");
  test_kiosk_fini(&k);
}

TEST(the_next_one_is_called_and_the_lobby_sees_the_number_alone)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  sign_in(&k);
  test_sees(&k, "Call next: M-01");
  test_tap(&k, "board.call_next");
  test_sees(&k, "called");
  test_sees(&k, "Call next: M-03");
  test_tap(&k, "board.back");
  wait_for(&k, "welcome.calls");
  test_sees(&k, "Now calling");
  test_sees(&k, "M-01");
  test_sees_not(&k, "Bruno");
  test_sees_not(&k, "Ferreira");
  test_pass(&k, 4 * 60000);
  test_sees_not(&k, "Now calling");
  test_kiosk_fini(&k);
}

TEST(someone_is_shown_into_a_room_and_back_again)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  sign_in(&k);
  test_tap(&k, "board.room.0");
  test_tap(&k, "Room 2");
  test_sees(&k, "In rooms  1");
  assert_int_equal(status_of(&k, 102), APPT_ROOMED);
  test_tap(&k, "Room"); /* the other one who waits */
  test_sees(&k, "Bruno F. is there");
  test_tap(&k, "room.close");
  test_tap(&k, "board.tab.roomed");
  test_sees(&k, "Room 2");
  test_tap(&k, "Back to waiting");
  assert_int_equal(status_of(&k, 102), APPT_ARRIVED);
  test_tap(&k, "board.tab.expected");
  test_tap(&k, "Arrived");
  assert_int_equal(status_of(&k, 101), APPT_ARRIVED);
  test_kiosk_fini(&k);
}

TEST(a_request_for_help_is_closed)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  sign_in(&k);
  test_sees(&k, "Requests  1");
  test_tap(&k, "board.tab.help");
  test_sees(&k, "Asked for help");
  test_tap(&k, "Done");
  test_sees(&k, "Nobody has asked for anything.");
  test_kiosk_fini(&k);
}

TEST(what_another_process_writes_shows_by_itself)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  sign_in(&k);
  test_sees(&k, "Waiting  2");
  test_visit_move(&k.p, test_id(104), APPT_BOOKED, APPT_ARRIVED);
  wait_for(&k, "Waiting  3");
  /* The desk was faster: nothing is done twice. */
  test_tap(&k, "board.back");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k.p.t.store, actor_staff(k.staff), "test.call", "", &tx));
  assert_ok(appointment_call(&tx, test_id(103), k.staff));
  assert_ok(tx_commit(&tx));
  wait_for(&k, "M-03");
  test_kiosk_fini(&k);
}

TEST(who_waits_at_the_end_learns_that_it_is_their_turn)
{
  TestKiosk k = test_kiosk_make();
  test_kiosk_staff(&k);
  test_kiosk_show(&k, 1280, 800, NULL);
  test_tap(&k, "welcome.check_in");
  test_who(&k, "02291980", "Ana", "Ruiz Gómez");
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  test_tap(&k, "coverage.primary");
  test_on(&k, "done");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k.p.t.store, actor_staff(k.staff), "test.call", "", &tx));
  assert_ok(appointment_call(&tx, test_id(101), k.staff));
  assert_ok(tx_commit(&tx));
  wait_for(&k, "done.called");
  test_sees(&k, "It is your turn");
  test_kiosk_fini(&k);
}

TEST(the_board_locks_itself)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  sign_in(&k);
  test_pass(&k, 40000);
  test_on(&k, "board");
  test_pass(&k, 6000);
  test_on(&k, "welcome");
  test_kiosk_fini(&k);
}

TEST(with_nothing_to_do_no_frame_is_drawn)
{
  TestKiosk k = test_kiosk_open(test_kiosk_lobby);
  UiStats before = ui_stats(k.ui);
  for (int i = 0; i < 20; i++) ui_step(k.ui, 20);
  UiStats after = ui_stats(k.ui);
  assert_int_equal(after.frames, before.frames);
  assert_int_equal(after.builds, before.builds);
  test_kiosk_fini(&k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_a_known_pin_opens_the_board),
      cmocka_unit_test(the_next_one_is_called_and_the_lobby_sees_the_number_alone),
      cmocka_unit_test(someone_is_shown_into_a_room_and_back_again),
      cmocka_unit_test(a_request_for_help_is_closed),
      cmocka_unit_test(what_another_process_writes_shows_by_itself),
      cmocka_unit_test(who_waits_at_the_end_learns_that_it_is_their_turn),
      cmocka_unit_test(the_board_locks_itself),
      cmocka_unit_test(with_nothing_to_do_no_frame_is_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
