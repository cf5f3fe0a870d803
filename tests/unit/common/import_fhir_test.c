/* What is taken of FHIR resources, and how it is found again. */
#include "tests/support/import_fixture.h"
#include "tests/support/unit.h"

SQL(VISITS, "SELECT a.status, a.start_wall, a.minutes, t.name, t.active, a.provider FROM appointment a"
            " JOIN appointment_type t ON t.id = a.type");
SQL(SITES, "SELECT name, prefix, zone FROM site ORDER BY name");
SQL(RELATED, "SELECT given, family, relationship, guardian, emergency, phone FROM related_person ORDER BY family");
SQL(PROVIDERS, "SELECT id, given, family, identifier FROM provider");

TEST(digits_are_kept_and_stripped_only_when_asked)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  const char *text = "{'resourceType': 'Patient', 'id': 'a', 'name': [{'family': 'Mejía529', 'given': ['Ana7', 'Li', "
                     "'3']}]}";
  ImportReport report;
  assert_ok(test_take(&p, text, &report));
  assert_string_equal(test_client_named(&p, "Mejía529").given, "Ana7 Li 3");
  assert_ok(test_take_with(&p, text, (ImportOptions){.strip_digits = true}, &report));
  assert_string_equal(test_client_named(&p, "Mejía").given, "Ana Li 3");
}

TEST(the_name_in_use_is_taken_and_others_tell_the_preferred_one)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      test_take(&p,
                "{'resourceType': 'Patient', 'id': 'a', 'birthDate': '1986', 'deceasedBoolean': true, 'name': ["
                "{'use': 'maiden', 'family': 'Rowe', 'given': ['Liz']}, {'use': 'nickname', 'given': ['Lizzy']},"
                "{'use': 'usual', 'family': 'Con', 'given': ['Liz']}, {'use': 'official', 'family': 'Conn', 'given': "
                "['Elizabeth', 'Ann'], 'suffix': ['PhD']}], 'telecom': [{'system': 'phone', 'value': '1', 'use': "
                "'work'}, {'system': 'phone', 'value': '555.123/4567', 'use': 'mobile'}, {'system': 'email', 'value': "
                "'a@b.org'}], 'address': [{'use': 'work', 'city': 'Bonn'}, {'use': 'home', 'city': 'Rome', 'line': "
                "['1 Via', '2nd floor', 'left']}]}",
                &report));
  Client client = test_client_named(&p, "Conn");
  assert_string_equal(client.given, "Elizabeth Ann");
  assert_string_equal(client.suffix, "PhD");
  assert_string_equal(client.preferred_name, "Lizzy");
  assert_string_equal(client.status, "deceased");
  assert_string_equal(client.birth_date, "");
  assert_int_equal(test_skipped(&report, "Patient.birthDate"), 1);
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
  assert_ok(test_take(&p, text, &report));
  assert_int_equal(report.related, 2);
  assert_int_equal(test_skipped(&report, "Patient.contact"), 1);
  AUTO(Query, q, query_fini) = query(p.t.store, &RELATED);
  assert_true(query_next(&q));
  assert_true(str_eq_c(query_str(&q, "given"), "Bo"));
  assert_int_equal(query_int(&q, "emergency"), 1);
  assert_true(str_eq_c(query_str(&q, "phone"), "555-1000"));
  assert_true(query_next(&q));
  assert_int_equal(query_int(&q, "guardian"), 1);
  assert_int_equal(query_int(&q, "emergency"), 0);
  query_fini(&q);
  assert_ok(test_take(&p, text, &report));
  assert_int_equal(report.related, 0);
}

