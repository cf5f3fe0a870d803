/* Push over HTTPS on loopback: 20,000 new clients (274 bytes of text), then two columns of each changed, from one node's journal
 * to the commits of both. Both ends run in this process, so its processor time is that of both.
 *
 * usage: sync_push_bench [ROWS A TRANSACTION]
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/store/journal.h"
#include "sync/protocol/message.h"
#include "sync/settings.h"
#include "tests/support/bench_rows.h"
#include "tests/support/nodes.h"

enum { ROWS = 20000, BATCH_BYTES = 1 << 20, BATCH_ENTRIES = 1 << 13 };

/* wire_bytes: the frames that a push of what waits takes. */
static size_t wire_bytes(Store *store, size_t *requests)
{
  size_t bytes = 0;
  int64_t pos = local_get_int(store, SETTING_PUSH_POS, 0);
  for (*requests = 0;; ++*requests) {
    AUTO(Arena, arena, arena_fini) = arena_make(256 << 20);
    Message push = {.kind = MESSAGE_PUSH};
    Str wire;
    must(journal_batch(store, &arena, pos, 0, BATCH_ENTRIES, BATCH_BYTES, &push.batch), "batch");
    if (push.batch.count == 0) return bytes;
    must(message_encode(&arena, &push, &wire), "encode");
    bytes += wire.len;
    pos = push.batch.next_pos;
  }
}

static void measure(TestNode *office, const char *what, size_t per_tx)
{
  size_t requests, bytes = wire_bytes(office->store, &requests);
  double wall = wall_s(), cpu = cpu_s();
  must(agent_catch_up(office->store, 600000), "push");
  wall = wall_s() - wall;
  cpu = cpu_s() - cpu;
  printf(
      "%-6s %3zu rows a transaction: %5.1f bytes a row in %zu requests; %.2f s, %.0f rows a second; processor of both "
      "ends %.2f s, %.0f rows a second\n",
      what, per_tx, (double)bytes / ROWS, requests, wall, ROWS / wall, cpu, ROWS / cpu);
}

int main(int argc, char **argv)
{
  log_open("bench", LOG_ERROR, stderr, env_system());
  for (size_t per_tx = 100; per_tx > 0; per_tx = per_tx == 100 ? 1 : 0) {
    if (argc > 1 && per_tx != (size_t)atoi(argv[1])) continue;
    AUTO(TestNode *, root, test_node_freep) = test_root();
    AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
    Uuid *ids = rows_ids(ROWS);
    rows_insert(office->store, ids, ROWS, per_tx);
    measure(office, "insert", per_tx);
    rows_update(office->store, ids, ROWS, per_tx);
    measure(office, "update", per_tx);
    if (!test_equal(root, office)) fprintf(stderr, "sync_push_bench: the nodes differ\n");
    free(ids);
  }
  return 0;
}
