/* The inside of the HTTPS server: what its files share. Lock order: there is one lock.
 *
 * An exchange (one request and its answer) is touched by one thread at a time: the polling thread while it is received and
 * sent, one worker while its handler runs, nobody while it waits in the queue or is parked (its links are the lock's).
 */
#pragma once

/* clang-format off */
#include <sys/types.h>
#include <microhttpd.h>
/* clang-format on */
#include <pthread.h>

#include "common/base/buf.h"
#include "sync/http/server.h"

enum { HTTP_PARAM_MAX = 8, HTTP_HEADER_MAX = 24, HTTP_WORK_MAX = 256 << 20 };

typedef struct Route {
  const char *method, *pattern;
  size_t body_max;
  HttpHandler *handler;
  void *context;
  HttpGuard *guard; /* of large bodies; NULL: none */
  void *guard_context;
} Route;

typedef struct Param {
  Str name, value;
} Param;

typedef struct HeaderLine {
  const char *name, *value;
} HeaderLine;

typedef struct Exchange Exchange;
struct Exchange {
  HttpServer *server;
  struct MHD_Connection *connection;
  struct Link *link;
  const Route *route;
  Arena arena; /* path, parameters, peer: as long as the exchange */
  Arena work;  /* the handler's, begun anew when it is run again */
  Buf body;
  Param params[HTTP_PARAM_MAX];
  size_t param_count;
  HttpRequest request;
  HttpResponse response;
  HeaderLine headers[HTTP_HEADER_MAX]; /* of the response */
  size_t header_count;
  size_t reserved;      /* its part of body_bytes */
  bool answered;        /* the response stands */
  int64_t first_run_ms; /* 0: not yet */
  int64_t park_until_ms;
  Exchange *next; /* in the queue or among the parked */
};

/* What a connection is at, and since when: what cuts slow clients. */
typedef enum Phase { PHASE_HEAD, PHASE_BODY, PHASE_HANDLER, PHASE_ANSWER } Phase;
typedef struct Link {
  int fd;
  Phase phase;
  int64_t since_ms;
  uint64_t bytes; /* received in this phase, or to be sent in it */
  bool cut;
  struct Link *next, *previous;
} Link;

typedef struct Worker {
  HttpServer *server;
  Store *store;
  pthread_t thread;
} Worker;

struct HttpServer {
  HttpOptions options;
  char *listen, *certificate, *key; /* copies */
  struct Shown *shown; /* certificates by the name that is asked for (choose.c); NULL: `certificate` alone */
  Route *routes;
  size_t route_count, route_capacity;
  Arena arena; /* routes */
  int listen_fd;
  int port;
  bool started;
  struct MHD_Daemon *daemon;

  Worker *workers;
  size_t worker_count; /* threads that run */
  Store *watch_store;
  pthread_t watcher;
  bool watching;
  int wake_fd; /* eventfd: the watcher looks again */

  pthread_mutex_t lock; /* guards all below */
  pthread_cond_t work;  /* the queue has grown, or it is time to end */
  Exchange *queue_first, *queue_last;
  Exchange *parked;
  Link *links;
  size_t open_exchanges;
  size_t body_bytes; /* announced by bodies that are being received or worked on */
  int64_t head;      /* newest head that the watcher has seen */
  bool stopping, ending;
};

/* server.c */
int64_t server_now_ms(const HttpServer *server);
/* route.c: the route of an exchange's method and path, its parameters taken; NULL: none, *other_method when the path is known
 * with another method. */
const Route *route_find(const HttpServer *server, Exchange *exchange, bool *other_method);
/* connection.c: MHD's callbacks. */
enum MHD_Result connection_access(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_size, void **state);
void connection_completed(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code);
void connection_changed(void *context, struct MHD_Connection *connection, void **socket_state,
                        enum MHD_ConnectionNotificationCode code);
/* choose.c: which certificate to show. choose_open: NULL in *out when there is one only. choose_here: the polling thread's
 * next handshakes are this server's. choose_certificate: GnuTLS's callback, with its types hidden here. */
MUST_CHECK Err choose_open(const HttpOptions *options, struct Shown **out);
void choose_close(struct Shown *shown);
void choose_here(const struct Shown *shown);
void *choose_callback(void);
/* work.c */
MUST_CHECK Err work_start(HttpServer *server);
void work_enqueue(HttpServer *server, Exchange *exchange);
/* work_drain: answer what is parked, let every handler end, then end the threads. */
void work_drain(HttpServer *server);
void work_wake(HttpServer *server);
/* respond.c: an answer to an exchange without a handler. */
void respond_status(Exchange *exchange, int status, const char *key);
