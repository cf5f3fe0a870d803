#include "sync/hub/push.h"

#include <stdlib.h>

#include "common/practice/scope.h"
#include "common/store/logstore.h"
#include "common/store/merge.h"
#include "common/store/query.h"
#include "sync/settings.h"

enum { DEPTH_MAX = 16 };

SQL(NODE_UPSTREAM, "SELECT upstream FROM node WHERE id = :id");

static Str own_epoch(Store *store, Arena *arena)
{
  return local_get(store, arena, LOCAL_EPOCH);
}

/* begin: a device that knows more of the journal than this daemon has heard it from another one that serves the same practice. */
static Err begin(Store *store, Arena *arena, MessageKind kind, const Message *in, Message *out)
{
  bool behind = in->cursor > store_head(store) || !str_eq(in->epoch, own_epoch(store, arena));
  Err err = behind ? logstore_catch_up(store) : ERR_OK;
  *out = (Message){.kind = kind, .time = store_now(store), .epoch = own_epoch(store, arena)};
  return err;
}

/* tell_heads: how far we know each author, so that the peer can go on from there. */
static Err tell_heads(Store *store, Arena *arena, Message *out)
{
  Head *heads;
  size_t count;
  TRY(journal_heads(store, arena, &heads, &count));
  out->known = ARENA_ARRAY(arena, Known, count + 1);
  for (size_t i = 0; i < count; i++) out->known[i] = (Known){heads[i].node, heads[i].seq};
  out->known_count = count;
  out->has_known = true;
  return ERR_OK;
}

static void refuse(Store *store, Arena *arena, Err err, Message *out)
{
  out->err = err;
  out->detail = arena_strdup(arena, str_c(err_detail()));
  out->batch = (JournalBatch){0};
  if ((err == ERR_GAP || err == ERR_EPOCH) && tell_heads(store, arena, out) != ERR_OK) out->err = ERR_BUSY;
}

/* --------------------------------------------------------------------------------------------------------------- push */

typedef struct Allowed {
  const Peer *peer;
  const JournalBatch *batch;
} Allowed;

static Err upstream_of(Store *store, NodeId node, NodeId *out)
{
  AUTO(Query, q, query_fini) = query(store, &NODE_UPSTREAM);
  query_bind_uuid(&q, ":id", node_row_id(node));
  *out = query_next(&q) ? (NodeId)query_int(&q, "upstream") : 0;
  return query_end(&q);
}

/* below: did `node` come to the practice through `peer`, at whatever depth? */
static Err below(Store *store, NodeId node, NodeId peer, bool *is)
{
  *is = node == peer;
  for (int depth = 0; node != 0 && !*is && depth < DEPTH_MAX; depth++) {
    TRY(upstream_of(store, node, &node));
    *is = node == peer;
  }
  return ERR_OK;
}

/* check_authors: once the entries are applied, since an author's row may be among them. An error undoes all of it. */
static Err check_authors(Store *store, void *context)
{
  const Allowed *allowed = context;
  for (size_t i = 0; i < allowed->batch->head_count; i++) {
    bool is;
    NodeId author = allowed->batch->heads[i].node;
    TRY(below(store, author, allowed->peer->node, &is));
    if (!is)
      return err_because(ERR_DENIED, "node %08x may not bring what node %08x wrote", allowed->peer->node, author);
  }
  return ERR_OK;
}

/* check_scope: a tablet may write what check-in needs and nothing else. *refused: its first entry that is something else. */
static Err check_scope(Store *store, const Peer *peer, const Message *in, uint64_t *refused)
{
  bool scoped;
  ScopeOf of;
  Head known;
  TRY(scope_of(store, peer->node, &scoped, &of));
  if (!scoped) return ERR_OK;
  TRY(journal_head_of(store, peer->node, &known));
  for (size_t i = 0; i < in->batch.count; i++) {
    const JournalEntry *entry = &in->batch.entries[i];
    if (entry->node != peer->node || entry->seq <= known.seq) continue;
    Err err = scope_may_write(of.site, entry);
    if (err == ERR_DENIED) *refused = entry->seq;
    TRY(err);
  }
  return ERR_OK;
}

static Err take(Store *store, Arena *arena, const Peer *peer, Message *in, uint64_t *refused)
{
  Str epoch = own_epoch(store, arena);
  if (!str_eq(in->epoch, epoch)) return err_because(ERR_EPOCH, "this journal is another one than before");
  bool recover = (in->flags & MESSAGE_RECOVER) != 0;
  for (size_t i = 0; i < in->batch.count; i++) in->batch.entries[i].via = peer->node;
  TRY(check_scope(store, peer, in, refused));
  Allowed allowed = {peer, &in->batch};
  /* What was lost here may come from whoever still has it: it is signed by its author. */
  MergeAlso *also = recover && !str_eq_c(epoch, peer->epoch) ? NULL : check_authors;
  MergeReport report;
  bool as_is = (in->flags & MESSAGE_AS_IS) != 0;
  return (as_is ? merge_apply_as_is : merge_apply)(store, in->batch.entries, in->batch.count, in->batch.heads,
                                                   in->batch.head_count, also, &allowed, &report);
}

