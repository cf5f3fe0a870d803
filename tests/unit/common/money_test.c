#include <string.h>

#include "common/base/env.h"
#include "common/base/money.h"
#include "tests/support/unit.h"

static Money usd(int64_t minor)
{
  return (Money){minor, "USD"};
}

TEST(sums_that_overflow_leave_the_result_untouched)
{
  Money out = usd(7);
  assert_true(money_add(usd(2), usd(-5), &out));
  assert_int_equal(out.minor, -3);
  assert_string_equal(out.currency, "USD");
  assert_true(money_subtract(usd(2), usd(-5), &out));
  assert_int_equal(out.minor, 7);
  assert_false(money_add(usd(INT64_MAX), usd(1), &out));
  assert_false(money_add(usd(INT64_MIN), usd(-1), &out));
  assert_false(money_subtract(usd(INT64_MIN), usd(1), &out));
  assert_false(money_subtract(usd(0), usd(INT64_MIN), &out));
  assert_int_equal(out.minor, 7);
}

TEST(scaling_rounds_half_away_from_zero)
{
  static const struct {
    int64_t minor, numerator, denominator, want;
  } CASES[] = {
      {100, 1, 3, 33},
      {200, 1, 3, 67},
      {1, 1, 2, 1},
      {-1, 1, 2, -1},
      {3, 1, 2, 2},
      {-3, 1, 2, -2},
      {1, 49, 100, 0},
      {-1, 49, 100, 0},
      {1999, 825, 10000, 165}, /* 164.9175 */
      {-1999, 825, 10000, -165},
      {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX},
      {INT64_MIN, 1, 1, INT64_MIN},
      {INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN},
      {INT64_MAX, 1, INT64_MAX, 1},
      {INT64_MAX / 2, 1, INT64_MAX, 0},
      {INT64_MAX / 2 + 1, 1, INT64_MAX, 1},
      {5, 0, 1, 0},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Money out;
    assert_true(money_scale(usd(CASES[i].minor), CASES[i].numerator, CASES[i].denominator, &out));
    assert_int_equal(out.minor, CASES[i].want);
  }
  Money out = usd(7);
  assert_false(money_scale(usd(INT64_MAX), 2, 1, &out));
  assert_false(money_scale(usd(INT64_MIN), -1, 1, &out));
  assert_false(money_scale(usd(INT64_MAX), INT64_MAX, INT64_MAX - 1, &out));
  assert_int_equal(out.minor, 7);
}

TEST(shares_add_up_to_the_total)
{
  static const int64_t TOTALS[] = {0, 1, 2, 99, 100, 101, 1000003, INT64_MAX};
  static const int COUNTS[] = {1, 2, 3, 7, 100, MONEY_SPLIT_MAX};
  Money shares[MONEY_SPLIT_MAX];
  for (size_t t = 0; t < COUNT_OF(TOTALS); t++) {
    for (size_t c = 0; c < COUNT_OF(COUNTS); c++) {
      int n = COUNTS[c];
      Money sum = usd(0);
      assert_int_equal(money_split(usd(TOTALS[t]), n, shares), ERR_OK);
      for (int i = 0; i < n; i++) {
        assert_int_equal(shares[i].minor, TOTALS[t] / n + (i < TOTALS[t] % n ? 1 : 0));
        assert_true(money_add(sum, shares[i], &sum));
      }
      assert_int_equal(sum.minor, TOTALS[t]);
    }
  }
}

TEST(a_negative_total_is_not_split)
{
  Money shares[2] = {usd(5), usd(6)};
  assert_int_equal(money_split(usd(-1), 2, shares), ERR_RANGE);
  assert_true(shares[0].minor == 5 && shares[1].minor == 6);
}

TEST(amounts_are_read_by_their_currency)
{
  static const struct {
    const char *text, *currency;
    int64_t minor;
  } CASES[] = {
      {"1234.50", "USD", 123450},
      {"-3", "USD", -300},
      {"1,234.50", "USD", 123450},
      {"1,234,567", "USD", 123456700},
      {"0.5", "USD", 50},
      {"000.05", "EUR", 5},
      {" 12.00 ", "USD", 1200},
      {"-0", "USD", 0},
      {"500", "JPY", 500},
      {"1,500", "KRW", 1500},
      {"1.234", "KWD", 1234},
      {"2", "BHD", 2000},
      {"92233720368547758.07", "USD", INT64_MAX},
      {"-92233720368547758.08", "USD", INT64_MIN},
      {"9223372036854775807", "JPY", INT64_MAX},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Money money;
    if (money_parse(str_c(CASES[i].text), CASES[i].currency, &money) != ERR_OK) fail_msg("refused %s", CASES[i].text);
    assert_int_equal(money.minor, CASES[i].minor);
    assert_string_equal(money.currency, CASES[i].currency);
  }
}

