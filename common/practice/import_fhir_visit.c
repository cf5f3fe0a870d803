/* Appointment and Encounter: visits to the practice. */
#include "common/practice/import_fhir_internal.h"

static const char *const ACTORS[] = {"Patient", "Practitioner", "Location", NULL};
static const char *const PATIENT[] = {"Patient", NULL};
static const char *const PRACTITIONER[] = {"Practitioner", NULL};
static const char *const PLACES[] = {"Organization", "Location", NULL};

enum { MINUTES_MOST = 24 * 60, MINUTES_USUAL = 30 };

static const struct {
  const char *fhir, *ours; /* ours NULL: not a visit that was agreed on */
} STATUSES[] = {
    {"booked", "booked"}, {"arrived", "arrived"},     {"checked-in", "arrived"}, {"fulfilled", "done"},
    {"noshow", "noshow"}, {"cancelled", "cancelled"}, {"proposed", NULL},        {"pending", NULL},
    {"waitlist", NULL},   {"entered-in-error", NULL},
};

static bool status_of(Fhir *fhir, Str text, const char **ours)
{
  for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
    if (!str_eq_c(text, STATUSES[i].fhir)) continue;
    *ours = STATUSES[i].ours;
    return true;
  }
  fhir_fail(fhir, "status", "is none that FHIR R4 knows");
  return false;
}

/* place: a site of the practice, given, or the only one it has. */
static void place(Fhir *fhir, Uuid site, bool or_the_only, Site *out, bool *found)
{
  *found = false;
  Site *list;
  size_t count;
  FHIR_TRY(fhir, site_list(fhir->store, fhir->arena, &list, &count));
  for (size_t i = 0; i < count; i++) {
    if (!uuid_eq(list[i].id, site) && !(uuid_is_nil(site) && or_the_only && count == 1)) continue;
    *out = list[i];
    *found = true;
  }
}

static int minutes_between(Instant start, Instant end)
{
  int64_t minutes = (end - start + 59999) / 60000;
  return minutes < 1 ? 1 : minutes > MINUTES_MOST ? MINUTES_MOST : (int)minutes;
}

/* finish: what Appointment and Encounter have in common. */
static void finish(Fhir *fhir, FhirEntry *entry, ImportVisit *visit, const Site *site, Instant start, Str type_name,
                   bool active_type)
{
  Str system, value;
  if (!fhir_source(fhir, entry, &system, &value)) fhir_fail(fhir, "id", "is missing, and there is no fullUrl");
  if (fhir->err != ERR_OK) return;
  fhir_claim(fhir, entry, "appointment", import_id("appointment", system, value));
  visit->id = entry->row;
  visit->external_id = value;
  visit->site = site->id;
  FHIR_TRY(fhir, site_wall(site, start, &visit->start));
  FHIR_TRY(fhir, import_type(fhir->tx, str_empty(type_name) ? STR("Visit") : type_name, visit->minutes, active_type,
                             &visit->type));
  FHIR_TRY(fhir, import_visit(fhir->tx, fhir->report, visit));
}

void fhir_appointment(Fhir *fhir, FhirEntry *entry)
{
  json_t *in = entry->resource;
  ImportVisit visit = {0};
  Instant start = 0, end = 0;
  if (!status_of(fhir, fhir_text(fhir, in, "status", 40), &visit.status)) return;
  bool timed = fhir_instant(fhir, in, "start", &start);
  bool ended = fhir_instant(fhir, in, "end", &end);
  visit.minutes = ended ? minutes_between(start, end) : (int)fhir_number(fhir, in, "minutesDuration", MINUTES_USUAL);
  if (visit.minutes < 1 || visit.minutes > MINUTES_MOST) visit.minutes = MINUTES_USUAL;
  if (visit.status && strcmp(visit.status, "done") == 0) visit.ended_at = end;
  visit.note = fhir_text(fhir, in, "description", 1000);
  Str type = fhir_concept(fhir, in, "appointmentType", 200);
  if (str_empty(type)) type = fhir_first_concept(fhir, in, "serviceType", 200);
  Uuid location = {{0}};
  bool elsewhere = false;
  json_t *participants = fhir_list(fhir, in, "participant");
  for (size_t i = 0; i < json_array_size(participants) && fhir->err == ERR_OK; i++) {
    json_t *actor = fhir_object(fhir, fhir_element(fhir, participants, i), "actor");
    FhirTarget who = fhir_resolve_object(fhir, in, actor, "participant", ACTORS);
    if (str_eq_c(who.type, "Patient")) visit.client = who.row;
    if (str_eq_c(who.type, "Practitioner")) visit.provider = who.row;
    if (str_eq_c(who.type, "Location")) location = who.row, elsewhere |= uuid_is_nil(who.row);
  }
  if (fhir->err != ERR_OK) return;
  Site site;
  bool found;
  place(fhir, location, !elsewhere, &site, &found);
  const char *why = !visit.status               ? "it is not agreed on, or was entered in error"
                    : !timed                    ? "it has no time"
                    : uuid_is_nil(visit.client) ? "its client is not here"
                    : !found                    ? "it does not say at which site of the practice"
                                                : NULL;
  if (why && fhir->err == ERR_OK)
    fhir_skip(fhir, entry, why);
  else if (fhir->err == ERR_OK)
    finish(fhir, entry, &visit, &site, start, type, true);
}

void fhir_encounter(Fhir *fhir, FhirEntry *entry)
{
  json_t *in = entry->resource;
  ImportVisit visit = {.status = "done"};
  Instant start = 0;
  Str status = fhir_text(fhir, in, "status", 40);
  json_t *period = fhir_object(fhir, in, "period");
  bool timed = fhir_instant(fhir, period, "start", &start) && fhir_instant(fhir, period, "end", &visit.ended_at);
  visit.minutes = timed ? minutes_between(start, visit.ended_at) : MINUTES_USUAL;
  visit.client = fhir_resolve(fhir, in, in, "subject", PATIENT).row;
  visit.note = fhir_first_concept(fhir, in, "reasonCode", 1000);
  Str type = fhir_first_concept(fhir, in, "type", 200);
  json_t *participants = fhir_list(fhir, in, "participant");
  for (size_t i = 0; i < json_array_size(participants) && fhir->err == ERR_OK && uuid_is_nil(visit.provider); i++)
    visit.provider = fhir_resolve(fhir, in, fhir_element(fhir, participants, i), "individual", PRACTITIONER).row;
  Uuid where = fhir_resolve(fhir, in, in, "serviceProvider", PLACES).row;
  json_t *locations = fhir_list(fhir, in, "location");
  if (uuid_is_nil(where) && locations)
    where = fhir_resolve(fhir, in, fhir_element(fhir, locations, 0), "location", PLACES).row;
  if (fhir->err != ERR_OK) return;
  Site site;
  bool found;
  place(fhir, where, false, &site, &found);
  const char *why = !str_eq_c(status, "finished") ? "it is not finished"
                    : !found                      ? "it took place elsewhere than at a site of the practice"
                    : !timed                      ? "it has no time"
                    : uuid_is_nil(visit.client)   ? "its client is not here"
                                                  : NULL;
  if (why && fhir->err == ERR_OK)
    fhir_skip(fhir, entry, why);
  else if (fhir->err == ERR_OK)
    finish(fhir, entry, &visit, &site, start, type, false);
}
