#include "sync/postgres/link.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 9 };

/* As the server's type numbers, which never change (pg_type.dat). */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

#define ENTRY_COLUMNS "pos, node, seq, hlc, via, hash, signature, body"
/* About so many bytes, at least one: what came before it counts. */
#define BOUNDED(columns, size, table, order)                                                              \
  "SELECT " columns " FROM (SELECT " columns ", sum(" size ") OVER (ORDER BY " order ") - (" size ")"     \
  " AS before FROM foyer." table " WHERE practice = $1 AND " order " > $2 ORDER BY " order " LIMIT 4096)" \
  " AS bounded WHERE before < $3 ORDER BY " order

#define END_OF_LOG                                                                                      \
  "SELECT head, newest_row, era, safe, (SELECT hash FROM foyer.entry WHERE practice = $1 AND pos = $2)" \
  " FROM foyer.practice WHERE id = $1"

static const struct {
  const char *name, *text;
  int count;
  Oid types[VALUES_MAX];
} STATEMENTS[LINK_STATEMENTS] = {
    [LINK_LOCK] = {"lock", END_OF_LOG " AND NOT moved FOR UPDATE", 2, {OID_INT8, OID_INT8}},
    [LINK_PEEK] = {"peek", END_OF_LOG, 2, {OID_INT8, OID_INT8}},
    [LINK_ENTRIES] = {"entries",
                      BOUNDED(ENTRY_COLUMNS, "octet_length(body) + 128", "entry", "pos"),
                      3,
                      {OID_INT8, OID_INT8, OID_INT8}},
    [LINK_ROWS] = {"rows",
                   BOUNDED("number, kind, key, value", "coalesce(octet_length(value), 0) + 64", "row", "number"),
                   3,
                   {OID_INT8, OID_INT8, OID_INT8}},
    [LINK_HASH] = {"hash", "SELECT hash FROM foyer.entry WHERE practice = $1 AND pos = $2", 2, {OID_INT8, OID_INT8}},
    [LINK_ADD_ENTRY] = {"add_entry",
                        "INSERT INTO foyer.entry (practice, " ENTRY_COLUMNS ")"
                        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                        9,
                        {OID_INT8, OID_INT8, OID_INT8, OID_INT8, OID_INT8, OID_INT8, OID_BYTEA, OID_BYTEA, OID_BYTEA}},
    [LINK_ADD_ROW] =
        {"add_row",
         "INSERT INTO foyer.row (practice, number, kind, key, value) VALUES ($1, $2, $3, $4, $5)"
         " ON CONFLICT (practice, kind, key) DO UPDATE SET number = excluded.number, value = excluded.value",
         5,
         {OID_INT8, OID_INT8, OID_INT8, OID_BYTEA, OID_BYTEA}},
    [LINK_HAS_ROW] = {"has_row",
                      "SELECT number FROM foyer.row WHERE practice = $1 AND number = $2 AND kind = $3 AND key = $4",
                      4,
                      {OID_INT8, OID_INT8, OID_INT8, OID_BYTEA}},
    [LINK_END] = {"finish",
                  "UPDATE foyer.practice SET head = $2, newest_row = $3, era = $4,"
                  " safe = current_setting('synchronous_standby_names') <> ''"
                  " AND current_setting('synchronous_commit') IN ('on', 'remote_apply', 'remote_write') WHERE id = $1",
                  4,
                  {OID_INT8, OID_INT8, OID_INT8, OID_INT8}},
    [LINK_TOUCH] = {"touch", "UPDATE foyer.practice SET head = head WHERE id = $1", 1, {OID_INT8}},
    [LINK_NOTIFY] = {"notify", "SELECT pg_notify($1, '')", 1, {OID_TEXT}},
};

/* ------------------------------------------------------------------------------------------------------------- errors */

static const struct {
  const char *state; /* SQLSTATE, or its beginning */
  Err err;
} STATES[] = {
    {"08", ERR_NETWORK},                                                   /* connection */
    {"57", ERR_NETWORK},                                                   /* shut down, starting up */
    {"25006", ERR_NETWORK},                                                /* read-only: no longer the primary */
    {"55P03", ERR_BUSY},                                                   /* lock_timeout */
    {"40", ERR_BUSY},                                                      /* deadlock */
    {"53100", ERR_NO_SPACE}, {"53200", ERR_NO_SPACE}, {"53300", ERR_BUSY}, /* too many connections */
    {"28", ERR_DENIED},                                                    /* password */
    {"42501", ERR_DENIED},                                                 /* not permitted */
};

Err pg_err(PGconn *conn, const PGresult *result, const char *what)
{
  const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  Err err = state ? ERR_IO : ERR_NETWORK; /* without one it is not the server that speaks */
  for (size_t i = 0; state && i < COUNT_OF(STATES); i++)
    if (strncmp(state, STATES[i].state, strlen(STATES[i].state)) == 0) err = STATES[i].err;
  Str words = str_c(result ? PQresultErrorMessage(result) : PQerrorMessage(conn));
  if (words.len == 0) words = str_c(PQerrorMessage(conn));
  Str line = str_trim(str_cut(&words, '\n'));
  return err_because(err, "postgres: %s: " STR_FMT, what, STR_ARG(line));
}

