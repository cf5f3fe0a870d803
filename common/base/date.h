/* Dates and zones. A past moment is an Instant (UTC); a future visit is wall-clock time in a site's IANA zone, its Instant
 * derived on reading, so that a change of zone rules moves the instant and not the visit. */
#pragma once

#include "common/base/arena.h"
#include "common/base/env.h"
#include "common/base/err.h"
#include "common/base/str.h"

typedef struct Date { /* proleptic Gregorian */
  int16_t year;       /* 1..9999 */
  int8_t month;       /* 1..12 */
  int8_t day;         /* 1..31 */
} Date;

typedef struct WallTime { /* local time at a site */
  Date date;
  int16_t minute; /* since local midnight, 0..1439 */
} WallTime;

enum { DATE_TEXT_LEN = 10, WALL_TEXT_LEN = 16, INSTANT_TEXT_LEN = 24 };

bool date_valid(int year, int month, int day);
/* date_parse: ISO 8601 "YYYY-MM-DD", exactly. */
bool date_parse(Str text, Date *out);
void date_text(Date date, char out[DATE_TEXT_LEN + 1]);
/* date_days: days since 1970-01-01. date_from_days is its inverse; before year 1 and after 9999 it gives the first and the
 * last day. */
int32_t date_days(Date date);
Date date_from_days(int32_t days);
/* date_weekday: 0 = Monday .. 6 = Sunday. */
int date_weekday(Date date);
int date_compare(Date a, Date b);
/* date_age: full years between `birth` and `today`; someone born on 29 February has a birthday on 1 March otherwise.
 * 0 when `birth` is after `today`. */
int date_age(Date birth, Date today);

/* wall_parse: "YYYY-MM-DDTHH:MM". wall_text writes the same. wall_add_minutes stays within years 1 to 9999. */
bool wall_parse(Str text, WallTime *out);
void wall_text(WallTime wall, char out[WALL_TEXT_LEN + 1]);
WallTime wall_add_minutes(WallTime wall, int minutes);
int64_t wall_minutes_between(WallTime from, WallTime to);

/* instant_text: RFC 3339 in UTC with milliseconds, "2026-01-31T09:30:00.000Z"; outside years 1 to 9999 the nearest moment
 * inside. instant_parse takes RFC 3339 with any
 * offset, and seconds fractions of any length (truncated to ms); a leap second counts as the second after it. */
void instant_text(Instant instant, char out[INSTANT_TEXT_LEN + 1]);
bool instant_parse(Str text, Instant *out);

/* zone_known: is this an IANA zone that the system's tzdata has ("America/New_York", "UTC")? */
bool zone_known(const char *zone);
/* zone_to_wall: local time at an instant. ERR_NOT_FOUND for an unknown zone, ERR_RANGE outside years 1 to 9999. Thread-safe;
 * the rules of a zone are read from tzdata once a process, and reach as far as its rule for the years to come. */
MUST_CHECK Err zone_to_wall(const char *zone, Instant instant, WallTime *out);
/* zone_to_instant: when is it `wall` there? In the hour that a clock change repeats: the first. In the hour that it skips:
 * the same number of minutes after the gap began, counted with the offset before it (RFC 5545 3.3.5).
 * ERR_NOT_FOUND for an unknown zone. */
MUST_CHECK Err zone_to_instant(const char *zone, WallTime wall, Instant *out);
