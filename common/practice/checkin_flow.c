/* From step to step, and what is said at each. Nothing here writes practice data; every step forward is in the draft before it counts. */
#include <assert.h>

#include "common/practice/checkin_internal.h"
#include "common/practice/tidy.h"

enum { REASON_MAX_CHARS = 200 };

/* A place to come back to when the draft could not be kept. */
typedef struct Mark {
  size_t at;
  const FormItem *item;
  bool done;
} Mark;

void checkin_enter(Checkin *checkin, size_t at)
{
  checkin->at = at;
  const Step *step = checkin_now(checkin);
  checkin->item = step && step->kind == CHECKIN_FORM ? answers_next(step->answers, NULL) : NULL;
}

void checkin_place(Checkin *checkin)
{
  size_t at = 0;
  while (at < checkin->step_count && checkin->steps[at].done) at++;
  checkin_enter(checkin, at);
}

static Mark mark_of(const Checkin *checkin)
{
  const Step *step = checkin_now(checkin);
  return (Mark){checkin->at, checkin->item, step && step->done};
}

static void return_to(Checkin *checkin, Mark mark)
{
  checkin->at = mark.at;
  checkin->item = mark.item;
  if (checkin_now(checkin)) checkin_now(checkin)->done = mark.done;
}

static Err keep(Checkin *checkin, Mark before)
{
  AUTO(json_t *, typed, json_release) = checkin->typed;
  checkin->typed = json_object();
  Err err = checkin_save_draft(checkin);
  if (err == ERR_OK) return ERR_OK;
  json_decref(checkin->typed);
  checkin->typed = json_incref(typed);
  return_to(checkin, before);
  return err;
}

static Err step_done(Checkin *checkin)
{
  Mark before = mark_of(checkin);
  checkin_now(checkin)->done = true;
  checkin_enter(checkin, checkin->at + 1);
  return keep(checkin, before);
}

Err checkin_contact(Checkin *checkin, const Contact *contact, Faults *faults)
{
  assert(checkin_step(checkin) == CHECKIN_CONTACT);
  if (contact) {
    size_t before = faults->count;
    contact_check(contact, faults);
    if (faults->count > before) return ERR_INVALID;
    checkin->client.contact = checkin_copy_contact(&checkin->arena, contact);
    checkin->contact_changed = true;
  }
  return step_done(checkin);
}

/* The place of a coverage in the list: the one of its id, or a new place. */
static size_t coverage_place(const Checkin *checkin, const Coverage *coverage)
{
  for (size_t i = 0; i < checkin->coverage_count; i++) {
    if (uuid_eq(checkin->coverages[i].id, coverage->id)) return i;
  }
  return checkin->coverage_count;
}

static Err change_coverage(Checkin *checkin, const Coverage *coverage, Faults *faults)
{
  Coverage changed = checkin_copy_coverage(&checkin->arena, coverage);
  size_t before = faults->count, at = coverage_place(checkin, coverage);
  if (at == CHECKIN_COVERAGES_MAX) return ERR_TOO_LARGE;
  if (uuid_is_nil(changed.id)) changed.id = uuid_v7(store_env(checkin->store));
  changed.client = at < checkin->coverage_count ? checkin->coverages[at].client : checkin->client.id;
  if (changed.rank < 1) changed.rank = (int)at + 1;
  coverage_check(&changed, faults);
  if (faults->count > before) return ERR_INVALID;
  checkin->coverages[at] = changed;
  checkin->coverage_edited[at] = true;
  if (at == checkin->coverage_count) checkin->coverage_count++;
  return ERR_OK;
}

Err checkin_coverage(Checkin *checkin, const Coverage *coverage, Faults *faults)
{
  assert(checkin_step(checkin) == CHECKIN_COVERAGE);
  bool declined = coverage && (!coverage->payer || str_empty(str_trim(str_c(coverage->payer))));
  bool was_declined = checkin->coverage_declined;
  size_t before = checkin->coverage_count;
  if (coverage && !declined) TRY(change_coverage(checkin, coverage, faults));
  checkin->coverage_declined = declined;
  Err err = step_done(checkin);
  if (err == ERR_OK) return ERR_OK;
  checkin->coverage_count = before; /* or a new one would be there twice once it is said again */
  checkin->coverage_declined = was_declined;
  return err;
}

static bool is_offered(const Checkin *checkin, Uuid provider)
{
  for (size_t i = 0; i < checkin->provider_count; i++)
    if (uuid_eq(checkin->providers[i].id, provider)) return true;
  return uuid_is_nil(provider);
}

Err checkin_reason(Checkin *checkin, Str reason, Uuid provider, Faults *faults)
{
  assert(checkin_step(checkin) == CHECKIN_REASON);
  Str line = tidy_line(&checkin->arena, reason);
  if (utf8_count(line) > REASON_MAX_CHARS) {
    faults_add(faults, "reason", "fault.too_long", "200");
    return ERR_INVALID;
  }
  checkin->reason = arena_cstr(&checkin->arena, line);
  checkin->provider = is_offered(checkin, provider) ? provider : (Uuid){{0}}; /* a draft may name one who has left */
  return step_done(checkin);
}

/* What answers_check still wants, asked now; NULL when the form is complete. */
static const FormItem *first_missing(const Step *step)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  answers_check(step->answers, &faults);
  if (faults.count == 0) return NULL;
  const FormItem *other = NULL; /* of several rounds of a group the one that lacks it */
  for (const FormItem *at = answers_next(step->answers, NULL); at; at = answers_next(step->answers, at)) {
    if (strcmp(at->link_id, faults.items[0].field) != 0) continue;
    if (json_array_size(answers_get(step->answers, at)) == 0) return at;
    if (!other) other = at;
  }
  return other;
}

