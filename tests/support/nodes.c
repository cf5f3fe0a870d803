#include "tests/support/nodes.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/practice/practice.h"
#include "common/store/verify.h"
#include "sync/enrol.h"
#include "sync/tls/tls.h"
#include "tests/support/unit.h"

enum { PATIENCE_MS = 20000, LOOK_MS = 20 };

static Instant shifted_now(const Env *env)
{
  const TestNode *node = (const TestNode *)env;
  return env_now(env_system()) + node->clock_ms;
}

static TestNode *node_new(void)
{
  TestNode *node = calloc(1, sizeof *node);
  assert_non_null(node);
  node->env = *env_system();
  node->env.now = shifted_now;
  node->folder = test_folder_make();
  node->path = test_folder_path(&node->folder, "node");
  return node;
}

TestNode *test_root(void)
{
  TestNode *node = node_new();
  assert_ok(store_create(node->path, &node->env, &node->store));
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid id;
  assert_ok(tx_begin(node->store, actor_system(), "practice.setup", "", &tx));
  assert_ok(practice_add(&tx, &(PracticeNew){"Foyer Clinic", "clinic", "USD", "en", ""}, &faults, &id));
  assert_ok(site_add(&tx, &(SiteNew){.name = "Main Street", .prefix = "M", .zone = "America/New_York"}, &faults, &id));
  NodeNew own = {.name = "Central server", .kind = "root", .scope = "practice"};
  memcpy(own.public_key, store_key(node->store)->public_key, SIGN_PUBLIC_SIZE);
  assert_ok(node_add(&tx, &own, &faults));
  assert_ok(tx_commit(&tx));
  assert_ok(tls_setup(node->store, "localhost,127.0.0.1"));
  test_serve(node);
  return node;
}

const char *test_code(TestNode *up, const char *kind)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Site site;
  EnrolCode code;
  Faults faults = faults_make(&arena);
  Site *sites;
  size_t count;
  assert_ok(site_list(up->store, &arena, &sites, &count));
  site = sites[0];
  EnrolInvitation invitation = {.name = "A device", .kind = kind, .site = site.id};
  assert_ok(enrol_invite(up->store, actor_system(), &invitation, &up->folder.arena, &faults, &code));
  return code.code;
}

Err test_enrol(TestNode *up, const char *kind, int port, const char *code, TestNode **out)
{
  TestNode *node = *out = node_new();
  Enrolled enrolled;
  Arena *arena = &node->folder.arena;
  const char *url = arena_printf(arena, "https://127.0.0.1:%d", port ? port : up->port);
  Err err = enrol_join(node->path, &node->env, url, code, strcmp(kind, "office") == 0 ? "localhost,127.0.0.1" : "",
                       arena, &enrolled);
  if (err == ERR_OK) err = store_open(node->path, &node->env, &node->store);
  return err;
}

TestNode *test_join(TestNode *up, const char *kind, int port)
{
  TestNode *node;
  assert_ok(test_enrol(up, kind, port, test_code(up, kind), &node));
  assert_ok(agent_catch_up(node->store, PATIENCE_MS));
  return node;
}

void test_node_free(TestNode *node)
{
  if (!node) return;
  test_agent_stop(node);
  test_unserve(node);
  store_close(node->store);
  test_folder_fini(&node->folder);
  free(node);
}

void test_node_freep(TestNode **node)
{
  test_node_free(*node);
  *node = NULL;
}

void test_serve(TestNode *node)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TlsIdentity identity;
  assert_ok(tls_load(node->store, &arena, &identity));
  HttpOptions options = {.listen = arena_printf(&arena, "127.0.0.1:%d", node->port),
                         .store_folder = node->path,
                         .env = &node->env,
                         .certificate_pem = identity.node_pem,
                         .key_pem = identity.node_key_pem,
                         .browser_certificate_pem = identity.browser_pem,
                         .browser_key_pem = identity.browser_key_pem,
                         .workers = 2,
                         .idle_timeout_s = node->idle_timeout_s};
  assert_ok(hub_open(node->store, &node->hub));
  assert_ok(http_server_new(&options, &node->server));
  hub_routes(node->server, node->hub);
  assert_ok(http_server_start(node->server));
  node->port = http_server_port(node->server);
}

