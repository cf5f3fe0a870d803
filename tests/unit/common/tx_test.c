#include "common/store/internal.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

SQL(CLIENT_GET, "SELECT given, family, birth_date, v FROM client WHERE id = :id");
SQL(SESSION_ADD, "INSERT INTO session (token_hash, staff, created_at, seen_at) VALUES (x'01', x'02', 1, 1)");

#define CLIENT(given, family) \
  COLS(col_text("given", STR(given)), col_text("family", STR(family)), col_text("sort_name", STR("s")))

static Tx begin(Store *store)
{
  Tx tx = {0};
  assert_ok(tx_begin(store, actor_staff(test_id(77)), "client.update", "moved house", &tx));
  return tx;
}

static Str version_of_client(Store *store, Arena *arena, unsigned number)
{
  AUTO(Query, q, query_fini) = query(store, &CLIENT_GET);
  query_bind_uuid(&q, ":id", test_id(number));
  return query_next(&q) ? query_copy(&q, arena, "v") : (Str){0};
}

static JournalEntry *entries_of(Store *store, Arena *arena, size_t *count)
{
  JournalEntry *entries;
  assert_ok(journal_read(store, arena, 0, 1000, 1 << 24, &entries, count));
  return entries;
}

/* Each entry carries the hash of the one before, numbers and stamps grow. */
static void check_chain(Store *store, size_t expected)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  size_t count;
  JournalEntry *entries = entries_of(store, &arena, &count);
  assert_int_equal(count, expected);
  Hash hash = {{0}};
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(entries[i].seq, i + 1);
    assert_int_equal(entries[i].pos, (int64_t)i + 1);
    assert_true(i == 0 || entries[i].hlc > entries[i - 1].hlc);
    hash = entry_hash(hash, entries[i].node, entries[i].seq, entries[i].hlc, entries[i].body);
    assert_true(hash_eq(hash, entries[i].hash));
  }
}

TEST(an_entry_says_who_why_and_what)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(t.store, 1, "Ana", "Sol");
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(tx_update(&tx, "client", test_id(1), COLS(col_text("family", STR("Luna")), col_text("phone", STR("1")))));
  Hlc hlc = tx_hlc(&tx);
  assert_ok(tx_commit(&tx));

  size_t count;
  JournalEntry *entries = entries_of(t.store, &arena, &count);
  JournalTx decoded;
  assert_int_equal(count, 2);
  assert_int_equal(entries[1].hlc, hlc);
  assert_int_equal(entries[1].node, store_node(t.store));
  assert_ok(journal_decode(&arena, &entries[1], &decoded));
  assert_int_equal(decoded.actor.kind, ACTOR_STAFF);
  assert_true(uuid_eq(decoded.actor.id, test_id(77)));
  assert_string_equal(decoded.action, "client.update");
  assert_string_equal(decoded.reason, "moved house");
  assert_int_equal(decoded.change_count, 1);
  const JournalChange *change = &decoded.changes[0];
  assert_int_equal(change->kind, CHANGE_UPDATE);
  assert_true(uuid_eq(change->id, test_id(1)));
  assert_int_equal(change->column_count, 2); /* what became different */
  assert_string_equal(change->columns[0].name, "family");
  assert_true(str_eq_c(change->columns[0].old.bytes, "Sol"));
  assert_true(str_eq_c(change->columns[0].new_value.bytes, "Luna"));
  assert_string_equal(change->columns[1].name, "phone");

  assert_ok(journal_decode(&arena, &entries[0], &decoded));
  const Table *client = schema_table(&t.store->schema, "client");
  assert_int_equal(decoded.changes[0].kind, CHANGE_INSERT);
  assert_int_equal(decoded.changes[0].column_count, client->column_count);
}

