/* The small parts of kiosk/ui: theme, field, ink, scanner. */
#include <stdio.h>

#include "common/base/file.h"
#include "kiosk/ui/field.h"
#include "kiosk/ui/ink.h"
#include "kiosk/ui/scanner.h"
#include "kiosk/ui/theme.h"
#include "tests/support/unit.h"

/* --- theme ------------------------------------------------------------------------------------------------------ */

static void assert_contrasts(const UiTheme *theme)
{
  static const struct {
    UiColour text, ground;
    int least_x100;
  } pairs[] = {
      {UI_INK, UI_PAPER, 700},
      {UI_INK, UI_PAPER_DEEP, 700},
      {UI_INK, UI_SURFACE, 700},
      {UI_INK, UI_ACCENT_SOFT, 700},
      {UI_INK, UI_GOOD_SOFT, 700},
      {UI_INK, UI_WARN_SOFT, 700},
      {UI_INK, UI_BAD_SOFT, 700},
      {UI_INK, UI_LINE, 700},
      {UI_INK_SOFT, UI_PAPER, 700},
      {UI_INK_SOFT, UI_SURFACE, 700},
      {UI_INK_SOFT, UI_ACCENT_SOFT, 700},
      {UI_ACCENT_DEEP, UI_PAPER, 700},
      {UI_ACCENT_DEEP, UI_SURFACE, 700},
      {UI_ACCENT_DEEP, UI_ACCENT_SOFT, 700},
      {UI_ACCENT_DEEP, UI_PAPER_DEEP, 700},
      {UI_ON_ACCENT, UI_ACCENT, 700},
      {UI_ON_ACCENT, UI_ACCENT_PRESSED, 700},
      {UI_GOOD, UI_GOOD_SOFT, 700},
      {UI_GOOD, UI_PAPER, 700},
      {UI_WARN, UI_WARN_SOFT, 700},
      {UI_WARN, UI_PAPER, 700},
      {UI_BAD, UI_BAD_SOFT, 700},
      {UI_BAD, UI_PAPER, 700},
      {UI_BAD, UI_SURFACE, 700},
      {UI_ON_ACCENT, UI_BAD, 700},
      {UI_LINE_STRONG, UI_SURFACE, 300},
      {UI_LINE_STRONG, UI_PAPER, 300},
      {UI_ON_ACCENT, UI_INK_SOFT, 700},
  };
  for (size_t i = 0; i < COUNT_OF(pairs); i++) {
    int contrast = ui_contrast_x100(theme->colour[pairs[i].text], theme->colour[pairs[i].ground]);
    if (contrast < pairs[i].least_x100) print_error("pair %zu: %d\n", i, contrast);
    assert_true(contrast >= pairs[i].least_x100);
  }
}

TEST(every_text_colour_has_seven_to_one_on_its_grounds)
{
  UiTheme theme;
  assert_int_equal(ui_theme_load("assets/theme.json", &theme), ERR_OK);
  assert_contrasts(&theme);
}

TEST(any_accent_of_a_practice_stays_readable)
{
  static const char *const accents[] = {"#ffe000", "#ff7f50", "#1e90ff", "#800080",
                                        "#00ff00", "#ffffff", "#000000", "#c0ffee"};
  for (size_t i = 0; i < COUNT_OF(accents); i++) {
    UiTheme theme;
    assert_int_equal(ui_theme_load("assets/theme.json", &theme), ERR_OK);
    assert_true(ui_theme_set_accent(&theme, str_c(accents[i])));
    assert_contrasts(&theme);
  }
}

TEST(what_is_no_colour_leaves_the_theme)
{
  UiTheme theme, before;
  assert_int_equal(ui_theme_load("assets/theme.json", &theme), ERR_OK);
  before = theme;
  assert_false(ui_theme_set_accent(&theme, STR("teal")));
  assert_false(ui_theme_set_accent(&theme, STR("#12345")));
  assert_memory_equal(&before, &theme, sizeof theme);
}

TEST(a_theme_without_a_token_names_it)
{
  UiTheme theme;
  static const char broken[] = "{\"colour\":{\"paper\":\"#ffffff\"}}";
  assert_int_equal(file_make_folders("build", 0755), ERR_OK);
  assert_int_equal(file_write("build/ui_parts_theme.json", broken, sizeof broken - 1, 0600), ERR_OK);
  assert_int_equal(ui_theme_load("build/ui_parts_theme.json", &theme), ERR_INVALID);
  assert_non_null(strstr(err_detail(), "paper-deep"));
  remove("build/ui_parts_theme.json");
}

