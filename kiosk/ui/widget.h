/* Widgets: what screens are composed of. Each call adds nodes to the open box of a build. Structs may be left partly
 * zero: what is NULL or 0 is left out. All visible words come from the caller (i18n); ids are stable, dotted lower case,
 * unique on the screen ("dob.month"). Lengths are in dp.
 *
 * A screen is:
 *   ui_page_begin(b, &(UiPage){.id = "dob", .title = T("dob.title"), .step = 2, .steps = 6,
 *                              .back = {ACT_BACK, 0}, .help = {ACT_HELP, 0}, .primary = {.label = T("next"), .act = {ACT_NEXT, 0}}});
 *     ui_date(b, &(UiDateBox){.id = "dob.date", .label = T("dob.label"), .entry = &state->dob, .error = state->dob_error});
 *   ui_page_end(b);
 */
#pragma once

#include "common/base/date.h"
#include "kiosk/ui/node.h"

typedef enum UiTone { UI_TONE_INFO, UI_TONE_GOOD, UI_TONE_WARN, UI_TONE_BAD } UiTone;

/* --- page ------------------------------------------------------------------------------------------------------- */

typedef enum UiButtonKind { UI_SECONDARY, UI_PRIMARY, UI_QUIET, UI_DANGER } UiButtonKind;

typedef struct UiButton {
  const char *id; /* NULL: the label */
  const char *label;
  UiAct act;
  UiButtonKind kind;
  UiIcon icon;   /* before the label; for UI_ICON_NEXT after it */
  bool disabled; /* shown, cannot be touched; say beside it why */
  bool busy;     /* its work is under way: keeps its place, `label` says so ("Saving...") and it cannot be touched */
  bool grow;     /* takes the room of its row */
} UiButton;

typedef struct UiPage {
  const char *id;
  const char *over;   /* a few words above the title: what it belongs to */
  const char *title;  /* the question; a heading, and the page's accessible name */
  UiButton aside;     /* a way round the question, at the end of the title's row */
  const char *lead;   /* one sentence under it */
  const char *brand;  /* practice's name, top start corner */
  const char *status; /* top end corner, with an icon: "Offline. Your answers are saved here." */
  UiIcon status_icon;
  int step, steps;       /* progress 1..steps; 0 steps: none shown */
  const char *step_text; /* "Step 2 of 6": the progress bar's accessible value, shown beside it */
  /* The five tools are always at the same place; a verb of 0 leaves the place empty. Back is also Escape. */
  UiAct back, help, start_over, language, text_size;
  UiButton corner;            /* in Back's place where there is no way back: label, icon, act */
  const char *language_label; /* the language to change to, in its own words; NULL: UiWords.language */
  UiButton primary;   /* the main action, bottom end corner; Enter where nothing else takes it. No label: none */
  UiButton secondary; /* beside it */
  bool wide;          /* content as wide as the window (boards); otherwise a column of readable measure */
  bool centred;       /* content in the middle of the height when there is room (welcome, done) */
  bool dense;         /* staff screens: smaller margins and bars */
  bool tall;          /* a part of the content takes the height that is there (UI_GROW: a scroll area, a pad); the page
                     itself scrolls only when that part's least height does not fit */
} UiPage;

/* ui_page_begin/_end: the scaffold of every screen. Between them, content goes into a column that scrolls when it must.
 * While a field is being edited the page makes room for the on-screen keyboard: below, or for numbers beside in
 * landscape. */
void ui_page_begin(UiBuild *build, const UiPage *page);
void ui_page_end(UiBuild *build);

/* --- grouping --------------------------------------------------------------------------------------------------- */

void ui_row_begin(UiBuild *build, int gap);    /* children side by side, further lines where they do not fit */
void ui_column_begin(UiBuild *build, int gap); /* grows to the width that is there */
void ui_card_begin(UiBuild *build, const char *id, const char *label); /* a surface with padding */
void ui_list_begin(UiBuild *build, const char *id, const char *label); /* rows with hairlines between */
typedef struct UiListRow {
  const char *id;
  const char *label; /* accessible name of the row */
  UiAct act;         /* the whole row can be touched */
  bool chosen;
  bool dense;
} UiListRow;
void ui_list_row_begin(UiBuild *build, const UiListRow *row); /* a row box; put texts and columns in it */
/* ui_cell: a text in a column of a row, `weight` its share of the width. */
void ui_cell(UiBuild *build, int weight, UiType type, UiColour colour, const char *text);
/* ui_end: closes any of the above. */
void ui_end(UiBuild *build);

/* ui_split_begin: two halves side by side in landscape, one after the other in portrait or at a large text scale.
 * Open a column in it for each half. */
void ui_split_begin(UiBuild *build, int gap);

typedef struct UiScroll {
  const char *id;
  const char *label;
  int min_height; /* dp; it grows to the height that is there (in a page with `tall`) */
  bool framed;    /* a document on a surface with an edge */
} UiScroll;
/* ui_scroll_begin: a part that scrolls by itself (finger, arrows, page keys, and two buttons for those who cannot drag,
 * shown while there is more). Ends with ui_scroll_end. Once its end has been shown, UI_EVENT_READ_END names it. */
void ui_scroll_begin(UiBuild *build, const UiScroll *scroll);
void ui_scroll_end(UiBuild *build);
/* ui_scroll_was_read: has the end of this id been shown since it first appeared? (forgotten by ui_forget and when the id
 * leaves the tree) */
bool ui_scroll_was_read(const UiBuild *build, const char *id);

/* --- words ------------------------------------------------------------------------------------------------------ */

