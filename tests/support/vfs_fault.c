#include "tests/support/vfs_fault.h"

#include <assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, FILES_MAX = 64 };

typedef struct Pending { /* a write that has not been synced; size -1: a truncation to `offset` */
  sqlite3_int64 offset;
  int size;
  char *bytes;
} Pending;

typedef struct Disk { /* what is known to be durable of one file */
  char *path;
  char *durable;
  size_t size;
  Pending *pending;
  size_t count, capacity;
} Disk;

static sqlite3_vfs fault_vfs, *real_vfs;
static long count, fail_after; /* operations; fail_after -1: never */
static VfsFault how;
static bool happened;
static Disk disks[FILES_MAX];

typedef struct File {
  sqlite3_file base; /* first */
  Disk *disk;        /* NULL for what is not counted */
  sqlite3_file *real;
} File;

static void *grown(void *memory, size_t size)
{
  memory = realloc(memory, size ? size : 1);
  assert(memory);
  return memory;
}

/* --------------------------------------------------------------------------------------------------------------- disk */

static void disk_apply(Disk *disk, sqlite3_int64 offset, const char *bytes, size_t size)
{
  size_t end = (size_t)offset + size;
  if (end > disk->size) {
    disk->durable = grown(disk->durable, end);
    memset(disk->durable + disk->size, 0, end - disk->size);
    disk->size = end;
  }
  memcpy(disk->durable + offset, bytes, size);
}

static void disk_truncate(Disk *disk, sqlite3_int64 size)
{
  if ((size_t)size < disk->size) disk->size = (size_t)size;
}

static void disk_forget(Disk *disk)
{
  for (size_t i = 0; i < disk->count; i++) free(disk->pending[i].bytes);
  disk->count = 0;
}

static void disk_synced(Disk *disk)
{
  for (size_t i = 0; i < disk->count; i++) {
    const Pending *p = &disk->pending[i];
    if (p->size < 0)
      disk_truncate(disk, p->offset);
    else
      disk_apply(disk, p->offset, p->bytes, (size_t)p->size);
  }
  disk_forget(disk);
}

static void disk_note(Disk *disk, sqlite3_int64 offset, const void *bytes, int size)
{
  if (disk->count == disk->capacity) {
    disk->capacity = disk->capacity ? disk->capacity * 2 : 64;
    disk->pending = grown(disk->pending, disk->capacity * sizeof *disk->pending);
  }
  char *copy = NULL;
  if (size >= 0) {
    copy = grown(NULL, (size_t)size);
    memcpy(copy, bytes, (size_t)size);
  }
  disk->pending[disk->count++] = (Pending){offset, size, copy};
}

static void disk_load(Disk *disk, const char *path)
{
  disk->path = strdup(path);
  FILE *file = fopen(path, "rb");
  char part[4096];
  for (size_t n; file && (n = fread(part, 1, sizeof part, file)) > 0;)
    disk_apply(disk, (sqlite3_int64)disk->size, part, n);
  if (file) fclose(file);
}

static void disk_fini(Disk *disk)
{
  disk_forget(disk);
  free(disk->pending);
  free(disk->durable);
  free(disk->path);
  *disk = (Disk){0};
}

/* disk_of: a slot that is free, or whose file has gone with its test, is taken for a new path. */
static Disk *disk_of(const char *path)
{
  Disk *empty = NULL;
  for (size_t i = 0; i < FILES_MAX; i++) {
    if (disks[i].path && strcmp(disks[i].path, path) == 0) return &disks[i];
    if (!disks[i].path) empty = &disks[i];
  }
  for (size_t i = 0; i < FILES_MAX && !empty; i++) {
    if (access(disks[i].path, F_OK) != 0) disk_fini(empty = &disks[i]);
  }
  assert(empty);
  disk_load(empty, path);
  return empty;
}

/* ---------------------------------------------------------------------------------------------------------- operations */

/* fails: count one operation; the result that it must have, SQLITE_OK to go on. */
static int fails(int full, int broken)
{
  count++;
  if (fail_after < 0 || count <= fail_after) return SQLITE_OK;
  if (happened && (how == VFS_FULL_ONCE || how == VFS_BROKEN_ONCE)) return SQLITE_OK;
  happened = true;
  return how == VFS_FULL || how == VFS_FULL_ONCE ? full : broken;
}

static bool is_dead(void)
{
  return how == VFS_DEAD && happened;
}

static File *of(sqlite3_file *file)
{
  return (File *)file;
}

static int file_close(sqlite3_file *file)
{
  return of(file)->real->pMethods->xClose(of(file)->real);
}

static int file_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
  File *f = of(file);
  if (is_dead()) return SQLITE_IOERR_READ;
  return f->real->pMethods->xRead(f->real, out, size, offset);
}

