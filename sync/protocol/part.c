#include "sync/protocol/part.h"

enum { SEEN_LEAST = 4 + 1 + 8, ROW_LEAST = 1 + 16, FLAGS_KNOWN = SCOPE_BEGINS | SCOPE_ENDS | SCOPE_AMID };

void part_encode(Buf *out, const ScopePart *part)
{
  buf_u8(out, (uint8_t)part->flags);
  buf_bytes(out, part->of.site.bytes, sizeof part->of.site.bytes);
  buf_bytes(out, part->of.from, DATE_TEXT_LEN);
  buf_bytes(out, part->of.to, DATE_TEXT_LEN);
  buf_varint(out, part->own_seq);
  if (part->own_seq > 0) {
    buf_u64(out, part->own_hlc);
    buf_bytes(out, part->own_hash.bytes, HASH_SIZE);
  }
  buf_varint(out, part->seen_count);
  for (size_t i = 0; i < part->seen_count; i++) {
    buf_u32(out, part->seen[i].node);
    buf_varint(out, part->seen[i].seq);
    buf_u64(out, part->seen[i].hlc);
  }
  buf_varint(out, part->count);
  for (size_t i = 0; i < part->count; i++) {
    const ScopeRow *row = &part->rows[i];
    buf_varint(out, (uint64_t)row->table << 1 | row->left);
    buf_bytes(out, row->id.bytes, sizeof row->id.bytes);
    if (row->left) continue;
    buf_chunk(out, row->v.ptr, row->v.len);
    buf_chunk(out, row->edit.ptr, row->edit.len);
  }
}

static void take_bytes(Reader *r, void *out, size_t len)
{
  const uint8_t *bytes = reader_bytes(r, len);
  if (bytes) memcpy(out, bytes, len);
}

static void take_head(Reader *r, ScopePart *out)
{
  out->flags = reader_u8(r) & FLAGS_KNOWN;
  take_bytes(r, out->of.site.bytes, sizeof out->of.site.bytes);
  take_bytes(r, out->of.from, DATE_TEXT_LEN);
  take_bytes(r, out->of.to, DATE_TEXT_LEN);
  out->own_seq = reader_varint(r);
  if (out->own_seq == 0) return;
  out->own_hlc = reader_u64(r);
  take_bytes(r, out->own_hash.bytes, HASH_SIZE);
}

static ScopeRow take_row(Reader *r)
{
  uint64_t table = reader_varint(r);
  ScopeRow row = {.table = (uint32_t)(table >> 1), .left = table & 1};
  if (table >> 33) r->failed = true;
  take_bytes(r, row.id.bytes, sizeof row.id.bytes);
  if (row.left) return row;
  row.v = reader_chunk(r);
  row.edit = reader_chunk(r);
  return row;
}

Err part_decode(Arena *arena, Str bytes, ScopePart *out)
{
  *out = (ScopePart){.flags = 0};
  Reader r = reader_make(bytes.ptr, bytes.len);
  take_head(&r, out);
  uint64_t seen = reader_varint(&r);
  if (r.failed || seen > (r.len - r.at) / SEEN_LEAST || seen > SCOPE_SEEN_MAX)
    return err_because(ERR_CORRUPT, "scope: malformed");
  out->seen = ARENA_ARRAY(arena, ScopeSeen, seen + 1);
  for (; out->seen_count < seen && !r.failed; out->seen_count++) {
    ScopeSeen *one = &out->seen[out->seen_count];
    one->node = reader_u32(&r);
    one->seq = reader_varint(&r);
    one->hlc = reader_u64(&r);
  }
  uint64_t count = reader_varint(&r);
  if (r.failed || count > (r.len - r.at) / ROW_LEAST || count > SCOPE_ROWS_MAX)
    return err_because(ERR_CORRUPT, "scope: too many rows");
  out->rows = ARENA_ARRAY(arena, ScopeRow, count + 1);
  for (; out->count < count && !r.failed; out->count++) out->rows[out->count] = take_row(&r);
  return r.failed || r.at != r.len ? err_because(ERR_CORRUPT, "scope: malformed") : ERR_OK;
}
