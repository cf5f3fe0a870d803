/* Domain rows as the API's JSON, where more than one route shows them. New references. */
#pragma once

#include "common/practice/appointment.h"
#include "common/practice/task.h"
#include "sync/web/request.h"

json_t *web_appointment(const Appointment *appointment);
json_t *web_task(Store *store, Arena *arena, const Task *task);
/* web_staff_name: "Ana Ruiz"; "" for nil or unknown. */
const char *web_staff_name(Store *store, Arena *arena, Uuid staff);
