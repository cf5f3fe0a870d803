#include "tests/sim/disk.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Disk disks[DISK_MAX];

__attribute__((returns_nonnull)) static void *grown(void *array, size_t count, size_t *capacity, size_t size)
{
  if (count < *capacity) return array;
  *capacity = *capacity ? *capacity * 2 : 16;
  array = reallocarray(array, *capacity, size);
  if (!array) abort();
  return array;
}

static void bytes_size(Bytes *b, size_t size)
{
  if (size > b->capacity) {
    b->capacity = size + size / 2 + 4096;
    b->data = realloc(b->data, b->capacity);
    assert(b->data);
  }
  if (size > b->size && b->data) memset(b->data + b->size, 0, size - b->size);
  b->size = size;
}

static void bytes_put(Bytes *b, size_t offset, const void *data, size_t len)
{
  if (offset + len > b->size) bytes_size(b, offset + len);
  if (len && b->data) memcpy(b->data + offset, data, len);
}

static void bytes_set(Bytes *b, const Bytes *from)
{
  bytes_size(b, 0);
  bytes_put(b, 0, from->data, from->size);
}

/* --------------------------------------------------------------------------------------------------------------- files */

static Inode *inode_new(void)
{
  Inode *inode = calloc(1, sizeof *inode);
  if (!inode) abort();
  return inode;
}

static void inode_check(Inode *inode)
{
  if (inode->names > 0 || inode->handles > 0) return;
  free(inode->now.data);
  free(inode->durable.data);
  free(inode->dirty);
  free(inode);
}

void inode_hold(Inode *inode)
{
  inode->handles++;
}

void inode_release(Inode *inode)
{
  inode->handles--;
  inode_check(inode);
}

static void note_dirty(Inode *inode, size_t start, size_t end)
{
  if (inode->dirty_count > 0) {
    Extent *last = &inode->dirty[inode->dirty_count - 1];
    if (start >= last->start && start <= last->end) { /* writes mostly go on where the last one ended */
      if (end > last->end) last->end = end;
      return;
    }
  }
  inode->dirty = grown(inode->dirty, inode->dirty_count, &inode->dirty_capacity, sizeof *inode->dirty);
  inode->dirty[inode->dirty_count++] = (Extent){start, end};
}

void inode_write(Inode *inode, size_t offset, const void *bytes, size_t len)
{
  size_t start = offset < inode->now.size ? offset : inode->now.size; /* a hole is written too */
  bytes_put(&inode->now, offset, bytes, len);
  note_dirty(inode, start, offset + len);
}

void inode_truncate(Inode *inode, size_t size)
{
  size_t before = inode->now.size;
  bytes_size(&inode->now, size);
  if (size > before) note_dirty(inode, before, size);
  if (size < before) note_dirty(inode, size, size); /* its size is not durable yet */
}

void inode_sync(Inode *inode)
{
  if (inode->durable.size > inode->now.size) bytes_size(&inode->durable, inode->now.size);
  for (size_t i = 0; i < inode->dirty_count; i++) {
    Extent e = inode->dirty[i];
    if (e.end > inode->now.size) e.end = inode->now.size;
    if (e.start < e.end) bytes_put(&inode->durable, e.start, inode->now.data + e.start, e.end - e.start);
  }
  bytes_size(&inode->durable, inode->now.size);
  inode->dirty_count = 0;
}

/* after_cut: `luck` 0: nothing that was not synced is there; 1: all of it; 2: any sectors. */
static void after_cut(Inode *inode, int luck, Rng *rng)
{
  if (luck == 1) inode_sync(inode);
  if (luck == 2) {
    if (inode->now.size < inode->durable.size && rng_chance(rng, 500)) bytes_size(&inode->durable, inode->now.size);
    for (size_t i = 0; i < inode->dirty_count; i++) {
      Extent e = inode->dirty[i];
      if (e.end > inode->now.size) e.end = inode->now.size;
      for (size_t at = e.start; at < e.end;) {
        size_t end = (at / SECTOR + 1) * SECTOR;
        if (end > e.end) end = e.end;
        if (rng_chance(rng, 500)) bytes_put(&inode->durable, at, inode->now.data + at, end - at);
        at = end;
      }
    }
  }
  inode->dirty_count = 0;
  bytes_set(&inode->now, &inode->durable);
  inode->shared = 0;
  inode->reserved = inode->pending = inode->exclusive = NULL;
}

