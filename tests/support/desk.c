#include "tests/support/desk.h"

#include <stdlib.h>
#include <string.h>

#include "common/practice/permission.h"
#include "common/practice/staff.h"
#include "sync/tls/tls.h"
#include "tests/support/unit.h"

static EnvFake *clock_of_desk; /* one desk at a time: an Env has no room for its own data */

static Instant now_fake(const Env *env)
{
  (void)env;
  return __atomic_load_n(&clock_of_desk->now, __ATOMIC_SEQ_CST);
}
static int64_t monotonic_fake(const Env *env)
{
  (void)env;
  return __atomic_load_n(&clock_of_desk->monotonic_ms, __ATOMIC_SEQ_CST);
}

static Uuid add_staff(Tx *tx, Arena *arena, const char *username, const char *role, Uuid site)
{
  Faults faults = faults_make(arena);
  Uuid id;
  StaffNew staff = {
      .username = username, .given = username, .family = "", .password = DESK_PASSWORD, .role = role, .site = site};
  staff.family = "Tester";
  assert_ok(staff_add(tx, &staff, &faults, &id));
  return id;
}

static void add_people(TestDesk *desk)
{
  Store *store = desk->practice.t.store;
  Faults faults = faults_make(&desk->arena);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.desk", "", &tx));
  assert_ok(permission_add_default_roles(&tx));
  SiteNew other = {.name = "Harbour",
                   .prefix = "H",
                   .zone = "America/New_York",
                   .phone = "",
                   .waiting_place = "",
                   .line1 = "",
                   .city = "",
                   .state = "",
                   .postal_code = "",
                   .country = ""};
  assert_ok(site_add(&tx, &other, &faults, &desk->other_site));
  desk->owner = add_staff(&tx, &desk->arena, "owner", "Owner", (Uuid){{0}});
  desk->desk = add_staff(&tx, &desk->arena, "desk", "Front desk", (Uuid){{0}});
  desk->clinician = add_staff(&tx, &desk->arena, "clinician", "Clinician", (Uuid){{0}});
  add_staff(&tx, &desk->arena, "elsewhere", "Front desk", desk->other_site);
  NodeNew node = {.name = "Office", .kind = "office", .scope = "practice", .site = desk->practice.site.id};
  memcpy(node.public_key, store_key(store)->public_key, SIGN_PUBLIC_SIZE);
  assert_ok(node_add(&tx, &node, &faults));
  assert_ok(tx_commit(&tx));
}

TestDesk *test_desk_make(void)
{
  TestDesk *desk = calloc(1, sizeof *desk);
  assert_non_null(desk);
  desk->practice = test_practice_make();
  desk->arena = arena_make(0);
  Store *store = desk->practice.t.store;
  add_people(desk);
  assert_ok(tls_setup(store, "localhost,127.0.0.1"));
  TlsIdentity identity;
  assert_ok(tls_load(store, &desk->arena, &identity));
  clock_of_desk = desk->practice.t.fake;
  desk->env = *env_system();
  desk->env.now = now_fake;
  desk->env.monotonic_ms = monotonic_fake;
  HttpOptions options = {.listen = "127.0.0.1:0",
                         .store_folder = store_folder(store),
                         .env = &desk->env,
                         .certificate_pem = identity.node_pem,
                         .key_pem = identity.node_key_pem,
                         .browser_certificate_pem = identity.browser_pem,
                         .browser_key_pem = identity.browser_key_pem,
                         .workers = 2};
  assert_ok(http_server_new(&options, &desk->server));
  assert_ok(web_open(&(WebOptions){.assets = "assets"}, &desk->web));
  web_routes(desk->server, desk->web);
  assert_ok(http_server_start(desk->server));
  desk->port = http_server_port(desk->server);
  return desk;
}

void test_desk_free(TestDesk *desk)
{
  if (!desk) return;
  http_server_free(desk->server);
  web_close(desk->web);
  arena_fini(&desk->arena);
  test_practice_fini(&desk->practice);
  free(desk);
}

void test_desk_freep(TestDesk **desk)
{
  test_desk_free(*desk);
  *desk = NULL;
}

int test_desk_sign_in(TestDesk *desk, const char *username, const char *password)
{
  const char *body = arena_printf(&desk->arena, "{\"username\": \"%s\", \"password\": \"%s\"}", username, password);
  Browse request = {.port = desk->port,
                    .method = "POST",
                    .path = "/api/session",
                    .headers = {"Content-Type: application/json"},
                    .body = body};
  Browsed answer = browse(&desk->arena, &request);
  if (answer.status != 200) return answer.status;
  Str set = browse_header(&desk->arena, &answer, "Set-Cookie");
  desk->cookie = arena_cstr(&desk->arena, str_cut(&set, ';'));
  AUTO(json_t *, json, json_release) = browse_json(&answer);
  desk->guard = arena_cstr(&desk->arena, json_str(json, "guard"));
  return answer.status;
}

Browsed test_desk_call(TestDesk *desk, const char *method, const char *path, const char *body)
{
  bool write = strcmp(method, "GET") != 0;
  Browse request = {
      .port = desk->port, .method = method, .path = path, .cookie = desk->cookie, .body = write && !body ? "{}" : body};
  if (write) {
    request.headers[0] = "Content-Type: application/json";
    request.headers[1] = arena_printf(&desk->arena, "X-Foyer-Guard: %s", desk->guard ? desk->guard : "");
  }
  return browse(&desk->arena, &request);
}
