/* A disk that fails when told: an SQLite VFS over the machine's own, for Env.vfs. Its disk fills up, breaks or loses power at a
 * chosen operation; counted is every write, truncation and sync of a database or of its WAL. One for the process; not for
 * threads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VFS_FAULT "foyer-fault"

typedef enum VfsFault {
  VFS_FULL,      /* as with ENOSPC; half of the write that fails reaches the disk */
  VFS_BROKEN,    /* an I/O error */
  VFS_FULL_ONCE, /* these for one operation */
  VFS_BROKEN_ONCE,
  VFS_DEAD /* reading fails too: what a process sees of a power cut */
} VfsFault;

/* vfs_fault_register: make the VFS known; again is fine. */
void vfs_fault_register(void);
/* vfs_fault_after: let `writes` more operations succeed; later ones fail until vfs_fault_never (or one does, for _ONCE). */
void vfs_fault_after(long writes, VfsFault fault);
void vfs_fault_never(void);
/* vfs_fault_happened: has anything failed since vfs_fault_after? vfs_fault_count: operations since then or vfs_fault_never. */
bool vfs_fault_happened(void);
long vfs_fault_count(void);
/* vfs_fault_power_cut: with every connection closed, turn the files into what a disk may hold after a power cut: all that was
 * synced, and of the later writes any, in part (by sectors of 512 bytes), by `seed`; 0: none of them. Shared memory is gone. */
void vfs_fault_power_cut(uint64_t seed);
