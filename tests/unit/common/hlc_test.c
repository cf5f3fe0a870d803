#include "common/base/hlc.h"
#include "tests/support/unit.h"

TEST(the_next_stamp_is_later_and_not_before_now)
{
  static const struct {
    Instant last_ms;
    uint16_t last_counter;
    Instant now;
    Instant ms;
    uint16_t counter;
  } CASES[] = {
      {0, 0, 1000, 1000, 0},                                    /* the first */
      {1000, 0, 1000, 1000, 1},                                 /* the same millisecond */
      {1000, 7, 2000, 2000, 0},                                 /* later */
      {5000, 7, 2000, 5000, 8},                                 /* the clock went back */
      {1000, UINT16_MAX, 1000, 1001, 0},                        /* the counter is used up */
      {1000, UINT16_MAX, 500, 1001, 0},                         /* so too with a clock behind */
      {1000, UINT16_MAX, 1001, 1001, 0},                        /* now has got there as well */
      {0, 0, 0, 0, 1},                                          /* 1970 */
      {0, 5, -1, 0, 6},                                         /* before 1970 counts as 1970 */
      {0, 5, INT64_MIN, 0, 6},                                  /* as far as it goes */
      {0, 0, INT64_MAX, ((Instant)1 << 48) - 1, 0},             /* all that 48 bits hold */
      {((Instant)1 << 48) - 1, 3, 0, ((Instant)1 << 48) - 1, 4} /* and on from there */
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Hlc last = hlc_make(CASES[i].last_ms, CASES[i].last_counter), next = hlc_next(last, CASES[i].now);
    assert_true(next > last);
    assert_int_equal(next, hlc_make(CASES[i].ms, CASES[i].counter));
    assert_int_equal(hlc_ms(next), CASES[i].ms);
  }
}

TEST(stamps_grow_whatever_the_clock_does)
{
  EnvFake fake;
  env_fake_init(&fake, 0, 3);
  Hlc last = 0;
  for (int i = 0; i < 100000; i++) {
    Hlc next = hlc_next(last, (Instant)(fake.state[i % 4] % 3000) - 1000);
    assert_true(next > last);
    last = next;
    uint8_t stir;
    env_random(&fake.env, &stir, 1);
  }
}

TEST(more_than_five_minutes_is_ahead)
{
  const Instant now = 1790000000000;
  assert_false(hlc_is_ahead(hlc_make(now, 0), now));
  assert_false(hlc_is_ahead(hlc_make(now + HLC_MAX_AHEAD_MS, UINT16_MAX), now));
  assert_true(hlc_is_ahead(hlc_make(now + HLC_MAX_AHEAD_MS + 1, 0), now));
  assert_false(hlc_is_ahead(0, now));
  assert_true(hlc_is_ahead(UINT64_MAX, now));
  assert_true(hlc_is_ahead(hlc_make(now, 0), -5));
  assert_false(hlc_is_ahead(hlc_make(HLC_MAX_AHEAD_MS, 0), INT64_MIN));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_next_stamp_is_later_and_not_before_now),
      cmocka_unit_test(stamps_grow_whatever_the_clock_does),
      cmocka_unit_test(more_than_five_minutes_is_ahead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
