/* Every screen in both languages and two sizes, compared with tests/golden and checked for cut, overlapping or unlabelled things; and
 * checked again with text at 150 and 200 per cent.
 *
 * GOLDEN_WRITE=1 writes tests/golden anew, to be looked at before it is committed. SHOTS=folder also leaves every picture there in full
 * size. SCENE=part does only those ("contact-es"). */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file.h"
#include "tests/support/kiosk_fixture.h"
#include "tests/support/picture.h"
#include "tests/support/unit.h"

/* Another version of a font, or of its hinting, moves edges by parts of a pixel; a button elsewhere, or other words, do far more. */
static const double MEAN_MAX = 1.5, TILE_MAX = 40;

/* --- ways to the scenes ----------------------------------------------------------------------------------------- */

static void nothing(TestKiosk *k)
{
  (void)k;
}

static void with_forms(TestKiosk *k)
{
  test_kiosk_forms(k);
}

static void with_consents(TestKiosk *k)
{
  test_kiosk_consents(k);
}

static void with_lobby(TestKiosk *k)
{
  test_kiosk_lobby(k);
}

static void with_call(TestKiosk *k)
{
  test_kiosk_lobby(k);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k->p.t.store, actor_system(), "test.call", "", &tx));
  assert_ok(appointment_call(&tx, test_id(102), k->staff));
  assert_ok(tx_commit(&tx));
}

static void with_twin(TestKiosk *k)
{
  test_person(&k->p, 9, "Ana Belén", "Ruiz Gómez", "1980-02-29", "");
  test_visit(&k->p, 109, 9, "14:00");
}

static void arrived(TestKiosk *k)
{
  test_kiosk_lobby(k);
  test_visit_move(&k->p, test_id(101), APPT_BOOKED, APPT_ARRIVED);
}

static void to_birth(TestKiosk *k)
{
  test_tap(k, "welcome.check_in");
}

static void birth_of_ana(TestKiosk *k)
{
  test_type(k, strcmp(k->language, "en") == 0 ? "02291980" : "29021980");
}

static void to_name(TestKiosk *k)
{
  to_birth(k);
  birth_of_ana(k);
  test_tap(k, "birth.primary");
}

static void name_of_ana(TestKiosk *k)
{
  test_type(k, "Ana");
  test_tap(k, "name.family");
  test_type(k, "Ruiz Gómez");
}

static void to_visit(TestKiosk *k)
{
  to_name(k);
  name_of_ana(k);
  test_tap(k, "name.primary");
}

static void to_time(TestKiosk *k)
{
  to_name(k);
  test_type(k, "A");
  test_tap(k, "name.family");
  test_type(k, "Ruiz Gómez");
  test_tap(k, "name.primary");
}

static void birth_filled(TestKiosk *k)
{
  to_birth(k);
  birth_of_ana(k);
}

static void birth_wrong(TestKiosk *k)
{
  to_birth(k);
  test_type(k, "3111");
  test_tap(k, "birth.primary");
}

static void name_filled(TestKiosk *k)
{
  to_name(k);
  name_of_ana(k);
}

static void to_unknown(TestKiosk *k)
{
  to_name(k);
  test_type(k, "Eva");
  test_tap(k, "name.family");
  test_type(k, "Nobody");
  test_tap(k, "name.primary");
}

static void to_throttled(TestKiosk *k)
{
  to_unknown(k);
  for (int i = 0; i < 5 && strcmp(app_screen(k->app), "unknown") == 0; i++) {
    test_tap(k, "unknown.primary");
    test_tap(k, "birth.primary");
    test_tap(k, "name.primary");
  }
}

static void to_new_phone(TestKiosk *k)
{
  test_tap(k, "welcome.walk_in");
  birth_of_ana(k);
  test_tap(k, "new_birth.primary");
  name_of_ana(k);
  test_tap(k, "new_name.primary");
  test_type(k, "2125550199");
}

static void to_new_contact(TestKiosk *k)
{
  to_new_phone(k);
  test_tap(k, "new_phone.primary");
}

static void to_reason(TestKiosk *k)
{
  to_new_contact(k);
  test_tap(k, "contact.primary");
  test_tap(k, "coverage.none");
}

static void to_contact(TestKiosk *k)
{
  to_visit(k);
  test_tap(k, "visit.primary");
}

static void to_phone(TestKiosk *k)
{
  to_contact(k);
  test_tap(k, "contact.phone");
}

static void phone_wrong(TestKiosk *k)
{
  to_phone(k);
  for (int i = 0; i < 12; i++) test_key(k, UI_KEY_BACKSPACE);
  test_tap(k, "phone.primary");
}

