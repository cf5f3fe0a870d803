/* Watch: a thread that sleeps until another process has written to the store, and then wakes the ui. It looks at the
 * descriptor alone, never at the store. */
#pragma once

#include "kiosk/ui/ui.h"

typedef struct Watch Watch;
/* watch_open: `fd` is store_watch_fd's; ui_wake(ui, number) follows each time it becomes readable. */
MUST_CHECK Err watch_open(Ui *ui, int fd, int number, Watch **out);
/* watch_again: what was there has been drained; go on watching. Without it no second wake comes. */
void watch_again(Watch *watch);
void watch_close(Watch *watch); /* NULL is fine; before store_close */
