#include "sync/ruling.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/practice/booking.h"
#include "common/practice/repair.h"
#include "sync/settings.h"

enum { LOOK_MS = 10000, LOOK_BLIND_MS = 1000, PAUSE_MS = 2000 };

struct Ruling {
  Store *store;
  pthread_t thread;
  atomic_bool stopping;
  int wake_fd;
  bool root;
  int64_t repaired_head, repair_ms;
};

/* repair: only the root does, so that nobody tells it twice; again when something has come and some time has passed. */
static Err repair(Ruling *ruling)
{
  int64_t now = env_monotonic_ms(store_env(ruling->store)), head = store_head(ruling->store);
  if (head == ruling->repaired_head || now < ruling->repair_ms) return ERR_OK;
  TRY(repair_sweep(ruling->store, NULL));
  ruling->repaired_head = head;
  ruling->repair_ms = now + LOOK_MS;
  return ERR_OK;
}

/* rule: everything that has come. A node that is revoked, or not whole again after a restore, rules on nothing until it is. */
static bool rule(Ruling *ruling)
{
  size_t ruled = 0;
  Err err = booking_rule(ruling->store, &ruled);
  if (err == ERR_OK) err = allotment_sweep(ruling->store);
  if (err == ERR_OK && ruling->root) err = repair(ruling);
  if (ruled > 0) log_event(LOG_INFO, "ruling.ruled", "count=%zu", ruled);
  if (err != ERR_OK && err != ERR_REVOKED && err != ERR_EPOCH) log_err("ruling.failed", err);
  return err == ERR_OK;
}

static void wait_for_news(Ruling *ruling, bool fine)
{
  struct pollfd fds[2] = {{.fd = ruling->wake_fd, .events = POLLIN},
                          {.fd = fine ? store_watch_fd(ruling->store) : -1, .events = POLLIN}};
  int most_ms = !fine ? PAUSE_MS : fds[1].fd < 0 ? LOOK_BLIND_MS : LOOK_MS;
  if (poll(fds, 2, most_ms) > 0 && fds[1].revents) store_watch_drain(ruling->store);
}

static void *run(void *context)
{
  Ruling *ruling = context;
  (void)store_watch_fd(ruling->store); /* before the first look, so that nothing falls in between */
  while (!atomic_load(&ruling->stopping)) wait_for_news(ruling, rule(ruling));
  return NULL;
}

static void free_ruling(Ruling *ruling)
{
  if (ruling->wake_fd >= 0) close(ruling->wake_fd);
  store_close(ruling->store);
  free(ruling);
}

Err ruling_start(const char *folder, const Env *env, Ruling **out)
{
  Ruling *ruling = calloc(1, sizeof *ruling);
  if (!ruling) return err_because(ERR_NO_SPACE, "memory for the ruling thread");
  ruling->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  Err err = ruling->wake_fd < 0 ? err_because(ERR_IO, "eventfd") : store_open(folder, env, &ruling->store);
  if (err == ERR_OK) ruling->root = local_get_int(ruling->store, SETTING_UPSTREAM, 0) == 0;
  if (err == ERR_OK && pthread_create(&ruling->thread, NULL, run, ruling) != 0)
    err = err_because(ERR_NO_SPACE, "a thread for rulings");
  if (err != ERR_OK) {
    free_ruling(ruling);
    return err;
  }
  *out = ruling;
  return ERR_OK;
}

void ruling_stop(Ruling *ruling)
{
  if (!ruling) return;
  atomic_store(&ruling->stopping, true);
  eventfd_write(ruling->wake_fd, 1);
  pthread_join(ruling->thread, NULL);
  free_ruling(ruling);
}
