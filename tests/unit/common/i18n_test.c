#include <string.h>

#include "common/base/i18n.h"
#include "tests/support/folder.h"
#include "tests/support/unit.h"

#define META(name) "\"_\": {\"name\": \"" name "\", \"direction\": \"ltr\"}"

/* English, Arabic and Spanish, the way assets/i18n has them. */
static void write_languages(TestFolder *folder)
{
  test_folder_write(folder, "en/common.json",
                    "{" META(
                        "English") ", \"hello\": \"Hello, {name}\", \"only\": \"Only here\","
                                   "\"date.long\": \"{weekday} {day} {month} {year}\", \"date.weekday.1\": \"Tuesday\","
                                   "\"date.month.11\": \"November\", \"time.pattern\": \"{hour12}:{minute} {half}\","
                                   "\"time.am\": \"AM\", \"time.pm\": \"PM\"}");
  test_folder_write(folder, "en/kiosk.json", "{\"welcome.title\": \"Welcome\"}");
  test_folder_write(folder, "es/common.json",
                    "{" META("Español") ", \"hello\": \"Hola, {name}: {name}\","
                                        "\"time.pattern\": \"{hour}:{minute}\"}");
  test_folder_write(folder, "ar/common.json", "{\"_\": {\"name\": \"العربية\", \"direction\": \"rtl\"}}");
  test_folder_write(folder, "README", "not a language");
  test_folder_write(folder, "es/notes.txt", "not a file of texts");
}

TEST(languages_come_english_first_then_by_tag)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  write_languages(&folder);
  I18n *i18n = NULL;
  assert_int_equal(i18n_open(folder.path, &i18n), ERR_OK);
  assert_int_equal(i18n_count(i18n), 3);
  assert_string_equal(i18n_tag(i18n, 0), "en");
  assert_string_equal(i18n_tag(i18n, 1), "ar");
  assert_string_equal(i18n_tag(i18n, 2), "es");
  assert_string_equal(i18n_name(i18n, 2), "Español");
  assert_true(i18n_is_rtl(i18n, "ar"));
  assert_false(i18n_is_rtl(i18n, "en") || i18n_is_rtl(i18n, "xx"));
  i18n_close(i18n);
}

TEST(a_missing_sentence_falls_back_to_english_then_to_the_key)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  write_languages(&folder);
  I18n *i18n = NULL;
  assert_int_equal(i18n_open(folder.path, &i18n), ERR_OK);
  assert_string_equal(i18n_text(i18n, "es", "hello"), "Hola, {name}: {name}");
  assert_string_equal(i18n_text(i18n, "es", "only"), "Only here");
  assert_string_equal(i18n_text(i18n, "es", "welcome.title"), "Welcome");
  assert_string_equal(i18n_text(i18n, "xx", "only"), "Only here");
  assert_string_equal(i18n_text(i18n, "es", "no.such.key"), "no.such.key");
  assert_true(i18n_has(i18n, "es", "hello") && i18n_has(i18n, "en", "welcome.title"));
  assert_false(i18n_has(i18n, "es", "only") || i18n_has(i18n, "xx", "hello") || i18n_has(i18n, "en", "_"));
  i18n_close(i18n);
}

TEST(names_in_braces_are_replaced)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_folder_write(&folder, "en/common.json",
                    "{" META("English") ", \"one\": \"Hi {name}!\", \"two\": \"{a}{b}{a}\", \"none\": \"{x} {} {\","
                                        "\"open\": \"{name\", \"plain\": \"x } y\", \"empty\": \"\"}");
  I18n *i18n = NULL;
  assert_int_equal(i18n_open(folder.path, &i18n), ERR_OK);
  const I18nArg args[] = {{"name", "{a} Zoë"}, {"a", "1"}, {"b", NULL}, {0}};
  static const struct {
    const char *key, *want;
  } CASES[] = {{"one", "Hi {a} Zoë!"}, {"two", "11"}, {"none", "{x} {} {"},       {"open", "{name"},
               {"plain", "x } y"},     {"empty", ""}, {"no {name}", "no {a} Zoë"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++)
    assert_string_equal(i18n_format(i18n, "en", &arena, CASES[i].key, args), CASES[i].want);
  assert_string_equal(i18n_format(i18n, "en", &arena, "one", NULL), "Hi {name}!");
  i18n_close(i18n);
}

TEST(a_folder_without_english_is_not_found)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  I18n *i18n = NULL;
  assert_int_equal(i18n_open(test_folder_path(&folder, "none"), &i18n), ERR_NOT_FOUND);
  test_folder_write(&folder, "es/common.json", "{" META("Español") "}");
  assert_int_equal(i18n_open(folder.path, &i18n), ERR_NOT_FOUND);
  test_folder_write(&folder, "en/kiosk.json", "{\"a\": \"b\"}");
  assert_int_equal(i18n_open(folder.path, &i18n), ERR_NOT_FOUND);
  assert_null(i18n);
}