/* They win a merge together, so the entry has to have them all. */
TEST(an_update_carries_the_whole_group_of_a_changed_column)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(t.store, 1, "Ana", "Sol");
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(tx_update(&tx, "client", test_id(1), COLS(col_text("family", STR("Luna")), col_text("phone", STR("")))));
  assert_ok(tx_commit(&tx));
  size_t count;
  JournalEntry *entries = entries_of(t.store, &arena, &count);
  BodyHead head;
  BodyReader reader;
  BodyChange *change = ARENA_NEW(&arena, BodyChange);
  assert_ok(body_open(entries[1].body, &head, &reader));
  assert_true(body_next(&reader, change));
  assert_int_equal(change->columns,
                   0x1f); /* given, family, prefix, suffix, sort_name; not the phone, which was "" before */
  assert_int_equal(change->changed, 0x2);
  assert_true(str_eq_c(change->new_value[1].bytes, "Ana"));
  assert_false(body_next(&reader, change));
  assert_ok(reader.err);
}

TEST(only_groups_that_change_get_the_new_version)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(t.store, 1, "Ana", "Sol");
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(tx_update(&tx, "client", test_id(1), COLS(col_text("family", STR("Luna")), col_text("phone", STR("")))));
  Stamp stamp = {tx_hlc(&tx), store_node(t.store)};
  assert_ok(tx_commit(&tx));
  Version version;
  assert_true(version_parse(version_of_client(t.store, &arena, 1), &version));
  assert_true(stamp_eq(version_of(&version, 1), stamp));      /* name */
  assert_true(stamp_before(version_of(&version, 10), stamp)); /* phone was "" before */
}

TEST(a_row_that_is_there_or_not_leaves_the_tx_usable)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(tx_insert(&tx, "client", test_id(1), CLIENT("A", "B")));
  assert_err(tx_insert(&tx, "client", test_id(1), CLIENT("C", "D")), ERR_EXISTS);
  assert_err(tx_update(&tx, "client", test_id(2), CLIENT("C", "D")), ERR_NOT_FOUND);
  assert_err(tx_delete(&tx, "client", test_id(2)), ERR_NOT_FOUND);
  assert_ok(tx_insert(&tx, "client", test_id(3), CLIENT("E", "F")));
  assert_ok(tx_commit(&tx));
  assert_int_equal(test_count(t.store, "client"), 2);
  check_chain(t.store, 1);
}

TEST(a_broken_constraint_undoes_everything)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(tx_insert(&tx, "client", test_id(1), CLIENT("A", "B")));
  assert_err(tx_insert(&tx, "client", test_id(2), COLS(col_text("given", STR("C")))), ERR_INVALID);
  assert_err(tx_insert(&tx, "client", test_id(3), CLIENT("A", "B")), ERR_INVALID);
  assert_err(tx_commit(&tx), ERR_INVALID);
  assert_int_equal(test_count(t.store, "client"), 0);
  assert_int_equal(store_head(t.store), 0);
  test_client(t.store, 1, "A", "B");
  check_chain(t.store, 1);
}

TEST(a_reference_to_nothing_fails_at_the_commit)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  Uuid client = test_id(9);
  assert_ok(tx_insert(&tx, "coverage", test_id(1), COLS(col_uuid("client", &client), col_text("payer", STR("P")))));
  assert_err(tx_commit(&tx), ERR_INVALID);
  assert_int_equal(test_count(t.store, "coverage"), 0);
  /* in any order within one Tx */
  tx = begin(t.store);
  assert_ok(tx_insert(&tx, "coverage", test_id(1), COLS(col_uuid("client", &client), col_text("payer", STR("P")))));
  assert_ok(tx_insert(&tx, "client", client, CLIENT("A", "B")));
  assert_ok(tx_commit(&tx));
  check_chain(t.store, 1);
}

TEST(text_that_is_not_utf8_is_refused)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_err(tx_insert(&tx, "client", test_id(1), CLIENT("\xff", "B")), ERR_INVALID);
  assert_err(tx_commit(&tx), ERR_INVALID);
}

TEST(a_tx_that_changes_nothing_leaves_no_entry)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  test_client(t.store, 1, "A", "s");
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str before = version_of_client(t.store, &arena, 1);
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  bool changed = true;
  assert_ok(tx_update(&tx, "client", test_id(1), CLIENT("A", "s")));
  assert_ok(tx_put(&tx, "client", test_id(1), CLIENT("A", "s"), &changed));
  assert_false(changed);
  assert_ok(tx_commit(&tx));
  assert_int_equal(store_head(t.store), 1);
  assert_true(str_eq(before, version_of_client(t.store, &arena, 1)));
}

