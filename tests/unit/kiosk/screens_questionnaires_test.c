/* The real questionnaires of ../shared/data, through the screens: each item is shown without a fault of layout and answered, or form_report
 * names why it is not asked. Skipped where the folder is not there. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/practice/response.h"
#include "kiosk/screens/question.h"
#include "kiosk/screens/state.h"
#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"

static const char FOLDER[] = "../shared/data/questionnaires";
enum { ITEMS_MAX = 256 };

static Uuid add(TestKiosk *k, json_t *questionnaire, Form **form)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k->p.t.store, actor_system(), "test.questionnaire", "", &tx));
  assert_ok(questionnaire_add(&tx, questionnaire, &id));
  assert_ok(tx_commit(&tx));
  assert_ok(questionnaire_open(k->p.t.store, id, form));
  return id;
}

static void type_if_empty(TestKiosk *k, const char *id, const char *text)
{
  UiRect r;
  if (!ui_find(k->ui, id, &r)) return;
  test_tap(k, id);
  test_type(k, text);
}

/* answer: something that this item takes. */
static void answer(TestKiosk *k, const FormItem *item)
{
  switch (item->type) {
  case FORM_BOOLEAN: test_tap(k, item->again ? "q.no" : "q.yes"); break;
  case FORM_CHOICE:
  case FORM_OPEN_CHOICE:
    if (item->option_count > 0 && !k->app->person->question.chosen[0])
      test_tap(k, "q.option.0");
    else if (item->option_count == 0)
      type_if_empty(k, "q.0.text", "Peanuts");
    break;
  case FORM_DATE:
  case FORM_DATETIME:
    type_if_empty(k, "q.0.date.month", "03");
    type_if_empty(k, "q.0.date.day", "01");
    type_if_empty(k, "q.0.date.year", "2026");
    if (item->type == FORM_DATE) break;
    type_if_empty(k, "q.0.time.hour", "9");
    type_if_empty(k, "q.0.time.minute", "30");
    test_tap(k, "q.0.time.am");
    break;
  case FORM_TIME:
    type_if_empty(k, "q.0.time.hour", "9");
    test_tap(k, "q.0.time.am");
    break;
  case FORM_DECIMAL:
  case FORM_INTEGER:
  case FORM_QUANTITY: type_if_empty(k, "q.0.text", "2"); break;
  case FORM_STRING:
  case FORM_TEXT:
    if (question_is_empty(k->app)) type_if_empty(k, "q.0.text", "Two words");
    break;
  case FORM_URL: type_if_empty(k, "q.0.text", "example.org"); break;
  case FORM_DISPLAY:
  case FORM_GROUP:
  case FORM_ATTACHMENT:
  case FORM_REFERENCE: break;
  }
}

/* run_through: from the first question to the end; which items were on screen. */
static void run_through(TestKiosk *k, const char *name, bool asked[ITEMS_MAX])
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (int turn = 0; strcmp(app_screen(k->app), "question") == 0; turn++) {
    assert_true(turn < 2 * ITEMS_MAX);
    const FormItem *item = k->app->person->question.item;
    assert_true(item->index < ITEMS_MAX);
    asked[item->index] = true;
    const char *where = arena_printf(&arena, "%s %s", name, item->link_id);
    assert_true(test_layout_is_good(k, where));
    if (*item->text && item->type != FORM_DISPLAY) test_sees(k, arena_cstr(&arena, str_trim(str_c(item->text))));
    answer(k, item);
    assert_true(test_layout_is_good(k, where));
    test_tap(k, "question.primary");
    const char *now = k->app->person->question.item->link_id;
    if (strcmp(app_screen(k->app), "question") == 0 && strcmp(now, item->link_id) == 0 &&
        k->app->person->faults.count > 0)
      fail_msg("%s: %s", where, k->app->person->faults.items[0].key);
  }
}

/* every_item: asked, or not to be asked, or named with the reason. */
static size_t every_item(const Form *form, const bool asked[ITEMS_MAX], const char *name)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *report = arena_cstr(&arena, form_report(form, &arena));
  size_t missing = 0, named = 0;
  for (size_t i = 0; i < form_item_total(form); i++) {
    const FormItem *item = form_item(form, i);
    if (asked[i] || item->type == FORM_GROUP || item->hidden || item->read_only || item->instance > 0) continue;
    if (item->unsupported != NULL && strstr(report, item->link_id) != NULL && *item->unsupported)
      named++;
    else {
      print_error("%s: %s was neither asked nor named\n", name, item->link_id);
      missing++;
    }
  }
  assert_int_equal(missing, 0);
  return named;
}

static void check_in_with(const char *path, const char *name)
{
  TestKiosk k = test_kiosk_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, questionnaire, json_release) = NULL;
  AUTO(Form *, form, form_closep) = NULL;
  assert_ok(json_read_file(path, 4 << 20, &questionnaire));
  add(&k, questionnaire, &form);
  test_rule(&k.p, (Uuid){{0}}, "questionnaire", form_url(form), 0, 1);
  test_kiosk_show(&k, 1280, 800, NULL);
  test_tap(&k, "welcome.check_in");
  test_who(&k, "02291980", "Ana", "Ruiz Gómez");
  test_tap(&k, "visit.primary");
  test_tap(&k, "contact.primary");
  test_tap(&k, "coverage.primary");
  test_on(&k, "question");
  bool asked[ITEMS_MAX] = {false};
  run_through(&k, name, asked);
  test_on(&k, "done");
  size_t count, named = every_item(form, asked, name), shown = 0;
  for (size_t i = 0; i < ITEMS_MAX; i++) shown += asked[i];
  Response *list;
  assert_ok(response_of_client(k.p.t.store, &arena, test_id(TEST_ANA), 5, &list, &count));
  assert_int_equal(count, 1);
  print_message("%s: %zu items asked, %zu named as not askable\n", name, shown, named);
  test_kiosk_fini(&k);
}

TEST(each_real_questionnaire_is_answered_on_the_screens)
{
  DIR *folder = opendir(FOLDER);
  if (folder == NULL) skip();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int count = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    Str name = str_c(entry->d_name);
    if (name.len < 5 || strcmp(entry->d_name + name.len - 5, ".json") != 0) continue;
    check_in_with(arena_printf(&arena, "%s/%s", FOLDER, entry->d_name), entry->d_name);
    count++;
  }
  closedir(folder);
  assert_true(count > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_real_questionnaire_is_answered_on_the_screens)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
