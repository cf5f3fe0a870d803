/* App: the kiosk's screens over a store and a Ui: what is asked, in which order, and what is done with it.
 *
 * The screens hold nothing of a person outside one wiping arena, which app_forget empties. The store is the node's own;
 * foyerd beside it replicates, and what it brings shows at once. A store that is not there, or has no practice yet, is an
 * ordinary state: a calm screen, tried again by itself.
 */
#pragma once

#include "common/base/i18n.h"
#include "kiosk/ui/ui.h"

typedef struct App App;

typedef struct AppConfig {
  const Env *env;
  const char *folder;   /* of the store */
  const char *language; /* of the first screen; NULL: the practice's */
  const I18n *i18n;     /* must outlive the app */
  const UiTheme *theme; /* before the practice's accent; copied */
  bool scanner;         /* a code reader stands beside the screen: say so */
} AppConfig;

/* app_open: takes the ui over (ui_set_app). The first screen is there at the next ui_step. */
MUST_CHECK Err app_open(const AppConfig *config, Ui *ui, App **out);
/* app_close: NULL is fine. Before ui_close. Waits for what is being written. */
void app_close(App *app);
/* app_screen: the name of the present screen ("birth"), for tests. */
const char *app_screen(const App *app);
/* app_busy: is something being written or looked up that is not yet there? */
bool app_busy(const App *app);
