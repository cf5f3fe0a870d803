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
  const char *text;          /* what to show, in the form's language */
  const char *prefix;        /* "a)"; "" none */
  json_t *value;             /* the FHIR value: {"valueCoding": {...}}: what to hand to answers_set */
  bool exclusive;            /* questionnaire-optionExclusive: goes with no other */
  bool selected;             /* initialSelected */
} FormOption;

typedef struct FormItem FormItem;
struct FormItem {
  const char *link_id, *text, *prefix, *help;
  FormType type;
  bool required, repeats, read_only, hidden;
  bool again;   /* a yes/no question that the form adds at the end of a group that repeats: "once more?" (below) */
  int instance; /* of the nearest repeating group around it, counted from 0 */
  int min_answers, max_answers;    /* minOccurs/maxOccurs; max is 1 for what does not repeat */
  int min_length, max_length;      /* characters; 0: none given */
  int max_decimals;                /* -1: none given */
  double min_value, max_value;     /* minValue/maxValue extensions for numbers; NAN: none */
  const char *min_date, *max_date; /* for date, dateTime and time; "" none */
  const char *regex;               /* the whole answer must match (form_pattern.h); "" none */
  const char *entry_format;        /* how to write it, for people: "DD/MM/YYYY"; "" none */
  const char *control;             /* questionnaire-itemControl: "check-box", "drop-down", "slider"; a hint; "" none */
  const char *open_label;          /* open-choice: what to call the answer in own words; "" none */
  const char *unit;                /* of a quantity (or a number): the only or first one, as shown; "" none */
  FormOption *options;             /* choices; for a quantity with several units, the units (values are valueCoding) */
  size_t option_count;
  const char *option_source; /* answerValueSet URL that is not contained: cannot be listed ("" when there is none) */
  FormItem *parent, *items;
  size_t item_count;
  size_t index;            /* of all items, in document order */
  const char *unsupported; /* NULL; else why this item cannot be asked: shown to staff and by form_report */
};

typedef struct Form Form;
/* form_open: from a Questionnaire's JSON (borrowed; a copy is kept). Items that cannot be asked are kept with `unsupported` set.
 *
 * A group that repeats is laid out several times, up to its maxOccurs or a limit of ours (8, and fewer inside one another); at the end of
 * each but the last comes an item `again` with the group's text, and the next one is enabled once that is answered with true.
 * Items nested under a question are enabled while it has an answer, and belong to its first answer; displays among them always.
 * Display items that are only a question's help or unit become its `help` and `unit`.
 *
 * errors  ERR_INVALID with the linkId: no linkId, or one twice; no or unknown type; nested deeper than 24; over 4096 items; enableWhen that
 *         names no item, has no such operator or value, or goes round in a circle. ERR_UNSUPPORTED: a modifierExtension on the whole. */
MUST_CHECK Err form_open(json_t *questionnaire, Form **out);
/* form_set_language: texts by their translation extensions: that language, else its first part ("es" of "es-MX"), else as written.
 * Pointers to texts from before stay valid until form_close. */
void form_set_language(Form *form, const char *language);
const char *form_language(const Form *form); /* as set; else the questionnaire's own; "" unknown */
const char *form_url(const Form *form);      /* its url; "Questionnaire/<id>" for one without */
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
/* answers_zone: where the person is: times of day in dateTime answers may come without an offset then ("2026-03-01T09:30") and are kept with it. */
void answers_zone(Answers *answers, const char *zone);
/* form_value: a value object from what was typed, for types that are typed ("72,5" for a decimal or quantity; ISO dates; text). What is not a number
 * becomes text, which answers_set refuses with the right fault. NULL for white space alone. New reference. */
json_t *form_value(const FormItem *item, Str typed);
void answers_free(Answers *answers); /* wipes */
void answers_freep(Answers **answers);
/* answers_set: replaces item's answers; takes a JSON array of value objects (borrowed), [] clears. What is kept is tidied: text without white space
 * around it, empty text is no answer, "9:30" becomes "09:30:00", codings and units as the form has them.
 * errors  ERR_INVALID with faults (field = linkId), nothing changed: wrong type, too long, outside min/max, not of the pattern, not one of the
 *         options, too many. ERR_INVALID without faults: not an array, or an item that is never asked (group, display, read-only, hidden,
 *         unsupported). That a required one is missing is answers_check's business. */
MUST_CHECK Err answers_set(Answers *answers, const FormItem *item, json_t *values, Faults *faults);
json_t *answers_get(const Answers *answers, const FormItem *item); /* array; borrowed; never NULL */
/* answers_enabled: enableWhen with enableBehavior ("any" when not said), and that of its ancestors. Answers of an item that is not enabled count as
 * absent, and are kept in case it is enabled again. */
bool answers_enabled(const Answers *answers, const FormItem *item);
/* answers_next: the next item to ask after `after` (NULL: the first): enabled, not hidden, not read-only, askable, not a group;
 * displays included. NULL at the end. answers_previous likewise. */
const FormItem *answers_next(const Answers *answers, const FormItem *after);
const FormItem *answers_previous(const Answers *answers, const FormItem *before);
void answers_progress(const Answers *answers, const FormItem *at, int *step, int *steps);
/* answers_check: what is missing before it may be completed: items that are required, enabled and can be asked (fault.required), and those with
 * fewer answers than min_answers. */
void answers_check(const Answers *answers, Faults *faults);
/* answers_initial: for items without an answer: `initial`, options initially selected, and what is known of the client (may be NULL) where an item's
 * definition ("...#Patient.birthDate") or SDC initialExpression ("%patient.birthDate" and its usual variants) asks for it: names, birth date, gender,
 * phone, email, address, language. Values that would be faults are left out. */
struct Client;
void answers_initial(Answers *answers, const struct Client *client);
/* answers_json, answers_load: for drafts. New reference. answers_load takes the place of all answers; ERR_INVALID, nothing changed, when it was saved
 * from another form or a value breaks a rule. */
json_t *answers_json(const Answers *answers);
MUST_CHECK Err answers_load(Answers *answers, json_t *saved);
/* answers_response: a QuestionnaireResponse (status completed), only enabled items. New reference. */
json_t *answers_response(const Answers *answers, const char *questionnaire_url, Uuid client, Instant at);

typedef struct FormSeen { /* one line of a response shown to people */
  int depth;
  FormType type;
  const char *link_id, *question,
      *answer; /* answer "" for groups; "true" and "false" for the reader's language to say; dates are ISO */
} FormSeen;
/* form_show_response: a response against the version it was given to, a line for each answer. Items that the form lacks are shown with the response's
 * own text. ERR_INVALID: not a QuestionnaireResponse. */
MUST_CHECK Err form_show_response(const Form *form, json_t *response, Arena *arena, FormSeen **lines, size_t *count);
/* form_report: what cannot be asked or checked and why, a line "linkId: reason" each; empty when everything can. */
Str form_report(const Form *form, Arena *arena);

/* questionnaire_add: store a version (same hash: the same row; the newest added of a url is the one in use). ERR_INVALID, ERR_UNSUPPORTED as
 * form_open. questionnaire_latest: the version in use of a url. questionnaire_open: a given version. ERR_NOT_FOUND. */
MUST_CHECK Err questionnaire_add(Tx *tx, json_t *questionnaire, Uuid *out);
MUST_CHECK Err questionnaire_open(Store *store, Uuid id, Form **out);
MUST_CHECK Err questionnaire_latest(Store *store, Str url, Uuid *id);
