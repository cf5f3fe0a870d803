/* Real nodes on loopback, with TLS: a root, and others that were enrolled through the front door. For tests of sync. */
#pragma once

#include "sync/agent/run.h"
#include "sync/hub/hub.h"
#include "tests/support/store_fixture.h"

typedef struct TestNode {
  Env env; /* the system's, with `clock_ms` added to its clock; first */
  int64_t clock_ms;
  TestFolder folder;
  const char *path;
  Store *store; /* the test's own connection */
  Hub *hub;
  HttpServer *server;
  int port;
  int idle_timeout_s; /* of the server, from the next test_serve on; 0: as ever */
  AgentRun *agent;
} TestNode;

/* test_root: a practice with a site and a CA, serving. test_join: enrolled at `up`, reached at `port` (0: its own), and caught up;
 * `kind` "office" or "lobby". An office does not serve yet. Free with test_node_free. */
TestNode *test_root(void);
TestNode *test_join(TestNode *up, const char *kind, int port);
/* test_enrol: as far as enrolment goes; *node is made whatever comes of it. */
Err test_enrol(TestNode *up, const char *kind, int port, const char *code, TestNode **node);
const char *test_code(TestNode *up, const char *kind); /* lives as long as the node */
void test_node_free(TestNode *node);
void test_node_freep(TestNode **node);

/* test_serve: start the hub; on the same port as before if there was one. test_unserve: stop it. */
void test_serve(TestNode *node);
void test_unserve(TestNode *node);
/* test_agent: start it. test_agent_stop: stop it. */
void test_agent(TestNode *node);
void test_agent_stop(TestNode *node);

/* test_walk_in: a client as a tablet writes one. test_expected: a client with a visit today, as a desk books one. */
void test_walk_in(Store *store, unsigned number, const char *given, const char *family);
void test_expected(Store *store, unsigned number, const char *given, const char *family);
/* test_until_count: until a table has so many rows here. */
void test_until_count(TestNode *node, const char *table, int64_t count);

/* test_until_equal: wait until the digests of all are the same; fails after some seconds. */
void test_until_equal(TestNode *const nodes[], size_t count);
/* test_until_state: until the status in the store says so. */
void test_until_state(TestNode *node, SyncState state);
bool test_equal(TestNode *a, TestNode *b);
