#include <string.h>

#include "common/practice/consent.h"
#include "tests/support/unit.h"

enum { DRAWINGS = 300, POINTS_MAX = 400 };

static uint64_t draw(EnvFake *fake)
{
  uint64_t value;
  env_random(&fake->env, &value, sizeof value);
  return value;
}

/* A hand: small steps mostly, leaps now and then, a clock that may be set back. */
static size_t random_points(EnvFake *fake, InkPoint points[])
{
  size_t count = draw(fake) % POINTS_MAX;
  InkPoint at = {0};
  for (size_t i = 0; i < count; i++) {
    bool leap = draw(fake) % 10 == 0;
    at.x = (uint16_t)(leap ? draw(fake) : at.x + draw(fake) % 200 - 100);
    at.y = (uint16_t)(leap ? draw(fake) : at.y + draw(fake) % 200 - 100);
    at.ms = (uint32_t)(leap ? draw(fake) : at.ms + draw(fake) % 20);
    at.down = draw(fake) % 8 != 0;
    points[i] = at;
  }
  return count;
}

TEST(ink_comes_back_as_it_was_drawn)
{
  EnvFake fake;
  env_fake_init(&fake, 0, 11);
  InkPoint points[POINTS_MAX];
  for (int i = 0; i < DRAWINGS; i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    size_t count = random_points(&fake, points), got_count;
    Str bytes = ink_encode(&arena, points, count, 800, 300);
    InkPoint *got;
    uint16_t width, height;
    assert_int_equal(ink_decode(&arena, bytes, &got, &got_count, &width, &height), ERR_OK);
    assert_int_equal(got_count, count);
    assert_int_equal(width, 800);
    assert_int_equal(height, 300);
    for (size_t k = 0; k < count; k++) {
      assert_true(got[k].x == points[k].x && got[k].y == points[k].y && got[k].ms == points[k].ms &&
                  got[k].down == points[k].down);
    }
  }
}

TEST(a_signature_is_small)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  InkPoint points[200];
  for (int i = 0; i < 200; i++)
    points[i] = (InkPoint){(uint16_t)(10000 + i * 60), (uint16_t)(20000 + i % 7 * 50), (uint32_t)i * 8, i > 0};
  assert_true(ink_encode(&arena, points, 200, 800, 300).len < 200 * 6);
}

TEST(ink_has_one_encoding_and_hostile_bytes_are_refused)
{
  EnvFake fake;
  env_fake_init(&fake, 0, 12);
  size_t taken = 0;
  InkPoint points[POINTS_MAX];
  for (int i = 0; i < 20000; i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    Str bytes = ink_encode(&arena, points, random_points(&fake, points) % 20, 800, 300);
    char *altered = arena_cstr(&arena, bytes);
    for (size_t k = draw(&fake) % 4; k > 0; k--) altered[draw(&fake) % bytes.len] = (char)draw(&fake);
    Str hostile = {altered, draw(&fake) % 4 == 0 ? draw(&fake) % (bytes.len + 1) : bytes.len};
    InkPoint *got;
    size_t count;
    uint16_t width, height;
    Err err = ink_decode(&arena, hostile, &got, &count, &width, &height);
    assert_true(err == ERR_OK || err == ERR_INVALID);
    if (err != ERR_OK) continue;
    taken++;
    assert_true(str_eq(ink_encode(&arena, got, count, width, height), hostile));
  }
  assert_true(taken > 1000);
  static const char HUGE[] = "\x01\x01\x01\xff\xff\xff\xff\x0f";
  AUTO(Arena, arena, arena_fini) = arena_make(1 << 20);
  InkPoint *got;
  size_t count;
  uint16_t width, height;
  assert_int_equal(ink_decode(&arena, (Str){HUGE, sizeof HUGE - 1}, &got, &count, &width, &height), ERR_INVALID);
  assert_int_equal(ink_decode(&arena, (Str){0}, &got, &count, &width, &height), ERR_INVALID);
}

TEST(a_picture_begins_a_path_for_each_stroke_and_shows_dots)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const InkPoint POINTS[] = {{0, 0, 0, false}, {65535, 65535, 5, true}, {32768, 0, 9, false}};
  Str svg = ink_svg(&arena, POINTS, 3, 800, 300);
  assert_non_null(strstr(arena_cstr(&arena, svg), "d=\"M 0.0 0.0L 800.0 300.0M 400.0 0.0h0\""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ink_comes_back_as_it_was_drawn),
      cmocka_unit_test(a_signature_is_small),
      cmocka_unit_test(ink_has_one_encoding_and_hostile_bytes_are_refused),
      cmocka_unit_test(a_picture_begins_a_path_for_each_stroke_and_shows_dots),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
