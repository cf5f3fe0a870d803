/* Demo: a practice that looks alive, for demonstrations and benches. What it is made of stands in assets/demo/ and assets/questionnaires/. */
#pragma once

#include "common/base/arena.h"
#include "common/store/store.h"

typedef struct DemoOptions {
  const char *vertical; /* NULL: "clinic" */
  const char *zone;     /* IANA zone of the sites; NULL: that of the demo practice */
  const char *language; /* of the first screens; NULL: that of the demo practice */
  const char *password; /* of every account; 10 or more characters */
  const char *pin;      /* of the first account, 4 digits; the others have the next numbers. NULL: none */
  const char *
      fhir_folder; /* bundles to import (*.json), with digits behind names taken away; NULL, or a folder that is not there: none */
  size_t clients; /* to generate when none were imported; 0: 24 */
  uint64_t seed;  /* the same seed makes the same people and days */
} DemoOptions;

/* demo_fill: into a replica without a practice: the practice, two sites in one zone with rooms, providers, appointment types, default roles,
 * accounts, questionnaires, consent documents and what is due when, clients, visits of the last two weeks (so that there is something to learn waiting
 * times from) and of today: some done, some here, most still to come, spread over the hours around now. This node becomes the practice's root.
 * Clients whose names have accents come first, soon, at the first site.
 *
 * Several transactions; after an error the replica is good for nothing.
 * errors  ERR_EXISTS there is a practice already; ERR_NOT_FOUND an asset is missing, or there is no demo for that vertical; ERR_INVALID an asset is
 *         wrong, or the password too short (err_detail); the operating ones */
MUST_CHECK Err demo_fill(Store *store, const DemoOptions *options);

typedef struct DemoAccount {
  const char *username, *name, *role, *site; /* site "" : every site */
  const char *pin;                           /* "" none */
} DemoAccount;
/* demo_accounts: the accounts that demo_fill makes with these options, for whom it may concern. */
MUST_CHECK Err demo_accounts(Arena *arena, const DemoOptions *options, DemoAccount **list, size_t *count);

/* demo_clients: `n` more clients, with names of many scripts; the same seed gives the same ids and persons, so that a second
 * call with it fails: ERR_EXISTS. Some thousand a transaction. */
MUST_CHECK Err demo_clients(Store *store, size_t n, uint64_t seed);
