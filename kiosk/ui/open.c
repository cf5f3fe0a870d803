/* Opening, settings, forgetting, closing. */
#include <SDL.h>
#include <assert.h>
#include <malloc.h>
#include <stdlib.h>

#include "common/base/crypto.h"
#include "kiosk/ui/state.h"

enum { TREE_MAX = 32 << 20 };

UiLocale ui_locale_english(void)
{
  return (UiLocale){.rtl = false,
                    .keys = UI_LAYOUT_EN,
                    .date_order = UI_DATE_MDY,
                    .words = {.back = "Back",
                              .help = "Help",
                              .start_over = "Start over",
                              .language = "Language",
                              .text_size = "Text size",
                              .keyboard = "Keyboard",
                              .space = "space",
                              .backspace = "Delete letter",
                              .shift = "Capitals",
                              .done = "Done",
                              .next = "Next field",
                              .symbols = "Numbers and signs",
                              .letters = "Letters",
                              .accents = "Letters with accents",
                              .day = "Day",
                              .month = "Month",
                              .year = "Year",
                              .months = {"January", "February", "March", "April", "May", "June", "July", "August",
                                         "September", "October", "November", "December"},
                              .date_pattern = "{month} {day}, {year}",
                              .clear = "Clear",
                              .sign_here = "Sign here",
                              .signed_ = "signed",
                              .more_below = "There is more below",
                              .scroll_up = "Up",
                              .scroll_down = "Down",
                              .required = "required"}};
}

Err ui_open(const UiConfig *config, Ui **out)
{
  Ui *ui = calloc(1, sizeof *ui);
  if (ui == NULL) abort();
#ifdef __GLIBC__
  /* What libraries free (shaping buffers, event texts) may have held personal text: overwrite all memory on free. */
  mallopt(M_PERTURB, 0x5a);
#endif
  ui->env = config->env;
  ui->theme = *config->theme;
  ui->locale = ui_locale_english();
  ui->text_scale = 100;
  ui->density_config = config->density_percent;
  ui->arenas[0] = arena_make_wiping(TREE_MAX);
  ui->arenas[1] = arena_make_wiping(TREE_MAX);
  ui->stale = true;
  Err err = ui_present_window(config, &ui->presenter);
  if (err == ERR_OK) err = ui_text_open(&ui->text);
  if (err != ERR_OK) {
    ui_close(ui);
    return err;
  }
  ui->wake_event = SDL_RegisterEvents(2); /* and one for blanks */
  ui->last_input_ms = env_monotonic_ms(ui->env);
  *out = ui;
  return ERR_OK;
}

void ui_set_app(Ui *ui, UiApp app)
{
  ui->app = app;
  ui->stale = true;
}

void ui_set_locale(Ui *ui, const UiLocale *locale)
{
  ui->locale = *locale;
  ui->stale = true;
}

void ui_set_theme(Ui *ui, const UiTheme *theme)
{
  ui->theme = *theme;
  ui->stale = true;
}

void ui_set_text_scale(Ui *ui, int percent)
{
  assert(percent == 100 || percent == 150 || percent == 200);
  ui->text_scale = percent;
  ui->reveal = ui->editing;
  ui->stale = true;
}

int ui_text_scale(const Ui *ui)
{
  return ui->text_scale;
}

void ui_focus(Ui *ui, const char *id)
{
  size_t len = id != NULL ? strnlen(id, UI_ID_MAX - 1) : 0;
  memset(ui->wanted_focus, 0, sizeof ui->wanted_focus);
  if (len > 0) memcpy(ui->wanted_focus, id, len);
  ui->focus_wanted = ui->stale = true;
}

void ui_scroll_to_top(Ui *ui)
{
  for (int i = 0; i < UI_SCROLLS_MAX; i++) ui->scrolls[i].offset = 0;
  ui->stale = true;
}

/* clear_event_queue: SDL keeps used entries for reuse; give each of those a harmless event to hold. */
static void clear_event_queue(uint32_t blank_event)
{
  enum { ENTRIES = 256 };
  SDL_FlushEvents(SDL_KEYDOWN, SDL_MULTIGESTURE);
  for (int i = 0; i < ENTRIES; i++) {
    SDL_Event blank = {0};
    blank.type = blank_event;
    SDL_PushEvent(&blank);
  }
  SDL_FlushEvent(blank_event);
}

void ui_forget(Ui *ui)
{
  ui_input_cancel(ui);
  clear_event_queue(ui->wake_event + 1);
  ui_scanner_wipe(&ui->scanner);
  crypto_wipe(ui->scrolls, sizeof ui->scrolls);
  crypto_wipe(ui->enter_id, sizeof ui->enter_id);
  crypto_wipe(ui->escape_id, sizeof ui->escape_id);
  crypto_wipe(ui->wanted_focus, sizeof ui->wanted_focus);
  ui->focus_wanted = false;
  ui->pressed = ui->focused = ui->editing = ui->reveal = 0;
  ui->show_focus = ui->shift = ui->shift_lock = false;
  ui->layer = UI_LAYER_LETTERS;
  ui->enter = ui->escape = (UiAct){0};
  ui->root = NULL;
  arena_reset(&ui->arenas[0]);
  arena_reset(&ui->arenas[1]);
  ui_text_forget(ui->text);
  ui_damage_forget(&ui->damage);
  if (ui->canvas.pixels != NULL) {
    UiRect whole = {0, 0, ui->canvas.width, ui->canvas.height};
    ui->canvas.clip = whole;
    ui_draw_fill(&ui->canvas, whole, ui->theme.colour[UI_PAPER], 255);
    ui->presenter->show(ui->presenter, &whole, 1);
  }
  ui->stale = true;
}

void ui_close(Ui *ui)
{
  if (ui == NULL) return;
  if (ui->text != NULL) ui_forget(ui);
  ui_text_close(ui->text);
  ui_damage_forget(&ui->damage);
  ui_draw_release();
  ui_icon_release();
  arena_fini(&ui->arenas[0]);
  arena_fini(&ui->arenas[1]);
  if (ui->presenter != NULL) ui->presenter->close(ui->presenter);
  crypto_wipe(ui, sizeof *ui);
  free(ui);
}

UiStats ui_stats(const Ui *ui)
{
  UiStats stats = ui->stats;
  stats.text_cache_bytes = ui_text_bytes(ui->text);
  stats.text_cache_max_bytes = (size_t)UI_TEXT_MASKS_MAX + UI_TEXT_PARAS_MAX;
  return stats;
}

int ui_width(const Ui *ui)
{
  return ui->canvas.width;
}

int ui_height(const Ui *ui)
{
  return ui->canvas.height;
}

int ui_density_percent(const Ui *ui)
{
  return ui->density;
}
