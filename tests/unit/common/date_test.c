#include <string.h>

#include "common/base/date.h"
#include "tests/support/unit.h"

static Date date_of(const char *text)
{
  Date date;
  if (!date_parse(str_c(text), &date)) fail_msg("not a date: %s", text);
  return date;
}

static WallTime wall_of(const char *text)
{
  WallTime wall;
  if (!wall_parse(str_c(text), &wall)) fail_msg("not a wall time: %s", text);
  return wall;
}

TEST(dates_are_read_exactly)
{
  static const char *const GOOD[] = {"2026-01-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"};
  static const char *const BAD[] = {"",           "2026-1-31",  "2026-02-29",  "1900-02-29",
                                    "2100-02-29", "2026-13-01", "2026-00-10",  "2026-04-31",
                                    "2026-01-00", "0000-01-01", "2026-01-31 ", " 2026-01-31",
                                    "2026/01/31", "20260131",   "2026-01-3x",  "-026-01-01",
                                    "2026-01-311"};
  Date date = {1, 2, 3};
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (date_parse(str_c(BAD[i]), &date)) fail_msg("accepted \"%s\"", BAD[i]);
  }
  assert_true(date.year == 1 && date.month == 2 && date.day == 3);
  for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
    char text[DATE_TEXT_LEN + 1];
    date_text(date_of(GOOD[i]), text);
    assert_string_equal(text, GOOD[i]);
  }
}

TEST(days_count_from_1970_and_come_back)
{
  assert_int_equal(date_days((Date){1970, 1, 1}), 0);
  assert_int_equal(date_days((Date){1969, 12, 31}), -1);
  assert_int_equal(date_days((Date){2000, 3, 1}), 11017);
  assert_int_equal(date_days((Date){1, 1, 1}), -719162);
  assert_int_equal(date_days((Date){9999, 12, 31}), 2932896);
  Date before = {0};
  for (int32_t days = -719162; days <= 2932896; days++) {
    Date date = date_from_days(days);
    if (date_days(date) != days || !date_valid(date.year, date.month, date.day)) fail_msg("day %d", days);
    if (days > -719162 && date_compare(before, date) >= 0) fail_msg("order at day %d", days);
    before = date;
  }
}

TEST(days_outside_the_calendar_give_its_ends)
{
  assert_int_equal(date_compare(date_from_days(INT32_MIN), (Date){1, 1, 1}), 0);
  assert_int_equal(date_compare(date_from_days(INT32_MAX), (Date){9999, 12, 31}), 0);
}

TEST(weeks_begin_on_monday)
{
  assert_int_equal(date_weekday((Date){1970, 1, 1}), 3);
  assert_int_equal(date_weekday((Date){2026, 11, 24}), 1);
  assert_int_equal(date_weekday((Date){1, 1, 1}), 0);
  assert_int_equal(date_weekday((Date){1900, 3, 4}), 6);
}

TEST(ages_are_full_years)
{
  static const struct {
    const char *birth, *today;
    int age;
  } CASES[] = {{"1980-06-15", "2026-06-14", 45}, {"1980-06-15", "2026-06-15", 46}, {"2004-02-29", "2025-02-28", 20},
               {"2004-02-29", "2025-03-01", 21}, {"2004-02-29", "2024-02-28", 19}, {"2004-02-29", "2024-02-29", 20},
               {"2026-01-01", "2026-12-31", 0},  {"2026-01-02", "2026-01-01", 0},  {"2030-01-01", "2026-01-01", 0},
               {"1900-12-31", "2026-01-01", 125}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    int age = date_age(date_of(CASES[i].birth), date_of(CASES[i].today));
    if (age != CASES[i].age) fail_msg("%s on %s: %d", CASES[i].birth, CASES[i].today, age);
  }
}

TEST(wall_times_are_read_exactly)
{
  static const char *const BAD[] = {"2026-01-31",          "2026-01-31 09:30", "2026-01-31T24:00", "2026-01-31T09:60",
                                    "2026-01-31T09:30:00", "2026-01-31T9:30",  "2026-02-30T09:30"};
  WallTime wall = {{1, 1, 1}, 7};
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (wall_parse(str_c(BAD[i]), &wall)) fail_msg("accepted \"%s\"", BAD[i]);
  }
  assert_int_equal(wall.minute, 7);
  char text[WALL_TEXT_LEN + 1];
  wall_text(wall_of("2026-01-31T23:59"), text);
  assert_string_equal(text, "2026-01-31T23:59");
}

