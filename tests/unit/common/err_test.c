#include <pthread.h>
#include <string.h>

#include "common/base/err.h"
#include "tests/support/unit.h"

TEST(every_error_has_its_own_name_and_a_key)
{
  for (Err err = ERR_OK; err <= ERR_UNSUPPORTED; err++) {
    assert_int_equal(strncmp(err_name(err), "ERR_", 4), 0);
    assert_int_equal(strncmp(err_key(err), "error.", 6), 0);
    for (Err other = ERR_OK; other < err; other++) assert_string_not_equal(err_name(err), err_name(other));
  }
}

TEST(only_troubles_that_pass_are_retried)
{
  assert_true(err_retry(ERR_BUSY) && err_retry(ERR_NETWORK) && err_retry(ERR_NO_SPACE));
  assert_false(err_retry(ERR_OK) || err_retry(ERR_CORRUPT) || err_retry(ERR_REVOKED) || err_retry(ERR_CONFLICT));
}

TEST(detail_is_kept_until_the_next_one)
{
  assert_int_equal(err_because(ERR_IO, "open %s", "a"), ERR_IO);
  assert_string_equal(err_detail(), "open a");
  assert_int_equal(err_because(ERR_INVALID, "%s: %s", "file", err_detail()), ERR_INVALID);
  assert_string_equal(err_detail(), "file: open a");
  err_clear();
  assert_string_equal(err_detail(), "");
}

TEST(a_long_detail_is_cut_to_511_bytes)
{
  char text[2000];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  assert_int_equal(err_because(ERR_IO, "%s", text), ERR_IO);
  assert_int_equal(strlen(err_detail()), 511);
}

static void *read_detail(void *out)
{
  *(size_t *)out = strlen(err_detail());
  return NULL;
}

TEST(threads_do_not_see_one_anothers_detail)
{
  size_t len = 99;
  pthread_t thread;
  assert_int_equal(err_because(ERR_IO, "mine"), ERR_IO);
  assert_int_equal(pthread_create(&thread, NULL, read_detail, &len), 0);
  pthread_join(thread, NULL);
  assert_int_equal(len, 0);
}

static Err halfway(bool *reached)
{
  TRY(ERR_OK);
  TRY(ERR_GAP);
  *reached = true;
  return ERR_OK;
}

TEST(try_returns_the_error_at_once)
{
  bool reached = false;
  assert_int_equal(halfway(&reached), ERR_GAP);
  assert_false(reached);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_error_has_its_own_name_and_a_key), cmocka_unit_test(only_troubles_that_pass_are_retried),
      cmocka_unit_test(detail_is_kept_until_the_next_one),      cmocka_unit_test(a_long_detail_is_cut_to_511_bytes),
      cmocka_unit_test(threads_do_not_see_one_anothers_detail), cmocka_unit_test(try_returns_the_error_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
