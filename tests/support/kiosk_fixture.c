#include "tests/support/kiosk_fixture.h"

#include <stdlib.h>

#include "common/practice/consent.h"
#include "common/practice/permission.h"
#include "common/practice/staff.h"
#include "kiosk/ui/state.h"
#include "tests/support/unit.h"

enum { TURNS_MAX = 400, TURN_MS = 5 };

static void commit(Tx *tx)
{
  assert_ok(tx_commit(tx));
}

static void begin(TestKiosk *k, Tx *tx)
{
  assert_ok(tx_begin(k->p.t.store, actor_system(), "test.kiosk", "", tx));
}

static void add_people_of_work(TestKiosk *k)
{
  Faults faults = faults_make(&k->p.arena);
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(provider_add(
      &tx,
      &(ProviderNew){
          .given = "Lee", .family = "Wong", .prefix = "Dr.", .identifier = "", .specialty = "", .site = k->p.site.id},
      &k->provider));
  assert_ok(resource_add(&tx, k->p.site.id, "Room 1", "room", &k->room));
  Uuid other;
  assert_ok(resource_add(&tx, k->p.site.id, "Room 2", "room", &other));
  assert_ok(permission_add_default_roles(&tx));
  NodeNew node = {.name = "Lobby tablet", .kind = "lobby", .scope = "lobby", .site = k->p.site.id};
  memcpy(node.public_key, store_key(k->p.t.store)->public_key, sizeof node.public_key);
  assert_ok(node_add(&tx, &node, &faults));
  commit(&tx);
}

void test_kiosk_colleague(TestKiosk *k)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(
      provider_add(&tx, &(ProviderNew){.given = "Kim", .family = "Abara", .prefix = "Dr.", .site = k->p.site.id}, &id));
  commit(&tx);
}

void test_kiosk_staff(TestKiosk *k)
{
  Faults faults = faults_make(&k->p.arena);
  StaffNew sam = {.username = "sam", .given = "Sam", .family = "Hill", .pin = TEST_PIN, .role = "Front desk"};
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(staff_add(&tx, &sam, &faults, &k->staff));
  commit(&tx);
}

static void visit_with(TestKiosk *k, unsigned number, unsigned client, const char *time)
{
  Uuid id = test_visit(&k->p, number, client, time);
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(tx_update(&tx, "appointment", id, COLS(col_uuid("provider", &k->provider))));
  commit(&tx);
}

static void add_ana(TestKiosk *k)
{
  test_person(&k->p, TEST_ANA, "Ana María", "Ruiz Gómez", "1980-02-29", "(212) 555-0142");
  visit_with(k, 101, TEST_ANA, "10:30");
  Faults faults = faults_make(&k->p.arena);
  Contact contact = {
      "(212) 555-0142", "ana.ruiz@example.com", "12 Willow Street", "Apt 3", "Brooklyn", "NY", "11201", ""};
  Coverage coverage = {.client = test_id(TEST_ANA),
                       .payer = "Harbor Health",
                       .plan = "Gold PPO",
                       .member_id = "HH-2093-4471",
                       .group_number = "7719",
                       .subscriber = "",
                       .relationship = "self",
                       .start_date = "",
                       .end_date = "",
                       .status = "active",
                       .rank = 1};
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(client_save_contact(&tx, test_id(TEST_ANA), &contact, &faults));
  assert_ok(coverage_save(&tx, &coverage, &faults, &id));
  commit(&tx);
}

TestKiosk test_kiosk_make(void)
{
  TestKiosk k = {.p = test_practice_make()};
  assert_ok(ui_theme_load("assets/theme.json", &k.theme));
  assert_ok(i18n_open("assets/i18n", &k.i18n));
  add_people_of_work(&k);
  add_ana(&k);
  return k;
}

void test_kiosk_show(TestKiosk *k, int width, int height, const char *language)
{
  k->language = language != NULL ? language : "en";
  const Env *env = &k->p.t.fake->env;
  assert_ok(ui_open(
      &(UiConfig){.env = env, .theme = &k->theme, .title = "test", .width = width, .height = height, .hidden = true},
      &k->ui));
  assert_ok(app_open(&(AppConfig){.env = env,
                                  .folder = k->folder ? k->folder : k->p.t.path,
                                  .language = language,
                                  .i18n = k->i18n,
                                  .theme = &k->theme},
                     k->ui, &k->app));
  test_settle(k);
}

