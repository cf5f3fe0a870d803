/* One FHIR bundle being read: what the import_fhir_*.c files share. Included by them alone.
 *
 * Reading is typed: a member of another type than FHIR says makes the whole import fail. Errors are sticky (fhir->err), so that a
 * handler reads all it needs and checks once; after an error every reader gives nothing.
 */
#pragma once

#include "common/practice/import_internal.h"

typedef struct FhirEntry {
  json_t *resource; /* borrowed from the bundle */
  const char *type; /* "Patient" */
  Str full_url;     /* "" for a resource by itself */
  size_t number;    /* in the bundle, from 1; 0 by itself */
  Uuid row;         /* what it became; nil: not taken */
} FhirEntry;

typedef struct Fhir {
  Arena *arena; /* scratch, for this import */
  Store *store;
  Tx *tx;
  ImportReport *report;
  FhirEntry *entries;
  size_t count;
  json_t *by_url; /* full URL, and "Type/id" -> index of the entry */
  json_t *owners; /* "client:" and row id, or an identifier of a Patient -> index of the entry that it belongs to */
  const FhirEntry *entry; /* being read: for messages */
  Err err;
} Fhir;

/* fhir_fail: the import ends here. `member` is what is wrong, `what` how. */
void fhir_fail(Fhir *fhir, const char *member, const char *what);

/* Members of an object; absent and null read as NULL, empty or `otherwise`. */
json_t *fhir_object(Fhir *fhir, json_t *in, const char *name);
json_t *fhir_list(Fhir *fhir, json_t *in, const char *name);
/* fhir_element: an element of a list, which must be an object. */
json_t *fhir_element(Fhir *fhir, json_t *list, size_t index);
bool fhir_flag(Fhir *fhir, json_t *in, const char *name, bool otherwise);
int64_t fhir_number(Fhir *fhir, json_t *in, const char *name, int64_t otherwise);
/* fhir_text: one tidy line, at most `most` characters. fhir_text_element: of a list. fhir_words: all of a list, joined. */
Str fhir_text(Fhir *fhir, json_t *in, const char *name, size_t most);
Str fhir_text_element(Fhir *fhir, json_t *list, size_t index, const char *name, size_t most);
Str fhir_words(Fhir *fhir, json_t *in, const char *name, const char *between, size_t most);
/* fhir_date: a whole date, or "" (a year or month alone is skipped, reported as `what`). Times are cut off. */
Str fhir_date(Fhir *fhir, json_t *in, const char *name, const char *what);
/* fhir_instant: a moment; false when there is none or it has no time of day. */
bool fhir_instant(Fhir *fhir, json_t *in, const char *name, Instant *out);
/* fhir_concept_text: of a CodeableConcept: its words, else the display or code of its first coding. fhir_concept: of a member that is
 * one. fhir_first_concept: of the first in a list. fhir_code: the first code. */
Str fhir_concept_text(Fhir *fhir, json_t *concept, size_t most);
Str fhir_concept(Fhir *fhir, json_t *in, const char *name, size_t most);
Str fhir_first_concept(Fhir *fhir, json_t *in, const char *name, size_t most);
Str fhir_code(Fhir *fhir, json_t *concept);

typedef struct FhirTarget {
  FhirEntry *entry; /* in this bundle; NULL else */
  json_t *resource; /* its resource, or a contained one; NULL when it is elsewhere */
  Uuid row;         /* what it is here; nil: unknown (no reference, or of another file that was not imported) */
  Str type;         /* of what it refers to; "" unknown */
  Str display;      /* words beside the reference */
} FhirTarget;
/* fhir_resolve: the member `name` of `in`, a Reference. `types` are those that may stand there, NULL-terminated; of others the target
 * is empty. `container` is where "#id" looks. */
FhirTarget fhir_resolve(Fhir *fhir, json_t *container, json_t *in, const char *name, const char *const types[]);
FhirTarget fhir_resolve_object(Fhir *fhir, json_t *container, json_t *reference, const char *name,
                               const char *const types[]);
/* fhir_source: the system and value that stand for a resource without identifiers: its server and id, or its URN.
 * False when it has neither. */
bool fhir_source(Fhir *fhir, const FhirEntry *entry, Str *system, Str *value);
/* fhir_find_provider: the one of that number: imported before, or the practice's own of that NPI. nil: none. */
MUST_CHECK Err fhir_find_provider(Fhir *fhir, Str system, Str value, Uuid *row);
/* fhir_claim: `entry` becomes `row`; the import fails when another entry has become it. */
void fhir_claim(Fhir *fhir, FhirEntry *entry, const char *table, Uuid row);
/* fhir_own: `key` belongs to this entry; false, and the import fails, when it is another one's. */
bool fhir_own(Fhir *fhir, const FhirEntry *entry, const char *key);
/* fhir_skip: "Patient" of this entry was not taken. */
void fhir_skip(Fhir *fhir, const FhirEntry *entry, const char *why);

/* fhir_name: from a list of HumanName: the one in use. fhir_human_name: one of them. */
ImportName fhir_name(Fhir *fhir, json_t *in, const char *name);
ImportName fhir_human_name(Fhir *fhir, json_t *human);
/* fhir_contact: from the members "telecom" and "address" (a list; or one object, as in Patient.contact). */
ImportContact fhir_contact(Fhir *fhir, json_t *in);

/* Handlers, a resource each; trouble goes to fhir->err. */
typedef void FhirHandler(Fhir *fhir, FhirEntry *entry);
FhirHandler fhir_patient, fhir_related, fhir_practitioner, fhir_coverage, fhir_organization, fhir_location,
    fhir_appointment, fhir_encounter, fhir_questionnaire;
/* fhir_contained_coverages: those within claims, after all others. */
void fhir_contained_coverages(Fhir *fhir);

/* FHIR_TRY: inside a handler. */
#define FHIR_TRY(fhir, expr)                         \
  do {                                               \
    if ((fhir)->err == ERR_OK) (fhir)->err = (expr); \
    if ((fhir)->err != ERR_OK) return;               \
  } while (0)
