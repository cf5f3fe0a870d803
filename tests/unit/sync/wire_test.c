/* The wire as strangers may use it: old TLS, wrong certificates, slow and many connections, odd requests. */
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sync/tls/certificate.h"
#include "sync/tls/tls.h"
#include "tests/support/nodes.h"
#include "tests/support/rude.h"
#include "tests/support/unit.h"

static const char GET_CA[] = "GET /sync/v1/ca HTTP/1.1\r\nHost: a\r\n\r\n";

static HttpAnswer ask(Arena *arena, int port, const char *name, const char *ca_path)
{
  HttpClientOptions to = {.url = arena_printf(arena, "https://127.0.0.1:%d", port), .name = name, .ca_path = ca_path};
  HttpCall call = {.method = "GET", .path = "/sync/v1/ca", .silence_ms = 10000};
  AUTO(HttpClient *, client, http_client_freep) = NULL;
  assert_ok(http_client_new(&to, &client));
  return http_client_call(client, arena, &call);
}

/* A polite request, as an agent makes it, on a connection of its own. */
static void assert_served(TestNode *root)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char name[TLS_NAME_MAX];
  tls_node_name(store_node(root->store), name);
  HttpAnswer answer = ask(&arena, root->port, name, tls_ca_path(root->store, &arena));
  assert_ok(answer.err);
  assert_int_equal(answer.status, 200);
}

static TestNode *impatient_root(int idle_timeout_s)
{
  TestNode *root = test_root();
  test_unserve(root);
  root->idle_timeout_s = idle_timeout_s;
  test_serve(root);
  return root;
}

TEST(a_server_speaks_tls_1_2_and_1_3_and_nothing_older)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  static const struct {
    const char *priorities;
    bool good;
  } CASES[] = {{"NORMAL:-VERS-ALL:+VERS-TLS1.3", true},
               {"NORMAL:-VERS-ALL:+VERS-TLS1.2", true},
               {"NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", false},
               {"NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT", false},
               {"NORMAL:-CIPHER-ALL:+NULL:-VERS-ALL:+VERS-TLS1.2", false},
               {"NORMAL:-CIPHER-ALL:+3DES-CBC:+ARCFOUR-128:-VERS-ALL:+VERS-TLS1.2", false},
               {"NORMAL:-KX-ALL:+ANON-ECDH:-VERS-ALL:+VERS-TLS1.2", false}};
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Rude *rude = rude_open(root->port, CASES[i].priorities);
    if ((rude != NULL) != CASES[i].good) fail_msg("%s", CASES[i].priorities);
    rude_close(rude);
  }
  assert_served(root);
}

typedef struct Forged {
  Str certificate, key;
} Forged;

/* forge: a certificate for this node's name, signed by `ca` with `ca_key`. */
static Forged forge(Arena *arena, Str ca, Str ca_key, const char *name)
{
  Forged out;
  Str request;
  const char *const names[] = {name, NULL};
  CertificateWish wish = {.common_name = name, .names = names};
  assert_ok(certificate_key_new(arena, &out.key));
  assert_ok(certificate_request(arena, out.key, name, &request));
  assert_ok(certificate_sign(arena, env_system(), ca, ca_key, request, &wish, &out.certificate));
  return out;
}

/* call_forged: what a client that believes the CA of `root` makes of a server that shows this. */
static Err call_forged(Arena *arena, TestNode *root, Forged shown, const char *name, const char *priorities,
                       int *requests)
{
  RudeServer *server = rude_server_start(shown.certificate, shown.key, priorities);
  HttpAnswer answer = ask(arena, rude_server_port(server), name, tls_ca_path(root->store, arena));
  *requests = rude_server_stop(server);
  return answer.err;
}

