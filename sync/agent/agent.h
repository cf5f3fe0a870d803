/* Agent: the upstream half of foyerd: keeps this node and its upstream the same (sync/PROTOCOL.md).
 *
 * A state machine that does no input or output of its own but on the store: it says what to ask next and is told the answer.
 * run.h lends it a network; a simulator lends it another. One thread.
 */
#pragma once

#include "common/store/store.h"
#include "sync/http/client.h"
#include "sync/status.h"

typedef struct Agent Agent;

/* Two requests may be under way: one that listens for news, one that works. */
enum { AGENT_LISTEN = 0, AGENT_WORK = 1, AGENT_LANES = 2 };

/* agent_open: `store` must live until agent_close, and is used by the agent alone.
 * ERR_NOT_FOUND: this node has no upstream (the root). ERR_CORRUPT: its token cannot be unsealed. */
MUST_CHECK Err agent_open(Store *store, Agent **out);
void agent_close(Agent *agent); /* NULL is fine */
/* agent_trust: whom to talk to, for http_client_new. Texts live as long as the agent. */
MUST_CHECK Err agent_trust(Agent *agent, HttpClientOptions *out);

/* agent_next: is there something to ask on this lane, which has nothing under way? The call's texts live until its answer. */
bool agent_next(Agent *agent, int lane, HttpCall *call);
/* agent_answer: what came of it. */
void agent_answer(Agent *agent, int lane, const HttpAnswer *answer);
/* agent_dropped: what is under way on every lane was given up (after agent_network or when agent_wants_fresh says so). */
void agent_dropped(Agent *agent);
/* agent_wants_fresh: true once after the connection failed: drop all lanes and kept connections. */
bool agent_wants_fresh(Agent *agent);
/* agent_wait_ms: ask agent_next again after so long at the latest; earlier when the store may have changed. */
int agent_wait_ms(Agent *agent);
/* agent_network: addresses or routes have changed: try now if we are offline. */
void agent_network(Agent *agent);

/* agent_ended: it will never ask again: this device was revoked, or is a copy. */
bool agent_ended(const Agent *agent);
/* agent_current: nothing waits in either direction, as far as is known. */
bool agent_current(Agent *agent);
SyncState agent_state(const Agent *agent);
Err agent_err(const Agent *agent);
/* agent_wiped: it was revoked and has removed the replica; the store must be closed. */
bool agent_wiped(const Agent *agent);
