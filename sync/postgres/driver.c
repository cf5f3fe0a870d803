/* The LogStore over a Link. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "sync/postgres/link.h"

enum {
  FLUSH_BYTES = 256 << 10, /* of queued statements: their answers must fit the sockets' buffers meanwhile */
  FLUSH_COUNT = 64,
  LOCK_PATIENCE_MS = 3000,     /* for a server that is being restarted */
  RESOLVE_PATIENCE_MS = 20000, /* for finding out what became of a commit */
  STEP_MS = 100,
};

typedef struct PgLog {
  LogStore base; /* first */
  const Env *env;
  Link *link;
  bool locked; /* we hold the link and the practice's line */
  LogEnd end;
  int64_t pos, row; /* with what was added */
  LogEntry first;   /* what was added first, to know it again; its body is not kept */
  bool any_entry;
  LogRow last_row; /* its key is kept in last_key */
  Buf last_key;
  PGconn *ear; /* listens */
} PgLog;

static PgLog *of(LogStore *log)
{
  return (PgLog *)log;
}

static void release(PgLog *p)
{
  p->locked = false;
  pthread_mutex_unlock(&p->link->lock);
}

/* roll_back: or, if that fails, drop the connection, which does the same. */
static void roll_back(Link *link)
{
  if (!link->conn) return;
  Err err = link_send_text(link, "ROLLBACK");
  if (err == ERR_OK) err = link_drain(link);
  if (err != ERR_OK && err != ERR_CANCELLED) link_drop(link);
}

static void cancel(LogStore *log)
{
  PgLog *p = of(log);
  if (!p->locked) return;
  roll_back(p->link);
  release(p);
}

/* ---------------------------------------------------------------------------------------------------------------- lock */

static Err read_end(PgLog *p, const PGresult *result, const LogHere *here)
{
  if (PQntuples(result) != 1) return err_because(ERR_NOT_FOUND, "postgres: this practice is not there any more");
  int64_t era = link_number(result, 0, 2);
  bool safe = PQgetlength(result, 0, 3) == 1 && PQgetvalue(result, 0, 3)[0];
  Str hash = link_text(result, 0, 4);
  p->end = (LogEnd){.pos = link_number(result, 0, 0), .row = link_number(result, 0, 1), .era = p->link->era};
  p->end.same = here->pos == 0 || (hash.len == HASH_SIZE && memcmp(hash.ptr, here->hash.bytes, HASH_SIZE) == 0);
  p->end.suspect = era != 0 && era != p->link->era && !safe;
  if (p->link->era < here->era || p->link->era < era)
    return err_because(ERR_CONFLICT, "postgres: the server's timeline is %lld, %lld has been seen: a former primary",
                       (long long)p->link->era, (long long)(era > here->era ? era : here->era));
  return ERR_OK;
}

static Err lock_line(PgLog *p, const LogHere *here)
{
  Link *link = p->link;
  TRY(link_ready(link));
  TRY(link_send_text(link, "BEGIN"));
  TRY(link_send(link, LINK_LOCK, (LinkValue[]){link_int(link->practice), link_int(here->pos)}));
  TRY(link_sync(link));
  AUTO(PGresult *, begin, link_clear) = NULL;
  AUTO(PGresult *, line, link_clear) = NULL;
  Err err = link_answer(link, &begin), second = link_answer(link, &line), end = link_finish(link);
  if (err == ERR_OK) err = second;
  if (err == ERR_OK) err = end;
  if (err == ERR_OK) err = read_end(p, line, here);
  if (err != ERR_OK) roll_back(link);
  if (err == ERR_CONFLICT) link_drop(link); /* another of the hosts may be the right one next time */
  return err;
}

/* lock_patiently: a connection may have broken long ago without anyone having noticed, and a server may be starting. */
static Err lock_patiently(PgLog *p, const LogHere *here, int patience_ms)
{
  int64_t until = env_monotonic_ms(p->env) + patience_ms;
  Err err = lock_line(p, here);
  while (err == ERR_NETWORK && env_monotonic_ms(p->env) < until) {
    err = lock_line(p, here);
    if (err == ERR_NETWORK) poll(NULL, 0, STEP_MS);
  }
  return err;
}

static Err lock(LogStore *log, const LogHere *here, LogEnd *end)
{
  PgLog *p = of(log);
  pthread_mutex_lock(&p->link->lock);
  Err err = lock_patiently(p, here, LOCK_PATIENCE_MS);
  if (err != ERR_OK) {
    pthread_mutex_unlock(&p->link->lock);
    return err;
  }
  p->locked = true;
  p->any_entry = false;
  p->last_row = (LogRow){0};
  p->pos = p->end.pos;
  p->row = p->end.row;
  *end = p->end;
  return ERR_OK;
}

