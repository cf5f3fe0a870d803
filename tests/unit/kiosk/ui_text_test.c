#include <stdio.h>
#include <stdlib.h>

#include "kiosk/ui/text.h"
#include "tests/support/unit.h"

/* Arabic words by their code points, so that what is expected reads the same in every editor. */
#define MAW3IDUK "\xd9\x85\xd9\x88\xd8\xb9\xd8\xaf\xd9\x83" /* your appointment */
#define MA3      "\xd9\x85\xd8\xb9"                         /* with */

static UiText *text;
static UiFonts *fonts;
static const UiStyle body = {UI_FAMILY_SANS, false, 40, 56};

static int open_text(void **state)
{
  (void)state;
  return ui_text_open(&text) == ERR_OK && ui_fonts_open(&fonts) == ERR_OK ? 0 : -1;
}

static int close_text(void **state)
{
  (void)state;
  ui_text_close(text);
  ui_fonts_close(fonts);
  return 0;
}

static bool segment_is(const UiSegment *segment, const char *content, const char *expected)
{
  return str_eq_c((Str){content + segment->from, segment->to - segment->from}, expected);
}

TEST(an_appointment_in_arabic_keeps_its_time_in_one_left_to_right_run)
{
  static const char content[] = MAW3IDUK " 10:30 AM " MA3 " Dr Lee";
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  UiSplit split = ui_text_split(&arena, fonts, body, true, str_c(content));
  static const struct {
    const char *text;
    bool rtl;
  } expected[] = {{MAW3IDUK, true}, {"10:30", false}, {"AM", false}, {MA3, true}, {"Dr", false}, {"Lee", false}};
  assert_true(split.rtl);
  size_t found = 0;
  for (size_t i = 0; i < split.count; i++) {
    const UiSegment *s = &split.segments[i];
    if (s->space || s->new_line) continue;
    assert_in_range(found, 0, COUNT_OF(expected) - 1);
    assert_true(segment_is(s, content, expected[found].text));
    assert_int_equal(s->level & 1, expected[found].rtl);
    assert_int_not_equal(s->face, UI_FACE_NONE);
    found++;
  }
  assert_int_equal(found, COUNT_OF(expected));
  assert_int_not_equal(split.segments[0].face, split.segments[split.count - 2].face); /* Arabic and Latin: two fonts */
}

/* visual_order: the words of the only line, from left to right, separated by '|'. */
static void visual_order(const char *content, bool prefer_rtl, char out[256])
{
  UiPara *para = ui_text_para(text, body, prefer_rtl, str_c(content));
  const UiFold *fold = ui_text_fold(text, para, UI_TEXT_UNBOUNDED);
  assert_int_equal(fold->count, 1);
  size_t len = 0;
  for (size_t i = 0; i < fold->lines[0].count; i++) {
    const UiPiece *piece = &fold->lines[0].pieces[i];
    if (piece->word == NULL) continue;
    len += (size_t)snprintf(out + len, 256 - len, "%s%.*s", len > 0 ? "|" : "", (int)(piece->to - piece->from),
                            content + piece->from);
  }
}

TEST(an_appointment_in_arabic_reads_from_the_right_with_its_time_unbroken)
{
  char order[256];
  /* UAX 9: the number after Arabic letters and the Latin word after it are runs of their own, read from the right. */
  visual_order(MAW3IDUK " 10:30 AM " MA3 " Dr Lee", true, order);
  assert_string_equal(order, "Dr|Lee|" MA3 "|AM|10:30|" MAW3IDUK);
}

TEST(an_isolate_keeps_a_time_and_its_half_of_the_day_together)
{
  char order[256];
  visual_order(MAW3IDUK " \xe2\x81\xa6"
                        "10:30 AM\xe2\x81\xa9 " MA3,
               true, order);
  assert_non_null(strstr(order, "10:30|AM"));
}

TEST(a_telephone_number_keeps_its_order_in_a_mirrored_layout)
{
  char order[256];
  visual_order("617 555 0142", true, order);
  assert_string_equal(order, "617|555|0142");
}

TEST(a_name_in_another_direction_stands_in_the_layouts_order)
{
  char order[256];
  visual_order("Hello " MAW3IDUK " " MA3, false, order);
  assert_string_equal(order, "Hello|" MA3 "|" MAW3IDUK);
}

TEST(names_with_accents_have_all_their_glyphs)
{
  static const char *const names[] = {
      "Peña-Ñandú",
      "Zoë Ångström",
      "Łukasz Żółć",
      "Nguyễn Thị Ánh",
      "José Ferreira Gonçalves",
      "Þórður Björnsson",
      "Şükrü İnönü",
      "Ioannis Παπαδόπουλος",
      "Владимир Ёлкин",
      "Zoe\xcc\x88 Jose\xcc\x81" /* decomposed */,
      "\xd9\x85\xd8\xad\xd9\x85\xd8\xaf",
      "\xd7\x93\xd7\x95\xd7\x93" /* Hebrew */,
      "Siobhán O’Brien",
      "Dvořák",
  };
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    UiSplit split = ui_text_split(&arena, fonts, body, false, str_c(names[i]));
    if (split.missing) print_error("missing glyph in %s\n", names[i]);
    assert_false(split.missing);
  }
}

