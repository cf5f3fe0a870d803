/* Disk: a disk in memory for each simulated node, which knows what was synced. Under it stand an SQLite VFS (disk_vfs.c) and the C
 * library's file functions (disk_posix.c, by the linker's --wrap), for paths that begin with /sim/N/.
 *
 * A write is durable once its file was synced; a new, renamed or removed name once its folder was. A power cut leaves all that is
 * durable, of later writes any sectors, and of later names the first few, in order, as a journaling file system does.
 * New folders are durable at once.
 */
#pragma once

#include "tests/sim/rng.h"

#define DISK_VFS "foyer-sim"
enum { DISK_MAX = 16, SECTOR = 512 };

typedef struct Extent {
  size_t start, end;
} Extent;

typedef struct Bytes {
  uint8_t *data;
  size_t size, capacity;
} Bytes;

typedef struct Shm Shm;

typedef struct Inode { /* a file */
  Bytes now, durable;
  Extent *dirty;
  size_t dirty_count, dirty_capacity;
  int names, handles; /* freed when both are 0 */
  /* SQLite's locks (disk_vfs.c) */
  int shared;
  void *reserved, *pending, *exclusive; /* whoever has it */
  Shm *shm;
} Inode;

typedef struct Name {
  char path[120];
  Inode *inode; /* NULL: a folder */
} Name;

typedef struct NameChange { /* of names, not durable yet */
  char path[120];
  Inode *inode; /* what the name leads to from now on; NULL: nothing */
} NameChange;

typedef enum DiskFault { DISK_GOOD, DISK_FULL, DISK_BROKEN, DISK_BROKEN_ONCE, DISK_CUT } DiskFault;

typedef struct Disk {
  Name *names, *durable;
  size_t name_count, name_capacity, durable_count, durable_capacity;
  NameChange *changes;
  size_t change_count, change_capacity;
  bool dead;        /* the power is cut: everything fails */
  uint64_t steps;   /* writes, truncations, syncs and changes of names so far */
  uint64_t fail_at; /* the step from which `fault` strikes; 0: never */
  DiskFault fault;
  uint64_t failures;  /* operations that failed so, dead ones aside */
  unsigned temporary; /* for mkostemp */
} Disk;

extern Disk disks[DISK_MAX];

/* disk_of: whose path it is; NULL: not a simulated one. */
Disk *disk_of(const char *path);
Inode *disk_find(Disk *disk, const char *path, bool *folder);
/* disk_make: a new empty file, or a folder (inode NULL is returned). */
Inode *disk_make(Disk *disk, const char *path);
void disk_make_folder(Disk *disk, const char *path);
void disk_remove_folder(Disk *disk, const char *path);
void disk_remove(Disk *disk, const char *path);
void disk_rename(Disk *disk, const char *from, const char *to);
void disk_sync_folder(Disk *disk, const char *folder);
void inode_hold(Inode *inode);
void inode_release(Inode *inode);

/* disk_step: before every change: 0, or the errno that it fails with. */
int disk_step(Disk *disk, bool grows);
void inode_write(Inode *inode, size_t offset, const void *bytes, size_t len);
void inode_truncate(Inode *inode, size_t size);
void inode_sync(Inode *inode);

/* disk_cut_after: let the power fail at the n-th step from now. disk_fail_after: the same for other faults. disk_heal: no faults. */
void disk_fail_after(Disk *disk, uint64_t n, DiskFault fault);
void disk_heal(Disk *disk);
/* disk_power_back: with all files closed: what is left. disk_wipe: an empty disk. disk_copy: as a copy of the running disk would be. */
void disk_power_back(Disk *disk, Rng *rng);
void disk_wipe(Disk *disk);
void disk_copy(Disk *to, const Disk *from);
size_t disk_bytes(const Disk *disk);

/* disk_vfs_register: as SQLite's default. `rng` is where its randomness comes from. */
void disk_vfs_register(Rng *rng);
/* disk_busy: > 0: so many locks are refused before one is granted. */
extern int disk_busy;
