#include <stdlib.h>

#include "common/store/blob.h"
#include "common/store/internal.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

static void attach(Store *store, unsigned number, Hash hash, int64_t size)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.attach", "", &tx));
  assert_ok(tx_insert(&tx, "attachment", test_id(number),
                      COLS(col_hash("hash", &hash), col_int("size_bytes", size),
                           col_text("media_type", STR("image/png")), col_text("kind", STR("photo")))));
  assert_ok(tx_commit(&tx));
}

TEST(bytes_are_kept_once_and_come_back)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Hash hash, again;
  Str back;
  assert_ok(blob_put(t.store, STR("a \0 picture"), &hash));
  assert_ok(blob_put(t.store, STR("a \0 picture"), &again));
  assert_true(hash_eq(hash, again));
  assert_true(blob_has(t.store, hash));
  assert_ok(blob_get(t.store, &arena, hash, &back));
  assert_true(str_eq(back, STR("a \0 picture")));
  hash.bytes[0] ^= 1;
  assert_false(blob_has(t.store, hash));
  assert_int_equal(blob_get(t.store, &arena, hash, &back), ERR_NOT_FOUND);
}

TEST(a_blob_put_inside_a_transaction_is_part_of_it)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  Hash hash;
  {
    AUTO(Tx, tx, tx_fini) = {0};
    assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
    assert_ok(blob_put(t.store, STR("ink"), &hash));
  }
  assert_false(blob_has(t.store, hash));
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.store, actor_system(), "test", "", &tx));
  assert_ok(blob_put(t.store, STR("ink"), &hash));
  assert_ok(tx_commit(&tx));
  assert_true(blob_has(t.store, hash));
}

TEST(what_is_named_and_not_here_is_missing)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Hash here, elsewhere = hash_bytes("elsewhere", 9), *list;
  size_t count;
  assert_ok(blob_put(t.store, STR("here"), &here));
  attach(t.store, 1, here, 4);
  attach(t.store, 2, elsewhere, 9);
  attach(t.store, 3, elsewhere, 9);
  assert_ok(blob_missing(t.store, &arena, 100, &list, &count));
  assert_int_equal(count, 1);
  assert_true(hash_eq(list[0], elsewhere));
}

TEST(pieces_come_one_after_another_and_survive_a_restart)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str whole = STR("0123456789");
  Hash hash = hash_bytes(whole.ptr, whole.len);
  bool complete = true;
  Str back;
  assert_int_equal(blob_part_length(t.store, hash), 0);
  assert_ok(blob_part(t.store, hash, 10, 0, STR("0123"), &complete));
  assert_false(complete);
  assert_int_equal(blob_part(t.store, hash, 10, 0, STR("0123"), &complete), ERR_CONFLICT); /* again */
  assert_int_equal(blob_part(t.store, hash, 10, 5, STR("56"), &complete), ERR_CONFLICT);
  assert_int_equal(blob_part(t.store, hash, 10, 4, STR("4567890"), &complete), ERR_CONFLICT); /* too long */
  test_store_reopen(&t);
  assert_int_equal(blob_part_length(t.store, hash), 4);
  assert_false(blob_has(t.store, hash));
  assert_ok(blob_part(t.store, hash, 10, 4, STR("456789"), &complete));
  assert_true(complete);
  assert_ok(blob_get(t.store, &arena, hash, &back));
  assert_true(str_eq(back, whole));
  assert_int_equal(blob_part_length(t.store, hash), 0);
  assert_ok(blob_part(t.store, hash, 10, 0, STR("0123"), &complete)); /* known already */
  assert_true(complete);
}

TEST(a_whole_that_does_not_match_is_dropped)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  Hash hash = hash_bytes("0123", 4);
  bool complete = true;
  assert_ok(blob_part(t.store, hash, 4, 0, STR("01"), &complete));
  assert_int_equal(blob_part(t.store, hash, 4, 2, STR("xx"), &complete), ERR_CORRUPT);
  assert_false(complete);
  assert_false(blob_has(t.store, hash));
  assert_int_equal(blob_part_length(t.store, hash), 0); /* from the start again */
  assert_ok(blob_part(t.store, hash, 4, 0, STR("0123"), &complete));
  assert_true(complete);
}

