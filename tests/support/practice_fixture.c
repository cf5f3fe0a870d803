#include "tests/support/practice_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "common/practice/consent.h"
#include "common/practice/form.h"
#include "tests/support/json_text.h"
#include "tests/support/unit.h"

static void commit(Tx *tx)
{
  Err err = tx_commit(tx);
  if (err != ERR_OK) fail_msg("commit: %s %s", err_name(err), err_detail());
}

static void ok(Err err)
{
  if (err != ERR_OK) fail_msg("%s %s", err_name(err), err_detail());
}

TestPractice test_practice_make(void)
{
  return test_practice_on(NULL);
}

TestPractice test_practice_on(const char *vfs)
{
  TestPractice p = {.t = test_store_make(), .arena = arena_make(0)};
  p.t.fake->env.vfs = vfs;
  if (vfs) test_store_reopen(&p.t);
  Faults faults = faults_make(&p.arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p.t.store, actor_system(), "test.practice", "", &tx));
  ok(practice_add(&tx, &(PracticeNew){"Foyer Clinic", "clinic", "USD", "en", ""}, &faults, &id));
  ok(site_add(&tx,
              &(SiteNew){.name = "Main Street",
                         .prefix = "M",
                         .zone = "America/New_York",
                         .phone = "",
                         .waiting_place = "Blue chairs",
                         .line1 = "",
                         .city = "",
                         .state = "",
                         .postal_code = "",
                         .country = "US"},
              &faults, &id));
  ok(appointment_type_add(&tx, &(AppointmentType){.name = "Visit", .minutes = 30}, &p.visit_type));
  ok(appointment_type_add(&tx, &(AppointmentType){.name = "Walk-in", .minutes = 15, .walk_in = true}, &p.walk_in_type));
  commit(&tx);
  ok(site_get(p.t.store, &p.arena, id, &p.site));
  return p;
}

void test_practice_fini(TestPractice *p)
{
  arena_fini(&p->arena);
  test_store_fini(&p->t);
}

void test_person(TestPractice *p, unsigned number, const char *given, const char *family, const char *birth,
                 const char *phone)
{
  Faults faults = faults_make(&p->arena);
  Uuid id;
  Client client = {.id = test_id(number),
                   .given = given,
                   .family = family,
                   .prefix = "",
                   .suffix = "",
                   .preferred_name = "",
                   .birth_date = birth,
                   .gender = "female",
                   .language = "",
                   .status = "active",
                   .contact = {phone, "", "1 Elm St", "", "Springfield", "NY", "10001", "US"}};
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.person", "", &tx));
  ok(client_add(&tx, &client, &faults, &id));
  commit(&tx);
}

Uuid test_visit(TestPractice *p, unsigned number, unsigned client, const char *when)
{
  char text[WALL_TEXT_LEN + 1];
  snprintf(text, sizeof text, "%s%s", strchr(when, 'T') ? "" : "2026-03-02T", when);
  Faults faults = faults_make(&p->arena);
  AppointmentNew visit = {
      .id = test_id(number), .client = test_id(client), .type = p->visit_type, .site = p->site.id, .minutes = 30};
  assert_true(wall_parse(str_c(text), &visit.start));
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.visit", "", &tx));
  ok(appointment_add(&tx, &visit, &faults, &id));
  commit(&tx);
  return id;
}

void test_visit_move(TestPractice *p, Uuid visit, AppointmentStatus from, AppointmentStatus to)
{
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.move", "", &tx));
  ok(appointment_move_to(&tx, visit, from, to, (Uuid){{0}}, ""));
  commit(&tx);
}

void test_rule(TestPractice *p, Uuid type, const char *kind, const char *form, int valid_days, int position)
{
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.rule", "", &tx));
  ok(tx_insert(&tx, "form_rule", uuid_v7(&p->t.fake->env),
               COLS(col_uuid("type", &type), col_text("kind", str_c(kind)), col_text("form", str_c(form)),
                    col_int("valid_days", valid_days), col_int("position", position))));
  commit(&tx);
}

Uuid test_questionnaire(TestPractice *p, const char *url, const char *items)
{
  AUTO(json_t *, questionnaire, json_release) = test_json(
      arena_printf(&p->arena, "{'resourceType': 'Questionnaire', 'url': '%s', 'title': 'Questions', 'item': %s}", url,
                   items));
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.questionnaire", "", &tx));
  ok(questionnaire_add(&tx, questionnaire, &id));
  commit(&tx);
  return id;
}

void test_document(TestPractice *p, const char *code, const char *version)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  ok(tx_begin(p->t.store, actor_system(), "test.document", "", &tx));
  ConsentDocument english = {.code = code,
                             .version = version,
                             .language = "en",
                             .title = "Privacy",
                             .body = "We keep your data safe.\n\nReally.",
                             .intent = "By signing I agree."};
  ConsentDocument spanish = english;
  spanish.language = "es";
  spanish.title = "Privacidad";
  spanish.intent = "Al firmar acepto.";
  ok(consent_document_add(&tx, &english, &id));
  ok(consent_document_add(&tx, &spanish, &id));
  commit(&tx);
}
