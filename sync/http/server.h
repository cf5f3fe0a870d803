/* HTTPS server: the one place that includes <microhttpd.h>. TLS 1.2+ through GnuTLS.
 *
 * One polling thread (epoll) and a few workers, each with its own Store connection and arena. A handler runs on a worker, start to end, and never
 * waits: to wait for a change it parks, costing no thread, and is run again when the store's head has moved or time is up.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/env.h"
#include "common/base/err.h"
#include "common/base/json.h"
#include "common/base/str.h"
#include "common/store/store.h"

typedef struct HttpServer HttpServer;

typedef struct HttpRequest {
  const char *method, *path; /* path: decoded, without query */
  Str body;
  Arena *arena; /* this request's */
  Store *store; /* this worker's connection */
  const Env *env;
  const char *peer;  /* "127.0.0.1" */
  bool woken;        /* run again after parking: the head has moved ... */
  bool timed_out;    /* ... or time is up */
  int64_t waited_ms; /* since it was run first */
  void *internal;
} HttpRequest;

typedef struct HttpResponse {
  int status;               /* 200 unless set */
  const char *content_type; /* "application/json" unless set */
  Str body;                 /* in the request's arena, or static */
  /* park: set park_ms > 0 to be run again once store_head() > park_head, at the latest after park_ms */
  int64_t park_head;
  int park_ms;
  void *internal;
} HttpResponse;

typedef void HttpHandler(HttpRequest *request, HttpResponse *response, void *context);

typedef struct HttpOptions {
  const char *listen; /* "127.0.0.1:8443" or "[::1]:8443"; port 0: any free one */
  const char *store_folder;
  const Env *env;
  Str certificate_pem, key_pem;
  /* Shown instead to whoever does not ask for a name in foyer.internal (browsers). May be empty. */
  Str browser_certificate_pem, browser_key_pem;
  int workers;        /* 0: 4 */
  int connection_max; /* 0: 2000 */
  int idle_timeout_s; /* 0: 60; slow clients are cut */
} HttpOptions;

MUST_CHECK Err http_server_new(const HttpOptions *options, HttpServer **out);
/* http_route: `pattern` may have parts ":name"; a last part "*" takes the rest. `body_max` bytes of body are accepted, more answers 413.
 * Before http_server_start only. */
void http_route(HttpServer *server, const char *method, const char *pattern, size_t body_max, HttpHandler *handler,
                void *context);
/* http_guard: for the route added last: asked when a request's head is there, before its body is taken, on the polling thread:
 * it must be quick and has no store, arena or body. False answers 401. For routes with large bodies, so that strangers cannot fill the memory. */
typedef bool HttpGuard(HttpRequest *request, void *context);
void http_guard(HttpServer *server, HttpGuard *guard, void *context);
MUST_CHECK Err http_server_start(HttpServer *server);
int http_server_port(const HttpServer *server);
/* http_server_stop: graceful: no new connections, running handlers end, parked ones are answered at once (timed_out). */
void http_server_stop(HttpServer *server);
void http_server_free(HttpServer *server);

Str http_param(HttpRequest *request, const char *name);  /* from the pattern; "" if none */
Str http_query(HttpRequest *request, const char *name);  /* decoded; "" if none */
Str http_header(HttpRequest *request, const char *name); /* "" if none */
Str http_cookie(HttpRequest *request, const char *name);
void http_set_header(HttpResponse *response, const char *name, const char *value); /* copies */
/* http_json: body from a JSON value (reference taken). http_error: {"error": "<err_key>", "detail": ...} with the status of the error:
 * 400 invalid, 401/403 denied, 404, 409 conflict, 413, 429, 503. */
void http_json(HttpRequest *request, HttpResponse *response, int status, json_t *value);
void http_error(HttpRequest *request, HttpResponse *response, Err err);
