/* The draft: what a person has said and typed and not sent yet, sealed, on this node alone. It is taken up only by the same person at the same visit, and
 * only where it still fits: forms and documents of the same version. */
#include "common/base/log.h"
#include "common/practice/checkin_internal.h"
#include "common/store/blob.h"

enum { DRAFT_FORMAT = 1 };

/* A visit's own id; a walk-in's client id stands for who it is, where and on which day (checkin_walk_in.c). */
Uuid checkin_draft_owner(const Checkin *checkin)
{
  return uuid_is_nil(checkin->appointment.id) ? checkin->client.id : checkin->appointment.id;
}

static json_t *json_of_uuid(Uuid id)
{
  char text[UUID_TEXT_LEN + 1];
  uuid_text(id, text);
  return json_string(text);
}

static Uuid uuid_of(json_t *object, const char *name)
{
  Uuid id = {{0}};
  return uuid_parse(json_str(object, name), &id) ? id : (Uuid){{0}};
}

/* Fields of text of a struct by name, so that writing and reading cannot differ. */
typedef struct TextField {
  const char *name;
  size_t offset;
} TextField;
#define FIELD(type, member)         \
  {                                 \
#member, offsetof(type, member) \
  }

static const TextField CONTACT[] = {FIELD(Contact, phone),       FIELD(Contact, email),  FIELD(Contact, line1),
                                    FIELD(Contact, line2),       FIELD(Contact, city),   FIELD(Contact, state),
                                    FIELD(Contact, postal_code), FIELD(Contact, country)};
static const TextField COVERAGE[] = {FIELD(Coverage, payer),      FIELD(Coverage, plan),
                                     FIELD(Coverage, member_id),  FIELD(Coverage, group_number),
                                     FIELD(Coverage, subscriber), FIELD(Coverage, relationship),
                                     FIELD(Coverage, start_date), FIELD(Coverage, end_date),
                                     FIELD(Coverage, status)};
static const TextField DECISION[] = {FIELD(ConsentDecision, decision),    FIELD(ConsentDecision, language),
                                     FIELD(ConsentDecision, signer_name), FIELD(ConsentDecision, signer_relationship),
                                     FIELD(ConsentDecision, method),      FIELD(ConsentDecision, copy_offered)};

static json_t *json_of_fields(const void *object, const TextField fields[], size_t count)
{
  json_t *made = json_object();
  for (size_t i = 0; i < count; i++) {
    const char *text;
    memcpy(&text, (const char *)object + fields[i].offset, sizeof text);
    json_object_set_new(made, fields[i].name, json_from_str(str_c(text)));
  }
  return made;
}

static void read_fields(Arena *arena, json_t *from, void *object, const TextField fields[], size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const char *text = arena_cstr(arena, json_str(json_object_get(from, fields[i].name), ""));
    memcpy((char *)object + fields[i].offset, &text, sizeof text);
  }
}

static json_t *json_of_coverages(const Checkin *checkin)
{
  json_t *list = json_array();
  for (size_t i = 0; i < checkin->coverage_count; i++) {
    if (!checkin->coverage_edited[i]) continue;
    json_t *one = json_of_fields(&checkin->coverages[i], COVERAGE, COUNT_OF(COVERAGE));
    json_object_set_new(one, "id", json_of_uuid(checkin->coverages[i].id));
    json_object_set_new(one, "client", json_of_uuid(checkin->coverages[i].client));
    json_object_set_new(one, "rank", json_integer(checkin->coverages[i].rank));
    json_array_append_new(list, one);
  }
  return list;
}

static json_t *json_of_decision(Arena *arena, const ConsentDecision *decision)
{
  json_t *made = json_of_fields(decision, DECISION, COUNT_OF(DECISION));
  json_object_set_new(made, "electronic", json_boolean(decision->electronic));
  json_object_set_new(made, "read_to_end", json_boolean(decision->read_to_end));
  json_object_set_new(made, "ink", json_from_str(base64url_encode(arena, decision->ink)));
  json_object_set_new(made, "witness", json_of_uuid(decision->witness));
  return made;
}