TEST(sizes_over_the_maximum_are_refused)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  Hash hash = {{1}};
  bool complete;
  assert_int_equal(blob_part(t.store, hash, BLOB_MAX + 1, 0, STR("x"), &complete), ERR_TOO_LARGE);
  char *large = calloc(1, BLOB_MAX + 1);
  assert_int_equal(blob_put(t.store, (Str){large, BLOB_MAX + 1}, &hash), ERR_TOO_LARGE);
  assert_ok(blob_put(t.store, (Str){large, BLOB_MAX}, &hash));
  free(large);
  Hash empty = hash_bytes("", 0);
  assert_ok(blob_part(t.store, empty, 0, 0, STR(""), &complete));
  assert_true(complete);
}

TEST(a_draft_comes_back_and_is_not_readable_on_the_disk)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str plain = STR("allergic to everything"), back;
  assert_ok(draft_save(t.store, test_id(1), "intake", STR("first")));
  assert_ok(draft_save(t.store, test_id(1), "intake", plain));
  test_store_reopen(&t);
  assert_ok(draft_load(t.store, &arena, test_id(1), "intake", &back));
  assert_true(str_eq(back, plain));
  assert_int_equal(draft_load(t.store, &arena, test_id(1), "other", &back), ERR_NOT_FOUND);
  assert_int_equal(draft_load(t.store, &arena, test_id(2), "intake", &back), ERR_NOT_FOUND);
  Str sealed;
  SQL_SCAN(SEALED, "SELECT sealed FROM draft");
  AUTO(Query, q, query_fini) = query(t.store, &SEALED);
  assert_true(query_next(&q));
  sealed = query_str(&q, "sealed");
  assert_null(memmem(sealed.ptr, sealed.len, "allergic", 8));
}

TEST(a_draft_does_not_open_as_another_persons)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str back;
  assert_ok(draft_save(t.store, test_id(1), "intake", STR("mine")));
  SQL_SCAN(MOVE_OWNER, "UPDATE draft SET owner = :owner");
  SQL_SCAN(MOVE_KIND, "UPDATE draft SET owner = :owner, kind = 'ink'");
  SQL_SCAN(SPOIL, "UPDATE draft SET kind = 'intake', sealed = zeroblob(80)");
  Query move = query(t.store, &MOVE_OWNER);
  query_bind_uuid(&move, ":owner", test_id(2));
  assert_ok(query_run(&move));
  assert_int_equal(draft_load(t.store, &arena, test_id(2), "intake", &back), ERR_CORRUPT);
  move = query(t.store, &MOVE_KIND);
  query_bind_uuid(&move, ":owner", test_id(1));
  assert_ok(query_run(&move));
  assert_int_equal(draft_load(t.store, &arena, test_id(1), "ink", &back), ERR_CORRUPT);
  move = query(t.store, &SPOIL);
  assert_ok(query_run(&move));
  assert_int_equal(draft_load(t.store, &arena, test_id(1), "intake", &back), ERR_CORRUPT);
}

TEST(drafts_are_deleted_and_expire)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str back;
  for (unsigned i = 1; i <= 3; i++) {
    assert_ok(draft_save(t.store, test_id(i), "intake", STR("")));
    env_fake_advance(t.fake, 1000);
  }
  assert_ok(draft_delete(t.store, test_id(3), "intake"));
  assert_ok(draft_expire(t.store, t.fake->now - 2500));
  assert_int_equal(draft_load(t.store, &arena, test_id(1), "intake", &back), ERR_NOT_FOUND);
  assert_ok(draft_load(t.store, &arena, test_id(2), "intake", &back));
  assert_int_equal(back.len, 0);
  assert_int_equal(draft_load(t.store, &arena, test_id(3), "intake", &back), ERR_NOT_FOUND);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_are_kept_once_and_come_back),
      cmocka_unit_test(a_blob_put_inside_a_transaction_is_part_of_it),
      cmocka_unit_test(what_is_named_and_not_here_is_missing),
      cmocka_unit_test(pieces_come_one_after_another_and_survive_a_restart),
      cmocka_unit_test(a_whole_that_does_not_match_is_dropped),
      cmocka_unit_test(sizes_over_the_maximum_are_refused),
      cmocka_unit_test(a_draft_comes_back_and_is_not_readable_on_the_disk),
      cmocka_unit_test(a_draft_does_not_open_as_another_persons),
      cmocka_unit_test(drafts_are_deleted_and_expire),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
