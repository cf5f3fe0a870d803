/* State: what the kiosk holds, for the files of screens alone. */
#pragma once

#include "common/practice/checkin.h"
#include "common/practice/staff.h"
#include "common/practice/task.h"
#include "kiosk/screens/app.h"
#include "kiosk/screens/job.h"
#include "kiosk/screens/screen.h"
#include "kiosk/screens/time_entry.h"
#include "kiosk/screens/watch.h"
#include "kiosk/screens/words.h"

enum {
  PERSON_MAX = 4 << 20, /* bytes of one person's arena */
  PLACE_MAX = 1 << 20,
  BOARD_MAX = 8 << 20,
  KEPT_MAX = 40, /* fields whose typing is kept at once */
  ENTRIES_MAX = 8,
  CALLS_MAX = 4, /* tickets shown as being called */
  LANGUAGES_MAX = 16,
  IDLE_S = 60,
  IDLE_OPEN_S = 30, /* a changed language or text size on the first screen */
  IDLE_STAFF_S = 45,
  WARNING_S = 20,
  SHOWN_S = 25,   /* done, already here */
  CALLED_S = 180, /* a called ticket is shown so long */
  RETRY_MS = 2000,
  PAUSE_MS = 350, /* of typing */
};

enum { TIMER_PAUSE = 1, TIMER_WARNING, TIMER_RETRY, TIMER_REFRESH, TIMER_SCREEN };
enum { WAKE_STORE = 1, WAKE_JOB };

typedef enum DialogId {
  DIALOG_NONE,
  DIALOG_HELP,       /* the desk has been told */
  DIALOG_HELP_SELF,  /* the desk could not be told: please go there */
  DIALOG_START_OVER, /* really? */
  DIALOG_IDLE,       /* still there? */
  DIALOG_LANGUAGE,
  DIALOG_TROUBLE, /* it could not be kept: try again */
  DIALOG_REFUSE,
  DIALOG_ROOM, /* staff: which room */
} DialogId;

/* The contact's fields, in the order of struct Contact, named as its faults are. */
#define CONTACT_FIELDS(X)             \
  X(CONTACT_PHONE, phone)             \
  X(CONTACT_EMAIL, email)             \
  X(CONTACT_LINE1, line1)             \
  X(CONTACT_LINE2, line2)             \
  X(CONTACT_CITY, city)               \
  X(CONTACT_STATE, state)             \
  X(CONTACT_POSTAL_CODE, postal_code) \
  X(CONTACT_COUNTRY, country)
typedef enum ContactField {
#define CONTACT_FIELD(constant, name) constant,
  CONTACT_FIELDS(CONTACT_FIELD)
#undef CONTACT_FIELD
      CONTACT_FIELD_COUNT
} ContactField;

#define CARD_FIELDS(X)               \
  X(CARD_PAYER, payer)               \
  X(CARD_MEMBER_ID, member_id)       \
  X(CARD_GROUP_NUMBER, group_number) \
  X(CARD_SUBSCRIBER, subscriber)
typedef enum CardField {
#define CARD_FIELD(constant, name) constant,
  CARD_FIELDS(CARD_FIELD)
#undef CARD_FIELD
      CARD_FIELD_COUNT
} CardField;

typedef struct Entry { /* one answer that is typed */
  UiField text;
  UiDateEntry date;
  TimeEntry time;
  size_t unit;
} Entry;

typedef struct Question { /* what is on screen of a form's item */
  const FormItem *item;
  bool *chosen; /* item->option_count */
  int yes;      /* of a boolean: -1 not answered */
  Entry entries[ENTRIES_MAX];
  size_t entry_count;
  UiField search; /* among many options */
} Question;

typedef struct KeptText {
  char field[96];
  char text[UI_FIELD_MAX + 4];
} KeptText;

/* Person: all that the screens hold of who stands there, in app->person_arena. */
typedef struct Person {
  bool is_new; /* came without an appointment */
  UiDateEntry birth;
  UiField given, family;
  UiField phone, email; /* of a newcomer */
  TimeEntry visit_time;
  char code[128]; /* scanned */
  Checkin *checkin;
  Faults faults; /* of the last step that was not taken */
  /* contact and coverage as they are being edited */
  bool contact_taken, contact_changed;
  UiField contact[CONTACT_FIELD_COUNT], contact_before[CONTACT_FIELD_COUNT];
  UiField card[CARD_FIELD_COUNT];
  UiField reason; /* of a walk-in */
  Uuid provider;
  Question question;
  /* consent */
  const ConsentDocument *document; /* the one that the fields below are about */
  Uuid document_id;
  bool read_to_end, electronic, typed;
  int copy; /* COPY_DESK ... */
  bool guardian, guardian_asked;
  UiField signer, typed_name;
  UiInk ink;
  const char *decision;
  /* jobs */
  KeptText kept[KEPT_MAX];
  size_t kept_count;
  CheckinFound found;
  bool moved_back;
  CheckinDone done;
  Instant called_at;
  Job retry;
  Err trouble;
} Person;

