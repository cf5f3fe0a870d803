/* What the benches of sync share: rows of twelve columns with 274 bytes of text, of the kind that an office types, and clocks. */
#pragma once

#include "common/store/store.h"
#include "common/store/tx.h"

/* must: ends the program with the error's words. */
void must(Err err, const char *what);
/* wall_s, cpu_s: of this process, since any moment. */
double wall_s(void);
double cpu_s(void);

/* rows_insert: new clients in the table `client`. rows_update: another phone number and status of each. `per_tx` rows a transaction. */
void rows_insert(Store *store, const Uuid ids[], size_t count, size_t per_tx);
void rows_update(Store *store, const Uuid ids[], size_t count, size_t per_tx);
/* rows_ids: fresh ids; free() them. */
Uuid *rows_ids(size_t count);
