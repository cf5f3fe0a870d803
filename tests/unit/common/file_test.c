#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file.h"
#include "tests/support/folder.h"
#include "tests/support/unit.h"

TEST(what_is_written_is_read)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *path = test_folder_path(&folder, "a");
  static const char DATA[] = "one\0two\n";
  Str back;
  assert_false(file_exists(path));
  assert_int_equal(file_write(path, DATA, sizeof DATA, 0640), ERR_OK);
  assert_true(file_exists(path));
  assert_int_equal(file_read(&arena, path, sizeof DATA, &back), ERR_OK);
  assert_int_equal(back.len, sizeof DATA);
  assert_memory_equal(back.ptr, DATA, sizeof DATA);
  assert_int_equal(file_write(path, NULL, 0, 0640), ERR_OK);
  assert_int_equal(file_read(&arena, path, 0, &back), ERR_OK);
  assert_int_equal(back.len, 0);
  assert_int_equal(test_folder_count(&folder), 1);
}

TEST(the_mode_is_exact_whatever_the_umask)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  struct stat info;
  mode_t before = umask(077);
  assert_int_equal(file_write(test_folder_path(&folder, "open"), "x", 1, 0664), ERR_OK);
  assert_int_equal(file_make_folders(test_folder_path(&folder, "d/e"), 0755), ERR_OK);
  umask(0);
  assert_int_equal(file_write(test_folder_path(&folder, "key"), "x", 1, 0600), ERR_OK);
  umask(before);
  assert_int_equal(stat(test_folder_path(&folder, "open"), &info), 0);
  assert_int_equal(info.st_mode & 07777, 0664);
  assert_int_equal(stat(test_folder_path(&folder, "key"), &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  assert_int_equal(stat(test_folder_path(&folder, "d"), &info), 0);
  assert_int_equal(info.st_mode & 07777, 0755);
}

TEST(limits_and_missing_files_are_errors)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_folder_write(&folder, "ten", "0123456789");
  Str back = STR("before");
  assert_int_equal(file_read(&arena, test_folder_path(&folder, "ten"), 9, &back), ERR_TOO_LARGE);
  assert_int_equal(file_read(&arena, test_folder_path(&folder, "none"), 9, &back), ERR_NOT_FOUND);
  assert_int_equal(file_read(&arena, folder.path, 1 << 20, &back), ERR_IO);
  assert_true(str_eq_c(back, "before"));
  assert_int_equal(file_read(&arena, test_folder_path(&folder, "ten"), 10, &back), ERR_OK);
  assert_true(str_eq_c(back, "0123456789"));
}

TEST(files_that_do_not_tell_their_size_are_read_whole)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str status, limited;
  assert_int_equal(file_read(&arena, "/proc/self/status", 1 << 16, &status), ERR_OK);
  assert_true(str_starts(status, STR("Name:")));
  assert_int_equal(file_read(&arena, "/proc/self/status", 20, &limited), ERR_TOO_LARGE);
  assert_int_equal(file_read(&arena, "/dev/zero", 100000, &limited), ERR_TOO_LARGE);
}

TEST(an_unfinished_write_leaves_the_old_file_and_no_other)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static char large[1 << 16];
  const char *path = test_folder_path(&folder, "a");
  test_folder_write(&folder, "a", "old");
  /* A limit of file size stands for the disk that fails halfway. */
  struct rlimit before, small = {.rlim_cur = 4096};
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  Err err = file_write(path, large, sizeof large, 0644);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  Str back;
  assert_int_equal(err, ERR_IO);
  assert_int_equal(file_read(&arena, path, 100, &back), ERR_OK);
  assert_true(str_eq_c(back, "old"));
  assert_int_equal(test_folder_count(&folder), 1);
}

TEST(an_impossible_place_is_an_error_and_leaves_nothing)
{
  assert_int_equal(file_write("/proc/foyer-test", "x", 1, 0600), ERR_IO);
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  assert_int_equal(file_write(test_folder_path(&folder, "none/a"), "x", 1, 0600), ERR_IO);
  assert_int_equal(mkdir(test_folder_path(&folder, "taken"), 0700), 0);
  assert_int_equal(file_write(test_folder_path(&folder, "taken"), "x", 1, 0600), ERR_IO);
  assert_int_equal(test_folder_count(&folder), 1);
}

TEST(readers_see_the_old_or_the_new_file)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  const char *path = test_folder_path(&folder, "a");
  test_folder_write(&folder, "a", "old");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  test_folder_write(&folder, "a", "newer");
  char text[8] = {0};
  assert_int_equal(read(fd, text, sizeof text), 3);
  assert_string_equal(text, "old");
  close(fd);
}

TEST(folders_are_made_along_the_way)
{
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  assert_int_equal(file_make_folders(test_folder_path(&folder, "a/b//c/"), 0700), ERR_OK);
  assert_true(file_exists(test_folder_path(&folder, "a/b/c")));
  assert_int_equal(file_make_folders(test_folder_path(&folder, "a/b/c"), 0700), ERR_OK);
  assert_int_equal(file_make_folders("/", 0700), ERR_OK);
  test_folder_write(&folder, "file", "x");
  assert_int_equal(file_make_folders(test_folder_path(&folder, "file"), 0700), ERR_IO);
  assert_int_equal(file_make_folders(test_folder_path(&folder, "file/x"), 0700), ERR_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(the_mode_is_exact_whatever_the_umask),
      cmocka_unit_test(limits_and_missing_files_are_errors),
      cmocka_unit_test(files_that_do_not_tell_their_size_are_read_whole),
      cmocka_unit_test(an_unfinished_write_leaves_the_old_file_and_no_other),
      cmocka_unit_test(an_impossible_place_is_an_error_and_leaves_nothing),
      cmocka_unit_test(readers_see_the_old_or_the_new_file),
      cmocka_unit_test(folders_are_made_along_the_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
