/* The journal in PostgreSQL beside the journal in SQLite, in one run, with a real server whose fsync is on and a synchronous replica
 * of it on the same disk: what a transaction costs, what several daemons and many practices do together, how soon another daemon has
 * it, and how fast a new one is filled. SCALE.md extrapolates from these.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/store/tx.h"
#include "sync/follow.h"
#include "sync/postgres/postgres.h"
#include "tests/support/folder.h"

enum { SINGLE = 400, LATENCIES = 300, FILL = 20000, THREADS_MAX = 32, TOGETHER = 1200 };

static TestFolder folder;
static const char *cluster, *address;

static void must(Err err, const char *what)
{
  if (err == ERR_OK) return;
  fprintf(stderr, "sync_postgres_bench: %s: %s %s\n", what, err_name(err), err_detail());
  exit(1);
}

static void pg(const char *verb, const char *rest)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int rc = system(arena_printf(&arena, "FSYNC=on tests/support/postgres %s %s %s", verb, cluster, rest));
  if (WIFEXITED(rc) && WEXITSTATUS(rc) == 0) return;
  fprintf(stderr, "sync_postgres_bench: postgres %s\n", verb);
  exit(1);
}

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

typedef struct Spread {
  double p50, p99;
} Spread;

static Spread spread(double *list, size_t count)
{
  qsort(list, count, sizeof *list, by_value);
  return (Spread){list[count / 2], list[count * 99 / 100]};
}

/* ------------------------------------------------------------------------------------------------------------ practices */

typedef struct Practice {
  const char *path;
  Store *store;
} Practice;

static Practice practice_new(const char *name, bool in_log)
{
  Practice p = {.path = test_folder_path(&folder, name)};
  must(store_create(p.path, postgres_env(), &p.store), "create");
  if (!in_log) return p;
  must(postgres_prepare(postgres_env(), address, store_key(p.store)->public_key), "prepare");
  must(logstore_attach(p.store, address), "attach");
  return p;
}

static Store *view_new(const Practice *p, const char *name)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Store *store;
  must(logstore_join(test_folder_path(&folder, name), postgres_env(), arena_printf(&arena, "%s/node.key", p->path),
                     address, &store),
       "join");
  return store;
}

/* write_one: what a desk writes most: an arrival's size, about 300 bytes in the journal. */
static Err write_one(Store *store, int rows)
{
  static const char NOTE[] =
      "Prefers morning visits, allergic to latex; calls before arrival and needs an interpreter for "
      "Portuguese. Wheelchair access by the side door; referred by a friend of the family.";
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "bench.write", "", &tx));
  for (int i = 0; i < rows; i++)
    TRY(tx_insert(&tx, "client", uuid_v7(store_env(store)),
                  COLS(col_text("given", STR("Maria")), col_text("family", STR("Sanchez")),
                       col_text("sort_name", STR("sanchez maria")), col_text("birth_date", STR("1980-02-29")),
                       col_text("phone", STR("+1 555 010 0199")), col_text("line1", str_c(NOTE)),
                       col_text("status", STR("active")))));
  return tx_commit(&tx);
}

static Spread single(Store *store)
{
  static double list[SINGLE];
  for (int i = 0; i < SINGLE; i++) {
    double from = now_ms();
    must(write_one(store, 1), "write");
    list[i] = now_ms() - from;
  }
  return spread(list, SINGLE);
}

typedef struct Job {
  const char *path;
  int count;
} Job;

static void *job_main(void *context)
{
  Job *job = context;
  Store *store;
  must(store_open(job->path, postgres_env(), &store), "open");
  for (int i = 0; i < job->count; i++) {
    Err err = write_one(store, 1);
    while (err == ERR_BUSY) err = write_one(store, 1);
    must(err, "write");
  }
  store_close(store);
  return NULL;
}

/* together: transactions a second of all threads, thread i at paths[i % path_count]. */
static double together(const char *const paths[], int path_count, int threads)
{
  pthread_t ids[THREADS_MAX];
  Job jobs[THREADS_MAX];
  double from = now_ms();
  for (int i = 0; i < threads; i++) {
    jobs[i] = (Job){paths[i % path_count], TOGETHER / threads};
    if (pthread_create(&ids[i], NULL, job_main, &jobs[i]) != 0) exit(1);
  }
  for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  return (TOGETHER / threads) * threads / ((now_ms() - from) / 1e3);
}

/* ------------------------------------------------------------------------------------------------------------- figures */

static void figure_single(void)
{
  Practice sqlite = practice_new("sqlite", false), log = practice_new("single", true);
  Spread alone = single(sqlite.store), logged = single(log.store);
  pg("replica", "sync");
  Spread safe = single(log.store);
  printf(
      "one transaction, ms p50 / p99: SQLite %.2f / %.2f, PostgreSQL %.2f / %.2f (%.1fx), with a synchronous replica "
      "%.2f / %.2f (%.1fx)\n",
      alone.p50, alone.p99, logged.p50, logged.p99, logged.p50 / alone.p50, safe.p50, safe.p99, safe.p50 / alone.p50);
  store_close(sqlite.store);
  store_close(log.store);
}

