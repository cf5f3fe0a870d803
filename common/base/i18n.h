/* Sentences in the languages of assets/i18n: one folder a language, one file a face, merged on loading:
 *   assets/i18n/es/common.json  {"_": {"name": "Español", "direction": "ltr"}, "error.busy": "...", "date.month.1": "..."}
 *   assets/i18n/es/kiosk.json   {"welcome.title": "Hola, {name}"}
 * Kiosk and web pages read the same files. A key that a language lacks falls back to English, then to the key itself. */
#pragma once

#include "common/base/arena.h"
#include "common/base/date.h"
#include "common/base/err.h"
#include "common/base/str.h"

typedef struct I18n I18n;

/* i18n_open: load every language of a folder. ERR_NOT_FOUND without en/common.json; ERR_INVALID names the file and place
 * (not JSON, not text values, one key in two files). */
MUST_CHECK Err i18n_open(const char *folder, I18n **out);
void i18n_close(I18n *i18n);
size_t i18n_count(const I18n *i18n);
const char *i18n_tag(const I18n *i18n, size_t index);  /* "es"; English first, then by tag */
const char *i18n_name(const I18n *i18n, size_t index); /* "Español" */
bool i18n_is_rtl(const I18n *i18n, const char *tag);
/* i18n_text: the sentence of a key. Never NULL; valid as long as i18n. */
const char *i18n_text(const I18n *i18n, const char *tag, const char *key);

typedef struct I18nArg {
  const char *name;
  const char *value;
} I18nArg;
/* i18n_format: the sentence with each {name} replaced. Arguments end with a NULL name; a NULL value is nothing; a {name}
 * without an argument stays. Lives in the arena. At most 64 KiB.
 *   i18n_format(i, "es", &arena, "done.wait", (I18nArg[]){{"minutes", "10"}, {0}}) */
const char *i18n_format(const I18n *i18n, const char *tag, Arena *arena, const char *key, const I18nArg args[]);
/* i18n_has: does this very language have the key? */
bool i18n_has(const I18n *i18n, const char *tag, const char *key);
/* i18n_date: "Tuesday 24 November 2026" / "martes 24 de noviembre de 2026", by the patterns and names in the file
 * (keys date.long, date.weekday.0..6, date.month.1..12). i18n_time: "10:30 AM" or "10:30" by key time.pattern, of
 * {hour12} {hour24} {hour} (two digits, of 24) {minute} and {half} (time.am, time.pm). date.long has {weekday} {day} {month}
 * {year}. */
const char *i18n_date(const I18n *i18n, const char *tag, Arena *arena, Date date);
const char *i18n_time(const I18n *i18n, const char *tag, Arena *arena, int minute_of_day);
