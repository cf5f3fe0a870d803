#include "sync/follow.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/store/logstore.h"

enum { WAIT_MS = 1000, RETRY_MS = 200 };

struct Follow {
  Store *store;
  const Env *env;
  pthread_t thread;
  atomic_bool stopping;
  atomic_llong whole_ms; /* when the view was last known to be whole */
};

/* turn: one look at what is new, whether or not something was heard: what was said while nobody listened is not repeated. */
static Err turn(Follow *follow)
{
  int64_t asked_ms = env_monotonic_ms(follow->env);
  TRY(logstore_catch_up(follow->store));
  atomic_store(&follow->whole_ms, asked_ms);
  return logstore_wait(follow->store, WAIT_MS);
}

static void *follow_main(void *context)
{
  Follow *follow = context;
  bool failing = false;
  while (!atomic_load(&follow->stopping)) {
    Err err = turn(follow);
    if (err != ERR_OK && !failing) log_err("follow", err);
    if (err == ERR_OK && failing) log_event(LOG_INFO, "follow.again", NULL);
    failing = err != ERR_OK;
    if (failing) poll(NULL, 0, RETRY_MS);
  }
  return NULL;
}

Err follow_start(const char *folder, const Env *env, Follow **out)
{
  *out = NULL;
  AUTO(Store *, store, store_closep) = NULL;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TRY(store_open(folder, env, &store));
  if (logstore_address(store, &arena).len == 0) return ERR_OK;
  Follow *follow = calloc(1, sizeof *follow);
  if (!follow) return err_because(ERR_NO_SPACE, "memory for the follower");
  follow->env = env;
  follow->store = store;
  atomic_store(&follow->whole_ms, env_monotonic_ms(env));
  if (pthread_create(&follow->thread, NULL, follow_main, follow) != 0) {
    free(follow);
    return err_because(ERR_NO_SPACE, "a thread for the follower");
  }
  store = NULL; /* the thread's */
  *out = follow;
  return ERR_OK;
}

bool follow_is_stale(const Follow *follow)
{
  return follow && env_monotonic_ms(follow->env) - atomic_load(&follow->whole_ms) > FOLLOW_STALE_MS;
}

void follow_stop(Follow *follow)
{
  if (!follow) return;
  atomic_store(&follow->stopping, true);
  pthread_join(follow->thread, NULL);
  store_close(follow->store);
  free(follow);
}
