#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/log.h"
#include "tests/support/unit.h"

/* A log into memory: one line at a time is read back. */
typedef struct Capture {
  FILE *out;
  char *text;
  size_t len;
  EnvFake fake;
} Capture;

static void capture_start(Capture *capture, LogLevel least)
{
  *capture = (Capture){0};
  capture->out = open_memstream(&capture->text, &capture->len);
  env_fake_init(&capture->fake, 1769851800123, 1);
  log_open("testd", least, capture->out, &capture->fake.env);
}

static void capture_end(Capture *capture)
{
  log_open("testd", LOG_INFO, NULL, env_system());
  fclose(capture->out);
  free(capture->text);
}

TEST(fields_become_numbers_and_texts)
{
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_INFO);
  log_event(LOG_INFO, "push.done", "rows=%d peer=%s size=%zu seq=%llu delta=%lld port=%u mode=fast at=%s:%d", -3,
            "node-1", (size_t)7, 18446744073709551615ULL, -5LL, 8443U, "lan", 2);
  assert_string_equal(
      capture.text,
      "{\"t\":\"2026-01-31T09:30:00.123Z\",\"level\":\"info\",\"program\":\"testd\",\"event\":\"push.done\","
      "\"rows\":-3,\"peer\":\"node-1\",\"size\":7,\"seq\":18446744073709551615,\"delta\":-5,"
      "\"port\":8443,\"mode\":\"fast\",\"at\":\"lan:2\"}\n");
}

TEST(an_event_may_have_no_fields)
{
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_INFO);
  log_event(LOG_ERROR, "daemon.stop", NULL);
  assert_non_null(strstr(capture.text, "\"level\":\"error\",\"program\":\"testd\",\"event\":\"daemon.stop\"}\n"));
}

TEST(every_text_stays_one_line_of_json)
{
  static const char *const TEXTS[] = {
      "a \"quoted\\ text", "two\nlines\r\t\x01\x7f", "bad \xff\xc3 utf-8", "Zoë 😀", "", "%d %s", "a=b c=d"};
  for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
    AUTO(Capture, capture, capture_end);
    capture_start(&capture, LOG_INFO);
    log_event(LOG_WARN, "x.y", "text=%s after=%d", TEXTS[i], 1);
    assert_ptr_equal(strchr(capture.text, '\n'), capture.text + capture.len - 1);
    AUTO(json_t *, line, json_release) = NULL;
    assert_int_equal(json_parse(str_c(capture.text), &line), ERR_OK);
    if (utf8_valid(str_c(TEXTS[i]))) assert_true(str_eq_c(json_str(line, "text"), TEXTS[i]));
    assert_int_equal(json_int(line, "after", 0), 1);
  }
}

TEST(a_missing_text_is_said_to_be_missing)
{
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_INFO);
  const char *volatile nothing = NULL;
  log_event(LOG_INFO, "x.y", "peer=%s", nothing);
  assert_non_null(strstr(capture.text, "\"peer\":\"(none)\""));
}

TEST(levels_below_the_least_are_dropped)
{
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_WARN);
  log_event(LOG_DEBUG, "a.b", NULL);
  log_event(LOG_INFO, "a.b", NULL);
  fflush(capture.out);
  assert_int_equal(capture.len, 0);
  log_event(LOG_WARN, "a.b", NULL);
  assert_true(capture.len > 0);
}

TEST(errors_are_logged_by_name_with_their_detail)
{
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_INFO);
  Err err = err_because(ERR_BUSY, "database is held by pid %d", 12);
  log_err("tx.begin", err);
  assert_non_null(strstr(capture.text, "\"level\":\"warn\",\"program\":\"testd\",\"event\":\"tx.begin\","
                                       "\"error\":\"ERR_BUSY\",\"detail\":\"database is held by pid 12\"}\n"));
  err_clear();
  log_err("tx.begin", ERR_IO);
  assert_non_null(strstr(capture.text, "\"error\":\"ERR_IO\"}\n"));
}

TEST(a_field_of_absurd_size_does_not_hide_the_event)
{
  static char huge[1 << 20];
  memset(huge, 'x', sizeof huge - 1);
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_INFO);
  log_event(LOG_INFO, "x.y", "text=%s", huge);
  assert_non_null(strstr(capture.text, "\"event\":\"x.y\",\"log\":\"fields too large\"}\n"));
}

static void *log_many(void *unused)
{
  for (int i = 0; i < 500; i++) log_event(LOG_INFO, "thread.line", "n=%d text=%s", i, "abcdefghijklmnopqrstuvwxyz");
  return unused;
}

TEST(lines_of_several_threads_do_not_mix)
{
  AUTO(Capture, capture, capture_end);
  capture_start(&capture, LOG_INFO);
  pthread_t threads[4];
  for (size_t i = 0; i < COUNT_OF(threads); i++) assert_int_equal(pthread_create(&threads[i], NULL, log_many, NULL), 0);
  for (size_t i = 0; i < COUNT_OF(threads); i++) pthread_join(threads[i], NULL);
  Str rest = {capture.text, capture.len};
  int lines = 0;
  while (rest.len > 0) {
    AUTO(json_t *, line, json_release) = NULL;
    assert_int_equal(json_parse(str_cut(&rest, '\n'), &line), ERR_OK);
    lines++;
  }
  assert_int_equal(lines, 2000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_become_numbers_and_texts),
      cmocka_unit_test(an_event_may_have_no_fields),
      cmocka_unit_test(every_text_stays_one_line_of_json),
      cmocka_unit_test(a_missing_text_is_said_to_be_missing),
      cmocka_unit_test(levels_below_the_least_are_dropped),
      cmocka_unit_test(errors_are_logged_by_name_with_their_detail),
      cmocka_unit_test(a_field_of_absurd_size_does_not_hide_the_event),
      cmocka_unit_test(lines_of_several_threads_do_not_mix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
