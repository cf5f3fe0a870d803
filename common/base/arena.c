#include "common/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"

/* Blocks double from the first size to the largest; what is larger than that gets a block of its own size. */
enum { BLOCK_FIRST = 4 << 10, BLOCK_LARGEST = 256 << 10, ALIGNMENT = alignof(max_align_t) };

struct ArenaBlock {
  ArenaBlock *next;
  size_t size; /* of data */
  size_t used;
  alignas(max_align_t) unsigned char data[];
};

static _Noreturn void out_of_memory(const char *what, size_t size)
{
  fprintf(stderr, "arena: %s (%zu bytes)\n", what, size);
  abort();
}

Arena arena_make(size_t max_bytes)
{
  return (Arena){.max_bytes = max_bytes ? max_bytes : ARENA_MAX_DEFAULT};
}

Arena arena_make_wiping(size_t max_bytes)
{
  Arena arena = arena_make(max_bytes);
  arena.wipe = true;
  return arena;
}

static ArenaBlock *add_block(Arena *arena, size_t least)
{
  size_t size = arena->head ? arena->head->size * 2 : BLOCK_FIRST;
  if (size > BLOCK_LARGEST) size = BLOCK_LARGEST;
  if (size < least) size = least;
  ArenaBlock *block = malloc(sizeof *block + size);
  if (!block) out_of_memory("out of memory", size);
  block->size = size;
  block->used = 0;
  if (size > BLOCK_LARGEST && arena->head) { /* behind the head, whose free part stays in use */
    block->next = arena->head->next;
    arena->head->next = block;
  } else {
    block->next = arena->head;
    arena->head = block;
  }
  return block;
}

void *arena_alloc(Arena *arena, size_t size)
{
  assert(arena->max_bytes > 0); /* made by arena_make */
  if (size > arena->max_bytes - arena->used_bytes) out_of_memory("over its maximum", size);
  arena->used_bytes += size;
  size_t rounded = size ? (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1) : ALIGNMENT;
  ArenaBlock *block = arena->head;
  if (!block || rounded > block->size - block->used) block = add_block(arena, rounded);
  void *at = block->data + block->used;
  block->used += rounded;
  return memset(at, 0, size);
}

void *arena_alloc_array(Arena *arena, size_t count, size_t element_size)
{
  size_t size;
  if (__builtin_mul_overflow(count, element_size, &size)) out_of_memory("over its maximum", SIZE_MAX);
  return arena_alloc(arena, size);
}

void *arena_grow_array(Arena *arena, void *array, size_t count, size_t *capacity, size_t element_size)
{
  if (count < *capacity) return array;
  size_t room = *capacity ? *capacity * 2 : 8;
  if (room <= count) room = count + 1;
  void *grown = arena_alloc_array(arena, room, element_size);
  if (count) memcpy(grown, array, count * element_size);
  *capacity = room;
  return grown;
}

char *arena_printf(Arena *arena, const char *fmt, ...)
{
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  assert(len >= 0);
  char *text = arena_alloc(arena, (size_t)len + 1);
  vsnprintf(text, (size_t)len + 1, fmt, again);
  va_end(again);
  return text;
}

char *arena_cstr(Arena *arena, Str text)
{
  char *copy = arena_alloc(arena, text.len + 1);
  if (text.len) memcpy(copy, text.ptr, text.len);
  return copy;
}

Str arena_strdup(Arena *arena, Str text)
{
  return (Str){arena_cstr(arena, text), text.len};
}

static void wipe_block(const Arena *arena, ArenaBlock *block)
{
  if (arena->wipe) crypto_wipe(block->data, block->used);
}

void arena_reset(Arena *arena)
{
  /* Keep the largest block that is of an ordinary size: one huge request must not hold its memory for ever. */
  ArenaBlock *kept = NULL;
  for (ArenaBlock *block = arena->head; block;) {
    ArenaBlock *next = block->next;
    wipe_block(arena, block);
    if (block->size <= BLOCK_LARGEST && (!kept || block->size > kept->size)) {
      free(kept);
      kept = block;
    } else {
      free(block);
    }
    block = next;
  }
  if (kept) {
    kept->used = 0;
    kept->next = NULL;
  }
  arena->head = kept;
  arena->used_bytes = 0;
}

void arena_fini(Arena *arena)
{
  for (ArenaBlock *block = arena->head; block;) {
    ArenaBlock *next = block->next;
    wipe_block(arena, block);
    free(block);
    block = next;
  }
  arena->head = NULL;
  arena->used_bytes = 0;
}