TEST(coverage_by_itself_has_plan_group_and_insurer)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      test_take(&p,
                BUNDLE(
                    PATIENT("a", "") ", {'resource': {'resourceType': 'Organization', 'id': 'o', 'name': 'Blue Cross', "
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
  assert_ok(coverage_list(p.t.store, &p.arena, test_client_named(&p, "Ng").id, &list, &count));
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
  assert_ok(
      test_take(&p,
                BUNDLE(PATIENT("a", "") "," EOB("1", "2012-10-04T23:03:50+00:00", "Old Insurance") "," EOB(
                    "2", "2024-10-04T23:03:50+00:00", "New Insurance") "," EOB("3", "2019-10-04", "Old Insurance")),
                &report));
  Coverage *list;
  size_t count;
  assert_ok(coverage_list(p.t.store, &p.arena, test_client_named(&p, "Ng").id, &list, &count));
  assert_int_equal(count, 1);
  assert_string_equal(list[0].payer, "New Insurance");
  assert_int_equal(test_skipped(&report, "Coverage (contained)"), 2);
}

TEST(what_a_person_has_confirmed_here_is_not_overwritten)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  const char *text = BUNDLE(
      PATIENT("a", ", 'telecom': [{'system': 'phone', 'value': '555-1000'}]") "," EOB("1", "2024-10-04", "Aetna"));
  assert_ok(test_take(&p, text, &report));
  Client client = test_client_named(&p, "Ng");
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
  assert_ok(test_take(&p, text, &report));
  assert_string_equal(test_client_named(&p, "Ng").contact.phone, "555-2000 99");
  assert_ok(coverage_list(p.t.store, &p.arena, client.id, &list, &count));
  assert_int_equal(count, 0);
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(a_second_file_that_says_less_takes_nothing_away)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(test_take(
      &p,
      BUNDLE(PATIENT("a", ", 'birthDate': '1980-02-29', 'telecom': [{'system': 'phone', 'value': '555-1000'}], "
                          "'address': [{'city': 'Rome', 'line': ['1', '2']}]")),
      &report));
  assert_ok(test_take(&p, BUNDLE(PATIENT("a", ", 'address': [{'city': 'Bonn', 'line': ['3']}]")), &report));
  Client client = test_client_named(&p, "Ng");
  assert_string_equal(client.birth_date, "1980-02-29");
  assert_string_equal(client.contact.phone, "555-1000");
  assert_string_equal(client.contact.city, "Bonn");
  assert_string_equal(client.contact.line2, ""); /* an address counts as a whole */
}

TEST(an_identifier_finds_the_client_again_in_another_file)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(test_take(
      &p,
      BUNDLE(PATIENT("a", ", 'identifier': [{'system': 'urn:mrn', 'value': '42', 'type': {'coding': [{'code': "
                          "'MR'}]}}]")),
      &report));
  assert_ok(test_take(&p,
                      BUNDLE(PATIENT("zzz", ", 'identifier': [{'system': 'urn:x', 'value': '1'}, {'system': 'urn:mrn', "
                                            "'value': '42', 'type': {'coding': [{'code': 'MR'}]}}]")),
                      &report));
  assert_int_equal(test_count(p.t.store, "client"), 1);
  assert_int_equal(test_count(p.t.store, "client_identifier"), 2);
  /* A conditional reference, percent-encoded, and a logical one, from files that have no Patient at all. */
  assert_ok(
      test_take(&p,
                BUNDLE("{'resource': {'resourceType': 'Coverage', 'id': 'c', 'beneficiary': {'reference': "
                       "'Patient?identifier=urn%3Amrn%7C42'}, 'payor': [{'display': 'Aetna'}]}}, {'resource': "
                       "{'resourceType': 'Coverage', 'id': 'd', 'beneficiary': {'identifier': {'system': 'urn:mrn', "
                       "'value': '42'}}, 'payor': [{'display': 'Cigna'}]}}, {'resource': {'resourceType': 'Coverage', "
                       "'id': 'e', 'beneficiary': {'reference': 'Patient?identifier=urn:mrn|77'}, 'payor': "
                       "[{'display': 'Cigna'}]}}"),
                &report));
  assert_int_equal(report.coverages, 2);
  assert_int_equal(test_skipped(&report, "Coverage"), 1);
}

