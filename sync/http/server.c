#include "sync/http/server.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "sync/http/serve.h"

enum { WORKERS = 4, CONNECTION_MAX = 2000, IDLE_TIMEOUT_S = 60, CONNECTION_MEMORY = 64 << 10, BACKLOG = 512 };

static const char PRIORITIES[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";

int64_t server_now_ms(const HttpServer *server)
{
  return env_monotonic_ms(server->options.env);
}

static char *copy(Str text)
{
  char *out = calloc(1, text.len + 1);
  if (out && text.len) memcpy(out, text.ptr, text.len);
  return out;
}

Err http_server_new(const HttpOptions *options, HttpServer **out)
{
  HttpServer *server = calloc(1, sizeof *server);
  if (!server) return err_because(ERR_NO_SPACE, "memory for the server");
  server->options = *options;
  HttpOptions *o = &server->options;
  if (o->workers == 0) o->workers = WORKERS;
  if (o->connection_max == 0) o->connection_max = CONNECTION_MAX;
  if (o->idle_timeout_s == 0) o->idle_timeout_s = IDLE_TIMEOUT_S;
  server->arena = arena_make(1 << 20);
  server->listen_fd = server->wake_fd = -1;
  pthread_mutex_init(&server->lock, NULL);
  pthread_cond_init(&server->work, NULL);
  server->listen = copy(str_c(options->listen));
  server->certificate = copy(options->certificate_pem);
  server->key = copy(options->key_pem);
  o->store_folder = arena_cstr(&server->arena, str_c(options->store_folder));
  Err err = choose_open(options, &server->shown);
  if (err == ERR_OK && (!server->listen || !server->certificate || !server->key))
    err = err_because(ERR_NO_SPACE, "memory for the server");
  if (err != ERR_OK) {
    http_server_free(server);
    return err;
  }
  *out = server;
  return ERR_OK;
}

/* split_address: "127.0.0.1:8443", "[::1]:8443", ":8443". */
static Err split_address(const char *address, char host[256], char port[16])
{
  const char *colon = strrchr(address, ':');
  Str h = colon ? (Str){address, (size_t)(colon - address)} : (Str){0};
  if (h.len >= 2 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']') h = (Str){h.ptr + 1, h.len - 2};
  int64_t number;
  if (!colon || h.len >= 256 || !str_to_int64(str_c(colon + 1), &number) || number < 0 || number > 65535)
    return err_because(ERR_INVALID, "address to listen on: '%s' is not HOST:PORT", address);
  snprintf(host, 256, STR_FMT, STR_ARG(h));
  snprintf(port, 16, "%d", (int)number);
  return ERR_OK;
}

static int listen_on(const struct addrinfo *at)
{
  int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
      listen(fd, BACKLOG) == 0)
    return fd;
  int why = errno;
  close(fd);
  errno = why;
  return -1;
}

static int port_of(int fd)
{
  struct sockaddr_storage address;
  socklen_t len = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
  return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static Err open_listener(HttpServer *server)
{
  char host[256], port[16];
  TRY(split_address(server->listen, host, port));
  struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *list = NULL;
  int code = getaddrinfo(*host ? host : NULL, port, &hints, &list);
  if (code != 0) return err_because(ERR_INVALID, "address to listen on: %s: %s", server->listen, gai_strerror(code));
  for (const struct addrinfo *at = list; at && server->listen_fd < 0; at = at->ai_next)
    server->listen_fd = listen_on(at);
  int why = errno;
  freeaddrinfo(list);
  if (server->listen_fd < 0) return err_because(ERR_IO, "listening on %s: %s", server->listen, strerror(why));
  server->port = port_of(server->listen_fd);
  return ERR_OK;
}

__attribute__((format(printf, 2, 0))) static void log_mhd(void *context, const char *fmt, va_list args)
{
  (void)context;
  char text[256];
  int len = vsnprintf(text, sizeof text, fmt, args);
  if (len <= 0) return;
  text[strcspn(text, "\r\n")] = '\0';
  log_event(LOG_DEBUG, "http.library", "text=%s", text);
}

static Err start_daemon(HttpServer *server)
{
  unsigned flags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
  struct MHD_OptionItem one[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate},
                                 {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
                                 {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem two[] = {{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, choose_callback()}, {MHD_OPTION_END, 0, NULL}};
  server->daemon =
      MHD_start_daemon(flags, 0, NULL, NULL, connection_access, server, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
                       MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_HTTPS_PRIORITIES, PRIORITIES,
                       MHD_OPTION_ARRAY, server->shown ? two : one, MHD_OPTION_CONNECTION_LIMIT,
                       (unsigned)server->options.connection_max, MHD_OPTION_CONNECTION_TIMEOUT,
                       (unsigned)server->options.idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                       (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, connection_completed, server,
                       MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server, MHD_OPTION_END);
  if (!server->daemon) return err_because(ERR_INVALID, "the HTTPS server does not start: certificate or key?");
  return ERR_OK;
}

Err http_server_start(HttpServer *server)
{
  assert(!server->started);
  TRY(open_listener(server));
  server->started = true; /* from here on http_server_stop has something to undo */
  Err err = work_start(server);
  if (err == ERR_OK) err = start_daemon(server);
  if (err != ERR_OK) http_server_stop(server);
  return err;
}

int http_server_port(const HttpServer *server)
{
  return server->port;
}

void http_server_stop(HttpServer *server)
{
  if (!server->started) return;
  bool given_back = !server->daemon || MHD_quiesce_daemon(server->daemon) == server->listen_fd;
  work_drain(server);
  if (server->daemon) MHD_stop_daemon(server->daemon);
  if (given_back && server->listen_fd >= 0) close(server->listen_fd);
  server->daemon = NULL;
  server->listen_fd = -1;
  server->started = false;
}

void http_server_free(HttpServer *server)
{
  if (!server) return;
  http_server_stop(server);
  pthread_mutex_destroy(&server->lock);
  pthread_cond_destroy(&server->work);
  arena_fini(&server->arena);
  choose_close(server->shown);
  free(server->listen);
  if (server->key) crypto_wipe(server->key, strlen(server->key));
  free(server->certificate);
  free(server->key);
  free(server);
}
