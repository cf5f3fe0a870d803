/* Snapshot for new devices: made when one asks, compressed, kept for a while for the next and for going on after a cut. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/store/verify.h"
#include "sync/hub/range.h"
#include "sync/hub/state.h"

enum { FRESH_MS = 3600 * 1000, PIECE_MAX = 1 << 20, CHUNK = 256 << 10 };

void hub_snapshot_forget(Hub *hub)
{
  if (hub->snapshot.path) unlink(hub->snapshot.path);
  free(hub->snapshot.path);
  hub->snapshot = (HubSnapshot){0};
}

static Err io_error(const char *what)
{
  int why = errno;
  return err_because(why == ENOSPC || why == EDQUOT ? ERR_NO_SPACE : ERR_IO, "snapshot: %s: %s", what, strerror(why));
}

static void file_close(FILE **file)
{
  if (*file) fclose(*file);
}

static Err compress_to(FILE *in, FILE *out, z_stream *z, uint8_t *from, uint8_t *to)
{
  int flush = Z_NO_FLUSH;
  while (flush != Z_FINISH) {
    z->avail_in = (uInt)fread(from, 1, CHUNK, in);
    if (ferror(in)) return io_error("reading");
    z->next_in = from;
    flush = feof(in) ? Z_FINISH : Z_NO_FLUSH;
    do {
      z->next_out = to;
      z->avail_out = CHUNK;
      (void)deflate(z, flush);
      size_t ready = CHUNK - z->avail_out;
      if (fwrite(to, 1, ready, out) != ready) return io_error("writing");
    } while (z->avail_out == 0);
  }
  return fflush(out) == 0 ? ERR_OK : io_error("writing");
}

static Err compress_file(const char *from_path, const char *to_path)
{
  AUTO(FILE *, in, file_close) = fopen(from_path, "rbe");
  AUTO(FILE *, out, file_close) = fopen(to_path, "wbe");
  if (!in || !out) return io_error("opening");
  uint8_t *both = malloc(2 * (size_t)CHUNK);
  z_stream z = {0};
  Err err = both && deflateInit(&z, 1) == Z_OK ? ERR_OK : err_because(ERR_NO_SPACE, "snapshot: memory");
  if (err == ERR_OK) {
    err = compress_to(in, out, &z, both, both + CHUNK);
    deflateEnd(&z);
  }
  free(both);
  return err;
}

static Err hash_file(const char *path, Hash *hash, int64_t *size)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error("opening");
  struct stat info;
  void *map = MAP_FAILED;
  if (fstat(fd, &info) == 0 && info.st_size > 0) map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  Err err = map == MAP_FAILED ? io_error("mapping") : ERR_OK;
  close(fd);
  if (err != ERR_OK) return err;
  *hash = hash_bytes(map, (size_t)info.st_size);
  *size = info.st_size;
  munmap(map, (size_t)info.st_size);
  return ERR_OK;
}

/* make: on this worker; others are told to ask again. The file's own name is its hash. */
static Err make(Hub *hub, Store *store, HubSnapshot *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *folder = arena_printf(&arena, "%s/snapshots", hub->folder);
  const char *plain = arena_printf(&arena, "%s/making.db", folder);
  const char *packed = arena_printf(&arena, "%s/making.z", folder);
  struct stat info = {0};
  Hash hash;
  TRY(file_make_folders(folder, 0700));
  unlink(plain);
  TRY(snapshot_make(store, plain, &out->head));
  Err err = stat(plain, &info) == 0 ? compress_file(plain, packed) : io_error("looking at it");
  unlink(plain);
  if (err == ERR_OK) err = hash_file(packed, &hash, &out->size_bytes);
  if (err != ERR_OK) {
    unlink(packed);
    return err;
  }
  hash_hex(hash, out->id);
  out->expanded_bytes = info.st_size;
  const char *path = arena_printf(&arena, "%s/%s.z", folder, out->id);
  out->path = strdup(path);
  if (!out->path || rename(packed, path) != 0) return io_error("naming it");
  out->made_ms = out->used_ms = env_monotonic_ms(hub->env);
  return ERR_OK;
}

