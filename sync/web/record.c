/* What a client answered and signed, as staff read it. Every reading is written down. */
#include "common/practice/client.h"
#include "common/practice/consent.h"
#include "common/practice/form.h"
#include "common/practice/response.h"
#include "common/store/blob.h"
#include "sync/web/present.h"

/* What the page has words of its own for; everything else is shown as it comes. */
static const char *shown_as(FormType type)
{
  if (type == FORM_BOOLEAN) return "boolean";
  return type == FORM_DATE ? "date" : "text";
}

static Err answers(WebRequest *request)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Uuid id;
  Response response;
  AUTO(json_t *, body, json_release) = NULL;
  AUTO(Form *, form, form_closep) = NULL;
  FormSeen *lines;
  size_t count;
  TRY(web_param_uuid(request, "id", &id));
  TRY(response_get(store, arena, id, &response, &body));
  TRY(questionnaire_open(store, response.questionnaire, &form));
  Str language = http_query(request->http, "language"); /* the reader's; else as the client saw it */
  form_set_language(form, str_empty(language) ? response.language : arena_cstr(arena, language));
  TRY(form_show_response(form, body, arena, &lines, &count));
  TRY(client_note_access(store, response.client, request->session.staff, "desk", "answers"));
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *line = json_object();
    json_object_set_new(line, "depth", json_integer(lines[i].depth));
    json_object_set_new(line, "id", web_text(lines[i].link_id));
    json_object_set_new(line, "question", web_text(lines[i].question));
    json_object_set_new(line, "type", web_text(shown_as(lines[i].type)));
    json_object_set_new(line, "answer", web_text(lines[i].answer));
    json_array_append_new(list, line);
  }
  json_t *answer = json_object();
  json_object_set_new(answer, "id", web_uuid(response.id));
  json_object_set_new(answer, "client", web_uuid(response.client));
  json_object_set_new(answer, "title", web_text(response.title));
  json_object_set_new(answer, "version", web_text(response.version));
  json_object_set_new(answer, "language", web_text(response.language));
  json_object_set_new(answer, "face", web_text(response.face));
  json_object_set_new(answer, "completed_at", web_instant(response.completed_at));
  json_object_set_new(answer, "lines", list);
  return web_json(request, 200, answer);
}

static json_t *hash_json(const Hash *hash)
{
  char hex[HASH_HEX_LEN + 1];
  hash_hex(*hash, hex);
  return json_string(hex);
}

static Err consent(WebRequest *request)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Uuid id;
  Consent c;
  TRY(web_param_uuid(request, "id", &id));
  TRY(consent_get(store, arena, id, &c));
  TRY(client_note_access(store, c.client, request->session.staff, "desk", "consent"));
  json_t *answer = json_object();
  json_object_set_new(answer, "id", web_uuid(c.id));
  json_object_set_new(answer, "client", web_uuid(c.client));
  json_object_set_new(answer, "title", web_text(c.title));
  json_object_set_new(answer, "body", web_text(c.body));
  json_object_set_new(answer, "intent", web_text(c.intent));
  json_object_set_new(answer, "decision", web_text(c.decision));
  json_object_set_new(answer, "language", web_text(c.language));
  json_object_set_new(answer, "method", web_text(c.method));
  json_object_set_new(answer, "signer_name", web_text(c.signer_name));
  json_object_set_new(answer, "signer_relationship", web_text(c.signer_relationship));
  json_object_set_new(answer, "witness", web_text(web_staff_name(store, arena, c.witness)));
  json_object_set_new(answer, "device", web_text(c.device));
  json_object_set_new(answer, "decided_at", web_instant(c.decided_at));
  json_object_set_new(answer, "shown_hash", hash_json(&c.shown_hash));
  json_object_set_new(answer, "intact", json_boolean(c.intact));
  json_object_set_new(answer, "has_ink", json_boolean(c.has_ink));
  json_object_set_new(answer, "ink_here", json_boolean(c.has_ink && blob_has(store, c.ink)));
  return web_json(request, 200, answer);
}

/* The signature as a picture of its own, so that the page needs neither inline SVG nor a blob address. */
static Err ink(WebRequest *request)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Uuid id;
  Consent c;
  Str bytes;
  InkPoint *points;
  size_t count;
  uint16_t width, height;
  TRY(web_param_uuid(request, "id", &id));
  TRY(consent_get(store, arena, id, &c));
  if (!c.has_ink) return ERR_NOT_FOUND;
  TRY(blob_get(store, arena, c.ink, &bytes));
  TRY(ink_decode(arena, bytes, &points, &count, &width, &height));
  TRY(client_note_access(store, c.client, request->session.staff, "desk", "consent"));
  request->response->content_type = "image/svg+xml";
  request->response->body = ink_svg(arena, points, count, width, height);
  return ERR_OK;
}

const WebRoute web_record_routes[] = {
    {"GET", "/api/responses/:id", WEB_PERMITTED, PERM_ANSWERS_READ, answers},
    {"GET", "/api/consents/:id", WEB_PERMITTED, PERM_CONSENT_READ, consent},
    {"GET", "/api/consents/:id/ink", WEB_PERMITTED, PERM_CONSENT_READ, ink},
    {0},
};
