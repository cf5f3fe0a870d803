#include <string.h>

#include "common/base/colour.h"
#include "sync/web/state.h"
#include "tests/support/unit.h"

static json_t *theme(void)
{
  json_t *value = NULL;
  assert_int_equal(json_read_file("assets/theme.json", 1 << 20, &value), ERR_OK);
  return value;
}

static Colour colour(json_t *dark, const char *name)
{
  Colour out;
  if (!colour_parse(json_str(dark, name), &out)) fail_msg("%s is no colour", name);
  return out;
}

TEST(dark_text_is_readable_on_its_grounds)
{
  static const struct {
    const char *text, *grounds[4];
    int least_x100;
  } cases[] = {{"ink", {"paper", "paper-deep", "surface", "accent-soft"}, 700},
               {"ink-soft", {"paper", "paper-deep", "surface"}, 700},
               {"accent-deep", {"paper", "surface", "accent-soft"}, 700},
               {"good", {"paper", "surface", "good-soft"}, 700},
               {"warn", {"paper", "surface", "warn-soft"}, 700},
               {"bad", {"paper", "surface", "bad-soft"}, 700},
               {"on-accent", {"accent", "accent-pressed"}, 700},
               {"line-strong", {"paper", "surface"}, 300}};
  AUTO(json_t *, root, json_release) = theme();
  json_t *dark = json_path(root, "dark.colour");
  for (size_t i = 0; i < COUNT_OF(cases); i++)
    for (size_t g = 0; g < 4 && cases[i].grounds[g]; g++) {
      int x100 = colour_contrast_x100(colour(dark, cases[i].text), colour(dark, cases[i].grounds[g]));
      if (x100 < cases[i].least_x100) fail_msg("%s on %s: %d", cases[i].text, cases[i].grounds[g], x100);
    }
}

TEST(dark_has_every_colour_that_light_has)
{
  AUTO(json_t *, root, json_release) = theme();
  const char *name;
  json_t *value;
  json_object_foreach(json_object_get(root, "colour"), name, value) colour(json_path(root, "dark.colour"), name);
}

TEST(the_style_sheet_holds_tokens_and_nothing_that_was_put_into_them)
{
  AUTO(json_t *, root, json_release) = theme();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  json_object_set_new(json_object_get(root, "colour"), "evil", json_string("red;} body{background:url(//x)"));
  Str css = web_theme_css(&arena, root, STR("#b00020\"; } body { display: none"));
  assert_non_null(memmem(css.ptr, css.len, "--colour-paper: #", 17));
  assert_non_null(memmem(css.ptr, css.len, "--type-body: 400 ", 17));
  assert_null(memmem(css.ptr, css.len, "evil", 4));
  assert_null(memmem(css.ptr, css.len, "body {", 6));
}

TEST(the_practices_accent_replaces_the_themes)
{
  AUTO(json_t *, root, json_release) = theme();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str own = web_theme_css(&arena, root, STR("")), red = web_theme_css(&arena, root, STR("#b00020"));
  assert_null(memmem(own.ptr, own.len, "#b00020", 7));
  assert_non_null(memmem(red.ptr, red.len, "--colour-accent: #b00020;", 25)); /* dark enough as it is */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dark_text_is_readable_on_its_grounds),
      cmocka_unit_test(dark_has_every_colour_that_light_has),
      cmocka_unit_test(the_style_sheet_holds_tokens_and_nothing_that_was_put_into_them),
      cmocka_unit_test(the_practices_accent_replaces_the_themes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
