/* Tasks: things for staff to do, with an owner and an end. */
#pragma once

#include "common/base/fault.h"
#include "common/store/tx.h"

typedef struct Task {
  Uuid id, site, client, appointment, owner, closed_by;
  const char *kind, *title, *status, *note;
  const char *client_name; /* joined; "" without one */
  Instant due_at, created_at, closed_at;
} Task;
/* task_add: kinds the program makes: help (someone asked at the kiosk), identity (could not be found), consent-refused, coverage-check.
 * An open help task of the same node for the same person is not doubled within a minute: *out is the one that is there. A note is at
 * most 1000 characters: ERR_TOO_LARGE. */
MUST_CHECK Err task_add(Tx *tx, const Task *task, Uuid *out);
MUST_CHECK Err task_close(Tx *tx, Uuid task, Uuid staff,
                          const char *status); /* done, cancelled; ERR_CONFLICT if closed already */
/* task_take: ERR_CONFLICT when it is closed or someone else has it. */
MUST_CHECK Err task_take(Tx *tx, Uuid task, Uuid staff);
/* task_site: where it is to be done; nil: anywhere. */
MUST_CHECK Err task_site(Store *store, Uuid task, Uuid *out);
MUST_CHECK Err task_open_list(Store *store, Arena *arena, Uuid site, Task **list,
                              size_t *count); /* of that site and of none; site nil: all; oldest first */
