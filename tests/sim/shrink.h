/* Shrink: a shorter story of a failing seed: fewer operations, kinds of faults, faults, as long as it still fails. */
#pragma once

#include <sys/types.h>

#include "tests/sim/sim.h"

typedef struct SimResult {
  bool passed;
  uint64_t trace_hash;
  SimCounts counts;
} SimResult;

/* sim_start, sim_try: in a process of its own. */
pid_t sim_start(const SimOptions *options, SimResult *result, bool quiet);
bool sim_try(const SimOptions *options, SimResult *result, bool quiet);

void shrink(const SimOptions *options, SimResult *result);
/* shrink_tell: the command that shows it. */
void shrink_tell(const SimOptions *options);
