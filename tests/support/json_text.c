#include "tests/support/json_text.h"

#include "tests/support/unit.h"

char *test_quoted(Arena *arena, const char *text)
{
  char *copy = arena_cstr(arena, str_c(text));
  for (char *c = copy; *c; c++)
    if (*c == '\'') *c = '"';
  return copy;
}

json_t *test_json(const char *text)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  json_t *value = NULL;
  if (json_parse(str_c(test_quoted(&arena, text)), &value) != ERR_OK) fail_msg("%s: %s", text, err_detail());
  return value;
}

void test_json_is(json_t *value, const char *text)
{
  AUTO(json_t *, wanted, json_release) = test_json(text);
  if (json_equal(value, wanted)) return;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str got = json_canonical(&arena, value);
  fail_msg("got " STR_FMT ", wanted %s", STR_ARG(got), text);
}
