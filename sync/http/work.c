/* Workers run handlers; the watcher wakes what is parked and cuts slow clients. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "sync/http/serve.h"

enum {
  SWEEP_MS = 2000,         /* how often slow clients are looked for */
  SLOWEST_BYTES_A_S = 256, /* what a client must manage on average, beyond the idle time-out */
  HEAD_POLL_MS = 1000,     /* without inotify */
  DRAIN_MS = 10000,
};

static void enqueue_locked(HttpServer *server, Exchange *x)
{
  x->next = NULL;
  if (server->queue_last)
    server->queue_last->next = x;
  else
    server->queue_first = x;
  server->queue_last = x;
  pthread_cond_signal(&server->work);
}

void work_enqueue(HttpServer *server, Exchange *x)
{
  pthread_mutex_lock(&server->lock);
  enqueue_locked(server, x);
  pthread_mutex_unlock(&server->lock);
}

void work_wake(HttpServer *server)
{
  uint64_t one = 1;
  while (write(server->wake_fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static Exchange *dequeue(HttpServer *server)
{
  pthread_mutex_lock(&server->lock);
  while (!server->queue_first && !server->ending) pthread_cond_wait(&server->work, &server->lock);
  Exchange *x = server->queue_first;
  if (x) {
    server->queue_first = x->next;
    if (!server->queue_first) server->queue_last = NULL;
    x->next = NULL;
  }
  pthread_mutex_unlock(&server->lock);
  return x;
}

/* park: true when the exchange now waits for the watcher, and is no longer ours. */
static bool park(HttpServer *server, Exchange *x)
{
  if (x->response.park_ms <= 0 || x->request.timed_out) return false;
  arena_fini(&x->work); /* a thousand may be parked */
  x->work = arena_make(HTTP_WORK_MAX);
  int64_t until = server_now_ms(server) + x->response.park_ms;
  pthread_mutex_lock(&server->lock);
  if (server->stopping) { /* run it once more, for its last answer */
    x->request.timed_out = true;
    enqueue_locked(server, x);
  } else {
    x->park_until_ms = until;
    x->next = server->parked;
    server->parked = x;
  }
  pthread_mutex_unlock(&server->lock);
  work_wake(server);
  return true;
}

static void run(Worker *worker, Exchange *x)
{
  HttpServer *server = worker->server;
  arena_reset(&x->work);
  x->header_count = 0;
  x->response = (HttpResponse){.internal = x};
  x->request.arena = &x->work;
  x->request.store = worker->store;
  int64_t now = server_now_ms(server);
  if (!x->first_run_ms) x->first_run_ms = now;
  x->request.waited_ms = now - x->first_run_ms;
  err_clear();
  x->route->handler(&x->request, &x->response, x->route->context);
  store_read_end(worker->store); /* a handler that returned early must not pin the log */
  if (park(server, x)) return;
  x->answered = true;
  MHD_resume_connection(x->connection);
}

static void *worker_main(void *context)
{
  Worker *worker = context;
  for (Exchange *x; (x = dequeue(worker->server));) run(worker, x);
  return NULL;
}

/* sweep_parked: move what is due to the queue; returns the ms until the next is due, -1 for none. */
static int64_t sweep_parked(HttpServer *server, int64_t now)
{
  int64_t next = -1;
  for (Exchange **at = &server->parked; *at;) {
    Exchange *x = *at;
    x->request.woken = server->head > x->response.park_head;
    x->request.timed_out = server->stopping || (!x->request.woken && now >= x->park_until_ms);
    if (x->request.woken || x->request.timed_out) {
      *at = x->next;
      enqueue_locked(server, x);
      continue;
    }
    int64_t left = x->park_until_ms - now;
    if (next < 0 || left < next) next = left;
    at = &x->next;
  }
  return next;
}

static void cut_slow(HttpServer *server, int64_t now)
{
  int64_t idle_ms = server->options.idle_timeout_s * 1000LL;
  for (Link *link = server->links; link; link = link->next) {
    int64_t allowed = idle_ms + (int64_t)(link->bytes / SLOWEST_BYTES_A_S) * 1000;
    if (link->phase == PHASE_HANDLER || link->cut || now - link->since_ms < allowed) continue;
    link->cut = true;
    shutdown(link->fd, SHUT_RDWR); /* MHD sees the end of it and cleans up */
  }
}

static void *watcher_main(void *context)
{
  HttpServer *server = context;
  int watch_fd = store_watch_fd(server->watch_store);
  struct pollfd fds[2] = {{.fd = server->wake_fd, .events = POLLIN}, {.fd = watch_fd, .events = POLLIN}};
  for (;;) {
    int64_t head = store_head(server->watch_store);
    int64_t now = server_now_ms(server);
    pthread_mutex_lock(&server->lock);
    server->head = head;
    int64_t timeout = sweep_parked(server, now);
    cut_slow(server, now);
    if (server->links && (timeout < 0 || timeout > SWEEP_MS)) timeout = SWEEP_MS;
    if (watch_fd < 0 && server->parked && timeout > HEAD_POLL_MS) timeout = HEAD_POLL_MS;
    bool ending = server->ending;
    pthread_mutex_unlock(&server->lock);
    if (ending) return NULL;
    if (poll(fds, watch_fd < 0 ? 1 : 2, (int)timeout) < 0 && errno != EINTR) {
      log_event(LOG_ERROR, "http.watch", "errno=%d", errno);
      return NULL;
    }
    uint64_t count;
    if ((fds[0].revents & POLLIN) && read(server->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
      log_event(LOG_WARN, "http.watch", "errno=%d", errno);
    if (fds[1].revents & POLLIN) store_watch_drain(server->watch_store);
  }
}

Err work_start(HttpServer *server)
{
  server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (server->wake_fd < 0) return err_because(ERR_IO, "eventfd: errno %d", errno);
  size_t count = (size_t)server->options.workers;
  server->workers = calloc(count, sizeof *server->workers);
  if (!server->workers) return err_because(ERR_NO_SPACE, "memory for workers");
  TRY(store_open(server->options.store_folder, server->options.env, &server->watch_store));
  if (pthread_create(&server->watcher, NULL, watcher_main, server) != 0)
    return err_because(ERR_NO_SPACE, "a thread for the server");
  server->watching = true;
  while (server->worker_count < count) {
    Worker *worker = &server->workers[server->worker_count];
    worker->server = server;
    TRY(store_open(server->options.store_folder, server->options.env, &worker->store));
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
      store_close(worker->store);
      return err_because(ERR_NO_SPACE, "a thread for a worker");
    }
    server->worker_count++;
  }
  return ERR_OK;
}

static bool all_answered(HttpServer *server)
{
  pthread_mutex_lock(&server->lock);
  bool done = server->open_exchanges == 0;
  pthread_mutex_unlock(&server->lock);
  return done;
}

void work_drain(HttpServer *server)
{
  pthread_mutex_lock(&server->lock);
  server->stopping = true;
  pthread_mutex_unlock(&server->lock);
  if (server->wake_fd >= 0) work_wake(server);
  int64_t until = server_now_ms(server) + DRAIN_MS;
  for (int tries = 0; !all_answered(server) && server_now_ms(server) < until && tries < DRAIN_MS / 10; tries++)
    poll(NULL, 0, 10);
  pthread_mutex_lock(&server->lock);
  server->ending = true;
  pthread_cond_broadcast(&server->work);
  pthread_mutex_unlock(&server->lock);
  if (server->wake_fd >= 0) work_wake(server);
  if (server->watching) pthread_join(server->watcher, NULL);
  for (size_t i = 0; i < server->worker_count; i++) {
    pthread_join(server->workers[i].thread, NULL);
    store_close(server->workers[i].store);
  }
  store_close(server->watch_store);
  free(server->workers);
  if (server->wake_fd >= 0) close(server->wake_fd);
  server->workers = NULL;
  server->worker_count = 0;
  server->watch_store = NULL;
  server->watching = false;
  server->wake_fd = -1;
}