/* look: the end without the lock. */
static Err look(PgLog *p, const LogHere *here)
{
  Link *link = p->link;
  TRY(link_ready(link));
  TRY(link_send(link, LINK_PEEK, (LinkValue[]){link_int(link->practice), link_int(here->pos)}));
  TRY(link_sync(link));
  AUTO(PGresult *, line, link_clear) = NULL;
  Err err = link_answer(link, &line), end = link_finish(link);
  TRY(err);
  TRY(end);
  err = read_end(p, line, here);
  if (err == ERR_CONFLICT) link_drop(link);
  return err;
}

static Err peek(LogStore *log, const LogHere *here, LogEnd *end)
{
  PgLog *p = of(log);
  pthread_mutex_lock(&p->link->lock);
  Err err = look(p, here);
  if (err == ERR_NETWORK) err = look(p, here); /* broken long ago, perhaps */
  pthread_mutex_unlock(&p->link->lock);
  *end = p->end;
  return err;
}

/* ---------------------------------------------------------------------------------------------------------------- read */

static void take_entries(Arena *arena, const PGresult *result, LogBatch *out)
{
  out->entry_count = (size_t)PQntuples(result);
  out->entries = ARENA_ARRAY(arena, LogEntry, out->entry_count + 1);
  for (size_t i = 0; i < out->entry_count; i++) {
    int row = (int)i;
    JournalEntry *entry = &out->entries[i].entry;
    *entry = (JournalEntry){.pos = link_number(result, row, 0),
                            .node = (NodeId)link_number(result, row, 1),
                            .seq = (uint64_t)link_number(result, row, 2),
                            .hlc = (Hlc)link_number(result, row, 3),
                            .via = (NodeId)link_number(result, row, 4)};
    Str hash = link_text(result, row, 5);
    if (hash.len == HASH_SIZE) memcpy(entry->hash.bytes, hash.ptr, HASH_SIZE);
    out->entries[i].signature = arena_strdup(arena, link_text(result, row, 6));
    entry->body = arena_strdup(arena, link_text(result, row, 7));
  }
}

static void take_rows(Arena *arena, const PGresult *result, LogBatch *out)
{
  out->row_count = (size_t)PQntuples(result);
  out->rows = ARENA_ARRAY(arena, LogRow, out->row_count + 1);
  for (size_t i = 0; i < out->row_count; i++)
    out->rows[i] = (LogRow){.row = link_number(result, (int)i, 0),
                            .table = (int)link_number(result, (int)i, 1),
                            .key = arena_strdup(arena, link_text(result, (int)i, 2)),
                            .value = arena_strdup(arena, link_text(result, (int)i, 3))};
}

static Err read_both(Link *link, Arena *arena, int64_t pos, int64_t row, size_t max_bytes, LogBatch *out)
{
  LinkValue after[] = {link_int(link->practice), link_int(pos), link_int((int64_t)max_bytes)};
  TRY(link_send(link, LINK_ENTRIES, after));
  after[1] = link_int(row);
  TRY(link_send(link, LINK_ROWS, after));
  TRY(link_sync(link));
  AUTO(PGresult *, entries, link_clear) = NULL;
  AUTO(PGresult *, rows, link_clear) = NULL;
  Err err = link_answer(link, &entries), second = link_answer(link, &rows), end = link_finish(link);
  if (err == ERR_OK) err = second;
  TRY(err);
  TRY(end);
  take_entries(arena, entries, out);
  take_rows(arena, rows, out);
  return ERR_OK;
}

static Err read(LogStore *log, Arena *arena, int64_t pos, int64_t row, size_t max_bytes, LogBatch *out)
{
  PgLog *p = of(log);
  *out = (LogBatch){0};
  if (p->locked) return read_both(p->link, arena, pos, row, max_bytes, out);
  pthread_mutex_lock(&p->link->lock);
  Err err = link_ready(p->link);
  if (err == ERR_OK) err = read_both(p->link, arena, pos, row, max_bytes, out);
  if (err == ERR_NETWORK) { /* broken long ago, perhaps */
    err = link_ready(p->link);
    if (err == ERR_OK) err = read_both(p->link, arena, pos, row, max_bytes, out);
  }
  pthread_mutex_unlock(&p->link->lock);
  return err;
}

static Err read_hash(Link *link, int64_t pos, Hash *out)
{
  TRY(link_send(link, LINK_HASH, (LinkValue[]){link_int(link->practice), link_int(pos)}));
  TRY(link_sync(link));
  AUTO(PGresult *, result, link_clear) = NULL;
  Err err = link_answer(link, &result), end = link_finish(link);
  TRY(err);
  TRY(end);
  Str hash = PQntuples(result) == 1 ? link_text(result, 0, 0) : (Str){0};
  if (hash.len != HASH_SIZE) return err_because(ERR_NOT_FOUND, "postgres: no entry at %lld", (long long)pos);
  memcpy(out->bytes, hash.ptr, HASH_SIZE);
  return ERR_OK;
}

