/* WebRequest: a request to the JSON API once it is through the gate: who asks is known, a write came from our own page, the permission holds at some
 * site, the body is JSON. Routes are rows of a table, so that a test can try every one of them with every role.
 */
#pragma once

#include "common/base/fault.h"
#include "common/practice/permission.h"
#include "common/practice/session.h"
#include "common/store/tx.h"
#include "sync/http/server.h"
#include "sync/web/web.h"

typedef enum WebAccess {
  WEB_OPEN,      /* anyone who reaches the node */
  WEB_SIGNED_IN, /* whoever is signed in */
  WEB_PERMITTED  /* `permission` at some site; handlers that know the site ask web_allow as well */
} WebAccess;

typedef struct WebRequest {
  HttpRequest *http;
  HttpResponse *response;
  Web *web;
  Session session; /* staff nil for WEB_OPEN without a session */
  json_t *body;    /* of a write: an object, borrowed; NULL otherwise */
  Str origin;      /* "https://host:port" as the browser sees us; "" when it did not say */
} WebRequest;

/* WebHandler: answers with web_json and the like, or returns the error to be told. */
typedef Err WebHandler(WebRequest *request);

typedef struct WebRoute {
  const char *method, *pattern;
  WebAccess access;
  Permission permission; /* for WEB_PERMITTED */
  WebHandler *handler;
} WebRoute;

/* The API's routes, one table a file; each ends with an empty method. */
extern const WebRoute web_session_routes[], web_board_routes[], web_visit_routes[], web_client_routes[],
    web_record_routes[], web_task_routes[], web_sync_routes[], web_device_routes[], web_booking_routes[];
extern const WebRoute *const web_tables[]; /* all of them; ends with NULL */

enum { WEB_BODY_MAX = 64 << 10, WEB_TEXT_MAX = 2000 };

/* web_gate: runs a route: the HttpHandler of the API; `context` is a WebBinding. */
typedef struct WebBinding {
  Web *web;
  const WebRoute *route;
} WebBinding;
void web_gate(HttpRequest *http, HttpResponse *response, void *context);
/* web_safe_headers: what every answer carries, pages too. `policy` is its Content-Security-Policy. */
void web_safe_headers(HttpResponse *response, const char *policy);

/* web_allow: ERR_DENIED, logged, unless whoever is signed in may do it at `site`. */
MUST_CHECK Err web_allow(WebRequest *request, Uuid site, Permission permission);
bool web_may(WebRequest *request, Uuid site, Permission permission);
static inline Actor web_actor(const WebRequest *request)
{
  return actor_staff(request->session.staff);
}

/* web_cookie_name: of this node's own session: browsers do not tell the ports of one host apart, and root and office may share a machine. */
const char *web_cookie_name(WebRequest *request);

/* Answers. The json_t reference is taken. */
Err web_json(WebRequest *request, int status, json_t *value);
Err web_faults(WebRequest *request, const Faults *faults); /* 400 with the list */
/* web_refuse: an answer of our own words: {"error": key}. */
Err web_refuse(WebRequest *request, int status, const char *key);

/* What came in. web_param_uuid: ERR_NOT_FOUND when it is not one. web_body_uuid: nil when it is absent; ERR_INVALID when malformed. */
MUST_CHECK Err web_param_uuid(WebRequest *request, const char *name, Uuid *out);
MUST_CHECK Err web_body_uuid(WebRequest *request, const char *name, Uuid *out);
/* web_body_text: trimmed, "" when absent; longer than WEB_TEXT_MAX is cut off at a code point. Lives in the arena. */
const char *web_body_text(WebRequest *request, const char *name);

/* What goes out: JSON values of our types; nil, 0 and NULL become null. */
json_t *web_uuid(Uuid id);
json_t *web_instant(Instant instant);
json_t *web_text(const char *text);
