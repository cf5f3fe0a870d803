/* Nodes: the tree that a screen builds anew after each event. It alone drives drawing, hit testing, focus order, the
 * accessibility tree and the tests; what differs from the last tree is what is drawn again.
 *
 * A screen opens and closes boxes through a UiBuild, or (mostly) calls the widgets of widget.h, which do so. Lengths are
 * in dp (theme.h). Strings are copied into the tree's own wiping memory, so they need not outlive the call; what a node
 * points to (UiField, UiInk, UiBitmap) must live until the next build or ui_forget.
 */
#pragma once

#include <stdint.h>

#include "common/base/arena.h"
#include "kiosk/ui/field.h"
#include "kiosk/ui/icon.h"
#include "kiosk/ui/ink.h"
#include "kiosk/ui/theme.h"

typedef enum UiRole {
  UI_ROLE_GROUP, /* layout only; left out of the accessibility tree unless it has a label */
  UI_ROLE_PAGE,
  UI_ROLE_HEADING,
  UI_ROLE_TEXT,
  UI_ROLE_BUTTON,
  UI_ROLE_RADIO_GROUP,
  UI_ROLE_RADIO,
  UI_ROLE_CHECKBOX,
  UI_ROLE_SWITCH,
  UI_ROLE_TEXTBOX,
  UI_ROLE_KEYBOARD,
  UI_ROLE_KEY,
  UI_ROLE_LIST,
  UI_ROLE_LISTITEM,
  UI_ROLE_SCROLL,
  UI_ROLE_IMAGE,
  UI_ROLE_INK, /* the pad on which a signature is drawn */
  UI_ROLE_STATUS,
  UI_ROLE_ALERT,
  UI_ROLE_DIALOG,
  UI_ROLE_PROGRESS,
} UiRole;

/* State of a node, a set of bits. FOCUSED and PRESSED are set by ui, the rest by the screen. */
enum {
  UI_DISABLED = 1 << 0,
  UI_CHECKED = 1 << 1,
  UI_INVALID = 1 << 2,
  UI_REQUIRED = 1 << 3,
  UI_BUSY = 1 << 4,
  UI_READ_ONLY = 1 << 5,
  UI_FOCUSED = 1 << 6,
  UI_PRESSED = 1 << 7,
};

/* UiAct: what to tell the app when a node is activated. Verbs are the app's own, above 0; 0: cannot be activated.
 * Verbs below 0 belong to ui. */
typedef struct UiAct {
  int verb;
  int64_t arg;
} UiAct;

typedef enum UiAxis { UI_COLUMN, UI_ROW, UI_STACK /* children over one another */ } UiAxis;
typedef enum UiAlign { UI_START, UI_CENTRE, UI_END, UI_STRETCH /* cross axis */, UI_BETWEEN /* main axis */ } UiAlign;
typedef enum UiSizeKind { UI_FIT, UI_GROW, UI_FIXED, UI_PERCENT } UiSizeKind;

typedef struct UiSize { /* along one axis */
  UiSizeKind kind;
  int value; /* dp for FIXED, weight for GROW (0 means 1), percent of the parent's inside for PERCENT */
  int min;   /* dp, 0: its content's */
  int max;   /* dp, 0: none */
} UiSize;

#define UI_SIZE_GROW      ((UiSize){UI_GROW, 1, 0, 0})
#define UI_SIZE_FIXED(dp) ((UiSize){UI_FIXED, (dp), 0, 0})
#define UI_SIZE_MIN(dp)   ((UiSize){UI_FIT, 0, (dp), 0})
#define UI_SIZE_PART(pct) ((UiSize){UI_PERCENT, (pct), 0, 0})

typedef struct UiEdges { /* dp; start is left, or right in a mirrored layout */
  int start, top, end, bottom;
} UiEdges;
#define UI_PAD(dp)                ((UiEdges){(dp), (dp), (dp), (dp)})
#define UI_PAD_XY(across, updown) ((UiEdges){(across), (updown), (across), (updown)})

