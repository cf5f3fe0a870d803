/* What a handler reads of its request and writes to its response. */
#include <assert.h>

#include "sync/http/serve.h"

static Exchange *exchange_of(const HttpRequest *request)
{
  return request->internal;
}

Str http_param(HttpRequest *request, const char *name)
{
  const Exchange *x = exchange_of(request);
  for (size_t i = 0; i < x->param_count; i++)
    if (str_eq_c(x->params[i].name, name)) return x->params[i].value;
  return (Str){"", 0};
}

static Str lookup(HttpRequest *request, enum MHD_ValueKind kind, const char *name)
{
  const char *value = NULL;
  size_t len = 0;
  enum MHD_Result found =
      MHD_lookup_connection_value_n(exchange_of(request)->connection, kind, name, strlen(name), &value, &len);
  return found == MHD_YES && value ? (Str){value, len} : (Str){"", 0};
}

Str http_query(HttpRequest *request, const char *name)
{
  return lookup(request, MHD_GET_ARGUMENT_KIND, name);
}
Str http_header(HttpRequest *request, const char *name)
{
  return lookup(request, MHD_HEADER_KIND, name);
}
Str http_cookie(HttpRequest *request, const char *name)
{
  return lookup(request, MHD_COOKIE_KIND, name);
}

void http_set_header(HttpResponse *response, const char *name, const char *value)
{
  Exchange *x = response->internal;
  assert(x->header_count < HTTP_HEADER_MAX);
  x->headers[x->header_count++] = (HeaderLine){arena_cstr(&x->work, str_c(name)), arena_cstr(&x->work, str_c(value))};
}

void http_json(HttpRequest *request, HttpResponse *response, int status, json_t *value)
{
  enum { FLAGS = JSON_COMPACT | JSON_ENCODE_ANY };
  size_t len = json_dumpb(value, NULL, 0, FLAGS);
  char *text = arena_alloc(request->arena, len + 1);
  json_dumpb(value, text, len, FLAGS);
  json_decref(value);
  response->status = status;
  response->content_type = "application/json";
  response->body = (Str){text, len};
}

static int status_of(Err err)
{
  switch (err) {
  case ERR_OK: return 200;
  case ERR_INVALID:
  case ERR_RANGE: return 400;
  case ERR_DENIED:
  case ERR_REVOKED: return 403;
  case ERR_NOT_FOUND: return 404;
  case ERR_EXISTS:
  case ERR_CONFLICT:
  case ERR_EPOCH:
  case ERR_FORK:
  case ERR_GAP:
  case ERR_CLOCK: return 409;
  case ERR_TOO_LARGE: return 413;
  case ERR_THROTTLED: return 429;
  case ERR_CORRUPT:
  case ERR_DOWNGRADE: return 500;
  case ERR_UNSUPPORTED: return 501;
  case ERR_NETWORK:
  case ERR_PEER: return 502;
  case ERR_BUSY:
  case ERR_NO_SPACE:
  case ERR_IO:
  case ERR_CANCELLED: return 503;
  }
  return 500;
}

void http_error(HttpRequest *request, HttpResponse *response, Err err)
{
  const char *detail = err_detail();
  json_t *value = json_pack("{s:s}", "error", err_key(err));
  if (*detail) json_object_set_new(value, "detail", json_from_str(str_c(detail)));
  http_json(request, response, status_of(err), value);
}

void respond_status(Exchange *x, int status, const char *key)
{
  x->request.arena = &x->work;
  http_json(&x->request, &x->response, status, json_pack("{s:s}", "error", key));
  x->answered = true;
}
