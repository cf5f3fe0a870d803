#include "sync/enrol.h"

#include <string.h>

#include "common/store/query.h"
#include "sync/code.h"
#include "sync/tls/tls.h"

enum { NAME_MAX_BYTES = 200, MINUTES_MAX = 7 * 24 * 60 };

SQL(CODE_ADD, "INSERT INTO enrolment_code (code_hash, name, kind, scope, site, created_at, expires_at, node)"
              " VALUES (:code_hash, :name, :kind, :scope, :site, :now, :expires, NULL)");
SQL_SCAN(CODE_FORGET, "DELETE FROM enrolment_code WHERE expires_at < :now");
SQL_SCAN(CODE_COUNT, "SELECT count(*) AS open FROM enrolment_code WHERE node IS NULL");
SQL(SITE_KNOWN, "SELECT name FROM site WHERE id = :id");

static Err site_known(Store *store, Uuid id, bool *known)
{
  AUTO(Query, q, query_fini) = query(store, &SITE_KNOWN);
  query_bind_uuid(&q, ":id", id);
  *known = query_next(&q);
  return query_end(&q);
}

static Err check(Store *store, const EnrolInvitation *invitation, Faults *faults)
{
  size_t before = faults->count;
  Str name = str_trim(str_c(invitation->name));
  bool office = invitation->kind && strcmp(invitation->kind, "office") == 0, site = false;
  if (name.len == 0) faults_add(faults, "name", "fault.required", NULL);
  if (name.len > NAME_MAX_BYTES) faults_add(faults, "name", "fault.too_long", "100");
  if (!office && (!invitation->kind || strcmp(invitation->kind, "lobby") != 0))
    faults_add(faults, "kind", "fault.option", invitation->kind);
  TRY(site_known(store, invitation->site, &site));
  if (!site) faults_add(faults, "site", "fault.required", NULL);
  if (faults->count != before) return ERR_INVALID;
  if (office && !tls_holds_ca(store))
    return err_because(ERR_DENIED, "an office is enrolled at the central server, which signs its certificate");
  return ERR_OK;
}

static Err forget_old(Store *store)
{
  Query forget = query(store, &CODE_FORGET);
  query_bind_int(&forget, ":now", store_now(store));
  TRY(query_run(&forget));
  AUTO(Query, q, query_fini) = query(store, &CODE_COUNT);
  int64_t open = query_next(&q) ? query_int(&q, "open") : 0;
  TRY(query_end(&q));
  return open < ENROL_OPEN_MAX ? ERR_OK : err_because(ERR_THROTTLED, "%d codes are open", ENROL_OPEN_MAX);
}

static Err keep_code(Store *store, const EnrolInvitation *invitation, const CodeParts *parts, Instant expires_at)
{
  Hash hash = code_hash(str_c(parts->secret));
  Query q = query(store, &CODE_ADD);
  query_bind_blob(&q, ":code_hash", (Str){(const char *)hash.bytes, HASH_SIZE});
  query_bind_text(&q, ":name", str_trim(str_c(invitation->name)));
  query_bind_text(&q, ":kind", str_c(invitation->kind));
  const char *by_kind = strcmp(invitation->kind, "office") == 0 ? "practice" : "lobby";
  query_bind_text(&q, ":scope", str_c(invitation->scope ? invitation->scope : by_kind));
  query_bind_uuid(&q, ":site", invitation->site);
  query_bind_int(&q, ":now", store_now(store));
  query_bind_int(&q, ":expires", expires_at);
  return query_run(&q);
}

Err enrol_invite(Store *store, Actor actor, const EnrolInvitation *invitation, Arena *arena, Faults *faults,
                 EnrolCode *out)
{
  (void)actor; /* what the invitation leads to is in the journal; that it was made is of this node alone */
  TlsIdentity identity;
  CodeParts parts = {0};
  TRY(check(store, invitation, faults));
  Err err = tls_load(store, arena, &identity);
  if (err == ERR_OK && identity.node_pem.len == 0) err = ERR_NOT_FOUND;
  if (err != ERR_OK) return err_because(err, "this node has no certificate, so it accepts no devices");
  TRY(forget_old(store));
  TRY(tls_pin(identity.ca_pem, store_node(store), parts.pin));
  code_secret(store_env(store), parts.secret);
  int minutes = invitation->minutes > 0 && invitation->minutes <= MINUTES_MAX ? invitation->minutes : ENROL_MINUTES;
  Instant expires_at = store_now(store) + minutes * INT64_C(60000);
  TRY(keep_code(store, invitation, &parts, expires_at));
  char text[CODE_TEXT_LEN + 1];
  code_text(&parts, text);
  *out = (EnrolCode){.code = arena_cstr(arena, str_c(text)), .expires_at = expires_at};
  return ERR_OK;
}

const char *enrol_link(Arena *arena, const char *url, const char *code)
{
  size_t len = strlen(url);
  return arena_printf(arena, "%s%s#%s", url, len && url[len - 1] == '/' ? "" : "/", code);
}

/* plain: visible ASCII: a zero byte would end the address early, and a line break has no place in what is shown and logged. */
static bool plain(Str text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.ptr[i] <= ' ' || text.ptr[i] > '~') return false;
  return true;
}

bool enrol_split_link(Arena *arena, Str link, const char **url, const char **code)
{
  Str rest = str_trim(link);
  Str address = str_cut(&rest, '#');
  CodeParts parts;
  if (!str_starts(address, STR("https://")) || address.len > 512 || !plain(address)) return false;
  if (rest.len > 0 && !code_parse(rest, &parts)) return false;
  *url = arena_cstr(arena, address);
  *code = arena_cstr(arena, rest);
  return true;
}
