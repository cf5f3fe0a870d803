#include "common/store/blob.h"

#include "common/store/internal.h"

SQL(BLOB_HAS, "SELECT 1 AS found FROM blob WHERE hash = :hash");
SQL(BLOB_GET, "SELECT bytes FROM blob WHERE hash = :hash");
SQL(BLOB_PUT, "INSERT OR IGNORE INTO blob (hash, bytes) VALUES (:hash, :bytes)");
SQL_SCAN(BLOB_MISSING, "SELECT DISTINCT hash FROM attachment AS a WHERE length(hash) = 32 AND"
                       " NOT EXISTS (SELECT 1 FROM blob AS b WHERE b.hash = a.hash) LIMIT :max");
SQL(PART_LENGTH, "SELECT coalesce(sum(length(bytes)), 0) AS total FROM blob_part WHERE hash = :hash");
SQL(PART_ADD, "INSERT INTO blob_part (hash, start, bytes) VALUES (:hash, :start, :bytes)");
SQL(PART_READ, "SELECT bytes FROM blob_part WHERE hash = :hash ORDER BY start");
SQL(PART_DROP, "DELETE FROM blob_part WHERE hash = :hash");

static Str hash_view(const Hash *hash)
{
  return (Str){(const char *)hash->bytes, HASH_SIZE};
}

static Query hash_query(Store *store, const Sql *sql, const Hash *hash)
{
  Query q = query(store, sql);
  query_bind_blob(&q, ":hash", hash_view(hash));
  return q;
}

static Err keep(Store *store, const Hash *hash, Str bytes)
{
  Query q = hash_query(store, &BLOB_PUT, hash);
  query_bind_blob(&q, ":bytes", bytes);
  return query_run(&q);
}

Err blob_put(Store *store, Str bytes, Hash *out)
{
  if (bytes.len > BLOB_MAX) return err_because(ERR_TOO_LARGE, "attachment of %zu bytes", bytes.len);
  *out = hash_bytes(bytes.ptr, bytes.len);
  return keep(store, out, bytes);
}

Err blob_get(Store *store, Arena *arena, Hash hash, Str *out)
{
  AUTO(Query, q, query_fini) = hash_query(store, &BLOB_GET, &hash);
  bool found = query_next(&q);
  if (found) *out = query_copy(&q, arena, "bytes");
  TRY(query_end(&q));
  if (!found) return ERR_NOT_FOUND;
  if (!hash_eq(hash_bytes(out->ptr, out->len), hash)) return err_because(ERR_CORRUPT, "attachment: its bytes changed");
  return ERR_OK;
}

bool blob_has(Store *store, Hash hash)
{
  AUTO(Query, q, query_fini) = hash_query(store, &BLOB_HAS, &hash);
  return query_next(&q);
}

Err blob_missing(Store *store, Arena *arena, size_t max_count, Hash **out, size_t *count)
{
  Hash *list = NULL;
  size_t n = 0, capacity = 0;
  AUTO(Query, q, query_fini) = query(store, &BLOB_MISSING);
  query_bind_int(&q, ":max", (int64_t)max_count);
  while (query_next(&q)) {
    list = arena_grow_array(arena, list, n, &capacity, sizeof *list);
    memcpy(list[n++].bytes, query_str(&q, "hash").ptr, HASH_SIZE);
  }
  TRY(query_end(&q));
  *out = list;
  *count = n;
  return ERR_OK;
}

static Err part_length(Store *store, const Hash *hash, uint64_t *out)
{
  AUTO(Query, q, query_fini) = hash_query(store, &PART_LENGTH, hash);
  *out = query_next(&q) ? (uint64_t)query_int(&q, "total") : 0;
  return query_end(&q);
}

uint64_t blob_part_length(Store *store, Hash hash)
{
  uint64_t length;
  return part_length(store, &hash, &length) == ERR_OK ? length : 0;
}

static Err add_part(Store *store, const Hash *hash, uint64_t offset, Str piece)
{
  if (piece.len == 0) return ERR_OK;
  Query q = hash_query(store, &PART_ADD, hash);
  query_bind_int(&q, ":start", (int64_t)offset);
  query_bind_blob(&q, ":bytes", piece);
  return query_run(&q);
}

/* join: the pieces become a blob if they match; either way they are gone. */
static Err join(Store *store, const Hash *hash, bool *matches)
{
  AUTO(Buf, whole, buf_fini) = buf_make(BLOB_MAX);
  AUTO(Query, q, query_fini) = hash_query(store, &PART_READ, hash);
  while (query_next(&q)) buf_str(&whole, query_str(&q, "bytes"));
  TRY(query_end(&q));
  TRY(whole.err);
  *matches = hash_eq(hash_bytes(whole.data, whole.len), *hash);
  if (*matches) TRY(keep(store, hash, buf_view(&whole)));
  Query drop = hash_query(store, &PART_DROP, hash);
  return query_run(&drop);
}

static Err receive(Store *store, const Hash *hash, uint64_t size, uint64_t offset, Str piece, bool *complete, bool *bad)
{
  uint64_t length;
  bool matches;
  *complete = blob_has(store, *hash);
  if (*complete) return ERR_OK;
  TRY(part_length(store, hash, &length));
  if (offset != length || piece.len > size - offset)
    return err_because(ERR_CONFLICT, "attachment: piece at %llu, have %llu of %llu", (unsigned long long)offset,
                       (unsigned long long)length, (unsigned long long)size);
  TRY(add_part(store, hash, offset, piece));
  if (length + piece.len < size) return ERR_OK;
  TRY(join(store, hash, &matches));
  *complete = matches;
  *bad = !matches;
  return ERR_OK;
}

Err blob_part(Store *store, Hash hash, uint64_t size, uint64_t offset, Str piece, bool *complete)
{
  bool bad = false;
  *complete = false;
  if (size > BLOB_MAX || offset > size) return err_because(ERR_TOO_LARGE, "attachment: piece outside its limits");
  TRY(store_write_begin(store));
  Err err = receive(store, &hash, size, offset, piece, complete, &bad);
  if (err != ERR_OK) {
    store_write_cancel(store);
    return err;
  }
  TRY(store_write_end(store));
  return bad ? err_because(ERR_CORRUPT, "attachment: the bytes that came do not match their hash") : ERR_OK;
}
