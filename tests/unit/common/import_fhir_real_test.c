/* The real bundles of ../shared/data/fhir, where they are there. */
#include <string.h>

#include "tests/support/import_fixture.h"
#include "tests/support/unit.h"

SQL(NUMBERS, "SELECT system, value, type FROM client_identifier WHERE client = :client ORDER BY system");

TEST(all_real_bundles_import_and_importing_them_again_changes_nothing)
{
  AUTO(TestBundles, files, test_bundles_fini) = test_bundles();
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
  AUTO(TestBundles, files, test_bundles_fini) = test_bundles();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  for (size_t i = 0; i < files.count; i++) {
    ImportReport report = {.arena = &p.arena};
    if (strstr(files.names[i], "Mej") || strstr(files.names[i], "Fonseca") || strstr(files.names[i], "Hintz"))
      assert_ok(import_fhir_file(p.t.store, actor_system(), files.names[i], &report));
  }
  Client mejia = test_client_named(&p, "Mejía");
  assert_string_equal(mejia.given, "Gustavo");
  assert_string_equal(mejia.prefix, "Mr.");
  assert_string_equal(mejia.birth_date, "1986-11-27");
  assert_string_equal(mejia.gender, "male");
  assert_string_equal(mejia.language, "es");
  assert_string_equal(mejia.contact.phone, "555-981-8755");
  assert_string_equal(mejia.contact.line1, "573 Erdman Heights");
  assert_string_equal(mejia.contact.city, "Boston");
  assert_string_equal(mejia.contact.postal_code, "02108");
  assert_string_equal(test_client_named(&p, "Fonseca").given, "Agustín");
  Coverage *coverages;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, mejia.id, &coverages, &count));
  assert_int_equal(count, 1);
  assert_string_equal(coverages[0].payer, "private");
  assert_ok(coverage_list(p.t.store, &p.arena, test_client_named(&p, "Hintz").id, &coverages, &count));
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
  AUTO(TestBundles, files, test_bundles_fini) = test_bundles();
  if (files.count == 0) skip();
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report = {.arena = &p.arena};
  for (size_t i = 0; i < files.count; i++)
    if (strstr(files.names[i], "Mej")) assert_ok(import_fhir_file(p.t.store, actor_system(), files.names[i], &report));
  assert_int_equal(test_skipped(&report, "Encounter"), 6);
  assert_int_equal(test_skipped(&report, "Claim"), 7);
  assert_int_equal(test_skipped(&report, "Organization"), 1);
  assert_int_equal(test_skipped(&report, "Patient.maritalStatus"), 1);
  assert_int_equal(test_skipped(&report, "Patient.extension"), 1);
  assert_int_equal(test_skipped(&report, "Patient.multipleBirthBoolean"), 0); /* false says nothing */
  AUTO(json_t *, json, json_release) = import_report_json(&report);
  assert_int_equal(json_int(json, "clients", -1), 1);
  assert_int_equal(json_array_size(json_object_get(json, "skipped")), report.skipped_count);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_real_bundles_import_and_importing_them_again_changes_nothing),
      cmocka_unit_test(names_with_accents_and_all_details_come_through_exactly),
      cmocka_unit_test(what_is_not_taken_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
