#include <string.h>

#include "common/base/env.h"
#include "common/practice/form_pattern.h"
#include "tests/support/unit.h"

static FormPattern *compiled(Arena *arena, const char *pattern)
{
  FormPattern *made = NULL;
  Err err = form_pattern_compile(arena, str_c(pattern), &made);
  if (err != ERR_OK) fail_msg("%s: %s", pattern, err_detail());
  return made;
}

TEST(a_pattern_must_match_the_whole_text)
{
  static const struct {
    const char *pattern, *text;
    bool matches;
  } CASES[] = {
      {"", "", true},
      {"", "a", false},
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"abc", "xabc", false},
      {"^abc$", "abc", true},
      {"a|b|cd", "cd", true},
      {"a|b|cd", "ab", false},
      {"(?:a|b)+c?", "abab", true},
      {"(?<year>\\d{4})-\\d{2}", "2026-03", true},
      {"\\d{4}-\\d{2}", "2026-3", false},
      {"[0-9]{3}-[0-9]{4}", "555-1234", true},
      {"\\d{2,4}", "1", false},
      {"\\d{2,4}", "12345", false},
      {"\\d{2,}", "1234567", true},
      {"a{0}b", "b", true},
      {"a{,3}", "a{,3}", true},
      {"x*", "", true},
      {"x+?", "xxx", true},
      {".", "é", true},
      {".", "\n", false},
      {"[^a-c]", "d", true},
      {"[^a-c]", "b", false},
      {"[]a]+", "]a", true},
      {"[a-]+", "-a-", true},
      {"[\\d.]+", "1.5", true},
      {"[\\D]", "7", false},
      {"[\\W\\d]+", "1-2", true},
      {"\\s\\S", " x", true},
      {"\\w+", "a_1", true},
      {"\\w+", "é", false},
      {"[à-ü]+", "é", true},
      {"\\u00e9", "é", true},
      {"\\x41", "A", true},
      {"\\.\\+\\(", ".+(", true},
      {"(a*)*b", "aaab", true},
      {"(|a)+", "aa", true},
      {"[+]?[0-9 ()-]{7,20}", "+1 (555) 123-4567", true},
      {"[A-Z]{2}\\d{6}[A-D]?", "AB123456C", true},
      {"a^b", "ab", false},
      {"(^a|b)c", "ac", true},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    FormPattern *pattern = compiled(&arena, CASES[i].pattern);
    if (form_pattern_matches(pattern, str_c(CASES[i].text)) != CASES[i].matches)
      fail_msg("%s on '%s'", CASES[i].pattern, CASES[i].text);
  }
}

TEST(what_is_no_pattern_or_beyond_us_is_refused)
{
  static const struct {
    const char *pattern;
    Err err;
  } CASES[] = {
      {"(a", ERR_INVALID},
      {"a)", ERR_INVALID},
      {"[a", ERR_INVALID},
      {"*a", ERR_INVALID},
      {"a{3,2}", ERR_INVALID},
      {"[b-a]", ERR_INVALID},
      {"a\\", ERR_INVALID},
      {"\\xg1", ERR_INVALID},
      {"(a)\\1", ERR_UNSUPPORTED},
      {"(?=a)", ERR_UNSUPPORTED},
      {"(?!a)", ERR_UNSUPPORTED},
      {"(?<=a)b", ERR_UNSUPPORTED},
      {"(?i)a", ERR_UNSUPPORTED},
      {"\\bword", ERR_UNSUPPORTED},
      {"\\p{L}", ERR_UNSUPPORTED},
      {"[[:alpha:]]", ERR_UNSUPPORTED},
      {"a++", ERR_UNSUPPORTED},
      {"a{1001}", ERR_UNSUPPORTED},
      {"(((a{99}){99}){99})", ERR_UNSUPPORTED},
      {"((){999}){999}", ERR_UNSUPPORTED},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    FormPattern *pattern;
    Err err = form_pattern_compile(&arena, str_c(CASES[i].pattern), &pattern);
    if (err != CASES[i].err) fail_msg("%s: %s", CASES[i].pattern, err_name(err));
  }
}

/* Each of these takes a backtracking matcher longer than anyone waits. */
TEST(patterns_that_explode_elsewhere_are_quick_here)
{
  static const char *const PATTERNS[] = {"(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)*x", "(a?){500}a{500}", "([a-z]+)*\\d"};
  char text[FORM_PATTERN_INPUT_MAX + 1];
  memset(text, 'a', FORM_PATTERN_INPUT_MAX);
  text[FORM_PATTERN_INPUT_MAX] = '\0';
  int64_t before = env_monotonic_ms(env_system());
  for (size_t i = 0; i < COUNT_OF(PATTERNS); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    form_pattern_matches(compiled(&arena, PATTERNS[i]), str_c(text));
  }
  assert_true(env_monotonic_ms(env_system()) - before < 10000);
}

TEST(texts_over_the_limit_do_not_match)
{
  char text[FORM_PATTERN_INPUT_MAX + 2];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  FormPattern *pattern = compiled(&arena, "a*");
  assert_false(form_pattern_matches(pattern, str_c(text)));
  text[FORM_PATTERN_INPUT_MAX] = '\0';
  assert_true(form_pattern_matches(pattern, str_c(text)));
}

TEST(any_bytes_make_a_pattern_or_an_error)
{
  static const char ALPHABET[] = "ab(|)*+?{}[]^$\\.-,0159dwsDWS:<=!>\xc3\xa9";
  EnvFake fake;
  env_fake_init(&fake, 0, 7);
  for (int round = 0; round < 20000; round++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    uint8_t draw[24];
    env_random(&fake.env, draw, sizeof draw);
    char pattern[24];
    size_t len = draw[0] % sizeof pattern;
    for (size_t i = 0; i < len; i++) pattern[i] = ALPHABET[draw[i] % (sizeof ALPHABET - 1)];
    FormPattern *made;
    if (form_pattern_compile(&arena, (Str){pattern, len}, &made) == ERR_OK)
      form_pattern_matches(made, STR("abba 0159 \xc3\xa9"));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pattern_must_match_the_whole_text),
      cmocka_unit_test(what_is_no_pattern_or_beyond_us_is_refused),
      cmocka_unit_test(patterns_that_explode_elsewhere_are_quick_here),
      cmocka_unit_test(texts_over_the_limit_do_not_match),
      cmocka_unit_test(any_bytes_make_a_pattern_or_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
