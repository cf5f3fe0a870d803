#include <stdlib.h>
#include <string.h>

#include "common/base/env.h"
#include "common/store/journal_codec.h"
#include "tests/support/unit.h"

static Uuid uuid_of(uint8_t first, uint8_t last)
{
  Uuid id = {{0}};
  id.bytes[0] = first;
  id.bytes[15] = last;
  return id;
}

static void assert_value(const JournalValue *value, const JournalValue *want)
{
  assert_int_equal(value->kind, want->kind);
  if (want->kind == COL_INT) assert_true(value->number == want->number);
  if (want->kind == COL_TEXT || want->kind == COL_BLOB) {
    assert_int_equal(value->bytes.len, want->bytes.len);
    if (want->bytes.len) assert_memory_equal(value->bytes.ptr, want->bytes.ptr, want->bytes.len);
  }
}

/* An example with everything in it; JOURNAL.md shows its bytes. */
static void write_example(Buf *body)
{
  static const Seen SEEN[] = {{0x01020304, 0x018bcfe568000002}};
  body_begin(body, 0, actor_staff(uuid_of(0xaa, 1)), STR("client.update"), STR("moved"), SEEN, 1);
  Uuid previous = {{0}};
  body_change(body, CHANGE_INSERT, 4, uuid_of(0xbb, 1), &previous, 1 << 0 | 1 << 3 | 1 << 6);
  body_text(body, "ana", 3);
  body_null(body);
  body_int(body, 1);
  body_change(body, CHANGE_UPDATE, 8, uuid_of(0xbb, 2), &previous, 1 << 9 | 1 << 14);
  body_text(body, "1", 1);
  body_text(body, "2", 1);
  body_blob(body, "\x00\xff", 2);
  body_same(body);
  body_change(body, CHANGE_DELETE, 8, uuid_of(0xbb, 2), &previous, 1 << 18);
  body_int(body, -1700000000000);
}

TEST(a_body_comes_back_as_it_was_written)
{
  AUTO(Buf, body, buf_fini) = buf_make(JOURNAL_BODY_MAX);
  write_example(&body);
  BodyHead head;
  BodyReader reader;
  static BodyChange change;
  assert_int_equal(body_open(buf_view(&body), &head, &reader), ERR_OK);
  assert_int_equal(head.flags, 0);
  assert_int_equal(head.actor.kind, ACTOR_STAFF);
  assert_true(uuid_eq(head.actor.id, uuid_of(0xaa, 1)));
  assert_true(str_eq_c(head.action, "client.update") && str_eq_c(head.reason, "moved"));
  assert_int_equal(head.seen_count, 1);
  assert_int_equal(body_seen(&head, 0).node, 0x01020304);
  assert_true(body_seen(&head, 0).hlc == 0x018bcfe568000002);

  assert_true(body_next(&reader, &change));
  assert_int_equal(change.kind, CHANGE_INSERT);
  assert_int_equal(change.table, 4);
  assert_true(uuid_eq(change.id, uuid_of(0xbb, 1)));
  assert_int_equal(change.columns, 1 << 0 | 1 << 3 | 1 << 6);
  assert_true(change.new_value[1].kind == COL_TEXT && str_eq_c(change.new_value[1].bytes, "ana"));
  assert_int_equal(change.new_value[4].kind, COL_NULL);
  assert_true(change.new_value[7].kind == COL_INT && change.new_value[7].number == 1);

  assert_true(body_next(&reader, &change));
  assert_int_equal(change.kind, CHANGE_UPDATE);
  assert_true(uuid_eq(change.id, uuid_of(0xbb, 2)));
  assert_int_equal(change.columns, 1 << 9 | 1 << 14);
  assert_int_equal(change.changed, 1 << 9);
  assert_true(str_eq_c(change.old[10].bytes, "1") && str_eq_c(change.new_value[10].bytes, "2"));
  assert_true(str_eq(change.new_value[15].bytes, STR("\x00\xff")));

  assert_true(body_next(&reader, &change));
  assert_int_equal(change.kind, CHANGE_DELETE);
  assert_true(uuid_eq(change.id, uuid_of(0xbb, 2)));
  assert_true(change.old[19].number == -1700000000000);

  assert_false(body_next(&reader, &change));
  assert_int_equal(reader.err, ERR_OK);
}