TEST(what_is_not_an_amount_is_refused)
{
  static const struct {
    const char *text, *currency;
    Err err;
  } CASES[] = {
      {"", "USD", ERR_INVALID},
      {"-", "USD", ERR_INVALID},
      {".", "USD", ERR_INVALID},
      {"1.", "USD", ERR_INVALID},
      {"--1", "USD", ERR_INVALID},
      {"1.234", "USD", ERR_INVALID},
      {"1.0", "JPY", ERR_INVALID},
      {"1.2345", "KWD", ERR_INVALID},
      {"1.2.3", "USD", ERR_INVALID},
      {"1,23", "USD", ERR_INVALID},
      {"1234,567", "USD", ERR_INVALID},
      {",123", "USD", ERR_INVALID},
      {"1,234,", "USD", ERR_INVALID},
      {"1,,234", "USD", ERR_INVALID},
      {"1.2,3", "USD", ERR_INVALID},
      {"12a", "USD", ERR_INVALID},
      {"$12", "USD", ERR_INVALID},
      {"1e3", "USD", ERR_INVALID},
      {"1 000", "USD", ERR_INVALID},
      {"1", "XXX", ERR_INVALID},
      {"1", "usd", ERR_INVALID},
      {"1", "SD ", ERR_INVALID},
      {"1", "", ERR_INVALID},
      {"92233720368547758.08", "USD", ERR_RANGE},
      {"-92233720368547758.09", "USD", ERR_RANGE},
      {"92233720368547759", "USD", ERR_RANGE},
      {"99999999999999999999999999", "JPY", ERR_RANGE},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    char currency[4] = {0};
    memcpy(currency, CASES[i].currency, strlen(CASES[i].currency));
    Money money = usd(7);
    Err err = money_parse(str_c(CASES[i].text), currency, &money);
    if (err != CASES[i].err) fail_msg("\"%s\" %s: %s", CASES[i].text, CASES[i].currency, err_name(err));
    assert_int_equal(money.minor, 7);
  }
}

TEST(amounts_are_written_with_their_decimals)
{
  static const struct {
    Money money;
    const char *text;
  } CASES[] = {
      {{123450, "USD"}, "1234.50 USD"},
      {{0, "USD"}, "0.00 USD"},
      {{-5, "USD"}, "-0.05 USD"},
      {{-300, "USD"}, "-3.00 USD"},
      {{500, "JPY"}, "500 JPY"},
      {{0, "JPY"}, "0 JPY"},
      {{1234, "KWD"}, "1.234 KWD"},
      {{-1, "KWD"}, "-0.001 KWD"},
      {{INT64_MAX, "USD"}, "92233720368547758.07 USD"},
      {{INT64_MIN, "USD"}, "-92233720368547758.08 USD"},
      {{INT64_MIN, "JPY"}, "-9223372036854775808 JPY"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    char text[MONEY_TEXT_MAX];
    money_text(CASES[i].money, text);
    assert_string_equal(text, CASES[i].text);
  }
}

TEST(what_is_written_is_read_back)
{
  static const char CURRENCIES[][4] = {"USD", "JPY", "KWD"};
  EnvFake fake;
  env_fake_init(&fake, 0, 11);
  for (int i = 0; i < 3000; i++) {
    Money money, back;
    memcpy(money.currency, CURRENCIES[i % 3], 4);
    env_random(&fake.env, &money.minor, sizeof money.minor);
    money.minor >>= i % 60;
    char text[MONEY_TEXT_MAX];
    money_text(money, text);
    assert_int_equal(money_parse((Str){text, strlen(text) - 4}, money.currency, &back), ERR_OK);
    assert_int_equal(back.minor, money.minor);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_that_overflow_leave_the_result_untouched),
      cmocka_unit_test(scaling_rounds_half_away_from_zero),
      cmocka_unit_test(shares_add_up_to_the_total),
      cmocka_unit_test(a_negative_total_is_not_split),
      cmocka_unit_test(amounts_are_read_by_their_currency),
      cmocka_unit_test(what_is_not_an_amount_is_refused),
      cmocka_unit_test(amounts_are_written_with_their_decimals),
      cmocka_unit_test(what_is_written_is_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
