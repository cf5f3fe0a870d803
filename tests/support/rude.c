#include "tests/support/rude.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tests/support/unit.h"

enum { HANDSHAKE_MS = 10000, ANSWER_MAX = 1 << 20 };

struct Rude {
  int fd;
  gnutls_session_t session;
  gnutls_certificate_credentials_t credentials;
};

static struct sockaddr_in loopback(int port)
{
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int rude_connect(int port)
{
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

static bool shake_hands(Rude *rude, unsigned flags, const char *priorities)
{
  gnutls_init(&rude->session, flags);
  if (priorities)
    assert_int_equal(gnutls_priority_set_direct(rude->session, priorities, NULL), GNUTLS_E_SUCCESS);
  else
    gnutls_set_default_priority(rude->session);
  gnutls_credentials_set(rude->session, GNUTLS_CRD_CERTIFICATE, rude->credentials);
  gnutls_transport_set_int(rude->session, rude->fd);
  gnutls_handshake_set_timeout(rude->session, HANDSHAKE_MS);
  int rc;
  do rc = gnutls_handshake(rude->session);
  while (rc < 0 && !gnutls_error_is_fatal(rc));
  return rc == GNUTLS_E_SUCCESS;
}

Rude *rude_open(int port, const char *priorities)
{
  Rude *rude = calloc(1, sizeof *rude);
  assert_non_null(rude);
  gnutls_certificate_allocate_credentials(&rude->credentials);
  rude->fd = rude_connect(port);
  if (rude->fd >= 0 && shake_hands(rude, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL, priorities)) return rude;
  rude_close(rude);
  return NULL;
}

void rude_close(Rude *rude)
{
  if (!rude) return;
  if (rude->fd >= 0) close(rude->fd);
  if (rude->session) gnutls_deinit(rude->session);
  gnutls_certificate_free_credentials(rude->credentials);
  free(rude);
}

void rude_closep(Rude **rude)
{
  rude_close(*rude);
  *rude = NULL;
}

bool rude_send(Rude *rude, Str bytes)
{
  while (bytes.len > 0) {
    ssize_t put = gnutls_record_send(rude->session, bytes.ptr, bytes.len);
    if (put == GNUTLS_E_AGAIN || put == GNUTLS_E_INTERRUPTED) continue;
    if (put <= 0) return false;
    bytes = (Str){bytes.ptr + put, bytes.len - (size_t)put};
  }
  return true;
}

Str rude_read(Rude *rude, Arena *arena, int silence_ms, bool *closed)
{
  AUTO(Buf, all, buf_fini) = buf_make(ANSWER_MAX);
  char bytes[4096];
  *closed = false;
  for (;;) {
    struct pollfd fd = {.fd = rude->fd, .events = POLLIN};
    if (gnutls_record_check_pending(rude->session) == 0 && poll(&fd, 1, silence_ms) == 0) break;
    ssize_t got = gnutls_record_recv(rude->session, bytes, sizeof bytes);
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) continue;
    *closed = got <= 0;
    if (*closed) break;
    buf_bytes(&all, bytes, (size_t)got);
  }
  return arena_strdup(arena, buf_view(&all));
}

/* ------------------------------------------------------------------------------------------------------------- server */

struct RudeServer {
  int fd, port, requests;
  const char *priorities;
  gnutls_certificate_credentials_t credentials;
  pthread_t thread;
};

static void answer_one(RudeServer *server, int fd)
{
  static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
  Rude peer = {.fd = fd, .credentials = server->credentials};
  char bytes[4096];
  if (shake_hands(&peer, GNUTLS_SERVER | GNUTLS_NO_SIGNAL, server->priorities) &&
      gnutls_record_recv(peer.session, bytes, sizeof bytes) > 0) {
    server->requests++;
    rude_send(&peer, (Str){ANSWER, sizeof ANSWER - 1});
    gnutls_bye(peer.session, GNUTLS_SHUT_WR);
  }
  gnutls_deinit(peer.session);
  close(fd);
}

static void *serve(void *context)
{
  RudeServer *server = context;
  for (int fd; (fd = accept(server->fd, NULL, NULL)) >= 0;) answer_one(server, fd);
  return NULL;
}

RudeServer *rude_server_start(Str certificate_pem, Str key_pem, const char *priorities)
{
  RudeServer *server = calloc(1, sizeof *server);
  assert_non_null(server);
  server->priorities = priorities;
  gnutls_datum_t certificate = {(void *)(uintptr_t)certificate_pem.ptr, (unsigned)certificate_pem.len};
  gnutls_datum_t key = {(void *)(uintptr_t)key_pem.ptr, (unsigned)key_pem.len};
  gnutls_certificate_allocate_credentials(&server->credentials);
  assert_int_equal(gnutls_certificate_set_x509_key_mem(server->credentials, &certificate, &key, GNUTLS_X509_FMT_PEM),
                   0);
  struct sockaddr_in address = loopback(0);
  socklen_t len = sizeof address;
  server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
  assert_int_equal(listen(server->fd, 8), 0);
  assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
  server->port = ntohs(address.sin_port);
  assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
  return server;
}

int rude_server_port(const RudeServer *server)
{
  return server->port;
}

int rude_server_stop(RudeServer *server)
{
  shutdown(server->fd, SHUT_RDWR);
  pthread_join(server->thread, NULL);
  close(server->fd);
  int requests = server->requests;
  gnutls_certificate_free_credentials(server->credentials);
  free(server);
  return requests;
}
