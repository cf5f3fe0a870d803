#include "common/base/zone_rule.h"

#include "common/base/date.h"

static bool take(Str *s, char c)
{
  if (s->len == 0 || s->ptr[0] != c) return false;
  *s = (Str){s->ptr + 1, s->len - 1};
  return true;
}

static bool take_number(Str *s, int low, int high, int *out)
{
  int value = 0;
  size_t digits = 0;
  for (; digits < s->len && digits < 4 && s->ptr[digits] >= '0' && s->ptr[digits] <= '9'; digits++)
    value = value * 10 + (s->ptr[digits] - '0');
  if (digits == 0 || value < low || value > high) return false;
  *s = (Str){s->ptr + digits, s->len - digits};
  *out = value;
  return true;
}

/* "EST" or "<+0530>". */
static bool skip_name(Str *s)
{
  size_t len = 0;
  if (take(s, '<')) {
    while (len < s->len && s->ptr[len] != '>') len++;
    *s = (Str){s->ptr + len, s->len - len};
    return len >= 3 && take(s, '>');
  }
  while (len < s->len && ((s->ptr[len] | 0x20) >= 'a' && (s->ptr[len] | 0x20) <= 'z')) len++;
  *s = (Str){s->ptr + len, s->len - len};
  return len >= 3;
}

/* "[+-]hh[:mm[:ss]]" */
static bool take_time(Str *s, int hours_max, int32_t *seconds)
{
  int hours, minutes = 0, rest = 0;
  bool negative = take(s, '-');
  if (!negative) take(s, '+');
  if (!take_number(s, 0, hours_max, &hours)) return false;
  if (take(s, ':') && !take_number(s, 0, 59, &minutes)) return false;
  if (take(s, ':') && !take_number(s, 0, 59, &rest)) return false;
  int32_t total = hours * 3600 + minutes * 60 + rest;
  *seconds = negative ? -total : total;
  return true;
}

/* POSIX counts offsets west of Greenwich. */
static bool take_offset(Str *s, int32_t *east)
{
  if (!take_time(s, 24, east)) return false;
  *east = -*east;
  return true;
}

static bool take_day(Str *s, ZoneDay *day)
{
  *day = (ZoneDay){.kind = ZONE_DAY_COUNTED, .time_s = 2 * 3600};
  bool fine;
  if (take(s, 'M')) {
    day->kind = ZONE_DAY_WEEKDAY;
    fine = take_number(s, 1, 12, &day->month) && take(s, '.') && take_number(s, 1, 5, &day->week) && take(s, '.') &&
           take_number(s, 0, 6, &day->day);
  } else if (take(s, 'J')) {
    day->kind = ZONE_DAY_JULIAN;
    fine = take_number(s, 1, 365, &day->day);
  } else {
    fine = take_number(s, 0, 365, &day->day);
  }
  return fine && (!take(s, '/') || take_time(s, 167, &day->time_s));
}

bool zone_rule_parse(Str text, ZoneRule *out)
{
  ZoneRule rule = {0};
  if (!skip_name(&text) || !take_offset(&text, &rule.standard_offset)) return false;
  if (text.len > 0) {
    rule.has_daylight = true;
    rule.daylight_offset = rule.standard_offset + 3600;
    if (!skip_name(&text)) return false;
    if (text.len > 0 && text.ptr[0] != ',' && !take_offset(&text, &rule.daylight_offset)) return false;
    if (!take(&text, ',') || !take_day(&text, &rule.start) || !take(&text, ',') || !take_day(&text, &rule.end))
      return false;
  }
  if (text.len > 0) return false;
  *out = rule;
  return true;
}

/* Days since 1970 of the 1st of a month. The years next to 1 and 9999, which Date lacks, are those 400 years off. */
static int64_t first_of(int64_t year, int month)
{
  const int64_t years = year < 1 ? 400 : year > 9999 ? -400 : 0;
  return date_days((Date){(int16_t)(year + years), (int8_t)month, 1}) - years / 400 * 146097;
}

static int64_t day_in_year(const ZoneDay *day, int64_t year)
{
  const int64_t january = first_of(year, 1);
  if (day->kind == ZONE_DAY_COUNTED) return january + day->day;
  if (day->kind == ZONE_DAY_JULIAN) {
    bool after_leap_day = first_of(year, 3) - january == 60 && day->day >= 60;
    return january + day->day - 1 + (after_leap_day ? 1 : 0);
  }
  const int64_t first = first_of(year, day->month);
  const int64_t next = day->month < 12 ? first_of(year, day->month + 1) : first_of(year + 1, 1);
  int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0 = Sunday */
  int64_t at = first + (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
  return at < next ? at : at - 7;
}

static int64_t change_at(const ZoneDay *day, int64_t year, int32_t offset_before)
{
  return day_in_year(day, year) * 86400 + day->time_s - offset_before;
}

/* The year at a moment, near enough: the changes of its neighbours are looked at as well. */
static int64_t year_near(int64_t at)
{
  return 1970 + at / 31556952;
}

ZoneRuleSpan zone_rule_span(const ZoneRule *rule, int64_t at)
{
  ZoneRuleSpan span = {INT64_MIN, INT64_MAX, rule->standard_offset};
  if (!rule->has_daylight) return span;
  int64_t middle = year_near(at);
  for (int64_t year = middle - 2; year <= middle + 2; year++) {
    const ZoneRuleSpan changes[] = {
        {change_at(&rule->end, year, rule->daylight_offset), 0, rule->standard_offset},
        {change_at(&rule->start, year, rule->standard_offset), 0, rule->daylight_offset},
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
      /* Of two changes at one moment, the start of daylight time counts: that is how a whole year of it is written. */
      if (changes[i].from <= at && changes[i].from >= span.from) {
        span.from = changes[i].from;
        span.offset = changes[i].offset;
      }
      if (changes[i].from > at && changes[i].from < span.to) span.to = changes[i].from;
    }
  }
  return span;
}
