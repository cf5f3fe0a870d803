#include "kiosk/screens/time_entry.h"

#include "common/base/arena.h"
#include "kiosk/screens/state.h"

enum { PART_DP = 200 };

void time_entry(App *app, UiBuild *build, const char *id, const char *label, const char *error, TimeEntry *entry,
                UiAct half)
{
  Arena *arena = ui_build_arena(build);
  entry->hour.max_chars = entry->minute.max_chars = 2;
  int width = PART_DP * (100 + (ui_build_text_scale(build) - 100) * 8 / 10) / 100;
  ui_row_begin(build, 24);
  ui_field(build, &(UiFieldBox){.id = arena_printf(arena, "%s.hour", id),
                                .label = label ? label : say(app, "kiosk.time.hour"),
                                .error = error,
                                .field = &entry->hour,
                                .keys = UI_KEYS_NUMBER,
                                .width = width});
  ui_field(build, &(UiFieldBox){.id = arena_printf(arena, "%s.minute", id),
                                .label = say(app, "kiosk.time.minute"),
                                .field = &entry->minute,
                                .keys = UI_KEYS_NUMBER,
                                .width = width});
  ui_end(build);
  if (!words_half_days(app)) return;
  ui_choices_begin(build, &(UiChoices){.id = arena_printf(arena, "%s.half", id), .columns = 2});
  for (int i = 1; i <= 2; i++)
    ui_choice(build, &(UiChoice){.id = arena_printf(arena, "%s.%s", id, i == 1 ? "am" : "pm"),
                                 .label = say(app, i == 1 ? "kiosk.time.am" : "kiosk.time.pm"),
                                 .checked = entry->half == i,
                                 .act = {half.verb, half.arg + i}});
  ui_choices_end(build);
}

bool time_entry_value(const App *app, const TimeEntry *entry, int *minute_of_day)
{
  int64_t hour, minute = 0;
  if (!str_to_int64(ui_field_str(&entry->hour), &hour)) return false;
  if (entry->minute.len > 0 && !str_to_int64(ui_field_str(&entry->minute), &minute)) return false;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  if (words_half_days(app) && hour >= 1 && hour <= 12) {
    if (entry->half == 0) return false;
    hour = hour % 12 + (entry->half == 2 ? 12 : 0);
  }
  *minute_of_day = (int)(hour * 60 + minute);
  return true;
}

bool time_entry_empty(const TimeEntry *entry)
{
  return entry->hour.len == 0 && entry->minute.len == 0;
}

void time_entry_set(const App *app, TimeEntry *entry, int minute_of_day)
{
  int hour = minute_of_day / 60;
  char text[8];
  entry->half = words_half_days(app) ? (hour < 12 ? 1 : 2) : 0;
  if (entry->half) hour = hour % 12 == 0 ? 12 : hour % 12;
  ui_field_set(&entry->hour, (Str){text, (size_t)snprintf(text, sizeof text, "%d", hour)});
  ui_field_set(&entry->minute, (Str){text, (size_t)snprintf(text, sizeof text, "%02d", minute_of_day % 60)});
}
