/* Import of FHIR: the real bundles of ../shared/data/fhir where they are there, and files that are wrong in every way. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/practice/client.h"
#include "common/practice/import.h"
#include "common/store/verify.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

#define DATA "../shared/data/fhir"

SQL(BY_FAMILY, "SELECT id FROM client WHERE family = :family");
SQL(NUMBERS, "SELECT system, value, type FROM client_identifier WHERE client = :client ORDER BY system");
SQL(VISITS, "SELECT a.status, a.start_wall, a.minutes, t.name, t.active, a.provider FROM appointment a"
            " JOIN appointment_type t ON t.id = a.type");
SQL(SITES, "SELECT name, prefix, zone FROM site ORDER BY name");
SQL(RELATED, "SELECT given, family, relationship, guardian, emergency, phone FROM related_person ORDER BY family");
SQL(PROVIDERS, "SELECT id, given, family, identifier FROM provider");

typedef struct Files {
  Arena arena;
  char **names;
  size_t count, capacity;
} Files;

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static Files real_files(void)
{
  Files files = {.arena = arena_make(0)};
  DIR *folder = opendir(DATA);
  if (!folder) return files;
  for (struct dirent *entry; (entry = readdir(folder));) {
    const char *end = strrchr(entry->d_name, '.');
    if (!end || strcmp(end, ".json") != 0) continue;
    files.names = arena_grow_array(&files.arena, files.names, files.count, &files.capacity, sizeof *files.names);
    files.names[files.count++] = arena_printf(&files.arena, DATA "/%s", entry->d_name);
  }
  closedir(folder);
  if (files.count) qsort(files.names, files.count, sizeof *files.names, by_name);
  return files;
}

static void files_fini(Files *files)
{
  arena_fini(&files->arena);
}

static Err take_with(TestPractice *p, const char *text, ImportOptions options, ImportReport *report)
{
  *report = (ImportReport){.arena = &p->arena, .options = options};
  char *copy = arena_cstr(&p->arena, str_c(text));
  for (char *c = copy; *c; c++)
    if (*c == '\'') *c = '"';
  AUTO(json_t *, json, json_release) = NULL;
  TRY(json_parse(str_c(copy), &json));
  return import_fhir(p->t.store, actor_system(), json, report);
}

static Err take(TestPractice *p, const char *text, ImportReport *report)
{
  return take_with(p, text, (ImportOptions){0}, report);
}

static size_t skipped(const ImportReport *report, const char *what)
{
  size_t count = 0;
  for (size_t i = 0; i < report->skipped_count; i++)
    if (strcmp(report->skipped[i].what, what) == 0) count += report->skipped[i].count;
  return count;
}

/* refused: nothing may have changed, and the message has these words. */
static void refused(TestPractice *p, const char *text, Err want, const char *words)
{
  int64_t before = test_count(p->t.store, "journal");
  ImportReport report;
  err_clear();
  Err got = take(p, text, &report);
  if (got != want) fail_msg("%s (%s) for %.300s", err_name(got), err_detail(), text);
  if (!strstr(err_detail(), words)) fail_msg("\"%s\" does not say \"%s\"", err_detail(), words);
  assert_int_equal(test_count(p->t.store, "journal"), before);
  assert_int_equal(report.clients + report.identifiers + report.coverages + report.unchanged + report.skipped_count, 0);
}

static Client client_of(TestPractice *p, const char *family)
{
  AUTO(Query, q, query_fini) = query(p->t.store, &BY_FAMILY);
  query_bind_text(&q, ":family", str_c(family));
  assert_true(query_next(&q));
  Uuid id = query_uuid(&q, "id");
  assert_false(query_next(&q));
  Client client;
  assert_ok(client_get(p->t.store, &p->arena, id, &client));
  return client;
}