static Err hash_at(LogStore *log, int64_t pos, Hash *out)
{
  return read_hash(of(log)->link, pos, out);
}

/* ----------------------------------------------------------------------------------------------------------------- add */

static Err add_entry(PgLog *p, const LogEntry *one)
{
  const JournalEntry *entry = &one->entry;
  Str hash = {(const char *)entry->hash.bytes, HASH_SIZE};
  LinkValue values[] = {link_int(p->link->practice),
                        link_int(++p->pos),
                        link_int(entry->node),
                        link_int((int64_t)entry->seq),
                        link_int((int64_t)entry->hlc),
                        link_int(entry->via),
                        link_bytes(hash),
                        one->signature.len ? link_bytes(one->signature) : link_null(),
                        link_bytes(entry->body)};
  if (!p->any_entry) {
    p->first.entry = *entry;
    p->first.entry.pos = p->pos;
    p->any_entry = true;
  }
  return link_send(p->link, LINK_ADD_ENTRY, values);
}

static Err add_row(PgLog *p, const LogRow *row)
{
  LinkValue values[] = {link_int(p->link->practice), link_int(++p->row), link_int(row->table), link_bytes(row->key),
                        row->value.len ? link_bytes(row->value) : link_null()};
  p->last_row = (LogRow){.row = p->row, .table = row->table};
  buf_clear(&p->last_key);
  buf_str(&p->last_key, row->key);
  return link_send(p->link, LINK_ADD_ROW, values);
}

static Err flush(PgLog *p)
{
  bool full = p->link->queued >= FLUSH_COUNT || p->link->queued_bytes >= FLUSH_BYTES;
  return full ? link_drain(p->link) : ERR_OK;
}

static Err add_all(PgLog *p, const LogBatch *batch)
{
  for (size_t i = 0; i < batch->entry_count; i++) {
    TRY(add_entry(p, &batch->entries[i]));
    TRY(flush(p));
  }
  for (size_t i = 0; i < batch->row_count; i++) {
    TRY(add_row(p, &batch->rows[i]));
    TRY(flush(p));
  }
  return ERR_OK;
}

static Err add(LogStore *log, const LogBatch *batch)
{
  PgLog *p = of(log);
  Err err = add_all(p, batch);
  if (err != ERR_OK) {
    link_drop(p->link); /* nothing of it happened */
    release(p);
  }
  return err;
}

/* -------------------------------------------------------------------------------------------------------------- commit */

static Err send_commit(PgLog *p)
{
  Link *link = p->link;
  char channel[40];
  snprintf(channel, sizeof channel, "foyer_%lld", (long long)link->practice);
  link->doubtful = false;
  TRY(link_send(link, LINK_END,
                (LinkValue[]){link_int(link->practice), link_int(p->pos), link_int(p->row), link_int(link->era)}));
  TRY(link_send_text(link, "COMMIT"));
  /* After the commit, not in it: PostgreSQL lets one transaction with a notification commit at a time. */
  TRY(link_send(link, LINK_NOTIFY, (LinkValue[]){link_bytes(str_c(channel))}));
  return link_sync(link);
}

/* read_commit: *known when it is certain what became of it. */
static Err read_commit(PgLog *p, bool *known)
{
  Link *link = p->link;
  Err first = ERR_OK;
  bool committed = false;
  while (link->conn && link->queued > 0) {
    bool is_commit = link->queued == 2;
    AUTO(PGresult *, result, link_clear) = NULL;
    Err err = link_answer(link, &result);
    if (first == ERR_OK && !committed) first = err;
    if (is_commit && err == ERR_OK) committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
  }
  Err end = link_finish(link);
  /* The server gave up waiting for the second one: it is committed here, and may yet be lost. */
  if (committed && link->doubtful) {
    *known = true;
    return err_because(ERR_PEER, "postgres: a commit has not reached the second server in time");
  }
  *known = committed || (first != ERR_OK && first != ERR_NETWORK && end == ERR_OK);
  if (committed) return ERR_OK;
  if (*known) roll_back(link);
  return first != ERR_OK ? first : err_because(ERR_NETWORK, "postgres: a commit was not acknowledged");
}

