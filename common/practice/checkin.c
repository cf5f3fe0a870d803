#include "common/practice/checkin.h"

#include <stdlib.h>

#include "common/practice/checkin_internal.h"

const char *checkin_copy_text(Arena *arena, const char *text)
{
  return arena_cstr(arena, str_c(text));
}

Contact checkin_copy_contact(Arena *arena, const Contact *c)
{
  return (Contact){.phone = checkin_copy_text(arena, c->phone),
                   .email = checkin_copy_text(arena, c->email),
                   .line1 = checkin_copy_text(arena, c->line1),
                   .line2 = checkin_copy_text(arena, c->line2),
                   .city = checkin_copy_text(arena, c->city),
                   .state = checkin_copy_text(arena, c->state),
                   .postal_code = checkin_copy_text(arena, c->postal_code),
                   .country = checkin_copy_text(arena, c->country)};
}

Client checkin_copy_client(Arena *arena, const Client *c)
{
  return (Client){.id = c->id,
                  .given = checkin_copy_text(arena, c->given),
                  .family = checkin_copy_text(arena, c->family),
                  .prefix = checkin_copy_text(arena, c->prefix),
                  .suffix = checkin_copy_text(arena, c->suffix),
                  .preferred_name = checkin_copy_text(arena, c->preferred_name),
                  .birth_date = checkin_copy_text(arena, c->birth_date),
                  .gender = checkin_copy_text(arena, c->gender),
                  .language = checkin_copy_text(arena, c->language),
                  .status = checkin_copy_text(arena, c->status),
                  .contact = checkin_copy_contact(arena, &c->contact),
                  .contact_confirmed_at = c->contact_confirmed_at};
}

Coverage checkin_copy_coverage(Arena *arena, const Coverage *c)
{
  Coverage copy = *c;
  copy.payer = checkin_copy_text(arena, c->payer);
  copy.plan = checkin_copy_text(arena, c->plan);
  copy.member_id = checkin_copy_text(arena, c->member_id);
  copy.group_number = checkin_copy_text(arena, c->group_number);
  copy.subscriber = checkin_copy_text(arena, c->subscriber);
  copy.relationship = c->relationship && *c->relationship ? checkin_copy_text(arena, c->relationship) : "self";
  copy.start_date = checkin_copy_text(arena, c->start_date);
  copy.end_date = checkin_copy_text(arena, c->end_date);
  copy.status = c->status && *c->status ? checkin_copy_text(arena, c->status) : "active";
  return copy;
}

static Site copy_site(Arena *arena, const Site *s)
{
  return (Site){.id = s->id,
                .name = checkin_copy_text(arena, s->name),
                .prefix = checkin_copy_text(arena, s->prefix),
                .zone = checkin_copy_text(arena, s->zone),
                .phone = checkin_copy_text(arena, s->phone),
                .waiting_place = checkin_copy_text(arena, s->waiting_place)};
}

static Err read_coverage(Checkin *checkin)
{
  checkin->coverages = ARENA_ARRAY(&checkin->arena, Coverage, CHECKIN_COVERAGES_MAX);
  checkin->coverage_edited = ARENA_ARRAY(&checkin->arena, bool, CHECKIN_COVERAGES_MAX);
  if (checkin->is_new || !checkin->asks_coverage) return ERR_OK;
  Coverage *list;
  size_t count;
  TRY(coverage_list(checkin->store, &checkin->arena, checkin->client.id, &list, &count));
  /* Room for one more is kept, since a person may always add one. */
  if (count > CHECKIN_COVERAGES_MAX - 1) count = CHECKIN_COVERAGES_MAX - 1;
  for (size_t i = 0; i < count; i++) checkin->coverages[i] = list[i];
  checkin->coverage_count = checkin->coverage_known = count;
  return ERR_OK;
}

static Err read_practice(Checkin *checkin)
{
  Practice practice = {.language = "en", .asks_coverage = true};
  Err err = practice_get(checkin->store, &checkin->arena, &practice);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  checkin->language = *checkin->client.language ? checkin->client.language : practice.language;
  checkin->asks_coverage = practice.asks_coverage;
  return ERR_OK;
}

