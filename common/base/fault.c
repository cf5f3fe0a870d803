#include "common/base/fault.h"

#include <string.h>

static const char *copy_of(Arena *arena, const char *text)
{
  return text ? arena_cstr(arena, str_c(text)) : NULL;
}

void faults_add(Faults *faults, const char *field, const char *key, const char *value)
{
  faults->items =
      arena_grow_array(faults->arena, faults->items, faults->count, &faults->capacity, sizeof *faults->items);
  faults->items[faults->count++] =
      (Fault){.field = copy_of(faults->arena, field), .key = key, .value = copy_of(faults->arena, value)};
}

const Fault *faults_for(const Faults *faults, const char *field)
{
  for (size_t i = 0; i < faults->count; i++) {
    if (faults->items[i].field && strcmp(faults->items[i].field, field) == 0) return &faults->items[i];
  }
  return NULL;
}
