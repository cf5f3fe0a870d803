#include "common/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/store/logstore_view.h"
#include "common/store/merge_own.h"

SQL_SCAN(JOURNAL_ANY, "SELECT 1 FROM journal LIMIT 1");

NodeId node_id_of(const uint8_t public_key[SIGN_PUBLIC_SIZE])
{
  Hash hash = hash_bytes(public_key, SIGN_PUBLIC_SIZE);
  NodeId id = (NodeId)hash.bytes[0] << 24 | (NodeId)hash.bytes[1] << 16 | (NodeId)hash.bytes[2] << 8 | hash.bytes[3];
  return id ? id : 1;
}

void node_text(NodeId node, char out[NODE_TEXT_LEN + 1])
{
  snprintf(out, NODE_TEXT_LEN + 1, "%08x", node);
}

bool node_parse(Str text, NodeId *out)
{
  NodeId node = 0;
  if (text.len != NODE_TEXT_LEN) return false;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    if (c >= '0' && c <= '9')
      node = node << 4 | (NodeId)(c - '0');
    else if (c >= 'a' && c <= 'f')
      node = node << 4 | (NodeId)(c - 'a' + 10);
    else
      return false;
  }
  if (node == 0) return false;
  *out = node;
  return true;
}

Uuid node_row_id(NodeId node)
{
  uint8_t bytes[4] = {(uint8_t)(node >> 24), (uint8_t)(node >> 16), (uint8_t)(node >> 8), (uint8_t)node};
  return uuid_from_parts(STR("node"), bytes, sizeof bytes);
}

/* ---------------------------------------------------------------------------------------------------------- key file */

/* node.key: "foyer-key-1\n", then seed and sealing key in hexadecimal, a line each. */
static const char KEY_HEAD[] = "foyer-key-1\n";
enum { KEY_FILE_MAX = 256, KEY_HEX = 64 };

static const char *key_path(Store *store)
{
  return arena_printf(&store->arena, "%s/node.key", store->folder);
}

static void hex_line(char out[KEY_HEX + 2], const uint8_t key[32])
{
  Hash bytes;
  memcpy(bytes.bytes, key, sizeof bytes.bytes);
  hash_hex(bytes, out);
  memcpy(out + KEY_HEX, "\n", 2);
  crypto_wipe(&bytes, sizeof bytes);
}

static void use_key(Store *store, const uint8_t seed[SIGN_SEED_SIZE])
{
  store->key = sign_key_from_seed(seed);
  store->node = node_id_of(store->key.public_key);
}

static Err key_write(Store *store, const uint8_t seed[SIGN_SEED_SIZE])
{
  char text[sizeof KEY_HEAD + 2 * (KEY_HEX + 1)];
  memcpy(text, KEY_HEAD, sizeof KEY_HEAD - 1);
  hex_line(text + sizeof KEY_HEAD - 1, seed);
  hex_line(text + sizeof KEY_HEAD - 1 + KEY_HEX + 1, store->seal_key);
  Err err = file_write(key_path(store), text, sizeof text - 1, 0600);
  crypto_wipe(text, sizeof text);
  return err;
}

static Err key_read(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Str text;
  Hash seed, seal_key;
  TRY(file_read(&arena, key_path(store), KEY_FILE_MAX, &text));
  if (!str_starts(text, STR("foyer-key-1\n")) || text.len < sizeof KEY_HEAD - 1 + 2 * KEY_HEX + 1)
    return err_because(ERR_CORRUPT, "node.key is not a key file");
  const char *at = text.ptr + sizeof KEY_HEAD - 1;
  if (!hash_parse_hex((Str){at, KEY_HEX}, &seed) || !hash_parse_hex((Str){at + KEY_HEX + 1, KEY_HEX}, &seal_key))
    return err_because(ERR_CORRUPT, "node.key is not a key file");
  memcpy(store->seal_key, seal_key.bytes, sizeof seal_key.bytes);
  use_key(store, seed.bytes);
  crypto_wipe(&seed, sizeof seed);
  crypto_wipe(&seal_key, sizeof seal_key);
  return ERR_OK;
}

static Err key_new(Store *store)
{
  uint8_t seed[SIGN_SEED_SIZE];
  env_random(store->env, seed, sizeof seed);
  Err err = key_write(store, seed);
  if (err == ERR_OK) use_key(store, seed);
  crypto_wipe(seed, sizeof seed);
  return err;
}

/* --------------------------------------------------------------------------------------------------------- life cycle */

static Err journal_is_empty(Store *store)
{
  AUTO(Query, q, query_fini) = internal_query(store, &JOURNAL_ANY);
  if (query_next(&q)) return err_because(ERR_EXISTS, "%s has a replica already", store->folder);
  return query_end(&q);
}

/* A replica without a key and without an entry is what an interrupted store_create leaves: it is taken over. */
static Err open_new(Store *store, const Migration migrations[], size_t count)
{
  if (file_exists(key_path(store))) return err_because(ERR_EXISTS, "%s has a node.key already", store->folder);
  TRY(file_make_folders(store->folder, 0700));
  TRY(store_connect(store, migrations, count, true));
  TRY(journal_is_empty(store));
  env_random(store->env, store->seal_key, sizeof store->seal_key);
  return key_new(store);
}

