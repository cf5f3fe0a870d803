/* Check-in: one person's way from "who are you" to "please take a seat", without any screen. The kiosk draws it, the portal and the desk will use the
 * same. It holds everything of the person in one wiping arena; checkin_forget leaves nothing.
 *
 * Typed answers are saved locally as a sealed draft at every step and keystroke pause; only checkin_finish writes practice data: one transaction with
 * contact, coverage, responses, consents, the arrival and its event.
 */
#pragma once

#include "common/practice/appointment.h"
#include "common/practice/client.h"
#include "common/practice/consent.h"
#include "common/practice/form.h"
#include "common/practice/practice.h"

typedef enum CheckinStep {
  CHECKIN_CONTACT,  /* confirm or correct contact details */
  CHECKIN_COVERAGE, /* where the practice asks for it (Practice.asks_coverage) */
  CHECKIN_REASON,   /* of a walk-in: why, and whom they would like to see; may be left out */
  CHECKIN_FORM,     /* a questionnaire that is due; checkin_form tells which */
  CHECKIN_CONSENT,
  CHECKIN_DONE
} CheckinStep;

typedef struct Checkin Checkin;

/* Who are you. Never a list; one answer for "no such person", "wrong date", "several" and "no visit today": ERR_NOT_FOUND. Counted: five
 * failures from one kiosk within 10 minutes give ERR_THROTTLED for 5 minutes and an identity task for the desk. The clock of the check does not depend
 * on why it failed. */
typedef struct CheckinIdentity {
  Date birth_date;
  Str given, family; /* compared by str_fold; initials suffice for given when family is whole */
  Str code;          /* QR code of the visit instead: "FOYER:" + base64url(appointment id ‖ 8 bytes of MAC) */
  WallTime visit;    /* time of the visit, when asked because it was not clear; year 0: not given */
} CheckinIdentity;
typedef enum CheckinFound {
  CHECKIN_FOUND,
  CHECKIN_ASK_TIME /* more than one person fits: ask for the time of the visit */
} CheckinFound;
MUST_CHECK Err checkin_identify(Store *store, const Site *site, const CheckinIdentity *identity, CheckinFound *found,
                                Checkin **out);
/* checkin_walk_in: someone without a visit today. client->id nil: as the person typed it; given, family and birth_date are needed, contact may come now or at
 * the contact step. A record of the same name and birth date is taken for the same person only if phone or email agree too; else a new one is
 * made, and an identity task asks the desk to look: what is on record is never shown or overwritten on the strength of a name. client->id given: the
 * desk or portal knows who it is, and only the id is read. Someone who has arrived already today: checkin_is_here_already.
 * errors  ERR_INVALID with faults; ERR_NOT_FOUND no such id */
MUST_CHECK Err checkin_walk_in(Store *store, const Site *site, const Client *client, Faults *faults, Checkin **out);
/* checkin_code: the QR code's text for a visit (in confirmations, on the desk's page). The MAC's key is a practice setting. */
MUST_CHECK Err checkin_code(Store *store, Arena *arena, Uuid appointment, Str *out);

void checkin_forget(Checkin *checkin); /* NULL is fine; saves nothing, wipes everything in memory; the draft stays */
void checkin_forgetp(Checkin **checkin);

const Client *checkin_client(const Checkin *checkin);
const Appointment *checkin_appointment(const Checkin *checkin); /* NULL for a walk-in before finish */
/* checkin_is_here_already: arrived before: the kiosk says so, with the waiting place, and asks nothing again. */
bool checkin_is_here_already(const Checkin *checkin);
/* checkin_resumed: a draft of this very person and visit was found and taken up. */
bool checkin_resumed(const Checkin *checkin);

/* The steps that are due for this visit, in order; what is current is skipped (contact confirmed within 90 days is shown with one tap to confirm, forms and
 * consents by form_rule). */
CheckinStep checkin_step(const Checkin *checkin);
void checkin_progress(const Checkin *checkin, int *step, int *steps);
bool checkin_back(Checkin *checkin); /* one question back; false at the first */

/* The calls below that take faults give ERR_INVALID when there are any, and stay where they are; an operating error (the draft could not be kept) stays
 * too, and the same call may be made again. They assert that theirs is the present step. */
MUST_CHECK Err checkin_contact(Checkin *checkin, const Contact *contact,
                               Faults *faults); /* NULL: confirmed as it is; goes on */
const Contact *checkin_contact_shown(const Checkin *checkin);
/* checkin_contact_is_current: confirmed within 90 days (or typed just now): one tap confirms; else ask to look closely. */
bool checkin_contact_is_current(const Checkin *checkin);
const Coverage *checkin_coverages(const Checkin *checkin, size_t *count);
MUST_CHECK Err checkin_coverage(Checkin *checkin, const Coverage *coverage,
                                Faults *faults); /* NULL: confirmed as it is; payer "" : none; goes on */

/* checkin_reason: `reason` at most 200 characters, "" for none; `provider` one of checkin_providers, nil for whoever is free. Goes on.
 * checkin_providers: of the site, and those of no site. checkin_reason_said, checkin_provider: as said before, when the step is gone back to. */
MUST_CHECK Err checkin_reason(Checkin *checkin, Str reason, Uuid provider, Faults *faults);
const Provider *checkin_providers(const Checkin *checkin, size_t *count);
const char *checkin_reason_said(const Checkin *checkin);
Uuid checkin_provider(const Checkin *checkin);

const Form *checkin_form(const Checkin *checkin);
Answers *checkin_answers(Checkin *checkin);
const FormItem *checkin_item(const Checkin *checkin); /* the question now; NULL outside CHECKIN_FORM */
/* checkin_answer: values as in answers_set, NULL for displays and for nothing; goes on to the next question or step when there are no faults (a required
 * one without an answer is one). */
MUST_CHECK Err checkin_answer(Checkin *checkin, json_t *values, Faults *faults);
/* checkin_typing: keep what is typed so far of the present question or field in the draft; forgotten when the step goes on. `field` is the caller's name
 * for it. ERR_TOO_LARGE: over 16 KiB, or over 64 fields. */
MUST_CHECK Err checkin_typing(Checkin *checkin, const char *field, Str text);
Str checkin_typed(const Checkin *checkin, const char *field); /* what a resumed draft had typed; "" if nothing */

const ConsentDocument *checkin_document(const Checkin *checkin);
/* checkin_consent: document, client, appointment and `shown` are filled in here. Goes on. */
MUST_CHECK Err checkin_consent(Checkin *checkin, ConsentDecision *decision, Faults *faults);
void checkin_language(Checkin *checkin, const char *language);

/* checkin_finish: one transaction. After ERR_NO_SPACE, ERR_BUSY or ERR_IO nothing has happened, the draft is kept, and it may be called again. A second finish of
 * the same visit (another kiosk was faster) gives ERR_CONFLICT and changes nothing. */
typedef struct CheckinDone {
  const char *ticket, *waiting_place;
  WaitEstimate wait;
  Uuid appointment;
} CheckinDone;
MUST_CHECK Err checkin_finish(Checkin *checkin, CheckinDone *out);
/* checkin_help: the person asked for the desk: a task; works before identification too (checkin NULL). */
MUST_CHECK Err checkin_help(Store *store, const Site *site, const Checkin *checkin);
