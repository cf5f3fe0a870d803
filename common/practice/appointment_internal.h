/* What the files behind appointment.h share. Included by them alone. */
#pragma once

#include "common/practice/appointment.h"

/* appointment_event: write that something happened to a visit, now. */
MUST_CHECK Err appointment_event(Tx *tx, Uuid appointment, const char *kind, Uuid staff, const char *note);
/* appointment_ticket: a number that nobody else at the site has today, by what this node knows. Numbers are dealt out in lanes,
 * one for each device of the site, so that two that do not see one another never give the same. */
MUST_CHECK Err appointment_ticket(Store *store, Arena *arena, Uuid site, Date day, const char **out);
/* provider_name_of: "Dr. Lee Wong". */
const char *provider_name_of(Arena *arena, Str prefix, Str given, Str family);
/* appointment_ask_again: for the time that the row says now, with the room that was kept for it. For a visit that was cancelled. */
MUST_CHECK Err appointment_ask_again(Tx *tx, Uuid appointment);
