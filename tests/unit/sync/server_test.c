/* The HTTPS server and client, with one another and with rude company. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sync/http/client.h"
#include "sync/http/server.h"
#include "sync/tls/tls.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

typedef struct Served {
  TestFolder folder;
  Store *store;
  HttpServer *server;
  HttpClient *client;
  Arena arena;
} Served;

static void hello(HttpRequest *request, HttpResponse *response, void *context)
{
  (void)context;
  http_set_header(response, "X-Test", "yes");
  json_t *answer = json_object();
  json_object_set_new(answer, "id", json_from_str(http_param(request, "id")));
  json_object_set_new(answer, "rest", json_from_str(http_param(request, "*")));
  json_object_set_new(answer, "q", json_from_str(http_query(request, "q")));
  json_object_set_new(answer, "token", json_from_str(http_header(request, "Authorization")));
  json_object_set_new(answer, "bytes", json_integer((json_int_t)request->body.len));
  http_json(request, response, 201, answer);
}

static void wait_for_news(HttpRequest *request, HttpResponse *response, void *context)
{
  (void)context;
  if (!request->woken && !request->timed_out) {
    response->park_ms = 700;
    response->park_head = store_head(request->store);
    return;
  }
  http_json(request, response, 200,
            json_pack("{s:b, s:I}", "woken", (int)request->woken, "waited", (json_int_t)request->waited_ms));
}

static void fail_with(HttpRequest *request, HttpResponse *response, void *context)
{
  (void)context;
  http_error(request, response, err_because(ERR_CONFLICT, "two at once"));
}

static void made(Served *s, int idle_timeout_s)
{
  *s = (Served){.folder = test_folder_make(), .arena = arena_make(0)};
  const char *path = test_folder_path(&s->folder, "node");
  TlsIdentity identity;
  assert_ok(store_create(path, env_system(), &s->store));
  assert_ok(tls_setup(s->store, "localhost,127.0.0.1"));
  assert_ok(tls_load(s->store, &s->arena, &identity));
  HttpOptions options = {.listen = "127.0.0.1:0",
                         .store_folder = path,
                         .env = env_system(),
                         .certificate_pem = identity.node_pem,
                         .key_pem = identity.node_key_pem,
                         .browser_certificate_pem = identity.browser_pem,
                         .browser_key_pem = identity.browser_key_pem,
                         .workers = 2,
                         .idle_timeout_s = idle_timeout_s};
  assert_ok(http_server_new(&options, &s->server));
  http_route(s->server, "GET", "/", 0, hello, NULL);
  http_route(s->server, "GET", "/items/:id", 0, hello, NULL);
  http_route(s->server, "POST", "/items/:id/x", 1000, hello, NULL);
  http_route(s->server, "GET", "/files/*", 0, hello, NULL);
  http_route(s->server, "GET", "/wait", 0, wait_for_news, NULL);
  http_route(s->server, "GET", "/fail", 0, fail_with, NULL);
  assert_ok(http_server_start(s->server));
  char name[TLS_NAME_MAX];
  tls_node_name(store_node(s->store), name);
  HttpClientOptions to = {.url = arena_printf(&s->arena, "https://127.0.0.1:%d", http_server_port(s->server)),
                          .name = name,
                          .ca_path = tls_ca_path(s->store, &s->arena)};
  assert_ok(http_client_new(&to, &s->client));
}

static void served_fini(Served *s)
{
  http_client_free(s->client);
  http_server_free(s->server);
  store_close(s->store);
  arena_fini(&s->arena);
  test_folder_fini(&s->folder);
}

static json_t *ask(Served *s, const char *method, const char *path, Str body, int status)
{
  HttpCall call = {.method = method, .path = path, .body = body, .token = "secret"};
  HttpAnswer answer = http_client_call(s->client, &s->arena, &call);
  assert_ok(answer.err);
  assert_int_equal(answer.status, status);
  json_t *value;
  assert_ok(json_parse(answer.body, &value));
  return value;
}

static void expect(Served *s, const char *method, const char *path, Str body, int status)
{
  json_decref(ask(s, method, path, body, status));
}

TEST(routes_take_their_parameters)
{
  AUTO(Served, s, served_fini);
  made(&s, 0);
  AUTO(json_t *, item, json_release) = ask(&s, "GET", "/items/a%20b?q=1%262", STR(""), 201);
  assert_true(str_eq_c(json_str(item, "id"), "a b") && str_eq_c(json_str(item, "q"), "1&2"));
  assert_true(str_eq_c(json_str(item, "token"), "Bearer secret"));
  AUTO(json_t *, file, json_release) = ask(&s, "GET", "/files/a/b.js", STR(""), 201);
  assert_true(str_eq_c(json_str(file, "rest"), "a/b.js"));
  AUTO(json_t *, posted, json_release) = ask(&s, "POST", "/items/7/x", STR("12345"), 201);
  assert_int_equal(json_int(posted, "bytes", 0), 5);
  expect(&s, "GET", "/", STR(""), 201);
  expect(&s, "GET", "/items", STR(""), 404);
  expect(&s, "GET", "/items/7/x/y", STR(""), 404);
  expect(&s, "GET", "/items/7/x", STR(""), 405);
  AUTO(json_t *, conflict, json_release) = ask(&s, "GET", "/fail", STR(""), 409);
  assert_true(str_eq_c(json_str(conflict, "error"), "error.conflict"));
  assert_true(str_eq_c(json_str(conflict, "detail"), "two at once"));
}

TEST(a_body_beyond_its_limit_is_refused)
{
  AUTO(Served, s, served_fini);
  made(&s, 0);
  char *bytes = arena_alloc(&s.arena, 1001);
  expect(&s, "POST", "/items/7/x", (Str){bytes, 1000}, 201);
  expect(&s, "POST", "/items/7/x", (Str){bytes, 1001}, 413);
}

TEST(what_is_parked_is_answered_when_the_journal_grows_or_time_is_up)
{
  AUTO(Served, s, served_fini);
  made(&s, 0);
  AUTO(json_t *, late, json_release) = ask(&s, "GET", "/wait", STR(""), 200);
  assert_false(json_bool(late, "woken", true));
  assert_true(json_int(late, "waited", 0) >= 650);
  HttpCall call = {.method = "GET", .path = "/wait"};
  HttpAnswer answer = {0};
  assert_ok(http_client_start(s.client, 1, &call));
  for (int i = 0; i < 20; i++) assert_ok(http_client_wait(s.client, NULL, 0, NULL, 10));
  int64_t before = env_monotonic_ms(env_system());
  test_client(s.store, 1, "Ana", "Ruiz");
  while (!http_client_take(s.client, 1, &s.arena, &answer)) assert_ok(http_client_wait(s.client, NULL, 0, NULL, 100));
  assert_ok(answer.err);
  assert_non_null(strstr(arena_cstr(&s.arena, answer.body), "\"woken\":true"));
  assert_true(env_monotonic_ms(env_system()) - before < 300);
}

TEST(a_stop_answers_what_is_parked_and_then_refuses)
{
  AUTO(Served, s, served_fini);
  made(&s, 0);
  HttpCall call = {.method = "GET", .path = "/wait"};
  HttpAnswer answer = {0};
  assert_ok(http_client_start(s.client, 1, &call));
  for (int i = 0; i < 20; i++) assert_ok(http_client_wait(s.client, NULL, 0, NULL, 10));
  http_server_stop(s.server);
  while (!http_client_take(s.client, 1, &s.arena, &answer)) assert_ok(http_client_wait(s.client, NULL, 0, NULL, 100));
  assert_ok(answer.err);
  assert_int_equal(answer.status, 200);
  answer = http_client_call(s.client, &s.arena, &call);
  assert_int_equal(answer.err, ERR_NETWORK);
}

static int connect_to(int port)
{
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

TEST(who_says_nothing_or_drips_is_cut_and_others_are_served_meanwhile)
{
  AUTO(Served, s, served_fini);
  made(&s, 2);
  int silent = connect_to(http_server_port(s.server)), dripping = connect_to(http_server_port(s.server));
  int64_t start = env_monotonic_ms(env_system());
  bool cut = false;
  while (!cut && env_monotonic_ms(env_system()) - start < 8000) {
    expect(&s, "GET", "/items/1", STR(""), 201);
    (void)!send(dripping, "\x16", 1, MSG_NOSIGNAL);
    poll(NULL, 0, 50);
    char byte;
    ssize_t one = recv(silent, &byte, 1, MSG_DONTWAIT), two = recv(dripping, &byte, 1, MSG_DONTWAIT);
    cut = !(one < 0 && errno == EAGAIN) && !(two < 0 && errno == EAGAIN);
  }
  close(silent);
  close(dripping);
  assert_true(cut);
  assert_true(env_monotonic_ms(env_system()) - start < 6000);
}

TEST(only_the_name_that_is_asked_for_is_trusted)
{
  AUTO(Served, s, served_fini);
  made(&s, 0);
  HttpClientOptions to = {.url = arena_printf(&s.arena, "https://127.0.0.1:%d", http_server_port(s.server)),
                          .name = "00000001.node.foyer.internal",
                          .ca_path = tls_ca_path(s.store, &s.arena)};
  HttpCall call = {.method = "GET", .path = "/"};
  AUTO(HttpClient *, other, http_client_freep) = NULL;
  assert_ok(http_client_new(&to, &other));
  assert_int_equal(http_client_call(other, &s.arena, &call).err, ERR_DENIED);
  to.name = NULL; /* as a browser does: the address, which the other certificate names */
  AUTO(HttpClient *, browser, http_client_freep) = NULL;
  assert_ok(http_client_new(&to, &browser));
  assert_int_equal(http_client_call(browser, &s.arena, &call).err, ERR_OK);
}

TEST(an_address_that_is_none_is_refused)
{
  static const char *const BAD[] = {"http://a:1", "https://", "a:1", "https://a/x", "https://a?b", ""};
  for (size_t i = 0; i < COUNT_OF(BAD); i++) {
    HttpClient *client = NULL;
    assert_err(http_client_new(&(HttpClientOptions){.url = BAD[i]}, &client), ERR_INVALID);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(routes_take_their_parameters),
      cmocka_unit_test(a_body_beyond_its_limit_is_refused),
      cmocka_unit_test(what_is_parked_is_answered_when_the_journal_grows_or_time_is_up),
      cmocka_unit_test(a_stop_answers_what_is_parked_and_then_refuses),
      cmocka_unit_test(who_says_nothing_or_drips_is_cut_and_others_are_served_meanwhile),
      cmocka_unit_test(only_the_name_that_is_asked_for_is_trusted),
      cmocka_unit_test(an_address_that_is_none_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
