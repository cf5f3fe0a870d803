/* Tables: equal on all nodes; money adds up; the product finds nothing to complain about. */
#include <stdlib.h>

#include "common/store/verify.h"
#include "tests/sim/checks/checks.h"

enum { TABLES_MAX = 96 };

static void add_bytes(uint64_t *hash, const void *bytes, size_t len)
{
  const uint8_t *at = bytes;
  for (size_t i = 0; i < len; i++) *hash = (*hash ^ at[i]) * 0x100000001b3U;
}

static void add_value(uint64_t *hash, sqlite3_stmt *q, int i)
{
  int32_t type = sqlite3_column_type(q, i);
  int64_t len = sqlite3_column_bytes(q, i), number = sqlite3_column_int64(q, i);
  add_bytes(hash, &type, sizeof type);
  add_bytes(hash, &len, sizeof len);
  if (type == SQLITE_INTEGER)
    add_bytes(hash, &number, sizeof number);
  else
    add_bytes(hash, sqlite3_column_blob(q, i), (size_t)len);
}

static uint64_t digest(SimNode *node, const char *sql)
{
  sqlite3_stmt *q = NULL;
  uint64_t hash = 0xcbf29ce484222325U;
  if (sqlite3_prepare_v2(node->spy, sql, -1, &q, NULL) != SQLITE_OK)
    sim_fail(node->sim, "the file can be read", "%s: %s", sql, sqlite3_errmsg(node->spy));
  while (sqlite3_step(q) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count(q); i++) add_value(&hash, q, i);
  sqlite3_finalize(q);
  return hash;
}

/* list_tables: those that have versions are the replicated ones; and what merge keeps beside them. */
static size_t list_tables(SimNode *node, char list[TABLES_MAX][64])
{
  sqlite3_stmt *q = NULL;
  size_t count = 0;
  const char *sql = "SELECT m.name FROM sqlite_master AS m WHERE m.type = 'table' AND EXISTS"
                    " (SELECT 1 FROM pragma_table_info(m.name) AS c WHERE c.name = 'v') ORDER BY 1";
  if (sqlite3_prepare_v2(node->spy, sql, -1, &q, NULL) != SQLITE_OK)
    sim_fail(node->sim, "the file can be read", "%s", sqlite3_errmsg(node->spy));
  while (sqlite3_step(q) == SQLITE_ROW && count < TABLES_MAX)
    snprintf(list[count++], 64, "%s", sqlite3_column_text(q, 0));
  sqlite3_finalize(q);
  return count;
}

static void compare(Sim *sim, SimNode *a, SimNode *b, const char *table, const char *sql)
{
  if (digest(a, sql) == digest(b, sql)) return;
  sim_fail(sim, "2: the same transactions and different tables", "%s at nodes %d and %d", table, a->index, b->index);
}

void check_equal(Sim *sim)
{
  SimNode *first = NULL;
  static char tables[TABLES_MAX][64];
  size_t count = 0;
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    if (!model_live(node)) continue;
    if (!first) {
      first = node;
      count = list_tables(node, tables);
      continue;
    }
    for (size_t t = 0; t < count; t++) {
      char sql[128];
      snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY id", tables[t]);
      compare(sim, first, node, tables[t], sql);
    }
    compare(sim, first, node, "overwrite",
            "SELECT table_id, id, column_group, hlc, node, edit FROM overwrite ORDER BY 1, 2, 3, 4, 5");
    compare(sim, first, node, "shadow", "SELECT table_id, id, hlc, node, state FROM shadow ORDER BY 1, 2");
  }
}

void check_ledger_at(SimNode *node)
{
  if (!node->running || !node->spy) return;
  int busy = disk_busy;
  disk_busy = 0;
  int64_t wrong = check_number(node, "SELECT count(*) FROM (SELECT 1 FROM ledger_line GROUP BY posting"
                                     " HAVING sum(amount_minor) <> 0)");
  int64_t twice = check_number(node, "SELECT count(*) FROM (SELECT 1 FROM posting GROUP BY key HAVING count(*) > 1)");
  int64_t orphans = check_number(node, "SELECT count(*) FROM ledger_line AS l WHERE NOT EXISTS"
                                       " (SELECT 1 FROM posting AS p WHERE p.id = l.posting)");
  disk_busy = busy;
  if (wrong || twice || orphans)
    sim_fail(node->sim, "4: a cent that does not add up",
             "node %d: %lld postings are not zero, %lld keys twice, %lld orphans", node->index, (long long)wrong,
             (long long)twice, (long long)orphans);
}

void check_ledger(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++)
    if (model_live(&sim->nodes[i])) check_ledger_at(&sim->nodes[i]);
}

void check_verify(Sim *sim)
{
  for (int i = 0; i < sim->node_count; i++) {
    SimNode *node = &sim->nodes[i];
    if (!model_live(node)) continue;
    VerifyReport report = {0};
    err_clear();
    Err err = verify_store(node->store, &report);
    if (err != ERR_OK) sim_fail(sim, "2: verify", "node %d: %s %s %s", i, err_name(err), report.fault, err_detail());
  }
}

/* lacks: an attachment that another one has. */
static bool lacks(SimNode *node, SimNode *other)
{
  sqlite3_stmt *q = NULL, *has = NULL;
  bool lacking = false;
  if (sqlite3_prepare_v2(other->spy, "SELECT hash FROM attachment WHERE hash IN (SELECT hash FROM blob)", -1, &q,
                         NULL) != SQLITE_OK ||
      sqlite3_prepare_v2(node->spy, "SELECT 1 FROM blob WHERE hash = ?1", -1, &has, NULL) != SQLITE_OK)
    sim_fail(node->sim, "the file can be read", "blobs of %d and %d", node->index, other->index);
  while (!lacking && sqlite3_step(q) == SQLITE_ROW) {
    sqlite3_bind_blob(has, 1, sqlite3_column_blob(q, 0), 32, SQLITE_TRANSIENT);
    lacking = sqlite3_step(has) != SQLITE_ROW;
    sqlite3_reset(has);
  }
  sqlite3_finalize(q);
  sqlite3_finalize(has);
  return lacking;
}

bool check_blobs_there(Sim *sim, int *who, int *whose)
{
  for (*who = 0; *who < sim->node_count; (*who)++) {
    SimNode *node = &sim->nodes[*who];
    if (!model_live(node) || node->kind == NODE_LOBBY) continue;
    for (*whose = 0; *whose < sim->node_count; (*whose)++) {
      SimNode *other = &sim->nodes[*whose];
      if (other != node && model_live(other) && lacks(node, other)) return false;
    }
  }
  return true;
}

void check_blobs(Sim *sim)
{
  int who, whose;
  if (!check_blobs_there(sim, &who, &whose))
    sim_fail(sim, "1: an attachment lost", "node %d has one, node %d has not", whose, who);
}
