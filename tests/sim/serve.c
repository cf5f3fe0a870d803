/* The hub's own handlers, called in this process: routes, parameters and answers are the server's (sync/http/route.c, respond.c); what
 * libmicrohttpd would know of a request's head is answered here.
 */
#include "sync/http/serve.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

struct MHD_Connection {
  char authorization[256], range[80], query_name[16], query_value[160];
};

_MHD_EXTERN enum MHD_Result MHD_lookup_connection_value_n(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                                          const char *key, size_t key_size, const char **value,
                                                          size_t *value_size)
{
  (void)key_size;
  const char *found = NULL;
  if (kind == MHD_HEADER_KIND && strcmp(key, "Authorization") == 0) found = connection->authorization;
  if (kind == MHD_HEADER_KIND && strcmp(key, "Range") == 0) found = connection->range;
  if (kind == MHD_GET_ARGUMENT_KIND && strcmp(key, connection->query_name) == 0) found = connection->query_value;
  if (!found || !*found) return MHD_NO;
  *value = found;
  *value_size = strlen(found);
  return MHD_YES;
}

void serve_open(SimNode *node)
{
  HttpServer *server = calloc(1, sizeof *server);
  assert(server);
  server->arena = arena_make(0);
  hub_routes(server, node->hub);
  node->server = server;
}

void serve_close(SimNode *node)
{
  if (!node->server) return;
  arena_fini(&node->server->arena);
  free(node->server);
  node->server = NULL;
}

static void read_head(struct MHD_Connection *head, const Asked *asked)
{
  if (asked->token) snprintf(head->authorization, sizeof head->authorization, "Bearer %s", asked->token);
  if (asked->range_length > 0)
    snprintf(head->range, sizeof head->range, "bytes=%lld-%lld", (long long)asked->range_start,
             (long long)(asked->range_start + asked->range_length - 1));
  const char *question = strchr(asked->path, '?');
  const char *equals = question ? strchr(question, '=') : NULL;
  if (!equals) return;
  snprintf(head->query_name, sizeof head->query_name, "%.*s", (int)(equals - question - 1), question + 1);
  snprintf(head->query_value, sizeof head->query_value, "%s", equals + 1);
}

static void run(SimNode *node, Exchange *x, const Asked *asked)
{
  bool other_method;
  x->route = route_find(node->server, x, &other_method);
  if (!x->route) {
    http_error(&x->request, &x->response, ERR_NOT_FOUND);
  } else if (x->route->guard && !x->route->guard(&x->request, x->route->guard_context)) {
    http_json(&x->request, &x->response, 401, json_pack("{s:s}", "error", err_key(ERR_DENIED)));
  } else if (asked->body.len > x->route->body_max) {
    http_error(&x->request, &x->response, ERR_TOO_LARGE);
  } else {
    err_clear();
    x->route->handler(&x->request, &x->response, x->route->context);
  }
}

Served serve(SimNode *node, const Asked *asked)
{
  arena_reset(&node->arena);
  struct MHD_Connection head = {{0}, {0}, {0}, {0}};
  read_head(&head, asked);
  Exchange *x = ARENA_NEW(&node->arena, Exchange);
  x->server = node->server;
  x->connection = &head;
  x->arena = arena_make(0);
  x->work = arena_make(HTTP_WORK_MAX);
  size_t path_len = strcspn(asked->path, "?");
  x->request = (HttpRequest){.method = asked->method,
                             .path = arena_cstr(&node->arena, (Str){asked->path, path_len}),
                             .body = asked->body,
                             .arena = &x->work,
                             .store = node->hub_store,
                             .env = &node->clock.env,
                             .peer = "127.0.0.1",
                             .woken = asked->woken,
                             .timed_out = asked->timed_out,
                             .waited_ms = asked->waited_ms,
                             .internal = x};
  x->response = (HttpResponse){.status = 200, .internal = x};
  run(node, x, asked);
  Served served = {.status = x->response.status, .park_head = x->response.park_head, .park_ms = x->response.park_ms};
  if (asked->timed_out || served.park_ms < 0) served.park_ms = 0;
  served.body = arena_strdup(&node->arena, x->response.body);
  arena_fini(&x->work);
  arena_fini(&x->arena);
  return served;
}
