/* Push, pull, and finding together again after one side lost something. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/store/merge.h"
#include "sync/agent/state.h"
#include "sync/restored.h"
#include "sync/settings.h"

enum {
  WAIT_MS = 50000,    /* a pull's long poll */
  SILENCE_MS = 20000, /* beyond it */
  PUSH_ENTRIES = 1 << 13,
  PUSH_POS_LAG = 1000, /* entries that are passed over are looked at again after a restart */
  SCAN_BYTES = 1 << 20,
  ATTACHMENT_LOOK = 64,
};

static const char FRAME_TYPE[] = "application/x-foyer-frame";

static Err ask_frame(Agent *agent, Arena *arena, const char *path, const Message *message, HttpCall *call)
{
  Str wire;
  TRY(message_encode(arena, message, &wire));
  agent_call(agent, call, "POST", path);
  call->content_type = FRAME_TYPE;
  call->body = wire;
  call->answer_max = FRAME_WIRE_MAX;
  return ERR_OK;
}

static Err take_frame(Agent *agent, Arena *arena, const HttpAnswer *answer, MessageKind kind, Message *out)
{
  TRY(agent_refusal(answer));
  Err err = message_decode(arena, answer->body, out);
  if (err != ERR_OK || out->kind != kind) return err_because(ERR_PEER, "upstream: %s", err_detail());
  return agent_clock(agent, out->time);
}

/* told: an error that the upstream reports, with its words. */
static Err told(const Message *answer)
{
  return err_because(answer->err, "upstream: " STR_FMT, STR_ARG(answer->detail));
}

/* --------------------------------------------------------------------------------------------------------- cursors */

static Err keep_push_pos(Agent *agent, int64_t pos)
{
  agent->push_pos = pos;
  if (pos == agent->kept_push_pos) return ERR_OK;
  TRY(local_set_int(agent->store, SETTING_PUSH_POS, pos));
  agent->kept_push_pos = pos;
  return ERR_OK;
}

static int by_node(const void *a, const void *b)
{
  NodeId x = ((const Known *)a)->node, y = ((const Known *)b)->node;
  return x < y ? -1 : x > y;
}

/* first_unknown: *pos: where the first of our entries stands that `known` does not cover, less one. */
static Err first_unknown(Agent *agent, Known *known, size_t count, int64_t *pos)
{
  qsort(known, count, sizeof *known, by_node);
  for (int64_t at = 0;;) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    JournalEntry *entries;
    size_t n;
    TRY(journal_read(agent->store, &arena, at, PUSH_ENTRIES, SCAN_BYTES, &entries, &n));
    for (size_t i = 0; i < n; i++) {
      Known key = {.node = entries[i].node};
      const Known *theirs = count ? bsearch(&key, known, count, sizeof key, by_node) : NULL;
      if (!theirs || entries[i].seq > theirs->seq) {
        *pos = entries[i].pos - 1;
        return ERR_OK;
      }
      at = entries[i].pos;
    }
    if (n == 0) {
      *pos = at;
      return ERR_OK;
    }
  }
}

static Err set_mode(Agent *agent, Mode mode)
{
  static const char *const NAMES[] = {"", "snapshot", "recover", "recover"};
  TRY(local_set(agent->store, SETTING_MODE, str_c(NAMES[mode])));
  agent->mode = mode;
  return ERR_OK;
}

/* A scoped node has nothing of others to compare: it is told everything anew and offers what it has kept of its own. */
static Err recovery_mode(Agent *agent)
{
  if (!agent->scoped) return set_mode(agent, MODE_RECOVER_PULL);
  TRY(scope_begin_anew(agent->store));
  return set_mode(agent, MODE_ORDINARY);
}