TEST(the_nodes_own_tables_are_part_of_the_tx)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(local_set(t.store, "site", STR("main")));
  Query q = query(t.store, &SESSION_ADD);
  assert_ok(query_run(&q));
  tx_fini(&tx);
  assert_string_equal(arena_cstr(&arena, local_get(t.store, &arena, "site")), "");
  tx = begin(t.store);
  assert_ok(local_set(t.store, "site", STR("main")));
  assert_ok(tx_commit(&tx)); /* without an entry */
  assert_string_equal(arena_cstr(&arena, local_get(t.store, &arena, "site")), "main");
  assert_int_equal(store_head(t.store), 0);
}

TEST(put_inserts_updates_and_leaves_append_only_rows_alone)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  test_client(t.store, 1, "A", "B");
  Uuid client = test_id(1);
  const Col *access = COLS(col_uuid("client", &client), col_text("face", STR("desk")), col_text("what", STR("chart")),
                           col_int("at", 5));
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  bool changed;
  assert_ok(tx_put(&tx, "client", test_id(2), CLIENT("C", "D"), &changed));
  assert_true(changed);
  assert_ok(tx_put(&tx, "client", test_id(2), CLIENT("C", "E"), &changed));
  assert_true(changed);
  assert_ok(tx_put(&tx, "access", test_id(3), access, &changed));
  assert_true(changed);
  assert_ok(tx_put(&tx, "access", test_id(3), access, &changed));
  assert_false(changed);
  assert_ok(tx_commit(&tx));
  check_chain(t.store, 2);
}

TEST(stamps_grow_though_the_clock_goes_back)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  test_client(t.store, 1, "A", "B");
  env_fake_advance(t.fake, -1000000);
  test_client(t.store, 1, "C", "B");
  test_store_reopen(&t);
  t.fake->now = 0;
  test_client(t.store, 1, "D", "B");
  check_chain(t.store, 3);
}

TEST(connections_take_turns_on_one_chain)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Store *, other, store_closep) = test_store_again(&t);
  for (unsigned i = 0; i < 20; i++) test_client(i % 3 ? t.store : other, i, "A", "B");
  assert_int_equal(store_head(other), 20);
  assert_int_equal(store_head(t.store), 20);
  check_chain(t.store, 20);
}

TEST(authors_are_found_again_after_many_entries)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  for (unsigned i = 0; i < 530; i++) test_client(t.store, i % 7, i % 2 ? "A" : "B", i % 3 ? "C" : "D");
  size_t written = (size_t)store_head(t.store);
  assert_true(t.store->saved_head > 0);
  test_store_reopen(&t);
  test_client(t.store, 99, "A", "B");
  check_chain(t.store, written + 1);
}

TEST(what_was_deleted_is_in_the_entry)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(t.store, 1, "Ana", "Sol");
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  assert_ok(tx_delete(&tx, "client", test_id(1)));
  assert_ok(tx_commit(&tx));
  assert_int_equal(test_count(t.store, "client"), 0);
  size_t count;
  JournalTx decoded;
  assert_ok(journal_decode(&arena, &entries_of(t.store, &arena, &count)[1], &decoded));
  assert_int_equal(decoded.changes[0].kind, CHANGE_DELETE);
  assert_true(str_eq_c(decoded.changes[0].columns[0].old.bytes, "Ana"));
  test_client(t.store, 1, "Ana", "again");
  assert_int_equal(test_count(t.store, "client"), 1);
}

