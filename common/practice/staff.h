/* Staff: who works here and signs in. */
#pragma once

#include "common/base/fault.h"
#include "common/store/tx.h"

typedef struct Staff {
  Uuid id;
  const char *username, *given, *family, *language;
  bool active;
} Staff;

typedef struct StaffNew {
  const char *username; /* 2..64 of a-z 0-9 . - _ ; made lower case */
  const char *given, *family;
  const char *password; /* 10 or more characters; NULL: none yet */
  const char *pin;      /* 4..8 digits for the kiosk's staff board; NULL: none */
  const char *role;     /* "Front desk" ...: a role's name */
  Uuid site;            /* nil: every site */
} StaffNew;

/* staff_add: faults say what is wrong with the input (then ERR_INVALID and nothing changed). The username must be free. */
MUST_CHECK Err staff_add(Tx *tx, const StaffNew *input, Faults *faults, Uuid *out);
MUST_CHECK Err staff_set_password(Tx *tx, Uuid staff, const char *password, Faults *faults);
/* staff_sign_in: ERR_DENIED for an unknown name, a wrong password or inactive staff, in the same time for each.
 * ERR_THROTTLED after 5 failures for one name within 15 minutes (counted on this node; the wait doubles). */
MUST_CHECK Err staff_sign_in(Store *store, Arena *arena, Str username, Str password, Staff *out);
/* staff_pin: the same for the kiosk's staff board; the PIN alone says who it is. Throttled for the node. */
MUST_CHECK Err staff_pin(Store *store, Arena *arena, Str pin, Staff *out);
MUST_CHECK Err staff_get(Store *store, Arena *arena, Uuid id, Staff *out);
