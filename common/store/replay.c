#include "common/store/replay.h"

#include <assert.h>
#include <stdio.h>

SQL_SCAN(REPLAY_READ, "SELECT pos, node, seq, hlc, via, hash, body FROM journal ORDER BY pos");
SQL_SCAN(REVIEWED_READ, "SELECT table_id, id, column_group, hlc, node, reviewed_at FROM overwrite"
                        " WHERE reviewed_at IS NOT NULL");
SQL(REVIEWED_WRITE,
    "UPDATE overwrite SET reviewed_at = :at WHERE table_id = :table AND id = :id AND column_group = :group"
    " AND hlc = :hlc AND node = :node");
SQL_SCAN(SHADOW_EMPTY, "DELETE FROM shadow");
SQL_SCAN(OVERWRITE_EMPTY, "DELETE FROM overwrite");
SQL_SCAN(UNKNOWN_EMPTY, "DELETE FROM unknown_change");

/* ------------------------------------------------------------------------------------------------------- what was seen */

static ReplayAuthor *find_author(const Replay *replay, NodeId node, size_t *at)
{
  size_t low = 0, high = replay->author_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (replay->authors[middle].node < node)
      low = middle + 1;
    else
      high = middle;
  }
  *at = low;
  return low < replay->author_count && replay->authors[low].node == node ? &replay->authors[low] : NULL;
}

const ReplayAuthor *replay_author(const Replay *replay, NodeId node)
{
  size_t at;
  return find_author(replay, node, &at);
}

static ReplayAuthor *get_author(Replay *replay, NodeId node)
{
  size_t at;
  ReplayAuthor *found = find_author(replay, node, &at);
  if (found) return found;
  replay->authors = arena_grow_array(&replay->arena, replay->authors, replay->author_count, &replay->author_capacity,
                                     sizeof *replay->authors);
  memmove(&replay->authors[at + 1], &replay->authors[at], (replay->author_count - at) * sizeof *replay->authors);
  replay->author_count++;
  replay->authors[at] = (ReplayAuthor){.node = node};
  return &replay->authors[at];
}

