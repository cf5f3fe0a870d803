/* Keeping what is typed: at each pause the fields of the screen go into the sealed draft. */
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "kiosk/screens/state.h"

static const char *name_of(char out[96], const char *field, const char *part)
{
  int len = snprintf(out, 96, part != NULL ? "%s#%s" : "%s", field, part);
  return len > 0 && len < 96 ? out : NULL;
}

void app_keep(App *app, const char *field, const char *part, Str text)
{
  Person *person = app->person;
  if (person->checkin == NULL || jobs_any(app->jobs) || person->kept_count == KEPT_MAX) return;
  KeptText *kept = &person->kept[person->kept_count];
  if (name_of(kept->field, field, part) == NULL || text.len >= sizeof kept->text) return;
  if (str_eq(checkin_typed(person->checkin, kept->field), text)) return;
  memcpy(kept->text, text.ptr != NULL ? text.ptr : "", text.len);
  kept->text[text.len] = '\0';
  person->kept_count++;
}

static Err keep(App *app)
{
  Person *person = app->person;
  for (size_t i = 0; i < person->kept_count; i++)
    TRY(checkin_typing(person->checkin, person->kept[i].field, str_c(person->kept[i].text)));
  return ERR_OK;
}

/* kept: a draft that could not be kept is tried again at the next pause; the person is told when a step cannot be taken. */
static void kept(App *app, Err err)
{
  (void)err;
  app->person->kept_count = 0;
}

void app_keep_soon(App *app)
{
  ui_timer(app->ui, TIMER_PAUSE, PAUSE_MS);
}

void app_keep_run(App *app)
{
  if (app->person->kept_count > 0 && !jobs_any(app->jobs)) job_start(app, (Job){keep, kept, true});
}

Str app_kept(const App *app, const char *field, const char *part)
{
  char name[96];
  if (app->person->checkin == NULL || jobs_any(app->jobs) || name_of(name, field, part) == NULL) return (Str){0};
  return checkin_typed(app->person->checkin, name);
}