TEST(all_real_bundles_import_and_importing_them_again_changes_nothing)
{
  AUTO(Files, files, files_fini) = real_files();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  size_t clients = 0, coverages = 0;
  for (size_t i = 0; i < files.count; i++) {
    ImportReport report = {.arena = &p.arena};
    Err err = import_fhir_file(p.t.store, actor_system(), files.names[i], &report);
    if (err != ERR_OK) fail_msg("%s: %s %s", files.names[i], err_name(err), err_detail());
    clients += report.clients;
    coverages += report.coverages;
  }
  assert_int_equal(clients, 24);
  assert_int_equal(coverages, 24);
  assert_int_equal(test_count(p.t.store, "client"), 24);
  assert_int_equal(test_count(p.t.store, "coverage"), 24);
  assert_int_equal(test_count(p.t.store, "site"), 1);
  assert_int_equal(test_count(p.t.store, "appointment"), 0);
  int64_t journal = test_count(p.t.store, "journal");
  for (size_t i = 0; i < files.count; i++) {
    ImportReport report = {.arena = &p.arena};
    assert_ok(import_fhir_file(p.t.store, actor_system(), files.names[i], &report));
    assert_int_equal(report.clients + report.providers + report.coverages + report.identifiers + report.related, 0);
  }
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(names_with_accents_and_all_details_come_through_exactly)
{
  AUTO(Files, files, files_fini) = real_files();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  for (size_t i = 0; i < files.count; i++) {
    ImportReport report = {.arena = &p.arena};
    if (strstr(files.names[i], "Mej") || strstr(files.names[i], "Fonseca") || strstr(files.names[i], "Hintz"))
      assert_ok(import_fhir_file(p.t.store, actor_system(), files.names[i], &report));
  }
  Client mejia = client_of(&p, "Mejía");
  assert_string_equal(mejia.given, "Gustavo");
  assert_string_equal(mejia.prefix, "Mr.");
  assert_string_equal(mejia.birth_date, "1986-11-27");
  assert_string_equal(mejia.gender, "male");
  assert_string_equal(mejia.language, "es");
  assert_string_equal(mejia.contact.phone, "555-981-8755");
  assert_string_equal(mejia.contact.line1, "573 Erdman Heights");
  assert_string_equal(mejia.contact.city, "Boston");
  assert_string_equal(mejia.contact.postal_code, "02108");
  assert_string_equal(client_of(&p, "Fonseca").given, "Agustín");
  Coverage *coverages;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, mejia.id, &coverages, &count));
  assert_int_equal(count, 1);
  assert_string_equal(coverages[0].payer, "private");
  assert_ok(coverage_list(p.t.store, &p.arena, client_of(&p, "Hintz").id, &coverages, &count));
  assert_int_equal(count, 1);
  assert_string_equal(coverages[0].payer, "self-pay");
  AUTO(Query, q, query_fini) = query(p.t.store, &NUMBERS);
  query_bind_uuid(&q, ":client", mejia.id);
  size_t numbers = 0;
  while (query_next(&q)) {
    numbers++;
    if (str_eq_c(query_str(&q, "type"), "SS")) assert_true(str_eq_c(query_str(&q, "value"), "999-68-8566"));
  }
  assert_int_equal(numbers, 5);
}

TEST(what_is_not_taken_is_reported)
{
  AUTO(Files, files, files_fini) = real_files();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report = {.arena = &p.arena};
  for (size_t i = 0; i < files.count; i++)
    if (strstr(files.names[i], "Mej")) assert_ok(import_fhir_file(p.t.store, actor_system(), files.names[i], &report));
  assert_int_equal(skipped(&report, "Encounter"), 6);
  assert_int_equal(skipped(&report, "Claim"), 7);
  assert_int_equal(skipped(&report, "Organization"), 1);
  assert_int_equal(skipped(&report, "Patient.maritalStatus"), 1);
  assert_int_equal(skipped(&report, "Patient.extension"), 1);
  assert_int_equal(skipped(&report, "Patient.multipleBirthBoolean"), 0); /* false says nothing */
  AUTO(json_t *, json, json_release) = import_report_json(&report);
  assert_int_equal(json_int(json, "clients", -1), 1);
  assert_int_equal(json_array_size(json_object_get(json, "skipped")), report.skipped_count);
}

/* A truncated copy of a real bundle: every step of the way, as JSON that does not parse, and as whole JSON with entries gone. */
TEST(a_real_bundle_cut_anywhere_changes_nothing)
{
  AUTO(Files, files, files_fini) = real_files();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  int64_t before = test_count(p.t.store, "journal");
  FILE *file = fopen(files.names[0], "rb");
  assert_non_null(file);
  static char text[1 << 20];
  size_t len = fread(text, 1, sizeof text, file);
  fclose(file);
  for (size_t part = 0; part < 60; part++) {
    json_t *json = NULL;
    assert_err(json_parse((Str){text, len * part / 60}, &json), ERR_INVALID);
    assert_null(json);
  }
  AUTO(json_t *, bundle, json_release) = NULL;
  assert_ok(json_parse((Str){text, len}, &bundle));
  json_t *entries = json_object_get(bundle, "entry");
  json_array_remove(entries, 0); /* the Patient: everything else refers to nothing now */
  ImportReport report = {.arena = &p.arena};
  assert_err(import_fhir(p.t.store, actor_system(), bundle, &report), ERR_INVALID);
  assert_int_equal(test_count(p.t.store, "journal"), before);
}

/* Hostile files that are nearly right: one value of a real bundle, somewhere, becomes something else. */
static json_t *another(unsigned n)
{
  switch (n % 7) {
  case 0: return json_null();
  case 1: return json_integer(-1);
  case 2: return json_array();
  case 3: return json_object();
  case 4: return json_string("");
  case 5: return json_pack("[[{s:s}]]", "reference", "#");
  default: return json_string("urn:uuid:\xe2\x80\xae/?identifier=|");
  }
}

