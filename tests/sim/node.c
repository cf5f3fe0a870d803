/* Nodes: a machine with foyerd on it, as sync/foyerd.c puts it together, without its threads and sockets. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/practice/practice.h"
#include "sync/enrol.h"
#include "sync/restored.h"
#include "sync/settings.h"
#include "sync/tls/tls.h"
#include "tests/sim/model.h"

enum { TICK_MS = 60000, RESTART_MS = 5000 };

static SimClock *clock_of(const Env *env)
{
  return (SimClock *)(uintptr_t)env;
}

static int64_t drifted(const SimClock *clock)
{
  int64_t since = clock->sim->now - clock->sim->started_at;
  return since + since / 1000000 * clock->drift_ppm;
}

static Instant clock_now(const Env *env)
{
  const SimClock *clock = clock_of(env);
  return clock->sim->started_at + drifted(clock) + clock->offset_ms;
}

static int64_t clock_monotonic(const Env *env)
{
  return drifted(clock_of(env)) + 1000;
}

static void clock_random(const Env *env, void *out, size_t len)
{
  rng_bytes(&clock_of(env)->rng, out, len);
}

void clock_init(SimClock *clock, Sim *sim, int index)
{
  *clock = (SimClock){.env = {clock_now, clock_monotonic, clock_random, DISK_VFS},
                      .sim = sim,
                      .rng = rng_make(sim->options.seed, "node", (uint64_t)index)};
}

SimNode *node_new(Sim *sim, NodeKind kind, int up)
{
  assert(sim->node_count < SIM_NODES_MAX);
  SimNode *node = &sim->nodes[sim->node_count];
  *node = (SimNode){.sim = sim, .index = sim->node_count, .up = up, .kind = kind, .link = *link_good()};
  node->disk = &disks[node->index];
  node->arena = arena_make(0);
  node->one_store = rng_chance(&sim->disk_rng, 500);
  snprintf(node->folder, sizeof node->folder, "/sim/%d/foyer", node->index);
  clock_init(&node->clock, sim, node->index);
  disk_wipe(node->disk);
  char top[16];
  snprintf(top, sizeof top, "/sim/%d", node->index);
  disk_make_folder(node->disk, top);
  sim->node_count++;
  return node;
}

/* ------------------------------------------------------------------------------------------------------------ life cycle */

/* look_at_fence: as foyerd does. */
static Err look_at_fence(SimNode *node)
{
  bool accept = node->accept_loss_at && node->sim->now >= node->accept_loss_at;
  TRY(accept ? restored_accept_loss(node->store) : restored_settle(node->store));
  bool was = node->fenced;
  node->fenced = store_is_restored(node->store);
  if (was && !node->fenced) sim_trace(node->sim, "%d is whole again", node->index);
  return ERR_OK;
}

static Err open_parts(SimNode *node)
{
  const Env *env = &node->clock.env;
  TRY(store_open(node->folder, env, &node->store));
  node->agent_store = node->hub_store = node->store;
  bool apart = !node->one_store;
  if (node->kind != NODE_LOBBY) {
    if (apart) TRY(store_open(node->folder, env, &node->hub_store));
    TRY(hub_open(node->store, &node->hub));
    serve_open(node);
  }
  TRY(look_at_fence(node));
  if (node->up < 0) return ERR_OK;
  if (apart) TRY(store_open(node->folder, env, &node->agent_store));
  return agent_open(node->agent_store, &node->agent);
}

static void close_parts(SimNode *node)
{
  net_hang_up(node);
  node_unpin(node);
  model_close(node);
  agent_close(node->agent);
  serve_close(node);
  hub_close(node->hub);
  if (node->agent_store != node->store) store_close(node->agent_store);
  if (node->hub_store != node->store) store_close(node->hub_store);
  store_close(node->store);
  node->agent = NULL;
  node->hub = NULL;
  node->store = node->agent_store = node->hub_store = NULL;
  for (int i = 0; i < AGENT_LANES; i++) node->lane_call[i] = 0;
  node->running = false;
}

void node_boot_in(SimNode *node, int64_t in_ms)
{
  event_add(node->sim, in_ms, EVENT_BOOT, node->index, ++node->boots, NULL);
}

void node_boot(SimNode *node)
{
  err_clear();
  Err err = open_parts(node);
  if (err == ERR_OK) {
    model_open(node);
    node->running = true;
    sim_trace(node->sim, "%d runs", node->index);
    model_follow(node);
    event_add(node->sim, TICK_MS, EVENT_TICK, node->index, node->boots, NULL);
    node_poll_soon(node, 0);
    node_after(node);
    return;
  }
  sim_trace(node->sim, "%d does not start: %s %s", node->index, err_name(err), err_detail());
  bool excused = node->disk->dead || node->disk->fail_at || disk_busy > 0;
  if (!excused) sim_fail(node->sim, "1: it starts again", "node %d: %s %s", node->index, err_name(err), err_detail());
  close_parts(node);
  if (node->disk->dead) disk_power_back(node->disk, &node->sim->disk_rng);
  node_boot_in(node, RESTART_MS);
}

void node_stop(SimNode *node)
{
  if (!node->running) return;
  sim_trace(node->sim, "%d stops", node->index);
  model_follow(node);
  close_parts(node);
  node->boots++;
  node->sim->counts.restarts++;
}