static size_t seen_slot(const ReplayAuthor *author, NodeId of)
{
  size_t low = 0, high = author->seen_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (author->seen[middle].node < of)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void note_seen(Replay *replay, ReplayAuthor *author, Seen seen)
{
  size_t at = seen_slot(author, seen.node);
  if (at < author->seen_count && author->seen[at].node == seen.node) {
    if (author->seen[at].hlc < seen.hlc) author->seen[at].hlc = seen.hlc;
    return;
  }
  author->seen =
      arena_grow_array(&replay->arena, author->seen, author->seen_count, &author->seen_capacity, sizeof(Seen));
  memmove(&author->seen[at + 1], &author->seen[at], (author->seen_count - at) * sizeof(Seen));
  author->seen[at] = seen;
  author->seen_count++;
}

static Err seen_in_replay(Merger *merger, NodeId of, Hlc *out)
{
  const ReplayAuthor *author = replay_author(merger->seen_context, merger->author);
  assert(author);
  size_t at = seen_slot(author, of);
  *out = at < author->seen_count && author->seen[at].node == of ? author->seen[at].hlc : 0;
  return ERR_OK;
}

/* -------------------------------------------------------------------------------------------------------------- entries */

Err replay_begin(Replay *replay, Store *target)
{
  *replay = (Replay){.arena = arena_make((size_t)1 << 30)};
  if (!target) return ERR_OK;
  TRY(merger_begin(&replay->merger, target));
  replay->merger.seen_of = seen_in_replay;
  replay->merger.seen_context = replay;
  return ERR_OK;
}

void replay_fini(Replay *replay)
{
  merger_fini(&replay->merger);
  arena_fini(&replay->arena);
}

static Err wrong(const JournalEntry *entry, const char *what)
{
  return err_because(ERR_CORRUPT, "journal: entry %llu of node %08x (position %lld): %s",
                     (unsigned long long)entry->seq, entry->node, (long long)entry->pos, what);
}

static Err check_seen(Replay *replay, const JournalEntry *entry, const BodyHead *head)
{
  for (size_t i = 0; i < head->seen_count; i++) {
    Seen seen = body_seen(head, i);
    const ReplayAuthor *other = replay_author(replay, seen.node);
    if (seen.node == entry->node || seen.hlc >= entry->hlc) return wrong(entry, "it has seen what cannot be");
    if (!other || other->hlc < seen.hlc) return wrong(entry, "something that its author had seen is not before it");
  }
  return ERR_OK;
}

Err replay_chain(Replay *replay, const JournalEntry *entry)
{
  BodyHead head;
  BodyReader reader;
  if (body_open(entry->body, &head, &reader) != ERR_OK) return wrong(entry, "its body does not decode");
  if (entry->pos != replay->pos + 1) return wrong(entry, "the position before it is missing");
  TRY(check_seen(replay, entry, &head));
  ReplayAuthor *author = get_author(replay, entry->node);
  if (entry->seq != author->seq + 1) return wrong(entry, "the author's entry before it is missing");
  if (entry->hlc <= author->hlc) return wrong(entry, "its stamp is not after the one before");
  Hash hash = entry_hash(author->hash, entry->node, entry->seq, entry->hlc, entry->body);
  if (!hash_eq(hash, entry->hash)) return wrong(entry, "its hash is not that of its content");
  replay->pos = entry->pos;
  author->seq = entry->seq;
  author->hlc = entry->hlc;
  author->hash = hash;
  for (size_t i = 0; i < head.seen_count; i++) note_seen(replay, author, body_seen(&head, i));
  return ERR_OK;
}

Err replay_entry(Replay *replay, const JournalEntry *entry)
{
  TRY(replay_chain(replay, entry));
  Err err = merger_apply(&replay->merger, (Stamp){entry->hlc, entry->node}, entry->body);
  return err == ERR_CORRUPT ? wrong(entry, err_detail()) : err;
}

/* -------------------------------------------------------------------------------------------------------------- rebuild */

typedef struct Reviewed {
  int64_t table, group, node, at;
  Hlc hlc;
  Str id;
} Reviewed;

static Err reviewed_read(Store *store, Arena *arena, Reviewed **list, size_t *count)
{
  size_t capacity = 0;
  AUTO(Query, q, query_fini) = internal_query(store, &REVIEWED_READ);
  while (query_next(&q)) {
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    (*list)[(*count)++] =
        (Reviewed){query_int(&q, "table_id"),    query_int(&q, "column_group"), query_int(&q, "node"),
                   query_int(&q, "reviewed_at"), query_hlc(&q, "hlc"),          query_copy(&q, arena, "id")};
  }
  return query_end(&q);
}

static Err reviewed_write(Store *store, const Reviewed *reviewed)
{
  Query q = internal_query(store, &REVIEWED_WRITE);
  query_bind_int(&q, ":table", reviewed->table);
  query_bind_int(&q, ":group", reviewed->group);
  query_bind_int(&q, ":node", reviewed->node);
  query_bind_int(&q, ":at", reviewed->at);
  query_bind_hlc(&q, ":hlc", reviewed->hlc);
  query_bind_blob(&q, ":id", reviewed->id);
  return query_run(&q);
}

static Err empty_table(Store *store, const Table *table)
{
  char sql[128];
  snprintf(sql, sizeof sql, "SELECT id FROM %s ORDER BY id LIMIT 1000", table->name);
  sqlite3_stmt *stmt;
  TRY(store_err(store, sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), table->name));
  static _Thread_local Uuid ids[1000];
  size_t count;
  Err err;
  do {
    count = 0;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && sqlite3_column_bytes(stmt, 0) == 16)
      memcpy(ids[count++].bytes, sqlite3_column_blob(stmt, 0), 16);
    err = store_err(store, rc, table->name);
    sqlite3_reset(stmt);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
      err = row_write(store, table, CHANGE_DELETE, ids[i], 0, NULL, (Str){0});
  } while (err == ERR_OK && count > 0);
  sqlite3_finalize(stmt);
  return err;
}

static Err empty_all(Store *store)
{
  for (size_t i = 0; i < store->schema.table_count; i++) TRY(empty_table(store, &store->schema.tables[i]));
  static const Sql *const EMPTY[] = {&SHADOW_EMPTY, &OVERWRITE_EMPTY, &UNKNOWN_EMPTY};
  for (size_t i = 0; i < COUNT_OF(EMPTY); i++) {
    Query q = internal_query(store, EMPTY[i]);
    TRY(query_run(&q));
  }
  return ERR_OK;
}

static Err replay_journal(Store *store)
{
  AUTO(Replay, replay, replay_fini) = {0};
  AUTO(Arena, arena, arena_fini) = arena_make(4 * JOURNAL_BODY_MAX);
  TRY(replay_begin(&replay, store));
  AUTO(Query, q, query_fini) = internal_query(store, &REPLAY_READ);
  while (query_next(&q)) {
    JournalEntry entry;
    TRY(journal_entry_read(&q, &arena, &entry));
    TRY(replay_entry(&replay, &entry));
    arena_reset(&arena);
  }
  return query_end(&q);
}

Err replay_rebuild(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Reviewed *reviewed = NULL;
  size_t count = 0;
  TRY(reviewed_read(store, &arena, &reviewed, &count));
  TRY(empty_all(store));
  TRY(replay_journal(store));
  for (size_t i = 0; i < count; i++) TRY(reviewed_write(store, &reviewed[i]));
  return ERR_OK;
}