static bool change_nth(json_t *value, size_t *nth, unsigned kind)
{
  const char *key;
  size_t index;
  json_t *child;
  void *next;
  json_object_foreach_safe(value, next, key, child)
  {
    if ((*nth)-- == 0) return json_object_set_new(value, key, another(kind)) == 0;
    if (change_nth(child, nth, kind)) return true;
  }
  json_array_foreach(value, index, child)
  {
    if ((*nth)-- == 0) return json_array_set_new(value, index, another(kind)) == 0;
    if (change_nth(child, nth, kind)) return true;
  }
  return false;
}

TEST(a_real_bundle_with_any_value_changed_is_taken_or_refused_whole)
{
  AUTO(Files, files, files_fini) = real_files();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  EnvFake dice;
  env_fake_init(&dice, 0, 42);
  AUTO(json_t *, real, json_release) = NULL;
  assert_ok(json_read_file(files.names[16], IMPORT_FILE_MAX, &real)); /* a small one */
  size_t refusals = 0, taken = 0;
  for (unsigned round = 0; round < 200; round++) {
    AUTO(json_t *, bundle, json_release) = json_deep_copy(real);
    uint16_t nth;
    env_random(&dice.env, &nth, sizeof nth);
    size_t at = nth % (round % 2 ? 12000 : 300); /* half of them in the Patient and its neighbours */
    change_nth(bundle, &at, round);
    int64_t before = test_count(p.t.store, "journal");
    ImportReport report = {.arena = &p.arena};
    Err err = import_fhir(p.t.store, actor_system(), bundle, &report);
    if (err == ERR_OK) {
      taken++;
    } else {
      refusals++;
      if (err != ERR_INVALID && err != ERR_UNSUPPORTED) fail_msg("round %u: %s %s", round, err_name(err), err_detail());
      assert_true(*err_detail() != '\0');
      assert_int_equal(test_count(p.t.store, "journal"), before);
    }
  }
  assert_true(refusals > 10 && taken > 10);
  VerifyReport report;
  assert_ok(verify_store(p.t.store, &report));
}

#define PATIENT(id, more)                                                                                           \
  "{'resource': {'resourceType': 'Patient', 'id': '" id "', 'name': [{'family': 'Ng', 'given': ['Li']}]" more "}, " \
  "'fullUrl': 'urn:uuid:" id "'}"
#define BUNDLE(entries) "{'resourceType': 'Bundle', 'type': 'collection', 'entry': [" entries "]}"

TEST(files_that_are_wrong_are_refused_whole)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  static const struct {
    const char *text, *words;
  } cases[] = {
      {"[]", "not a FHIR resource"},
      {"{}", "resourceType"},
      {"{'resourceType': 7}", "resourceType"},
      {"{'resourceType': 'Pa tient'}", "resourceType"},
      {"{'resourceType': 'Bundle', 'entry': {}}", "entry is not a list"},
      {"{'resourceType': 'Bundle', 'entry': [7]}", "not an object"},
      {"{'resourceType': 'Bundle', 'entry': [{}]}", "resource is missing"},
      {"{'resourceType': 'Bundle', 'entry': [{'resource': []}]}", "resource is not an object"},
      {"{'resourceType': 'Bundle', 'entry': [{'resource': {'resourceType': 'Evil<b>'}}]}", "resourceType"},
      {BUNDLE(PATIENT("a", ", 'birthDate': 1986")), "entry 1 (Patient): birthDate is not text"},
      {BUNDLE(PATIENT("a", ", 'birthDate': 'yesterday'")), "birthDate is not a date"},
      {BUNDLE(PATIENT("a", ", 'birthDate': '1986-02-30'")), "birthDate is not a date"},
      {BUNDLE(PATIENT("a", ", 'identifier': {}")), "identifier is not a list"},
      {BUNDLE(PATIENT("a", ", 'telecom': [[]]")), "not an object"},
      {BUNDLE(PATIENT("a", ", 'address': [{'line': 'Elm St'}]")), "line is not a list"},
      {BUNDLE(PATIENT("a", ", 'active': 'yes'")), "active is neither"},
      {BUNDLE(PATIENT("a", ", 'communication': [{'language': 'en'}]")), "language is not an object"},
      {BUNDLE("{'resource': {'resourceType': 'Patient', 'name': [{'family': 'Ng'}]}}"), "identifier is missing"},
      {BUNDLE("{'resource': {'resourceType': 'Patient', 'id': 'a', 'name': {'family': 'Ng'}}}"), "name is not a list"},
      {BUNDLE("{'resource': {'resourceType': 'Patient', 'id': 'a', 'name': [{'given': 'Li'}]}}"),
       "given is not a list"},
      {BUNDLE(PATIENT("a", "") "," PATIENT("a", "")), "fullUrl is that of another entry"},
      {BUNDLE(PATIENT("a", ", 'identifier': [{'system': 's', 'value': '1'}]") "," PATIENT(
           "b", ", 'identifier': [{'system': 's', 'value': '1'}]")),
       "entry 2 (Patient): identifier is that of entry 1 too"},
      {BUNDLE(
           PATIENT("a", ", 'identifier': [{'system': 's', 'value': '1'}, {'system': 't', 'value': '9'}]") "," PATIENT(
               "b", ", 'identifier': [{'system': 's', 'value': '2'}, {'system': 't', 'value': '9'}]")),
       "identifier is that of entry 1 too"},
      {BUNDLE(PATIENT("a", "") ", {'resource': {'resourceType': 'Coverage', 'id': 'c', 'beneficiary': {'reference': "
                               "'urn:uuid:nobody'}, 'payor': [{'display': 'Aetna'}]}}"),
       "entry 2 (Coverage): beneficiary refers to a resource"},
      {BUNDLE("{'resource': {'resourceType': 'Coverage', 'id': 'c', 'beneficiary': {'reference': 'Patient/77'}}}"),
       "beneficiary refers"},
      {BUNDLE("{'resource': {'resourceType': 'Coverage', 'id': 'c', 'beneficiary': 'Patient/77'}}"),
       "beneficiary is not an object"},
      {BUNDLE("{'resource': {'resourceType': 'Coverage', 'id': 'c', 'payor': [{'reference': '#gone'}]}}"),
       "contained resource that is not there"},
      {BUNDLE("{'resource': {'resourceType': 'Coverage', 'id': 'c', 'beneficiary': {'reference': "
              "'Patient?name=Ng'}}}"),
       "conditional reference by something else"},
      {BUNDLE("{'resource': {'resourceType': 'Appointment', 'id': 'x', 'status': 'imagined'}}"), "status"},
      {BUNDLE("{'resource': {'resourceType': 'Encounter', 'id': 'x', 'period': {'start': 'noon'}}}"), "start is not"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) refused(&p, cases[i].text, ERR_INVALID, cases[i].words);
  refused(&p, "{'resourceType': 'Bundle', 'type': 'history'}", ERR_UNSUPPORTED, "history");
}

