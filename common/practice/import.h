/* Import: FHIR R4 bundles and CSV. A bad file changes nothing; what was not taken is reported with the reason; importing again changes nothing.
 *
 * What people say for themselves wins: contact details and coverage that a client has confirmed here are not overwritten, nor is a visit that has
 * gone on here.
 */
#pragma once

#include "common/base/json.h"
#include "common/store/tx.h"

typedef struct ImportOptions { /* all off unless set */
  bool strip_digits;           /* "Agustín529" becomes "Agustín": Synthea numbers its people. Names of persons only */
  bool take_sites; /* Locations, and Organizations that give care, become sites, in the zone of the first site */
} ImportOptions;

typedef struct ImportReport {
  Arena *arena; /* arena and options are given by the caller, the rest begins with zeros */
  ImportOptions options;
  size_t clients, providers, sites, coverages, appointments, questionnaires, identifiers,
      related; /* new or changed rows by kind */
  size_t unchanged;
  struct ImportSkip {
    const char *what; /* "Claim", "Encounter", "Patient.maritalStatus", "row 17" */
    const char *why;
    size_t count;
  } * skipped; /* same what and why are counted together */
  size_t skipped_count, skipped_capacity;
} ImportReport;

enum { IMPORT_FILE_MAX = 32 << 20, IMPORT_ENTRIES_MAX = 50000 };

/* import_fhir: a Bundle (transaction, collection, searchset ...) or one resource. What Foyer has no place for yet is reported as skipped, by type.
 * One transaction.
 *
 * Patient             a client, with identifiers and contacts
 * RelatedPerson       of a client
 * Practitioner        a provider, of no site until someone says so
 * Coverage            also contained in an ExplanationOfBenefit or Claim: there the newest one of a client counts
 * Organization        its name, as the insurer of a Coverage; a site with take_sites
 * Location            one of the practice's sites by its name; a new one with take_sites
 * Appointment         a visit at the site that its Location names, else at the only site; types are found by name, or added
 * Encounter           finished ones at a site of the practice: a visit that is done. What took place elsewhere is not the practice's own visit, and
 *                     is skipped until there is a place for a client's history
 * Questionnaire       added as questionnaire_add does
 *
 * A row's id is made from the source's identifiers (of a Patient the medical record number, else the first with a system; else its URL), so that a
 * second import finds the same rows. References to resources of other files (conditional, "Practitioner?identifier=...", or of the same server) are
 * looked up by identifier.
 *
 * errors  ERR_INVALID with entry, type and member in err_detail (never values): no bundle or resource, a member of the wrong type or too long, an
 *         entry or a person without identity, two entries that claim one, a reference within the file to nothing, or of the wrong type.
 *         ERR_TOO_LARGE over IMPORT_ENTRIES_MAX entries, IMPORT_FILE_MAX bytes, or more rows than a transaction can take (some 16 MB). The counts are
 *         zero then. */
MUST_CHECK Err import_fhir(Store *store, Actor actor, json_t *resource, ImportReport *report);
MUST_CHECK Err import_fhir_file(Store *store, Actor actor, const char *path, ImportReport *report);
/* import_csv_file: `kind` "clients" or "appointments"; RFC 4180 with comma, semicolon or tab, UTF-8 with or without BOM; the first record names the
 * columns, in English or Spanish, by the names in import_csv_internal.h. Dates are ISO, or day and month in the order that the file's other dates
 * show; one that can be read in two ways is a mistake. Rows with mistakes are reported by line and not taken; a file that does not parse, or lacks a
 * needed column, is refused whole, before anything is changed: ERR_INVALID. A client is known again by `id`, else by names and date of birth. Visits of
 * types, providers or clients that are not here are not taken. Some rows a transaction: after ERR_NO_SPACE or the like, import the file again. */
MUST_CHECK Err import_csv_file(Store *store, Actor actor, const char *kind, const char *path, ImportReport *report);
/* import_report_json: for the command line and pages. New reference. */
json_t *import_report_json(const ImportReport *report);
