#include <string.h>

#include "common/practice/checkin.h"
#include "common/practice/permission.h"
#include "common/practice/staff.h"
#include "common/practice/task.h"
#include "common/store/blob.h"
#include "common/store/internal.h"
#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/tablet.h"
#include "tests/support/unit.h"

enum { ANA = 1, BEN, CLARA, DORA, EMIL };

static Uuid book(TestTablet *tt, unsigned number, unsigned client, const char *when)
{
  return test_visit(&tt->p, number, client, when);
}

/* Ana comes today, Ben tomorrow, Clara in a week; Dora never. */
static TestTablet lobby(void)
{
  TestTablet tt = test_tablet_make();
  test_person(&tt.p, ANA, "Anastasia", "Ruizanova", "1980-02-29", "555-010-0001");
  test_person(&tt.p, BEN, "Benedikt", "Okaforian", "1975-05-05", "555-010-0002");
  test_person(&tt.p, CLARA, "Clarimond", "Weekaheadova", "1990-01-01", "555-010-0003");
  test_person(&tt.p, DORA, "Dorothea", "Neverhereson", "1985-05-05", "555-010-0004");
  book(&tt, 11, ANA, "10:30");
  book(&tt, 12, BEN, "2026-03-03T09:00");
  book(&tt, 13, CLARA, "2026-03-09T09:00");
  return tt;
}

static void change_phone(Store *store, unsigned client, const char *phone)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_client(test_id(client)), "checkin.finish", "", &tx));
  assert_ok(tx_update(&tx, "client", test_id(client), COLS(col_text("phone", str_c(phone)))));
  assert_ok(tx_commit(&tx));
}

static void move_visit(TestTablet *tt, unsigned visit, const char *start)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(tt->p.t.store, actor_system(), "test.move", "", &tx));
  assert_ok(tx_update(&tx, "appointment", test_id(visit), COLS(col_text("start_wall", str_c(start)))));
  assert_ok(tx_commit(&tx));
}

static const char *phone_of(Store *store, Arena *arena, unsigned client)
{
  Client found;
  assert_ok(client_get(store, arena, test_id(client), &found));
  return found.contact.phone;
}

/* sound: what the tablet holds is what the office holds, and it verifies. */
static void assert_sound(TestTablet *tt)
{
  VerifyReport report;
  Err err = verify_store(tt->t.store, &report);
  if (err != ERR_OK) fail_msg("verify: %s: %s", err_name(err), report.fault);
}

TEST(a_tablet_holds_who_comes_from_yesterday_to_tomorrow_and_nobody_else)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(ANA)));
  assert_true(tablet_has(&tt, "client", test_id(BEN)));
  assert_false(tablet_has(&tt, "client", test_id(CLARA)));
  assert_false(tablet_has(&tt, "client", test_id(DORA)));
  assert_int_equal(test_count(tt.t.store, "appointment"), 2);
  assert_int_equal(test_count(tt.t.store, "journal"), 0);
  assert_true(tablet_reads(&tt, "Ruizanova"));
  assert_false(tablet_reads(&tt, "Weekaheadova"));
  assert_false(tablet_reads(&tt, "Neverhereson"));
  assert_false(tablet_reads(&tt, "weekaheadova"));
  assert_sound(&tt);
}

TEST(booking_moving_and_cancelling_bring_and_take_a_person)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  book(&tt, 14, DORA, "15:00");
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(DORA)));
  assert_true(tt.rows <= 4);
  move_visit(&tt, 14, "2026-04-01T15:00");
  tablet_pull(&tt);
  assert_false(tablet_has(&tt, "client", test_id(DORA)));
  assert_false(tablet_has(&tt, "appointment", test_id(14)));
  test_visit_move(&tt.p, test_id(11), APPT_BOOKED, APPT_CANCELLED);
  tablet_pull(&tt);
  assert_false(tablet_has(&tt, "client", test_id(ANA)));
  assert_sound(&tt);
}

TEST(a_day_that_comes_brings_its_people_and_the_one_that_goes_takes_them)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  tablet_days(&tt, 6);
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(CLARA)));
  assert_false(tablet_has(&tt, "client", test_id(ANA)));
  assert_false(tablet_has(&tt, "client", test_id(BEN)));
}