/* --------------------------------------------------------------------------------------------------------------- names */

Disk *disk_of(const char *path)
{
  if (strncmp(path, "/sim/", 5) != 0) return NULL;
  int n = atoi(path + 5);
  assert(n >= 0 && n < DISK_MAX);
  return &disks[n];
}

static Name *name_of(Name *names, size_t count, const char *path)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i].path, path) == 0) return &names[i];
  return NULL;
}

Inode *disk_find(Disk *disk, const char *path, bool *folder)
{
  Name *name = name_of(disk->names, disk->name_count, path);
  if (folder) *folder = name && !name->inode;
  return name ? name->inode : NULL;
}

/* set_name: in one of the two lists. inode NULL: removed. */
static void set_name(Name **names, size_t *count, size_t *capacity, const char *path, Inode *inode)
{
  Name *name = name_of(*names, *count, path);
  Inode *before = name ? name->inode : NULL;
  if (inode) inode->names++;
  if (!name && inode) {
    *names = grown(*names, *count, capacity, sizeof **names);
    name = &(*names)[(*count)++];
    snprintf(name->path, sizeof name->path, "%s", path);
  }
  if (name && inode) name->inode = inode;
  if (name && !inode) {
    memmove(name, name + 1, sizeof *name * (size_t)(*names + *count - name - 1));
    (*count)--;
  }
  if (before) {
    before->names--;
    inode_check(before);
  }
}

static void set_now(Disk *disk, const char *path, Inode *inode)
{
  disk->changes = grown(disk->changes, disk->change_count, &disk->change_capacity, sizeof *disk->changes);
  NameChange *change = &disk->changes[disk->change_count++];
  snprintf(change->path, sizeof change->path, "%s", path);
  change->inode = inode;
  if (inode) inode_hold(inode);
  set_name(&disk->names, &disk->name_count, &disk->name_capacity, path, inode);
}

static void make_durable(Disk *disk, const NameChange *change)
{
  set_name(&disk->durable, &disk->durable_count, &disk->durable_capacity, change->path, change->inode);
}

static void forget_change(const NameChange *change)
{
  if (change->inode) inode_release(change->inode);
}

Inode *disk_make(Disk *disk, const char *path)
{
  Inode *inode = inode_new();
  set_now(disk, path, inode);
  return inode;
}

void disk_make_folder(Disk *disk, const char *path)
{
  Name **lists[] = {&disk->names, &disk->durable};
  size_t *counts[] = {&disk->name_count, &disk->durable_count};
  size_t *capacities[] = {&disk->name_capacity, &disk->durable_capacity};
  for (int i = 0; i < 2; i++) {
    if (name_of(*lists[i], *counts[i], path)) continue;
    *lists[i] = grown(*lists[i], *counts[i], capacities[i], sizeof **lists[i]);
    Name *name = &(*lists[i])[(*counts[i])++];
    *name = (Name){.inode = NULL};
    snprintf(name->path, sizeof name->path, "%s", path);
  }
}

static void forget_folder(Name *names, size_t *count, const char *path)
{
  Name *name = name_of(names, *count, path);
  if (!name || name->inode) return;
  memmove(name, name + 1, sizeof *name * (size_t)(names + *count - name - 1));
  (*count)--;
}

void disk_remove_folder(Disk *disk, const char *path)
{
  forget_folder(disk->names, &disk->name_count, path);
  forget_folder(disk->durable, &disk->durable_count, path);
}

void disk_remove(Disk *disk, const char *path)
{
  set_now(disk, path, NULL);
}

void disk_rename(Disk *disk, const char *from, const char *to)
{
  Inode *inode = disk_find(disk, from, NULL);
  if (!inode) abort();
  inode_hold(inode);
  set_now(disk, to, inode);
  set_now(disk, from, NULL);
  inode_release(inode);
}

void disk_sync_folder(Disk *disk, const char *folder)
{
  size_t len = strlen(folder), kept = 0;
  for (size_t i = 0; i < disk->change_count; i++) {
    NameChange *change = &disk->changes[i];
    bool in =
        strncmp(change->path, folder, len) == 0 && change->path[len] == '/' && !strchr(change->path + len + 1, '/');
    if (!in) {
      disk->changes[kept++] = *change;
      continue;
    }
    make_durable(disk, change);
    forget_change(change);
  }
  disk->change_count = kept;
}

