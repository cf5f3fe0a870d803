/* sim: runs seeds, each in a process of its own, some at a time; says how to see a failing one again, and makes its story shorter. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/json.h"
#include "common/base/log.h"
#include "tests/sim/ops/ops.h"
#include "tests/sim/shrink.h"
#include "tests/sim/sim.h"

enum {
  JOBS_MAX = 16,
  SEED_SECONDS = 60,
  OPERATIONS_A_SECOND = 20
}; /* a seed that takes longer goes round in circles */

typedef struct Slot {
  pid_t pid;
  uint64_t seed;
  SimResult *result; /* shared with the child */
} Slot;

static int usage(FILE *out, int code)
{
  fputs("usage: sim [--seeds N] [--seed FIRST] [--operations N] [--nodes N] [--jobs N] [--seconds N]\n"
        "           [--faults NAME,... | --faults none] [--skip N,...] [--twice] [--verbose] [--no-shrink] [--stop]\n"
        "Runs N seeds from FIRST on (--seconds: at most so long; --stop: until one fails). The same seed gives the "
        "same trace; --twice shows "
        "it.\n",
        out);
  return code;
}

static int64_t seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

static _Noreturn void child(const SimOptions *options, SimResult *result, bool quiet)
{
  alarm(SEED_SECONDS + (unsigned)options->operations / OPERATIONS_A_SECOND);
  if (quiet && !freopen("/dev/null", "w", stderr)) _exit(3);
  json_object_seed(1);
  FILE *nowhere = fopen("/dev/null", "w");
  log_open("sim", LOG_ERROR, nowhere, NULL);
  sim_run(options, &result->counts, &result->trace_hash);
  result->passed = true;
  fflush(NULL);
  _exit(0);
}

pid_t sim_start(const SimOptions *options, SimResult *result, bool quiet)
{
  fflush(NULL);
  *result = (SimResult){0};
  pid_t pid = fork();
  if (pid == 0) child(options, result, quiet);
  return pid;
}

bool sim_try(const SimOptions *options, SimResult *result, bool quiet)
{
  pid_t pid = sim_start(options, result, quiet);
  int status;
  waitpid(pid, &status, 0);
  return result->passed;
}

static void add_counts(SimCounts *sum, const SimCounts *one)
{
  sum->operations += one->operations;
  sum->refused += one->refused;
  sum->events += one->events;
  sum->crashes += one->crashes;
  sum->cuts += one->cuts;
  sum->losses += one->losses;
  sum->restarts += one->restarts;
  sum->checks += one->checks;
  sum->simulated_ms += one->simulated_ms;
  sum->bytes += one->bytes;
  for (int i = 0; i < FAULT_COUNT; i++) sum->faults[i] += one->faults[i];
}

static void report(const SimCounts *c, uint64_t seeds, uint64_t failed, int64_t took)
{
  printf("%llu seeds, %llu failed; %llu operations (%llu refused), %lld simulated hours, %llu crashes, %llu restarts,"
         " %llu cuts, %llu losses, %llu events; %lld s, %lld operations/s\n",
         (unsigned long long)seeds, (unsigned long long)failed, (unsigned long long)c->operations,
         (unsigned long long)c->refused, (long long)(c->simulated_ms / 3600000), (unsigned long long)c->crashes,
         (unsigned long long)c->restarts, (unsigned long long)c->cuts, (unsigned long long)c->losses,
         (unsigned long long)c->events, (long long)took, (long long)((int64_t)c->operations / (took ? took : 1)));
  printf("faults:");
  for (int i = 0; i < FAULT_COUNT; i++)
    printf("%s %s %llu", i ? "," : "", fault_name((FaultKind)i), (unsigned long long)c->faults[i]);
  printf("\n");
}

static uint64_t parse_faults(const char *text)
{
  uint64_t faults = 0;
  if (strcmp(text, "none") == 0) return 0;
  for (int i = 0; i < FAULT_COUNT; i++) {
    const char *at = strstr(text, fault_name((FaultKind)i));
    size_t len = strlen(fault_name((FaultKind)i));
    for (; at; at = strstr(at + 1, fault_name((FaultKind)i)))
      if ((at == text || at[-1] == ',') && (at[len] == ',' || at[len] == 0)) faults |= 1ULL << i;
  }
  return faults;
}

typedef struct Campaign {
  SimOptions options;
  uint64_t first, seeds;
  int jobs;
  int64_t most_seconds;
  bool twice, shrink, stop;
} Campaign;

