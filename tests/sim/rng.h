/* Rng: everything that a run leaves to chance, from one seed. Streams are apart from one another, so that leaving out a fault does not
 * change what the people do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Rng {
  uint64_t state[4];
} Rng;

/* rng_make: the stream `name` number `index` of a seed. */
Rng rng_make(uint64_t seed, const char *name, uint64_t index);
uint64_t rng_next(Rng *rng);
/* rng_below: 0 <= result < n; n > 0. rng_between: both ends included. rng_chance: true in `per_mille` of 1000 cases. */
uint64_t rng_below(Rng *rng, uint64_t n);
int64_t rng_between(Rng *rng, int64_t least, int64_t most);
bool rng_chance(Rng *rng, unsigned per_mille);
/* rng_spread: least..most, each order of magnitude as likely as the others; least > 0. */
int64_t rng_spread(Rng *rng, int64_t least, int64_t most);
void rng_bytes(Rng *rng, void *out, size_t len);
