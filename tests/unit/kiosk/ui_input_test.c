#include "tests/unit/kiosk/ui_kit.h"

enum { ACT_NEXT = 1, ACT_BACK, ACT_ONE, ACT_TWO, ACT_OFF, ACT_CLOSE };

static void form(Kit *k, UiBuild *b)
{
  ui_page_begin(b, &(UiPage){.id = "form",
                             .title = "Who are you?",
                             .back = {ACT_BACK, 0},
                             .primary = {.id = "next", .label = "Continue", .act = {ACT_NEXT, 7}}});
  ui_field(b, &(UiFieldBox){.id = "first", .label = "First name", .field = &k->first, .keys = UI_KEYS_NAME});
  ui_field(b, &(UiFieldBox){.id = "second", .label = "Phone", .field = &k->second, .keys = UI_KEYS_PHONE});
  ui_row_begin(b, 16);
  ui_button(b, &(UiButton){.id = "one", .label = "One", .act = {ACT_ONE, 0}});
  ui_button(b, &(UiButton){.id = "two", .label = "Two", .act = {ACT_TWO, 0}});
  ui_button(b, &(UiButton){.id = "off", .label = "Off", .act = {ACT_OFF, 0}, .disabled = true});
  ui_end(b);
  ui_page_end(b);
  if (k->step == 1) {
    ui_dialog_begin(b, &(UiDialog){.id = "ask", .title = "Sure?", .text = "Really?", .dismiss = {ACT_CLOSE, 0}});
    ui_button(b, &(UiButton){.id = "yes", .label = "Yes", .act = {ACT_TWO, 1}, .kind = UI_PRIMARY});
    ui_dialog_end(b);
  }
}

TEST(a_tap_activates_what_is_under_the_finger_once)
{
  show(form);
  tap("two");
  assert_int_equal(kit.events[UI_EVENT_ACT], 1);
  assert_int_equal(kit.last.act.verb, ACT_TWO);
  assert_string_equal(kit.last_id, "two");
}

TEST(a_tap_on_what_is_disabled_does_nothing)
{
  show(form);
  tap("off");
  assert_int_equal(kit.events[UI_EVENT_ACT], 0);
}

TEST(a_finger_that_leaves_the_button_does_not_activate_it)
{
  show(form);
  UiRect r = where("two");
  ui_inject_finger(kit.ui, 0, r.x + 10, r.y + 10);
  settle();
  assert_true(tree_has("#two \"Two\" pressed"));
  ui_inject_finger(kit.ui, 1, r.x + 10, 20);
  ui_inject_finger(kit.ui, 2, r.x + 10, 20);
  settle();
  assert_int_equal(kit.events[UI_EVENT_ACT], 0);
}

TEST(a_gap_belongs_to_the_nearest_target)
{
  show(form);
  UiRect one = where("one");
  ui_inject_tap(kit.ui, one.x + one.w + 5, one.y + 20);
  settle();
  assert_string_equal(kit.last_id, "one");
}

TEST(a_dialog_keeps_touches_and_focus_to_itself)
{
  show(form);
  kit.step = 1;
  ui_invalidate(kit.ui);
  settle();
  UiRect r = where("two");
  ui_inject_tap(kit.ui, r.x + 5, r.y + 5);
  settle();
  assert_int_equal(kit.last.act.verb, ACT_CLOSE); /* beside the dialog */
  for (int i = 0; i < 3; i++) press(UI_KEY_TAB);
  assert_true(tree_has("#yes \"Yes\" focused"));
  press(UI_KEY_ESCAPE);
  assert_int_equal(kit.last.act.verb, ACT_CLOSE);
  press(UI_KEY_ENTER);
  assert_string_equal(kit.last_id, "yes");
}

