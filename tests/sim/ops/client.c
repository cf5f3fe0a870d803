/* Clients: added and edited, the same one at several nodes. */
#include "tests/sim/ops/ops.h"

void client_add_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  char family[VALUE_MAX], email[VALUE_MAX + 8];
  Op *op = op_begin(node, "client.add");
  op_value(op, 'f', family);
  snprintf(email, sizeof email, "w%d@example.org", node->sim->operation);
  Client client = {.id = uuid_v7(&node->clock.env),
                   .given = "Ana",
                   .family = family,
                   .birth_date = "1980-02-29",
                   .status = "active",
                   .contact = {.email = email, .line1 = "1 Elm St"}};
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "client.add", "", &tx);
  if (err == ERR_OK) err = client_add(&tx, &client, &faults, &id);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_text(op, "client", client.id, "family", family);
  op_text(op, "client", client.id, "email", email);
  op_end(op, err);
  if (err == ERR_OK) ops_keep(ops->clients, &ops->client_count, client.id);
  (void)rng;
}

void client_edit_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Uuid id;
  Client client;
  if (!ops_pick(rng, ops->clients, ops->client_count, &id) || !ops_has_client(node, &arena, id, &client)) return;
  char family[VALUE_MAX], preferred[VALUE_MAX];
  bool name = rng_chance(rng, 700), other = !name || rng_chance(rng, 300);
  Op *op = op_begin(node, "client.edit");
  op_value(op, 'f', family);
  op_value(op, 'p', preferred);
  if (name) client.family = family;
  if (other) client.preferred_name = preferred;
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "client.save", "because", &tx);
  if (err == ERR_OK) err = client_save(&tx, &client, &faults);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  if (name) op_text(op, "client", id, "family", family);
  if (other) op_text(op, "client", id, "preferred_name", preferred);
  op_end(op, err);
}

void client_contact_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Uuid id;
  Client client;
  if (!ops_pick(rng, ops->clients, ops->client_count, &id) || !ops_has_client(node, &arena, id, &client)) return;
  char line[VALUE_MAX], email[VALUE_MAX];
  bool mail = rng_chance(rng, 600), address = !mail || rng_chance(rng, 400);
  Op *op = op_begin(node, "client.contact");
  op_value(op, 'a', line);
  snprintf(email, sizeof email, "w%d@example.org", node->sim->operation);
  if (mail) client.contact.email = email;
  if (address) client.contact.line1 = line;
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, actor_client(id), "client.contact", "", &tx);
  if (err == ERR_OK) err = client_save_contact(&tx, id, &client.contact, &faults);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  if (mail) op_text(op, "client", id, "email", email);
  if (address) op_text(op, "client", id, "line1", line);
  op_end(op, err);
}

void client_coverage_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Uuid id;
  Client client;
  Coverage *list = NULL;
  size_t count = 0;
  if (!ops_pick(rng, ops->clients, ops->client_count, &id) || !ops_has_client(node, &arena, id, &client)) return;
  if (coverage_list(node->store, &arena, id, &list, &count) != ERR_OK) return;
  Op *op = op_begin(node, "coverage.save");
  char payer[VALUE_MAX];
  op_value(op, 'c', payer);
  Coverage coverage =
      count > 0 && uuid_eq(list[0].client, id) ? list[0] : (Coverage){.client = id, .rank = 1, .status = "active"};
  if (uuid_is_nil(coverage.id)) coverage.id = uuid_from_parts(STR("sim coverage"), id.bytes, 16);
  coverage.payer = payer;
  coverage.member_id = "M1";
  Uuid made = coverage.id;
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "coverage.save", "", &tx);
  if (err == ERR_OK && count == 0)
    err = tx_put(&tx, "coverage", coverage.id, COLS(col_uuid("client", &id), col_text("payer", str_c(payer))), NULL);
  else if (err == ERR_OK)
    err = coverage_save(&tx, &coverage, &faults, &made);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_child(op, "client", id);
  op_text(op, "coverage", made, "payer", payer);
  op_end(op, err);
}

void client_link_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid a, b;
  Client client;
  if (!ops_pick(rng, ops->clients, ops->client_count, &a) || !ops_pick(rng, ops->clients, ops->client_count, &b))
    return;
  if (uuid_eq(a, b) || !ops_has_client(node, &arena, a, &client) || !ops_has_client(node, &arena, b, &client)) return;
  Op *op = op_begin(node, "client.link");
  bool unlink = rng_chance(rng, 300);
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), unlink ? "client.unlink" : "client.link", "", &tx);
  if (err == ERR_OK) err = unlink ? client_unlink(&tx, a, b) : client_link(&tx, a, b);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  if (err == ERR_OK) {
    op_child(op, "client", a);
    op_child(op, "client", b);
  }
  op_end(op, err);
}

/* identifier_op: a number from outside that two sites may enter for two records: one row, whose id comes from the number. */
void identifier_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid client;
  Client there;
  if (!ops_pick(rng, ops->clients, ops->client_count, &client) || !ops_has_client(node, &arena, client, &there)) return;
  uint64_t number = rng_below(rng, 40);
  Uuid id = uuid_from_parts(STR("sim identifier"), &number, sizeof number);
  Op *op = op_begin(node, "identifier");
  char type[VALUE_MAX], value[24];
  op_value(op, 'i', type);
  snprintf(value, sizeof value, "N%d", (int)number);
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "client.identifier", "", &tx);
  if (err == ERR_OK)
    err = tx_put(&tx, "client_identifier", id,
                 COLS(col_uuid("client", &client), col_text("system", STR("urn:sim")), col_text("value", str_c(value)),
                      col_text("type", str_c(type))),
                 NULL);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_child(op, "client", client);
  op_text(op, "client_identifier", id, "type", type);
  op_end(op, err);
}

/* bulk_op: one transaction with many rows. */
void bulk_op(SimNode *node, Rng *rng, Ops *ops)
{
  int64_t rows = rng_spread(rng, 20, 400);
  Op *op = op_begin(node, "bulk");
  char title[VALUE_MAX];
  op_value(op, 't', title);
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "import.tasks", "", &tx);
  for (int64_t i = 0; i < rows && err == ERR_OK; i++) {
    Uuid id = uuid_v7(&node->clock.env);
    err = tx_insert(&tx, "task", id,
                    COLS(col_text("kind", STR("todo")), col_text("title", str_c(title)),
                         col_int("created_at", tx_now(&tx))));
    op_text(op, "task", id, "title", title);
  }
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_end(op, err);
  (void)ops;
}
