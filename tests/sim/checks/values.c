/* Values: what people have written is there, or was replaced by someone who knew it, or is listed as overwritten. */
#include "tests/sim/checks/checks.h"

static bool saw(const Write *later, const Write *earlier)
{
  return later != earlier && earlier->seq > 0 && later->seen[earlier->author] >= earlier->seq;
}

/* replaced: somebody who knew it wrote over it. `perhaps`: or may have, on a disk that is lost, or under a name that two used. */
static bool replaced(const Model *model, const Write *list, const Write *write, bool perhaps)
{
  for (const Write *other = list; other; other = other->next)
    if ((perhaps || write_lives(model, other)) &&
        (saw(other, write) || (other->author == write->author && other->seq > write->seq)))
      return true;
  return false;
}

static bool is_listed(SimNode *node, const SimRow *row, const Write *write)
{
  sqlite3_stmt *q = NULL;
  if (sqlite3_prepare_v2(node->spy, "SELECT 1 FROM overwrite WHERE id = ?1 AND instr(edit, CAST(?2 AS BLOB)) > 0", -1,
                         &q, NULL) != SQLITE_OK)
    sim_fail(node->sim, "the file can be read", "%s", sqlite3_errmsg(node->spy));
  sqlite3_bind_blob(q, 1, row->id.bytes, 16, SQLITE_STATIC);
  sqlite3_bind_text(q, 2, write->text, -1, SQLITE_STATIC);
  bool listed = sqlite3_step(q) == SQLITE_ROW;
  sqlite3_finalize(q);
  return listed;
}

static void check_cell(SimNode *node, const SimRow *row, const Cell *cell)
{
  Sim *sim = node->sim;
  const Model *model = sim->model;
  char sql[160];
  snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE id = ?1", cell->column, row->table);
  sqlite3_stmt *q = NULL;
  if (sqlite3_prepare_v2(node->spy, sql, -1, &q, NULL) != SQLITE_OK)
    sim_fail(sim, "the file can be read", "%s: %s", sql, sqlite3_errmsg(node->spy));
  sqlite3_bind_blob(q, 1, row->id.bytes, 16, SQLITE_STATIC);
  char value[VALUE_MAX + 1] = "";
  bool there = sqlite3_step(q) == SQLITE_ROW;
  if (there) snprintf(value, sizeof value, "%s", (const char *)sqlite3_column_text(q, 0));
  sqlite3_finalize(q);
  bool lives = false, possible = false;
  for (const Write *write = cell->writes; write; write = write->next) {
    if (!write_lives(model, write)) {
      possible |= strcmp(write->text, value) == 0;
      continue;
    }
    lives = true;
    if (strcmp(write->text, value) == 0) {
      if (replaced(model, cell->writes, write, false))
        sim_fail(sim, "1: a value that was replaced is back", "node %d: %s.%s = %s", node->index, row->table,
                 cell->column, value);
      possible = true;
    } else if (there && write->single && !replaced(model, cell->writes, write, true) && !is_listed(node, row, write)) {
      sim_fail(sim, "1: an edit lost without a trace", "node %d: %s.%s of operation %d (%s), now %s", node->index,
               row->table, cell->column, write->operation, write->text, value);
    }
  }
  if (lives && !there)
    sim_fail(sim, "1: a committed change lost", "node %d: a row of %s (%s)", node->index, row->table,
             cell->writes->text);
  if (lives && !possible)
    sim_fail(sim, "1: a committed change lost", "node %d: %s.%s is %s", node->index, row->table, cell->column, value);
}

/* stays_away: everybody who wrote to it was seen by its deletion, and nothing refers to it. */
static bool stays_away(const Model *model, const SimRow *row)
{
  const Write *deletion = row->deleted;
  if (row->has_children || !write_lives(model, deletion) || deletion->next) return false;
  for (const Write *write = row->all; write; write = write->next_of_row)
    if (write != deletion && !saw(deletion, write) &&
        !(write->author == deletion->author && write->seq < deletion->seq))
      return false;
  return true;
}

static void check_row(SimNode *node, const SimRow *row)
{
  Sim *sim = node->sim;
  const Model *model = sim->model;
  if (row->added) {
    bool lives = false;
    for (const Write *write = row->added; write && !lives; write = write->next) lives = write_lives(model, write);
    if (lives && row->content && row_content(node, row->table, row->id) != row->content)
      sim_fail(sim, "1: an append-only row lost or changed", "node %d: %s of operation %d", node->index, row->table,
               row->added->operation);
  }
  if (row->deleted) {
    if (stays_away(model, row) && row_content(node, row->table, row->id) != 0)
      sim_fail(sim, "1: what was purged is back", "node %d: %s, deleted by operation %d", node->index, row->table,
               row->deleted->operation);
    return;
  }
  for (const Cell *cell = row->cells; cell; cell = cell->next) check_cell(node, row, cell);
}

void check_values(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    if (!model_live(node)) continue;
    for (const SimRow *row = sim->model->rows; row; row = row->next) check_row(node, row);
    return; /* the others are equal to it, to the byte */
  }
}
