#include "kiosk/screens/words.h"

#include <stdio.h>

#include "kiosk/screens/state.h"

enum { KEY_MAX = 96 };

static const char *variant(const App *app, const char *key, char out[KEY_MAX])
{
  const Place *place = &app->places[app->place];
  if (place->practice.vertical == NULL) return key;
  int len = snprintf(out, KEY_MAX, "%s@%s", key, practice_people(place->practice.vertical));
  return len > 0 && len < KEY_MAX && i18n_has(app->config.i18n, app->language, out) ? out : key;
}

const char *say(const App *app, const char *key)
{
  char own[KEY_MAX];
  return i18n_text(app->config.i18n, app->language, variant(app, key, own));
}

const char *say_with(const App *app, Arena *arena, const char *key, const I18nArg args[])
{
  char own[KEY_MAX];
  return i18n_format(app->config.i18n, app->language, arena, variant(app, key, own), args);
}

const char *say_number(const App *app, Arena *arena, const char *key, const char *name, int64_t number)
{
  return SAY(app, arena, key, {name, arena_printf(arena, "%lld", (long long)number)});
}

const char *say_date(const App *app, Arena *arena, Date date)
{
  return i18n_date(app->config.i18n, app->language, arena, date);
}

const char *say_time(const App *app, Arena *arena, int minute_of_day)
{
  return i18n_time(app->config.i18n, app->language, arena, minute_of_day);
}

bool words_half_days(const App *app)
{
  return strstr(i18n_text(app->config.i18n, app->language, "time.pattern"), "{half}") != NULL;
}

UiLocale words_locale(const App *app)
{
  UiWords words = {
      .back = say(app, "kiosk.ui.back"),
      .help = say(app, "kiosk.ui.help"),
      .start_over = say(app, "kiosk.ui.start_over"),
      .language = say(app, "kiosk.ui.language"),
      .text_size = say(app, "kiosk.ui.text_size"),
      .keyboard = say(app, "kiosk.ui.keyboard"),
      .space = say(app, "kiosk.ui.space"),
      .backspace = say(app, "kiosk.ui.backspace"),
      .shift = say(app, "kiosk.ui.shift"),
      .done = say(app, "kiosk.ui.done"),
      .next = say(app, "kiosk.ui.next"),
      .symbols = say(app, "kiosk.ui.symbols"),
      .letters = say(app, "kiosk.ui.letters"),
      .accents = say(app, "kiosk.ui.accents"),
      .day = say(app, "kiosk.ui.day"),
      .month = say(app, "kiosk.ui.month"),
      .year = say(app, "kiosk.ui.year"),
      .date_pattern = say(app, "kiosk.ui.date_pattern"),
      .clear = say(app, "kiosk.ui.clear"),
      .sign_here = say(app, "kiosk.ui.sign_here"),
      .signed_ = say(app, "kiosk.ui.signed"),
      .more_below = say(app, "kiosk.ui.more_below"),
      .scroll_up = say(app, "kiosk.ui.scroll_up"),
      .scroll_down = say(app, "kiosk.ui.scroll_down"),
      .required = say(app, "kiosk.ui.required"),
  };
  for (int i = 0; i < 12; i++) {
    char key[32];
    snprintf(key, sizeof key, "date.month.%d", i + 1);
    words.months[i] = say(app, key);
  }
  Str order = str_c(say(app, "kiosk.ui.date_order")), keys = str_c(say(app, "kiosk.ui.keys"));
  return (UiLocale){
      .rtl = i18n_is_rtl(app->config.i18n, app->language),
      .keys = str_eq(keys, STR("es")) ? UI_LAYOUT_ES : UI_LAYOUT_EN,
      .date_order = str_eq(order, STR("dmy"))   ? UI_DATE_DMY
                    : str_eq(order, STR("ymd")) ? UI_DATE_YMD
                                                : UI_DATE_MDY,
      .words = words,
  };
}

const char *words_greeting(Arena *arena, const Client *client)
{
  if (*client->preferred_name) return arena_cstr(arena, str_c(client->preferred_name));
  Str given = str_trim(str_c(client->given));
  return arena_cstr(arena, str_cut(&given, ' '));
}
