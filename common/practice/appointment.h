/* Appointments: visits and what happens to them; the day's board; waiting. */
#pragma once

#include "common/base/date.h"
#include "common/base/fault.h"
#include "common/store/tx.h"

#define APPOINTMENT_STATUS_TABLE(X) \
  X(APPT_BOOKED, "booked")          \
  X(APPT_ARRIVED, "arrived")        \
  X(APPT_ROOMED, "roomed")          \
  X(APPT_DONE, "done")              \
  X(APPT_NOSHOW, "noshow")          \
  X(APPT_CANCELLED, "cancelled")
typedef enum AppointmentStatus {
#define APPT_NAME(constant, name) constant,
  APPOINTMENT_STATUS_TABLE(APPT_NAME)
#undef APPT_NAME
} AppointmentStatus;
const char *appointment_status_name(AppointmentStatus status);
bool appointment_status_parse(Str text, AppointmentStatus *out);

typedef struct Appointment {
  Uuid id, client, type, site, provider, resource;
  WallTime start;
  int minutes;
  const char *certainty; /* firm, provisional, displaced: derived (booking.h) */
  AppointmentStatus status;
  bool walk_in;
  const char *ticket, *note;
  Instant arrived_at, called_at; /* 0: not yet */
  /* joined for showing */
  const char *client_name, *provider_name, *type_name, *resource_name;
} Appointment;

typedef struct AppointmentNew {
  Uuid id;                                     /* nil: a new one */
  Uuid client, type, site, provider, resource; /* resource: the room that is kept for it */
  WallTime start;
  int minutes; /* 0: the type's */
  bool walk_in;
  const char *note, *external_id; /* may be NULL */
  const char *double_reason;      /* why it may stand beside another; NULL: it may not */
  Uuid double_by;                 /* staff who decided so */
  Uuid series;                    /* nil: it stands alone */
  bool queue;                     /* into the rebooking queue when the time is taken, rather than a fault */
} AppointmentNew;
/* appointment_add: asks the calendars of provider and room (booking.h): firm at once where this node rules on them, else provisional.
 * A time that is known to be taken is a fault of `start`. */
MUST_CHECK Err appointment_add(Tx *tx, const AppointmentNew *input, Faults *faults, Uuid *out);
MUST_CHECK Err appointment_get(Store *store, Arena *arena, Uuid id, Appointment *out);
/* appointment_day: a site's visits on a day by start, joined; cancelled ones too. One query: 500 visits in a few ms. */
MUST_CHECK Err appointment_day(Store *store, Arena *arena, Uuid site, Date day, Appointment **list, size_t *count);
/* appointment_of_client: those of a client (and of records linked to it) newest first. */
MUST_CHECK Err appointment_of_client(Store *store, Arena *arena, Uuid client, size_t max_count, Appointment **list,
                                     size_t *count);

/* appointment_move_to: change the status by the table of allowed transitions (booked→arrived|noshow|cancelled, arrived→roomed|done|booked (undo)|noshow,
 * roomed→done|arrived (undo), done→roomed (reopen), noshow→booked|arrived, cancelled→booked); writes an event; ERR_CONFLICT for another transition,
 * and when `expected` is not the present status (two people pressed at once; the second learns of it). On arrival gives a ticket. */
MUST_CHECK Err appointment_move_to(Tx *tx, Uuid appointment, AppointmentStatus expected, AppointmentStatus status,
                                   Uuid staff, const char *note);

typedef struct AppointmentMove {
  Uuid provider, resource; /* nil: none */
  WallTime start;
  int minutes;
  const char *double_reason; /* as above */
  Uuid double_by;
} AppointmentMove;
/* appointment_reschedule: ask for another time. The old one is held until the new one is firm; when it is refused, the visit stays
 * where it was, and staff get a task. ERR_CONFLICT when this node knows that the time is taken, or the visit is not `booked`. An
 * occurrence of a series moves alone. */
MUST_CHECK Err appointment_reschedule(Tx *tx, Uuid appointment, const AppointmentMove *move, Uuid staff,
                                      const char *note);
/* appointment_room: roomed in `resource`. appointment_call: called from the waiting area (event, called_at). */
MUST_CHECK Err appointment_room(Tx *tx, Uuid appointment, AppointmentStatus expected, Uuid resource, Uuid staff);
MUST_CHECK Err appointment_call(Tx *tx, Uuid appointment, Uuid staff);
/* appointment_walk_in: a visit now, of the walk-in type (or the only type), arrived at once, with a ticket. */
MUST_CHECK Err appointment_walk_in(Tx *tx, Uuid client, Uuid site, const char *reason, Uuid *out);

typedef struct WaitEstimate {
  int ahead;                       /* people who wait and are before this one */
  int minutes_least, minutes_most; /* honest range; -1, -1 when there is nothing to learn from */
} WaitEstimate;
/* appointment_wait: for one that has arrived; learnt from how long arrivals waited for that provider (else site) in the last 30 days. */
MUST_CHECK Err appointment_wait(Store *store, Uuid appointment, WaitEstimate *out);

typedef struct AppointmentType {
  Uuid id;
  const char *name;
  int minutes;
  bool walk_in;
} AppointmentType;
typedef struct Provider {
  Uuid id;
  const char *name; /* "Dr. Lee Wong" */
} Provider;
typedef struct Resource {
  Uuid id;
  const char *name, *kind;
} Resource;
MUST_CHECK Err appointment_type_list(Store *store, Arena *arena, AppointmentType **list, size_t *count);
MUST_CHECK Err provider_list(Store *store, Arena *arena, Uuid site, Provider **list, size_t *count);
MUST_CHECK Err resource_list(Store *store, Arena *arena, Uuid site, Resource **list, size_t *count);

/* Rows that set-up, import and the demo add; id nil: a new one. */
MUST_CHECK Err appointment_type_add(Tx *tx, const AppointmentType *type, Uuid *out);
typedef struct ProviderNew {
  Uuid id;
  const char *given, *family, *prefix, *identifier, *specialty;
  Uuid site; /* nil: none yet */
} ProviderNew;
MUST_CHECK Err provider_add(Tx *tx, const ProviderNew *input, Uuid *out);
/* provider_at: the provider works at this site (too). */
MUST_CHECK Err provider_at(Tx *tx, Uuid provider, Uuid site);
MUST_CHECK Err resource_add(Tx *tx, Uuid site, const char *name, const char *kind, Uuid *out);