TEST(without_its_upstream_a_tablet_lets_go_of_days_that_are_over)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  tablet_days(&tt, 3);
  char from[DATE_TEXT_LEN + 1];
  size_t evicted;
  assert_ok(scope_first_day(tt.t.store, from));
  assert_ok(scope_age(tt.t.store, &SCOPE_LOBBY_RULES, from, &evicted));
  assert_true(evicted > 0);
  assert_false(tablet_has(&tt, "client", test_id(ANA)));
  tablet_days(&tt, -3); /* its clock had been wrong */
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(ANA)));
}

TEST(what_was_written_here_and_not_sent_is_upon_what_the_upstream_tells)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  tt.t.fake->now += 1000;
  change_phone(tt.t.store, ANA, "555-010-1111");
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "client.update", "", &tx));
    assert_ok(tx_update(&tx, "client", test_id(ANA), COLS(col_text("email", STR("ana@example.org")))));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Client ana;
  assert_ok(client_get(tt.t.store, &arena, test_id(ANA), &ana));
  assert_string_equal(ana.contact.phone, "555-010-1111");
  assert_string_equal(ana.contact.email, "ana@example.org");
  tablet_sync(&tt);
  assert_string_equal(phone_of(tt.p.t.store, &arena, ANA), "555-010-1111");
  assert_sound(&tt);
}

TEST(a_later_edit_elsewhere_wins_at_the_tablet_as_it_does_at_the_office)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  change_phone(tt.t.store, ANA, "555-010-1111");
  tt.p.t.fake->now += 5000;
  change_phone(tt.p.t.store, ANA, "555-010-2222");
  tablet_pull(&tt);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(phone_of(tt.t.store, &arena, ANA), "555-010-2222");
  tablet_sync(&tt);
  assert_string_equal(phone_of(tt.t.store, &arena, ANA), "555-010-2222");
  assert_string_equal(phone_of(tt.p.t.store, &arena, ANA), "555-010-2222");
}

TEST(a_row_with_edits_that_were_not_sent_stays_until_they_are_known_above)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  tt.t.fake->now += 1000;
  change_phone(tt.t.store, ANA, "555-010-1111");
  move_visit(&tt, 11, "2026-05-01T10:30");
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(ANA)));
  tablet_days(&tt, 30);
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(ANA)));
  assert_sound(&tt);
  tablet_sync(&tt);
  assert_false(tablet_has(&tt, "client", test_id(ANA)));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(phone_of(tt.p.t.store, &arena, ANA), "555-010-1111");
}

TEST(eviction_leaves_nothing_readable)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  assert_ok(draft_save(tt.t.store, test_id(11), "checkin", STR("what Ana typed")));
  change_phone(tt.t.store, ANA, "555-010-9876");
  tablet_sync(&tt);
  assert_true(tablet_reads(&tt, "555-010-9876")); /* kept for an office that was restored, while she is expected */
  move_visit(&tt, 11, "2026-05-01T10:30");
  tablet_pull(&tt);
  bool done;
  assert_ok(scope_wipe(tt.t.store, &done));
  assert_true(done);
  static const char *const REMAINS[] = {"Ruizanova",    "ruizanova",    "Anastasia",
                                        "555-010-9876", "555-010-0001", "1980-02-29"};
  for (size_t i = 0; i < COUNT_OF(REMAINS); i++) {
    if (tablet_reads(&tt, REMAINS[i])) fail_msg("'%s' is still readable", REMAINS[i]);
  }
  Uuid ana = test_id(ANA), visit = test_id(11);
  assert_false(tablet_reads_bytes(&tt, (Str){(const char *)ana.bytes, 16}));
  assert_false(tablet_reads_bytes(&tt, (Str){(const char *)visit.bytes, 16}));
  assert_true(tablet_reads(&tt, "Okaforian"));
  change_phone(tt.t.store, BEN, "555-010-7777"); /* the chain goes on after what was pruned */
  tablet_sync(&tt);
  assert_sound(&tt);
}

TEST(a_whole_that_is_cut_in_the_middle_goes_on_after_a_restart)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tt.max_bytes = 1;
  bool more = true;
  for (int i = 0; i < 5; i++) tablet_pull_part(&tt, &more);
  assert_true(more);
  test_store_reopen(&tt.t);
  tt.rows = 0;
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(ANA)));
  assert_int_equal(test_count(tt.t.store, "appointment"), 2);
  size_t rest = tt.rows;
  assert_ok(scope_begin_anew(tt.t.store));
  tablet_pull(&tt);
  assert_true(rest < tt.rows);
  assert_sound(&tt);
}

