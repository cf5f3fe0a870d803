#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"

static const char *folder;
static int written;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
  folder = getenv("FUZZ_SEEDS");
  if (!folder) return 0;
  fuzz_seeds();
  exit(0);
}

void fuzz_seed(Str bytes)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  FILE *file = fopen(arena_printf(&arena, "%s/seed-%02d", folder, written++), "wb");
  if (!file || fwrite(bytes.ptr ? bytes.ptr : "", 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
    perror("a seed");
    exit(1);
  }
}

void fuzz_failed(const char *claim, const char *file, int line)
{
  fprintf(stderr, "%s:%d: does not hold: %s (%s)\n", file, line, claim, err_detail());
  abort();
}
