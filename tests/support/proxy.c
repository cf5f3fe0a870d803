#include "tests/support/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/unit.h"

enum { PAIRS_MAX = 64, PIECE = 16384 };

typedef struct Pair {
  int client, target; /* -1: free */
  int64_t up, down;
} Pair;

struct Proxy {
  int listener, port, target_port;
  pthread_t thread;
  atomic_bool stopping, link, drop;
  atomic_llong cut_up, cut_down, rate;
  atomic_ullong up, down, attempts;
  Pair pairs[PAIRS_MAX];
};

static struct sockaddr_in loopback(int port)
{
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void cut(Pair *pair)
{
  static const struct linger hard = {1, 0};
  if (pair->client < 0) return;
  setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  setsockopt(pair->target, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close(pair->client);
  close(pair->target);
  *pair = (Pair){-1, -1, 0, 0};
}

static void take_client(Proxy *p)
{
  int client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
  if (client < 0) return;
  atomic_fetch_add(&p->attempts, 1);
  struct sockaddr_in address = loopback(p->target_port);
  int target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool up = atomic_load(&p->link) && connect(target, (struct sockaddr *)&address, sizeof address) == 0;
  for (int i = 0; up && i < PAIRS_MAX; i++) {
    if (p->pairs[i].client >= 0) continue;
    p->pairs[i] = (Pair){client, target, 0, 0};
    return;
  }
  Pair refused = {client, target, 0, 0};
  cut(&refused);
}

/* pump: one piece in one direction; false when the pair is over. A cut falls at its very byte. */
static bool pump(Proxy *p, int from, int to, int64_t *passed, int64_t limit, size_t most, atomic_ullong *total)
{
  char data[PIECE];
  ssize_t got = recv(from, data, most < sizeof data ? most : sizeof data, 0);
  if (got <= 0) return false;
  if (limit >= 0 && *passed + got > limit) got = (ssize_t)(limit - *passed);
  for (ssize_t at = 0; at < got;) {
    ssize_t put = send(to, data + at, (size_t)(got - at), MSG_NOSIGNAL);
    if (put <= 0) return false;
    at += put;
  }
  *passed += got;
  atomic_fetch_add(total, (unsigned long long)got);
  (void)p;
  return limit < 0 || *passed < limit;
}

static void serve_pair(Proxy *p, Pair *pair, short client_ready, short target_ready, size_t most)
{
  if (!atomic_load(&p->link)) {
    cut(pair);
    return;
  }
  bool good = true;
  if (client_ready) good = pump(p, pair->client, pair->target, &pair->up, atomic_load(&p->cut_up), most, &p->up);
  if (good && target_ready) {
    if (atomic_load(&p->drop)) good = false;
    if (good) good = pump(p, pair->target, pair->client, &pair->down, atomic_load(&p->cut_down), most, &p->down);
  }
  if (!good) cut(pair);
}

static void *proxy_main(void *context)
{
  Proxy *p = context;
  while (!atomic_load(&p->stopping)) {
    struct pollfd fds[1 + 2 * PAIRS_MAX] = {{.fd = p->listener, .events = POLLIN}};
    for (int i = 0; i < PAIRS_MAX; i++) {
      fds[1 + 2 * i] = (struct pollfd){.fd = p->pairs[i].client, .events = POLLIN};
      fds[2 + 2 * i] = (struct pollfd){.fd = p->pairs[i].target, .events = POLLIN};
    }
    int64_t rate = atomic_load(&p->rate);
    size_t most = rate ? (size_t)(rate / 50) + 1 : PIECE;
    if (rate) poll(NULL, 0, 20);
    if (poll(fds, 1 + 2 * PAIRS_MAX, 10) < 0 && errno != EINTR) break;
    if (fds[0].revents) take_client(p);
    for (int i = 0; i < PAIRS_MAX; i++)
      if (p->pairs[i].client >= 0 && fds[1 + 2 * i].fd == p->pairs[i].client)
        serve_pair(p, &p->pairs[i], fds[1 + 2 * i].revents, fds[2 + 2 * i].revents, most);
  }
  for (int i = 0; i < PAIRS_MAX; i++) cut(&p->pairs[i]);
  return NULL;
}

Proxy *proxy_start(int target_port)
{
  Proxy *p = calloc(1, sizeof *p);
  assert_non_null(p);
  p->target_port = target_port;
  for (int i = 0; i < PAIRS_MAX; i++) p->pairs[i] = (Pair){-1, -1, 0, 0};
  atomic_store(&p->link, true);
  atomic_store(&p->cut_up, -1);
  atomic_store(&p->cut_down, -1);
  struct sockaddr_in address = loopback(0);
  socklen_t len = sizeof address;
  p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(p->listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(p->listener, 64), 0);
  assert_int_equal(getsockname(p->listener, (struct sockaddr *)&address, &len), 0);
  p->port = ntohs(address.sin_port);
  assert_int_equal(pthread_create(&p->thread, NULL, proxy_main, p), 0);
  return p;
}

int proxy_port(const Proxy *proxy)
{
  return proxy->port;
}

void proxy_stop(Proxy *proxy)
{
  if (!proxy) return;
  atomic_store(&proxy->stopping, true);
  pthread_join(proxy->thread, NULL);
  close(proxy->listener);
  free(proxy);
}

void proxy_stopp(Proxy **proxy)
{
  proxy_stop(*proxy);
  *proxy = NULL;
}

void proxy_link(Proxy *proxy, bool up)
{
  atomic_store(&proxy->link, up);
}

void proxy_cut_after(Proxy *proxy, int64_t up_bytes, int64_t down_bytes)
{
  atomic_store(&proxy->cut_up, up_bytes);
  atomic_store(&proxy->cut_down, down_bytes);
}

void proxy_drop_answers(Proxy *proxy, bool drop)
{
  atomic_store(&proxy->drop, drop);
}

void proxy_bytes(Proxy *proxy, uint64_t *up, uint64_t *down)
{
  *up = atomic_load(&proxy->up);
  *down = atomic_load(&proxy->down);
}

uint64_t proxy_attempts(Proxy *proxy)
{
  return atomic_load(&proxy->attempts);
}

void proxy_rate(Proxy *proxy, int64_t bytes_a_second)
{
  atomic_store(&proxy->rate, bytes_a_second);
}