void test_unserve(TestNode *node)
{
  http_server_free(node->server);
  hub_close(node->hub);
  node->server = NULL;
  node->hub = NULL;
}

void test_agent(TestNode *node)
{
  assert_ok(agent_run_start(node->path, &node->env, &node->agent));
}

void test_agent_stop(TestNode *node)
{
  agent_run_stop(node->agent);
  node->agent = NULL;
}

static void put_client(Tx *tx, unsigned number, const char *given, const char *family)
{
  const Col *cols =
      COLS(col_text("given", str_c(given)), col_text("family", str_c(family)), col_text("sort_name", str_c(family)));
  assert_ok(tx_put(tx, "client", test_id(number), cols, NULL));
}

void test_walk_in(Store *store, unsigned number, const char *given, const char *family)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_client(test_id(number)), "checkin.finish", "", &tx));
  put_client(&tx, number, given, family);
  assert_ok(tx_commit(&tx));
}

void test_expected(Store *store, unsigned number, const char *given, const char *family)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Site *sites;
  size_t count;
  WallTime now;
  char start[WALL_TEXT_LEN + 1];
  assert_ok(site_list(store, &arena, &sites, &count));
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.expected", "", &tx));
  assert_ok(site_wall(&sites[0], tx_now(&tx), &now));
  wall_text(now, start);
  put_client(&tx, number, given, family);
  Uuid client = test_id(number), type = test_id(9000);
  assert_ok(tx_put(&tx, "appointment_type", type, COLS(col_text("name", STR("Visit")), col_int("minutes", 30)), NULL));
  assert_ok(
      tx_insert(&tx, "appointment", test_id(10000 + number),
                COLS(col_uuid("client", &client), col_uuid("type", &type), col_uuid("site", &sites[0].id),
                     col_text("start_wall", str_c(start)), col_int("minutes", 30), col_text("status", STR("booked")))));
  assert_ok(tx_commit(&tx));
}

void test_until_count(TestNode *node, const char *table, int64_t count)
{
  for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    if (test_count(node->store, table) == count) return;
    poll(NULL, 0, LOOK_MS);
  }
  fail_msg("%lld rows of %s, not %lld", (long long)test_count(node->store, table), table, (long long)count);
}

bool test_equal(TestNode *a, TestNode *b)
{
  Hash x, y;
  assert_ok(verify_digest(a->store, &x));
  assert_ok(verify_digest(b->store, &y));
  return hash_eq(x, y);
}

void test_until_equal(TestNode *const nodes[], size_t count)
{
  for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    bool equal = true;
    for (size_t i = 1; i < count && equal; i++) equal = test_equal(nodes[0], nodes[i]);
    if (equal) return;
    poll(NULL, 0, LOOK_MS);
  }
  for (size_t i = 0; i < count; i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    SyncStatus status;
    assert_ok(status_read(nodes[i]->store, &arena, &status));
    print_error("node %zu: head %lld, state %s, waiting %lld, %s %s\n", i, (long long)store_head(nodes[i]->store),
                sync_state_text(status.state), (long long)status.waiting_entries, err_name(status.err), status.detail);
  }
  fail_msg("the nodes do not become equal");
}

void test_until_state(TestNode *node, SyncState state)
{
  SyncStatus status = {0};
  for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    assert_ok(status_read(node->store, &arena, &status));
    if (status.state == state) return;
    poll(NULL, 0, LOOK_MS);
  }
  fail_msg("state is %s, not %s", sync_state_text(status.state), sync_state_text(state));
}
