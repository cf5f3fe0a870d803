#include "common/base/money.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 Int128;

static void assert_same_currency(Money a, Money b)
{
  assert(memcmp(a.currency, b.currency, sizeof a.currency) == 0);
}

bool money_add(Money a, Money b, Money *out)
{
  assert_same_currency(a, b);
  if (__builtin_add_overflow(a.minor, b.minor, &a.minor)) return false;
  *out = a;
  return true;
}

bool money_subtract(Money a, Money b, Money *out)
{
  assert_same_currency(a, b);
  if (__builtin_sub_overflow(a.minor, b.minor, &a.minor)) return false;
  *out = a;
  return true;
}

bool money_scale(Money a, int64_t numerator, int64_t denominator, Money *out)
{
  assert(denominator > 0);
  Int128 product = (Int128)a.minor * numerator;
  Int128 quotient = product / denominator;
  Int128 rest = product % denominator;
  if (rest >= 0 ? rest * 2 >= denominator : rest * 2 <= -(Int128)denominator) quotient += rest >= 0 ? 1 : -1;
  if (quotient < INT64_MIN || quotient > INT64_MAX) return false;
  a.minor = (int64_t)quotient;
  *out = a;
  return true;
}

Err money_split(Money total, int n, Money shares[])
{
  assert(n >= 1 && n <= MONEY_SPLIT_MAX);
  if (total.minor < 0) return err_because(ERR_RANGE, "cannot split a negative amount");
  int64_t share = total.minor / n, extra = total.minor % n;
  for (int i = 0; i < n; i++) {
    shares[i] = total;
    shares[i].minor = share + (i < extra ? 1 : 0);
  }
  return ERR_OK;
}

/* ISO 4217 codes in use, by their number of decimals. */
static const struct {
  const char *codes;
  int decimals;
} CURRENCIES[] = {
    {"BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ", 0},
    {"AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
     "CRC "
     "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD "
     "KES "
     "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
     "NPR "
     "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
     "TMT "
     "TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ",
     2},
    {"BHD IQD JOD KWD LYD OMR TND ", 3},
};

static int decimals_of(const char currency[4])
{
  char key[5] = {currency[0], currency[1], currency[2], ' ', '\0'};
  for (int i = 0; i < 3; i++) {
    if (key[i] < 'A' || key[i] > 'Z') return -1;
  }
  for (size_t i = 0; i < COUNT_OF(CURRENCIES) && currency[3] == '\0'; i++) {
    if (strstr(CURRENCIES[i].codes, key)) return CURRENCIES[i].decimals;
  }
  return -1;
}

/* Commas of the whole part stand before every third digit from its end, or nowhere. */
static bool check_groups(Str whole)
{
  if (whole.len == 0 || whole.ptr[0] == ',') return false;
  bool grouped = memchr(whole.ptr, ',', whole.len) != NULL;
  for (size_t i = 0; i < whole.len; i++) {
    bool comma_due = grouped && (whole.len - i) % 4 == 0;
    if ((whole.ptr[i] == ',') != comma_due) return false;
  }
  return true;
}

/* Appends the digits of `text` to *minor, downwards (the lowest amount has no positive counterpart). */
static bool add_digits(Str text, int64_t *minor)
{
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] == ',') continue;
    if (__builtin_mul_overflow(*minor, 10, minor)) return false;
    if (__builtin_sub_overflow(*minor, text.ptr[i] - '0', minor)) return false;
  }
  return true;
}

static bool only_digits(Str text, bool commas)
{
  for (size_t i = 0; i < text.len; i++) {
    bool digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
    if (!digit && !(commas && text.ptr[i] == ',')) return false;
  }
  return true;
}

Err money_parse(Str text, const char currency[4], Money *out)
{
  int decimals = decimals_of(currency);
  if (decimals < 0) return err_because(ERR_INVALID, "unknown currency");
  text = str_trim(text);
  bool negative = text.len > 0 && text.ptr[0] == '-';
  if (negative) text = (Str){text.ptr + 1, text.len - 1};
  bool has_point = text.len > 0 && memchr(text.ptr, '.', text.len);
  Str fraction = text, whole = str_cut(&fraction, '.');
  if (has_point && fraction.len == 0) return err_because(ERR_INVALID, "not an amount");
  if (!only_digits(whole, true) || !only_digits(fraction, false) || !check_groups(whole))
    return err_because(ERR_INVALID, "not an amount");
  if (fraction.len > (size_t)decimals) return err_because(ERR_INVALID, "more than %d decimals", decimals);
  int64_t minor = 0;
  bool fits = add_digits(whole, &minor) && add_digits(fraction, &minor) &&
              add_digits((Str){"000", (size_t)decimals - fraction.len}, &minor);
  if (!fits || (!negative && __builtin_sub_overflow(0, minor, &minor)))
    return err_because(ERR_RANGE, "amount too large");
  *out = (Money){.minor = minor};
  memcpy(out->currency, currency, sizeof out->currency);
  return ERR_OK;
}

void money_text(Money money, char out[MONEY_TEXT_MAX])
{
  int decimals = decimals_of(money.currency);
  if (decimals < 0) decimals = 2;
  uint64_t amount = money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
  char digits[24]; /* from the last one backwards */
  char *at = digits + sizeof digits;
  *--at = '\0';
  for (int i = 0; amount > 0 || i <= decimals; i++) {
    if (i == decimals && decimals > 0) *--at = '.';
    *--at = (char)('0' + amount % 10);
    amount /= 10;
  }
  snprintf(out, MONEY_TEXT_MAX, "%s%s %.3s", money.minor < 0 ? "-" : "", at, money.currency);
}
