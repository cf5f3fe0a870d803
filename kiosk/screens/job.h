/* Job: what needs the store to write, on a thread of its own, so that no screen ever hangs: another process may hold the
 * database for seconds. Most are done within a frame or two, and then it is as if they had been called.
 *
 * One at a time, and one may wait behind it. While any is under way nothing else touches the store or the check-in. */
#pragma once

#include "common/base/err.h"

typedef struct App App;
typedef struct Jobs Jobs;

typedef struct Job {
  Err (*work)(App *app); /* on the other thread; reads and writes app->person and app->board where it says so */
  void (*done)(App *app, Err err); /* on the ui's thread */
  bool quiet;                      /* the present screen stays while it runs (it shows nothing that work changes) */
} Job;

MUST_CHECK Err jobs_open(App *app, Jobs **out);
void jobs_close(Jobs *jobs); /* waits for what is under way */
/* job_start: run it. After a short while of waiting it returns even though the job is not done; then the screen says that
 * it is working, and `done` is called by a later turn. Asserts that no other waits already. */
void job_start(App *app, Job job);
/* jobs_wake: the ui was woken by a job. */
void jobs_wake(App *app);
bool jobs_any(const Jobs *jobs);  /* is the store in use? */
bool jobs_loud(const Jobs *jobs); /* should the screen say that it is working? */
bool jobs_full(const Jobs *jobs); /* one runs and one waits */
