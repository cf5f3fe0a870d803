/* The two sides of the linker's --wrap (see the Makefile): what the product's calls become, and the C library's own. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#define WRAPPED(result, name, ...)   \
  result __wrap_##name(__VA_ARGS__); \
  result __real_##name(__VA_ARGS__)

WRAPPED(int, open, const char *path, int flags, ...);
WRAPPED(int, __open_2, const char *path, int flags);
WRAPPED(int, mkostemp, char *pattern, int flags);
WRAPPED(int, close, int fd);
WRAPPED(ssize_t, read, int fd, void *out, size_t len);
WRAPPED(ssize_t, write, int fd, const void *data, size_t len);
WRAPPED(ssize_t, pread, int fd, void *out, size_t len, off_t offset);
WRAPPED(ssize_t, pwrite, int fd, const void *data, size_t len, off_t offset);
WRAPPED(int, fsync, int fd);
WRAPPED(int, fstat, int fd, struct stat *out);
WRAPPED(int, stat, const char *path, struct stat *out);
WRAPPED(int, access, const char *path, int mode);
WRAPPED(int, chmod, const char *path, mode_t mode);
WRAPPED(int, fchmod, int fd, mode_t mode);
WRAPPED(int, mkdir, const char *path, mode_t mode);
WRAPPED(char *, mkdtemp, char *pattern);
WRAPPED(int, rmdir, const char *path);
WRAPPED(int, unlink, const char *path);
WRAPPED(int, unlinkat, int fd, const char *name, int flags);
WRAPPED(int, rename, const char *from, const char *to);
WRAPPED(DIR *, opendir, const char *path);
WRAPPED(struct dirent *, readdir, DIR *dir);
WRAPPED(int, closedir, DIR *dir);
WRAPPED(int, dirfd, DIR *dir);
WRAPPED(FILE *, fopen, const char *path, const char *mode);
WRAPPED(void *, mmap, void *at, size_t len, int protection, int flags, int fd, off_t offset);
WRAPPED(int, munmap, void *at, size_t len);
