#include "tests/sim/checks/checks.h"

int64_t check_number(SimNode *node, const char *sql)
{
  sqlite3_stmt *q = NULL;
  if (sqlite3_prepare_v2(node->spy, sql, -1, &q, NULL) != SQLITE_OK)
    sim_fail(node->sim, "the file can be read", "%s: %s", sql, sqlite3_errmsg(node->spy));
  int64_t value = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
  sqlite3_finalize(q);
  return value;
}

void model_check(Sim *sim)
{
  static Check *const CHECKS[] = {
#define CHECKS_ROW(function) function,
      CHECKS_TABLE(CHECKS_ROW)
#undef CHECKS_ROW
  };
  for (int i = 0; i < sim->node_count; i++) model_follow(&sim->nodes[i]);
  for (size_t i = 0; i < COUNT_OF(CHECKS); i++) {
    CHECKS[i](sim);
    sim->counts.checks++;
  }
}

void check_entries(Sim *sim)
{
  const Model *model = sim->model;
  uint32_t live = 0;
  for (int i = 0; i < sim->node_count; i++)
    if (model_live(&sim->nodes[i])) live |= 1U << i;
  for (int a = 0; a < model->author_count; a++) {
    const SimAuthor *author = &model->authors[a];
    if (author->forked) continue;
    for (size_t i = 0; i < author->count; i++) {
      uint32_t holders = author->entries[i].holders & live;
      if (holders && holders != live)
        sim_fail(sim, "1: a committed change lost", "entry %zu of %08x is at %x, not at %x", i + 1, author->id, holders,
                 live & ~holders);
    }
  }
}

static void count_forks(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) {
    int working = 0;
    for (int j = 0; j < sim->node_count; j++) {
      const SimNode *other = &sim->nodes[j];
      if (other->forked && other->number == sim->nodes[i].number && model_live(other)) working++;
    }
    if (working > 1)
      sim_fail(sim, "1: a cloned disk is stopped", "%d nodes work as %08x", working, sim->nodes[i].number);
  }
}

void check_revoked(Sim *sim)
{
  count_forks(sim);
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    if (!node->gone || node->kind != NODE_LOBBY || !node->revoked) continue;
    for (size_t n = 0; n < node->disk->name_count; n++) {
      const char *path = node->disk->names[n].path;
      if (strstr(path, "foyer.db") || strstr(path, "node.key"))
        sim_fail(sim, "7: a revoked tablet wipes itself", "node %d still has %s", i, path);
    }
  }
}
