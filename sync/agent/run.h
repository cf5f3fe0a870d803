/* Run: the agent with a network, on a thread of its own. */
#pragma once

#include "sync/agent/agent.h"

typedef struct AgentRun AgentRun;

/* agent_run_start: opens its own Store. ERR_NOT_FOUND: the root has no upstream. */
MUST_CHECK Err agent_run_start(const char *folder, const Env *env, AgentRun **out);
/* agent_run_stop: gives up what is under way (it is asked again another time) and ends the thread. NULL is fine. */
void agent_run_stop(AgentRun *run);
/* From any thread. agent_run_beat: grows while the thread is alive. agent_run_wiped: the replica is gone: the program must end. */
uint64_t agent_run_beat(const AgentRun *run);
bool agent_run_wiped(const AgentRun *run);

/* agent_catch_up: on the caller's thread, until nothing waits in either direction, it ends for good, or timeout_ms have
 * passed (ERR_NETWORK or whatever was in the way). */
MUST_CHECK Err agent_catch_up(Store *store, int64_t timeout_ms);
