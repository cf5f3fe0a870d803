/* Accepting a device: the other side of sync/enrol.h. */
#include "common/base/log.h"
#include "common/practice/practice.h"
#include "common/store/logstore.h"
#include "common/store/query.h"
#include "sync/code.h"
#include "sync/hub/state.h"
#include "sync/settings.h"

enum { FAILURES_MAX = 10, FAILURE_WINDOW_MS = 60000 };

SQL(CODE_GET, "SELECT name, kind, scope, site, expires_at, node FROM enrolment_code WHERE code_hash = :hash");
SQL(CODE_OURS, "SELECT 1 FROM enrolment_code WHERE code_hash = :hash AND (node IS NULL OR node = :node)");
SQL(CODE_USE, "UPDATE enrolment_code SET node = :node WHERE code_hash = :hash");
SQL(DEVICE_PUT, "INSERT INTO device (node, token_hash, enrolled_at, code_hash, seen_at, pulled_pos, epoch)"
                " VALUES (:node, :token_hash, :now, :code_hash, :now, 0, :epoch)"
                " ON CONFLICT (node) DO UPDATE SET token_hash = excluded.token_hash, code_hash = excluded.code_hash,"
                " enrolled_at = excluded.enrolled_at, pulled_pos = 0, epoch = excluded.epoch");

typedef struct Invitation {
  Hash hash;
  NodeNew node;
} Invitation;

void hub_handle_ca(HttpRequest *request, HttpResponse *response, void *context)
{
  (void)context;
  TlsIdentity identity;
  Err err = tls_load(request->store, request->arena, &identity);
  if (err != ERR_OK) {
    http_error(request, response, err);
    return;
  }
  char node[NODE_TEXT_LEN + 1];
  node_text(store_node(request->store), node);
  http_json(request, response, 200,
            json_pack("{s:s%, s:s}", "ca", identity.ca_pem.ptr, identity.ca_pem.len, "node", node));
}

/* throttled: guessing is slowed down for everybody; whoever holds a good code waits a minute at most. */
static bool throttled(Hub *hub, bool failed)
{
  int64_t now = env_monotonic_ms(hub->env);
  pthread_mutex_lock(&hub->lock);
  if (now - hub->enrol_window_ms > FAILURE_WINDOW_MS) {
    hub->enrol_window_ms = now;
    hub->enrol_failures = 0;
  }
  if (failed) hub->enrol_failures++;
  bool over = hub->enrol_failures >= FAILURES_MAX;
  pthread_mutex_unlock(&hub->lock);
  return over;
}

static Err find_invitation(HttpRequest *request, Str secret, NodeId asking, Invitation *out)
{
  Store *store = request->store;
  out->hash = code_hash(secret);
  AUTO(Query, q, query_fini) = query(store, &CODE_GET);
  query_bind_blob(&q, ":hash", (Str){(const char *)out->hash.bytes, HASH_SIZE});
  bool found = query_next(&q);
  Instant expires_at = 0;
  NodeId used_by = 0;
  if (found) {
    out->node = (NodeNew){.name = query_cstr(&q, request->arena, "name"),
                          .kind = query_cstr(&q, request->arena, "kind"),
                          .scope = query_cstr(&q, request->arena, "scope"),
                          .site = query_uuid(&q, "site")};
    expires_at = query_int(&q, "expires_at");
    used_by = (NodeId)query_int(&q, "node");
  }
  TRY(query_end(&q));
  if (!found) return err_because(ERR_DENIED, "the code is not one of this server's: make a new one");
  if (store_now(store) > expires_at) return err_because(ERR_DENIED, "the code is too old: make a new one");
  if (used_by && used_by != asking) return err_because(ERR_DENIED, "the code was used: make a new one");
  return ERR_OK;
}

static Err not_revoked(Store *store, Arena *arena, NodeId number)
{
  Node node;
  Err err = node_get(store, arena, number, &node);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  if (err == ERR_OK && node.revoked_at) return err_because(ERR_REVOKED, "that key was revoked");
  return err;
}