void link_clear(PGresult **result)
{
  PQclear(*result);
  *result = NULL;
}

/* --------------------------------------------------------------------------------------------------------- connection */

static void take_notice(void *context, const PGresult *result)
{
  Link *link = context;
  const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (link && severity && strcmp(severity, "WARNING") == 0) link->doubtful = true;
}

void pg_finish(PGconn **conn)
{
  PQfinish(*conn);
  *conn = NULL;
}

Err pg_run(PGconn *conn, const char *sql)
{
  AUTO(PGresult *, result, link_clear) = PQexec(conn, sql);
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? ERR_OK : pg_err(conn, result, "statement");
}

Err pg_connect(const char *address, PGconn **out)
{
  /* What comes before the address it may change; what comes after it may not. A server that is gone must show in seconds. */
  static const char *const NAMES[] = {"application_name",     "connect_timeout", "keepalives_idle", "tcp_user_timeout",
                                      "target_session_attrs", "dbname",          "client_encoding", NULL};
  const char *const values[] = {"foyer", "3", "5", "8000", "read-write", address, "UTF8", NULL};
  PGconn *conn = PQconnectdbParams(NAMES, values, 1);
  Err err = PQstatus(conn) == CONNECTION_OK ? ERR_OK : pg_err(conn, NULL, "connecting");
  if (err == ERR_OK) PQsetNoticeReceiver(conn, take_notice, NULL);
  if (err == ERR_OK)
    err =
        pg_run(conn,
               "SET lock_timeout = '8s'; SET statement_timeout = '30s';"
               " SET idle_in_transaction_session_timeout = '60s'; SET default_transaction_isolation = 'read committed';"
               " SELECT set_config('synchronous_commit', 'on', false)"
               " WHERE current_setting('synchronous_commit') = 'off'");
  if (err != ERR_OK) pg_finish(&conn);
  *out = conn;
  return err;
}

static Err one_number(PGconn *conn, const PGresult *result, const char *what, int64_t *out)
{
  if (PQresultStatus(result) != PGRES_TUPLES_OK) return pg_err(conn, result, what);
  if (PQntuples(result) != 1) return err_because(ERR_NOT_FOUND, "postgres: %s", what);
  *out = link_number(result, 0, 0);
  return ERR_OK;
}

Err pg_practice(PGconn *conn, const uint8_t key[SIGN_PUBLIC_SIZE], int64_t *out)
{
  const char *values[] = {(const char *)key};
  static const int LENGTHS[] = {SIGN_PUBLIC_SIZE}, FORMATS[] = {1};
  static const Oid TYPES[] = {OID_BYTEA};
  AUTO(PGresult *, result, link_clear) =
      PQexecParams(conn, "SELECT id FROM foyer.practice WHERE root_key = $1", 1, TYPES, values, LENGTHS, FORMATS, 1);
  return one_number(conn, result, "this practice's log", out);
}

static Err read_era(PGconn *conn, int64_t *out)
{
  AUTO(PGresult *, result, link_clear) =
      PQexecParams(conn, "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8", 0, NULL,
                   NULL, NULL, NULL, 1);
  return one_number(conn, result, "the server's timeline", out);
}

static Err prepare_all(PGconn *conn)
{
  for (int i = 0; i < LINK_STATEMENTS; i++) {
    AUTO(PGresult *, result, link_clear) =
        PQprepare(conn, STATEMENTS[i].name, STATEMENTS[i].text, STATEMENTS[i].count, STATEMENTS[i].types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) return pg_err(conn, result, STATEMENTS[i].name);
  }
  return ERR_OK;
}

static Err set_up(Link *link, PGconn *conn)
{
  TRY(pg_practice(conn, link->key, &link->practice));
  TRY(read_era(conn, &link->era));
  TRY(prepare_all(conn));
  PQsetNoticeReceiver(conn, take_notice, link);
  return PQenterPipelineMode(conn) ? ERR_OK : err_because(ERR_IO, "postgres: no pipeline");
}

Err link_ready(Link *link)
{
  if (link->conn && PQstatus(link->conn) == CONNECTION_OK) return ERR_OK;
  link_drop(link);
  PGconn *conn;
  TRY(pg_connect(link->address, &conn));
  Err err = set_up(link, conn);
  if (err != ERR_OK)
    pg_finish(&conn);
  else
    link->conn = conn;
  return err;
}

void link_drop(Link *link)
{
  pg_finish(&link->conn);
  link->queued = 0;
  link->queued_bytes = 0;
}

/* ------------------------------------------------------------------------------------------------- those of the process */

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static Link *all_links;

