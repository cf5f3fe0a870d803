#include <stdlib.h>

#include "common/store/merge.h"
#include "common/store/verify.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

static const char *text_of(Store *store, Arena *arena, unsigned client, const char *column)
{
  SQL(ONE_CLIENT, "SELECT given, family, phone, email, city, line1 FROM client WHERE id = :id");
  AUTO(Query, q, query_fini) = query(store, &ONE_CLIENT);
  query_bind_uuid(&q, ":id", test_id(client));
  return query_next(&q) ? query_cstr(&q, arena, column) : "(no row)";
}

TEST(an_insert_crosses_to_the_other_node)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  MergeReport report;
  assert_ok(replicas_send(&r, 0, 1, 100, &report));
  assert_int_equal(report.applied, 1);
  assert_string_equal(text_of(r.node[1].store, &arena, 1, "given"), "Ana");
  replicas_assert_equal(&r);
}

TEST(what_comes_twice_is_taken_once)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  int64_t before = r.cursor[0][1];
  for (unsigned i = 1; i <= 5; i++) test_client(r.node[0].store, i, "Ana", "Mejia");
  MergeReport report;
  assert_ok(replicas_send(&r, 0, 1, 100, &report));
  assert_int_equal(report.applied, 5);
  r.cursor[0][1] = before + 2;
  test_client(r.node[0].store, 6, "Ana", "Mejia");
  assert_ok(replicas_send(&r, 0, 1, 100, &report));
  assert_int_equal(report.applied, 1);
  assert_int_equal(report.duplicate, 3);
  assert_int_equal(test_count(r.node[1].store, "client"), 6);
  replicas_assert_equal(&r);
}

TEST(edits_of_different_groups_both_survive)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  replica_update_text(r.node[1].store, "client", test_id(1), "phone", "111");
  replica_update_text(r.node[2].store, "client", test_id(1), "email", "a@example.org");
  replicas_settle(&r);
  for (size_t i = 0; i < r.count; i++) {
    assert_string_equal(text_of(r.node[i].store, &arena, 1, "phone"), "111");
    assert_string_equal(text_of(r.node[i].store, &arena, 1, "email"), "a@example.org");
  }
  Overwrite *list;
  size_t count;
  assert_ok(merge_overwrites(r.node[0].store, &arena, 100, &list, &count));
  assert_int_equal(count, 0);
  replicas_assert_equal(&r);
}

/* Node 1 is late by a second, so it wins. */
static void edit_concurrently(Replicas *r, const char *column1, const char *value1, const char *column2,
                              const char *value2)
{
  env_fake_advance(r->node[1].fake, 60000);
  env_fake_advance(r->node[2].fake, 59000);
  replica_update_text(r->node[1].store, "client", test_id(1), column1, value1);
  replica_update_text(r->node[2].store, "client", test_id(1), column2, value2);
  replicas_settle(r);
}

TEST(a_group_wins_as_a_whole_and_the_loser_is_listed_equally_everywhere)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  edit_concurrently(&r, "given", "Anna", "family", "Smith");
  for (size_t i = 0; i < r.count; i++) {
    assert_string_equal(text_of(r.node[i].store, &arena, 1, "given"), "Anna");
    assert_string_equal(text_of(r.node[i].store, &arena, 1, "family"), "Mejia");
    Overwrite *list;
    size_t count;
    assert_ok(merge_overwrites(r.node[i].store, &arena, 100, &list, &count));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].table_name, "client");
    assert_string_equal(list[0].group, "name");
    assert_true(uuid_eq(list[0].id, test_id(1)));
    assert_int_equal(list[0].lost_node, store_node(r.node[2].store));
    assert_int_equal(list[0].won_node, store_node(r.node[1].store));
    assert_non_null(strstr(arena_cstr(&arena, list[0].lost_json), "\"family\":\"Smith\""));
    assert_non_null(strstr(arena_cstr(&arena, list[0].won_json), "\"given\":\"Anna\""));
  }
  replicas_assert_equal(&r);
}

