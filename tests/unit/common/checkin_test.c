#include <stdlib.h>
#include <string.h>

#include "common/practice/checkin.h"
#include "common/practice/task.h"
#include "common/store/blob.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

#define URL "http://example.org/intake"
#define FORM                                                                            \
  "[{'linkId': 'smoke', 'type': 'boolean', 'required': true, 'text': 'Do you smoke?'}," \
  " {'linkId': 'many', 'type': 'integer', 'text': 'How many?',"                         \
  "  'enableWhen': [{'question': 'smoke', 'operator': '=', 'answerBoolean': true}]},"   \
  " {'linkId': 'note', 'type': 'string', 'text': 'Anything else?'}]"

static const int64_t DAY_MS = 24 * 3600 * 1000;

/* Ana, who is booked at 10:30 and owes a form and a consent. */
static TestPractice practice_make(void)
{
  TestPractice p = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&p, 100, 1, "10:30");
  return p;
}

static void owe_forms(TestPractice *p, int valid_days)
{
  test_questionnaire(p, URL, FORM);
  test_document(p, "privacy", "2026-01");
  test_rule(p, (Uuid){{0}}, "questionnaire", URL, valid_days, 1);
  test_rule(p, (Uuid){{0}}, "consent", "privacy", -1, 2);
}

static Checkin *begin(TestPractice *p)
{
  CheckinIdentity identity = {.birth_date = {1980, 2, 29}, .given = STR("Ana"), .family = STR("Ruiz")};
  CheckinFound found;
  Checkin *checkin = NULL;
  Err err = checkin_identify(p->t.store, &p->site, &identity, &found, &checkin);
  if (err != ERR_OK) fail_msg("identify: %s %s", err_name(err), err_detail());
  return checkin;
}

static void ok(Err err, const Faults *faults)
{
  if (err != ERR_OK) fail_msg("%s: %s", err_name(err), faults && faults->count ? faults->items[0].key : err_detail());
}

static void confirm(Checkin *checkin, Faults *faults)
{
  assert_int_equal(checkin_step(checkin), CHECKIN_CONTACT);
  ok(checkin_contact(checkin, NULL, faults), faults);
  assert_int_equal(checkin_step(checkin), CHECKIN_COVERAGE);
  ok(checkin_coverage(checkin, NULL, faults), faults);
}

static void answer(Checkin *checkin, Faults *faults, const char *link_id, json_t *value)
{
  assert_string_equal(checkin_item(checkin)->link_id, link_id);
  AUTO(json_t *, values, json_release) = value ? json_pack("[o]", value) : json_array();
  ok(checkin_answer(checkin, values, faults), faults);
}

static ConsentDecision signature(Arena *arena)
{
  InkPoint points[40];
  for (int i = 0; i < 40; i++)
    points[i] = (InkPoint){(uint16_t)(9000 + i * 700), (uint16_t)(30000 + i % 5 * 900), (uint32_t)i * 9, i > 0};
  return (ConsentDecision){.decision = "signed",
                           .method = "drawn",
                           .electronic = true,
                           .read_to_end = true,
                           .ink = ink_encode(arena, points, 40, 800, 300)};
}

static void say_all(Checkin *checkin, Faults *faults)
{
  confirm(checkin, faults);
  answer(checkin, faults, "smoke", json_pack("{sb}", "valueBoolean", true));
  answer(checkin, faults, "many", json_pack("{si}", "valueInteger", 5));
  answer(checkin, faults, "note", NULL);
  assert_int_equal(checkin_step(checkin), CHECKIN_CONSENT);
  ConsentDecision decision = signature(faults->arena);
  ok(checkin_consent(checkin, &decision, faults), faults);
  assert_int_equal(checkin_step(checkin), CHECKIN_DONE);
}

static void set_time(TestPractice *p, int64_t ms)
{
  env_fake_advance(p->t.fake, ms);
}