TEST(rows_that_the_upstream_has_lost_go_when_everything_is_told_anew)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  {
    AUTO(Tx, tx, tx_fini) = {0};
    Uuid ben = test_id(BEN);
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "test.coverage", "", &tx));
    assert_ok(tx_insert(&tx, "coverage", test_id(31), COLS(col_uuid("client", &ben), col_text("payer", STR("Blue")))));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "coverage", test_id(31)));
  change_phone(tt.t.store, ANA, "555-010-3333"); /* not sent */
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.t.store, actor_client(test_id(ANA)), "checkin.finish", "", &tx));
    Task task = {.kind = "help", .title = "desk.task.help", .site = tt.p.site.id, .note = ""};
    Uuid id;
    assert_ok(task_add(&tx, &task, &id));
    assert_ok(tx_commit(&tx));
  }
  {
    AUTO(Tx, tx, tx_fini) = {0}; /* as after a backup of the office from before there was any */
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "retention.purge", "", &tx));
    assert_ok(tx_delete(&tx, "coverage", test_id(31)));
    assert_ok(tx_commit(&tx));
  }
  assert_ok(scope_begin_anew(tt.t.store));
  tt.max_bytes = 1;
  tablet_pull(&tt);
  assert_false(tablet_has(&tt, "coverage", test_id(31)));
  assert_int_equal(test_count(tt.t.store, "task"), 1);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(phone_of(tt.t.store, &arena, ANA), "555-010-3333");
}

TEST(a_tablet_that_writes_more_than_check_in_needs_is_refused_and_goes_on)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  change_phone(tt.t.store, ANA, "555-010-1111");
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.t.store, actor_system(), "checkin.finish", "", &tx));
    Uuid role = test_id(77);
    assert_ok(tx_insert(&tx, "role", role, COLS(col_text("name", STR("Intruder")))));
    assert_ok(tx_update(&tx, "client", test_id(BEN), COLS(col_text("phone", STR("555-666-6666")))));
    assert_ok(tx_commit(&tx));
  }
  change_phone(tt.t.store, BEN, "555-010-4444");
  uint64_t refused;
  assert_err(tablet_push(&tt, &refused), ERR_DENIED);
  assert_int_equal(refused, 2);
  assert_ok(scope_set_aside(tt.t.store, refused, STR("a tablet does not write to role")));
  assert_false(tablet_has(&tt, "role", test_id(77)));
  tablet_sync(&tt);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(phone_of(tt.p.t.store, &arena, ANA), "555-010-1111");
  assert_string_equal(phone_of(tt.p.t.store, &arena, BEN), "555-010-4444");
  assert_string_equal(phone_of(tt.t.store, &arena, BEN), "555-010-4444");
  int64_t aside;
  assert_ok(scope_aside_count(tt.t.store, &aside));
  assert_int_equal(aside, 1);
  assert_sound(&tt);
}

TEST(what_a_tablet_has_seen_is_not_listed_as_overwritten)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  tt.p.t.fake->now += 1000;
  change_phone(tt.p.t.store, ANA, "555-010-1111");
  tablet_pull(&tt);
  tt.t.fake->now += 2000;
  change_phone(tt.t.store, ANA, "555-010-2222"); /* knowing the other one */
  tablet_sync(&tt);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Overwrite *list;
  size_t count;
  assert_ok(merge_overwrites(tt.p.t.store, &arena, 10, &list, &count));
  assert_int_equal(count, 0);
  change_phone(tt.t.store, ANA, "555-010-3333");
  tt.p.t.fake->now += 60000;
  change_phone(tt.p.t.store, ANA, "555-010-4444"); /* neither knew the other one */
  tablet_sync(&tt);
  assert_ok(merge_overwrites(tt.p.t.store, &arena, 10, &list, &count));
  assert_int_equal(count, 1);
}

static void answer(Store *store, unsigned number, Uuid questionnaire, unsigned client, const char *words, Instant at)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid who = test_id(client);
  assert_ok(tx_begin(store, actor_client(who), "checkin.finish", "", &tx));
  assert_ok(tx_insert(&tx, "questionnaire_response", test_id(number),
                      COLS(col_uuid("questionnaire", &questionnaire), col_uuid("client", &who),
                           col_text("language", STR("en")), col_int("completed_at", at), col_text("face", STR("kiosk")),
                           col_text("body", str_c(arena_printf(&arena, "{\"answer\":\"%s\"}", words))))));
  assert_ok(tx_commit(&tx));
}

