#include <stdlib.h>

#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

/* Replicas write at random, exchange at random, in batches of random size, some of them twice and some never; in the end they
 * must be equal, and each must be what a replay of its journal gives. */

enum { NODES = 4, ROWS = 6 };

typedef struct World {
  Replicas r;
  EnvFake dice;
  unsigned postings;
  size_t duplicates, overwrites;
} World;

static uint32_t roll(World *w, uint32_t sides)
{
  uint32_t r;
  env_random(&w->dice.env, &r, sizeof r);
  return r % sides;
}

static Uuid client_id(uint32_t n)
{
  return test_id(1000 + n);
}

/* Children of client n have numbers from which it is known, so that a purge can take them along. */
static Uuid child_id(uint32_t client, uint32_t n)
{
  return test_id(2000 + client * 10 + n);
}

static char letter(World *w)
{
  return (char)('a' + roll(w, 26));
}

static Err put_client(World *w, Tx *tx)
{
  static const char *const TEXTS[] = {"given", "family", "phone", "email", "city", "line1", "language", "suffix"};
  char a[] = {letter(w), 0}, b[] = {letter(w), 0};
  Uuid id = client_id(roll(w, ROWS));
  Err err = tx_update(tx, "client", id,
                      COLS(col_text(TEXTS[roll(w, 4)], str_c(a)), col_text(TEXTS[4 + roll(w, 4)], str_c(b))));
  if (err != ERR_NOT_FOUND) return err;
  return tx_insert(tx, "client", id,
                   COLS(col_text("given", str_c(a)), col_text("family", str_c(b)), col_text("sort_name", str_c(b))));
}

static bool exists(Store *store, const Sql *sql, Uuid id)
{
  AUTO(Query, q, query_fini) = query(store, sql);
  query_bind_uuid(&q, ":id", id);
  return query_next(&q);
}

SQL(CLIENT_THERE, "SELECT 1 AS found FROM client WHERE id = :id");
SQL(RELATED_THERE, "SELECT 1 AS found FROM related_person WHERE id = :id");

static Err put_related(World *w, Tx *tx)
{
  uint32_t of = roll(w, ROWS);
  Uuid client = client_id(of), id = child_id(of, roll(w, 3));
  if (!exists(tx->store, &CLIENT_THERE, client)) return ERR_OK;
  char a[] = {letter(w), 0};
  return tx_put(tx, "related_person", id,
                COLS(col_uuid("client", &client), col_text("given", str_c(a)), col_text("family", STR("Li"))), NULL);
}

static Err purge(World *w, Tx *tx)
{
  uint32_t of = roll(w, ROWS);
  if (!exists(tx->store, &CLIENT_THERE, client_id(of))) return ERR_OK;
  for (uint32_t n = 0; n < 3; n++) {
    if (exists(tx->store, &RELATED_THERE, child_id(of, n))) TRY(tx_delete(tx, "related_person", child_id(of, n)));
  }
  return tx_delete(tx, "client", client_id(of));
}

static Err post(World *w, Tx *tx)
{
  Uuid posting = test_id(10000 + w->postings * 10);
  int64_t amount = 1 + roll(w, 1000);
  char key[32];
  snprintf(key, sizeof key, "test:%u", w->postings);
  TRY(tx_insert(tx, "posting", posting,
                COLS(col_text("key", str_c(key)), col_text("kind", STR("charge")), col_int("at", tx_now(tx)),
                     col_text("currency", STR("USD")))));
  for (unsigned side = 0; side < 2; side++) {
    TRY(tx_insert(tx, "ledger_line", test_id(10000 + w->postings * 10 + 1 + side),
                  COLS(col_uuid("posting", &posting), col_text("account", side ? STR("revenue") : STR("receivable")),
                       col_int("amount_minor", side ? -amount : amount))));
  }
  w->postings++;
  return ERR_OK;
}

static void write_something(World *w)
{
  TestStore *node = &w->r.node[roll(w, NODES)];
  env_fake_advance(node->fake, roll(w, 3) == 0 ? roll(w, 4000) : 0);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(node->store, actor_system(), "test.random", "", &tx));
  for (uint32_t n = 1 + roll(w, 4); n > 0; n--) {
    uint32_t what = roll(w, 20);
    if (what < 10)
      assert_ok(put_client(w, &tx));
    else if (what < 15)
      assert_ok(put_related(w, &tx));
    else if (what < 18)
      assert_ok(post(w, &tx));
    else
      assert_ok(purge(w, &tx));
  }
  assert_ok(tx_commit(&tx));
}

static void send_something(World *w)
{
  size_t from = roll(w, NODES), to = roll(w, NODES);
  if (from == to) return;
  MergeReport report;
  int64_t before = w->r.cursor[from][to];
  if (roll(w, 4) == 0) w->r.cursor[from][to] = before > 5 ? before - roll(w, 5) : before; /* an answer was lost */
  Err err = replicas_send(&w->r, from, to, 1 + roll(w, 6), &report);
  if (err == ERR_GAP) { /* something it builds on went another way and is not here yet */
    w->r.cursor[from][to] = before;
    return;
  }
  assert_ok(err);
  w->duplicates += report.duplicate;
  w->overwrites += report.overwrites;
}

static void assert_sound(World *w)
{
  replicas_assert_equal(&w->r);
  for (size_t i = 0; i < NODES; i++) {
    VerifyReport report;
    Err err = verify_store(w->r.node[i].store, &report);
    if (err != ERR_OK) fail_msg("node %zu: %s (%s)", i, report.fault, err_name(err));
  }
}

static void run_world(uint64_t seed, int steps, size_t *duplicates, size_t *overwrites)
{
  World w = {.r = replicas_make(NODES)};
  env_fake_init(&w.dice, 0, seed);
  for (int i = 0; i < steps; i++) {
    if (roll(&w, 2))
      write_something(&w);
    else
      send_something(&w);
  }
  replicas_settle(&w.r);
  assert_sound(&w);
  /* A new one that takes everything in one order has the same tables. */
  for (size_t i = 1; i < NODES; i++)
    assert_int_equal(test_count(w.r.node[i].store, "journal"), test_count(w.r.node[0].store, "journal"));
  *duplicates += w.duplicates;
  *overwrites += w.overwrites;
  replicas_fini(&w.r);
}

TEST(replicas_that_exchanged_in_any_order_are_equal_and_sound)
{
  size_t duplicates = 0, overwrites = 0;
  const char *worlds = getenv("FOYER_WORLDS"); /* for a longer run */
  uint64_t count = worlds ? strtoull(worlds, NULL, 10) : 12;
  for (uint64_t seed = 1; seed <= count; seed++) {
    print_message("world %llu\n", (unsigned long long)seed);
    run_world(seed, 250, &duplicates, &overwrites);
  }
  assert_true(duplicates > 50 && overwrites > 50); /* it was worth it */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(replicas_that_exchanged_in_any_order_are_equal_and_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
