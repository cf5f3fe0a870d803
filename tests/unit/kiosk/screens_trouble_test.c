/* Help, idle, power cuts, full disks, a replica that is gone: nothing is lost, nothing is shown to others. */
#include <unistd.h>

#include "common/practice/task.h"
#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"
#include "tests/support/vfs_fault.h"

/* --- help, idle, power ----------------------------------------------------------------------------------------------- */

TEST(help_reaches_the_desk_from_the_first_screen_and_from_any_other)
{
  TestKiosk k = test_kiosk_open(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_tap(&k, "welcome.help");
  test_sees(&k, "Someone is coming to help you");
  test_tap(&k, "help.ok");
  test_on(&k, "welcome");
  size_t count;
  Task *tasks = test_tasks(&k, &arena, &count);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "help");
  assert_true(uuid_is_nil(tasks[0].client));
  test_ana(&k);
  test_tap(&k, "visit.help");
  test_tap(&k, "help.ok");
  test_on(&k, "visit");
  tasks = test_tasks(&k, &arena, &count);
  assert_int_equal(count, 2);
  assert_true(uuid_eq(tasks[1].client, test_id(TEST_ANA)));
  test_kiosk_fini(&k);
}

static void to_the_story(TestKiosk *k)
{
  test_ana_to_the_forms(k);
  test_tap(k, "question.primary");
  test_tap(k, "q.no");
  for (int i = 0; i < 11; i++) test_tap(k, "question.primary");
  test_sees(k, "What brings you here today?");
}

TEST(when_nobody_answers_the_screen_clears_and_only_the_same_person_goes_on)
{
  TestKiosk k = test_kiosk_open(test_kiosk_forms);
  to_the_story(&k);
  test_type(&k, "It began on Sunday");
  test_pass(&k, 61000);
  test_sees(&k, "Are you still there?");
  test_tap(&k, "idle.ok");
  test_sees(&k, "It began on Sunday");
  test_pass(&k, 59000);
  test_sees_not(&k, "Are you still there?");
  test_pass(&k, 2000);
  test_sees(&k, "this screen clears in");
  test_pass(&k, 21000);
  test_on(&k, "welcome");
  test_sees_not(&k, "Sunday");
  /* Someone else begins, and finds nothing of it. */
  test_tap(&k, "welcome.walk_in");
  test_type(&k, "07041990");
  test_tap(&k, "new_birth.primary");
  test_type(&k, "Noor");
  test_tap(&k, "name.family");
  test_type(&k, "Haddad");
  test_tap(&k, "new_name.primary");
  test_tap(&k, "new_phone.primary");
  test_sees_not(&k, "555-0142");
  test_tap(&k, "contact.start_over");
  test_tap(&k, "start_over.ok");
  /* Ana comes back. */
  test_ana(&k);
  test_sees(&k, "We kept the answers");
  test_tap(&k, "visit.primary");
  test_on(&k, "question");
  test_sees(&k, "What brings you here today?");
  test_sees(&k, "value=\"It began on Sunday\"");
  test_tap(&k, "question.primary");
  test_on(&k, "done");
  test_kiosk_fini(&k);
}

TEST(a_pause_of_half_a_second_keeps_what_is_typed)
{
  TestKiosk k = test_kiosk_open(test_kiosk_forms);
  to_the_story(&k);
  test_type(&k, "Since Monday");
  test_pass(&k, 500);
  test_type(&k, " or so");
  /* The power goes: another kiosk on the same replica has what was kept by then, without the first one's leave. */
  TestKiosk next = k;
  next.app = NULL;
  next.ui = NULL;
  app_close(k.app);
  ui_close(k.ui);
  test_kiosk_show(&next, 1280, 800, NULL);
  test_ana(&next);
  test_tap(&next, "visit.primary");
  test_sees(&next, "value=\"Since Monday");
  test_kiosk_fini(&next);
}

TEST(start_over_asks_first_and_then_forgets)
{
  TestKiosk k = test_kiosk_open(NULL);
  test_ana(&k);
  test_tap(&k, "visit.text_size");
  assert_int_equal(ui_text_scale(k.ui), 150);
  test_tap(&k, "visit.start_over");
  test_tap(&k, "start_over.close");
  test_on(&k, "visit");
  test_tap(&k, "visit.not_me");
  test_on(&k, "welcome");
  assert_int_equal(ui_text_scale(k.ui), 100);
  test_tap(&k, "welcome.check_in");
  test_sees_not(&k, "1980");
  test_kiosk_fini(&k);
}

/* --- trouble --------------------------------------------------------------------------------------------------------- */

/* disk_full_at: check in while the disk is full from the n-th write on; true when it failed somewhere. */
static bool disk_full_at(long n)
{
  vfs_fault_register();
  TestKiosk k = test_kiosk_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  k.p.t.fake->env.vfs = VFS_FAULT;
  test_kiosk_show(&k, 1280, 800, NULL);
  test_ana(&k);
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  vfs_fault_after(n, VFS_FULL);
  test_tap(&k, "coverage.primary");
  bool failed = vfs_fault_happened();
  bool done = strcmp(app_screen(k.app), "done") == 0;
  if (!done) {
    test_sees(&k, "run out of storage");
    assert_int_equal(test_visit_now(&k, &arena, test_id(101)).status, APPT_BOOKED); /* nothing half done */
    vfs_fault_never();
    UiRect r;
    test_tap(&k, ui_find(k.ui, "trouble.ok", &r) ? "trouble.ok" : "failed.primary");
  }
  vfs_fault_never();
  test_on(&k, "done");
  assert_int_equal(test_visit_now(&k, &arena, test_id(101)).status, APPT_ARRIVED);
  test_kiosk_fini(&k);
  return failed;
}

