/* State: what a Ui holds, for the files of ui alone. */
#pragma once

#include "kiosk/ui/present.h"
#include "kiosk/ui/scanner.h"
#include "kiosk/ui/tree.h"

enum { UI_ID_MAX = 128 };

typedef struct UiTouch { /* the finger (or mouse button) that is being followed */
  bool down;
  int64_t finger;
  int64_t last_ms;
  int from_x, from_y, x, y;
  uint64_t node; /* what it went down on; 0: nothing */
  bool dragging;
  uint64_t scroll; /* the area that dragging moves; 0: none */
  int scroll_from; /* its offset at the beginning */
  UiInk *ink;      /* drawing on a pad */
  UiRect pad;
} UiTouch;

typedef struct UiTimer {
  int number;
  int64_t due_ms; /* 0: free */
} UiTimer;

struct Ui {
  const Env *env;
  UiTheme theme;
  UiLocale locale;
  UiApp app;
  UiPresenter *presenter;
  UiText *text;
  UiCanvas canvas;
  int density_config, density, text_scale;
  /* tree */
  Arena arenas[2];
  int arena;
  UiNode *root;
  UiAct enter, escape;
  char enter_id[UI_ID_MAX], escape_id[UI_ID_MAX];
  UiDamage damage;
  UiScrollState scrolls[UI_SCROLLS_MAX];
  uint64_t build_number;
  bool stale;   /* state may have changed: build before looking at the tree */
  bool undrawn; /* a tree was built that has not been drawn */
  bool exposed; /* the display lost the picture: show all of it again */
  int lost_tries;
  /* focus and input */
  UiTouch touch;
  uint64_t pressed, focused, editing, reveal;
  bool show_focus, swallow_text, editing_in_dialog;
  UiKeyLayer layer;
  bool shift, shift_lock;
  char wanted_focus[UI_ID_MAX];
  bool focus_wanted;
  UiScanner scanner;
  /* time */
  UiTimer timers[UI_TIMERS_MAX];
  int idle_after_ms;
  int64_t last_input_ms;
  bool idle_told;
  /* loop */
  uint32_t wake_event;
  bool quit;
  void (*poll)(void *state);              /* the driver's turn, after input was handled and drawn */
  int64_t (*poll_due)(const void *state); /* env's monotonic ms, -1: when woken */
  void *poll_state;
  UiStats stats;
};

/* ui.c */
/* ui_sync: build and lay out if anything may have changed, so that ui->root is what the app's state says. */
void ui_sync(Ui *ui);
/* ui_tell: hand an event to the app. Nodes and ids of the tree may be gone afterwards. */
void ui_tell(Ui *ui, UiEventKind kind, UiAct act, const char *id, Str text, int number);
UiScrollState *ui_scroll_of(Ui *ui, uint64_t id_hash);

/* input.c */
void ui_input_finger(Ui *ui, int phase, int64_t finger, int x, int y);
void ui_input_key(Ui *ui, UiKey key);
void ui_input_text(Ui *ui, Str text, uint32_t ticks);
/* ui_input_enter: the Enter key, which may end a scan. ui_input_flush: what is held back was typed. */
void ui_input_enter(Ui *ui, uint32_t ticks);
void ui_input_flush(Ui *ui);
/* ui_input_tick: scans and typing that have waited long enough. */
void ui_input_tick(Ui *ui, uint32_t ticks);
void ui_input_cancel(Ui *ui);
void ui_activate(Ui *ui, UiNode *node);

/* focus.c */
UiNode *ui_hit(Ui *ui, int x, int y);
bool ui_absorbs_at(Ui *ui, int x, int y); /* a ground that keeps touches to itself */
UiNode *ui_focus_next(Ui *ui, int by);
UiNode *ui_focus_towards(Ui *ui, int dx, int dy);
UiNode *ui_scroll_around(UiNode *node); /* the nearest scroll area that holds it (or is it); NULL */
UiNode *ui_scroll_main(Ui *ui);         /* the largest scroll area where focus may go; NULL */
bool ui_scroll_by(Ui *ui, UiNode *scroll, int px);
/* ui_scroll_reveal: move its scroll areas so that the node with its label and error shows. True when moved. */
bool ui_scroll_reveal(Ui *ui, UiNode *node);

/* inspect.c: by "#id", id or label; within a dialog first. */
UiNode *ui_find_node(const Ui *ui, const char *name);

/* edit.c */
UiNode *ui_edit_node(Ui *ui);
void ui_edit_begin(Ui *ui, UiNode *node);
void ui_edit_end(Ui *ui);
void ui_edit_insert(Ui *ui, Str text);
void ui_edit_backspace(Ui *ui);
void ui_edit_delete(Ui *ui);
bool ui_edit_move(Ui *ui, int by);
void ui_edit_place_cursor(Ui *ui, UiNode *node, int x, int y);
/* ui_edit_done: on to the next field; false when there was none (editing has ended). */
bool ui_edit_done(Ui *ui);
void ui_edit_auto_shift(Ui *ui);
