#include "common/base/assets.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char *assets_path(Arena *arena, const char *name)
{
  const char *folder = getenv("FOYER_ASSETS");
  if (folder && *folder) return arena_printf(arena, "%s/%s", folder, name);
  char program[PATH_MAX];
  ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
  if (len <= 0) return arena_printf(arena, "/usr/share/foyer/%s", name);
  program[len] = '\0';
  for (int up = 0; up < 2; up++) { /* the program's name, then its folder */
    char *slash = strrchr(program, '/');
    if (slash) *slash = '\0';
  }
  return arena_printf(arena, "%s/share/foyer/%s", program, name);
}
