#include "common/store/schema.h"

/* Each file as a NUL-terminated string. The Makefile names the files as what this object depends on. */
#define EMBED(symbol, path)                                                                    \
  __asm__(".pushsection .rodata\n" #symbol ":\n.incbin \"" path "\"\n.byte 0\n.popsection\n"); \
  extern const char symbol[] __attribute__((visibility("hidden")))

EMBED(migration_0001, "common/store/migrations/0001_foundation.sql");
EMBED(migration_0002, "common/store/migrations/0002_node.sql");
EMBED(migration_0003, "common/store/migrations/0003_search.sql");

const Migration MIGRATIONS[] = {
    {"0001_foundation", migration_0001},
    {"0002_node", migration_0002},
    {"0003_search", migration_0003},
};
const size_t MIGRATION_COUNT = COUNT_OF(MIGRATIONS);
