#include <string.h>

#include "common/practice/consent.h"
#include "common/practice/task.h"
#include "common/store/blob.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

typedef struct Case {
  TestPractice p;
  ConsentDocument document;
  ConsentDecision decision; /* a good one, signed with a finger */
} Case;

static Str signature(Arena *arena)
{
  InkPoint points[40];
  for (int i = 0; i < 40; i++)
    points[i] = (InkPoint){(uint16_t)(9000 + i * 700), (uint16_t)(30000 + i % 5 * 900), (uint32_t)i * 9, i > 0};
  return ink_encode(arena, points, 40, 800, 300);
}

static Case case_make(void)
{
  Case c = {.p = test_practice_make()};
  test_person(&c.p, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  test_visit(&c.p, 100, 1, "10:30");
  test_document(&c.p, "privacy", "2026-01");
  assert_int_equal(consent_document_latest(c.p.t.store, &c.p.arena, STR("privacy"), STR("en-US"), &c.document), ERR_OK);
  c.decision = (ConsentDecision){.document = c.document.id,
                                 .client = test_id(1),
                                 .appointment = test_id(100),
                                 .decision = "signed",
                                 .language = "en",
                                 .signer_name = "Ana Ruiz",
                                 .signer_relationship = "self",
                                 .method = "drawn",
                                 .copy_offered = "desk",
                                 .electronic = true,
                                 .read_to_end = true,
                                 .shown = consent_shown(&c.p.arena, &c.document),
                                 .ink = signature(&c.p.arena)};
  return c;
}

static void case_fini(Case *c)
{
  test_practice_fini(&c->p);
}

static Err decide(Case *c, Faults *faults, Uuid *id)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_int_equal(tx_begin(c->p.t.store, actor_client(test_id(1)), "consent.decide", "", &tx), ERR_OK);
  Err err = consent_decide(&tx, &c->decision, faults, id);
  return err == ERR_OK ? tx_commit(&tx) : err;
}

static Uuid decide_well(Case *c)
{
  Faults faults = faults_make(&c->p.arena);
  Uuid id;
  Err err = decide(c, &faults, &id);
  if (err != ERR_OK) fail_msg("%s: %s", err_name(err), faults.count ? faults.items[0].key : err_detail());
  return id;
}

TEST(a_signature_keeps_its_evidence)
{
  AUTO(Case, c, case_fini) = case_make();
  Uuid id = decide_well(&c);
  Consent consent;
  assert_int_equal(consent_get(c.p.t.store, &c.p.arena, id, &consent), ERR_OK);
  assert_string_equal(consent.decision, "signed");
  assert_string_equal(consent.title, "Privacy");
  assert_string_equal(consent.intent, "By signing I agree.");
  assert_string_equal(consent.method, "drawn");
  assert_int_equal(consent.decided_at, c.p.t.fake->now);
  assert_true(hash_eq(consent.shown_hash, hash_bytes(c.decision.shown.ptr, c.decision.shown.len)));
  assert_true(consent.has_ink && consent.ink_here && consent.intact);
  Str ink;
  assert_int_equal(blob_get(c.p.t.store, &c.p.arena, consent.ink, &ink), ERR_OK);
  assert_true(str_eq(ink, c.decision.ink));
  assert_int_equal(test_count(c.p.t.store, "attachment"), 1);
  char number[NODE_TEXT_LEN + 1];
  node_text(store_node(c.p.t.store), number);
  assert_non_null(strstr(consent.device, number));
  Consent *list;
  size_t count;
  assert_int_equal(consent_of_client(c.p.t.store, &c.p.arena, test_id(1), &list, &count), ERR_OK);
  assert_int_equal(count, 1);
}

