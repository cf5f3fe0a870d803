#include "common/base/date.h"

static const int64_t MS_A_DAY = 86400000;

static const Date DATE_FIRST = {1, 1, 1}, DATE_LAST = {9999, 12, 31};

static bool is_leap(int year)
{
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
  static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : DAYS[month - 1];
}

bool date_valid(int year, int month, int day)
{
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

/* Takes `count` digits from the front of *s. */
static bool take_digits(Str *s, size_t count, int *out)
{
  int value = 0;
  if (s->len < count) return false;
  for (size_t i = 0; i < count; i++) {
    if (s->ptr[i] < '0' || s->ptr[i] > '9') return false;
    value = value * 10 + (s->ptr[i] - '0');
  }
  *s = (Str){s->ptr + count, s->len - count};
  *out = value;
  return true;
}

static bool take_one_of(Str *s, const char *characters)
{
  if (s->len == 0 || s->ptr[0] == '\0' || !strchr(characters, s->ptr[0])) return false;
  *s = (Str){s->ptr + 1, s->len - 1};
  return true;
}

static bool take_date(Str *s, Date *out)
{
  int year, month, day;
  if (!take_digits(s, 4, &year) || !take_one_of(s, "-") || !take_digits(s, 2, &month) || !take_one_of(s, "-") ||
      !take_digits(s, 2, &day) || !date_valid(year, month, day))
    return false;
  *out = (Date){(int16_t)year, (int8_t)month, (int8_t)day};
  return true;
}

static bool take_hour_and_minute(Str *s, int *minute_of_day)
{
  int hour, minute;
  if (!take_digits(s, 2, &hour) || !take_one_of(s, ":") || !take_digits(s, 2, &minute) || hour > 23 || minute > 59)
    return false;
  *minute_of_day = hour * 60 + minute;
  return true;
}

bool date_parse(Str text, Date *out)
{
  Date date;
  if (!take_date(&text, &date) || text.len > 0) return false;
  *out = date;
  return true;
}

/* Writes `value` as exactly `count` digits. */
static char *put_digits(char *at, int64_t value, int count)
{
  for (int i = count - 1; i >= 0; i--, value /= 10) at[i] = (char)('0' + value % 10);
  return at + count;
}

static char *put_date(char *at, Date date)
{
  at = put_digits(at, date.year, 4);
  *at++ = '-';
  at = put_digits(at, date.month, 2);
  *at++ = '-';
  return put_digits(at, date.day, 2);
}

static char *put_time(char *at, int minute_of_day)
{
  at = put_digits(at, minute_of_day / 60, 2);
  *at++ = ':';
  return put_digits(at, minute_of_day % 60, 2);
}

void date_text(Date date, char out[DATE_TEXT_LEN + 1])
{
  *put_date(out, date) = '\0';
}

/* Days count from 1 March of year 0, so that the leap day ends a year; 146097 days are 400 years. */
enum { DAYS_TO_EPOCH = 719468, DAYS_400_YEARS = 146097 };

int32_t date_days(Date date)
{
  int year = date.month > 2 ? date.year : date.year - 1;
  int month = date.month > 2 ? date.month - 3 : date.month + 9; /* March = 0 */
  int day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - DAYS_TO_EPOCH;
}

Date date_from_days(int32_t days)
{
  if (days < date_days(DATE_FIRST)) return DATE_FIRST;
  if (days > date_days(DATE_LAST)) return DATE_LAST;
  int count = days + DAYS_TO_EPOCH; /* positive from year 1 on */
  int era = count / DAYS_400_YEARS, day_of_era = count % DAYS_400_YEARS;
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int month = (5 * day_of_year + 2) / 153;
  int day = day_of_year - (153 * month + 2) / 5 + 1;
  int year = era * 400 + year_of_era + (month >= 10 ? 1 : 0);
  return (Date){(int16_t)year, (int8_t)(month < 10 ? month + 3 : month - 9), (int8_t)day};
}

int date_weekday(Date date)
{
  int weekday = (date_days(date) + 3) % 7; /* 1970-01-01 was a Thursday */
  return weekday < 0 ? weekday + 7 : weekday;
}

int date_compare(Date a, Date b)
{
  int32_t left = date_days(a), right = date_days(b);
  return (left > right) - (left < right);
}

int date_age(Date birth, Date today)
{
  int age = today.year - birth.year;
  if (today.month < birth.month || (today.month == birth.month && today.day < birth.day)) age--;
  return age < 0 ? 0 : age;
}

bool wall_parse(Str text, WallTime *out)
{
  WallTime wall;
  int minute;
  if (!take_date(&text, &wall.date) || !take_one_of(&text, "T") || !take_hour_and_minute(&text, &minute) ||
      text.len > 0)
    return false;
  wall.minute = (int16_t)minute;
  *out = wall;
  return true;
}

void wall_text(WallTime wall, char out[WALL_TEXT_LEN + 1])
{
  char *at = put_date(out, wall.date);
  *at++ = 'T';
  *put_time(at, wall.minute) = '\0';
}

static int64_t minutes_of(WallTime wall)
{
  return (int64_t)date_days(wall.date) * 1440 + wall.minute;
}

WallTime wall_add_minutes(WallTime wall, int minutes)
{
  const int64_t first = minutes_of((WallTime){DATE_FIRST, 0}), last = minutes_of((WallTime){DATE_LAST, 1439});
  int64_t sum = minutes_of(wall) + minutes;
  if (sum < first) sum = first;
  if (sum > last) sum = last;
  int64_t minute = (sum % 1440 + 1440) % 1440;
  return (WallTime){date_from_days((int32_t)((sum - minute) / 1440)), (int16_t)minute};
}

int64_t wall_minutes_between(WallTime from, WallTime to)
{
  return minutes_of(to) - minutes_of(from);
}

static Instant instant_first(void)
{
  return date_days(DATE_FIRST) * MS_A_DAY;
}

static Instant instant_last(void)
{
  return date_days(DATE_LAST) * MS_A_DAY + MS_A_DAY - 1;
}

void instant_text(Instant instant, char out[INSTANT_TEXT_LEN + 1])
{
  if (instant < instant_first()) instant = instant_first();
  if (instant > instant_last()) instant = instant_last();
  int64_t ms = (instant % MS_A_DAY + MS_A_DAY) % MS_A_DAY;
  char *at = put_date(out, date_from_days((int32_t)((instant - ms) / MS_A_DAY)));
  *at++ = 'T';
  at = put_time(at, (int)(ms / 60000));
  *at++ = ':';
  at = put_digits(at, ms / 1000 % 60, 2);
  *at++ = '.';
  at = put_digits(at, ms % 1000, 3);
  *at++ = 'Z';
  *at = '\0';
}

/* ".5", ".123456" behind the seconds; nothing there is 0 as well. */
static bool take_fraction(Str *s, int *ms)
{
  *ms = 0;
  if (!take_one_of(s, ".")) return true;
  int digit;
  int scale = 100;
  if (!take_digits(s, 1, &digit)) return false;
  do {
    *ms += digit * scale;
    scale /= 10;
  } while (take_digits(s, 1, &digit));
  return true;
}

static bool take_offset(Str *s, int *minutes)
{
  *minutes = 0;
  if (take_one_of(s, "Zz")) return true;
  int sign = s->len > 0 && s->ptr[0] == '-' ? -1 : 1;
  if (!take_one_of(s, "+-") || !take_hour_and_minute(s, minutes)) return false;
  *minutes *= sign;
  return true;
}

bool instant_parse(Str text, Instant *out)
{
  Date date;
  int minute, second, ms, offset;
  if (!take_date(&text, &date) || !take_one_of(&text, "Tt ") || !take_hour_and_minute(&text, &minute) ||
      !take_one_of(&text, ":") || !take_digits(&text, 2, &second) || second > 60 || !take_fraction(&text, &ms) ||
      !take_offset(&text, &offset) || text.len > 0)
    return false;
  if (second == 60) ms = 0;
  Instant instant = date_days(date) * MS_A_DAY + ((int64_t)(minute - offset) * 60 + second) * 1000 + ms;
  if (instant < instant_first() || instant > instant_last()) return false;
  *out = instant;
  return true;
}