typedef enum UiShadow { UI_SHADOW_NONE, UI_SHADOW_LOW, UI_SHADOW_HIGH } UiShadow;

typedef struct UiPaint {
  UiColour fill;
  UiColour border;
  int border_dp; /* drawn inside the bounds */
  int radius_dp;
  UiShadow shadow;
  int opacity_percent; /* of the fill; 0 means 100 */
} UiPaint;

/* UiBitmap: a picture of the caller's: width*height of 0xAARRGGBB, not premultiplied, row after row. */
typedef struct UiBitmap {
  const uint32_t *pixels;
  int width, height;
  uint64_t version; /* changes when the pixels do */
} UiBitmap;

/* UiBox: how to open a node. Everything zero is a column that fits its content. */
typedef struct UiBox {
  const char *id; /* unique in the tree; stable between builds; NULL: derived from parent and place */
  UiRole role;
  const char *label; /* its accessible name; for buttons the visible text is repeated here by the widgets */
  const char *value; /* current value, for the accessibility tree */
  const char *hint;  /* further words: help or error */
  uint32_t state;
  UiAct act;
  bool focusable; /* implied by act, unless disabled */
  bool skip_tab;  /* reached by arrows only (keys) */
  bool modal;     /* touches and focus stay within (the last such node wins) */
  UiAxis axis;
  UiSize width, height;
  UiEdges pad;
  int gap; /* dp between children */
  UiAlign main, cross;
  bool wrap;  /* rows: children that do not fit go to a further line */
  bool clip;  /* children are cut at its inside */
  bool rigid; /* never narrower than its content's preferred width */
  UiPaint paint;
} UiBox;

typedef struct UiBuild UiBuild;
typedef struct UiNode UiNode;

/* ui_box_begin: open a node inside the one that is open. Every begin needs its end (asserted when the build is over). */
UiNode *ui_box_begin(UiBuild *build, const UiBox *box);
void ui_box_end(UiBuild *build);
/* ui_leaf: a box without children. */
UiNode *ui_leaf(UiBuild *build, const UiBox *box);
/* ui_text: a text that wraps at the width it is given. Empty or NULL text takes no room. */
UiNode *ui_text(UiBuild *build, UiType type, UiColour colour, const char *text);
/* ui_text_with: the same with alignment (UI_START follows the layout's direction; UI_CENTRE, UI_END) and its own node
 * fields; box->label is ignored, its role is TEXT or HEADING. */
UiNode *ui_text_with(UiBuild *build, const UiBox *box, UiType type, UiColour colour, UiAlign align, const char *text);
UiNode *ui_icon(UiBuild *build, UiIcon icon, UiColour colour, int size_dp);
/* ui_bitmap: scaled to width_dp x height_dp (nearest for a QR code's modules: `crisp`). `label` is what it shows. */
UiNode *ui_bitmap(UiBuild *build, const char *id, const char *label, UiBitmap bitmap, int width_dp, int height_dp,
                  bool crisp);
/* ui_spacer: takes what room is left, at least min_dp. */
void ui_spacer(UiBuild *build, int min_dp);

/* What a build knows of its surroundings. */
Arena *ui_build_arena(UiBuild *build); /* for strings made on the way; wiped with the tree */
const UiTheme *ui_build_theme(const UiBuild *build);
int ui_build_width_dp(const UiBuild *build); /* of the window */
int ui_build_height_dp(const UiBuild *build);
bool ui_build_is_portrait(const UiBuild *build);
int ui_build_text_scale(const UiBuild *build); /* 100, 150 or 200 */
bool ui_build_is_rtl(const UiBuild *build);
/* ui_build_is_pressed, _is_focused: did the node of this id have that state just now? */
bool ui_build_is_pressed(const UiBuild *build, const char *id);
bool ui_build_is_focused(const UiBuild *build, const char *id);
