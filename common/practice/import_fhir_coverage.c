/* Coverage: by itself, and within claims. */
#include <stdlib.h>

#include "common/practice/import_fhir_internal.h"
#include "common/store/query.h"

SQL(COVERAGE_THERE, "SELECT status, confirmed_at FROM coverage WHERE id = :id");

static const char *const PATIENT[] = {"Patient", NULL};
static const char *const PAYORS[] = {"Organization", "Patient", "RelatedPerson", NULL};

typedef struct Insurance {
  Uuid client;
  Str payer, plan, member_id, group_number, relationship, start_date, end_date, status;
  int64_t rank;
} Insurance;

/* The insurer's name. "no_insurance" is what Synthea calls paying by oneself. */
static Str payer_of(Fhir *fhir, json_t *container, json_t *coverage, Str otherwise)
{
  json_t *list = fhir_list(fhir, coverage, "payor");
  FhirTarget payor = fhir_resolve_object(fhir, container, fhir_element(fhir, list, 0), "payor", PAYORS);
  bool person = payor.resource && !str_eq_c(json_str(payor.resource, "resourceType"), "Organization");
  Str name = payor.resource && !person ? fhir_text(fhir, payor.resource, "name", 200) : payor.display;
  if (str_empty(name)) name = person ? STR("self-pay") : otherwise;
  return str_eq_c(str_fold(fhir->arena, name), "no insurance") ? STR("self-pay") : name;
}

static void read_classes(Fhir *fhir, json_t *coverage, Insurance *out)
{
  json_t *list = fhir_list(fhir, coverage, "class");
  for (size_t i = 0; i < json_array_size(list) && fhir->err == ERR_OK; i++) {
    json_t *element = fhir_element(fhir, list, i);
    Str code = fhir_code(fhir, fhir_object(fhir, element, "type"));
    Str value = fhir_text(fhir, element, "value", 200), name = fhir_text(fhir, element, "name", 200);
    if (str_eq_c(code, "group")) out->group_number = value;
    if (str_eq_c(code, "plan")) out->plan = str_empty(name) ? value : name;
  }
}

static Insurance read_insurance(Fhir *fhir, json_t *container, json_t *coverage)
{
  Insurance out = {0};
  out.client = fhir_resolve(fhir, container, coverage, "beneficiary", PATIENT).row;
  Str type = fhir_concept(fhir, coverage, "type", 200);
  out.payer = payer_of(fhir, container, coverage, type);
  read_classes(fhir, coverage, &out);
  bool self_pay = str_eq_c(out.payer, "self-pay");
  if (str_empty(out.plan) && !self_pay && !str_eq(type, out.payer)) out.plan = type;
  out.member_id = fhir_text(fhir, coverage, "subscriberId", 200);
  if (str_empty(out.member_id))
    out.member_id = fhir_text(fhir, fhir_element(fhir, fhir_list(fhir, coverage, "identifier"), 0), "value", 200);
  out.relationship = fhir_code(fhir, fhir_object(fhir, coverage, "relationship"));
  if (str_empty(out.relationship)) out.relationship = STR("self");
  json_t *period = fhir_object(fhir, coverage, "period");
  out.start_date = fhir_date(fhir, period, "start", "Coverage.period");
  out.end_date = fhir_date(fhir, period, "end", "Coverage.period");
  out.status = fhir_text(fhir, coverage, "status", 40);
  out.rank = fhir_number(fhir, coverage, "order", 1);
  if (out.rank < 1 || out.rank > 99) out.rank = 1;
  return out;
}

/* Coverage that a person has confirmed here, or that was ended here, is not for a file to change. */
static Err settled_here(Fhir *fhir, Uuid id, bool *out)
{
  AUTO(Query, q, query_fini) = query(fhir->store, &COVERAGE_THERE);
  query_bind_uuid(&q, ":id", id);
  *out = query_next(&q) && (!query_is_null(&q, "confirmed_at") || !str_eq_c(query_str(&q, "status"), "active"));
  return query_end(&q);
}

static void put_insurance(Fhir *fhir, Uuid id, const Insurance *in)
{
  bool settled;
  FHIR_TRY(fhir, settled_here(fhir, id, &settled));
  if (settled) {
    fhir->report->unchanged++;
    return;
  }
  Str status = str_eq_c(in->status, "active") || str_empty(in->status) ? STR("active") : STR("cancelled");
  FHIR_TRY(fhir,
           import_put(fhir->tx, fhir->report, "coverage", id,
                      COLS(col_uuid("client", &in->client), col_text("payer", in->payer), col_text("plan", in->plan),
                           col_text("member_id", in->member_id), col_text("group_number", in->group_number),
                           col_text("relationship", in->relationship), col_text("start_date", in->start_date),
                           col_text("end_date", in->end_date), col_int("rank", in->rank), col_text("status", status)),
                      &fhir->report->coverages));
}