/* The format is fixed: peers and old journals depend on it. */
TEST(the_example_has_the_bytes_that_the_document_shows)
{
  static const uint8_t WANT[] = {
      0x01, 0x00, 0x01,                                                                            /* head */
      0xaa, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0, 0x01, /* actor */
      0x0d, 'c',  'l',  'i',  'e',  'n',  't',  '.',  'u',  'p',  'd',  'a',  't',  'e',           /* action */
      0x05, 'm',  'o',  'v',  'e',  'd',                                                           /* reason */
      0x01, 0x04, 0x03, 0x02, 0x01, 0x02, 0x00, 0x00, 0x68, 0xe5, 0xcf, 0x8b, 0x01,                /* seen */
      0x11, 0x00, 0xbb, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0, 0,
      0,    0x01, 0x49, 0x0e, 'a',  'n',  'a',  0x00, 0x09,                               /* insert */
      0x22, 0x0f, 0x02, 0x80, 0x84, 0x01, 0x06, '1',  0x06, '2',  0x0b, 0x00, 0xff, 0x04, /* update */
      0x23, 0x10, 0x80, 0x80, 0x10, 0xfd, 0xc0, 0x9f, 0xab, 0xfe, 0xf9, 0x62,             /* delete */
  };
  AUTO(Buf, body, buf_fini) = buf_make(JOURNAL_BODY_MAX);
  write_example(&body);
  for (size_t i = 0; i < body.len && i < sizeof WANT; i++) {
    if (body.data[i] != WANT[i]) fail_msg("offset %zu: %02x instead of %02x", i, body.data[i], WANT[i]);
  }
  assert_int_equal(body.len, sizeof WANT);
}

TEST(values_of_every_kind_and_length_come_back)
{
  static char bytes[100000];
  memset(bytes, 'x', sizeof bytes);
  JournalValue values[400];
  size_t count = 0;
  static const size_t LENGTHS[] = {0, 1, 16, 62, 63, 64, 190, 191, 192, 16446, 16447, 99999};
  for (size_t i = 0; i < COUNT_OF(LENGTHS); i++) {
    values[count++] = (JournalValue){COL_TEXT, 0, {bytes, LENGTHS[i]}};
    values[count++] = (JournalValue){COL_BLOB, 0, {bytes, LENGTHS[i]}};
  }
  for (int bit = 0; bit < 64; bit++) {
    for (int d = -1; d <= 1; d++)
      values[count++] = (JournalValue){COL_INT, (int64_t)((1ULL << bit) + (uint64_t)d), {0}};
  }
  values[count++] = (JournalValue){COL_NULL, 0, {0}};

  AUTO(Buf, body, buf_fini) = buf_make(JOURNAL_BODY_MAX);
  body_begin(&body, JOURNAL_RESTAMPED, actor_system(), STR("a"), STR(""), NULL, 0);
  Uuid previous = {{0}};
  for (size_t i = 0; i < count; i++) {
    body_change(&body, CHANGE_INSERT, 1 + (uint32_t)i * 1000003, uuid_of((uint8_t)i, 3), &previous, 1ULL << (i % 63));
    body_value(&body, &values[i]);
  }
  BodyHead head;
  BodyReader reader;
  static BodyChange change;
  assert_int_equal(body_open(buf_view(&body), &head, &reader), ERR_OK);
  assert_int_equal(head.flags, JOURNAL_RESTAMPED);
  for (size_t i = 0; i < count; i++) {
    assert_true(body_next(&reader, &change));
    assert_int_equal(change.table, 1 + (uint32_t)i * 1000003);
    assert_true(uuid_eq(change.id, uuid_of((uint8_t)i, 3)));
    assert_value(&change.new_value[1 + i % 63], &values[i]);
  }
  assert_false(body_next(&reader, &change));
  assert_int_equal(reader.err, ERR_OK);
}

TEST(every_truncation_is_corrupt_or_ends_between_changes)
{
  AUTO(Buf, body, buf_fini) = buf_make(JOURNAL_BODY_MAX);
  write_example(&body);
  size_t whole = 0;
  for (size_t len = 0; len < body.len; len++) {
    char *cut = malloc(len ? len : 1); /* of its own, so that the sanitizer sees a read past its end */
    memcpy(cut, body.data, len);
    Err err = body_check((Str){cut, len});
    assert_true(err == ERR_OK || err == ERR_CORRUPT);
    if (err == ERR_OK) whole++;
    free(cut);
  }
  assert_int_equal(whole, 3); /* after the head, the first and the second change */
}

