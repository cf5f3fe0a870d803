#include "sync/agent/run.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"

enum { NETWORK_PAUSE_MS = 500 }; /* what changes in bursts is looked at once */

typedef struct Loop {
  Store *store;
  Agent *agent;
  HttpClient *client;
  int network_fd; /* -1: none */
  int64_t network_ms;
} Loop;

struct AgentRun {
  Loop loop;
  pthread_t thread;
  atomic_bool stopping, wiped;
  atomic_uint_fast64_t beat;
};

/* open_network: told when addresses or links change. */
static int open_network(void)
{
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return -1;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

static void drain(int fd)
{
  char bytes[4096];
  while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) continue;
}

static void loop_close(Loop *loop)
{
  http_client_free(loop->client);
  agent_close(loop->agent);
  if (loop->network_fd >= 0) close(loop->network_fd);
  *loop = (Loop){.network_fd = -1};
}

static Err loop_open(Store *store, Loop *loop)
{
  HttpClientOptions options;
  *loop = (Loop){.store = store, .network_fd = open_network()};
  Err err = agent_open(store, &loop->agent);
  if (err == ERR_OK) err = agent_trust(loop->agent, &options);
  if (err == ERR_OK) err = http_client_new(&options, &loop->client);
  if (err != ERR_OK) loop_close(loop);
  return err;
}

static void ask(Loop *loop)
{
  for (int lane = 0; lane < AGENT_LANES; lane++) {
    HttpCall call;
    if (http_client_busy(loop->client, lane) || !agent_next(loop->agent, lane, &call)) continue;
    Err err = http_client_start(loop->client, lane, &call);
    if (err == ERR_OK) continue;
    HttpAnswer answer = {.err = err};
    agent_answer(loop->agent, lane, &answer);
  }
}

static void take(Loop *loop)
{
  for (int lane = 0; lane < AGENT_LANES; lane++) {
    AUTO(Arena, arena, arena_fini) = arena_make(256 << 20);
    HttpAnswer answer;
    if (http_client_take(loop->client, lane, &arena, &answer)) agent_answer(loop->agent, lane, &answer);
  }
}

/* network_changed: now, or a little later when it changes often. */
static void network_changed(Loop *loop)
{
  int64_t now = env_monotonic_ms(store_env(loop->store));
  if (now - loop->network_ms < NETWORK_PAUSE_MS) return;
  loop->network_ms = now;
  agent_network(loop->agent);
}

/* listen: wait for whatever comes first, and take it. */
static Err listen_once(Loop *loop, int most_ms)
{
  int fds[2] = {store_watch_fd(loop->store), loop->network_fd};
  bool ready[2];
  int wait_ms = agent_wait_ms(loop->agent);
  if (fds[0] < 0 && wait_ms > 1000) wait_ms = 1000;
  TRY(http_client_wait(loop->client, fds, 2, ready, wait_ms < most_ms ? wait_ms : most_ms));
  if (ready[0]) store_watch_drain(loop->store);
  if (ready[1]) {
    drain(loop->network_fd);
    network_changed(loop);
  }
  take(loop);
  if (agent_wants_fresh(loop->agent)) {
    http_client_fresh(loop->client);
    agent_dropped(loop->agent);
  }
  return ERR_OK;
}

static void *run_main(void *context)
{
  AgentRun *run = context;
  while (!atomic_load(&run->stopping) && !agent_wiped(run->loop.agent)) {
    ask(&run->loop);
    Err err = listen_once(&run->loop, 10000);
    atomic_fetch_add(&run->beat, 1);
    if (err == ERR_OK) continue;
    log_err("agent.loop", err);
    sleep(1);
  }
  atomic_store(&run->wiped, agent_wiped(run->loop.agent));
  return NULL;
}

Err agent_run_start(const char *folder, const Env *env, AgentRun **out)
{
  Store *store;
  TRY(store_open(folder, env, &store));
  AgentRun *run = calloc(1, sizeof *run);
  Err err = run ? loop_open(store, &run->loop) : err_because(ERR_NO_SPACE, "memory for the agent");
  if (err == ERR_OK && pthread_create(&run->thread, NULL, run_main, run) != 0) {
    loop_close(&run->loop);
    err = err_because(ERR_NO_SPACE, "a thread for the agent");
  }
  if (err != ERR_OK) {
    free(run);
    store_close(store);
    return err;
  }
  *out = run;
  return ERR_OK;
}

void agent_run_stop(AgentRun *run)
{
  if (!run) return;
  atomic_store(&run->stopping, true);
  http_client_wake(run->loop.client);
  pthread_join(run->thread, NULL);
  Store *store = run->loop.store;
  loop_close(&run->loop);
  store_close(store);
  free(run);
}

uint64_t agent_run_beat(const AgentRun *run)
{
  return atomic_load(&run->beat);
}

bool agent_run_wiped(const AgentRun *run)
{
  return atomic_load(&run->wiped);
}

Err agent_catch_up(Store *store, int64_t timeout_ms)
{
  Loop loop;
  TRY(loop_open(store, &loop));
  int64_t until = env_monotonic_ms(store_env(store)) + timeout_ms;
  Err err = ERR_OK;
  while (err == ERR_OK) {
    ask(&loop);
    if (agent_current(loop.agent)) break;
    int64_t left = until - env_monotonic_ms(store_env(store));
    if (agent_ended(loop.agent) || left <= 0) {
      err = agent_err(loop.agent);
      if (err == ERR_OK) err = err_because(ERR_NETWORK, "it takes longer than %lld ms", (long long)timeout_ms);
    } else {
      err = listen_once(&loop, left < 1000 ? (int)left : 1000);
    }
  }
  loop_close(&loop);
  return err;
}
