#include <string.h>

#include "common/base/json.h"
#include "tests/support/folder.h"
#include "tests/support/unit.h"

TEST(any_value_may_stand_at_the_top)
{
  static const char *const GOOD[] = {"null", "true", "-1", "1.5e3", "\"x\"", "[]", "{}", " {\"a\": [1, 2]} \n"};
  for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
    AUTO(json_t *, value, json_release) = NULL;
    if (json_parse(str_c(GOOD[i]), &value) != ERR_OK) fail_msg("refused %s: %s", GOOD[i], err_detail());
    assert_non_null(value);
  }
}

TEST(what_is_not_json_is_refused_with_its_place)
{
  const struct {
    Str text;
    const char *detail; /* how it begins */
  } CASES[] = {
      {{0}, "line 1, column "},
      {STR("{\"a\":1,}"), "line 1, column "},
      {STR("{\n  \"a\": 1,\n  \"a\": 2\n}"), "line 3, column "}, /* one key twice */
      {STR("[1] 2"), "line 1, column "},
      {STR("'x'"), "line 1, column "},
      {STR("[\n\n\"\xff\"]"), "line 3, column "},
      {STR("\"a\\u0000b\""), "line 1, column "},
      {STR("\"a\0b\""), "line 1, column "},
      {STR("99999999999999999999"), "line 1, column "},
      {STR("NaN"), "line 1, column "},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    json_t *value = NULL;
    if (json_parse(CASES[i].text, &value) != ERR_INVALID) fail_msg("accepted case %zu", i);
    assert_null(value);
    if (strncmp(err_detail(), CASES[i].detail, strlen(CASES[i].detail)) != 0) fail_msg("%zu: %s", i, err_detail());
  }
}

TEST(depth_is_at_most_64)
{
  char text[200];
  for (int depth = 63; depth <= 66; depth++) {
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    AUTO(json_t *, value, json_release) = NULL;
    Err err = json_parse((Str){text, (size_t)depth * 2}, &value);
    assert_int_equal(err, depth <= 64 ? ERR_OK : ERR_INVALID);
    if (depth > 64) assert_string_equal(err_detail(), "line 1, column 65: nested deeper than 64");
  }
  /* brackets in texts do not count, nor does a quote behind a backslash end one */
  AUTO(json_t *, value, json_release) = NULL;
  memset(text, '[', 150);
  memcpy(text, "\"\\\"\\\\", 5);
  text[150] = '"';
  assert_int_equal(json_parse((Str){text, 151}, &value), ERR_OK);
}

TEST(paths_walk_objects_and_arrays)
{
  AUTO(json_t *, value, json_release) = NULL;
  assert_int_equal(
      json_parse(STR("{\"name\":[{\"family\":\"Díaz\"}],\"n\":7,\"on\":true,\"none\":null,\"0\":\"zero\"}"), &value),
      ERR_OK);
  assert_true(str_eq_c(json_str(value, "name.0.family"), "Díaz"));
  assert_true(str_eq_c(json_str(value, "0"), "zero"));
  assert_int_equal(json_int(value, "n", 1), 7);
  assert_true(json_bool(value, "on", false));
  assert_ptr_equal(json_path(value, ""), value);
  static const char *const MISSING[] = {"name.1", "name.-1", "name.x", "name.0.given", "n.0", "x", "name..family", "."};
  for (size_t i = 0; i < COUNT_OF(MISSING); i++) assert_null(json_path(value, MISSING[i]));
  assert_true(str_empty(json_str(value, "n")));
  assert_int_equal(json_int(value, "on", 5), 5);
  assert_true(json_bool(value, "none", true));
  assert_null(json_path(NULL, "a"));
  assert_true(str_eq_c(json_str(json_path(value, "0"), ""), "zero"));
}

TEST(texts_that_are_not_utf8_get_replacements)
{
  const struct {
    Str text;
    const char *want;
  } CASES[] = {{{0}, ""},
               {STR("Zoë"), "Zoë"},
               {STR("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd"},
               {STR("a\0b"), "a\xef\xbf\xbd"
                             "b"}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    AUTO(json_t *, value, json_release) = json_from_str(CASES[i].text);
    assert_true(str_eq_c(json_str(value, ""), CASES[i].want));
  }
}

TEST(canonical_form_does_not_depend_on_order)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, a, json_release) = NULL;
  AUTO(json_t *, b, json_release) = NULL;
  assert_int_equal(json_parse(STR("{ \"b\": [1, {\"z\": null, \"y\": \"é\"}], \"a\": true }"), &a), ERR_OK);
  assert_int_equal(json_parse(STR("{\"a\":true,\"b\":[1,{\"y\":\"\\u00e9\",\"z\":null}]}"), &b), ERR_OK);
  assert_true(str_eq_c(json_canonical(&arena, a), "{\"a\":true,\"b\":[1,{\"y\":\"é\",\"z\":null}]}"));
  assert_true(str_eq(json_canonical(&arena, a), json_canonical(&arena, b)));
  AUTO(json_t *, text, json_release) = json_from_str(STR("x"));
  assert_true(str_eq_c(json_canonical(&arena, text), "\"x\""));
}

TEST(files_are_read_with_their_limit_and_named_in_errors)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(json_t *, value, json_release) = NULL;
  test_folder_write(&folder, "good.json", "{\"a\":1}");
  test_folder_write(&folder, "bad.json", "{\n\"a\"}");
  assert_int_equal(json_read_file(test_folder_path(&folder, "none.json"), 100, &value), ERR_NOT_FOUND);
  assert_int_equal(json_read_file(test_folder_path(&folder, "good.json"), 6, &value), ERR_TOO_LARGE);
  assert_int_equal(json_read_file(test_folder_path(&folder, "bad.json"), 100, &value), ERR_INVALID);
  assert_non_null(strstr(err_detail(), "bad.json: line 2, column "));
  assert_null(value);
  assert_int_equal(json_read_file(test_folder_path(&folder, "good.json"), 7, &value), ERR_OK);
  assert_int_equal(json_int(value, "a", 0), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_value_may_stand_at_the_top),
      cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
      cmocka_unit_test(depth_is_at_most_64),
      cmocka_unit_test(paths_walk_objects_and_arrays),
      cmocka_unit_test(texts_that_are_not_utf8_get_replacements),
      cmocka_unit_test(canonical_form_does_not_depend_on_order),
      cmocka_unit_test(files_are_read_with_their_limit_and_named_in_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
