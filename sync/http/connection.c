/* Connections: MHD's callbacks, all on its one polling thread: receive, hand over, answer. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "sync/http/serve.h"

enum { BODIES_MAX = 256 << 20 };

static void link_phase(Exchange *x, Phase phase, uint64_t bytes)
{
  if (!x->link) return;
  HttpServer *server = x->server;
  int64_t now = server_now_ms(server);
  pthread_mutex_lock(&server->lock);
  x->link->phase = phase;
  x->link->since_ms = now;
  x->link->bytes = bytes;
  pthread_mutex_unlock(&server->lock);
}

void connection_changed(void *context, struct MHD_Connection *connection, void **socket_state,
                        enum MHD_ConnectionNotificationCode code)
{
  HttpServer *server = context;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    choose_here(server->shown);
    Link *link = calloc(1, sizeof *link);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!link || !info) { /* such a connection has MHD's own time-out alone */
      free(link);
      return;
    }
    link->fd = info->connect_fd;
    link->since_ms = server_now_ms(server);
    pthread_mutex_lock(&server->lock);
    link->next = server->links;
    if (server->links) server->links->previous = link;
    server->links = link;
    bool first = !link->next;
    pthread_mutex_unlock(&server->lock);
    *socket_state = link;
    if (first) work_wake(server);
    return;
  }
  Link *link = *socket_state;
  if (!link) return;
  *socket_state = NULL;
  pthread_mutex_lock(&server->lock);
  if (link->previous)
    link->previous->next = link->next;
  else
    server->links = link->next;
  if (link->next) link->next->previous = link->previous;
  pthread_mutex_unlock(&server->lock);
  free(link);
}

static const char *peer_text(Arena *arena, struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  char text[INET6_ADDRSTRLEN] = "";
  if (info && info->client_addr) {
    /* Copied: MHD keeps the address of either family in one place. */
    struct sockaddr_storage address = {0};
    if (info->client_addr->sa_family == AF_INET) {
      memcpy(&address, info->client_addr, sizeof(struct sockaddr_in));
      inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr, text, sizeof text);
    } else if (info->client_addr->sa_family == AF_INET6) {
      memcpy(&address, info->client_addr, sizeof(struct sockaddr_in6));
      inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&address)->sin6_addr, text, sizeof text);
    }
  }
  return arena_cstr(arena, str_c(text));
}

static Exchange *exchange_new(HttpServer *server, struct MHD_Connection *connection, const char *url,
                              const char *method)
{
  Exchange *x = calloc(1, sizeof *x);
  if (!x) return NULL;
  x->server = server;
  x->connection = connection;
  x->arena = arena_make(1 << 20);
  x->work = arena_make(HTTP_WORK_MAX);
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  x->link = info ? info->socket_context : NULL;
  x->request = (HttpRequest){.method = arena_cstr(&x->arena, str_c(method)),
                             .path = arena_cstr(&x->arena, str_c(url)),
                             .env = server->options.env,
                             .peer = peer_text(&x->arena, connection),
                             .internal = x};
  x->response.internal = x;
  pthread_mutex_lock(&server->lock);
  server->open_exchanges++;
  bool stopping = server->stopping;
  pthread_mutex_unlock(&server->lock);
  bool other_method;
  x->route = route_find(server, x, &other_method);
  if (stopping)
    respond_status(x, 503, "error.busy");
  else if (!x->route)
    respond_status(x, other_method ? 405 : 404, "error.not_found");
  x->body = buf_make(x->route ? x->route->body_max : 0);
  return x;
}

typedef struct Lengths { /* what a head says about where its body ends */
  int content_length, transfer_encoding;
  bool odd; /* another coding than "chunked" */
} Lengths;

static enum MHD_Result count_length(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
  (void)kind;
  Lengths *lengths = context;
  if (str_eq_ascii_nocase(str_c(name), STR("Content-Length"))) lengths->content_length++;
  if (str_eq_ascii_nocase(str_c(name), STR("Transfer-Encoding"))) {
    lengths->transfer_encoding++;
    lengths->odd = lengths->odd || !str_eq_ascii_nocase(str_c(value), STR("chunked"));
  }
  return MHD_YES;
}

/* one_length: can the end of the body be read in one way only? A proxy in front may have read it in the other, and take for a
 * request of somebody else's what is this one's body (RFC 9112 11.2). */
static bool one_length(struct MHD_Connection *connection)
{
  Lengths lengths = {0};
  MHD_get_connection_values(connection, MHD_HEADER_KIND, count_length, &lengths);
  return !lengths.odd && lengths.content_length + lengths.transfer_encoding <= 1;
}

