/* Parcels: on a line that breaks all the time a frame goes up, or comes down, in pieces that are kept. */
#include "common/base/json.h"
#include "sync/agent/state.h"

enum { BAD_LINE_BYTES = 64 << 10 };

static const char *parcel_path(Arena *arena, Hash name, const char *query)
{
  char hex[HASH_HEX_LEN + 1];
  hash_hex(name, hex);
  return arena_printf(arena, "/sync/v1/parcel/%s%s", hex, query);
}

void parcel_fini(Parcel *parcel)
{
  buf_fini(&parcel->bytes);
  *parcel = (Parcel){.bytes = buf_make(FRAME_WIRE_MAX)};
}

bool parcel_begin(Agent *agent, Str wire)
{
  parcel_fini(&agent->parcel_up);
  if (agent->piece_bytes >= BAD_LINE_BYTES || (int64_t)wire.len <= agent->piece_bytes) return false;
  buf_str(&agent->parcel_up.bytes, wire);
  agent->parcel_up.name = hash_bytes(wire.ptr, wire.len);
  agent->parcel_up.size = (int64_t)wire.len;
  return agent->parcel_up.bytes.err == ERR_OK;
}

int64_t parcel_frame_max(const Agent *agent)
{
  return agent->piece_bytes < BAD_LINE_BYTES ? agent->piece_bytes : 0;
}

/* ----------------------------------------------------------------------------------------------------------------- up */

static bool put_wanted(Agent *agent)
{
  return agent->parcel_up.size > 0 && agent->parcel_up.done < agent->parcel_up.size;
}

static Err put_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  Parcel *p = &agent->parcel_up;
  int64_t left = p->size - p->done;
  agent_call(agent, call, "PUT", parcel_path(arena, p->name, arena_printf(arena, "?offset=%lld", (long long)p->done)));
  call->body = (Str){(char *)p->bytes.data + p->done, (size_t)(left < agent->piece_bytes ? left : agent->piece_bytes)};
  return ERR_OK;
}

static Err put_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  AUTO(json_t *, value, json_release) = NULL;
  Err err = agent_json(answer, &value);
  if (err == ERR_NOT_FOUND) { /* an upstream of before parcels */
    parcel_fini(&agent->parcel_up);
    agent->piece_bytes = BAD_LINE_BYTES;
    return ERR_OK;
  }
  TRY(err);
  int64_t have = json_int(value, "have", -1);
  if (have < 0 || have > agent->parcel_up.size) return err_because(ERR_PEER, "upstream: more of it than there is");
  agent->parcel_up.done = have;
  agent_worked(agent);
  return ERR_OK;
}

const Step step_parcel_put = {"parcel", AGENT_WORK, put_wanted, put_ask, put_take};

static bool send_wanted(Agent *agent)
{
  return agent->parcel_up.size > 0 && agent->parcel_up.done == agent->parcel_up.size;
}

static Err send_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  char hex[HASH_HEX_LEN + 1];
  hash_hex(agent->parcel_up.name, hex);
  agent_call(agent, call, "POST", arena_printf(arena, "/sync/v1/push?parcel=%s", hex));
  call->answer_max = FRAME_WIRE_MAX;
  return ERR_OK;
}

static Err send_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  Err err = agent_refusal(answer);
  if (err == ERR_NETWORK) return err; /* it stays: the upstream says what it has of it */
  parcel_fini(&agent->parcel_up);
  if (err == ERR_NOT_FOUND) return ERR_OK; /* it was lost, or taken and the answer lost: offer again */
  TRY(err);
  return step_push.take(agent, arena, answer);
}

const Step step_parcel_send = {"push", AGENT_WORK, send_wanted, send_ask, send_take};

/* --------------------------------------------------------------------------------------------------------------- down */

static bool get_wanted(Agent *agent)
{
  return agent->parcel_down.size > 0;
}

static Err get_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  Parcel *p = &agent->parcel_down;
  int64_t left = p->size - p->done;
  agent_call(agent, call, "GET", parcel_path(arena, p->name, ""));
  call->range_start = p->done;
  call->range_length = left < agent->piece_bytes ? left : agent->piece_bytes;
  return ERR_OK;
}

static Err get_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  Parcel *p = &agent->parcel_down;
  bool bytes = answer->status == 206 || answer->status == 200;
  if ((answer->err == ERR_OK || answer->cut) && bytes) {
    if ((int64_t)answer->body.len > p->size - p->done || (answer->status == 200 && p->done > 0))
      return err_because(ERR_PEER, "upstream: a piece that does not fit");
    buf_str(&p->bytes, answer->body);
    p->done += (int64_t)answer->body.len;
    if (p->bytes.err != ERR_OK) return p->bytes.err;
  }
  Err err = agent_refusal(answer);
  if (err == ERR_NETWORK) return err;
  if (err == ERR_OK) agent_worked(agent);
  if (err == ERR_OK && p->done < p->size) return ERR_OK;
  HttpAnswer whole = {.status = 200, .body = arena_strdup(arena, buf_view(&p->bytes))};
  bool good = err == ERR_OK && hash_eq(hash_bytes(whole.body.ptr, whole.body.len), p->name);
  parcel_fini(p);
  if (err == ERR_NOT_FOUND) return ERR_OK; /* it is gone: pull again */
  TRY(err);
  return good ? (agent->scoped ? step_scope : step_pull).take(agent, arena, &whole)
              : err_because(ERR_PEER, "upstream: a parcel that is not what it said");
}

const Step step_parcel_get = {"pull", AGENT_LISTEN, get_wanted, get_ask, get_take};
