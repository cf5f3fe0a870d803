#include "kiosk/ui/present.h"

#include <SDL.h>
#include <assert.h>
#include <stdlib.h>

typedef struct Window {
  UiPresenter face; /* first */
  SDL_Window *window;
  SDL_Surface *surface; /* the window's; changes with its size */
  SDL_Surface *own;     /* drawn into when the window's surface has another format */
  int width, height;
  bool whole; /* the whole display */
} Window;

enum { RECTS_MAX = 16 };

static SDL_Surface *drawn_surface(const Window *w)
{
  return w->own != NULL ? w->own : w->surface;
}

static Err window_canvas(UiPresenter *presenter, UiCanvas *out, bool *fresh)
{
  Window *w = (Window *)presenter;
  SDL_Surface *surface = SDL_GetWindowSurface(w->window);
  if (surface == NULL) return err_because(ERR_IO, "no window surface: %s", SDL_GetError());
  *fresh = surface != w->surface || surface->w != w->width || surface->h != w->height;
  if (*fresh) {
    w->surface = surface;
    w->width = surface->w;
    w->height = surface->h;
    if (w->own != NULL) SDL_FreeSurface(w->own);
    w->own = NULL;
    bool direct = surface->format->BytesPerPixel == 4 && surface->format->Rmask == 0xff0000 &&
                  surface->format->Gmask == 0xff00 && surface->format->Bmask == 0xff;
    if (!direct) w->own = SDL_CreateRGBSurfaceWithFormat(0, surface->w, surface->h, 32, SDL_PIXELFORMAT_RGB888);
    if (!direct && w->own == NULL) return err_because(ERR_IO, "no surface: %s", SDL_GetError());
  }
  SDL_Surface *target = drawn_surface(w);
  *out = (UiCanvas){target->pixels, target->pitch / 4, target->w, target->h, {0, 0, target->w, target->h}};
  return ERR_OK;
}

static void window_show(UiPresenter *presenter, const UiRect rects[], size_t count)
{
  Window *w = (Window *)presenter;
  SDL_Rect out[RECTS_MAX];
  assert(count <= RECTS_MAX);
  for (size_t i = 0; i < count; i++) {
    out[i] = (SDL_Rect){rects[i].x, rects[i].y, rects[i].w, rects[i].h};
    if (w->own == NULL) continue;
    SDL_Rect to = out[i];
    SDL_BlitSurface(w->own, &out[i], w->surface, &to);
  }
  SDL_UpdateWindowSurfaceRects(w->window, out, (int)count);
}

static void window_refit(UiPresenter *presenter)
{
  Window *w = (Window *)presenter;
  if (!w->whole) return;
  SDL_Rect place;
  SDL_SetWindowFullscreen(w->window, 0);
  if (SDL_GetDisplayBounds(0, &place) == 0) {
    SDL_SetWindowPosition(w->window, place.x, place.y);
    SDL_SetWindowSize(w->window, place.w, place.h);
  }
  SDL_SetWindowFullscreen(w->window, SDL_WINDOW_FULLSCREEN_DESKTOP);
}

static void window_resize(UiPresenter *presenter, int width, int height)
{
  SDL_SetWindowSize(((Window *)presenter)->window, width, height);
}

static void window_close(UiPresenter *presenter)
{
  Window *w = (Window *)presenter;
  if (w->own != NULL) SDL_FreeSurface(w->own);
  if (w->window != NULL) SDL_DestroyWindow(w->window);
  SDL_QuitSubSystem(SDL_INIT_VIDEO);
  free(w);
}

/* set_hints: before SDL starts. Fingers come as fingers only; the surface is plain memory; nothing polls. */
static void set_hints(const UiConfig *config)
{
  if (config->hidden) SDL_SetHint(SDL_HINT_VIDEODRIVER, "dummy");
  SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
  SDL_SetHint(SDL_HINT_RENDER_DRIVER, "software");
  SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0");
  SDL_SetHint(SDL_HINT_MOUSE_TOUCH_EVENTS, "0");
  SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
  SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
  SDL_SetHint(SDL_HINT_IME_SHOW_UI, "0");
  SDL_SetHint(SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0");
  setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", 0); /* where there is no session bus, SDL would have one started */
}

Err ui_present_window(const UiConfig *config, UiPresenter **out)
{
  set_hints(config);
  if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) return err_because(ERR_IO, "no display: %s", SDL_GetError());
  Window *w = calloc(1, sizeof *w);
  if (w == NULL) abort();
  w->face = (UiPresenter){window_canvas, window_show, window_refit, window_resize, window_close};
  bool whole = w->whole = config->width <= 0 || config->height <= 0;
  uint32_t flags =
      SDL_WINDOW_SHOWN | (whole ? SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_BORDERLESS : SDL_WINDOW_RESIZABLE);
  SDL_Rect place = {SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, config->width, config->height};
  /* In its final place and size from the start: without a window manager nobody else would move it there. */
  if (whole && SDL_GetDisplayBounds(0, &place) != 0) place = (SDL_Rect){0, 0, 1280, 800};
  const char *title = config->title != NULL ? config->title : "";
  w->window = SDL_CreateWindow(title, place.x, place.y, place.w, place.h, flags);
  if (w->window == NULL) {
    Err err = err_because(ERR_IO, "no window: %s", SDL_GetError());
    window_close(&w->face);
    return err;
  }
  if (!config->show_pointer) SDL_ShowCursor(SDL_DISABLE);
  SDL_StartTextInput();
  *out = &w->face;
  return ERR_OK;
}
