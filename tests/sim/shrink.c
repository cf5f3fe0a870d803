#include "tests/sim/shrink.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SHRINK_SECONDS = 60 };

static time_t end;

static bool fails(const SimOptions *options, SimResult *result)
{
  return time(NULL) < end && !sim_try(options, result, true);
}

void shrink_tell(const SimOptions *options)
{
  printf("again: sim --seed %llu --operations %d", (unsigned long long)options->seed, options->operations);
  if (options->nodes) printf(" --nodes %d", options->nodes);
  bool all = true, first = true;
  for (int i = 0; i < FAULT_COUNT; i++) all &= options->faults >> i & 1;
  if (!all) printf(" --faults '");
  for (int i = 0; i < FAULT_COUNT && !all; i++)
    if (options->faults >> i & 1) {
      printf("%s%s", first ? "" : ",", fault_name((FaultKind)i));
      first = false;
    }
  if (!all) printf("%s'", first ? "none" : "");
  if (*options->skip) printf(" --skip %.*s", (int)strlen(options->skip) - 2, options->skip + 1);
  printf(" --verbose\n");
  fflush(stdout);
}

static void fewer_operations(SimOptions *best, SimResult *result)
{
  int low = 0;
  while (best->operations - low > 1) {
    SimOptions tried = *best;
    tried.operations = low + (best->operations - low) / 2;
    if (fails(&tried, result))
      best->operations = tried.operations;
    else
      low = tried.operations;
  }
}

static void fewer_faults(SimOptions *best, SimResult *result)
{
  for (int i = 0; i < FAULT_COUNT; i++) {
    SimOptions tried = *best;
    tried.faults &= ~(1ULL << i);
    if (tried.faults != best->faults && fails(&tried, result)) *best = tried;
  }
}

/* skip_some: halves, quarters, ... single ones. */
static void skip_some(SimOptions *best, SimResult *result)
{
  static char kept[2][16384];
  int count = best->operations / 12 + 2, which = 0;
  for (int size = count; size >= 1; size /= 2) {
    for (int at = 1; at <= count; at += size) {
      char *text = kept[which];
      int len = snprintf(text, sizeof kept[0], "%s", *best->skip ? best->skip : ",");
      for (int i = at; i < at + size && i <= count && len < (int)sizeof kept[0] - 16; i++)
        len += snprintf(text + len, sizeof kept[0] - (size_t)len, "%d,", i);
      SimOptions tried = *best;
      tried.skip = text;
      if (!fails(&tried, result)) continue;
      *best = tried;
      which = !which;
    }
  }
}

void shrink(const SimOptions *options, SimResult *result)
{
  SimOptions best = *options;
  best.verbose = false;
  end = time(NULL) + SHRINK_SECONDS;
  fewer_operations(&best, result);
  fewer_faults(&best, result);
  skip_some(&best, result);
  fewer_operations(&best, result);
  shrink_tell(options);
  printf("in short: ");
  shrink_tell(&best);
}