static Appointment visit_now(TestPractice *p, Uuid id)
{
  Appointment visit;
  ok(appointment_get(p->t.store, &p->arena, id, &visit), NULL);
  return visit;
}

static Coverage insure(TestPractice *p)
{
  Faults faults = faults_make(&p->arena);
  Coverage coverage = {.client = test_id(1),
                       .payer = "Blue Shield",
                       .plan = "",
                       .member_id = "X1",
                       .group_number = "",
                       .subscriber = "",
                       .relationship = "self",
                       .start_date = "",
                       .end_date = "",
                       .status = "active",
                       .rank = 1};
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.cover", "", &tx), NULL);
  ok(coverage_save(&tx, &coverage, &faults, &coverage.id), &faults);
  ok(tx_commit(&tx), NULL);
  return coverage;
}

TEST(with_nothing_to_change_two_taps_are_enough)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  insure(&p);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  int step, steps;
  checkin_progress(checkin, &step, &steps);
  assert_int_equal(step, 1);
  assert_int_equal(steps, 2);
  assert_string_equal(checkin_contact_shown(checkin)->phone, "555-010-0100");
  assert_false(checkin_contact_is_current(checkin));
  confirm(checkin, &faults);
  assert_int_equal(checkin_step(checkin), CHECKIN_DONE);
  checkin_progress(checkin, &step, &steps);
  assert_int_equal(step, 2);
  int64_t head = store_head(p.t.store);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  assert_int_equal(store_head(p.t.store), head + 1); /* one transaction */
  assert_string_equal(done.waiting_place, "Blue chairs");
  assert_string_equal(done.ticket, "M-01");
  Appointment visit = visit_now(&p, test_id(100));
  assert_int_equal(visit.status, APPT_ARRIVED);
  assert_int_equal(visit.arrived_at, p.t.fake->now);
  Client client;
  ok(client_get(p.t.store, &p.arena, test_id(1), &client), NULL);
  assert_int_equal(client.contact_confirmed_at, p.t.fake->now);
  Coverage *list;
  size_t count;
  ok(coverage_list(p.t.store, &p.arena, test_id(1), &list, &count), NULL);
  assert_int_equal(list[0].confirmed_at, p.t.fake->now);
  AUTO(Checkin *, again, checkin_forgetp) = begin(&p);
  assert_true(checkin_is_here_already(again));
}

TEST(where_insurance_is_not_asked_it_is_neither_shown_nor_confirmed)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  Coverage coverage = insure(&p);
  Practice practice;
  ok(practice_get(p.t.store, &p.arena, &practice), NULL);
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p.t.store, actor_system(), "test.law", "", &tx), NULL);
  ok(tx_update(&tx, "practice", practice.id, COLS(col_text("vertical", STR("law")))), NULL);
  ok(tx_commit(&tx), NULL);
  Instant before = p.t.fake->now;
  env_fake_advance(p.t.fake, 60000);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  ok(checkin_contact(checkin, NULL, &faults), &faults);
  assert_int_equal(checkin_step(checkin), CHECKIN_DONE);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  Coverage *list;
  size_t count;
  ok(coverage_list(p.t.store, &p.arena, test_id(1), &list, &count), NULL);
  assert_int_equal(count, 1);
  assert_true(uuid_eq(list[0].id, coverage.id));
  assert_true(list[0].confirmed_at <= before);
}

TEST(everything_said_is_written_at_once)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 0);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  int64_t head = store_head(p.t.store);
  say_all(checkin, &faults);
  assert_int_equal(store_head(p.t.store), head); /* nothing yet */
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  assert_int_equal(store_head(p.t.store), head + 1);
  assert_int_equal(test_count(p.t.store, "questionnaire_response"), 1);
  Consent *consents;
  size_t count;
  ok(consent_of_client(p.t.store, &p.arena, test_id(1), &consents, &count), NULL);
  assert_int_equal(count, 1);
  assert_true(consents[0].intact && consents[0].ink_here);
  assert_string_equal(consents[0].signer_name, "Ana Ruiz");
  assert_true(uuid_eq(consents[0].appointment, test_id(100)));
  Str draft;
  assert_int_equal(draft_load(p.t.store, &p.arena, test_id(100), "checkin", &draft), ERR_NOT_FOUND);
  assert_int_equal(checkin_finish(checkin, &done), ERR_CONFLICT);
}