TEST(hostile_sizes_are_refused_whole)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  static char huge[3 << 20], nested[4096];
  size_t len =
      (size_t)snprintf(huge, sizeof huge, "%s", "{'resourceType': 'Patient', 'id': 'a', 'name': [{'family': '");
  memset(huge + len, 'x', 2 << 20);
  snprintf(huge + len + (2 << 20), 64, "'}]}");
  refused(&p, huge, ERR_INVALID, "family is longer than 200 characters");
  len = (size_t)snprintf(nested, sizeof nested, "{'resourceType': 'Patient', 'id': 'a', 'extension': ");
  memset(nested + len, '[', 1000);
  memset(nested + len + 1000, ']', 1000);
  snprintf(nested + len + 2000, 8, "}");
  refused(&p, nested, ERR_INVALID, "line 1");
  AUTO(json_t *, bundle, json_release) = json_pack("{s:s, s:[]}", "resourceType", "Bundle", "entry");
  for (int i = 0; i <= IMPORT_ENTRIES_MAX; i++) json_array_append_new(json_object_get(bundle, "entry"), json_object());
  ImportReport report = {.arena = &p.arena};
  assert_err(import_fhir(p.t.store, actor_system(), bundle, &report), ERR_TOO_LARGE);
  assert_err(import_fhir_file(p.t.store, actor_system(), "no/such/file.json", &report), ERR_NOT_FOUND);
}

TEST(a_name_cannot_turn_the_line_it_stands_in)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      take(&p, "{'resourceType': 'Patient', 'id': 'a', 'name': [{'family': ' O\\u202eNeil\\n\\tSmith'}]}", &report));
  assert_string_equal(client_of(&p, "ONeil Smith").given, "");
}

TEST(digits_are_kept_and_stripped_only_when_asked)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  const char *text = "{'resourceType': 'Patient', 'id': 'a', 'name': [{'family': 'Mejía529', 'given': ['Ana7', 'Li', "
                     "'3']}]}";
  ImportReport report;
  assert_ok(take(&p, text, &report));
  assert_string_equal(client_of(&p, "Mejía529").given, "Ana7 Li 3");
  assert_ok(take_with(&p, text, (ImportOptions){.strip_digits = true}, &report));
  assert_string_equal(client_of(&p, "Mejía").given, "Ana Li 3");
}

