/* A device that lies: it holds a good token, and says what it likes. Whatever it says, nothing of it may come into the practice, and
 * nobody may be harmed by it. Each kind of lie is a change to a push that the device could have made.
 */
#include <stdlib.h>
#include <zlib.h>

#include "common/store/journal.h"
#include "sync/agent/state.h"
#include "tests/sim/model.h"

typedef struct Lie {
  SimNode *node, *server;
  Rng *rng;
  Arena *arena;
  Message message;
} Lie;

/* A Liar changes the message; false: it has no use for this one. */
typedef bool Liar(Lie *lie);

static JournalEntry *some_entry(Lie *lie)
{
  JournalBatch *batch = &lie->message.batch;
  return &batch->entries[rng_below(lie->rng, batch->count)];
}

static void flip(Lie *lie, void *bytes, size_t len)
{
  ((uint8_t *)bytes)[rng_below(lie->rng, len)] ^= (uint8_t)(1U << rng_below(lie->rng, 8));
}

static bool forged_signature(Lie *lie)
{
  flip(lie, lie->message.batch.heads[0].signature, SIGNATURE_SIZE);
  return true;
}

static bool forged_hash(Lie *lie)
{
  flip(lie, lie->message.batch.heads[0].hash.bytes, HASH_SIZE);
  return true;
}

static bool altered_body(Lie *lie)
{
  JournalEntry *entry = some_entry(lie);
  Str body = arena_strdup(lie->arena, entry->body);
  flip(lie, (void *)(uintptr_t)body.ptr, body.len);
  entry->body = body;
  return true;
}

static bool altered_stamp(Lie *lie)
{
  some_entry(lie)->hlc += 1ULL << rng_below(lie->rng, 40);
  return true;
}

/* someone_elses: signed with our own key, under another's name. */
static bool someone_elses(Lie *lie)
{
  JournalBatch *batch = &lie->message.batch;
  NodeId other = lie->server->number;
  for (size_t i = 0; i < batch->count; i++) batch->entries[i].node = other;
  batch->heads[0].node = other;
  batch->head_count = 1;
  return true;
}

static bool without_heads(Lie *lie)
{
  lie->message.batch.head_count = 0;
  return false; /* the wire form has no such thing: heads name the authors */
}

static bool out_of_order(Lie *lie)
{
  JournalBatch *batch = &lie->message.batch;
  if (batch->count < 2) return false;
  size_t at = rng_below(lie->rng, batch->count - 1);
  Str body = batch->entries[at].body;
  batch->entries[at].body = batch->entries[at + 1].body;
  batch->entries[at + 1].body = body;
  return !str_eq(batch->entries[at].body, batch->entries[at + 1].body);
}

static bool skipped(Lie *lie)
{
  JournalBatch *batch = &lie->message.batch;
  for (size_t i = 0; i < batch->count; i++) batch->entries[i].seq += 1 + rng_below(lie->rng, 3);
  for (size_t i = 0; i < batch->head_count; i++)
    batch->heads[i].seq = batch->heads[i].signed_seq = batch->entries[batch->count - 1].seq;
  return batch->head_count == 1;
}

static bool other_epoch(Lie *lie)
{
  lie->message.epoch = STR("an epoch of mine");
  lie->message.flags |= MESSAGE_RECOVER;
  return true;
}

static Liar *const LIARS[] = {forged_signature, forged_hash,  altered_body, altered_stamp, someone_elses,
                              without_heads,    out_of_order, skipped,      other_epoch};

static Served tell(Lie *lie, const char *path, Str body)
{
  Asked asked = {.method = "POST", .path = path, .token = lie->node->agent->token, .body = body};
  return serve(lie->server, &asked);
}

/* must_refuse: nothing has come of it. */
static void must_refuse(Lie *lie, const char *what, const Served *served, int64_t before)
{
  Sim *sim = lie->node->sim;
  sim_trace(sim, "%d lies (%s): %d", lie->node->index, what, served->status);
  int64_t after = model_follow(lie->server);
  if (!lie->server->disk->dead && after != before)
    sim_fail(sim, "5: a lie is taken", "%s, from node %d", what, lie->node->index);
}

/* entries_of: what the device could push: its own newest entries, or, if all are there already, the same again. */
static Err entries_of(Lie *lie)
{
  SimNode *node = lie->node;
  JournalBatch *batch = &lie->message.batch;
  Head head;
  TRY(journal_sign(node->agent_store, &head));
  TRY(journal_batch(node->agent_store, lie->arena, node->agent->push_pos, lie->server->number, 40, 1 << 20, batch));
  if (batch->count > 0) return ERR_OK;
  return journal_batch(node->agent_store, lie->arena, 0, lie->server->number, 40, 1 << 20, batch);
}

