/* A disk that fails when told: an SQLite VFS over the machine's own, for Env.vfs. One for the process; not for threads. */
#pragma once

#include <stdbool.h>

#define VFS_FAULT "foyer-fault"

typedef enum VfsFault {
  VFS_FULL, /* as with ENOSPC */
  VFS_BROKEN
} VfsFault;

/* vfs_fault_register: make the VFS known; again is fine. */
void vfs_fault_register(void);
/* vfs_fault_after: let `writes` more writes, truncations and syncs succeed; every later one fails until vfs_fault_never. */
void vfs_fault_after(long writes, VfsFault fault);
void vfs_fault_never(void);
/* vfs_fault_happened: has anything failed since vfs_fault_after? */
bool vfs_fault_happened(void);
