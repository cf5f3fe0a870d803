#include "tests/support/raw_peer.h"

#include "sync/settings.h"
#include "sync/tls/tls.h"
#include "tests/support/unit.h"

RawPeer raw_to(TestNode *server, TestNode *as)
{
  RawPeer raw = {.arena = arena_make(0)};
  char name[TLS_NAME_MAX];
  tls_node_name(store_node(server->store), name);
  HttpClientOptions options = {.url = arena_printf(&raw.arena, "https://127.0.0.1:%d", server->port),
                               .name = name,
                               .ca_path = tls_ca_path(server->store, &raw.arena)};
  assert_ok(http_client_new(&options, &raw.client));
  Str token;
  if (as) {
    assert_ok(unseal(&raw.arena, store_seal_key(as->store), local_get(as->store, &raw.arena, SETTING_TOKEN), &token));
    raw.token = arena_cstr(&raw.arena, token);
  }
  return raw;
}

void raw_peer_fini(RawPeer *raw)
{
  http_client_free(raw->client);
  arena_fini(&raw->arena);
}

HttpAnswer raw_call(RawPeer *raw, const char *method, const char *path, Str body)
{
  HttpCall call = {.method = method, .path = path, .token = raw->token, .body = body};
  return http_client_call(raw->client, &raw->arena, &call);
}

HttpAnswer raw_post(RawPeer *raw, const char *path, Str body)
{
  return raw_call(raw, "POST", path, body);
}

Err raw_push(RawPeer *raw, JournalBatch batch)
{
  Message push = {.kind = MESSAGE_PUSH, .batch = batch}, answer;
  Str wire;
  assert_ok(message_encode(&raw->arena, &push, &wire));
  HttpAnswer got = raw_post(raw, "/sync/v1/push", wire);
  assert_ok(got.err);
  assert_int_equal(got.status, 200);
  assert_ok(message_decode(&raw->arena, got.body, &answer));
  return answer.err;
}
