#include <string.h>

#include "common/base/buf.h"
#include "tests/support/unit.h"

static const struct {
  uint64_t value;
  size_t len;
  uint8_t bytes[10];
} VARINTS[] = {
    {0, 1, {0}},
    {1, 1, {1}},
    {127, 1, {0x7f}},
    {128, 2, {0x80, 0x01}},
    {300, 2, {0xac, 0x02}},
    {16383, 2, {0xff, 0x7f}},
    {16384, 3, {0x80, 0x80, 0x01}},
    {UINT32_MAX, 5, {0xff, 0xff, 0xff, 0xff, 0x0f}},
    {(uint64_t)1 << 63, 10, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
    {UINT64_MAX, 10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
};

TEST(varints_have_their_shortest_leb128_form)
{
  for (size_t i = 0; i < COUNT_OF(VARINTS); i++) {
    AUTO(Buf, buf, buf_fini) = buf_make(100);
    buf_varint(&buf, VARINTS[i].value);
    assert_int_equal(buf.len, VARINTS[i].len);
    assert_memory_equal(buf.data, VARINTS[i].bytes, VARINTS[i].len);
    Reader reader = reader_make(buf.data, buf.len);
    assert_int_equal(reader_varint(&reader), VARINTS[i].value);
    assert_true(reader_done(&reader) && !reader.failed);
  }
}

TEST(varints_of_every_length_come_back)
{
  AUTO(Buf, buf, buf_fini) = buf_make(1 << 20);
  for (int bit = 0; bit < 64; bit++) {
    for (int d = -1; d <= 1; d++) buf_varint(&buf, ((uint64_t)1 << bit) + (uint64_t)d);
  }
  Reader reader = reader_make(buf.data, buf.len);
  for (int bit = 0; bit < 64; bit++) {
    for (int d = -1; d <= 1; d++) assert_int_equal(reader_varint(&reader), ((uint64_t)1 << bit) + (uint64_t)d);
  }
  assert_true(reader_done(&reader) && !reader.failed);
}

TEST(malformed_varints_fail_and_stay_failed)
{
  static const struct {
    const char *why;
    size_t len;
    uint8_t bytes[12];
  } CASES[] = {
      {"empty", 0, {0}},
      {"cut", 1, {0x80}},
      {"cut after nine", 9, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
      {"overlong zero", 2, {0x80, 0x00}},
      {"overlong one", 3, {0x81, 0x80, 0x00}},
      {"65 bits", 10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}},
      {"eleven bytes", 11, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0x01}},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Reader reader = reader_make(CASES[i].bytes, CASES[i].len);
    if (reader_varint(&reader) != 0 || !reader.failed) fail_msg("accepted: %s", CASES[i].why);
    reader.len = sizeof CASES[i].bytes;
    assert_int_equal(reader_u8(&reader), 0);
    assert_int_equal(reader_varint(&reader), 0);
    assert_true(reader_done(&reader));
  }
}

TEST(zigzag_keeps_sign_and_small_magnitudes_short)
{
  static const struct {
    int64_t value;
    size_t len;
  } CASES[] = {{0, 1}, {-1, 1}, {1, 1}, {-64, 1}, {63, 1}, {64, 2}, {-65, 2}, {INT64_MAX, 10}, {INT64_MIN, 10}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(Buf, buf, buf_fini) = buf_make(100);
    buf_zigzag(&buf, CASES[i].value);
    assert_int_equal(buf.len, CASES[i].len);
    Reader reader = reader_make(buf.data, buf.len);
    assert_int_equal(reader_zigzag(&reader), CASES[i].value);
  }
}

TEST(integers_are_little_endian)
{
  static const uint8_t WANT[] = {1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8};
  AUTO(Buf, buf, buf_fini) = buf_make(100);
  buf_u8(&buf, 1);
  buf_u16(&buf, 0x0203);
  buf_u32(&buf, 0x04050607);
  buf_u64(&buf, 0x08090a0b0c0d0e0fU);
  assert_int_equal(buf.len, sizeof WANT);
  assert_memory_equal(buf.data, WANT, sizeof WANT);
  Reader reader = reader_make(buf.data, buf.len);
  assert_int_equal(reader_u8(&reader), 1);
  assert_int_equal(reader_u16(&reader), 0x0203);
  assert_int_equal(reader_u32(&reader), 0x04050607);
  assert_int_equal(reader_u64(&reader), 0x08090a0b0c0d0e0fU);
  assert_int_equal(reader_u16(&reader), 0);
  assert_true(reader.failed);
}

TEST(the_maximum_can_be_filled_but_not_passed)
{
  AUTO(Buf, buf, buf_fini) = buf_make(100);
  for (int i = 0; i < 100; i++) buf_u8(&buf, 'x');
  assert_int_equal(buf.err, ERR_OK);
  assert_int_equal(strlen(buf_cstr(&buf)), 100);
  buf_u8(&buf, 'y');
  assert_int_equal(buf.err, ERR_TOO_LARGE);
  assert_int_equal(buf.len, 100);
  assert_string_equal(buf_cstr(&buf), "");
}

TEST(an_error_is_sticky_until_clear)
{
  AUTO(Buf, buf, buf_fini) = buf_make(10);
  buf_c(&buf, "12345");
  buf_c(&buf, "1234567");
  buf_u8(&buf, '6'); /* would fit, but comes after something that did not */
  buf_printf(&buf, "%d", 7);
  assert_int_equal(buf.err, ERR_TOO_LARGE);
  assert_int_equal(buf.len, 5);
  assert_null(buf_reserve(&buf, 1));
  buf_clear(&buf);
  buf_c(&buf, "again");
  assert_int_equal(buf.err, ERR_OK);
  assert_string_equal(buf_cstr(&buf), "again");
}

TEST(absurd_sizes_are_an_error_and_no_crash)
{
  AUTO(Buf, buf, buf_fini) = buf_make(SIZE_MAX);
  buf_u8(&buf, 1);
  assert_null(buf_reserve(&buf, SIZE_MAX - 1));
  assert_int_equal(buf.err, ERR_TOO_LARGE);
}

TEST(printf_and_chunks_hold_what_they_are_given)
{
  AUTO(Buf, buf, buf_fini) = buf_make(1 << 16);
  buf_printf(&buf, "%s=%d;", "rows", 12);
  assert_string_equal(buf_cstr(&buf), "rows=12;");
  buf_clear(&buf);
  buf_printf(&buf, "%5000d", 1);
  assert_int_equal(buf.len, 5000);
  buf_clear(&buf);
  buf_chunk(&buf, "abc", 3);
  buf_chunk(&buf, NULL, 0);
  buf_str(&buf, STR("z"));
  Reader reader = reader_make(buf.data, buf.len);
  assert_true(str_eq_c(reader_chunk(&reader), "abc"));
  assert_true(str_empty(reader_chunk(&reader)));
  assert_false(reader.failed);
  assert_int_equal(reader_u8(&reader), 'z');
}

TEST(a_chunk_longer_than_the_data_fails)
{
  static const uint8_t SHORT[] = {5, 'a', 'b'},
                       HUGE_LEN[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 'a'};
  Reader reader = reader_make(SHORT, sizeof SHORT);
  assert_true(str_empty(reader_chunk(&reader)) && reader.failed);
  reader = reader_make(HUGE_LEN, sizeof HUGE_LEN);
  assert_true(str_empty(reader_chunk(&reader)) && reader.failed);
}

TEST(an_empty_buffer_is_an_empty_text)
{
  AUTO(Buf, buf, buf_fini) = buf_make(10);
  assert_string_equal(buf_cstr(&buf), "");
  assert_non_null(buf_reserve(&buf, 0));
  Reader reader = reader_make(NULL, 0);
  assert_true(reader_done(&reader));
  assert_non_null(reader_bytes(&reader, 0));
  assert_null(reader_bytes(&reader, 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(varints_have_their_shortest_leb128_form),
      cmocka_unit_test(varints_of_every_length_come_back),
      cmocka_unit_test(malformed_varints_fail_and_stay_failed),
      cmocka_unit_test(zigzag_keeps_sign_and_small_magnitudes_short),
      cmocka_unit_test(integers_are_little_endian),
      cmocka_unit_test(the_maximum_can_be_filled_but_not_passed),
      cmocka_unit_test(an_error_is_sticky_until_clear),
      cmocka_unit_test(absurd_sizes_are_an_error_and_no_crash),
      cmocka_unit_test(printf_and_chunks_hold_what_they_are_given),
      cmocka_unit_test(a_chunk_longer_than_the_data_fails),
      cmocka_unit_test(an_empty_buffer_is_an_empty_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
