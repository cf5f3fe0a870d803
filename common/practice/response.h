/* Responses: completed answers to questionnaires, as staff read them. They are written by checkin_finish and never change. */
#pragma once

#include "common/base/json.h"
#include "common/store/tx.h"

typedef struct Response {
  Uuid id, questionnaire, client, appointment, amends;
  const char *title, *url, *version; /* of the questionnaire */
  const char *language, *face;
  Instant completed_at;
} Response;

/* response_of_client: of a client and of records linked to it, newest first, without the answers. */
MUST_CHECK Err response_of_client(Store *store, Arena *arena, Uuid client, size_t max_count, Response **list,
                                  size_t *count);
/* response_get: `body` (may be NULL): the QuestionnaireResponse; a new reference. ERR_NOT_FOUND, ERR_CORRUPT when it is not JSON. */
MUST_CHECK Err response_get(Store *store, Arena *arena, Uuid id, Response *out, json_t **body);
