/* Tree: what a UiNode holds. Inside ui only; screens see node.h. All lengths here are px. */
#pragma once

#include "kiosk/ui/draw.h"
#include "kiosk/ui/node.h"
#include "kiosk/ui/text.h"
#include "kiosk/ui/ui.h"
#include "kiosk/ui/widget.h"

typedef enum UiContent { UI_IS_BOX, UI_IS_TEXT, UI_IS_ICON, UI_IS_BITMAP, UI_IS_INK, UI_IS_FIELD } UiContent;

typedef struct UiPxSize {
  UiSizeKind kind;
  int value, min, max;
} UiPxSize;

struct UiNode {
  UiNode *parent, *first, *last, *next;
  const char *id;   /* "" when derived */
  uint64_t id_hash; /* of the id, or of parent and place */
  UiContent content;
  UiRole role;
  const char *label, *value, *hint;
  uint32_t state;
  UiAct act;
  bool focusable, skip_tab, modal, clip, rigid, wrap;
  bool scrolls;     /* children may be taller than it; moved up by its scroll offset */
  bool tells_end;   /* a scroll area whose end being seen matters */
  bool absorbs;     /* touches on it do not reach what is behind */
  bool unbroken;    /* among growing neighbours: rather wider than they, than folded */
  bool ltr;         /* it and what is in it run left to right whatever the layout (keys) */
  bool dense;       /* a target of a staff screen: may be lower */
  bool no_focus;    /* touchable, but keys do not reach it */
  bool date_part;   /* a field that, when full, leads to the next part */
  int advance_over; /* of a date part: a first digit above it fills it (0: none does) */
  bool single_line;
  UiAxis axis;
  UiPxSize width, height;
  UiEdges pad; /* px */
  int gap;
  UiAlign main, cross;
  /* paint */
  UiColour fill, border, colour;
  int border_px, radius_px, opacity;
  UiShadow shadow;
  /* content */
  UiType type;
  UiStyle style;
  UiAlign text_align;
  UiPara *para;
  const UiFold *fold;
  UiIcon icon;
  UiBitmap bitmap;
  bool crisp;
  UiField *field;
  UiKeyKind keys;
  bool caret;
  uint32_t caret_at; /* byte of the shown text */
  bool ring;         /* focus is shown around it */
  UiInk *ink;
  /* layout */
  int least_w, preferred_w;
  int content_h; /* of the children, where it scrolls */
  UiRect bounds;
  UiRect cut;       /* the area that ancestors leave to it */
  UiRect visible;   /* of the bounds, what is within `cut` */
  bool starts_line; /* of a wrapping row */
  int text_shift;   /* of a field whose text is longer than it */
};

/* UiScrollState: what is kept of a scroll area between trees. */
typedef struct UiScrollState {
  uint64_t id_hash;
  int offset, most; /* px; most: the largest offset, 0 when all fits */
  bool rail;        /* it did not fit: its buttons are shown */
  bool end_seen, reported, tells_end;
  uint64_t build; /* the last one that had it */
  char id[64];
} UiScrollState;

enum { UI_SCROLLS_MAX = 16, UI_DEPTH_MAX = 64 };

typedef enum UiKeyLayer { UI_LAYER_LETTERS, UI_LAYER_SYMBOLS, UI_LAYER_ACCENTS } UiKeyLayer;

/* Verbs of ui's own nodes. */
enum {
  UI_VERB_NONE = 0,
  UI_VERB_KEY = -1, /* arg: code point */
  UI_VERB_BACKSPACE = -2,
  UI_VERB_SHIFT = -3,
  UI_VERB_LAYER = -4,  /* arg: UiKeyLayer */
  UI_VERB_DONE = -5,   /* next field, or keyboard away */
  UI_VERB_EDIT = -6,   /* a field: begin editing */
  UI_VERB_SCROLL = -7, /* arg: +1 down, -1 up, a page; of the scroll area that holds it */
  UI_VERB_INK = -8,    /* a pad */
  UI_VERB_INK_CLEAR = -9,
  UI_VERB_LANGUAGE_KEYS = -10,
};