static json_t *json_of_step(Arena *arena, const Checkin *checkin, const Step *step)
{
  json_t *made = json_pack("{si sb}", "kind", (int)step->kind, "done", step->done);
  if (step->kind == CHECKIN_FORM) {
    json_object_set_new(made, "questionnaire", json_of_uuid(step->questionnaire));
    json_object_set_new(made, "answers", answers_json(step->answers));
    bool now = checkin_now(checkin) == step && checkin->item;
    json_object_set_new(made, "item", json_integer(now ? (json_int_t)checkin->item->index : -1));
  }
  if (step->kind == CHECKIN_CONSENT) {
    json_object_set_new(made, "document", json_of_uuid(step->document.id));
    if (step->done) json_object_set_new(made, "decision", json_of_decision(arena, &step->decision));
  }
  return made;
}

Err checkin_save_draft(Checkin *checkin)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  json_t *steps = json_array();
  for (size_t i = 0; i < checkin->step_count; i++)
    json_array_append_new(steps, json_of_step(&arena, checkin, &checkin->steps[i]));
  Instant now = store_now(checkin->store);
  AUTO(json_t *, draft, json_release) =
      json_pack("{si so sI ss sb so sb so so sO ss so}", "format", DRAFT_FORMAT, "client",
                json_of_uuid(checkin->client.id), "saved_at", (json_int_t)now, "language", checkin->language,
                "contact_changed", checkin->contact_changed, "contact",
                json_of_fields(&checkin->client.contact, CONTACT, COUNT_OF(CONTACT)), "declined",
                checkin->coverage_declined, "coverages", json_of_coverages(checkin), "steps", steps, "typed",
                checkin->typed, "reason", checkin->reason, "provider", json_of_uuid(checkin->provider));
  return draft_save(checkin->store, checkin_draft_owner(checkin), CHECKIN_DRAFT, json_canonical(&arena, draft));
}

Err checkin_expire_drafts(Store *store)
{
  return draft_expire(store, store_now(store) - CHECKIN_DRAFT_MS);
}

static void take_coverages(Checkin *checkin, json_t *list)
{
  size_t i;
  json_t *one;
  json_array_foreach(list, i, one)
  {
    Uuid id = uuid_of(one, "id");
    size_t at = 0;
    while (at < checkin->coverage_count && !uuid_eq(checkin->coverages[at].id, id)) at++;
    if (at == CHECKIN_COVERAGES_MAX || uuid_is_nil(id)) continue;
    Coverage *coverage = &checkin->coverages[at];
    read_fields(&checkin->arena, one, coverage, COVERAGE, COUNT_OF(COVERAGE));
    coverage->id = id;
    coverage->client = uuid_of(one, "client");
    coverage->rank = (int)json_int(one, "rank", 1);
    checkin->coverage_edited[at] = true;
    if (at == checkin->coverage_count) checkin->coverage_count++;
  }
}

static void take_form(Step *step, json_t *saved, const FormItem **item)
{
  if (answers_load(step->answers, json_object_get(saved, "answers")) != ERR_OK) return;
  step->done = json_bool(saved, "done", false);
  int64_t at = json_int(saved, "item", -1);
  if (step->done || at < 0 || (size_t)at >= form_item_total(step->form)) return;
  const FormItem *here = form_item(step->form, (size_t)at);
  /* Only if it would be asked: the way there goes over what comes before it. */
  for (const FormItem *one = answers_next(step->answers, NULL); one; one = answers_next(step->answers, one)) {
    if (one == here) *item = here;
  }
}

