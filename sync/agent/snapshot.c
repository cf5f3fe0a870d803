/* A new node's beginning: the upstream's snapshot, downloaded in pieces that go on where they were cut, checked by its hash. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/base/file.h"
#include "common/base/json.h"
#include "common/base/log.h"
#include "common/store/verify.h"
#include "sync/agent/state.h"
#include "sync/settings.h"

enum { CHUNK = 256 << 10 };

static Err io_error(const char *what)
{
  int why = errno;
  return err_because(why == ENOSPC || why == EDQUOT ? ERR_NO_SPACE : ERR_IO, "snapshot: %s: %s", what, strerror(why));
}

static const char *incoming(Agent *agent, Arena *arena)
{
  return arena_printf(arena, "%s/incoming", store_folder(agent->store));
}

/* forget_others: parts of snapshots that are no longer offered. keep: a file's name, NULL for none. */
static void forget_others(Agent *agent, const char *keep)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  DIR *dir = opendir(incoming(agent, &arena));
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (entry->d_name[0] != '.' && (!keep || strcmp(entry->d_name, keep) != 0)) unlinkat(dirfd(dir), entry->d_name, 0);
  closedir(dir);
}

static Err leave_mode(Agent *agent, int64_t head)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TRY(local_set_int(agent->store, SETTING_PULL_POS, head));
  TRY(local_set_int(agent->store, SETTING_PUSH_POS, head));
  TRY(local_set(agent->store, SETTING_RECOVERED_EPOCH, local_get(agent->store, &arena, LOCAL_EPOCH)));
  TRY(local_set(agent->store, SETTING_MODE, STR("")));
  agent->pull_pos = agent->push_pos = agent->kept_push_pos = head;
  agent->mode = MODE_ORDINARY;
  agent->status.done_bytes = agent->status.total_bytes = 0;
  agent->down.stale = true;
  forget_others(agent, NULL);
  return ERR_OK;
}

Err snapshot_resume(Agent *agent)
{
  int64_t head = local_get_int(agent->store, SETTING_SNAPSHOT_HEAD, 0);
  if (store_head(agent->store) == 0 || head == 0) return ERR_OK;
  return leave_mode(agent, head); /* it was installed; what followed was cut off */
}

/* ---------------------------------------------------------------------------------------------------------------- ask */

static bool ask_wanted(Agent *agent)
{
  return agent->mode == MODE_SNAPSHOT && !*agent->download.id;
}

static Err ask(Agent *agent, Arena *arena, HttpCall *call)
{
  (void)arena;
  agent_call(agent, call, "POST", "/sync/v1/snapshot");
  call->silence_ms = 10 * 60000; /* it may have to be made */
  return ERR_OK;
}

static Err open_part(Agent *agent)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Download *d = &agent->download;
  TRY(file_make_folders(incoming(agent, &arena), 0700));
  const char *name = arena_printf(&arena, "%s.z", d->id);
  forget_others(agent, name);
  snprintf(d->path, sizeof d->path, "%s/%s", incoming(agent, &arena), name);
  struct stat info;
  d->done = stat(d->path, &info) == 0 ? info.st_size : 0;
  if (d->done > d->size) {
    unlink(d->path);
    d->done = 0;
  }
  return ERR_OK;
}

static Err take_offer(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  AUTO(json_t *, offer, json_release) = NULL;
  TRY(agent_json(answer, &offer));
  Download d = {.size = json_int(offer, "size", 0),
                .expanded = json_int(offer, "expanded", 0),
                .head = json_int(offer, "head", -1)};
  Hash hash;
  Str id = json_str(offer, "id"), epoch = json_str(offer, "epoch");
  if (!hash_parse_hex(id, &hash) || d.size <= 0 || d.expanded <= 0 || d.head < 0 || epoch.len > EPOCH_MAX)
    return err_because(ERR_PEER, "upstream: an offer of a snapshot that makes no sense");
  hash_hex(hash, d.id);
  snprintf(d.epoch, sizeof d.epoch, STR_FMT, STR_ARG(epoch));
  agent->download = d;
  Err err = open_part(agent);
  if (err != ERR_OK) agent->download = (Download){0};
  TRY(err);
  agent->status.total_bytes = d.size;
  agent->status.done_bytes = agent->download.done;
  return agent_clock(agent, json_int(offer, "time", 0));
}

const Step step_snapshot_ask = {"snapshot", AGENT_WORK, ask_wanted, ask, take_offer};

/* ------------------------------------------------------------------------------------------------------------ install */