TEST(black_on_white_has_the_highest_contrast)
{
  assert_int_equal(ui_contrast_x100(0x000000, 0xffffff), 2100);
  assert_int_equal(ui_contrast_x100(0x777777, 0x777777), 100);
}

/* --- field ------------------------------------------------------------------------------------------------------ */

TEST(backspace_takes_a_letter_with_its_accent)
{
  UiField f = {0};
  ui_field_set(&f, STR("Zoe\xcc\x88"));
  ui_field_backspace(&f);
  assert_string_equal(f.text, "Zo");
  ui_field_set(&f, STR("Ñ"));
  ui_field_backspace(&f);
  assert_int_equal(f.len, 0);
}

TEST(text_goes_in_at_the_cursor_and_not_beyond_the_maximum)
{
  UiField f = {.max_chars = 5};
  ui_field_set(&f, STR("ac"));
  assert_true(ui_field_move(&f, -1));
  assert_true(ui_field_insert(&f, STR("b")));
  assert_string_equal(f.text, "abc");
  assert_false(ui_field_insert(&f, STR("xyz")));
  assert_string_equal(f.text, "abc");
  assert_true(ui_field_insert(&f, STR("\n\t")));
  assert_string_equal(f.text, "abc");
  ui_field_delete(&f);
  assert_string_equal(f.text, "ab");
  assert_false(ui_field_move(&f, 1));
}

TEST(a_wiped_field_holds_nothing)
{
  UiField f = {.max_chars = 9};
  ui_field_set(&f, STR("secret"));
  ui_field_backspace(&f);
  assert_int_equal(f.text[5], 0); /* what was cut off is overwritten too */
  ui_field_wipe(&f);
  for (size_t i = 0; i < sizeof f.text; i++) assert_int_equal(f.text[i], 0);
  assert_int_equal(f.max_chars, 9);
}

/* --- ink -------------------------------------------------------------------------------------------------------- */

static UiInk ink;

static void scribble(int strokes)
{
  ui_ink_clear(&ink);
  ink.aspect_x1000 = 3200;
  for (int s = 0; s < strokes; s++) {
    ui_ink_begin(&ink, 1000 + 900 * s, 5000, 5000 + 400 * s);
    for (int i = 1; i < 20; i++)
      ui_ink_move(&ink, 1000 + 900 * s + 40 * i, 5000 + (i * 37) % 300, 5000 + 400 * s + 8 * i);
    ui_ink_end(&ink);
  }
}

TEST(a_slip_of_the_finger_is_no_signature)
{
  ui_ink_clear(&ink);
  ui_ink_begin(&ink, 5000, 5000, 0);
  ui_ink_move(&ink, 5050, 5010, 8);
  ui_ink_end(&ink);
  assert_false(ui_ink_is_signature(&ink));
  scribble(3);
  assert_true(ui_ink_is_signature(&ink));
}

TEST(ink_is_bounded)
{
  ui_ink_clear(&ink);
  ui_ink_begin(&ink, 0, 0, 0);
  for (int i = 1; i < 3 * UI_INK_POINTS_MAX; i++) ui_ink_move(&ink, i % 9000, i % 7000, i);
  assert_int_equal(ink.count, UI_INK_POINTS_MAX);
  assert_true(ink.full);
}

/* --- scanner ---------------------------------------------------------------------------------------------------- */

static UiScanner scanner;
static Str out;
static bool enter;

/* feed: characters `gap_ms` apart; what comes out on the way is appended to `typed`. Returns the time of the last. */
static int64_t feed(const char *text, int64_t at, int gap_ms, char *typed)
{
  for (; *text != '\0'; text++, at += gap_ms) {
    if (ui_scanner_tick(&scanner, at, &out, &enter) == UI_SCANNER_TYPED) strncat(typed, out.ptr, out.len);
    if (*text == '\n')
      ui_scanner_enter(&scanner, at, &out, &enter);
    else
      assert_int_equal(ui_scanner_text(&scanner, (Str){text, 1}, at, &out, &enter), UI_SCANNER_HELD);
  }
  return at - gap_ms;
}