static void to_email(TestKiosk *k)
{
  to_contact(k);
  test_tap(k, "contact.email");
}

static void to_address(TestKiosk *k)
{
  to_contact(k);
  test_tap(k, "contact.address");
}

static void to_coverage(TestKiosk *k)
{
  to_contact(k);
  test_tap(k, "contact.primary");
}

static void to_card(TestKiosk *k)
{
  to_coverage(k);
  test_tap(k, "coverage.change");
}

static void to_no_coverage(TestKiosk *k)
{
  to_new_contact(k);
  test_tap(k, "contact.primary");
}

static void on_from_coverage(TestKiosk *k)
{
  to_coverage(k);
  test_tap(k, "coverage.primary");
}

static void answer_until(TestKiosk *k, const char *title)
{
  on_from_coverage(k);
  for (int i = 0; i < 20; i++) {
    UiRect r;
    if (ui_find(k->ui, title, &r)) return;
    if (ui_find(k->ui, "q.yes", &r)) test_tap(k, "q.yes");
    test_tap(k, "question.primary");
  }
  fail_msg("no question %s", title);
}

#define QUESTION(name, title)         \
  static void to_##name(TestKiosk *k) \
  {                                   \
    answer_until(k, title);           \
  }
QUESTION(boolean, "Do you smoke?")
QUESTION(integer, "How many cigarettes a day?")
QUESTION(quantity, "How much do you weigh?")
QUESTION(datetime, "When did it begin?")
QUESTION(clock, "When do you usually go to bed?")
QUESTION(choice, "How strong is the pain?")
QUESTION(open_choice, "Are you allergic to any of these?")
QUESTION(search, "In which country were you born?")
QUESTION(strings, "Which medicines do you take?")
QUESTION(story, "What brings you here today?")

static void search_typed(TestKiosk *k)
{
  to_search(k);
  test_tap(k, "q.search");
  test_type(k, "bo");
}

static void story_typed(TestKiosk *k)
{
  to_story(k);
  test_type(k, "My knee has hurt since I fell on the stairs two weeks ago, and it is worse at night.");
}

static void missing(TestKiosk *k)
{
  to_boolean(k);
  test_tap(k, "question.primary");
}

static void read_all(TestKiosk *k)
{
  UiRect r;
  for (int i = 0; i < 12 && ui_find(k->ui, "read.text.down", &r); i++) test_tap(k, "read.text.down");
}

static void to_read_end(TestKiosk *k)
{
  on_from_coverage(k);
  read_all(k);
}

static void to_electronic(TestKiosk *k)
{
  to_read_end(k);
  test_tap(k, "read.primary");
}

static void to_sign(TestKiosk *k)
{
  to_electronic(k);
  test_tap(k, "electronic.primary");
}

static void signed_(TestKiosk *k)
{
  to_sign(k);
  test_sign(k, "sign.pad");
}

static void to_typed_name(TestKiosk *k)
{
  to_sign(k);
  test_tap(k, "sign.other_way");
  test_type(k, "Ana Ruiz");
}

static void to_signer(TestKiosk *k)
{
  to_sign(k);
  test_tap(k, "sign.signer");
  test_tap(k, "signer.guardian");
}

static void to_refuse(TestKiosk *k)
{
  on_from_coverage(k);
  test_tap(k, "read.refuse");
}

static void to_help(TestKiosk *k)
{
  to_birth(k);
  test_tap(k, "birth.help");
}

static void to_start_over(TestKiosk *k)
{
  to_visit(k);
  test_tap(k, "visit.start_over");
}

static void to_idle(TestKiosk *k)
{
  to_contact(k);
  test_pass(k, 61000);
}

static void to_pin(TestKiosk *k)
{
  test_tap(k, "welcome.staff");
  test_type(k, "47");
}

static void to_board(TestKiosk *k)
{
  test_tap(k, "welcome.staff");
  test_type(k, TEST_PIN);
  test_tap(k, "pin.primary");
}

static void to_expected(TestKiosk *k)
{
  to_board(k);
  test_tap(k, "board.tab.expected");
}

static void to_tasks(TestKiosk *k)
{
  to_board(k);
  test_tap(k, "board.tab.help");
}

static void to_rooms(TestKiosk *k)
{
  to_board(k);
  test_tap(k, "board.room.0");
}

static void offline(TestKiosk *k)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *status =
      arena_printf(&arena, "{\"state\": \"offline\", \"since\": %lld}", (long long)k->p.t.fake->now - 120000);
  assert_ok(local_set(k->p.t.store, "sync.status", str_c(status)));
}

