#include "tests/support/vfs_fault.h"

#include <assert.h>
#include <limits.h>
#include <sqlite3.h>
#include <string.h>

typedef struct FaultFile {
  sqlite3_file base;  /* first */
  sqlite3_file *real; /* right behind this struct */
} FaultFile;

static sqlite3_vfs *machine;
static sqlite3_vfs fault_vfs;
static long writes_left = LONG_MAX;
static VfsFault fault_kind;
static bool happened;

static sqlite3_file *real_of(sqlite3_file *file)
{
  return ((FaultFile *)(void *)file)->real;
}

/* SQLITE_OK while writing goes well. */
static int write_allowed(int broken)
{
  if (writes_left == LONG_MAX) return SQLITE_OK;
  if (writes_left > 0) {
    writes_left--;
    return SQLITE_OK;
  }
  happened = true;
  return fault_kind == VFS_FULL ? SQLITE_FULL : broken;
}

static int fault_close(sqlite3_file *file)
{
  return real_of(file)->pMethods->xClose(real_of(file));
}

static int fault_read(sqlite3_file *file, void *into, int len, sqlite3_int64 at)
{
  return real_of(file)->pMethods->xRead(real_of(file), into, len, at);
}

static int fault_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
  int rc = write_allowed(SQLITE_IOERR_WRITE);
  return rc ? rc : real_of(file)->pMethods->xWrite(real_of(file), from, len, at);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
  int rc = write_allowed(SQLITE_IOERR_TRUNCATE);
  return rc ? rc : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
  int rc = write_allowed(SQLITE_IOERR_FSYNC);
  return rc ? rc : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int fault_lock(sqlite3_file *file, int level)
{
  return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int fault_check_lock(sqlite3_file *file, int *held)
{
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}

static int fault_control(sqlite3_file *file, int op, void *argument)
{
  return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int fault_sector(sqlite3_file *file)
{
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int fault_device(sqlite3_file *file)
{
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int fault_shm_lock(sqlite3_file *file, int at, int count, int flags)
{
  return real_of(file)->pMethods->xShmLock(real_of(file), at, count, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int fault_shm_unmap(sqlite3_file *file, int remove)
{
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

/* Version 2: with shared memory, for WAL; without mapping files, so that every write comes by. */
static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
  (void)vfs;
  FaultFile *made = (FaultFile *)(void *)file;
  made->real = (sqlite3_file *)(void *)(made + 1);
  made->base.pMethods = NULL;
  int rc = machine->xOpen(machine, name, made->real, flags, flags_out);
  if (made->real->pMethods) made->base.pMethods = &METHODS;
  return rc;
}

void vfs_fault_register(void)
{
  if (machine) return;
  machine = sqlite3_vfs_find(NULL);
  assert(machine);
  fault_vfs = *machine;
  fault_vfs.zName = VFS_FAULT;
  fault_vfs.szOsFile = machine->szOsFile + (int)sizeof(FaultFile);
  fault_vfs.pNext = NULL;
  fault_vfs.xOpen = fault_open;
  sqlite3_vfs_register(&fault_vfs, 0);
}

void vfs_fault_after(long writes, VfsFault fault)
{
  writes_left = writes;
  fault_kind = fault;
  happened = false;
}

void vfs_fault_never(void)
{
  writes_left = LONG_MAX;
}

bool vfs_fault_happened(void)
{
  return happened;
}
