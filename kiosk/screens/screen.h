/* Screen: what a screen is to the app. Each is a constant of its own file; flow.c says which follows which. */
#pragma once

#include "kiosk/screens/flow.h"
#include "kiosk/ui/ui.h"
#include "kiosk/ui/widget.h"

typedef struct App App;

typedef enum ScreenKind {
  SCREEN_OPEN,   /* nobody in particular: no warning before it clears */
  SCREEN_PERSON, /* holds what someone typed or what we know of them: warns when idle, then forgets */
  SCREEN_STAFF,  /* locks itself without a warning */
} ScreenKind;

typedef struct Screen {
  const char *id; /* of its page, and its name for tests */
  ScreenKind kind;
  int idle_s;                              /* until the warning; 0: the kind's own */
  void (*enter)(App *app);                 /* it comes up: take what it shows. May be NULL, as all below but build */
  void (*build)(App *app, UiBuild *build); /* must not change what it shows */
  void (*act)(App *app, UiAct act);        /* verbs of its own, and VERB_NEXT, VERB_BACK and VERB_SKIP */
  void (*edit)(App *app, const char *id);  /* the text of a field changed */
  void (*keep)(App *app);                  /* typing has paused: app_keep what is in the fields */
  void (*other)(App *app, const UiEvent *event); /* ink, the end of a text */
  void (*refresh)(App *app);                     /* the store has changed */
  void (*tick)(App *app);                        /* its timer (app_tick) is due */
} Screen;

/* Verbs of all screens; a screen's own begin at VERB_OWN. */
enum {
  VERB_NEXT = 1,
  VERB_BACK,
  VERB_SKIP, /* the second way on: "no", "later", "not me" */
  VERB_HELP,
  VERB_LANGUAGE, /* arg: index + 1 of the language; 0: the next one, or ask which */
  VERB_TEXT_SIZE,
  VERB_START_OVER,
  VERB_DIALOG_OK, /* the dialog's main button */
  VERB_DIALOG_CLOSE,
  VERB_OWN = 32,
};

extern const Screen screen_unavailable, screen_welcome, screen_birth, screen_name, screen_time, screen_unknown,
    screen_throttled, screen_visit, screen_here, screen_new_birth, screen_new_name, screen_new_phone, screen_contact,
    screen_phone, screen_email, screen_address, screen_coverage, screen_card, screen_reason, screen_question,
    screen_read, screen_electronic, screen_sign, screen_signer, screen_finish, screen_failed, screen_done, screen_pin,
    screen_board;
