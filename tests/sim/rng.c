#include "tests/sim/rng.h"

#include <string.h>

static uint64_t mix(uint64_t z)
{
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

Rng rng_make(uint64_t seed, const char *name, uint64_t index)
{
  uint64_t z = mix(seed + 0x9e3779b97f4a7c15U);
  for (const char *c = name; *c; c++) z = mix(z + (uint8_t)*c + 0x9e3779b97f4a7c15U);
  z = mix(z + index * 0xd1342543de82ef95U + 1);
  Rng rng;
  for (int i = 0; i < 4; i++) rng.state[i] = mix(z += 0x9e3779b97f4a7c15U);
  return rng;
}

static uint64_t rotate(uint64_t x, int bits)
{
  return (x << bits) | (x >> (64 - bits));
}

/* xoshiro256** 1.0 (Blackman and Vigna, 2018) */
uint64_t rng_next(Rng *rng)
{
  uint64_t *s = rng->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

uint64_t rng_below(Rng *rng, uint64_t n)
{
  return rng_next(rng) % n;
}

int64_t rng_between(Rng *rng, int64_t least, int64_t most)
{
  return least + (int64_t)rng_below(rng, (uint64_t)(most - least) + 1);
}

bool rng_chance(Rng *rng, unsigned per_mille)
{
  return rng_below(rng, 1000) < per_mille;
}

int64_t rng_spread(Rng *rng, int64_t least, int64_t most)
{
  int low = 63 - __builtin_clzll((uint64_t)least), high = 63 - __builtin_clzll((uint64_t)most);
  int64_t base = INT64_C(1) << rng_between(rng, low, high);
  int64_t value = base + (int64_t)rng_below(rng, (uint64_t)base);
  return value < least ? least : value > most ? most : value;
}

void rng_bytes(Rng *rng, void *out, size_t len)
{
  uint8_t *at = out;
  while (len > 0) {
    uint64_t word = rng_next(rng);
    size_t part = len < sizeof word ? len : sizeof word;
    memcpy(at, &word, part);
    at += part;
    len -= part;
  }
}
