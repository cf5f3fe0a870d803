/* A small practice whose desk is served over HTTPS, with an account for every role: for tests of sync/web. */
#pragma once

#include "sync/web/web.h"
#include "tests/support/browse.h"
#include "tests/support/practice_fixture.h"

#define DESK_PASSWORD "a password for tests"

typedef struct TestDesk {
  TestPractice practice;
  Arena arena;
  Env env; /* the fake's clock, the system's randomness: workers are threads */
  HttpServer *server;
  Web *web;
  int port;
  Uuid owner, desk, clinician,
      other_site;             /* "owner", "desk", "clinician": everywhere; "elsewhere": desk of other_site */
  const char *cookie, *guard; /* of whoever signed in last */
} TestDesk;

TestDesk *test_desk_make(void);
void test_desk_free(TestDesk *desk);
void test_desk_freep(TestDesk **desk);

/* test_desk_sign_in: the status; on 200 cookie and guard are set. */
int test_desk_sign_in(TestDesk *desk, const char *username, const char *password);
/* test_desk_call: as a page would: cookie, guard, JSON. */
Browsed test_desk_call(TestDesk *desk, const char *method, const char *path, const char *body);
