/* Inside the store room: the connection, its statements, the authors, and the writing of rows. Nobody above includes this.
 *
 * Who may write what. Replicated tables are written by row_write alone, between store_write_begin and store_write_end; an
 * authorizer refuses every other statement that would (when it is prepared), the pre-update hook poisons the connection
 * should one get through, and the commit hook refuses to commit then. The journal, `author`, `seen` and `replica` are
 * written by internal_query alone. The node's other tables are open to query().
 */
#pragma once

#define SQLITE_ENABLE_PREUPDATE_HOOK 1 /* as Debian builds it; the header hides it otherwise */
#include <sqlite3.h>

#include "common/base/buf.h"
#include "common/store/journal_codec.h"
#include "common/store/query.h"
#include "common/store/schema.h"
#include "common/store/version.h"

/* Author: how far one author's chain is known here, and what it had seen of others. */
typedef struct Author {
  Head head;
  bool dirty;       /* `author` in the file is behind */
  bool seen_loaded; /* `seen` was read for it */
  Seen *seen;       /* ascending by node */
  size_t seen_count, seen_capacity;
  uint64_t seen_dirty; /* entries of `seen` that the file lacks, counted */
} Author;

typedef struct Statement Statement;
typedef struct RowCache RowCache;
typedef struct Capture Capture;

struct Store {
  const Env *env;
  char *folder;
  Arena arena; /* as long as the Store: names, schema */
  sqlite3 *db;
  SignKey key;
  uint8_t seal_key[SEAL_KEY_SIZE];
  NodeId node;
  const Migration *migrations; /* those that it was opened with */
  size_t migration_count;
  Schema schema;
  Statement **statements; /* by Sql, open addressing (query.c) */
  size_t statement_count, statement_capacity;
  RowCache *rows; /* generated statements (row.c) */

  /* Authors (author.c): exact for journal entries up to `head`, if authors_valid. */
  Author *authors; /* ascending by node */
  size_t author_count, author_capacity;
  bool authors_valid;
  bool authors_stale; /* read them anew at the next opportunity */
  bool others_news;   /* an author other than ourselves has new entries since our last one */
  bool own_any;       /* merge_own_any, if own_any_known */
  bool own_any_known;
  bool revoked;  /* our own row in `node` */
  bool restored; /* store_is_restored */
  int64_t clock_offset_ms;
  int64_t head;          /* newest pos; 0: none */
  int64_t saved_head;    /* what the tables `author` and `seen` are exact for */
  size_t unsaved_bytes;  /* of the entries behind saved_head */
  int64_t generation;    /* changes when entries were replaced (restamp, snapshot): everything is read anew */
  Hlc newest_hlc;        /* over all authors */
  unsigned data_version; /* of the pager, when the above was read */

  /* The write transaction (store_write_begin), and the Tx in it. */
  bool foreign_keys; /* are enforced on this connection now */
  bool in_write;
  bool in_read;
  bool writing;            /* row_write is stepping */
  bool trusted;            /* an internal statement is being prepared or stepped */
  bool migrating;          /* schema changes are allowed */
  bool committing;         /* store_write_end */
  bool poisoned;           /* someone wrote a replicated table outside */
  uint64_t row_writes;     /* of replicated rows, in this transaction */
  uint64_t other_writes;   /* of other rows */
  Capture *capture;        /* of the open Tx (capture.c) */
  int watch_fd, notify_fd; /* -1 until asked for */

  /* The journal's log elsewhere (logstore.h, logstore_view.h); NULL for an ordinary replica, which none of this costs anything. */
  struct LogStore *log;
  bool log_wanted;   /* the file says that there is one */
  bool log_held;     /* its lock is ours */
  bool log_applying; /* what is written comes from it */
  bool names_shared; /* the statement being prepared writes shared rows */
  bool log_ever_fresh;
  int64_t log_fresh_ms;     /* when the view was known to be whole */
  int64_t log_pos, log_row; /* its end, under the lock */
  Buf log_rows;             /* shared rows that this transaction wrote (logstore_row.c) */
  size_t log_row_count;
};

/* store_err: an SQLite result as an Err, remembering SQLite's words. ERR_OK for OK, ROW and DONE. */
MUST_CHECK Err store_err(Store *store, int rc, const char *what);
/* store_open_with: store_open or, with `create`, store_create, with other migrations (tests of upgrades, the bench). */
MUST_CHECK Err store_open_with(const char *folder, const Env *env, const Migration migrations[], size_t count,
                               bool create, Store **out);

