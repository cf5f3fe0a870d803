#include "common/base/env.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t clock_ms(clockid_t clock)
{
  struct timespec t;
  if (clock_gettime(clock, &t) != 0) abort(); /* only for a clock that the kernel does not have */
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static Instant system_now(const Env *env)
{
  (void)env;
  return clock_ms(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(const Env *env)
{
  (void)env;
  return clock_ms(CLOCK_BOOTTIME); /* counts suspension: a tablet that slept for an hour was idle for an hour */
}

static void random_of_kernel(void *out, size_t len)
{
  uint8_t *at = out;
  while (len > 0) {
    ssize_t got = getrandom(at, len, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      perror("getrandom");
      abort();
    }
    at += got;
    len -= (size_t)got;
  }
}

/* Ids take eight bytes of randomness each, and a system call for each costs more than all the rest of an id: small
 * requests are served from a stock a thread, wiped as it is given out. Keys and nonces always come from the kernel. */
enum { STOCK_SIZE = 512, SMALL_MAX = 16 };

static _Thread_local struct {
  uint8_t bytes[STOCK_SIZE];
  size_t left;
  unsigned generation;
} stock;

/* A forked child must not give out its parent's stock: it counts one generation more, which empties it. */
static atomic_uint generation = 1;

static void count_fork(void)
{
  atomic_fetch_add(&generation, 1);
}

static void watch_forks(void)
{
  if (pthread_atfork(NULL, NULL, count_fork) != 0) abort();
}

static void system_random(const Env *env, void *out, size_t len)
{
  (void)env;
  if (len > SMALL_MAX) {
    random_of_kernel(out, len);
    return;
  }
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch_forks);
  unsigned current = atomic_load_explicit(&generation, memory_order_relaxed);
  if (stock.left < len || stock.generation != current) {
    random_of_kernel(stock.bytes, STOCK_SIZE);
    stock.left = STOCK_SIZE;
    stock.generation = current;
  }
  stock.left -= len;
  memcpy(out, stock.bytes + stock.left, len);
  memset(stock.bytes + stock.left, 0, len);
}

const Env *env_system(void)
{
  static const Env system = {.now = system_now,
                             .monotonic_ms = system_monotonic_ms,
                             .random = system_random,
                             .vfs = NULL};
  return &system;
}

/* The clock and the generator of a fake change behind a const Env; the EnvFake around it is the test's own variable. */
static EnvFake *fake_of(const Env *env)
{
  return (EnvFake *)(uintptr_t)env;
}

static Instant fake_now(const Env *env)
{
  return fake_of(env)->now;
}

static int64_t fake_monotonic_ms(const Env *env)
{
  return fake_of(env)->monotonic_ms;
}

static uint64_t rotate_left(uint64_t x, int bits)
{
  return (x << bits) | (x >> (64 - bits));
}

/* xoshiro256** 1.0 (Blackman and Vigna, 2018) */
static uint64_t fake_next(uint64_t s[4])
{
  uint64_t result = rotate_left(s[1] * 5, 7) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

static void fake_random(const Env *env, void *out, size_t len)
{
  uint8_t *at = out;
  while (len > 0) {
    uint64_t word = fake_next(fake_of(env)->state);
    size_t part = len < sizeof word ? len : sizeof word;
    memcpy(at, &word, part);
    at += part;
    len -= part;
  }
}

void env_fake_init(EnvFake *fake, Instant now, uint64_t seed)
{
  *fake = (EnvFake){
      .env = {.now = fake_now, .monotonic_ms = fake_monotonic_ms, .random = fake_random},
      .now = now,
      .monotonic_ms = 1000,
  };
  for (size_t i = 0; i < 4; i++) { /* splitmix64, so that the state is never all zeros */
    uint64_t z = seed += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    fake->state[i] = z ^ (z >> 31);
  }
}

void env_fake_advance(EnvFake *fake, int64_t ms)
{
  fake->now += ms;
  fake->monotonic_ms += ms;
}
