/* The certificate that an office shows to browsers: renewed by the root before it ends. */
#include "common/base/json.h"
#include "common/base/log.h"
#include "sync/agent/state.h"
#include "sync/settings.h"
#include "sync/tls/tls.h"

enum { LOOK_EVERY_MS = 6 * 3600 * 1000 };

static bool wanted(Agent *agent)
{
  return agent->mode == MODE_ORDINARY && !agent->lobby && env_monotonic_ms(agent->env) >= agent->certificate_ms;
}

static Err ask(Agent *agent, Arena *arena, HttpCall *call)
{
  TlsIdentity identity;
  Str request;
  agent->certificate_ms = env_monotonic_ms(agent->env) + LOOK_EVERY_MS;
  if (tls_load(agent->store, arena, &identity) != ERR_OK || identity.node_pem.len == 0) return ERR_NOT_FOUND;
  Instant now = store_now(agent->store);
  if (!tls_due(&identity, now)) return ERR_NOT_FOUND;
  TRY(tls_request(agent->store, arena, &request));
  AUTO(json_t *, asked, json_release) = json_object();
  json_object_set_new(asked, "request", json_from_str(request));
  json_object_set_new(asked, "names", json_from_str(local_get(agent->store, arena, SETTING_NAMES)));
  agent_call(agent, call, "POST", "/sync/v1/certificate");
  call->content_type = "application/json";
  call->body = json_canonical(arena, asked);
  return ERR_OK;
}

static Err take(Agent *agent, Arena *arena, const HttpAnswer *answer)
{
  (void)arena;
  AUTO(json_t *, value, json_release) = NULL;
  Err err = agent_json(answer, &value);
  if (err == ERR_OK)
    err = tls_install(agent->store, json_str(value, "ca"), json_str(value, "node_pem"), json_str(value, "browser_pem"));
  if (err == ERR_NETWORK || err == ERR_REVOKED) return err;
  if (err != ERR_OK) log_err("agent.certificate", err); /* months are left; what matters goes on */
  return ERR_OK;
}

const Step step_certificate = {"certificate", AGENT_WORK, wanted, ask, take};
