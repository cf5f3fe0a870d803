#include "sync/agent/agent.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "sync/agent/state.h"
#include "sync/settings.h"
#include "sync/tls/tls.h"

enum {
  RETRY_FIRST_MS = 200,
  RETRY_MAX_MS = 30000,
  RETRY_PERSON_MS = 5 * 60000, /* when somebody has to do something first */
  RETRY_CHANGE_MS = 2000,      /* a local change while offline: no sooner than this after the last try */
  CLOCK_TOLERANCE_MS = 1000,
  EXCHANGE_WRITE_MS = 60000, /* the status says when the last exchange was, to about this */
  BUSY_TOLD_MS = 2000,
  LOOK_MS = 10000,
  LANE_ARENA_MAX = 256 << 20,
};

/* In order of urgency. */
static const Step *const STEPS[] = {&step_snapshot_ask, &step_snapshot_piece, &step_recover_pull, &step_push,
                                    &step_parcel_put,   &step_parcel_send,    &step_parcel_get,   &step_pull,
                                    &step_scope,        &step_blobs_wanted,   &step_blob_put,     &step_blob_get,
                                    &step_certificate};

/* -------------------------------------------------------------------------------------------------------- open, close */

static Err load_trust(Agent *agent)
{
  Store *store = agent->store;
  Arena *arena = &agent->arena;
  agent->url = arena_cstr(arena, local_get(store, arena, SETTING_URL));
  agent->upstream = (NodeId)local_get_int(store, SETTING_UPSTREAM, 0);
  agent->lobby = str_eq_c(local_get(store, arena, SETTING_KIND), "lobby");
  agent->scoped = store_is_scoped(store);
  if (!*agent->url || !agent->upstream) return err_because(ERR_NOT_FOUND, "this node has no upstream");
  Str token;
  TlsIdentity identity;
  TRY(unseal(arena, store_seal_key(store), local_get(store, arena, SETTING_TOKEN), &token));
  agent->token = arena_cstr(arena, token);
  TRY(tls_load(store, arena, &identity));
  agent->ca_path = tls_ca_path(store, arena);
  char name[TLS_NAME_MAX];
  tls_node_name(agent->upstream, name);
  snprintf(agent->name, sizeof agent->name, "%s", name);
  return ERR_OK;
}

static Mode mode_of(Str text)
{
  if (str_eq_c(text, "snapshot")) return MODE_SNAPSHOT;
  return str_eq_c(text, "recover") ? MODE_RECOVER_PULL : MODE_ORDINARY;
}

static void copy_text(char *out, size_t size, Str text)
{
  snprintf(out, size, STR_FMT, STR_ARG(text));
}

static Err load_position(Agent *agent)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Store *store = agent->store;
  agent->mode = mode_of(local_get(store, &arena, SETTING_MODE));
  copy_text(agent->epoch, sizeof agent->epoch, local_get(store, &arena, SETTING_EPOCH));
  agent->pull_pos = local_get_int(store, SETTING_PULL_POS, 0);
  agent->push_pos = agent->kept_push_pos = local_get_int(store, SETTING_PUSH_POS, 0);
  if (agent->mode == MODE_SNAPSHOT) TRY(snapshot_resume(agent));
  Str own = local_get(store, &arena, LOCAL_EPOCH);
  if (agent->mode == MODE_SNAPSHOT || str_eq(own, local_get(store, &arena, SETTING_RECOVERED_EPOCH))) return ERR_OK;
  log_event(LOG_WARN, "agent.restored", NULL);
  return exchange_recover(agent, str_c(agent->epoch));
}

static Err open_agent(Agent *agent)
{
  TRY(load_trust(agent));
  TRY(load_position(agent));
  TRY(status_read(agent->store, &agent->arena, &agent->status));
  agent->status.upstream_url = agent->url;
  agent->status.upstream = agent->upstream;
  agent->status.total_bytes = agent->status.done_bytes = 0;
  agent_set_state(agent, agent->mode == MODE_SNAPSHOT ? SYNC_SNAPSHOT : SYNC_CONNECTING, ERR_OK);
  return ERR_OK;
}

