#include <stdio.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/store/raw.h"
#include "common/store/verify.h"

/* A backup is the database file, compacted, with the node's number in local "backup.node" so that a restore with another node's
 * key is noticed. */

static Err mark(Raw *raw, const Store *store)
{
  char node[NODE_TEXT_LEN + 1];
  node_text(store->node, node);
  return raw_exec(raw, "INSERT OR REPLACE INTO local (key, value) VALUES ('backup.node', CAST(?1 AS BLOB))", node);
}

static Err check(Raw *raw, Arena *arena)
{
  const char *word;
  TRY(raw_text(raw, "PRAGMA integrity_check(1)", arena, &word));
  return strcmp(word, "ok") == 0 ? ERR_OK : err_because(ERR_CORRUPT, "backup: %s", word);
}

static Err make(Store *store, const char *path)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t before = store_head(store), head;
  TRY(raw_compact(store, path));
  AUTO(Raw, raw, raw_fini) = {0};
  TRY(raw_open(&raw, path, store->env, SQLITE_OPEN_READWRITE));
  TRY(mark(&raw, store));
  /* A backup restores to an ordinary replica, and holds no password of a log. */
  TRY(raw_exec(&raw, "DELETE FROM local WHERE key LIKE 'log.%'", NULL));
  TRY(check(&raw, &arena));
  TRY(raw_int(&raw, "SELECT coalesce(max(pos), 0) FROM journal", &head));
  if (head < before) return err_because(ERR_CORRUPT, "backup: its journal ends before that of the replica");
  return ERR_OK;
}

Err backup_make(Store *store, const char *path)
{
  if (file_exists(path)) return err_because(ERR_EXISTS, "%s exists", path);
  Err err = make(store, path);
  if (err == ERR_OK) err = raw_sync(path);
  if (err != ERR_OK) unlink(path);
  return err;
}

/* ------------------------------------------------------------------------------------------------------------- restore */

static Err restore_files(const char *path, const char *key_path, const char *folder, const Env *env)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Str key;
  TRY(file_read(&arena, key_path, 4096, &key));
  {
    AUTO(Raw, raw, raw_fini) = {0};
    TRY(raw_open(&raw, path, env, SQLITE_OPEN_READONLY));
    TRY(check(&raw, &arena));
    TRY(file_make_folders(folder, 0700));
    TRY(raw_exec(&raw, "VACUUM INTO ?1", store_file(&arena, folder)));
  }
  TRY(raw_sync(store_file(&arena, folder)));
  return file_write(store_key_file(&arena, folder), key.ptr, key.len, 0600);
}

static Err check_key(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  NodeId node;
  if (!node_parse(local_get(store, &arena, "backup.node"), &node)) return ERR_OK; /* a plain copy of a replica */
  if (node != store->node)
    return err_because(ERR_INVALID, "the key is not that of node %08x, whose backup it is", node);
  return local_delete(store, "backup.node");
}

static Err begin_epoch(Store *store)
{
  uint8_t random[16];
  char text[2 * sizeof random + 1];
  env_random(store->env, random, sizeof random);
  for (size_t i = 0; i < sizeof random; i++) snprintf(text + 2 * i, 3, "%02x", random[i]);
  return local_set(store, LOCAL_EPOCH, str_c(text));
}

static Err settle(const char *folder, const Env *env)
{
  AUTO(Store *, store, store_closep) = NULL;
  TRY(store_open(folder, env, &store));
  TRY(check_key(store));
  return begin_epoch(store);
}

Err backup_restore(const char *path, const char *key_path, const char *folder, const Env *env)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *file = store_file(&arena, folder), *key = store_key_file(&arena, folder);
  if (file_exists(file) || file_exists(key)) return err_because(ERR_EXISTS, "%s has a replica already", folder);
  Err err = restore_files(path, key_path, folder, env);
  if (err == ERR_OK) err = settle(folder, env);
  if (err == ERR_OK) return ERR_OK;
  static const char *const AFTER[] = {"", "-wal", "-shm", "-journal"};
  for (size_t i = 0; i < COUNT_OF(AFTER); i++) unlink(arena_printf(&arena, "%s%s", file, AFTER[i]));
  unlink(key);
  return err;
}
