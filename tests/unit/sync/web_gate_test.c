#include <stdio.h>
#include <string.h>

#include "common/practice/permission.h"
#include "common/practice/session.h"
#include "common/practice/staff.h"
#include "common/practice/task.h"
#include "sync/web/request.h"
#include "tests/support/desk.h"
#include "tests/support/unit.h"

/* One desk for all: passwords are slow to hash on purpose. Each test signs in anew. */
static TestDesk *desk;

static int open_desk(void **state)
{
  (void)state;
  desk = test_desk_make();
  return 0;
}

static int close_desk(void **state)
{
  (void)state;
  test_desk_free(desk);
  return 0;
}

static int sign_out_of_test(void **state)
{
  (void)state;
  desk->cookie = desk->guard = NULL;
  return 0;
}

static int status(const char *method, const char *path, const char *body)
{
  return test_desk_call(desk, method, path, body).status;
}

static bool contains(Str text, const char *what)
{
  return memmem(text.ptr, text.len, what, strlen(what)) != NULL;
}

TEST(a_wrong_password_and_an_unknown_name_get_the_same_answer)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", "not the password"), 401);
  assert_int_equal(test_desk_sign_in(desk, "nobody", "not the password"), 401);
  assert_null(desk->cookie);
}

TEST(after_five_wrong_passwords_even_the_right_one_must_wait)
{
  for (int i = 0; i < 5; i++) assert_int_equal(test_desk_sign_in(desk, "elsewhere", "not the password"), 401);
  assert_int_equal(test_desk_sign_in(desk, "elsewhere", DESK_PASSWORD), 429);
  env_fake_advance(desk->practice.t.fake, 60 * 60000);
  assert_int_equal(test_desk_sign_in(desk, "elsewhere", DESK_PASSWORD), 200);
}

TEST(the_cookie_is_for_this_host_and_out_of_reach_of_scripts)
{
  Browse request = {.port = desk->port,
                    .method = "POST",
                    .path = "/api/session",
                    .headers = {"Content-Type: application/json"},
                    .body = "{\"username\": \"desk\", \"password\": \"" DESK_PASSWORD "\"}"};
  Browsed answer = browse(&desk->arena, &request);
  Str cookie = browse_header(&desk->arena, &answer, "Set-Cookie");
  assert_true(str_starts(cookie, STR("__Host-foyer-")));
  assert_true(contains(cookie, "; Path=/;"));
  assert_true(contains(cookie, "Secure"));
  assert_true(contains(cookie, "HttpOnly"));
  assert_true(contains(cookie, "SameSite=Strict"));
  assert_true(str_eq_c(browse_header(&desk->arena, &answer, "Cache-Control"), "no-store"));
}

TEST(signing_in_makes_a_new_session_and_ends_the_one_before)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  const char *first = desk->cookie;
  Browse request = {.port = desk->port,
                    .method = "POST",
                    .path = "/api/session",
                    .headers = {"Content-Type: application/json"},
                    .cookie = first,
                    .body = "{\"username\": \"desk\", \"password\": \"" DESK_PASSWORD "\"}"};
  Browsed answer = browse(&desk->arena, &request);
  assert_int_equal(answer.status, 200);
  Str set = browse_header(&desk->arena, &answer, "Set-Cookie");
  assert_false(str_eq_c(str_cut(&set, ';'), first));
  assert_int_equal(status("GET", "/api/session", NULL), 401); /* with the first one */
}

TEST(a_session_that_someone_made_up_is_none)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  char made_up[128];
  snprintf(made_up, sizeof made_up, "%.*s=%.43s", (int)(strchr(desk->cookie, '=') - desk->cookie), desk->cookie,
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  desk->cookie = made_up;
  assert_int_equal(status("GET", "/api/session", NULL), 401);
}

TEST(a_page_that_looks_by_itself_is_no_activity)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  env_fake_advance(desk->practice.t.fake, WEB_IDLE_MS - 1000);
  assert_int_equal(status("GET", "/api/board", NULL), 200);
  env_fake_advance(desk->practice.t.fake, 2000);
  assert_int_equal(status("GET", "/api/board", NULL), 401);
}

TEST(a_person_who_works_stays_signed_in)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  env_fake_advance(desk->practice.t.fake, WEB_IDLE_MS - 1000);
  assert_int_equal(status("POST", "/api/session/touch", NULL), 200);
  env_fake_advance(desk->practice.t.fake, WEB_IDLE_MS - 1000);
  assert_int_equal(status("GET", "/api/board", NULL), 200);
}

TEST(signing_out_ends_the_session_at_the_server)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  assert_int_equal(status("DELETE", "/api/session", NULL), 200);
  assert_int_equal(status("GET", "/api/session", NULL), 401);
}

