/* Signing in and out, and what a page needs to know before and after. */
#include <stdio.h>

#include "common/base/log.h"
#include "common/practice/practice.h"
#include "common/practice/staff.h"
#include "sync/web/state.h"

static json_t *permissions_json(WebRequest *request, Uuid site)
{
  json_t *list = json_array();
  for (Permission p = 0; p < PERM_COUNT; p++)
    if (web_may(request, site, p)) json_array_append_new(list, json_string(permission_name(p)));
  return list;
}

/* The sites whose board the person may see, with what they may do at each; *here is this node's own, else the first. */
static Err sites_json(WebRequest *request, json_t **out, json_t **here)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Site *sites, own = {0};
  size_t count;
  Err err = site_here(store, arena, &own);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  TRY(site_list(store, arena, &sites, &count));
  json_t *list = json_array();
  json_t *first = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!web_may(request, sites[i].id, PERM_BOARD_VIEW)) continue;
    json_t *site = json_object();
    json_object_set_new(site, "id", web_uuid(sites[i].id));
    json_object_set_new(site, "name", web_text(sites[i].name));
    json_object_set_new(site, "zone", web_text(sites[i].zone));
    json_object_set_new(site, "waiting_place", web_text(sites[i].waiting_place));
    json_object_set_new(site, "permissions", permissions_json(request, sites[i].id));
    json_array_append_new(list, site);
    if (!first || uuid_eq(sites[i].id, own.id)) first = site;
  }
  *here = first ? json_incref(json_object_get(first, "id")) : json_null();
  *out = list;
  return ERR_OK;
}

static Err describe(WebRequest *request)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Staff staff;
  TRY(staff_get(store, arena, request->session.staff, &staff));
  json_t *sites, *here;
  TRY(sites_json(request, &sites, &here));
  json_t *person = json_object();
  json_object_set_new(person, "id", web_uuid(staff.id));
  json_object_set_new(person, "username", web_text(staff.username));
  json_object_set_new(person, "given", web_text(staff.given));
  json_object_set_new(person, "family", web_text(staff.family));
  json_object_set_new(person, "language", web_text(staff.language));
  json_t *answer = json_object();
  json_object_set_new(answer, "staff", person);
  json_object_set_new(answer, "guard", json_string(request->session.guard));
  json_object_set_new(answer, "idle_ms", json_integer(request->web->idle_ms));
  json_object_set_new(answer, "now", json_integer(store_now(request->http->store)));
  json_object_set_new(answer, "permissions", permissions_json(request, (Uuid){{0}}));
  json_object_set_new(answer, "sites", sites);
  json_object_set_new(answer, "site", here);
  return web_json(request, 200, answer);
}

static void set_cookie(WebRequest *request, Str token)
{
  /* __Host- with Secure and Path=/ keeps other hosts and plain HTTP from planting one; without Max-Age it ends with the browser. */
  const char *name = web_cookie_name(request);
  const char *value = arena_printf(request->http->arena, "%s=" STR_FMT "; Path=/; Secure; HttpOnly; SameSite=Strict%s",
                                   name, STR_ARG(token), str_empty(token) ? "; Max-Age=0" : "");
  http_set_header(request->response, "Set-Cookie", value);
}

static Err sign_in(WebRequest *request)
{
  HttpRequest *http = request->http;
  Staff staff;
  Err err = staff_sign_in(http->store, http->arena, str_trim(json_str(request->body, "username")),
                          json_str(request->body, "password"), &staff);
  if (err == ERR_DENIED) {
    log_event(LOG_INFO, "web.sign_in_failed", "peer=%s", http->peer);
    return web_refuse(request, 401, "error.sign_in");
  }
  if (err == ERR_THROTTLED) return web_refuse(request, 429, "error.throttled");
  TRY(err);
  /* Whatever session the browser had ends here, and the token is always a new one: nobody can sign in with a token that someone else has prepared. */
  if (!uuid_is_nil(request->session.staff)) TRY(session_end(http->store, &request->session));
  Str token;
  TRY(session_start(http->store, http->arena, staff.id, request->web->idle_ms, &token, &request->session));
  set_cookie(request, token);
  return describe(request);
}

static Err sign_out(WebRequest *request)
{
  TRY(session_end(request->http->store, &request->session));
  set_cookie(request, (Str){0});
  return web_json(request, 200, json_object());
}

/* The gate has touched the session already, as for every write. */
static Err touch(WebRequest *request)
{
  return web_json(request, 200, json_pack("{s:I}", "idle_ms", (json_int_t)request->web->idle_ms));
}

/* For the sign-in page: who this is, in which languages. Nothing that is not on the sign at the door. */
static Err welcome(WebRequest *request)
{
  Arena *arena = request->http->arena;
  Practice practice = {.name = "", .language = "en", .accent = "", .vertical = "clinic"};
  Err err = practice_get(request->http->store, arena, &practice);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  Site site = {.name = ""};
  err = site_here(request->http->store, arena, &site);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  json_t *languages = json_array();
  for (size_t i = 0; i < request->web->language_count; i++)
    json_array_append_new(languages, json_string(request->web->languages[i].tag));
  json_t *answer = json_object();
  json_object_set_new(answer, "practice", web_text(practice.name));
  json_object_set_new(answer, "people", web_text(practice_people(practice.vertical)));
  json_object_set_new(answer, "site", web_text(site.name));
  json_object_set_new(answer, "language", web_text(practice.language));
  json_object_set_new(answer, "languages", languages);
  json_object_set_new(answer, "signed_in", json_boolean(!uuid_is_nil(request->session.staff)));
  json_object_set_new(answer, "build", json_string(request->web->build));
  return web_json(request, 200, answer);
}

const WebRoute web_session_routes[] = {
    {"GET", "/api/welcome", WEB_OPEN, 0, welcome},          {"GET", "/api/session", WEB_SIGNED_IN, 0, describe},
    {"POST", "/api/session", WEB_OPEN, 0, sign_in},         {"POST", "/api/session/touch", WEB_SIGNED_IN, 0, touch},
    {"DELETE", "/api/session", WEB_SIGNED_IN, 0, sign_out}, {0},
};