TEST(random_damage_is_never_worse_than_corrupt)
{
  EnvFake fake;
  env_fake_init(&fake, 0, 5);
  AUTO(Buf, body, buf_fini) = buf_make(JOURNAL_BODY_MAX);
  write_example(&body);
  int corrupt = 0;
  for (int round = 0; round < 30000; round++) {
    char *copy = malloc(body.len);
    memcpy(copy, body.data, body.len);
    uint8_t r[8];
    env_random(&fake.env, r, sizeof r);
    for (int i = 0; i <= r[0] % 3; i++) copy[r[1 + 2 * i] % body.len] = (char)r[2 + 2 * i];
    Err err = body_check((Str){copy, body.len});
    assert_true(err == ERR_OK || err == ERR_CORRUPT);
    corrupt += err == ERR_CORRUPT;
    free(copy);
  }
  assert_true(corrupt > 3000);
}

TEST(malformed_bodies_are_refused)
{
  static const struct {
    const char *what;
    size_t len;
    uint8_t bytes[64];
  } CASES[] = {
      {"nothing", 0, {0}},
      {"another version", 7, {2, 0, 0, 1, 'a', 0, 0}},
      {"unknown flags", 7, {1, 2, 0, 1, 'a', 0, 0}},
      {"unknown actor", 7, {1, 0, 3, 1, 'a', 0, 0}},
      {"no action", 6, {1, 0, 0, 0, 0, 0}},
      {"a seen count beyond the end",
       16,
       {1, 0, 0, 1, 'a', 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}},
      {"one author seen twice", 31, {1, 0, 0, 1, 'a', 0, 2, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7}},
      {"no kind of change", 10, {1, 0, 0, 1, 'a', 0, 0, 4, 16, 0}},
      {"table zero", 10, {1, 0, 0, 1, 'a', 0, 0, 1, 16, 0}},
      {"an id of 17 bytes", 10, {1, 0, 0, 1, 'a', 0, 0, 5, 17, 0}},
      {"column 64", 19, {1, 0, 0, 1, 'a', 0, 0, 5, 16, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}},
      {"the same as nothing", 11, {1, 0, 0, 1, 'a', 0, 0, 5, 16, 1, VALUE_BYTE_SAME}},
      {"a length of 2^64", 21, {1,    0,    0,    1,    'a',  0,    0,    5,    16,   1,   0xfe,
                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    if (body_check((Str){(const char *)CASES[i].bytes, CASES[i].len}) != ERR_CORRUPT) fail_msg("%s", CASES[i].what);
  }
  static const uint8_t EMPTY[] = {1, 0, 0, 1, 'a', 0, 0};
  assert_int_equal(body_check((Str){(const char *)EMPTY, sizeof EMPTY}), ERR_OK);
}

TEST(the_hash_covers_everything)
{
  Hash zero = {{0}}, other = {{1}};
  Hash hash = entry_hash(zero, 1, 2, 3, STR("body"));
  assert_false(hash_eq(hash, entry_hash(other, 1, 2, 3, STR("body"))));
  assert_false(hash_eq(hash, entry_hash(zero, 9, 2, 3, STR("body"))));
  assert_false(hash_eq(hash, entry_hash(zero, 1, 9, 3, STR("body"))));
  assert_false(hash_eq(hash, entry_hash(zero, 1, 2, 9, STR("body"))));
  assert_false(hash_eq(hash, entry_hash(zero, 1, 2, 3, STR("bodY"))));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_body_comes_back_as_it_was_written),
      cmocka_unit_test(the_example_has_the_bytes_that_the_document_shows),
      cmocka_unit_test(values_of_every_kind_and_length_come_back),
      cmocka_unit_test(every_truncation_is_corrupt_or_ends_between_changes),
      cmocka_unit_test(random_damage_is_never_worse_than_corrupt),
      cmocka_unit_test(malformed_bodies_are_refused),
      cmocka_unit_test(the_hash_covers_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
