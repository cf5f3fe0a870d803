/* Flow: which screen follows which. The whole of it is the table in flow.c. */
#pragma once

#include <stdbool.h>

typedef enum ScreenId {
  SCREEN_UNAVAILABLE, /* no store, no practice, or no longer trusted */
  SCREEN_WELCOME,
  SCREEN_BIRTH, /* who are you */
  SCREEN_NAME,
  SCREEN_TIME,
  SCREEN_UNKNOWN,
  SCREEN_THROTTLED,
  SCREEN_VISIT,     /* your appointment */
  SCREEN_HERE,      /* checked in before */
  SCREEN_NEW_BIRTH, /* without an appointment */
  SCREEN_NEW_NAME,
  SCREEN_NEW_PHONE,
  SCREEN_CONTACT,
  SCREEN_PHONE,
  SCREEN_EMAIL,
  SCREEN_ADDRESS,
  SCREEN_COVERAGE,
  SCREEN_CARD,   /* enter or correct an insurance card */
  SCREEN_REASON, /* of a walk-in */
  SCREEN_QUESTION,
  SCREEN_READ, /* a consent */
  SCREEN_ELECTRONIC,
  SCREEN_SIGN,
  SCREEN_SIGNER,
  SCREEN_FINISH, /* it is being written */
  SCREEN_FAILED,
  SCREEN_DONE,
  SCREEN_PIN,
  SCREEN_BOARD,
  SCREEN_COUNT,
  /* Places of the table that depend on the check-in: */
  SCREEN_DUE,    /* what it asks now */
  SCREEN_BEFORE, /* what it asked before that, or else the visit or registration */
  SCREEN_ANY,    /* from: every screen */
} ScreenId;

typedef enum Go {
  GO_NEXT,
  GO_BACK,
  GO_CHECK_IN,
  GO_WALK_IN,
  GO_STAFF,
  GO_FOUND,
  GO_HERE,
  GO_UNCLEAR,
  GO_UNKNOWN,
  GO_THROTTLED,
  GO_PHONE,
  GO_EMAIL,
  GO_ADDRESS,
  GO_CARD,
  GO_AGREE,
  GO_DECIDED, /* signed or refused */
  GO_SIGNER,
  GO_FAILED,
  GO_HOME, /* start over, idle, done: everything of the person is forgotten */
  GO_UNAVAILABLE,
} Go;

/* flow_next: where `go` leads from `from`; asserts that the table has it. flow_has: does the table have it? */
ScreenId flow_next(ScreenId from, Go go);
bool flow_has(ScreenId from, Go go);
