/* The end: everything that was said becomes one transaction, or nothing does. */
#include "common/practice/checkin_internal.h"
#include "common/practice/task.h"
#include "common/store/blob.h"
#include "common/store/scope.h"

static bool has_contact(const Contact *c)
{
  return *c->phone || *c->email || *c->line1 || *c->line2 || *c->city || *c->state || *c->postal_code || *c->country;
}

/* What a check at the time found good and the store now does not: a rule of another version, or a bug. Nothing that the person could mend. */
static Err no_faults(Err err, const Faults *faults)
{
  if (err == ERR_INVALID && faults->count > 0)
    return err_because(ERR_CONFLICT, "%s: %s", faults->items[0].field, faults->items[0].key);
  return err;
}

static Err tell_desk(Checkin *checkin, Tx *tx, const char *kind, const char *title, Uuid appointment)
{
  Task task = {.kind = kind,
               .title = title,
               .site = checkin->site.id,
               .client = checkin->client.id,
               .appointment = appointment,
               .note = ""};
  Uuid id;
  return task_add(tx, &task, &id);
}

/* Someone new: looked for once more, now that phone and email have been asked. */
static Err write_new_client(Checkin *checkin, Tx *tx, Faults *faults)
{
  Uuid known, id;
  Client *client = &checkin->client;
  TRY(checkin_find_known(checkin->store, client, &known, &checkin->is_similar));
  if (!uuid_is_nil(known) && !uuid_eq(known, client->id)) {
    client->id = known;
    return client_save_contact(tx, known, &client->contact, faults);
  }
  client->contact_confirmed_at = has_contact(&client->contact) ? tx_now(tx) : 0;
  Err err = client_add(tx, client, faults, &id);
  return err == ERR_EXISTS ? err_because(ERR_CONFLICT, "this walk-in has been taken already") : err;
}

static Err write_contact(Checkin *checkin, Tx *tx, Faults *faults)
{
  if (checkin->is_new) return write_new_client(checkin, tx, faults);
  if (checkin->contact_changed) return client_save_contact(tx, checkin->client.id, &checkin->client.contact, faults);
  /* Confirmed as it is, also where an import brought what would not be taken from a person. */
  return tx_update(tx, "client", checkin->client.id, COLS(col_int("contact_confirmed_at", tx_now(tx))));
}

static Err write_coverages(Checkin *checkin, Tx *tx, Faults *faults, bool *changed)
{
  *changed = checkin->coverage_declined && checkin->coverage_count > 0;
  for (size_t i = 0; i < checkin->coverage_count; i++) {
    Coverage coverage = checkin->coverages[i];
    if (checkin->coverage_edited[i]) {
      Uuid id;
      if (i >= checkin->coverage_known) coverage.id = (Uuid){{0}};
      if (checkin->is_new) coverage.client = checkin->client.id;
      TRY(coverage_save(tx, &coverage, faults, &id));
      *changed = true;
    } else if (!checkin->coverage_declined) {
      TRY(coverage_confirm(tx, coverage.id));
    }
  }
  return ERR_OK;
}

static Err write_response(const Checkin *checkin, Tx *tx, const Step *step, Uuid appointment)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Faults missing = faults_make(&arena);
  answers_check(step->answers, &missing);
  if (missing.count > 0) return err_because(ERR_INVALID, "a form lacks an answer to '%s'", missing.items[0].field);
  AUTO(json_t *, body, json_release) =
      answers_response(step->answers, form_url(step->form), checkin->client.id, tx_now(tx));
  return tx_insert(tx, "questionnaire_response", uuid_v7(store_env(checkin->store)),
                   COLS(col_uuid("questionnaire", &step->questionnaire), col_uuid("client", &checkin->client.id),
                        col_uuid("appointment", &appointment), col_text("language", str_c(checkin->language)),
                        col_int("completed_at", tx_now(tx)), col_text("face", STR("kiosk")),
                        col_text("body", json_canonical(&arena, body))));
}

static Err write_steps(Checkin *checkin, Tx *tx, Uuid appointment, Faults *faults)
{
  for (size_t i = 0; i < checkin->step_count; i++) {
    Step *step = &checkin->steps[i];
    if (step->kind == CHECKIN_FORM) TRY(write_response(checkin, tx, step, appointment));
    if (step->kind != CHECKIN_CONSENT) continue;
    Uuid id;
    ConsentDecision decision = step->decision;
    decision.client = checkin->client.id;
    decision.appointment = appointment;
    TRY(consent_decide(tx, &decision, faults, &id));
  }
  return ERR_OK;
}

