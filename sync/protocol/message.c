#include "sync/protocol/message.h"

#include <assert.h>

#include "sync/protocol/batch.h"
#include "sync/protocol/part.h"

/* Tags of fields. They never change meaning or return. */
enum {
  TAG_FLAGS = 1,
  TAG_EPOCH = 2,
  TAG_TIME = 3,
  TAG_CURSOR = 4,
  TAG_WAIT = 5,
  TAG_MAX_BYTES = 6,
  TAG_SCOPE = 7,
  TAG_ERROR = 8,
  TAG_DETAIL = 9,
  TAG_KNOWN = 10,
  TAG_BATCH = 11,
  TAG_FRAME_MAX = 12,
  TAG_PARCEL = 13,
  TAG_PLACE = 14,
  TAG_PART = 15,
  TAG_REFUSED = 16,
};

static const struct {
  int number;
  Err err;
} WIRE_ERRORS[] = {
    {1, ERR_GAP},      {2, ERR_FORK},       {3, ERR_CORRUPT},    {4, ERR_CLOCK},    {5, ERR_DENIED},
    {6, ERR_REVOKED},  {7, ERR_EPOCH},      {8, ERR_BUSY},       {9, ERR_NO_SPACE}, {10, ERR_UNSUPPORTED},
    {11, ERR_INVALID}, {12, ERR_TOO_LARGE}, {13, ERR_THROTTLED}, {14, ERR_IO},
};

int wire_error(Err err)
{
  if (err == ERR_OK) return 0;
  for (size_t i = 0; i < COUNT_OF(WIRE_ERRORS); i++)
    if (WIRE_ERRORS[i].err == err) return WIRE_ERRORS[i].number;
  return wire_error(ERR_IO);
}

Err wire_error_back(int64_t number)
{
  if (number == 0) return ERR_OK;
  for (size_t i = 0; i < COUNT_OF(WIRE_ERRORS); i++)
    if (WIRE_ERRORS[i].number == number) return WIRE_ERRORS[i].err;
  return ERR_PEER;
}

static void put_parcel(Buf *fields, const Message *m)
{
  if (m->parcel_size == 0) return;
  AUTO(Buf, parcel, buf_fini) = buf_make(64);
  buf_bytes(&parcel, m->parcel.bytes, HASH_SIZE);
  buf_varint(&parcel, (uint64_t)m->parcel_size);
  frame_field(fields, TAG_PARCEL, buf_view(&parcel));
}

static bool take_parcel(Str value, Message *m)
{
  Reader r = reader_make(value.ptr, value.len);
  const uint8_t *hash = reader_bytes(&r, HASH_SIZE);
  uint64_t size = reader_varint(&r);
  if (r.failed || r.at != r.len || size == 0 || size > FRAME_WIRE_MAX) return false;
  memcpy(m->parcel.bytes, hash, HASH_SIZE);
  m->parcel_size = (int64_t)size;
  return true;
}

static void put_known(Buf *fields, const Message *m)
{
  if (!m->has_known) return;
  AUTO(Buf, list, buf_fini) = buf_make(FRAME_EXPANDED_MAX);
  for (size_t i = 0; i < m->known_count; i++) {
    buf_u32(&list, m->known[i].node);
    buf_varint(&list, m->known[i].seq);
  }
  frame_field(fields, TAG_KNOWN, buf_view(&list));
}

static void put_part(Buf *fields, const Message *m)
{
  if (m->place.len) frame_field(fields, TAG_PLACE, m->place);
  if (!m->part) return;
  AUTO(Buf, part, buf_fini) = buf_make(FRAME_EXPANDED_MAX);
  part_encode(&part, m->part);
  if (part.err != ERR_OK) fields->err = part.err;
  frame_field(fields, TAG_PART, buf_view(&part));
}

/* put_batch: in place, without a copy of what may be megabytes. */
static void put_batch(Buf *fields, const Message *m)
{
  if (m->batch.count == 0) return;
  size_t size = batch_size(&m->batch);
  buf_varint(fields, TAG_BATCH);
  buf_varint(fields, size);
  if (!buf_reserve(fields, size)) return;
  size_t before = fields->len;
  batch_encode(fields, &m->batch);
  assert(fields->len - before == size);
}

