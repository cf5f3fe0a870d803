/* Repair: what two nodes that did not see one another may both do, and a merge cannot prevent: take one number, or one name to sign in
 * with. Both are kept; the row of the lower id (made first) has it, on every node; staff
 * get a task about the other. */
#pragma once

#include "common/store/tx.h"

/* repair_sweep: tasks for what was taken twice: user names of staff, prefixes of sites, numbers of clients. Once for each. For the
 * root's daemon: it sees what the sites cannot, and is one. *found (may be NULL) counts new tasks. In a transaction of its own. */
MUST_CHECK Err repair_sweep(Store *store, size_t *found);
