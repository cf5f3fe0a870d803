#include "sync/tls/tls.h"

#include <stdio.h>
#include <sys/stat.h>

#include "common/base/file.h"
#include "sync/tls/certificate.h"

enum { PEM_MAX = 64 << 10, NAMES_MAX = 32 };

void tls_node_name(NodeId node, char out[TLS_NAME_MAX])
{
  char text[NODE_TEXT_LEN + 1];
  node_text(node, text);
  snprintf(out, TLS_NAME_MAX, "%s.node.foyer.internal", text);
}

static const char *path_of(Store *store, Arena *arena, const char *name)
{
  return arena_printf(arena, "%s/tls/%s", store_folder(store), name);
}

static Err read_pem(Store *store, Arena *arena, const char *name, Str *out)
{
  return file_read(arena, path_of(store, arena, name), PEM_MAX, out);
}

static Err write_pem(Store *store, Arena *arena, const char *name, Str pem, mode_t mode)
{
  TRY(file_make_folders(arena_printf(arena, "%s/tls", store_folder(store)), 0700));
  return file_write(path_of(store, arena, name), pem.ptr, pem.len, mode);
}

/* read_or_make_key: the key in file `name`; made and kept when there is none. */
static Err read_or_make_key(Store *store, Arena *arena, const char *name, Str *out)
{
  Err err = read_pem(store, arena, name, out);
  if (err != ERR_NOT_FOUND) return err;
  TRY(certificate_key_new(arena, out));
  return write_pem(store, arena, name, *out, 0600);
}

const char *tls_ca_path(Store *store, Arena *arena)
{
  return path_of(store, arena, "ca.pem");
}

bool tls_holds_ca(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  return file_exists(path_of(store, &arena, "ca.key"));
}

static Err make_ca(Store *store, Arena *arena)
{
  Str key, pem;
  TRY(read_or_make_key(store, arena, "ca.key", &key));
  if (file_exists(path_of(store, arena, "ca.pem"))) return ERR_OK;
  char node[NODE_TEXT_LEN + 1];
  node_text(store_node(store), node);
  TRY(certificate_ca(arena, store_env(store), key, arena_printf(arena, "Foyer practice CA %s", node), &pem));
  return write_pem(store, arena, "ca.pem", pem, 0644);
}

Err tls_setup(Store *store, const char *names)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Str request, ca, node_pem, browser_pem;
  TRY(make_ca(store, &arena));
  TRY(tls_request(store, &arena, &request));
  TRY(tls_sign(store, &arena, request, store_node(store), names, &node_pem, &browser_pem));
  TRY(read_pem(store, &arena, "ca.pem", &ca));
  return tls_install(store, ca, node_pem, browser_pem);
}

/* optional: a file that need not be there. */
static Err optional(Err err, Str *out)
{
  if (err != ERR_NOT_FOUND) return err;
  *out = (Str){0};
  return ERR_OK;
}

Err tls_load(Store *store, Arena *arena, TlsIdentity *out)
{
  TlsIdentity id = {.names = ""};
  Str given, given_key;
  CertificateFacts facts;
  TRY(read_pem(store, arena, "ca.pem", &id.ca_pem));
  TRY(optional(read_pem(store, arena, "node.pem", &id.node_pem), &id.node_pem));
  TRY(optional(read_pem(store, arena, "given.pem", &given), &given));
  if (id.node_pem.len > 0) {
    TRY(read_pem(store, arena, "server.key", &id.node_key_pem));
    TRY(read_pem(store, arena, "browser.pem", &id.browser_pem));
    id.browser_key_pem = id.node_key_pem;
    if (!certificate_fits(id.node_pem, id.ca_pem, id.node_key_pem) ||
        !certificate_fits(id.browser_pem, id.ca_pem, id.browser_key_pem))
      return err_because(ERR_INVALID, "certificates, CA and key in %s/tls do not belong together", store_folder(store));
    TRY(certificate_facts(arena, id.browser_pem, &facts));
    id.browser_expires_at = facts.expires_at;
    id.names = arena_cstr(arena, facts.names);
  }
  if (given.len > 0) {
    TRY(read_pem(store, arena, "given.key", &given_key));
    TRY(certificate_facts(arena, given, &facts));
    id.browser_pem = given;
    id.browser_key_pem = given_key;
    id.browser_expires_at = facts.expires_at;
    id.names = "";
  }
  *out = id;
  return ERR_OK;
}