/* ---------------------------------------------------------------------------------------------------------------- faults */

int disk_step(Disk *disk, bool grows)
{
  if (disk->dead) return EIO;
  disk->steps++;
  if (disk->fail_at == 0 || disk->steps < disk->fail_at) return 0;
  if (disk->fault == DISK_GOOD || (disk->fault == DISK_FULL && !grows)) return 0;
  disk->failures++;
  if (disk->fault == DISK_BROKEN_ONCE) disk->fault = DISK_GOOD;
  if (disk->fault == DISK_CUT) disk->dead = true;
  return disk->fault == DISK_FULL ? ENOSPC : EIO;
}

void disk_fail_after(Disk *disk, uint64_t n, DiskFault fault)
{
  disk->fail_at = disk->steps + n;
  disk->fault = fault;
}

void disk_heal(Disk *disk)
{
  disk->fail_at = 0;
  disk->fault = DISK_GOOD;
}

void disk_power_back(Disk *disk, Rng *rng)
{
  disk->dead = true; /* nothing is open any more; what is freed below changes nothing */
  int luck = (int)rng_below(rng, 3);
  size_t kept = luck == 0 ? 0 : luck == 1 ? disk->change_count : rng_below(rng, disk->change_count + 1);
  for (size_t i = 0; i < disk->change_count; i++) {
    if (i < kept) make_durable(disk, &disk->changes[i]);
    forget_change(&disk->changes[i]);
  }
  disk->change_count = 0;
  while (disk->name_count > 0 && disk->names) {
    Name *name = &disk->names[disk->name_count - 1];
    Inode *inode = name->inode;
    disk->name_count--;
    if (inode) {
      inode->names--;
      inode_check(inode);
    }
  }
  for (size_t i = 0; i < disk->durable_count; i++) {
    const Name *name = &disk->durable[i];
    if (name->inode) {
      after_cut(name->inode, luck, rng);
      assert(name->inode->handles == 0); /* else a file was left open */
    }
    disk->names = grown(disk->names, disk->name_count, &disk->name_capacity, sizeof *disk->names);
    disk->names[disk->name_count++] = *name;
    if (name->inode) name->inode->names++;
  }
  disk->dead = false;
  disk_heal(disk);
}

void disk_wipe(Disk *disk)
{
  for (size_t i = 0; i < disk->change_count; i++) forget_change(&disk->changes[i]);
  disk->change_count = 0;
  for (size_t i = 0; i < disk->name_count + disk->durable_count; i++) {
    Inode *inode = i < disk->name_count ? disk->names[i].inode : disk->durable[i - disk->name_count].inode;
    if (!inode) continue;
    inode->names--;
    inode_check(inode);
  }
  free(disk->names);
  free(disk->durable);
  free(disk->changes);
  *disk = (Disk){0};
}

void disk_copy(Disk *to, const Disk *from)
{
  disk_wipe(to);
  for (size_t i = 0; i < from->name_count; i++) {
    char path[120];
    /* Paths name the disk: "/sim/N/...". */
    const char *rest = strchr(from->names[i].path + 5, '/');
    snprintf(path, sizeof path, "/sim/%d%s", (int)(to - disks), rest ? rest : "");
    if (to < disks || to >= disks + DISK_MAX) snprintf(path, sizeof path, "%s", from->names[i].path);
    if (!from->names[i].inode) {
      disk_make_folder(to, path);
      continue;
    }
    Inode *inode = disk_make(to, path);
    bytes_set(&inode->now, &from->names[i].inode->now);
    bytes_set(&inode->durable, &inode->now);
  }
  for (size_t i = 0; i < to->change_count; i++) {
    make_durable(to, &to->changes[i]);
    forget_change(&to->changes[i]);
  }
  to->change_count = 0;
}

size_t disk_bytes(const Disk *disk)
{
  size_t sum = 0;
  for (size_t i = 0; i < disk->name_count; i++)
    if (disk->names[i].inode) sum += disk->names[i].inode->now.size;
  return sum;
}
