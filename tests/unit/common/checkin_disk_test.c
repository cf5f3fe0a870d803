/* The disk fails, or the power, at every write of a check-in, one after another: each time the person is told, nothing is half done, no step is lost, and
 * the same works once there is room again. */
#include <string.h>

#include "common/practice/checkin.h"
#include "common/store/blob.h"
#include "common/store/verify.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"
#include "tests/support/vfs_fault.h"

#define URL "http://example.org/intake"

enum { WRITES_MAX = 2000, ALL_ROWS = 7, VISITS_FROM = 10000, VERIFY_EVERY = 40 };

typedef struct Run { /* the check-in of the n-th person, in one practice for all of them */
  TestPractice *p;
  Checkin *checkin;
  unsigned person, visit;
  Date born;
  int64_t rows_before;
  VfsFault fault;
  bool restart;       /* after a failure: the program ends and starts again, rather than trying again */
  int failures, full; /* full: of them those that said so */
} Run;

static void ok(Err err, const char *what)
{
  if (err != ERR_OK) fail_msg("%s: %s %s", what, err_name(err), err_detail());
}

static TestPractice practice_make(void)
{
  vfs_fault_register();
  TestPractice p = test_practice_on(VFS_FAULT);
  test_questionnaire(&p, URL, "[{'linkId': 'smoke', 'type': 'boolean', 'required': true, 'text': 'Do you smoke?'}]");
  test_document(&p, "privacy", "2026-01");
  test_rule(&p, (Uuid){{0}}, "questionnaire", URL, 0, 1);
  test_rule(&p, (Uuid){{0}}, "consent", "privacy", -1, 2);
  return p;
}

/* Every row that a check-in writes, of all persons. */
static int64_t rows_of(TestPractice *p)
{
  static const char *const TABLES[] = {"questionnaire_response", "consent", "attachment", "coverage", "task"};
  int64_t rows = 0;
  for (size_t i = 0; i < COUNT_OF(TABLES); i++) rows += test_count(p->t.store, TABLES[i]);
  return rows;
}

static Run run_of(TestPractice *p, long n)
{
  Run run = {.p = p, .person = (unsigned)n + 1, .visit = VISITS_FROM + (unsigned)n};
  char birth[DATE_TEXT_LEN + 1];
  run.born = date_from_days(3000 + (int32_t)n);
  date_text(run.born, birth);
  test_person(p, run.person, "Ana", "Ruiz", birth, "555-010-0100");
  test_visit(p, run.visit, run.person, "10:30");
  run.rows_before = rows_of(p);
  return run;
}

/* What this check-in has written. */
static int64_t written(Run *run)
{
  Client client;
  Appointment visit;
  ok(client_get(run->p->t.store, &run->p->arena, test_id(run->person), &client), "client");
  ok(appointment_get(run->p->t.store, &run->p->arena, test_id(run->visit), &visit), "visit");
  return rows_of(run->p) - run->rows_before + (strcmp(client.contact.city, "Shelbyville") == 0) +
         (visit.status == APPT_ARRIVED);
}

/* Did `err` come of the failing disk? Then it has room again. Anything else that went wrong is a bug. */
static bool failed(Run *run, Err err, const char *what)
{
  if (err == ERR_OK) return false;
  bool expected = err == ERR_IO || (err == ERR_NO_SPACE && run->fault == VFS_FULL);
  if (!vfs_fault_happened() || !expected) fail_msg("%s: %s %s", what, err_name(err), err_detail());
  run->full += err == ERR_NO_SPACE;
  run->failures++;
  vfs_fault_never();
  return true;
}

static Err try_identify(Run *run)
{
  CheckinIdentity identity = {.birth_date = run->born, .given = STR("Ana"), .family = STR("Ruiz")};
  CheckinFound found = CHECKIN_ASK_TIME;
  run->checkin = NULL;
  Err err = checkin_identify(run->p->t.store, &run->p->site, &identity, &found, &run->checkin);
  assert_true((err == ERR_OK) == (run->checkin != NULL));
  return err;
}

static Err answer(Checkin *checkin, Faults *faults)
{
  AUTO(json_t *, values, json_release) = json_pack("[{sb}]", "valueBoolean", true);
  return checkin_answer(checkin, values, faults);
}

static Err sign(Checkin *checkin, unsigned person, Faults *faults)
{
  InkPoint points[40];
  for (int i = 0; i < 40; i++)
    points[i] =
        (InkPoint){(uint16_t)(9000 + i * 700), (uint16_t)(30000 + i % 5 * 900 + (int)person), (uint32_t)i * 9, i > 0};
  ConsentDecision decision = {.decision = "signed",
                              .method = "drawn",
                              .electronic = true,
                              .read_to_end = true,
                              .ink = ink_encode(faults->arena, points, 40, 800, 300)};
  return checkin_consent(checkin, &decision, faults);
}

