#include "common/store/logstore_view.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"

/* The log is the truth here: what it holds was accepted by whoever wrote it there. Only that each entry follows from those before it
 * is looked at, as a view that does not would be a damaged one. */

SQL(LOG_PIN, "INSERT OR IGNORE INTO author_key (node, public_key)"
             " SELECT number, public_key FROM node WHERE id = :id AND length(public_key) = 32");
SQL(LOG_SIGNATURE, "INSERT OR REPLACE INTO signature (pos, signature) VALUES (:pos, :signature)");
SQL_SCAN(JOURNAL_CUT, "DELETE FROM journal WHERE pos > :pos");
SQL_SCAN(SIGNATURE_CUT, "DELETE FROM signature WHERE pos > :pos");
SQL_SCAN(AUTHOR_EMPTY, "DELETE FROM author");
SQL_SCAN(SEEN_EMPTY, "DELETE FROM seen");
SQL(HEAD_ZERO, "UPDATE replica SET head = 0 WHERE id = 1");

static Err wrong(const JournalEntry *entry, const char *what)
{
  return err_because(ERR_CORRUPT, "log: entry %llu of node %08x (position %lld): %s", (unsigned long long)entry->seq,
                     entry->node, (long long)entry->pos, what);
}

static Err pin(Store *store, NodeId node)
{
  Query q = internal_query(store, &LOG_PIN);
  query_bind_uuid(&q, ":id", node_row_id(node));
  return query_run(&q);
}

static Err keep_signature(Store *store, const LogEntry *one)
{
  if (one->signature.len != SIGNATURE_SIZE) return ERR_OK;
  author_set_signature(author_get(store, one->entry.node), one->entry.seq, (const uint8_t *)one->signature.ptr);
  Query q = internal_query(store, &LOG_SIGNATURE);
  query_bind_int(&q, ":pos", store->head);
  query_bind_blob(&q, ":signature", one->signature);
  return query_run(&q);
}

/* append: an entry that goes on from the journal's end. ERR_GAP when it does not follow from what is there. */
static Err append(Store *store, Merger *merger, const LogEntry *one)
{
  const JournalEntry *entry = &one->entry;
  const Author *author = author_find(store, entry->node);
  uint64_t seq = author ? author->head.seq : 0;
  Hash previous = author ? author->head.hash : (Hash){{0}};
  if (entry->seq != seq + 1) return err_because(ERR_GAP, "entry %llu is not the next", (unsigned long long)entry->seq);
  if (!hash_eq(entry_hash(previous, entry->node, entry->seq, entry->hlc, entry->body), entry->hash))
    return err_because(ERR_GAP, "entry %llu has another one before it", (unsigned long long)entry->seq);
  if (seq == 0) TRY(pin(store, entry->node));
  TRY(journal_append(store, entry));
  TRY(keep_signature(store, one));
  return merger_apply(merger, (Stamp){entry->hlc, entry->node}, entry->body);
}

static Err apply_entries(Store *store, const LogBatch *batch)
{
  AUTO(Merger, merger, merger_fini) = {0};
  TRY(merger_begin(&merger, store));
  for (size_t i = 0; i < batch->entry_count; i++) {
    const JournalEntry *entry = &batch->entries[i].entry;
    if (entry->pos <= store->head) continue; /* another thread was first */
    if (entry->pos != store->head + 1) return wrong(entry, "the position before it is missing");
    Err err = append(store, &merger, &batch->entries[i]);
    if (err == ERR_GAP) return wrong(entry, err_detail());
    TRY(err);
  }
  return authors_save(store);
}

static Err apply_rows(Store *store, const LogBatch *batch)
{
  int64_t have = local_get_int(store, LOCAL_LOG_ROW, 0);
  for (size_t i = 0; i < batch->row_count; i++)
    if (batch->rows[i].row > have) TRY(logstore_row_apply(store, &batch->rows[i]));
  int64_t newest = batch->row_count ? batch->rows[batch->row_count - 1].row : 0;
  return newest > have ? local_set_int(store, LOCAL_LOG_ROW, newest) : ERR_OK;
}

typedef Err InView(Store *store, void *context);

static Err in_transaction(Store *store, InView *what, void *context)
{
  TRY(store_write_begin(store));
  Err err = what(store, context);
  if (err == ERR_OK) return store_write_end(store);
  store_write_cancel(store);
  return err;
}

