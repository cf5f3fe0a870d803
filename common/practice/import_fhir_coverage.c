/* Coverage: by itself, and within claims. */
#include <stdlib.h>

#include "common/practice/import_fhir_internal.h"

enum { CONTAINED_MOST = 1000 };

static const char *const PATIENT[] = {"Patient", NULL};
static const char *const PAYORS[] = {"Organization", "Patient", "RelatedPerson", NULL};

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

static void read_classes(Fhir *fhir, json_t *coverage, ImportInsurance *out)
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

static ImportInsurance read_insurance(Fhir *fhir, json_t *container, json_t *coverage)
{
  ImportInsurance out = {0};
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

static const char *why_not(const ImportInsurance *insurance)
{
  if (uuid_is_nil(insurance->client)) return "its client is not here";
  if (str_eq_c(insurance->status, "entered-in-error")) return "it was entered in error";
  return str_empty(insurance->payer) ? "it names no insurer" : NULL;
}

void fhir_coverage(Fhir *fhir, FhirEntry *entry)
{
  ImportInsurance insurance = read_insurance(fhir, entry->resource, entry->resource);
  Str system, value;
  if (!fhir_source(fhir, entry, &system, &value)) fhir_fail(fhir, "id", "is missing, and there is no fullUrl");
  if (fhir->err != ERR_OK) return;
  const char *why = why_not(&insurance);
  if (why) {
    fhir_skip(fhir, entry, why);
    return;
  }
  fhir_claim(fhir, entry, "coverage", import_id("coverage", system, value));
  FHIR_TRY(fhir, import_insurance(fhir->tx, fhir->report, entry->row, &insurance));
}

typedef struct Within {
  ImportInsurance insurance;
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
  if (json_array_size(contained) > CONTAINED_MOST) fhir_fail(fhir, "contained", "holds too many resources");
  for (size_t i = 0; i < json_array_size(contained) && fhir->err == ERR_OK; i++) {
    json_t *resource = fhir_element(fhir, contained, i);
    if (!str_eq_c(json_str(resource, "resourceType"), "Coverage")) continue;
    ImportInsurance insurance = read_insurance(fhir, entry->resource, resource);
    if (fhir->err != ERR_OK) return;
    const char *why = why_not(&insurance);
    if (why) {
      import_skip(fhir->report, "Coverage (contained)", why);
      continue;
    }
    *list = arena_grow_array(fhir->arena, *list, *count, capacity, sizeof **list);
    (*list)[*count] = (Within){insurance, import_insurance_id(&insurance), created, *count};
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
      FHIR_TRY(fhir, import_insurance(fhir->tx, fhir->report, w->id, &w->insurance));
    } else if (!uuid_eq(newest->id, w->id)) {
      import_skip(fhir->report, "Coverage (contained)", "a newer claim of the client names another one");
    }
  }
}
