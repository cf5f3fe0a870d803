/* Calendars: who rules on the time of a provider, a room or a piece of equipment. A calendar is named by that row's id. It has one
 * home node, which holds the newest lease; whatever the home node rules is final until a lease of a higher number exists.
 * common/practice/BOOKINGS.md says why no interleaving breaks this. All of it inside a Tx, and nothing has happened on an error.
 */
#pragma once

#include "common/base/date.h"
#include "common/store/tx.h"

enum {
  LEASE_TERM = 1000000
}; /* a seizure goes up to the next multiple, above whatever its holder may have handed on unseen */

typedef struct Lease {
  Uuid id, calendar;
  int64_t number;       /* fencing number */
  int64_t first_ruling; /* rulings of lower leases from this number on are void */
  NodeId holder;
  Instant until_at; /* 0: open-ended */
} Lease;

/* calendar_lease: the newest one that is known here. ERR_NOT_FOUND when nobody rules on it yet. */
MUST_CHECK Err calendar_lease(Store *store, Uuid calendar, Lease *out);
/* calendar_is_here: does this node rule under it now? A lease with an end is not used after it. */
bool calendar_is_here(Store *store, const Lease *lease);
/* calendar_add: the first lease of a calendar that this transaction makes: for the office of `site` (nil: none), else for this
 * node. One that has a lease keeps it. */
MUST_CHECK Err calendar_add(Tx *tx, Uuid calendar, Uuid site);
/* calendar_hand_over: by its holder alone (ERR_DENIED), to a node that is not revoked (ERR_REVOKED). until_at 0: open-ended. */
MUST_CHECK Err calendar_hand_over(Tx *tx, Uuid calendar, NodeId to, Instant until_at, Uuid staff, const char *reason);
/* calendar_seize: by the root alone (ERR_DENIED), when the holder is revoked or lost. A person decides it and says why (ERR_INVALID
 * otherwise): what the old holder has ruled and the root does not know becomes void. */
MUST_CHECK Err calendar_seize(Tx *tx, Uuid calendar, NodeId to, Uuid staff, const char *reason);
/* calendar_seize_all: every calendar that `from` holds, when it is revoked; for this node. Only the root does anything. */
MUST_CHECK Err calendar_seize_all(Tx *tx, NodeId from, Uuid staff, const char *reason);
/* calendar_move_in: an office was enrolled: it gets those calendars of its site that this node holds. */
MUST_CHECK Err calendar_move_in(Tx *tx, Uuid site, NodeId office);

/* Allotments: time that the home node gives away, so that another node (the portal's) books it firmly while home is offline. */
typedef struct AllotmentNew {
  Uuid calendar, site;
  NodeId node;
  WallTime start;
  int minutes;
  Instant expires_at;
} AllotmentNew;
/* allotment_grant: by the calendar's home node (ERR_DENIED). ERR_CONFLICT when some of it is taken. */
MUST_CHECK Err allotment_grant(Tx *tx, const AllotmentNew *input, Uuid *out);
/* allotment_return: by the node that has it (ERR_DENIED): what it booked stays, the rest is the home node's again once that node
 * knows of it. ERR_CONFLICT when it is closed. */
MUST_CHECK Err allotment_return(Tx *tx, Uuid allotment);
/* allotment_revoke: by the home node, when the node that has it is lost. A person decides it and says why (ERR_INVALID otherwise):
 * what that node has booked and this one does not know becomes void. */
MUST_CHECK Err allotment_revoke(Tx *tx, Uuid allotment, Uuid staff, const char *reason);
/* allotment_sweep: return those of this node that have expired; take back those of other nodes that provably have (BOOKINGS.md). In
 * transactions of its own. */
MUST_CHECK Err allotment_sweep(Store *store);