TestKiosk test_kiosk_open(void (*more)(TestKiosk *k))
{
  TestKiosk k = test_kiosk_make();
  if (more != NULL) more(&k);
  test_kiosk_show(&k, 1280, 800, NULL);
  return k;
}

void test_kiosk_hide(TestKiosk *k)
{
  app_close(k->app);
  ui_close(k->ui);
  k->app = NULL;
  k->ui = NULL;
}

void test_kiosk_fini(TestKiosk *k)
{
  if (k->app != NULL) test_kiosk_hide(k);
  i18n_close(k->i18n);
  test_practice_fini(&k->p);
}

/* --- more in the practice --------------------------------------------------------------------------------------- */

void test_kiosk_forms(TestKiosk *k)
{
  static const char ITEMS[] =
      "[{'linkId': 'about', 'type': 'display', 'text': 'These questions help us to prepare for your visit. Answer what "
      "you can.'},"
      " {'linkId': 'smoke', 'type': 'boolean', 'text': 'Do you smoke?', 'required': true},"
      " {'linkId': 'cigarettes', 'type': 'integer', 'text': 'How many cigarettes a day?',"
      "  'enableWhen': [{'question': 'smoke', 'operator': '=', 'answerBoolean': true}]},"
      " {'linkId': 'weight', 'type': 'quantity', 'text': 'How much do you weigh?', 'extension': ["
      "  {'url': 'http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption', 'valueCoding': {'system': "
      "'http://unitsofmeasure.org', 'code': '[lb_av]', 'display': 'lb'}},"
      "  {'url': 'http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption', 'valueCoding': {'system': "
      "'http://unitsofmeasure.org', 'code': 'kg', 'display': 'kg'}}]},"
      " {'linkId': 'temperature', 'type': 'decimal', 'text': 'What was your last temperature?'},"
      " {'linkId': 'last', 'type': 'date', 'text': 'When was your last visit to a doctor?'},"
      " {'linkId': 'since', 'type': 'dateTime', 'text': 'When did it begin?'},"
      " {'linkId': 'sleep', 'type': 'time', 'text': 'When do you usually go to bed?'},"
      " {'linkId': 'pain', 'type': 'choice', 'text': 'How strong is the pain?', 'answerOption': ["
      "  {'valueCoding': {'code': '0', 'display': 'No pain'}}, {'valueCoding': {'code': '1', 'display': 'A little'}},"
      "  {'valueCoding': {'code': '2', 'display': 'Quite strong'}}, {'valueCoding': {'code': '3', 'display': 'Very "
      "strong'}}]},"
      " {'linkId': 'allergies', 'type': 'open-choice', 'text': 'Are you allergic to any of these?', 'repeats': true, "
      "'answerOption': ["
      "  {'valueCoding': {'code': 'p', 'display': 'Penicillin'}}, {'valueCoding': {'code': 'n', 'display': 'Nuts'}}, "
      "{'valueCoding': {'code': 'l', 'display': 'Latex'}}]},"
      " {'linkId': 'country', 'type': 'choice', 'text': 'In which country were you born?', 'answerOption': ["
      "{'valueCoding': {'code': 'ARA', 'display': 'Argentina'}}, "
      "{'valueCoding': {'code': 'BOA', 'display': 'Bolivia'}}, "
      "{'valueCoding': {'code': 'BRL', 'display': 'Brazil'}}, "
      "{'valueCoding': {'code': 'CAA', 'display': 'Canada'}}, "
      "{'valueCoding': {'code': 'CHE', 'display': 'Chile'}}, "
      "{'valueCoding': {'code': 'COA', 'display': 'Colombia'}}, "
      "{'valueCoding': {'code': 'CUA', 'display': 'Cuba'}}, "
      "{'valueCoding': {'code': 'DOC', 'display': 'Dominican Republic'}}, "
      "{'valueCoding': {'code': 'ECR', 'display': 'Ecuador'}}, "
      "{'valueCoding': {'code': 'ELR', 'display': 'El Salvador'}}, "
      "{'valueCoding': {'code': 'GUA', 'display': 'Guatemala'}}, "
      "{'valueCoding': {'code': 'HAI', 'display': 'Haiti'}}, "
      "{'valueCoding': {'code': 'HOS', 'display': 'Honduras'}}, "
      "{'valueCoding': {'code': 'INA', 'display': 'India'}}, "
      "{'valueCoding': {'code': 'JAA', 'display': 'Jamaica'}}, "
      "{'valueCoding': {'code': 'KOA', 'display': 'Korea'}}, "
      "{'valueCoding': {'code': 'LIA', 'display': 'Liberia'}}, "
      "{'valueCoding': {'code': 'MEO', 'display': 'Mexico'}}, "
      "{'valueCoding': {'code': 'MOO', 'display': 'Morocco'}}, "
      "{'valueCoding': {'code': 'NEL', 'display': 'Nepal'}}, "
      "{'valueCoding': {'code': 'NIA', 'display': 'Nigeria'}}, "
      "{'valueCoding': {'code': 'PAA', 'display': 'Panama'}}, "
      "{'valueCoding': {'code': 'PEU', 'display': 'Peru'}}, "
      "{'valueCoding': {'code': 'PHS', 'display': 'Philippines'}}, "
      "{'valueCoding': {'code': 'POD', 'display': 'Poland'}}, "
      "{'valueCoding': {'code': 'POL', 'display': 'Portugal'}}, "
      "{'valueCoding': {'code': 'SPN', 'display': 'Spain'}}, "
      "{'valueCoding': {'code': 'UKE', 'display': 'Ukraine'}}, "
      "{'valueCoding': {'code': 'UNS', 'display': 'United States'}}, "
      "{'valueCoding': {'code': 'URY', 'display': 'Uruguay'}}, "
      "{'valueCoding': {'code': 'VEA', 'display': 'Venezuela'}}]},"
      " {'linkId': 'medicines', 'type': 'string', 'text': 'Which medicines do you take?', 'repeats': true},"
      " {'linkId': 'page', 'type': 'url', 'text': 'Where can we read about it?'},"
      " {'linkId': 'story', 'type': 'text', 'text': 'What brings you here today?', 'required': true},"
      " {'linkId': 'photo', 'type': 'attachment', 'text': 'A photo of your card'}]";
  test_questionnaire(&k->p, "http://example.com/intake", ITEMS);
  test_rule(&k->p, (Uuid){{0}}, "questionnaire", "http://example.com/intake", -1, 1);
}

