#include "tests/support/store_fixture.h"

#include <stdlib.h>

#include "common/store/internal.h"
#include "tests/support/unit.h"

static const Instant MONDAY = 1772463600000; /* 2026-03-02T15:00:00Z */

TestStore test_store_seeded(uint64_t seed)
{
  TestStore t = {.fake = calloc(1, sizeof(EnvFake)), .folder = test_folder_make()};
  assert_non_null(t.fake);
  env_fake_init(t.fake, MONDAY, seed);
  t.path = test_folder_path(&t.folder, "replica");
  assert_ok(store_create(t.path, &t.fake->env, &t.store));
  return t;
}

TestStore test_store_make(void)
{
  return test_store_seeded(TEST_STORE_SEED);
}

void test_store_fini(TestStore *t)
{
  store_close(t->store);
  t->store = NULL;
  test_folder_fini(&t->folder);
  free(t->fake);
  t->fake = NULL;
}

void test_store_reopen(TestStore *t)
{
  store_close(t->store);
  t->store = test_store_again(t);
}

Store *test_store_again(TestStore *t)
{
  Store *store = NULL;
  assert_ok(store_open(t->path, &t->fake->env, &store));
  return store;
}

void test_expect(Err got, Err want, const char *what, const char *file, int line)
{
  if (got == want) return;
  print_error("%s: %s, not %s (%s)\n", what, err_name(got), err_name(want), err_detail());
  _fail(file, line);
}

Uuid test_id(unsigned number)
{
  Uuid id = {{0x01, 0x9c, 0xae, 0, 0, 0, 0x70}};
  for (int i = 15; i > 11; i--, number >>= 8) id.bytes[i] = (uint8_t)number;
  return id;
}

void test_client(Store *store, unsigned number, const char *given, const char *family)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.client", "", &tx));
  const Col *cols =
      COLS(col_text("given", str_c(given)), col_text("family", str_c(family)), col_text("sort_name", str_c(family)));
  assert_ok(tx_put(&tx, "client", test_id(number), cols, NULL));
  assert_ok(tx_commit(&tx));
}

int64_t test_count(Store *store, const char *table)
{
  const char *known = strcmp(table, "journal") == 0 ? table : schema_table(&store->schema, table)->name;
  AUTO(Buf, sql, buf_fini) = buf_make(256);
  buf_c(&sql, "SELECT count(*) FROM ");
  buf_c(&sql, known);
  sqlite3_stmt *stmt;
  assert_int_equal(sqlite3_prepare_v2(store->db, buf_cstr(&sql), -1, &stmt, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  int64_t count = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  return count;
}

void test_whole(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  assert_ok(local_set(store, LOCAL_WHOLE_EPOCH, local_get(store, &arena, LOCAL_EPOCH)));
}
