/* The zones of common/base/date.h, on the system's tzdata. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/date.h"
#include "common/base/zone_rule.h"
#include "tests/support/unit.h"

static WallTime wall_of(const char *text)
{
  WallTime wall;
  if (!wall_parse(str_c(text), &wall)) fail_msg("not a wall time: %s", text);
  return wall;
}

static Instant instant_of(const char *text)
{
  Instant instant;
  if (!instant_parse(str_c(text), &instant)) fail_msg("not an instant: %s", text);
  return instant;
}

TEST(iana_names_are_known_and_nothing_else)
{
  static const char *const GOOD[] = {"UTC",           "America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+5",
                                     "Europe/Dublin", "Asia/Kathmandu",   "America/Port-au-Prince"};
  static const char *const BAD[] = {"",
                                    "Mars/Olympus",
                                    "America",
                                    "America/",
                                    "/UTC",
                                    "/etc/passwd",
                                    "../zoneinfo/UTC",
                                    "America/../UTC",
                                    "America//New_York",
                                    "right/UTC",
                                    "posix/UTC",
                                    "posixrules",
                                    "localtime",
                                    "tzdata.zi",
                                    "zone1970.tab",
                                    "leapseconds",
                                    "EST5EDT4,M3.2.0,M11.1.0",
                                    "America/New_York ",
                                    "America/New York",
                                    "a234567890123456789012345678901234567890123456789012345678901234567890"};
  for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
    if (!zone_known(GOOD[i])) fail_msg("not known: %s", GOOD[i]);
  }
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (zone_known(BAD[i])) fail_msg("known: %s", BAD[i]);
  }
  assert_false(zone_known(NULL));
}

TEST(an_unknown_zone_is_not_found)
{
  WallTime wall = {{1, 1, 1}, 5};
  Instant instant = 7;
  assert_int_equal(zone_to_wall("Mars/Olympus", 0, &wall), ERR_NOT_FOUND);
  assert_int_equal(zone_to_instant("Mars/Olympus", wall, &instant), ERR_NOT_FOUND);
  assert_int_equal(zone_to_wall("UTC", INT64_MAX, &wall), ERR_RANGE);
  assert_int_equal(zone_to_wall("UTC", INT64_MIN, &wall), ERR_RANGE);
  assert_int_equal(zone_to_wall("America/New_York", instant_of("0001-01-01T00:00:00Z"), &wall), ERR_RANGE);
  assert_int_equal(wall.minute, 5);
  assert_int_equal(instant, 7);
}

TEST(wall_times_become_instants)
{
  static const struct {
    const char *zone, *wall, *instant;
  } CASES[] = {
      {"UTC", "2026-01-31T09:30", "2026-01-31T09:30:00Z"},
      {"Asia/Kathmandu", "2026-01-01T00:30", "2025-12-31T18:45:00Z"},
      /* before the gap, in it (02:30 counts as 03:30), behind it */
      {"America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z"},
      {"America/New_York", "2026-03-08T02:00", "2026-03-08T07:00:00Z"},
      {"America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z"},
      {"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"},
      {"America/New_York", "2026-03-08T03:30", "2026-03-08T07:30:00Z"},
      /* the hour that repeats: the first */
      {"America/New_York", "2026-11-01T00:59", "2026-11-01T04:59:00Z"},
      {"America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z"},
      {"America/New_York", "2026-11-01T01:59", "2026-11-01T05:59:00Z"},
      {"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"},
      /* the same by the rule, years behind the table */
      {"America/New_York", "2099-03-08T02:30", "2099-03-08T07:30:00Z"},
      {"America/New_York", "2099-11-01T01:30", "2099-11-01T05:30:00Z"},
      {"America/New_York", "2100-07-01T12:00", "2100-07-01T16:00:00Z"},
      {"America/New_York", "9999-12-31T12:00", "9999-12-31T17:00:00Z"},
      /* half an hour of daylight time, the other hemisphere */
      {"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"},
      {"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"},
      {"Australia/Sydney", "2090-01-01T00:00", "2089-12-31T13:00:00Z"},
      /* winter time as a negative daylight time */
      {"Europe/Dublin", "2026-07-01T12:00", "2026-07-01T11:00:00Z"},
      {"Europe/Dublin", "2080-01-01T12:00", "2080-01-01T12:00:00Z"},
      {"Europe/Dublin", "2080-07-01T12:00", "2080-07-01T11:00:00Z"},
      /* a day that Samoa skipped, and midnight that Brazil did */
      {"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z"},
      {"Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59:00Z"},
      {"Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00:00Z"},
      {"America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:30:00Z"},
      /* before standard time */
      {"America/New_York", "1800-01-01T00:00", "1800-01-01T04:56:02Z"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Instant instant;
    char text[INSTANT_TEXT_LEN + 1];
    assert_int_equal(zone_to_instant(CASES[i].zone, wall_of(CASES[i].wall), &instant), ERR_OK);
    instant_text(instant, text);
    if (instant != instant_of(CASES[i].instant))
      fail_msg("%s %s: %s, not %s", CASES[i].zone, CASES[i].wall, text, CASES[i].instant);
  }
}

