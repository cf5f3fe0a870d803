#include "common/store/journal_codec.h"

#include <assert.h>

void body_begin(Buf *body, uint32_t flags, Actor actor, Str action, Str reason, const Seen seen[], size_t seen_count)
{
  assert(flags <= UINT8_MAX && action.len > 0 && action.len <= TX_ACTION_MAX && reason.len <= TX_REASON_MAX);
  buf_u8(body, BODY_VERSION);
  buf_u8(body, (uint8_t)flags);
  buf_u8(body, (uint8_t)actor.kind);
  if (actor.kind != ACTOR_SYSTEM) buf_bytes(body, actor.id.bytes, sizeof actor.id.bytes);
  buf_chunk(body, action.ptr, action.len);
  buf_chunk(body, reason.ptr, reason.len);
  buf_varint(body, seen_count);
  for (size_t i = 0; i < seen_count; i++) {
    assert(i == 0 || seen[i - 1].node < seen[i].node);
    buf_u32(body, seen[i].node);
    buf_u64(body, seen[i].hlc);
  }
}

void body_set_flags(uint8_t *body, uint32_t flags)
{
  assert(body[0] == BODY_VERSION && flags <= UINT8_MAX);
  body[1] = (uint8_t)flags;
}

void body_value(Buf *body, const JournalValue *value)
{
  assert(value->kind != COL_END);
  switch (value->kind) {
  case COL_END: break;
  case COL_NULL: body_null(body); break;
  case COL_INT: body_int(body, value->number); break;
  case COL_TEXT: body_text(body, value->bytes.ptr, value->bytes.len); break;
  case COL_BLOB: body_blob(body, value->bytes.ptr, value->bytes.len); break;
  }
}

static Err corrupt(const Reader *r, const char *what)
{
  return err_because(ERR_CORRUPT, "journal body, offset %zu: %s", r->at, what);
}

Err body_open(Str body, BodyHead *head, BodyReader *reader)
{
  *head = (BodyHead){0};
  *reader = (BodyReader){.reader = reader_make(body.ptr, body.len)};
  Reader *r = &reader->reader;
  if (reader_u8(r) != BODY_VERSION) return reader->err = corrupt(r, "not a version that this program knows");
  head->flags = reader_u8(r);
  if (head->flags & ~(uint32_t)JOURNAL_RESTAMPED) return reader->err = corrupt(r, "unknown flags");
  uint8_t kind = reader_u8(r);
  if (kind > ACTOR_CLIENT) return reader->err = corrupt(r, "unknown kind of actor");
  head->actor.kind = (ActorKind)kind;
  if (head->actor.kind != ACTOR_SYSTEM) {
    const uint8_t *id = reader_bytes(r, 16);
    if (id) memcpy(head->actor.id.bytes, id, 16);
  }
  head->action = reader_chunk(r);
  head->reason = reader_chunk(r);
  if (head->action.len == 0 || head->action.len > TX_ACTION_MAX || head->reason.len > TX_REASON_MAX)
    return reader->err = corrupt(r, "action or reason of a wrong length");
  uint64_t count = reader_varint(r);
  if (r->failed || count > (r->len - r->at) / 12) return reader->err = corrupt(r, "it ends in its head");
  head->seen_count = count;
  head->seen_bytes = reader_bytes(r, count * 12);
  for (size_t i = 1; i < count; i++) {
    if (body_seen(head, i - 1).node >= body_seen(head, i).node)
      return reader->err = corrupt(r, "authors that were seen are out of order");
  }
  return ERR_OK;
}

