/* Many offices come back at once after a week, each with its own changes, to one foyerd in a process of its own. How long until all have
 * been heard, what an unrelated request meanwhile takes, and how much memory foyerd needs.
 *
 * usage: sync_reconnect_bench [OFFICES [CHANGES]]    1000 and 200 unless given; FOYER_BUILD says where foyerd is
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "sync/agent/agent.h"
#include "tests/support/bench_rows.h"
#include "tests/support/nodes.h"

enum { STACK_BYTES = 1 << 20, PATIENCE_S = 600, ASK_MS = 20, SAMPLES_MAX = 100000 };

typedef struct Office {
  TestNode *node;
  pthread_t thread;
  const char *url;
} Office;

static atomic_int waiting, failed;
static atomic_bool started;

/* send_all: what waits, over a connection of its own; news from the server are not asked for. */
static Err send_all(Office *office)
{
  AUTO(HttpClient *, client, http_client_freep) = NULL;
  Agent *agent;
  TRY(agent_open(office->node->store, &agent));
  HttpClientOptions options;
  Err err = agent_trust(agent, &options);
  options.url = office->url;
  if (err == ERR_OK) err = http_client_new(&options, &client);
  double until = wall_s() + PATIENCE_S;
  int64_t last = store_head(office->node->store);
  while (err == ERR_OK && local_get_int(office->node->store, "sync.push_pos", 0) < last) {
    HttpCall call;
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    if (!agent_next(agent, AGENT_WORK, &call)) {
      int wait_ms = agent_wait_ms(agent);
      usleep((useconds_t)(wait_ms < 1 || wait_ms > 100 ? 100 : wait_ms) * 1000);
    } else {
      HttpAnswer answer = http_client_call(client, &arena, &call);
      agent_answer(agent, AGENT_WORK, &answer);
      if (agent_wants_fresh(agent)) http_client_fresh(client);
    }
    if (wall_s() > until) err = ERR_NETWORK;
  }
  agent_close(agent);
  return err;
}

static void *come_back(void *context)
{
  Office *office = context;
  while (!atomic_load(&started)) usleep(1000);
  if (send_all(office) != ERR_OK) atomic_fetch_add(&failed, 1);
  atomic_fetch_sub(&waiting, 1);
  return NULL;
}

static int64_t memory_kb(pid_t pid)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  FILE *file = fopen(arena_printf(&arena, "/proc/%d/status", (int)pid), "re");
  char line[256];
  long long kb = 0;
  while (file && fgets(line, sizeof line, file)) (void)sscanf(line, "VmHWM: %lld", &kb);
  if (file) fclose(file);
  return kb;
}

static pid_t start_foyerd(TestNode *root)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *build = getenv("FOYER_BUILD") ? getenv("FOYER_BUILD") : "build/release";
  const char *program = arena_printf(&arena, "%s/bin/foyerd", build);
  const char *listen = arena_printf(&arena, "127.0.0.1:%d", root->port);
  const char *log = arena_printf(&arena, "%s/foyerd.log", root->path);
  pid_t pid = fork();
  if (pid == 0) {
    if (!freopen(log, "we", stderr)) _exit(1);
    execl(program, program, "--data", root->path, "--listen", listen, (char *)NULL);
    _exit(127);
  }
  return pid;
}

/* ask: an unrelated request; milliseconds. It is the first that the server answers on this connection, as a browser's is. */
static double ask_ms(HttpClient *client)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  HttpCall call = {.method = "GET", .path = "/sync/v1/ca", .silence_ms = 60000};
  double start = wall_s();
  HttpAnswer answer = http_client_call(client, &arena, &call);
  return answer.err == ERR_OK ? (wall_s() - start) * 1e3 : -1;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
  log_open("bench", LOG_ERROR, stderr, env_system());
  int count = argc > 1 ? atoi(argv[1]) : 1000;
  size_t changes = argc > 2 ? (size_t)atoi(argv[2]) : 200;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Office *offices = calloc((size_t)count, sizeof *offices);
  Uuid *ids = rows_ids((size_t)count * changes);
  for (int i = 0; i < count; i++) {
    offices[i].node = test_join(root, "office", 0);
    rows_insert(offices[i].node->store, ids + (size_t)i * changes, changes, 1);
  }
  test_unserve(root);
  pid_t foyerd = start_foyerd(root);
  const char *url = arena_printf(&arena, "https://127.0.0.1:%d", root->port);
  AUTO(HttpClient *, client, http_client_freep) = NULL;
  must(http_client_new(&(HttpClientOptions){.url = url}, &client), "client");
  for (int i = 0; i < 500 && ask_ms(client) < 0; i++) usleep(20000);
  int64_t before_kb = memory_kb(foyerd);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  atomic_store(&waiting, count);
  for (int i = 0; i < count; i++) {
    offices[i].url = url;
    if (pthread_create(&offices[i].thread, &attributes, come_back, &offices[i]) != 0) return 1;
  }
  static double samples[SAMPLES_MAX];
  int sample_count = 0, unanswered = 0;
  double start = wall_s();
  atomic_store(&started, true);
  while (atomic_load(&waiting) > 0) {
    double ms = ask_ms(client);
    if (ms < 0)
      unanswered++;
    else if (sample_count < SAMPLES_MAX)
      samples[sample_count++] = ms;
    usleep(ASK_MS * 1000);
  }
  double took = wall_s() - start;
  for (int i = 0; i < count; i++) pthread_join(offices[i].thread, NULL);
  qsort(samples, (size_t)sample_count, sizeof *samples, ascending);
  printf("%d offices with %zu changes each: all heard after %.1f s, %d failed; %.0f changes a second, both sides on "
         "this machine\n",
         count, changes, took, atomic_load(&failed), (double)count * (double)changes / took);
  printf("an unrelated request meanwhile: %.1f ms (p50), %.1f ms (p99) of %d, %d unanswered\n",
         sample_count ? samples[sample_count / 2] : 0, sample_count ? samples[(sample_count - 1) * 99 / 100] : 0,
         sample_count, unanswered);
  printf("memory of foyerd: %.1f MB before, %.1f MB at its highest\n", (double)before_kb / 1e3,
         (double)memory_kb(foyerd) / 1e3);
  printf("clients at the server: %lld of %lld\n", (long long)test_count(root->store, "client"),
         (long long)count * (long long)changes);
  kill(foyerd, SIGTERM);
  waitpid(foyerd, NULL, 0);
  for (int i = 0; i < count; i++) test_node_free(offices[i].node);
  free(offices);
  free(ids);
  return 0;
}
