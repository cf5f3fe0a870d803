/* What stays of a person after the screen has cleared: nothing, on screen or anywhere in the process. The whole of its writable memory is
 * searched for what was typed. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"

enum { PIECE = 1 << 20, NEEDLE_MAX = 32 };

/* Needles are kept turned round, and turned back only in registers and one wiped buffer: the search must not find itself. */
static const unsigned char MASK = 0x5c;

typedef struct Needle {
  unsigned char hidden[NEEDLE_MAX];
  size_t len;
} Needle;

static bool is_at(const Needle *needle, const unsigned char *at)
{
  for (size_t i = 0; i < needle->len; i++)
    if ((unsigned char)(needle->hidden[i] ^ MASK) != at[i]) return false;
  return true;
}

/* search: how often the needle is in the process's writable memory, apart from `own`, where pieces of it are read into. */
static int search(const Needle *needle, unsigned char *own)
{
  FILE *maps = fopen("/proc/self/maps", "r");
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC), found = 0;
  assert_non_null(maps);
  assert_true(memory >= 0);
  char line[512];
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long from, to;
    char rights[8];
    if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[1] != 'w' || strstr(line, "/dev/") != NULL)
      continue;
    for (unsigned long at = from; at < to; at += PIECE - NEEDLE_MAX) {
      unsigned long own_from = (unsigned long)own, size = to - at < PIECE ? to - at : PIECE;
      if (at < own_from + PIECE && at + size > own_from) continue;
      ssize_t got = pread(memory, own, size, (off_t)at);
      for (ssize_t i = 0; i + (ssize_t)needle->len <= got; i++)
        if (own[i] == (unsigned char)(needle->hidden[0] ^ MASK) && is_at(needle, own + i)) {
          found++;
          if (getenv("SHOW") != NULL) print_error("at %lx: %.40s of %s", at + (unsigned long)i, own + i, line);
        }
      memset(own, 0, PIECE);
    }
  }
  fclose(maps);
  close(memory);
  return found;
}

/* type_hidden: as a person types it, without the word ever standing in this test's own memory. */
static void type_hidden(TestKiosk *k, const Needle *needle)
{
  for (size_t i = 0; i < needle->len; i++) {
    char one[2] = {(char)(needle->hidden[i] ^ MASK), '\0'};
    test_type(k, one);
    one[0] = '\0';
  }
}

static Needle hide(const char *turned)
{
  Needle needle = {.len = strlen(turned)};
  for (size_t i = 0; i < needle.len; i++) needle.hidden[i] = (unsigned char)((turned[needle.len - 1 - i]) ^ MASK);
  return needle;
}

static void to_name(TestKiosk *k, const Needle *family)
{
  test_tap(k, "welcome.walk_in");
  test_type(k, "07041990");
  test_tap(k, "new_birth.primary");
  test_type(k, "Noor");
  test_tap(k, "name.family");
  type_hidden(k, family);
}

/* A sanitizer keeps what was freed, and its own books would take hours to search. */
static bool can_search(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#else
  return true;
#endif
#else
  return true;
#endif
}

TEST(after_the_screen_has_cleared_what_was_typed_is_nowhere_in_memory)
{
  if (!can_search()) skip();
  TestKiosk k = test_kiosk_make();
  test_kiosk_show(&k, 1280, 800, NULL);
  unsigned char *own = malloc(PIECE);
  assert_non_null(own);
  Needle family = hide("ykswezrbyzkq"); /* spelt backwards, so that it is in no literal */
  assert_int_equal(search(&family, own), 0);
  to_name(&k, &family);
  assert_true(search(&family, own) > 0); /* the search does find it while it is there */
  test_pass(&k, 61000);
  test_sees(&k, "Are you still there?");
  test_pass(&k, 21000);
  test_on(&k, "welcome");
  assert_int_equal(search(&family, own), 0);
  free(own);
  test_kiosk_fini(&k);
}

TEST(a_draft_is_on_the_disk_sealed_and_in_memory_not_at_all)
{
  if (!can_search()) skip();
  TestKiosk k = test_kiosk_make();
  test_kiosk_show(&k, 1280, 800, NULL);
  unsigned char *own = malloc(PIECE);
  assert_non_null(own);
  Needle family = hide("ykswezrbyzkq"), street = hide("teertsxofxof");
  to_name(&k, &family);
  test_tap(&k, "new_name.primary");
  test_type(&k, "2125550166");
  test_tap(&k, "new_phone.primary");
  test_tap(&k, "contact.address");
  type_hidden(&k, &street);
  test_pass(&k, 500); /* kept */
  assert_true(search(&family, own) > 0);
  assert_true(search(&street, own) > 0);
  test_pass(&k, 61000);
  test_pass(&k, 21000);
  test_on(&k, "welcome");
  assert_int_equal(search(&family, own), 0);
  assert_int_equal(search(&street, own), 0);
  /* It was kept all the same. */
  to_name(&k, &family);
  test_tap(&k, "new_name.primary");
  test_type(&k, "2125550166");
  test_tap(&k, "new_phone.primary");
  test_tap(&k, "contact.address");
  test_sees(&k, "textbox #contact.line1 \"Street and number\" value=\"");
  assert_true(search(&street, own) > 0);
  free(own);
  test_kiosk_fini(&k);
}

TEST(the_staff_board_leaves_no_names_behind)
{
  if (!can_search()) skip();
  TestKiosk k = test_kiosk_make();
  test_kiosk_lobby(&k);
  test_kiosk_show(&k, 1280, 800, NULL);
  test_tap(&k, "welcome.staff");
  test_type(&k, TEST_PIN);
  test_tap(&k, "pin.primary");
  test_sees(&k, "Bruno F.");
  test_sees_not(&k, "Ferreira");
  unsigned char *own = malloc(PIECE);
  assert_non_null(own);
  Needle shown = hide(".F onurB"); /* as only the board writes it */
  assert_true(search(&shown, own) > 0);
  test_pass(&k, 46000);
  test_on(&k, "welcome");
  UiRect r;
  assert_false(ui_find(k.ui, "board.visit.0", &r));
  assert_int_equal(search(&shown, own), 0);
  free(own);
  test_kiosk_fini(&k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(after_the_screen_has_cleared_what_was_typed_is_nowhere_in_memory),
      cmocka_unit_test(a_draft_is_on_the_disk_sealed_and_in_memory_not_at_all),
      cmocka_unit_test(the_staff_board_leaves_no_names_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
