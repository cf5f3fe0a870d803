/* Colour: sRGB colours of the theme, their contrast (WCAG 2.2), and what follows from a practice's accent colour. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"

typedef uint32_t Colour; /* 0xRRGGBB */

enum { COLOUR_TEXT_LEN = 7, COLOUR_TEXT_CONTRAST_X100 = 700 };

/* colour_parse: "#rrggbb". colour_text writes the same. */
bool colour_parse(Str text, Colour *out);
void colour_text(Colour colour, char out[COLOUR_TEXT_LEN + 1]);
/* colour_contrast_x100: WCAG 2 contrast of two colours, times 100, rounded down: 100..2100. */
int colour_contrast_x100(Colour a, Colour b);
/* colour_mix: `part` of 256 of `b` in `a`. */
Colour colour_mix(Colour a, Colour b, int part);
/* colour_until: `colour` mixed with `towards` just so far that it has the wanted contrast (times 100) on `ground`. */
Colour colour_until(Colour colour, Colour towards, Colour ground, int wanted_x100);

typedef struct AccentColours {
  Colour accent, pressed, deep, soft, on; /* the theme's accent, accent-pressed, accent-deep, accent-soft, on-accent */
} AccentColours;
typedef struct AccentPage {
  Colour paper, paper_deep, surface, ink_soft;
} AccentPage;
/* colour_accent: on a light page (paper lighter than mid-grey) the accent is darkened until white text has 7:1 on it; on a dark one it is lightened
 * until it has 7:1 on the surface, and its text is near black. `soft` has as much of it as ink_soft allows; `deep` is readable on all grounds and on
 * `soft`. */
AccentColours colour_accent(Colour accent, const AccentPage *page);
