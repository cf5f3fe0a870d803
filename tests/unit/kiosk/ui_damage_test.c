/* What is drawn again, what is forgotten, and what the driver does. */
#include <fcntl.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "kiosk/ui/driver.h"
#include "tests/unit/kiosk/ui_kit.h"

static void two_buttons(Kit *k, UiBuild *b)
{
  ui_page_begin(b, &(UiPage){.id = "page", .title = "Two buttons"});
  ui_button(b, &(UiButton){.id = "one", .label = k->step == 1 ? "Uno" : "One", .act = {1, 0}});
  ui_button(b, &(UiButton){.id = "two", .label = "Two", .act = {2, 0}});
  ui_field(b, &(UiFieldBox){.id = "name", .label = "Name", .field = &k->first, .keys = UI_KEYS_NAME});
  ui_page_end(b);
}

TEST(nothing_is_drawn_when_nothing_differs)
{
  show(two_buttons);
  uint64_t frames = ui_stats(kit.ui).frames;
  for (int i = 0; i < 5; i++) {
    ui_invalidate(kit.ui);
    ui_step(kit.ui, 0);
  }
  assert_int_equal(ui_stats(kit.ui).frames, frames);
}

TEST(a_press_draws_only_the_button)
{
  show(two_buttons);
  UiRect r = where("one");
  uint64_t before = ui_stats(kit.ui).pixels;
  ui_inject_finger(kit.ui, 0, r.x + 5, r.y + 5);
  settle();
  uint64_t drawn = ui_stats(kit.ui).pixels - before, area = (uint64_t)(r.w + 40) * (uint64_t)(r.h + 40);
  assert_in_range(drawn, (uint64_t)r.w, area);
}

static uint64_t picture(void)
{
  const UiCanvas *c = &kit.ui->canvas;
  uint64_t hash = 1;
  for (int y = 0; y < c->height; y++) {
    Hash row = hash_bytes(c->pixels + (ptrdiff_t)y * c->pitch, (size_t)c->width * 4);
    for (size_t i = 0; i < sizeof row.bytes; i++) hash = hash * 31 + row.bytes[i];
  }
  return hash;
}

/* redraw_all: the same tree, drawn from nothing. */
static void redraw_all(void)
{
  ui_damage_forget(&kit.ui->damage);
  ui_invalidate(kit.ui);
  settle();
}

TEST(drawing_what_changed_gives_the_same_picture_as_drawing_all)
{
  show(two_buttons);
  tap("name");
  static const char *const keys[] = {"G", "j", "ö", "q", "áéñ", "ö", "y"};
  for (size_t i = 0; i < COUNT_OF(keys); i++) {
    UiRect r;
    if (ui_find(kit.ui, keys[i], &r)) tap(keys[i]);
  }
  kit.step = 1;
  ui_invalidate(kit.ui);
  settle();
  press(UI_KEY_TAB);
  press(UI_KEY_TAB);
  uint64_t partial = picture();
  redraw_all();
  assert_true(partial == picture());
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

TEST(typed_text_is_nowhere_in_memory_after_forgetting)
{
#ifdef SANITIZED
  skip(); /* sanitizers keep freed memory, and shadows too large to search */
#endif
  static const char secret[] = "Xylophagus";
  show(two_buttons);
  tap("name");
  ui_inject_text(kit.ui, secret);
  settle();
  assert_string_equal(kit.first.text, secret);
  ui_field_wipe(&kit.first);
  ui_forget(kit.ui);
  assert_int_equal(ui_stats(kit.ui).text_cache_bytes, 0);
  assert_int_equal(kit.ui->arenas[0].used_bytes, 0);
  settle();
  assert_int_equal(kit.ui->editing, 0);
  /* Every writable page of this process is searched for the text (the constant itself is not writable). */
  char pattern[sizeof secret];
  for (size_t i = 0; i < sizeof secret - 1; i++) pattern[i] = (char)(secret[i] ^ 0x55);
  FILE *maps = fopen("/proc/self/maps", "re");
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  assert_non_null(maps);
  assert_true(memory >= 0);
  char line[512];
  size_t found = 0;
  static uint8_t block[1 << 16];
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long long from, to;
    char rights[5];
    if (sscanf(line, "%llx-%llx %4s", &from, &to, rights) != 3 || rights[1] != 'w') continue;
    for (unsigned long long at = from; at < to; at += sizeof block / 2) {
      ssize_t n = pread(memory, block, at + sizeof block <= to ? sizeof block : (size_t)(to - at), (off_t)at);
      for (ssize_t i = 0; i + (ssize_t)sizeof secret - 1 <= n; i++) {
        if (at + (unsigned long long)i >= (uintptr_t)block &&
            at + (unsigned long long)i < (uintptr_t)(block + sizeof block))
          continue;
        size_t k = 0;
        while (k < sizeof secret - 1 && (block[i + (ssize_t)k] ^ 0x55) == (uint8_t)pattern[k]) k++;
        if (k == sizeof secret - 1) found++;
      }
    }
  }
  crypto_wipe(block, sizeof block);
  close(memory);
  fclose(maps);
  assert_int_equal(found, 0);
}