TEST(a_client_says_nothing_to_whoever_shows_a_wrong_certificate_or_old_tls)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(TestNode *, office, test_node_freep) = test_join(root, "office", 0);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TlsIdentity own, below;
  Str other_key, other_ca, same_name_ca;
  char name[TLS_NAME_MAX], office_name[TLS_NAME_MAX];
  int requests;
  tls_node_name(store_node(root->store), name);
  tls_node_name(store_node(office->store), office_name);
  assert_ok(tls_load(root->store, &arena, &own));
  assert_ok(tls_load(office->store, &arena, &below));
  Forged good = {own.node_pem, own.node_key_pem};
  assert_ok(call_forged(&arena, root, good, name, NULL, &requests));
  assert_int_equal(requests, 1); /* so it is the certificate that makes the difference below */
  assert_ok(certificate_key_new(&arena, &other_key));
  assert_ok(certificate_ca(&arena, env_system(), other_key, "Another practice", &other_ca));
  assert_ok(certificate_ca(&arena, env_system(), other_key, "Foyer practice CA", &same_name_ca));
  Forged office_cert = {below.node_pem, below.node_key_pem};
  Forged list[] = {
      forge(&arena, other_ca, other_key, name),
      forge(&arena, same_name_ca, other_key, name),
      forge(&arena, below.node_pem, below.node_key_pem, name), /* a node's certificate is none that may sign */
      office_cert,                                             /* of the practice, for another name */
      {own.browser_pem, own.browser_key_pem},
  };
  for (size_t i = 0; i < COUNT_OF(list); i++) {
    Err err = call_forged(&arena, root, list[i], name, NULL, &requests);
    if (err != ERR_DENIED || requests != 0) fail_msg("case %zu: %s, %d requests", i, err_name(err), requests);
  }
  /* With the right certificate, but as TLS was before. */
  assert_err(call_forged(&arena, root, good, name, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", &requests), ERR_NETWORK);
  assert_int_equal(requests, 0);
}

/* ------------------------------------------------------------------------------------------------------------ patience */

TEST(slow_heads_and_bodies_are_cut_and_others_are_served_meanwhile)
{
  AUTO(TestNode *, root, test_node_freep) = impatient_root(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const struct {
    const char *begin, *drip;
  } CASES[] = {
      {"", ""},                                     /* silent after the handshake */
      {"GET /sync/v1/ca HTTP/1.1\r\n", "X: y\r\n"}, /* a head without an end */
      {"GET /sync/v1/ca HTTP/1.1\r\nX: ", "y"},     /* a line without an end */
      {"POST /sync/v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n", "{"},
      {"POST /sync/v1/enrol HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n{\r\n"},
  };
  Rude *slow[COUNT_OF(CASES)];
  bool cut[COUNT_OF(CASES)] = {false};
  size_t left = COUNT_OF(CASES);
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    assert_non_null(slow[i] = rude_open(root->port, NULL));
    assert_true(rude_send(slow[i], str_c(CASES[i].begin)));
  }
  for (int turn = 0; left > 0 && turn < 100; turn++) {
    assert_served(root);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
      if (cut[i]) continue;
      bool closed;
      (void)rude_read(slow[i], &arena, 20, &closed);
      cut[i] = closed || !rude_send(slow[i], str_c(CASES[i].drip));
      if (cut[i]) left--;
    }
    poll(NULL, 0, 100);
  }
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    rude_close(slow[i]);
    if (!cut[i]) fail_msg("case %zu was never cut", i);
  }
}

TEST(a_thousand_connections_that_say_nothing_or_little_starve_nobody)
{
  enum { MANY = 1000, TLS_EVERY = 10 };
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max < 4096) skip();
  limit.rlim_cur = limit.rlim_cur > 4096 ? limit.rlim_cur : 4096;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  AUTO(TestNode *, root, test_node_freep) = test_root();
  static int fds[MANY];
  static Rude *rude[MANY / TLS_EVERY];
  for (int i = 0; i < MANY; i++) {
    fds[i] = -1;
    if (i % TLS_EVERY == 0) {
      Rude *one = rude[i / TLS_EVERY] = rude_open(root->port, NULL);
      assert_non_null(one);
      assert_true(rude_send(one, i % 20 ? STR("GET /sync/v1/ca HTTP/1.1\r\nHo") : STR("")));
    } else {
      assert_true((fds[i] = rude_connect(root->port)) >= 0);
      if (i % 3 == 0) assert_int_equal(write(fds[i], "\x16\x03\x01\x02", 4), 4); /* a hello that goes no further */
    }
    if (i % 100 == 99) assert_served(root);
  }
  bool closed;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (int i = 0; i < MANY / TLS_EVERY; i += 9) { /* those that were open all the time are answered too */
    assert_true(rude_send(rude[i], i % 2 ? STR("st: a\r\n\r\n") : (Str){GET_CA, sizeof GET_CA - 1}));
    assert_true(str_starts(rude_read(rude[i], &arena, 500, &closed), STR("HTTP/1.1 200")));
  }
  assert_served(root);
  for (int i = 0; i < MANY; i++)
    if (fds[i] >= 0) close(fds[i]);
  for (int i = 0; i < MANY / TLS_EVERY; i++) rude_close(rude[i]);
  assert_served(root);
}

