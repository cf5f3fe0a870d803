#include "tests/support/bench_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void must(Err err, const char *what)
{
  if (err == ERR_OK) return;
  fprintf(stderr, "bench: %s: %s %s\n", what, err_name(err), err_detail());
  exit(1);
}

static double clock_s(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned pick(unsigned *seed, unsigned n)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) % n;
}

static const char *const GIVEN[] = {"Maria",  "John",   "Aisha", "Wei",  "Olga",
                                    "Pierre", "Fatima", "Juan",  "Emma", "Noah"};
static const char *const FAMILY[] = {"Sanchez", "Miller", "Nguyen", "Okafor", "Petrova", "Dupont", "Haddad", "Lee"};
static const char *const STREET[] = {"Main Street", "Oak Avenue", "Chestnut Hill Road", "3rd Street", "Lakeview Drive"};
static const char *const CITY[] = {"Springfield", "Riverton", "Lake Charles", "Port Angeles", "Santa Rosa"};
static const char *const WORDS[] = {"prefers",     "morning",    "visits", "allergic", "to",
                                    "latex",       "calls",      "before", "arrival",  "needs",
                                    "interpreter", "wheelchair", "access", "referred", "by"};

/* Twelve columns, 274 bytes of text together, of the kind that an office types. */
static void insert_row(Tx *tx, Arena *arena, Uuid id, unsigned *seed)
{
  const char *g = GIVEN[pick(seed, 10)], *f = FAMILY[pick(seed, 8)];
  const char *birth =
      arena_printf(arena, "%04u-%02u-%02u", 1930 + pick(seed, 90), 1 + pick(seed, 12), 1 + pick(seed, 28));
  const char *phone = arena_printf(arena, "+1 555 %03u %04u", pick(seed, 1000), pick(seed, 10000));
  const char *email = arena_printf(arena, "%s.%s%u@example.com", g, f, pick(seed, 1000));
  const char *line1 = arena_printf(arena, "%u %s", 1 + pick(seed, 9000), STREET[pick(seed, 5)]);
  const char *city = CITY[pick(seed, 5)], *postal = arena_printf(arena, "%05u", pick(seed, 100000));
  const char *plan = arena_printf(arena, "Blue Shield PPO %u", pick(seed, 40));
  size_t used = strlen(g) + strlen(f) + strlen(birth) + strlen(phone) + strlen(email) + strlen(line1) + strlen(city) +
                strlen(postal) + strlen(plan) + strlen("CAactive");
  const char *note = "";
  while (used + strlen(note) < 274) note = arena_printf(arena, "%s%s ", note, WORDS[pick(seed, 15)]);
  must(tx_insert(tx, "client", id,
                 COLS(col_text("given", str_c(g)), col_text("family", str_c(f)), col_text("birth_date", str_c(birth)),
                      col_text("phone", str_c(phone)), col_text("email", str_c(email)), col_text("line1", str_c(line1)),
                      col_text("city", str_c(city)), col_text("state", STR("CA")),
                      col_text("postal_code", str_c(postal)), col_text("status", STR("active")),
                      col_text("suffix", str_c(plan)), col_text("sort_name", (Str){note, 274 - used}))),
       "insert");
}

static void update_row(Tx *tx, Arena *arena, Uuid id, unsigned *seed)
{
  const char *phone = arena_printf(arena, "+1 555 %03u %04u", pick(seed, 1000), pick(seed, 10000));
  const char *status = pick(seed, 2) ? "inactive" : "moved";
  must(tx_update(tx, "client", id, COLS(col_text("phone", str_c(phone)), col_text("status", str_c(status)))), "update");
}

typedef void Change(Tx *tx, Arena *arena, Uuid id, unsigned *seed);

static void write_all(Store *store, const Uuid ids[], size_t count, size_t per_tx, Change *change)
{
  unsigned seed = 1;
  for (size_t i = 0; i < count; i += per_tx) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(Tx, tx, tx_fini) = {0};
    must(tx_begin(store, actor_staff(ids[0]), "client.update", "", &tx), "begin");
    for (size_t j = i; j < i + per_tx && j < count; j++) change(&tx, &arena, ids[j], &seed);
    must(tx_commit(&tx), "commit");
  }
}

void rows_insert(Store *store, const Uuid ids[], size_t count, size_t per_tx)
{
  write_all(store, ids, count, per_tx, insert_row);
}

void rows_update(Store *store, const Uuid ids[], size_t count, size_t per_tx)
{
  write_all(store, ids, count, per_tx, update_row);
}

Uuid *rows_ids(size_t count)
{
  Uuid *ids = calloc(count, sizeof *ids);
  if (!ids) abort();
  for (size_t i = 0; i < count; i++) ids[i] = uuid_v7(env_system());
  return ids;
}

double wall_s(void)
{
  return clock_s(CLOCK_MONOTONIC);
}

double cpu_s(void)
{
  return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}