Link *link_open(const char *address, const uint8_t key[SIGN_PUBLIC_SIZE])
{
  pthread_mutex_lock(&all_lock);
  Link *link = all_links;
  while (link && (strcmp(link->address, address) != 0 || memcmp(link->key, key, SIGN_PUBLIC_SIZE) != 0))
    link = link->next;
  if (!link) {
    link = calloc(1, sizeof *link);
    if (!link || !(link->address = strdup(address))) abort();
    memcpy(link->key, key, SIGN_PUBLIC_SIZE);
    pthread_mutex_init(&link->lock, NULL);
    link->next = all_links;
    all_links = link;
  }
  link->users++;
  pthread_mutex_unlock(&all_lock);
  return link;
}

void link_close(Link *link)
{
  pthread_mutex_lock(&all_lock);
  bool last = --link->users == 0;
  for (Link **at = &all_links; last && *at; at = &(*at)->next)
    if (*at == link) {
      *at = link->next;
      break;
    }
  pthread_mutex_unlock(&all_lock);
  if (!last) return;
  link_drop(link);
  pthread_mutex_destroy(&link->lock);
  free(link->address);
  free(link);
}

/* ------------------------------------------------------------------------------------------------------------ pipeline */

static Err queued(Link *link, int sent, size_t bytes)
{
  if (!sent) {
    Err err = pg_err(link->conn, NULL, "sending");
    link_drop(link);
    return err;
  }
  link->queued++;
  link->queued_bytes += bytes;
  return ERR_OK;
}

Err link_send(Link *link, LinkStatement statement, const LinkValue values[])
{
  int count = STATEMENTS[statement].count, lengths[VALUES_MAX], formats[VALUES_MAX];
  int64_t numbers[VALUES_MAX];
  const char *data[VALUES_MAX];
  size_t bytes = 64;
  for (int i = 0; i < count; i++) {
    numbers[i] = (int64_t)htobe64((uint64_t)values[i].number);
    data[i] = values[i].null ? NULL : values[i].data ? values[i].data : (const char *)&numbers[i];
    lengths[i] = values[i].data ? values[i].len : (int)sizeof numbers[i];
    formats[i] = 1;
    bytes += (size_t)lengths[i];
  }
  if (!link->conn) return err_because(ERR_NETWORK, "postgres: not connected");
  int sent = PQsendQueryPrepared(link->conn, STATEMENTS[statement].name, count, data, lengths, formats, 1);
  return queued(link, sent, bytes);
}

Err link_send_text(Link *link, const char *sql)
{
  if (!link->conn) return err_because(ERR_NETWORK, "postgres: not connected");
  return queued(link, PQsendQueryParams(link->conn, sql, 0, NULL, NULL, NULL, NULL, 1), 64);
}

Err link_sync(Link *link)
{
  if (!link->conn) return err_because(ERR_NETWORK, "postgres: not connected");
  link->queued_bytes = 0;
  if (PQpipelineSync(link->conn)) return ERR_OK;
  Err err = pg_err(link->conn, NULL, "sending");
  link_drop(link);
  return err;
}

static Err answered(Link *link, const PGresult *result)
{
  ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC) return ERR_OK;
  if (status == PGRES_PIPELINE_ABORTED) return err_because(ERR_CANCELLED, "postgres: an earlier statement failed");
  Err err = pg_err(link->conn, result, "statement");
  if (PQstatus(link->conn) != CONNECTION_OK || err == ERR_NETWORK) {
    link_drop(link);
    err = ERR_NETWORK;
  }
  return err;
}

Err link_answer(Link *link, PGresult **out)
{
  *out = NULL;
  if (!link->conn) return err_because(ERR_NETWORK, "postgres: the connection broke");
  *out = PQgetResult(link->conn);
  Err err = answered(link, *out);
  if (link->conn) {
    link->queued--;
    PQclear(PQgetResult(link->conn)); /* NULL: the end of this statement's results */
  }
  return err;
}

Err link_finish(Link *link)
{
  if (!link->conn) return err_because(ERR_NETWORK, "postgres: the connection broke");
  AUTO(PGresult *, sync, link_clear) = PQgetResult(link->conn);
  return answered(link, sync);
}

Err link_drain(Link *link)
{
  TRY(link_sync(link));
  Err first = ERR_OK;
  while (link->conn && link->queued > 0) {
    AUTO(PGresult *, result, link_clear) = NULL;
    Err err = link_answer(link, &result);
    if (first == ERR_OK) first = err;
  }
  Err end = link_finish(link);
  return first != ERR_OK ? first : end;
}

int64_t link_number(const PGresult *result, int row, int column)
{
  uint64_t number;
  if (PQgetlength(result, row, column) != sizeof number) return 0;
  memcpy(&number, PQgetvalue(result, row, column), sizeof number);
  return (int64_t)be64toh(number);
}

Str link_text(const PGresult *result, int row, int column)
{
  return (Str){PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
}
