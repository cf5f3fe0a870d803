#include "tests/unit/kiosk/ui_kit.h"

static UiNode *nodes[8];

static UiNode *box(UiBuild *b, UiSize width, UiSize height)
{
  return ui_leaf(b, &(UiBox){.width = width, .height = height, .paint = {.fill = UI_INK}});
}

static void row_of_three(Kit *k, UiBuild *b)
{
  (void)k;
  ui_box_begin(b, &(UiBox){.axis = UI_ROW,
                           .gap = 10,
                           .pad = UI_PAD(20),
                           .width = UI_SIZE_FIXED(600),
                           .height = UI_SIZE_FIXED(200)});
  nodes[0] = box(b, UI_SIZE_FIXED(100), UI_SIZE_FIXED(50));
  nodes[1] = box(b, (UiSize){UI_GROW, 1, 0, 0}, UI_SIZE_FIXED(50));
  nodes[2] = box(b, (UiSize){UI_GROW, 2, 0, 0}, UI_SIZE_GROW);
  ui_box_end(b);
}

static void assert_rect(const UiNode *node, int x, int y, int w, int h)
{
  assert_int_equal(node->bounds.x, x);
  assert_int_equal(node->bounds.y, y);
  assert_int_equal(node->bounds.w, w);
  assert_int_equal(node->bounds.h, h);
}

TEST(a_row_shares_what_is_left_by_weight)
{
  show(row_of_three);
  assert_rect(nodes[0], 20, 20, 100, 50);
  assert_rect(nodes[1], 130, 20, 146, 50);
  assert_rect(nodes[2], 286, 20, 294, 160);
}

TEST(a_mirrored_row_begins_at_the_right)
{
  UiLocale locale = ui_locale_english();
  locale.rtl = true;
  ui_set_locale(kit.ui, &locale);
  show(row_of_three);
  int right = nodes[0]->parent->bounds.x + 600;
  assert_rect(nodes[0], right - 120, 20, 100, 50);
  assert_rect(nodes[1], right - 276, 20, 146, 50);
  assert_rect(nodes[2], right - 580, 20, 294, 160);
}

static void wrapping_row(Kit *k, UiBuild *b)
{
  (void)k;
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .wrap = true, .gap = 10, .width = UI_SIZE_FIXED(250)});
  for (int i = 0; i < 3; i++) nodes[i] = box(b, UI_SIZE_FIXED(100), UI_SIZE_FIXED(40));
  ui_box_end(b);
}

TEST(a_wrapping_row_goes_on_in_the_next_line)
{
  show(wrapping_row);
  assert_rect(nodes[1], 110, 0, 100, 40);
  assert_rect(nodes[2], 0, 50, 100, 40);
  assert_int_equal(nodes[0]->parent->bounds.h, 90);
}

static void text_in_column(Kit *k, UiBuild *b)
{
  (void)k;
  ui_box_begin(b, &(UiBox){.width = UI_SIZE_FIXED(400)});
  nodes[0] = ui_text(b, UI_TYPE_BODY, UI_INK, "Please take a seat in the waiting area on the second floor.");
  nodes[1] = ui_text(b, UI_TYPE_BODY, UI_INK, "");
  nodes[2] = box(b, UI_SIZE_GROW, UI_SIZE_FIXED(10));
  ui_box_end(b);
}

TEST(a_text_is_as_high_as_its_lines_and_pushes_down_what_follows)
{
  show(text_in_column);
  assert_true(nodes[0]->fold->count >= 3);
  assert_int_equal(nodes[0]->bounds.h, (int)nodes[0]->fold->count * nodes[0]->style.line_px);
  assert_int_equal(nodes[1]->bounds.h, 0);
  assert_int_equal(nodes[2]->bounds.y, nodes[0]->bounds.h);
}

TEST(a_larger_text_scale_makes_text_larger_by_its_share)
{
  show(text_in_column);
  int size = nodes[0]->style.size_px;
  ui_set_text_scale(kit.ui, 200);
  settle();
  assert_int_equal(nodes[0]->style.size_px, 2 * size);
}