TEST(a_number_that_another_client_has_is_reported_and_not_moved)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(test_take(
      &p, BUNDLE(PATIENT("a", ", 'identifier': [{'system': 'm', 'value': '1'}, {'system': 'ssn', 'value': '9'}]")),
      &report));
  assert_ok(test_take(
      &p, BUNDLE(PATIENT("b", ", 'identifier': [{'system': 'm', 'value': '2'}, {'system': 'ssn', 'value': '9'}]")),
      &report));
  assert_int_equal(test_count(p.t.store, "client"), 2);
  assert_int_equal(test_count(p.t.store, "client_identifier"), 3);
  assert_int_equal(test_skipped(&report, "identifier"), 1);
}

TEST(resources_of_a_server_are_found_again_by_their_url)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(
      test_take(&p,
                BUNDLE(
                    "{'fullUrl': 'https://ehr.example/fhir/Patient/12', 'resource': {'resourceType': 'Patient', 'id': "
                    "'12', 'name': [{'family': 'Ng'}], 'identifier': [{'system': 'm', 'value': '1'}]}}"),
                &report));
  assert_ok(
      test_take(&p,
                BUNDLE("{'fullUrl': 'https://ehr.example/fhir/Coverage/5', 'resource': {'resourceType': 'Coverage', "
                       "'id': '5', 'beneficiary': {'reference': 'Patient/12'}, 'payor': [{'display': 'Aetna'}]}}, "
                       "{'fullUrl': 'https://ehr.example/fhir/Coverage/6', 'resource': {'resourceType': 'Coverage', "
                       "'id': '6', 'beneficiary': {'reference': 'https://ehr.example/fhir/Patient/12/_history/3'}, "
                       "'payor': [{'display': 'Cigna'}]}}"),
                &report));
  assert_int_equal(report.coverages, 2);
  test_refused(
      &p,
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
  assert_ok(
      test_take(&p,
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
  assert_ok(test_take(&p, VISIT_BUNDLE, &report));
  assert_int_equal(report.appointments, 0);
  assert_int_equal(test_skipped(&report, "Encounter"), 1);
  assert_ok(test_take_with(&p, VISIT_BUNDLE, (ImportOptions){.take_sites = true}, &report));
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
  assert_ok(test_take_with(&p, VISIT_BUNDLE, (ImportOptions){.take_sites = true}, &report));
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
  assert_ok(test_take(&p, APPOINTMENT("2026-03-02T16:30:00Z"), &report));
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
  assert_ok(test_take(&p, APPOINTMENT("2026-03-02T17:30:00Z"), &report));
  assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, today, &list, &count));
  assert_int_equal(list[0].start.minute, 12 * 60 + 30);
  test_visit_move(&p, list[0].id, APPT_BOOKED, APPT_ARRIVED);
  int64_t journal = test_count(p.t.store, "journal");
  assert_ok(test_take(&p, APPOINTMENT("2026-03-02T18:30:00Z"), &report));
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(a_questionnaire_in_a_bundle_is_added_once)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  const char *text = "{'resourceType': 'Questionnaire', 'url': 'urn:q', 'title': 'Q', 'item': [{'linkId': '1', 'type': "
                     "'string', 'text': 'Why?'}]}";
  assert_ok(test_take(&p, text, &report));
  assert_int_equal(report.questionnaires, 1);
  assert_ok(test_take(&p, text, &report));
  assert_int_equal(report.questionnaires, 0);
  assert_int_equal(report.unchanged, 1);
}

TEST(resources_with_modifiers_and_deletions_are_left_alone)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(test_take(
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
  assert_int_equal(test_skipped(&report, "Patient"), 2);
  assert_int_equal(test_skipped(&report, "entry"), 1);
  assert_int_equal(test_skipped(&report, "Device"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
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
