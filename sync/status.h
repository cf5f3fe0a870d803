/* Status: what replication is doing here, in a form that people and programs can use. The agent keeps it in the local
 * setting "sync.status" (a JSON object, described at status_json), so any process of the node can read it: `foyer status`,
 * the desk board, the kiosk.
 */
#pragma once

#include "common/base/json.h"
#include "common/store/store.h"

#define STATUS_SETTING "sync.status"

/* SyncState: `needs_person` ones end only when somebody does something. */
#define SYNC_STATE_TABLE(X)                                                                                 \
  X(SYNC_ROOT, "root", false)             /* has no upstream */                                             \
  X(SYNC_NEW, "new", false)               /* enrolled; the agent has not run yet */                         \
  X(SYNC_CONNECTING, "connecting", false) /* first exchange is under way */                                 \
  X(SYNC_SNAPSHOT, "snapshot", false)     /* downloading the practice */                                    \
  X(SYNC_BUSY, "busy", false)             /* exchanging */                                                  \
  X(SYNC_CURRENT, "current", false)       /* nothing waits; listening */                                    \
  X(SYNC_OFFLINE, "offline", false)       /* the upstream cannot be reached, or fails; will try again */    \
  X(SYNC_RECOVERING, "recovering", false) /* one side was restored from a backup; offering what was lost */ \
  X(SYNC_REVOKED, "revoked", true)        /* this device is no longer trusted */                            \
  X(SYNC_FORKED, "forked", true)          /* a copy of this device is at work */                            \
  X(SYNC_STOPPED, "stopped", true)        /* something is wrong that does not pass by itself */

typedef enum SyncState {
#define SYNC_STATE_NAME(name, text, person) name,
  SYNC_STATE_TABLE(SYNC_STATE_NAME)
#undef SYNC_STATE_NAME
} SyncState;

const char *sync_state_text(SyncState state); /* "current" */
bool sync_state_needs_person(SyncState state);

typedef struct SyncStatus {
  SyncState state;
  Instant since;                   /* of this state */
  const char *upstream_url;        /* "" for the root */
  NodeId upstream;                 /* 0 for the root */
  Instant last_exchange_at;        /* last answer from the upstream; 0: never */
  int64_t waiting_entries;         /* transactions that the upstream has not acknowledged */
  int64_t set_aside;               /* transactions of this node that the upstream has refused for good */
  int64_t waiting_blobs_up;        /* attachments to send, as far as known */
  int64_t waiting_blobs_down;      /* attachments to fetch */
  int64_t done_bytes, total_bytes; /* of a snapshot under way */
  int64_t clock_offset_ms;         /* upstream's time less ours */
  Err err;                         /* why it fails; ERR_OK when it does not. err_key(err) is the sentence for people */
  const char *detail;              /* technical, "" when there is none */
  Instant next_try_at;             /* 0: now, or never */
} SyncStatus;

/* status_read: as the agent left it, with waiting_entries counted now (so it is right also while no daemon runs).
 * Texts live in the arena. */
MUST_CHECK Err status_read(Store *store, Arena *arena, SyncStatus *out);
/* status_waiting: transactions that `upstream` has not acknowledged. */
MUST_CHECK Err status_waiting(Store *store, NodeId upstream, int64_t *waiting);
/* status_write: the agent's. Writes only when something changed that a reader would see. */
MUST_CHECK Err status_write(Store *store, const SyncStatus *status);

/* status_json: {"state", "since", "needs_person", "upstream": {"url", "node"} or null, "last_exchange_at",
 * "waiting": {"transactions", "attachments_up", "attachments_down"}, "snapshot": {"done", "total"} or null,
 * "set_aside", "clock_offset_ms", "error": null or {"name", "key", "detail"}, "next_try_at"}; instants are milliseconds or null.
 * New reference. */
json_t *status_json(const SyncStatus *status);
