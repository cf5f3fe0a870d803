#include "kiosk/screens/board.h"

#include <stdlib.h>

#include "common/base/json.h"
#include "common/base/log.h"
#include "common/practice/permission.h"

enum { TICK_MS = 30000 };

static const struct {
  const char *id, *label, *empty;
} TABS[BOARD_TAB_COUNT] = {
    [BOARD_WAITING] = {"board.tab.waiting", "kiosk.board.waiting", "kiosk.board.waiting.none"},
    [BOARD_EXPECTED] = {"board.tab.expected", "kiosk.board.expected", "kiosk.board.expected.none"},
    [BOARD_ROOMED] = {"board.tab.roomed", "kiosk.board.roomed", "kiosk.board.roomed.none"},
    [BOARD_HELP] = {"board.tab.help", "kiosk.board.help", "kiosk.board.help.none"},
};

/* --- reading ---------------------------------------------------------------------------------------------------- */

void board_open(App *app)
{
  board_close(app);
  app->board = calloc(1, sizeof *app->board);
  if (app->board == NULL) abort();
  app->board->arena = arena_make_wiping(BOARD_MAX);
  app->board->lists = arena_make_wiping(BOARD_MAX);
}

void board_close(App *app)
{
  Board *board = app->board;
  if (board == NULL) return;
  arena_fini(&board->arena);
  arena_fini(&board->lists);
  crypto_wipe(board, sizeof *board);
  free(board);
  app->board = NULL;
}

static Err read_lists(App *app)
{
  Board *board = app->board;
  Arena *arena = &board->lists;
  const Site *site = &app_place(app)->site;
  WallTime wall;
  TRY(site_wall(site, app_now(app), &wall));
  TRY(appointment_day(app->store, arena, site->id, wall.date, &board->visits, &board->visit_count));
  TRY(task_open_list(app->store, arena, site->id, &board->tasks, &board->task_count));
  TRY(resource_list(app->store, arena, site->id, &board->rooms, &board->room_count));
  return node_get(app->store, arena, store_node(app->store), &board->node);
}

void board_read(App *app)
{
  Board *board = app->board;
  if (board == NULL) return;
  arena_reset(&board->lists);
  board->visits = NULL;
  board->tasks = NULL;
  board->rooms = NULL;
  board->visit_count = board->task_count = board->room_count = 0;
  board->node = (Node){.name = ""};
  Err err = read_lists(app);
  if (err != ERR_OK) {
    log_err("kiosk.board", err);
    board->fault = err_key(err);
  }
}

bool board_has(BoardTab tab, const Appointment *visit)
{
  switch (tab) {
  case BOARD_WAITING: return visit->status == APPT_ARRIVED;
  case BOARD_EXPECTED: return visit->status == APPT_BOOKED;
  case BOARD_ROOMED: return visit->status == APPT_ROOMED;
  case BOARD_HELP:
  case BOARD_TAB_COUNT: break;
  }
  return false;
}

int board_next(const App *app)
{
  const Board *board = app->board;
  int best = -1;
  for (size_t i = 0; i < board->visit_count; i++) {
    const Appointment *visit = &board->visits[i];
    if (!board_has(BOARD_WAITING, visit) || visit->called_at != 0) continue;
    if (best < 0 || visit->arrived_at < board->visits[best].arrived_at) best = (int)i;
  }
  return best;
}

/* --- words ------------------------------------------------------------------------------------------------------ */

const char *board_short_name(Arena *arena, const char *name)
{
  Str rest = str_trim(str_c(name));
  Str first = str_cut(&rest, ' ');
  rest = str_trim(rest);
  const char *last = memrchr(rest.ptr ? rest.ptr : "", ' ', rest.len);
  if (last != NULL) rest = (Str){last + 1, rest.len - (size_t)(last + 1 - rest.ptr)};
  size_t at = 0;
  uint32_t letter;
  if (!utf8_next(rest, &at, &letter)) return arena_cstr(arena, first);
  return arena_printf(arena, STR_FMT " " STR_FMT ".", STR_ARG(first), (int)at, rest.ptr);
}

static const char *minutes_since(App *app, Arena *arena, Instant at)
{
  int64_t minutes = (app_now(app) - at) / 60000;
  if (at == 0 || minutes < 0) return "";
  return minutes < 1 ? say(app, "kiosk.board.now") : say_number(app, arena, "kiosk.board.minutes", "minutes", minutes);
}

static const char *state_words(App *app, Arena *arena, const Appointment *visit)
{
  switch (visit->status) {
  case APPT_ARRIVED:
    if (visit->called_at != 0) return say(app, "kiosk.board.called");
    return minutes_since(app, arena, visit->arrived_at);
  case APPT_ROOMED: return *visit->resource_name ? visit->resource_name : say(app, "kiosk.board.in_room");
  case APPT_BOOKED: return strcmp(visit->certainty, "firm") == 0 ? "" : say(app, "kiosk.board.provisional");
  case APPT_DONE:
  case APPT_NOSHOW:
  case APPT_CANCELLED: break;
  }
  return "";
}

