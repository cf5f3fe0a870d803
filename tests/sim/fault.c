/* Faults: what happens to machines, links and clocks. One function each; the table in sim.h says how often. */
#include <assert.h>
#include <stdlib.h>

#include "common/practice/practice.h"
#include "common/store/verify.h"
#include "tests/sim/model.h"

static const int64_t SECOND = 1000, MINUTE = 60000, HOUR = 3600000, DAY = 24 * INT64_C(3600000);

typedef void FaultFunction(Sim *sim, SimNode *node, Rng *rng);

static const struct {
  const char *name;
  unsigned weight;
} KINDS[] = {
#define FAULT_ROW(id, text, weight) {text, weight},
    FAULT_TABLE(FAULT_ROW)
#undef FAULT_ROW
};

const char *fault_name(FaultKind kind)
{
  return KINDS[kind].name;
}

static void end_later(SimNode *node, FaultKind kind, int64_t in_ms)
{
  event_add(node->sim, in_ms, EVENT_END, node->index, (uint64_t)kind, NULL);
}

void fault_end(SimNode *node, FaultKind kind)
{
  if (kind == FAULT_PARTITION || kind == FAULT_BAD_LINK) {
    node->link = *link_good();
    if (node->agent) agent_network(node->agent);
  }
  if ((kind == FAULT_FULL || kind == FAULT_BROKEN) && !node->disk->dead && node->disk->fault != DISK_CUT)
    disk_heal(node->disk);
  if (kind == FAULT_OUTSIDE) node_unpin(node);
  if (node->running) node_poll_soon(node, 0);
}

/* ------------------------------------------------------------------------------------------------------- links and power */

static void partition(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  node->link.down = true;
  static const int64_t SILENCES[] = {50, 20000, 70000};
  node->link.silence_ms = SILENCES[rng_below(rng, 3)];
  end_later(node, FAULT_PARTITION, rng_spread(rng, 5 * SECOND, HOUR));
}

static void bad_link(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  node->link = (SimLink){.lose = (unsigned)rng_below(rng, 200),
                         .lose_answer = (unsigned)rng_below(rng, 200),
                         .cut = (unsigned)rng_below(rng, 300),
                         .twice = (unsigned)rng_below(rng, 200),
                         .delay_least_ms = 1,
                         .delay_most_ms = rng_spread(rng, 10, 30 * SECOND),
                         .silence_ms = rng_spread(rng, 1000, 70000)};
  end_later(node, FAULT_BAD_LINK, rng_spread(rng, 10 * SECOND, HOUR));
}

static void crash(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  node_crash(node, rng_spread(rng, SECOND, 10 * MINUTE));
}

static void crash_step(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  disk_fail_after(node->disk, (uint64_t)rng_spread(rng, 1, 300), DISK_CUT);
}

static void restart(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  if (!node->running) return;
  node_stop(node);
  node_boot_in(node, rng_spread(rng, SECOND, 2 * MINUTE));
}

/* ----------------------------------------------------------------------------------------------------------------- disks */

static void full(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  disk_fail_after(node->disk, (uint64_t)rng_spread(rng, 1, 50), DISK_FULL);
  end_later(node, FAULT_FULL, rng_spread(rng, SECOND, 20 * MINUTE));
}

static void broken(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim;
  disk_fail_after(node->disk, (uint64_t)rng_spread(rng, 1, 100), rng_chance(rng, 700) ? DISK_BROKEN_ONCE : DISK_BROKEN);
  end_later(node, FAULT_BROKEN, rng_spread(rng, SECOND, 10 * MINUTE));
}

static void busy(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim, (void)node;
  disk_busy = (int)rng_spread(rng, 1, 400);
}

/* ---------------------------------------------------------------------------------------------------------------- clocks */

static void set_clock(Sim *sim, SimNode *node, Rng *rng)
{
  int64_t way = rng_chance(rng, 500) ? 1 : -1;
  switch (rng_below(rng, 6)) {
  case 0: node->clock.offset_ms = 0; break;
  case 1: node->clock.offset_ms += way * rng_spread(rng, 1, 10 * MINUTE); break;
  case 2: node->clock.offset_ms += way * rng_spread(rng, MINUTE, 400 * DAY); break;
  case 3: node->clock.offset_ms = -sim->now + rng_spread(rng, 1, DAY); break; /* 1970 */
  case 4: node->clock.offset_ms = INT64_C(4070908800000) - sim->now; break;   /* 2099 */
  default: node->clock.drift_ppm = way * rng_spread(rng, 1, 2000); break;
  }
  sim_trace(sim, "%d: clock %lld ms, %lld ppm", node->index, (long long)node->clock.offset_ms,
            (long long)node->clock.drift_ppm);
}

