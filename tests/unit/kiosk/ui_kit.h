/* A hidden Ui with a fake clock, and a screen that a test fills, for the unit tests of kiosk/ui. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "common/base/file.h"
#include "kiosk/ui/state.h"
#include "kiosk/ui/ui.h"
#include "kiosk/ui/widget.h"
#include "tests/support/unit.h"

typedef struct Kit {
  Ui *ui;
  EnvFake env;
  UiTheme theme;
  void (*build)(struct Kit *kit, UiBuild *b);
  UiField first, second;
  UiDateEntry date;
  UiInk ink;
  int step;
  UiEvent last; /* without id and text */
  char last_id[128], last_text[4200];
  int events[UI_EVENT_QUIT + 1];
} Kit;

static Kit kit;

static void kit_build(void *state, UiBuild *b)
{
  Kit *k = state;
  k->build(k, b);
}

static void kit_handle(void *state, const UiEvent *event)
{
  Kit *k = state;
  k->last = *event;
  snprintf(k->last_id, sizeof k->last_id, "%s", event->id);
  snprintf(k->last_text, sizeof k->last_text, "%.*s", (int)event->text.len, event->text.ptr);
  k->events[event->kind]++;
}

/* settle: turns of the loop until nothing is left to draw. */
static void settle(void)
{
  for (int i = 0; i < 4; i++) ui_step(kit.ui, 0);
}

static int kit_open_size(int width, int height)
{
  memset(&kit, 0, sizeof kit);
  env_fake_init(&kit.env, 0, 1);
  kit.env.monotonic_ms = 1000;
  if (ui_theme_load("assets/theme.json", &kit.theme) != ERR_OK) return -1;
  UiConfig config = {
      .env = &kit.env.env, .theme = &kit.theme, .title = "test", .width = width, .height = height, .hidden = true};
  if (ui_open(&config, &kit.ui) != ERR_OK) return -1;
  return 0;
}

static int kit_open(void **state)
{
  (void)state;
  return kit_open_size(1280, 800);
}

static int kit_close(void **state)
{
  (void)state;
  ui_close(kit.ui);
  return 0;
}

static void show(void (*build)(Kit *kit, UiBuild *b))
{
  kit.build = build;
  ui_set_app(kit.ui, (UiApp){&kit, kit_build, kit_handle});
  settle();
  memset(kit.events, 0, sizeof kit.events);
}

__attribute__((unused)) static UiRect where(const char *name)
{
  UiRect r = {0};
  assert_true(ui_find(kit.ui, name, &r));
  return r;
}

__attribute__((unused)) static void tap(const char *name)
{
  UiRect r = where(name);
  ui_inject_tap(kit.ui, r.x + r.w / 2, r.y + r.h / 2);
  settle();
}

__attribute__((unused)) static void press(UiKey key)
{
  ui_inject_key(kit.ui, key);
  settle();
}

/* tree_has: does the accessibility tree as text contain this? */
__attribute__((unused)) static bool tree_has(const char *part)
{
  AUTO(Buf, text, buf_fini) = buf_make(1 << 20);
  ui_tree_text(kit.ui, &text);
  bool found = strstr(buf_cstr(&text), part) != NULL;
  if (!found) print_error("not in the tree: %s\n%s", part, buf_cstr(&text));
  return found;
}
