/* TimeEntry: a time of day being typed: hour, minute and, where people use them, AM or PM. */
#pragma once

#include "kiosk/ui/widget.h"

typedef struct App App;

typedef struct TimeEntry { /* in wiping memory; zero is empty */
  UiField hour, minute;
  int half; /* 0 not said, 1 AM, 2 PM */
} TimeEntry;

/* time_entry: its parts are <id>.hour, <id>.minute, <id>.am, <id>.pm; a touch on the last two sends `half` with arg 1 or 2
 * (plus arg_base). */
void time_entry(App *app, UiBuild *build, const char *id, const char *label, const char *error, TimeEntry *entry,
                UiAct half);
/* time_entry_value: minutes since midnight; false when it is not a time, or could be two. */
bool time_entry_value(const App *app, const TimeEntry *entry, int *minute_of_day);
bool time_entry_empty(const TimeEntry *entry);
void time_entry_set(const App *app, TimeEntry *entry, int minute_of_day);