/* current: the snapshot to hand out. ERR_BUSY while another worker makes one. */
static Err current(Hub *hub, Store *store, HubSnapshot *out)
{
  int64_t now = env_monotonic_ms(hub->env);
  pthread_mutex_lock(&hub->lock);
  bool fresh = *hub->snapshot.id && now - hub->snapshot.made_ms < FRESH_MS;
  bool mine = !fresh && !hub->snapshot.making;
  if (fresh) {
    hub->snapshot.used_ms = now;
    *out = hub->snapshot;
  }
  if (mine) hub->snapshot.making = true;
  pthread_mutex_unlock(&hub->lock);
  if (fresh) return ERR_OK;
  if (!mine) return err_because(ERR_BUSY, "a snapshot is being made");
  HubSnapshot made = {0};
  Err err = make(hub, store, &made);
  pthread_mutex_lock(&hub->lock);
  hub->snapshot.making = false;
  if (err == ERR_OK) {
    hub_snapshot_forget(hub);
    hub->snapshot = *out = made;
  } else {
    free(made.path);
  }
  pthread_mutex_unlock(&hub->lock);
  return err;
}

void hub_handle_snapshot(HttpRequest *request, HttpResponse *response, void *context)
{
  Hub *hub = context;
  Device device;
  HubSnapshot snapshot;
  Err err = device_of(hub, request, &device);
  if (err == ERR_OK) err = device_whole(request->store, &device);
  if (err == ERR_OK) err = current(hub, request->store, &snapshot);
  if (err != ERR_OK) {
    log_err("hub.snapshot", err);
    http_error(request, response, err);
    return;
  }
  Str epoch = local_get(request->store, request->arena, "epoch");
  http_json(request, response, 200,
            json_pack("{s:s, s:I, s:I, s:I, s:s%, s:I}", "id", snapshot.id, "size", (json_int_t)snapshot.size_bytes,
                      "expanded", (json_int_t)snapshot.expanded_bytes, "head", (json_int_t)snapshot.head, "epoch",
                      epoch.len ? epoch.ptr : "", epoch.len, "time", (json_int_t)store_now(request->store)));
}

static Err read_piece(HttpRequest *request, HttpResponse *response, const char *path, int64_t size)
{
  ByteRange range;
  TRY(range_of(request, size, PIECE_MAX, &range));
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? ERR_NOT_FOUND : io_error("opening");
  char *data = arena_alloc(request->arena, (size_t)range.length);
  ssize_t got = pread(fd, data, (size_t)range.length, range.start);
  close(fd);
  if (got != range.length) return io_error("reading");
  range_answer(request, response, range, size, (Str){data, (size_t)got});
  return ERR_OK;
}

void hub_handle_snapshot_piece(HttpRequest *request, HttpResponse *response, void *context)
{
  Hub *hub = context;
  Device device;
  int64_t size = -1;
  const char *path = NULL;
  Err err = device_of(hub, request, &device);
  if (err == ERR_OK) err = device_whole(request->store, &device);
  pthread_mutex_lock(&hub->lock);
  if (*hub->snapshot.id && str_eq_c(http_param(request, "id"), hub->snapshot.id)) {
    path = arena_cstr(request->arena, str_c(hub->snapshot.path));
    size = hub->snapshot.size_bytes;
    hub->snapshot.used_ms = env_monotonic_ms(hub->env);
  }
  pthread_mutex_unlock(&hub->lock);
  if (err == ERR_OK && !path) err = err_because(ERR_NOT_FOUND, "that snapshot is gone: ask for another");
  if (err == ERR_OK) err = read_piece(request, response, path, size);
  if (err != ERR_OK) http_error(request, response, err);
}