TEST(tab_goes_through_fields_and_buttons_in_order_and_escape_is_back)
{
  static const char *const order[] = {"#first", "#second", "#one", "#two", "#form.back", "#next", "#first"};
  show(form);
  for (size_t i = 0; i < COUNT_OF(order); i++) {
    press(UI_KEY_TAB);
    const UiNode *node = ui_tree_find(kit.ui->root, kit.ui->focused);
    assert_non_null(node);
    assert_string_equal(node->id, order[i] + 1);
  }
  press(UI_KEY_BACKTAB);
  assert_int_equal(kit.ui->focused, ui_hash_id("next"));
  press(UI_KEY_SPACE);
  assert_int_equal(kit.last.act.verb, ACT_NEXT);
  assert_int_equal(kit.last.act.arg, 7);
  press(UI_KEY_ESCAPE);
  assert_int_equal(kit.last.act.verb, ACT_BACK);
}

TEST(arrows_go_to_the_neighbour_on_that_side)
{
  show(form);
  ui_focus(kit.ui, "one");
  settle();
  press(UI_KEY_RIGHT);
  assert_int_equal(kit.ui->focused, ui_hash_id("two"));
  press(UI_KEY_LEFT);
  assert_int_equal(kit.ui->focused, ui_hash_id("one"));
}

/* type_keys: on the on-screen keyboard, one finger after another. */
static void type_keys(const char *const labels[], size_t count)
{
  for (size_t i = 0; i < count; i++) tap(labels[i]);
}

TEST(the_on_screen_keyboard_types_a_name_with_accents_and_capitals)
{
  show(form);
  tap("first");
  assert_true(tree_has("keyboard #keyboard"));
  static const char *const keys[] = {"P", "e", "áéñ", "ñ", "a", "-", "M", "e", "j", "áéñ", "í", "a"};
  type_keys(keys, COUNT_OF(keys));
  assert_string_equal(kit.first.text, "Peña-Mejía");
  assert_int_equal(kit.events[UI_EVENT_EDIT], 10);
  tap("Delete letter");
  assert_string_equal(kit.first.text, "Peña-Mejí");
}

TEST(two_thumbs_lose_no_letter)
{
  show(form);
  tap("first");
  UiRect a = where("A"), b = where("B");
  ui_input_finger(kit.ui, 0, 1, a.x + 20, a.y + 20);
  ui_input_finger(kit.ui, 0, 2, b.x + 20, b.y + 20); /* down before the first is up */
  ui_input_finger(kit.ui, 2, 1, a.x + 20, a.y + 20);
  ui_input_finger(kit.ui, 2, 2, b.x + 20, b.y + 20);
  settle();
  assert_string_equal(kit.first.text, "Ab");
}

TEST(the_keyboard_goes_on_to_the_next_field_and_then_away)
{
  show(form);
  tap("first");
  tap("Next field");
  assert_int_equal(kit.ui->editing, ui_hash_id("second"));
  UiRect seven = where("7");
  assert_true(seven.w >= 88 && seven.h >= 88);
  tap("7");
  assert_string_equal(kit.second.text, "7");
  press(UI_KEY_ENTER);
  assert_int_equal(kit.ui->editing, 0);
  assert_int_equal(kit.last.act.verb, ACT_NEXT); /* nothing is left to fill in: the main action */
}

TEST(a_telephone_field_takes_no_letters)
{
  show(form);
  ui_focus(kit.ui, "second");
  settle();
  ui_inject_text(kit.ui, "call 617-555 now");
  settle();
  assert_string_equal(kit.second.text, " 617-555 ");
}

TEST(typing_with_the_keys_held_back_by_the_scanner_arrives)
{
  show(form);
  ui_focus(kit.ui, "first");
  settle();
  ui_inject_text(kit.ui, "R");
  for (int i = 0; i < 20 && kit.first.len == 0; i++) ui_step(kit.ui, 20);
  assert_string_equal(kit.first.text, "R");
}

TEST(a_scan_reaches_the_app_and_no_field)
{
  show(form);
  ui_focus(kit.ui, "first");
  settle();
  ui_inject_scan(kit.ui, "FOYER1:K7QM-2ZPT");
  for (int i = 0; i < 20 && kit.events[UI_EVENT_SCAN] == 0; i++) ui_step(kit.ui, 20);
  assert_int_equal(kit.events[UI_EVENT_SCAN], 1);
  assert_string_equal(kit.last_text, "FOYER1:K7QM-2ZPT");
  assert_int_equal(kit.first.len, 0);
  assert_int_equal(kit.events[UI_EVENT_ACT], 0); /* its Enter pressed nothing */
}

