/* Row versions: canonical, and touching one keeps it so. The first 16 bytes are a stamp and groups to touch it with. */
#include "common/base/buf.h"
#include "common/store/version.h"
#include "tests/fuzz/fuzz.h"

static void check_order(const Version *version)
{
  uint64_t all = 0;
  Stamp last = version->base;
  for (size_t i = 0; i < version->count; i++) {
    REQUIRE(stamp_before(last, version->exceptions[i].stamp));
    REQUIRE(version->exceptions[i].groups && !(version->exceptions[i].groups & all));
    all |= version->exceptions[i].groups;
    last = version->exceptions[i].stamp;
  }
  REQUIRE(stamp_eq(version_newest(version), last));
}

static void check_write(const Version *version)
{
  uint8_t out[VERSION_SIZE_MAX], again[VERSION_SIZE_MAX];
  Version back;
  check_order(version);
  size_t size = version_write(version, out);
  REQUIRE(size <= sizeof out && version_parse((Str){(const char *)out, size}, &back));
  REQUIRE(version_write(&back, again) == size && memcmp(out, again, size) == 0);
}

static void check_touch(const Version *before, Stamp stamp, uint64_t groups)
{
  Version after = *before;
  version_touch(&after, stamp, groups);
  check_write(&after);
  for (unsigned group = 1; group <= 63; group++) {
    Stamp was = version_of(before, group);
    bool wins = groups >> (group - 1) & 1 && stamp_before(was, stamp);
    REQUIRE(stamp_eq(version_of(&after, group), wins ? stamp : was));
  }
  Version inserted = *before;
  version_insert(&inserted, stamp);
  check_write(&inserted);
  for (unsigned group = 1; group <= 63; group++) {
    Stamp was = version_of(before, group);
    REQUIRE(stamp_eq(version_of(&inserted, group), stamp_before(was, stamp) ? stamp : was));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Version version;
  Reader r = reader_make(data, size);
  Stamp stamp = {reader_u64(&r), reader_u32(&r)};
  uint64_t groups = reader_u32(&r) | 1;
  if (r.failed) return 0;
  Str bytes = {(const char *)data + r.at, size - r.at};
  if (!version_parse(bytes, &version)) return 0;
  uint8_t out[VERSION_SIZE_MAX];
  REQUIRE(version_write(&version, out) == bytes.len && memcmp(out, bytes.ptr, bytes.len) == 0);
  check_order(&version);
  check_touch(&version, stamp, groups);
  check_touch(&version, stamp, groups << 31 & INT64_MAX);
  return 0;
}

void fuzz_seeds(void)
{
  uint8_t bytes[VERSION_SIZE_MAX];
  Version version = {.base = {hlc_make(1772463600000, 0), 7}};
  for (unsigned i = 0; i < 4; i++) {
    AUTO(Buf, out, buf_fini) = buf_make(4096);
    buf_u64(&out, hlc_make(1772463600000 + 3 * i, 2));
    buf_u32(&out, 8 - i);
    buf_u32(&out, 5);
    buf_bytes(&out, bytes, version_write(&version, bytes));
    fuzz_seed(buf_view(&out));
    version_touch(&version, (Stamp){hlc_make(1772463600000 + 5 * i, (uint16_t)i), 6 + i}, 0x11u << i);
  }
}
