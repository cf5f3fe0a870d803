/* Ui: the window and its loop. One a process, on the thread that opened it; ui_wake alone may be called from any thread.
 *
 * The loop sleeps until something happens (touch, key, scan, timer, wake, display change), tells the app, lets it build a
 * tree, and draws what differs. With nothing to do it draws no frame and wakes for nothing.
 */
#pragma once

#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/env.h"
#include "kiosk/ui/node.h"

typedef struct Ui Ui;

typedef enum UiEventKind {
  UI_EVENT_ACT,      /* a node was activated: `act`, `id` */
  UI_EVENT_EDIT,     /* the text of field `id` changed */
  UI_EVENT_SCAN,     /* a scanner typed `text` (lines of a multi-line code are separated by '\n') */
  UI_EVENT_INK,      /* a stroke on pad `id` ended, or it was cleared */
  UI_EVENT_READ_END, /* the end of scroll area `id` came into view for the first time */
  UI_EVENT_TIMER,    /* timer `number` is due */
  UI_EVENT_WAKE,     /* ui_wake was called with `number` */
  UI_EVENT_IDLE,     /* no input for the time of ui_set_idle; once, until the next input */
  UI_EVENT_INPUT,    /* the first input after UI_EVENT_IDLE (delivered before what it does) */
  UI_EVENT_DISPLAY,  /* size, rotation or display changed */
  UI_EVENT_QUIT,     /* the window was closed, or SIGTERM */
} UiEventKind;

typedef struct UiEvent {
  UiEventKind kind;
  UiAct act;
  const char *id; /* valid during the call; "" if none */
  Str text;       /* valid during the call; overwritten after it */
  int number;
} UiEvent;

typedef struct UiApp {
  void *state;
  void (*build)(void *state, UiBuild *build);        /* build the whole tree; must not change what it shows */
  void (*handle)(void *state, const UiEvent *event); /* change state; a build follows by itself */
} UiApp;

typedef enum UiLayoutOfKeys { UI_LAYOUT_EN, UI_LAYOUT_ES } UiLayoutOfKeys;
typedef enum UiDateOrder { UI_DATE_MDY, UI_DATE_DMY, UI_DATE_YMD } UiDateOrder;

/* UiWords: what ui itself says, in the person's language. The strings must outlive their use (i18n texts do). */
typedef struct UiWords {
  const char *back, *help, *start_over, *language, *text_size;
  const char *keyboard, *space, *backspace, *shift, *done, *next, *symbols, *letters, *accents;
  const char *day, *month, *year, *months[12];
  const char *date_pattern;                /* "{month} {day}, {year}" */
  const char *clear, *sign_here, *signed_; /* signature pad */
  const char *more_below, *scroll_up, *scroll_down;
  const char *required; /* "required", read with a field's label */
} UiWords;

typedef struct UiLocale {
  bool rtl;
  UiLayoutOfKeys keys;
  UiDateOrder date_order;
  UiWords words;
} UiLocale;

/* ui_locale_english: English words, for tests and as a start. */
UiLocale ui_locale_english(void);

typedef struct UiConfig {
  const Env *env;
  const UiTheme *theme; /* copied */
  const char *title;    /* of the window */
  int width, height;    /* px; 0: the whole display, full screen */
  bool hidden;          /* no display: SDL's dummy driver, for tests */
  int density_percent;  /* px per dp times 100; 0: the window's short side against 800 */
  bool show_pointer;    /* a mouse pointer (development) */
} UiConfig;

/* ui_open: the window, empty, and the fonts for Latin text.
 * errors  ERR_NOT_FOUND  no font (err_detail names the Debian package)
 *         ERR_IO         no display (err_detail has SDL's words) */
MUST_CHECK Err ui_open(const UiConfig *config, Ui **out);
void ui_close(Ui *ui);
void ui_set_app(Ui *ui, UiApp app);
void ui_set_locale(Ui *ui, const UiLocale *locale); /* copied (not the words' strings) */
void ui_set_theme(Ui *ui, const UiTheme *theme);
/* ui_set_text_scale: 100, 150 or 200 (asserted). */
void ui_set_text_scale(Ui *ui, int percent);
int ui_text_scale(const Ui *ui);

/* ui_run: until ui_quit. ERR_IO when the display is lost for good. */
MUST_CHECK Err ui_run(Ui *ui);
/* ui_step: one turn: wait at most timeout_ms for something, handle all that has happened, draw what changed. True when a
 * frame was drawn. For tests and the bench; ui_run does nothing else. */
bool ui_step(Ui *ui, int timeout_ms);
void ui_quit(Ui *ui);
/* ui_invalidate: the app's state changed outside `handle`; build and draw at the next turn. */
void ui_invalidate(Ui *ui);