TEST(forgetting_clears_the_picture)
{
  show(two_buttons);
  ui_forget(kit.ui);
  const UiCanvas *c = &kit.ui->canvas;
  for (int y = 0; y < c->height; y++)
    for (int x = 0; x < c->width; x++)
      assert_int_equal(c->pixels[(ptrdiff_t)y * c->pitch + x] & 0xffffff, kit.theme.colour[UI_PAPER]);
}

/* --- driver ----------------------------------------------------------------------------------------------------- */

static void named(Kit *k, UiBuild *b)
{
  two_buttons(k, b);
  if (k->events[UI_EVENT_ACT] > 0) {
    ui_dialog_begin(b, &(UiDialog){.id = "seen", .title = "Seen"});
    ui_signature(b, &(UiSignature){.id = "pad", .label = "Sign", .ink = &k->ink});
    ui_dialog_end(b);
  }
}

TEST(a_file_of_commands_drives_the_ui_and_an_error_ends_it)
{
  static const char commands[] = "# a comment\n"
                                 "wait #one 1000\n"
                                 "tap \"Name\"\n"
                                 "keys \"Zoë O'Neil-7\"\n"
                                 "key Backspace\n"
                                 "key Enter\n"
                                 "tap #two\n"
                                 "wait \"Seen\" 1000\n"
                                 "sign #pad\n"
                                 "check\n"
                                 "shot build/ui_driver_test.png\n"
                                 "gone \"Seen\" 50\n"
                                 "tap #one\n";
  ui_close(kit.ui);
  UiConfig config = {
      .env = env_system(), .theme = &kit.theme, .title = "test", .width = 1280, .height = 800, .hidden = true};
  assert_int_equal(ui_open(&config, &kit.ui), ERR_OK);
  show(named);
  assert_int_equal(file_make_folders("build", 0755), ERR_OK);
  assert_int_equal(file_write("build/ui_driver_test.txt", commands, sizeof commands - 1, 0600), ERR_OK);
  UiDriver *driver = NULL;
  assert_int_equal(ui_driver_open(kit.ui, "build/ui_driver_test.txt", &driver), ERR_OK);
  assert_int_equal(ui_run(kit.ui), ERR_OK); /* ended by the error of "gone" */
  assert_true(ui_driver_failed(driver));
  assert_string_equal(kit.first.text, "Zoë O'Neil-");
  assert_true(ui_ink_is_signature(&kit.ink));
  assert_true(kit.ink.points[kit.ink.count - 1].ms >= 200);
  assert_true(file_exists("build/ui_driver_test.png"));
  ui_driver_close(driver);
  unlink("build/ui_driver_test.txt");
  unlink("build/ui_driver_test.png");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, kit_open, kit_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(nothing_is_drawn_when_nothing_differs),
      CASE(a_press_draws_only_the_button),
      CASE(drawing_what_changed_gives_the_same_picture_as_drawing_all),
      CASE(typed_text_is_nowhere_in_memory_after_forgetting),
      CASE(forgetting_clears_the_picture),
      CASE(a_file_of_commands_drives_the_ui_and_an_error_ends_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