TEST(contact_and_coverage_are_corrected)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  Coverage mine = insure(&p);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  Contact contact = *checkin_contact_shown(checkin);
  contact.phone = "call me";
  assert_int_equal(checkin_contact(checkin, &contact, &faults), ERR_INVALID);
  assert_non_null(faults_for(&faults, "phone"));
  assert_int_equal(checkin_step(checkin), CHECKIN_CONTACT);
  contact.phone = "555-010-0199";
  Faults none = faults_make(&p.arena);
  ok(checkin_contact(checkin, &contact, &none), &none);
  mine.member_id = "X2";
  ok(checkin_coverage(checkin, &mine, &none), &none);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  Client client;
  ok(client_get(p.t.store, &p.arena, test_id(1), &client), NULL);
  assert_string_equal(client.contact.phone, "555-010-0199");
  Coverage *list;
  size_t count;
  ok(coverage_list(p.t.store, &p.arena, test_id(1), &list, &count), NULL);
  assert_int_equal(count, 1);
  assert_string_equal(list[0].member_id, "X2");
  Task *tasks;
  ok(task_open_list(p.t.store, &p.arena, p.site.id, &tasks, &count), NULL);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "coverage-check");
}

TEST(without_insurance_nothing_is_made_up_and_the_desk_hears_only_of_a_change)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  ok(checkin_contact(checkin, NULL, &faults), &faults);
  ok(checkin_coverage(checkin, &(Coverage){.payer = ""}, &faults), &faults);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  assert_int_equal(test_count(p.t.store, "coverage"), 0);
  assert_int_equal(test_count(p.t.store, "task"), 0);
}

TEST(a_required_question_is_not_passed_and_back_goes_one_question)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 0);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  assert_false(checkin_back(checkin));
  confirm(checkin, &faults);
  assert_int_equal(checkin_answer(checkin, NULL, &faults), ERR_INVALID);
  assert_string_equal(faults_for(&faults, "smoke")->key, "fault.required");
  Faults none = faults_make(&p.arena);
  answer(checkin, &none, "smoke", json_pack("{sb}", "valueBoolean", true));
  answer(checkin, &none, "many", json_pack("{si}", "valueInteger", 5));
  assert_string_equal(checkin_item(checkin)->link_id, "note");
  assert_true(checkin_back(checkin));
  assert_string_equal(checkin_item(checkin)->link_id, "many");
  assert_true(checkin_back(checkin));
  assert_true(checkin_back(checkin));
  assert_int_equal(checkin_step(checkin), CHECKIN_COVERAGE);
  ok(checkin_coverage(checkin, NULL, &none), &none);
  answer(checkin, &none, "smoke", json_pack("{sb}", "valueBoolean", false));
  answer(checkin, &none, "note", NULL); /* "many" is not asked now */
  assert_int_equal(checkin_step(checkin), CHECKIN_CONSENT);
  assert_true(checkin_back(checkin));
  assert_string_equal(checkin_item(checkin)->link_id, "note");
}

