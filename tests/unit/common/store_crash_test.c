#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/internal.h"
#include "common/store/verify.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

/* Processes that write one replica are killed at any moment, and others take their place. */

enum { WRITERS = 2, KILLS = 60, CLIENTS = 12 };

static Err write_once(Store *store, unsigned writer)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "test.write", "", &tx));
  int64_t count = local_get_int(store, "count", 0) + 1;
  char text[600];
  memset(text, 'a' + (int)(count % 26), sizeof text);
  for (unsigned i = 0; i < CLIENTS; i++) {
    const Col *cols =
        COLS(col_text("given", (Str){text, (size_t)(count * 7) % sizeof text}), col_text("family", STR("F")),
             col_text("sort_name", STR("f")), col_int("contact_confirmed_at", count));
    TRY(tx_put(&tx, "client", test_id(i + writer * 5), cols, NULL));
  }
  TRY(local_set_int(store, "count", count));
  return tx_commit(&tx);
}

static _Noreturn void write_for_ever(const TestStore *t, unsigned writer)
{
  Store *store;
  if (store_open(t->path, &t->fake->env, &store) != ERR_OK) _exit(2);
  for (;;) {
    t->fake->now++;
    Err err = write_once(store, writer);
    if (err != ERR_OK && err != ERR_BUSY) _exit(3);
  }
}

static pid_t start(const TestStore *t, unsigned writer)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) write_for_ever(t, writer);
  return child;
}

static void check(TestStore *t)
{
  VerifyReport report;
  t->store = test_store_again(t);
  /* Each entry counted itself, so none is missing and none is there twice. */
  assert_int_equal(store_head(t->store), local_get_int(t->store, "count", 0));
  Err err = verify_store(t->store, &report);
  if (err != ERR_OK) fail_msg("%s: %s %s", err_name(err), report.fault, err_detail());
}

TEST(processes_killed_while_they_write_leave_one_whole_chain)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  store_close(t.store); /* a child must not inherit a connection */
  t.store = NULL;
  pid_t children[WRITERS];
  for (unsigned i = 0; i < WRITERS; i++) children[i] = start(&t, i);
  unsigned seed = 5;
  for (int kills = 0; kills < KILLS; kills++) {
    int status;
    seed = seed * 1664525u + 1013904223u;
    usleep(1000 + (seed >> 8) % 30000);
    unsigned victim = (seed >> 4) % WRITERS;
    assert_int_equal(kill(children[victim], SIGKILL), 0);
    assert_int_equal(waitpid(children[victim], &status, 0), children[victim]);
    assert_true(WIFSIGNALED(status)); /* it had not given up by itself */
    children[victim] = start(&t, victim);
  }
  for (unsigned i = 0; i < WRITERS; i++) {
    kill(children[i], SIGKILL);
    waitpid(children[i], NULL, 0);
  }
  check(&t);
  assert_true(store_head(t.store) > 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(processes_killed_while_they_write_leave_one_whole_chain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