static void root_clock(Sim *sim, SimNode *node, Rng *rng)
{
  (void)node;
  set_clock(sim, &sim->nodes[0], rng);
}

static void sleep_all(Sim *sim, SimNode *node, Rng *rng)
{
  (void)node;
  sim->now += rng_spread(rng, HOUR, 21 * DAY);
}

/* ------------------------------------------------------------------------------------------------------ devices come, go */

static void enrol(Sim *sim, SimNode *node, Rng *rng)
{
  (void)node;
  if (sim->node_count == SIM_NODES_MAX) return;
  for (int i = 0; i < sim->node_count; i++)
    if (!sim->nodes[i].enrolled) { /* somebody tries again */
      node_enrol(&sim->nodes[i]);
      return;
    }
  NodeKind kind = rng_chance(rng, 300) ? NODE_OFFICE : NODE_LOBBY;
  int up = 0;
  if (kind == NODE_LOBBY && sim->nodes[1].enrolled && sim->nodes[1].kind == NODE_OFFICE && rng_chance(rng, 600)) up = 1;
  SimNode *made = node_new(sim, kind, up);
  node_enrol(made);
}

/* strand: what hangs below a node that is no longer there cannot be reached any more. */
static void strand(Sim *sim, int node)
{
  for (int i = 0; i < sim->node_count; i++)
    if (sim->nodes[i].up == node) sim->nodes[i].revoked = true;
}

static void revoke(Sim *sim, SimNode *node, Rng *rng)
{
  SimNode *by = &sim->nodes[rng_below(rng, (uint64_t)sim->node_count)];
  if (node->up < 0 || node->revoked || !node->enrolled || by == node || !node_can_write(by) || by->revoked) return;
  if (node->kind == NODE_OFFICE && !rng_chance(rng, 200)) return;
  Op *op = op_begin(by, "revoke");
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(by->store, actor_staff(sim->staff), "node.revoke", "lost", &tx);
  if (err == ERR_OK) err = node_revoke(&tx, node->number);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  sim_trace(sim, "%d revokes %d: %s", by->index, node->index, err_name(err));
  if (err == ERR_OK || by->disk->dead) {
    node->revoked = true;
    strand(sim, node->index);
  }
  op_end(op, err);
  node_after(by);
}

static void mark_forked(Sim *sim, SimNode *node)
{
  node->forked = true;
  sim->model->authors[model_author(sim->model, node->number)].forked = true;
}

/* old_image: its disk is put back to what it was, and nobody tells it. */
static void old_image(Sim *sim, SimNode *node, Rng *rng)
{
  if (node->up < 0 || !node->running) return;
  Disk *image = &sim->images[node->index];
  if (!sim->has_image[node->index]) {
    disk_copy(image, node->disk);
    sim->has_image[node->index] = true;
    sim_trace(sim, "%d: an image is kept", node->index);
    return;
  }
  node_stop(node);
  model_forget(node);
  disk_copy(node->disk, image);
  sim->has_image[node->index] = false;
  mark_forked(sim, node);
  node_boot_in(node, rng_spread(rng, SECOND, 2 * MINUTE));
}

static void clone(Sim *sim, SimNode *node, Rng *rng)
{
  if (node->up < 0 || !node->running || node->forked || sim->node_count == SIM_NODES_MAX || node->kind == NODE_OFFICE)
    return;
  SimNode *twin = node_new(sim, node->kind, node->up);
  disk_copy(twin->disk, node->disk);
  twin->number = node->number;
  twin->enrolled = true;
  twin->revoked = node->revoked;
  mark_forked(sim, node);
  mark_forked(sim, twin);
  sim_trace(sim, "%d is a copy of %d", twin->index, node->index);
  node_boot_in(twin, rng_spread(rng, SECOND, 2 * MINUTE));
}

/* ------------------------------------------------------------------------------------------------------------- by the book */

static const char *backup_path(const SimNode *node, char out[64], const char *name)
{
  snprintf(out, 64, "/sim/%d/%s", node->index, name);
  return out;
}

static void take_backup(Sim *sim, SimNode *node)
{
  char path[64];
  err_clear();
  Err err = backup_make(node->store, backup_path(node, path, "backup.db"));
  sim_trace(sim, "%d: backup %s", node->index, err_name(err));
  node->has_backup = err == ERR_OK;
  node->backup_at = sim->now;
  node_after(node);
}

static void remove_replica(SimNode *node)
{
  static const char *const FILES[] = {"foyer.db", "foyer.db-wal", "foyer.db-shm", "foyer.commit"};
  char path[80], key[64];
  snprintf(path, sizeof path, "%s/node.key", node->folder);
  disk_rename(node->disk, path, backup_path(node, key, "key"));
  for (size_t i = 0; i < COUNT_OF(FILES); i++) {
    snprintf(path, sizeof path, "%s/%s", node->folder, FILES[i]);
    if (disk_find(node->disk, path, NULL)) disk_remove(node->disk, path);
  }
}