static void lie_about_entries(Lie *lie)
{
  Liar *liar = LIARS[rng_below(lie->rng, COUNT_OF(LIARS))];
  Str wire;
  lie->message = (Message){.kind = MESSAGE_PUSH, .epoch = str_c(lie->node->agent->epoch)};
  if (entries_of(lie) != ERR_OK || lie->message.batch.count == 0 || lie->message.batch.head_count == 0) return;
  if (!liar(lie) || message_encode(lie->arena, &lie->message, &wire) != ERR_OK) return;
  int64_t before = model_follow(lie->server);
  Served served = tell(lie, "/sync/v1/push", wire);
  must_refuse(lie, "entries", &served, before);
}

/* bomb: 20 MiB and more of nothing, in some kilobytes. */
static void bomb(Lie *lie)
{
  size_t size = (size_t)rng_between(lie->rng, 1, 40) << 20;
  uLongf packed = compressBound(size);
  uint8_t *plain = calloc(1, size), *frame = malloc(packed + 16);
  if (!plain || !frame) abort();
  Buf head = buf_make(64);
  buf_c(&head, "Fy");
  buf_u8(&head, FRAME_VERSION);
  buf_u8(&head, MESSAGE_PUSH);
  buf_u8(&head, 1);
  buf_varint(&head, rng_chance(lie->rng, 500) ? size : 100); /* as it is, or as it pretends */
  memcpy(frame, head.data, head.len);
  compress2(frame + head.len, &packed, plain, size, 9);
  int64_t before = model_follow(lie->server);
  Served served = tell(lie, "/sync/v1/push", (Str){(const char *)frame, head.len + packed});
  must_refuse(lie, "bomb", &served, before);
  buf_fini(&head);
  free(plain);
  free(frame);
}

static void garbage(Lie *lie)
{
  static const char *const PATHS[] = {
      "/sync/v1/push",          "/sync/v1/pull",           "/sync/v1/enrol", "/sync/v1/blobs/wanted",
      "/sync/v1/snapshot/0000", "/sync/v1/push?parcel=00", "/nowhere"};
  size_t len = (size_t)rng_spread(lie->rng, 1, 4096);
  char *bytes = arena_alloc(lie->arena, len);
  rng_bytes(lie->rng, bytes, len);
  if (len > 8 && rng_chance(lie->rng, 700)) memcpy(bytes, "Fy\1\1\0", 5);
  int64_t before = model_follow(lie->server);
  Served served = tell(lie, PATHS[rng_below(lie->rng, COUNT_OF(PATHS))], (Str){bytes, len});
  must_refuse(lie, "garbage", &served, before);
}

/* stranger: a token that nobody gave out. */
static void stranger(Lie *lie)
{
  char token[80];
  snprintf(token, sizeof token, "%s", lie->node->agent->token);
  size_t at = rng_below(lie->rng, strlen(token) - 1);
  token[at] = token[at] == 'A' ? 'B' : 'A';
  Asked asked = {.method = "POST",
                 .path = "/sync/v1/pull",
                 .token = rng_chance(lie->rng, 800) ? token : NULL,
                 .body = STR("Fy\1\3\0")};
  Served served = serve(lie->server, &asked);
  sim_trace(lie->node->sim, "%d as a stranger: %d", lie->node->index, served.status);
  if (served.status != 401 && served.status != 403 && !lie->server->disk->dead)
    sim_fail(lie->node->sim, "7: data for a stranger", "status %d", served.status);
}

void malice(Sim *sim, SimNode *node, Rng *rng)
{
  if (node->up < 0 || !node->running || !node->agent || node->agent->mode != MODE_ORDINARY) return;
  SimNode *server = &sim->nodes[node->up];
  if (!server->running || !server->hub || node->forked) return;
  AUTO(Arena, arena, arena_fini) = arena_make((size_t)256 << 20);
  for (int64_t times = rng_between(rng, 1, 6); times > 0 && server->running && node->running; times--) {
    Lie lie = {.node = node, .server = server, .rng = rng, .arena = &arena};
    err_clear();
    switch (rng_below(rng, 10)) {
    case 0: bomb(&lie); break;
    case 1: garbage(&lie); break;
    case 2: stranger(&lie); break;
    default: lie_about_entries(&lie); break;
    }
    node_after(node);
    node_after(server);
  }
}
