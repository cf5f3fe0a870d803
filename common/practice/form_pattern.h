/* Patterns of questionnaires (extension "regex"): a matcher that hostile patterns and answers cannot make slow.
 *
 * Patterns are data that others wrote. POSIX regcomp is of no use here: it depends on the locale, lacks \d, and nested counts make it
 * take memory without end. This one knows no back references and no look-around, so a set of states walks once along the text: time is at
 * most (states x characters), memory is fixed.
 *
 * Understood: literals, `.`, classes with ranges and negation, \d \D \w \W \s \S (ASCII), \t \n \r \f \v, \xHH, \uHHHH, escaped punctuation, groups
 * ( ) (?: ) (?<name> ), |, * + ? {n} {n,} {n,m} and their lazy forms, ^ and $. Characters are Unicode code points.
 */
#pragma once

#include "common/base/arena.h"

typedef struct FormPattern FormPattern;

enum {
  FORM_PATTERN_MAX = 1000,       /* characters of a pattern */
  FORM_PATTERN_INPUT_MAX = 1000, /* characters of a text; longer ones do not match */
  FORM_PATTERN_STATES_MAX = 2000
};

/* form_pattern_compile: into the arena. ERR_UNSUPPORTED for what is not in the list above or is too large, ERR_INVALID for what is no pattern;
 * err_detail says what. */
MUST_CHECK Err form_pattern_compile(Arena *arena, Str pattern, FormPattern **out);
/* form_pattern_matches: the whole text, as FHIR wants. */
bool form_pattern_matches(const FormPattern *pattern, Str text);
