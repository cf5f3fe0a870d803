#include "kiosk/screens/place.h"

#include "common/base/file.h"
#include "common/base/json.h"
#include "common/base/log.h"
#include "kiosk/screens/state.h"

enum { REFRESH_MS = 60, OFFLINE_MS = 60000 };

/* path_of: of a file in the replica's folder; in the place's arena. */
static const char *path_of(App *app, Arena *arena, const char *name)
{
  return arena_printf(arena, "%s/%s", app->config.folder, name);
}

static Err open_store(App *app, Arena *arena)
{
  if (app->store != NULL) return ERR_OK;
  Err err = store_open(app->config.folder, app->env, &app->store);
  if (err == ERR_NOT_FOUND && file_exists(path_of(app, arena, "revoked"))) return ERR_REVOKED;
  TRY(err);
  const char *path = path_of(app, arena, "foyer.db");
  if (watch_open(app->ui, store_watch_fd(app->store), path, WAKE_STORE, &app->watch) != ERR_OK) app->watch = NULL;
  app->head = -1;
  return ERR_OK;
}

/* close_store: what was open is no longer the replica: the tablet was removed from the practice, or enrolled anew. */
static void close_store(App *app)
{
  app_forget(app);
  watch_close(app->watch);
  app->watch = NULL;
  store_close(app->store);
  app->store = NULL;
}

static const char *room_of(const Appointment *visit, Arena *arena)
{
  return visit->status == APPT_ROOMED && *visit->resource_name ? arena_cstr(arena, str_c(visit->resource_name)) : "";
}

/* read_calls: tickets called in the last minutes, the newest first. Names of people do not get here. */
static Err read_calls(App *app, Place *place, Instant now_at)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(BOARD_MAX);
  WallTime wall;
  TRY(site_wall(&place->site, now_at, &wall));
  Appointment *visits;
  size_t count;
  TRY(appointment_day(app->store, &arena, place->site.id, wall.date, &visits, &count));
  Instant newest = INT64_MAX;
  while (place->call_count < CALLS_MAX) {
    const Appointment *best = NULL;
    for (size_t i = 0; i < count; i++) {
      bool shown = (visits[i].status == APPT_ARRIVED || visits[i].status == APPT_ROOMED) && *visits[i].ticket;
      bool recent = visits[i].called_at > now_at - CALLED_S * 1000 && visits[i].called_at < newest;
      if (shown && recent && (best == NULL || visits[i].called_at > best->called_at)) best = &visits[i];
    }
    if (best == NULL) break;
    newest = best->called_at;
    place->calls[place->call_count++] =
        (Call){arena_cstr(&place->arena, str_c(best->ticket)), room_of(best, &place->arena)};
  }
  return ERR_OK;
}

/* read_offline: has the agent said for a while that the upstream cannot be reached? */
static bool read_offline(App *app)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, status, json_release) = NULL;
  Str text = local_get(app->store, &arena, "sync.status");
  if (str_empty(text) || json_parse(text, &status) != ERR_OK) return false;
  bool long_enough = env_now(app->env) - json_int(status, "since", 0) > OFFLINE_MS;
  return str_eq(json_str(status, "state"), STR("offline")) && long_enough;
}

static void learn_clock(App *app)
{
  app->clock_offset_ms = store_now(app->store) - env_now(app->env);
}

static Err read_place(App *app, Place *place)
{
  TRY(open_store(app, &place->arena));
  learn_clock(app);
  TRY(practice_get(app->store, &place->arena, &place->practice));
  TRY(site_here(app->store, &place->arena, &place->site));
  return read_calls(app, place, app_now(app));
}

static void take_theme(App *app)
{
  UiTheme theme = app->theme;
  const char *accent = app_place(app)->practice.accent;
  if (accent != NULL && *accent) ui_theme_set_accent(&theme, str_c(accent));
  ui_set_theme(app->ui, &theme);
}

/* turn: from a kiosk to a notice, or back. Someone who is just checking in is not interrupted by a passing trouble. */
static void turn(App *app, Err before)
{
  bool was = before == ERR_OK, is = app->trouble == ERR_OK;
  if (was && !is && err_retry(app->trouble)) app->trouble = ERR_OK;
  is = app->trouble == ERR_OK;
  if (was == is) return;
  app_set_language(app, app_first_language(app));
  app_forget(app);
  app_enter_first(app);
}

void place_refresh(App *app)
{
  if (jobs_any(app->jobs)) {
    ui_timer(app->ui, TIMER_REFRESH, REFRESH_MS);
    return;
  }
  if (app->watch != NULL && !watch_same_file(app->watch)) close_store(app);
  if (app->watch != NULL) {
    store_watch_drain(app->store);
    watch_again(app->watch);
  }
  if (app->store != NULL) learn_clock(app);
  Err before = app->trouble;
  int64_t head = app->store != NULL ? store_head(app->store) : -1;
  bool again = head < 0 || head != app->head || before != ERR_OK || app_place(app)->call_count > 0;
  if (again) {
    Place *place = &app->places[!app->place];
    arena_reset(&place->arena);
    *place = (Place){.arena = place->arena};
    Err err = read_place(app, place);
    if (err == ERR_OK) app->place = !app->place;
    if (err != before && err != ERR_OK) log_err("kiosk.place", err);
    app->trouble = err;
    if (err == ERR_OK) app->head = store_head(app->store);
    if (err == ERR_OK) take_theme(app);
    turn(app, before);
    app_refresh_screen(app);
  }
  app->offline = app->store != NULL && read_offline(app);
  bool waits = app->trouble != ERR_OK || app->watch == NULL;
  if (waits) ui_timer(app->ui, TIMER_RETRY, app->trouble != ERR_OK ? RETRY_MS : 1000);
  if (!waits && app_place(app)->call_count > 0) ui_timer(app->ui, TIMER_RETRY, CALLED_S * 1000 / 6);
}

void place_changed(App *app)
{
  ui_timer(app->ui, TIMER_REFRESH, REFRESH_MS);
}
