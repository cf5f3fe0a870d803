/* The device's side of enrolment, declared in enrol.h. */
#include <string.h>

#include "common/base/json.h"
#include "common/store/scope.h"
#include "sync/code.h"
#include "sync/enrol.h"
#include "sync/http/client.h"
#include "sync/settings.h"
#include "sync/tls/tls.h"

enum { ANSWER_MAX = 256 << 10, KEYS_TRIED_MAX = 8 };

typedef struct Join {
  Store *store;
  Arena *arena;
  const char *url, *names;
  CodeParts code;
  NodeId upstream; /* who says it made the code; checked by the pin */
  Str ca_pem;
} Join;

/* open_folder: a fresh replica, or the one that an earlier try has left. */
static Err open_folder(const char *folder, const Env *env, Store **out)
{
  Err err = store_create(folder, env, out);
  if (err != ERR_EXISTS) return err;
  TRY(store_open(folder, env, out));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (local_get(*out, &arena, SETTING_URL).len == 0 && store_head(*out) == 0) return ERR_OK;
  store_close(*out);
  *out = NULL;
  return err_because(ERR_EXISTS, "%s holds a replica that belongs to a practice already", folder);
}

/* answer_json: what a peer answered; its own words for a refusal. */
static Err answer_json(const HttpAnswer *answer, json_t **out)
{
  TRY(answer->err);
  Err err = json_parse(answer->body, out);
  if (err != ERR_OK) return err_because(ERR_PEER, "the answer (status %d) is not Foyer's", answer->status);
  if (answer->status == 200) return ERR_OK;
  Str detail = json_str(*out, "detail");
  const char *key = json_string_value(json_object_get(*out, "error"));
  Err why = ERR_PEER;
  if (answer->status == 401 || answer->status == 403) why = ERR_DENIED;
  if (key && strcmp(key, err_key(ERR_REVOKED)) == 0) why = ERR_REVOKED;
  if (answer->status == 409) why = ERR_EXISTS;
  if (answer->status == 429) why = ERR_THROTTLED;
  if (answer->status == 503) why = ERR_BUSY;
  return err_because(why, STR_FMT " (status %d)", STR_ARG(detail), answer->status);
}

/* ask_ca: without knowing whom we talk to: nothing secret is said, and what comes back is checked by the pin. */
static Err ask_ca(Join *join)
{
  AUTO(HttpClient *, client, http_client_freep) = NULL;
  AUTO(json_t *, answer, json_release) = NULL;
  HttpClientOptions options = {.url = join->url};
  TRY(http_client_new(&options, &client));
  HttpCall call = {.method = "GET", .path = "/sync/v1/ca", .answer_max = ANSWER_MAX};
  HttpAnswer got = http_client_call(client, join->arena, &call);
  TRY(answer_json(&got, &answer));
  join->ca_pem = arena_strdup(join->arena, json_str(answer, "ca"));
  uint8_t pin[TLS_PIN_SIZE];
  if (!node_parse(json_str(answer, "node"), &join->upstream) || tls_pin(join->ca_pem, join->upstream, pin) != ERR_OK)
    return err_because(ERR_PEER, "the answer is not Foyer's");
  if (!crypto_equal(pin, join->code.pin, sizeof pin))
    return err_because(ERR_DENIED, "this server is not the one that made the code: check the address and the code");
  return ERR_OK;
}

static json_t *request_json(Join *join)
{
  const uint8_t *key = store_key(join->store)->public_key;
  Str text = base64url_encode(join->arena, (Str){(const char *)key, SIGN_PUBLIC_SIZE}), request = {0};
  json_t *asked =
      json_pack("{s:s, s:s%, s:s}", "code", join->code.secret, "public_key", text.ptr, text.len, "names", join->names);
  /* Only an office is given certificates; we do not know yet what we are to be. */
  if (tls_request(join->store, join->arena, &request) == ERR_OK)
    json_object_set_new(asked, "request", json_from_str(request));
  return asked;
}

