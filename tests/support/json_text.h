/* JSON as it can be read within C: with ' for ". */
#pragma once

#include "common/base/arena.h"
#include "common/base/json.h"

/* test_quoted: a copy of the text with its quotes. */
char *test_quoted(Arena *arena, const char *text);
/* test_json: the value; fails the test when it is none. Release it. */
json_t *test_json(const char *text);
/* test_json_is: fails unless the value equals this text's. */
void test_json_is(json_t *value, const char *text);