static void restore(Sim *sim, SimNode *node, Rng *rng)
{
  char path[64], key[64];
  if (!node->running || node->forked || node->revoked) return;
  if (!node->has_backup) {
    take_backup(sim, node);
    return;
  }
  node_stop(node);
  disk_heal(node->disk);
  model_forget(node);
  remove_replica(node);
  err_clear();
  Err err = backup_restore(backup_path(node, path, "backup.db"), backup_path(node, key, "key"), node->folder,
                           &node->clock.env);
  if (err != ERR_OK) sim_fail(sim, "works", "node %d: restore: %s %s", node->index, err_name(err), err_detail());
  disk_remove(node->disk, path);
  disk_remove(node->disk, key);
  node->has_backup = false;
  sim_trace(sim, "%d is restored", node->index);
  for (int i = 0; i < sim->node_count; i++)
    if (sim->nodes[i].up == node->index && sim->nodes[i].enrolled_at > node->backup_at) sim->nodes[i].revoked = true;
  node_boot_in(node, rng_spread(rng, SECOND, 2 * MINUTE));
}

static void restore_node(Sim *sim, SimNode *node, Rng *rng)
{
  if (node->up >= 0) restore(sim, node, rng);
}

static void restore_root(Sim *sim, SimNode *node, Rng *rng)
{
  (void)node;
  restore(sim, &sim->nodes[0], rng);
}

/* outside: another program with the file open. */
static void outside(Sim *sim, SimNode *node, Rng *rng)
{
  if (!node->running) return;
  char path[80];
  sqlite3 *db = NULL;
  snprintf(path, sizeof path, "%s/foyer.db", node->folder);
  int busy_before = disk_busy;
  disk_busy = 0;
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, DISK_VFS) == SQLITE_OK) {
    static const char *const WRITES[] = {
        "UPDATE client SET family = 'x'", "DELETE FROM journal WHERE pos < 0; DELETE FROM task",
        "INSERT INTO client (id, given, family, sort_name) VALUES (randomblob(16), '', '', '')"};
    int rc = sqlite3_exec(db, WRITES[rng_below(rng, 3)], NULL, NULL, NULL);
    if (rc == SQLITE_OK && sqlite3_changes(db) > 0)
      sim_fail(sim, "5: a change without a journal entry", "node %d, from outside", node->index);
    rc = rng_chance(rng, 500) ? sqlite3_exec(db, "VACUUM", NULL, NULL, NULL) : SQLITE_OK;
    sim_trace(sim, "%d: vacuum %d", node->index, rc);
  }
  sqlite3_close(db);
  disk_busy = busy_before;
  node_pin(node);
  end_later(node, FAULT_OUTSIDE, rng_spread(rng, SECOND, 6 * HOUR));
  node_after(node);
}

static FaultFunction *const FAULTS[FAULT_COUNT] = {partition,    bad_link,     crash,   crash_step, restart,
                                                   full,         broken,       busy,    set_clock,  root_clock,
                                                   sleep_all,    enrol,        revoke,  old_image,  clone,
                                                   restore_node, restore_root, outside, malice};

void fault_happen(Sim *sim, int number)
{
  Rng rng = rng_make(sim->options.seed, "fault", (uint64_t)number);
  uint64_t sum = 0, at;
  for (int i = 0; i < FAULT_COUNT; i++) sum += KINDS[i].weight;
  at = rng_below(&rng, sum);
  int kind = 0;
  while (at >= KINDS[kind].weight) at -= KINDS[kind++].weight;
  SimNode *node = &sim->nodes[rng_below(&rng, (uint64_t)sim->node_count)];
  if (!(sim->options.faults >> kind & 1)) return;
  if (node->gone || (!node->enrolled && kind != FAULT_ENROL)) return;
  sim->counts.faults[kind]++;
  sim_trace(sim, "fault %d: %s at %d", number, fault_name((FaultKind)kind), node->index);
  FAULTS[kind](sim, node, &rng);
}

void faults_end(Sim *sim)
{
  disk_busy = 0;
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    node->link = *link_good();
    if (node->disk->dead) node_after(node);
    disk_heal(node->disk);
    node_unpin(node);
    node->clock.offset_ms = 0;
    node->accept_loss_at = sim->now + HOUR;
    if (!node->enrolled || node->gone) continue;
    if (!node->running) node_boot_in(node, 1);
    if (node->agent) agent_network(node->agent);
    if (node->running) node_poll_soon(node, 0);
  }
  sim_trace(sim, "everything heals");
}
