#include "tests/sim/ops/ops.h"

#include <assert.h>
#include <stdlib.h>

#include "common/practice/appointment.h"
#include "common/practice/consent.h"
#include "common/practice/form.h"
#include "common/practice/practice.h"
#include "sync/tls/tls.h"

static const struct {
  OpFunction *run;
  unsigned weight;
} KINDS[] = {
#define OPS_ROW(id, function, weight) {function, weight},
    OPS_TABLE(OPS_ROW)
#undef OPS_ROW
};

bool ops_pick(Rng *rng, const Uuid list[CLIENTS_MAX], uint64_t count, Uuid *out)
{
  if (count == 0) return false;
  uint64_t among = rng_chance(rng, 700) ? 12 : CLIENTS_MAX; /* mostly the newest, where people meet */
  if (among > count) among = count;
  *out = list[(count - 1 - rng_below(rng, among)) % CLIENTS_MAX];
  return true;
}

void ops_keep(Uuid list[CLIENTS_MAX], uint64_t *count, Uuid id)
{
  list[(*count)++ % CLIENTS_MAX] = id;
}

Actor ops_staff(const SimNode *node)
{
  return node->kind == NODE_LOBBY ? actor_system() : actor_staff(node->sim->staff);
}

bool ops_has_client(SimNode *node, Arena *arena, Uuid id, Client *out)
{
  return client_get(node->store, arena, id, out) == ERR_OK;
}

static void add_forms(Tx *tx)
{
  static const char QUESTIONS[] = "{\"resourceType\":\"Questionnaire\",\"url\":\"urn:sim:q\",\"title\":\"Questions\","
                                  "\"item\":[{\"linkId\":\"1\",\"text\":\"How are you?\",\"type\":\"string\"}]}";
  AUTO(json_t *, questionnaire, json_release) = NULL;
  Uuid id;
  Sim *sim = ((const SimClock *)store_env(tx->store))->sim;
  SIM_OK(sim, json_parse(str_c(QUESTIONS), &questionnaire));
  SIM_OK(sim, questionnaire_add(tx, questionnaire, &id));
  ConsentDocument document = {.code = "privacy",
                              .version = "1",
                              .language = "en",
                              .title = "Privacy",
                              .body = "We keep your data safe.",
                              .intent = "By signing I agree."};
  SIM_OK(sim, consent_document_add(tx, &document, &id));
  static const char *const RULES[][2] = {{"questionnaire", "urn:sim:q"}, {"consent", "privacy"}};
  for (int i = 0; i < 2; i++)
    SIM_OK(sim, tx_insert(tx, "form_rule", uuid_v7(store_env(tx->store)),
                          COLS(col_text("kind", str_c(RULES[i][0])), col_text("form", str_c(RULES[i][1])),
                               col_int("valid_days", 0), col_int("position", i))));
}

void ops_setup(Sim *sim)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  SimNode *root = &sim->nodes[0];
  Faults faults = faults_make(&arena);
  AUTO(Tx, tx, tx_fini) = {0};
  sim->ops = calloc(1, sizeof(Ops));
  assert(sim->ops);
  SIM_OK(sim, tx_begin(root->store, actor_system(), "practice.setup", "", &tx));
  SIM_OK(sim, practice_add(&tx, &(PracticeNew){"Foyer Clinic", "clinic", "USD", "en", ""}, &faults, &sim->practice));
  for (int i = 0; i < SIM_SITES; i++) {
    SiteNew site = {.name = i ? "Hill" : "Main",
                    .prefix = i ? "H" : "M",
                    .zone = i ? "America/Denver" : "America/New_York"};
    SIM_OK(sim, site_add(&tx, &site, &faults, &sim->sites[i]));
  }
  SIM_OK(sim, appointment_type_add(&tx, &(AppointmentType){.name = "Visit", .minutes = 30}, &sim->type));
  SIM_OK(sim, appointment_type_add(&tx, &(AppointmentType){.name = "Walk-in", .minutes = 15, .walk_in = true},
                                   &sim->walk_in_type));
  sim->staff = uuid_v7(&root->clock.env);
  SIM_OK(sim,
         tx_insert(&tx, "staff", sim->staff,
                   COLS(col_text("username", STR("desk")), col_text("given", STR("D")), col_text("family", STR("K")))));
  add_forms(&tx);
  NodeNew own = {.name = "Central server", .kind = "root", .scope = "practice"};
  memcpy(own.public_key, store_key(root->store)->public_key, SIGN_PUBLIC_SIZE);
  SIM_OK(sim, node_add(&tx, &own, &faults));
  SIM_OK(sim, tx_commit(&tx));
  SIM_OK(sim, tls_setup(root->store, ""));
}

static OpKind choose(Sim *sim, Rng *rng)
{
  uint64_t sum = 0;
  for (int i = 0; i < OP_KINDS; i++)
    if (sim->options.kinds >> i & 1) sum += KINDS[i].weight;
  uint64_t at = rng_below(rng, sum ? sum : 1);
  for (int i = 0; i < OP_KINDS; i++) {
    if (!(sim->options.kinds >> i & 1)) continue;
    if (at < KINDS[i].weight) return (OpKind)i;
    at -= KINDS[i].weight;
  }
  return OP_CLIENT_ADD;
}

void ops_run(Sim *sim, int number)
{
  Rng rng = rng_make(sim->options.seed, "op", (uint64_t)number);
  SimNode *node = &sim->nodes[rng_below(&rng, (uint64_t)sim->node_count)];
  OpKind kind = choose(sim, &rng);
  sim->operation = number;
  if (!node->enrolled || !node_can_write(node)) return;
  err_clear();
  KINDS[kind].run(node, &rng, sim->ops);
  node_after(node);
}