TEST(a_revoked_node_writes_no_more)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  const Col *cols = COLS(col_int("number", store_node(t.store)), col_text("name", STR("n")),
                         col_text("kind", STR("root")), col_text("scope", STR("practice")),
                         col_blob("public_key", (Str){(const char *)store_key(t.store)->public_key, SIGN_PUBLIC_SIZE}),
                         col_int("enrolled_at", 1));
  assert_ok(tx_insert(&tx, "node", node_row_id(store_node(t.store)), cols));
  assert_ok(tx_commit(&tx));
  tx = begin(t.store);
  assert_ok(tx_update(&tx, "node", node_row_id(store_node(t.store)), COLS(col_int("revoked_at", 5))));
  assert_ok(tx_commit(&tx));
  assert_err(tx_begin(t.store, actor_system(), "test", "", &tx), ERR_REVOKED);
  test_store_reopen(&t);
  assert_err(tx_begin(t.store, actor_system(), "test", "", &tx), ERR_REVOKED);
}

TEST(an_entry_that_is_too_large_is_refused_as_a_whole)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(64 << 20);
  size_t size = 9 << 20;
  char *text = arena_alloc(&arena, size);
  memset(text, 'x', size);
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  for (unsigned i = 1; i <= 2; i++) {
    const Col *cols =
        COLS(col_text("given", (Str){text, size}), col_text("family", STR("B")), col_text("sort_name", STR("s")));
    assert_ok(tx_insert(&tx, "client", test_id(i), cols));
  }
  assert_err(tx_commit(&tx), ERR_TOO_LARGE);
  assert_int_equal(test_count(t.store, "client"), 0);
  test_client(t.store, 1, "A", "B");
  check_chain(t.store, 1);
}

TEST(another_writer_makes_us_wait_and_then_give_up)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Store *, other, store_closep) = test_store_again(&t);
  sqlite3_busy_timeout(other->db, 50); /* instead of STORE_BUSY_MS */
  AUTO(Tx, tx, tx_fini) = begin(t.store);
  Tx second = {0};
  assert_err(tx_begin(other, actor_system(), "test", "", &second), ERR_BUSY);
  assert_err(local_set(other, "a", STR("b")), ERR_BUSY);
  assert_ok(tx_commit(&tx));
  assert_ok(tx_begin(other, actor_system(), "test", "", &second));
  tx_fini(&second);
}

TEST(who_opens_the_file_reads_little_of_the_journal)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  for (unsigned round = 0; round < 8; round++) {
    AUTO(Tx, tx, tx_fini) = begin(t.store);
    for (unsigned i = 0; i < 1000; i++)
      assert_ok(tx_insert(&tx, "client", test_id(round * 1000 + i),
                          CLIENT("Ana", "a name so long that a thousand clients are more than may be read")));
    assert_ok(tx_commit(&tx));
    test_client(t.store, 9000 + round, "Ana", "Sol");
    AUTO(Store *, opened, store_closep) = test_store_again(&t);
    assert_true(opened->unsaved_bytes < 200 << 10);
    assert_int_equal(store_head(opened), store_head(t.store));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_opens_the_file_reads_little_of_the_journal),
      cmocka_unit_test(an_entry_says_who_why_and_what),
      cmocka_unit_test(an_update_carries_the_whole_group_of_a_changed_column),
      cmocka_unit_test(only_groups_that_change_get_the_new_version),
      cmocka_unit_test(a_row_that_is_there_or_not_leaves_the_tx_usable),
      cmocka_unit_test(a_broken_constraint_undoes_everything),
      cmocka_unit_test(a_reference_to_nothing_fails_at_the_commit),
      cmocka_unit_test(text_that_is_not_utf8_is_refused),
      cmocka_unit_test(a_tx_that_changes_nothing_leaves_no_entry),
      cmocka_unit_test(the_nodes_own_tables_are_part_of_the_tx),
      cmocka_unit_test(put_inserts_updates_and_leaves_append_only_rows_alone),
      cmocka_unit_test(stamps_grow_though_the_clock_goes_back),
      cmocka_unit_test(connections_take_turns_on_one_chain),
      cmocka_unit_test(authors_are_found_again_after_many_entries),
      cmocka_unit_test(what_was_deleted_is_in_the_entry),
      cmocka_unit_test(a_revoked_node_writes_no_more),
      cmocka_unit_test(an_entry_that_is_too_large_is_refused_as_a_whole),
      cmocka_unit_test(another_writer_makes_us_wait_and_then_give_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
