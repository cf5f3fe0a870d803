#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/env.h"
#include "common/base/err.h"
#include "tests/support/unit.h"

TEST(the_system_clocks_run)
{
  const Env *env = env_system();
  Instant now = env_now(env);
  assert_true(now / 1000 - time(NULL) <= 1 && time(NULL) - now / 1000 <= 1);
  int64_t last = env_monotonic_ms(env);
  struct timespec pause = {.tv_nsec = 20000000};
  nanosleep(&pause, NULL);
  assert_true(env_monotonic_ms(env) - last >= 19);
  assert_null(env->vfs);
}

static int compare_words(const void *a, const void *b)
{
  const uint64_t *left = a, *right = b;
  return (*left > *right) - (*left < *right);
}

TEST(system_randomness_fills_every_length)
{
  uint8_t first[1000] = {0}, second[1000] = {0};
  env_random(env_system(), first, sizeof first);
  env_random(env_system(), second, sizeof second);
  assert_memory_not_equal(first, second, sizeof first);
  memset(second, 0, sizeof second);
  env_random(env_system(), second, 0);
  assert_int_equal(second[0], 0);
}

TEST(small_requests_are_never_alike)
{
  static uint64_t words[20000];
  for (size_t i = 0; i < COUNT_OF(words); i++) {
    env_random(env_system(), &words[i], sizeof words[i]);
    uint8_t odd[7];
    env_random(env_system(), odd, i % 8 < 7 ? i % 8 : 0);
  }
  qsort(words, COUNT_OF(words), sizeof words[0], compare_words);
  for (size_t i = 1; i < COUNT_OF(words); i++) assert_true(words[i - 1] < words[i]);
}

TEST(a_forked_child_has_other_randomness)
{
  uint64_t mine, theirs = 0;
  int ends[2];
  env_random(env_system(), &mine, sizeof mine); /* the stock is there before the fork */
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    env_random(env_system(), &theirs, sizeof theirs);
    _exit(write(ends[1], &theirs, sizeof theirs) == sizeof theirs ? 0 : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  env_random(env_system(), &mine, sizeof mine);
  assert_int_equal(read(ends[0], &theirs, sizeof theirs), sizeof theirs);
  assert_true(mine != theirs);
  close(ends[0]);
  close(ends[1]);
}

TEST(a_fake_clock_stands_until_it_is_moved)
{
  EnvFake fake;
  env_fake_init(&fake, 5000, 1);
  int64_t start = env_monotonic_ms(&fake.env);
  assert_int_equal(env_now(&fake.env), 5000);
  env_fake_advance(&fake, 250);
  assert_int_equal(env_now(&fake.env), 5250);
  assert_int_equal(env_monotonic_ms(&fake.env), start + 250);
  fake.now = -1; /* someone sets the clock */
  assert_int_equal(env_now(&fake.env), -1);
  assert_int_equal(env_monotonic_ms(&fake.env), start + 250);
}

TEST(one_seed_gives_one_sequence)
{
  EnvFake a, b, c;
  uint8_t left[37], right[37], other[37];
  env_fake_init(&a, 0, 42);
  env_fake_init(&b, 99, 42);
  env_fake_init(&c, 0, 43);
  for (int i = 0; i < 10; i++) {
    env_random(&a.env, left, sizeof left);
    env_random(&b.env, right, sizeof right);
    env_random(&c.env, other, sizeof other);
    assert_memory_equal(left, right, sizeof left);
    assert_memory_not_equal(left, other, sizeof left);
  }
}

TEST(fake_randomness_is_xoshiro256_starstar)
{
  /* state 1, 2, 3, 4: the first values of the reference implementation */
  static const uint64_t WANT[] = {11520, 0, 1509978240, 1215971899390074240U};
  EnvFake fake;
  env_fake_init(&fake, 0, 0);
  for (uint64_t i = 0; i < 4; i++) fake.state[i] = i + 1;
  for (size_t i = 0; i < COUNT_OF(WANT); i++) {
    uint64_t got;
    env_random(&fake.env, &got, sizeof got);
    assert_int_equal(got, WANT[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_system_clocks_run),
      cmocka_unit_test(system_randomness_fills_every_length),
      cmocka_unit_test(small_requests_are_never_alike),
      cmocka_unit_test(a_forked_child_has_other_randomness),
      cmocka_unit_test(a_fake_clock_stands_until_it_is_moved),
      cmocka_unit_test(one_seed_gives_one_sequence),
      cmocka_unit_test(fake_randomness_is_xoshiro256_starstar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
