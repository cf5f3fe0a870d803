/* Tasks, money, attachments, and what is purged. */
#include <stdlib.h>

#include "common/practice/task.h"
#include "common/store/blob.h"
#include "tests/sim/ops/ops.h"

static void add_task(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Client there;
  Op *op = op_begin(node, "task.add");
  char title[VALUE_MAX];
  op_value(op, 't', title);
  Task task = {
      .id = uuid_v7(&node->clock.env), .kind = "todo", .title = title, .note = "", .site = node->sim->sites[0]};
  if (rng_chance(rng, 500) && ops_pick(rng, ops->clients, ops->client_count, &task.client) &&
      !ops_has_client(node, &arena, task.client, &there))
    task.client = (Uuid){{0}};
  Uuid id = task.id;
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "task.add", "", &tx);
  if (err == ERR_OK) err = task_add(&tx, &task, &id);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  if (!uuid_is_nil(task.client)) op_child(op, "client", task.client);
  op_text(op, "task", id, "title", title);
  op_end(op, err);
  if (err == ERR_OK) ops_keep(ops->tasks, &ops->task_count, id);
}

void task_op(SimNode *node, Rng *rng, Ops *ops)
{
  Uuid id;
  if (rng_chance(rng, 500) || !ops_pick(rng, ops->tasks, ops->task_count, &id)) {
    add_task(node, rng, ops);
    return;
  }
  Op *op = op_begin(node, "task.close");
  bool take = rng_chance(rng, 500);
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), take ? "task.take" : "task.close", "", &tx);
  if (err == ERR_OK) err = take ? task_take(&tx, id, node->sim->staff) : task_close(&tx, id, node->sim->staff, "done");
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_end(op, err);
}

static Err post(Tx *tx, Uuid id, const char *key, int64_t amount, int lines)
{
  TRY(tx_insert(tx, "posting", id,
                COLS(col_text("key", str_c(key)), col_text("kind", STR("charge")),
                     col_int("at", INT64_C(1772000000000)), col_text("currency", STR("USD")))));
  int64_t left = 0;
  for (int i = 0; i < lines; i++) {
    uint8_t number = (uint8_t)i;
    Uuid line = uuid_from_parts(STR("sim line"),
                                (uint8_t[]){id.bytes[0], id.bytes[1], id.bytes[2], id.bytes[3], id.bytes[4],
                                            id.bytes[5], id.bytes[6], id.bytes[7], number},
                                9);
    int64_t part = i + 1 < lines ? amount * (i + 1) : -left;
    left += part;
    TRY(tx_insert(tx, "ledger_line", line,
                  COLS(col_uuid("posting", &id),
                       col_text("account", i + 1 < lines ? STR("receivable") : STR("revenue")),
                       col_int("amount_minor", part))));
  }
  return ERR_OK;
}

/* posting_op: a key says what a posting is for, and gives it its id: posted twice, at two places, it is one. */
void posting_op(SimNode *node, Rng *rng, Ops *ops)
{
  (void)ops;
  char key[32];
  snprintf(key, sizeof key, "charge:%d", rng_chance(rng, 300) ? (int)rng_below(rng, 30) : 1000 + node->sim->operation);
  Uuid id = uuid_from_parts(STR("sim posting"), key, strlen(key));
  int64_t amount = 100 + (int64_t)(id.bytes[9] * 37);
  Op *op = op_begin(node, "posting");
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "ledger.post", "", &tx);
  if (err == ERR_OK) err = post(&tx, id, key, amount, 2 + id.bytes[10] % 3);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_added(op, "posting", id);
  op_end(op, err);
}

void attachment_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid client;
  Client there;
  if (!ops_pick(rng, ops->clients, ops->client_count, &client) || !ops_has_client(node, &arena, client, &there)) return;
  size_t size = (size_t)rng_spread(rng, 50, rng_chance(rng, 20) ? 1500000 : 12000);
  char *bytes = arena_alloc(&arena, size);
  rng_bytes(rng, bytes, size);
  Hash hash;
  Uuid id = uuid_v7(&node->clock.env);
  Op *op = op_begin(node, "attachment");
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "attachment.add", "", &tx);
  if (err == ERR_OK) err = blob_put(node->store, (Str){bytes, size}, &hash);
  if (err == ERR_OK)
    err = tx_insert(&tx, "attachment", id,
                    COLS(col_uuid("client", &client), col_hash("hash", &hash), col_int("size_bytes", (int64_t)size),
                         col_text("media_type", STR("image/png")), col_text("kind", STR("photo"))));
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_child(op, "client", client);
  op_added(op, "attachment", id);
  op_end(op, err);
}

/* purge_op: a task, or a client (who comes back where someone still needs him). */
void purge_op(SimNode *node, Rng *rng, Ops *ops)
{
  Uuid id;
  bool task = rng_chance(rng, 600);
  if (task ? !ops_pick(rng, ops->tasks, ops->task_count, &id) : !ops_pick(rng, ops->clients, ops->client_count, &id))
    return;
  Op *op = op_begin(node, "purge");
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, actor_system(), "retention.purge", "old", &tx);
  if (err == ERR_OK) err = tx_delete(&tx, task ? "task" : "client", id);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_deleted(op, task ? "task" : "client", id);
  op_end(op, err);
}