static void to_strange_code(TestKiosk *k)
{
  test_settle(k);
  ui_inject_scan(k->ui, "4006381333931");
  test_settle(k); /* all of it has been read before its silence is waited for */
  usleep(60000);
  test_settle(k);
}

static void to_resumed(TestKiosk *k)
{
  to_coverage(k);
  test_tap(k, "coverage.start_over");
  test_tap(k, "start_over.ok");
  to_visit(k);
}

static void to_called(TestKiosk *k)
{
  to_coverage(k);
  test_tap(k, "coverage.primary");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k->p.t.store, actor_system(), "test.call", "", &tx));
  assert_ok(appointment_call(&tx, test_id(101), k->staff));
  assert_ok(tx_commit(&tx));
  UiRect r;
  for (int i = 0; i < 100 && !ui_find(k->ui, "done.called", &r); i++) {
    ui_step(k->ui, 10);
    env_fake_advance(k->p.t.fake, 10);
  }
}

static void no_practice(TestKiosk *k)
{
  k->folder = "build/no-such-replica";
}

/* to_failed: writing is refused at the very end. */
static void to_failed(TestKiosk *k)
{
  to_coverage(k);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(k->p.t.store, actor_system(), "node.revoke", "", &tx));
  assert_ok(node_revoke(&tx, store_node(k->p.t.store)));
  assert_ok(tx_commit(&tx));
  test_tap(k, "coverage.primary");
}

static const struct Scene {
  const char *name, *screen;
  void (*store)(TestKiosk *k); /* what is in the practice */
  void (*way)(TestKiosk *k);   /* from the first screen to this */
} SCENES[] = {
    {"unavailable", "unavailable", no_practice, nothing},
    {"welcome", "welcome", nothing, nothing},
    {"welcome-calling", "welcome", with_call, nothing},
    {"welcome-offline", "welcome", offline, nothing},
    {"welcome-code", "welcome", nothing, to_strange_code},
    {"birth", "birth", nothing, to_birth},
    {"birth-filled", "birth", nothing, birth_filled},
    {"birth-wrong", "birth", nothing, birth_wrong},
    {"name", "name", nothing, to_name},
    {"name-filled", "name", nothing, name_filled},
    {"time", "time", with_twin, to_time},
    {"unknown", "unknown", nothing, to_unknown},
    {"throttled", "throttled", nothing, to_throttled},
    {"visit", "visit", nothing, to_visit},
    {"visit-resumed", "visit", nothing, to_resumed},
    {"here", "here", arrived, to_visit},
    {"new-phone", "new_phone", nothing, to_new_phone},
    {"new-contact", "contact", nothing, to_new_contact},
    {"reason", "reason", test_kiosk_colleague, to_reason},
    {"contact", "contact", nothing, to_contact},
    {"phone", "phone", nothing, to_phone},
    {"phone-wrong", "phone", nothing, phone_wrong},
    {"email", "email", nothing, to_email},
    {"address", "address", nothing, to_address},
    {"coverage", "coverage", nothing, to_coverage},
    {"coverage-none", "coverage", nothing, to_no_coverage},
    {"card", "card", nothing, to_card},
    {"note", "question", with_forms, on_from_coverage},
    {"boolean", "question", with_forms, to_boolean},
    {"missing", "question", with_forms, missing},
    {"integer", "question", with_forms, to_integer},
    {"quantity", "question", with_forms, to_quantity},
    {"datetime", "question", with_forms, to_datetime},
    {"clock", "question", with_forms, to_clock},
    {"choice", "question", with_forms, to_choice},
    {"open-choice", "question", with_forms, to_open_choice},
    {"search", "question", with_forms, search_typed},
    {"strings", "question", with_forms, to_strings},
    {"story", "question", with_forms, story_typed},
    {"read", "read", with_consents, on_from_coverage},
    {"read-end", "read", with_consents, to_read_end},
    {"electronic", "electronic", with_consents, to_electronic},
    {"sign", "sign", with_consents, to_sign},
    {"signed", "sign", with_consents, signed_},
    {"sign-typed", "sign", with_consents, to_typed_name},
    {"signer", "signer", with_consents, to_signer},
    {"refuse", "read", with_consents, to_refuse},
    {"done", "done", with_lobby, on_from_coverage},
    {"done-called", "done", with_lobby, to_called},
    {"failed", "failed", nothing, to_failed},
    {"help", "birth", nothing, to_help},
    {"start-over", "visit", nothing, to_start_over},
    {"idle", "contact", nothing, to_idle},
    {"pin", "pin", nothing, to_pin},
    {"board", "board", with_lobby, to_board},
    {"board-expected", "board", with_lobby, to_expected},
    {"board-tasks", "board", with_lobby, to_tasks},
    {"board-rooms", "board", with_lobby, to_rooms},
};