Err message_encode(Arena *arena, const Message *m, Str *wire)
{
  AUTO(Buf, fields, buf_fini) = buf_make(FRAME_EXPANDED_MAX);
  frame_field_int(&fields, TAG_FLAGS, m->flags);
  if (m->epoch.len) frame_field(&fields, TAG_EPOCH, m->epoch);
  frame_field_int(&fields, TAG_TIME, m->time);
  frame_field_int(&fields, TAG_CURSOR, m->cursor);
  frame_field_int(&fields, TAG_WAIT, m->wait_ms);
  frame_field_int(&fields, TAG_MAX_BYTES, m->max_bytes);
  frame_field_int(&fields, TAG_SCOPE, m->scope);
  frame_field_int(&fields, TAG_ERROR, wire_error(m->err));
  if (m->detail.len)
    frame_field(&fields, TAG_DETAIL, (Str){m->detail.ptr, m->detail.len < DETAIL_MAX ? m->detail.len : DETAIL_MAX});
  frame_field_int(&fields, TAG_FRAME_MAX, m->frame_max);
  put_parcel(&fields, m);
  put_known(&fields, m);
  put_part(&fields, m);
  frame_field_int(&fields, TAG_REFUSED, (int64_t)m->refused);
  put_batch(&fields, m);
  if (fields.err != ERR_OK) return err_because(fields.err, "a message too large for a frame");
  return frame_seal(arena, (uint8_t)m->kind, buf_view(&fields), wire);
}

static bool take_known(Arena *arena, Str value, Message *m)
{
  size_t most = value.len / 5;
  if (most > KNOWN_MAX) return false;
  m->known = ARENA_ARRAY(arena, Known, most + 1);
  m->known_count = 0;
  m->has_known = true;
  Reader r = reader_make(value.ptr, value.len);
  while (!reader_done(&r) && m->known_count < most) {
    NodeId node = reader_u32(&r);
    m->known[m->known_count++] = (Known){node, reader_varint(&r)};
  }
  return !r.failed && r.at == r.len;
}

static Err take_field(Arena *arena, uint32_t tag, Str value, Message *m)
{
  bool bad = false;
  int64_t number = 0;
  switch (tag) {
  case TAG_EPOCH:
    m->epoch = value;
    bad = value.len > EPOCH_MAX;
    break;
  case TAG_DETAIL:
    m->detail = value;
    bad = value.len > DETAIL_MAX;
    break;
  case TAG_KNOWN: bad = !take_known(arena, value, m); break;
  case TAG_PLACE:
    m->place = value;
    bad = value.len > SCOPE_PLACE_MAX;
    break;
  case TAG_PART: m->part = ARENA_NEW(arena, ScopePart); return part_decode(arena, value, m->part);
  case TAG_REFUSED:
    number = frame_int(value, &bad);
    bad = bad || number < 0;
    m->refused = (uint64_t)number;
    break;
  case TAG_BATCH: return batch_decode(arena, value, &m->batch);
  case TAG_FLAGS:
    number = frame_int(value, &bad);
    m->flags = (uint32_t)number;
    break;
  case TAG_TIME: m->time = frame_int(value, &bad); break;
  case TAG_CURSOR: m->cursor = frame_int(value, &bad); break;
  case TAG_FRAME_MAX: m->frame_max = frame_int(value, &bad); break;
  case TAG_PARCEL: bad = !take_parcel(value, m); break;
  case TAG_WAIT: m->wait_ms = frame_int(value, &bad); break;
  case TAG_MAX_BYTES: m->max_bytes = frame_int(value, &bad); break;
  case TAG_SCOPE:
    number = frame_int(value, &bad);
    bad = bad || number < SCOPE_PRACTICE || number > SCOPE_LOBBY;
    m->scope = bad ? SCOPE_PRACTICE : (Scope)number;
    break;
  case TAG_ERROR: m->err = wire_error_back(frame_int(value, &bad)); break;
  default: break; /* from a newer program */
  }
  return bad ? err_because(ERR_CORRUPT, "message: field %u is malformed", tag) : ERR_OK;
}

Err message_decode(Arena *arena, Str wire, Message *out)
{
  uint8_t kind;
  Str fields, value;
  uint32_t tag;
  *out = (Message){0};
  TRY(frame_open(arena, wire, &kind, &fields));
  if (kind < MESSAGE_PUSH || kind > MESSAGE_PULL_ANSWER)
    return err_because(ERR_UNSUPPORTED, "a frame of kind %u", kind);
  out->kind = (MessageKind)kind;
  Reader r = reader_make(fields.ptr, fields.len);
  uint64_t once = 0;
  while (frame_next(&r, &tag, &value)) {
    if (tag < 64 && once >> tag & 1) return err_because(ERR_CORRUPT, "message: field %u comes twice", tag);
    if (tag < 64) once |= UINT64_C(1) << tag;
    TRY(take_field(arena, tag, value, out));
  }
  return r.failed ? err_because(ERR_CORRUPT, "message: cut off") : ERR_OK;
}