TEST(an_edit_by_someone_who_knew_settles_what_was_overwritten)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  edit_concurrently(&r, "given", "Anna", "family", "Smith");
  replica_update_text(r.node[0].store, "client", test_id(1), "family", "Smith");
  replicas_settle(&r);
  for (size_t i = 0; i < r.count; i++) {
    Overwrite *list;
    size_t count;
    assert_ok(merge_overwrites(r.node[i].store, &arena, 100, &list, &count));
    assert_int_equal(count, 0);
  }
  replicas_assert_equal(&r);
}

TEST(two_who_write_the_same_have_nothing_to_review)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  edit_concurrently(&r, "phone", "555", "phone", "555");
  Overwrite *list;
  size_t count;
  assert_ok(merge_overwrites(r.node[0].store, &arena, 100, &list, &count));
  assert_int_equal(count, 0);
}

TEST(what_staff_has_reviewed_is_not_listed_again)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  edit_concurrently(&r, "phone", "1", "phone", "2");
  Overwrite *list;
  size_t count;
  assert_ok(merge_overwrites(r.node[0].store, &arena, 100, &list, &count));
  assert_int_equal(count, 1);
  assert_ok(merge_review(r.node[0].store, &list[0]));
  assert_ok(merge_overwrites(r.node[0].store, &arena, 100, &list, &count));
  assert_int_equal(count, 0);
  assert_ok(merge_overwrites(r.node[1].store, &arena, 100, &list, &count));
  assert_int_equal(count, 1);
}

static void delete_row(Store *store, const char *table, Uuid id)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.purge", "", &tx));
  assert_ok(tx_delete(&tx, table, id));
  assert_ok(tx_commit(&tx));
}

static void insert_related(Store *store, unsigned number, unsigned client)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.related", "", &tx));
  Uuid of = test_id(client);
  assert_ok(tx_insert(&tx, "related_person", test_id(number),
                      COLS(col_uuid("client", &of), col_text("given", STR("Bo")), col_text("family", STR("Li")))));
  assert_ok(tx_commit(&tx));
}

TEST(a_purge_stays_though_someone_edited_meanwhile_and_the_edit_is_listed)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  env_fake_advance(r.node[2].fake, 5000);
  delete_row(r.node[1].store, "client", test_id(1));
  replica_update_text(r.node[2].store, "client", test_id(1), "phone", "555");
  replicas_settle(&r);
  for (size_t i = 0; i < r.count; i++) {
    assert_int_equal(test_count(r.node[i].store, "client"), 0);
    Overwrite *list;
    size_t count;
    assert_ok(merge_overwrites(r.node[i].store, &arena, 100, &list, &count));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].group, "phone");
    assert_int_equal(list[0].won_json.len, 0);
    assert_int_equal(list[0].won_node, store_node(r.node[1].store));
  }
  replicas_assert_equal(&r);
}

TEST(a_purged_row_that_someone_elsewhere_needs_comes_back_with_its_edits)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  replica_update_text(r.node[2].store, "client", test_id(1), "phone", "555");
  insert_related(r.node[2].store, 50, 1);
  delete_row(r.node[1].store, "client", test_id(1));
  replicas_settle(&r);
  for (size_t i = 0; i < r.count; i++) {
    assert_string_equal(text_of(r.node[i].store, &arena, 1, "given"), "Ana");
    assert_string_equal(text_of(r.node[i].store, &arena, 1, "phone"), "555");
  }
  replicas_assert_equal(&r);
  delete_row(r.node[0].store, "related_person", test_id(50)); /* no one needs it any more */
  replicas_settle(&r);
  for (size_t i = 0; i < r.count; i++) assert_string_equal(text_of(r.node[i].store, &arena, 1, "given"), "(no row)");
  replicas_assert_equal(&r);
}