/* ---------------------------------------------------------------------------------------------------------- odd requests */

static bool has_good_answer(Str text)
{
  for (size_t i = 0; i + 10 <= text.len; i++)
    if (memcmp(text.ptr + i, "HTTP/1.1 2", 10) == 0) return true;
  return false;
}

TEST(a_request_whose_length_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const char *const HEADS[] = {
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Content-Length: 2\r\nContent-Length: 41\r\n\r\n{}",
      "Content-Length: 2, 41\r\n\r\n{}",
      "Content-Length: +2\r\n\r\n{}",
      "Content-Length: -1\r\n\r\n",
      "Content-Length: 0x2\r\n\r\n{}",
      "Content-Length: 99999999999999999999\r\n\r\n{}",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n",
  };
  for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
    AUTO(Rude *, rude, rude_closep) = rude_open(root->port, NULL);
    bool closed;
    assert_non_null(rude);
    assert_true(rude_send(rude, str_c(arena_printf(&arena, "POST /sync/v1/enrol HTTP/1.1\r\nHost: a\r\n%s%s", HEADS[i],
                                                   GET_CA))));
    Str got = rude_read(rude, &arena, 3000, &closed);
    bool refused = got.len == 0 || str_starts(got, STR("HTTP/1.1 4"));
    if (!refused || !closed || has_good_answer(got))
      fail_msg("case %zu: %d, " STR_FMT, i, closed, (int)(got.len < 300 ? got.len : 300), got.ptr ? got.ptr : "");
  }
  assert_served(root);
}

TEST(heads_that_are_too_large_or_no_http_are_refused)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  char *much = arena_alloc(&arena, (200 << 10) + 1);
  memset(much, 'a', 200 << 10);
  const char *const list[] = {
      arena_printf(&arena, "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", much),
      arena_printf(&arena, "GET /sync/v1/ca HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", much),
      "GET /sync/v1/ca HTTP/9.9\r\nHost: a\r\n\r\n",
      "\r\n\r\n\x01\x02\x03 nothing\r\n\r\n",
      "GET /sync/v1/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
      "DELETE /sync/v1/ca HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  for (size_t i = 0; i < COUNT_OF(list); i++) {
    AUTO(Rude *, rude, rude_closep) = rude_open(root->port, NULL);
    bool closed;
    assert_non_null(rude);
    (void)rude_send(rude, str_c(list[i]));
    Str got = rude_read(rude, &arena, 500, &closed);
    bool refused = got.len == 0 || str_starts(got, STR("HTTP/1.1 4")) || str_starts(got, STR("HTTP/1.1 5")) ||
                   str_starts(got, STR("HTTP/1.0 4"));
    if (!refused) fail_msg("case %zu: " STR_FMT, i, (int)(got.len < 300 ? got.len : 300), got.ptr);
  }
  assert_served(root);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_server_speaks_tls_1_2_and_1_3_and_nothing_older),
      cmocka_unit_test(a_client_says_nothing_to_whoever_shows_a_wrong_certificate_or_old_tls),
      cmocka_unit_test(slow_heads_and_bodies_are_cut_and_others_are_served_meanwhile),
      cmocka_unit_test(a_thousand_connections_that_say_nothing_or_little_starve_nobody),
      cmocka_unit_test(a_request_whose_length_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered),
      cmocka_unit_test(heads_that_are_too_large_or_no_http_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
