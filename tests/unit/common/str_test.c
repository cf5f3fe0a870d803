#include "common/base/arena.h"
#include "common/base/str.h"
#include "tests/support/unit.h"

TEST(equality_looks_at_bytes)
{
  assert_true(str_eq(STR("abc"), (Str){"abcd", 3}) && str_eq((Str){0}, STR("")) && str_eq_c((Str){0}, NULL));
  assert_false(str_eq(STR("abc"), STR("abd")) || str_eq(STR("ab"), STR("abc")) || str_eq_c(STR("a"), ""));
  assert_true(str_eq_ascii_nocase(STR("Content-TYPE"), STR("content-type")));
  assert_false(str_eq_ascii_nocase(STR("É"), STR("é")) || str_eq_ascii_nocase(STR("["), STR("{")));
  assert_true(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), (Str){0}) && str_starts((Str){0}, STR("")));
  assert_false(str_starts(STR("ab"), STR("abc")) || str_starts(STR("xab"), STR("ab")));
}

TEST(trimming_takes_white_space_from_both_ends)
{
  static const struct {
    const char *text, *want;
  } CASES[] = {{"", ""},
               {" \t\r\n", ""},
               {"a", "a"},
               {"  a b\n", "a b"},
               {"\xc2\xa0"
                "a"
                "\xc2\xa0 ",
                "a"},
               {"\xc2\xa0", ""},
               {"\xa0"
                "a",
                "\xa0"
                "a"},
               {"é\xc2\xa1", "é\xc2\xa1"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) assert_true(str_eq_c(str_trim(str_c(CASES[i].text)), CASES[i].want));
  assert_true(str_empty(str_trim((Str){0})));
}

TEST(cutting_takes_what_is_before_the_separator)
{
  Str rest = STR("a=b=c");
  assert_true(str_eq_c(str_cut(&rest, '='), "a") && str_eq_c(rest, "b=c"));
  assert_true(str_eq_c(str_cut(&rest, '='), "b") && str_eq_c(str_cut(&rest, '='), "c"));
  assert_true(str_empty(rest) && str_empty(str_cut(&rest, '=')));
  rest = STR("a,");
  assert_true(str_eq_c(str_cut(&rest, ','), "a") && str_empty(rest));
  rest = (Str){0};
  assert_true(str_empty(str_cut(&rest, ',')) && str_empty(rest));
}

TEST(numbers_are_read_whole_or_not_at_all)
{
  static const struct {
    const char *text;
    int64_t value;
  } GOOD[] = {{"0", 0}, {"-0", 0}, {"007", 7}, {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN}};
  static const char *const BAD[] = {"",
                                    "-",
                                    "+1",
                                    "1 ",
                                    " 1",
                                    "1a",
                                    "0x1",
                                    "1.0",
                                    "--1",
                                    "9223372036854775808",
                                    "-9223372036854775809",
                                    "99999999999999999999"};
  int64_t value = 42;
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (str_to_int64(str_c(BAD[i]), &value)) fail_msg("accepted \"%s\"", BAD[i]);
  }
  assert_int_equal(value, 42);
  for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
    assert_true(str_to_int64(str_c(GOOD[i].text), &value));
    assert_int_equal(value, GOOD[i].value);
  }
}

static const struct {
  const char *why;
  Str bytes;
} MALFORMED[] = {
    {"lone continuation", {"\x80", 1}},
    {"overlong slash", {"\xc0\xaf", 2}},
    {"overlong in three", {"\xe0\x80\xaf", 3}},
    {"overlong in four", {"\xf0\x80\x80\xaf", 4}},
    {"surrogate", {"\xed\xa0\x80", 3}},
    {"above U+10FFFF", {"\xf4\x90\x80\x80", 4}},
    {"five bytes", {"\xf8\x88\x80\x80\x80", 5}},
    {"cut after one of two", {"\xc3", 1}},
    {"cut after two of three", {"\xe2\x82", 2}},
    {"cut after three of four", {"\xf0\x9f\x98", 3}},
    {"second byte is ASCII", {"\xc3(", 2}},
    {"third byte is ASCII", {"\xe2\x82(", 3}},
    {"FE", {"\xfe", 1}},
    {"NUL inside", {"a\0b", 3}},
};

TEST(malformed_utf8_is_not_valid)
{
  for (size_t i = 0; i < COUNT_OF(MALFORMED); i++) {
    if (utf8_valid(MALFORMED[i].bytes)) fail_msg("valid: %s", MALFORMED[i].why);
  }
  assert_true(utf8_valid((Str){0}) && utf8_valid(STR("Zoë 東京 😀 \x7f")));
  assert_true(
      utf8_valid(STR("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\xef\xbf\xbf\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80")));
}