TEST(a_scan_of_many_lines_arrives_as_one)
{
  show(form);
  ui_inject_scan(kit.ui, "@ANSI 636\nDCSHIDALGO\nDBB03141957");
  for (int i = 0; i < 20 && kit.events[UI_EVENT_SCAN] == 0; i++) ui_step(kit.ui, 20);
  assert_int_equal(kit.events[UI_EVENT_SCAN], 1);
  assert_string_equal(kit.last_text, "@ANSI 636\nDCSHIDALGO\nDBB03141957");
}

static void date_page(Kit *k, UiBuild *b)
{
  ui_page_begin(b, &(UiPage){.id = "birth", .title = "When were you born?"});
  ui_date(b, &(UiDateBox){.id = "birth.date", .label = "Date of birth", .entry = &k->date});
  ui_page_end(b);
}

TEST(a_date_is_typed_in_one_go_and_read_back_in_words)
{
  static const char *const keys[] = {"3", "1", "4", "1", "9", "5", "7"};
  show(date_page);
  tap("birth.date.month");
  type_keys(keys, COUNT_OF(keys)); /* 3 fills the month: there is no month from 30 on */
  Date date;
  assert_true(ui_date_value(&kit.date, &date));
  assert_int_equal(date.year, 1957);
  assert_int_equal(date.month, 3);
  assert_int_equal(date.day, 14);
  assert_true(tree_has("March 14, 1957"));
  for (int i = 0; i < 7; i++) tap("Delete letter"); /* and back through all three parts */
  assert_int_equal(kit.date.month.len + kit.date.day.len + kit.date.year.len, 0);
}

static void sign_page(Kit *k, UiBuild *b)
{
  ui_page_begin(b, &(UiPage){.id = "sign", .title = "Please sign", .tall = true});
  ui_signature(b, &(UiSignature){.id = "pad", .label = "Your signature", .ink = &k->ink});
  ui_page_end(b);
}

TEST(a_finger_on_the_pad_leaves_strokes_with_their_times)
{
  show(sign_page);
  UiRect r = where("pad");
  ui_inject_finger(kit.ui, 0, r.x + r.w / 4, r.y + r.h / 2);
  settle();
  for (int i = 1; i <= 10; i++) {
    env_fake_advance(&kit.env, 8);
    ui_inject_finger(kit.ui, 1, r.x + r.w / 4 + i * r.w / 20, r.y + r.h / 2 + (i % 2 ? 20 : -20));
    settle();
  }
  ui_inject_finger(kit.ui, 2, r.x + r.w * 3 / 4, r.y + r.h / 2 - 20);
  settle();
  assert_int_equal(kit.ink.strokes, 1);
  assert_int_equal(kit.ink.count, 11);
  assert_int_equal(kit.ink.points[10].ms, 80);
  assert_in_range(kit.ink.points[0].x, UI_INK_UNIT / 4 - 20, UI_INK_UNIT / 4 + 20);
  assert_true(ui_ink_is_signature(&kit.ink));
  assert_string_equal(kit.last_id, "pad");
  assert_true(tree_has("ink #pad \"Your signature\" value=\"signed\""));
  tap("pad.clear");
  assert_int_equal(kit.ink.count, 0);
  assert_int_equal(kit.events[UI_EVENT_INK], 2);
}

static void read_page(Kit *k, UiBuild *b)
{
  ui_page_begin(b, &(UiPage){.id = "read",
                             .title = "Consent",
                             .tall = true,
                             .primary = {.id = "agree",
                                         .label = "I agree",
                                         .act = {ACT_NEXT, 0},
                                         .disabled = !ui_scroll_was_read(b, "text")}});
  ui_scroll_begin(b, &(UiScroll){.id = "text", .label = "Consent", .min_height = 120, .framed = true});
  for (int i = 0; i < 20 + k->step; i++) ui_para(b, "I have read this line of the consent and the next.");
  ui_scroll_end(b);
  ui_page_end(b);
}

