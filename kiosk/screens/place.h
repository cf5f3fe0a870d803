/* Place: the store as the screens need it at any time: is it there, whose practice and site is it, who is being called. Read when
 * the kiosk starts and whenever something was written. */
#pragma once

typedef struct App App;

/* place_refresh: open the store if it is not open, and read. Tries again by itself while it cannot. */
void place_refresh(App *app);
/* place_changed: a process has written: place_refresh soon, once for a burst of writes. */
void place_changed(App *app);