static const char BODY_EN[] =
    "# What this is about\n\nWe keep a record of your care. This text says what we do with it, who else may see it, "
    "and what you can "
    "ask of us.\n\n# What we do with it\n\nWe use it to treat you, to be paid for that, and to run this clinic well. "
    "We share no more "
    "than is needed, and we write down whom we have shared it with.\n\n# What you can ask of us\n\nYou may read your "
    "record and have a "
    "copy. You may ask us to correct it. You may ask us to reach you in a certain way, or at a certain place. You may "
    "ask who has seen "
    "it.\n\n# If something goes wrong\n\nIf we lose or disclose your data by mistake, we tell you within sixty days. "
    "You may complain to "
    "us or to the Department of Health, and nobody will treat you differently for it.\n\n# How long this holds\n\nThis "
    "text holds until "
    "we give you a newer one. You can take back your agreement at the front desk at any time.";
static const char BODY_ES[] = "# De qué se trata\n\nLlevamos un registro de su atención. Este texto dice qué hacemos "
                              "con él, quién más puede verlo y qué puede "
                              "usted pedirnos.\n\n# Qué hacemos con él\n\nLo usamos para atenderle, para cobrar por "
                              "ello y para que esta clínica funcione bien. "
                              "No compartimos más de lo necesario y anotamos con quién lo hemos compartido.\n\n# Qué "
                              "puede pedirnos\n\nPuede leer su registro y "
                              "tener una copia. Puede pedirnos que lo corrijamos. Puede pedirnos que le contactemos de "
                              "cierta manera o en cierto lugar. Puede "
                              "preguntar quién lo ha visto.\n\n# Si algo sale mal\n\nSi perdemos o divulgamos sus "
                              "datos por error, se lo diremos en un plazo de "
                              "sesenta días. Puede quejarse ante nosotros o ante el Departamento de Salud, y nadie le "
                              "tratará de otra manera por ello.\n\n# Hasta "
                              "cuándo vale\n\nEste texto vale hasta que le demos uno más nuevo. Puede retirar su "
                              "acuerdo en la recepción en cualquier momento.";