Err agent_open(Store *store, Agent **out)
{
  Agent *agent = calloc(1, sizeof *agent);
  if (!agent) return err_because(ERR_NO_SPACE, "memory for the agent");
  agent->store = store;
  agent->env = store_env(store);
  agent->arena = arena_make_wiping(0);
  for (int i = 0; i < AGENT_LANES; i++) agent->lanes[i].arena = arena_make(LANE_ARENA_MAX);
  agent->up = (BlobQueue){.arena = arena_make(0), .stale = true};
  agent->down = (BlobQueue){.arena = arena_make(0), .stale = true};
  agent->gap_pos = -1;
  parcel_fini(&agent->parcel_up);
  parcel_fini(&agent->parcel_down);
  agent_worked(agent);
  Err err = open_agent(agent);
  if (err != ERR_OK)
    agent_close(agent);
  else
    *out = agent;
  return err;
}

void agent_close(Agent *agent)
{
  if (!agent) return;
  arena_fini(&agent->arena);
  parcel_fini(&agent->parcel_up);
  parcel_fini(&agent->parcel_down);
  arena_fini(&agent->up.arena);
  arena_fini(&agent->down.arena);
  for (int i = 0; i < AGENT_LANES; i++) arena_fini(&agent->lanes[i].arena);
  free(agent);
}

Err agent_trust(Agent *agent, HttpClientOptions *out)
{
  *out = (HttpClientOptions){.url = agent->url, .name = agent->name, .ca_path = agent->ca_path};
  return ERR_OK;
}

/* ------------------------------------------------------------------------------------------------------------- status */

static void write_status(Agent *agent)
{
  SyncStatus *s = &agent->status;
  agent->counted_head = store_head(agent->store);
  s->clock_offset_ms = local_get_int(agent->store, LOCAL_CLOCK_OFFSET, 0);
  Err err = status_waiting(agent->store, agent->upstream, &s->waiting_entries);
  if (err == ERR_OK) err = scope_aside_count(agent->store, &s->set_aside);
  if (err == ERR_OK) err = status_write(agent->store, s);
  if (err != ERR_OK) log_err("agent.status", err); /* a full disk must not stop what would empty it */
}

void agent_set_state(Agent *agent, SyncState state, Err err)
{
  SyncStatus *s = &agent->status;
  copy_text(agent->detail, sizeof agent->detail, err == ERR_OK ? STR("") : str_c(err_detail()));
  s->detail = agent->detail;
  s->next_try_at = 0;
  if (err != ERR_OK && !agent->ended)
    s->next_try_at = env_now(agent->env) + (agent->try_ms - env_monotonic_ms(agent->env));
  if (s->state != state || s->since == 0) {
    s->since = env_now(agent->env);
    log_event(LOG_INFO, "agent.state", "state=%s error=%s", sync_state_text(state), err_name(err));
  }
  s->state = state;
  s->err = err;
  write_status(agent);
}

static SyncState working_state(Agent *agent)
{
  if (agent->mode == MODE_SNAPSHOT) return SYNC_SNAPSHOT;
  if (agent->mode != MODE_ORDINARY) return SYNC_RECOVERING;
  int64_t now = env_monotonic_ms(agent->env);
  if (agent_current(agent)) {
    agent->busy_ms = 0;
    return SYNC_CURRENT;
  }
  if (!agent->busy_ms) agent->busy_ms = now;
  /* What is over in a moment is not worth a write. */
  return agent->status.state == SYNC_CURRENT && now - agent->busy_ms < BUSY_TOLD_MS ? SYNC_CURRENT : SYNC_BUSY;
}

static void set_working_state(Agent *agent)
{
  SyncState state = working_state(agent);
  Instant now = env_now(agent->env), *written = &agent->exchange_written_at;
  bool write = agent->status.state != state || agent->status.err != ERR_OK || state == SYNC_SNAPSHOT;
  if (!write && now - *written < EXCHANGE_WRITE_MS && now >= *written) return;
  agent->status.last_exchange_at = *written = now;
  agent_set_state(agent, state, ERR_OK);
}

void agent_end(Agent *agent, SyncState state, Err err)
{
  agent->ended = true;
  agent_set_state(agent, state, err);
  log_err("agent.ended", err);
  if (state != SYNC_REVOKED || !agent->lobby) return;
  wipe_replica(store_folder(agent->store));
  agent->wiped = true;
}

/* ----------------------------------------------------------------------------------------------------- trying again */