TEST(staff_who_have_left_are_out_at_once)
{
  assert_int_equal(test_desk_sign_in(desk, "clinician", DESK_PASSWORD), 200);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(desk->practice.t.store, actor_system(), "staff.leave", "", &tx));
  assert_ok(tx_update(&tx, "staff", desk->clinician, COLS(col_int("active", 0))));
  assert_ok(tx_commit(&tx));
  assert_int_equal(status("GET", "/api/board", NULL), 401);
}

TEST(the_database_holds_no_token)
{
  assert_int_equal(test_desk_sign_in(desk, "desk", DESK_PASSWORD), 200);
  Session session;
  Str token = str_c(strchr(desk->cookie, '=') + 1);
  assert_ok(session_find(desk->practice.t.store, &desk->arena, token, WEB_IDLE_MS, &session));
  assert_string_equal(session.guard, desk->guard);
  assert_memory_not_equal(session.token_hash.bytes, token.ptr, HASH_SIZE);
  Str guard = str_c(desk->guard); /* nor does the guard open anything */
  assert_err(session_find(desk->practice.t.store, &desk->arena, guard, WEB_IDLE_MS, &session), ERR_DENIED);
}

enum { ROUTES_MAX = 64, TRICKS = 5 };

/* What a foreign page could send along with the cookie; the guard is right where one is given. */
static void foreign_requests(const WebRoute *r, Browse out[TRICKS])
{
  const char *json = "Content-Type: application/json";
  const char *guard = arena_printf(&desk->arena, "X-Foyer-Guard: %s", desk->guard);
  Browse base = {.port = desk->port, .method = r->method, .path = r->pattern, .cookie = desk->cookie, .body = "{}"};
  for (size_t i = 0; i < TRICKS; i++) out[i] = base;
  memcpy(out[0].headers, (const char *[]){json, guard, "Origin: https://elsewhere.example"}, 3 * sizeof(char *));
  memcpy(out[1].headers, (const char *[]){json, guard, "Sec-Fetch-Site: cross-site"}, 3 * sizeof(char *));
  memcpy(out[2].headers, (const char *[]){"Content-Type: text/plain", guard}, 2 * sizeof(char *));
  out[3].headers[0] = json; /* no guard */
  memcpy(out[4].headers, (const char *[]){json, "X-Foyer-Guard: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
         2 * sizeof(char *));
}

TEST(no_write_is_taken_from_a_foreign_page)
{
  assert_int_equal(test_desk_sign_in(desk, "owner", DESK_PASSWORD), 200);
  Browse *requests = ARENA_ARRAY(&desk->arena, Browse, ROUTES_MAX * TRICKS);
  int *got = ARENA_ARRAY(&desk->arena, int, ROUTES_MAX *TRICKS);
  size_t count = 0;
  for (size_t t = 0; web_tables[t]; t++) {
    for (const WebRoute *r = web_tables[t]; r->method; r++) {
      if (strcmp(r->method, "GET") == 0) continue;
      Browse tricks[TRICKS];
      foreign_requests(r, tricks);
      size_t n = r->access == WEB_OPEN ? 3 : TRICKS; /* signing in has no guard yet */
      memcpy(&requests[count], tricks, n * sizeof *tricks);
      count += n;
    }
  }
  browse_statuses(&desk->arena, requests, count, got);
  for (size_t i = 0; i < count; i++)
    if (got[i] != 403) fail_msg("%s %s (%zu) gave %d", requests[i].method, requests[i].path, i, got[i]);
  assert_int_equal(status("GET", "/api/session", NULL), 200); /* nothing of it ended the session */
}

/* path_of: the pattern with an id that is nobody's in each place. */
static const char *path_of(Arena *arena, const char *pattern)
{
  Str rest = str_c(pattern);
  const char *path = "";
  str_cut(&rest, '/');
  while (rest.len) {
    Str part = str_cut(&rest, '/');
    bool parameter = part.len && part.ptr[0] == ':';
    path = arena_printf(arena, "%s/" STR_FMT, path,
                        STR_ARG(parameter ? STR("019b0000-0000-7000-8000-000000000001") : part));
  }
  return path;
}

static bool role_may(Uuid staff, Permission permission)
{
  return permission_check(desk->practice.t.store, staff, (Uuid){{0}}, permission) == ERR_OK;
}

/* Every route with this role, and with no cookie; counts how many were forbidden to it. */
static size_t try_role(const char *name, Uuid staff)
{
  assert_int_equal(test_desk_sign_in(desk, name, DESK_PASSWORD), 200);
  Browse requests[2 * ROUTES_MAX] = {0};
  const WebRoute *routes[ROUTES_MAX];
  int got[2 * ROUTES_MAX];
  size_t count = 0, forbidden = 0;
  for (size_t t = 0; web_tables[t]; t++) {
    for (const WebRoute *r = web_tables[t]; r->method; r++) {
      if (r->access == WEB_OPEN || strcmp(r->method, "DELETE") == 0) continue;
      routes[count / 2] = r;
      Browse *request = &requests[count++];
      *request = (Browse){.port = desk->port,
                          .method = r->method,
                          .path = path_of(&desk->arena, r->pattern),
                          .cookie = desk->cookie};
      if (strcmp(r->method, "GET") != 0) {
        request->body = "{}";
        request->headers[0] = "Content-Type: application/json";
        request->headers[1] = arena_printf(&desk->arena, "X-Foyer-Guard: %s", desk->guard);
      }
      requests[count] = *request;
      requests[count++].cookie = NULL;
    }
  }
  browse_statuses(&desk->arena, requests, count, got);
  for (size_t i = 0; i < count; i += 2) {
    const WebRoute *r = routes[i / 2];
    bool may = r->access == WEB_SIGNED_IN || role_may(staff, r->permission);
    if (may == (got[i] == 403 || got[i] == 401)) fail_msg("%s: %s %s gave %d", name, r->method, r->pattern, got[i]);
    if (got[i + 1] != 401) fail_msg("nobody: %s %s gave %d", r->method, r->pattern, got[i + 1]);
    forbidden += !may;
  }
  return forbidden;
}

TEST(every_route_asks_who_and_what_for)
{
  assert_int_equal(try_role("owner", desk->owner), 0);
  assert_true(try_role("desk", desk->desk) >= 3);
  assert_true(try_role("clinician", desk->clinician) >= 4);
}

/* add_task: at the site of the node. */
static const char *add_task(void)
{
  Task task = {.kind = "todo", .title = "Call the lab", .site = desk->practice.site.id, .note = "", .status = "open"};
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(desk->practice.t.store, actor_system(), "test.task", "", &tx));
  assert_ok(task_add(&tx, &task, &id));
  assert_ok(tx_commit(&tx));
  char *text = arena_alloc(&desk->arena, UUID_TEXT_LEN + 1);
  uuid_text(id, text);
  return text;
}

