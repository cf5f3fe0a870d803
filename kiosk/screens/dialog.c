/* Dialogs over the present page. */
#include "kiosk/screens/state.h"

typedef struct DialogWords {
  const char *id, *title, *text, *ok, *close; /* i18n keys; no `close`: one button */
  UiTone tone;
  UiIcon icon;
} DialogWords;

static const DialogWords WORDS[] = {
    [DIALOG_HELP] = {"help", "kiosk.help.title", "kiosk.help.text", "kiosk.help.ok", NULL, UI_TONE_GOOD, UI_ICON_BELL},
    [DIALOG_HELP_SELF] = {"help", "kiosk.help.self.title", "kiosk.help.self.text", "kiosk.help.ok", NULL, UI_TONE_INFO,
                          UI_ICON_PEOPLE},
    [DIALOG_START_OVER] = {"start_over", "kiosk.start_over.title", "kiosk.start_over.text", "kiosk.start_over.ok",
                           "kiosk.start_over.close", UI_TONE_INFO, UI_ICON_REFRESH},
    [DIALOG_IDLE] = {"idle", "kiosk.idle.title", "kiosk.idle.text", "kiosk.idle.ok", "kiosk.idle.close", UI_TONE_INFO,
                     UI_ICON_CLOCK},
    [DIALOG_TROUBLE] = {"trouble", "kiosk.trouble.title", "kiosk.trouble.text", "kiosk.trouble.ok",
                        "kiosk.trouble.close", UI_TONE_WARN, UI_ICON_WARNING},
    [DIALOG_REFUSE] = {"refuse", "kiosk.refuse.title", "kiosk.refuse.text", "kiosk.refuse.ok", "kiosk.refuse.close",
                       UI_TONE_INFO, UI_ICON_DOCUMENT},
};

static const char *text_of(App *app, UiBuild *build, const DialogWords *words)
{
  Arena *arena = ui_build_arena(build);
  if (app->dialog == DIALOG_IDLE) {
    const char *key = app->warning_left_s == 1 ? "kiosk.idle.text.one"
                      : app->person->checkin   ? "kiosk.idle.text.kept"
                                               : words->text;
    return say_number(app, arena, key, "seconds", app->warning_left_s);
  }
  if (app->dialog == DIALOG_TROUBLE)
    return SAY(app, arena, words->text, {"why", say(app, err_key(app->person->trouble))});
  return say(app, words->text);
}

static void build_language(App *app, UiBuild *build)
{
  const I18n *i18n = app->config.i18n;
  ui_dialog_begin(build, &(UiDialog){.id = "language",
                                     .title = say(app, "kiosk.ui.language"),
                                     .icon = UI_ICON_GLOBE,
                                     .dismiss = {VERB_DIALOG_CLOSE, 0}});
  ui_choices_begin(build, &(UiChoices){.id = "languages"});
  for (size_t i = 0; i < i18n_count(i18n); i++)
    ui_choice(build, &(UiChoice){.id = arena_printf(ui_build_arena(build), "language.%s", i18n_tag(i18n, i)),
                                 .label = i18n_name(i18n, i),
                                 .checked = strcmp(i18n_tag(i18n, i), app->language) == 0,
                                 .act = {VERB_LANGUAGE, (int64_t)i + 1}});
  ui_choices_end(build);
  ui_dialog_end(build);
}

void dialog_build(App *app, UiBuild *build)
{
  if (app->dialog == DIALOG_LANGUAGE) {
    build_language(app, build);
    return;
  }
  if (app->dialog == DIALOG_ROOM) {
    board_room_dialog(app, build);
    return;
  }
  const DialogWords *words = &WORDS[app->dialog];
  ui_dialog_begin(build, &(UiDialog){.id = words->id,
                                     .title = say(app, words->title),
                                     .text = text_of(app, build, words),
                                     .tone = words->tone,
                                     .icon = words->icon,
                                     .dismiss = {VERB_DIALOG_CLOSE, 0}});
  if (words->close != NULL)
    ui_button(build, &(UiButton){.id = arena_printf(ui_build_arena(build), "%s.close", words->id),
                                 .label = say(app, words->close),
                                 .act = {app->dialog == DIALOG_IDLE ? VERB_START_OVER : VERB_DIALOG_CLOSE, 0}});
  ui_button(build, &(UiButton){.id = arena_printf(ui_build_arena(build), "%s.ok", words->id),
                               .label = say(app, words->ok),
                               .kind = UI_PRIMARY,
                               .act = {VERB_DIALOG_OK, 0}});
  ui_dialog_end(build);
}

/* close: back to the page, as if nothing had been asked; the idle clock starts anew. */
static void close(App *app)
{
  bool was_idle = app->dialog == DIALOG_IDLE;
  app->dialog = DIALOG_NONE;
  if (was_idle) app_set_idle(app);
}

void dialog_act(App *app, UiAct act)
{
  DialogId dialog = app->dialog;
  bool ok = act.verb == VERB_DIALOG_OK;
  if (dialog == DIALOG_ROOM) {
    board_room_act(app, act);
    return;
  }
  if (act.verb == VERB_START_OVER) {
    app_go(app, GO_HOME);
    return;
  }
  if (!ok && act.verb != VERB_DIALOG_CLOSE) return;
  close(app);
  if (ok && dialog == DIALOG_START_OVER) app_go(app, GO_HOME);
  if (ok && dialog == DIALOG_TROUBLE) job_start(app, app->person->retry);
  if (ok && dialog == DIALOG_REFUSE) signing_refuse(app);
}
