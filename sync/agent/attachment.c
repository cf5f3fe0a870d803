/* Attachments: their bytes follow the rows that name them, in pieces that go on where they were cut. */
#include "common/base/json.h"
#include "common/base/log.h"
#include "common/store/query.h"
#include "sync/agent/state.h"
#include "sync/settings.h"

enum { DOWN_LIST_MAX = 256, AGAIN_MS = 60000 };

SQL(ATTACHMENT_OF, "SELECT size_bytes, client IS NULL AS ours FROM attachment WHERE hash = :hash");

static void queue_reset(BlobQueue *q)
{
  arena_reset(&q->arena);
  q->list = NULL;
  q->count = q->at = 0;
  q->done = 0;
  q->bytes = (Str){0};
}

static void queue_next(BlobQueue *q)
{
  q->at++;
  q->done = 0;
  q->bytes = (Str){0};
}

static void count_waiting(Agent *agent)
{
  agent->status.waiting_blobs_up = (int64_t)(agent->up.count - agent->up.at);
  agent->status.waiting_blobs_down = (int64_t)(agent->down.count - agent->down.at);
}

/* describe: how large the bytes are, and whether the practice itself owns them. ERR_NOT_FOUND when no row names them. */
static Err describe(Agent *agent, Hash hash, int64_t *size, bool *ours)
{
  AUTO(Query, q, query_fini) = query(agent->store, &ATTACHMENT_OF);
  query_bind_blob(&q, ":hash", (Str){(const char *)hash.bytes, HASH_SIZE});
  bool named = false;
  *ours = false;
  while (query_next(&q)) {
    named = true;
    *size = query_int(&q, "size_bytes");
    *ours = *ours || query_int(&q, "ours") != 0;
  }
  TRY(query_end(&q));
  return named ? ERR_OK : ERR_NOT_FOUND;
}

static const char *blob_path(Arena *arena, Hash hash, int64_t offset)
{
  char hex[HASH_HEX_LEN + 1];
  hash_hex(hash, hex);
  if (offset < 0) return arena_printf(arena, "/sync/v1/blob/%s", hex);
  return arena_printf(arena, "/sync/v1/blob/%s?offset=%lld", hex, (long long)offset);
}

/* ----------------------------------------------------------------------------------------------------------------- up */

static bool wanted_wanted(Agent *agent)
{
  if (agent->mode != MODE_ORDINARY) return false;
  int64_t news = local_get_int(agent->store, SETTING_BLOB_NEWS, 0);
  if (news != agent->blob_news) agent->up.stale = true;
  agent->blob_news = news;
  return agent->up.stale && agent->up.at == agent->up.count;
}

static Err wanted_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  (void)arena;
  agent->up.stale = false;
  agent_call(agent, call, "POST", "/sync/v1/blobs/wanted");
  return ERR_OK;
}

static Err wanted_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  BlobQueue *up = &agent->up;
  Err err = agent_refusal(answer);
  if (err != ERR_OK) up->stale = true;
  TRY(err);
  if (answer->body.len % HASH_SIZE) return err_because(ERR_PEER, "upstream: a list of hashes that is cut off");
  queue_reset(up);
  size_t count = answer->body.len / HASH_SIZE;
  up->list = ARENA_ARRAY(&up->arena, Hash, count + 1);
  for (size_t i = 0; i < count; i++) {
    Hash hash;
    memcpy(hash.bytes, answer->body.ptr + i * HASH_SIZE, HASH_SIZE);
    if (blob_has(agent->store, hash)) up->list[up->count++] = hash;
  }
  count_waiting(agent);
  /* It wants nothing that is here, and has everything that was sent: what no row needs here any more may go. */
  return agent->scoped && up->count == 0 ? scope_sweep(agent->store) : ERR_OK;
}

const Step step_blobs_wanted = {"attachments", AGENT_WORK, wanted_wanted, wanted_ask, wanted_take};

static bool put_wanted(Agent *agent)
{
  return agent->mode == MODE_ORDINARY && agent->up.at < agent->up.count;
}

static Err put_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  BlobQueue *up = &agent->up;
  Hash hash = up->list[up->at];
  if (!up->bytes.ptr && blob_get(agent->store, &up->arena, hash, &up->bytes) != ERR_OK) {
    queue_next(up); /* damaged here: `verify` says so; the rest goes on */
    return ERR_NOT_FOUND;
  }
  int64_t left = (int64_t)up->bytes.len - up->done;
  agent_call(agent, call, "PUT", blob_path(arena, hash, up->done));
  call->body = (Str){up->bytes.ptr + up->done, (size_t)(left < agent->piece_bytes ? left : agent->piece_bytes)};
  return ERR_OK;
}

