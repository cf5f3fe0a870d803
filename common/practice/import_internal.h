/* What the import_*.c files share. Included by them alone. */
#pragma once

#include "common/practice/import.h"
#include "common/practice/practice.h"

/* import.c: the report. */

/* import_skip: count something that was not taken. `what` is copied; `why` is a literal. */
void import_skip(ImportReport *report, const char *what, const char *why);
/* import_reset: forget what was counted: nothing has happened. */
void import_reset(ImportReport *report);
/* import_name: a part of a person's name, as the options want it. */
Str import_name(const ImportReport *report, Arena *arena, Str text);

/* import_rows.c: rows, whatever the file was. Numbers of a source become ids; what people have said here since stays. */

/* import_put: tx_put, counted in *counter when it is new or changed, else as unchanged. */
MUST_CHECK Err import_put(Tx *tx, ImportReport *report, const char *table, Uuid id, const Col cols[], size_t *counter);
/* import_id: the row that a number of someone's stands for. import_id_of: the same within another row. */
Uuid import_id(const char *domain, Str system, Str value);
Uuid import_id_of(const char *domain, Uuid parent, Str value);
/* import_identified: the client that a number belongs to; nil: nobody. */
MUST_CHECK Err import_identified(Store *store, Str system, Str value, Uuid *client);
/* import_identifier: the number as a row of its own. One that belongs to another client already is skipped. */
MUST_CHECK Err import_identifier(Tx *tx, ImportReport *report, Uuid client, Str system, Str value, Str type);

typedef struct ImportName {
  Str given, family, prefix, suffix, preferred;
} ImportName;
typedef struct ImportContact {
  Str phone, email, line1, line2, city, state, postal_code, country;
} ImportContact;
typedef struct ImportPerson {
  ImportName name;
  ImportContact contact;
  Str birth_date, gender, language, status; /* status "" and "active": that of one who is here already stays */
} ImportPerson;
/* import_person: a client. Of one who is here already, what the file does not say stays, and so do contact details that the
 * person has confirmed here; an address counts as a whole. */
MUST_CHECK Err import_person(Tx *tx, ImportReport *report, Uuid id, const ImportPerson *person);

typedef struct ImportInsurance {
  Uuid client;
  Str payer, plan, member_id, group_number, relationship, start_date, end_date, status;
  int64_t rank;
} ImportInsurance;
/* import_insurance: one that the person has confirmed here, or that was ended here, stays as it is. import_insurance_id: for one
 * that has no identity of its own: what it says. */
MUST_CHECK Err import_insurance(Tx *tx, ImportReport *report, Uuid id, const ImportInsurance *insurance);
Uuid import_insurance_id(const ImportInsurance *insurance);

/* import_site: the site of that name or prefix; nil: none. */
MUST_CHECK Err import_site(Store *store, Str name, Uuid *out);
/* import_type: the appointment type of that name, compared as people do. When there is none, it is added with these minutes; minutes 0:
 * it is not added, *out is nil. */
MUST_CHECK Err import_type(Tx *tx, Str name, int minutes, bool active, Uuid *out);

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
