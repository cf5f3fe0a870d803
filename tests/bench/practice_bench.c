/* What staff wait for in a large practice: importing a bundle, searching among 200,000 clients, a day of 500 visits, a waiting time.
 *
 * usage: practice_bench [CLIENTS]
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/practice/appointment.h"
#include "common/practice/client.h"
#include "common/practice/client_index.h"
#include "common/practice/demo.h"
#include "common/practice/import.h"
#include "common/practice/practice.h"
#include "tests/support/folder.h"

enum { ROUNDS = 40, VISITS = 500 };

static const char *const TYPED[] = {"a",         "mej",          "garcia",    "maria garcia", "maria g",
                                    "jose ruiz", "smith j",      "1986",      "mejia jose",   "5559818755",
                                    "王",        "nguyen t",     "james smi", "27.11.1986",   "hernandez a",
                                    "noah",      "müller sören", "kim"};

static void must(Err err, const char *what)
{
  if (err == ERR_OK) return;
  fprintf(stderr, "practice_bench: %s: %s %s\n", what, err_name(err), err_detail());
  exit(1);
}

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

static void print_times(const char *what, double *times, size_t count)
{
  qsort(times, count, sizeof *times, ascending);
  printf("%-34s median %7.2f ms, p99 %7.2f ms, worst %7.2f ms\n", what, times[count / 2], times[count * 99 / 100],
         times[count - 1]);
}

static void bench_import(Store *store)
{
  DIR *folder = opendir("../shared/data/fhir");
  if (!folder) {
    puts("no bundles beside the project: import not measured");
    return;
  }
  double times[256];
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(folder)) && count < COUNT_OF(times);) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    ImportReport report = {.arena = &arena};
    if (!strstr(entry->d_name, ".json")) continue;
    const char *path = arena_printf(&arena, "../shared/data/fhir/%s", entry->d_name);
    double start = now_ms();
    must(import_fhir_file(store, actor_system(), path, &report), path);
    times[count++] = now_ms() - start;
  }
  closedir(folder);
  if (count) print_times("import of a bundle", times, count);
}

static void bench_search(Store *store)
{
  static double times[ROUNDS * COUNT_OF(TYPED)];
  size_t count = 0;
  for (int round = 0; round < ROUNDS; round++)
    for (size_t i = 0; i < COUNT_OF(TYPED); i++) {
      AUTO(Arena, arena, arena_fini) = arena_make(0);
      ClientMatch *list;
      size_t found;
      double start = now_ms();
      must(client_search(store, &arena, str_c(TYPED[i]), 20, &list, &found), "search");
      times[count++] = now_ms() - start;
    }
  print_times("search", times, count);
}

static void bench_day(Store *store, const Site *site, Uuid client)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AppointmentType *types;
  size_t type_count, n;
  must(appointment_type_list(store, &arena, &types, &type_count), "types");
  if (type_count == 0) must(ERR_NOT_FOUND, "types");
  Date day = {2030, 5, 6};
  Faults faults = faults_make(&arena);
  Uuid visit = {{0}};
  AUTO(Tx, tx, tx_fini) = {0};
  must(tx_begin(store, actor_system(), "bench", "", &tx), "begin");
  for (int i = 0; i < VISITS; i++) {
    AppointmentNew input = {.client = client,
                            .type = types[0].id,
                            .site = site->id,
                            .start = {day, (int16_t)(480 + i)}};
    must(appointment_add(&tx, &input, &faults, &visit), "visit");
    if (i % 2) must(appointment_move_to(&tx, visit, APPT_BOOKED, APPT_ARRIVED, (Uuid){{0}}, ""), "arrival");
  }
  must(tx_commit(&tx), "commit");
  double days[ROUNDS], waits[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    AUTO(Arena, scratch, arena_fini) = arena_make(0);
    Appointment *list;
    WaitEstimate wait;
    double start = now_ms();
    must(appointment_day(store, &scratch, site->id, day, &list, &n), "day");
    days[round] = now_ms() - start;
    start = now_ms();
    must(appointment_wait(store, visit, &wait), "wait");
    waits[round] = now_ms() - start;
  }
  print_times("a day of 500 visits", days, ROUNDS);
  print_times("a waiting time", waits, ROUNDS);
}

int main(int argc, char **argv)
{
  size_t clients = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Store *, store, store_closep) = NULL;
  must(store_create(test_folder_path(&folder, "replica"), env_system(), &store), "create");
  must(demo_fill(store, &(DemoOptions){.password = "open sesame now", .seed = 1}), "demo");
  bench_import(store);
  double start = now_ms();
  must(demo_clients(store, clients, 2), "clients");
  printf("%zu clients generated in %.1f s\n", clients, (now_ms() - start) / 1e3);
  start = now_ms();
  must(client_index_update(store), "index");
  printf("index for the search made in %.1f s\n", (now_ms() - start) / 1e3);
  bench_search(store);
  Site *sites;
  size_t site_count, found;
  ClientMatch *list;
  must(site_list(store, &arena, &sites, &site_count), "sites");
  must(client_search(store, &arena, STR("a"), 1, &list, &found), "search");
  if (site_count == 0 || found == 0) must(ERR_NOT_FOUND, "site or client");
  bench_day(store, &sites[0], list[0].id);
  return 0;
}
