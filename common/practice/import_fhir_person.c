/* Patient, RelatedPerson, Practitioner. */
#include "common/practice/calendar.h"
#include "common/practice/client.h"
#include "common/practice/import_fhir_internal.h"
#include "common/practice/tidy.h"

static const char *const PATIENT[] = {"Patient", NULL};

typedef struct Number {
  Str system, value, type;
} Number;

/* The identifiers of a resource that have a system: without one, nobody can tell whose number it is. */
static size_t read_numbers(Fhir *fhir, json_t *resource, Number **out)
{
  json_t *list = fhir_list(fhir, resource, "identifier");
  size_t count = json_array_size(list), n = 0;
  Number *numbers = ARENA_ARRAY(fhir->arena, Number, count + 1);
  for (size_t i = 0; i < count && fhir->err == ERR_OK; i++) {
    json_t *identifier = fhir_element(fhir, list, i);
    Number number = {.system = fhir_text(fhir, identifier, "system", 400),
                     .value = fhir_text(fhir, identifier, "value", 400),
                     .type = fhir_code(fhir, fhir_object(fhir, identifier, "type"))};
    if (str_eq_c(fhir_text(fhir, identifier, "use", 20), "old") || str_empty(number.value)) continue;
    if (str_empty(number.system))
      import_skip(fhir->report, "identifier", "it has no system");
    else
      numbers[n++] = number;
  }
  *out = numbers;
  return n;
}

/* The number that says who someone is at the source: the medical record number, else the first that is not of a kind that is
 * typed by hand elsewhere (social security, licence, passport), else the first. NULL when there is none. */
static const Number *best_number(const Number *numbers, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq_c(numbers[i].type, "MR")) return &numbers[i];
  for (size_t i = 0; i < count; i++)
    if (str_empty(numbers[i].type)) return &numbers[i];
  return count ? &numbers[0] : NULL;
}

/* identity: the number, or what stands for one. False, and the import fails, when there is none at all. */
static bool identity(Fhir *fhir, const FhirEntry *entry, const Number *numbers, size_t count, Number *out)
{
  const Number *best = best_number(numbers, count);
  *out = best ? *best : (Number){0};
  if (best || fhir_source(fhir, entry, &out->system, &out->value)) return fhir->err == ERR_OK;
  fhir_fail(fhir, "identifier", "is missing, and there is neither id nor fullUrl");
  return false;
}

static Str one_of(Str text, const char *const words[])
{
  for (; *words; words++)
    if (str_eq_c(text, *words)) return text;
  return STR("");
}

static Str language_of(Fhir *fhir, json_t *patient)
{
  json_t *list = fhir_list(fhir, patient, "communication");
  Str found = STR("");
  for (size_t i = 0; i < json_array_size(list) && fhir->err == ERR_OK; i++) {
    json_t *communication = fhir_element(fhir, list, i);
    Str code = fhir_code(fhir, fhir_object(fhir, communication, "language"));
    if (code.len > 35) continue;
    bool preferred = fhir_flag(fhir, communication, "preferred", false);
    if (str_empty(found) || preferred) found = code;
    if (preferred) break;
  }
  return found;
}

static Str status_of(Fhir *fhir, json_t *patient)
{
  bool deceased = fhir_flag(fhir, patient, "deceasedBoolean", false) ||
                  !str_empty(fhir_text(fhir, patient, "deceasedDateTime", 40));
  if (deceased) return STR("deceased");
  return fhir_flag(fhir, patient, "active", true) ? STR("active") : STR("inactive");
}

static void put_client(Fhir *fhir, json_t *patient, Uuid id, const ImportName *name)
{
  ImportPerson person = {.name = *name,
                         .contact = fhir_contact(fhir, patient),
                         .birth_date = fhir_date(fhir, patient, "birthDate", "Patient.birthDate"),
                         .gender = one_of(fhir_text(fhir, patient, "gender", 20),
                                          (const char *const[]){"male", "female", "other", "unknown", NULL}),
                         .language = language_of(fhir, patient),
                         .status = status_of(fhir, patient)};
  FHIR_TRY(fhir, import_person(fhir->tx, fhir->report, id, &person));
}