static void figure_practices(void)
{
  const char *paths[THREADS_MAX];
  char name[32];
  for (int i = 0; i < THREADS_MAX; i++) {
    snprintf(name, sizeof name, "many%d", i);
    Practice p = practice_new(name, true);
    paths[i] = p.path;
    store_close(p.store);
  }
  double one = together(paths, 1, 1);
  for (int n = 1; n <= THREADS_MAX; n *= 2) {
    double rate = n == 1 ? one : together(paths, n, n);
    printf("%2d practices at once: %.0f transactions a second (%.1fx one)\n", n, rate, rate / one);
  }
}

static void figure_daemons(void)
{
  Practice p = practice_new("shared", true);
  const char *paths[4] = {p.path};
  for (int i = 1; i < 4; i++) {
    char name[32];
    snprintf(name, sizeof name, "shared%d", i);
    Store *view = view_new(&p, name);
    paths[i] = test_folder_path(&folder, name);
    store_close(view);
  }
  double one = together(paths, 1, 1);
  for (int n = 1; n <= 4; n *= 2) {
    double rate = n == 1 ? one : together(paths, n, n);
    printf("%d daemons of one practice, all writing: %.0f transactions a second (%.2fx one)\n", n, rate, rate / one);
  }
  store_close(p.store);
}

static void figure_latency(void)
{
  static double list[LATENCIES];
  Practice p = practice_new("near", true);
  Store *view = view_new(&p, "far");
  const char *far = test_folder_path(&folder, "far");
  Follow *follow;
  must(follow_start(far, postgres_env(), &follow), "follow");
  poll(NULL, 0, 1500); /* until it listens */
  int fd = store_watch_fd(view);
  for (int i = 0; i < LATENCIES; i++) {
    must(write_one(p.store, 1), "write");
    double from = now_ms();
    int64_t head = store_head(p.store);
    while (store_head(view) < head) {
      struct pollfd watch = {.fd = fd, .events = POLLIN};
      poll(&watch, 1, 50);
      store_watch_drain(view);
    }
    list[i] = now_ms() - from;
  }
  Spread s = spread(list, LATENCIES);
  printf("from a commit at one daemon until another has it, ms p50 / p99: %.2f / %.2f\n", s.p50, s.p99);
  follow_stop(follow);
  store_close(view);
  store_close(p.store);
}

static void figure_fill(void)
{
  Practice p = {.path = test_folder_path(&folder, "large")};
  must(store_create(p.path, postgres_env(), &p.store), "create");
  for (int i = 0; i < FILL; i += 10) must(write_one(p.store, 10), "write");
  must(postgres_prepare(postgres_env(), address, store_key(p.store)->public_key), "prepare");
  double from = now_ms();
  must(logstore_attach(p.store, address), "attach");
  double moved = now_ms();
  store_close(view_new(&p, "filled"));
  double filled = now_ms();
  printf(
      "%d rows in %d transactions: moved to PostgreSQL in %.0f ms (%.0f rows a second), a new daemon filled in %.0f ms "
      "(%.0f)\n",
      FILL, FILL / 10, moved - from, FILL / ((moved - from) / 1e3), filled - moved, FILL / ((filled - moved) / 1e3));
  store_close(p.store);
}

static void figure_size(void)
{
  fflush(stdout);
  pg("sql", "a \"SELECT 'bytes an entry in PostgreSQL: ' || (pg_total_relation_size('foyer.entry') /"
            " (SELECT count(*) FROM foyer.entry)) || ', of which body '"
            " || (SELECT avg(octet_length(body))::int FROM foyer.entry)\"");
}

static void end_cluster(void)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (system(arena_printf(&arena, "tests/support/postgres end %s", cluster)) != 0) fputs("a server was left\n", stderr);
}

int main(void)
{
  log_open("sync_postgres_bench", LOG_ERROR, stderr, env_system());
  if (access("/usr/lib/postgresql/15/bin/initdb", X_OK) != 0) {
    puts("no PostgreSQL server here");
    return 0;
  }
  folder = test_folder_make();
  chmod(folder.path, 0755);
  cluster = test_folder_path(&folder, "pg");
  address = arena_printf(&folder.arena, "host=%s,%s port=54321,54322 user=foyer dbname=postgres", cluster, cluster);
  atexit(end_cluster);
  pg("start", "");
  figure_single();
  figure_practices();
  figure_daemons();
  figure_latency();
  figure_fill();
  figure_size();
  end_cluster();
  test_folder_fini(&folder);
  return 0;
}
