/* Link: a process's one connection to the log of one practice, with its prepared statements, always in pipeline mode: several
 * statements are sent, then all their answers read, in one round trip. For this folder alone. */
#pragma once

#include <libpq-fe.h>
#include <pthread.h>

#include "sync/postgres/postgres.h"

typedef enum LinkStatement {
  LINK_LOCK,    /* $1 practice, $2 pos: head, row, era, safe, hash of the entry at pos */
  LINK_PEEK,    /* likewise, without locking */
  LINK_ENTRIES, /* $1 practice, $2 after, $3 bytes */
  LINK_ROWS,    /* $1 practice, $2 after, $3 bytes */
  LINK_HASH,    /* $1 practice, $2 pos */
  LINK_ADD_ENTRY,
  LINK_ADD_ROW,
  LINK_HAS_ROW, /* $1 practice, $2 row, $3 kind, $4 key */
  LINK_END,     /* $1 practice, $2 head, $3 row, $4 era */
  LINK_TOUCH,   /* $1 practice: a change that changes nothing */
  LINK_NOTIFY,  /* $1 channel */
  LINK_STATEMENTS
} LinkStatement;

typedef struct Link Link;
struct Link {
  Link *next;
  int users;
  char *address;
  uint8_t key[SIGN_PUBLIC_SIZE];
  pthread_mutex_t lock; /* held by the Store that uses it: from `lock` to `commit` or `cancel`, or for one reading */
  PGconn *conn;         /* NULL: not connected */
  int64_t practice;     /* its number there */
  int64_t era;          /* of the server: its timeline */
  int queued;           /* statements whose answers were not read */
  size_t queued_bytes;
  bool doubtful; /* the server has warned of something */
};

/* link_open: the process's link for this address and practice. link_close: gives it back. */
Link *link_open(const char *address, const uint8_t key[SIGN_PUBLIC_SIZE]);
void link_close(Link *link);

/* pg_connect: a connection that can write, with its time-outs set; NULL-safe pg_finish. ERR_NETWORK, ERR_DENIED. */
MUST_CHECK Err pg_connect(const char *address, PGconn **out);
void pg_finish(PGconn **conn);
/* pg_run: text without parameters; not in pipeline mode. pg_err: what a failed result means. */
MUST_CHECK Err pg_run(PGconn *conn, const char *sql);
Err pg_err(PGconn *conn, const PGresult *result, const char *what);
/* pg_practice: its number. ERR_NOT_FOUND. Not in pipeline mode. */
MUST_CHECK Err pg_practice(PGconn *conn, const uint8_t key[SIGN_PUBLIC_SIZE], int64_t *out);

/* The rest with the link's lock held. link_ready: connected. link_drop: forget the connection. */
MUST_CHECK Err link_ready(Link *link);
void link_drop(Link *link);

typedef struct LinkValue {
  const void *data; /* NULL: the number */
  int len;
  bool null;
  int64_t number;
} LinkValue;
static inline LinkValue link_int(int64_t number)
{
  return (LinkValue){.number = number};
}
static inline LinkValue link_bytes(Str bytes)
{
  return (LinkValue){.data = bytes.ptr ? bytes.ptr : "", .len = (int)bytes.len};
}
static inline LinkValue link_null(void)
{
  return (LinkValue){.null = true};
}

/* link_send: queue a prepared statement; link_send_text: one without parameters. link_sync: end of what is queued. */
MUST_CHECK Err link_send(Link *link, LinkStatement statement, const LinkValue values[]);
MUST_CHECK Err link_send_text(Link *link, const char *sql);
MUST_CHECK Err link_sync(Link *link);
/* link_answer: of the next queued statement. The result is cleared by the caller (link_clear), also after an error; the connection
 * is dropped when it broke. link_finish: the answer to link_sync, after all others. */
MUST_CHECK Err link_answer(Link *link, PGresult **out);
MUST_CHECK Err link_finish(Link *link);
/* link_drain: sync, read all answers, and the first error among them. */
MUST_CHECK Err link_drain(Link *link);
void link_clear(PGresult **result);

/* Columns of a binary result. */
int64_t link_number(const PGresult *result, int row, int column);
Str link_text(const PGresult *result, int row, int column); /* view; "" for NULL */
