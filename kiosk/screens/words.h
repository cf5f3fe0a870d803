/* Words: the kiosk's sentences in the person's language, as its practice calls things. A key may have a variant for one kind of
 * practice: "kiosk.welcome.lead@law". */
#pragma once

#include "common/base/i18n.h"
#include "kiosk/ui/ui.h"

typedef struct App App;

/* say: the sentence of a key. */
const char *say(const App *app, const char *key);
const char *say_with(const App *app, Arena *arena, const char *key, const I18nArg args[]);
/* SAY: with {name} arguments: SAY(app, ui_build_arena(b), "kiosk.visit.title", {"name", name}) */
#define SAY(app, arena, key, ...) say_with((app), (arena), (key), (I18nArg[]){__VA_ARGS__, {0}})
const char *say_number(const App *app, Arena *arena, const char *key, const char *name, int64_t number);
const char *say_date(const App *app, Arena *arena, Date date);
const char *say_time(const App *app, Arena *arena, int minute_of_day);
bool words_half_days(const App *app); /* "10:30 AM" rather than "10:30" or "22:30" */
/* words_locale: what ui itself says. */
UiLocale words_locale(const App *app);
/* words_greeting: how to address someone: the preferred name, else the first given name. */
struct Client;
const char *words_greeting(Arena *arena, const struct Client *client);