/* follow_log: without the log, what is here can still be read. */
static Err follow_log(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str address = logstore_address(store, &arena);
  if (address.len == 0) return ERR_OK;
  TRY(logstore_open(store, arena_cstr(&arena, address)));
  /* What a power cut takes from the view, the log gives back. */
  TRY(store_exec(store, "PRAGMA synchronous = NORMAL"));
  Err err = logstore_catch_up(store);
  if (err != ERR_NETWORK && err != ERR_BUSY && err != ERR_CONFLICT) return err;
  log_err("store.log", err);
  return ERR_OK;
}

static Err open_old(Store *store, const Migration migrations[], size_t count)
{
  const char *path = arena_printf(&store->arena, "%s/foyer.db", store->folder);
  if (!file_exists(path)) return err_because(ERR_NOT_FOUND, "no replica in %s", store->folder);
  TRY(key_read(store));
  TRY(store_connect(store, migrations, count, false));
  TRY(merge_catch_up(store));
  return follow_log(store);
}

Err store_open_with(const char *folder, const Env *env, const Migration migrations[], size_t count, bool create,
                    Store **out)
{
  Store *store = calloc(1, sizeof *store);
  if (!store) abort();
  *store = (Store){.env = env, .arena = arena_make(0), .watch_fd = -1, .notify_fd = -1};
  store->folder = arena_cstr(&store->arena, str_c(folder));
  Err err = create ? open_new(store, migrations, count) : open_old(store, migrations, count);
  if (err == ERR_OK) err = authors_refresh(store);
  if (err != ERR_OK) {
    store_close(store);
    return err;
  }
  *out = store;
  return ERR_OK;
}

Err store_create(const char *folder, const Env *env, Store **out)
{
  return store_open_with(folder, env, MIGRATIONS, MIGRATION_COUNT, true, out);
}

Err store_open(const char *folder, const Env *env, Store **out)
{
  return store_open_with(folder, env, MIGRATIONS, MIGRATION_COUNT, false, out);
}

void store_close(Store *store)
{
  if (!store) return;
  store_write_cancel(store);
  store_read_end(store);
  logstore_close(store);
  store_disconnect(store);
  authors_forget(store);
  free(store->authors);
  capture_free(store);
  if (store->watch_fd >= 0) close(store->watch_fd);
  if (store->notify_fd >= 0) close(store->notify_fd);
  crypto_wipe(&store->key, sizeof store->key);
  crypto_wipe(store->seal_key, sizeof store->seal_key);
  arena_fini(&store->arena);
  free(store);
}

void store_closep(Store **store)
{
  store_close(*store);
  *store = NULL;
}

const Env *store_env(const Store *store)
{
  return store->env;
}

const char *store_folder(const Store *store)
{
  return store->folder;
}

NodeId store_node(const Store *store)
{
  return store->node;
}

const SignKey *store_key(const Store *store)
{
  return &store->key;
}

const uint8_t *store_seal_key(const Store *store)
{
  return store->seal_key;
}

static Err new_key_in_transaction(Store *store)
{
  const Author *own = author_find(store, store->node);
  if (own && own->head.seq > 0) return err_because(ERR_CONFLICT, "this node has written already");
  return key_new(store);
}

Err store_new_key(Store *store)
{
  TRY(store_write_begin(store));
  Err err = new_key_in_transaction(store);
  store_write_cancel(store);
  return err;
}

/* ------------------------------------------------------------------------------------------------------------ watching */

/* A file of one byte that every commit reads, which inotify reports to those that watch. The WAL itself will not do: it is
 * written before the commit can be seen by others, and a watcher that looked in between would look too early and sleep. */
static const char *notify_path(Store *store)
{
  return arena_printf(&store->arena, "%s/foyer.commit", store->folder);
}

static void notify_open(Store *store)
{
  const char *path = notify_path(store);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOATIME, 0600);
  struct stat info;
  if (fd >= 0 && (fstat(fd, &info) != 0 || (info.st_size == 0 && write(fd, "\n", 1) != 1))) {
    close(fd);
    fd = -1;
  }
  store->notify_fd = fd; /* on a full disk nobody is told; watchers look now and then all the same */
}

void store_notify(Store *store)
{
  char byte;
  if (store->notify_fd < 0) notify_open(store);
  if (store->notify_fd >= 0 && pread(store->notify_fd, &byte, 1, 0) != 1) log_event(LOG_WARN, "store.notify", NULL);
}

int store_watch_fd(Store *store)
{
  if (store->watch_fd >= 0) return store->watch_fd;
  if (store->notify_fd < 0) notify_open(store);
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return -1;
  if (inotify_add_watch(fd, notify_path(store), IN_ACCESS) < 0) {
    close(fd);
    return -1;
  }
  return store->watch_fd = fd;
}

void store_watch_drain(Store *store)
{
  char events[4096];
  while (store->watch_fd >= 0 && read(store->watch_fd, events, sizeof events) > 0) continue;
}