/* sync_words: what the agent says it is doing, in one sentence. */
static const char *sync_words(App *app, Arena *arena)
{
  AUTO(json_t *, status, json_release) = NULL;
  Str text = local_get(app->store, arena, "sync.status");
  if (str_empty(text) || json_parse(text, &status) != ERR_OK) return say(app, "kiosk.sync.alone");
  static const char *const KNOWN[] = {"current", "busy", "connecting", "snapshot", "offline", "recovering"};
  Str state = json_str(status, "state");
  int64_t waiting = json_int(status, "waiting.transactions", 0);
  for (size_t i = 0; i < COUNT_OF(KNOWN); i++)
    if (str_eq_c(state, KNOWN[i])) {
      const char *words = say(app, arena_printf(arena, "kiosk.sync.%s", KNOWN[i]));
      if (waiting == 0) return words;
      return arena_printf(arena, "%s %s", words, say_number(app, arena, "kiosk.sync.waiting", "count", waiting));
    }
  return say(app, "kiosk.sync.stopped");
}

/* --- building --------------------------------------------------------------------------------------------------- */

static size_t count_of(const Board *board, BoardTab tab)
{
  if (tab == BOARD_HELP) return board->task_count;
  size_t count = 0;
  for (size_t i = 0; i < board->visit_count; i++) count += board_has(tab, &board->visits[i]);
  return count;
}

static void tabs(App *app, UiBuild *build)
{
  const Board *board = app->board;
  Arena *arena = ui_build_arena(build);
  ui_row_begin(build, 12);
  for (int i = 0; i < BOARD_TAB_COUNT; i++)
    ui_button(build, &(UiButton){.id = TABS[i].id,
                                 .label = arena_printf(arena, "%s  %zu", say(app, TABS[i].label),
                                                       count_of(board, (BoardTab)i)),
                                 .kind = board->tab == (BoardTab)i ? UI_PRIMARY : UI_SECONDARY,
                                 .grow = true,
                                 .act = {VERB_TAB, i}});
  ui_end(build);
}

static void row_button(App *app, UiBuild *build, const char *id, size_t index, const char *label, int verb,
                       UiButtonKind kind)
{
  ui_button(build, &(UiButton){.id = arena_printf(ui_build_arena(build), "board.%s.%zu", id, index),
                               .label = say(app, label),
                               .kind = kind,
                               .act = {verb, (int64_t)index}});
}

static void visit_actions(App *app, UiBuild *build, size_t index)
{
  const Appointment *visit = &app->board->visits[index];
  if (!app->board->may_edit) return;
  switch (visit->status) {
  case APPT_ARRIVED:
    row_button(app, build, "call", index, visit->called_at ? "kiosk.board.call_again" : "kiosk.board.call", VERB_CALL,
               UI_SECONDARY);
    row_button(app, build, "room", index, "kiosk.board.room", VERB_ROOM, UI_SECONDARY);
    break;
  case APPT_BOOKED: row_button(app, build, "arrive", index, "kiosk.board.arrive", VERB_ARRIVE, UI_SECONDARY); break;
  case APPT_ROOMED:
    row_button(app, build, "undo", index, "kiosk.board.undo", VERB_UNDO, UI_QUIET);
    row_button(app, build, "finish", index, "kiosk.board.finish", VERB_FINISH, UI_SECONDARY);
    break;
  case APPT_DONE:
  case APPT_NOSHOW:
  case APPT_CANCELLED: break;
  }
}

/* row_is_stacked: what can be done stands below the words. */
static bool row_is_stacked(const UiBuild *build)
{
  return ui_build_text_scale(build) > (ui_build_is_portrait(build) ? 100 : 150);
}

static void visit_row(App *app, UiBuild *build, size_t index)
{
  const Appointment *visit = &app->board->visits[index];
  Arena *arena = ui_build_arena(build);
  const char *name = board_short_name(arena, visit->client_name), *time = say_time(app, arena, visit->start.minute);
  const char *state = state_words(app, arena, visit);
  const char *first = *visit->ticket ? visit->ticket : time, *with = visit->provider_name;
  const char *about = !*visit->ticket ? with : *with ? arena_printf(arena, "%s \xc2\xb7 %s", time, with) : time;
  ui_list_row_begin(build, &(UiListRow){.id = arena_printf(arena, "board.visit.%zu", index),
                                        .label = arena_printf(arena, "%s %s", visit->ticket, name),
                                        .dense = true});
  bool stacked = row_is_stacked(build);
  if (stacked) ui_column_begin(build, 8);
  if (stacked) ui_box_begin(build, &(UiBox){.axis = UI_ROW, .gap = 16, .cross = UI_CENTRE, .width = UI_SIZE_GROW});
  ui_cell(build, 2, UI_TYPE_DENSE_STRONG, UI_ACCENT_DEEP, first);
  ui_box_begin(build, &(UiBox){.width = {UI_GROW, 5, 0, 0}});
  ui_text(build, UI_TYPE_DENSE_STRONG, UI_INK, name);
  ui_text(build, UI_TYPE_DENSE, UI_INK_SOFT, about);
  ui_box_end(build);
  ui_cell(build, 3, UI_TYPE_DENSE, visit->called_at ? UI_GOOD : UI_INK_SOFT, state);
  if (stacked) ui_end(build);
  if (stacked) ui_row_begin(build, 12);
  visit_actions(app, build, index);
  if (stacked) ui_end(build);
  if (stacked) ui_end(build);
  ui_end(build);
}