TEST(an_old_edit_does_not_bring_a_purged_row_back_and_a_new_insert_does)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  replica_update_text(r.node[1].store, "client", test_id(1), "phone", "555");
  env_fake_advance(r.node[0].fake, 5000);
  delete_row(r.node[0].store, "client", test_id(1));
  replicas_settle(&r);
  assert_int_equal(test_count(r.node[0].store, "client"), 0);
  assert_int_equal(test_count(r.node[1].store, "client"), 0);
  env_fake_advance(r.node[0].fake, 5000);
  test_client(r.node[0].store, 1, "Ana", "Again");
  replicas_settle(&r);
  assert_string_equal(text_of(r.node[1].store, &arena, 1, "family"), "Again");
  assert_string_equal(text_of(r.node[1].store, &arena, 1, "phone"), "");
  replicas_assert_equal(&r);
}

TEST(a_row_inserted_and_purged_in_one_transaction_is_purged_everywhere)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  delete_row(r.node[0].store, "client", test_id(1)); /* so that it is in the shadows already */
  for (int keep = 0; keep < 2; keep++) {
    env_fake_advance(r.node[0].fake, 1000);
    AUTO(Tx, tx, tx_fini) = {0};
    const Col *cols = COLS(col_text("given", STR("Bo")), col_text("family", STR("Li")), col_text("sort_name", STR("")));
    assert_ok(tx_begin(r.node[0].store, actor_system(), "test.both", "", &tx));
    assert_ok(tx_insert(&tx, "client", test_id(1), cols));
    assert_ok(tx_delete(&tx, "client", test_id(1)));
    if (keep) assert_ok(tx_insert(&tx, "client", test_id(1), cols));
    assert_ok(tx_commit(&tx));
    replicas_settle(&r);
    assert_int_equal(test_count(r.node[1].store, "client"), keep);
    replicas_assert_equal(&r);
  }
}

/* --------------------------------------------------------------------------------------------------------- refusals */

/* Attempt: a batch on its way from node 0 to node 1, to be damaged. */
typedef struct Attempt {
  Arena arena;
  JournalBatch batch;
} Attempt;

static Attempt attempt_make(Replicas *r)
{
  Attempt a = {.arena = arena_make(0)};
  assert_ok(journal_batch(r->node[0].store, &a.arena, r->cursor[0][1], 0, 100, 1 << 20, &a.batch));
  for (size_t i = 0; i < a.batch.count; i++) a.batch.entries[i].body = arena_strdup(&a.arena, a.batch.entries[i].body);
  return a;
}

static void attempt_fini(Attempt *a)
{
  arena_fini(&a->arena);
}

static uint8_t *bytes_of(Str body)
{
  return (uint8_t *)(uintptr_t)body.ptr;
}

/* assert_refused: and nothing has changed. */
static void assert_refused(Replicas *r, const Attempt *a, Err want)
{
  Store *store = r->node[1].store;
  Hash before, after;
  int64_t entries = test_count(store, "journal");
  assert_ok(verify_digest(store, &before));
  Err err = merge_apply(store, a->batch.entries, a->batch.count, a->batch.heads, a->batch.head_count, NULL, NULL, NULL);
  assert_string_equal(err_name(err), err_name(want));
  assert_ok(verify_digest(store, &after));
  assert_true(hash_eq(before, after));
  assert_int_equal(test_count(store, "journal"), entries);
}

