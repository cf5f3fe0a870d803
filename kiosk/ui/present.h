/* Present: where pixels go. One small interface, so that a display without a window system can take SDL's place; what is
 * drawn is the same to the byte. Not for screens. */
#pragma once

#include "kiosk/ui/draw.h"

typedef struct UiPresenter UiPresenter;
struct UiPresenter {
  /* canvas: the pixels to draw into, as they were left; the size may differ from the last call's after a display change.
   * *fresh is set when their content is unknown and all must be drawn. ERR_IO when there is no display any more. */
  Err (*canvas)(UiPresenter *presenter, UiCanvas *out, bool *fresh);
  /* show: hand these parts of the canvas to the display. */
  void (*show)(UiPresenter *presenter, const UiRect rects[], size_t count);
  /* refit: the display was turned, replugged or changed its mode; take its new size. */
  void (*refit)(UiPresenter *presenter);
  void (*resize)(UiPresenter *presenter, int width, int height);
  void (*close)(UiPresenter *presenter);
};

/* ui_present_window: an SDL window over the software renderer's surface; with `hidden` on SDL's dummy driver. Initializes
 * SDL's video and events and nothing else. */
MUST_CHECK Err ui_present_window(const UiConfig *config, UiPresenter **out);
