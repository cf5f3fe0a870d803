#include "common/store/version.h"

#include <assert.h>

#include "common/base/buf.h"

/* An exception is: varint (groups << 1 | is the node another than the base's), varint milliseconds after the stamp before,
 * varint counter, [4 bytes node]. The order is that of the stamps, which makes it canonical. */

static void put_be(uint8_t *out, uint64_t value, int size)
{
  for (int i = size - 1; i >= 0; i--, value >>= 8) out[i] = (uint8_t)value;
}

static uint64_t get_be(const uint8_t *in, int size)
{
  uint64_t value = 0;
  for (int i = 0; i < size; i++) value = value << 8 | in[i];
  return value;
}

static size_t put_varint(uint8_t *out, uint64_t value)
{
  size_t n = 0;
  for (; value >= 0x80; value >>= 7) out[n++] = (uint8_t)(value | 0x80);
  out[n++] = (uint8_t)value;
  return n;
}

bool version_parse(Str bytes, Version *out)
{
  if (bytes.len < VERSION_BASE_SIZE || bytes.len > VERSION_SIZE_MAX) return false;
  const uint8_t *at = (const uint8_t *)bytes.ptr;
  out->base = (Stamp){get_be(at, 8), (NodeId)get_be(at + 8, 4)};
  out->count = 0;
  Reader r = reader_make(at + VERSION_BASE_SIZE, bytes.len - VERSION_BASE_SIZE);
  Stamp last = out->base;
  uint64_t all = 0;
  while (!reader_done(&r)) {
    if (out->count == VERSION_EXCEPTION_MAX) return false;
    uint64_t head = reader_varint(&r);
    uint64_t ms = reader_varint(&r);
    uint64_t counter = reader_varint(&r);
    Stamp stamp = {0, out->base.node};
    if (head & 1) {
      const uint8_t *node = reader_bytes(&r, 4);
      if (!node) return false;
      stamp.node = (NodeId)get_be(node, 4);
      if (stamp.node == out->base.node) return false;
    }
    uint64_t groups = head >> 1;
    if (r.failed || groups == 0 || (groups & all) || counter > UINT16_MAX) return false;
    if (ms > (UINT64_MAX >> 16) - (last.hlc >> 16)) return false;
    stamp.hlc = ((last.hlc >> 16) + ms) << 16 | counter;
    if (!stamp_before(last, stamp)) return false;
    all |= groups;
    out->exceptions[out->count].stamp = stamp;
    out->exceptions[out->count++].groups = groups;
    last = stamp;
  }
  return !r.failed;
}

size_t version_base(Stamp stamp, uint8_t out[VERSION_SIZE_MAX])
{
  put_be(out, stamp.hlc, 8);
  put_be(out + 8, stamp.node, 4);
  return VERSION_BASE_SIZE;
}

size_t version_write(const Version *version, uint8_t out[VERSION_SIZE_MAX])
{
  size_t n = version_base(version->base, out);
  Stamp last = version->base;
  for (size_t i = 0; i < version->count; i++) {
    Stamp stamp = version->exceptions[i].stamp;
    assert(stamp_before(last, stamp));
    bool other = stamp.node != version->base.node;
    n += put_varint(out + n, version->exceptions[i].groups << 1 | other);
    n += put_varint(out + n, (stamp.hlc >> 16) - (last.hlc >> 16));
    n += put_varint(out + n, stamp.hlc & UINT16_MAX);
    if (other) {
      put_be(out + n, stamp.node, 4);
      n += 4;
    }
    last = stamp;
  }
  return n;
}

size_t version_touch_bytes(Str bytes, Stamp stamp, uint64_t groups, uint8_t out[VERSION_SIZE_MAX])
{
  Version version;
  if (!version_parse(bytes, &version)) return 0;
  version_touch(&version, stamp, groups);
  return version_write(&version, out);
}

Stamp version_of(const Version *version, unsigned group)
{
  assert(group >= 1 && group <= 63);
  for (size_t i = 0; i < version->count; i++) {
    if (version->exceptions[i].groups >> (group - 1) & 1) return version->exceptions[i].stamp;
  }
  return version->base;
}

Stamp version_newest(const Version *version)
{
  return version->count ? version->exceptions[version->count - 1].stamp : version->base;
}

static void drop_empty(Version *version)
{
  size_t kept = 0;
  for (size_t i = 0; i < version->count; i++) {
    if (version->exceptions[i].groups) version->exceptions[kept++] = version->exceptions[i];
  }
  version->count = kept;
}

void version_touch(Version *version, Stamp stamp, uint64_t groups)
{
  if (!stamp_before(version->base, stamp)) return;
  size_t at = version->count; /* where the stamp is or belongs */
  for (size_t i = version->count; i-- > 0;) {
    if (stamp_before(stamp, version->exceptions[i].stamp))
      groups &= ~version->exceptions[i].groups;
    else
      version->exceptions[i].groups &= ~groups;
    if (!stamp_before(version->exceptions[i].stamp, stamp)) at = i;
  }
  if (groups == 0) return;
  if (at < version->count && stamp_eq(version->exceptions[at].stamp, stamp)) {
    version->exceptions[at].groups |= groups;
    drop_empty(version);
    return;
  }
  /* Make room first: with 63 groups and 63 exceptions, one of them has just become empty. */
  size_t empty = version->count;
  for (size_t i = 0; i < version->count; i++) {
    if (version->exceptions[i].groups == 0) empty = i;
  }
  if (empty == version->count) {
    assert(version->count < VERSION_EXCEPTION_MAX);
    version->count++;
  }
  if (empty < at) {
    at--;
    for (size_t i = empty; i < at; i++) version->exceptions[i] = version->exceptions[i + 1];
  } else {
    for (size_t i = empty; i > at; i--) version->exceptions[i] = version->exceptions[i - 1];
  }
  version->exceptions[at].stamp = stamp;
  version->exceptions[at].groups = groups;
  drop_empty(version);
}

void version_insert(Version *version, Stamp stamp)
{
  if (!stamp_before(version->base, stamp)) return;
  version->base = stamp;
  size_t kept = 0;
  for (size_t i = 0; i < version->count; i++) {
    if (stamp_before(stamp, version->exceptions[i].stamp)) version->exceptions[kept++] = version->exceptions[i];
  }
  version->count = kept;
}

void version_restamp(Version *version, Stamp old, Stamp fresh)
{
  Version was = *version;
  version->base = stamp_eq(was.base, old) ? fresh : was.base;
  version->count = 0;
  for (size_t i = 0; i < was.count; i++) {
    Stamp stamp = stamp_eq(was.exceptions[i].stamp, old) ? fresh : was.exceptions[i].stamp;
    version_touch(version, stamp, was.exceptions[i].groups);
  }
}