TEST(what_no_font_has_is_reported)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  UiSplit split = ui_text_split(&arena, fonts, body, false, STR("\xf3\xb0\x80\x80")); /* private use */
  assert_true(split.missing);
}

TEST(no_line_is_wider_than_asked_and_no_letter_is_lost)
{
  static const char content[] = "The practice keeps a record of my care, shared only with those who take part in it. "
                                "Donaudampfschifffahrtsgesellschaftskapitaen\nand/or a well-being-check.";
  for (int width = 60; width < 900; width += 35) {
    UiPara *para = ui_text_para(text, body, false, str_c(content));
    const UiFold *fold = ui_text_fold(text, para, width);
    size_t letters = 0, expected = 0;
    for (const char *c = content; *c != '\0'; c++) expected += *c != ' ' && *c != '\n';
    for (size_t l = 0; l < fold->count; l++) {
      assert_in_range(fold->lines[l].width, 0, width);
      for (size_t p = 0; p < fold->lines[l].count; p++)
        if (fold->lines[l].pieces[p].word != NULL)
          letters += fold->lines[l].pieces[p].to - fold->lines[l].pieces[p].from;
    }
    assert_int_equal(letters, expected);
    assert_int_equal(fold->height, (int)fold->count * body.line_px);
  }
}

TEST(the_cursor_moves_on_with_each_letter)
{
  static const char content[] = "Pe\xc3\xb1"
                                "a y ";
  UiPara *para = ui_text_para(text, body, false, str_c(content));
  const UiFold *fold = ui_text_fold(text, para, UI_TEXT_UNBOUNDED);
  static const size_t edges[] = {0, 1, 2, 4, 5, 6, 7, 8};
  int last = -1;
  for (size_t i = 0; i < COUNT_OF(edges); i++) {
    int x, y;
    ui_text_caret(text, para, fold, edges[i], &x, &y);
    assert_true(x > last);
    last = x;
  }
  assert_int_equal(last, fold->width);
}

TEST(the_cursor_of_arabic_moves_to_the_left)
{
  UiPara *para = ui_text_para(text, body, true, STR(MAW3IDUK));
  const UiFold *fold = ui_text_fold(text, para, UI_TEXT_UNBOUNDED);
  int first, last, y;
  ui_text_caret(text, para, fold, 0, &first, &y);
  ui_text_caret(text, para, fold, strlen(MAW3IDUK), &last, &y);
  assert_int_equal(first, fold->width);
  assert_int_equal(last, 0);
}

TEST(the_cache_stays_within_its_maximum)
{
  uint32_t *pixels = calloc(1920 * 100, sizeof *pixels);
  UiCanvas canvas = {pixels, 1920, 1920, 100, {0, 0, 1920, 100}};
  for (int i = 0; i < 3000; i++) {
    char content[64];
    snprintf(content, sizeof content, "word%d another%d third%d", i, i * 7, i * 13);
    ui_text_next_build(text);
    UiPara *para = ui_text_para(text, (UiStyle){UI_FAMILY_SANS, true, 80, 100}, false, str_c(content));
    ui_text_draw(text, &canvas, para, ui_text_fold(text, para, 1900), 0, 0, 1900, UI_START, false, 0);
    assert_true(ui_text_bytes(text) <= (size_t)UI_TEXT_MASKS_MAX + UI_TEXT_PARAS_MAX + (64 << 10));
  }
  free(pixels);
}

TEST(forgetting_empties_the_cache)
{
  ui_text_para(text, body, false, STR("Renata Hidalgo"));
  assert_true(ui_text_bytes(text) > 0);
  ui_text_forget(text);
  assert_int_equal(ui_text_bytes(text), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_appointment_in_arabic_keeps_its_time_in_one_left_to_right_run),
      cmocka_unit_test(an_appointment_in_arabic_reads_from_the_right_with_its_time_unbroken),
      cmocka_unit_test(an_isolate_keeps_a_time_and_its_half_of_the_day_together),
      cmocka_unit_test(a_telephone_number_keeps_its_order_in_a_mirrored_layout),
      cmocka_unit_test(a_name_in_another_direction_stands_in_the_layouts_order),
      cmocka_unit_test(names_with_accents_have_all_their_glyphs),
      cmocka_unit_test(what_no_font_has_is_reported),
      cmocka_unit_test(no_line_is_wider_than_asked_and_no_letter_is_lost),
      cmocka_unit_test(the_cursor_moves_on_with_each_letter),
      cmocka_unit_test(the_cursor_of_arabic_moves_to_the_left),
      cmocka_unit_test(the_cache_stays_within_its_maximum),
      cmocka_unit_test(forgetting_empties_the_cache),
  };
  return cmocka_run_group_tests(tests, open_text, close_text);
}
