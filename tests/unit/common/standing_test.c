/* What time it is on a node, and when it may write. */
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

/* write_one: *now: what time the transaction took it to be; may be NULL. */
static Err write_one(Store *store, Instant *now)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "client.update", "", &tx));
  if (now) *now = tx_now(&tx);
  static unsigned number;
  TRY(tx_insert(&tx, "client", test_id(++number),
                COLS(col_text("given", STR("Ana")), col_text("family", STR("Lee")),
                     col_text("sort_name", STR("lee")))));
  return tx_commit(&tx);
}

static void a_transaction_is_stamped_with_the_upstreams_time(void **state)
{
  (void)state;
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Store *, agent, store_closep) = test_store_again(&t);
  Instant clock = env_now(store_env(t.store)), now;
  assert_ok(write_one(t.store, &now));
  assert_int_equal(now, clock);
  assert_ok(
      local_set_int(agent, LOCAL_CLOCK_OFFSET, 3600000)); /* by another connection, as foyerd does beside a kiosk */
  assert_int_equal(store_now(t.store), clock + 3600000);
  assert_ok(write_one(t.store, &now));
  assert_int_equal(now, clock + 3600000);
}

static void a_restored_node_writes_only_once_it_is_whole(void **state)
{
  (void)state;
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Store *, agent, store_closep) = test_store_again(&t);
  assert_ok(write_one(t.store, NULL));
  assert_ok(local_set(agent, LOCAL_EPOCH, STR("another")));
  assert_true(store_is_restored(t.store));
  assert_err(write_one(t.store, NULL), ERR_EPOCH);
  assert_err(write_one(agent, NULL), ERR_EPOCH);
  assert_int_equal(test_count(t.store, "journal"), 1);
  assert_ok(local_set(agent, LOCAL_WHOLE_EPOCH, STR("another")));
  assert_ok(write_one(t.store, NULL));
  assert_false(store_is_restored(t.store));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_transaction_is_stamped_with_the_upstreams_time),
                                     cmocka_unit_test(a_restored_node_writes_only_once_it_is_whole)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
