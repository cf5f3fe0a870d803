/* Arena: memory for one request, frame or transaction, freed at once.
 *
 * Allocation never fails: when the process is out of memory, or the arena would pass its stated maximum, the program
 * aborts (everything that matters is in the journal; sizes that come from outside are checked before they get here).
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
  ArenaBlock *head; /* newest block */
  size_t used_bytes;
  size_t max_bytes;
  bool wipe; /* overwrite memory on reset and fini: for what a person typed */
} Arena;

enum { ARENA_MAX_DEFAULT = 64 << 20 };

/* arena_make: an empty arena; max_bytes 0 means ARENA_MAX_DEFAULT. Allocates nothing until used. */
Arena arena_make(size_t max_bytes);
/* arena_make_wiping: the same, overwriting its memory when it is reset or freed (sodium_memzero). */
Arena arena_make_wiping(size_t max_bytes);
/* arena_alloc: `size` zeroed bytes, aligned for any type, valid until reset or fini. */
void *arena_alloc(Arena *arena, size_t size);
/* arena_alloc_array: count * element_size zeroed bytes; aborts too when the product does not fit. */
void *arena_alloc_array(Arena *arena, size_t count, size_t element_size);
/* arena_grow_array: doubling array growth: returns an array with room for at least count+1 elements.
 * `*capacity` is updated; the old array stays in the arena. */
void *arena_grow_array(Arena *arena, void *array, size_t count, size_t *capacity, size_t element_size);
/* arena_printf: a formatted, NUL-terminated copy. */
char *arena_printf(Arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* arena_cstr: a NUL-terminated copy of a Str. arena_strdup: the same, as a Str. */
char *arena_cstr(Arena *arena, Str text);
Str arena_strdup(Arena *arena, Str text);
/* arena_reset: forget all, keep one block for reuse. */
void arena_reset(Arena *arena);
void arena_fini(Arena *arena);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc_array((arena), (size_t)(count), sizeof(type)))