TEST(what_is_current_is_not_asked_again)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 30);
  AUTO(Checkin *, first, checkin_forgetp) = begin(&p);
  say_all(first, &faults);
  CheckinDone done;
  ok(checkin_finish(first, &done), NULL);
  const struct {
    int day;
    const char *when;
    bool form_due, consent_due;
  } CASES[] = {{29, "2026-03-31T12:00", false, false},
               {30, "2026-04-01T12:00", true, false},
               {31, "2026-04-02T12:00", true, true}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    p.t.fake->now = 1772463600000 + CASES[i].day * DAY_MS;
    if (CASES[i].day == 31) test_document(&p, "privacy", "2026-02"); /* another text is signed anew */
    test_visit(&p, 200 + (unsigned)i, 1, CASES[i].when);
    AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
    assert_true(checkin_contact_is_current(checkin));
    confirm(checkin, &faults);
    assert_int_equal(checkin_step(checkin) == CHECKIN_FORM, CASES[i].form_due);
    if (CASES[i].form_due) {
      answer(checkin, &faults, "smoke", json_pack("{sb}", "valueBoolean", false));
      answer(checkin, &faults, "note", NULL);
    }
    assert_int_equal(checkin_step(checkin), CASES[i].consent_due ? CHECKIN_CONSENT : CHECKIN_DONE);
  }
}

TEST(a_refusal_is_asked_again_at_the_next_visit)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  test_document(&p, "privacy", "2026-01");
  test_rule(&p, (Uuid){{0}}, "consent", "privacy", -1, 2);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  confirm(checkin, &faults);
  ConsentDecision refusal = {.decision = "refused"};
  ok(checkin_consent(checkin, &refusal, &faults), &faults);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  assert_int_equal(test_count(p.t.store, "task"), 1);
  set_time(&p, DAY_MS);
  test_visit(&p, 101, 1, "2026-03-03T10:30");
  AUTO(Checkin *, next, checkin_forgetp) = begin(&p);
  confirm(next, &faults);
  assert_int_equal(checkin_step(next), CHECKIN_CONSENT);
}

TEST(a_rule_for_the_type_stands_in_for_the_general_one)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 0);
  test_rule(&p, p.visit_type, "questionnaire", URL, -1, 1);
  test_rule(&p, p.walk_in_type, "consent", "other", 0, 1);
  test_rule(&p, (Uuid){{0}}, "questionnaire", "http://example.org/missing", 0, 0); /* not here: not in the way */
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  say_all(checkin, &faults);
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  set_time(&p, DAY_MS);
  test_visit(&p, 101, 1, "2026-03-03T10:30");
  AUTO(Checkin *, next, checkin_forgetp) = begin(&p);
  confirm(next, &faults);
  assert_int_equal(checkin_step(next), CHECKIN_DONE);
}

TEST(a_draft_is_taken_up_where_it_was_left)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 0);
  Coverage mine = insure(&p);
  Checkin *checkin = begin(&p);
  assert_false(checkin_resumed(checkin));
  Contact contact = *checkin_contact_shown(checkin);
  contact.city = "Shelbyville";
  ok(checkin_contact(checkin, &contact, &faults), &faults);
  mine.group_number = "G7";
  ok(checkin_coverage(checkin, &mine, &faults), &faults);
  answer(checkin, &faults, "smoke", json_pack("{sb}", "valueBoolean", true));
  ok(checkin_typing(checkin, "many", STR("1")), NULL);
  ok(checkin_typing(checkin, "many", STR("12")), NULL);
  checkin_forget(checkin);
  test_store_reopen(&p.t); /* the power was cut */
  checkin = begin(&p);
  assert_true(checkin_resumed(checkin));
  assert_string_equal(checkin_item(checkin)->link_id, "many");
  assert_true(str_eq(checkin_typed(checkin, "many"), STR("12")));
  assert_string_equal(checkin_contact_shown(checkin)->city, "Shelbyville");
  size_t count;
  assert_string_equal(checkin_coverages(checkin, &count)[0].group_number, "G7");
  answer(checkin, &faults, "many", json_pack("{si}", "valueInteger", 12));
  assert_true(str_empty(checkin_typed(checkin, "many")));
  answer(checkin, &faults, "note", NULL);
  ConsentDecision decision = signature(&p.arena);
  ok(checkin_consent(checkin, &decision, &faults), &faults);
  checkin_forget(checkin);
  checkin = begin(&p);
  assert_int_equal(checkin_step(checkin), CHECKIN_DONE); /* signed already */
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
  checkin_forget(checkin);
  Client client;
  ok(client_get(p.t.store, &p.arena, test_id(1), &client), NULL);
  assert_string_equal(client.contact.city, "Shelbyville");
}

