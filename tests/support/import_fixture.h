/* FHIR for a test: the real bundles of ../shared/data/fhir, and small ones written as JSON with ' for ". */
#pragma once

#include "common/practice/import.h"
#include "tests/support/practice_fixture.h"

#define PATIENT(id, more)                                                                                           \
  "{'resource': {'resourceType': 'Patient', 'id': '" id "', 'name': [{'family': 'Ng', 'given': ['Li']}]" more "}, " \
  "'fullUrl': 'urn:uuid:" id "'}"
#define BUNDLE(entries) "{'resourceType': 'Bundle', 'type': 'collection', 'entry': [" entries "]}"

typedef struct TestBundles {
  Arena arena;
  char **names; /* of files, sorted; none where there is no such folder */
  size_t count, capacity;
} TestBundles;

TestBundles test_bundles(void);
void test_bundles_fini(TestBundles *bundles);

/* test_take: import the text; the report is begun anew. */
MUST_CHECK Err test_take(TestPractice *p, const char *text, ImportReport *report);
MUST_CHECK Err test_take_with(TestPractice *p, const char *text, ImportOptions options, ImportReport *report);
/* test_skipped: how many of these the report names as not taken. */
size_t test_skipped(const ImportReport *report, const char *what);
/* test_client_named: the only one of this family name. */
Client test_client_named(TestPractice *p, const char *family);
/* test_refused: fails unless the text is refused with this error, the message has these words, and nothing has changed. */
void test_refused(TestPractice *p, const char *text, Err want, const char *words);
