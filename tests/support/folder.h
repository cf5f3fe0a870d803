/* A temporary folder for one test, removed with all that is in it: AUTO(TestFolder, folder, test_folder_fini) = ... */
#pragma once

#include "common/base/arena.h"

typedef struct TestFolder {
  Arena arena; /* for the paths */
  const char *path;
} TestFolder;

TestFolder test_folder_make(void);
void test_folder_fini(TestFolder *folder);
/* test_folder_path: "folder/name", as long as the folder lives. */
const char *test_folder_path(TestFolder *folder, const char *name);
/* test_folder_write: a file in it, and the folders on the way. */
void test_folder_write(TestFolder *folder, const char *name, const char *text);
/* test_folder_count: number of entries, those with a dot in front included. */
size_t test_folder_count(const TestFolder *folder);
