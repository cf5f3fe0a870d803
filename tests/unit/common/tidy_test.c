#include "common/practice/loose_date.h"
#include "common/practice/tidy.h"
#include "tests/support/unit.h"

TEST(a_line_has_single_spaces_and_no_controls)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const struct {
    const char *text, *want;
  } cases[] = {
      {"", ""},
      {"  Ana  María\t\n Ruiz ", "Ana María Ruiz"},
      {"\u00a0\u3000Li\u2003Wei\u2028", "Li Wei"},
      {"O\u202e'Neil\u2066", "O'Neil"},
      {"می\u200cخواهم", "می\u200cخواهم"}, /* a joiner that Persian needs */
      {"a\x7f\x01"
       "b",
       "a b"},
      {"\ufeffMejía", "Mejía"},
      {"bad\xff", "bad\ufffd"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) assert_string_equal(tidy_c(&arena, cases[i].text).ptr, cases[i].want);
  assert_int_equal(tidy_c(&arena, NULL).len, 0);
}

TEST(a_text_keeps_its_lines)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(tidy_text(&arena, STR("\n one  two \r\n\nthree\n\n")).ptr, "one two\n\nthree");
  assert_string_equal(tidy_text(&arena, STR("")).ptr, "");
  assert_string_equal(tidy_text(&arena, STR("\n\n")).ptr, "");
}

TEST(phones_are_kept_as_people_read_them)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(tidy_phone(&arena, STR(" 555.123/4567 ")).ptr, "555-123-4567");
  assert_string_equal(tidy_phone(&arena, STR("+44 (0)20 7946-0958")).ptr, "+44 (0)20 7946-0958");
  assert_string_equal(tidy_digits(&arena, STR("+44 (0)20 7946-0958")).ptr, "4402079460958");
}

TEST(full_names_follow_the_script)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const struct {
    const char *given, *family, *want;
  } cases[] = {
      {"Ana María", "Ruiz Gómez", "Ana María Ruiz Gómez"},
      {"小明", "王", "王小明"},
      {"민준", "김", "김민준"},
      {"さくら", "佐藤", "佐藤さくら"},
      {"Ming", "王", "Ming 王"},
      {"", "Suharto", "Suharto"},
      {"Cher", "", "Cher"},
      {"", "", ""},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++)
    assert_string_equal(tidy_full_name(&arena, str_c(cases[i].given), str_c(cases[i].family)), cases[i].want);
}

TEST(dates_are_read_in_every_usual_way)
{
  static const struct {
    const char *text;
    size_t count;
    Date first;
    DateOrder order;
  } cases[] = {
      {"1986-11-27", 1, {1986, 11, 27}, DATE_CLEAR},
      {"1986/1/7", 1, {1986, 1, 7}, DATE_CLEAR},
      {" 27.11.1986 ", 1, {1986, 11, 27}, DATE_CLEAR},
      {"2.3.1986", 1, {1986, 3, 2}, DATE_CLEAR},
      {"27/11/1986", 1, {1986, 11, 27}, DATE_DAY_FIRST},
      {"11/27/1986", 1, {1986, 11, 27}, DATE_MONTH_FIRST},
      {"2-3-1986", 2, {1986, 3, 2}, DATE_DAY_FIRST},
      {"5/5/1986", 1, {1986, 5, 5}, DATE_CLEAR},
      {"19861127", 1, {1986, 11, 27}, DATE_CLEAR},
      {"11271986", 1, {1986, 11, 27}, DATE_MONTH_FIRST},
      {"02031986", 2, {1986, 3, 2}, DATE_DAY_FIRST},
      {"29/2/1985", 0, {0}, DATE_CLEAR},
      {"30/2/1986", 0, {0}, DATE_CLEAR},
      {"1986", 0, {0}, DATE_CLEAR},
      {"27/11/86", 0, {0}, DATE_CLEAR},
      {"27/11-1986", 0, {0}, DATE_CLEAR},
      {"27/11/1986/1", 0, {0}, DATE_CLEAR},
      {"555-981-8755", 0, {0}, DATE_CLEAR},
      {"", 0, {0}, DATE_CLEAR},
      {"/", 0, {0}, DATE_CLEAR},
      {"1/1/", 0, {0}, DATE_CLEAR},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    LooseDate out[LOOSE_DATES_MAX];
    size_t count = loose_dates(str_c(cases[i].text), out);
    if (count != cases[i].count) fail_msg("%s: %zu readings", cases[i].text, count);
    if (count == 0) continue;
    assert_int_equal(date_compare(out[0].date, cases[i].first), 0);
    assert_int_equal(out[0].order, cases[i].order);
  }
}

TEST(times_are_read_in_every_usual_way)
{
  static const struct {
    const char *text;
    int want; /* -1: no time */
  } cases[] = {
      {"9:30", 570},        {"09:30:15", 570}, {"9.30", 570},     {"14:05", 845},  {"2:05 pm", 845},
      {"2:05PM", 845},      {"12 am", 0},      {"12:00 PM", 720}, {"9 a.m.", 540}, {"0:00", 0},
      {"23:59", 1439},      {"24:00", -1},     {"9", -1},         {"13 pm", -1},   {"9:60", -1},
      {"9:30 o'clock", -1}, {"", -1},          {"x", -1},         {"123:00", -1},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    int minute = -1;
    bool read = loose_time(str_c(cases[i].text), &minute);
    if (read != (cases[i].want >= 0) || minute != cases[i].want) fail_msg("%s: %d", cases[i].text, minute);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_has_single_spaces_and_no_controls), cmocka_unit_test(a_text_keeps_its_lines),
      cmocka_unit_test(phones_are_kept_as_people_read_them),      cmocka_unit_test(full_names_follow_the_script),
      cmocka_unit_test(dates_are_read_in_every_usual_way),        cmocka_unit_test(times_are_read_in_every_usual_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