/* One step forward, whichever is next. */
static Err say(Run *run)
{
  Faults faults = faults_make(&run->p->arena);
  switch (checkin_step(run->checkin)) {
  case CHECKIN_CONTACT: {
    Contact contact = *checkin_contact_shown(run->checkin);
    contact.city = "Shelbyville";
    return checkin_contact(run->checkin, &contact, &faults);
  }
  case CHECKIN_COVERAGE:
    return checkin_coverage(run->checkin, &(Coverage){.payer = "Blue Shield", .member_id = "X1"}, &faults);
  case CHECKIN_REASON: return checkin_reason(run->checkin, STR("A rash"), (Uuid){{0}}, &faults);
  case CHECKIN_FORM: return answer(run->checkin, &faults);
  case CHECKIN_CONSENT: return sign(run->checkin, run->person, &faults);
  case CHECKIN_DONE: break;
  }
  return ERR_OK;
}

static void after_failure(Run *run)
{
  assert_int_equal(written(run), 0);
  if (!run->restart) return;
  checkin_forget(run->checkin);
  test_store_reopen(&run->p->t);
  while (failed(run, try_identify(run), "identify")) continue;
}

static void check_in(Run *run)
{
  CheckinDone done;
  while (failed(run, try_identify(run), "identify")) continue;
  while (checkin_step(run->checkin) != CHECKIN_DONE) {
    CheckinStep before = checkin_step(run->checkin);
    if (!failed(run, say(run), "say")) continue;
    assert_int_equal(checkin_step(run->checkin), before);
    after_failure(run);
  }
  while (failed(run, checkin_finish(run->checkin, &done), "finish")) after_failure(run);
  assert_true(str_starts(str_c(done.ticket), STR("M-")));
  checkin_forget(run->checkin);
}

/* All is there, once; now and then also by the journal's word. */
static void assert_whole(Run *run, bool verify)
{
  VerifyReport report;
  Str draft;
  test_store_reopen(&run->p->t);
  assert_int_equal(written(run), ALL_ROWS);
  assert_int_equal(draft_load(run->p->t.store, &run->p->arena, test_id(run->visit), "checkin", &draft), ERR_NOT_FOUND);
  if (verify && verify_store(run->p->t.store, &report) != ERR_OK) fail_msg("verify: %s", report.fault);
}

static void fail_at_every_write(VfsFault fault, bool restart)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  int full = 0;
  bool through = false;
  for (long n = 0; !through; n++) {
    assert_true(n < WRITES_MAX);
    Run run = run_of(&p, n);
    run.fault = fault;
    run.restart = restart;
    vfs_fault_after(n, fault);
    check_in(&run);
    through = run.failures == 0;
    vfs_fault_never();
    assert_whole(&run, through || n % VERIFY_EVERY == 0);
    full += run.full;
    assert_true(!through || n > 20); /* a check-in writes at least so often */
  }
  assert_true(fault != VFS_FULL || full > 10);
}

TEST(a_full_disk_at_any_write_leaves_nothing_half_done_and_the_call_may_be_made_again)
{
  fail_at_every_write(VFS_FULL, false);
}

TEST(a_full_disk_and_a_restart_at_any_write_lose_no_step)
{
  fail_at_every_write(VFS_FULL, true);
}

TEST(a_broken_disk_at_any_write_leaves_nothing_half_done)
{
  fail_at_every_write(VFS_BROKEN, true);
}

/* The program dies at a write; the disk keeps what was synced and, of the rest, anything. */
static bool cut_power_at(TestPractice *p, long n)
{
  Run run = run_of(p, n);
  CheckinStep reached = CHECKIN_CONTACT;
  CheckinDone done;
  vfs_fault_after(n, VFS_DEAD);
  Err err = try_identify(&run);
  while (err == ERR_OK && (reached = checkin_step(run.checkin)) != CHECKIN_DONE) err = say(&run);
  if (err == ERR_OK) err = checkin_finish(run.checkin, &done);
  bool through = err == ERR_OK && !vfs_fault_happened();
  checkin_forget(run.checkin);
  store_close(p->t.store);
  vfs_fault_never();
  vfs_fault_power_cut((uint64_t)n); /* 0: nothing that was not synced */
  p->t.store = test_store_again(&p->t);
  int64_t rows = written(&run);
  if (rows != 0 && rows != ALL_ROWS) fail_msg("cut at write %ld: half done", n);
  if (err == ERR_OK) assert_int_equal(rows, ALL_ROWS); /* what was said to be written is */
  ok(try_identify(&run), "identify");
  if (rows == 0) {
    assert_true(checkin_step(run.checkin) >= reached); /* no step is lost; the last one may have got through */
    while (checkin_step(run.checkin) != CHECKIN_DONE) ok(say(&run), "say");
    ok(checkin_finish(run.checkin, &done), "finish");
  }
  checkin_forget(run.checkin);
  assert_whole(&run, through || n % VERIFY_EVERY == 0);
  return through;
}

TEST(a_power_cut_at_any_write_loses_no_step_and_writes_nothing_twice)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  for (long n = 0; !cut_power_at(&p, n); n++) assert_true(n < WRITES_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_full_disk_at_any_write_leaves_nothing_half_done_and_the_call_may_be_made_again),
      cmocka_unit_test(a_full_disk_and_a_restart_at_any_write_lose_no_step),
      cmocka_unit_test(a_broken_disk_at_any_write_leaves_nothing_half_done),
      cmocka_unit_test(a_power_cut_at_any_write_loses_no_step_and_writes_nothing_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
