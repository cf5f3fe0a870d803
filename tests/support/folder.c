#include "tests/support/folder.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/file.h"
#include "tests/support/unit.h"

TestFolder test_folder_make(void)
{
  TestFolder folder = {.arena = arena_make(0)};
  const char *root = getenv("TMPDIR");
  char *path = arena_printf(&folder.arena, "%s/foyer-test-XXXXXX", root && *root ? root : "/tmp");
  folder.path = mkdtemp(path);
  assert_non_null(folder.path);
  return folder;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
  (void)info, (void)kind, (void)at;
  return remove(path);
}

void test_folder_fini(TestFolder *folder)
{
  if (folder->path) nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  folder->path = NULL;
  arena_fini(&folder->arena);
}

const char *test_folder_path(TestFolder *folder, const char *name)
{
  return arena_printf(&folder->arena, "%s/%s", folder->path, name);
}

void test_folder_write(TestFolder *folder, const char *name, const char *text)
{
  const char *path = test_folder_path(folder, name);
  Str parent = {path, (size_t)(strrchr(path, '/') - path)};
  assert_int_equal(file_make_folders(arena_cstr(&folder->arena, parent), 0755), ERR_OK);
  assert_int_equal(file_write(path, text, strlen(text), 0644), ERR_OK);
}

size_t test_folder_count(const TestFolder *folder)
{
  size_t count = 0;
  DIR *opened = opendir(folder->path);
  assert_non_null(opened);
  while (readdir(opened)) count++;
  closedir(opened);
  return count - 2; /* "." and ".." */
}
