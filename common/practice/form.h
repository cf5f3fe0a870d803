/* Forms: FHIR R4 Questionnaire (https://hl7.org/fhir/R4/questionnaire.html) as something to ask a person, one question at a time.
 *
 * A Form is the parsed, immutable questionnaire; Answers is what a person has answered so far. The same code serves the kiosk, the pages and the
 * server, so what is required is enforced the same everywhere.
 */
#pragma once

#include "common/base/date.h"
#include "common/base/fault.h"
#include "common/base/json.h"
#include "common/store/tx.h"

typedef enum FormType {
  FORM_GROUP,
  FORM_DISPLAY,
  FORM_BOOLEAN,
  FORM_DECIMAL,
  FORM_INTEGER,
  FORM_DATE,
  FORM_DATETIME,
  FORM_TIME,
  FORM_STRING,
  FORM_TEXT,
  FORM_URL,
  FORM_CHOICE,
  FORM_OPEN_CHOICE,
  FORM_ATTACHMENT,
  FORM_REFERENCE,
  FORM_QUANTITY
} FormType;

typedef struct FormOption {
  const char *system, *code; /* "" when the option is plain text, a number or a date */
  const char *text;          /* what to show */
  json_t *value;             /* the FHIR value: {"valueCoding": {...}} */
  bool exclusive;            /* questionnaire-optionExclusive */
} FormOption;

typedef struct FormItem FormItem;
struct FormItem {
  const char *link_id, *text, *prefix, *help;
  FormType type;
  bool required, repeats, read_only, hidden;
  int max_length;                  /* characters; 0: none given */
  double min_value, max_value;     /* minValue/maxValue extensions for numbers; NAN: none */
  const char *min_date, *max_date; /* "" none */
  const char *regex;               /* "" none */
  const char *unit;                /* "" none */
  FormOption *options;
  size_t option_count;
  const char *option_source; /* answerValueSet URL that is not contained: cannot be listed ("" when there is none) */
  FormItem *parent, *items;
  size_t item_count;
  size_t index;            /* of all items, in document order */
  const char *unsupported; /* NULL; else why this item cannot be asked: shown to staff and by form_report */
};

typedef struct Form Form;
/* form_open: from a Questionnaire's JSON. ERR_INVALID says where. Items that cannot be shown are kept with `unsupported` set. */
MUST_CHECK Err form_open(json_t *questionnaire, Form **out);
void form_close(Form *form);
void form_closep(Form **form);
const char *form_title(const Form *form);
const FormItem *form_items(const Form *form, size_t *count); /* top level */
const FormItem *form_item(const Form *form, size_t index);   /* all, document order */
size_t form_item_total(const Form *form);
const FormItem *form_find(const Form *form, const char *link_id);

/* Answers: values by item. An answer is a FHIR value object: {"valueString": "..."} with one key, or {"valueCoding": {...}}. */
typedef struct Answers Answers;
Answers *answers_new(const Form *form);
void answers_free(Answers *answers); /* wipes */
void answers_freep(Answers **answers);
/* answers_set: replaces item's answers; takes a JSON array of value objects (borrowed), [] clears. A person's mistakes become faults (field = linkId)
 * and nothing changes: wrong type, too long, outside min/max, not of the pattern, not one of the options, too many. */
MUST_CHECK Err answers_set(Answers *answers, const FormItem *item, json_t *values, Faults *faults);
json_t *answers_get(const Answers *answers, const FormItem *item); /* array; borrowed; never NULL */
/* answers_enabled: enableWhen with enableBehavior, and that of its ancestors; hidden ones are never asked. */
bool answers_enabled(const Answers *answers, const FormItem *item);
/* answers_next: the next item to ask after `after` (NULL: the first): enabled, not hidden, not read-only, askable, not a group;
 * displays included. NULL at the end. answers_previous likewise. */
const FormItem *answers_next(const Answers *answers, const FormItem *after);
const FormItem *answers_previous(const Answers *answers, const FormItem *before);
void answers_progress(const Answers *answers, const FormItem *at, int *step, int *steps);
/* answers_check: what is missing before it may be completed (required and enabled). */
void answers_check(const Answers *answers, Faults *faults);
/* answers_initial: set initial values and what is known of the client by launch context (name, birth date, gender, phone, email where an item's code
 * or definition says so). */
struct Client;
/* answers_json, answers_load: for drafts. New reference. */
json_t *answers_json(const Answers *answers);
MUST_CHECK Err answers_load(Answers *answers, json_t *saved);
/* answers_response: a QuestionnaireResponse (status completed), only enabled items. New reference. */
json_t *answers_response(const Answers *answers, const char *questionnaire_url, Uuid client, Instant at);

typedef struct FormSeen { /* one line of a response shown to people */
  int depth;
  const char *link_id, *question, *answer; /* answer "" for groups */
} FormSeen;
/* form_show_response: a response against the version it was given to. */
MUST_CHECK Err form_show_response(const Form *form, json_t *response, Arena *arena, FormSeen **lines, size_t *count);
/* form_report: what cannot be asked and why, a line each; empty when everything can. */
Str form_report(const Form *form, Arena *arena);

/* questionnaire_add: store a version (same hash: the same row). questionnaire_open: the version in use of a url, or a given version by id. */
MUST_CHECK Err questionnaire_add(Tx *tx, json_t *questionnaire, Uuid *out);
MUST_CHECK Err questionnaire_open(Store *store, Uuid id, Form **out);
MUST_CHECK Err questionnaire_latest(Store *store, Str url, Uuid *id);
