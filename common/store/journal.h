/* Journal: every transaction of the practice that this node knows, in the order in which it came to know them.
 *
 * An entry is named (node, seq): the author's number and its running number from 1 without gaps. Entries of one author are
 * chained: hash = BLAKE2b-256(previous hash of the author ‖ node ‖ seq ‖ hlc ‖ body), integers little-endian, the previous
 * hash of the first all zero. The body is described in common/store/JOURNAL.md. `pos` is local: the order of arrival here.
 * Order of arrival respects causality: what an entry's author had seen comes before it, on every node.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/json.h"
#include "common/store/store.h"
#include "common/store/tx.h"

typedef struct JournalEntry {
  int64_t pos; /* local; 0 when it is not stored yet */
  NodeId node;
  uint64_t seq;
  Hlc hlc;
  Str body;
  Hash hash;
  NodeId via; /* which neighbour it came from; 0 when it was written here */
} JournalEntry;

typedef struct Head { /* how far one author's chain is known here, and its newest signature that is known */
  NodeId node;
  uint64_t seq; /* newest entry; 0: none */
  Hlc hlc;
  Hash hash;
  uint64_t signed_seq;               /* newest seq that `signature` covers; 0: none */
  uint8_t signature[SIGNATURE_SIZE]; /* of head_signed_bytes at signed_seq */
} Head;

/* journal_read: entries after `pos`, oldest first, until `max_bytes` of bodies (at least one) or `max_count`.
 * Lives in the arena. */
MUST_CHECK Err journal_read(Store *store, Arena *arena, int64_t after_pos, size_t max_count, size_t max_bytes,
                            JournalEntry **entries, size_t *count);
/* journal_find: one entry by its name. ERR_NOT_FOUND. */
MUST_CHECK Err journal_find(Store *store, Arena *arena, NodeId node, uint64_t seq, JournalEntry *out);
/* journal_heads: every author's head. */
MUST_CHECK Err journal_heads(Store *store, Arena *arena, Head **heads, size_t *count);
MUST_CHECK Err journal_head_of(Store *store, NodeId node, Head *out); /* zero seq when unknown */
/* journal_sign: sign our own head now if its newest entry is not covered; returns it in *out. */
MUST_CHECK Err journal_sign(Store *store, Head *out);

typedef struct JournalBatch { /* what merge_apply takes */
  JournalEntry *entries;
  size_t count;
  Head *heads; /* of every author among them, at its last entry among them, signed there */
  size_t head_count;
  int64_t next_pos; /* where to go on after it; the given position when there is nothing */
} JournalBatch;
/* journal_batch: what to send to a neighbour: entries after `after_pos`, oldest first, without those that it brought itself
 * (neighbour 0: all), up to max_bytes of bodies or max_count entries, then down or, if there is no other way, up to where
 * every author's last entry is signed (JOURNAL.md). Not inside a Tx. Lives in the arena. */
MUST_CHECK Err journal_batch(Store *store, Arena *arena, int64_t after_pos, NodeId neighbour, size_t max_count,
                             size_t max_bytes, JournalBatch *out);

typedef struct JournalValue {
  ColKind kind;
  int64_t number;
  Str bytes;
} JournalValue;
typedef enum ChangeKind { CHANGE_INSERT = 1, CHANGE_UPDATE = 2, CHANGE_DELETE = 3 } ChangeKind;
typedef struct JournalColumn {
  uint32_t column;        /* id */
  const char *name;       /* NULL when this program does not know it */
  JournalValue old;       /* COL_END when it had none (insert) */
  JournalValue new_value; /* COL_END when it has none (delete) */
} JournalColumn;
typedef struct JournalChange {
  ChangeKind kind;
  uint32_t table;
  const char *table_name; /* NULL when unknown */
  Uuid id;
  JournalColumn *columns; /* those that changed */
  size_t column_count;
} JournalChange;
typedef struct JournalTx { /* a decoded body */
  uint32_t flags;          /* JOURNAL_RESTAMPED ... */
  Actor actor;
  const char *action;
  const char *reason;
  JournalChange *changes;
  size_t change_count;
} JournalTx;
enum { JOURNAL_RESTAMPED = 1 };
enum { JOURNAL_BODY_MAX = 16 << 20 };

/* journal_decode: ERR_CORRUPT when it is not a body, with the offset in err_detail. Safe on any bytes. */
MUST_CHECK Err journal_decode(Arena *arena, const JournalEntry *entry, JournalTx *out);
/* journal_json: for people: audit views and `foyer show`. Hashes of passwords are left out. New reference. */
MUST_CHECK Err journal_json(const JournalEntry *entry, json_t **out);
/* journal_history: every change of one row, newest first, with who, when, why, old and new. */
MUST_CHECK Err journal_history(Store *store, Arena *arena, const char *table, Uuid id, size_t max_count,
                               JournalEntry **entries, size_t *count);
