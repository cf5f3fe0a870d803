#include "common/practice/loose_date.h"

typedef struct Parts {
  int number[3];
  size_t digits[3];
  size_t count;
  char separator;
} Parts;

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Three numbers with the same separator between them, or eight digits without one. */
static bool split(Str text, Parts *out)
{
  *out = (Parts){0};
  size_t at = 0;
  while (at < text.len && out->count < 3) {
    size_t start = at;
    int number = 0;
    while (at < text.len && is_digit(text.ptr[at]) && at - start < 8) number = number * 10 + text.ptr[at++] - '0';
    if (at == start) return false;
    out->number[out->count] = number;
    out->digits[out->count++] = at - start;
    if (at == text.len) break;
    char separator = text.ptr[at++];
    if (!strchr("-/. ", separator) || (out->separator && separator != out->separator)) return false;
    out->separator = separator;
  }
  return at == text.len && (out->count == 3 || (out->count == 1 && out->digits[0] == 8));
}

static size_t put(LooseDate *out, size_t count, int year, int month, int day, DateOrder order)
{
  if (!date_valid(year, month, day)) return count;
  Date date = {(int16_t)year, (int8_t)month, (int8_t)day};
  if (count > 0 && date_compare(out[0].date, date) == 0) {
    out[0].order = DATE_CLEAR; /* 05/05: the same both ways */
    return count;
  }
  out[count] = (LooseDate){date, order};
  return count + 1;
}

size_t loose_dates(Str text, LooseDate out[LOOSE_DATES_MAX])
{
  Parts p;
  if (!split(str_trim(text), &p)) return 0;
  if (p.count == 1) {
    int n = p.number[0];
    if (n >= 19000000 && n < 22000000) return put(out, 0, n / 10000, n / 100 % 100, n % 100, DATE_CLEAR);
    size_t count = put(out, 0, n % 10000, n / 10000 % 100, n / 1000000, DATE_DAY_FIRST);
    return put(out, count, n % 10000, n / 1000000, n / 10000 % 100, DATE_MONTH_FIRST);
  }
  if (p.digits[0] == 4 && p.digits[1] <= 2 && p.digits[2] <= 2)
    return put(out, 0, p.number[0], p.number[1], p.number[2], DATE_CLEAR);
  if (p.digits[2] != 4 || p.digits[0] > 2 || p.digits[1] > 2) return 0;
  size_t count = put(out, 0, p.number[2], p.number[1], p.number[0], p.separator == '.' ? DATE_CLEAR : DATE_DAY_FIRST);
  return p.separator == '.' ? count : put(out, count, p.number[2], p.number[0], p.number[1], DATE_MONTH_FIRST);
}

bool loose_time(Str text, int *minute)
{
  Str rest = str_trim(text);
  int part[3] = {0}, count = 0;
  while (count < 3 && rest.len > 0 && is_digit(rest.ptr[0])) {
    int number = 0, digits = 0;
    for (; rest.len > 0 && is_digit(rest.ptr[0]); rest.ptr++, rest.len--, digits++)
      if (digits < 3) number = number * 10 + rest.ptr[0] - '0';
    if (digits > 2) return false;
    part[count++] = number;
    if (rest.len == 0 || (rest.ptr[0] != ':' && rest.ptr[0] != '.')) break;
    rest.ptr++, rest.len--;
  }
  rest = str_trim(rest);
  bool am = str_eq_ascii_nocase(rest, STR("am")) || str_eq_ascii_nocase(rest, STR("a.m."));
  bool pm = str_eq_ascii_nocase(rest, STR("pm")) || str_eq_ascii_nocase(rest, STR("p.m."));
  if (count == 0 || (rest.len > 0 && !am && !pm) || (count == 1 && !am && !pm)) return false;
  if ((am || pm) && (part[0] < 1 || part[0] > 12)) return false;
  int hour = am || pm ? part[0] % 12 + (pm ? 12 : 0) : part[0];
  if (hour > 23 || part[1] > 59 || part[2] > 59) return false;
  *minute = hour * 60 + part[1];
  return true;
}
