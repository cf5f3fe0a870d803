/* What the checkin_*.c files share. Included by them alone. */
#pragma once

#include "common/practice/checkin.h"

enum {
  CHECKIN_COVERAGES_MAX = 16,
  CHECKIN_TYPED_MAX_BYTES = 16 << 10,
  CHECKIN_TYPED_FIELDS_MAX = 64,
  CHECKIN_FIELD_MAX = 128,
  CHECKIN_DRAFT_MS = 24 * 3600 * 1000, /* older drafts are never taken up */
  CHECKIN_CURRENT_DAYS = 90            /* contact details confirmed since then are current */
};
#define CHECKIN_DRAFT "checkin"

typedef struct Step {
  CheckinStep kind;
  bool done;
  Uuid questionnaire; /* CHECKIN_FORM */
  Form *form;
  Answers *answers;
  const char *code; /* CHECKIN_CONSENT */
  ConsentDocument document;
  ConsentDecision decision; /* once done */
} Step;

struct Checkin {
  Store *store;
  Arena arena; /* wiping: everything of the person */
  Site site;
  Client client;           /* id is there for new ones too, before they are written */
  bool is_new;             /* not in the store yet */
  bool is_similar;         /* a record of the same name and birth date is there, and may be the same person */
  Appointment appointment; /* id nil: a walk-in before finish */
  bool here_already, resumed, finished;
  bool asks_coverage; /* Practice.asks_coverage */
  const char *language;
  Step *steps;
  size_t step_count, at;
  const FormItem *item; /* the question now, in CHECKIN_FORM */
  const char *reason;   /* of a walk-in */
  Uuid provider;
  Provider *providers;
  size_t provider_count;
  bool contact_changed;
  Coverage *coverages; /* CHECKIN_COVERAGES_MAX */
  bool *coverage_edited;
  size_t coverage_count, coverage_known; /* the first ones are in the store */
  bool coverage_declined;
  json_t *typed; /* object: field -> text */
};

/* checkin.c */
/* checkin_begin: an empty one for a client and, unless nil, a visit; reads coverage and what is due, and takes up the draft. Takes `client` and
 * `appointment` (may be NULL) apart: copies are made. */
MUST_CHECK Err checkin_begin(Store *store, const Site *site, const Client *client, bool is_new, Uuid appointment,
                             Checkin **out);
Client checkin_copy_client(Arena *arena, const Client *client);
Contact checkin_copy_contact(Arena *arena, const Contact *contact);
Coverage checkin_copy_coverage(Arena *arena, const Coverage *coverage);
const char *checkin_copy_text(Arena *arena, const char *text); /* NULL is "" */
Step *checkin_now(const Checkin *checkin);                     /* the present step, NULL when done */

/* checkin_steps.c: everything that is due for this person and visit, into checkin->steps. */
MUST_CHECK Err checkin_plan(Checkin *checkin);
/* checkin_pick_document: the document of a consent step in the person's language. */
MUST_CHECK Err checkin_pick_document(Checkin *checkin, Step *step);

/* checkin_flow.c */
void checkin_enter(Checkin *checkin, size_t at);
/* checkin_place: go to the first step that is not done. */
void checkin_place(Checkin *checkin);

/* checkin_draft.c */
MUST_CHECK Err checkin_save_draft(Checkin *checkin);
/* checkin_load_draft: what cannot be taken up is dropped, without a word: another person's, too old, of other forms. */
MUST_CHECK Err checkin_load_draft(Checkin *checkin);
Uuid checkin_draft_owner(const Checkin *checkin);
/* checkin_expire_drafts: those that nobody may take up any more. */
MUST_CHECK Err checkin_expire_drafts(Store *store);

/* checkin_throttle.c: failures of this node, kept in its own settings. `tag` is who was asked for, as a keyed hash. */
typedef struct ThrottleTag {
  char hex[9];
} ThrottleTag;
ThrottleTag throttle_tag(const Store *store, Str who);
/* throttle_try: count a try. ERR_THROTTLED while closed. */
MUST_CHECK Err throttle_try(Store *store, ThrottleTag tag);
/* throttle_failed: the counted try was in vain; closes, and asks the desk, when it was one too many. */
MUST_CHECK Err throttle_failed(Store *store, const Site *site);
/* throttle_forgive: it was the person after all: what they mistyped no longer counts. */
MUST_CHECK Err throttle_forgive(Store *store, ThrottleTag tag);

/* checkin_match.c */
typedef struct Visit { /* one of the day that fits */
  Uuid id, client;
  AppointmentStatus status;
  WallTime start;
} Visit;
/* visit_choose: which of one person's visits, by start, this is about; NULL when none. One that is not booked any more means: here already. */
const Visit *visit_choose(const Visit visits[], size_t count, WallTime now);
/* visits_of_client: today's at the site that are not over, of any record of this person. */
MUST_CHECK Err visits_of_client(Store *store, Arena *arena, const Site *site, Date today, Uuid client, Visit **list,
                                size_t *count);
/* name_fits_whole: given and family name are the same, as people compare them. */
bool name_fits_whole(Str given, Str family, Str record_given, Str record_family);

/* checkin_code.c: the visit that a QR code names; false when the code is not ours. */
MUST_CHECK Err checkin_read_code(Store *store, Str code, bool *good, Uuid *appointment);

/* checkin_walk_in.c: is a record of the same name and birth date, and of the same phone or email, there? *found nil: no. *similar: one with the
 * name and date alone. */
MUST_CHECK Err checkin_find_known(Store *store, const Client *typed, Uuid *found, bool *similar);