TEST(of_answers_a_tablet_is_told_that_and_when_and_only_the_newest)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  Store *office = tt.p.t.store;
  static const char ITEMS[] = "[{'linkId': 'a', 'type': 'string', 'text': 'How?'}]";
  Uuid yearly = test_questionnaire(&tt.p, "http://example.org/yearly", ITEMS);
  Uuid always = test_questionnaire(&tt.p, "http://example.org/always", ITEMS);
  Uuid unused = test_questionnaire(&tt.p, "http://example.org/unused", ITEMS);
  test_rule(&tt.p, (Uuid){{0}}, "questionnaire", "http://example.org/yearly", 365, 1);
  test_rule(&tt.p, (Uuid){{0}}, "questionnaire", "http://example.org/always", 0, 2);
  Instant now = tt.p.t.fake->now;
  answer(office, 51, yearly, ANA, "oldsecretone", now - 2000000);
  answer(office, 52, yearly, ANA, "oldsecrettwo", now - 1000000);
  answer(office, 53, always, ANA, "oldsecretthree", now - 1000000);
  answer(office, 54, unused, ANA, "oldsecretfour", now - 1000000);
  answer(office, 55, yearly, DORA, "oldsecretfive", now - 1000000);
  tablet_pull(&tt);
  assert_false(tablet_reads(&tt, "oldsecret"));
  assert_int_equal(test_count(tt.t.store, "questionnaire_response"), 1);
  assert_true(tablet_has(&tt, "questionnaire_response", test_id(52)));
  assert_int_equal(test_count(tt.t.store, "questionnaire"), 2);
  /* What is said at the tablet itself is kept in its journal, sent or not, for as long as she is expected; in its tables not. */
  tt.t.fake->now += 1000;
  tt.p.t.fake->now += 1000;
  answer(tt.t.store, 56, yearly, ANA, "newsecretone", tt.t.fake->now);
  tablet_sync(&tt);
  assert_false(tablet_has(&tt, "questionnaire_response", test_id(52)));
  assert_true(tablet_has(&tt, "questionnaire_response", test_id(56)));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static _Thread_local Row row;
  const Table *table = schema_table(&tt.t.store->schema, "questionnaire_response");
  assert_ok(row_read(tt.t.store, &arena, table, test_id(56), &row));
  assert_int_equal(row.values[table_column(table, "body")->id].bytes.len, 0);
  assert_sound(&tt);
}

TEST(staff_are_there_as_far_as_their_pin_needs)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  Store *office = tt.p.t.store;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid with_pin, without;
  {
    AUTO(Tx, tx, tx_fini) = {0};
    Faults faults = faults_make(&arena);
    assert_ok(tx_begin(office, actor_system(), "staff.add", "", &tx));
    assert_ok(permission_add_default_roles(&tx));
    assert_ok(staff_add(&tx,
                        &(StaffNew){.username = "pinuser",
                                    .given = "Petra",
                                    .family = "Pinholder",
                                    .password = "a long password",
                                    .pin = "4711",
                                    .role = "Front desk"},
                        &faults, &with_pin));
    assert_ok(staff_add(&tx,
                        &(StaffNew){.username = "nopinuser",
                                    .given = "Norbert",
                                    .family = "Nopinova",
                                    .password = "another password",
                                    .role = "Owner"},
                        &faults, &without));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  Staff staff;
  assert_ok(staff_pin(tt.t.store, &arena, STR("4711"), &staff));
  assert_true(uuid_eq(staff.id, with_pin));
  assert_ok(permission_check(tt.t.store, staff.id, tt.p.site.id, PERM_BOARD_VIEW));
  static _Thread_local Row row;
  const Table *table = schema_table(&office->schema, "staff");
  unsigned hash = table_column(table, "password_hash")->id;
  Uuid both[] = {with_pin, without};
  for (size_t i = 0; i < COUNT_OF(both); i++) {
    assert_ok(row_read(office, &arena, table, both[i], &row));
    assert_true(row.values[hash].bytes.len > 40);
    assert_false(tablet_reads_bytes(&tt, row.values[hash].bytes));
  }
  assert_false(tablet_reads(&tt, "Nopinova"));
  assert_false(tablet_reads(&tt, "pinuser"));
  {
    AUTO(Tx, tx, tx_fini) = {0}; /* she leaves */
    assert_ok(tx_begin(office, actor_system(), "staff.update", "", &tx));
    assert_ok(tx_update(&tx, "staff", with_pin, COLS(col_bool("active", false))));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  assert_int_equal(test_count(tt.t.store, "staff"), 0);
  assert_int_equal(test_count(tt.t.store, "staff_role"), 0);
  assert_sound(&tt);
}

TEST(records_that_are_linked_come_and_go_together)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "client.link", "", &tx));
    assert_ok(client_link(&tx, test_id(ANA), test_id(DORA)));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  assert_true(tablet_has(&tt, "client", test_id(DORA)));
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "client.unlink", "", &tx));
    assert_ok(client_unlink(&tx, test_id(ANA), test_id(DORA)));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  assert_false(tablet_has(&tt, "client", test_id(DORA)));
  assert_true(tablet_has(&tt, "client", test_id(ANA)));
  assert_sound(&tt);
}