TEST(minutes_carry_over_midnight_and_leap_days)
{
  static const struct {
    const char *from;
    int minutes;
    const char *to;
  } CASES[] = {{"2026-01-31T23:59", 1, "2026-02-01T00:00"},        {"2024-02-28T23:30", 60, "2024-02-29T00:30"},
               {"2025-02-28T23:30", 60, "2025-03-01T00:30"},       {"2026-01-01T00:00", -1, "2025-12-31T23:59"},
               {"1970-01-01T00:00", -1440, "1969-12-31T00:00"},    {"2026-03-08T01:30", 60, "2026-03-08T02:30"},
               {"9999-12-31T23:58", 100, "9999-12-31T23:59"},      {"0001-01-01T00:01", -100, "0001-01-01T00:00"},
               {"2026-01-01T00:00", INT32_MAX, "6109-01-24T02:07"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    char text[WALL_TEXT_LEN + 1];
    wall_text(wall_add_minutes(wall_of(CASES[i].from), CASES[i].minutes), text);
    assert_string_equal(text, CASES[i].to);
  }
  assert_int_equal(wall_minutes_between(wall_of("2024-02-28T12:00"), wall_of("2024-03-01T11:00")), 2 * 1440 - 60);
  assert_int_equal(wall_minutes_between(wall_of("2024-03-01T00:00"), wall_of("2024-02-29T23:00")), -60);
}

TEST(instants_are_written_in_utc_with_milliseconds)
{
  static const struct {
    Instant instant;
    const char *text;
  } CASES[] = {{0, "1970-01-01T00:00:00.000Z"},
               {-1, "1969-12-31T23:59:59.999Z"},
               {1769851800000, "2026-01-31T09:30:00.000Z"},
               {INT64_MAX, "9999-12-31T23:59:59.999Z"},
               {INT64_MIN, "0001-01-01T00:00:00.000Z"},
               {4107542399999, "2100-02-28T23:59:59.999Z"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    char text[INSTANT_TEXT_LEN + 1];
    instant_text(CASES[i].instant, text);
    assert_string_equal(text, CASES[i].text);
  }
}

TEST(instants_are_read_with_any_offset_and_fraction)
{
  static const struct {
    const char *text, *utc;
  } CASES[] = {
      {"2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"},
      {"2026-01-31t09:30:00z", "2026-01-31T09:30:00.000Z"},
      {"2026-01-31 09:30:00-05:00", "2026-01-31T14:30:00.000Z"},
      {"2026-01-01T00:30:00+05:45", "2025-12-31T18:45:00.000Z"},
      {"2026-01-31T09:30:00.5Z", "2026-01-31T09:30:00.500Z"},
      {"2026-01-31T09:30:00.123999999999Z", "2026-01-31T09:30:00.123Z"},
      {"1969-12-31T23:59:59.25-00:00", "1969-12-31T23:59:59.250Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
      {"2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00.000Z"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Instant instant;
    char text[INSTANT_TEXT_LEN + 1];
    if (!instant_parse(str_c(CASES[i].text), &instant)) fail_msg("refused \"%s\"", CASES[i].text);
    instant_text(instant, text);
    assert_string_equal(text, CASES[i].utc);
  }
}

TEST(what_is_not_rfc_3339_is_no_instant)
{
  static const char *const BAD[] = {"",
                                    "2026-01-31T09:30:00",
                                    "2026-01-31T09:30Z",
                                    "2026-01-31T09:30:00.Z",
                                    "2026-01-31T09:30:00+5:00",
                                    "2026-01-31T09:30:00+05",
                                    "2026-01-31T09:30:00+24:00",
                                    "2026-01-31T09:30:61Z",
                                    "2026-01-31T24:00:00Z",
                                    "2026-02-29T09:30:00Z",
                                    "2026-01-31T09:30:00Z ",
                                    "2026-01-31T09:30:00Zjunk",
                                    "0001-01-01T00:00:00+01:00",
                                    "9999-12-31T23:59:59-01:00"};
  Instant instant = 42;
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (instant_parse(str_c(BAD[i]), &instant)) fail_msg("accepted \"%s\"", BAD[i]);
  }
  assert_false(instant_parse((Str){"2026-01-31T09:30:00\0", 20}, &instant));
  assert_int_equal(instant, 42);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dates_are_read_exactly),
      cmocka_unit_test(days_count_from_1970_and_come_back),
      cmocka_unit_test(days_outside_the_calendar_give_its_ends),
      cmocka_unit_test(weeks_begin_on_monday),
      cmocka_unit_test(ages_are_full_years),
      cmocka_unit_test(wall_times_are_read_exactly),
      cmocka_unit_test(minutes_carry_over_midnight_and_leap_days),
      cmocka_unit_test(instants_are_written_in_utc_with_milliseconds),
      cmocka_unit_test(instants_are_read_with_any_offset_and_fraction),
      cmocka_unit_test(what_is_not_rfc_3339_is_no_instant),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