/* still_free: another device may have been quicker, here or at another daemon of this node. Inside the transaction. */
static Err still_free(Store *store, const Hash *hash, NodeId number)
{
  AUTO(Query, q, query_fini) = query(store, &CODE_OURS);
  query_bind_blob(&q, ":hash", (Str){(const char *)hash->bytes, HASH_SIZE});
  query_bind_int(&q, ":node", number);
  bool ours = query_next(&q);
  TRY(query_end(&q));
  return ours ? ERR_OK : err_because(ERR_DENIED, "the code was used: make a new one");
}

/* admit: row, token and the use of the code, in one transaction. */
static Err admit(Hub *hub, HttpRequest *request, Invitation *invitation, const char **token)
{
  Store *store = request->store;
  NodeId number = node_id_of(invitation->node.public_key);
  Hash token_hash;
  Faults faults = faults_make(request->arena);
  TRY(not_revoked(store, request->arena, number));
  *token = device_token_new(hub, request->arena, number, &token_hash);
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "node.enrol", "", &tx));
  TRY(still_free(store, &invitation->hash, number));
  TRY(node_add(&tx, &invitation->node, &faults));
  Str epoch = local_get(store, request->arena, LOCAL_EPOCH);
  Query put = query(store, &DEVICE_PUT);
  query_bind_int(&put, ":node", number);
  query_bind_blob(&put, ":token_hash", (Str){(const char *)token_hash.bytes, HASH_SIZE});
  query_bind_int(&put, ":now", tx_now(&tx));
  query_bind_blob(&put, ":code_hash", (Str){(const char *)invitation->hash.bytes, HASH_SIZE});
  query_bind_text(&put, ":epoch", epoch);
  TRY(query_run(&put));
  Query use = query(store, &CODE_USE);
  query_bind_int(&use, ":node", number);
  query_bind_blob(&use, ":hash", (Str){(const char *)invitation->hash.bytes, HASH_SIZE});
  TRY(query_run(&use));
  return tx_commit(&tx);
}

static json_t *base64(Arena *arena, const void *data, size_t len)
{
  return json_from_str(base64url_encode(arena, (Str){data, len}));
}

/* add_trust: what the device will believe: CA, our key's number, the root's key. */
static Err add_trust(HttpRequest *request, json_t *answer)
{
  TlsIdentity identity;
  TRY(tls_load(request->store, request->arena, &identity));
  Str root = local_get(request->store, request->arena, LOCAL_ROOT_KEY);
  if (root.len != SIGN_PUBLIC_SIZE) root = (Str){(const char *)store_key(request->store)->public_key, SIGN_PUBLIC_SIZE};
  char node[NODE_TEXT_LEN + 1];
  node_text(store_node(request->store), node);
  json_object_set_new(answer, "upstream", json_string(node));
  json_object_set_new(answer, "root_key", base64(request->arena, root.ptr, root.len));
  json_object_set_new(answer, "ca", json_from_str(identity.ca_pem));
  json_object_set_new(answer, "epoch", json_from_str(local_get(request->store, request->arena, LOCAL_EPOCH)));
  json_object_set_new(answer, "time", json_integer(store_now(request->store)));
  return ERR_OK;
}

static bool listed(Str list, Str name)
{
  while (list.len > 0)
    if (str_eq_ascii_nocase(str_trim(str_cut(&list, ',')), name)) return true;
  return false;
}

/* names_free: an office that was stolen must not be given a certificate under which browsers know the root. */
static Err names_free(HttpRequest *request, const char *names)
{
  TlsIdentity own;
  TRY(tls_load(request->store, request->arena, &own));
  for (Str rest = str_c(names); rest.len > 0;) {
    Str name = str_trim(str_cut(&rest, ','));
    bool loopback = listed(STR("localhost,127.0.0.1,::1"), name);
    if (name.len > 0 && !loopback && listed(str_c(own.names), name))
      return err_because(ERR_INVALID, "'" STR_FMT "' is a name of this server itself", STR_ARG(name));
  }
  return ERR_OK;
}

