/* Store: one node's replica: an SQLite file, a journal, a key pair, in one folder.
 *
 *   <folder>/foyer.db        tables, journal and the node's own tables (mode 0600)
 *   <folder>/node.key        Ed25519 seed and sealing key (mode 0600); never replicated, never in a backup
 *   <folder>/foyer.commit    touched by every commit, for those that watch; may be deleted while nobody has the store open
 *
 * A Store is one connection, used by one thread at a time; open one for each thread and each process. Readers never block
 * writers (WAL). store/ is the one room that includes <sqlite3.h>.
 */
#pragma once

#include "common/base/crypto.h"
#include "common/base/env.h"
#include "common/base/err.h"
#include "common/base/hlc.h"
#include "common/base/uuid.h"

/* NodeId: first four bytes (big-endian) of BLAKE2b-256 of the node's public key, never 0. Unique within a practice: the
 * upstream refuses to enrol a second node of the same number, and the newcomer makes another key. Printed as 8 hex digits. */
typedef uint32_t NodeId;
enum { NODE_TEXT_LEN = 8 };
NodeId node_id_of(const uint8_t public_key[SIGN_PUBLIC_SIZE]);
void node_text(NodeId node, char out[NODE_TEXT_LEN + 1]);
bool node_parse(Str text, NodeId *out);
/* node_row_id: primary key of a node's row in the table `node`. */
Uuid node_row_id(NodeId node);

typedef struct Store Store;

/* store_create: a new, empty replica with a fresh key pair. ERR_EXISTS when the folder has one. */
MUST_CHECK Err store_create(const char *folder, const Env *env, Store **out);
/* store_open: open and, if the schema is older, migrate in one transaction.
 * errors  ERR_NOT_FOUND no replica there; ERR_DOWNGRADE the file is newer; ERR_CORRUPT; ERR_BUSY; ERR_IO; ERR_NO_SPACE */
MUST_CHECK Err store_open(const char *folder, const Env *env, Store **out);
/* store_close: NULL is fine. Checkpoints when it was the last connection. */
void store_close(Store *store);
void store_closep(Store **store); /* for AUTO(Store *, s, store_closep) */

const Env *store_env(const Store *store);
const char *store_folder(const Store *store);
NodeId store_node(const Store *store);
const SignKey *store_key(const Store *store);
/* store_seal_key: for what this node keeps sealed on its own disk (drafts). */
const uint8_t *store_seal_key(const Store *store);
/* store_new_key: another key pair, for a node that has written nothing yet. ERR_CONFLICT when it has. */
MUST_CHECK Err store_new_key(Store *store);

/* store_now: the time here: this machine's clock, corrected by what the upstream says (LOCAL_CLOCK_OFFSET). */
Instant store_now(Store *store);
/* store_is_restored: this replica came from a backup and does not have again what it had written since: a Tx would use its
 * numbers a second time, so tx_begin refuses (ERR_EPOCH). Replication collects it. */
bool store_is_restored(Store *store);

/* store_head: position of the newest journal entry, 0 when there is none. It grows with every change by any process: what a
 * screen or a job compares with its cursor. Takes microseconds. */
int64_t store_head(Store *store);
/* store_watch_fd: a descriptor that becomes readable when any process has committed (inotify); -1 when the system has none, then
 * ask store_head once a second. A process that is killed just after a commit tells nobody: ask once in a while all the same. store_watch_drain: call after it was readable. */
int store_watch_fd(Store *store);
void store_watch_drain(Store *store);

/* store_read_begin: several queries see one moment. Not inside a transaction. store_read_end: always safe. */
MUST_CHECK Err store_read_begin(Store *store);
void store_read_end(Store *store);

/* The node's own settings: a small table of its own, not replicated (upstream's address, cursors, site ...).
 * Set outside or inside a Tx; outside it commits at once. Not between store_read_begin and _end (asserted). */
MUST_CHECK Err local_set(Store *store, const char *key, Str value);
/* local_get: "" when it was never set; lives in the arena. */
Str local_get(Store *store, struct Arena *arena, const char *key);
MUST_CHECK Err local_set_int(Store *store, const char *key, int64_t value);
int64_t local_get_int(Store *store, const char *key, int64_t otherwise);
/* Settings that the store room itself looks at. */
#define LOCAL_EPOCH        "epoch"           /* of our journal: "" unless restored from a backup */
#define LOCAL_WHOLE_EPOCH  "epoch.whole"     /* the epoch in which we have again all that we had written */
#define LOCAL_CLOCK_OFFSET "clock.offset_ms" /* upstream's time less ours */
#define LOCAL_ROOT_KEY     "root.key"        /* the root's public key, pinned at enrolment */
MUST_CHECK Err local_delete(Store *store, const char *key);