void test_kiosk_consents(TestKiosk *k)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(
      consent_document_add(&tx,
                           &(ConsentDocument){.code = "privacy",
                                              .version = "2026-01",
                                              .language = "en",
                                              .title = "Privacy practices",
                                              .body = BODY_EN,
                                              .intent = "By signing I say that I have received and read this text."},
                           &id));
  assert_ok(consent_document_add(&tx,
                                 &(ConsentDocument){.code = "privacy",
                                                    .version = "2026-01",
                                                    .language = "es",
                                                    .title = "Prácticas de privacidad",
                                                    .body = BODY_ES,
                                                    .intent = "Al firmar digo que he recibido y leído este texto."},
                                 &id));
  commit(&tx);
  test_rule(&k->p, (Uuid){{0}}, "consent", "privacy", -1, 2);
}

void test_kiosk_lobby(TestKiosk *k)
{
  test_kiosk_staff(k);
  test_person(&k->p, TEST_BRUNO, "Bruno", "Ferreira", "1975-07-04", "");
  test_person(&k->p, TEST_CLARA, "Clara", "O'Neil", "1990-11-30", "");
  test_person(&k->p, TEST_DORA, "Dora", "Lindqvist", "1962-01-09", "");
  visit_with(k, 102, TEST_BRUNO, "09:30");
  visit_with(k, 103, TEST_CLARA, "09:45");
  visit_with(k, 104, TEST_DORA, "11:15");
  test_visit_move(&k->p, test_id(102), APPT_BOOKED, APPT_ARRIVED);
  env_fake_advance(k->p.t.fake, 6 * 60000);
  test_visit_move(&k->p, test_id(103), APPT_BOOKED, APPT_ARRIVED);
  env_fake_advance(k->p.t.fake, 60000);
  Uuid task;
  AUTO(Tx, tx, tx_fini) = {0};
  begin(k, &tx);
  assert_ok(task_add(&tx, &(Task){.kind = "help", .title = "task.help", .site = k->p.site.id, .note = ""}, &task));
  commit(&tx);
}

/* --- a person's hands ------------------------------------------------------------------------------------------- */

void test_settle(TestKiosk *k)
{
  for (int turn = 0, calm = 0; turn < TURNS_MAX && calm < 3; turn++) {
    bool drew = ui_step(k->ui, app_busy(k->app) ? TURN_MS : 0);
    calm = drew || app_busy(k->app) ? 0 : calm + 1;
  }
  assert_false(app_busy(k->app));
}

static char *tree(TestKiosk *k)
{
  AUTO(Buf, text, buf_fini) = buf_make(4 << 20);
  ui_tree_text(k->ui, &text);
  return strdup(buf_cstr(&text));
}

static void fail_with_tree(TestKiosk *k, const char *what, const char *name)
{
  AUTO(Buf, text, buf_fini) = buf_make(4 << 20);
  ui_tree_text(k->ui, &text);
  fail_msg("%s %s on %s:\n%s", what, name, app_screen(k->app), buf_cstr(&text));
}

/* bring: the part of a node that can be touched, scrolled into view first. */
static UiRect bring(TestKiosk *k, const char *id_or_label)
{
  ui_sync(k->ui);
  UiNode *node = ui_find_node(k->ui, id_or_label);
  if (node == NULL) fail_with_tree(k, "not there:", id_or_label);
  if (node->visible.h < node->bounds.h && ui_scroll_reveal(k->ui, node)) test_settle(k);
  UiRect r;
  if (!ui_find(k->ui, id_or_label, &r) || r.w <= 0 || r.h <= 0) fail_with_tree(k, "not in view:", id_or_label);
  return r;
}