/* in_view: a transaction that the log is not told of. */
static Err in_view(Store *store, InView *what, void *context)
{
  store->log_applying = true;
  Err err = in_transaction(store, what, context);
  store->log_applying = false;
  return err;
}

static Err apply(Store *store, void *context)
{
  const LogBatch *batch = context;
  if (batch->entry_count > 0) TRY(apply_entries(store, batch));
  return apply_rows(store, batch);
}

Err logstore_view_apply(Store *store, const LogBatch *batch)
{
  LogBatch copy = *batch;
  return in_view(store, apply, &copy);
}

/* -------------------------------------------------------------------------------------------------------- a log that lost */

static Err set_epoch(Store *store, void *context)
{
  (void)context;
  uint8_t random[16];
  char text[2 * sizeof random + 1];
  env_random(store->env, random, sizeof random);
  for (size_t i = 0; i < sizeof random; i++) snprintf(text + 2 * i, 3, "%02x", random[i]);
  return local_set(store, LOCAL_EPOCH, str_c(text));
}

Err logstore_view_new_epoch(Store *store)
{
  log_event(LOG_ERROR, "log.new_epoch", "position=%lld", (long long)store->head);
  int64_t row = local_get_int(store, LOCAL_LOG_ROW, 0);
  store->log_pos = store_head(store);
  store->log_row = row;
  return in_transaction(store, set_epoch, NULL); /* the lock is held already, and ends with this */
}

/* common_end: the newest position at which view and log are the same; what differs is at the end of both. */
static Err common_end(Store *store, int64_t high, int64_t *out)
{
  int64_t low = 0;
  while (low < high) {
    int64_t middle = low + (high - low + 1) / 2;
    Hash ours, theirs;
    TRY(logstore_hash_here(store, middle, &ours));
    TRY(store->log->hash_at(store->log, middle, &theirs));
    if (hash_eq(ours, theirs))
      low = middle;
    else
      high = middle - 1;
  }
  *out = low;
  return ERR_OK;
}

static Err run_cut(Store *store, const Sql *sql, int64_t pos)
{
  Query q = internal_query(store, sql);
  query_bind_int(&q, ":pos", pos);
  return query_run(&q);
}

static Err cut(Store *store, int64_t pos)
{
  static const Sql *const EMPTY[] = {&AUTHOR_EMPTY, &SEEN_EMPTY, &HEAD_ZERO};
  TRY(run_cut(store, &JOURNAL_CUT, pos));
  TRY(run_cut(store, &SIGNATURE_CUT, pos));
  for (size_t i = 0; i < COUNT_OF(EMPTY); i++) {
    Query q = internal_query(store, EMPTY[i]);
    TRY(query_run(&q));
  }
  TRY(authors_replaced(store));
  TRY(replay_rebuild(store));
  TRY(authors_save(store));
  return local_set_int(store, LOCAL_LOG_ROW, 0);
}

typedef struct Known { /* rows that the log has, by hash of table and key */
  Arena arena;
  Hash *list;
  size_t count, capacity;
} Known;

static void known_fini(Known *known)
{
  arena_fini(&known->arena);
}

static Hash row_name(const LogRow *row)
{
  const uint8_t table = (uint8_t)row->table;
  Str parts[] = {{(const char *)&table, 1}, row->key};
  return hash_parts(parts, COUNT_OF(parts));
}

static int by_hash(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(Hash));
}

/* follow: everything from the cut on, and all rows; which they were is remembered. */
static Err follow(Store *store, Known *known)
{
  for (bool more = true; more;) {
    AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
    LogBatch batch = {0};
    int64_t row = local_get_int(store, LOCAL_LOG_ROW, 0);
    TRY(store->log->read(store->log, &arena, store->head, row, 2 << 20, &batch));
    more = batch.entry_count > 0 || batch.row_count > 0;
    if (more) TRY(apply(store, &batch));
    for (size_t i = 0; i < batch.row_count; i++) {
      known->list = arena_grow_array(&known->arena, known->list, known->count, &known->capacity, sizeof *known->list);
      known->list[known->count++] = row_name(&batch.rows[i]);
    }
  }
  if (known->count > 0) qsort(known->list, known->count, sizeof *known->list, by_hash);
  return ERR_OK;
}

