#include <pthread.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/uuid.h"
#include "tests/support/unit.h"

static Instant time_of(Uuid id)
{
  Instant ms = 0;
  for (int i = 0; i < 6; i++) ms = ms << 8 | id.bytes[i];
  return ms;
}

static int counter_of(Uuid id)
{
  return (id.bytes[6] & 0x0f) << 8 | id.bytes[7];
}

TEST(version_7_begins_with_the_time)
{
  EnvFake fake;
  env_fake_init(&fake, 1790000000123, 1);
  Uuid id = uuid_v7(&fake.env);
  assert_int_equal(time_of(id), 1790000000123);
  assert_int_equal(id.bytes[6] >> 4, 7);
  assert_int_equal(id.bytes[8] >> 6, 2);
}

TEST(ids_of_one_process_are_in_order)
{
  EnvFake fake;
  env_fake_init(&fake, 1800000000000, 1);
  Uuid last = uuid_v7(&fake.env);
  for (int i = 0; i < 20000; i++) { /* more than the counter holds within a millisecond */
    if (i % 7000 == 0) env_fake_advance(&fake, 1);
    if (i % 5000 == 0) env_fake_advance(&fake, -3); /* the clock is set a little back */
    Uuid id = uuid_v7(&fake.env);
    if (memcmp(last.bytes, id.bytes, 8) >= 0) fail_msg("after %d", i);
    last = id;
  }
}

TEST(the_counter_starts_afresh_with_a_new_millisecond)
{
  EnvFake fake;
  env_fake_init(&fake, 1810000000000, 1);
  assert_int_equal(counter_of(uuid_v7(&fake.env)), 0);
  assert_int_equal(counter_of(uuid_v7(&fake.env)), 1);
  env_fake_advance(&fake, 1);
  assert_int_equal(counter_of(uuid_v7(&fake.env)), 0);
}

TEST(a_full_counter_moves_the_time_on)
{
  EnvFake fake;
  env_fake_init(&fake, 1820000000000, 1);
  for (int i = 0; i < 4096; i++) assert_int_equal(time_of(uuid_v7(&fake.env)), 1820000000000);
  Uuid id = uuid_v7(&fake.env);
  assert_int_equal(time_of(id), 1820000000001);
  assert_int_equal(counter_of(id), 0);
  assert_int_equal(id.bytes[6] >> 4, 7);
}

TEST(a_clock_set_far_back_is_followed)
{
  EnvFake fake;
  env_fake_init(&fake, 4000000000000, 1);
  uuid_v7(&fake.env);
  fake.now = 1790000000000;
  assert_int_equal(time_of(uuid_v7(&fake.env)), 1790000000000);
  fake.now = -5;
  assert_int_equal(time_of(uuid_v7(&fake.env)), 0);
}

enum { THREADS = 4, EACH = 5000 };

static void *make_many(void *out)
{
  Uuid *ids = out;
  for (int i = 0; i < EACH; i++) ids[i] = uuid_v7(env_system());
  return NULL;
}

static int compare_ids(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(Uuid));
}

TEST(threads_make_no_id_twice)
{
  static Uuid ids[THREADS * EACH];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, make_many, ids + i * EACH), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  qsort(ids, COUNT_OF(ids), sizeof ids[0], compare_ids);
  for (size_t i = 1; i < COUNT_OF(ids); i++) /* not even in time and counter */
    assert_true(memcmp(ids[i - 1].bytes, ids[i].bytes, 8) < 0);
}

TEST(names_from_parts_are_the_same_everywhere)
{
  char text[UUID_TEXT_LEN + 1];
  uuid_text(uuid_from_parts(STR("rel"), "xyz", 3), text);
  assert_string_equal(text, "48e70622-c6ad-8af1-9f67-67610aff9ab8");
  assert_true(uuid_eq(uuid_from_parts(STR("rel"), "xyz", 3), uuid_from_parts(STR("rel"), "xyz", 3)));
  assert_false(uuid_eq(uuid_from_parts(STR("re"), "lxyz", 4), uuid_from_parts(STR("rel"), "xyz", 3)));
  assert_false(uuid_eq(uuid_from_parts(STR("rel"), NULL, 0), uuid_from_parts(STR("rel"), "\0", 1)));
}

TEST(the_text_form_is_read_back)
{
  static const char LOWER[] = "0190f5fe-7c00-7abc-8def-0123456789ab";
  static const char *const SAME[] = {"0190f5fe-7c00-7abc-8def-0123456789ab", "0190F5FE-7C00-7ABC-8DEF-0123456789AB",
                                     "urn:uuid:0190f5fe-7c00-7abc-8def-0123456789ab",
                                     "URN:UUID:0190f5fe-7c00-7abc-8def-0123456789AB"};
  for (size_t i = 0; i < COUNT_OF(SAME); i++) {
    Uuid id;
    char text[UUID_TEXT_LEN + 1];
    if (!uuid_parse(str_c(SAME[i]), &id)) fail_msg("refused %s", SAME[i]);
    uuid_text(id, text);
    assert_string_equal(text, LOWER);
  }
}

TEST(other_forms_are_refused)
{
  static const char *const BAD[] = {"",
                                    "0190f5fe7c007abc8def0123456789ab",
                                    "0190f5fe-7c00-7abc-8def-0123456789a",
                                    "0190f5fe-7c00-7abc-8def-0123456789ab0",
                                    "{0190f5fe-7c00-7abc-8def-0123456789ab}",
                                    "0190f5fe-7c00-7abc-8def-0123456789ag",
                                    "0190f5fe_7c00-7abc-8def-0123456789ab",
                                    "0190f5f-e7c00-7abc-8def-0123456789ab",
                                    "uuid:urn:0190f5fe-7c00-7abc-8def-0123456789ab",
                                    "urn:uuid:urn:uuid:0190f5fe-7c00-7abc-8def-01"};
  Uuid id = {{9}};
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    if (uuid_parse(str_c(BAD[i]), &id)) fail_msg("accepted %s", BAD[i]);
  }
  assert_int_equal(id.bytes[0], 9);
  assert_false(uuid_is_nil(id));
  assert_true(uuid_parse(STR("00000000-0000-0000-0000-000000000000"), &id) && uuid_is_nil(id));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(version_7_begins_with_the_time),
      cmocka_unit_test(ids_of_one_process_are_in_order),
      cmocka_unit_test(the_counter_starts_afresh_with_a_new_millisecond),
      cmocka_unit_test(a_full_counter_moves_the_time_on),
      cmocka_unit_test(a_clock_set_far_back_is_followed),
      cmocka_unit_test(threads_make_no_id_twice),
      cmocka_unit_test(names_from_parts_are_the_same_everywhere),
      cmocka_unit_test(the_text_form_is_read_back),
      cmocka_unit_test(other_forms_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