/* read_value: false when it is malformed. `same` (NULL where it is not allowed) is set when the value repeats the old one. */
static bool read_value(Reader *r, JournalValue *value, bool *same)
{
  uint8_t tag = reader_u8(r);
  uint64_t n = tag >> 2;
  if ((tag & 3) == VALUE_SPECIAL) {
    value->kind = COL_NULL;
    if (tag == VALUE_BYTE_SAME && same) return *same = true;
    return tag == VALUE_BYTE_NULL && !r->failed;
  }
  if (n == VALUE_MORE) {
    uint64_t more = reader_varint(r);
    if (more > UINT64_MAX - VALUE_MORE) return false;
    n += more;
  }
  if ((tag & 3) == VALUE_INT) {
    value->kind = COL_INT;
    value->number = (int64_t)((n >> 1) ^ (n & 1 ? UINT64_MAX : 0));
    return !r->failed;
  }
  value->kind = (tag & 3) == VALUE_TEXT ? COL_TEXT : COL_BLOB;
  const uint8_t *at = reader_bytes(r, n);
  value->bytes = (Str){(const char *)at, n};
  return at != NULL;
}

bool body_read_value(Reader *reader, JournalValue *value)
{
  return read_value(reader, value, NULL);
}

static bool read_column(Reader *r, BodyChange *change, unsigned column)
{
  bool same = false;
  if (change->kind != CHANGE_INSERT && !read_value(r, &change->old[column], NULL)) return false;
  if (change->kind == CHANGE_DELETE) return true;
  if (!read_value(r, &change->new_value[column], change->kind == CHANGE_UPDATE ? &same : NULL)) return false;
  if (same) {
    change->new_value[column] = change->old[column];
    change->changed &= ~(1ULL << (column - 1));
  }
  return true;
}

static bool read_change(BodyReader *reader, BodyChange *change)
{
  Reader *r = &reader->reader;
  uint64_t head = reader_varint(r);
  uint8_t shared = reader_u8(r);
  if ((head & 3) == 0 || head >> 2 == 0 || head >> 2 > UINT32_MAX || shared > 16) return false;
  change->kind = (ChangeKind)(head & 3);
  change->table = (uint32_t)(head >> 2);
  const uint8_t *rest = reader_bytes(r, 16 - shared);
  if (!rest) return false;
  memcpy(reader->previous.bytes + shared, rest, 16 - shared);
  change->id = reader->previous;
  change->columns = change->changed = reader_varint(r);
  if (r->failed || change->columns >> BODY_COLUMN_MAX) return false;
  for (uint64_t left = change->columns; left; left &= left - 1) {
    if (!read_column(r, change, (unsigned)__builtin_ctzll(left) + 1)) return false;
  }
  return true;
}

bool body_next(BodyReader *reader, BodyChange *change)
{
  if (reader->err != ERR_OK || reader_done(&reader->reader)) return false;
  size_t at = reader->reader.at;
  if (read_change(reader, change)) return true;
  reader->err = err_because(ERR_CORRUPT, "journal body: the change at offset %zu is malformed", at);
  return false;
}

Err body_check(Str body)
{
  BodyHead head;
  BodyReader reader;
  BodyChange change;
  TRY(body_open(body, &head, &reader));
  while (body_next(&reader, &change)) continue;
  return reader.err;
}

Hash entry_hash(Hash previous, NodeId node, uint64_t seq, Hlc hlc, Str body)
{
  uint8_t middle[20];
  uint32_t node_le = htole32(node);
  uint64_t seq_le = htole64(seq);
  uint64_t hlc_le = htole64(hlc);
  memcpy(middle, &node_le, 4);
  memcpy(middle + 4, &seq_le, 8);
  memcpy(middle + 12, &hlc_le, 8);
  Str parts[] = {{(const char *)previous.bytes, HASH_SIZE}, {(const char *)middle, sizeof middle}, body};
  return hash_parts(parts, COUNT_OF(parts));
}

void head_signed_bytes(NodeId node, uint64_t seq, Hash hash, uint8_t out[HEAD_SIGNED_SIZE])
{
  uint32_t node_le = htole32(node);
  uint64_t seq_le = htole64(seq);
  memcpy(out, "foyer-head-1", 12);
  memcpy(out + 12, &node_le, 4);
  memcpy(out + 16, &seq_le, 8);
  memcpy(out + 24, hash.bytes, HASH_SIZE);
}
