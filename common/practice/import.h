/* Import: FHIR R4 bundles and CSV. A bad file changes nothing; what was not taken is reported with the reason; importing again changes nothing. */
#pragma once

#include "common/base/json.h"
#include "common/store/tx.h"

typedef struct ImportReport {
  Arena *arena;
  size_t clients, providers, sites, coverages, appointments, questionnaires, identifiers,
      related; /* new or changed rows by kind */
  size_t unchanged;
  struct ImportSkip {
    const char *what; /* "Claim", "Encounter", "row 17" */
    const char *why;
    size_t count;
  } * skipped; /* same what and why are counted together */
  size_t skipped_count, skipped_capacity;
} ImportReport;

/* import_fhir: a Bundle (transaction, collection, searchset) or one resource: Patient, Practitioner, Organization, Location, Coverage (also contained in Claims and
 * ExplanationOfBenefit), Appointment, RelatedPerson, Questionnaire, ... What Foyer has no place for yet is reported as skipped, by type. Ids are made from the source's
 * identifiers, so that a second import finds the same rows. References to resources of other files (conditional, "Practitioner?identifier=...") are resolved by
 * identifier. One transaction. */
MUST_CHECK Err import_fhir(Store *store, Actor actor, json_t *resource, ImportReport *report);
MUST_CHECK Err import_fhir_file(Store *store, Actor actor, const char *path, ImportReport *report);
/* import_csv: `kind` "clients" or "appointments"; RFC 4180, UTF-8 with or without BOM, header row names the columns (also usual synonyms). Rows with mistakes are
 * reported by line and not taken; a file that does not parse, or lacks a needed column, is refused whole: ERR_INVALID. */
MUST_CHECK Err import_csv_file(Store *store, Actor actor, const char *kind, const char *path, ImportReport *report);
/* import_report_json: for the command line and pages. New reference. */
json_t *import_report_json(const ImportReport *report);
