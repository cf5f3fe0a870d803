/* The SQLite VFS over disk.h: files, locks and shared memory of one process. */
#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/disk.h"

enum { REGION_SIZE = 32 << 10, REGION_MAX = 64 };

struct Shm {
  void *regions[REGION_MAX];
  int shared[SQLITE_SHM_NLOCK];
  void *exclusive[SQLITE_SHM_NLOCK];
  int handles;
};

typedef struct File {
  sqlite3_file base; /* first */
  Disk *disk;
  Inode *inode;
  int level; /* SQLITE_LOCK_... that we hold */
  bool mapped, fresh_name;
  unsigned shm_shared; /* bits of locks */
  bool temporary, reader;
  char path[120];
} File;

int disk_busy;
static Rng *randomness;

/* --------------------------------------------------------------------------------------------------------- read, write */

static int failed(int error)
{
  return error == 28 /* ENOSPC */ ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int step(File *file, bool grows)
{
  return file->disk ? disk_step(file->disk, grows) : 0;
}

static int file_close(sqlite3_file *base)
{
  File *file = (File *)base;
  if (file->level != SQLITE_LOCK_NONE) base->pMethods->xUnlock(base, SQLITE_LOCK_NONE);
  inode_release(file->inode);
  return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int len, sqlite3_int64 offset)
{
  const File *file = (File *)base;
  if (file->disk && file->disk->dead) return SQLITE_IOERR_READ;
  const Bytes *bytes = &file->inode->now;
  size_t have = (size_t)offset < bytes->size ? bytes->size - (size_t)offset : 0;
  if (have >= (size_t)len) {
    memcpy(out, bytes->data + offset, (size_t)len);
    return SQLITE_OK;
  }
  if (have) memcpy(out, bytes->data + offset, have);
  memset((char *)out + have, 0, (size_t)len - have);
  return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *data, int len, sqlite3_int64 offset)
{
  File *file = (File *)base;
  bool was_dead = file->disk && file->disk->dead;
  int error = step(file, (size_t)offset + (size_t)len > file->inode->now.size);
  if (!error) {
    inode_write(file->inode, (size_t)offset, data, (size_t)len);
    return SQLITE_OK;
  }
  /* What fails has done a part of its work. */
  if (!was_dead && len >= 2) inode_write(file->inode, (size_t)offset, data, (size_t)len / 2);
  return failed(error);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
  File *file = (File *)base;
  if (step(file, false)) return SQLITE_IOERR_TRUNCATE;
  inode_truncate(file->inode, (size_t)size);
  return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
  (void)flags;
  File *file = (File *)base;
  if (step(file, false)) return SQLITE_IOERR_FSYNC;
  inode_sync(file->inode);
  if (file->fresh_name && file->disk) { /* as the unix VFS does for a journal or WAL that it has made */
    char folder[120];
    strcpy(folder, file->path);
    *strrchr(folder, '/') = 0;
    disk_sync_folder(file->disk, folder);
    file->fresh_name = false;
  }
  return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *out)
{
  const File *file = (File *)base;
  if (file->disk && file->disk->dead) return SQLITE_IOERR_FSTAT;
  *out = (sqlite3_int64)file->inode->now.size;
  return SQLITE_OK;
}

/* ---------------------------------------------------------------------------------------------------------------- locks */

/* is_busy: other programs are in the way; those of the test only read, and are left alone. */
static bool is_busy(const File *file)
{
  if (disk_busy <= 0 || file->reader) return false;
  disk_busy--;
  return true;
}

static int file_lock(sqlite3_file *base, int level)
{
  File *file = (File *)base;
  Inode *inode = file->inode;
  if (file->level >= level) return SQLITE_OK;
  if (is_busy(file)) return SQLITE_BUSY;
  void *others[] = {inode->reserved, inode->pending, inode->exclusive};
  if (level == SQLITE_LOCK_SHARED) {
    if (inode->pending || inode->exclusive) return SQLITE_BUSY;
    inode->shared++;
    file->level = level;
    return SQLITE_OK;
  }
  for (int i = 0; i < 3; i++)
    if (others[i] && others[i] != file) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_RESERVED) {
    inode->reserved = file;
    file->level = level;
    return SQLITE_OK;
  }
  inode->pending = file;
  file->level = SQLITE_LOCK_PENDING;
  if (inode->shared > 1) return SQLITE_BUSY;
  inode->exclusive = file;
  file->level = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level)
{
  File *file = (File *)base;
  Inode *inode = file->inode;
  if (file->level <= level) return SQLITE_OK;
  if (inode->reserved == file) inode->reserved = NULL;
  if (inode->pending == file) inode->pending = NULL;
  if (inode->exclusive == file) inode->exclusive = NULL;
  if (level == SQLITE_LOCK_NONE) inode->shared--;
  file->level = level;
  return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *out)
{
  const File *file = (File *)base;
  *out = file->inode->reserved || file->inode->pending || file->inode->exclusive;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
  (void)base;
  if (op == SQLITE_FCNTL_LAST_ERRNO) {
    *(int *)arg = 0;
    return SQLITE_OK;
  }
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base)
{
  (void)base;
  return 4096;
}