TEST(a_document_is_read_when_its_end_has_been_in_view)
{
  show(read_page);
  assert_true(tree_has("#agree \"I agree\" disabled"));
  UiRect r = where("text");
  for (int i = 0; i < 12 && kit.events[UI_EVENT_READ_END] == 0; i++) {
    assert_true(i == 0 || tree_has("#agree \"I agree\" disabled"));
    ui_inject_finger(kit.ui, 0, r.x + 100, r.y + r.h - 20);
    for (int s = 1; s <= 5; s++) ui_inject_finger(kit.ui, 1, r.x + 100, r.y + r.h - 20 - s * (r.h - 60) / 5);
    ui_inject_finger(kit.ui, 2, r.x + 100, r.y + 40);
    settle();
  }
  assert_int_equal(kit.events[UI_EVENT_READ_END], 1);
  assert_string_equal(kit.last_id, "text");
  assert_true(tree_has("#agree \"I agree\"\n"));
  assert_int_equal(kit.events[UI_EVENT_ACT], 0); /* dragging activated nothing */
}

TEST(idle_is_told_once_and_the_next_input_ends_it)
{
  show(form);
  ui_set_idle(kit.ui, 60000);
  env_fake_advance(&kit.env, 59999);
  ui_step(kit.ui, 0);
  assert_int_equal(kit.events[UI_EVENT_IDLE], 0);
  env_fake_advance(&kit.env, 2);
  settle();
  assert_int_equal(kit.events[UI_EVENT_IDLE], 1);
  tap("one");
  assert_int_equal(kit.events[UI_EVENT_INPUT], 1);
  assert_int_equal(kit.events[UI_EVENT_ACT], 1);
}

TEST(timers_come_once_when_they_are_due)
{
  show(form);
  ui_timer(kit.ui, 3, 500);
  ui_timer(kit.ui, 4, 500);
  ui_timer_cancel(kit.ui, 4);
  ui_step(kit.ui, 0);
  assert_int_equal(kit.events[UI_EVENT_TIMER], 0);
  env_fake_advance(&kit.env, 500);
  settle();
  assert_int_equal(kit.events[UI_EVENT_TIMER], 1);
  assert_int_equal(kit.last.number, 3);
}

TEST(a_wake_comes_from_another_thread)
{
  show(form);
  ui_wake(kit.ui, 42);
  settle();
  assert_int_equal(kit.events[UI_EVENT_WAKE], 1);
  assert_int_equal(kit.last.number, 42);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, kit_open, kit_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(a_tap_activates_what_is_under_the_finger_once),
      CASE(a_tap_on_what_is_disabled_does_nothing),
      CASE(a_finger_that_leaves_the_button_does_not_activate_it),
      CASE(a_gap_belongs_to_the_nearest_target),
      CASE(a_dialog_keeps_touches_and_focus_to_itself),
      CASE(tab_goes_through_fields_and_buttons_in_order_and_escape_is_back),
      CASE(arrows_go_to_the_neighbour_on_that_side),
      CASE(the_on_screen_keyboard_types_a_name_with_accents_and_capitals),
      CASE(two_thumbs_lose_no_letter),
      CASE(the_keyboard_goes_on_to_the_next_field_and_then_away),
      CASE(a_telephone_field_takes_no_letters),
      CASE(typing_with_the_keys_held_back_by_the_scanner_arrives),
      CASE(a_scan_reaches_the_app_and_no_field),
      CASE(a_scan_of_many_lines_arrives_as_one),
      CASE(a_date_is_typed_in_one_go_and_read_back_in_words),
      CASE(a_finger_on_the_pad_leaves_strokes_with_their_times),
      CASE(a_document_is_read_when_its_end_has_been_in_view),
      CASE(idle_is_told_once_and_the_next_input_ends_it),
      CASE(timers_come_once_when_they_are_due),
      CASE(a_wake_comes_from_another_thread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
