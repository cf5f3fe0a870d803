/* Watch: a thread that sleeps until another process has written to the store, and then wakes the ui. It looks at a descriptor and at a file's
 * name, never into the store. */
#pragma once

#include "kiosk/ui/ui.h"

typedef struct Watch Watch;
/* watch_open: ui_wake(ui, number) follows each time that `fd` (store_watch_fd's, or -1) becomes readable; within seconds when the
 * database's file at `path` is gone or another one; and now and then all the same, as a full disk may swallow the sign. */
MUST_CHECK Err watch_open(Ui *ui, int fd, const char *path, int number, Watch **out);
/* watch_again: what was there has been drained; go on watching. Without it no second wake comes. */
void watch_again(Watch *watch);
/* watch_same_file: is the database still the one that was opened? From any thread. */
bool watch_same_file(const Watch *watch);
void watch_close(Watch *watch); /* NULL is fine; before store_close */
