/* HTTPS client: the one place that includes <curl/curl.h>. Talks to one node of the practice, whose name and CA are known.
 *
 * A few lanes, each with at most one request under way; connections are kept and used again. One thread, except where said.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

typedef struct HttpClient HttpClient;

enum { HTTP_LANES = 2, HTTP_ANSWER_MAX = 32 << 20 };

typedef struct HttpClientOptions {
  const char *url; /* "https://192.168.1.20:8443" */
  const char
      *name; /* whom to ask for there, whatever the address: "1f3a90bc.node.foyer.internal"; NULL: the address itself */
  const char
      *ca_path; /* file of the CA to believe; NULL: nobody is checked (only to ask for the CA that a pin then checks) */
} HttpClientOptions;

typedef struct HttpCall {
  const char *method, *path; /* path with query, as it goes on the wire */
  const char *token;         /* bearer; NULL for none */
  const char *content_type;  /* NULL: "application/octet-stream" */
  Str body;                  /* must live until the answer is taken */
  int64_t range_start;       /* with range_length > 0: bytes of the resource that are wanted */
  int64_t range_length;
  size_t answer_max; /* 0: HTTP_ANSWER_MAX */
  int silence_ms;    /* give up when nothing moves for so long; 0: 30 s */
} HttpCall;

typedef struct HttpAnswer {
  Err err; /* ERR_OK: there is an answer, whatever its status. ERR_NETWORK; ERR_DENIED: certificate not trusted or not
               * the name; ERR_TOO_LARGE */
  int status; /* 0 without an answer */
  Str body; /* in the arena of http_client_take; complete, or (status 206/200 cut in the middle) what came: see `cut` */
  bool cut; /* err is ERR_NETWORK, but `body` holds the first bytes */
  uint64_t sent_bytes, received_bytes; /* heads and bodies, without TLS */
} HttpAnswer;

/* http_client_new: ERR_INVALID: the url is not https://HOST[:PORT][/]. Copies the options. */
MUST_CHECK Err http_client_new(const HttpClientOptions *options, HttpClient **out);
void http_client_free(HttpClient *client);
void http_client_freep(HttpClient **client);

/* http_client_start: begin a request on an idle lane (asserted). http_client_busy: is one under way, or its answer not taken?
 * http_client_take: true once it has ended; the lane is idle again then. http_client_cancel: forget what is under way. */
MUST_CHECK Err http_client_start(HttpClient *client, int lane, const HttpCall *call);
bool http_client_busy(const HttpClient *client, int lane);
bool http_client_take(HttpClient *client, int lane, Arena *arena, HttpAnswer *answer);
void http_client_cancel(HttpClient *client, int lane);
/* http_client_fresh: drop kept connections: the network has changed. */
void http_client_fresh(HttpClient *client);

/* http_client_wait: until an answer is there, one of `fds` (-1: none) is readable (then in ready[]), http_client_wake was called, or
 * timeout_ms have passed. */
MUST_CHECK Err http_client_wait(HttpClient *client, const int fds[], size_t fd_count, bool ready[], int timeout_ms);
/* http_client_wake: from any thread. */
void http_client_wake(HttpClient *client);

/* http_client_call: start, wait and take on lane 0. */
HttpAnswer http_client_call(HttpClient *client, Arena *arena, const HttpCall *call);