static void put_related(Fhir *fhir, Uuid id, Uuid client, const ImportName *name, const ImportContact *contact,
                        Str relationship, Str code)
{
  bool guardian = str_eq_c(code, "GUARD") || str_eq_ascii_nocase(relationship, STR("guardian"));
  bool emergency = str_eq_c(code, "C") || str_eq_c(code, "ECON");
  FHIR_TRY(fhir, import_put(fhir->tx, fhir->report, "related_person", id,
                            COLS(col_uuid("client", &client), col_text("given", name->given),
                                 col_text("family", name->family), col_text("relationship", relationship),
                                 col_text("phone", contact->phone), col_text("email", contact->email),
                                 col_bool("guardian", guardian), col_bool("emergency", emergency)),
                            &fhir->report->related));
}

/* relationship_of: a list of CodeableConcept: the first one's words and code. */
static Str relationship_of(Fhir *fhir, json_t *in, Str *code)
{
  json_t *concept = fhir_element(fhir, fhir_list(fhir, in, "relationship"), 0);
  *code = fhir_code(fhir, concept);
  return fhir_concept_text(fhir, concept, 100);
}

static void take_contacts(Fhir *fhir, json_t *patient, Uuid client)
{
  json_t *list = fhir_list(fhir, patient, "contact");
  for (size_t i = 0; i < json_array_size(list) && fhir->err == ERR_OK; i++) {
    json_t *person = fhir_element(fhir, list, i);
    ImportName name = fhir_human_name(fhir, fhir_object(fhir, person, "name"));
    if (str_empty(name.given) && str_empty(name.family)) {
      import_skip(fhir->report, "Patient.contact", "it has no name");
      continue;
    }
    ImportContact contact = fhir_contact(fhir, person);
    Str code, relationship = relationship_of(fhir, person, &code);
    Str who = str_c(arena_printf(fhir->arena, STR_FMT "/" STR_FMT, STR_ARG(relationship),
                                 STR_ARG(client_sort_name(fhir->arena, name.given, name.family))));
    put_related(fhir, import_id_of("related_person", client, who), client, &name, &contact, relationship, code);
  }
}

