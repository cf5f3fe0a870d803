/* The C library's file functions over disk.h: the linker sends the product's calls here (--wrap). Paths outside /sim/ go to the
 * machine: what is read there are the program's own assets.
 */
#include "tests/sim/disk_posix.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/sim/disk.h"

enum { FD_FIRST = 1 << 20, FD_MAX = 64, MAP_COUNT = 8 };

typedef struct OpenFile {
  bool used;
  Disk *disk;
  Inode *inode; /* NULL: a folder */
  size_t offset;
  char path[120];
} OpenFile;

typedef struct OpenFolder { /* what a DIR * of a simulated folder really is */
  uint64_t mark;
  Disk *disk;
  size_t at;
  int fd;
  char path[120];
  struct dirent entry;
} OpenFolder;

static OpenFile files[FD_MAX];
static const uint64_t FOLDER_MARK = 0xf01de75f01de75ULL;

static int fail(int error)
{
  errno = error;
  return -1;
}

static OpenFile *file_of(int fd)
{
  if (fd < FD_FIRST || fd >= FD_FIRST + FD_MAX || !files[fd - FD_FIRST].used) return NULL;
  return &files[fd - FD_FIRST];
}

static int open_path(Disk *disk, const char *path, int flags)
{
  bool folder;
  if (disk->dead) return fail(EIO);
  Inode *inode = disk_find(disk, path, &folder);
  if (!inode && !folder) {
    if (!(flags & O_CREAT)) return fail(ENOENT);
    int error = disk_step(disk, true);
    if (error) return fail(error);
    inode = disk_make(disk, path);
  } else if (inode && (flags & O_CREAT) && (flags & O_EXCL)) {
    return fail(EEXIST);
  }
  if (inode && (flags & O_TRUNC) && inode->now.size > 0) {
    int error = disk_step(disk, false);
    if (error) return fail(error);
    inode_truncate(inode, 0);
  }
  for (int i = 0; i < FD_MAX; i++) {
    if (files[i].used) continue;
    files[i] = (OpenFile){.used = true, .disk = disk, .inode = inode};
    snprintf(files[i].path, sizeof files[i].path, "%s", path);
    if (inode) inode_hold(inode);
    return FD_FIRST + i;
  }
  return fail(EMFILE);
}

int __wrap_open(const char *path, int flags, ...)
{
  va_list args;
  va_start(args, flags);
  mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
  va_end(args);
  Disk *disk = disk_of(path);
  return disk ? open_path(disk, path, flags) : __real_open(path, flags, mode);
}

int __wrap___open_2(const char *path, int flags)
{
  return __wrap_open(path, flags);
}

int __wrap_mkostemp(char *pattern, int flags)
{
  Disk *disk = disk_of(pattern);
  if (!disk) return __real_mkostemp(pattern, flags);
  char number[16];
  snprintf(number, sizeof number, "%06u", disk->temporary++ % 1000000);
  memcpy(pattern + strlen(pattern) - 6, number, 6);
  return open_path(disk, pattern, O_CREAT | O_RDWR);
}

int __wrap_close(int fd)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_close(fd);
  if (file->inode) inode_release(file->inode);
  file->used = false;
  return 0;
}

ssize_t __wrap_pread(int fd, void *out, size_t len, off_t offset)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_pread(fd, out, len, offset);
  if (file->disk->dead) return fail(EIO);
  const Bytes *bytes = &file->inode->now;
  size_t have = (size_t)offset < bytes->size ? bytes->size - (size_t)offset : 0;
  if (have < len) len = have;
  if (len) memcpy(out, bytes->data + offset, len);
  return (ssize_t)len;
}