TEST(a_draft_is_for_one_person_one_visit_and_one_day)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 0);
  Checkin *checkin = begin(&p);
  confirm(checkin, &faults);
  answer(checkin, &faults, "smoke", json_pack("{sb}", "valueBoolean", true));
  checkin_forget(checkin);
  Str draft;
  ok(draft_load(p.t.store, &p.arena, test_id(100), "checkin", &draft), NULL);
  assert_non_null(strstr(arena_cstr(&p.arena, draft), "smoke"));

  /* The visit becomes another person's. */
  test_person(&p, 2, "Bob", "Lee", "1990-01-01", "555-010-0200");
  Uuid bob = test_id(2);
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p.t.store, actor_system(), "test.swap", "", &tx), NULL);
  ok(tx_update(&tx, "appointment", test_id(100), COLS(col_uuid("client", &bob))), NULL);
  ok(tx_commit(&tx), NULL);
  CheckinIdentity identity = {.birth_date = {1990, 1, 1}, .given = STR("Bob"), .family = STR("Lee")};
  CheckinFound found;
  ok(checkin_identify(p.t.store, &p.site, &identity, &found, &checkin), NULL);
  assert_false(checkin_resumed(checkin));
  assert_int_equal(checkin_step(checkin), CHECKIN_CONTACT);
  checkin_forget(checkin);
  assert_int_equal(draft_load(p.t.store, &p.arena, test_id(100), "checkin", &draft), ERR_NOT_FOUND);
}

TEST(a_draft_older_than_a_day_is_gone)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  Checkin *checkin = begin(&p);
  ok(checkin_contact(checkin, NULL, &faults), &faults);
  checkin_forget(checkin);
  set_time(&p, DAY_MS + 1000);
  test_visit(&p, 101, 1, "2026-03-03T10:30");
  checkin = begin(&p);
  assert_false(checkin_resumed(checkin));
  checkin_forget(checkin);
  Str draft;
  assert_int_equal(draft_load(p.t.store, &p.arena, test_id(100), "checkin", &draft), ERR_NOT_FOUND);
}

TEST(a_draft_of_another_version_of_the_form_asks_that_form_anew)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  owe_forms(&p, 0);
  Checkin *checkin = begin(&p);
  confirm(checkin, &faults);
  answer(checkin, &faults, "smoke", json_pack("{sb}", "valueBoolean", true));
  checkin_forget(checkin);
  set_time(&p, 1000);
  test_questionnaire(&p, URL, "[{'linkId': 'new', 'type': 'boolean'}]");
  checkin = begin(&p);
  assert_true(checkin_resumed(checkin));
  assert_string_equal(checkin_item(checkin)->link_id, "new");
  checkin_forget(checkin);
}

TEST(two_kiosks_one_visit_the_second_learns_of_it)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  AUTO(Checkin *, first, checkin_forgetp) = begin(&p);
  AUTO(Checkin *, second, checkin_forgetp) = begin(&p);
  confirm(first, &faults);
  confirm(second, &faults);
  CheckinDone done;
  ok(checkin_finish(first, &done), NULL);
  int64_t head = store_head(p.t.store);
  assert_int_equal(checkin_finish(second, &done), ERR_CONFLICT);
  assert_int_equal(store_head(p.t.store), head);
}

TEST(a_visit_that_was_cancelled_meanwhile_is_a_conflict_and_changes_nothing)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  Contact contact = *checkin_contact_shown(checkin);
  contact.city = "Shelbyville";
  ok(checkin_contact(checkin, &contact, &faults), &faults);
  ok(checkin_coverage(checkin, NULL, &faults), &faults);
  test_visit_move(&p, test_id(100), APPT_BOOKED, APPT_CANCELLED);
  CheckinDone done;
  assert_int_equal(checkin_finish(checkin, &done), ERR_CONFLICT);
  Client client;
  ok(client_get(p.t.store, &p.arena, test_id(1), &client), NULL);
  assert_string_equal(client.contact.city, "Springfield");
}

