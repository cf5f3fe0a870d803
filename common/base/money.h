/* Money: integer minor units with an ISO 4217 currency. No floating point anywhere. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

typedef struct Money {
  int64_t minor;    /* cents for USD */
  char currency[4]; /* "USD", NUL-terminated */
} Money;

enum { MONEY_SPLIT_MAX = 1024, MONEY_TEXT_MAX = 32 };

/* money_add, money_subtract: false, and *out untouched, on overflow. Currencies must be equal (asserted). */
MUST_CHECK bool money_add(Money a, Money b, Money *out);
MUST_CHECK bool money_subtract(Money a, Money b, Money *out);
/* money_scale: a * numerator / denominator, half away from zero. False on overflow. denominator > 0 (asserted). */
MUST_CHECK bool money_scale(Money a, int64_t numerator, int64_t denominator, Money *out);
/* money_split: divide `total` into `n` shares that add up to it exactly.
 *
 * total   minor units, >= 0
 * n       1..MONEY_SPLIT_MAX (asserted)
 * shares  caller's array of n; written only on success
 * errors  ERR_RANGE if total is negative (it may come from a form)
 * The first (total mod n) shares carry the extra unit.
 */
MUST_CHECK Err money_split(Money total, int n, Money shares[]);
/* money_parse: "1234.50", "-3", "1,234.50" for a currency with two decimals; JPY and KRW have none, KWD and BHD three.
 * errors  ERR_INVALID (not a number, too many decimals, unknown currency), ERR_RANGE */
MUST_CHECK Err money_parse(Str text, const char currency[4], Money *out);
/* money_text: "1234.50 USD"; no locale. */
void money_text(Money money, char out[MONEY_TEXT_MAX]);
