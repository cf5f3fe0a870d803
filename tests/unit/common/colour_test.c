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
  static const AccentPage pages[] = {{0xf7f3eb, 0xece5d7, 0xfffdf9, 0x3d4a4b},
                                     {0x141c1b, 0x0e1514, 0x1d2726, 0xbcc3bd}};
  for (size_t p = 0; p < 2; p++) {
    const AccentPage *page = &pages[p];
    for (Colour c = 0; c <= 0xffffff; c += 0x0f0b07) {
      AccentColours a = colour_accent(c, page);
      const struct {
        Colour text, ground;
      } pairs[] = {{a.on, a.accent},        {a.on, a.pressed},          {a.deep, a.soft},        {a.deep, page->paper},
                   {a.deep, page->surface}, {a.deep, page->paper_deep}, {page->ink_soft, a.soft}};
      for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (colour_contrast_x100(pairs[i].text, pairs[i].ground) < 700)
          fail_msg("accent #%06x on page %zu: #%06x on #%06x", c, p, pairs[i].text, pairs[i].ground);
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
