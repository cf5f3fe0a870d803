/* Domain rows as the API's JSON, where more than one route shows them. New references. */
#pragma once

#include "common/practice/appointment.h"
#include "common/practice/task.h"
#include "common/store/merge.h"
#include "sync/web/request.h"

json_t *web_appointment(const Appointment *appointment);
json_t *web_task(Store *store, Arena *arena, const Task *task);
/* web_review_list: merge_overwrites that people should look at: not the mere moment at which something was last confirmed. */
MUST_CHECK Err web_review_list(Store *store, Arena *arena, Overwrite **list, size_t *count);
/* web_staff_name: "Ana Ruiz"; "" for nil or unknown. */
const char *web_staff_name(Store *store, Arena *arena, Uuid staff);
