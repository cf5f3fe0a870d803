/* Fonts: which face has a character, and shaped runs of one face, size, direction and script (HarfBuzz, through SDL_ttf).
 * Faces come from an explicit list of Debian's files; only those needed are opened. Not for screens: text.h is. */
#pragma once

#include "kiosk/ui/draw.h"

typedef struct UiFonts UiFonts;

/* UiRun: text to shape in one go. */
typedef struct UiRun {
  uint16_t face;
  uint16_t script;
  uint16_t size_px;
  bool rtl;
  Str text;
} UiRun;

/* UiInkMask: a run's coverage, cut to its ink; `left` and `top` from the pen's start and the baseline (top: upwards). */
typedef struct UiRunMask {
  UiMask mask;
  int left, top;
} UiRunMask;

enum { UI_SCRIPT_COMMON = 0, UI_SCRIPT_LATIN = 1 }; /* 0: digits, punctuation, marks: take their neighbour's */
enum { UI_FACE_NONE = UINT16_MAX, UI_RUN_MAX = 1024 /* bytes */ };

/* ui_fonts_open: the sans faces for Latin must be there. ERR_NOT_FOUND: err_detail names the package. */
MUST_CHECK Err ui_fonts_open(UiFonts **out);
void ui_fonts_close(UiFonts *fonts);
uint16_t ui_fonts_script(uint32_t code_point);
/* ui_fonts_face: an installed face of that family and weight with the character, looked for first among those of
 * `script`; UI_FACE_NONE when no listed font has it. */
uint16_t ui_fonts_face(UiFonts *fonts, UiFamily family, bool bold, uint16_t script, uint32_t code_point);
/* ui_fonts_metrics: of the Latin face of that family, px above and below the baseline. */
void ui_fonts_metrics(UiFonts *fonts, UiFamily family, bool bold, int size_px, int *ascent, int *descent);
/* ui_fonts_measure: the run's advance in px. */
int ui_fonts_measure(UiFonts *fonts, UiRun run);
/* ui_fonts_render: the caller frees mask.alpha (wiping it). Empty when it has no ink. */
UiRunMask ui_fonts_render(UiFonts *fonts, UiRun run);
/* ui_fonts_forget: overwrite what the shaper keeps of the last texts. */
void ui_fonts_forget(UiFonts *fonts);