TEST(the_language_changes_midway)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  Faults faults = faults_make(&p.arena);
  test_document(&p, "privacy", "2026-01");
  test_rule(&p, (Uuid){{0}}, "consent", "privacy", -1, 2);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  confirm(checkin, &faults);
  assert_string_equal(checkin_document(checkin)->title, "Privacy");
  checkin_language(checkin, "es");
  assert_string_equal(checkin_document(checkin)->title, "Privacidad");
  ConsentDecision decision = signature(&p.arena);
  ok(checkin_consent(checkin, &decision, &faults), &faults);
  assert_string_equal(decision.language, "es");
  CheckinDone done;
  ok(checkin_finish(checkin, &done), NULL);
}

TEST(help_reaches_the_desk_with_and_without_a_name)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  ok(checkin_help(p.t.store, &p.site, NULL), NULL);
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  ok(checkin_help(p.t.store, &p.site, checkin), NULL);
  Task *tasks;
  size_t count;
  ok(task_open_list(p.t.store, &p.arena, p.site.id, &tasks, &count), NULL);
  assert_int_equal(count, 2);
  assert_true(uuid_is_nil(tasks[0].client));
  assert_true(uuid_eq(tasks[1].client, test_id(1)));
  assert_true(uuid_eq(tasks[1].appointment, test_id(100)));
}

/* Written masked, so that the search does not find itself. */
enum { MASK = 0x5a, SECRET_LEN = 24, FRONT_LEN = 64 }; /* the heap itself overwrites the front of what is freed */

static void unmask(const char masked[SECRET_LEN], char out[FRONT_LEN + SECRET_LEN + 1])
{
  memset(out, '-', FRONT_LEN);
  for (int i = 0; i < SECRET_LEN; i++) out[FRONT_LEN + i] = (char)(masked[i] ^ MASK);
  out[FRONT_LEN + SECRET_LEN] = '\0';
}

static size_t found_in(const char *from, size_t len, const char masked[SECRET_LEN])
{
  size_t found = 0;
  for (size_t i = 0; i + SECRET_LEN <= len; i++) {
    size_t k = 0;
    while (k < SECRET_LEN && (char)(from[i + k] ^ MASK) == masked[k]) k++;
    found += k == SECRET_LEN;
  }
  return found;
}

/* How often it is in this process's writable memory. */
__attribute__((no_sanitize("address"))) static size_t found_in_memory(const char masked[SECRET_LEN])
{
  FILE *maps = fopen("/proc/self/maps", "r");
  FILE *memory = fopen("/proc/self/mem", "r");
  assert_true(maps && memory);
  setvbuf(memory, NULL, _IONBF, 0); /* or it would find its own buffer */
  char line[512], *part = malloc(1 << 20);
  size_t found = 0;
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    char mode[5];
    if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[1] != 'w') continue;
    if (to - from > 64UL << 20) continue; /* a sanitizer's own */
    for (unsigned long at = from; at < to; at += (1 << 20) - SECRET_LEN) {
      if (fseek(memory, (long)at, SEEK_SET) != 0) break;
      size_t len = to - at < 1 << 20 ? to - at : 1 << 20;
      len = fread(part, 1, len, memory);
      if (at <= (unsigned long)part && (unsigned long)part < at + len) len = (unsigned long)part - at;
      found += found_in(part, len, masked);
    }
    memset(part, 0, 1 << 20);
  }
  free(part);
  fclose(maps);
  fclose(memory);
  return found;
}

