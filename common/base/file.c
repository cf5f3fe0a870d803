#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd)
{
  if (*fd >= 0) close(*fd);
}

static Err because_errno(const char *what, const char *path)
{
  Err err = ERR_IO;
  if (errno == ENOENT) err = ERR_NOT_FOUND;
  if (errno == ENOSPC || errno == EDQUOT) err = ERR_NO_SPACE;
  return err_because(err, "%s %s: %s", what, path, strerror(errno));
}

Err file_read(Arena *arena, const char *path, size_t max_bytes, Str *out)
{
  AUTO(int, fd, close_fd) = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return because_errno("open", path);
  struct stat info;
  if (fstat(fd, &info) != 0) return because_errno("stat", path);
  /* The size is only a first guess: files in /proc say 0, and a log may grow meanwhile. */
  size_t guess = info.st_size > 0 ? (size_t)info.st_size : 4096;
  size_t room = (guess < max_bytes ? guess : max_bytes) + 1, len = 0;
  if (info.st_size > 0 && (size_t)info.st_size > max_bytes)
    return err_because(ERR_TOO_LARGE, "%s is over %zu bytes", path, max_bytes);
  char *data = arena_alloc(arena, room);
  for (;;) {
    ssize_t got = read(fd, data + len, room - len);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      Err err = because_errno("read", path);
      return err == ERR_NOT_FOUND ? ERR_IO : err;
    }
    if (got == 0) break;
    len += (size_t)got;
    if (len > max_bytes) return err_because(ERR_TOO_LARGE, "%s is over %zu bytes", path, max_bytes);
    if (len == room) {
      room = room > max_bytes / 2 ? max_bytes + 1 : room * 2;
      data = memcpy(arena_alloc(arena, room), data, len);
    }
  }
  *out = (Str){data, len};
  return ERR_OK;
}

/* The folder that holds `path`, and where its last name begins. */
static char *folder_of(Arena *arena, const char *path, const char **name)
{
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  if (!slash) return arena_cstr(arena, STR("."));
  if (slash == path) return arena_cstr(arena, STR("/"));
  return arena_cstr(arena, (Str){path, (size_t)(slash - path)});
}

static Err write_all(int fd, const char *path, const void *data, size_t len)
{
  const char *at = data;
  while (len > 0) {
    ssize_t done = write(fd, at, len);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return because_errno("write", path);
    at += done;
    len -= (size_t)done;
  }
  return ERR_OK;
}

static Err fill(int fd, const char *path, const void *data, size_t len, mode_t mode)
{
  if (fchmod(fd, mode) != 0) return because_errno("chmod", path);
  TRY(write_all(fd, path, data, len));
  return fsync(fd) == 0 ? ERR_OK : because_errno("fsync", path);
}

static Err replace(int folder_fd, const char *temporary, const char *path)
{
  if (rename(temporary, path) != 0) return because_errno("rename to", path);
  /* Some file systems know no fsync of a folder (EINVAL); they order a rename by themselves or not at all. */
  if (fsync(folder_fd) != 0 && errno != EINVAL) return because_errno("fsync the folder of", path);
  return ERR_OK;
}

Err file_write(const char *path, const void *data, size_t len, mode_t mode)
{
  AUTO(Arena, arena, arena_fini) = arena_make(1 << 20);
  const char *name;
  char *folder = folder_of(&arena, path, &name);
  AUTO(int, folder_fd, close_fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0) return err_because(ERR_IO, "open folder %s: %s", folder, strerror(errno));
  char *temporary = arena_printf(&arena, "%s/.%s.XXXXXX", folder, name);
  AUTO(int, fd, close_fd) = mkostemp(temporary, O_CLOEXEC);
  if (fd < 0) {
    Err err = because_errno("create a file in", folder);
    return err == ERR_NOT_FOUND ? ERR_IO : err;
  }
  Err err = fill(fd, path, data, len, mode);
  if (err == ERR_OK) err = replace(folder_fd, temporary, path);
  if (err != ERR_OK) unlink(temporary);
  return err == ERR_NOT_FOUND ? ERR_IO : err;
}

static bool is_folder(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static Err make_folder(const char *path, mode_t mode)
{
  if (mkdir(path, mode) == 0)
    return chmod(path, mode) == 0 ? ERR_OK : because_errno("chmod", path); /* past the umask */
  int why = errno;
  if (is_folder(path)) return ERR_OK;
  errno = why;
  return because_errno("make folder", path);
}

Err file_make_folders(const char *path, mode_t mode)
{
  AUTO(Arena, arena, arena_fini) = arena_make(1 << 20);
  char *part = arena_cstr(&arena, str_c(path));
  for (char *at = part + 1; *part && *at; at++) {
    if (*at != '/' || at[-1] == '/') continue;
    *at = '\0';
    TRY(make_folder(part, mode));
    *at = '/';
  }
  return make_folder(part, mode);
}

bool file_exists(const char *path)
{
  return access(path, F_OK) == 0;
}