static void take_consent(Checkin *checkin, Step *step, json_t *saved)
{
  json_t *decision = json_object_get(saved, "decision");
  Arena *arena = &checkin->arena;
  ConsentDecision into = {.document = step->document.id,
                          .client = checkin->client.id,
                          .appointment = checkin->appointment.id,
                          .electronic = json_bool(decision, "electronic", false),
                          .read_to_end = json_bool(decision, "read_to_end", false),
                          .witness = uuid_of(decision, "witness"),
                          .shown = consent_shown(arena, &step->document)};
  read_fields(arena, decision, &into, DECISION, COUNT_OF(DECISION));
  AUTO(Arena, scratch, arena_fini) = arena_make(0);
  Faults faults = faults_make(&scratch);
  if (!decision || !base64url_decode(arena, json_str(decision, "ink"), &into.ink)) return;
  consent_check(&into, &step->document, &faults);
  if (faults.count > 0) return;
  step->decision = into;
  step->done = json_bool(saved, "done", false);
}

/* The saved step that is the same as this one. */
static json_t *saved_step(json_t *list, const Step *step)
{
  size_t i;
  json_t *one;
  json_array_foreach(list, i, one)
  {
    if (json_int(one, "kind", -1) != (int64_t)step->kind) continue;
    if (step->kind != CHECKIN_FORM && step->kind != CHECKIN_CONSENT) return one;
    if (step->kind == CHECKIN_FORM && uuid_eq(uuid_of(one, "questionnaire"), step->questionnaire)) return one;
    if (step->kind == CHECKIN_CONSENT && uuid_eq(uuid_of(one, "document"), step->document.id)) return one;
  }
  return NULL;
}

static void take_steps(Checkin *checkin, json_t *list)
{
  const FormItem *item = NULL;
  for (size_t i = 0; i < checkin->step_count; i++) {
    Step *step = &checkin->steps[i];
    const FormItem *here = NULL;
    json_t *saved = saved_step(list, step);
    if (!saved) continue;
    if (step->kind == CHECKIN_FORM)
      take_form(step, saved, &here);
    else if (step->kind == CHECKIN_CONSENT)
      take_consent(checkin, step, saved);
    else
      step->done = json_bool(saved, "done", false);
    if (here && !item) item = here;
  }
  checkin_place(checkin);
  const Step *now = checkin_now(checkin);
  bool same = item && now && now->form && item->index < form_item_total(now->form);
  if (same && form_item(now->form, item->index) == item) checkin->item = item;
}

static bool is_ours(const Checkin *checkin, json_t *draft)
{
  int64_t age = store_now(checkin->store) - json_int(draft, "saved_at", 0);
  return json_int(draft, "format", 0) == DRAFT_FORMAT && uuid_eq(uuid_of(draft, "client"), checkin->client.id) &&
         age < CHECKIN_DRAFT_MS && age > -CHECKIN_DRAFT_MS;
}

static void take(Checkin *checkin, json_t *draft)
{
  const char *language = json_string_value(json_object_get(draft, "language"));
  if (language) checkin_language(checkin, language);
  checkin->contact_changed = json_bool(draft, "contact_changed", false);
  if (checkin->contact_changed)
    read_fields(&checkin->arena, json_object_get(draft, "contact"), &checkin->client.contact, CONTACT,
                COUNT_OF(CONTACT));
  checkin->coverage_declined = json_bool(draft, "declined", false);
  take_coverages(checkin, json_object_get(draft, "coverages"));
  checkin->reason = arena_cstr(&checkin->arena, json_str(draft, "reason"));
  checkin->provider = uuid_of(draft, "provider");
  take_steps(checkin, json_object_get(draft, "steps"));
  json_object_update(checkin->typed, json_object_get(draft, "typed"));
  checkin->resumed = true;
}

Err checkin_load_draft(Checkin *checkin)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  AUTO(json_t *, draft, json_release) = NULL;
  Uuid owner = checkin_draft_owner(checkin);
  Str plain;
  Err err = draft_load(checkin->store, &arena, owner, CHECKIN_DRAFT, &plain);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  if (err != ERR_OK && err != ERR_CORRUPT) return err;
  if (err == ERR_OK && json_parse(plain, &draft) == ERR_OK && is_ours(checkin, draft)) {
    take(checkin, draft);
    return ERR_OK;
  }
  log_event(LOG_INFO, "checkin.draft_dropped", NULL);
  return draft_delete(checkin->store, owner, CHECKIN_DRAFT);
}