TEST(a_role_at_another_site_opens_nothing_here)
{
  test_person(&desk->practice, 1, "Ana", "Ruiz", "1980-02-29", "555-010-0100");
  Uuid visit = test_visit(&desk->practice, 100, 1, "10:30");
  assert_int_equal(test_desk_sign_in(desk, "elsewhere", DESK_PASSWORD), 200);
  char here[UUID_TEXT_LEN + 1], there[UUID_TEXT_LEN + 1], id[UUID_TEXT_LEN + 1];
  uuid_text(desk->practice.site.id, here);
  uuid_text(desk->other_site, there);
  uuid_text(visit, id);
  assert_int_equal(status("GET", arena_printf(&desk->arena, "/api/board?site=%s", here), NULL), 403);
  assert_int_equal(status("GET", arena_printf(&desk->arena, "/api/board?site=%s", there), NULL), 200);
  const char *move = arena_printf(&desk->arena, "/api/appointments/%s/move", id);
  assert_int_equal(status("POST", move, "{\"expected\": \"booked\", \"status\": \"arrived\"}"), 403);
  const char *walk_in =
      arena_printf(&desk->arena, "{\"site\": \"%s\", \"given\": \"Eve\", \"family\": \"Hill\"}", here);
  assert_int_equal(status("POST", "/api/walk-ins", walk_in), 403);
  const char *task = arena_printf(&desk->arena, "/api/tasks/%s/close", add_task());
  assert_int_equal(status("POST", task, "{\"status\": \"done\"}"), 403);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(a_wrong_password_and_an_unknown_name_get_the_same_answer, sign_out_of_test),
      cmocka_unit_test_teardown(after_five_wrong_passwords_even_the_right_one_must_wait, sign_out_of_test),
      cmocka_unit_test_teardown(the_cookie_is_for_this_host_and_out_of_reach_of_scripts, sign_out_of_test),
      cmocka_unit_test_teardown(signing_in_makes_a_new_session_and_ends_the_one_before, sign_out_of_test),
      cmocka_unit_test_teardown(a_session_that_someone_made_up_is_none, sign_out_of_test),
      cmocka_unit_test_teardown(a_page_that_looks_by_itself_is_no_activity, sign_out_of_test),
      cmocka_unit_test_teardown(a_person_who_works_stays_signed_in, sign_out_of_test),
      cmocka_unit_test_teardown(signing_out_ends_the_session_at_the_server, sign_out_of_test),
      cmocka_unit_test_teardown(the_database_holds_no_token, sign_out_of_test),
      cmocka_unit_test_teardown(no_write_is_taken_from_a_foreign_page, sign_out_of_test),
      cmocka_unit_test_teardown(every_route_asks_who_and_what_for, sign_out_of_test),
      cmocka_unit_test_teardown(a_role_at_another_site_opens_nothing_here, sign_out_of_test),
      cmocka_unit_test_teardown(staff_who_have_left_are_out_at_once, sign_out_of_test),
  };
  return cmocka_run_group_tests(tests, open_desk, close_desk);
}
