/* Query: reading. Statements are declared once, as text one can read, with named binds and results by name; errors are
 * sticky and checked at the end.
 *
 *   SQL(CLIENT_BORN, "SELECT id, given FROM client WHERE birth_date = :birth");
 *
 *   AUTO(Query, q, query_fini) = query(store, &CLIENT_BORN);
 *   query_bind_text(&q, ":birth", STR("1980-02-29"));
 *   while (query_next(&q)) use(query_uuid(&q, "id"), query_str(&q, "given"));
 *   TRY(query_end(&q));
 *
 * Prepared statements are kept by the store and used again. A test prepares every SQL() of the program against the schema
 * and fails on one that scans a large table. Writing replicated tables is tx.h's business: a query that tries fails.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/uuid.h"
#include "common/store/store.h"

typedef struct Sql {
  const char *text;
  const char *name;
  const char *file;
  bool may_scan; /* deliberate: reports and sweeps */
} Sql;

#define SQL_ENTRY_(id, sql_text, scan)                   \
  static const Sql id = {sql_text, #id, __FILE__, scan}; \
  static const Sql *const id##_entry_ __attribute__((section("foyer_sql"), used, retain)) = &id
#define SQL(id, sql_text)      SQL_ENTRY_(id, sql_text, false)
#define SQL_SCAN(id, sql_text) SQL_ENTRY_(id, sql_text, true)

typedef struct Query {
  Store *store;
  struct Statement *statement;
  Err err;
  bool stepping;
  bool alone; /* a transaction of its own, which a log is told of */
} Query;

Query query(Store *store, const Sql *sql);
/* Binding a name that the statement lacks asserts. Text and blobs must live until query_end or query_fini. */
void query_bind_int(Query *q, const char *name, int64_t value);
void query_bind_text(Query *q, const char *name, Str value);
void query_bind_blob(Query *q, const char *name, Str value);
void query_bind_uuid(Query *q, const char *name, Uuid value); /* nil binds NULL */
void query_bind_null(Query *q, const char *name);
/* query_next: true while there is a row. */
bool query_next(Query *q);
/* query_end: what went wrong, if anything did. query_fini does the same and forgets the error. */
MUST_CHECK Err query_end(Query *q);
void query_fini(Query *q);
/* query_run: for statements without rows (the node's own tables). Outside a Tx it commits at once; not while another query still
 * has a row (asserted). */
MUST_CHECK Err query_run(Query *q);

/* Values of the row, by the result column's name (asserted to exist). Str views die at the next query_next. */
int64_t query_int(Query *q, const char *column); /* NULL reads as 0 */
bool query_is_null(Query *q, const char *column);
Str query_str(Query *q, const char *column);                        /* text or blob; NULL reads as empty */
Uuid query_uuid(Query *q, const char *column);                      /* NULL reads as nil */
const char *query_cstr(Query *q, Arena *arena, const char *column); /* a copy, never NULL */
Str query_copy(Query *q, Arena *arena, const char *column);