Err exchange_recover(Agent *agent, Str epoch)
{
  char copy[EPOCH_MAX + 1];
  snprintf(copy, sizeof copy, STR_FMT, STR_ARG(epoch)); /* may be agent->epoch itself */
  /* In this order, as the power may fail in between: who says the new epoch has agreed to it, so that comes last. */
  TRY(local_set_int(agent->store, SETTING_PULL_POS, 0));
  TRY(local_set_int(agent->store, SETTING_PUSH_POS, 0));
  agent->pull_pos = agent->push_pos = agent->kept_push_pos = 0;
  agent->pull_current = false;
  agent->up.stale = true;
  agent->recoveries++;
  parcel_fini(&agent->parcel_up);
  parcel_fini(&agent->parcel_down);
  TRY(recovery_mode(agent));
  TRY(local_set(agent->store, SETTING_EPOCH, str_c(copy)));
  memcpy(agent->epoch, copy, sizeof copy);
  return ERR_OK;
}

/* --------------------------------------------------------------------------------------------------------------- pull */

typedef struct Cursor {
  int64_t pos;
} Cursor;

static Err keep_cursor(Store *store, void *context)
{
  const Cursor *cursor = context;
  return local_set_int(store, SETTING_PULL_POS, cursor->pos);
}

static Err apply(Agent *agent, Message *answer)
{
  Cursor cursor = {answer->cursor};
  JournalBatch *batch = &answer->batch;
  MergeReport report = {0};
  for (size_t i = 0; i < batch->count; i++) batch->entries[i].via = agent->upstream;
  if (batch->count == 0) {
    if (cursor.pos != agent->pull_pos) TRY(keep_cursor(agent->store, &cursor));
  } else {
    TRY(merge_apply_as_is(agent->store, batch->entries, batch->count, batch->heads, batch->head_count, keep_cursor,
                          &cursor, &report));
    agent->down.stale = true;
    log_event(LOG_DEBUG, "agent.pulled", "entries=%zu applied=%zu overwrites=%zu", batch->count, report.applied,
              report.overwrites);
  }
  agent->pull_pos = cursor.pos;
  return ERR_OK;
}

Err exchange_take_pull(Agent *agent, Arena *arena, const HttpAnswer *answer, Message *message, bool *here)
{
  *here = false;
  TRY(take_frame(agent, arena, answer, MESSAGE_PULL_ANSWER, message));
  if (message->err == ERR_EPOCH) {
    log_event(LOG_WARN, "agent.epoch", "detail=%s", "the upstream's journal is another one than before");
    return exchange_recover(agent, message->epoch);
  }
  if (message->err != ERR_OK) return told(message);
  if (message->parcel_size > 0) {
    parcel_fini(&agent->parcel_down);
    agent->parcel_down.name = message->parcel;
    agent->parcel_down.size = message->parcel_size;
    message->flags |= MESSAGE_MORE; /* what it says is still to come */
    return ERR_OK;
  }
  *here = true;
  return ERR_OK;
}

/* take_pull: common to both pulls of entries. */
static Err take_pull(Agent *agent, Arena *arena, const HttpAnswer *answer, Message *message)
{
  bool here;
  TRY(exchange_take_pull(agent, arena, answer, message, &here));
  if (!here) return ERR_OK;
  if (message->cursor < agent->pull_pos) return err_because(ERR_PEER, "upstream: the cursor went back");
  return apply(agent, message);
}

static bool pull_wanted(Agent *agent)
{
  return agent->mode == MODE_ORDINARY && !agent->scoped;
}

Err exchange_ask_pull(Agent *agent, Arena *arena, Message *m, HttpCall *call)
{
  m->wait_ms = agent->connected && agent->pull_current ? WAIT_MS : 0;
  m->frame_max = parcel_frame_max(agent);
  m->max_bytes = (int64_t)agent->push_bytes; /* as bad as the line is upwards */
  agent->asked_recoveries = agent->recoveries;
  TRY(ask_frame(agent, arena, "/sync/v1/pull", m, call));
  call->silence_ms = WAIT_MS + SILENCE_MS;
  return ERR_OK;
}

static Err pull_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  Message m = {.kind = MESSAGE_PULL, .epoch = str_c(agent->epoch), .cursor = agent->pull_pos, .scope = SCOPE_PRACTICE};
  return exchange_ask_pull(agent, arena, &m, call);
}

