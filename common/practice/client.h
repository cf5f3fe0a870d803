/* Clients: persons who are served, their coverage, and finding one of them. */
#pragma once

#include "common/base/date.h"
#include "common/base/fault.h"
#include "common/store/tx.h"

typedef struct Contact { /* what check-in shows and corrects; every field not NULL, "" when unknown */
  const char *phone, *email, *line1, *line2, *city, *state, *postal_code, *country;
} Contact;

typedef struct Client { /* texts likewise; NULL counts as "" when saving */
  Uuid id;
  const char *given, *family, *prefix, *suffix, *preferred_name;
  const char *birth_date; /* ISO, "" unknown */
  const char *gender, *language, *status;
  Contact contact;
  Instant contact_confirmed_at; /* 0: never */
} Client;

typedef struct Coverage {
  Uuid id, client;
  const char *payer, *plan, *member_id, *group_number, *subscriber, *relationship, *start_date, *end_date, *status;
  int rank;
  Instant verified_at, confirmed_at;
} Coverage;

/* client_check: a person's mistakes in the fields of a form: no name at all (one of the two suffices) or too long, birth date not a date or in the future, phone
 * with letters or too few digits, email without @, digit runs that pass Luhn (card numbers never enter). Adds to faults. */
void client_check(const Client *client, Date today, Faults *faults);
void contact_check(const Contact *contact, Faults *faults);
void coverage_check(const Coverage *coverage, Faults *faults);

/* client_add: id nil: a new one is made. client_save: changes only what differs. Faults as above: ERR_INVALID, nothing changed. */
MUST_CHECK Err client_add(Tx *tx, const Client *client, Faults *faults, Uuid *out);
MUST_CHECK Err client_save(Tx *tx, const Client *client, Faults *faults);
MUST_CHECK Err client_save_contact(Tx *tx, Uuid client, const Contact *contact,
                                   Faults *faults); /* also sets contact_confirmed_at */
MUST_CHECK Err client_get(Store *store, Arena *arena, Uuid id, Client *out);
/* client_name: "Ana María Ruiz Gómez", or the preferred name in place of the given ones. */
const char *client_name(Arena *arena, const Client *client);

/* client_sort_name: what the column sort_name holds: family and given name as str_fold has them. */
Str client_sort_name(Arena *arena, Str given, Str family);

typedef struct ClientMatch {
  Uuid id;
  const char *name, *birth_date, *phone;
  int score; /* higher is better */
} ClientMatch;
/* client_search: as people type: accents and case forgiven, family and given names in any order, beginnings of names, dates of birth in any usual
 * order, phone numbers in any form or their last digits, identifiers; all that was typed must fit. For staff only. Best first, at most max_count (and
 * 200). Brings an index of its own up to date first (client_index.h): not inside a transaction or a read. */
MUST_CHECK Err client_search(Store *store, Arena *arena, Str words, size_t max_count, ClientMatch **list,
                             size_t *count);

MUST_CHECK Err coverage_list(Store *store, Arena *arena, Uuid client, Coverage **list,
                             size_t *count); /* active, by rank; of linked records too */
/* coverage_save: id nil: a new one. Sets confirmed_at; what was verified of other words no longer counts. */
MUST_CHECK Err coverage_save(Tx *tx, const Coverage *coverage, Faults *faults, Uuid *out);
MUST_CHECK Err coverage_confirm(Tx *tx, Uuid coverage);

/* client_note_access: write that someone read this person's record (its own transaction; at most once in 10 minutes for the same staff, client
 * and `what`). staff nil: the person themself at the kiosk. */
MUST_CHECK Err client_note_access(Store *store, Uuid client, Uuid staff, const char *face, const char *what);
/* client_link, client_unlink: two records of one person; reversible, resolved on reading. client_same: all records that are this person, itself
 * first. */
MUST_CHECK Err client_link(Tx *tx, Uuid client, Uuid same_as);
MUST_CHECK Err client_unlink(Tx *tx, Uuid client, Uuid same_as);
/* client_shown: the one of them that stands for all: into which the others are folded. */
MUST_CHECK Err client_shown(Store *store, Arena *arena, Uuid client, Uuid *out);
MUST_CHECK Err client_same(Store *store, Arena *arena, Uuid client, Uuid **list, size_t *count);
