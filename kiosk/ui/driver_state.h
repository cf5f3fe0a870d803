/* What a driver holds, for its two files alone. */
#pragma once

#include <pthread.h>

#include "kiosk/ui/driver.h"
#include "kiosk/ui/state.h"

enum { DRIVER_LINE_MAX = 8192, DRIVER_QUEUE_MAX = 256, DRIVER_WORDS_MAX = 6 };

typedef enum UiDriverWait { /* what the present command waits for */
                            UI_WAITS_NOT,
                            UI_WAITS_TURN, /* the frames that it caused */
                            UI_WAITS_HERE, /* until a node is there */
                            UI_WAITS_GONE,
                            UI_WAITS_TIME,
                            UI_WAITS_TAP,  /* scrolled into view; then tap it */
                            UI_WAITS_HOLD, /* a finger is down */
                            UI_WAITS_KEYS, /* typing on the on-screen keyboard */
                            UI_WAITS_INK,  /* drawing a signature */
                            UI_WAITS_READ, /* scrolling to the end */
} UiDriverWait;

typedef struct UiLines { /* a ring of lines, shared with the reading thread */
  char *line[DRIVER_QUEUE_MAX];
  size_t first, count;
} UiLines;

struct UiDriver {
  Ui *ui;
  pthread_t thread;
  pthread_mutex_t lock; /* lines, out, ended */
  pthread_cond_t room;
  UiLines lines;
  int in, out, listener; /* -1: none */
  int stop[2];           /* a pipe: written to end the thread */
  bool ended;            /* no more lines will come */
  bool is_file, failed, started;
  char socket_path[108];
  /* the command under way, on ui's thread */
  UiDriverWait waits;
  char target[DRIVER_LINE_MAX];
  int64_t due_ms;
  size_t at; /* in the text to type, or the step of a gesture */
  int tries;
  UiRect rect;
};

/* ui_driver_command: begin one line. ui_driver_go_on: the command under way. Both answer when they are done. */
void ui_driver_command(UiDriver *driver, char *line);
void ui_driver_go_on(UiDriver *driver);
void ui_driver_say(UiDriver *driver, const char *text, size_t len);
void ui_driver_ok(UiDriver *driver);
void ui_driver_error(UiDriver *driver, const char *fmt, ...) PRINTF_LIKE(2, 3);
