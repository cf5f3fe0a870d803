#include "kiosk/screens/watch.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AGAIN = 1, STOP = 2, LOOK_MS = 5000, LOOKS = 6 /* without a sign, until the ui is woken all the same */ };

struct Watch {
  Ui *ui;
  int fd, number;
  char *path;
  struct stat file;
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

static bool same_file(const Watch *watch)
{
  struct stat now;
  return stat(watch->path, &now) == 0 && now.st_ino == watch->file.st_ino && now.st_dev == watch->file.st_dev;
}

static void *run(void *arg)
{
  Watch *watch = arg;
  bool watching = true;
  for (int looks = 0;;) {
    struct pollfd fds[2] = {{.fd = watch->order, .events = POLLIN}, {.fd = watch->fd, .events = POLLIN}};
    int ready = poll(fds, watching && watch->fd >= 0 ? 2 : 1, LOOK_MS);
    if (ready < 0 && errno != EINTR) return NULL;
    if (ready < 0 || (ready == 0 && same_file(watch) && ++looks < LOOKS)) continue;
    looks = 0;
    if (fds[0].revents) {
      int orders = take_orders(watch);
      if (orders & STOP) return NULL;
      if (orders & AGAIN) watching = true;
      continue;
    }
    if (fds[1].revents & (POLLERR | POLLNVAL)) watch->fd = -1;
    watching = false;
    ui_wake(watch->ui, watch->number);
  }
}

Err watch_open(Ui *ui, int fd, const char *path, int number, Watch **out)
{
  Watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return err_because(ERR_IO, "out of memory");
  *watch = (Watch){.ui = ui, .fd = fd, .number = number, .path = strdup(path), .order = eventfd(0, EFD_CLOEXEC)};
  pthread_mutex_init(&watch->lock, NULL);
  if (watch->path == NULL || stat(path, &watch->file) != 0 || watch->order < 0 ||
      pthread_create(&watch->thread, NULL, run, watch) != 0) {
    if (watch->order >= 0) close(watch->order);
    free(watch->path);
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
  free(watch->path);
  free(watch);
}

bool watch_same_file(const Watch *watch)
{
  return same_file(watch);
}
