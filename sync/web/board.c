/* The day's board: one answer for everyone who looks at a day of a site, sent again only when it has become different. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/practice/appointment.h"
#include "common/practice/practice.h"
#include "common/practice/staff.h"
#include "common/practice/task.h"
#include "common/store/merge.h"
#include "sync/web/present.h"
#include "sync/web/state.h"

enum { POLL_MS = 25000 };

static json_t *rooms_json(const Resource *list, size_t count)
{
  json_t *rooms = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *room = json_object();
    json_object_set_new(room, "id", web_uuid(list[i].id));
    json_object_set_new(room, "name", web_text(list[i].name));
    json_object_set_new(room, "kind", web_text(list[i].kind));
    json_array_append_new(rooms, room);
  }
  return rooms;
}

static json_t *providers_json(const Provider *list, size_t count)
{
  json_t *providers = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *provider = json_object();
    json_object_set_new(provider, "id", web_uuid(list[i].id));
    json_object_set_new(provider, "name", web_text(list[i].name));
    json_array_append_new(providers, provider);
  }
  return providers;
}

/* Ids of rows with an overwritten concurrent edit, so that a line of the board can say so. */
static Err review_json(Store *store, Arena *arena, json_t **out)
{
  Overwrite *list;
  size_t count;
  TRY(web_review_list(store, arena, &list, &count));
  json_t *ids = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(ids, web_uuid(list[i].id));
  *out = ids;
  return ERR_OK;
}

static Err fill(Store *store, Arena *arena, const Site *site, Date day, json_t *board)
{
  Appointment *visits;
  Resource *rooms;
  Provider *providers;
  Task *tasks;
  size_t visit_count, room_count, provider_count, task_count;
  TRY(appointment_day(store, arena, site->id, day, &visits, &visit_count));
  TRY(resource_list(store, arena, site->id, &rooms, &room_count));
  TRY(provider_list(store, arena, site->id, &providers, &provider_count));
  TRY(task_open_list(store, arena, site->id, &tasks, &task_count));
  json_t *list = json_array();
  json_object_set_new(board, "appointments", list);
  for (size_t i = 0; i < visit_count; i++) json_array_append_new(list, web_appointment(&visits[i]));
  json_object_set_new(board, "rooms", rooms_json(rooms, room_count));
  json_object_set_new(board, "providers", providers_json(providers, provider_count));
  list = json_array();
  json_object_set_new(board, "tasks", list);
  for (size_t i = 0; i < task_count; i++) json_array_append_new(list, web_task(store, arena, &tasks[i]));
  json_t *review;
  TRY(review_json(store, arena, &review));
  json_object_set_new(board, "review", review);
  return ERR_OK;
}

/* The whole board as text, seen at one moment. */
static Err compose(Store *store, Arena *arena, const Site *site, Date day, Str *out)
{
  AUTO(json_t *, board, json_release) = json_object();
  char text[DATE_TEXT_LEN + 1];
  date_text(day, text);
  json_object_set_new(board, "site", web_uuid(site->id));
  json_object_set_new(board, "day", json_string(text));
  TRY(store_read_begin(store));
  Err err = fill(store, arena, site, day, board);
  store_read_end(store);
  TRY(err);
  *out = json_canonical(arena, board);
  return ERR_OK;
}

static WebBoard *find_slot(Web *web, Uuid site, Date day)
{
  WebBoard *oldest = &web->boards[0];
  for (size_t i = 0; i < WEB_BOARDS_MAX; i++) {
    WebBoard *b = &web->boards[i];
    if (b->body && uuid_eq(b->site, site) && date_compare(b->day, day) == 0) return b;
    if (b->used < oldest->used) oldest = b;
  }
  return oldest;
}

