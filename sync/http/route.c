/* Routes: patterns of a path, and what a request took from them. */
#include <assert.h>

#include "sync/http/serve.h"

void http_route(HttpServer *server, const char *method, const char *pattern, size_t body_max, HttpHandler *handler,
                void *context)
{
  assert(!server->started && pattern[0] == '/' && handler);
  server->routes = arena_grow_array(&server->arena, server->routes, server->route_count, &server->route_capacity,
                                    sizeof *server->routes);
  server->routes[server->route_count++] =
      (Route){arena_cstr(&server->arena, str_c(method)), arena_cstr(&server->arena, str_c(pattern)), body_max, handler,
              context};
}

void http_guard(HttpServer *server, HttpGuard *guard, void *context)
{
  assert(!server->started && server->route_count > 0);
  server->routes[server->route_count - 1].guard = guard;
  server->routes[server->route_count - 1].guard_context = context;
}

static bool match(Str pattern, Str path, Param params[HTTP_PARAM_MAX], size_t *count)
{
  *count = 0;
  str_cut(&pattern, '/'); /* both begin with one */
  str_cut(&path, '/');
  for (;;) {
    Str part = str_cut(&pattern, '/');
    if (str_eq(part, STR("*"))) {
      params[(*count)++] = (Param){STR("*"), path};
      return true;
    }
    bool path_goes_on = path.len > 0 && memchr(path.ptr, '/', path.len) != NULL;
    Str word = str_cut(&path, '/');
    if (part.len > 1 && part.ptr[0] == ':') {
      if (word.len == 0) return false;
      assert(*count + 1 < HTTP_PARAM_MAX);
      params[(*count)++] = (Param){{part.ptr + 1, part.len - 1}, word};
    } else if (!str_eq(part, word)) {
      return false;
    }
    if (pattern.len == 0 || !path_goes_on) return pattern.len == 0 && !path_goes_on;
  }
}

const Route *route_find(const HttpServer *server, Exchange *exchange, bool *other_method)
{
  const char *method = strcmp(exchange->request.method, "HEAD") == 0 ? "GET" : exchange->request.method;
  Str path = str_c(exchange->request.path);
  *other_method = false;
  for (size_t i = 0; i < server->route_count; i++) {
    const Route *route = &server->routes[i];
    if (!match(str_c(route->pattern), path, exchange->params, &exchange->param_count)) continue;
    if (strcmp(route->method, method) == 0) return route;
    *other_method = true;
  }
  exchange->param_count = 0;
  return NULL;
}
