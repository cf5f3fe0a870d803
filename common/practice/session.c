#include "common/practice/session.h"

#include <stdio.h>
#include <string.h>

#include "common/practice/staff.h"
#include "common/store/logstore.h"
#include "common/store/query.h"

SQL(SESSION_ADD,
    "INSERT INTO session (token_hash, staff, created_at, seen_at) VALUES (:token_hash, :staff, :now, :now)");
SQL(SESSION_FIND, "SELECT staff, created_at, seen_at FROM session WHERE token_hash = :token_hash");
SQL(SESSION_TOUCH, "UPDATE session SET seen_at = :now WHERE token_hash = :token_hash");
SQL(SESSION_END, "DELETE FROM session WHERE token_hash = :token_hash");
SQL_SCAN(SESSION_END_ALL, "DELETE FROM session WHERE staff = :staff");
SQL_SCAN(SESSION_SWEEP, "DELETE FROM session WHERE seen_at < :idle_since OR created_at < :old_since");

static Str hash_str(const Hash *hash)
{
  return (Str){(const char *)hash->bytes, HASH_SIZE};
}

/* The guard is another hash of the token, so that it needs no place of its own and tells nothing about the token. */
static void derive(Arena *arena, Str token, Session *session)
{
  session->token_hash = hash_parts((const Str[]){STR("foyer session\0"), token}, 2);
  Hash guard = hash_parts((const Str[]){STR("foyer guard\0"), token}, 2);
  Str text = base64url_encode(arena, hash_str(&guard));
  snprintf(session->guard, sizeof session->guard, STR_FMT, STR_ARG(text));
}

static Err sweep(Store *store, Instant now, int64_t idle_ms)
{
  AUTO(Query, q, query_fini) = query(store, &SESSION_SWEEP);
  query_bind_int(&q, ":idle_since", now - idle_ms);
  query_bind_int(&q, ":old_since", now - SESSION_MAX_MS);
  return query_run(&q);
}

Err session_start(Store *store, Arena *arena, Uuid staff, int64_t idle_ms, Str *token, Session *out)
{
  const Env *env = store_env(store);
  Instant now = store_now(store);
  TRY(sweep(store, now, idle_ms));
  uint8_t secret[32];
  env_random(env, secret, sizeof secret);
  Str text = base64url_encode(arena, (Str){(const char *)secret, sizeof secret});
  crypto_wipe(secret, sizeof secret);
  Session session = {.staff = staff, .created_at = now, .seen_at = now};
  derive(arena, text, &session);
  AUTO(Query, q, query_fini) = query(store, &SESSION_ADD);
  query_bind_blob(&q, ":token_hash", hash_str(&session.token_hash));
  query_bind_uuid(&q, ":staff", staff);
  query_bind_int(&q, ":now", now);
  TRY(query_run(&q));
  *token = text;
  *out = session;
  return ERR_OK;
}

static Err read_row(Store *store, Session *session)
{
  AUTO(Query, q, query_fini) = query(store, &SESSION_FIND);
  query_bind_blob(&q, ":token_hash", hash_str(&session->token_hash));
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_DENIED;
  }
  session->staff = query_uuid(&q, "staff");
  session->created_at = query_int(&q, "created_at");
  session->seen_at = query_int(&q, "seen_at");
  return query_end(&q);
}

Err session_find(Store *store, Arena *arena, Str token, int64_t idle_ms, Session *out)
{
  if (token.len != SESSION_TOKEN_LEN) return ERR_DENIED;
  Session session = {0};
  derive(arena, token, &session);
  Err err = read_row(store, &session);
  if (err == ERR_DENIED) { /* signed in at another daemon of this node a moment ago, perhaps */
    TRY(logstore_catch_up(store));
    err = read_row(store, &session);
  }
  TRY(err);
  Instant now = store_now(store);
  bool over = now - session.seen_at > idle_ms || now - session.created_at > SESSION_MAX_MS;
  /* A clock that was set back would keep a session alive for as long; a second allows for rounding between clocks. */
  if (over || now < session.created_at - 1000) return ERR_DENIED;
  Staff staff;
  err = staff_get(store, arena, session.staff, &staff);
  if (err == ERR_NOT_FOUND) return ERR_DENIED;
  TRY(err);
  if (!staff.active) return ERR_DENIED;
  *out = session;
  return ERR_OK;
}

Err session_touch(Store *store, Session *session)
{
  Instant now = store_now(store);
  if (now - session->seen_at < SESSION_TOUCH_MS && now >= session->seen_at) return ERR_OK;
  AUTO(Query, q, query_fini) = query(store, &SESSION_TOUCH);
  query_bind_int(&q, ":now", now);
  query_bind_blob(&q, ":token_hash", hash_str(&session->token_hash));
  TRY(query_run(&q));
  session->seen_at = now;
  return ERR_OK;
}

Err session_end(Store *store, const Session *session)
{
  AUTO(Query, q, query_fini) = query(store, &SESSION_END);
  query_bind_blob(&q, ":token_hash", hash_str(&session->token_hash));
  return query_run(&q);
}

Err session_end_all(Store *store, Uuid staff)
{
  AUTO(Query, q, query_fini) = query(store, &SESSION_END_ALL);
  query_bind_uuid(&q, ":staff", staff);
  return query_run(&q);
}