TEST(what_a_signature_lacks_is_named_and_nothing_is_written)
{
  AUTO(Case, c, case_fini) = case_make();
  const ConsentDecision good = c.decision;
  for (int i = 0; i < 12; i++) {
    const char *field = "signature";
    c.decision = good;
    switch (i) {
    case 0: c.decision.read_to_end = false, field = "read_to_end"; break;
    case 1: c.decision.electronic = false, field = "electronic"; break;
    case 2: c.decision.ink = (Str){0}; break;
    case 3: c.decision.ink = STR("\x01garbage"); break;
    case 4: c.decision.method = "winked"; break;
    case 5: c.decision.signer_name = "  ", field = "signer_name"; break;
    case 6: c.decision.shown = STR("Privacy\0We keep nothing.\0By signing I agree.\0"), field = "document"; break;
    case 7: c.decision.shown.len--, field = "document"; break;
    case 8: c.decision.method = "witnessed", field = "witness"; break;
    case 9:
      c.decision.method = "witnessed", c.decision.witness = test_id(1), field = "witness"; /* not staff */
      break;
    case 10: c.decision.signer_relationship = "friend", field = "signer_relationship"; break;
    default: c.decision.decision = "maybe", field = "decision"; break;
    }
    Faults faults = faults_make(&c.p.arena);
    Uuid id;
    assert_int_equal(decide(&c, &faults, &id), ERR_INVALID);
    if (!faults_for(&faults, field)) fail_msg("case %d names no %s", i, field);
  }
  assert_int_equal(test_count(c.p.t.store, "consent"), 0);
  assert_int_equal(test_count(c.p.t.store, "attachment"), 0);
}

TEST(a_tap_is_no_signature)
{
  AUTO(Case, c, case_fini) = case_make();
  InkPoint points[20] = {{500, 500, 0, false}};
  for (int i = 1; i < 20; i++) points[i] = (InkPoint){(uint16_t)(500 + i), 500, (uint32_t)i, true};
  c.decision.ink = ink_encode(&c.p.arena, points, 20, 800, 300);
  Faults faults = faults_make(&c.p.arena);
  Uuid id;
  assert_int_equal(decide(&c, &faults, &id), ERR_INVALID);
  assert_non_null(faults_for(&faults, "signature"));
}

TEST(a_typed_name_needs_no_ink)
{
  AUTO(Case, c, case_fini) = case_make();
  c.decision.method = "typed";
  c.decision.ink = (Str){0};
  Consent consent;
  assert_int_equal(consent_get(c.p.t.store, &c.p.arena, decide_well(&c), &consent), ERR_OK);
  assert_false(consent.has_ink);
  assert_true(consent.intact);
  assert_string_equal(consent.signer_name, "Ana Ruiz");
}

TEST(a_refusal_is_kept_and_reaches_the_desk)
{
  AUTO(Case, c, case_fini) = case_make();
  c.decision.decision = "refused";
  c.decision.read_to_end = c.decision.electronic = false;
  c.decision.method = c.decision.signer_name = "";
  c.decision.ink = (Str){0};
  decide_well(&c);
  Task *tasks;
  size_t count;
  assert_int_equal(task_open_list(c.p.t.store, &c.p.arena, c.p.site.id, &tasks, &count), ERR_OK);
  assert_int_equal(count, 1);
  assert_string_equal(tasks[0].kind, "consent-refused");
  assert_true(uuid_eq(tasks[0].appointment, test_id(100)));
}

TEST(versions_stay_and_the_newest_of_a_language_is_in_use)
{
  AUTO(Case, c, case_fini) = case_make();
  decide_well(&c);
  int64_t documents = test_count(c.p.t.store, "consent_document");
  test_document(&c.p, "privacy", "2026-01"); /* the same once more */
  assert_int_equal(test_count(c.p.t.store, "consent_document"), documents);
  env_fake_advance(c.p.t.fake, 1000);
  test_document(&c.p, "privacy", "2026-02");
  ConsentDocument document;
  Store *store = c.p.t.store;
  assert_int_equal(consent_document_latest(store, &c.p.arena, STR("privacy"), STR("es-MX"), &document), ERR_OK);
  assert_string_equal(document.version, "2026-02");
  assert_string_equal(document.title, "Privacidad");
  assert_int_equal(consent_document_latest(store, &c.p.arena, STR("privacy"), STR("fr"), &document), ERR_OK);
  assert_string_equal(document.language, "en"); /* the practice's */
  assert_int_equal(consent_document_latest(store, &c.p.arena, STR("none"), STR("en"), &document), ERR_NOT_FOUND);
  assert_int_equal(consent_document_get(store, &c.p.arena, c.document.id, &document), ERR_OK);
  assert_string_equal(document.version, "2026-01");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_signature_keeps_its_evidence),
      cmocka_unit_test(what_a_signature_lacks_is_named_and_nothing_is_written),
      cmocka_unit_test(a_tap_is_no_signature),
      cmocka_unit_test(a_typed_name_needs_no_ink),
      cmocka_unit_test(a_refusal_is_kept_and_reaches_the_desk),
      cmocka_unit_test(versions_stay_and_the_newest_of_a_language_is_in_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