TEST(an_altered_reordered_cut_or_forged_batch_is_refused_and_changes_nothing)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  for (unsigned i = 1; i <= 4; i++) test_client(r.node[0].store, i, "Ana", "Mejia");
  {
    AUTO(Attempt, a, attempt_fini) = attempt_make(&r);
    for (size_t at = 0; at < a.batch.entries[1].body.len; at++) { /* any byte of the body */
      bytes_of(a.batch.entries[1].body)[at] ^= 0x20;
      assert_refused(&r, &a, ERR_CORRUPT);
      bytes_of(a.batch.entries[1].body)[at] ^= 0x20;
    }
    a.batch.entries[1].hlc++;
    assert_refused(&r, &a, ERR_CORRUPT);
    a.batch.entries[1].hlc--;
    a.batch.heads[0].signature[5] ^= 1;
    assert_refused(&r, &a, ERR_CORRUPT);
    a.batch.heads[0].signature[5] ^= 1;
    a.batch.heads[0].hash.bytes[5] ^= 1;
    assert_refused(&r, &a, ERR_CORRUPT);
    a.batch.heads[0].hash.bytes[5] ^= 1;
    a.batch.head_count = 0;
    assert_refused(&r, &a, ERR_CORRUPT);
    a.batch.head_count = 1;
    a.batch.count--; /* the last one is withheld */
    assert_refused(&r, &a, ERR_CORRUPT);
    a.batch.count++;
    JournalEntry keep = a.batch.entries[1];
    a.batch.entries[1] = a.batch.entries[2];
    a.batch.entries[2] = keep;
    assert_refused(&r, &a, ERR_GAP);
    a.batch.entries[2].seq = 999;
    assert_refused(&r, &a, ERR_GAP);
  }
  {
    AUTO(Attempt, a, attempt_fini) = attempt_make(&r);
    a.batch.entries++; /* the first one is withheld */
    a.batch.count--;
    assert_refused(&r, &a, ERR_GAP);
  }
  {
    AUTO(Attempt, a, attempt_fini) = attempt_make(&r);
    uint8_t signed_bytes[64];
    SignKey other = sign_key_new(env_system()); /* someone signs in the root's name */
    memset(signed_bytes, 0, sizeof signed_bytes);
    sign_bytes(&other, signed_bytes, sizeof signed_bytes, a.batch.heads[0].signature);
    assert_refused(&r, &a, ERR_CORRUPT);
  }
  replicas_settle(&r); /* and undamaged it is taken */
  replicas_assert_equal(&r);
}

TEST(an_author_that_is_not_enrolled_is_denied)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(TestStore, stranger, test_store_fini) = test_store_seeded(999);
  test_client(stranger.store, 9, "Eve", "Mallory");
  AUTO(Attempt, a, attempt_fini) = {.arena = arena_make(0)};
  assert_ok(journal_batch(stranger.store, &a.arena, 0, 0, 100, 1 << 20, &a.batch));
  assert_refused(&r, &a, ERR_DENIED);
  replica_enrol(r.node[1].store, stranger.store, "lobby");
  assert_ok(merge_apply(r.node[1].store, a.batch.entries, a.batch.count, a.batch.heads, a.batch.head_count, NULL, NULL,
                        NULL));
  assert_int_equal(test_count(r.node[1].store, "client"), 1);
}

static void revoke(Store *by, Store *store)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(by, actor_system(), "node.revoke", "stolen", &tx));
  assert_ok(tx_update(&tx, "node", node_row_id(store_node(store)), COLS(col_int("revoked_at", tx_now(&tx)))));
  assert_ok(tx_commit(&tx));
}

TEST(a_revoked_node_brings_nothing_any_more_but_what_others_took_before_is_taken)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  test_client(r.node[2].store, 1, "Ana", "Mejia");
  assert_ok(replicas_send(&r, 2, 1, 100, NULL)); /* node 1 takes it, not knowing */
  revoke(r.node[0].store, r.node[2].store);
  assert_int_equal(replicas_send(&r, 2, 0, 100, NULL), ERR_REVOKED);
  assert_int_equal(test_count(r.node[0].store, "client"), 0);
  assert_ok(replicas_send(&r, 1, 0, 100, NULL));
  assert_int_equal(test_count(r.node[0].store, "client"), 1);
  assert_ok(replicas_send(&r, 0, 1, 100, NULL));
  test_client(r.node[2].store, 2, "Ana", "Mejia");
  assert_int_equal(replicas_send(&r, 2, 1, 100, NULL), ERR_REVOKED);
  assert_ok(replicas_send(&r, 0, 2, 100, NULL)); /* it learns of it */
  AUTO(Tx, tx, tx_fini) = {0};
  assert_int_equal(tx_begin(r.node[2].store, actor_system(), "test.late", "", &tx), ERR_REVOKED);
}