static int64_t retry_ms(Agent *agent, bool person)
{
  int64_t most = person ? RETRY_PERSON_MS : RETRY_MAX_MS, ms = RETRY_FIRST_MS;
  for (int i = 1; i < agent->failures && ms < most; i++) ms *= 2;
  if (ms > most || person) ms = most;
  uint16_t random;
  env_random(agent->env, &random, sizeof random);
  return ms / 2 + ms * random / UINT16_MAX; /* 0.5 to 1.5 of it, so that a hundred devices do not come back as one */
}

static void on_failure(Agent *agent, const char *step, Err err)
{
  bool line = err == ERR_NETWORK;
  bool person = !err_retry(err);
  agent->failures++;
  agent->try_ms = env_monotonic_ms(agent->env) + retry_ms(agent, person);
  agent->failed_head = store_head(agent->store);
  log_event(agent->failures == 1 ? LOG_WARN : LOG_DEBUG, "agent.failed", "step=%s error=%s detail=%s", step,
            err_name(err), err_detail());
  if (line) {
    agent->connected = false;
    agent->fresh = true;
    agent->push_bytes = agent->push_bytes > 4096 ? agent->push_bytes / 4 : 1024;
    agent->piece_bytes = agent->piece_bytes > 8192 ? agent->piece_bytes / 4 : 2048;
  }
  agent_set_state(agent, person ? SYNC_STOPPED : SYNC_OFFLINE, err);
}

/* grown: careful after a fall: on a line that breaks after so many bytes, each step too far costs a connection. */
static int64_t grown(int64_t bytes, int64_t most)
{
  if (bytes == 0 || bytes >= most) return most;
  bytes += bytes / 4;
  return bytes < most ? bytes : most;
}

void agent_worked(Agent *agent)
{
  enum { PUSH_BYTES = 1 << 20, PIECE_BYTES = 512 << 10 };
  agent->push_bytes = (size_t)grown((int64_t)agent->push_bytes, PUSH_BYTES);
  agent->piece_bytes = grown(agent->piece_bytes, PIECE_BYTES);
}

/* may_try: the time has come, or something was written here and the last try is a moment ago. */
static bool may_try(Agent *agent)
{
  if (agent->ended) return false;
  int64_t now = env_monotonic_ms(agent->env);
  if (now >= agent->try_ms) return true;
  return agent->status.err == ERR_NETWORK && store_head(agent->store) > agent->failed_head &&
         now >= agent->tried_ms + RETRY_CHANGE_MS;
}

int agent_wait_ms(Agent *agent)
{
  int64_t now = env_monotonic_ms(agent->env), until = now + LOOK_MS;
  if (agent->ended) return LOOK_MS;
  if (agent->try_ms > now && agent->try_ms < until) until = agent->try_ms;
  if (agent->scoped && agent->scope_ms < until) until = agent->scope_ms;
  if (agent->try_ms > now && store_head(agent->store) > agent->failed_head && agent->tried_ms + RETRY_CHANGE_MS < until)
    until = agent->tried_ms + RETRY_CHANGE_MS;
  return until > now ? (int)(until - now) : 0;
}

void agent_network(Agent *agent)
{
  if (agent->ended || agent->status.err != ERR_NETWORK) return;
  agent->failures = 0;
  agent->try_ms = env_monotonic_ms(agent->env);
}

bool agent_wants_fresh(Agent *agent)
{
  bool fresh = agent->fresh;
  agent->fresh = false;
  return fresh;
}

void agent_dropped(Agent *agent)
{
  for (int i = 0; i < AGENT_LANES; i++) {
    if (agent->lanes[i].step == &step_blobs_wanted) agent->up.stale = true; /* it has to be asked again */
    agent->lanes[i].step = NULL;
  }
}

/* -------------------------------------------------------------------------------------------------------------- lanes */

void agent_call(Agent *agent, HttpCall *call, const char *method, const char *path)
{
  *call = (HttpCall){.method = method, .path = path, .token = agent->token};
}