TEST(the_name_in_use_is_taken_and_others_tell_the_preferred_one)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(take(&p,
                 "{'resourceType': 'Patient', 'id': 'a', 'birthDate': '1986', 'deceasedBoolean': true, 'name': ["
                 "{'use': 'maiden', 'family': 'Rowe', 'given': ['Liz']}, {'use': 'nickname', 'given': ['Lizzy']},"
                 "{'use': 'usual', 'family': 'Con', 'given': ['Liz']}, {'use': 'official', 'family': 'Conn', 'given': "
                 "['Elizabeth', 'Ann'], 'suffix': ['PhD']}], 'telecom': [{'system': 'phone', 'value': '1', 'use': "
                 "'work'}, {'system': 'phone', 'value': '555.123/4567', 'use': 'mobile'}, {'system': 'email', 'value': "
                 "'a@b.org'}], 'address': [{'use': 'work', 'city': 'Bonn'}, {'use': 'home', 'city': 'Rome', 'line': "
                 "['1 Via', '2nd floor', 'left']}]}",
                 &report));
  Client client = client_of(&p, "Conn");
  assert_string_equal(client.given, "Elizabeth Ann");
  assert_string_equal(client.suffix, "PhD");
  assert_string_equal(client.preferred_name, "Lizzy");
  assert_string_equal(client.status, "deceased");
  assert_string_equal(client.birth_date, "");
  assert_int_equal(skipped(&report, "Patient.birthDate"), 1);
  assert_string_equal(client.contact.phone, "555-123-4567");
  assert_string_equal(client.contact.email, "a@b.org");
  assert_string_equal(client.contact.city, "Rome");
  assert_string_equal(client.contact.line2, "2nd floor, left");
}

TEST(contacts_and_related_persons_are_kept_apart_by_name)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  const char *text = BUNDLE(
      PATIENT("a", ", 'contact': [{'relationship': [{'coding': [{'code': 'C', 'display': 'Emergency contact'}]}], "
                   "'name': {'family': 'Ng', 'given': ['Bo']}, 'telecom': [{'system': 'phone', 'value': '555-1000'}]}, "
                   "{'organization': {'display': 'x'}}]") ","
                                                          "{'resource': {'resourceType': 'RelatedPerson', 'id': 'r', "
                                                          "'patient': {'reference': 'Patient/a'}, 'name': "
                                                          "[{'family': 'Wu', 'given': ['Mei']}], 'relationship': "
                                                          "[{'coding': [{'code': 'GUARD', 'display': "
                                                          "'guardian'}]}]}}");
  assert_ok(take(&p, text, &report));
  assert_int_equal(report.related, 2);
  assert_int_equal(skipped(&report, "Patient.contact"), 1);
  AUTO(Query, q, query_fini) = query(p.t.store, &RELATED);
  assert_true(query_next(&q));
  assert_true(str_eq_c(query_str(&q, "given"), "Bo"));
  assert_int_equal(query_int(&q, "emergency"), 1);
  assert_true(str_eq_c(query_str(&q, "phone"), "555-1000"));
  assert_true(query_next(&q));
  assert_int_equal(query_int(&q, "guardian"), 1);
  assert_int_equal(query_int(&q, "emergency"), 0);
  query_fini(&q);
  assert_ok(take(&p, text, &report));
  assert_int_equal(report.related, 0);
}

TEST(coverage_by_itself_has_plan_group_and_insurer)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      take(&p,
           BUNDLE(PATIENT("a", "") ", {'resource': {'resourceType': 'Organization', 'id': 'o', 'name': 'Blue Cross', "
                                   "'type': [{'coding': [{'code': 'ins'}]}]}, 'fullUrl': 'urn:uuid:o'}, "
                                   "{'resource': {'resourceType': 'Coverage', 'id': 'c', 'status': 'active', "
                                   "'beneficiary': {'reference': 'urn:uuid:a'}, 'payor': [{'reference': "
                                   "'urn:uuid:o'}], 'subscriberId': 'W123', 'order': 2, 'period': {'start': "
                                   "'2026-01-01', 'end': '2026-12-31'}, 'class': [{'type': {'coding': [{'code': "
                                   "'group'}]}, 'value': 'G7'}, {'type': {'coding': [{'code': 'plan'}]}, 'value': "
                                   "'P1', 'name': 'Gold'}], 'relationship': {'coding': [{'code': 'child'}]}}}"),
           &report));
  Coverage *list;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, client_of(&p, "Ng").id, &list, &count));
  assert_int_equal(count, 1);
  assert_string_equal(list[0].payer, "Blue Cross");
  assert_string_equal(list[0].plan, "Gold");
  assert_string_equal(list[0].group_number, "G7");
  assert_string_equal(list[0].member_id, "W123");
  assert_string_equal(list[0].relationship, "child");
  assert_string_equal(list[0].end_date, "2026-12-31");
  assert_int_equal(list[0].rank, 2);
}

#define EOB(id, created, payer)                                                                                  \
  "{'resource': {'resourceType': 'ExplanationOfBenefit', 'id': '" id "', 'created': '" created                   \
  "', 'contained': [{'resourceType': 'Coverage', 'id': 'coverage', 'beneficiary': {'reference': 'urn:uuid:a'}, " \
  "'payor': [{'display': '" payer "'}]}]}}"

TEST(of_the_coverages_within_claims_the_newest_counts)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(take(&p,
                 BUNDLE(PATIENT("a", "") "," EOB("1", "2012-10-04T23:03:50+00:00", "Old Insurance") "," EOB(
                     "2", "2024-10-04T23:03:50+00:00", "New Insurance") "," EOB("3", "2019-10-04", "Old Insurance")),
                 &report));
  Coverage *list;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, client_of(&p, "Ng").id, &list, &count));
  assert_int_equal(count, 1);
  assert_string_equal(list[0].payer, "New Insurance");
  assert_int_equal(skipped(&report, "Coverage (contained)"), 2);
}

