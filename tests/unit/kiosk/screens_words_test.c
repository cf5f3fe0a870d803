/* The kiosk's sentences: each that a screen asks for is there, in every language, with the same places to fill in. */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

#include "common/base/file.h"
#include "common/base/i18n.h"
#include "common/base/json.h"
#include "tests/support/unit.h"

static I18n *i18n;

static int open_words(void **state)
{
  (void)state;
  return i18n_open("assets/i18n", &i18n) == ERR_OK ? 0 : -1;
}

static int close_words(void **state)
{
  (void)state;
  i18n_close(i18n);
  return 0;
}

static int missing_in_all(const char *key)
{
  int missing = 0;
  for (size_t i = 0; i < i18n_count(i18n); i++)
    if (!i18n_has(i18n, i18n_tag(i18n, i), key)) {
      print_error("%s is missing in %s\n", key, i18n_tag(i18n, i));
      missing++;
    }
  return missing;
}

/* keys_of: every whole literal of a file that begins with `prefix`, unless it names an event of the log or is the beginning of a key. */
static int keys_of(const char *path, const char *prefix, int *missing)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str text;
  assert_int_equal(file_read(&arena, path, 1 << 20, &text), ERR_OK);
  const char *all = arena_cstr(&arena, text), *quoted = arena_printf(&arena, "\"%s", prefix);
  int count = 0;
  for (const char *at = all; (at = strstr(at, quoted)) != NULL; at++) {
    const char *end = at + 1;
    while (isalnum((unsigned char)*end) || strchr("._-@", *end)) end++;
    bool log = at - all > 8 && memcmp(at - 8, "log_err(", 8) == 0;
    if (*end != '"' || log) continue;
    *missing += missing_in_all(arena_cstr(&arena, (Str){at + 1, (size_t)(end - at - 1)}));
    count++;
  }
  return count;
}

static void all_keys(const char *pattern, const char *prefix, int least)
{
  glob_t files;
  int missing = 0, count = 0;
  assert_int_equal(glob(pattern, 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++) count += keys_of(files.gl_pathv[i], prefix, &missing);
  globfree(&files);
  assert_int_equal(missing, 0);
  assert_true(count >= least);
}

TEST(every_sentence_of_the_screens_is_there)
{
  all_keys("kiosk/screens/*.c", "kiosk.", 150);
}

TEST(every_mistake_has_a_sentence_that_says_what_to_do)
{
  all_keys("common/practice/*.c", "fault.", 40);
}

static bool same_places(const char *a, const char *b)
{
  for (const char *at = a; (at = strchr(at, '{')) != NULL; at++) {
    const char *end = strchr(at, '}');
    if (end == NULL) return false;
    char place[64] = {0};
    memcpy(place, at, (size_t)(end - at + 1));
    if (strstr(b, place) == NULL) return false;
  }
  return true;
}

/* has_base: a variant for what a practice calls its people ("desk.search@patient") stands in for a sentence that is there. */
static bool has_base(const char *key)
{
  Str rest = str_c(key);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  return i18n_has(i18n, "en", arena_cstr(&arena, str_cut(&rest, '@')));
}

static int differences(const char *file)
{
  AUTO(json_t *, english, json_release) = NULL;
  assert_int_equal(json_read_file(file, 1 << 20, &english), ERR_OK);
  int wrong = 0;
  const char *key;
  json_t *value;
  json_object_foreach(english, key, value)
  {
    for (size_t i = 1; i < i18n_count(i18n); i++) {
      const char *tag = i18n_tag(i18n, i), *other = i18n_text(i18n, tag, key), *own = json_string_value(value);
      if (strcmp(key, "_") == 0) continue;
      if (i18n_has(i18n, tag, key) && has_base(key) && same_places(own, other) && same_places(other, own)) continue;
      print_error("%s in %s: %s\n", key, tag, other);
      wrong++;
    }
  }
  return wrong;
}

TEST(languages_say_the_same_things)
{
  int wrong = 0;
  wrong += differences("assets/i18n/en/desk.json");
  wrong += differences("assets/i18n/en/kiosk.json");
  assert_int_equal(wrong, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_sentence_of_the_screens_is_there),
      cmocka_unit_test(every_mistake_has_a_sentence_that_says_what_to_do),
      cmocka_unit_test(languages_say_the_same_things),
  };
  return cmocka_run_group_tests(tests, open_words, close_words);
}
