/* The state of replication for people, and what the merge of two edits has put aside for them to look at. */
#include "common/practice/appointment.h"
#include "common/practice/practice.h"
#include "common/store/merge.h"
#include "sync/status.h"
#include "sync/web/present.h"
#include "sync/web/state.h"

static Err show_status(WebRequest *request)
{
  SyncStatus status;
  TRY(status_read(request->http->store, request->http->arena, &status));
  json_t *answer = status_json(&status);
  json_object_set_new(answer, "now", json_integer(store_now(request->http->store)));
  return web_json(request, 200, answer);
}

static const char *node_name(Store *store, Arena *arena, NodeId number)
{
  Node node;
  if (node_get(store, arena, number, &node) == ERR_OK) return node.name;
  char text[NODE_TEXT_LEN + 1];
  node_text(number, text);
  return arena_printf(arena, "%s", text);
}

static json_t *side_json(Store *store, Arena *arena, Str values, NodeId node, Hlc hlc)
{
  json_t *parsed = NULL;
  if (json_parse(values, &parsed) != ERR_OK) parsed = json_object();
  json_t *side = json_object();
  json_object_set_new(side, "values", parsed);
  json_object_set_new(side, "device", web_text(node_name(store, arena, node)));
  json_object_set_new(side, "at", web_instant(hlc_ms(hlc)));
  return side;
}

/* Whose record the row belongs to, where one look tells. */
static json_t *client_of(Store *store, Arena *arena, const Overwrite *o)
{
  if (!o->table_name) return json_null();
  if (strcmp(o->table_name, "client") == 0) return web_uuid(o->id);
  Appointment visit;
  if (strcmp(o->table_name, "appointment") == 0 && appointment_get(store, arena, o->id, &visit) == ERR_OK)
    return web_uuid(visit.client);
  return json_null();
}

/* A name for one overwritten edit that a page can send back. */
static const char *review_key(Arena *arena, const Overwrite *o)
{
  char id[UUID_TEXT_LEN + 1];
  uuid_text(o->id, id);
  return arena_printf(arena, "%u.%s.%s.%llx.%x", o->table, id, o->group, (unsigned long long)o->lost_hlc, o->lost_node);
}

static Err review(WebRequest *request)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Overwrite *list;
  size_t count;
  TRY(web_review_list(store, arena, &list, &count));
  json_t *items = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *item = json_object();
    json_object_set_new(item, "key", web_text(review_key(arena, &list[i])));
    json_object_set_new(item, "table", web_text(list[i].table_name));
    json_object_set_new(item, "id", web_uuid(list[i].id));
    json_object_set_new(item, "group", web_text(list[i].group));
    json_object_set_new(item, "client", client_of(store, arena, &list[i]));
    json_object_set_new(item, "lost", side_json(store, arena, list[i].lost_json, list[i].lost_node, list[i].lost_hlc));
    json_object_set_new(item, "won", side_json(store, arena, list[i].won_json, list[i].won_node, list[i].won_hlc));
    json_array_append_new(items, item);
  }
  return web_json(request, 200, json_pack("{s:o}", "items", items));
}

/* Someone has looked, and what stands is right. */
static Err reviewed(WebRequest *request)
{
  Arena *arena = request->http->arena;
  Overwrite *list;
  size_t count;
  TRY(web_review_list(request->http->store, arena, &list, &count));
  for (size_t i = 0; i < count; i++) {
    if (!str_eq_c(http_param(request->http, "key"), review_key(arena, &list[i]))) continue;
    TRY(merge_review(request->http->store, &list[i]));
    web_boards_forget(request->web);
    return web_json(request, 200, json_object());
  }
  return ERR_NOT_FOUND;
}

const WebRoute web_sync_routes[] = {
    {"GET", "/api/sync", WEB_PERMITTED, PERM_SYNC_VIEW, show_status},
    {"GET", "/api/review", WEB_PERMITTED, PERM_CLIENT_READ, review},
    {"POST", "/api/review/:key/done", WEB_PERMITTED, PERM_CLIENT_EDIT, reviewed},
    {0},
};
