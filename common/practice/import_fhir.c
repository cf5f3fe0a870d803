/* import_fhir: a bundle as a whole. */
#include <stdlib.h>

#include "common/practice/form.h"
#include "common/practice/import_fhir_internal.h"
#include "common/store/query.h"

SQL_SCAN(QUESTIONNAIRE_COUNT, "SELECT count(*) AS n FROM questionnaire"); /* some dozens */

/* In this order: what others refer to comes first. */
static const struct Kind {
  const char *type;
  FhirHandler *take;
} KINDS[] = {
    {"Organization", fhir_organization}, {"Location", fhir_location},     {"Practitioner", fhir_practitioner},
    {"Patient", fhir_patient},           {"RelatedPerson", fhir_related}, {"Coverage", fhir_coverage},
    {"Appointment", fhir_appointment},   {"Encounter", fhir_encounter},   {"Questionnaire", fhir_questionnaire},
};

void fhir_skip(Fhir *fhir, const FhirEntry *entry, const char *why)
{
  import_skip(fhir->report, entry->type, why);
}

bool fhir_own(Fhir *fhir, const FhirEntry *entry, const char *key)
{
  if (fhir->err != ERR_OK) return false;
  json_t *owner = json_object_get(fhir->owners, key);
  if (!owner) {
    json_object_set_new(fhir->owners, key, json_integer(entry - fhir->entries));
    return true;
  }
  const FhirEntry *other = &fhir->entries[json_integer_value(owner)];
  if (other == entry) return true;
  fhir_fail(fhir, "identifier", arena_printf(fhir->arena, "is that of entry %zu too", other->number));
  return false;
}

void fhir_claim(Fhir *fhir, FhirEntry *entry, const char *table, Uuid row)
{
  char id[UUID_TEXT_LEN + 1];
  uuid_text(row, id);
  if (fhir_own(fhir, entry, arena_printf(fhir->arena, "%s:%s", table, id))) entry->row = row;
}

void fhir_questionnaire(Fhir *fhir, FhirEntry *entry)
{
  int64_t counts[2];
  Uuid id;
  for (int i = 0; i < 2; i++) {
    AUTO(Query, q, query_fini) = query(fhir->store, &QUESTIONNAIRE_COUNT);
    counts[i] = query_next(&q) ? query_int(&q, "n") : 0;
    FHIR_TRY(fhir, query_end(&q));
    if (i == 1) break;
    Err err = questionnaire_add(fhir->tx, entry->resource, &id);
    if (err == ERR_UNSUPPORTED) {
      fhir_skip(fhir, entry, "it has something that Foyer cannot show");
      return;
    }
    FHIR_TRY(fhir, err);
  }
  if (counts[1] > counts[0])
    fhir->report->questionnaires++;
  else
    fhir->report->unchanged++;
}

