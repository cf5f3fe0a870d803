/* What is due at a visit: the rules of its type, less what this person has done and is still valid. */
#include "common/base/log.h"
#include "common/practice/checkin_internal.h"
#include "common/store/query.h"

/* A rule for the type stands in for the general one of the same form, also when it says that it is not asked. */
SQL(RULES_OF_TYPE,
    "SELECT kind, form, valid_days FROM form_rule r WHERE active = 1 AND (type = :type OR (type IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM form_rule s WHERE s.kind = r.kind AND s.form = r.form AND s.type = :type)))"
    " ORDER BY position, kind, form");
SQL(RESPONSE_LAST,
    "SELECT r.completed_at AS at FROM questionnaire_response r JOIN questionnaire q ON q.id = r.questionnaire"
    " WHERE r.client = :client AND q.url = :url ORDER BY r.completed_at DESC LIMIT 1");
SQL(CONSENT_LAST, "SELECT c.decision AS decision, c.decided_at AS at, d.version AS version FROM consent c"
                  " JOIN consent_document d ON d.id = c.document WHERE c.client = :client AND d.code = :code"
                  " ORDER BY c.decided_at DESC, c.id DESC LIMIT 1");

enum { RULES_MAX = 64, ALWAYS = 0, FOR_GOOD = -1 };

typedef struct Rule {
  bool consent;
  const char *form;
  int64_t valid_days;
} Rule;

typedef struct Planner {
  Checkin *checkin;
  Arena arena;
  Date today;
  Uuid *same; /* the person's records */
  size_t same_count;
} Planner;

static void planner_fini(Planner *planner)
{
  arena_fini(&planner->arena);
}

/* Walk-ins get the type that appointment_walk_in will give them. */
static Err type_of_visit(Checkin *checkin, Arena *arena, Uuid *out)
{
  *out = checkin->appointment.type;
  if (!uuid_is_nil(checkin->appointment.id)) return ERR_OK;
  AppointmentType *types;
  size_t count;
  TRY(appointment_type_list(checkin->store, arena, &types, &count));
  *out = count == 1 ? types[0].id : (Uuid){{0}};
  for (size_t i = 0; i < count; i++) {
    if (types[i].walk_in) {
      *out = types[i].id;
      break;
    }
  }
  return ERR_OK;
}

static Err read_rules(Planner *planner, Rule rules[RULES_MAX], size_t *count)
{
  Uuid type;
  TRY(type_of_visit(planner->checkin, &planner->arena, &type));
  AUTO(Query, q, query_fini) = query(planner->checkin->store, &RULES_OF_TYPE);
  query_bind_uuid(&q, ":type", type);
  *count = 0;
  while (*count < RULES_MAX && query_next(&q)) {
    rules[(*count)++] = (Rule){.consent = str_eq_c(query_str(&q, "kind"), "consent"),
                               .form = query_cstr(&q, &planner->arena, "form"),
                               .valid_days = query_int(&q, "valid_days")};
  }
  return query_end(&q);
}

static Err valid_still(const Planner *planner, int64_t valid_days, Instant done_at, bool *out)
{
  WallTime done;
  *out = valid_days == FOR_GOOD;
  if (valid_days <= ALWAYS) return ERR_OK;
  TRY(site_wall(&planner->checkin->site, done_at, &done));
  *out = date_days(done.date) + valid_days > date_days(planner->today);
  return ERR_OK;
}

static Err form_done(const Planner *planner, const Rule *rule, bool *out)
{
  Instant newest = 0;
  *out = false;
  for (size_t i = 0; i < planner->same_count; i++) {
    AUTO(Query, q, query_fini) = query(planner->checkin->store, &RESPONSE_LAST);
    query_bind_uuid(&q, ":client", planner->same[i]);
    query_bind_text(&q, ":url", str_c(rule->form));
    if (query_next(&q) && query_int(&q, "at") > newest) newest = query_int(&q, "at");
    TRY(query_end(&q));
  }
  return newest ? valid_still(planner, rule->valid_days, newest, out) : ERR_OK;
}