TEST(a_person_checks_in_at_a_tablet_and_a_walk_in_is_shown_to_the_desk)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  Uuid provider = test_id(81);
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "test.provider", "", &tx));
    assert_ok(
        tx_insert(&tx, "provider", provider, COLS(col_text("given", STR("Lee")), col_text("family", STR("Wong")))));
    assert_ok(tx_commit(&tx));
  }
  tablet_pull(&tt);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  CheckinIdentity identity = {.given = STR("Anastasia"), .family = STR("Ruizanova"), .birth_date = {1980, 2, 29}};
  CheckinFound found;
  CheckinDone done;
  AUTO(Checkin *, checkin, checkin_forgetp) = NULL;
  assert_ok(checkin_identify(tt.t.store, &tt.p.site, &identity, &found, &checkin));
  assert_int_equal(found, CHECKIN_FOUND);
  assert_ok(checkin_contact(checkin, NULL, &faults));
  assert_ok(checkin_coverage(checkin, NULL, &faults));
  assert_ok(checkin_finish(checkin, &done));
  Client typed = {.given = "Dorothea",
                  .family = "Neverhereson",
                  .birth_date = "1985-05-05",
                  .contact = {.phone = "555-010-0004"}};
  AUTO(Checkin *, walk_in, checkin_forgetp) = NULL;
  assert_ok(checkin_walk_in(tt.t.store, &tt.p.site, &typed, &faults, &walk_in));
  assert_ok(checkin_contact(walk_in, NULL, &faults));
  assert_ok(checkin_coverage(walk_in, NULL, &faults));
  assert_int_equal(checkin_step(walk_in), CHECKIN_REASON);
  assert_ok(checkin_reason(walk_in, STR("a cough"), provider, &faults));
  assert_ok(checkin_finish(walk_in, &done));
  tablet_sync(&tt);
  Appointment visit;
  assert_ok(appointment_get(tt.p.t.store, &arena, test_id(11), &visit));
  assert_int_equal(visit.status, APPT_ARRIVED);
  assert_ok(appointment_get(tt.t.store, &arena, test_id(11), &visit));
  assert_int_equal(visit.status, APPT_ARRIVED);
  Task *tasks;
  size_t count;
  assert_ok(task_open_list(tt.p.t.store, &arena, tt.p.site.id, &tasks, &count));
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "identity");
  assert_int_equal(test_count(tt.t.store, "access"), 0); /* audit is for those above */
  assert_int_equal(test_count(tt.p.t.store, "access"), 1);
  assert_sound(&tt);
}

TEST(what_a_tablet_with_a_fast_clock_wrote_is_restamped_in_its_rows)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  change_phone(tt.t.store, ANA, "555-010-1111");
  tablet_sync(&tt);
  tt.t.fake->now += 3600 * 1000;
  change_phone(tt.t.store, ANA, "555-010-2222");
  assert_err(tablet_push(&tt, NULL), ERR_CLOCK);
  size_t restamped;
  tt.t.fake->now -= 3600 * 1000;
  assert_ok(merge_restamp(tt.t.store, tt.pushed, tt.p.t.fake->now, &restamped));
  assert_int_equal(restamped, 1);
  assert_sound(&tt);
  tablet_sync(&tt);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(phone_of(tt.p.t.store, &arena, ANA), "555-010-2222");
  assert_string_equal(phone_of(tt.t.store, &arena, ANA), "555-010-2222");
  assert_sound(&tt);
}

