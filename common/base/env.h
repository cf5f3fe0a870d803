/* Env: the only way to time, randomness and the disk's name below the faces, so that a simulator and a fake clock are
 * possible. Nothing in common/ calls time(), getrandom() or the like by itself. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. */
typedef int64_t Instant;

typedef struct Env Env;
struct Env {
  Instant (*now)(const Env *env);                        /* wall clock; may jump either way */
  int64_t (*monotonic_ms)(const Env *env);               /* never goes back; for time-outs and pacing */
  void (*random)(const Env *env, void *out, size_t len); /* cryptographic randomness */
  const char *vfs;                                       /* SQLite VFS name, NULL for the default */
  const struct LogDriver *log; /* to a journal that lives elsewhere (common/store/logstore.h); NULL: none */
};

static inline Instant env_now(const Env *env)
{
  return env->now(env);
}
static inline int64_t env_monotonic_ms(const Env *env)
{
  return env->monotonic_ms(env);
}
static inline void env_random(const Env *env, void *out, size_t len)
{
  env->random(env, out, len);
}

/* env_system: the machine's own clock and randomness. Valid for ever. */
const Env *env_system(void);

/* EnvFake: a clock that a test sets, and randomness from a seed (xoshiro256**; never for keys).
 * Use &fake.env; the struct must not move while in use. */
typedef struct EnvFake {
  Env env; /* first */
  Instant now;
  int64_t monotonic_ms;
  uint64_t state[4];
} EnvFake;
void env_fake_init(EnvFake *fake, Instant now, uint64_t seed);
void env_fake_advance(EnvFake *fake, int64_t ms); /* moves both clocks */