typedef struct Call {
  const char *ticket, *room;
} Call;

/* Place: what the store says of the practice and of who is being called; read again when it changes. */
typedef struct Place {
  Arena arena;
  Practice practice;
  Site site;
  Call calls[CALLS_MAX];
  size_t call_count;
} Place;

typedef enum BoardTab { BOARD_WAITING, BOARD_EXPECTED, BOARD_ROOMED, BOARD_HELP, BOARD_TAB_COUNT } BoardTab;
typedef struct Board {
  Arena arena; /* of the signing in, wiping: who, and the PIN while it is typed */
  UiField pin;
  Staff staff;
  bool may_edit, may_close;
  const char *fault; /* i18n key: why the PIN or an action was not taken */
  Arena lists;       /* of the last reading, wiping */
  Appointment *visits;
  size_t visit_count;
  Task *tasks;
  size_t task_count;
  Resource *rooms;
  size_t room_count;
  Node node;
  BoardTab tab;
  size_t chosen;      /* visit that a room is being chosen for */
  struct BoardOrder { /* for the job */
    int verb;
    Uuid id, room;
    AppointmentStatus expected;
  } order;
} Board;

struct App {
  AppConfig config;
  char *folder;
  UiTheme theme;
  Ui *ui;
  const Env *env;
  Jobs *jobs;
  Store *store;            /* NULL while it cannot be opened */
  int64_t clock_offset_ms; /* store_now less env_now, when the place was read */
  Watch *watch;
  Err trouble;  /* why there is no kiosk now */
  bool offline; /* the upstream has not been reached for a while */
  int64_t head;
  Place places[2];
  int place;
  const char *language; /* a tag of i18n */
  ScreenId screen;
  DialogId dialog;
  int warning_left_s;
  bool forget_after_job;
  bool language_waits; /* the check-in is not told yet: a job has it */
  Arena person_arena;
  Person *person;
  Board *board;
};

/* app_now: the time here, as store_now says it; from any thread. */
static inline Instant app_now(const App *app)
{
  return env_now(app->env) + app->clock_offset_ms;
}
static inline Place *app_place(App *app)
{
  return &app->places[app->place];
}

/* --- app.c: for screens ----------------------------------------------------------------------------------------- */

/* app_go: to the screen that the flow has. GO_HOME forgets the person. */
void app_go(App *app, Go go);
/* app_show: a screen that the flow does not lead to from here (another language of the same text). */
void app_show(App *app, ScreenId to);
/* app_forget: nothing of the person stays, on screen or in memory; the first language and text size are back. */
void app_forget(App *app);
/* app_dialog: over the present screen. */
void app_dialog(App *app, DialogId dialog);
/* app_tick: the screen's `tick` in so long; 0 cancels. */
void app_tick(App *app, int delay_ms);
void app_set_language(App *app, const char *tag);
/* app_trouble: an operating error of a step: what to do is said in a dialog, and `retry` runs again when asked. */
void app_trouble(App *app, Err err, Job retry);

void app_refresh_screen(App *app);
/* app_set_idle: the screen's time without a touch begins anew. */
void app_set_idle(App *app);
void app_enter_first(App *app);
const char *app_first_language(const App *app);
/* identify.c: a code was scanned, wherever the person is. */
void identify_scan(App *app, Str text);
/* identify_notice: that it was not one of ours. */
void identify_notice(App *app, UiBuild *build);
/* board.c: nothing of the board stays. */
void board_close(App *app);
void board_room_dialog(App *app, UiBuild *build);
void board_room_act(App *app, UiAct act);
/* signing.c: the person has said twice that they do not sign. */
void signing_refuse(App *app);
/* signing_check_language: the text in another language is another document: it is to be read again. */
void signing_check_language(App *app);
Str signing_ink(Arena *arena, const UiInk *ink);

/* keep.c: app_keep: the text of a field goes into the draft; called by a screen's `keep`. `part` may be NULL. */
void app_keep(App *app, const char *field, const char *part, Str text);
/* app_keep_soon: as if something had been typed: the screen's `keep` follows after a pause. */
void app_keep_soon(App *app);
/* app_keep_run: hand what was gathered to a job. */
void app_keep_run(App *app);
/* app_kept: what a resumed draft has of it, "" if nothing. */
Str app_kept(const App *app, const char *field, const char *part);

/* --- page.c ----------------------------------------------------------------------------------------------------- */

/* page_begin: ui_page_begin with what all pages have: the practice's name, the tools, progress. Back is there when the flow
 * has it. page.id is the screen's. */
void page_begin(App *app, UiBuild *build, UiPage page);
void page_end(UiBuild *build);
/* fault_words: the sentence of a field's fault; NULL when it has none. */
const char *fault_words(App *app, UiBuild *build, const char *field);
/* faults_clear: a step is tried anew. */
void faults_clear(App *app);

/* dialog.c */
void dialog_build(App *app, UiBuild *build);
void dialog_act(App *app, UiAct act);