/* What a Patient has that Foyer keeps nowhere, so that nobody believes it was taken. */
static void report_members(Fhir *fhir, json_t *patient)
{
  static const char *const TAKEN[] = {
      "resourceType", "id",      "meta",          "implicitRules",   "language",         "text",
      "identifier",   "active",  "name",          "telecom",         "gender",           "birthDate",
      "address",      "contact", "communication", "deceasedBoolean", "deceasedDateTime", NULL};
  const char *key;
  json_t *value;
  json_object_foreach(patient, key, value)
  {
    bool harmless = json_is_false(value) || json_is_null(value) || key[0] == '_' || strlen(key) > 60;
    if (harmless || !str_empty(one_of(str_c(key), TAKEN))) continue;
    bool word = true;
    for (const char *c = key; *c; c++) word &= (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
    import_skip(fhir->report,
                word ? arena_printf(fhir->arena, "Patient.%s", key) : "Patient (a member of no known name)",
                "Foyer has no place for it yet");
  }
}

static void take_numbers(Fhir *fhir, const FhirEntry *entry, const Number *numbers, size_t count)
{
  for (size_t i = 0; i < count && fhir->err == ERR_OK; i++) {
    const Number *n = &numbers[i];
    const char *key =
        arena_printf(fhir->arena, "identifier:" STR_FMT "|" STR_FMT, STR_ARG(n->system), STR_ARG(n->value));
    if (!fhir_own(fhir, entry, key)) return;
    FHIR_TRY(fhir, import_identifier(fhir->tx, fhir->report, entry->row, n->system, n->value, n->type));
  }
}

void fhir_patient(Fhir *fhir, FhirEntry *entry)
{
  json_t *patient = entry->resource;
  Number *numbers, who;
  size_t count = read_numbers(fhir, patient, &numbers);
  if (!identity(fhir, entry, numbers, count, &who)) return;
  ImportName name = fhir_name(fhir, patient, "name");
  if (fhir->err != ERR_OK) return;
  if (str_empty(name.given) && str_empty(name.family)) {
    fhir_skip(fhir, entry, "it has no name");
    return;
  }
  Uuid id;
  FHIR_TRY(fhir, import_identified(fhir->store, who.system, who.value, &id));
  if (uuid_is_nil(id)) id = import_id("client", who.system, who.value);
  fhir_claim(fhir, entry, "client", id);
  if (fhir->err != ERR_OK) return;
  put_client(fhir, patient, id, &name);
  take_numbers(fhir, entry, numbers, count);
  Str system, value; /* the server's own name for the person, by which other files refer to it */
  if (str_starts(entry->full_url, STR("http")) && fhir_source(fhir, entry, &system, &value))
    take_numbers(fhir, entry, &(Number){system, value, STR("")}, 1);
  take_contacts(fhir, patient, id);
  report_members(fhir, patient);
}

void fhir_related(Fhir *fhir, FhirEntry *entry)
{
  json_t *person = entry->resource;
  FhirTarget client = fhir_resolve(fhir, person, person, "patient", PATIENT);
  ImportName name = fhir_name(fhir, person, "name");
  ImportContact contact = fhir_contact(fhir, person);
  Number *numbers, who;
  size_t count = read_numbers(fhir, person, &numbers);
  if (!identity(fhir, entry, numbers, count, &who)) return;
  Str code, relationship = relationship_of(fhir, person, &code);
  if (fhir->err != ERR_OK) return;
  if (uuid_is_nil(client.row) || (str_empty(name.given) && str_empty(name.family))) {
    fhir_skip(fhir, entry, uuid_is_nil(client.row) ? "its client is not here" : "it has no name");
    return;
  }
  fhir_claim(fhir, entry, "related_person", import_id("related_person", who.system, who.value));
  if (fhir->err == ERR_OK) put_related(fhir, entry->row, client.row, &name, &contact, relationship, code);
}

void fhir_practitioner(Fhir *fhir, FhirEntry *entry)
{
  json_t *person = entry->resource;
  Number *numbers, who;
  size_t count = read_numbers(fhir, person, &numbers);
  if (!identity(fhir, entry, numbers, count, &who)) return;
  ImportName name = fhir_name(fhir, person, "name");
  Str specialty = fhir_concept(fhir, fhir_element(fhir, fhir_list(fhir, person, "qualification"), 0), "code", 200);
  Uuid id;
  FHIR_TRY(fhir, fhir_find_provider(fhir, who.system, who.value, &id));
  if (str_empty(name.given) && str_empty(name.family)) {
    fhir_skip(fhir, entry, "it has no name");
    return;
  }
  Uuid own = import_id("provider", who.system, who.value);
  bool practices_own = !uuid_is_nil(id) && !uuid_eq(id, own);
  fhir_claim(fhir, entry, "provider", practices_own ? id : own);
  if (practices_own) fhir->report->unchanged++;
  if (practices_own || fhir->err != ERR_OK) return;
  Str number = count ? who.value : STR("");
  FHIR_TRY(fhir, import_put(fhir->tx, fhir->report, "provider", own,
                            COLS(col_text("given", name.given), col_text("family", name.family),
                                 col_text("prefix", name.prefix), col_text("identifier", number),
                                 col_text("specialty", specialty),
                                 col_bool("active", fhir_flag(fhir, person, "active", true))),
                            &fhir->report->providers));
  FHIR_TRY(fhir, calendar_add(fhir->tx, own, (Uuid){{0}}));
}
