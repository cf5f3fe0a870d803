#include "kiosk/ui/ui.h"

#include <SDL.h>
#include <assert.h>
#include <stdlib.h>

#include "common/base/crypto.h"
#include "kiosk/ui/state.h"

enum { BUILDS_MAX = 4 /* of one tree, until its scroll areas have settled */, REFERENCE_SIDE = 800 };

/* --- tree ------------------------------------------------------------------------------------------------------- */

UiScrollState *ui_scroll_of(Ui *ui, uint64_t id_hash)
{
  for (int i = 0; i < UI_SCROLLS_MAX; i++)
    if (id_hash != 0 && ui->scrolls[i].id_hash == id_hash) return &ui->scrolls[i];
  return NULL;
}

static void copy_id(char out[UI_ID_MAX], const char *id)
{
  size_t len = id != NULL ? strnlen(id, UI_ID_MAX - 1) : 0;
  if (len > 0) memcpy(out, id, len);
  crypto_wipe(out + len, UI_ID_MAX - len);
}

static void build_tree(Ui *ui)
{
  ui->arena ^= 1;
  Arena *arena = &ui->arenas[ui->arena];
  arena_reset(arena);
  ui_text_next_build(ui->text);
  UiBuild build = {.arena = arena,
                   .text = ui->text,
                   .theme = &ui->theme,
                   .locale = &ui->locale,
                   .width_px = ui->canvas.width,
                   .height_px = ui->canvas.height,
                   .density = ui->density,
                   .text_scale = ui->text_scale,
                   .pressed = ui->pressed,
                   .focused = ui->focused,
                   .editing = ui->editing,
                   .editing_in_dialog = ui->editing_in_dialog,
                   .show_focus = ui->show_focus,
                   .layer = ui->layer,
                   .shift = ui->shift,
                   .shift_lock = ui->shift_lock,
                   .scrolls = ui->scrolls};
  ui_box_begin(&build, &(UiBox){.id = "window", .axis = UI_STACK, .paint = {.fill = UI_PAPER}});
  if (ui->app.build != NULL) ui->app.build(ui->app.state, &build);
  ui_box_end(&build);
  assert(build.open == NULL); /* every begin has its end */
  ui->root = build.root;
  ui->undrawn = true;
  ui->enter = build.enter;
  ui->escape = build.escape;
  copy_id(ui->enter_id, build.enter_id);
  copy_id(ui->escape_id, build.escape_id);
  ui->stats.builds++;
}

/* settle_scrolls: forget areas that are gone; true when one's buttons must appear or go, so that it is built again. */
static bool settle_scrolls(Ui *ui)
{
  bool again = false;
  for (int i = 0; i < UI_SCROLLS_MAX; i++) {
    UiScrollState *s = &ui->scrolls[i];
    if (s->build != ui->build_number) *s = (UiScrollState){0};
    if (s->rail != (s->most > 0)) again = true;
    s->rail = s->most > 0;
  }
  return again;
}

static void lay_out(Ui *ui)
{
  UiLayout layout = {ui->text, ui->locale.rtl, ui->scrolls, ui->build_number};
  ui_layout(&layout, ui->root, ui->canvas.width, ui->canvas.height);
}

static void settle_focus(Ui *ui)
{
  UiNode *top = ui_tree_modal(ui->root), *focused = ui_tree_find(top, ui->focused);
  if (focused == NULL || !focused->focusable) ui->focused = 0;
  if (ui_tree_find(top, ui->editing) == NULL) ui->editing = 0;
  if (ui_tree_find(ui->root, ui->pressed) == NULL) ui->pressed = 0;
}

/* tell_read_ends: scroll areas whose end has now been seen. */
static void tell_read_ends(Ui *ui)
{
  for (int i = 0; i < UI_SCROLLS_MAX; i++) {
    UiScrollState *s = &ui->scrolls[i];
    if (!s->tells_end || !s->end_seen || s->reported) continue;
    s->reported = true;
    ui_tell(ui, UI_EVENT_READ_END, (UiAct){0}, s->id, (Str){0}, 0);
  }
}

static void grant_wanted_focus(Ui *ui)
{
  ui->focus_wanted = false;
  UiNode *node = ui_tree_find(ui->root, *ui->wanted_focus ? ui_hash_id(ui->wanted_focus) : 0);
  if (node == NULL) {
    ui->focused = 0;
    ui_edit_end(ui);
  } else {
    ui->focused = ui->reveal = node->id_hash;
    if (node->field != NULL) ui_edit_begin(ui, node);
  }
  ui->stale = true;
}