/* board_at: the board of a day as of `head` or later: from the cache when someone has asked since the journal moved. */
static Err board_at(WebRequest *request, const Site *site, Date day, int64_t head, Str *body, char hash[])
{
  Web *web = request->web;
  Arena *arena = request->http->arena;
  pthread_mutex_lock(&web->lock);
  WebBoard *slot = find_slot(web, site->id, day);
  bool fresh = slot->body && uuid_eq(slot->site, site->id) && date_compare(slot->day, day) == 0 && slot->head >= head;
  if (fresh) {
    slot->used = ++web->board_clock;
    *body = arena_strdup(arena, (Str){slot->body, slot->len});
    memcpy(hash, slot->hash, WEB_BOARD_HASH_LEN + 1);
  }
  pthread_mutex_unlock(&web->lock);
  if (fresh) return ERR_OK;

  TRY(compose(request->http->store, arena, site, day, body));
  char hex[HASH_HEX_LEN + 1];
  hash_hex(hash_bytes(body->ptr, body->len), hex);
  snprintf(hash, WEB_BOARD_HASH_LEN + 1, "%.*s", WEB_BOARD_HASH_LEN, hex);
  char *copy = malloc(body->len + 1);
  if (!copy) return ERR_OK; /* it is a cache */
  memcpy(copy, body->ptr, body->len);
  pthread_mutex_lock(&web->lock);
  slot = find_slot(web, site->id, day);
  free(slot->body);
  *slot = (WebBoard){
      .site = site->id, .day = day, .head = head, .used = ++web->board_clock, .body = copy, .len = body->len};
  memcpy(slot->hash, hash, WEB_BOARD_HASH_LEN + 1);
  pthread_mutex_unlock(&web->lock);
  return ERR_OK;
}

void web_boards_forget(Web *web)
{
  pthread_mutex_lock(&web->lock);
  for (size_t i = 0; i < WEB_BOARDS_MAX; i++) web->boards[i].head = -1;
  pthread_mutex_unlock(&web->lock);
}

static Err pick_site(WebRequest *request, Site *site)
{
  Str asked = http_query(request->http, "site");
  Uuid id;
  if (str_empty(asked)) return site_here(request->http->store, request->http->arena, site);
  if (!uuid_parse(asked, &id)) return ERR_NOT_FOUND;
  return site_get(request->http->store, request->http->arena, id, site);
}

/* GET /api/board?site=&day=&after=&have=&any=: at once without `after`; else when the board differs from `have` (with any=1: when anything has
 * changed), at the latest after POLL_MS. "board" is null when it is the one the page has. */
static Err show(WebRequest *request)
{
  HttpRequest *http = request->http;
  Site site;
  TRY(pick_site(request, &site));
  TRY(web_allow(request, site.id, PERM_BOARD_VIEW));
  WallTime now;
  TRY(site_wall(&site, store_now(http->store), &now));
  Date day = now.date;
  Str asked = http_query(http, "day");
  if (!str_empty(asked) && !date_parse(asked, &day)) return err_because(ERR_INVALID, "day is not a date");
  int64_t after = -1;
  Str after_text = http_query(http, "after");
  if (!str_empty(after_text) && !str_to_int64(after_text, &after))
    return err_because(ERR_INVALID, "after is not a number");
  bool any = str_eq_c(http_query(http, "any"), "1");

  int64_t head = store_head(http->store);
  Str body;
  char hash[WEB_BOARD_HASH_LEN + 1];
  TRY(board_at(request, &site, day, head, &body, hash));
  bool same = str_eq_c(http_query(http, "have"), hash);
  bool moved = any && head > after;
  if (same && after >= 0 && !moved && !http->timed_out) {
    request->response->park_head = head;
    request->response->park_ms = POLL_MS;
    return ERR_OK;
  }
  char today[DATE_TEXT_LEN + 1];
  date_text(now.date, today);
  AUTO(Buf, out, buf_fini) = buf_make(64 << 20);
  buf_printf(&out, "{\"now\":%lld,\"today\":\"%s\",\"head\":%lld,\"hash\":\"%s\",\"build\":\"%s\",\"board\":",
             (long long)store_now(http->store), today, (long long)head, hash, request->web->build);
  buf_str(&out, same ? STR("null") : body);
  buf_c(&out, "}");
  TRY(out.err);
  request->response->body = arena_strdup(http->arena, buf_view(&out));
  return ERR_OK;
}

const WebRoute web_board_routes[] = {
    {"GET", "/api/board", WEB_PERMITTED, PERM_BOARD_VIEW, show},
    {0},
};
