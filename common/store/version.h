/* Version: the column `v` of a replicated row: which transaction wrote each of its column groups last.
 *
 * Base: the stamp of the newest INSERT of the row. Exceptions: groups whose newest UPDATE is above the base. A group is named
 * by the lowest column id in it. The bytes depend on nothing but the set of stamps, never on the order in which they came, so
 * they are the same on every node. Pure functions; for the store room alone. The format is in common/store/JOURNAL.md.
 */
#pragma once

#include "common/base/str.h"
#include "common/store/store.h"

typedef struct Stamp { /* names a transaction, and orders writes: by hlc, then by node */
  Hlc hlc;
  NodeId node;
} Stamp;

static inline bool stamp_before(Stamp a, Stamp b)
{
  return a.hlc < b.hlc || (a.hlc == b.hlc && a.node < b.node);
}
static inline bool stamp_eq(Stamp a, Stamp b)
{
  return a.hlc == b.hlc && a.node == b.node;
}

enum { VERSION_BASE_SIZE = 12, VERSION_EXCEPTION_MAX = 63, VERSION_SIZE_MAX = VERSION_BASE_SIZE + 63 * 24 };

typedef struct Version {
  Stamp base;
  size_t count;
  struct {
    Stamp stamp;
    uint64_t groups;                   /* bit (group - 1) */
  } exceptions[VERSION_EXCEPTION_MAX]; /* ascending by stamp, each group at most once, all above base */
} Version;

/* version_parse: false when it is not canonical. */
bool version_parse(Str bytes, Version *out);
/* version_write: returns the size. */
size_t version_write(const Version *version, uint8_t out[VERSION_SIZE_MAX]);

/* version_base: the bytes of a row that was just inserted; returns their size. For foyer_stamp(). */
size_t version_base(Stamp stamp, uint8_t out[VERSION_SIZE_MAX]);
/* version_touch_bytes: for foyer_touch(): `bytes` with `groups` (bit group - 1) written by `stamp`; groups of a newer stamp
 * stay. 0 when `bytes` is not a version. */
size_t version_touch_bytes(Str bytes, Stamp stamp, uint64_t groups, uint8_t out[VERSION_SIZE_MAX]);

/* version_of: the stamp of one group. */
Stamp version_of(const Version *version, unsigned group);
/* version_newest: the highest stamp in it. */
Stamp version_newest(const Version *version);
/* version_touch: an UPDATE of `groups`. version_insert: an INSERT. Both leave what is newer. */
void version_touch(Version *version, Stamp stamp, uint64_t groups);
void version_insert(Version *version, Stamp stamp);
/* version_restamp: replace a stamp wherever it stands. The new one must keep its place in the order (asserted). */
void version_restamp(Version *version, Stamp old, Stamp fresh);