static Err ask_to_enrol(Join *join, json_t **out)
{
  AUTO(HttpClient *, client, http_client_freep) = NULL;
  char name[TLS_NAME_MAX];
  tls_node_name(join->upstream, name);
  TRY(tls_install(join->store, join->ca_pem, (Str){0}, (Str){0}));
  HttpClientOptions options = {.url = join->url, .name = name, .ca_path = tls_ca_path(join->store, join->arena)};
  TRY(http_client_new(&options, &client));
  for (int tried = 1;; tried++) {
    AUTO(json_t *, asked, json_release) = request_json(join);
    HttpCall call = {.method = "POST",
                     .path = "/sync/v1/enrol",
                     .content_type = "application/json",
                     .body = json_canonical(join->arena, asked),
                     .answer_max = ANSWER_MAX};
    HttpAnswer got = http_client_call(client, join->arena, &call);
    Err err = answer_json(&got, out);
    if (err == ERR_OK) return ERR_OK;
    json_release(out);
    /* The number that follows from our key is taken, or the key was revoked: we have written nothing, so another will do. */
    if ((err != ERR_EXISTS && err != ERR_REVOKED) || tried == KEYS_TRIED_MAX) return err;
    TRY(store_new_key(join->store));
  }
}

/* The url comes last: it is what says that the node is enrolled. */
static Err keep(Join *join, json_t *answer)
{
  Store *store = join->store;
  Str root_key;
  Str token = json_str(answer, "token"), ca = json_str(answer, "ca");
  if (token.len == 0 || !base64url_decode(join->arena, json_str(answer, "root_key"), &root_key) ||
      root_key.len != SIGN_PUBLIC_SIZE)
    return err_because(ERR_PEER, "the answer lacks a token or the root's key");
  if (!str_eq(str_trim(ca), str_trim(join->ca_pem))) return err_because(ERR_PEER, "the answer names another CA");
  TRY(tls_install(store, ca, json_str(answer, "node_pem"), json_str(answer, "browser_pem")));
  TRY(local_set(store, LOCAL_ROOT_KEY, root_key));
  TRY(local_set(store, SETTING_TOKEN, seal(join->arena, store_env(store), store_seal_key(store), token)));
  TRY(local_set_int(store, SETTING_UPSTREAM, join->upstream));
  TRY(local_set(store, SETTING_KIND, json_str(answer, "kind")));
  TRY(local_set(store, SETTING_NAMES, str_c(join->names)));
  TRY(local_set(store, SETTING_EPOCH, json_str(answer, "epoch")));
  /* What may hold a part only is told it; others begin with a copy. */
  bool lobby = str_eq_c(json_str(answer, "scope"), "lobby");
  TRY(local_set(store, LOCAL_SCOPE, lobby ? STR("lobby") : STR("")));
  TRY(local_set(store, SETTING_MODE, lobby ? STR("") : STR("snapshot")));
  return local_set(store, SETTING_URL, str_c(join->url));
}

Err enrol_join(const char *folder, const Env *env, const char *url, const char *code, const char *names, Arena *arena,
               Enrolled *out)
{
  AUTO(Store *, store, store_closep) = NULL;
  AUTO(json_t *, answer, json_release) = NULL;
  Join join = {.arena = arena, .url = url, .names = names ? names : ""};
  if (!code_parse(str_c(code), &join.code))
    return err_because(ERR_INVALID, "the code is six groups of four letters and digits");
  TRY(open_folder(folder, env, &store));
  join.store = store;
  TRY(ask_ca(&join));
  TRY(ask_to_enrol(&join, &answer));
  TRY(keep(&join, answer));
  *out = (Enrolled){.node = store_node(store),
                    .upstream = join.upstream,
                    .name = arena_cstr(arena, json_str(answer, "name")),
                    .kind = arena_cstr(arena, json_str(answer, "kind"))};
  return ERR_OK;
}
