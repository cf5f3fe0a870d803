/* Dates as people write them, in all their readings: "27.11.1986", "11/27/1986", "1986-11-27", "19861127". */
#pragma once

#include "common/base/date.h"

typedef enum DateOrder { DATE_CLEAR, DATE_DAY_FIRST, DATE_MONTH_FIRST } DateOrder;

typedef struct LooseDate {
  Date date;
  DateOrder order; /* DATE_CLEAR: the year stands in front */
} LooseDate;

enum { LOOSE_DATES_MAX = 2 };
/* loose_dates: all readings; their number, 0 when it is no date. The year has four digits. With points the day is always first. */
size_t loose_dates(Str text, LooseDate out[LOOSE_DATES_MAX]);
/* loose_time: "9:30", "09:30:00", "9.30", "9:30 pm", "9 am": minutes since midnight. */
bool loose_time(Str text, int *minute);
