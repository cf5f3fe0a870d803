#include "sync/web/request.h"

#include <stdio.h>

#include "common/base/log.h"
#include "sync/web/state.h"

static const char api_policy[] = "default-src 'none'; frame-ancestors 'none'";

void web_safe_headers(HttpResponse *response, const char *policy)
{
  http_set_header(response, "Content-Security-Policy", policy);
  http_set_header(response, "Referrer-Policy", "no-referrer");
  http_set_header(response, "Cross-Origin-Opener-Policy", "same-origin");
  http_set_header(response, "Cross-Origin-Resource-Policy", "same-origin");
  http_set_header(response, "Permissions-Policy", "camera=(), microphone=(), geolocation=()");
}

Err web_json(WebRequest *request, int status, json_t *value)
{
  http_json(request->http, request->response, status, value);
  return ERR_OK;
}

Err web_refuse(WebRequest *request, int status, const char *key)
{
  return web_json(request, status, json_pack("{s:s}", "error", key));
}

Err web_faults(WebRequest *request, const Faults *faults)
{
  json_t *list = json_array();
  for (size_t i = 0; i < faults->count; i++) {
    const Fault *f = &faults->items[i];
    json_t *item = json_object();
    json_object_set_new(item, "field", web_text(f->field));
    json_object_set_new(item, "key", web_text(f->key));
    json_object_set_new(item, "value", web_text(f->value));
    json_array_append_new(list, item);
  }
  return web_json(request, 400, json_pack("{s:s, s:o}", "error", err_key(ERR_INVALID), "faults", list));
}

json_t *web_uuid(Uuid id)
{
  if (uuid_is_nil(id)) return json_null();
  char text[UUID_TEXT_LEN + 1];
  uuid_text(id, text);
  return json_string(text);
}

json_t *web_instant(Instant instant)
{
  return instant ? json_integer(instant) : json_null();
}

json_t *web_text(const char *text)
{
  return text ? json_from_str(str_c(text)) : json_null();
}

Err web_param_uuid(WebRequest *request, const char *name, Uuid *out)
{
  return uuid_parse(http_param(request->http, name), out) ? ERR_OK : ERR_NOT_FOUND;
}

Err web_body_uuid(WebRequest *request, const char *name, Uuid *out)
{
  json_t *value = json_object_get(request->body, name);
  *out = (Uuid){{0}};
  if (!value || json_is_null(value)) return ERR_OK;
  return uuid_parse(json_str(value, ""), out) ? ERR_OK : err_because(ERR_INVALID, "%s is not an id", name);
}

const char *web_body_text(WebRequest *request, const char *name)
{
  Str text = str_trim(json_str(request->body, name));
  size_t end = 0;
  for (uint32_t c; end < WEB_TEXT_MAX && utf8_next(text, &end, &c);) {}
  return arena_cstr(request->http->arena, (Str){text.ptr, end < text.len ? end : text.len});
}

bool web_may(WebRequest *request, Uuid site, Permission permission)
{
  return permission_check(request->http->store, request->session.staff, site, permission) == ERR_OK;
}

Err web_allow(WebRequest *request, Uuid site, Permission permission)
{
  Err err = permission_check(request->http->store, request->session.staff, site, permission);
  if (err == ERR_DENIED) {
    char staff[UUID_TEXT_LEN + 1];
    uuid_text(request->session.staff, staff);
    log_event(LOG_WARN, "web.denied", "staff=%s permission=%s method=%s", staff, permission_name(permission),
              request->http->method);
  }
  return err;
}

const char *web_cookie_name(WebRequest *request)
{
  char node[NODE_TEXT_LEN + 1];
  node_text(store_node(request->http->store), node);
  return arena_printf(request->http->arena, "__Host-foyer-%s", node);
}

static bool is_write(const HttpRequest *http)
{
  return strcmp(http->method, "GET") != 0 && strcmp(http->method, "HEAD") != 0;
}

/* A browser says from where a write comes. Ours come from the pages that this very node served; a program without a browser says nothing and needs
 * the guard like everyone. */
static bool from_our_pages(WebRequest *request)
{
  Str fetch_site = http_header(request->http, "Sec-Fetch-Site");
  if (!str_empty(fetch_site) && !str_eq_c(fetch_site, "same-origin")) return false;
  Str origin = http_header(request->http, "Origin");
  return str_empty(origin) || str_eq(origin, request->origin);
}

static bool is_json(HttpRequest *http)
{
  Str type = http_header(http, "Content-Type");
  Str media = str_trim(str_cut(&type, ';'));
  return str_eq_ascii_nocase(media, STR("application/json"));
}

static bool guarded(WebRequest *request)
{
  Str sent = http_header(request->http, "X-Foyer-Guard");
  return sent.len == SESSION_TOKEN_LEN && crypto_equal(sent.ptr, request->session.guard, SESSION_TOKEN_LEN);
}

/* The checks that every request passes, in the order in which they may be told: nothing of the practice before the first three. Answers and returns
 * false when one fails. */
static bool admit(WebRequest *request, const WebRoute *route)
{
  HttpRequest *http = request->http;
  bool write = is_write(http);
  if (write && (!from_our_pages(request) || !is_json(http))) {
    web_refuse(request, 403, "error.foreign");
    return false;
  }
  Str token = http_cookie(http, web_cookie_name(request));
  Err err = session_find(http->store, http->arena, token, request->web->idle_ms, &request->session);
  if (route->access == WEB_OPEN && (err == ERR_DENIED || err == ERR_NOT_FOUND)) return true;
  if (err == ERR_DENIED) {
    web_refuse(request, 401, "error.signed_out");
    return false;
  }
  if (err == ERR_OK && write && route->access != WEB_OPEN && !guarded(request)) {
    web_refuse(request, 403, "error.foreign");
    return false;
  }
  if (err == ERR_OK && route->access == WEB_PERMITTED) err = web_allow(request, (Uuid){{0}}, route->permission);
  if (err == ERR_OK && write && route->access != WEB_OPEN) err = session_touch(http->store, &request->session);
  if (err == ERR_DENIED)
    web_refuse(request, 403, "error.denied");
  else if (err != ERR_OK)
    http_error(http, request->response, err);
  return err == ERR_OK;
}

static Err parse_body(WebRequest *request, json_t **body)
{
  if (!is_write(request->http)) return ERR_OK;
  if (str_empty(request->http->body)) {
    *body = json_object();
    return ERR_OK;
  }
  TRY(json_parse(request->http->body, body));
  return json_is_object(*body) ? ERR_OK : err_because(ERR_INVALID, "the body is not a JSON object");
}

static void tell(WebRequest *request, Err err)
{
  if (err == ERR_OK) return;
  if (err == ERR_DENIED)
    web_refuse(request, 403, "error.denied");
  else
    http_error(request->http, request->response, err);
  if (err_retry(err) || err == ERR_CORRUPT) log_err("web.failed", err);
}

void web_gate(HttpRequest *http, HttpResponse *response, void *context)
{
  const WebBinding *binding = context;
  WebRequest request = {.http = http, .response = response, .web = binding->web};
  web_safe_headers(response, api_policy);
  http_set_header(response, "Cache-Control", "no-store");
  Str host = http_header(http, "Host");
  if (!str_empty(host)) request.origin = str_c(arena_printf(http->arena, "https://" STR_FMT, STR_ARG(host)));
  if (!admit(&request, binding->route)) return;
  AUTO(json_t *, body, json_release) = NULL;
  Err err = parse_body(&request, &body);
  request.body = body;
  if (err == ERR_OK) err = binding->route->handler(&request);
  tell(&request, err);
}
