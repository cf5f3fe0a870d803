/* Visits: booked, moved through their states, and check-ins at the lobby. */
#include "common/practice/appointment.h"
#include "common/practice/checkin.h"
#include "tests/sim/ops/ops.h"

void visit_add_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Uuid client, made;
  Client there;
  if (!ops_pick(rng, ops->clients, ops->client_count, &client) || !ops_has_client(node, &arena, client, &there)) return;
  Op *op = op_begin(node, "visit.add");
  char note[VALUE_MAX];
  op_value(op, 'n', note);
  AppointmentNew visit = {.id = uuid_v7(&node->clock.env),
                          .client = client,
                          .type = node->sim->type,
                          .site = node->sim->sites[rng_below(rng, SIM_SITES)],
                          .minutes = 30,
                          .note = note};
  if (!wall_parse(STR("2026-03-03T10:30"), &visit.start)) return;
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "appointment.book", "", &tx);
  if (err == ERR_OK) err = appointment_add(&tx, &visit, &faults, &made);
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  op_child(op, "client", client);
  op_text(op, "appointment", visit.id, "note", note);
  op_end(op, err);
  if (err == ERR_OK) ops_keep(ops->visits, &ops->visit_count, visit.id);
}

void visit_move_op(SimNode *node, Rng *rng, Ops *ops)
{
  static const AppointmentStatus NEXT[][2] = {
      [APPT_BOOKED] = {APPT_ARRIVED, APPT_CANCELLED}, [APPT_ARRIVED] = {APPT_ROOMED, APPT_BOOKED},
      [APPT_ROOMED] = {APPT_DONE, APPT_ARRIVED},      [APPT_DONE] = {APPT_ROOMED, APPT_ROOMED},
      [APPT_NOSHOW] = {APPT_BOOKED, APPT_ARRIVED},    [APPT_CANCELLED] = {APPT_BOOKED, APPT_BOOKED}};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid id;
  Appointment visit;
  if (!ops_pick(rng, ops->visits, ops->visit_count, &id)) return;
  if (appointment_get(node->store, &arena, id, &visit) != ERR_OK) return;
  Op *op = op_begin(node, "visit.move");
  AUTO(Tx, tx, tx_fini) = {0};
  Err err = tx_begin(node->store, ops_staff(node), "appointment.move", "", &tx);
  if (err == ERR_OK)
    err = appointment_move_to(&tx, id, visit.status, NEXT[visit.status][rng_chance(rng, 200)], node->sim->staff, "");
  if (err == ERR_OK) err = tx_commit(&tx);
  tx_fini(&tx);
  if (err == ERR_OK) op_child(op, "appointment", id);
  op_end(op, err);
}

/* steps: what the person does on the screens, from contact to the last signature. */
static Err steps(Checkin *checkin, Arena *arena, Rng *rng)
{
  for (int turns = 0; turns < 20; turns++) {
    Faults faults = faults_make(arena);
    CheckinStep step = checkin_step(checkin);
    Err err = ERR_OK;
    if (step == CHECKIN_DONE) return ERR_OK;
    if (step == CHECKIN_CONTACT) err = checkin_contact(checkin, NULL, &faults);
    if (step == CHECKIN_COVERAGE) err = checkin_coverage(checkin, NULL, &faults);
    if (step == CHECKIN_REASON) err = checkin_reason(checkin, STR("a cough"), (Uuid){{0}}, &faults);
    if (step == CHECKIN_FORM)
      err = checkin_answer(checkin, rng_chance(rng, 500) ? json_pack("[s]", "well") : NULL, &faults);
    if (step == CHECKIN_CONSENT) {
      ConsentDecision decision = {.decision = "signed",
                                  .language = "en",
                                  .signer_name = "Ana",
                                  .signer_relationship = "self",
                                  .method = "typed",
                                  .copy_offered = "none",
                                  .electronic = true,
                                  .read_to_end = true};
      err = checkin_consent(checkin, &decision, &faults);
    }
    TRY(err);
  }
  return ERR_OK;
}

static void add_rows(Op *op, SimNode *node, Uuid visit)
{
  static const char *const TABLES[] = {"questionnaire_response", "consent"};
  for (size_t i = 0; i < COUNT_OF(TABLES); i++) {
    char sql[96];
    sqlite3_stmt *q = NULL;
    snprintf(sql, sizeof sql, "SELECT id FROM %s WHERE appointment = ?1", TABLES[i]);
    if (sqlite3_prepare_v2(node->spy, sql, -1, &q, NULL) != SQLITE_OK) continue;
    sqlite3_bind_blob(q, 1, visit.bytes, 16, SQLITE_STATIC);
    while (sqlite3_step(q) == SQLITE_ROW) {
      Uuid id;
      memcpy(id.bytes, sqlite3_column_blob(q, 0), 16);
      op_added(op, TABLES[i], id);
    }
    sqlite3_finalize(q);
  }
}

void checkin_op(SimNode *node, Rng *rng, Ops *ops)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Site site;
  if (site_here(node->store, &arena, &site) != ERR_OK &&
      site_get(node->store, &arena, node->sim->sites[0], &site) != ERR_OK)
    return;
  Op *op = op_begin(node, "checkin");
  char family[VALUE_MAX];
  op_value(op, 'k', family);
  Client client = {.given = "Kim",
                   .family = family,
                   .birth_date = "1990-04-01",
                   .contact = {.email = "kim@example.org"}};
  AUTO(Checkin *, checkin, checkin_forgetp) = NULL;
  CheckinDone done = {0};
  Err err = checkin_walk_in(node->store, &site, &client, &faults, &checkin);
  if (err == ERR_OK) err = steps(checkin, &arena, rng);
  if (err == ERR_OK) err = checkin_finish(checkin, &done);
  if (err == ERR_OK) add_rows(op, node, done.appointment);
  op_end(op, err);
  if (err != ERR_OK) return;
  ops_keep(ops->visits, &ops->visit_count, done.appointment);
}