void node_crash(SimNode *node, int64_t down_ms)
{
  if (!node->running) return;
  sim_trace(node->sim, "%d crashes", node->index);
  if (!node->disk->dead) model_follow(node);
  node->disk->dead = true;
  close_parts(node);
  disk_power_back(node->disk, &node->sim->disk_rng);
  node->sim->counts.crashes++;
  node_boot_in(node, down_ms);
}

void node_gone(SimNode *node)
{
  if (node->running) {
    model_follow(node);
    close_parts(node);
  }
  node->boots++;
  node->gone = true;
  model_forget(node);
}

void node_pin(SimNode *node)
{
  char path[80];
  if (node->pin || node->disk->dead) return;
  snprintf(path, sizeof path, "%s/foyer.db", node->folder);
  if (sqlite3_open_v2(path, &node->pin, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, DISK_VFS) != SQLITE_OK ||
      sqlite3_exec(node->pin, "BEGIN; SELECT count(*) FROM journal", NULL, NULL, NULL) != SQLITE_OK)
    node_unpin(node);
}

void node_unpin(SimNode *node)
{
  sqlite3_close(node->pin);
  node->pin = NULL;
}

bool node_can_write(const SimNode *node)
{
  return node->running && !node->gone && !node->fenced && node->spy_pos > 0 && !store_is_restored(node->store);
}

void node_poll_soon(SimNode *node, int64_t in_ms)
{
  event_add(node->sim, in_ms, EVENT_POLL, node->index, ++node->poll_id, NULL);
}

void node_poll(SimNode *node)
{
  if (!node->agent) return;
  for (int lane = 0; lane < AGENT_LANES && !node->disk->dead; lane++) {
    HttpCall call;
    if (node->lane_call[lane] == 0 && agent_next(node->agent, lane, &call)) net_send(node, lane, &call);
  }
  int wait = node->disk->dead ? 0 : agent_wait_ms(node->agent);
  node_poll_soon(node, wait > 1 ? wait : 1);
  node_after(node);
}

static bool is_wiped(SimNode *node)
{
  return node->agent && agent_wiped(node->agent);
}

void node_after(SimNode *node)
{
  Sim *sim = node->sim;
  if (!node->running) return;
  if (is_wiped(node)) {
    sim_trace(sim, "%d has wiped itself", node->index);
    if (!node->revoked) sim_fail(sim, "1: a device deletes what it holds", "node %d was not revoked", node->index);
    model_close(node);
    close_parts(node);
    node->gone = true;
    model_forget(node);
    return;
  }
  if (node->disk->dead) {
    node_crash(node, rng_spread(&sim->disk_rng, 1000, 300000));
    return;
  }
  int64_t before = node->spy_pos, head = model_follow(node);
  if (head == before) return;
  net_wake(node, head);
  if (node->agent) node_poll_soon(node, 1);
}

void node_tick(SimNode *node)
{
  if (!node->running) return;
  if (node->hub) hub_tick(node->hub);
  if (node->fenced || store_is_restored(node->store)) {
    Err err = look_at_fence(node);
    if (err != ERR_OK) sim_trace(node->sim, "%d fence: %s", node->index, err_name(err));
  }
  event_add(node->sim, TICK_MS, EVENT_TICK, node->index, node->boots, NULL);
  node_after(node);
}

/* ------------------------------------------------------------------------------------------------------------- enrolment */

static Err invite(SimNode *up, SimNode *node, Arena *arena, const char **code)
{
  Faults faults = faults_make(arena);
  EnrolCode made;
  EnrolInvitation invitation = {.name = "A device",
                                .kind = node->kind == NODE_OFFICE ? "office" : "lobby",
                                .scope = "practice", /* its checks compare whole replicas */
                                .site = node->sim->sites[node->index % SIM_SITES]};
  TRY(enrol_invite(up->store, actor_system(), &invitation, arena, &faults, &made));
  *code = made.code;
  return ERR_OK;
}

bool node_enrol(SimNode *node)
{
  Sim *sim = node->sim;
  SimNode *up = &sim->nodes[node->up];
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *code;
  if (!node_can_write(up) || node->enrolled) return false;
  if (up->agent && agent_ended(up->agent)) return false;
  err_clear();
  if (invite(up, node, &arena, &code) != ERR_OK) {
    node_after(up);
    return false;
  }
  Enrolled enrolled;
  client_here(node);
  bool joined = false;
  const char *url = arena_printf(&arena, "https://node-%d", node->up);
  for (int tries = 0; !joined && tries < 4 && up->running; tries++) {
    Err err = enrol_join(node->folder, &node->clock.env, url, code, "", &arena, &enrolled);
    if (node->disk->dead) disk_power_back(node->disk, &sim->disk_rng);
    joined = err == ERR_OK;
    if (!joined) sim_trace(sim, "%d joins: %s %s", node->index, err_name(err), err_detail());
  }
  node_after(up);
  if (!joined) return false;
  node->number = enrolled.node;
  node->enrolled = true;
  node->enrolled_at = sim->now;
  node->revoked = up->revoked; /* what it writes goes nowhere */
  model_author(sim->model, node->number);
  sim_trace(sim, "%d is enrolled at %d as %08x", node->index, node->up, node->number);
  node_boot(node);
  return true;
}