TEST(instants_become_wall_times)
{
  static const struct {
    const char *zone, *instant, *wall;
  } CASES[] = {
      {"America/New_York", "2026-03-08T06:59:59.999Z", "2026-03-08T01:59"},
      {"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00"},
      {"America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T01:30"},
      {"America/New_York", "2026-11-01T06:30:00Z", "2026-11-01T01:30"},
      {"America/New_York", "2099-11-01T06:30:00Z", "2099-11-01T01:30"},
      {"America/New_York", "2099-11-01T07:30:00Z", "2099-11-01T02:30"},
      {"America/Nuuk", "2099-07-01T12:00:00Z", "2099-07-01T11:00"},
      {"Asia/Kolkata", "1969-12-31T23:59:59.999Z", "1970-01-01T05:29"},
      {"Etc/GMT+5", "2026-01-01T12:00:00Z", "2026-01-01T07:00"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    WallTime wall;
    char text[WALL_TEXT_LEN + 1];
    assert_int_equal(zone_to_wall(CASES[i].zone, instant_of(CASES[i].instant), &wall), ERR_OK);
    wall_text(wall, text);
    if (strcmp(text, CASES[i].wall) != 0) fail_msg("%s %s: %s", CASES[i].zone, CASES[i].instant, text);
  }
}

static const char *const ZONES[] = {
    "America/New_York",  "America/Los_Angeles", "America/Phoenix", "America/St_Johns",    "Europe/London",
    "Europe/Dublin",     "Europe/Kyiv",         "Asia/Gaza",       "Australia/Lord_Howe", "Pacific/Apia",
    "America/Sao_Paulo", "Africa/Casablanca",   "America/Nuuk",    "Antarctica/Troll",    "Asia/Tehran",
    "Pacific/Chatham",   "America/Anchorage",   "Asia/Kolkata",    "America/Santiago",    "Europe/Lisbon",
};

/* The C library has its own reader; it may be set to one zone at a time, so it serves as a judge here only. */
TEST(zones_agree_with_the_c_library_from_1900_to_2100)
{
  const Instant from = instant_of("1900-01-02T00:00:00Z"), to = instant_of("2100-12-31T00:00:00Z");
  const char *before = getenv("TZ");
  char *kept = before ? strdup(before) : NULL;
  for (size_t z = 0; z < COUNT_OF(ZONES); z++) {
    setenv("TZ", ZONES[z], 1);
    tzset();
    for (Instant at = from; at < to; at += 7 * 3600 * 1000 + 61 * 1000) { /* 7 hours, and seconds that wander */
      time_t seconds = (time_t)(at / 1000 - (at % 1000 < 0));
      struct tm tm;
      WallTime wall;
      localtime_r(&seconds, &tm);
      if (zone_to_wall(ZONES[z], at, &wall) != ERR_OK) fail_msg("%s: no wall time", ZONES[z]);
      bool same = wall.date.year == tm.tm_year + 1900 && wall.date.month == tm.tm_mon + 1 &&
                  wall.date.day == tm.tm_mday && wall.minute == tm.tm_hour * 60 + tm.tm_min;
      if (!same) fail_msg("%s at %lld", ZONES[z], (long long)seconds);
    }
  }
  if (kept)
    setenv("TZ", kept, 1);
  else
    unsetenv("TZ");
  tzset();
  free(kept);
}

TEST(a_wall_time_means_the_first_moment_that_shows_it)
{
  for (size_t z = 0; z < COUNT_OF(ZONES); z++) {
    for (int day = 0; day < 366; day++) {
      for (int minute = 0; minute < 1440; minute += 15) {
        WallTime wall = {date_from_days(date_days((Date){2026, 1, 1}) + day), (int16_t)minute}, shown, earlier;
        Instant instant;
        assert_int_equal(zone_to_instant(ZONES[z], wall, &instant), ERR_OK);
        assert_int_equal(zone_to_wall(ZONES[z], instant, &shown), ERR_OK);
        int64_t moved = wall_minutes_between(wall, shown); /* more than 0 only in a gap */
        if (moved != 0 && moved != 60 && moved != 30 && moved != 120)
          fail_msg("%s moved %lld", ZONES[z], (long long)moved);
        assert_int_equal(zone_to_wall(ZONES[z], instant - 3600000, &earlier), ERR_OK);
        if (wall_minutes_between(earlier, wall) == 0) fail_msg("%s: not the first", ZONES[z]);
      }
    }
  }
}

static atomic_int wrong;

static void *ask_all(void *unused)
{
  for (int round = 0; round < 50; round++) {
    for (size_t z = 0; z < COUNT_OF(ZONES); z++) {
      WallTime wall;
      if (zone_to_wall(ZONES[z], 1790000000000, &wall) != ERR_OK || wall.date.year != 2026) atomic_fetch_add(&wrong, 1);
    }
  }
  return unused;
}

TEST(many_threads_may_ask_at_once)
{
  pthread_t threads[8];
  for (size_t i = 0; i < COUNT_OF(threads); i++) assert_int_equal(pthread_create(&threads[i], NULL, ask_all, NULL), 0);
  for (size_t i = 0; i < COUNT_OF(threads); i++) pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&wrong), 0);
}