TEST(what_a_person_has_confirmed_here_is_not_overwritten)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  const char *text = BUNDLE(
      PATIENT("a", ", 'telecom': [{'system': 'phone', 'value': '555-1000'}]") "," EOB("1", "2024-10-04", "Aetna"));
  assert_ok(take(&p, text, &report));
  Client client = client_of(&p, "Ng");
  Coverage *list;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, client.id, &list, &count));
  Faults faults = faults_make(&p.arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p.t.store, actor_client(client.id), "checkin", "", &tx));
  client.contact.phone = "555-2000 99";
  assert_ok(client_save_contact(&tx, client.id, &client.contact, &faults));
  list[0].status = "cancelled";
  assert_ok(coverage_save(&tx, &list[0], &faults, &id));
  assert_ok(tx_commit(&tx));
  int64_t journal = test_count(p.t.store, "journal");
  assert_ok(take(&p, text, &report));
  assert_string_equal(client_of(&p, "Ng").contact.phone, "555-2000 99");
  assert_ok(coverage_list(p.t.store, &p.arena, client.id, &list, &count));
  assert_int_equal(count, 0);
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(a_second_file_that_says_less_takes_nothing_away)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      take(&p,
           BUNDLE(PATIENT("a", ", 'birthDate': '1980-02-29', 'telecom': [{'system': 'phone', 'value': '555-1000'}], "
                               "'address': [{'city': 'Rome', 'line': ['1', '2']}]")),
           &report));
  assert_ok(take(&p, BUNDLE(PATIENT("a", ", 'address': [{'city': 'Bonn', 'line': ['3']}]")), &report));
  Client client = client_of(&p, "Ng");
  assert_string_equal(client.birth_date, "1980-02-29");
  assert_string_equal(client.contact.phone, "555-1000");
  assert_string_equal(client.contact.city, "Bonn");
  assert_string_equal(client.contact.line2, ""); /* an address counts as a whole */
}

TEST(an_identifier_finds_the_client_again_in_another_file)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      take(&p,
           BUNDLE(PATIENT("a", ", 'identifier': [{'system': 'urn:mrn', 'value': '42', 'type': {'coding': [{'code': "
                               "'MR'}]}}]")),
           &report));
  assert_ok(take(&p,
                 BUNDLE(PATIENT("zzz", ", 'identifier': [{'system': 'urn:x', 'value': '1'}, {'system': 'urn:mrn', "
                                       "'value': '42', 'type': {'coding': [{'code': 'MR'}]}}]")),
                 &report));
  assert_int_equal(test_count(p.t.store, "client"), 1);
  assert_int_equal(test_count(p.t.store, "client_identifier"), 2);
  /* A conditional reference, percent-encoded, and a logical one, from files that have no Patient at all. */
  assert_ok(take(&p,
                 BUNDLE("{'resource': {'resourceType': 'Coverage', 'id': 'c', 'beneficiary': {'reference': "
                        "'Patient?identifier=urn%3Amrn%7C42'}, 'payor': [{'display': 'Aetna'}]}}, {'resource': "
                        "{'resourceType': 'Coverage', 'id': 'd', 'beneficiary': {'identifier': {'system': 'urn:mrn', "
                        "'value': '42'}}, 'payor': [{'display': 'Cigna'}]}}, {'resource': {'resourceType': 'Coverage', "
                        "'id': 'e', 'beneficiary': {'reference': 'Patient?identifier=urn:mrn|77'}, 'payor': "
                        "[{'display': 'Cigna'}]}}"),
                 &report));
  assert_int_equal(report.coverages, 2);
  assert_int_equal(skipped(&report, "Coverage"), 1);
}

TEST(a_number_that_another_client_has_is_reported_and_not_moved)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      take(&p, BUNDLE(PATIENT("a", ", 'identifier': [{'system': 'm', 'value': '1'}, {'system': 'ssn', 'value': '9'}]")),
           &report));
  assert_ok(
      take(&p, BUNDLE(PATIENT("b", ", 'identifier': [{'system': 'm', 'value': '2'}, {'system': 'ssn', 'value': '9'}]")),
           &report));
  assert_int_equal(test_count(p.t.store, "client"), 2);
  assert_int_equal(test_count(p.t.store, "client_identifier"), 3);
  assert_int_equal(skipped(&report, "identifier"), 1);
}

