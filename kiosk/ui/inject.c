/* Synthetic input, through SDL's queue like that of devices. */
#include <SDL.h>

#include "kiosk/ui/state.h"

enum { FINGER_ID = 77, TOUCH_ID = 7 };

void ui_inject_finger(Ui *ui, int phase, int x, int y)
{
  static const uint32_t types[] = {SDL_FINGERDOWN, SDL_FINGERMOTION, SDL_FINGERUP};
  SDL_Event event = {0};
  event.tfinger.type = types[phase];
  event.tfinger.touchId = TOUCH_ID;
  event.tfinger.fingerId = FINGER_ID;
  event.tfinger.x = ((float)x + 0.5F) / (float)ui->canvas.width;
  event.tfinger.y = ((float)y + 0.5F) / (float)ui->canvas.height;
  event.tfinger.pressure = 1.0F;
  SDL_PushEvent(&event);
}

void ui_inject_tap(Ui *ui, int x, int y)
{
  ui_inject_finger(ui, 0, x, y);
  ui_inject_finger(ui, 2, x, y);
}

static void push_key(SDL_Keycode code, uint16_t modifiers)
{
  SDL_Event event = {0};
  event.key.type = SDL_KEYDOWN;
  event.key.state = SDL_PRESSED;
  event.key.keysym.sym = code;
  event.key.keysym.mod = modifiers;
  SDL_PushEvent(&event);
  event.key.type = SDL_KEYUP;
  event.key.state = SDL_RELEASED;
  SDL_PushEvent(&event);
}

static void push_text(Str text)
{
  SDL_Event event = {0};
  event.text.type = SDL_TEXTINPUT;
  size_t len = text.len < sizeof event.text.text - 1 ? text.len : sizeof event.text.text - 1;
  if (len > 0) memcpy(event.text.text, text.ptr, len);
  SDL_PushEvent(&event);
}

void ui_inject_key(Ui *ui, UiKey key)
{
  static const SDL_Keycode codes[] = {
      [UI_KEY_TAB] = SDLK_TAB,
      [UI_KEY_BACKTAB] = SDLK_TAB,
      [UI_KEY_ENTER] = SDLK_RETURN,
      [UI_KEY_SPACE] = SDLK_SPACE,
      [UI_KEY_ESCAPE] = SDLK_ESCAPE,
      [UI_KEY_BACKSPACE] = SDLK_BACKSPACE,
      [UI_KEY_DELETE] = SDLK_DELETE,
      [UI_KEY_UP] = SDLK_UP,
      [UI_KEY_DOWN] = SDLK_DOWN,
      [UI_KEY_LEFT] = SDLK_LEFT,
      [UI_KEY_RIGHT] = SDLK_RIGHT,
      [UI_KEY_PAGE_UP] = SDLK_PAGEUP,
      [UI_KEY_PAGE_DOWN] = SDLK_PAGEDOWN,
      [UI_KEY_HOME] = SDLK_HOME,
      [UI_KEY_END] = SDLK_END,
  };
  (void)ui;
  push_key(codes[key], key == UI_KEY_BACKTAB ? KMOD_LSHIFT : KMOD_NONE);
  if (key == UI_KEY_SPACE) push_text(STR(" "));
}

void ui_inject_text(Ui *ui, const char *text)
{
  (void)ui;
  Str rest = str_c(text);
  size_t piece_max = SDL_TEXTINPUTEVENT_TEXT_SIZE - 1;
  while (rest.len > 0) {
    size_t at = 0, len = 0;
    uint32_t c;
    while (utf8_next(rest, &at, &c) && at <= piece_max) len = at;
    push_text((Str){rest.ptr, len});
    rest = (Str){rest.ptr + len, rest.len - len};
  }
}

void ui_inject_scan(Ui *ui, const char *text)
{
  (void)ui;
  Str rest = str_c(text);
  size_t from = 0, at = 0;
  uint32_t c;
  while (utf8_next(rest, &at, &c)) {
    if (c == '\n')
      push_key(SDLK_RETURN, KMOD_NONE);
    else
      push_text((Str){rest.ptr + from, at - from});
    from = at;
  }
  push_key(SDLK_RETURN, KMOD_NONE);
}