static Err pull_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  Message message;
  if (agent->asked_recoveries != agent->recoveries) return agent_refusal(answer); /* it was about another journal */
  Err err = take_pull(agent, arena, answer, &message);
  /* We lack something that the upstream believes we have: compare all. */
  if (err == ERR_GAP && answer->err == ERR_OK) return exchange_recover(agent, str_c(agent->epoch));
  TRY(err);
  if (message.err == ERR_OK) agent->pull_current = !(message.flags & MESSAGE_MORE);
  return ERR_OK;
}

const Step step_pull = {"pull", AGENT_LISTEN, pull_wanted, pull_ask, pull_take};

static bool recover_pull_wanted(Agent *agent)
{
  return agent->mode == MODE_RECOVER_PULL;
}

static Err recover_pull_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  Head *heads;
  size_t count;
  TRY(journal_heads(agent->store, arena, &heads, &count));
  Message m = {.kind = MESSAGE_PULL, .epoch = str_c(agent->epoch), .cursor = agent->pull_pos, .has_known = true};
  m.known = ARENA_ARRAY(arena, Known, count + 1);
  m.known_count = count;
  for (size_t i = 0; i < count; i++) m.known[i] = (Known){heads[i].node, heads[i].seq};
  return ask_frame(agent, arena, "/sync/v1/pull", &m, call);
}

static Err recover_pull_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  Message message;
  TRY(take_pull(agent, arena, answer, &message));
  if (message.err != ERR_OK || (message.flags & MESSAGE_MORE)) return ERR_OK;
  if (!message.has_known) return err_because(ERR_PEER, "upstream: it does not say what it has");
  TRY(first_unknown(agent, message.known, message.known_count, &agent->push_pos));
  /* If it was we who were restored: what we had written and lost is here again. */
  TRY(local_set(agent->store, SETTING_RECOVERED_EPOCH, local_get(agent->store, arena, LOCAL_EPOCH)));
  TRY(restored_settle(agent->store));
  return set_mode(agent, MODE_RECOVER_PUSH);
}

const Step step_recover_pull = {"recover", AGENT_WORK, recover_pull_wanted, recover_pull_ask, recover_pull_take};

/* --------------------------------------------------------------------------------------------------------------- push */

static bool push_wanted(Agent *agent)
{
  if (agent->parcel_up.size > 0) return false; /* that is a push under way */
  if (agent->mode == MODE_RECOVER_PUSH) return true;
  return agent->mode == MODE_ORDINARY && store_head(agent->store) > agent->push_pos;
}

/* Nothing more to offer: what was recovered is complete. */
static Err push_done(Agent *agent)
{
  if (agent->mode == MODE_RECOVER_PUSH) {
    TRY(keep_push_pos(agent, agent->push_pos));
    TRY(set_mode(agent, MODE_ORDINARY));
    log_event(LOG_INFO, "agent.recovered", NULL);
  }
  return ERR_NOT_FOUND;
}

/* has_attachments: a look at what was pushed; a long batch is taken to have some. */
static bool has_attachments(Arena *arena, const JournalBatch *batch)
{
  if (batch->count > ATTACHMENT_LOOK) return true;
  for (size_t i = 0; i < batch->count; i++) {
    JournalTx tx;
    if (journal_decode(arena, &batch->entries[i], &tx) != ERR_OK) continue;
    for (size_t c = 0; c < tx.change_count; c++)
      if (tx.changes[c].table_name && strcmp(tx.changes[c].table_name, "attachment") == 0) return true;
  }
  return false;
}

