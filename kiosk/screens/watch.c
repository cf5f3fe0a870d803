#include "kiosk/screens/watch.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { AGAIN = 1, STOP = 2 };

struct Watch {
  Ui *ui;
  int fd, number;
  int order;  /* eventfd from the ui's thread */
  int orders; /* AGAIN, STOP: read by the thread after `order` */
  pthread_mutex_t lock;
  pthread_t thread;
};

static int take_orders(Watch *watch)
{
  uint64_t count;
  if (read(watch->order, &count, sizeof count) != sizeof count) return 0;
  pthread_mutex_lock(&watch->lock);
  int orders = watch->orders;
  watch->orders = 0;
  pthread_mutex_unlock(&watch->lock);
  return orders;
}

static void *run(void *arg)
{
  Watch *watch = arg;
  bool watching = true;
  for (;;) {
    struct pollfd fds[2] = {{.fd = watch->order, .events = POLLIN}, {.fd = watch->fd, .events = POLLIN}};
    if (poll(fds, watching ? 2 : 1, -1) < 0) {
      if (errno == EINTR) continue;
      return NULL;
    }
    if (fds[0].revents) {
      int orders = take_orders(watch);
      if (orders & STOP) return NULL;
      if (orders & AGAIN) watching = true;
      continue;
    }
    if (fds[1].revents & (POLLERR | POLLNVAL)) return NULL;
    watching = false;
    ui_wake(watch->ui, watch->number);
  }
}

Err watch_open(Ui *ui, int fd, int number, Watch **out)
{
  Watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return err_because(ERR_IO, "out of memory");
  *watch = (Watch){.ui = ui, .fd = fd, .number = number, .order = eventfd(0, EFD_CLOEXEC)};
  pthread_mutex_init(&watch->lock, NULL);
  if (watch->order < 0 || pthread_create(&watch->thread, NULL, run, watch) != 0) {
    if (watch->order >= 0) close(watch->order);
    free(watch);
    return err_because(ERR_IO, "a thread to watch the store");
  }
  *out = watch;
  return ERR_OK;
}

static void give(Watch *watch, int order)
{
  pthread_mutex_lock(&watch->lock);
  watch->orders |= order;
  pthread_mutex_unlock(&watch->lock);
  uint64_t one = 1;
  ssize_t written = write(watch->order, &one, sizeof one);
  assert(written == sizeof one);
  (void)written;
}

void watch_again(Watch *watch)
{
  give(watch, AGAIN);
}

void watch_close(Watch *watch)
{
  if (watch == NULL) return;
  give(watch, STOP);
  pthread_join(watch->thread, NULL);
  pthread_mutex_destroy(&watch->lock);
  close(watch->order);
  free(watch);
}