void push_answer(Store *store, Arena *arena, const Peer *peer, Message *in, Message *out)
{
  Err err = begin(store, arena, MESSAGE_PUSH_ANSWER, in, out);
  if (err == ERR_OK)
    err =
        in->kind == MESSAGE_PUSH ? take(store, arena, peer, in, &out->refused) : err_because(ERR_INVALID, "not a push");
  if (err != ERR_OK) refuse(store, arena, err, out);
}

/* --------------------------------------------------------------------------------------------------------------- pull */

static int by_node(const void *a, const void *b)
{
  NodeId x = ((const Known *)a)->node, y = ((const Known *)b)->node;
  return x < y ? -1 : x > y;
}

/* drop_known: leave out what the peer says it has. */
static void drop_known(const Message *in, JournalBatch *batch)
{
  size_t kept = 0, heads = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const JournalEntry *entry = &batch->entries[i];
    Known key = {.node = entry->node};
    const Known *known = bsearch(&key, in->known, in->known_count, sizeof key, by_node);
    if (!known || entry->seq > known->seq) batch->entries[kept++] = *entry;
  }
  batch->count = kept;
  for (size_t h = 0; h < batch->head_count; h++) {
    bool wanted = false;
    for (size_t i = 0; i < kept && !wanted; i++) wanted = batch->entries[i].node == batch->heads[h].node;
    if (wanted) batch->heads[heads++] = batch->heads[h];
  }
  batch->head_count = heads;
}

static Err note_served_up_to(Store *store, int64_t last)
{
  if (last == 0 || local_get_int(store, SETTING_UPSTREAM, 0) == 0) return ERR_OK;
  if (last <= local_get_int(store, SETTING_PUSH_POS, 0) || last <= local_get_int(store, SETTING_SERVED_POS, 0))
    return ERR_OK;
  return local_set_int(store, SETTING_SERVED_POS, last);
}

/* note_served: remember how far our own entries are seen below before our upstream has them (settings.h). */
static Err note_served(Store *store, const JournalBatch *batch)
{
  int64_t last = 0;
  for (size_t i = 0; i < batch->count; i++)
    if (batch->entries[i].node == store_node(store)) last = batch->entries[i].pos;
  return note_served_up_to(store, last);
}

/* gather_scope: rows instead of entries, for a device that may hold a part only. */
static Err gather_scope(Store *store, Arena *arena, const Message *in, const ScopeOf *of, Message *out)
{
  int64_t served;
  if (!str_eq(in->epoch, out->epoch)) return err_because(ERR_EPOCH, "this journal is another one than before");
  if (scope_place_pos(in->place) > store_head(store)) TRY(logstore_catch_up(store));
  size_t max = in->max_bytes > 0 && in->max_bytes < PULL_BYTES_MAX ? (size_t)in->max_bytes : PULL_BYTES_MAX;
  out->part = ARENA_NEW(arena, ScopePart);
  TRY(scope_part(store, arena, &SCOPE_LOBBY_RULES, of, in->place, max, out->part, &served));
  out->place = out->part->place;
  if (out->part->more) out->flags |= MESSAGE_MORE;
  return note_served_up_to(store, served);
}

static Err gather(Store *store, Arena *arena, const Peer *peer, const Message *in, Message *out)
{
  if (!str_eq(in->epoch, out->epoch)) return err_because(ERR_EPOCH, "this journal is another one than before");
  if (in->cursor < 0) return err_because(ERR_INVALID, "a cursor below zero");
  if (in->cursor > store_head(store)) return err_because(ERR_EPOCH, "this journal is shorter than before");
  size_t max = in->max_bytes > 0 && in->max_bytes < PULL_BYTES_MAX ? (size_t)in->max_bytes : PULL_BYTES_MAX;
  NodeId skip = in->has_known ? 0 : peer->node;
  TRY(journal_batch(store, arena, in->cursor, skip, PULL_ENTRIES_MAX, max, &out->batch));
  out->cursor = out->batch.next_pos;
  if (in->has_known) {
    qsort(in->known, in->known_count, sizeof *in->known, by_node);
    drop_known(in, &out->batch);
  }
  if (out->cursor < store_head(store))
    out->flags |= MESSAGE_MORE;
  else if (in->has_known)
    TRY(tell_heads(store, arena, out));
  return note_served(store, &out->batch);
}

void pull_answer(Store *store, Arena *arena, const Peer *peer, const Message *in, bool last, Message *out,
                 int64_t *park_head, int *park_ms)
{
  Err err = begin(store, arena, MESSAGE_PULL_ANSWER, in, out);
  *park_ms = 0;
  *park_head = store_head(store);
  bool scoped = false;
  ScopeOf of;
  if (err == ERR_OK)
    err = in->kind == MESSAGE_PULL ? scope_of(store, peer->node, &scoped, &of) : err_because(ERR_INVALID, "not a pull");
  if (err == ERR_OK) err = scoped ? gather_scope(store, arena, in, &of, out) : gather(store, arena, peer, in, out);
  if (err != ERR_OK) {
    refuse(store, arena, err, out);
    return;
  }
  bool nothing = out->batch.count == 0 && (!out->part || (out->part->count == 0 && !out->part->own)) &&
                 !(out->flags & MESSAGE_MORE) && !in->has_known;
  if (nothing && !last && in->wait_ms > 0)
    *park_ms = in->wait_ms < PULL_WAIT_MAX_MS ? (int)in->wait_ms : PULL_WAIT_MAX_MS;
}