TEST(each_malformed_byte_is_one_replacement)
{
  static const uint32_t WANT[] = {'a', 0xfffd, 0xfffd, '(', 0xfffd, 0xfffd, 0xfffd, 0xe9, 0xfffd};
  Str text = STR("a\xe2\x82(\xed\xa0\x80\xc3\xa9\xf0");
  size_t at = 0;
  uint32_t c;
  for (size_t i = 0; i < COUNT_OF(WANT); i++) {
    assert_true(utf8_next(text, &at, &c));
    assert_int_equal(c, WANT[i]);
  }
  assert_false(utf8_next(text, &at, &c));
  assert_int_equal(at, text.len);
  assert_int_equal(utf8_count(text), COUNT_OF(WANT));
}

TEST(every_code_point_comes_back)
{
  for (uint32_t c = 1; c <= 0x110000; c++) {
    char bytes[4];
    Str text = {bytes, utf8_encode(c, bytes)};
    bool real = c < 0x110000 && (c < 0xd800 || c > 0xdfff);
    size_t at = 0;
    uint32_t back = 0;
    bool got = utf8_next(text, &at, &back) && at == text.len && utf8_valid(text);
    if (!got || back != (real ? c : 0xfffd)) fail_msg("U+%04X", c);
  }
}

TEST(names_fold_as_people_compare_them)
{
  static const struct {
    const char *text, *want;
  } CASES[] = {
      {"Mejía-O'Neil", "mejiaoneil"},
      {"MEJIA O’NEIL", "mejia oneil"},
      {"  José   María\t", "jose maria"},
      {"Jose\xcc\x81", "jose"}, /* e and a combining acute */
      {"Nguyễn Thị Ánh", "nguyen thi anh"},
      {"ŁUKASZ ŻÓŁĆ", "lukasz zolc"},
      {"Strauß", "strauss"},
      {"STRAUẞ", "strauss"},
      {"Ægir Þór Œuvre", "aegir thor oeuvre"},
      {"Søren Đặng", "soren dang"},
      {"İstanbul ıI", "istanbul ii"},
      {"Čapek, Karel (jr.)", "capek karel jr"},
      {"Papadópoulos Παπαδόπουλος", "papadopoulos παπαδοπουλοσ"},
      {"ΑΝΔΡΈΑΣ ᾿Ανδρέας ᾳ", "ανδρεασ ανδρεασ α"},
      {"Ёлкин Йован ЇЖАК", "елкин иован іжак"},
      {"Ștefan Țîrlea ȘT", "stefan tirlea st"},
      {"田中 太郎", "田中 太郎"},
      {"محمد علي", "محمد علي"},
      {"Smith—Jones / Co.", "smithjones co"},
      {"A\xc2\xa0"
       "B\xe3\x80\x80"
       "C",
       "a b c"},
      {"D´Arcy`s", "darcys"},
      {"co\xc2\xadop\xe2\x80\x8b!", "coop"},
      {"***", ""},
      {"", ""},
      {"Nº 5ª", "no 5a"},
      {"Anna2", "anna2"},
      {"a\xff"
       "b",
       "a\xef\xbf\xbd"
       "b"},
      {"\xff\xff\xff", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"😀 x", "😀 x"},
  };
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Str folded = str_fold(&arena, str_c(CASES[i].text));
    if (!str_eq_c(folded, CASES[i].want))
      fail_msg("\"%s\": \"" STR_FMT "\", not \"%s\"", CASES[i].text, STR_ARG(folded), CASES[i].want);
  }
  assert_true(str_empty(str_fold(&arena, (Str){0})));
}

TEST(folding_twice_changes_nothing_more)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (uint32_t c = 1; c < 0x30000; c++) {
    char bytes[4];
    Str once = str_fold(&arena, (Str){bytes, utf8_encode(c, bytes)}), twice = str_fold(&arena, once);
    if (!str_eq(once, twice)) fail_msg("U+%04X", c);
    if (c % 1000 == 0) arena_reset(&arena);
  }
}

TEST(combining_marks_leave_nothing)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (uint32_t c = 0x300; c <= 0x36f; c++) {
    char bytes[4];
    assert_true(str_empty(str_fold(&arena, (Str){bytes, utf8_encode(c, bytes)})));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equality_looks_at_bytes),
      cmocka_unit_test(trimming_takes_white_space_from_both_ends),
      cmocka_unit_test(cutting_takes_what_is_before_the_separator),
      cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
      cmocka_unit_test(malformed_utf8_is_not_valid),
      cmocka_unit_test(each_malformed_byte_is_one_replacement),
      cmocka_unit_test(every_code_point_comes_back),
      cmocka_unit_test(names_fold_as_people_compare_them),
      cmocka_unit_test(folding_twice_changes_nothing_more),
      cmocka_unit_test(combining_marks_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
