/* Does an exchange cost what has changed, or what there is? Ten changes each way between a root and an office over HTTPS, with few
 * and with many rows stored; a quiet exchange; a push and a pull of many rows; how soon a change is at the next node.
 *
 * usage: sync_growth_bench [FEW MANY]    10,000 and 200,000 unless given
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/store/journal.h"
#include "sync/protocol/message.h"
#include "tests/support/bench_rows.h"
#include "tests/support/nodes.h"

enum { TRIES = 31, CHANGES = 10, LATENCY_TRIES = 300, PATIENCE_MS = 3600000 };

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* percentile: of sorted values. */
static double percentile(const double *values, int count, int percent)
{
  return values[(count - 1) * percent / 100];
}

/* exchange_ms: the median of `TRIES` exchanges of ten changes that `from` has made, with a connection of its own each. */
static double exchange_ms(TestNode *from, TestNode *office, const Uuid ids[])
{
  double took[TRIES];
  for (int i = 0; i < TRIES; i++) {
    rows_update(from->store, ids + (size_t)i * CHANGES, CHANGES, 1);
    double start = wall_s();
    must(agent_catch_up(office->store, PATIENCE_MS), "exchange");
    took[i] = (wall_s() - start) * 1e3;
  }
  qsort(took, TRIES, sizeof *took, ascending);
  return percentile(took, TRIES, 50);
}

typedef struct Costs {
  double up_ms, down_ms;
} Costs;

static Costs measure(size_t rows)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  Uuid *ids = rows_ids(rows);
  rows_insert(root->store, ids, rows, 100);
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  double start = wall_s();
  rows_update(root->store, ids, rows, 100);
  double wrote_s = wall_s() - start;
  start = wall_s();
  double cpu = cpu_s();
  must(agent_catch_up(office->store, PATIENCE_MS), "pull");
  printf("%8zu rows: change two columns of each %.2f s; pull of the changes %.2f s, %.0f rows a second of both ends' "
         "processor\n",
         rows, wrote_s, wall_s() - start, (double)rows / (cpu_s() - cpu));
  Costs costs = {exchange_ms(office, office, ids), exchange_ms(root, office, ids)};
  printf("%8zu rows: an exchange of %d changes %.1f ms up, %.1f ms down, with a new connection\n", rows, CHANGES,
         costs.up_ms, costs.down_ms);
  fflush(stdout);
  free(ids);
  return costs;
}

/* quiet_bytes: of the request that waits for news, and of its answer when there is none. */
static void quiet(void)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Message pull = {.kind = MESSAGE_PULL, .cursor = 123456, .wait_ms = 50000};
  Message none = {.kind = MESSAGE_PULL_ANSWER, .time = 1772463600000, .cursor = 123456};
  Str asked, answered;
  must(message_encode(&arena, &pull, &asked), "encode");
  must(message_encode(&arena, &none, &answered), "encode");
  printf("a quiet exchange: one request, bodies of %zu and %zu bytes\n", asked.len, answered.len);
}

static void latency(void)
{
  AUTO(TestNode *, office, test_node_freep) = test_root();
  AUTO(TestNode *, other, test_node_freep) = test_join(office, "office", 0);
  Uuid *ids = rows_ids(LATENCY_TRIES);
  test_agent(other);
  test_until_state(other, SYNC_CURRENT);
  double took[LATENCY_TRIES];
  int watch = store_watch_fd(office->store);
  for (int i = 0; i < LATENCY_TRIES; i++) {
    int64_t head = store_head(office->store);
    rows_insert(other->store, &ids[i], 1, 1);
    double start = wall_s();
    while (store_head(office->store) == head) {
      struct pollfd wait = {watch, POLLIN, 0};
      poll(&wait, 1, 100);
      store_watch_drain(office->store);
    }
    took[i] = (wall_s() - start) * 1e3;
    poll(NULL, 0, 5);
  }
  qsort(took, LATENCY_TRIES, sizeof *took, ascending);
  printf("a change is at the next node after %.1f ms (p50), %.1f ms (p99) of %d\n", percentile(took, LATENCY_TRIES, 50),
         percentile(took, LATENCY_TRIES, 99), LATENCY_TRIES);
  free(ids);
}

int main(int argc, char **argv)
{
  log_open("bench", LOG_ERROR, stderr, env_system());
  size_t few = argc > 2 ? (size_t)atoll(argv[1]) : 10000, many = argc > 2 ? (size_t)atoll(argv[2]) : 200000;
  quiet();
  latency();
  Costs a = measure(few), b = measure(many);
  printf("with %zu times the rows an exchange takes %.2f times as long up, %.2f times down\n", many / few,
         b.up_ms / a.up_ms, b.down_ms / a.down_ms);
  return 0;
}