static Err fill(Checkin *checkin, Uuid appointment)
{
  TRY(checkin_expire_drafts(checkin->store));
  TRY(read_practice(checkin));
  if (!uuid_is_nil(appointment)) {
    TRY(appointment_get(checkin->store, &checkin->arena, appointment, &checkin->appointment));
    checkin->here_already = checkin->appointment.status != APPT_BOOKED;
  }
  if (checkin->here_already) return ERR_OK;
  TRY(read_coverage(checkin));
  TRY(checkin_plan(checkin));
  checkin_place(checkin);
  return checkin_load_draft(checkin);
}

Err checkin_begin(Store *store, const Site *site, const Client *client, bool is_new, Uuid appointment, Checkin **out)
{
  AUTO(Checkin *, checkin, checkin_forgetp) = calloc(1, sizeof *checkin);
  if (!checkin) return err_because(ERR_NO_SPACE, "memory for a check-in");
  checkin->store = store;
  checkin->arena = arena_make_wiping(0);
  checkin->site = copy_site(&checkin->arena, site);
  checkin->client = checkin_copy_client(&checkin->arena, client);
  checkin->is_new = is_new;
  checkin->reason = "";
  checkin->typed = json_object();
  TRY(fill(checkin, appointment));
  *out = checkin;
  checkin = NULL;
  return ERR_OK;
}

void checkin_forget(Checkin *checkin)
{
  if (!checkin) return;
  for (size_t i = 0; i < checkin->step_count; i++) {
    answers_free(checkin->steps[i].answers);
    form_close(checkin->steps[i].form);
  }
  json_decref(checkin->typed);
  arena_fini(&checkin->arena);
  crypto_wipe(checkin, sizeof *checkin);
  free(checkin);
}

void checkin_forgetp(Checkin **checkin)
{
  checkin_forget(*checkin);
  *checkin = NULL;
}

const Client *checkin_client(const Checkin *checkin)
{
  return &checkin->client;
}

const Appointment *checkin_appointment(const Checkin *checkin)
{
  return uuid_is_nil(checkin->appointment.id) ? NULL : &checkin->appointment;
}

bool checkin_is_here_already(const Checkin *checkin)
{
  return checkin->here_already;
}

bool checkin_resumed(const Checkin *checkin)
{
  return checkin->resumed;
}

Step *checkin_now(const Checkin *checkin)
{
  return checkin->at < checkin->step_count ? &checkin->steps[checkin->at] : NULL;
}

CheckinStep checkin_step(const Checkin *checkin)
{
  const Step *step = checkin_now(checkin);
  return step ? step->kind : CHECKIN_DONE;
}

const Contact *checkin_contact_shown(const Checkin *checkin)
{
  return &checkin->client.contact;
}

bool checkin_contact_is_current(const Checkin *checkin)
{
  Instant confirmed = checkin->client.contact_confirmed_at, now = store_now(checkin->store);
  bool lately = confirmed > 0 && now - confirmed < CHECKIN_CURRENT_DAYS * 24 * 3600 * (Instant)1000;
  return checkin->contact_changed || lately;
}

const Provider *checkin_providers(const Checkin *checkin, size_t *count)
{
  *count = checkin->provider_count;
  return checkin->providers;
}

const char *checkin_reason_said(const Checkin *checkin)
{
  return checkin->reason;
}

Uuid checkin_provider(const Checkin *checkin)
{
  return checkin->provider;
}

const Coverage *checkin_coverages(const Checkin *checkin, size_t *count)
{
  *count = checkin->coverage_count;
  return checkin->coverages;
}

const Form *checkin_form(const Checkin *checkin)
{
  const Step *step = checkin_now(checkin);
  return step ? step->form : NULL;
}

Answers *checkin_answers(Checkin *checkin)
{
  const Step *step = checkin_now(checkin);
  return step ? step->answers : NULL;
}

const FormItem *checkin_item(const Checkin *checkin)
{
  return checkin_step(checkin) == CHECKIN_FORM ? checkin->item : NULL;
}

const ConsentDocument *checkin_document(const Checkin *checkin)
{
  const Step *step = checkin_now(checkin);
  return step && step->kind == CHECKIN_CONSENT ? &step->document : NULL;
}

Str checkin_typed(const Checkin *checkin, const char *field)
{
  return json_str(json_object_get(checkin->typed, field), "");
}
