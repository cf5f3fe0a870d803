/* Devices: the nodes that were enrolled here, and how they prove it.
 *
 * A token is node ‖ 16 random bytes ‖ a keyed hash of both: so a stranger's is told apart without looking anything up, before
 * a request's body is taken. Whether it is still good is in the table `device`, which keeps its hash.
 */
#include "common/practice/scope.h"
#include "common/store/logstore.h"
#include "common/store/query.h"
#include "sync/hub/state.h"
#include "sync/restored.h"
#include "sync/settings.h"

enum { MAC_SIZE = 16, SEEN_EVERY_MS = 5 * 60 * 1000 };

SQL(DEVICE_GET, "SELECT d.token_hash AS token_hash, d.epoch AS epoch, d.pulled_pos AS pulled_pos,"
                " n.revoked_at IS NOT NULL AS revoked"
                " FROM device AS d LEFT JOIN node AS n ON n.id = :row WHERE d.node = :node");
SQL(DEVICE_SEEN, "UPDATE device SET seen_at = :now, pulled_pos = :pulled_pos, epoch = :epoch WHERE node = :node");

void device_token_key(Store *store, uint8_t out[HASH_SIZE])
{
  Str parts[] = {STR("foyer-token-1"), {(const char *)store_seal_key(store), SEAL_KEY_SIZE}};
  Hash hash = hash_parts(parts, COUNT_OF(parts));
  memcpy(out, hash.bytes, HASH_SIZE);
}

static void token_mac(const Hub *hub, const uint8_t *front, uint8_t out[MAC_SIZE])
{
  Str parts[] = {{(const char *)hub->token_key, HASH_SIZE}, {(const char *)front, TOKEN_SIZE - MAC_SIZE}};
  Hash hash = hash_parts(parts, COUNT_OF(parts));
  memcpy(out, hash.bytes, MAC_SIZE);
}

const char *device_token_new(const Hub *hub, Arena *arena, NodeId node, Hash *hash)
{
  uint8_t token[TOKEN_SIZE];
  uint32_t le = htole32(node);
  memcpy(token, &le, sizeof le);
  env_random(hub->env, token + sizeof le, TOKEN_SIZE - MAC_SIZE - sizeof le);
  token_mac(hub, token, token + TOKEN_SIZE - MAC_SIZE);
  *hash = hash_bytes(token, sizeof token);
  return arena_cstr(arena, base64url_encode(arena, (Str){(const char *)token, sizeof token}));
}

static bool read_token(const Hub *hub, HttpRequest *request, uint8_t out[TOKEN_SIZE])
{
  AUTO(Arena, arena, arena_fini) = arena_make(4096);
  Str text = http_header(request, "Authorization"), token;
  if (!str_starts(text, STR("Bearer ")) || text.len > 128) return false;
  if (!base64url_decode(&arena, (Str){text.ptr + 7, text.len - 7}, &token) || token.len != TOKEN_SIZE) return false;
  uint8_t mac[MAC_SIZE];
  token_mac(hub, (const uint8_t *)token.ptr, mac);
  memcpy(out, token.ptr, TOKEN_SIZE);
  return crypto_equal(mac, out + TOKEN_SIZE - MAC_SIZE, MAC_SIZE);
}

bool device_guard(HttpRequest *request, void *context)
{
  uint8_t token[TOKEN_SIZE];
  return read_token(context, request, token);
}

/* look_up: *known when this is the device's token. */
static Err look_up(HttpRequest *request, NodeId node, const uint8_t token[TOKEN_SIZE], Device *out, bool *known,
                   bool *revoked)
{
  Hash hash = hash_bytes(token, TOKEN_SIZE);
  AUTO(Query, q, query_fini) = query(request->store, &DEVICE_GET);
  query_bind_int(&q, ":node", node);
  query_bind_uuid(&q, ":row", node_row_id(node));
  *known = query_next(&q);
  *revoked = false;
  if (*known) {
    Str kept = query_str(&q, "token_hash");
    *known = kept.len == HASH_SIZE && crypto_equal(kept.ptr, hash.bytes, HASH_SIZE);
    *revoked = query_int(&q, "revoked") != 0;
    *out = (Device){.node = node,
                    .epoch = query_cstr(&q, request->arena, "epoch"),
                    .pulled_pos = query_int(&q, "pulled_pos")};
  }
  return query_end(&q);
}

Err device_of(Hub *hub, HttpRequest *request, Device *out)
{
  uint8_t token[TOKEN_SIZE];
  uint32_t le;
  bool known, revoked;
  if (!read_token(hub, request, token)) return err_because(ERR_DENIED, "not a token of this node");
  if (follow_is_stale(hub->follow)) return err_because(ERR_BUSY, "the log cannot be reached");
  memcpy(&le, token, sizeof le);
  NodeId node = le32toh(le);
  TRY(look_up(request, node, token, out, &known, &revoked));
  if (!known) { /* it may have been enrolled at another daemon a moment ago */
    TRY(logstore_catch_up(request->store));
    TRY(look_up(request, node, token, out, &known, &revoked));
  }
  if (!known) return err_because(ERR_DENIED, "this node does not know the device");
  return revoked ? err_because(ERR_REVOKED, "node %08x was revoked", node) : ERR_OK;
}

Err device_whole(Store *store, const Device *device)
{
  bool scoped;
  ScopeOf of;
  TRY(scope_of(store, device->node, &scoped, &of));
  return scoped ? err_because(ERR_DENIED, "node %08x may hold a part of the practice only", device->node) : ERR_OK;
}

/* due: is it time to write this device's line again? */
static bool due(Hub *hub, NodeId node)
{
  int64_t now = env_monotonic_ms(hub->env);
  pthread_mutex_lock(&hub->lock);
  HubSeen *seen = NULL;
  for (size_t i = 0; i < hub->seen_count; i++)
    if (hub->seen[i].node == node) seen = &hub->seen[i];
  if (!seen) {
    hub->seen = arena_grow_array(&hub->arena, hub->seen, hub->seen_count, &hub->seen_capacity, sizeof *hub->seen);
    seen = &hub->seen[hub->seen_count++];
    *seen = (HubSeen){.node = node, .written_ms = now - SEEN_EVERY_MS};
  }
  bool is_due = now - seen->written_ms >= SEEN_EVERY_MS;
  if (is_due) seen->written_ms = now;
  pthread_mutex_unlock(&hub->lock);
  return is_due;
}

Err device_seen(Hub *hub, Store *store, const Device *device, int64_t pulled_pos, Str epoch)
{
  if (str_eq_c(epoch, device->epoch) && !due(hub, device->node)) return ERR_OK;
  Query q = query(store, &DEVICE_SEEN);
  query_bind_int(&q, ":now", env_now(hub->env));
  query_bind_int(&q, ":pulled_pos", pulled_pos);
  query_bind_text(&q, ":epoch", epoch);
  query_bind_int(&q, ":node", device->node);
  TRY(query_run(&q));
  return restored_settle(store);
}