/* Names of types go into messages and reports: only what can be one. */
static bool is_type_name(Str text)
{
  if (str_empty(text) || text.len > 60) return false;
  for (size_t i = 0; i < text.len; i++) {
    bool letter = (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') || (text.ptr[i] >= 'a' && text.ptr[i] <= 'z');
    if (!letter) return false;
  }
  return true;
}

static void index_url(Fhir *fhir, size_t index, const char *url, bool only)
{
  if (json_object_get(fhir->by_url, url)) {
    if (only) fhir_fail(fhir, "fullUrl", "is that of another entry too");
    return;
  }
  json_object_set_new(fhir->by_url, url, json_integer((json_int_t)index));
}

/* read_entry: false when there is nothing in it to take. */
static bool read_entry(Fhir *fhir, json_t *element, size_t number, FhirEntry *out)
{
  *out = (FhirEntry){.number = number, .type = "unknown"};
  fhir->entry = out;
  json_t *resource = fhir_object(fhir, element, "resource");
  Str method = fhir_text(fhir, fhir_object(fhir, element, "request"), "method", 10);
  if (fhir->err != ERR_OK) return false;
  if (!resource) {
    if (str_empty(method) && !json_object_get(element, "response")) fhir_fail(fhir, "resource", "is missing");
    if (!str_empty(method)) import_skip(fhir->report, "entry", "it asks for something else than adding a resource");
    return false;
  }
  Str type = fhir_text(fhir, resource, "resourceType", 100);
  if (!is_type_name(type)) {
    fhir_fail(fhir, "resourceType", "is missing or is none");
    return false;
  }
  out->type = arena_cstr(fhir->arena, type);
  out->resource = resource;
  out->full_url = fhir_text(fhir, element, "fullUrl", 2000);
  if (!str_empty(method) && !str_eq_c(method, "POST") && !str_eq_c(method, "PUT")) {
    import_skip(fhir->report, out->type, "it is not to be added");
    return false;
  }
  json_t *modifiers = fhir_list(fhir, resource, "modifierExtension");
  if (json_array_size(modifiers) > 0) {
    fhir_skip(fhir, out, "an extension changes what it means");
    return false;
  }
  return true;
}

static void read_bundle(Fhir *fhir, json_t *bundle)
{
  Str type = fhir_text(fhir, bundle, "type", 40);
  if (str_eq_c(type, "history")) {
    fhir->err = err_because(ERR_UNSUPPORTED, "a Bundle of type history tells of versions, not of how things are");
    return;
  }
  json_t *list = fhir_list(fhir, bundle, "entry");
  size_t count = json_array_size(list);
  if (count > IMPORT_ENTRIES_MAX) {
    fhir->err = err_because(ERR_TOO_LARGE, "the bundle has %zu entries; %d is the most", count, IMPORT_ENTRIES_MAX);
    return;
  }
  fhir->entries = ARENA_ARRAY(fhir->arena, FhirEntry, count + 1);
  for (size_t i = 0; i < count && fhir->err == ERR_OK; i++) {
    FhirEntry *entry = &fhir->entries[fhir->count];
    if (!read_entry(fhir, fhir_element(fhir, list, i), i + 1, entry)) continue;
    Str id = fhir_text(fhir, entry->resource, "id", 64);
    if (!str_empty(entry->full_url)) index_url(fhir, fhir->count, arena_cstr(fhir->arena, entry->full_url), true);
    if (!str_empty(id))
      index_url(fhir, fhir->count, arena_printf(fhir->arena, "%s/" STR_FMT, entry->type, STR_ARG(id)), false);
    fhir->count++;
  }
  fhir->entry = NULL;
}

static void take_all(Fhir *fhir)
{
  for (size_t k = 0; k < COUNT_OF(KINDS); k++)
    for (size_t i = 0; i < fhir->count && fhir->err == ERR_OK; i++) {
      FhirEntry *entry = &fhir->entries[i];
      if (strcmp(entry->type, KINDS[k].type) != 0) continue;
      fhir->entry = entry;
      KINDS[k].take(fhir, entry);
    }
  fhir_contained_coverages(fhir);
}

static void report_others(Fhir *fhir)
{
  for (size_t i = 0; i < fhir->count; i++) {
    bool known = false;
    for (size_t k = 0; k < COUNT_OF(KINDS); k++) known |= strcmp(fhir->entries[i].type, KINDS[k].type) == 0;
    if (!known) fhir_skip(fhir, &fhir->entries[i], "Foyer has no place for it yet");
  }
}

static Err run(Fhir *fhir, Actor actor, json_t *resource)
{
  if (!json_is_object(resource)) return err_because(ERR_INVALID, "not a FHIR resource: not a JSON object");
  Str type = json_str(resource, "resourceType");
  if (!is_type_name(type)) return err_because(ERR_INVALID, "not a FHIR resource: resourceType is missing or is none");
  if (str_eq_c(type, "Bundle")) {
    read_bundle(fhir, resource);
  } else {
    fhir->entries = ARENA_NEW(fhir->arena, FhirEntry);
    fhir->entries[0] = (FhirEntry){.resource = resource, .type = arena_cstr(fhir->arena, type)};
    fhir->count = 1;
  }
  TRY(fhir->err);
  TRY(tx_begin(fhir->store, actor, "import.fhir", "", fhir->tx));
  take_all(fhir);
  TRY(fhir->err);
  report_others(fhir);
  return tx_commit(fhir->tx);
}

Err import_fhir(Store *store, Actor actor, json_t *resource, ImportReport *report)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping((size_t)1 << 30);
  AUTO(json_t *, by_url, json_release) = json_object();
  AUTO(json_t *, owners, json_release) = json_object();
  AUTO(Tx, tx, tx_fini) = {0};
  Fhir fhir = {.arena = &arena, .store = store, .tx = &tx, .report = report, .by_url = by_url, .owners = owners};
  err_clear();
  Err err = run(&fhir, actor, resource);
  if (err == ERR_TOO_LARGE && !*err_detail()) err = err_because(err, "it holds more than one transaction can take");
  if (err != ERR_OK) import_reset(report);
  return err;
}

Err import_fhir_file(Store *store, Actor actor, const char *path, ImportReport *report)
{
  AUTO(json_t *, resource, json_release) = NULL;
  TRY(json_read_file(path, IMPORT_FILE_MAX, &resource));
  return import_fhir(store, actor, resource, report);
}
