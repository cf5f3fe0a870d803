#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "tests/support/unit.h"

TEST(memory_is_zeroed_and_aligned_also_after_reuse)
{
  static const size_t SIZES[] = {0, 1, 2, 7, 15, 16, 17, 100, 4096, 5000, 300000, 3, 70000, 1};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
      unsigned char *at = arena_alloc(&arena, SIZES[i]);
      assert_non_null(at);
      assert_int_equal((uintptr_t)at % alignof(max_align_t), 0);
      for (size_t b = 0; b < SIZES[i]; b++) assert_int_equal(at[b], 0);
      memset(at, 0xa5, SIZES[i]);
    }
    arena_reset(&arena);
    assert_int_equal(arena.used_bytes, 0);
    assert_non_null(arena.head); /* one block stays */
  }
}

TEST(allocations_do_not_overlap)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  uint32_t *cells[3000];
  for (uint32_t i = 0; i < COUNT_OF(cells); i++) {
    cells[i] = arena_alloc(&arena, sizeof(uint32_t) * (1 + i % 40));
    for (uint32_t k = 0; k < 1 + i % 40; k++) cells[i][k] = i;
  }
  for (uint32_t i = 0; i < COUNT_OF(cells); i++) {
    for (uint32_t k = 0; k < 1 + i % 40; k++) assert_int_equal(cells[i][k], i);
  }
}

TEST(a_large_allocation_leaves_the_current_block_in_use)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *before = arena_alloc(&arena, 16);
  memset(arena_alloc(&arena, 1 << 20), 1, 1 << 20);
  char *after = arena_alloc(&arena, 16);
  assert_ptr_equal(after, before + 16);
}

TEST(the_maximum_can_be_used_up_exactly)
{
  AUTO(Arena, arena, arena_fini) = arena_make(1000);
  arena_alloc(&arena, 999);
  arena_alloc(&arena, 1);
  assert_int_equal(arena.used_bytes, 1000);
}

static void take_one_too_many(void)
{
  Arena arena = arena_make(1000);
  arena_alloc(&arena, 1000);
  arena_alloc(&arena, 1);
}

static void take_more_than_everything(void)
{
  Arena arena = arena_make(0);
  arena_alloc(&arena, SIZE_MAX);
}

static void multiply_past_the_end(void)
{
  Arena arena = arena_make(0);
  arena_alloc_array(&arena, SIZE_MAX / 4, 8);
}

static int signal_that_ends(void (*function)(void))
{
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    fclose(stderr);
    function();
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(passing_the_maximum_ends_the_program)
{
  assert_int_equal(signal_that_ends(take_one_too_many), SIGABRT);
  assert_int_equal(signal_that_ends(take_more_than_everything), SIGABRT);
  assert_int_equal(signal_that_ends(multiply_past_the_end), SIGABRT);
}

TEST(an_array_grows_and_keeps_its_elements)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int *array = NULL;
  size_t capacity = 0;
  for (int i = 0; i < 1000; i++) {
    array = arena_grow_array(&arena, array, (size_t)i, &capacity, sizeof *array);
    assert_true(capacity > (size_t)i);
    array[i] = i;
  }
  for (int i = 0; i < 1000; i++) assert_int_equal(array[i], i);
}

TEST(texts_are_copied_with_a_nul)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_string_equal(arena_printf(&arena, "%d-%s", 42, "x"), "42-x");
  assert_string_equal(arena_cstr(&arena, (Str){"abcdef", 3}), "abc");
  assert_string_equal(arena_cstr(&arena, (Str){0}), "");
  Str copy = arena_strdup(&arena, STR("name"));
  assert_int_equal(copy.len, 4);
  assert_string_equal(copy.ptr, "name");
  char *text = arena_printf(&arena, "%*s", 10000, "end");
  assert_int_equal(strlen(text), 10000);
}

TEST(a_wiping_arena_leaves_nothing_behind)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  char *secret = arena_cstr(&arena, STR("born 1980-02-29"));
  arena_reset(&arena); /* keeps the block, so that its memory may be looked at */
  for (size_t i = 0; i < 16; i++) assert_int_equal(secret[i], 0);
}

TEST(a_huge_block_is_given_back_on_reset)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  arena_alloc(&arena, 10 << 20);
  arena_reset(&arena);
  assert_null(arena.head);
  assert_non_null(arena_alloc(&arena, 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_zeroed_and_aligned_also_after_reuse),
      cmocka_unit_test(allocations_do_not_overlap),
      cmocka_unit_test(a_large_allocation_leaves_the_current_block_in_use),
      cmocka_unit_test(the_maximum_can_be_used_up_exactly),
      cmocka_unit_test(passing_the_maximum_ends_the_program),
      cmocka_unit_test(an_array_grows_and_keeps_its_elements),
      cmocka_unit_test(texts_are_copied_with_a_nul),
      cmocka_unit_test(a_wiping_arena_leaves_nothing_behind),
      cmocka_unit_test(a_huge_block_is_given_back_on_reset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