static Err push_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  bool recover = agent->mode == MODE_RECOVER_PUSH;
  int64_t head = store_head(agent->store);
  NodeId skip = recover ? 0 : agent->upstream;
  JournalBatch batch;
  TRY(journal_batch(agent->store, arena, agent->push_pos, skip, PUSH_ENTRIES, agent->push_bytes, &batch));
  if (batch.count == 0) {
    agent->push_pos =
        agent->scoped && batch.next_pos < head ? head : batch.next_pos; /* its head may lie behind its journal */
    if (agent->push_pos - agent->kept_push_pos > PUSH_POS_LAG) TRY(keep_push_pos(agent, agent->push_pos));
    return push_done(agent);
  }
  agent->pushing_pos = batch.next_pos;
  agent->pushing_count = batch.count;
  agent->pushing_attachments = has_attachments(arena, &batch);
  Message m = {.kind = MESSAGE_PUSH,
               .flags = (recover ? MESSAGE_RECOVER : 0) | (agent->as_is ? MESSAGE_AS_IS : 0),
               .epoch = str_c(agent->epoch),
               .batch = batch};
  TRY(ask_frame(agent, arena, "/sync/v1/push", &m, call));
  return parcel_begin(agent, call->body) ? ERR_NOT_FOUND : ERR_OK; /* then it is the parcel's turn */
}

/* go_back: the upstream lacks something before what we offered. */
static Err go_back(Agent *agent, Message *answer)
{
  int64_t pos;
  if (!answer->has_known) return told(answer);
  TRY(first_unknown(agent, answer->known, answer->known_count, &pos));
  /* A second time at the same place: it lacks what we do not have ourselves, or what came from it. Compare all. */
  if (pos == agent->gap_pos || pos >= agent->push_pos) {
    if (agent->mode != MODE_ORDINARY) return told(answer);
    return exchange_recover(agent, answer->epoch);
  }
  agent->gap_pos = pos;
  log_event(LOG_WARN, "agent.gap", "from=%lld to=%lld", (long long)agent->push_pos, (long long)pos);
  return keep_push_pos(agent, pos);
}

/* take_back_stamps: our clock was ahead. What others have seen keeps its stamp, and is sent as it is. */
static Err take_back_stamps(Agent *agent, const Message *answer)
{
  int64_t served = local_get_int(agent->store, SETTING_SERVED_POS, 0);
  int64_t after = served > agent->push_pos ? served : agent->push_pos;
  size_t restamped = 0;
  if (agent->as_is) return told(answer);
  Err err = after > agent->push_pos ? ERR_CONFLICT : merge_restamp(agent->store, after, answer->time, &restamped);
  agent->as_is = err == ERR_CONFLICT || err == ERR_CLOCK || (err == ERR_OK && restamped == 0);
  log_event(LOG_WARN, "agent.restamped", "entries=%zu as_is=%d", restamped, agent->as_is);
  return agent->as_is ? ERR_OK : err;
}

/* set_aside: the upstream will never take this entry: it goes out of the way of the others. */
static Err set_aside(Agent *agent, const Message *answer)
{
  char detail[DETAIL_MAX + 1];
  if (!agent->scoped) return told(answer);
  TRY(scope_set_aside(agent->store, answer->refused, answer->detail));
  snprintf(detail, sizeof detail, STR_FMT, STR_ARG(answer->detail));
  log_event(LOG_ERROR, "agent.set_aside", "entry=%llu detail=%s", (unsigned long long)answer->refused, detail);
  return ERR_OK;
}

static Err push_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  Message message;
  TRY(take_frame(agent, arena, answer, MESSAGE_PUSH_ANSWER, &message));
  if (message.err == ERR_EPOCH) return exchange_recover(agent, message.epoch);
  if (message.err == ERR_GAP) return go_back(agent, &message);
  if (message.err != ERR_OK && message.refused) return set_aside(agent, &message);
  if (message.err == ERR_CLOCK) return take_back_stamps(agent, &message);
  if (message.err != ERR_OK) return told(&message);
  agent_worked(agent);
  agent->as_is = false;
  agent->gap_pos = -1;
  if (agent->pushing_attachments) agent->up.stale = true;
  log_event(LOG_DEBUG, "agent.pushed", "entries=%zu", agent->pushing_count);
  return keep_push_pos(agent, agent->pushing_pos);
}

const Step step_push = {"push", AGENT_WORK, push_wanted, push_ask, push_take};