TEST(a_fast_burst_with_enter_is_a_scan)
{
  char typed[64] = "";
  ui_scanner_wipe(&scanner);
  int64_t last = feed("A12345678\n", 1000, 3, typed);
  assert_string_equal(typed, "");
  assert_int_equal(ui_scanner_tick(&scanner, last + UI_SCANNER_GAP_MS - 1, &out, &enter), UI_SCANNER_HELD);
  assert_int_equal(ui_scanner_tick(&scanner, ui_scanner_due(&scanner), &out, &enter), UI_SCANNER_SCAN);
  assert_true(str_eq_c(out, "A12345678"));
  assert_false(enter);
}

TEST(slow_typing_is_typing)
{
  char typed[64] = "";
  ui_scanner_wipe(&scanner);
  int64_t last = feed("Hidalgo", 1000, 90, typed);
  assert_int_equal(ui_scanner_tick(&scanner, last + UI_SCANNER_GAP_MS, &out, &enter), UI_SCANNER_TYPED);
  strncat(typed, out.ptr, out.len);
  assert_string_equal(typed, "Hidalgo");
}

TEST(quick_hands_without_enter_are_typing)
{
  char typed[64] = "";
  ui_scanner_wipe(&scanner);
  int64_t last = feed("abcdefgh", 0, 45, typed);
  assert_int_equal(ui_scanner_tick(&scanner, last + UI_SCANNER_GAP_MS, &out, &enter), UI_SCANNER_TYPED);
  assert_true(str_eq_c(out, "abcdefgh"));
}

TEST(a_scanner_that_sends_no_enter_is_known_by_its_pace)
{
  char typed[64] = "";
  ui_scanner_wipe(&scanner);
  int64_t last = feed("ABC-12345678", 0, 5, typed);
  assert_int_equal(ui_scanner_tick(&scanner, last + UI_SCANNER_GAP_MS, &out, &enter), UI_SCANNER_SCAN);
  assert_true(str_eq_c(out, "ABC-12345678"));
}

TEST(a_short_burst_with_enter_was_typed)
{
  ui_scanner_wipe(&scanner);
  ui_scanner_text(&scanner, STR("o"), 0, &out, &enter);
  ui_scanner_text(&scanner, STR("k"), 9, &out, &enter);
  assert_int_equal(ui_scanner_enter(&scanner, 18, &out, &enter), UI_SCANNER_TYPED);
  assert_true(str_eq_c(out, "ok"));
  assert_true(enter);
}

TEST(what_an_input_method_gives_is_not_held_back)
{
  ui_scanner_wipe(&scanner);
  assert_int_equal(ui_scanner_text(&scanner, STR("Hidalgo"), 0, &out, &enter), UI_SCANNER_TYPED);
  assert_true(str_eq_c(out, "Hidalgo"));
  assert_int_equal(ui_scanner_due(&scanner), -1);
}

TEST(a_burst_without_end_is_bounded)
{
  ui_scanner_wipe(&scanner);
  for (int i = 0; i < 3 * UI_SCANNER_MAX; i++) ui_scanner_text(&scanner, STR("x"), i, &out, &enter);
  assert_true(scanner.len <= UI_SCANNER_MAX);
  ui_scanner_flush(&scanner, &out, &enter);
  assert_int_equal(out.len, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_text_colour_has_seven_to_one_on_its_grounds),
      cmocka_unit_test(any_accent_of_a_practice_stays_readable),
      cmocka_unit_test(what_is_no_colour_leaves_the_theme),
      cmocka_unit_test(a_theme_without_a_token_names_it),
      cmocka_unit_test(black_on_white_has_the_highest_contrast),
      cmocka_unit_test(backspace_takes_a_letter_with_its_accent),
      cmocka_unit_test(text_goes_in_at_the_cursor_and_not_beyond_the_maximum),
      cmocka_unit_test(a_wiped_field_holds_nothing),
      cmocka_unit_test(a_slip_of_the_finger_is_no_signature),
      cmocka_unit_test(ink_is_bounded),
      cmocka_unit_test(a_fast_burst_with_enter_is_a_scan),
      cmocka_unit_test(slow_typing_is_typing),
      cmocka_unit_test(quick_hands_without_enter_are_typing),
      cmocka_unit_test(a_scanner_that_sends_no_enter_is_known_by_its_pace),
      cmocka_unit_test(a_short_burst_with_enter_was_typed),
      cmocka_unit_test(what_an_input_method_gives_is_not_held_back),
      cmocka_unit_test(a_burst_without_end_is_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