TEST(a_copy_of_a_tablet_is_noticed)
{
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  ScopePart part = {.own_seq = 9, .of = {.site = tt.p.site.id, .from = "2026-03-01", .to = "2026-03-04"}};
  ScopeReport report;
  assert_err(scope_take(tt.t.store, &SCOPE_LOBBY_RULES, &part, NULL, NULL, &report), ERR_FORK);
}

/* Acceptance 7: of 10 changes the tablet is told as much, and as quickly, whatever else there is. */
TEST(telling_costs_what_changed_and_not_what_there_is)
{
  enum { MANY = 3000 };
  AUTO(TestTablet, tt, test_tablet_fini) = lobby();
  tablet_pull(&tt);
  int64_t few = 0, many = 0;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 10; i++) change_phone(tt.p.t.store, ANA, i % 2 ? "555-010-5555" : "555-010-6666");
    int64_t start = env_monotonic_ms(env_system());
    for (int i = 0; i < 20; i++) {
      AUTO(Arena, arena, arena_fini) = arena_make(0);
      bool scoped;
      ScopeOf of;
      ScopePart part;
      int64_t served;
      assert_ok(scope_of(tt.p.t.store, store_node(tt.t.store), &scoped, &of));
      assert_ok(scope_part(tt.p.t.store, &arena, &SCOPE_LOBBY_RULES, &of, scope_place(tt.t.store, &arena), 1 << 20,
                           &part, &served));
      assert_int_equal(part.count, 1);
    }
    *(round ? &many : &few) = env_monotonic_ms(env_system()) - start;
    tablet_pull(&tt);
    if (round) break;
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(tt.p.t.store, actor_system(), "test.many", "", &tx));
    for (unsigned i = 0; i < MANY; i++)
      assert_ok(tx_insert(&tx, "client", test_id(100000 + i),
                          COLS(col_text("given", STR("One")), col_text("family", STR("Ofmany")),
                               col_text("sort_name", STR("ofmany one")))));
    assert_ok(tx_commit(&tx));
    tablet_pull(&tt);
    assert_int_equal(tt.rows, 0);
  }
  print_message("20 answers: %lld ms, with %d clients more %lld ms\n", (long long)few, MANY, (long long)many);
  assert_true(many <= 5 * few + 200); /* with all clients looked at it would be a hundred times as long */
  assert_false(tablet_reads(&tt, "Ofmany"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tablet_holds_who_comes_from_yesterday_to_tomorrow_and_nobody_else),
      cmocka_unit_test(booking_moving_and_cancelling_bring_and_take_a_person),
      cmocka_unit_test(a_day_that_comes_brings_its_people_and_the_one_that_goes_takes_them),
      cmocka_unit_test(without_its_upstream_a_tablet_lets_go_of_days_that_are_over),
      cmocka_unit_test(what_was_written_here_and_not_sent_is_upon_what_the_upstream_tells),
      cmocka_unit_test(a_later_edit_elsewhere_wins_at_the_tablet_as_it_does_at_the_office),
      cmocka_unit_test(a_row_with_edits_that_were_not_sent_stays_until_they_are_known_above),
      cmocka_unit_test(eviction_leaves_nothing_readable),
      cmocka_unit_test(a_whole_that_is_cut_in_the_middle_goes_on_after_a_restart),
      cmocka_unit_test(rows_that_the_upstream_has_lost_go_when_everything_is_told_anew),
      cmocka_unit_test(a_tablet_that_writes_more_than_check_in_needs_is_refused_and_goes_on),
      cmocka_unit_test(what_a_tablet_has_seen_is_not_listed_as_overwritten),
      cmocka_unit_test(of_answers_a_tablet_is_told_that_and_when_and_only_the_newest),
      cmocka_unit_test(staff_are_there_as_far_as_their_pin_needs),
      cmocka_unit_test(records_that_are_linked_come_and_go_together),
      cmocka_unit_test(a_person_checks_in_at_a_tablet_and_a_walk_in_is_shown_to_the_desk),
      cmocka_unit_test(what_a_tablet_with_a_fast_clock_wrote_is_restamped_in_its_rows),
      cmocka_unit_test(a_copy_of_a_tablet_is_noticed),
      cmocka_unit_test(telling_costs_what_changed_and_not_what_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