void ui_heading(UiBuild *build, const char *text);
void ui_display(UiBuild *build, const char *text);   /* very large, centred */
void ui_para(UiBuild *build, const char *text);      /* '\n' begins a new paragraph */
void ui_para_soft(UiBuild *build, const char *text); /* secondary */
/* ui_fact: something we have on record: label above (beside, when there is room), value in strong. */
void ui_fact(UiBuild *build, const char *label, const char *value);
void ui_badge(UiBuild *build, UiTone tone, const char *text);
/* ui_notice: a sentence in a tinted box with an icon; UI_TONE_BAD has the role of an alert. */
void ui_notice(UiBuild *build, const char *id, UiTone tone, const char *text);
/* ui_scene: a whole state of a page (empty, offline, done, cannot go on): icon, title, text, centred. */
void ui_scene(UiBuild *build, UiTone tone, UiIcon icon, const char *title, const char *text);
void ui_rule(UiBuild *build); /* hairline */
/* ui_qr: a QR code from its modules (row after row, nonzero is dark), with the quiet zone of four modules. */
void ui_qr(UiBuild *build, const char *id, const char *label, const uint8_t *modules, int modules_per_side,
           int side_dp);

/* --- controls --------------------------------------------------------------------------------------------------- */

void ui_button(UiBuild *build, const UiButton *button);

typedef struct UiChoices {
  const char *id;
  const char *label; /* the question; NULL when the page's title asks it */
  const char *help;
  const char *error;
  bool multiple; /* check boxes rather than radio buttons */
  int columns;   /* 0 or 1: a list; 2..4: side by side where they fit */
  bool required;
} UiChoices;
typedef struct UiChoice {
  const char *id;
  const char *label;
  const char *detail; /* second line */
  bool checked;
  bool disabled;
  UiAct act; /* sent on a touch; the screen changes its own state */
} UiChoice;
void ui_choices_begin(UiBuild *build, const UiChoices *choices);
void ui_choice(UiBuild *build, const UiChoice *choice);
void ui_choices_end(UiBuild *build);

typedef enum UiKeyKind {
  UI_KEYS_TEXT,  /* sentences: a capital at the beginning */
  UI_KEYS_NAME,  /* a capital at the beginning of each word */
  UI_KEYS_PLAIN, /* no capitals by itself: codes, member numbers */
  UI_KEYS_EMAIL,
  UI_KEYS_PHONE,   /* numeric pad with + and ( ) */
  UI_KEYS_NUMBER,  /* numeric pad; only digits are taken */
  UI_KEYS_DECIMAL, /* digits and one decimal point */
  UI_KEYS_PIN,     /* numeric pad; shown as dots, here and in the accessibility tree */
} UiKeyKind;
typedef struct UiFieldBox {
  const char *id;
  const char *label;
  bool hide_label;         /* the page's title asks the same: the label is for the accessibility tree alone */
  const char *help;        /* what is wanted, in a form like "as on your card" */
  const char *error;       /* beside the field, says what to do; makes it invalid */
  const char *placeholder; /* an example; never the only label */
  UiField *field;
  UiKeyKind keys;
  bool required;
  bool read_only;
  int width; /* dp; 0: the whole width */
  int lines; /* above 1: long text that folds; the box has room for so many lines and grows */
} UiFieldBox;
/* ui_field: a touch begins editing (the on-screen keyboard appears); each change sends UI_EVENT_EDIT with its id. */
void ui_field(UiBuild *build, const UiFieldBox *box);

typedef struct UiDateEntry { /* in the screen's wiping memory; zero is empty */
  UiField day, month, year;
} UiDateEntry;
typedef struct UiDateBox {
  const char *id; /* its parts are <id>.day, <id>.month, <id>.year */
  const char *label;
  const char *help;
  const char *error;
  UiDateEntry *entry;
} UiDateBox;
/* ui_date: three boxes in the locale's order, on to the next by itself when one is full; below them the date in words
 * (month by its name), so that day and month cannot be mistaken. */
void ui_date(UiBuild *build, const UiDateBox *box);
/* ui_date_value: the date entered; false when it is not one (also a two-digit year). */
bool ui_date_value(const UiDateEntry *entry, Date *out);
void ui_date_wipe(UiDateEntry *entry);

typedef struct UiToggle {
  const char *id;
  const char *label;
  const char *detail;
  bool on;
  bool disabled;
  UiAct act;
} UiToggle;
void ui_toggle(UiBuild *build, const UiToggle *toggle);

typedef struct UiSignature {
  const char *id;
  const char *label;
  const char *help; /* "Sign with your finger" */
  const char *error;
  UiInk *ink;
  int height; /* dp; 0: 260, or what is there in a page with `tall` */
} UiSignature;
/* ui_signature: each finished stroke sends UI_EVENT_INK with its id. Its Clear button (<id>.clear) empties the ink. */
void ui_signature(UiBuild *build, const UiSignature *signature);

/* --- over the page ---------------------------------------------------------------------------------------------- */

typedef struct UiDialog {
  const char *id;
  const char *title;
  const char *text;
  UiTone tone;
  UiIcon icon;
  UiAct dismiss; /* Escape, and a touch beside the dialog; verb 0: only its buttons */
} UiDialog;
/* ui_dialog_begin/_end: after ui_page_end, in the same build: the page is dimmed, touches and focus stay in the dialog.
 * Buttons called within are set in a row (a column where they do not fit). */
void ui_dialog_begin(UiBuild *build, const UiDialog *dialog);
void ui_dialog_end(UiBuild *build);
