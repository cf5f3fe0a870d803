#include "common/base/colour.h"
#include "tests/support/unit.h"

TEST(colours_are_read_and_written_as_css_has_them)
{
  Colour colour;
  char text[COLOUR_TEXT_LEN + 1];
  assert_true(colour_parse(STR("#0E5a51"), &colour));
  assert_int_equal(colour, 0x0e5a51);
  colour_text(colour, text);
  assert_string_equal(text, "#0e5a51");
  const char *const bad[] = {"", "#", "0e5a51", "#0e5a5", "#0e5a511", "#0e5a5g", "red", "#0e5a51;"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(colour_parse(str_c(bad[i]), &colour));
}

TEST(contrast_is_that_of_wcag)
{
  assert_int_equal(colour_contrast_x100(0x000000, 0xffffff), 2100);
  assert_int_equal(colour_contrast_x100(0xffffff, 0xffffff), 100);
  assert_int_equal(colour_contrast_x100(0x777777, 0xffffff), 447); /* the grey that just fails 4.5 */
  assert_int_equal(colour_contrast_x100(0x0e5a51, 0xffffff), colour_contrast_x100(0xffffff, 0x0e5a51));
}

/* A practice may choose any colour, a bright yellow too: what is written in it and on it stays readable. */
TEST(any_accent_stays_readable_on_light_and_on_dark_pages)
{
  static const struct {
    Colour paper, paper_deep, surface;
  } pages[] = {{0xf7f3eb, 0xece5d7, 0xfffdf9}, {0x141c1b, 0x0e1514, 0x1d2726}};
  for (size_t p = 0; p < 2; p++) {
    for (Colour c = 0; c <= 0xffffff; c += 0x0f0b07) {
      AccentColours a = colour_accent(c, pages[p].paper, pages[p].paper_deep, pages[p].surface);
      if (colour_contrast_x100(a.on, a.accent) < 700 || colour_contrast_x100(a.on, a.pressed) < 700 ||
          colour_contrast_x100(a.deep, a.soft) < 700 || colour_contrast_x100(a.deep, pages[p].paper) < 700 ||
          colour_contrast_x100(a.deep, pages[p].paper_deep) < 700 ||
          colour_contrast_x100(a.deep, pages[p].surface) < 700)
        fail_msg("accent #%06x on page %zu: accent #%06x deep #%06x soft #%06x", c, p, a.accent, a.deep, a.soft);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(colours_are_read_and_written_as_css_has_them),
      cmocka_unit_test(contrast_is_that_of_wcag),
      cmocka_unit_test(any_accent_stays_readable_on_light_and_on_dark_pages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