static Err form_forward(Checkin *checkin)
{
  Step *step = checkin_now(checkin);
  Mark before = mark_of(checkin);
  const FormItem *next = answers_next(step->answers, checkin->item);
  if (!next) next = first_missing(step);
  if (!next) return step_done(checkin);
  checkin->item = next;
  return keep(checkin, before);
}

/* A required question is not passed without an answer, nor one that wants several with fewer. */
static bool enough(const FormItem *item, size_t count, Faults *faults)
{
  if (count == 0 && item->required) {
    faults_add(faults, item->link_id, "fault.required", NULL);
    return false;
  }
  if (count == 0 || count >= (size_t)item->min_answers) return true;
  char least[16];
  snprintf(least, sizeof least, "%d", item->min_answers);
  faults_add(faults, item->link_id, "fault.too_few", least);
  return false;
}

Err checkin_answer(Checkin *checkin, json_t *values, Faults *faults)
{
  assert(checkin_step(checkin) == CHECKIN_FORM);
  Answers *answers = checkin_answers(checkin);
  const FormItem *item = checkin->item;
  if (item->type == FORM_DISPLAY) return form_forward(checkin);
  AUTO(json_t *, given, json_release) = values ? json_incref(values) : json_array();
  AUTO(json_t *, before, json_release) = json_incref(answers_get(answers, item));
  TRY(answers_set(answers, item, given, faults));
  if (enough(item, json_array_size(answers_get(answers, item)), faults)) return form_forward(checkin);
  Err back = answers_set(answers, item, before, faults);
  (void)back; /* it was taken before */
  return ERR_INVALID;
}

static const char *signer_of(Checkin *checkin, const ConsentDecision *decision)
{
  const char *given = decision->signer_name;
  if (given && !str_empty(str_trim(str_c(given)))) return checkin_copy_text(&checkin->arena, given);
  /* A typed name is the signature itself, and a guardian's is not known. */
  bool typed = decision->method && strcmp(decision->method, "typed") == 0;
  bool other = decision->signer_relationship && strcmp(decision->signer_relationship, "self") != 0;
  return typed || other ? "" : arena_printf(&checkin->arena, "%s %s", checkin->client.given, checkin->client.family);
}

Err checkin_consent(Checkin *checkin, ConsentDecision *decision, Faults *faults)
{
  assert(checkin_step(checkin) == CHECKIN_CONSENT);
  Step *step = checkin_now(checkin);
  Arena *arena = &checkin->arena;
  size_t before = faults->count;
  decision->document = step->document.id;
  decision->client = checkin->client.id;
  decision->appointment = checkin->appointment.id;
  decision->shown = consent_shown(arena, &step->document);
  decision->language = step->document.language;
  decision->signer_name = signer_of(checkin, decision);
  decision->signer_relationship =
      decision->signer_relationship ? checkin_copy_text(arena, decision->signer_relationship) : "self";
  decision->decision = checkin_copy_text(arena, decision->decision);
  decision->method = checkin_copy_text(arena, decision->method);
  decision->copy_offered = checkin_copy_text(arena, decision->copy_offered);
  decision->ink = arena_strdup(arena, decision->ink);
  consent_check(decision, &step->document, faults);
  if (faults->count > before) return ERR_INVALID;
  step->decision = *decision;
  return step_done(checkin);
}

Err checkin_typing(Checkin *checkin, const char *field, Str text)
{
  bool known = json_object_get(checkin->typed, field) != NULL;
  if (text.len > CHECKIN_TYPED_MAX_BYTES || strlen(field) > CHECKIN_FIELD_MAX ||
      (!known && json_object_size(checkin->typed) >= CHECKIN_TYPED_FIELDS_MAX))
    return ERR_TOO_LARGE;
  json_object_set_new(checkin->typed, field, json_from_str(text));
  return checkin_save_draft(checkin);
}

bool checkin_back(Checkin *checkin)
{
  if (checkin->here_already || checkin->finished) return false;
  const Step *step = checkin_now(checkin);
  const FormItem *before = step && step->form ? answers_previous(step->answers, checkin->item) : NULL;
  if (before) {
    checkin->item = before;
    return true;
  }
  if (checkin->at == 0) return false;
  checkin_enter(checkin, checkin->at - 1);
  step = checkin_now(checkin);
  checkin_now(checkin)->done = false; /* said again, or confirmed again */
  if (step->form) checkin->item = answers_previous(step->answers, NULL);
  json_object_clear(checkin->typed);
  return true;
}

void checkin_progress(const Checkin *checkin, int *step, int *steps)
{
  *step = *steps = 0;
  for (size_t i = 0; i < checkin->step_count; i++) {
    int here = 1, all = 1;
    const Step *one = &checkin->steps[i];
    if (one->form) answers_progress(one->answers, i == checkin->at ? checkin->item : NULL, &here, &all);
    if (i < checkin->at) *step += all;
    if (i == checkin->at) *step += here;
    *steps += all;
  }
}

void checkin_language(Checkin *checkin, const char *language)
{
  checkin->language = checkin_copy_text(&checkin->arena, language);
  for (size_t i = 0; i < checkin->step_count; i++) {
    Step *step = &checkin->steps[i];
    if (step->form) form_set_language(step->form, language);
    /* A signed text stays the one that was signed. If the other language cannot be read, the present one stays. */
    if (step->kind == CHECKIN_CONSENT && !step->done && checkin_pick_document(checkin, step) != ERR_OK) continue;
  }
}