void ui_sync(Ui *ui)
{
  for (int turn = 0; ui->stale && turn < 2 * BUILDS_MAX; turn++) {
    ui->stale = false;
    ui->build_number++;
    int tries = 0;
    do {
      build_tree(ui);
      lay_out(ui);
    } while (settle_scrolls(ui) && ++tries < BUILDS_MAX);
    settle_focus(ui);
    if (ui->focus_wanted) grant_wanted_focus(ui);
    if (ui->reveal != 0 && !ui->stale) {
      UiNode *node = ui_tree_find(ui->root, ui->reveal);
      ui->reveal = 0;
      if (node != NULL) ui_scroll_reveal(ui, node);
    }
    tell_read_ends(ui);
  }
}

void ui_tell(Ui *ui, UiEventKind kind, UiAct act, const char *id, Str text, int number)
{
  ui->stale = true;
  if (ui->app.handle == NULL) return;
  char own_id[UI_ID_MAX], own_text[UI_SCANNER_MAX + 8] = {0};
  copy_id(own_id, id);
  assert(text.len < sizeof own_text);
  if (text.len > 0) memcpy(own_text, text.ptr, text.len);
  UiEvent event = {kind, act, own_id, {own_text, text.len}, number};
  ui->app.handle(ui->app.state, &event);
  crypto_wipe(own_text, text.len);
}

/* --- frames ----------------------------------------------------------------------------------------------------- */

static Err take_canvas(Ui *ui, bool *fresh)
{
  UiCanvas canvas;
  TRY(ui->presenter->canvas(ui->presenter, &canvas, fresh));
  bool other = canvas.width != ui->canvas.width || canvas.height != ui->canvas.height;
  ui->canvas = canvas;
  if (!other) return ERR_OK;
  int side = canvas.width < canvas.height ? canvas.width : canvas.height;
  ui->density = ui->density_config > 0 ? ui->density_config : (side * 100 + REFERENCE_SIDE / 2) / REFERENCE_SIDE;
  if (ui->density < 25) ui->density = 25;
  ui_draw_release();
  ui_icon_release();
  ui->stale = true;
  return ERR_OK;
}

/* draw_frame: what differs from the last one; false when nothing does. */
static bool draw_frame(Ui *ui)
{
  bool fresh;
  if (take_canvas(ui, &fresh) != ERR_OK) {
    ui->lost_tries++;
    return false;
  }
  ui->lost_tries = 0;
  ui_sync(ui);
  ui->undrawn = false;
  if (fresh) ui_damage_forget(&ui->damage);
  UiPainting painting = {&ui->canvas, ui->text, &ui->theme, ui->density, ui->locale.rtl};
  UiRect dirty[UI_DIRTY_MAX] = {0}, whole = {0, 0, ui->canvas.width, ui->canvas.height};
  size_t count = ui_damage_update(&ui->damage, &painting, ui->root, dirty);
  for (size_t i = 0; i < count; i++) {
    dirty[i] = ui_rect_intersect(dirty[i], whole);
    ui->canvas.clip = dirty[i];
    ui_paint(&painting, ui->root);
    ui->stats.pixels += (uint64_t)dirty[i].w * (uint64_t)dirty[i].h;
  }
  ui->canvas.clip = whole;
  if (ui->exposed || fresh) {
    dirty[0] = whole;
    count = 1;
    ui->exposed = false;
  }
  if (count == 0) return false;
  ui->presenter->show(ui->presenter, dirty, count);
  ui->stats.frames++;
  return true;
}

/* --- events ----------------------------------------------------------------------------------------------------- */

static int key_of(const SDL_KeyboardEvent *event)
{
  static const struct {
    SDL_Keycode code;
    UiKey key;
  } keys[] = {
      {SDLK_SPACE, UI_KEY_SPACE},
      {SDLK_ESCAPE, UI_KEY_ESCAPE},
      {SDLK_AC_BACK, UI_KEY_ESCAPE},
      {SDLK_BACKSPACE, UI_KEY_BACKSPACE},
      {SDLK_DELETE, UI_KEY_DELETE},
      {SDLK_UP, UI_KEY_UP},
      {SDLK_DOWN, UI_KEY_DOWN},
      {SDLK_LEFT, UI_KEY_LEFT},
      {SDLK_RIGHT, UI_KEY_RIGHT},
      {SDLK_PAGEUP, UI_KEY_PAGE_UP},
      {SDLK_PAGEDOWN, UI_KEY_PAGE_DOWN},
      {SDLK_HOME, UI_KEY_HOME},
      {SDLK_END, UI_KEY_END},
      {SDLK_TAB, UI_KEY_TAB},
      {SDLK_RETURN, UI_KEY_ENTER},
      {SDLK_RETURN2, UI_KEY_ENTER},
      {SDLK_KP_ENTER, UI_KEY_ENTER},
  };
  for (size_t i = 0; i < COUNT_OF(keys); i++)
    if (keys[i].code == event->keysym.sym) return (int)keys[i].key;
  return -1;
}