static Err put_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  BlobQueue *up = &agent->up;
  AUTO(json_t *, value, json_release) = NULL;
  Err err = agent_json(answer, &value);
  if (err == ERR_NOT_FOUND) { /* its row is not there, or no longer */
    queue_next(up);
    return ERR_OK;
  }
  TRY(err);
  int64_t have = json_int(value, "have", -1);
  if (have < 0 || have > (int64_t)up->bytes.len) return err_because(ERR_PEER, "upstream: more of it than there is");
  agent_worked(agent);
  up->done = have;
  if (json_bool(value, "complete", false)) queue_next(up);
  if (up->at == up->count) {
    bool some = up->count > 0;
    queue_reset(up);
    up->stale = some; /* until it wants nothing more of us */
  }
  count_waiting(agent);
  return ERR_OK;
}

const Step step_blob_put = {"attachment", AGENT_WORK, put_wanted, put_ask, put_take};

/* --------------------------------------------------------------------------------------------------------------- down */

/* refill: what rows name and is not here. A lobby device takes the practice's own only: it has no use for clients' photos. */
static Err refill(Agent *agent)
{
  BlobQueue *down = &agent->down;
  Hash *missing;
  size_t count, kept = 0;
  queue_reset(down);
  TRY(blob_missing(agent->store, &down->arena, DOWN_LIST_MAX, &missing, &count));
  for (size_t i = 0; i < count; i++) {
    int64_t size;
    bool ours;
    if (describe(agent, missing[i], &size, &ours) == ERR_OK && (ours || !agent->lobby)) missing[kept++] = missing[i];
  }
  down->list = missing;
  down->count = kept;
  down->stale = false;
  count_waiting(agent);
  return ERR_OK;
}

static bool get_wanted(Agent *agent)
{
  BlobQueue *down = &agent->down;
  if (agent->mode != MODE_ORDINARY) return false;
  if (down->at < down->count) return true;
  return down->stale || (down->again_ms && env_monotonic_ms(agent->env) >= down->again_ms);
}

static Err get_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  BlobQueue *down = &agent->down;
  if (down->at == down->count) {
    down->again_ms = 0;
    TRY(refill(agent));
  }
  if (down->at == down->count) return ERR_NOT_FOUND;
  Hash hash = down->list[down->at];
  int64_t size;
  bool ours;
  TRY(describe(agent, hash, &size, &ours));
  down->done = (int64_t)blob_part_length(agent->store, hash);
  int64_t left = size - down->done;
  agent_call(agent, call, "GET", blob_path(arena, hash, -1));
  call->range_start = down->done;
  call->range_length = left < agent->piece_bytes ? left : agent->piece_bytes;
  return ERR_OK;
}

static Err keep_piece(Agent *agent, const HttpAnswer *answer)
{
  BlobQueue *down = &agent->down;
  Hash hash = down->list[down->at];
  int64_t size;
  bool ours, complete = false;
  TRY(describe(agent, hash, &size, &ours));
  if ((int64_t)answer->body.len > size - down->done || (answer->status == 200 && down->done > 0))
    return err_because(ERR_PEER, "upstream: a piece that does not fit");
  Err err = blob_part(agent->store, hash, (uint64_t)size, (uint64_t)down->done, answer->body, &complete);
  if (err == ERR_CORRUPT) { /* it has been dropped, and is asked for again later */
    log_err("agent.attachment", err);
    down->again_ms = env_monotonic_ms(agent->env) + AGAIN_MS;
    queue_next(down);
    return ERR_OK;
  }
  TRY(err);
  if (complete) {
    queue_next(down);
    agent->up.stale = true; /* nobody above us sent it for nothing, but it may be what we were asked for */
  }
  return ERR_OK;
}

static Err get_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  BlobQueue *down = &agent->down;
  bool bytes = answer->status == 206 || answer->status == 200;
  if ((answer->err == ERR_OK || answer->cut) && bytes) TRY(keep_piece(agent, answer));
  Err err = agent_refusal(answer);
  if (err == ERR_NOT_FOUND) { /* not there yet: its author has still to send it */
    down->again_ms = env_monotonic_ms(agent->env) + AGAIN_MS;
    queue_next(down);
    err = ERR_OK;
  }
  TRY(err);
  agent_worked(agent);
  if (down->at == down->count && down->count == DOWN_LIST_MAX) down->stale = true;
  count_waiting(agent);
  return ERR_OK;
}

const Step step_blob_get = {"attachment", AGENT_WORK, get_wanted, get_ask, get_take};