static Err check_hash(const Download *d)
{
  int fd = open(d->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error("opening");
  void *map = mmap(NULL, (size_t)d->size, PROT_READ, MAP_PRIVATE, fd, 0);
  Err err = map == MAP_FAILED ? io_error("mapping") : ERR_OK;
  close(fd);
  TRY(err);
  char hex[HASH_HEX_LEN + 1];
  hash_hex(hash_bytes(map, (size_t)d->size), hex);
  munmap(map, (size_t)d->size);
  return strcmp(hex, d->id) == 0 ? ERR_OK : err_because(ERR_PEER, "snapshot: what came is not what was offered");
}

static void file_close(FILE **file)
{
  if (*file) fclose(*file);
}

/* expand_to: no more than the offer said. */
static Err expand_to(FILE *in, FILE *out, z_stream *z, int64_t most, uint8_t *from, uint8_t *to)
{
  int code = Z_OK;
  while (code != Z_STREAM_END) {
    z->avail_in = (uInt)fread(from, 1, CHUNK, in);
    if (ferror(in)) return io_error("reading");
    if (z->avail_in == 0) return err_because(ERR_PEER, "snapshot: it ends too early");
    z->next_in = from;
    do {
      z->next_out = to;
      z->avail_out = CHUNK;
      code = inflate(z, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return err_because(ERR_PEER, "snapshot: its compressed form is damaged");
      size_t ready = CHUNK - z->avail_out;
      most -= (int64_t)ready;
      if (most < 0) return err_because(ERR_PEER, "snapshot: it is larger than was said");
      if (fwrite(to, 1, ready, out) != ready) return io_error("writing");
    } while (z->avail_out == 0 && code != Z_STREAM_END);
  }
  return fflush(out) == 0 ? ERR_OK : io_error("writing");
}

static Err expand_file(const Download *d, const char *path)
{
  AUTO(FILE *, in, file_close) = fopen(d->path, "rbe");
  AUTO(FILE *, out, file_close) = fopen(path, "wbe");
  if (!in || !out) return io_error("opening");
  uint8_t *both = malloc(2 * (size_t)CHUNK);
  z_stream z = {0};
  Err err = both && inflateInit(&z) == Z_OK ? ERR_OK : err_because(ERR_NO_SPACE, "snapshot: memory");
  if (err == ERR_OK) {
    err = expand_to(in, out, &z, d->expanded, both, both + CHUNK);
    inflateEnd(&z);
  }
  free(both);
  return err;
}

static Err install(Agent *agent)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Download *d = &agent->download;
  const char *plain = arena_printf(&arena, "%s/snapshot.db", incoming(agent, &arena));
  Err err = check_hash(d);
  if (err == ERR_OK) err = expand_file(d, plain);
  if (err == ERR_OK) err = local_set(agent->store, SETTING_EPOCH, str_c(d->epoch));
  if (err == ERR_OK) err = local_set_int(agent->store, SETTING_SNAPSHOT_HEAD, d->head);
  if (err == ERR_OK) err = snapshot_install(agent->store, plain);
  unlink(plain);
  if (err == ERR_PEER || err == ERR_CORRUPT) { /* begin anew with another */
    unlink(d->path);
    *d = (Download){0};
    return err_because(ERR_PEER, "%s", err_detail());
  }
  TRY(err);
  memcpy(agent->epoch, d->epoch, sizeof agent->epoch);
  log_event(LOG_INFO, "agent.snapshot", "bytes=%lld head=%lld", (long long)d->size, (long long)d->head);
  int64_t head = d->head;
  *d = (Download){0};
  return leave_mode(agent, head);
}

/* ------------------------------------------------------------------------------------------------------------- pieces */

static bool piece_wanted(Agent *agent)
{
  return agent->mode == MODE_SNAPSHOT && *agent->download.id;
}

static Err ask_piece(Agent *agent, Arena *arena, HttpCall *call)
{
  Download *d = &agent->download;
  if (d->done == d->size) { /* all was there before we were started */
    TRY(install(agent));
    return ERR_NOT_FOUND;
  }
  agent_call(agent, call, "GET", arena_printf(arena, "/sync/v1/snapshot/%s", d->id));
  int64_t left = d->size - d->done;
  call->range_start = d->done;
  call->range_length = left < agent->piece_bytes ? left : agent->piece_bytes;
  return ERR_OK;
}

static Err append(Download *d, Str bytes)
{
  int fd = open(d->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return io_error("opening");
  ssize_t put = pwrite(fd, bytes.ptr, bytes.len, d->done);
  Err err = put == (ssize_t)bytes.len ? ERR_OK : io_error("writing");
  close(fd);
  if (err == ERR_OK) d->done += put;
  return err;
}

static Err take_piece(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  Download *d = &agent->download;
  bool bytes = answer->status == 206 || answer->status == 200;
  if ((answer->err == ERR_OK || answer->cut) && bytes) {
    if ((int64_t)answer->body.len > d->size - d->done || (answer->status == 200 && d->done > 0))
      return err_because(ERR_PEER, "upstream: a piece that does not fit");
    TRY(append(d, answer->body)); /* also what came before a cut */
    agent->status.done_bytes = d->done;
  }
  Err err = agent_refusal(answer);
  if (err == ERR_NOT_FOUND) { /* it is kept for a while only: ask for another */
    *d = (Download){0};
    return ERR_OK;
  }
  TRY(err);
  agent_worked(agent);
  return d->done == d->size ? install(agent) : ERR_OK;
}

const Step step_snapshot_piece = {"snapshot", AGENT_WORK, piece_wanted, ask_piece, take_piece};