/* was_added: is what we added there? Under the practice's lock, so that nothing of ours is still under way. */
static Err was_added(PgLog *p, bool *added)
{
  Link *link = p->link;
  Hash hash;
  if (p->any_entry) {
    Err err = read_hash(link, p->first.entry.pos, &hash);
    *added = err == ERR_OK && hash_eq(hash, p->first.entry.hash);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  }
  TRY(link_send(link, LINK_HAS_ROW,
                (LinkValue[]){link_int(link->practice), link_int(p->last_row.row), link_int(p->last_row.table),
                              link_bytes(buf_view(&p->last_key))}));
  TRY(link_sync(link));
  AUTO(PGresult *, result, link_clear) = NULL;
  Err err = link_answer(link, &result), end = link_finish(link);
  *added = err == ERR_OK && PQntuples(result) == 1;
  return err == ERR_OK ? end : err;
}

/* confirm: a commit after ours, so that ours is on the second server too before it is acknowledged. Ends the transaction. */
static Err confirm(Link *link)
{
  link->doubtful = false;
  TRY(link_send(link, LINK_TOUCH, (LinkValue[]){link_int(link->practice)}));
  TRY(link_send_text(link, "COMMIT"));
  TRY(link_drain(link));
  return link->doubtful ? err_because(ERR_PEER, "postgres: the second server does not answer") : ERR_OK;
}

static Err resolve(PgLog *p)
{
  LogEnd end = p->end;
  LogHere nowhere = {0};
  bool added = false;
  link_drop(p->link);
  Err err = lock_patiently(p, &nowhere, RESOLVE_PATIENCE_MS);
  if (err == ERR_OK) err = was_added(p, &added);
  if (err == ERR_OK && added)
    err = confirm(p->link);
  else
    roll_back(p->link);
  p->end = end;
  log_event(LOG_WARN, "postgres.commit", "outcome=%s", err != ERR_OK ? "unknown" : added ? "there" : "lost");
  if (err != ERR_OK) return err_because(ERR_PEER, "postgres: it is not known whether a commit has happened");
  return added ? ERR_OK : err_because(ERR_NETWORK, "postgres: the connection broke before the commit");
}

static Err commit(LogStore *log)
{
  PgLog *p = of(log);
  bool known = false;
  Err err = send_commit(p);
  if (err == ERR_OK) err = read_commit(p, &known);
  if (err != ERR_OK && !known) err = resolve(p);
  release(p);
  return err;
}

/* ---------------------------------------------------------------------------------------------------------------- wait */

static Err listen(PgLog *p)
{
  int64_t practice;
  char sql[64];
  TRY(pg_connect(p->link->address, &p->ear));
  Err err = pg_practice(p->ear, p->link->key, &practice);
  if (err == ERR_OK) {
    snprintf(sql, sizeof sql, "LISTEN foyer_%lld", (long long)practice);
    err = pg_run(p->ear, sql);
  }
  if (err != ERR_OK) pg_finish(&p->ear);
  return err;
}

static bool heard(PGconn *conn)
{
  bool any = false;
  for (PGnotify *news; (news = PQnotifies(conn)); any = true) PQfreemem(news);
  return any;
}

static Err wait(LogStore *log, int timeout_ms)
{
  PgLog *p = of(log);
  if (!p->ear) return listen(p); /* something may have come before it listened: there may be news at once */
  if (heard(p->ear)) return ERR_OK;
  struct pollfd fd = {.fd = PQsocket(p->ear), .events = POLLIN};
  if (poll(&fd, 1, timeout_ms) <= 0) return ERR_OK;
  if (PQconsumeInput(p->ear)) {
    heard(p->ear);
    return ERR_OK;
  }
  Err err = pg_err(p->ear, NULL, "listening");
  pg_finish(&p->ear);
  return err;
}

static void close_log(LogStore *log)
{
  PgLog *p = of(log);
  cancel(log);
  pg_finish(&p->ear);
  link_close(p->link);
  buf_fini(&p->last_key);
  free(p);
}

static Err open_log(const LogDriver *driver, const Env *env, const char *address,
                    const uint8_t practice_key[SIGN_PUBLIC_SIZE], LogStore **out)
{
  (void)driver;
  PgLog *p = calloc(1, sizeof *p);
  if (!p) return err_because(ERR_NO_SPACE, "memory for the log");
  *p = (PgLog){.base = {lock, peek, read, hash_at, add, commit, cancel, wait, close_log}, .env = env};
  p->link = link_open(address, practice_key);
  p->last_key = buf_make(1 << 20);
  *out = &p->base;
  return ERR_OK;
}

const LogDriver *postgres_driver(void)
{
  static const LogDriver driver = {open_log};
  return &driver;
}

static Env own_env;

static void make_env(void)
{
  own_env = *env_system();
  own_env.log = postgres_driver();
}

const Env *postgres_env(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_env);
  return &own_env;
}