/* --- looking ---------------------------------------------------------------------------------------------------- */

static const struct Size {
  int width, height;
} SIZES[] = {{1280, 800}, {1080, 1920}};

static const char *const LANGUAGES[] = {"en", "es"};

static bool wanted(const char *scene)
{
  const char *part = getenv("SCENE");
  return part == NULL || strstr(scene, part) != NULL;
}

static void show_scene(TestKiosk *k, const struct Scene *scene, struct Size size, const char *language)
{
  *k = test_kiosk_make();
  scene->store(k);
  test_kiosk_show(k, size.width, size.height, language);
  scene->way(k);
  test_on(k, scene->screen);
}

/* shoot: the picture, at full size in the folder of $SHOTS if it is set. */
static Picture shoot(TestKiosk *k, Arena *arena, const char *name)
{
  const char *folder = getenv("SHOTS") != NULL ? getenv("SHOTS") : k->p.t.folder.path;
  const char *path = arena_printf(arena, "%s/%s.png", folder, name);
  assert_ok(ui_screenshot(k->ui, path));
  Picture picture;
  assert_ok(picture_read(arena, path, &picture));
  return picture;
}

static bool matches_golden(TestKiosk *k, const char *name)
{
  AUTO(Arena, arena, arena_fini) = arena_make(256 << 20);
  Picture picture = shoot(k, &arena, name), half = picture_half(&arena, &picture), golden;
  const char *path = arena_printf(&arena, "tests/golden/%s.png", name);
  if (getenv("GOLDEN_WRITE") != NULL) {
    assert_ok(picture_write(&half, path));
    return true;
  }
  if (picture_read(&arena, path, &golden) != ERR_OK) {
    print_error("%s is missing: GOLDEN_WRITE=1 makes it\n", path);
    return false;
  }
  PictureDifference d = picture_compare(&half, &golden);
  if (d.mean <= MEAN_MAX && d.worst <= TILE_MAX) return true;
  const char *mine = arena_printf(&arena, "build/%s.png", name);
  assert_ok(picture_write(&half, mine));
  print_error("%s differs by %.2f, at one place by %.1f; see %s\n", path, d.mean, d.worst, mine);
  return false;
}

/* larger: text at 150 and 200 per cent is neither cut nor does it overlap. */
static int larger(TestKiosk *k, Arena *arena, const char *name)
{
  int wrong = 0;
  for (int scale = 150; scale <= 200; scale += 50) {
    ui_set_text_scale(k->ui, scale);
    test_settle(k);
    const char *own = arena_printf(arena, "%s-%d", name, scale);
    wrong += !test_layout_is_good(k, own);
    if (getenv("SHOTS") != NULL) (void)shoot(k, arena, own);
  }
  return wrong;
}

static void every_scene(const char *language, struct Size size)
{
  int wrong = 0;
  for (size_t i = 0; i < COUNT_OF(SCENES); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(256 << 20);
    const char *name = arena_printf(&arena, "%s-%s-%dx%d", SCENES[i].name, language, size.width, size.height);
    if (!wanted(name)) continue;
    TestKiosk k;
    show_scene(&k, &SCENES[i], size, language);
    wrong += !test_layout_is_good(&k, name);
    wrong += !matches_golden(&k, name);
    wrong += larger(&k, &arena, name);
    test_kiosk_fini(&k);
  }
  if (wrong > 0) fail_msg("%d pictures", wrong);
}

TEST(every_screen_is_as_it_was_in_english_in_landscape)
{
  every_scene(LANGUAGES[0], SIZES[0]);
}

TEST(every_screen_is_as_it_was_in_english_in_portrait)
{
  every_scene(LANGUAGES[0], SIZES[1]);
}

TEST(every_screen_is_as_it_was_in_spanish_in_landscape)
{
  every_scene(LANGUAGES[1], SIZES[0]);
}

TEST(every_screen_is_as_it_was_in_spanish_in_portrait)
{
  every_scene(LANGUAGES[1], SIZES[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_screen_is_as_it_was_in_english_in_landscape),
      cmocka_unit_test(every_screen_is_as_it_was_in_english_in_portrait),
      cmocka_unit_test(every_screen_is_as_it_was_in_spanish_in_landscape),
      cmocka_unit_test(every_screen_is_as_it_was_in_spanish_in_portrait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