void test_tap(TestKiosk *k, const char *id_or_label)
{
  UiRect r = bring(k, id_or_label);
  ui_inject_tap(k->ui, r.x + r.w / 2, r.y + r.h / 2);
  k->taps++;
  test_settle(k);
}

void test_type(TestKiosk *k, const char *text)
{
  for (size_t at = 0, from = 0; text[from] != '\0'; from = at) { /* a character at a time, as people do */
    uint32_t c;
    utf8_next(str_c(text), &at, &c);
    char one[8] = {0};
    memcpy(one, text + from, at - from);
    ui_inject_text(k->ui, one);
    ui_step(k->ui, 0);
    ui_input_flush(k->ui); /* not a scanner */
  }
  test_settle(k);
}

void test_key(TestKiosk *k, UiKey key)
{
  ui_inject_key(k->ui, key);
  test_settle(k);
}

void test_sign(TestKiosk *k, const char *pad)
{
  UiRect r = bring(k, pad);
  static const int X[] = {10, 18, 24, 20, 30, 42, 40, 52, 60, 72, 80},
                   Y[] = {60, 25, 55, 70, 40, 65, 35, 62, 38, 60, 50};
  for (size_t i = 0; i < COUNT_OF(X); i++) {
    ui_inject_finger(k->ui, i == 0 ? 0 : 1, r.x + r.w * X[i] / 100, r.y + r.h * Y[i] / 100);
    env_fake_advance(k->p.t.fake, 30);
    ui_step(k->ui, 0);
  }
  ui_inject_finger(k->ui, 2, r.x + r.w * 80 / 100, r.y + r.h / 2);
  test_settle(k);
}

void test_pass(TestKiosk *k, int64_t ms)
{
  for (int64_t step; ms > 0; ms -= step) {
    step = ms < 500 ? ms : 500;
    env_fake_advance(k->p.t.fake, step);
    test_settle(k);
  }
}

void test_on(TestKiosk *k, const char *screen)
{
  if (strcmp(app_screen(k->app), screen) != 0) fail_with_tree(k, "expected screen", screen);
}

void test_sees(TestKiosk *k, const char *text)
{
  char *all = tree(k);
  bool found = strstr(all, text) != NULL;
  free(all);
  if (!found) fail_with_tree(k, "not to be seen:", text);
}

void test_sees_not(TestKiosk *k, const char *text)
{
  char *all = tree(k);
  bool found = strstr(all, text) != NULL;
  free(all);
  if (found) fail_with_tree(k, "should not be seen:", text);
}

void test_who(TestKiosk *k, const char *birth, const char *given, const char *family)
{
  test_on(k, "birth");
  test_type(k, birth);
  test_tap(k, "birth.primary");
  test_on(k, "name");
  test_type(k, given);
  test_tap(k, "name.family");
  test_type(k, family);
  test_tap(k, "name.primary");
}

void test_ana(TestKiosk *k)
{
  test_tap(k, "welcome.check_in");
  test_who(k, "02291980", "Ana", "Ruiz Gómez");
}

void test_ana_to_the_forms(TestKiosk *k)
{
  test_ana(k);
  test_tap(k, "visit.primary");
  test_tap(k, "contact.primary");
  test_tap(k, "coverage.primary");
}

Appointment test_visit_now(TestKiosk *k, Arena *arena, Uuid id)
{
  Appointment visit;
  assert_ok(appointment_get(k->p.t.store, arena, id, &visit));
  return visit;
}

Task *test_tasks(TestKiosk *k, Arena *arena, size_t *count)
{
  Task *list;
  assert_ok(task_open_list(k->p.t.store, arena, k->p.site.id, &list, count));
  return list;
}

bool test_layout_is_good(TestKiosk *k, const char *where)
{
  UiIssue issues[8];
  size_t count = ui_check_layout(k->ui, issues, COUNT_OF(issues));
  for (size_t i = 0; i < count && i < COUNT_OF(issues); i++) print_error("%s: %s\n", where, issues[i].what);
  return count == 0;
}
