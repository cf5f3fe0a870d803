#include "common/practice/form_internal.h"

/* Small value sets that FHIR R4 defines itself (https://hl7.org/fhir/R4/terminologies-valuesets.html), so that questionnaires which only point at
 * them can be asked without a terminology server. The displays are R4's; the Spanish ones ours. */
typedef struct Concept {
  const char *code, *display, *spanish;
} Concept;

typedef struct KnownSet {
  const char *url, *system;
  Concept concepts[10];
} KnownSet;

#define VALUE_SET   "http://hl7.org/fhir/ValueSet/"
#define TERMINOLOGY "http://terminology.hl7.org/CodeSystem/"

static const KnownSet SETS[] = {
    {VALUE_SET "administrative-gender",
     "http://hl7.org/fhir/administrative-gender",
     {{"male", "Male", "Masculino"},
      {"female", "Female", "Femenino"},
      {"other", "Other", "Otro"},
      {"unknown", "Unknown", "Desconocido"}}},
    {VALUE_SET "name-use",
     "http://hl7.org/fhir/name-use",
     {{"usual", "Usual", "Habitual"},
      {"official", "Official", "Oficial"},
      {"temp", "Temp", "Temporal"},
      {"nickname", "Nickname", "Apodo"},
      {"anonymous", "Anonymous", "Anónimo"},
      {"old", "Old", "Anterior"},
      {"maiden", "Name changed for Marriage", "Cambiado por matrimonio"}}},
    {VALUE_SET "address-use",
     "http://hl7.org/fhir/address-use",
     {{"home", "Home", "Casa"},
      {"work", "Work", "Trabajo"},
      {"temp", "Temporary", "Temporal"},
      {"old", "Old / Incorrect", "Anterior o incorrecta"},
      {"billing", "Billing", "Facturación"}}},
    {VALUE_SET "allergyintolerance-clinical",
     TERMINOLOGY "allergyintolerance-clinical",
     {{"active", "Active", "Activa"}, {"inactive", "Inactive", "Inactiva"}, {"resolved", "Resolved", "Resuelta"}}},
    {VALUE_SET "allergyintolerance-verification",
     TERMINOLOGY "allergyintolerance-verification",
     {{"unconfirmed", "Unconfirmed", "Sin confirmar"},
      {"confirmed", "Confirmed", "Confirmada"},
      {"refuted", "Refuted", "Descartada"},
      {"entered-in-error", "Entered in Error", "Anotada por error"}}},
    {VALUE_SET "reaction-event-severity",
     "http://hl7.org/fhir/reaction-event-severity",
     {{"mild", "Mild", "Leve"}, {"moderate", "Moderate", "Moderada"}, {"severe", "Severe", "Grave"}}},
    {VALUE_SET "immunization-status",
     "http://hl7.org/fhir/event-status",
     {{"completed", "Completed", "Completa"},
      {"entered-in-error", "Entered in Error", "Anotada por error"},
      {"not-done", "Not Done", "No realizada"}}},
    {VALUE_SET "observation-status",
     "http://hl7.org/fhir/observation-status",
     {{"registered", "Registered", "Registrada"},
      {"preliminary", "Preliminary", "Preliminar"},
      {"final", "Final", "Final"},
      {"amended", "Amended", "Modificada"},
      {"corrected", "Corrected", "Corregida"},
      {"cancelled", "Cancelled", "Cancelada"},
      {"entered-in-error", "Entered in Error", "Anotada por error"},
      {"unknown", "Unknown", "Desconocida"}}},
    {VALUE_SET "observation-category",
     TERMINOLOGY "observation-category",
     {{"social-history", "Social History", "Antecedentes sociales"},
      {"vital-signs", "Vital Signs", "Signos vitales"},
      {"imaging", "Imaging", "Imágenes"},
      {"laboratory", "Laboratory", "Laboratorio"},
      {"procedure", "Procedure", "Procedimiento"},
      {"survey", "Survey", "Encuesta"},
      {"exam", "Exam", "Exploración"},
      {"therapy", "Therapy", "Terapia"},
      {"activity", "Activity", "Actividad"}}},
    {VALUE_SET "yesnodontknow",
     TERMINOLOGY "v2-0136",
     {{"Y", "Yes", "Sí"}, {"N", "No", "No"}, {"asked-unknown", "Don't know", "No lo sé"}}},
};

static json_t *concept_of(const KnownSet *set, const Concept *concept)
{
  /* yesnodontknow takes its third code from elsewhere */
  const char *system = strcmp(concept->code, "asked-unknown") == 0 ? TERMINOLOGY "data-absent-reason" : set->system;
  return json_pack("{ss ss ss s[{ss ss}]}", "system", system, "code", concept->code, "display", concept->display,
                   "designation", "language", "es", "value", concept->spanish);
}

json_t *form_known_value_set(const char *url)
{
  Str rest = str_c(url);
  Str canonical = str_cut(&rest, '|'); /* without a version */
  for (size_t i = 0; i < COUNT_OF(SETS); i++) {
    if (!str_eq_c(canonical, SETS[i].url)) continue;
    json_t *concepts = json_array();
    for (const Concept *concept = SETS[i].concepts; concept->code; concept ++)
      json_array_append_new(concepts, concept_of(&SETS[i], concept));
    return concepts;
  }
  return NULL;
}