static int write_through(File *f, const void *bytes, int size, sqlite3_int64 offset)
{
  int rc = f->real->pMethods->xWrite(f->real, bytes, size, offset);
  if (rc == SQLITE_OK && f->disk) disk_note(f->disk, offset, bytes, size);
  return rc;
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
  File *f = of(file);
  int rc = f->disk ? fails(SQLITE_FULL, SQLITE_IOERR_WRITE) : SQLITE_OK;
  if (rc == SQLITE_OK) return write_through(f, bytes, size, offset);
  if (rc == SQLITE_FULL && size > 1) {
    int half = write_through(f, bytes, size / 2, offset);
    assert(half == SQLITE_OK);
  }
  return rc;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
  File *f = of(file);
  int rc = f->disk ? fails(SQLITE_FULL, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
  if (rc != SQLITE_OK) return rc;
  rc = f->real->pMethods->xTruncate(f->real, size);
  if (rc == SQLITE_OK && f->disk) disk_note(f->disk, size, NULL, -1);
  return rc;
}

static int file_sync(sqlite3_file *file, int flags)
{
  File *f = of(file);
  (void)flags; /* nothing is really synced: tests are many and their disks are imagined */
  int rc = f->disk ? fails(SQLITE_FULL, SQLITE_IOERR_FSYNC) : SQLITE_OK;
  if (rc == SQLITE_OK && f->disk) disk_synced(f->disk);
  return rc;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
  return of(file)->real->pMethods->xFileSize(of(file)->real, size);
}

static int file_lock(sqlite3_file *file, int lock)
{
  return of(file)->real->pMethods->xLock(of(file)->real, lock);
}

static int file_unlock(sqlite3_file *file, int lock)
{
  return of(file)->real->pMethods->xUnlock(of(file)->real, lock);
}

static int file_check_reserved(sqlite3_file *file, int *out)
{
  return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, out);
}

static int file_control(sqlite3_file *file, int op, void *argument)
{
  return of(file)->real->pMethods->xFileControl(of(file)->real, op, argument);
}

static int file_sector_size(sqlite3_file *file)
{
  return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int file_characteristics(sqlite3_file *file)
{
  return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

static int file_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
  return of(file)->real->pMethods->xShmMap(of(file)->real, region, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
  return of(file)->real->pMethods->xShmLock(of(file)->real, offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
  of(file)->real->pMethods->xShmBarrier(of(file)->real);
}

static int file_shm_unmap(sqlite3_file *file, int remove_it)
{
  return of(file)->real->pMethods->xShmUnmap(of(file)->real, remove_it);
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2, /* without memory mapping */
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* --------------------------------------------------------------------------------------------------------------- VFS */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
  (void)vfs;
  File *f = of(file);
  *f = (File){.real = (sqlite3_file *)(f + 1)};
  if (path && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) f->disk = disk_of(path);
  int rc = real_vfs->xOpen(real_vfs, path, f->real, flags, out_flags);
  if (f->real->pMethods) f->base.pMethods = &METHODS;
  return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  (void)vfs;
  if (is_dead()) return SQLITE_IOERR_DELETE;
  for (size_t i = 0; i < FILES_MAX; i++) {
    if (!disks[i].path || strcmp(disks[i].path, path) != 0) continue;
    disk_forget(&disks[i]);
    disks[i].size = 0;
  }
  return real_vfs->xDelete(real_vfs, path, sync_folder);
}

void vfs_fault_register(void)
{
  vfs_fault_never();
  if (real_vfs) return;
  real_vfs = sqlite3_vfs_find(NULL);
  fault_vfs = *real_vfs;
  fault_vfs.zName = VFS_FAULT;
  fault_vfs.szOsFile = (int)sizeof(File) + real_vfs->szOsFile;
  fault_vfs.pNext = NULL;
  fault_vfs.xOpen = vfs_open;
  fault_vfs.xDelete = vfs_delete;
  sqlite3_vfs_register(&fault_vfs, 0);
}

void vfs_fault_after(long writes, VfsFault fault)
{
  count = 0;
  fail_after = writes;
  how = fault;
  happened = false;
}

void vfs_fault_never(void)
{
  vfs_fault_after(-1, VFS_FULL);
}

bool vfs_fault_happened(void)
{
  return happened;
}

long vfs_fault_count(void)
{
  return count;
}

/* ----------------------------------------------------------------------------------------------------------- power cut */

static unsigned roll(uint64_t *seed, unsigned n)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return (unsigned)(*seed >> 33) % n;
}

/* Of every write any of its sectors may have reached the disk. */
static void apply_some(Disk *disk, const Pending *p, uint64_t *seed)
{
  if (p->size < 0) {
    if (roll(seed, 2)) disk_truncate(disk, p->offset);
    return;
  }
  unsigned luck = roll(seed, 4); /* 0: none of it, 1: some sectors, more: all */
  for (int at = 0; at < p->size; at += SECTOR) {
    int size = p->size - at < SECTOR ? p->size - at : SECTOR;
    if (luck > 1 || (luck == 1 && roll(seed, 2))) disk_apply(disk, p->offset + at, p->bytes + at, (size_t)size);
  }
}

static void write_out(const Disk *disk)
{
  int fd = open(disk->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert(fd >= 0);
  for (size_t at = 0; at < disk->size;) {
    ssize_t n = write(fd, disk->durable + at, disk->size - at);
    assert(n > 0);
    at += (size_t)n;
  }
  close(fd);
  char shm[4096];
  snprintf(shm, sizeof shm, "%s-shm", disk->path);
  unlink(shm);
}

static bool has_folder(const char *path)
{
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", path);
  char *end = strrchr(folder, '/');
  if (end) *end = 0;
  return access(folder, F_OK) == 0;
}

void vfs_fault_power_cut(uint64_t seed)
{
  vfs_fault_never();
  for (size_t i = 0; i < FILES_MAX; i++) {
    Disk *disk = &disks[i];
    if (!disk->path || !has_folder(disk->path)) continue; /* of an earlier test */
    for (size_t j = 0; seed && j < disk->count; j++) apply_some(disk, &disk->pending[j], &seed);
    disk_forget(disk);
    if (disk->size > 0 || access(disk->path, F_OK) == 0) write_out(disk);
  }
}
