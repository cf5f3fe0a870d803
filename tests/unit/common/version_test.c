#include <string.h>

#include "common/base/env.h"
#include "common/base/err.h"
#include "common/store/version.h"
#include "tests/support/unit.h"

static Stamp stamp(Instant ms, uint16_t counter, NodeId node)
{
  return (Stamp){hlc_make(ms, counter), node};
}

static void assert_round_trip(const Version *version)
{
  uint8_t bytes[VERSION_SIZE_MAX], again[VERSION_SIZE_MAX];
  size_t size = version_write(version, bytes);
  Version back;
  assert_true(version_parse((Str){(const char *)bytes, size}, &back));
  assert_int_equal(version_write(&back, again), size);
  assert_memory_equal(bytes, again, size);
}

TEST(a_fresh_row_is_twelve_bytes_and_every_group_has_its_stamp)
{
  uint8_t bytes[VERSION_SIZE_MAX];
  size_t size = version_base(stamp(1000, 3, 0xabcd), bytes);
  assert_int_equal(size, 12);
  Version version;
  assert_true(version_parse((Str){(const char *)bytes, size}, &version));
  for (unsigned g = 1; g <= 63; g++) assert_true(stamp_eq(version_of(&version, g), stamp(1000, 3, 0xabcd)));
}

TEST(an_update_a_day_later_by_the_same_node_takes_six_bytes)
{
  uint8_t bytes[VERSION_SIZE_MAX], touched[VERSION_SIZE_MAX];
  size_t size = version_base(stamp(1700000000000, 0, 7), bytes);
  Stamp later = stamp(1700000000000 + 86400000, 0, 7);
  assert_int_equal(version_touch_bytes((Str){(const char *)bytes, size}, later, 1ULL << 5, touched), 12 + 6);
}

/* The model: every group's newest update and the row's newest insert, nothing else. */
typedef struct Model {
  Stamp insert, update[64];
} Model;

static void shuffle(const Env *env, size_t order[], size_t count)
{
  for (size_t i = count; i > 1; i--) {
    uint32_t r;
    env_random(env, &r, sizeof r);
    size_t j = r % i, keep = order[i - 1];
    order[i - 1] = order[j];
    order[j] = keep;
  }
}

TEST(the_bytes_do_not_depend_on_the_order_of_writes)
{
  enum { WRITES = 90 };
  EnvFake fake;
  env_fake_init(&fake, 0, 11);
  for (int round = 0; round < 300; round++) {
    struct {
      Stamp stamp;
      uint64_t groups; /* 0: insert */
    } writes[WRITES];
    size_t order[WRITES];
    Model model = {0};
    for (size_t i = 0; i < WRITES; i++) {
      uint32_t r[4];
      env_random(&fake.env, r, sizeof r);
      writes[i].stamp = stamp(1000000 + r[0] % 60 * 1000, (uint16_t)(r[1] % 300), 1 + r[2] % 5);
      writes[i].groups = r[3] % 9 == 0 ? 0 : 1ULL << (r[3] % 63) | 1ULL << (r[3] / 64 % 63);
      order[i] = i;
      Stamp *into = &model.insert;
      if (writes[i].groups == 0 && stamp_before(*into, writes[i].stamp)) *into = writes[i].stamp;
      for (unsigned g = 1; g <= 63; g++) {
        if (writes[i].groups >> (g - 1) & 1 && stamp_before(model.update[g], writes[i].stamp))
          model.update[g] = writes[i].stamp;
      }
    }
    uint8_t first[VERSION_SIZE_MAX] = {0};
    size_t first_size = 0;
    for (int turn = 0; turn < 4; turn++) {
      Version version = {.base = {0, 0}};
      for (size_t i = 0; i < WRITES; i++) {
        if (writes[order[i]].groups)
          version_touch(&version, writes[order[i]].stamp, writes[order[i]].groups);
        else
          version_insert(&version, writes[order[i]].stamp);
        assert_round_trip(&version);
      }
      for (unsigned g = 1; g <= 63; g++) {
        Stamp want = stamp_before(model.insert, model.update[g]) ? model.update[g] : model.insert;
        assert_true(stamp_eq(version_of(&version, g), want));
      }
      uint8_t bytes[VERSION_SIZE_MAX];
      size_t size = version_write(&version, bytes);
      if (turn == 0) {
        memcpy(first, bytes, size);
        first_size = size;
      }
      assert_int_equal(size, first_size);
      assert_memory_equal(bytes, first, size);
      shuffle(&fake.env, order, WRITES);
    }
  }
}

TEST(sixty_three_groups_may_each_have_their_own_stamp)
{
  Version version = {.base = stamp(1, 0, 1)};
  for (unsigned g = 1; g <= 63; g++) version_touch(&version, stamp((Instant)1 << 40, 65000, 100 + g), 1ULL << (g - 1));
  assert_int_equal(version.count, 63);
  assert_round_trip(&version);
  for (unsigned g = 63; g >= 1; g--) version_touch(&version, stamp((Instant)1 << 41, 1, 100 + g), 1ULL << (g - 1));
  assert_int_equal(version.count, 63);
  assert_round_trip(&version);
}

TEST(a_restamp_moves_base_and_exceptions)
{
  Version version = {.base = stamp(5000, 0, 1)};
  version_touch(&version, stamp(9000, 0, 1), 6);
  version_touch(&version, stamp(6000, 0, 2), 8);
  version_restamp(&version, stamp(9000, 0, 1), stamp(7000, 0, 1));
  assert_true(stamp_eq(version_of(&version, 2), stamp(7000, 0, 1)));
  assert_true(stamp_eq(version_of(&version, 3), stamp(7000, 0, 1)));
  assert_true(stamp_eq(version_of(&version, 4), stamp(6000, 0, 2)));
  version_restamp(&version, stamp(5000, 0, 1), stamp(4000, 0, 1));
  assert_true(stamp_eq(version_of(&version, 1), stamp(4000, 0, 1)));
  assert_round_trip(&version);
}

TEST(bytes_that_are_not_canonical_are_refused)
{
  static const struct {
    const char *what;
    size_t len;
    uint8_t bytes[32];
  } CASES[] = {
      {"too short", 11, {0}},
      {"no groups", 15, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0x00, 0x01, 0x00}},
      {"not after the base", 15, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0x02, 0x00, 0x00}},
      {"the base's node named again", 19, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0x03, 0x01, 0x00, 0, 0, 0, 9}},
      {"ends in an exception", 14, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0x02, 0x01}},
      {"a group twice", 18, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00}},
      {"a counter above 16 bits", 17, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0x02, 0x01, 0x80, 0x80, 0x04}},
      {"time that overflows", 20, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,
                                   0,    9,    0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00}},
  };
  Version version;
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    if (version_parse((Str){(const char *)CASES[i].bytes, CASES[i].len}, &version)) fail_msg("%s", CASES[i].what);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fresh_row_is_twelve_bytes_and_every_group_has_its_stamp),
      cmocka_unit_test(an_update_a_day_later_by_the_same_node_takes_six_bytes),
      cmocka_unit_test(the_bytes_do_not_depend_on_the_order_of_writes),
      cmocka_unit_test(sixty_three_groups_may_each_have_their_own_stamp),
      cmocka_unit_test(a_restamp_moves_base_and_exceptions),
      cmocka_unit_test(bytes_that_are_not_canonical_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
