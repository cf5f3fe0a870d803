/* http_client_call for enrolment (sync/join.c), which asks and waits: the answer comes at once, or not. And TLS, which the simulated
 * network does not need: certificates are texts that say whose they are.
 */
#include "sync/http/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "sync/tls/tls.h"
#include "tests/sim/sim.h"

struct HttpClient {
  int unused;
};

static SimNode *here;

void client_here(SimNode *node)
{
  here = node;
}

Err http_client_new(const HttpClientOptions *options, HttpClient **out)
{
  (void)options;
  *out = calloc(1, sizeof **out);
  assert(*out);
  return ERR_OK;
}

void http_client_free(HttpClient *client)
{
  free(client);
}

void http_client_freep(HttpClient **client)
{
  http_client_free(*client);
  *client = NULL;
}

HttpAnswer http_client_call(HttpClient *client, Arena *arena, const HttpCall *call)
{
  (void)client;
  Sim *sim = here->sim;
  SimNode *server = &sim->nodes[here->up];
  const SimLink *link = &here->link;
  HttpAnswer none = {.err = err_because(ERR_NETWORK, "the simulated network")};
  bool lost = link->down || rng_chance(&sim->net, link->lose + link->cut);
  if (lost || !server->running || !server->hub) return none;
  Asked asked = {.method = call->method, .path = call->path, .token = call->token, .body = call->body};
  Served served = serve(server, &asked);
  sim_trace(sim, "%d asks %s: %d %zu", here->index, call->path, served.status, served.body.len);
  bool dead = server->disk->dead;
  HttpAnswer answer = {.status = served.status, .body = arena_strdup(arena, served.body)};
  node_after(server);
  if (dead || rng_chance(&sim->net, link->lose_answer + link->cut)) return none;
  return answer;
}

/* ------------------------------------------------------------------------------------------------------------------ TLS */

static const char *tls_path(Store *store, Arena *arena, const char *name)
{
  return arena_printf(arena, "%s/tls/%s", store_folder(store), name);
}

static Err keep(Store *store, const char *name, Str text)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TRY(file_make_folders(arena_printf(&arena, "%s/tls", store_folder(store)), 0700));
  return file_write(tls_path(store, &arena, name), text.ptr, text.len, 0600);
}

void tls_node_name(NodeId node, char out[TLS_NAME_MAX])
{
  snprintf(out, TLS_NAME_MAX, "%08x.node.foyer.internal", node);
}

Err tls_setup(Store *store, const char *names)
{
  (void)names;
  TRY(keep(store, "ca.key", STR("key")));
  TRY(keep(store, "ca.pem", STR("CA of the simulated practice")));
  return keep(store, "node.pem", STR("node"));
}

Err tls_load(Store *store, Arena *arena, TlsIdentity *out)
{
  *out = (TlsIdentity){.browser_expires_at = INT64_MAX / 2, .names = ""};
  TRY(file_read(arena, tls_path(store, arena, "ca.pem"), 4096, &out->ca_pem));
  if (file_exists(tls_path(store, arena, "node.pem")))
    TRY(file_read(arena, tls_path(store, arena, "node.pem"), 4096, &out->node_pem));
  return ERR_OK;
}

const char *tls_ca_path(Store *store, Arena *arena)
{
  return tls_path(store, arena, "ca.pem");
}

bool tls_holds_ca(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  return file_exists(tls_path(store, &arena, "ca.key"));
}

bool tls_due(const TlsIdentity *identity, Instant now)
{
  (void)identity, (void)now;
  return false;
}

Err tls_request(Store *store, Arena *arena, Str *request_pem)
{
  (void)store, (void)arena;
  *request_pem = STR("request");
  return ERR_OK;
}

Err tls_sign(Store *store, Arena *arena, Str request_pem, NodeId node, const char *names, Str *node_pem,
             Str *browser_pem)
{
  (void)store, (void)request_pem, (void)names;
  *node_pem = *browser_pem = str_c(arena_printf(arena, "certificate of %08x", node));
  return ERR_OK;
}

Err tls_install(Store *store, Str ca_pem, Str node_pem, Str browser_pem)
{
  (void)browser_pem;
  TRY(keep(store, "ca.pem", ca_pem));
  return node_pem.len > 0 ? keep(store, "node.pem", node_pem) : ERR_OK;
}

Err tls_pin(Str ca_pem, NodeId node, uint8_t out[TLS_PIN_SIZE])
{
  Hash hash = hash_parts((Str[]){ca_pem, {(const char *)&node, sizeof node}}, 2);
  memcpy(out, hash.bytes, TLS_PIN_SIZE);
  return ERR_OK;
}