struct UiBuild {
  Arena *arena;
  UiText *text;
  const UiTheme *theme;
  const UiLocale *locale;
  int width_px, height_px;
  int density; /* px per dp times 100 */
  int text_scale;
  UiNode *root, *open;
  int depth;
  size_t node_count;
  uint64_t pressed, focused, editing; /* id hashes; 0: none */
  bool show_focus;
  bool editing_in_dialog;
  bool editing_found; /* the field being edited is in this tree */
  UiKeyKind editing_keys;
  bool editing_has_next;
  UiKeyLayer layer;
  bool shift, shift_lock;
  const UiScrollState *scrolls;
  /* page */
  const UiPage *page; /* a copy in the arena, while open */
  UiNode *page_body, *page_scroll;
  UiAct enter, escape; /* the page's (or dialog's) main action and way back */
  const char *escape_id, *enter_id;
  /* widgets that look at what is around them */
  UiNode *dialog, *dialog_body, *dialog_buttons;
  bool keyboard_built;
  bool choices_multiple;
  int choices_columns, choices_in_row;
  UiNode *choices;
};

static inline int ui_px(const UiBuild *build, int dp)
{
  return dp <= 0 ? dp * build->density / 100 : (dp * build->density + 50) / 100;
}

UiRgb ui_node_rgb(const UiTheme *theme, UiColour colour);
uint64_t ui_hash_id(const char *id);
UiStyle ui_build_style(const UiBuild *build, UiType type);
/* ui_build_type_dp: the size of a type at the present text scale, in dp. */
int ui_build_line_dp(const UiBuild *build, UiType type);
const UiScrollState *ui_build_scroll(const UiBuild *build, const char *id);
bool ui_node_is_touchable(const UiNode *node);
/* ui_node_next: the node after `node` in tree order within `top`; NULL after the last. */
UiNode *ui_node_next(const UiNode *node, const UiNode *top);
/* ui_tree_modal: where touches and focus may go: the last modal node, else the root. */
UiNode *ui_tree_modal(UiNode *root);
UiNode *ui_tree_find(UiNode *root, uint64_t id_hash);

/* layout.c: give every node its bounds, `scrolls` being updated; mirrored when rtl. */
typedef struct UiLayout {
  UiText *text;
  bool rtl;
  UiScrollState *scrolls; /* UI_SCROLLS_MAX */
  uint64_t build;
} UiLayout;
void ui_layout(UiLayout *layout, UiNode *root, int width, int height);

/* keyboard.c: the on-screen keyboard for the field being edited, into the open box; `beside`: as a column. */
void ui_keyboard(UiBuild *build, bool beside);
bool ui_keys_are_numeric(UiKeyKind keys);

/* widget_control.c: an error with its icon, where there is one. */
void ui_error_line(UiBuild *build, const char *error);

/* widget_page.c: a scroll node with its two buttons beside it; closed by ui_scroller_end. */
UiNode *ui_scroller_begin(UiBuild *build, const char *id, const UiBox *box);
void ui_scroller_end(UiBuild *build);

/* paint.c: draw the part of a tree that is inside canvas->clip. */
typedef struct UiPainting {
  UiCanvas *canvas;
  UiText *text;
  const UiTheme *theme;
  int density;
  bool rtl;
} UiPainting;
void ui_paint(UiPainting *painting, UiNode *root);
/* ui_paint_reach: all that a node may paint: its bounds with shadow and focus ring, cut by its ancestors. */
UiRect ui_paint_reach(const UiTheme *theme, int density, const UiNode *node);

/* damage.c: what was drawn last, to find what has to be drawn now. */
typedef struct UiDrawn {
  uint64_t hash;
  UiRect rect;
} UiDrawn;
typedef struct UiDamage {
  UiDrawn *items; /* of the last frame, by hash */
  size_t count, capacity;
} UiDamage;
enum { UI_DIRTY_MAX = 8 };
/* ui_damage_update: compare with the last frame and remember this one; at most UI_DIRTY_MAX rects, not overlapping. */
size_t ui_damage_update(UiDamage *damage, const UiPainting *painting, UiNode *root, UiRect dirty[UI_DIRTY_MAX]);
void ui_damage_forget(UiDamage *damage);