TEST(malformed_rules_are_refused)
{
  static const char *const GOOD[] = {"UTC0",
                                     "EST5EDT,M3.2.0,M11.1.0",
                                     "<+01>-1",
                                     "IST-1GMT0,M10.5.0,M3.5.0/1",
                                     "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                     "AAA3BBB,J60/0,J300",
                                     "AAA3BBB,59,364/167"};
  static const char *const BAD[] = {
      "",         "UTC",           "EST5EDT",           "EST5EDT,M3.2.0",         "ES5",
      "EST25",    "<+01-1",        "EST5EDT,M13.2.0,0", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,0",
      "UTC0junk", "EST5EDT,0,366", "EST5EDT,J0,J1",     "EST5EDT,0/168,1",        "EST5:60"};
  ZoneRule rule;
  for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
    if (!zone_rule_parse(str_c(GOOD[i]), &rule)) fail_msg("refused \"%s\"", GOOD[i]);
  }
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (zone_rule_parse(str_c(BAD[i]), &rule)) fail_msg("accepted \"%s\"", BAD[i]);
  }
}

TEST(every_kind_of_rule_day_counts_right)
{
  static const struct {
    const char *rule, *last_standard; /* the second before daylight time begins */
  } CASES[] = {
      {"AAA0BBB,J60/0,J300", "2024-02-29T23:59:59Z"}, /* J60 is 1 March, in leap years too */
      {"AAA0BBB,J60/0,J300", "2025-02-28T23:59:59Z"},
      {"AAA0BBB,60/0,300", "2024-02-29T23:59:59Z"}, /* 60 counts 29 February */
      {"AAA0BBB,60/0,300", "2025-03-01T23:59:59Z"},
      {"AAA0BBB,M3.5.0/2,M10.5.0", "2026-03-29T01:59:59Z"},
      {"AAA0BBB,M2.5.0/-24,M10.5.0", "2026-02-20T23:59:59Z"},
      {"AAA5BBB,M4.1.3/2:30:15,M10.5.0", "2026-04-01T07:30:14Z"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    ZoneRule rule;
    assert_true(zone_rule_parse(str_c(CASES[i].rule), &rule));
    int64_t at = instant_of(CASES[i].last_standard) / 1000;
    ZoneRuleSpan before = zone_rule_span(&rule, at), after = zone_rule_span(&rule, at + 1);
    if (before.to != at + 1 || after.from != at + 1) fail_msg("%s at %s", CASES[i].rule, CASES[i].last_standard);
    assert_int_equal(before.offset, rule.standard_offset);
    assert_int_equal(after.offset, rule.standard_offset + 3600);
  }
}

TEST(a_whole_year_of_daylight_time_has_no_end)
{
  ZoneRule rule;
  assert_true(zone_rule_parse(STR("XXX3EDT4,0/0,J365/23"), &rule)); /* RFC 8536, 3.3.1: an example there */
  for (int64_t at = 1767225600; at < 1767225600 + 400 * 86400; at += 1800)
    assert_int_equal(zone_rule_span(&rule, at).offset, -4 * 3600);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(many_threads_may_ask_at_once), /* first, while no zone is loaded */
      cmocka_unit_test(iana_names_are_known_and_nothing_else),
      cmocka_unit_test(an_unknown_zone_is_not_found),
      cmocka_unit_test(wall_times_become_instants),
      cmocka_unit_test(instants_become_wall_times),
      cmocka_unit_test(zones_agree_with_the_c_library_from_1900_to_2100),
      cmocka_unit_test(a_wall_time_means_the_first_moment_that_shows_it),
      cmocka_unit_test(malformed_rules_are_refused),
      cmocka_unit_test(every_kind_of_rule_day_counts_right),
      cmocka_unit_test(a_whole_year_of_daylight_time_has_no_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
