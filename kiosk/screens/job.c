#include "kiosk/screens/job.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "common/base/log.h"
#include "kiosk/screens/state.h"

enum { PATIENCE_MS = 120, JOBS_MAX = 2 };

struct Jobs {
  App *app;
  pthread_t thread;
  int go, done; /* eventfds: the ui's thread hands over a job; the other thread gives it back */
  Job queue[JOBS_MAX];
  int count;
  bool stop;
  Err err; /* of queue[0], once given back */
};

static void post(int fd)
{
  uint64_t one = 1;
  ssize_t written = write(fd, &one, sizeof one);
  assert(written == sizeof one);
  (void)written;
}

/* take: wait for the other side at most timeout_ms (-1: for ever). */
static bool take(int fd, int timeout_ms)
{
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
  int ready;
  do ready = poll(&poll_fd, 1, timeout_ms);
  while (ready < 0 && timeout_ms < 0);
  uint64_t count;
  return ready > 0 && read(fd, &count, sizeof count) == sizeof count;
}

/* wipe_stack: what the job's calls have left below. */
static __attribute__((noinline)) void wipe_stack(void)
{
  char below[64 << 10];
  crypto_wipe(below, sizeof below);
}

static void *run(void *arg)
{
  Jobs *jobs = arg;
  for (;;) {
    if (!take(jobs->go, -1)) continue;
    if (jobs->stop) return NULL;
    jobs->err = jobs->queue[0].work(jobs->app);
    wipe_stack();
    if (jobs->err != ERR_OK && jobs->err != ERR_INVALID && jobs->err != ERR_NOT_FOUND) log_err("kiosk.job", jobs->err);
    post(jobs->done);
    ui_wake(jobs->app->ui, WAKE_JOB);
  }
}

Err jobs_open(App *app, Jobs **out)
{
  Jobs *jobs = calloc(1, sizeof *jobs);
  if (jobs == NULL) return err_because(ERR_IO, "out of memory");
  *jobs = (Jobs){.app = app, .go = eventfd(0, EFD_CLOEXEC), .done = eventfd(0, EFD_CLOEXEC)};
  if (jobs->go < 0 || jobs->done < 0 || pthread_create(&jobs->thread, NULL, run, jobs) != 0) {
    if (jobs->go >= 0) close(jobs->go);
    if (jobs->done >= 0) close(jobs->done);
    free(jobs);
    return err_because(ERR_IO, "a thread or an eventfd for the kiosk's jobs");
  }
  *out = jobs;
  return ERR_OK;
}

void jobs_close(Jobs *jobs)
{
  if (jobs == NULL) return;
  if (jobs->count > 0) take(jobs->done, -1);
  jobs->stop = true;
  post(jobs->go);
  pthread_join(jobs->thread, NULL);
  close(jobs->go);
  close(jobs->done);
  free(jobs);
}

static void settle(Jobs *jobs)
{
  Job job = jobs->queue[0];
  Err err = jobs->err;
  jobs->queue[0] = jobs->queue[1];
  jobs->count--;
  if (jobs->count > 0) post(jobs->go);
  job.done(jobs->app, err);
}

void job_start(App *app, Job job)
{
  Jobs *jobs = app->jobs;
  assert(jobs->count < JOBS_MAX);
  jobs->queue[jobs->count++] = job;
  if (jobs->count == 1) post(jobs->go);
  while (jobs->count > 0 && take(jobs->done, PATIENCE_MS)) settle(jobs);
}

void jobs_wake(App *app)
{
  while (app->jobs->count > 0 && take(app->jobs->done, 0)) settle(app->jobs);
}

bool jobs_any(const Jobs *jobs)
{
  return jobs->count > 0;
}

bool jobs_loud(const Jobs *jobs)
{
  for (int i = 0; i < jobs->count; i++)
    if (!jobs->queue[i].quiet) return true;
  return false;
}

bool jobs_full(const Jobs *jobs)
{
  return jobs->count == JOBS_MAX;
}
