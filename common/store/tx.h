/* Tx: a transaction: the unit of change and of replication. Everything that changes a replicated table goes through one; the
 * journal entry is written in the same SQLite transaction, so a crash leaves both or neither.
 *
 *   AUTO(Tx, tx, tx_fini) = {0};                      rolls back on every early return
 *   TRY(tx_begin(store, actor, "appointment.arrive", "", &tx));
 *   TRY(tx_update(&tx, "appointment", id, COLS(col_text("status", STR("arrived")), col_int("arrived_at", now))));
 *   TRY(tx_commit(&tx));
 *
 * Queries on the same Store inside a Tx see its changes. Another process's Tx waits up to STORE_BUSY_MS, then ERR_BUSY.
 * A Tx that changed nothing commits without a journal entry.
 */
#pragma once

#include "common/base/str.h"
#include "common/base/uuid.h"
#include "common/store/store.h"

enum { STORE_BUSY_MS = 10000, TX_ACTION_MAX = 64, TX_REASON_MAX = 1024 };

typedef enum ActorKind {
  ACTOR_SYSTEM, /* the program by itself: set-up, a job */
  ACTOR_STAFF,
  ACTOR_CLIENT /* the person at the kiosk or in the portal */
} ActorKind;

typedef struct Actor {
  ActorKind kind;
  Uuid id; /* staff or client row; nil for the system */
} Actor;

static inline Actor actor_system(void)
{
  return (Actor){ACTOR_SYSTEM, {{0}}};
}
static inline Actor actor_staff(Uuid id)
{
  return (Actor){ACTOR_STAFF, id};
}
static inline Actor actor_client(Uuid id)
{
  return (Actor){ACTOR_CLIENT, id};
}

typedef struct Tx {
  Store *store; /* NULL once ended */
} Tx;

/* tx_begin: `action` is dotted lower case ("client.update"), `reason` free text, "" when the action says it all. Not while a
 * query that was begun before still has a row (asserted): end it first.
 * errors  ERR_BUSY, ERR_IO, ERR_NO_SPACE, ERR_CORRUPT; ERR_REVOKED when this node has been revoked */
MUST_CHECK Err tx_begin(Store *store, Actor actor, const char *action, const char *reason, Tx *tx);
/* tx_commit: on any error nothing has happened, and the Tx has ended. */
MUST_CHECK Err tx_commit(Tx *tx);
void tx_fini(Tx *tx);
Hlc tx_hlc(const Tx *tx);     /* the stamp of this transaction */
Instant tx_now(const Tx *tx); /* env's time when it began */

typedef enum ColKind { COL_END, COL_NULL, COL_INT, COL_TEXT, COL_BLOB } ColKind;
typedef struct Col {
  const char *name; /* a literal: a column of the table */
  ColKind kind;
  int64_t number;
  Str bytes; /* text must be UTF-8 */
} Col;

static inline Col col_null(const char *name)
{
  return (Col){name, COL_NULL, 0, {0}};
}
static inline Col col_int(const char *name, int64_t v)
{
  return (Col){name, COL_INT, v, {0}};
}
static inline Col col_bool(const char *name, bool v)
{
  return (Col){name, COL_INT, v, {0}};
}
static inline Col col_text(const char *name, Str v)
{
  return (Col){name, COL_TEXT, 0, v};
}
static inline Col col_blob(const char *name, Str v)
{
  return (Col){name, COL_BLOB, 0, v};
}
static inline Col col_hash(const char *name, const Hash *v)
{
  return (Col){name, COL_BLOB, 0, {(const char *)v->bytes, HASH_SIZE}};
}
/* col_uuid: points at *id, which must outlive the call; nil becomes NULL. */
static inline Col col_uuid(const char *name, const Uuid *id)
{
  return uuid_is_nil(*id) ? col_null(name) : (Col){name, COL_BLOB, 0, {(const char *)id->bytes, 16}};
}
#define COLS(...) ((const Col[]){__VA_ARGS__, {0}})

/* tx_insert: a new row; columns that are not named take their default.
 * errors  ERR_EXISTS a row of that id is there; ERR_INVALID a column constraint; and the operating ones.
 * An unknown table or column asserts. After an error the Tx can only be rolled back, except after ERR_EXISTS. */
MUST_CHECK Err tx_insert(Tx *tx, const char *table, Uuid id, const Col cols[]);
/* tx_update: change these columns. Values that are there already are no change. ERR_NOT_FOUND when there is no such row.
 * On an append-only table it asserts. */
MUST_CHECK Err tx_update(Tx *tx, const char *table, Uuid id, const Col cols[]);
/* tx_put: insert, or update the row of that id. *changed (may be NULL) says whether anything became different.
 * On an append-only table an existing row is left as it is. */
MUST_CHECK Err tx_put(Tx *tx, const char *table, Uuid id, const Col cols[], bool *changed);
/* tx_delete: for the retention purge alone. */
MUST_CHECK Err tx_delete(Tx *tx, const char *table, Uuid id);
