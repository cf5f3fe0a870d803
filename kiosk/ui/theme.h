/* Theme: the design tokens of assets/theme.json, shared by the kiosk and the web pages.
 *
 * Lengths in the file are dp: one pixel of a 10-inch 1280x800 panel (150 dpi). The kiosk multiplies by the display's
 * density (ui.h); text sizes also by the person's text scale, each type by its own share ("grow": large headings need
 * not double). Every text colour has a contrast of at least 7:1 on the grounds it is named for; a test holds that.
 */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

/* UI_COLOURS: constant, name in theme.json and (as --colour-NAME) in CSS. */
#define UI_COLOURS(X)                                                                                           \
  X(UI_PAPER, "paper")           /* the page */                                                                 \
  X(UI_PAPER_DEEP, "paper-deep") /* bars and wells on the page */                                               \
  X(UI_SURFACE, "surface")       /* cards, fields, keys */                                                      \
  X(UI_SURFACE_PRESSED, "surface-pressed")                                                                      \
  X(UI_INK, "ink")                 /* text */                                                                   \
  X(UI_INK_SOFT, "ink-soft")       /* secondary text; still 7:1 */                                              \
  X(UI_INK_FAINT, "ink-faint")     /* text of what is disabled; never carries information alone */              \
  X(UI_LINE, "line")               /* hairlines */                                                              \
  X(UI_LINE_STRONG, "line-strong") /* edges of what can be touched; 3:1 */                                      \
  X(UI_ACCENT, "accent")           /* the practice's colour, darkened where needed so that on-accent has 7:1 */ \
  X(UI_ACCENT_PRESSED, "accent-pressed")                                                                        \
  X(UI_ACCENT_DEEP, "accent-deep") /* accent as text on paper, bars, surface and accent-soft */                 \
  X(UI_ACCENT_SOFT, "accent-soft") /* ground of what is chosen */                                               \
  X(UI_ON_ACCENT, "on-accent")                                                                                  \
  X(UI_FOCUS, "focus") /* inner band of the focus ring; the outer band is ink */                                \
  X(UI_GOOD, "good")                                                                                            \
  X(UI_GOOD_SOFT, "good-soft")                                                                                  \
  X(UI_WARN, "warn")                                                                                            \
  X(UI_WARN_SOFT, "warn-soft")                                                                                  \
  X(UI_BAD, "bad")                                                                                              \
  X(UI_BAD_SOFT, "bad-soft")                                                                                    \
  X(UI_SCRIM, "scrim") /* over the page behind a dialog, at the file's opacity "scrim" */

typedef enum UiColour {
  UI_NO_COLOUR,
#define UI_COLOUR_NAME(constant, name) constant,
  UI_COLOURS(UI_COLOUR_NAME)
#undef UI_COLOUR_NAME
      UI_COLOUR_COUNT
} UiColour;

/* UI_TYPES: the type scale. Sizes, weights, families and growth are in the file. */
#define UI_TYPES(X)                                                                      \
  X(UI_TYPE_BODY, "body")       /* what people read: 39 dp */                            \
  X(UI_TYPE_STRONG, "strong")   /* the same in bold */                                   \
  X(UI_TYPE_DISPLAY, "display") /* one word or number a screen: welcome, queue number */ \
  X(UI_TYPE_TITLE, "title")     /* the question of the screen */                         \
  X(UI_TYPE_HEADING, "heading") /* within a page */                                      \
  X(UI_TYPE_LABEL, "label")     /* above fields */                                       \
  X(UI_TYPE_NOTE, "note")       /* help, details, errors, badges */                      \
  X(UI_TYPE_ACTION, "action")   /* on buttons */                                         \
  X(UI_TYPE_TOOL, "tool")       /* Back, Help, Language, progress */                     \
  X(UI_TYPE_KEY, "key")         /* on the on-screen keyboard */                          \
  X(UI_TYPE_ENTRY, "entry")     /* what was typed */                                     \
  X(UI_TYPE_DENSE, "dense")     /* staff board */                                        \
  X(UI_TYPE_DENSE_STRONG, "dense-strong")

typedef enum UiType {
#define UI_TYPE_NAME(constant, name) constant,
  UI_TYPES(UI_TYPE_NAME)
#undef UI_TYPE_NAME
      UI_TYPE_COUNT
} UiType;

typedef enum UiFamily { UI_FAMILY_SANS, UI_FAMILY_SERIF } UiFamily;

typedef struct UiTypeToken {
  int size_dp;
  int line_dp; /* line height */
  UiFamily family;
  bool bold;
  int grow_percent; /* how much of the text scale it follows: 100 fully, 0 not at all */
} UiTypeToken;

typedef uint32_t UiRgb; /* 0xRRGGBB */

/* Spacing steps in dp, from the file's "space" list; UI_SPACE_4 is the gap between targets. */
enum { UI_SPACE_0, UI_SPACE_1, UI_SPACE_2, UI_SPACE_3, UI_SPACE_4, UI_SPACE_5, UI_SPACE_6, UI_SPACE_7, UI_SPACE_COUNT };

typedef struct UiTheme {
  UiRgb colour[UI_COLOUR_COUNT];
  UiTypeToken type[UI_TYPE_COUNT];
  int space_dp[UI_SPACE_COUNT];
  int target_dp;       /* the least side of anything that can be touched: 15 mm = 88 */
  int key_dp;          /* pitch of a key on the on-screen keyboard */
  int measure_dp;      /* the widest a column of text may get */
  int radius_small_dp; /* chips, keys */
  int radius_dp;       /* buttons, fields */
  int radius_large_dp; /* cards, dialogs */
  int border_dp;
  int focus_dp;
  int scrim_percent;
} UiTheme;

/* ui_theme_load: read theme.json.
 * errors  ERR_NOT_FOUND, ERR_INVALID (err_detail names the token that is missing or malformed); *out untouched then */
MUST_CHECK Err ui_theme_load(const char *path, UiTheme *out);
/* ui_theme_set_accent: replace the accent by a practice's colour "#rrggbb" and derive accent-pressed, accent-deep,
 * accent-soft and on-accent from it. A colour too light for white text is darkened until it has 7:1.
 * Returns false, and leaves the theme, when it is not a colour. */
bool ui_theme_set_accent(UiTheme *theme, Str colour);
/* ui_contrast_x100: WCAG 2 contrast of two colours, times 100: 100..2100. */
int ui_contrast_x100(UiRgb a, UiRgb b);