static void centred(Kit *k, UiBuild *b)
{
  (void)k;
  ui_box_begin(b, &(UiBox){.main = UI_CENTRE, .cross = UI_CENTRE, .width = UI_SIZE_GROW, .height = UI_SIZE_GROW});
  nodes[0] = box(b, UI_SIZE_FIXED(200), UI_SIZE_FIXED(100));
  ui_box_end(b);
}

TEST(a_centred_box_is_in_the_middle_after_a_change_of_size_too)
{
  show(centred);
  assert_rect(nodes[0], 540, 350, 200, 100);
  kit.ui->presenter->resize(kit.ui->presenter, 800, 1280);
  settle();
  settle();
  assert_int_equal(ui_width(kit.ui), 800);
  assert_rect(nodes[0], 300, 590, 200, 100);
  assert_int_equal(kit.events[UI_EVENT_DISPLAY] > 0, 1);
}

TEST(lengths_follow_the_density_of_the_display)
{
  ui_close(kit.ui);
  assert_int_equal(kit_open_size(1920, 1080), 0);
  show(centred);
  assert_int_equal(ui_density_percent(kit.ui), 135);
  assert_int_equal(nodes[0]->bounds.w, 270);
}

static void tall_page(Kit *k, UiBuild *b)
{
  (void)k;
  ui_page_begin(b, &(UiPage){.id = "tall", .title = "Read this"});
  for (int i = 0; i < 30; i++) ui_para(b, "One more line of text.");
  ui_page_end(b);
}

static void two_faults(Kit *k, UiBuild *b)
{
  (void)k;
  ui_box_begin(b, &(UiBox){.axis = UI_STACK, .clip = true, .width = UI_SIZE_FIXED(120), .height = UI_SIZE_FIXED(20)});
  ui_text(b, UI_TYPE_BODY, UI_INK, "cut here");
  ui_text(b, UI_TYPE_BODY, UI_INK, "and there");
  ui_box_end(b);
  ui_leaf(b, &(UiBox){.id = "tiny",
                      .role = UI_ROLE_BUTTON,
                      .act = {1, 0},
                      .width = UI_SIZE_FIXED(30),
                      .height = UI_SIZE_FIXED(30)});
}

TEST(the_check_finds_cut_text_overlaps_small_and_nameless_targets)
{
  UiIssue issues[16];
  show(two_faults);
  size_t count = ui_check_layout(kit.ui, issues, COUNT_OF(issues)), found[UI_ISSUE_MISSING_GLYPH + 1] = {0};
  for (size_t i = 0; i < count; i++) found[issues[i].kind]++;
  assert_true(found[UI_ISSUE_TEXT_CUT] >= 1);
  assert_true(found[UI_ISSUE_TEXT_OVERLAP] >= 1);
  assert_int_equal(found[UI_ISSUE_SMALL_TARGET], 1);
  assert_int_equal(found[UI_ISSUE_NO_LABEL], 1);
}

TEST(a_page_that_is_too_tall_scrolls_and_has_buttons_for_it)
{
  show(tall_page);
  UiRect down = where("#tall.scroll.down");
  assert_true(down.w >= 88 && down.h >= 88);
  tap("#tall.scroll.down");
  const UiScrollState *s = ui_scroll_of(kit.ui, ui_hash_id("tall.scroll"));
  assert_true(s->offset > 200);
  for (int i = 0; i < 10; i++) press(UI_KEY_PAGE_DOWN);
  assert_int_equal(s->offset, s->most);
  UiIssue issues[4];
  assert_int_equal(ui_check_layout(kit.ui, issues, COUNT_OF(issues)), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_row_shares_what_is_left_by_weight, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(a_mirrored_row_begins_at_the_right, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(a_wrapping_row_goes_on_in_the_next_line, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(a_text_is_as_high_as_its_lines_and_pushes_down_what_follows, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(a_larger_text_scale_makes_text_larger_by_its_share, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(a_centred_box_is_in_the_middle_after_a_change_of_size_too, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(lengths_follow_the_density_of_the_display, kit_open, kit_close),
      cmocka_unit_test_setup_teardown(the_check_finds_cut_text_overlaps_small_and_nameless_targets, kit_open,
                                      kit_close),
      cmocka_unit_test_setup_teardown(a_page_that_is_too_tall_scrolls_and_has_buttons_for_it, kit_open, kit_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