static bool parse(int argc, char **argv, Campaign *c)
{
  *c = (Campaign){.options = {.faults = ~0ULL, .kinds = (1ULL << OP_KINDS) - 1, .operations = 2000, .skip = ""},
                  .first = 1,
                  .seeds = 1,
                  .jobs = 2,
                  .shrink = true};
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--twice") == 0)
      c->twice = true;
    else if (strcmp(argv[i], "--verbose") == 0)
      c->options.verbose = true;
    else if (strcmp(argv[i], "--stop") == 0)
      c->stop = true;
    else if (strcmp(argv[i], "--no-shrink") == 0)
      c->shrink = false;
    else if (!*value)
      return false;
    else if (strcmp(argv[i], "--seeds") == 0)
      c->seeds = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--seed") == 0)
      c->first = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--operations") == 0)
      c->options.operations = atoi(value), i++;
    else if (strcmp(argv[i], "--nodes") == 0)
      c->options.nodes = atoi(value), i++;
    else if (strcmp(argv[i], "--jobs") == 0)
      c->jobs = atoi(value), i++;
    else if (strcmp(argv[i], "--seconds") == 0)
      c->most_seconds = atoi(value), i++;
    else if (strcmp(argv[i], "--faults") == 0)
      c->options.faults = parse_faults(value), i++;
    else if (strcmp(argv[i], "--kinds") == 0)
      c->options.kinds = strtoull(value, NULL, 16), i++;
    else if (strcmp(argv[i], "--skip") == 0) {
      static char skip[8192];
      snprintf(skip, sizeof skip, ",%s,", value);
      c->options.skip = skip;
      i++;
    } else
      return false;
  }
  return c->jobs >= 1 && c->jobs <= JOBS_MAX;
}

static bool run_twice(const Campaign *c, SimResult *result)
{
  uint64_t hashes[2];
  for (int i = 0; i < 2; i++) {
    if (!sim_try(&c->options, result, false)) return false;
    hashes[i] = result->trace_hash;
  }
  printf("seed %llu: trace %016llx, again %016llx\n", (unsigned long long)c->options.seed,
         (unsigned long long)hashes[0], (unsigned long long)hashes[1]);
  return hashes[0] == hashes[1];
}

static uint64_t run(Campaign *c, SimResult *shared, SimCounts *sum, uint64_t *done)
{
  Slot slots[JOBS_MAX] = {{0}};
  uint64_t next = c->first, failed = 0;
  int running = 0;
  int64_t end = c->most_seconds ? seconds() + c->most_seconds : INT64_MAX;
  for (;;) {
    while (running < c->jobs && next < c->first + c->seeds && seconds() < end && failed < (c->stop ? 1 : 20)) {
      int s = 0;
      while (slots[s].pid) s++;
      slots[s] = (Slot){.seed = next, .result = &shared[s]};
      SimOptions options = c->options;
      options.seed = next++;
      slots[s].pid = sim_start(&options, slots[s].result, false);
      running++;
    }
    if (running == 0) return failed;
    int status;
    pid_t pid = wait(&status);
    for (int s = 0; s < c->jobs; s++) {
      if (slots[s].pid != pid) continue;
      slots[s].pid = 0;
      running--;
      (*done)++;
      add_counts(sum, &slots[s].result->counts);
      if (slots[s].result->passed) continue;
      failed++;
      if (!WIFEXITED(status))
        fprintf(stderr, "BROKEN seed %llu ended by signal %d\n", (unsigned long long)slots[s].seed, WTERMSIG(status));
      SimOptions options = c->options;
      options.seed = slots[s].seed;
      if (c->shrink && failed <= 3)
        shrink(&options, &shared[JOBS_MAX]);
      else
        shrink_tell(&options);
    }
  }
}

int main(int argc, char **argv)
{
  Campaign c;
  if (!parse(argc, argv, &c)) return usage(stderr, 2);
  SimResult *shared =
      mmap(NULL, sizeof(SimResult) * (JOBS_MAX + 1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  SimCounts sum = {0};
  uint64_t done = 0;
  int64_t began = seconds();
  if (c.twice) {
    c.options.seed = c.first;
    bool same = run_twice(&c, &shared[0]);
    printf("%d passed, %d failed, 0 skipped\n", same, !same);
    return !same;
  }
  uint64_t failed = run(&c, shared, &sum, &done);
  report(&sum, done, failed, seconds() - began);
  return failed > 0;
}