typedef struct Rewind {
  int64_t common; /* the newest position that view and log share */
  LogBatch tail;  /* what the view has after it */
  Str epoch;      /* of the view, before */
  Known known;
  bool epoch_is_new; /* it has to be told */
  int64_t rows;      /* added to the log */
  size_t given, lost;
} Rewind;

/* offer_rows: those that the log does not have, which it neither had deleted. */
static Err offer_rows(Store *store, const LogBatch *batch, void *context)
{
  Rewind *rewind = context;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  LogBatch rest = {.rows = ARENA_ARRAY(&arena, LogRow, batch->row_count)};
  for (size_t i = 0; i < batch->row_count; i++) {
    Hash name = row_name(&batch->rows[i]);
    const Known *known = &rewind->known;
    bool told = known->count && bsearch(&name, known->list, known->count, sizeof name, by_hash);
    if (told && !(rewind->epoch_is_new && logstore_row_is_setting(&batch->rows[i], LOCAL_EPOCH))) continue;
    rest.rows[rest.row_count++] = batch->rows[i];
  }
  rewind->rows += (int64_t)rest.row_count;
  return rest.row_count ? store->log->add(store->log, &rest) : ERR_OK;
}

/* offer_entries: what the log has lost and this view had, unless something else has taken its place. */
static Err offer_entries(Store *store, Rewind *rewind)
{
  AUTO(Merger, merger, merger_fini) = {0};
  TRY(merger_begin(&merger, store));
  for (size_t i = 0; i < rewind->tail.entry_count; i++) {
    const LogEntry *one = &rewind->tail.entries[i];
    const Author *author = author_find(store, one->entry.node);
    if (author && one->entry.seq <= author->head.seq) continue;
    Err err = append(store, &merger, one);
    if (err == ERR_GAP) {
      rewind->lost++;
      log_event(LOG_ERROR, "log.lost", "node=%08x seq=%llu", one->entry.node, (unsigned long long)one->entry.seq);
      continue;
    }
    TRY(err);
    rewind->given++;
  }
  return authors_save(store);
}

static Err offer(Store *store, Rewind *rewind)
{
  AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
  int64_t row = local_get_int(store, LOCAL_LOG_ROW, 0), pos = store->head;
  LogBatch added = {0};
  TRY(offer_entries(store, rewind));
  TRY(logstore_entries_after(store, &arena, pos, SIZE_MAX, &added));
  if (added.entry_count) TRY(store->log->add(store->log, &added));
  TRY(logstore_row_each(store, offer_rows, rewind));
  TRY(local_set_int(store, LOCAL_LOG_ROW, row + rewind->rows));
  store->log_held = false;
  return store->log->commit(store->log);
}

/* rewind_all: one transaction here and one of the log: whatever is cut short begins anew. */
static Err rewind_all(Store *store, void *context)
{
  Rewind *rewind = context;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TRY(cut(store, rewind->common));
  TRY(follow(store, &rewind->known));
  /* Whoever noticed first has begun the epoch. */
  rewind->epoch_is_new = str_eq(rewind->epoch, local_get(store, &arena, LOCAL_EPOCH));
  if (rewind->epoch_is_new) TRY(set_epoch(store, NULL));
  return offer(store, rewind);
}

Err logstore_view_rewind(Store *store, const LogHere *here, const LogEnd *end)
{
  AUTO(Arena, arena, arena_fini) = arena_make((size_t)1 << 30);
  Rewind rewind = {.known = {.arena = arena_make((size_t)1 << 30)}};
  Err err = common_end(store, here->pos < end->pos ? here->pos : end->pos, &rewind.common);
  log_event(LOG_ERROR, "log.rewind", "view=%lld log=%lld common=%lld", (long long)here->pos, (long long)end->pos,
            (long long)rewind.common);
  if (err == ERR_OK) err = logstore_entries_after(store, &arena, rewind.common, SIZE_MAX, &rewind.tail);
  rewind.epoch = local_get(store, &arena, LOCAL_EPOCH);
  if (err == ERR_OK) err = in_view(store, rewind_all, &rewind);
  known_fini(&rewind.known);
  if (err == ERR_OK)
    log_event(LOG_WARN, "log.offered", "entries=%zu lost=%zu rows=%lld", rewind.given, rewind.lost,
              (long long)rewind.rows);
  return err;
}