static Err add_certificates(HttpRequest *request, json_t *asked, NodeId node, json_t *answer)
{
  Str node_pem, browser_pem;
  const char *names = arena_cstr(request->arena, json_str(asked, "names"));
  TRY(names_free(request, names));
  TRY(tls_sign(request->store, request->arena, json_str(asked, "request"), node, names, &node_pem, &browser_pem));
  json_object_set_new(answer, "node_pem", json_from_str(node_pem));
  json_object_set_new(answer, "browser_pem", json_from_str(browser_pem));
  return ERR_OK;
}

static Err enrol(Hub *hub, HttpRequest *request, json_t *asked, json_t *answer)
{
  Invitation invitation = {0};
  Str key;
  const char *token;
  if (!base64url_decode(request->arena, json_str(asked, "public_key"), &key) || key.len != SIGN_PUBLIC_SIZE)
    return err_because(ERR_INVALID, "the device's public key");
  NodeId number = node_id_of((const uint8_t *)key.ptr);
  if (throttled(hub, false)) return err_because(ERR_THROTTLED, "too many wrong codes: wait a minute");
  TRY(logstore_catch_up(request->store)); /* the code may have been made at another daemon a moment ago */
  Err err = find_invitation(request, json_str(asked, "code"), number, &invitation);
  if (err == ERR_DENIED) throttled(hub, true);
  TRY(err);
  memcpy(invitation.node.public_key, key.ptr, SIGN_PUBLIC_SIZE);
  invitation.node.upstream = store_node(request->store);
  /* What can fail for the device's reasons comes first: an invitation is not used up by it. */
  if (strcmp(invitation.node.kind, "office") == 0) TRY(add_certificates(request, asked, number, answer));
  TRY(add_trust(request, answer));
  TRY(admit(hub, request, &invitation, &token));
  json_object_set_new(answer, "token", json_string(token));
  json_object_set_new(answer, "name", json_string(invitation.node.name));
  json_object_set_new(answer, "kind", json_string(invitation.node.kind));
  json_object_set_new(answer, "scope", json_string(invitation.node.scope));
  char text[NODE_TEXT_LEN + 1];
  node_text(number, text);
  log_event(LOG_INFO, "hub.enrolled", "node=%s kind=%s", text, invitation.node.kind);
  return ERR_OK;
}

void hub_handle_enrol(HttpRequest *request, HttpResponse *response, void *context)
{
  AUTO(json_t *, asked, json_release) = NULL;
  json_t *answer = json_object();
  Err err = json_parse(request->body, &asked);
  if (err == ERR_OK) err = enrol(context, request, asked, answer);
  if (err == ERR_OK) {
    http_json(request, response, 200, answer);
    return;
  }
  json_decref(answer);
  log_err("hub.enrol", err);
  http_error(request, response, err);
}

static Err renew(Hub *hub, HttpRequest *request, json_t *answer)
{
  AUTO(json_t *, asked, json_release) = NULL;
  Device device;
  TlsIdentity identity;
  TRY(device_of(hub, request, &device));
  TRY(json_parse(request->body, &asked));
  if (!tls_holds_ca(request->store)) return err_because(ERR_UNSUPPORTED, "this node does not sign certificates");
  TRY(tls_load(request->store, request->arena, &identity));
  json_object_set_new(answer, "ca", json_from_str(identity.ca_pem));
  return add_certificates(request, asked, device.node, answer);
}

void hub_handle_certificate(HttpRequest *request, HttpResponse *response, void *context)
{
  json_t *answer = json_object();
  Err err = renew(context, request, answer);
  if (err == ERR_OK) {
    http_json(request, response, 200, answer);
    return;
  }
  json_decref(answer);
  log_err("hub.certificate", err);
  http_error(request, response, err);
}
