/* Files that are wrong in every way are refused whole, and change nothing. */
#include <stdio.h>
#include <string.h>

#include "common/store/verify.h"
#include "tests/support/import_fixture.h"
#include "tests/support/unit.h"

/* A truncated copy of a real bundle: every step of the way, as JSON that does not parse, and as whole JSON with entries gone. */
TEST(a_real_bundle_cut_anywhere_changes_nothing)
{
  AUTO(TestBundles, files, test_bundles_fini) = test_bundles();
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
  AUTO(TestBundles, files, test_bundles_fini) = test_bundles();
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
  for (size_t i = 0; i < COUNT_OF(cases); i++) test_refused(&p, cases[i].text, ERR_INVALID, cases[i].words);
  test_refused(&p, "{'resourceType': 'Bundle', 'type': 'history'}", ERR_UNSUPPORTED, "history");
}

TEST(hostile_sizes_are_refused_whole)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  static char huge[3 << 20], nested[4096];
  size_t len =
      (size_t)snprintf(huge, sizeof huge, "%s", "{'resourceType': 'Patient', 'id': 'a', 'name': [{'family': '");
  memset(huge + len, 'x', 2 << 20);
  snprintf(huge + len + (2 << 20), 64, "'}]}");
  test_refused(&p, huge, ERR_INVALID, "family is longer than 200 characters");
  len = (size_t)snprintf(nested, sizeof nested, "{'resourceType': 'Patient', 'id': 'a', 'extension': ");
  memset(nested + len, '[', 1000);
  memset(nested + len + 1000, ']', 1000);
  snprintf(nested + len + 2000, 8, "}");
  test_refused(&p, nested, ERR_INVALID, "line 1");
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
  assert_ok(test_take(&p, "{'resourceType': 'Patient', 'id': 'a', 'name': [{'family': ' O\\u202eNeil\\n\\tSmith'}]}",
                      &report));
  assert_string_equal(test_client_named(&p, "ONeil Smith").given, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_real_bundle_cut_anywhere_changes_nothing),
      cmocka_unit_test(a_real_bundle_with_any_value_changed_is_taken_or_refused_whole),
      cmocka_unit_test(files_that_are_wrong_are_refused_whole),
      cmocka_unit_test(hostile_sizes_are_refused_whole),
      cmocka_unit_test(a_name_cannot_turn_the_line_it_stands_in),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