TEST(resources_of_a_server_are_found_again_by_their_url)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      take(&p,
           BUNDLE("{'fullUrl': 'https://ehr.example/fhir/Patient/12', 'resource': {'resourceType': 'Patient', 'id': "
                  "'12', 'name': [{'family': 'Ng'}], 'identifier': [{'system': 'm', 'value': '1'}]}}"),
           &report));
  assert_ok(take(&p,
                 BUNDLE("{'fullUrl': 'https://ehr.example/fhir/Coverage/5', 'resource': {'resourceType': 'Coverage', "
                        "'id': '5', 'beneficiary': {'reference': 'Patient/12'}, 'payor': [{'display': 'Aetna'}]}}, "
                        "{'fullUrl': 'https://ehr.example/fhir/Coverage/6', 'resource': {'resourceType': 'Coverage', "
                        "'id': '6', 'beneficiary': {'reference': 'https://ehr.example/fhir/Patient/12/_history/3'}, "
                        "'payor': [{'display': 'Cigna'}]}}"),
                 &report));
  assert_int_equal(report.coverages, 2);
  refused(&p,
          BUNDLE("{'fullUrl': 'https://other.example/fhir/Coverage/5', 'resource': {'resourceType': 'Coverage', 'id': "
                 "'5', 'beneficiary': {'reference': 'Patient/12'}, 'payor': [{'display': 'Aetna'}]}}"),
          ERR_INVALID, "neither in the file nor known");
}

TEST(a_practitioner_with_the_npi_of_the_practices_own_provider_is_that_one)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Uuid own;
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(p.t.store, actor_system(), "test", "", &tx));
    assert_ok(provider_add(&tx, &(ProviderNew){.given = "Lee", .family = "Wong", .identifier = "1234567893"}, &own));
    assert_ok(tx_commit(&tx));
  }
  ImportReport report;
  assert_ok(take(&p,
                 BUNDLE("{'resource': {'resourceType': 'Practitioner', 'identifier': [{'system': "
                        "'http://hl7.org/fhir/sid/us-npi', 'value': '1234567893'}], 'name': [{'family': 'WONG'}]}}, "
                        "{'resource': {'resourceType': 'Practitioner', 'identifier': [{'system': 'urn:other', 'value': "
                        "'1234567893'}], 'name': [{'family': 'Else'}]}}"),
                 &report));
  assert_int_equal(report.providers, 1);
  AUTO(Query, q, query_fini) = query(p.t.store, &PROVIDERS);
  while (query_next(&q))
    if (uuid_eq(query_uuid(&q, "id"), own)) assert_true(str_eq_c(query_str(&q, "family"), "Wong"));
  assert_int_equal(test_count(p.t.store, "provider"), 2);
}

#define VISIT_BUNDLE                                                                                                  \
  BUNDLE(                                                                                                             \
      PATIENT("a", "") ", {'fullUrl': 'urn:uuid:o', 'resource': {'resourceType': 'Organization', 'id': 'o', 'name': " \
                       "'Elm Clinic', 'type': [{'coding': [{'code': 'prov'}]}]}}, {'fullUrl': 'urn:uuid:e', "         \
                       "'resource': {'resourceType': 'Encounter', 'id': 'e', 'status': 'finished', 'subject': "       \
                       "{'reference': 'urn:uuid:a'}, 'serviceProvider': {'reference': 'urn:uuid:o'}, 'type': "        \
                       "[{'text': 'Check-up'}], 'period': {'start': '2025-07-01T14:00:00+00:00', 'end': "             \
                       "'2025-07-01T14:20:30+00:00'}}}")