bool agent_next(Agent *agent, int lane, HttpCall *call)
{
  AgentLane *l = &agent->lanes[lane];
  assert(!l->step);
  if (lane == AGENT_WORK) scope_tick(agent);
  if (!may_try(agent)) {
    /* What waits grows: a kiosk reads the status alone. */
    if (lane == AGENT_WORK && !agent->ended && store_head(agent->store) != agent->counted_head) write_status(agent);
    return false;
  }
  /* Until the line is known to work, one request feels the way. */
  if (!agent->connected && agent->lanes[!lane].step) return false;
  for (size_t i = 0; i < COUNT_OF(STEPS); i++) {
    const Step *step = STEPS[i];
    if (step->lane != lane || !step->wanted(agent)) continue;
    arena_reset(&l->arena);
    err_clear();
    Err err = step->ask(agent, &l->arena, call);
    if (err == ERR_NOT_FOUND) continue;
    if (err != ERR_OK) {
      on_failure(agent, step->name, err);
      return false;
    }
    l->step = step;
    agent->tried_ms = env_monotonic_ms(agent->env);
    return true;
  }
  if (agent->connected && lane == AGENT_WORK) set_working_state(agent);
  return false;
}

static void on_success(Agent *agent)
{
  agent->connected = true;
  agent->failures = 0;
  agent->try_ms = 0;
  if (!agent->ended) set_working_state(agent);
}

void agent_answer(Agent *agent, int lane, const HttpAnswer *answer)
{
  AgentLane *l = &agent->lanes[lane];
  const Step *step = l->step;
  assert(step);
  l->step = NULL;
  if (agent->ended) return;
  if (answer->err != ERR_OK) (void)!err_because(answer->err, "%s", err_detail());
  Err err = step->take(agent, &l->arena, answer);
  if (agent->ended) return;
  if (err == ERR_OK)
    on_success(agent);
  else if (err == ERR_REVOKED)
    agent_end(agent, SYNC_REVOKED, err);
  else if (err == ERR_FORK)
    agent_end(agent, SYNC_FORKED, err);
  else
    on_failure(agent, step->name, err);
}

bool agent_ended(const Agent *agent)
{
  return agent->ended;
}
bool agent_wiped(const Agent *agent)
{
  return agent->wiped;
}
SyncState agent_state(const Agent *agent)
{
  return agent->status.state;
}
Err agent_err(const Agent *agent)
{
  return agent->status.err;
}

bool agent_current(Agent *agent)
{
  return agent->connected && agent->mode == MODE_ORDINARY && agent->pull_current && !step_push.wanted(agent) &&
         !agent->parcel_up.size && !agent->up.stale && agent->up.at == agent->up.count && !agent->down.stale &&
         agent->down.at == agent->down.count;
}

/* ------------------------------------------------------------------------------------------------------------ answers */

Err agent_refusal(const HttpAnswer *answer)
{
  AUTO(json_t *, value, json_release) = NULL;
  if (answer->err != ERR_OK) return answer->err;
  if (answer->status >= 200 && answer->status < 300) return ERR_OK;
  bool ours = json_parse(answer->body, &value) == ERR_OK && json_is_string(json_object_get(value, "error"));
  Str key = ours ? json_str(value, "error") : STR(""), detail = ours ? json_str(value, "detail") : STR("");
  Err err = ERR_PEER;
  if (answer->status == 401 || answer->status == 403) err = ERR_DENIED;
  if (answer->status == 403 && str_eq_c(key, err_key(ERR_REVOKED))) err = ERR_REVOKED;
  if (answer->status == 404 && ours) err = ERR_NOT_FOUND;
  if (answer->status == 429 || answer->status == 503) err = ERR_BUSY;
  return err_because(err, "upstream: " STR_FMT " (status %d)", STR_ARG(detail), answer->status);
}

Err agent_json(const HttpAnswer *answer, json_t **out)
{
  TRY(agent_refusal(answer));
  return json_parse(answer->body, out) == ERR_OK ? ERR_OK : err_because(ERR_PEER, "upstream: not JSON");
}

Err agent_clock(Agent *agent, Instant upstream_now)
{
  int64_t kept = local_get_int(agent->store, LOCAL_CLOCK_OFFSET, 0);
  int64_t offset = upstream_now - env_now(agent->env);
  if (offset > -CLOCK_TOLERANCE_MS && offset < CLOCK_TOLERANCE_MS) offset = 0;
  int64_t change = offset - kept;
  if (upstream_now <= 0 || (change > -CLOCK_TOLERANCE_MS && change < CLOCK_TOLERANCE_MS)) return ERR_OK;
  return local_set_int(agent->store, LOCAL_CLOCK_OFFSET, offset);
}