ssize_t __wrap_read(int fd, void *out, size_t len)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_read(fd, out, len);
  ssize_t got = __wrap_pread(fd, out, len, (off_t)file->offset);
  if (got > 0) file->offset += (size_t)got;
  return got;
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_pwrite(fd, data, len, offset);
  int error = disk_step(file->disk, (size_t)offset + len > file->inode->now.size);
  if (error) return fail(error);
  inode_write(file->inode, (size_t)offset, data, len);
  return (ssize_t)len;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_write(fd, data, len);
  ssize_t put = __wrap_pwrite(fd, data, len, (off_t)file->offset);
  if (put > 0) file->offset += (size_t)put;
  return put;
}

int __wrap_fsync(int fd)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_fsync(fd);
  int error = disk_step(file->disk, false);
  if (error) return fail(error);
  if (file->inode)
    inode_sync(file->inode);
  else
    disk_sync_folder(file->disk, file->path);
  return 0;
}

static int stat_inode(const Inode *inode, struct stat *out)
{
  *out = (struct stat){.st_mode = inode ? S_IFREG | 0600 : S_IFDIR | 0700};
  if (inode) out->st_size = (off_t)inode->now.size;
  return 0;
}

int __wrap_fstat(int fd, struct stat *out)
{
  OpenFile *file = file_of(fd);
  return file ? stat_inode(file->inode, out) : __real_fstat(fd, out);
}

int __wrap_stat(const char *path, struct stat *out)
{
  Disk *disk = disk_of(path);
  bool folder;
  if (!disk) return strcmp(path, "/sim") == 0 ? stat_inode(NULL, out) : __real_stat(path, out);
  Inode *inode = disk_find(disk, path, &folder);
  if (disk->dead) return fail(EIO);
  return inode || folder ? stat_inode(inode, out) : fail(ENOENT);
}

int __wrap_access(const char *path, int mode)
{
  Disk *disk = disk_of(path);
  bool folder;
  if (!disk) return __real_access(path, mode);
  if (disk->dead) return fail(EIO);
  return disk_find(disk, path, &folder) || folder ? 0 : fail(ENOENT);
}

int __wrap_chmod(const char *path, mode_t mode)
{
  Disk *disk = disk_of(path);
  if (!disk) return __real_chmod(path, mode);
  return __wrap_access(path, F_OK);
}

int __wrap_fchmod(int fd, mode_t mode)
{
  return file_of(fd) ? 0 : __real_fchmod(fd, mode);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
  Disk *disk = disk_of(path);
  bool folder;
  if (!disk) return strcmp(path, "/sim") == 0 ? fail(EEXIST) : __real_mkdir(path, mode);
  if (disk_find(disk, path, &folder) || folder) return fail(EEXIST);
  int error = disk_step(disk, true);
  if (error) return fail(error);
  disk_make_folder(disk, path);
  return 0;
}

char *__wrap_mkdtemp(char *pattern)
{
  Disk *disk = disk_of(pattern);
  if (!disk) return __real_mkdtemp(pattern);
  char number[16];
  snprintf(number, sizeof number, "%06u", disk->temporary++ % 1000000);
  memcpy(pattern + strlen(pattern) - 6, number, 6);
  return __wrap_mkdir(pattern, 0700) == 0 ? pattern : NULL;
}

int __wrap_rmdir(const char *path)
{
  Disk *disk = disk_of(path);
  if (!disk) return __real_rmdir(path);
  int error = disk_step(disk, false);
  if (error) return fail(error);
  disk_remove_folder(disk, path);
  return 0;
}

int __wrap_unlink(const char *path)
{
  Disk *disk = disk_of(path);
  if (!disk) return __real_unlink(path);
  if (!disk_find(disk, path, NULL)) return fail(ENOENT);
  int error = disk_step(disk, false);
  if (error) return fail(error);
  disk_remove(disk, path);
  return 0;
}

int __wrap_rename(const char *from, const char *to)
{
  Disk *disk = disk_of(from);
  if (!disk) return __real_rename(from, to);
  if (!disk_find(disk, from, NULL)) return fail(ENOENT);
  int error = disk_step(disk, true);
  if (error) return fail(error);
  disk_rename(disk, from, to);
  return 0;
}

