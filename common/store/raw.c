#include "common/store/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

Err raw_err(Raw *raw, int rc, const char *what)
{
  if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE) return ERR_OK;
  Store like = {.db = raw->db};
  return store_err(&like, rc, what);
}

Err raw_open(Raw *raw, const char *path, const Env *env, int flags)
{
  int rc = sqlite3_open_v2(path, &raw->db, flags | SQLITE_OPEN_NOMUTEX, env->vfs);
  if (rc == SQLITE_CANTOPEN && access(path, F_OK) != 0 && errno == ENOENT && !(flags & SQLITE_OPEN_CREATE))
    return err_because(ERR_NOT_FOUND, "%s is not there", path);
  if (rc == SQLITE_OK) sqlite3_busy_timeout(raw->db, STORE_BUSY_MS);
  return raw_err(raw, rc, path);
}

void raw_fini(Raw *raw)
{
  sqlite3_close(raw->db);
  raw->db = NULL;
}

Err raw_exec(Raw *raw, const char *sql, const char *text)
{
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK && text) rc = sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC);
  if (rc == SQLITE_OK) {
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) continue;
  }
  Err err = raw_err(raw, rc, sql);
  sqlite3_finalize(stmt);
  return err;
}

Err raw_int(Raw *raw, const char *sql, int64_t *out)
{
  sqlite3_stmt *stmt = NULL;
  *out = 0;
  int rc = sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW) *out = sqlite3_column_int64(stmt, 0);
  Err err = raw_err(raw, rc, sql);
  sqlite3_finalize(stmt);
  return err;
}

Err raw_text(Raw *raw, const char *sql, Arena *arena, const char **out)
{
  sqlite3_stmt *stmt = NULL;
  *out = "";
  int rc = sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW) *out = arena_cstr(arena, str_c((const char *)sqlite3_column_text(stmt, 0)));
  Err err = raw_err(raw, rc, sql);
  sqlite3_finalize(stmt);
  return err;
}

Err raw_compact(const Store *store, const char *path)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Raw, raw, raw_fini) = {0};
  /* Not read-only: SQLite would then sort every index anew instead of copying it, which takes five times as long. */
  TRY(raw_open(&raw, store_file(&arena, store->folder), store->env, SQLITE_OPEN_READWRITE));
  return raw_exec(&raw, "VACUUM INTO ?1", path);
}

bool raw_prepares(const Migration migrations[], size_t count, const char *sql)
{
  AUTO(Raw, raw, raw_fini) = {0};
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_open(":memory:", &raw.db) != SQLITE_OK) return false;
  for (size_t i = 0; i < count; i++) {
    if (sqlite3_exec(raw.db, migrations[i].sql, NULL, NULL, NULL) != SQLITE_OK) return false;
  }
  bool prepares = sqlite3_prepare_v2(raw.db, sql, -1, &stmt, NULL) == SQLITE_OK;
  sqlite3_finalize(stmt);
  return prepares;
}

static Err sync_path(const char *path, int flags)
{
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) return err_because(ERR_IO, "open %s: %s", path, strerror(errno));
  bool failed = fsync(fd) != 0;
  Err err =
      !failed ? ERR_OK : err_because(errno == ENOSPC ? ERR_NO_SPACE : ERR_IO, "sync %s: %s", path, strerror(errno));
  close(fd);
  return err;
}

Err raw_sync(const char *path)
{
  if (chmod(path, 0600) != 0) return err_because(ERR_IO, "chmod %s: %s", path, strerror(errno));
  TRY(sync_path(path, O_RDONLY));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *slash = strrchr(path, '/');
  size_t len = slash ? (size_t)(slash - path) : 0;
  const char *folder = slash ? arena_cstr(&arena, (Str){path, len ? len : 1}) : ".";
  return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

const char *store_file(Arena *arena, const char *folder)
{
  return arena_printf(arena, "%s/foyer.db", folder);
}

const char *store_key_file(Arena *arena, const char *folder)
{
  return arena_printf(arena, "%s/node.key", folder);
}
