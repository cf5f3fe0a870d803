/* Setting up, and leaving. */
#include "sync/postgres/link.h"
#include "sync/postgres/schema.h"

/* Two who set up at once must not make the tables twice: "foyer". */
#define SETUP_LOCK "SELECT pg_advisory_xact_lock(x'666f796572'::bigint)"

static Err check_version(PGconn *conn)
{
  AUTO(PGresult *, result, link_clear) =
      PQexecParams(conn, "SELECT max(number)::int8 FROM foyer.version", 0, NULL, NULL, NULL, NULL, 1);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) return pg_err(conn, result, "version of the tables");
  int64_t version = PQntuples(result) == 1 ? link_number(result, 0, 0) : 0;
  if (version <= POSTGRES_VERSION) return ERR_OK;
  return err_because(ERR_DOWNGRADE, "postgres: the tables have version %lld, this program knows %d", (long long)version,
                     POSTGRES_VERSION);
}

/* with_key: a statement whose only parameter is the practice's key; *rows: how many it changed. */
static Err with_key(PGconn *conn, const char *sql, const uint8_t key[SIGN_PUBLIC_SIZE], Str *rows)
{
  const char *values[] = {(const char *)key};
  static const int LENGTHS[] = {SIGN_PUBLIC_SIZE}, FORMATS[] = {1};
  AUTO(PGresult *, result, link_clear) = PQexecParams(conn, sql, 1, NULL, values, LENGTHS, FORMATS, 1);
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return pg_err(conn, result, "the practice's line");
  *rows = str_c(PQcmdTuples(result)[0] == '0' ? "" : "1");
  return ERR_OK;
}

static Err make(PGconn *conn, const uint8_t key[SIGN_PUBLIC_SIZE])
{
  Str rows;
  TRY(pg_run(conn, "BEGIN"));
  TRY(pg_run(conn, SETUP_LOCK));
  TRY(pg_run(conn, POSTGRES_SCHEMA));
  TRY(check_version(conn));
  TRY(with_key(conn, "INSERT INTO foyer.practice (root_key) VALUES ($1) ON CONFLICT DO NOTHING", key, &rows));
  TRY(with_key(conn, "SELECT 1 FROM foyer.practice WHERE root_key = $1 AND NOT moved", key, &rows));
  if (rows.len == 0) return err_because(ERR_CONFLICT, "postgres: this practice has moved away from there");
  return pg_run(conn, "COMMIT");
}

Err postgres_prepare(const Env *env, const char *address, const uint8_t practice_key[SIGN_PUBLIC_SIZE])
{
  (void)env;
  AUTO(PGconn *, conn, pg_finish) = NULL;
  TRY(pg_connect(address, &conn));
  return make(conn, practice_key);
}

Err postgres_leave(const Env *env, const char *address, const uint8_t practice_key[SIGN_PUBLIC_SIZE])
{
  (void)env;
  Str rows;
  AUTO(PGconn *, conn, pg_finish) = NULL;
  TRY(pg_connect(address, &conn));
  TRY(with_key(conn, "UPDATE foyer.practice SET moved = true WHERE root_key = $1 AND NOT moved", practice_key, &rows));
  return rows.len ? ERR_OK : err_because(ERR_NOT_FOUND, "postgres: this practice is not there");
}