TEST(a_clock_that_is_far_ahead_is_refused_and_restamped_entries_are_taken)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  int64_t before = store_head(r.node[1].store);
  Instant now = r.node[0].fake->now;
  r.node[1].fake->now = now + (Instant)73 * 365 * 86400 * 1000;
  replica_update_text(r.node[1].store, "client", test_id(1), "phone", "2099");
  replica_update_text(r.node[1].store, "client", test_id(1), "email", "2099@example.org");
  test_client(r.node[1].store, 2, "Bo", "Li");
  assert_int_equal(replicas_send(&r, 1, 0, 100, NULL), ERR_CLOCK);
  r.node[1].fake->now = now;
  size_t restamped = 0;
  assert_ok(merge_restamp(r.node[1].store, before, now, &restamped));
  assert_int_equal(restamped, 3);
  VerifyReport report;
  assert_ok(verify_store(r.node[1].store, &report));
  replicas_settle(&r);
  replicas_assert_equal(&r);
  assert_string_equal(text_of(r.node[0].store, &arena, 1, "phone"), "2099");
  JournalEntry entry;
  JournalTx tx;
  assert_ok(journal_find(r.node[0].store, &arena, store_node(r.node[1].store), 1, &entry));
  assert_ok(journal_decode(&arena, &entry, &tx));
  assert_int_equal(tx.flags, JOURNAL_RESTAMPED);
  env_fake_advance(r.node[0].fake, 1000); /* it does not win for years */
  replica_update_text(r.node[0].store, "client", test_id(1), "phone", "today");
  replicas_settle(&r);
  assert_string_equal(text_of(r.node[1].store, &arena, 1, "phone"), "today");
}

TEST(entries_that_someone_has_seen_are_not_restamped)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  int64_t before = store_head(r.node[1].store);
  test_client(r.node[1].store, 1, "Ana", "Mejia");
  replicas_settle(&r);
  test_client(r.node[0].store, 2, "Bo", "Li");
  replicas_settle(&r);
  size_t restamped = 77;
  assert_int_equal(merge_restamp(r.node[1].store, before, r.node[1].fake->now, &restamped), ERR_CONFLICT);
  assert_int_equal(restamped, 77);
  replicas_assert_equal(&r);
}

TEST(one_identity_with_two_histories_is_a_fork)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t cursor = r.cursor[1][0];
  /* A copy of node 1's disk. */
  const char *copy = test_folder_path(&r.node[1].folder, "clone"), *backup = test_folder_path(&r.node[1].folder, "b");
  assert_ok(backup_make(r.node[1].store, backup));
  const char *key = test_folder_path(&r.node[1].folder, "replica/node.key");
  assert_ok(backup_restore(backup, key, copy, &r.node[1].fake->env));
  AUTO(Store *, clone, store_closep) = NULL;
  assert_ok(store_open(copy, &r.node[1].fake->env, &clone));
  test_whole(clone);
  test_client(r.node[1].store, 1, "Ana", "Mejia");
  test_client(clone, 1, "Eve", "Mallory");
  assert_ok(replicas_send(&r, 1, 0, 100, NULL));
  JournalBatch batch;
  assert_ok(journal_batch(clone, &arena, cursor, store_node(r.node[0].store), 100, 1 << 20, &batch));
  assert_int_equal(batch.count, 1);
  assert_int_equal(merge_apply(r.node[0].store, batch.entries, 1, batch.heads, batch.head_count, NULL, NULL, NULL),
                   ERR_FORK);
  assert_string_equal(text_of(r.node[0].store, &arena, 1, "given"), "Ana");
}

TEST(what_an_author_had_seen_must_come_first)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[1].store, 1, "Ana", "Mejia");
  assert_ok(replicas_send(&r, 1, 2, 100, NULL));
  int64_t cursor = store_head(r.node[2].store);
  replica_update_text(r.node[2].store, "client", test_id(1), "phone", "1");
  JournalBatch batch;
  assert_ok(journal_batch(r.node[2].store, &arena, cursor, 0, 100, 1 << 20, &batch));
  assert_int_equal(batch.count, 1);
  assert_int_equal(merge_apply(r.node[0].store, batch.entries, 1, batch.heads, 1, NULL, NULL, NULL), ERR_GAP);
  replicas_settle(&r);
  replicas_assert_equal(&r);
}

