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
 * An open help task of the same node is not doubled within a minute. */
MUST_CHECK Err task_add(Tx *tx, const Task *task, Uuid *out);
MUST_CHECK Err task_close(Tx *tx, Uuid task, Uuid staff,
                          const char *status); /* done, cancelled; ERR_CONFLICT if closed already */
MUST_CHECK Err task_take(Tx *tx, Uuid task, Uuid staff);
MUST_CHECK Err task_open_list(Store *store, Arena *arena, Uuid site, Task **list, size_t *count); /* oldest first */