/* -------------------------------------------------------------------------------------------------------------- folders */

DIR *__wrap_opendir(const char *path)
{
  Disk *disk = disk_of(path);
  bool folder;
  if (!disk) return __real_opendir(path);
  disk_find(disk, path, &folder);
  if (disk->dead || !folder) {
    errno = disk->dead ? EIO : ENOENT;
    return NULL;
  }
  OpenFolder *open = calloc(1, sizeof *open);
  assert(open);
  *open = (OpenFolder){.mark = FOLDER_MARK, .disk = disk};
  snprintf(open->path, sizeof open->path, "%s", path);
  open->at = disk->name_count;
  open->fd = open_path(disk, path, O_RDONLY);
  return (DIR *)open;
}

static OpenFolder *folder_of(DIR *dir)
{
  OpenFolder *open = (OpenFolder *)dir;
  return open->mark == FOLDER_MARK ? open : NULL;
}

struct dirent *__wrap_readdir(DIR *dir)
{
  OpenFolder *open = folder_of(dir);
  if (!open) return __real_readdir(dir);
  size_t len = strlen(open->path);
  while (open->at > 0) { /* from the end, as callers remove what they are shown */
    const char *path = open->disk->names[--open->at].path;
    if (strncmp(path, open->path, len) != 0 || path[len] != '/' || strchr(path + len + 1, '/')) continue;
    snprintf(open->entry.d_name, sizeof open->entry.d_name, "%s", path + len + 1);
    return &open->entry;
  }
  return NULL;
}

int __wrap_dirfd(DIR *dir)
{
  OpenFolder *open = folder_of(dir);
  return open ? open->fd : __real_dirfd(dir);
}

int __wrap_closedir(DIR *dir)
{
  OpenFolder *open = folder_of(dir);
  if (!open) return __real_closedir(dir);
  __wrap_close(open->fd);
  free(open);
  return 0;
}

int __wrap_unlinkat(int fd, const char *name, int flags)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_unlinkat(fd, name, flags);
  char path[256];
  snprintf(path, sizeof path, "%s/%s", file->path, name);
  return __wrap_unlink(path);
}

/* -------------------------------------------------------------------------------------------------- streams and mappings */

static ssize_t cookie_read(void *cookie, char *out, size_t len)
{
  return __wrap_read((int)(intptr_t)cookie, out, len);
}

static ssize_t cookie_write(void *cookie, const char *data, size_t len)
{
  ssize_t put = __wrap_write((int)(intptr_t)cookie, data, len);
  return put < 0 ? 0 : put;
}

static int cookie_close(void *cookie)
{
  return __wrap_close((int)(intptr_t)cookie);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
  Disk *disk = disk_of(path);
  if (!disk) return __real_fopen(path, mode);
  int fd = open_path(disk, path, *mode == 'w' ? O_CREAT | O_TRUNC | O_RDWR : O_RDONLY);
  if (fd < 0) return NULL;
  cookie_io_functions_t io = {.read = cookie_read, .write = cookie_write, .close = cookie_close};
  return fopencookie((void *)(intptr_t)fd, mode, io);
}

static void *maps[MAP_COUNT];

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
  OpenFile *file = file_of(fd);
  if (!file) return __real_mmap(at, len, protection, flags, fd, offset);
  for (int i = 0; i < MAP_COUNT; i++) {
    if (maps[i]) continue;
    maps[i] = calloc(1, len ? len : 1);
    assert(maps[i]);
    if (__wrap_pread(fd, maps[i], len, offset) < 0) break;
    return maps[i];
  }
  errno = EIO;
  return MAP_FAILED;
}

int __wrap_munmap(void *at, size_t len)
{
  for (int i = 0; i < MAP_COUNT; i++) {
    if (maps[i] != at) continue;
    free(at);
    maps[i] = NULL;
    return 0;
  }
  return __real_munmap(at, len);
}