static int file_characteristics(sqlite3_file *base)
{
  (void)base;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* -------------------------------------------------------------------------------------------------------- shared memory */

static int shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
  File *file = (File *)base;
  Inode *inode = file->inode;
  assert(size == REGION_SIZE && region < REGION_MAX);
  if (file->disk && file->disk->dead) return SQLITE_IOERR_SHMMAP;
  if (!inode->shm) inode->shm = calloc(1, sizeof(Shm));
  assert(inode->shm);
  if (!file->mapped) {
    inode->shm->handles++;
    file->mapped = true;
  }
  if (!inode->shm->regions[region] && extend) inode->shm->regions[region] = calloc(1, REGION_SIZE);
  *out = inode->shm->regions[region];
  return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int first, int count, int flags)
{
  File *file = (File *)base;
  Shm *shm = file->inode->shm;
  bool lock = flags & SQLITE_SHM_LOCK, shared = flags & SQLITE_SHM_SHARED;
  if (lock && is_busy(file)) return SQLITE_BUSY;
  for (int i = first; i < first + count && lock; i++) {
    bool mine = file->shm_shared >> i & 1;
    if (shm->exclusive[i] && shm->exclusive[i] != file) return SQLITE_BUSY;
    if (!shared && shm->shared[i] - mine > 0) return SQLITE_BUSY;
  }
  for (int i = first; i < first + count; i++) {
    unsigned bit = 1U << i;
    if (lock && shared && !(file->shm_shared & bit)) {
      file->shm_shared |= bit;
      shm->shared[i]++;
    } else if (lock && !shared) {
      shm->exclusive[i] = file;
    } else if (!lock && shared && (file->shm_shared & bit)) {
      file->shm_shared &= ~bit;
      shm->shared[i]--;
    } else if (!lock && !shared && shm->exclusive[i] == file) {
      shm->exclusive[i] = NULL;
    }
  }
  return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base)
{
  (void)base;
}

static int shm_unmap(sqlite3_file *base, int delete)
{
  (void)delete;
  File *file = (File *)base;
  Shm *shm = file->inode->shm;
  if (!file->mapped) return SQLITE_OK;
  shm_lock(base, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
  shm_lock(base, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  file->mapped = false;
  if (--shm->handles > 0) return SQLITE_OK;
  for (int i = 0; i < REGION_MAX; i++) free(shm->regions[i]);
  free(shm);
  file->inode->shm = NULL;
  return SQLITE_OK;
}

static const sqlite3_io_methods METHODS = {.iVersion = 2,
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
                                           .xShmMap = shm_map,
                                           .xShmLock = shm_lock,
                                           .xShmBarrier = shm_barrier,
                                           .xShmUnmap = shm_unmap};

/* ------------------------------------------------------------------------------------------------------------------ VFS */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags)
{
  (void)vfs;
  static Disk scratch; /* temporary files have no name */
  File *file = (File *)base;
  *file = (File){.temporary = !path, .reader = (flags & SQLITE_OPEN_READONLY) != 0};
  file->disk = path ? disk_of(path) : NULL;
  if (path && (!file->disk || file->disk->dead)) return SQLITE_CANTOPEN;
  Disk *disk = path ? file->disk : &scratch;
  bool folder = false;
  file->inode = path ? disk_find(disk, path, &folder) : NULL;
  if (folder || (path && !file->inode && !(flags & SQLITE_OPEN_CREATE))) return SQLITE_CANTOPEN;
  if (!file->inode) {
    if (path && disk_step(disk, true)) return SQLITE_CANTOPEN;
    file->inode = path ? disk_make(disk, path) : calloc(1, sizeof *file->inode);
  }
  /* As the unix VFS does, whoever made it. */
  file->fresh_name = (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL));
  inode_hold(file->inode);
  if (path) strncpy(file->path, path, sizeof file->path - 1);
  if (out_flags) *out_flags = flags;
  base->pMethods = &METHODS;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
  (void)vfs;
  Disk *disk = disk_of(path);
  if (!disk || !disk_find(disk, path, NULL)) return SQLITE_IOERR_DELETE_NOENT;
  if (disk_step(disk, false)) return SQLITE_IOERR_DELETE;
  disk_remove(disk, path);
  if (!sync) return SQLITE_OK;
  char folder[120];
  strcpy(folder, path);
  *strrchr(folder, '/') = 0;
  disk_sync_folder(disk, folder);
  return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
  (void)vfs, (void)flags;
  Disk *disk = disk_of(path);
  if (disk && disk->dead) return SQLITE_IOERR_ACCESS;
  *out = disk && disk_find(disk, path, NULL);
  return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
  (void)vfs;
  sqlite3_snprintf(size, out, "%s", path);
  return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int len, char *out)
{
  (void)vfs;
  rng_bytes(randomness, out, (size_t)len);
  return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
  (void)vfs;
  return us;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
  (void)vfs;
  *out = INT64_C(210866760000000);
  return SQLITE_OK;
}

static int vfs_time_days(sqlite3_vfs *vfs, double *out)
{
  (void)vfs;
  *out = 2440587.5;
  return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out)
{
  (void)vfs, (void)size, (void)out;
  return 0;
}

void disk_vfs_register(Rng *rng)
{
  static sqlite3_vfs vfs = {.iVersion = 2,
                            .szOsFile = sizeof(File),
                            .mxPathname = 119,
                            .zName = DISK_VFS,
                            .xOpen = vfs_open,
                            .xDelete = vfs_delete,
                            .xAccess = vfs_access,
                            .xFullPathname = vfs_full_path,
                            .xRandomness = vfs_randomness,
                            .xSleep = vfs_sleep,
                            .xCurrentTime = vfs_time_days,
                            .xGetLastError = vfs_last_error,
                            .xCurrentTimeInt64 = vfs_time};
  randomness = rng;
  int rc = sqlite3_vfs_register(&vfs, 1);
  assert(rc == SQLITE_OK);
}