static Err set_cursor(Store *store, void *context)
{
  TRY(local_set_int(store, "cursor", 42));
  return *(Err *)context;
}

TEST(a_cursor_moves_with_the_batch_or_not_at_all)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  AUTO(Attempt, a, attempt_fini) = attempt_make(&r);
  Store *store = r.node[1].store;
  Err outcome = ERR_PEER;
  assert_int_equal(merge_apply(store, a.batch.entries, a.batch.count, a.batch.heads, a.batch.head_count, set_cursor,
                               &outcome, NULL),
                   ERR_PEER);
  assert_int_equal(local_get_int(store, "cursor", 0), 0);
  assert_int_equal(test_count(store, "client"), 0);
  outcome = ERR_OK;
  assert_ok(merge_apply(store, a.batch.entries, a.batch.count, a.batch.heads, a.batch.head_count, set_cursor, &outcome,
                        NULL));
  assert_int_equal(local_get_int(store, "cursor", 0), 42);
  assert_int_equal(test_count(store, "client"), 1);
}

TEST(batches_end_where_every_author_is_signed_however_they_are_cut)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  for (unsigned round = 0; round < 8; round++) {
    for (unsigned i = 0; i < 3 + round; i++) test_client(r.node[1].store, round * 20 + i, "Ana", "Mejia");
    assert_ok(replicas_send(&r, 1, 0, 1 + round % 3, NULL));
    test_client(r.node[0].store, 1000 + round, "Bo", "Li");
    assert_ok(replicas_send(&r, 1, 0, 100, NULL));
    assert_ok(replicas_send(&r, 0, 2, 2, NULL));
    test_client(r.node[2].store, 2000 + round, "Cy", "Wu");
    assert_ok(replicas_send(&r, 2, 0, 1, NULL));
  }
  replicas_settle(&r);
  replicas_assert_equal(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_insert_crosses_to_the_other_node),
      cmocka_unit_test(what_comes_twice_is_taken_once),
      cmocka_unit_test(edits_of_different_groups_both_survive),
      cmocka_unit_test(a_group_wins_as_a_whole_and_the_loser_is_listed_equally_everywhere),
      cmocka_unit_test(an_edit_by_someone_who_knew_settles_what_was_overwritten),
      cmocka_unit_test(two_who_write_the_same_have_nothing_to_review),
      cmocka_unit_test(what_staff_has_reviewed_is_not_listed_again),
      cmocka_unit_test(a_purge_stays_though_someone_edited_meanwhile_and_the_edit_is_listed),
      cmocka_unit_test(a_purged_row_that_someone_elsewhere_needs_comes_back_with_its_edits),
      cmocka_unit_test(an_old_edit_does_not_bring_a_purged_row_back_and_a_new_insert_does),
      cmocka_unit_test(a_row_inserted_and_purged_in_one_transaction_is_purged_everywhere),
      cmocka_unit_test(an_altered_reordered_cut_or_forged_batch_is_refused_and_changes_nothing),
      cmocka_unit_test(an_author_that_is_not_enrolled_is_denied),
      cmocka_unit_test(a_revoked_node_brings_nothing_any_more_but_what_others_took_before_is_taken),
      cmocka_unit_test(a_clock_that_is_far_ahead_is_refused_and_restamped_entries_are_taken),
      cmocka_unit_test(entries_that_someone_has_seen_are_not_restamped),
      cmocka_unit_test(one_identity_with_two_histories_is_a_fork),
      cmocka_unit_test(what_an_author_had_seen_must_come_first),
      cmocka_unit_test(a_cursor_moves_with_the_batch_or_not_at_all),
      cmocka_unit_test(batches_end_where_every_author_is_signed_however_they_are_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
