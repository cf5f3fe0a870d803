/* A store in a temporary folder, with a clock that stands still until moved: AUTO(TestStore, t, test_store_fini) = ... */
#pragma once

#include "common/store/query.h"
#include "common/store/store.h"
#include "common/store/tx.h"
#include "tests/support/folder.h"

typedef struct TestStore {
  EnvFake *fake; /* 2026-03-02T15:00Z, a Monday, at first */
  TestFolder folder;
  const char *path; /* the store's folder, in it */
  Store *store;
} TestStore;

enum { TEST_STORE_SEED = 7 };

/* test_store_make: created, empty. test_store_seeded: another seed gives another node. */
TestStore test_store_make(void);
TestStore test_store_seeded(uint64_t seed);
void test_store_fini(TestStore *t);
/* test_store_reopen: close and open. */
void test_store_reopen(TestStore *t);
/* test_store_again: one more connection to the same replica; close it with store_close. */
Store *test_store_again(TestStore *t);

/* assert_ok: fails the test with the error's name and detail. assert_err: another outcome than this one. */
#define assert_ok(expr)        test_expect((expr), ERR_OK, #expr, __FILE__, __LINE__)
#define assert_err(expr, want) test_expect((expr), (want), #expr, __FILE__, __LINE__)
void test_expect(Err got, Err want, const char *what, const char *file, int line);

/* test_id: a row id that is easy to recognize. */
Uuid test_id(unsigned number);
/* test_client: insert or rename a client in a transaction of its own. */
void test_client(Store *store, unsigned number, const char *given, const char *family);
/* test_whole: as if replication had given a restored replica back what it lacked. */
void test_whole(Store *store);
/* test_count: rows of a replicated table, or of `journal`. */
int64_t test_count(Store *store, const char *table);