/* A signature holds for the version that was signed, in whatever language; a refusal only for the visit at which it was given. */
static Err consent_done(const Planner *planner, const Rule *rule, const char *version, bool *out)
{
  Instant newest = 0;
  bool holds = false;
  *out = false;
  for (size_t i = 0; i < planner->same_count; i++) {
    AUTO(Query, q, query_fini) = query(planner->checkin->store, &CONSENT_LAST);
    query_bind_uuid(&q, ":client", planner->same[i]);
    query_bind_text(&q, ":code", str_c(rule->form));
    if (query_next(&q) && query_int(&q, "at") > newest) {
      newest = query_int(&q, "at");
      holds = str_eq_c(query_str(&q, "decision"), "signed") && str_eq_c(query_str(&q, "version"), version);
    }
    TRY(query_end(&q));
  }
  return holds ? valid_still(planner, rule->valid_days, newest, out) : ERR_OK;
}

static Step *step_add(Checkin *checkin, CheckinStep kind)
{
  Step *step = &checkin->steps[checkin->step_count++];
  step->kind = kind;
  return step;
}

/* A rule that names what is not here (yet) must not keep people from checking in. */
static Err not_here(const char *what, Err err)
{
  if (err != ERR_NOT_FOUND) return err;
  log_event(LOG_WARN, "checkin.rule", "missing=%s", what);
  return ERR_OK;
}

static Err plan_form(Planner *planner, const Rule *rule)
{
  Checkin *checkin = planner->checkin;
  bool done;
  Uuid id;
  TRY(form_done(planner, rule, &done));
  if (done) return ERR_OK;
  Err err = questionnaire_latest(checkin->store, str_c(rule->form), &id);
  if (err != ERR_OK) return not_here("questionnaire", err);
  AUTO(Form *, form, form_closep) = NULL;
  TRY(questionnaire_open(checkin->store, id, &form));
  form_set_language(form, checkin->language);
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  answers_zone(answers, checkin->site.zone);
  answers_initial(answers, &checkin->client);
  if (!answers_next(answers, NULL)) return ERR_OK; /* nothing in it can be asked */
  Step *step = step_add(checkin, CHECKIN_FORM);
  step->questionnaire = id;
  step->form = form;
  step->answers = answers;
  form = NULL;
  answers = NULL;
  return ERR_OK;
}

Err checkin_pick_document(Checkin *checkin, Step *step)
{
  ConsentDocument document;
  TRY(consent_document_latest(checkin->store, &checkin->arena, str_c(step->code), str_c(checkin->language), &document));
  step->document = document;
  return ERR_OK;
}

static Err plan_consent(Planner *planner, const Rule *rule)
{
  Checkin *checkin = planner->checkin;
  bool done;
  Step step = {.kind = CHECKIN_CONSENT, .code = checkin_copy_text(&checkin->arena, rule->form)};
  Err err = checkin_pick_document(checkin, &step);
  if (err != ERR_OK) return not_here("consent document", err);
  TRY(consent_done(planner, rule, step.document.version, &done));
  if (!done) *step_add(checkin, CHECKIN_CONSENT) = step;
  return ERR_OK;
}

Err checkin_plan(Checkin *checkin)
{
  AUTO(Planner, planner, planner_fini) = {.checkin = checkin, .arena = arena_make_wiping(0)};
  WallTime now;
  Rule rules[RULES_MAX];
  size_t count;
  TRY(site_wall(&checkin->site, store_now(checkin->store), &now));
  planner.today = now.date;
  if (!checkin->is_new)
    TRY(client_same(checkin->store, &planner.arena, checkin->client.id, &planner.same, &planner.same_count));
  TRY(read_rules(&planner, rules, &count));
  checkin->steps = ARENA_ARRAY(&checkin->arena, Step, count + 3);
  step_add(checkin, CHECKIN_CONTACT);
  if (checkin->asks_coverage) step_add(checkin, CHECKIN_COVERAGE);
  if (uuid_is_nil(checkin->appointment.id)) {
    TRY(provider_list(checkin->store, &checkin->arena, checkin->site.id, &checkin->providers,
                      &checkin->provider_count));
    step_add(checkin, CHECKIN_REASON);
  }
  for (size_t i = 0; i < count; i++)
    TRY(rules[i].consent ? plan_consent(&planner, &rules[i]) : plan_form(&planner, &rules[i]));
  return ERR_OK;
}