TEST(an_encounter_is_a_visit_only_at_a_site_of_the_practice)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(take(&p, VISIT_BUNDLE, &report));
  assert_int_equal(report.appointments, 0);
  assert_int_equal(skipped(&report, "Encounter"), 1);
  assert_ok(take_with(&p, VISIT_BUNDLE, (ImportOptions){.take_sites = true}, &report));
  assert_int_equal(report.sites, 1);
  assert_int_equal(report.appointments, 1);
  {
    AUTO(Query, q, query_fini) = query(p.t.store, &VISITS);
    assert_true(query_next(&q));
    assert_true(str_eq_c(query_str(&q, "status"), "done"));
    assert_true(str_eq_c(query_str(&q, "start_wall"), "2025-07-01T10:00")); /* New York in summer */
    assert_int_equal(query_int(&q, "minutes"), 21);
    assert_true(str_eq_c(query_str(&q, "name"), "Check-up"));
    assert_int_equal(query_int(&q, "active"), 0); /* of the past: nobody books it */
  }
  {
    AUTO(Query, q, query_fini) = query(p.t.store, &SITES);
    assert_true(query_next(&q));
    assert_true(str_eq_c(query_str(&q, "prefix"), "EC"));
    assert_true(str_eq_c(query_str(&q, "zone"), "America/New_York"));
  }
  int64_t journal = test_count(p.t.store, "journal");
  assert_ok(take_with(&p, VISIT_BUNDLE, (ImportOptions){.take_sites = true}, &report));
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(an_appointment_becomes_a_visit_with_a_provider_and_its_type)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
#define APPOINTMENT(start)                                                                                            \
  BUNDLE(                                                                                                             \
      PATIENT("a", "") ", {'fullUrl': 'urn:uuid:d', 'resource': {'resourceType': 'Practitioner', 'id': 'd', 'name': " \
                       "[{'family': 'Wong'}]}}, {'resource': {'resourceType': 'Appointment', 'id': 'x', 'status': "   \
                       "'booked', 'start': '" start                                                                   \
                       "', 'minutesDuration': 25, 'appointmentType': {'text': 'VISIT'}, 'description': 'Knee', "      \
                       "'participant': [{'actor': {'reference': 'urn:uuid:a'}}, {'actor': {'reference': "             \
                       "'urn:uuid:d'}}]}}")
  assert_ok(take(&p, APPOINTMENT("2026-03-02T16:30:00Z"), &report));
  assert_int_equal(report.appointments, 1);
  Appointment *list;
  size_t count;
  Date today = {2026, 3, 2};
  assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, today, &list, &count));
  assert_int_equal(count, 1);
  assert_int_equal(list[0].start.minute, 11 * 60 + 30);
  assert_int_equal(list[0].minutes, 25);
  assert_string_equal(list[0].type_name, "Visit");
  assert_string_equal(list[0].provider_name, "Wong");
  assert_string_equal(list[0].client_name, "Li Ng");
  /* Moved at the source: moved here. Arrived here: the file has nothing to say any more. */
  assert_ok(take(&p, APPOINTMENT("2026-03-02T17:30:00Z"), &report));
  assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, today, &list, &count));
  assert_int_equal(list[0].start.minute, 12 * 60 + 30);
  test_visit_move(&p, list[0].id, APPT_BOOKED, APPT_ARRIVED);
  int64_t journal = test_count(p.t.store, "journal");
  assert_ok(take(&p, APPOINTMENT("2026-03-02T18:30:00Z"), &report));
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(a_questionnaire_in_a_bundle_is_added_once)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  const char *text = "{'resourceType': 'Questionnaire', 'url': 'urn:q', 'title': 'Q', 'item': [{'linkId': '1', 'type': "
                     "'string', 'text': 'Why?'}]}";
  assert_ok(take(&p, text, &report));
  assert_int_equal(report.questionnaires, 1);
  assert_ok(take(&p, text, &report));
  assert_int_equal(report.questionnaires, 0);
  assert_int_equal(report.unchanged, 1);
}

TEST(resources_with_modifiers_and_deletions_are_left_alone)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(take(
      &p,
      BUNDLE(PATIENT(
          "a", ", 'modifierExtension': [{'url': 'urn:not', 'valueBoolean': true}]") ", {'request': {'method': "
                                                                                    "'DELETE', 'url': 'Patient/9'}}, "
                                                                                    "{'resource': {'resourceType': "
                                                                                    "'Patient', 'id': 'b'}}, "
                                                                                    "{'resource': {'resourceType': "
                                                                                    "'Device', 'id': 'b'}}"),
      &report));
  assert_int_equal(test_count(p.t.store, "client"), 0);
  assert_int_equal(skipped(&report, "Patient"), 2);
  assert_int_equal(skipped(&report, "entry"), 1);
  assert_int_equal(skipped(&report, "Device"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_real_bundles_import_and_importing_them_again_changes_nothing),
      cmocka_unit_test(names_with_accents_and_all_details_come_through_exactly),
      cmocka_unit_test(what_is_not_taken_is_reported),
      cmocka_unit_test(a_real_bundle_cut_anywhere_changes_nothing),
      cmocka_unit_test(a_real_bundle_with_any_value_changed_is_taken_or_refused_whole),
      cmocka_unit_test(files_that_are_wrong_are_refused_whole),
      cmocka_unit_test(hostile_sizes_are_refused_whole),
      cmocka_unit_test(a_name_cannot_turn_the_line_it_stands_in),
      cmocka_unit_test(digits_are_kept_and_stripped_only_when_asked),
      cmocka_unit_test(the_name_in_use_is_taken_and_others_tell_the_preferred_one),
      cmocka_unit_test(contacts_and_related_persons_are_kept_apart_by_name),
      cmocka_unit_test(coverage_by_itself_has_plan_group_and_insurer),
      cmocka_unit_test(of_the_coverages_within_claims_the_newest_counts),
      cmocka_unit_test(what_a_person_has_confirmed_here_is_not_overwritten),
      cmocka_unit_test(a_second_file_that_says_less_takes_nothing_away),
      cmocka_unit_test(an_identifier_finds_the_client_again_in_another_file),
      cmocka_unit_test(a_number_that_another_client_has_is_reported_and_not_moved),
      cmocka_unit_test(resources_of_a_server_are_found_again_by_their_url),
      cmocka_unit_test(a_practitioner_with_the_npi_of_the_practices_own_provider_is_that_one),
      cmocka_unit_test(an_encounter_is_a_visit_only_at_a_site_of_the_practice),
      cmocka_unit_test(an_appointment_becomes_a_visit_with_a_provider_and_its_type),
      cmocka_unit_test(a_questionnaire_in_a_bundle_is_added_once),
      cmocka_unit_test(resources_with_modifiers_and_deletions_are_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
