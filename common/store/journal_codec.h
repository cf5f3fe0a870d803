/* Journal codec: the bytes of a transaction's body, and what is hashed and signed. Pure functions over memory; the format is
 * described in common/store/JOURNAL.md. For the store room alone.
 *
 * Writing: body_begin once, then for each changed row body_change followed by its values: for every column of the mask, in
 * ascending order of column ids,
 *   insert  the new value
 *   update  the old value, then the new one or body_same
 *   delete  the old value
 * An update names every column of every group that it touches, also those that did not change: groups win together. An
 * insert and a delete name every column that the program knows.
 */
#pragma once

#include "common/base/buf.h"
#include "common/store/journal.h"

enum { BODY_VERSION = 1, BODY_COLUMN_MAX = 63 };

/* A value is a byte `kind | n << 2`, n = 63 standing for "63 and more", and what is more as a varint behind it. */
enum { VALUE_SPECIAL = 0, VALUE_INT = 1, VALUE_TEXT = 2, VALUE_BLOB = 3, VALUE_MORE = 63 };
enum { VALUE_BYTE_NULL = 0x00, VALUE_BYTE_SAME = 0x04 }; /* of kind VALUE_SPECIAL */

/* Seen: of another author's entries, the newest that an author has come to know. */
typedef struct Seen {
  NodeId node;
  Hlc hlc;
} Seen;

/* body_begin: `action` and `reason` within TX_ACTION_MAX and TX_REASON_MAX (asserted). Seen: authors other than the entry's
 * own whose newest known entry changed since the author's previous transaction, ascending by node. */
void body_begin(Buf *body, uint32_t flags, Actor actor, Str action, Str reason, const Seen seen[], size_t seen_count);
/* body_set_flags: in a finished body. */
void body_set_flags(uint8_t *body, uint32_t flags);

/* body_change: the head of one row's change. *previous is the id of the change before it in this body (nil for the first) and
 * becomes `id`. `columns` has bit (column id - 1) set for each column whose values follow. */
static inline void body_change(Buf *body, ChangeKind kind, uint32_t table, Uuid id, Uuid *previous, uint64_t columns)
{
  unsigned shared = 0;
  while (shared < 16 && id.bytes[shared] == previous->bytes[shared]) shared++;
  buf_varint(body, ((uint64_t)table << 2) | kind);
  buf_u8(body, (uint8_t)shared);
  buf_bytes(body, id.bytes + shared, 16 - shared);
  buf_varint(body, columns);
  *previous = id;
}

static inline void body_value_head(Buf *body, unsigned kind, uint64_t n)
{
  if (n < VALUE_MORE) {
    buf_u8(body, (uint8_t)(kind | n << 2));
  } else {
    buf_u8(body, (uint8_t)(kind | VALUE_MORE << 2));
    buf_varint(body, n - VALUE_MORE);
  }
}
static inline void body_null(Buf *body)
{
  buf_u8(body, VALUE_BYTE_NULL);
}
static inline void body_same(Buf *body)
{
  buf_u8(body, VALUE_BYTE_SAME);
}
static inline void body_int(Buf *body, int64_t value)
{
  body_value_head(body, VALUE_INT, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}
static inline void body_text(Buf *body, const void *data, size_t len)
{
  body_value_head(body, VALUE_TEXT, len);
  buf_bytes(body, data, len);
}
static inline void body_blob(Buf *body, const void *data, size_t len)
{
  body_value_head(body, VALUE_BLOB, len);
  buf_bytes(body, data, len);
}
void body_value(Buf *body, const JournalValue *value); /* COL_END asserts */

/* BodyHead, BodyReader: a body being read. Views point into it. */
typedef struct BodyHead {
  uint32_t flags;
  Actor actor;
  Str action;
  Str reason;
  size_t seen_count;
  const uint8_t *seen_bytes; /* body_seen */
} BodyHead;

typedef struct BodyReader {
  Reader reader;
  Uuid previous;
  Err err; /* sticky */
} BodyReader;

typedef struct BodyChange {
  ChangeKind kind;
  uint32_t table;
  Uuid id;
  uint64_t columns; /* which of the arrays' elements are set */
  uint64_t changed; /* update: columns whose new value is not marked as the same; otherwise all */
  /* By column id; element 0 is unused. old: update and delete. new_value: insert and update. */
  JournalValue old[BODY_COLUMN_MAX + 1];
  JournalValue new_value[BODY_COLUMN_MAX + 1];
} BodyChange;

/* body_open: ERR_CORRUPT when it does not begin as a body does. The changes are checked as they are read. */
MUST_CHECK Err body_open(Str body, BodyHead *head, BodyReader *reader);
static inline Seen body_seen(const BodyHead *head, size_t i)
{
  uint32_t node;
  uint64_t hlc;
  memcpy(&node, head->seen_bytes + i * 12, sizeof node);
  memcpy(&hlc, head->seen_bytes + i * 12 + 4, sizeof hlc);
  return (Seen){le32toh(node), le64toh(hlc)};
}
/* body_next: the next change. False at the end, or when the rest is not a body: reader->err says which. */
bool body_next(BodyReader *reader, BodyChange *change);
/* body_read_value: counterpart of body_value. False when it is malformed. */
bool body_read_value(Reader *reader, JournalValue *value);
/* body_check: the whole of it is well-formed. */
MUST_CHECK Err body_check(Str body);

/* entry_hash: the link of the chain. `previous` is all zero for seq 1. */
Hash entry_hash(Hash previous, NodeId node, uint64_t seq, Hlc hlc, Str body);

/* head_signed_bytes: what the author signs: "foyer-head-1" ‖ node ‖ seq ‖ hash, integers little-endian. */
enum { HEAD_SIGNED_SIZE = 12 + 4 + 8 + HASH_SIZE };
void head_signed_bytes(NodeId node, uint64_t seq, Hash hash, uint8_t out[HEAD_SIGNED_SIZE]);
