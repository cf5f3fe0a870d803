/* Ink, as a tablet's attachment brings it. */
#include "common/practice/consent.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  InkPoint *points, *back;
  size_t count, again;
  uint16_t width, height, width_again, height_again;
  Err err = ink_decode(&arena, (Str){(const char *)data, size}, &points, &count, &width, &height);
  REQUIRE(err == ERR_OK || err == ERR_INVALID);
  if (err != ERR_OK) return 0;
  REQUIRE(count <= INK_POINTS_MAX);
  Str bytes = ink_encode(&arena, points, count, width, height);
  REQUIRE(ink_decode(&arena, bytes, &back, &again, &width_again, &height_again) == ERR_OK);
  REQUIRE(again == count && width == width_again && height == height_again);
  for (size_t i = 0; i < count; i++)
    REQUIRE(points[i].x == back[i].x && points[i].y == back[i].y && points[i].ms == back[i].ms &&
            points[i].down == back[i].down);
  Str svg = ink_svg(&arena, points, count, width, height);
  REQUIRE(utf8_valid(svg) && str_starts(svg, STR("<svg")));
  return 0;
}

void fuzz_seeds(void)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  InkPoint points[] = {{10, 10, 0, false}, {900, 50, 16, true}, {65535, 0, 4000, true}, {3, 65535, 4010, false}};
  for (size_t count = 0; count <= COUNT_OF(points); count++) fuzz_seed(ink_encode(&arena, points, count, 800, 300));
}