/* announced: how much body the head says will come; what it does not say counts as the route's most. */
static size_t announced(const Exchange *x)
{
  const char *length = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "Content-Length");
  const char *coding = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "Transfer-Encoding");
  int64_t bytes = 0;
  if (coding) return x->route ? x->route->body_max : 0;
  if (length && (!str_to_int64(str_c(length), &bytes) || bytes < 0)) return SIZE_MAX;
  return (size_t)bytes;
}

/* admit: may the body come? Otherwise the answer stands, and is sent without taking it. */
static bool admit(HttpServer *server, Exchange *x)
{
  size_t bytes = announced(x);
  if (x->answered || !x->route) return bytes == 0;
  if (bytes > x->route->body_max) {
    respond_status(x, 413, "error.too_large");
    return false;
  }
  if (x->route->guard && !x->route->guard(&x->request, x->route->guard_context)) {
    respond_status(x, 401, "error.denied");
    return false;
  }
  pthread_mutex_lock(&server->lock);
  bool room = bytes <= BODIES_MAX - server->body_bytes;
  if (room) server->body_bytes += x->reserved = bytes;
  pthread_mutex_unlock(&server->lock);
  if (room && bytes > 0) (void)buf_reserve(&x->body, bytes); /* at once, rather than by doubling */
  if (!room) respond_status(x, 503, "error.busy");
  return room;
}

static enum MHD_Result send_answer(Exchange *x)
{
  HttpResponse *r = &x->response;
  void *body = (void *)(uintptr_t)(r->body.len ? r->body.ptr : ""); /* MHD only reads it */
  struct MHD_Response *out = MHD_create_response_from_buffer(r->body.len, body, MHD_RESPMEM_PERSISTENT);
  if (!out) return MHD_NO;
  bool cache_said = false;
  for (size_t i = 0; i < x->header_count; i++) {
    MHD_add_response_header(out, x->headers[i].name, x->headers[i].value);
    if (str_eq_ascii_nocase(str_c(x->headers[i].name), STR("Cache-Control"))) cache_said = true;
  }
  MHD_add_response_header(out, "Content-Type", r->content_type ? r->content_type : "application/json");
  MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
  if (!cache_said) MHD_add_response_header(out, "Cache-Control", "no-store");
  pthread_mutex_lock(&x->server->lock);
  bool stopping = x->server->stopping;
  pthread_mutex_unlock(&x->server->lock);
  if (stopping) MHD_add_response_header(out, "Connection", "close");
  link_phase(x, PHASE_ANSWER, r->body.len);
  enum MHD_Result queued = MHD_queue_response(x->connection, (unsigned)(r->status ? r->status : 200), out);
  MHD_destroy_response(out);
  return queued;
}

enum MHD_Result connection_access(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_size, void **state)
{
  (void)version;
  HttpServer *server = context;
  Exchange *x = *state;
  if (!x) {
    x = exchange_new(server, connection, url, method);
    if (!x) return MHD_NO;
    *state = x;
    link_phase(x, PHASE_BODY, 0);
    if (!one_length(connection)) {
      respond_status(x, 400, "error.invalid");
      http_set_header(&x->response, "Connection", "close");
      return send_answer(x);
    }
    return admit(server, x) ? MHD_YES : send_answer(x);
  }
  if (*data_size > 0) {
    buf_bytes(&x->body, data, *data_size);
    if (x->body.err != ERR_OK) return MHD_NO; /* it did not say how much would come, and it is too much */
    if (x->link) {
      pthread_mutex_lock(&server->lock);
      x->link->bytes += *data_size;
      pthread_mutex_unlock(&server->lock);
    }
    *data_size = 0;
    return MHD_YES;
  }
  if (x->answered) return send_answer(x);
  x->request.body = buf_view(&x->body);
  link_phase(x, PHASE_HANDLER, 0);
  MHD_suspend_connection(connection);
  work_enqueue(server, x);
  return MHD_YES;
}

void connection_completed(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code)
{
  (void)connection;
  (void)code;
  HttpServer *server = context;
  Exchange *x = *state;
  if (!x) return;
  *state = NULL;
  link_phase(x, PHASE_HEAD, 0);
  pthread_mutex_lock(&server->lock);
  server->open_exchanges--;
  server->body_bytes -= x->reserved;
  pthread_mutex_unlock(&server->lock);
  arena_fini(&x->arena);
  arena_fini(&x->work);
  buf_fini(&x->body);
  free(x);
}
