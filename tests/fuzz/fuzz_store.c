#include "tests/fuzz/fuzz_store.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/store/verify.h"

static void copy_file(const char *from, const char *to)
{
  static char bytes[1 << 16];
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  REQUIRE(in && out);
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;) REQUIRE(fwrite(bytes, 1, n, out) == n);
  fclose(in);
  REQUIRE(fclose(out) == 0);
}

/* copy_folder: the files alone: those of another time are gone afterwards. */
static void copy_folder(const char *from, const char *to)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  REQUIRE(file_make_folders(to, 0700) == ERR_OK);
  DIR *dir = opendir(to);
  REQUIRE(dir);
  for (struct dirent *entry; (entry = readdir(dir));) unlinkat(dirfd(dir), entry->d_name, 0);
  closedir(dir);
  dir = opendir(from);
  REQUIRE(dir);
  for (struct dirent *entry; (entry = readdir(dir));)
    if (entry->d_type == DT_REG)
      copy_file(arena_printf(&arena, "%s/%s", from, entry->d_name), arena_printf(&arena, "%s/%s", to, entry->d_name));
  closedir(dir);
}

void fuzz_store_again(FuzzStore *s)
{
  store_close(s->store);
  s->store = NULL;
  copy_folder(s->pristine, s->work);
  REQUIRE(store_open(s->work, &s->fake.env, &s->store) == ERR_OK);
}

void fuzz_store_open(FuzzStore *s, const char *path, Instant now)
{
  env_fake_init(&s->fake, now, 77);
  s->folder = test_folder_make();
  s->pristine = test_folder_path(&s->folder, "pristine");
  s->work = test_folder_path(&s->folder, "work");
  copy_folder(path, s->pristine);
  fuzz_store_again(s);
  s->head = store_head(s->store);
  REQUIRE(verify_digest(s->store, &s->digest) == ERR_OK);
}

bool fuzz_store_same(FuzzStore *s)
{
  Hash digest;
  REQUIRE(verify_digest(s->store, &digest) == ERR_OK);
  return hash_eq(digest, s->digest) && store_head(s->store) == s->head;
}