static const char *task_words(App *app, Arena *arena, const Task *task)
{
  const char *key = arena_printf(arena, "kiosk.task.%s", task->kind);
  return i18n_has(app->config.i18n, app->language, key) ? say(app, key) : task->title;
}

static void task_row(App *app, UiBuild *build, size_t index)
{
  const Task *task = &app->board->tasks[index];
  Arena *arena = ui_build_arena(build);
  const char *words = task_words(app, arena, task), *since = minutes_since(app, arena, task->created_at);
  const char *who = *task->client_name ? board_short_name(arena, task->client_name) : say(app, "kiosk.board.someone");
  ui_list_row_begin(build,
                    &(UiListRow){.id = arena_printf(arena, "board.task.%zu", index), .label = words, .dense = true});
  ui_box_begin(build, &(UiBox){.width = {UI_GROW, 6, 0, 0}});
  ui_text(build, UI_TYPE_DENSE_STRONG, UI_INK, words);
  ui_text(build, UI_TYPE_DENSE, UI_INK_SOFT, who);
  ui_box_end(build);
  ui_cell(build, 3, UI_TYPE_DENSE, UI_INK_SOFT, since);
  if (app->board->may_close)
    row_button(app, build, "close", index, "kiosk.board.close_task", VERB_CLOSE_TASK, UI_SECONDARY);
  ui_end(build);
}

static void list(App *app, UiBuild *build)
{
  const Board *board = app->board;
  ui_scroll_begin(build, &(UiScroll){.id = "board.rows", .label = say(app, TABS[board->tab].label)});
  if (count_of(board, board->tab) == 0) {
    ui_para_soft(build, say(app, TABS[board->tab].empty));
  } else {
    ui_list_begin(build, "board.list", say(app, TABS[board->tab].label));
    for (size_t i = 0; board->tab == BOARD_HELP && i < board->task_count; i++) task_row(app, build, i);
    for (size_t i = 0; board->tab != BOARD_HELP && i < board->visit_count; i++)
      if (board_has(board->tab, &board->visits[i])) visit_row(app, build, i);
    ui_end(build);
  }
  ui_scroll_end(build);
}

static void board_build(App *app, UiBuild *build)
{
  Board *board = app->board;
  Arena *arena = ui_build_arena(build);
  int next = board_next(app);
  UiButton primary = {0};
  if (next >= 0 && board->may_edit)
    primary = (UiButton){.id = "board.call_next",
                         .label = SAY(app, arena, "kiosk.board.call_next", {"ticket", board->visits[next].ticket}),
                         .icon = UI_ICON_BELL,
                         .act = {VERB_CALL, next}};
  page_begin(app, build,
             (UiPage){.id = "board",
                      .wide = true,
                      .dense = true,
                      .tall = true,
                      .title = SAY(app, arena, "kiosk.board.title", {"site", app_place(app)->site.name}),
                      .primary = primary});
  if (board->fault != NULL) ui_notice(build, "board.fault", UI_TONE_WARN, say(app, board->fault));
  tabs(app, build);
  list(app, build);
  const char *node = arena_printf(arena, "%s \xc2\xb7 %s", board->node.name, sync_words(app, arena));
  ui_text_with(build, &(UiBox){.id = "board.sync", .role = UI_ROLE_STATUS}, UI_TYPE_DENSE, UI_INK_SOFT, UI_START, node);
  page_end(build);
}

static void board_enter(App *app)
{
  app->board->fault = NULL;
  board_read(app);
  app_tick(app, TICK_MS);
}

/* tick: minutes of waiting have passed. */
static void board_tick(App *app)
{
  board_read(app);
  app_tick(app, TICK_MS);
}

static void board_screen_act(App *app, UiAct act)
{
  app->board->fault = NULL;
  if (act.verb == VERB_BACK)
    app_go(app, GO_BACK);
  else if (act.verb == VERB_TAB)
    app->board->tab = (BoardTab)act.arg;
  else
    board_do(app, act);
}

const Screen screen_board = {.id = "board",
                             .kind = SCREEN_STAFF,
                             .enter = board_enter,
                             .build = board_build,
                             .act = board_screen_act,
                             .refresh = board_read,
                             .tick = board_tick};