static void handle_key(Ui *ui, const SDL_KeyboardEvent *event)
{
  int key = key_of(event);
  ui->swallow_text = false;
  if (key < 0) return;
  bool in_burst = ui->scanner.characters >= UI_SCANNER_LEAST;
  if (key == UI_KEY_ENTER || (key == UI_KEY_TAB && in_burst)) {
    ui_input_enter(ui, event->timestamp);
    return;
  }
  if (key == UI_KEY_SPACE) {
    if (ui->scanner.len > 0) return; /* its text comes as text */
  } else {
    ui_input_flush(ui);
  }
  bool back = key == UI_KEY_TAB && (event->keysym.mod & KMOD_SHIFT);
  ui_input_key(ui, back ? UI_KEY_BACKTAB : (UiKey)key);
}

static void handle_window(Ui *ui, const SDL_WindowEvent *event)
{
  switch (event->event) {
  case SDL_WINDOWEVENT_EXPOSED: ui->exposed = true; break;
  case SDL_WINDOWEVENT_SIZE_CHANGED:
    ui->exposed = true;
    ui_input_cancel(ui);
    ui_tell(ui, UI_EVENT_DISPLAY, (UiAct){0}, "", (Str){0}, 0);
    break;
  case SDL_WINDOWEVENT_FOCUS_LOST: ui_input_cancel(ui); break;
  default: break;
  }
}

/* is_from_touch: the mouse events that some drivers make of fingers, hints or not. */
static bool is_from_touch(uint32_t which)
{
  return which == SDL_TOUCH_MOUSEID;
}

static void handle_event(Ui *ui, const SDL_Event *event)
{
  static const int64_t mouse = INT64_MIN;
  int x = (int)(event->tfinger.x * (float)ui->canvas.width), y = (int)(event->tfinger.y * (float)ui->canvas.height);
  switch (event->type) {
  case SDL_FINGERDOWN: ui_input_finger(ui, 0, event->tfinger.fingerId, x, y); break;
  case SDL_FINGERMOTION: ui_input_finger(ui, 1, event->tfinger.fingerId, x, y); break;
  case SDL_FINGERUP: ui_input_finger(ui, 2, event->tfinger.fingerId, x, y); break;
  case SDL_MOUSEBUTTONDOWN:
    if (!is_from_touch(event->button.which) && event->button.button == SDL_BUTTON_LEFT)
      ui_input_finger(ui, 0, mouse, event->button.x, event->button.y);
    break;
  case SDL_MOUSEBUTTONUP:
    if (!is_from_touch(event->button.which) && event->button.button == SDL_BUTTON_LEFT)
      ui_input_finger(ui, 2, mouse, event->button.x, event->button.y);
    break;
  case SDL_MOUSEMOTION:
    if (!is_from_touch(event->motion.which) && (event->motion.state & SDL_BUTTON_LMASK))
      ui_input_finger(ui, 1, mouse, event->motion.x, event->motion.y);
    break;
  case SDL_MOUSEWHEEL: ui_scroll_by(ui, ui_scroll_main(ui), -event->wheel.y * 80 * ui->density / 100); break;
  case SDL_KEYDOWN: handle_key(ui, &event->key); break;
  case SDL_TEXTINPUT: ui_input_text(ui, str_c(event->text.text), event->text.timestamp); break;
  case SDL_WINDOWEVENT: handle_window(ui, &event->window); break;
  case SDL_DISPLAYEVENT:
    if (event->display.event != SDL_DISPLAYEVENT_NONE) ui->presenter->refit(ui->presenter);
    ui->exposed = true;
    ui_tell(ui, UI_EVENT_DISPLAY, (UiAct){0}, "", (Str){0}, 0);
    break;
  case SDL_RENDER_TARGETS_RESET: ui->exposed = true; break;
  case SDL_QUIT: ui_tell(ui, UI_EVENT_QUIT, (UiAct){0}, "", (Str){0}, 0); break;
  default:
    if (event->type == ui->wake_event && event->user.code >= 0)
      ui_tell(ui, UI_EVENT_WAKE, (UiAct){0}, "", (Str){0}, event->user.code);
  }
}

