#include "common/practice/response.h"

#include <stdlib.h>
#include <string.h>

#include "common/practice/client.h"
#include "common/store/query.h"

#define RESPONSE_COLUMNS                                                                                           \
  "r.id, r.questionnaire, r.client, r.appointment, r.amends, r.language, r.face, r.completed_at, q.title, q.url, " \
  "q.version"

SQL(RESPONSE_OF_CLIENT,
    "SELECT " RESPONSE_COLUMNS " FROM questionnaire_response r JOIN questionnaire q ON q.id = r.questionnaire"
    " WHERE r.client = :client ORDER BY r.completed_at DESC, r.id LIMIT :max_count");
SQL(RESPONSE_GET, "SELECT " RESPONSE_COLUMNS ", r.body"
                  " FROM questionnaire_response r JOIN questionnaire q ON q.id = r.questionnaire WHERE r.id = :id");

static Response read_row(Query *q, Arena *arena)
{
  return (Response){.id = query_uuid(q, "id"),
                    .questionnaire = query_uuid(q, "questionnaire"),
                    .client = query_uuid(q, "client"),
                    .appointment = query_uuid(q, "appointment"),
                    .amends = query_uuid(q, "amends"),
                    .title = query_cstr(q, arena, "title"),
                    .url = query_cstr(q, arena, "url"),
                    .version = query_cstr(q, arena, "version"),
                    .language = query_cstr(q, arena, "language"),
                    .face = query_cstr(q, arena, "face"),
                    .completed_at = query_int(q, "completed_at")};
}

static int newest_first(const void *a, const void *b)
{
  const Response *x = a, *y = b;
  if (x->completed_at != y->completed_at) return x->completed_at < y->completed_at ? 1 : -1;
  return memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

Err response_of_client(Store *store, Arena *arena, Uuid client, size_t max_count, Response **list, size_t *count)
{
  Uuid *same;
  size_t same_count;
  TRY(client_same(store, arena, client, &same, &same_count));
  Response *found = NULL;
  size_t n = 0, capacity = 0;
  for (size_t i = 0; i < same_count; i++) {
    AUTO(Query, q, query_fini) = query(store, &RESPONSE_OF_CLIENT);
    query_bind_uuid(&q, ":client", same[i]);
    query_bind_int(&q, ":max_count", (int64_t)max_count);
    while (query_next(&q)) {
      found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
      found[n++] = read_row(&q, arena);
    }
    TRY(query_end(&q));
  }
  if (n > 1) qsort(found, n, sizeof *found, newest_first);
  *list = found;
  *count = n < max_count ? n : max_count;
  return ERR_OK;
}

Err response_get(Store *store, Arena *arena, Uuid id, Response *out, json_t **body)
{
  AUTO(Query, q, query_fini) = query(store, &RESPONSE_GET);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  Response response = read_row(&q, arena);
  AUTO(json_t *, parsed, json_release) = NULL;
  if (body && json_parse(query_str(&q, "body"), &parsed) != ERR_OK)
    return err_because(ERR_CORRUPT, "the answers of a questionnaire response are not JSON");
  TRY(query_end(&q));
  *out = response;
  if (body) *body = json_incref(parsed);
  return ERR_OK;
}