TEST(a_full_disk_loses_nothing_and_says_so_whenever_it_happens)
{
  long n = 0;
  while (disk_full_at(n)) n++;
  assert_true(n >= 2);
}

TEST(while_another_process_writes_the_kiosk_says_so_and_stays_awake)
{
  TestKiosk k = test_kiosk_open(NULL);
  test_ana(&k);
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k.p.t.store, actor_system(), "test.busy", "", &tx));
  UiRect r;
  assert_true(ui_find(k.ui, "coverage.primary", &r));
  ui_inject_tap(k.ui, r.x + r.w / 2, r.y + r.h / 2);
  for (int i = 0; i < 40; i++) ui_step(k.ui, 10);
  assert_true(app_busy(k.app));
  test_sees(&k, "One moment");
  tx_fini(&tx);
  for (int i = 0; i < 400 && app_busy(k.app); i++) ui_step(k.ui, 10);
  test_settle(&k);
  test_on(&k, "done");
  test_kiosk_fini(&k);
}

TEST(a_kiosk_without_a_practice_waits_and_begins_by_itself)
{
  TestKiosk k = test_kiosk_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *folder = arena_printf(&arena, "%s/later", k.p.t.folder.path);
  k.folder = folder;
  test_kiosk_show(&k, 1280, 800, NULL);
  test_on(&k, "unavailable");
  test_tap(&k, "unavailable.help");
  test_sees(&k, "Please ask at the front desk");
  test_tap(&k, "help.ok");
  Store *store;
  assert_ok(store_create(folder, &k.p.t.fake->env, &store));
  store_close(store);
  test_pass(&k, 3000);
  test_on(&k, "unavailable"); /* a replica, but nothing in it yet */
  assert_int_equal(rename(k.p.t.path, arena_printf(&arena, "%s/other", k.p.t.folder.path)), 0);
  test_kiosk_hide(&k);
  assert_int_equal(rename(arena_printf(&arena, "%s/other", k.p.t.folder.path), k.p.t.path), 0);
  k.folder = arena_printf(&arena, "%s/moved", k.p.t.folder.path);
  test_kiosk_show(&k, 1280, 800, NULL);
  test_on(&k, "unavailable");
  assert_int_equal(symlink(k.p.t.path, k.folder), 0); /* the practice arrives */
  test_pass(&k, 3000);
  test_on(&k, "welcome");
  test_kiosk_fini(&k);
}

TEST(a_tablet_that_was_removed_from_the_practice_shows_nothing_more_of_it)
{
  TestKiosk k = test_kiosk_open(NULL);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_ana(&k);
  test_on(&k, "visit");
  test_folder_write(&k.p.t.folder, "replica/revoked", "");
  assert_int_equal(unlink(arena_printf(&arena, "%s/foyer.db", k.p.t.path)), 0);
  for (int i = 0; i < 700 && strcmp(app_screen(k.app), "visit") == 0; i++) { /* it looks every five seconds */
    ui_step(k.ui, 10);
    env_fake_advance(k.p.t.fake, 10);
  }
  test_settle(&k);
  test_on(&k, "unavailable");
  test_sees(&k, "This device may no longer be used");
  test_sees_not(&k, "Ana");
  test_kiosk_fini(&k);
}

TEST(offline_is_said_calmly_and_changes_nothing)
{
  TestKiosk k = test_kiosk_open(test_kiosk_staff);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *status = arena_printf(&arena, "{\"state\": \"offline\", \"since\": %lld, \"waiting\": {\"transactions\": 3}}",
                              (long long)k.p.t.fake->now - 120000);
  assert_ok(local_set(k.p.t.store, "sync.status", str_c(status)));
  test_person(&k.p, 8, "Some", "One", "1950-01-01",
              ""); /* the kiosk looks when there is a change, else every half minute */
  UiRect r;
  for (int i = 0; i < 100 && !ui_find(k.ui, "welcome.status", &r); i++) {
    ui_step(k.ui, 10);
    env_fake_advance(k.p.t.fake, 10);
  }
  test_sees(&k, "Offline. Check-in works as usual.");
  test_ana_to_the_forms(&k);
  test_on(&k, "done");
  test_tap(&k, "done.primary");
  test_tap(&k, "welcome.staff");
  test_type(&k, TEST_PIN);
  test_tap(&k, "pin.primary");
  test_sees(&k, "Changes to send: 3.");
  test_kiosk_fini(&k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(help_reaches_the_desk_from_the_first_screen_and_from_any_other),
      cmocka_unit_test(when_nobody_answers_the_screen_clears_and_only_the_same_person_goes_on),
      cmocka_unit_test(a_pause_of_half_a_second_keeps_what_is_typed),
      cmocka_unit_test(start_over_asks_first_and_then_forgets),
      cmocka_unit_test(a_full_disk_loses_nothing_and_says_so_whenever_it_happens),
      cmocka_unit_test(while_another_process_writes_the_kiosk_says_so_and_stays_awake),
      cmocka_unit_test(a_kiosk_without_a_practice_waits_and_begins_by_itself),
      cmocka_unit_test(a_tablet_that_was_removed_from_the_practice_shows_nothing_more_of_it),
      cmocka_unit_test(offline_is_said_calmly_and_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