bool tls_due(const TlsIdentity *identity, Instant now)
{
  return *identity->names && identity->browser_expires_at - now < TLS_RENEW_DAYS * INT64_C(86400000);
}

Err tls_request(Store *store, Arena *arena, Str *request_pem)
{
  Str key;
  char name[TLS_NAME_MAX];
  tls_node_name(store_node(store), name);
  TRY(read_or_make_key(store, arena, "server.key", &key));
  return certificate_request(arena, key, name, request_pem);
}

/* split_names: "a,b" into a list that ends with NULL. */
static Err split_names(Arena *arena, const char *names, const char **list)
{
  static const char OWN[] = "foyer.internal";
  size_t count = 0;
  for (Str rest = str_c(names); rest.len > 0;) {
    const char *name = arena_cstr(arena, str_trim(str_cut(&rest, ',')));
    if (!*name) continue;
    size_t len = strlen(name);
    bool inside =
        len >= sizeof OWN - 1 && str_eq_ascii_nocase(str_c(name + len - (sizeof OWN - 1)), STR("foyer.internal"));
    if (!certificate_name_ok(name) || inside || count == NAMES_MAX - 1)
      return err_because(ERR_INVALID, "certificate: '%s' is not a name or address that can be in it", name);
    list[count++] = name;
  }
  list[count] = NULL;
  return ERR_OK;
}

Err tls_sign(Store *store, Arena *arena, Str request_pem, NodeId node, const char *names, Str *node_pem,
             Str *browser_pem)
{
  Str ca, key;
  char node_name[TLS_NAME_MAX];
  const char *list[NAMES_MAX];
  tls_node_name(node, node_name);
  TRY(split_names(arena, names, list));
  TRY(read_pem(store, arena, "ca.pem", &ca));
  TRY(read_pem(store, arena, "ca.key", &key));
  const char *own[] = {node_name, NULL};
  const Env *env = store_env(store);
  CertificateWish for_nodes = {.common_name = node_name, .names = own};
  CertificateWish for_browsers = {.common_name = list[0] && strlen(list[0]) <= 64 ? list[0] : node_name,
                                  .names = list[0] ? list : own,
                                  .days = TLS_BROWSER_DAYS};
  TRY(certificate_sign(arena, env, ca, key, request_pem, &for_nodes, node_pem));
  return certificate_sign(arena, env, ca, key, request_pem, &for_browsers, browser_pem);
}

Err tls_install(Store *store, Str ca_pem, Str node_pem, Str browser_pem)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  CertificateFacts facts;
  TRY(certificate_facts(&arena, ca_pem, &facts));
  if (node_pem.len > 0) {
    Str key;
    TRY(read_pem(store, &arena, "server.key", &key));
    if (!certificate_fits(node_pem, ca_pem, key) || !certificate_fits(browser_pem, ca_pem, key))
      return err_because(ERR_INVALID, "the certificates that came are not for this node's key");
    TRY(write_pem(store, &arena, "node.pem", node_pem, 0644));
    TRY(write_pem(store, &arena, "browser.pem", browser_pem, 0644));
  }
  return write_pem(store, &arena, "ca.pem", ca_pem, 0644);
}

Err tls_pin(Str ca_pem, NodeId node, uint8_t out[TLS_PIN_SIZE])
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  CertificateFacts facts;
  TRY(certificate_facts(&arena, ca_pem, &facts));
  char name[TLS_NAME_MAX];
  tls_node_name(node, name);
  Str parts[] = {STR("foyer-pin-1"), str_c(name), facts.public_key};
  Hash hash = hash_parts(parts, COUNT_OF(parts));
  memcpy(out, hash.bytes, TLS_PIN_SIZE);
  return ERR_OK;
}