/* --- time ------------------------------------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
  return b >= 0 && (a < 0 || b < a) ? b : a;
}

/* wait_ms: until the next thing that is due; -1: for ever. */
static int64_t wait_ms(const Ui *ui)
{
  int64_t now = env_monotonic_ms(ui->env), wait = -1;
  for (int i = 0; i < UI_TIMERS_MAX; i++)
    if (ui->timers[i].due_ms > 0) wait = sooner(wait, ui->timers[i].due_ms - now > 0 ? ui->timers[i].due_ms - now : 0);
  if (ui->idle_after_ms > 0 && !ui->idle_told) {
    int64_t left = ui->last_input_ms + ui->idle_after_ms - now;
    wait = sooner(wait, left > 0 ? left : 0);
  }
  int64_t scan_due = ui_scanner_due(&ui->scanner);
  if (scan_due >= 0) {
    int64_t left = scan_due - (int64_t)SDL_GetTicks();
    wait = sooner(wait, left > 0 ? left : 0);
  }
  int64_t poll_due = ui->poll_due != NULL ? ui->poll_due(ui->poll_state) : -1;
  if (poll_due >= 0) wait = sooner(wait, poll_due - now > 0 ? poll_due - now : 0);
  return ui->lost_tries > 0 ? sooner(wait, 1000) : wait;
}

static void run_timers(Ui *ui)
{
  int64_t now = env_monotonic_ms(ui->env);
  for (int i = 0; i < UI_TIMERS_MAX; i++) {
    UiTimer *timer = &ui->timers[i];
    if (timer->due_ms == 0 || timer->due_ms > now) continue;
    timer->due_ms = 0;
    ui_tell(ui, UI_EVENT_TIMER, (UiAct){0}, "", (Str){0}, timer->number);
  }
  if (ui->idle_after_ms > 0 && !ui->idle_told && now >= ui->last_input_ms + ui->idle_after_ms) {
    ui->idle_told = true;
    ui_tell(ui, UI_EVENT_IDLE, (UiAct){0}, "", (Str){0}, 0);
  }
  ui_input_tick(ui, SDL_GetTicks());
}

static bool needs_frame(const Ui *ui)
{
  return ui->stale || ui->undrawn || ui->exposed;
}

bool ui_step(Ui *ui, int timeout_ms)
{
  enum { EVENTS_MAX = 512 };
  SDL_Event event = {0};
  int64_t wait = wait_ms(ui);
  if (needs_frame(ui)) wait = 0;
  if (timeout_ms >= 0 && (wait < 0 || wait > timeout_ms)) wait = timeout_ms;
  if (wait > INT32_MAX) wait = INT32_MAX;
  bool got = wait == 0 ? SDL_PollEvent(&event) != 0 : SDL_WaitEventTimeout(&event, (int)wait) != 0;
  uint64_t began = SDL_GetPerformanceCounter();
  ui->stats.wakeups++;
  for (int i = 0; got && i < EVENTS_MAX && !ui->quit; i++) {
    handle_event(ui, &event);
    got = SDL_PollEvent(&event) != 0;
  }
  crypto_wipe(&event, sizeof event);
  run_timers(ui);
  bool drew = (needs_frame(ui) || ui->lost_tries > 0) && draw_frame(ui);
  uint64_t took = SDL_GetPerformanceCounter() - began;
  if (drew) ui->stats.last_frame_us = (int64_t)(took * 1000000 / SDL_GetPerformanceFrequency());
  if (ui->poll != NULL) ui->poll(ui->poll_state);
  return drew;
}

Err ui_run(Ui *ui)
{
  enum { LOST_TRIES_MAX = 120 };
  while (!ui->quit) {
    ui_step(ui, -1);
    if (ui->lost_tries > LOST_TRIES_MAX) return err_because(ERR_IO, "the display is lost");
  }
  return ERR_OK;
}

void ui_quit(Ui *ui)
{
  ui->quit = true;
}

void ui_invalidate(Ui *ui)
{
  ui->stale = true;
}

void ui_wake(Ui *ui, int number)
{
  SDL_Event event = {.user = {.type = ui->wake_event, .code = number}};
  SDL_PushEvent(&event);
}

void ui_timer_cancel(Ui *ui, int number)
{
  for (int i = 0; i < UI_TIMERS_MAX; i++)
    if (ui->timers[i].number == number) ui->timers[i].due_ms = 0;
}

void ui_timer(Ui *ui, int number, int delay_ms)
{
  ui_timer_cancel(ui, number);
  int64_t due = env_monotonic_ms(ui->env) + (delay_ms > 0 ? delay_ms : 0);
  int i = 0;
  while (i < UI_TIMERS_MAX && ui->timers[i].due_ms != 0) i++;
  assert(i < UI_TIMERS_MAX);
  ui->timers[i] = (UiTimer){number, due > 0 ? due : 1};
}

void ui_set_idle(Ui *ui, int after_ms)
{
  ui->idle_after_ms = after_ms;
  ui->last_input_ms = env_monotonic_ms(ui->env);
  ui->idle_told = false;
}