static const char *why_not(const Insurance *insurance)
{
  if (uuid_is_nil(insurance->client)) return "its client is not here";
  if (str_eq_c(insurance->status, "entered-in-error")) return "it was entered in error";
  return str_empty(insurance->payer) ? "it names no insurer" : NULL;
}

void fhir_coverage(Fhir *fhir, FhirEntry *entry)
{
  Insurance insurance = read_insurance(fhir, entry->resource, entry->resource);
  Str system, value;
  if (!fhir_source(fhir, entry, &system, &value)) fhir_fail(fhir, "id", "is missing, and there is no fullUrl");
  if (fhir->err != ERR_OK) return;
  const char *why = why_not(&insurance);
  if (why) {
    fhir_skip(fhir, entry, why);
    return;
  }
  fhir_claim(fhir, entry, "coverage", import_id("coverage", system, value));
  if (fhir->err == ERR_OK) put_insurance(fhir, entry->row, &insurance);
}

/* One that has no identity of its own is what it says. */
static Uuid id_by_content(Fhir *fhir, const Insurance *in)
{
  const char *words = arena_printf(fhir->arena, STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT, STR_ARG(in->payer),
                                   STR_ARG(in->plan), STR_ARG(in->member_id), STR_ARG(in->group_number));
  return import_id("coverage", (Str){(const char *)in->client.bytes, 16}, str_c(words));
}

typedef struct Within {
  Insurance insurance;
  Uuid id;
  Str created; /* of the claim; FHIR's dates sort as text */
  size_t index;
} Within;

/* By client; of one client the newest first. */
static int by_client(const void *a, const void *b)
{
  const Within *x = a, *y = b;
  int order = memcmp(x->insurance.client.bytes, y->insurance.client.bytes, 16);
  if (order != 0) return order;
  size_t len = x->created.len < y->created.len ? x->created.len : y->created.len;
  order = len ? memcmp(y->created.ptr, x->created.ptr, len) : 0;
  if (order != 0) return order;
  if (x->created.len != y->created.len) return x->created.len < y->created.len ? 1 : -1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static void collect(Fhir *fhir, const FhirEntry *entry, Within **list, size_t *count, size_t *capacity)
{
  fhir->entry = entry;
  json_t *contained = fhir_list(fhir, entry->resource, "contained");
  Str created = fhir_text(fhir, entry->resource, "created", 40);
  for (size_t i = 0; i < json_array_size(contained) && fhir->err == ERR_OK; i++) {
    json_t *resource = fhir_element(fhir, contained, i);
    if (!str_eq_c(json_str(resource, "resourceType"), "Coverage")) continue;
    Insurance insurance = read_insurance(fhir, entry->resource, resource);
    if (fhir->err != ERR_OK) return;
    const char *why = why_not(&insurance);
    if (why) {
      import_skip(fhir->report, "Coverage (contained)", why);
      continue;
    }
    *list = arena_grow_array(fhir->arena, *list, *count, capacity, sizeof **list);
    (*list)[*count] = (Within){insurance, id_by_content(fhir, &insurance), created, *count};
    (*count)++;
  }
}

void fhir_contained_coverages(Fhir *fhir)
{
  Within *list = NULL;
  size_t count = 0, capacity = 0;
  for (size_t i = 0; i < fhir->count && fhir->err == ERR_OK; i++) {
    const FhirEntry *entry = &fhir->entries[i];
    if (strcmp(entry->type, "ExplanationOfBenefit") == 0 || strcmp(entry->type, "Claim") == 0)
      collect(fhir, entry, &list, &count, &capacity);
  }
  if (count > 1) qsort(list, count, sizeof *list, by_client);
  const Within *newest = NULL;
  for (size_t i = 0; i < count && fhir->err == ERR_OK; i++) {
    const Within *w = &list[i];
    if (!newest || !uuid_eq(newest->insurance.client, w->insurance.client)) {
      newest = w;
      put_insurance(fhir, w->id, &w->insurance);
    } else if (!uuid_eq(newest->id, w->id)) {
      import_skip(fhir->report, "Coverage (contained)", "a newer claim of the client names another one");
    }
  }
}
