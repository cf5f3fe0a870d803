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

static json_t *who(Store *store, Arena *arena, NodeId node, Hlc hlc)
{
  Actor actor;
  if (merge_who(store, arena, node, hlc, &actor) != ERR_OK || actor.kind != ACTOR_STAFF) return json_string("");
  return web_text(web_staff_name(store, arena, actor.id));
}

static json_t *side_json(Store *store, Arena *arena, Str values, NodeId node, Hlc hlc)
{
  json_t *parsed = NULL;
  if (json_parse(values, &parsed) != ERR_OK) parsed = json_object();
  json_t *side = json_object();
  json_object_set_new(side, "values", parsed);
  json_object_set_new(side, "device", web_text(node_name(store, arena, node)));
  json_object_set_new(side, "who", who(store, arena, node, hlc));
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

/* What a person may put back from here. A visit's time is asked for again rather than written; the rest is set up elsewhere. */
static bool can_take(const Overwrite *o)
{
  static const char *const TABLES[] = {"client",      "coverage", "related_person", "client_identifier",
                                       "appointment", "task"};
  for (size_t i = 0; i < COUNT_OF(TABLES); i++)
    if (o->table_name && strcmp(o->table_name, TABLES[i]) == 0) return !str_empty(o->won_json);
  return false;
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
    json_object_set_new(item, "can_take", json_boolean(can_take(&list[i])));
    json_object_set_new(item, "client", client_of(store, arena, &list[i]));
    json_object_set_new(item, "lost", side_json(store, arena, list[i].lost_json, list[i].lost_node, list[i].lost_hlc));
    json_object_set_new(item, "won", side_json(store, arena, list[i].won_json, list[i].won_node, list[i].won_hlc));
    json_array_append_new(items, item);
  }
  return web_json(request, 200, json_pack("{s:o}", "items", items));
}

/* find_review: the one that the page names; ERR_NOT_FOUND when it is settled. */
static Err find_review(WebRequest *request, Overwrite *out)
{
  Overwrite *list;
  size_t count;
  TRY(web_review_list(request->http->store, request->http->arena, &list, &count));
  for (size_t i = 0; i < count; i++) {
    if (!str_eq_c(http_param(request->http, "key"), review_key(request->http->arena, &list[i]))) continue;
    *out = list[i];
    return ERR_OK;
  }
  return ERR_NOT_FOUND;
}

/* Someone has looked, and what stands is right. */
static Err reviewed(WebRequest *request)
{
  Overwrite overwrite;
  TRY(find_review(request, &overwrite));
  TRY(merge_review(request->http->store, &overwrite));
  web_boards_forget(request->web);
  return web_json(request, 200, json_object());
}

/* The time that lost, asked for like any other: its calendar may have given it away since. */
static Err take_time(WebRequest *request, Tx *tx, const Overwrite *overwrite)
{
  AUTO(json_t *, lost, json_release) = NULL;
  Appointment visit;
  TRY(appointment_get(request->http->store, request->http->arena, overwrite->id, &visit));
  TRY(json_parse(overwrite->lost_json, &lost));
  AppointmentMove move = {.provider = visit.provider, .start = visit.start, .minutes = visit.minutes};
  Str start = json_str(lost, "start_wall"), provider = json_str(lost, "provider");
  if (!str_empty(start) && !wall_parse(start, &move.start)) return err_because(ERR_CORRUPT, "a start that is no time");
  if (!str_empty(provider) && !uuid_parse_hex(provider, &move.provider))
    return err_because(ERR_CORRUPT, "a provider that is no id");
  move.minutes = (int)json_int(lost, "minutes", visit.minutes);
  return appointment_reschedule(tx, overwrite->id, &move, request->session.staff, "");
}

/* Someone has looked, and what lost is right: an edit that knew both decides it everywhere. */
static Err take_other(WebRequest *request)
{
  Overwrite overwrite;
  TRY(find_review(request, &overwrite));
  if (!can_take(&overwrite)) return err_because(ERR_CONFLICT, "that cannot be put back from here");
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "review.take", "", &tx));
  bool time = strcmp(overwrite.table_name, "appointment") == 0 && strcmp(overwrite.group, "booking") == 0;
  TRY(time ? take_time(request, &tx, &overwrite) : merge_take(&tx, &overwrite));
  TRY(tx_commit(&tx));
  web_boards_forget(request->web);
  return web_json(request, 200, json_object());
}

const WebRoute web_sync_routes[] = {
    {"GET", "/api/sync", WEB_PERMITTED, PERM_SYNC_VIEW, show_status},
    {"GET", "/api/review", WEB_PERMITTED, PERM_CLIENT_READ, review},
    {"POST", "/api/review/:key/done", WEB_PERMITTED, PERM_CLIENT_EDIT, reviewed},
    {"POST", "/api/review/:key/take", WEB_PERMITTED, PERM_CLIENT_EDIT, take_other},
    {0},
};
