#include "common/base/buf.h"
#include "common/store/blob.h"
#include "common/store/internal.h"

SQL(DRAFT_SAVE, "INSERT INTO draft (owner, kind, saved_at, sealed) VALUES (:owner, :kind, :now, :sealed)"
                " ON CONFLICT DO UPDATE SET saved_at = excluded.saved_at, sealed = excluded.sealed");
SQL(DRAFT_LOAD, "SELECT sealed FROM draft WHERE owner = :owner AND kind = :kind");
SQL(DRAFT_DELETE, "DELETE FROM draft WHERE owner = :owner AND kind = :kind");
SQL_SCAN(DRAFT_EXPIRE, "DELETE FROM draft WHERE saved_at < :before");

enum { DRAFT_MAX = 4 << 20 };

static Query draft_query(Store *store, const Sql *sql, const Uuid *owner, const char *kind)
{
  Query q = query(store, sql);
  query_bind_blob(&q, ":owner", (Str){(const char *)owner->bytes, sizeof owner->bytes});
  query_bind_text(&q, ":kind", str_c(kind));
  return q;
}

/* What is sealed begins with whose it is, so that one person's draft never opens as another's. */
static void write_owner(Buf *buf, const Uuid *owner, const char *kind)
{
  buf_c(buf, "foyer-draft-1");
  buf_bytes(buf, owner->bytes, sizeof owner->bytes);
  buf_chunk(buf, kind, strlen(kind));
}

static void wipe_buf(Buf *buf)
{
  if (buf->data) crypto_wipe(buf->data, buf->capacity);
  buf_fini(buf);
}

Err draft_save(Store *store, Uuid owner, const char *kind, Str plain)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(4 * DRAFT_MAX);
  AUTO(Buf, buf, wipe_buf) = buf_make(DRAFT_MAX);
  write_owner(&buf, &owner, kind);
  /* At once, as growing would leave copies of what was typed in freed memory. */
  if (!buf_reserve(&buf, plain.len)) return err_because(ERR_TOO_LARGE, "draft of %zu bytes", plain.len);
  buf_str(&buf, plain);
  TRY(buf.err);
  Query q = draft_query(store, &DRAFT_SAVE, &owner, kind);
  query_bind_int(&q, ":now", store_now(store));
  query_bind_blob(&q, ":sealed", seal(&arena, store->env, store->seal_key, buf_view(&buf)));
  return query_run(&q);
}

Err draft_load(Store *store, Arena *arena, Uuid owner, const char *kind, Str *plain)
{
  AUTO(Arena, own, arena_fini) = arena_make_wiping(4 * DRAFT_MAX);
  AUTO(Query, q, query_fini) = draft_query(store, &DRAFT_LOAD, &owner, kind);
  bool found = query_next(&q);
  Str opened, sealed = found ? query_copy(&q, &own, "sealed") : (Str){0};
  TRY(query_end(&q));
  if (!found) return ERR_NOT_FOUND;
  TRY(unseal(&own, store->seal_key, sealed, &opened));
  AUTO(Buf, front, buf_fini) = buf_make(1024);
  write_owner(&front, &owner, kind);
  if (front.err != ERR_OK || !str_starts(opened, buf_view(&front)))
    return err_because(ERR_CORRUPT, "draft: it is another one's");
  *plain = arena_strdup(arena, (Str){opened.ptr + front.len, opened.len - front.len});
  return ERR_OK;
}

Err draft_delete(Store *store, Uuid owner, const char *kind)
{
  Query q = draft_query(store, &DRAFT_DELETE, &owner, kind);
  return query_run(&q);
}

Err draft_expire(Store *store, Instant before)
{
  Query q = query(store, &DRAFT_EXPIRE);
  query_bind_int(&q, ":before", before);
  return query_run(&q);
}
