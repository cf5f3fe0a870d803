/* What the import_*.c files share. Included by them alone. */
#pragma once

#include "common/practice/import.h"
#include "common/practice/practice.h"

/* import_skip: count something that was not taken. `what` is copied; `why` is a literal. */
void import_skip(ImportReport *report, const char *what, const char *why);
/* import_reset: forget what was counted: nothing has happened. */
void import_reset(ImportReport *report);
/* import_put: tx_put, counted in *counter when it is new or changed, else as unchanged. */
MUST_CHECK Err import_put(Tx *tx, ImportReport *report, const char *table, Uuid id, const Col cols[], size_t *counter);
/* import_id: the row that a number of someone's stands for. */
Uuid import_id(const char *domain, Str system, Str value);
/* import_name: a part of a person's name, as the options want it. */
Str import_name(const ImportReport *report, Arena *arena, Str text);
/* import_identified: the client that a number belongs to; nil: nobody. */
MUST_CHECK Err import_identified(Store *store, Str system, Str value, Uuid *client);
/* import_identifier: the number as a row of its own. One that belongs to another client already is skipped. */
MUST_CHECK Err import_identifier(Tx *tx, ImportReport *report, Uuid client, Str system, Str value, Str type);
/* import_confirmed: has the client confirmed the contact details here? False for a client that is not there. */
MUST_CHECK Err import_confirmed(Store *store, Uuid client, bool *out);
/* import_site: the site of that name or prefix; nil: none. */
MUST_CHECK Err import_site(Store *store, Str name, Uuid *out);
/* import_type: the appointment type of that name, compared as people do; added when there is none (nil minutes: not added, *out nil). */
MUST_CHECK Err import_type(Tx *tx, Arena *arena, Str name, int minutes, bool active, Uuid *out);

typedef struct ImportVisit {
  Uuid id, client, type, site, provider;
  WallTime start;
  int minutes;
  const char *status;
  Str note, external_id;
  Instant ended_at; /* of one that is done; 0: unknown */
} ImportVisit;
/* import_visit: a visit as it was elsewhere; one that has gone on here stays as it is. */
MUST_CHECK Err import_visit(Tx *tx, ImportReport *report, const ImportVisit *visit);