/* internal_query: query(), but allowed to write the tables of the store room. */
Query internal_query(Store *store, const Sql *sql);
/* query_bind_hlc: as the signed number of the same bits. query_hlc: back. */
void query_bind_hlc(Query *q, const char *name, Hlc value);
/* query_takes: does the statement have this name? */
bool query_takes(Query *q, const char *name);
Hlc query_hlc(Query *q, const char *column);
/* store_exec: text without binds or rows, of the store's own. */
MUST_CHECK Err store_exec(Store *store, const char *sql);

/* store_write_begin: BEGIN IMMEDIATE (waits up to STORE_BUSY_MS) and authors_refresh. store_write_end: COMMIT; on an error it
 * has rolled back. store_write_cancel: ROLLBACK; safe when there is nothing to roll back. In between asserts !in_write.
 * Foreign keys are not enforced in it, as rows come in any order (JOURNAL.md); store_write_begin_checked, for a Tx, has them. */
MUST_CHECK Err store_write_begin(Store *store);
MUST_CHECK Err store_write_begin_checked(Store *store);
MUST_CHECK Err store_write_end(Store *store);
void store_write_cancel(Store *store);

/* Rows. Values are indexed by column id, like BodyChange's; element 0 is unused. */
typedef struct Row {
  JournalValue values[COLUMN_ID_MAX + 1];
  Str v;
} Row;
/* row_read: everything of one row, copied into the arena. ERR_NOT_FOUND. */
MUST_CHECK Err row_read(Store *store, Arena *arena, const Table *table, Uuid id, Row *out);
/* row_version: `v` alone, into out; *size its length. ERR_NOT_FOUND. */
MUST_CHECK Err row_version(Store *store, const Table *table, Uuid id, uint8_t out[VERSION_SIZE_MAX], size_t *size);
/* row_write: without capture. Inside store_write_begin.
 * CHANGE_INSERT  columns outside the mask take their defaults. ERR_EXISTS
 * CHANGE_UPDATE  sets the columns of the mask (may be none) and v. ERR_NOT_FOUND
 * CHANGE_DELETE  columns, values and v are not looked at. ERR_NOT_FOUND */
MUST_CHECK Err row_write(Store *store, const Table *table, ChangeKind kind, Uuid id, uint64_t columns,
                         const JournalValue values[], Str v);

/* Authors. The state in memory is brought up to date by authors_refresh and belongs to the present transaction; after
 * a rollback it is read anew (authors_forget, which store_write_cancel calls). */
MUST_CHECK Err authors_refresh(Store *store);
void authors_forget(Store *store);
/* author_find: NULL when nothing is known of it. author_get: added with seq 0. Pointers die with the next author_get. */
Author *author_find(Store *store, NodeId node);
Author *author_get(Store *store, NodeId node);
/* author_seen: the newest HLC of `of` that `author` had seen with its newest entry; 0: none. Of itself: its own newest. */
MUST_CHECK Err author_seen(Store *store, Author *author, NodeId of, Hlc *out);
/* author_advance: what journal_append does besides the insert: the author's head, and what the body says it had seen. */
MUST_CHECK Err author_advance(Store *store, const JournalEntry *entry);
/* journal_append: insert at head + 1 with this hash and advance the author, with what the body says it had seen. The caller has
 * checked the chain. entry->pos is not looked at. */
MUST_CHECK Err journal_append(Store *store, const JournalEntry *entry);
/* author_set_signature: of the head at `seq`; kept in the file by authors_save. */
void author_set_signature(Author *author, uint64_t seq, const uint8_t signature[SIGNATURE_SIZE]);
/* authors_save: write what `author` and `seen` lack. A Tx does so every now and then; merge after each batch. */
MUST_CHECK Err authors_save(Store *store);
/* authors_replaced: entries have been replaced in this transaction: raise the generation, so that every process reads anew. The
 * tables `author` and `seen` and replica.head must have been made right, or emptied (then the journal is read from its start). */
MUST_CHECK Err authors_replaced(Store *store);

/* standing_read: revoked, restored, clock_offset_ms. standing_depends_on: is this setting one that these come from? */
MUST_CHECK Err standing_read(Store *store);
bool standing_depends_on(const char *key);

/* For store.c and tx.c alone. */
void statements_free(Store *store);
void rows_free(Store *store);
/* store_connect: open the file (with `create`, make it), configure, guard, migrate. store_disconnect: also after a failure. */
MUST_CHECK Err store_connect(Store *store, const Migration migrations[], size_t count, bool create);
void store_disconnect(Store *store);
/* store_notify: tell those that watch that something was committed. */
void store_notify(Store *store);
void capture_free(Store *store);
/* authors_note_version: the state in memory is that of the file as it is now. */
void authors_note_version(Store *store);
/* capture_functions: what the generated statements call. */
MUST_CHECK Err capture_functions(Store *store);
