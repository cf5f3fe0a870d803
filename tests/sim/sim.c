#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/json.h"
#include "common/base/log.h"
#include "tests/sim/checks/checks.h"
#include "tests/sim/ops/ops.h"

enum { FAULT_EVERY = 25, LOOK_EVERY = 200 };
static const int64_t START = INT64_C(1772463600000); /* Monday 2 March 2026, 15:00 UTC */
static const int64_t MINUTE = 60000, HOUR = 3600000;

/* -------------------------------------------------------------------------------------------------------------- the trace */

void sim_trace(Sim *sim, const char *fmt, ...)
{
  char line[512];
  int at = snprintf(line, sizeof line, "%lld ", (long long)(sim->now - sim->started_at));
  va_list args;
  va_start(args, fmt);
  vsnprintf(line + at, sizeof line - (size_t)at, fmt, args);
  va_end(args);
  for (const char *c = line; *c; c++) sim->trace_hash = (sim->trace_hash ^ (uint8_t)*c) * 0x100000001b3U;
  char **slot = &sim->tail[sim->tail_at++ % COUNT_OF(sim->tail)];
  free(*slot);
  *slot = strdup(line);
  if (sim->options.verbose) puts(line);
}

static void tell_counts(Sim *sim)
{
  sim->counts.simulated_ms = sim->now - sim->started_at;
  *sim->out = sim->counts;
}

_Noreturn void sim_fail(Sim *sim, const char *rule, const char *fmt, ...)
{
  char text[1024];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  if (!sim->options.verbose)
    for (size_t i = 0; i < COUNT_OF(sim->tail); i++) {
      const char *line = sim->tail[(sim->tail_at + i) % COUNT_OF(sim->tail)];
      if (line && i + 60 >= COUNT_OF(sim->tail)) fprintf(stderr, "  %s\n", line);
    }
  fprintf(stderr, "BROKEN %s\n  %s\n  seed %llu, operation %d\n", rule, text, (unsigned long long)sim->options.seed,
          sim->operation);
  tell_counts(sim);
  fflush(NULL);
  _exit(1);
}

/* ----------------------------------------------------------------------------------------------------------------- a run */

static bool is_skipped(const Sim *sim, int number)
{
  char text[16];
  snprintf(text, sizeof text, ",%d,", number);
  return strstr(sim->options.skip, text) != NULL;
}

static void pass(Sim *sim, int64_t ms)
{
  int64_t until = sim->now + ms;
  while (event_run(sim, until)) continue;
}

static bool has_all(const Sim *sim, int node)
{
  for (int a = 0; a < sim->model->author_count; a++)
    for (int i = 0; i < sim->node_count; i++)
      if (model_live(&sim->nodes[i]) && !sim->model->authors[a].forked &&
          sim->model->known[i][a] != sim->model->known[node][a])
        return false;
  return true;
}

static bool is_settled(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    if (!model_live(node)) continue;
    if (!node->running || node->fenced || store_is_restored(node->store) || !has_all(sim, i)) return false;
    if (node->agent && !agent_current(node->agent)) return false;
  }
  return true;
}

static void tell_state(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    sim_trace(sim, "%d under %d: %s%s%s%s head %lld, %s %s", i, node->up, node->enrolled ? "" : "not enrolled ",
              node->running ? "" : "down ", node->revoked ? "revoked " : "", node->fenced ? "fenced " : "",
              (long long)node->spy_pos, node->agent ? sync_state_text(agent_state(node->agent)) : "-",
              node->agent ? err_name(agent_err(node->agent)) : "");
  }
}

static void settle(Sim *sim, int64_t within, const char *when)
{
  int64_t until = sim->now + within;
  while (sim->now < until) {
    pass(sim, 2000);
    if (is_settled(sim)) return;
  }
  tell_state(sim);
  sim_fail(sim, "1: it converges", "%s: not within %lld minutes", when, (long long)(within / MINUTE));
}

static void make_nodes(Sim *sim)
{
  Rng rng = rng_make(sim->options.seed, "topology", 0);
  SimNode *root = node_new(sim, NODE_ROOT, -1);
  AUTO(Store *, store, store_closep) = NULL;
  SIM_OK(sim, store_create(root->folder, &root->clock.env, &store));
  root->number = store_node(store);
  root->enrolled = true;
  model_author(sim->model, root->number);
  store_closep(&store);
  node_boot(root);
  ops_setup(sim);
  node_after(root);
  int count = sim->options.nodes ? sim->options.nodes : (int)rng_between(&rng, 2, 6);
  for (int i = 1; i < count; i++) {
    NodeKind kind = i == 1 || rng_chance(&rng, 400) ? NODE_OFFICE : NODE_LOBBY;
    int up = kind == NODE_OFFICE || rng_chance(&rng, 250) ? 0 : 1;
    SimNode *node = node_new(sim, kind, up);
    if (!node_enrol(node)) sim_fail(sim, "works", "node %d cannot be enrolled", i);
    settle(sim, HOUR, "after enrolment");
  }
}

static void work(Sim *sim)
{
  Rng pace = rng_make(sim->options.seed, "pace", 0), when = rng_make(sim->options.seed, "when", 0);
  int64_t next_fault = rng_between(&when, 1, 2 * FAULT_EVERY);
  int fault = 0;
  bool busy = true;
  for (int i = 1; i <= sim->options.operations; i++) {
    if (rng_chance(&pace, busy ? 4 : 100)) busy = !busy;
    bool at_once = busy && rng_chance(&pace, 600); /* several before anything can be sent */
    if (!at_once) pass(sim, busy ? rng_spread(&pace, 1, 1000) : rng_spread(&pace, 50, 5 * MINUTE));
    ops_run(sim, i);
    if (i == next_fault) {
      if (!is_skipped(sim, ++fault)) fault_happen(sim, fault);
      next_fault += rng_between(&when, 1, 2 * FAULT_EVERY);
    }
    if (i % LOOK_EVERY == 0) check_ledger_at(&sim->nodes[(i / LOOK_EVERY) % sim->node_count]);
  }
}

/* wake_forks: a copy is found out when it writes. */
static void wake_forks(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    if (!node->forked || !node_can_write(node)) continue;
    Rng rng = rng_make(sim->options.seed, "fork", (uint64_t)i);
    sim->operation = sim->options.operations + 1 + i;
    posting_op(node, &rng, sim->ops);
    node_after(node);
  }
}

static void close_all(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) node_stop(&sim->nodes[i]);
}

void sim_run(const SimOptions *options, SimCounts *counts, uint64_t *trace_hash)
{
  Sim *sim = calloc(1, sizeof *sim);
  assert(sim);
  sim->options = *options;
  sim->out = counts;
  sim->now = sim->started_at = START;
  sim->trace_hash = 0xcbf29ce484222325U;
  sim->net = rng_make(options->seed, "net", 0);
  sim->disk_rng = rng_make(options->seed, "disk", 0);
  sim->model = model_new(sim);
  Rng sqlite = rng_make(options->seed, "sqlite", 0);
  disk_vfs_register(&sqlite);
  make_nodes(sim);
  work(sim);
  sim->healing = true;
  faults_end(sim);
  pass(sim, MINUTE);
  wake_forks(sim);
  settle(sim, 3 * HOUR, "at the end");
  int who, whose; /* attachments are looked for again after a while only */
  for (int64_t until = sim->now + 3 * HOUR; sim->now < until && !check_blobs_there(sim, &who, &whose);)
    pass(sim, MINUTE);
  model_check(sim);
  close_all(sim);
  tell_counts(sim);
  *trace_hash = sim->trace_hash;
}