TEST(a_bad_file_is_named)
{
  static const struct {
    const char *file, *text, *detail;
  } CASES[] = {
      {"es/common.json", "{" META("Español") ", \"a\": 1}", "es/common.json: \"a\" is not a text"},
      {"es/common.json", "{" META("Español") ", \"a\": {\"b\": \"c\"}}", "es/common.json: \"a\" is not a text"},
      {"es/common.json", "{" META("Español") ",\n \"a\"}", "es/common.json: line 2, column "},
      {"es/common.json", "[]", "es/common.json: not an object"},
      {"es/common.json", "{\"a\": \"b\"}", "es: no common.json with \"_\""},
      {"es/common.json", "{\"_\": {\"name\": \"Español\", \"direction\": \"up\"}}", "es/common.json: \"_\" needs"},
      {"es/common.json", "{\"_\": {\"direction\": \"ltr\"}}", "es/common.json: \"_\" needs"},
      {"en/desk.json", "{\"hello\": \"again\"}", "en/desk.json: \"hello\" is in another file"},
      {"en/desk.json", "{\"x\": \"1\", \"x\": \"2\"}", "en/desk.json: line 1, column "},
      {"en/desk.json", "{" META("English") "}", "en/desk.json: \"_\" is in another file"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
    write_languages(&folder);
    test_folder_write(&folder, CASES[i].file, CASES[i].text);
    I18n *i18n = NULL;
    assert_int_equal(i18n_open(folder.path, &i18n), ERR_INVALID);
    if (!strstr(err_detail(), CASES[i].detail)) fail_msg("%s", err_detail());
    assert_null(i18n);
  }
}

TEST(dates_and_times_follow_the_patterns)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  write_languages(&folder);
  I18n *i18n = NULL;
  assert_int_equal(i18n_open(folder.path, &i18n), ERR_OK);
  assert_string_equal(i18n_date(i18n, "en", &arena, (Date){2026, 11, 24}), "Tuesday 24 November 2026");
  static const struct {
    int minute;
    const char *en, *es;
  } CASES[] = {{0, "12:00 AM", "00:00"},   {1, "12:01 AM", "00:01"},  {630, "10:30 AM", "10:30"},
               {720, "12:00 PM", "12:00"}, {785, "1:05 PM", "13:05"}, {1439, "11:59 PM", "23:59"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    assert_string_equal(i18n_time(i18n, "en", &arena, CASES[i].minute), CASES[i].en);
    assert_string_equal(i18n_time(i18n, "es", &arena, CASES[i].minute), CASES[i].es);
  }
  i18n_close(i18n);
}

/* The product's own files; unit tests run in the repository's root. */
TEST(every_language_of_ours_can_say_every_error_date_and_time)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  I18n *i18n = NULL;
  Err err = i18n_open("assets/i18n", &i18n);
  if (err != ERR_OK) fail_msg("%s: %s", err_name(err), err_detail());
  for (size_t l = 0; l < i18n_count(i18n); l++) {
    const char *tag = i18n_tag(i18n, l);
    for (Err each = ERR_OK; each <= ERR_UNSUPPORTED; each++) {
      if (!i18n_has(i18n, tag, err_key(each))) fail_msg("%s lacks %s", tag, err_key(each));
    }
    for (int day = 0; day < 366; day++) {
      const char *text = i18n_date(i18n, tag, &arena, date_from_days(date_days((Date){2024, 1, 1}) + day));
      if (strstr(text, "date.") || strchr(text, '{')) fail_msg("%s: %s", tag, text);
    }
    for (int minute = 0; minute < 1440; minute += 7) {
      const char *text = i18n_time(i18n, tag, &arena, minute);
      if (strstr(text, "time.") || strchr(text, '{')) fail_msg("%s: %s", tag, text);
    }
  }
  assert_string_equal(i18n_date(i18n, "en", &arena, (Date){2026, 11, 24}), "Tuesday 24 November 2026");
  assert_string_equal(i18n_date(i18n, "es", &arena, (Date){2026, 11, 24}), "martes 24 de noviembre de 2026");
  assert_string_equal(i18n_time(i18n, "en", &arena, 630), "10:30 AM");
  assert_string_equal(i18n_time(i18n, "es", &arena, 630), "10:30");
  i18n_close(i18n);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(languages_come_english_first_then_by_tag),
      cmocka_unit_test(a_missing_sentence_falls_back_to_english_then_to_the_key),
      cmocka_unit_test(names_in_braces_are_replaced),
      cmocka_unit_test(a_folder_without_english_is_not_found),
      cmocka_unit_test(a_bad_file_is_named),
      cmocka_unit_test(dates_and_times_follow_the_patterns),
      cmocka_unit_test(every_language_of_ours_can_say_every_error_date_and_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