/* Of a booked visit; looked at again, as another kiosk or the desk may have been faster. */
static Err arrive(const Checkin *checkin, Tx *tx)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Appointment now;
  Err err = appointment_get(checkin->store, &arena, checkin->appointment.id, &now);
  if (err == ERR_NOT_FOUND) return err_because(ERR_CONFLICT, "the visit is gone");
  TRY(err);
  if (!uuid_eq(now.client, checkin->appointment.client) || !uuid_eq(now.site, checkin->appointment.site))
    return err_because(ERR_CONFLICT, "the visit is another one now");
  return appointment_move_to(tx, checkin->appointment.id, APPT_BOOKED, APPT_ARRIVED, (Uuid){{0}}, "");
}

/* A walk-in, unless the person turns out to have a visit today, or has been taken in meanwhile. */
static Err arrive_unbooked(Checkin *checkin, Tx *tx, Uuid *appointment)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Visit *visits;
  size_t count;
  WallTime now;
  TRY(site_wall(&checkin->site, tx_now(tx), &now));
  TRY(visits_of_client(checkin->store, &arena, &checkin->site, now.date, checkin->client.id, &visits, &count));
  const Visit *visit = visit_choose(visits, count, now);
  if (!visit) {
    TRY(appointment_walk_in(tx, checkin->client.id, checkin->site.id, checkin->reason, appointment));
    if (uuid_is_nil(checkin->provider)) return ERR_OK;
    return tx_update(tx, "appointment", *appointment, COLS(col_uuid("provider", &checkin->provider)));
  }
  *appointment = visit->id;
  return appointment_move_to(tx, visit->id, APPT_BOOKED, APPT_ARRIVED, (Uuid){{0}}, "");
}

static Err write_all(Checkin *checkin, Tx *tx, Faults *faults, Uuid *appointment)
{
  bool coverage_changed;
  bool walk_in = uuid_is_nil(checkin->appointment.id);
  Uuid draft = checkin_draft_owner(checkin);
  *appointment = checkin->appointment.id;
  if (!walk_in) TRY(arrive(checkin, tx));
  TRY(write_contact(checkin, tx, faults));
  if (walk_in) TRY(arrive_unbooked(checkin, tx, appointment));
  TRY(write_coverages(checkin, tx, faults, &coverage_changed));
  TRY(write_steps(checkin, tx, *appointment, faults));
  if (coverage_changed) TRY(tell_desk(checkin, tx, "coverage-check", "desk.task.coverage-check", *appointment));
  /* A tablet does not hold the records of those who are not expected: the desk looks. */
  if (checkin->is_new && (checkin->is_similar || store_is_scoped(checkin->store)))
    TRY(tell_desk(checkin, tx, "identity", "desk.task.same-person", *appointment));
  return draft_delete(checkin->store, draft, CHECKIN_DRAFT);
}

/* What the person is told. All is written by now: what cannot be read is left out. */
static void tell_person(Checkin *checkin, Uuid appointment, CheckinDone *out)
{
  *out = (CheckinDone){.ticket = "",
                       .waiting_place = checkin->site.waiting_place,
                       .wait = {.minutes_least = -1, .minutes_most = -1},
                       .appointment = appointment};
  WaitEstimate wait;
  Appointment now;
  if (appointment_get(checkin->store, &checkin->arena, appointment, &now) == ERR_OK) {
    checkin->appointment = now;
    out->ticket = now.ticket;
  }
  if (appointment_wait(checkin->store, appointment, &wait) == ERR_OK) out->wait = wait;
}

Err checkin_finish(Checkin *checkin, CheckinDone *out)
{
  if (checkin->finished || checkin->here_already) return err_because(ERR_CONFLICT, "this visit is checked in already");
  if (checkin_step(checkin) != CHECKIN_DONE) return err_because(ERR_INVALID, "not every step is done");
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Faults faults = faults_make(&arena);
  Uuid before = checkin->client.id, appointment;
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(checkin->store, actor_client(checkin->client.id), "checkin.finish", "", &tx));
  Err err = no_faults(write_all(checkin, &tx, &faults, &appointment), &faults);
  if (err == ERR_OK) err = tx_commit(&tx);
  if (err != ERR_OK) {
    checkin->client.id = before;
    return err;
  }
  checkin->finished = true;
  tell_person(checkin, appointment, out);
  return ERR_OK;
}

Err checkin_help(Store *store, const Site *site, const Checkin *checkin)
{
  AUTO(Tx, tx, tx_fini) = {0};
  bool known = checkin && !checkin->is_new;
  Actor actor = known ? actor_client(checkin->client.id) : actor_system();
  TRY(tx_begin(store, actor, "checkin.help", "", &tx));
  Task task = {.kind = "help", .title = "desk.task.help", .site = site->id, .note = ""};
  if (known) task.client = checkin->client.id;
  if (known) task.appointment = checkin->appointment.id;
  Uuid id;
  TRY(task_add(&tx, &task, &id));
  return tx_commit(&tx);
}
