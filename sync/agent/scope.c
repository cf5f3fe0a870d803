/* A node that may hold a part of the practice: it pulls rows, lets go of what it may no longer hold, and cleans up behind it. */
#include "common/practice/scope.h"

#include "common/base/log.h"
#include "sync/agent/state.h"
#include "sync/settings.h"

enum { TICK_MS = 5000 }; /* the file is written anew no oftener: it is in the way of what comes and goes */

static bool pull_wanted(Agent *agent)
{
  return agent->scoped && agent->mode == MODE_ORDINARY;
}

static Err pull_ask(Agent *agent, Arena *arena, HttpCall *call)
{
  Message m = {.kind = MESSAGE_PULL, .epoch = str_c(agent->epoch), .scope = SCOPE_LOBBY};
  m.place = scope_place(agent->store, arena);
  return exchange_ask_pull(agent, arena, &m, call);
}

static Err take_part(Agent *agent, Message *message)
{
  ScopeReport report;
  if (!message->part || message->batch.count > 0)
    return err_because(ERR_PEER, "upstream: it sends entries to a device that may hold rows only");
  message->part->place = message->place;
  message->part->more = (message->flags & MESSAGE_MORE) != 0;
  TRY(scope_take(agent->store, &SCOPE_LOBBY_RULES, message->part, NULL, NULL, &report));
  if (report.changed) agent->down.stale = true;
  log_event(LOG_DEBUG, "agent.scope", "rows=%zu changed=%zu evicted=%zu", message->part->count, report.changed,
            report.evicted);
  return ERR_OK;
}

static Err pull_take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  Message message;
  if (agent->asked_recoveries != agent->recoveries) return agent_refusal(answer); /* it was about another journal */
  bool here;
  TRY(exchange_take_pull(agent, arena, answer, &message, &here));
  if (!here) return ERR_OK;
  TRY(take_part(agent, &message));
  agent->pull_current = !(message.flags & MESSAGE_MORE);
  return ERR_OK;
}

const Step step_scope = {"pull", AGENT_LISTEN, pull_wanted, pull_ask, pull_take};

/* age: days pass without the upstream too. */
static Err age(Agent *agent)
{
  char from[DATE_TEXT_LEN + 1];
  size_t evicted;
  Err err = scope_first_day(agent->store, from);
  if (err == ERR_NOT_FOUND) return ERR_OK; /* it has nothing yet */
  TRY(err);
  TRY(scope_age(agent->store, &SCOPE_LOBBY_RULES, from, &evicted));
  if (evicted) log_event(LOG_INFO, "agent.aged", "rows=%zu", evicted);
  return ERR_OK;
}

void scope_tick(Agent *agent)
{
  int64_t now = env_monotonic_ms(agent->env);
  bool done;
  if (!agent->scoped || now < agent->scope_ms) return;
  agent->scope_ms = now + TICK_MS;
  Err err = age(agent);
  if (err == ERR_OK) err = scope_wipe(agent->store, &done);
  if (err != ERR_OK) log_err("agent.scope", err); /* tried again in a moment */
}
