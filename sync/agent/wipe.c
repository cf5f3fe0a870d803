/* A revoked tablet removes what it holds. On flash nothing is overwritten for sure, so the keys go first: drafts and token are
 * sealed with them. Other programs that have the database open are left with a file that no name leads to.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "sync/agent/state.h"

enum { KEY_FILE_MAX = 4096 };

static void overwrite(const char *path)
{
  static const char zeros[KEY_FILE_MAX];
  struct stat info;
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (fstat(fd, &info) == 0 && info.st_size > 0 && info.st_size <= KEY_FILE_MAX) {
    ssize_t put = pwrite(fd, zeros, (size_t)info.st_size, 0);
    if (put != info.st_size || fsync(fd) != 0) log_event(LOG_WARN, "wipe.overwrite", NULL);
  }
  close(fd);
}

static void remove_folder(const char *path)
{
  DIR *dir = opendir(path);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) unlinkat(dirfd(dir), entry->d_name, 0);
  closedir(dir);
  rmdir(path);
}

void wipe_replica(const char *folder)
{
  static const char *const FILES[] = {"node.key", "foyer.db", "foyer.db-wal", "foyer.db-shm", "foyer.db-journal"};
  static const char *const FOLDERS[] = {"tls", "incoming", "snapshots"};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const char NOTE[] = "This device was removed from the practice and has deleted its data.\n";
  Err err = file_write(arena_printf(&arena, "%s/revoked", folder), NOTE, sizeof NOTE - 1, 0644);
  if (err != ERR_OK) log_err("wipe.note", err);
  overwrite(arena_printf(&arena, "%s/node.key", folder));
  for (size_t i = 0; i < COUNT_OF(FILES); i++) unlink(arena_printf(&arena, "%s/%s", folder, FILES[i]));
  for (size_t i = 0; i < COUNT_OF(FOLDERS); i++) remove_folder(arena_printf(&arena, "%s/%s", folder, FOLDERS[i]));
  log_event(LOG_WARN, "wipe.done", NULL);
}