/* ui_wake: UI_EVENT_WAKE with this number at the next turn. From any thread. */
void ui_wake(Ui *ui, int number);
/* ui_timer: UI_EVENT_TIMER once in delay_ms (monotonic); the same number again replaces it. */
enum { UI_TIMERS_MAX = 16 };
void ui_timer(Ui *ui, int number, int delay_ms);
void ui_timer_cancel(Ui *ui, int number);
/* ui_set_idle: UI_EVENT_IDLE after so long without input; 0: never. Counts anew from now. */
void ui_set_idle(Ui *ui, int after_ms);

/* ui_focus: put focus on a node of the next tree; a field begins to be edited. NULL or "": nowhere, keyboard away. */
void ui_focus(Ui *ui, const char *id);
/* ui_scroll_to_top: of the page and every scroll area; screens call it when they change. (A page with another id starts
 * at its top by itself.) */
void ui_scroll_to_top(Ui *ui);

/* ui_forget: nothing of the person stays: trees, shaped text, glyphs of typed text, the pixels of the window, pending
 * input, scans, scroll positions and focus are overwritten. The app's own state is the app's to wipe, before the next
 * build. */
void ui_forget(Ui *ui);

/* --- looking at it (tests, driver) ------------------------------------------------------------------------------ */

typedef struct UiRect { /* px */
  int x, y, w, h;
} UiRect;

/* ui_tree_text: the accessibility tree, a node a line, indented by depth:
 *   page #dob "When were you born?"
 *     textbox #dob.date.month "Month" value="03" focused
 *     button #next "Next" disabled
 * Into `out`; texts of people appear here, so it is for tests and for a screen reader, never for a log. */
void ui_tree_text(const Ui *ui, Buf *out);
/* ui_find: bounds of the node with this id, or else with this label (a touchable one first). False when there is none. */
bool ui_find(const Ui *ui, const char *id_or_label, UiRect *bounds);
/* ui_screenshot: the window as it is shown, as a PNG. */
MUST_CHECK Err ui_screenshot(const Ui *ui, const char *path);

typedef enum UiIssueKind {
  UI_ISSUE_TEXT_CUT,      /* its shaped size exceeds its bounds, or an ancestor that does not scroll cuts it */
  UI_ISSUE_TEXT_OVERLAP,  /* two texts touch */
  UI_ISSUE_OUTSIDE,       /* a node reaches outside the window */
  UI_ISSUE_SMALL_TARGET,  /* touchable and under target_dp on a side (keys: key_dp high) */
  UI_ISSUE_NO_LABEL,      /* touchable without an accessible name */
  UI_ISSUE_SAME_ID,       /* two nodes of one id */
  UI_ISSUE_MISSING_GLYPH, /* no installed font has a character of it */
} UiIssueKind;
typedef struct UiIssue {
  UiIssueKind kind;
  char what[160]; /* "cut: #dob.title \"When were\" 320x56 in 300x56" */
} UiIssue;
/* ui_check_layout: what is wrong with the tree now shown; the number of issues, of which the first `max` are written. */
size_t ui_check_layout(Ui *ui, UiIssue issues[], size_t max);

typedef struct UiStats {
  uint64_t frames; /* drawn since ui_open */
  uint64_t builds;
  uint64_t wakeups;      /* turns of the loop */
  uint64_t pixels;       /* drawn since ui_open */
  int64_t last_frame_us; /* event taken to frame handed to the display */
  size_t text_cache_bytes, text_cache_max_bytes;
} UiStats;
UiStats ui_stats(const Ui *ui);
int ui_width(const Ui *ui); /* px */
int ui_height(const Ui *ui);
int ui_density_percent(const Ui *ui);

/* Synthetic input through SDL's own queue, as from a real device. Positions in px. Handled at the next turns. */
void ui_inject_finger(Ui *ui, int phase /* 0 down, 1 move, 2 up */, int x, int y);
void ui_inject_tap(Ui *ui, int x, int y);
typedef enum UiKey {
  UI_KEY_TAB,
  UI_KEY_BACKTAB,
  UI_KEY_ENTER,
  UI_KEY_SPACE,
  UI_KEY_ESCAPE,
  UI_KEY_BACKSPACE,
  UI_KEY_DELETE,
  UI_KEY_UP,
  UI_KEY_DOWN,
  UI_KEY_LEFT,
  UI_KEY_RIGHT,
  UI_KEY_PAGE_UP,
  UI_KEY_PAGE_DOWN,
  UI_KEY_HOME,
  UI_KEY_END
} UiKey;
void ui_inject_key(Ui *ui, UiKey key);
/* ui_inject_text: as one piece from an input method; a person typed it. */
void ui_inject_text(Ui *ui, const char *text);
/* ui_inject_scan: character by character at a scanner's pace, then Enter. */
void ui_inject_scan(Ui *ui, const char *text);