static void say_and_forget(TestPractice *p, const char masked[SECRET_LEN], size_t *before)
{
  char secret[FRONT_LEN + SECRET_LEN + 1];
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Faults faults = faults_make(&arena);
  unmask(masked, secret);
  Checkin *checkin = begin(p);
  Contact contact = *checkin_contact_shown(checkin);
  contact.line2 = secret;
  ok(checkin_contact(checkin, &contact, &faults), &faults);
  Coverage coverage = {.payer = secret};
  ok(checkin_coverage(checkin, &coverage, &faults), &faults);
  answer(checkin, &faults, "smoke", json_pack("{sb}", "valueBoolean", false));
  ok(checkin_typing(checkin, "note", str_c(secret)), NULL);
  answer(checkin, &faults, "note", json_pack("{ss}", "valueString", secret));
  *before = found_in_memory(masked);
  checkin_forget(checkin);
  checkin = begin(p); /* resumed: read back, and forgotten again */
  assert_true(checkin_resumed(checkin));
  checkin_forget(checkin);
  crypto_wipe(secret, sizeof secret);
}

TEST(nothing_that_was_said_stays_in_memory)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  owe_forms(&p, 0);
  static const char WORDS[] = "zq7 my secret ailment 42";
  char masked[SECRET_LEN];
  for (int i = 0; i < SECRET_LEN; i++) masked[i] = (char)(WORDS[i] ^ MASK);
  size_t before = 0;
  say_and_forget(&p, masked, &before);
  assert_true(before >= 3); /* contact, coverage, answer: the search does find */
  assert_int_equal(found_in_memory(masked), 0);
}

TEST(typing_has_its_limits)
{
  AUTO(TestPractice, p, test_practice_fini) = practice_make();
  AUTO(Checkin *, checkin, checkin_forgetp) = begin(&p);
  char *much = arena_alloc(&p.arena, 17 << 10);
  memset(much, 'x', 17 << 10);
  assert_int_equal(checkin_typing(checkin, "f", (Str){much, 17 << 10}), ERR_TOO_LARGE);
  for (int i = 0; i < 64; i++) ok(checkin_typing(checkin, arena_printf(&p.arena, "f%d", i), STR("x")), NULL);
  assert_int_equal(checkin_typing(checkin, "one more", STR("x")), ERR_TOO_LARGE);
  ok(checkin_typing(checkin, "f3", STR("y")), NULL);
  assert_true(str_eq(checkin_typed(checkin, "f3"), STR("y")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_nothing_to_change_two_taps_are_enough),
      cmocka_unit_test(where_insurance_is_not_asked_it_is_neither_shown_nor_confirmed),
      cmocka_unit_test(everything_said_is_written_at_once),
      cmocka_unit_test(contact_and_coverage_are_corrected),
      cmocka_unit_test(without_insurance_nothing_is_made_up_and_the_desk_hears_only_of_a_change),
      cmocka_unit_test(a_required_question_is_not_passed_and_back_goes_one_question),
      cmocka_unit_test(what_is_current_is_not_asked_again),
      cmocka_unit_test(a_refusal_is_asked_again_at_the_next_visit),
      cmocka_unit_test(a_rule_for_the_type_stands_in_for_the_general_one),
      cmocka_unit_test(a_draft_is_taken_up_where_it_was_left),
      cmocka_unit_test(a_draft_is_for_one_person_one_visit_and_one_day),
      cmocka_unit_test(a_draft_older_than_a_day_is_gone),
      cmocka_unit_test(a_draft_of_another_version_of_the_form_asks_that_form_anew),
      cmocka_unit_test(two_kiosks_one_visit_the_second_learns_of_it),
      cmocka_unit_test(a_visit_that_was_cancelled_meanwhile_is_a_conflict_and_changes_nothing),
      cmocka_unit_test(the_language_changes_midway),
      cmocka_unit_test(help_reaches_the_desk_with_and_without_a_name),
      cmocka_unit_test(nothing_that_was_said_stays_in_memory),
      cmocka_unit_test(typing_has_its_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
