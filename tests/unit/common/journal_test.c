#include <stdlib.h>

#include "common/base/json.h"
#include "common/store/internal.h"
#include "common/store/journal.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

TEST(entries_are_read_in_order_within_limits)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (unsigned i = 1; i <= 10; i++) test_client(t.store, i, "Ana", "Mejia");
  JournalEntry *entries;
  size_t count;
  assert_ok(journal_read(t.store, &arena, 0, 100, 1 << 20, &entries, &count));
  assert_int_equal(count, 10);
  Hash previous = {{0}};
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(entries[i].pos, i + 1);
    assert_int_equal(entries[i].seq, i + 1);
    assert_int_equal(entries[i].node, store_node(t.store));
    assert_int_equal(entries[i].via, 0);
    previous = entry_hash(previous, entries[i].node, entries[i].seq, entries[i].hlc, entries[i].body);
    assert_true(hash_eq(previous, entries[i].hash));
  }
  size_t size = entries[0].body.len;
  assert_ok(journal_read(t.store, &arena, 4, 3, 1 << 20, &entries, &count));
  assert_int_equal(count, 3);
  assert_int_equal(entries[0].pos, 5);
  assert_ok(journal_read(t.store, &arena, 4, 100, 2 * size, &entries, &count));
  assert_int_equal(count, 2);
  assert_ok(journal_read(t.store, &arena, 4, 100, 1, &entries, &count)); /* at least one */
  assert_int_equal(count, 1);
  assert_ok(journal_read(t.store, &arena, 10, 100, 1 << 20, &entries, &count));
  assert_int_equal(count, 0);
}

TEST(an_entry_is_found_by_its_name)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (unsigned i = 1; i <= 3; i++) test_client(t.store, i, "Ana", "Mejia");
  JournalEntry entry;
  assert_ok(journal_find(t.store, &arena, store_node(t.store), 2, &entry));
  assert_int_equal(entry.pos, 2);
  assert_int_equal(journal_find(t.store, &arena, store_node(t.store), 4, &entry), ERR_NOT_FOUND);
  assert_int_equal(journal_find(t.store, &arena, 1, 1, &entry), ERR_NOT_FOUND);
}

static bool signature_is_good(Store *store, const Head *head)
{
  uint8_t bytes[HEAD_SIGNED_SIZE];
  head_signed_bytes(head->node, head->seq, head->hash, bytes);
  return sign_verify(store_key(store)->public_key, bytes, sizeof bytes, head->signature);
}

TEST(heads_tell_how_far_chains_are_known_and_ours_is_signed_when_asked)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Head head, *heads;
  size_t count;
  assert_ok(journal_head_of(t.store, store_node(t.store), &head));
  assert_int_equal(head.seq, 0);
  assert_ok(journal_sign(t.store, &head)); /* nothing to sign */
  assert_int_equal(head.signed_seq, 0);
  test_client(t.store, 1, "Ana", "Mejia");
  test_client(t.store, 2, "Ana", "Mejia");
  assert_ok(journal_heads(t.store, &arena, &heads, &count));
  assert_int_equal(count, 1);
  assert_int_equal(heads[0].seq, 2);
  assert_int_equal(heads[0].signed_seq, 0);
  assert_ok(journal_sign(t.store, &head));
  assert_int_equal(head.seq, 2);
  assert_int_equal(head.signed_seq, 2);
  assert_true(signature_is_good(t.store, &head));
  test_store_reopen(&t);
  assert_ok(journal_head_of(t.store, store_node(t.store), &head));
  assert_int_equal(head.signed_seq, 2);
  assert_true(signature_is_good(t.store, &head));
  test_client(t.store, 3, "Ana", "Mejia");
  assert_ok(journal_head_of(t.store, store_node(t.store), &head));
  assert_int_equal(head.seq, 3);
  assert_int_equal(head.signed_seq, 2);
}

static JournalColumn column_named(const JournalChange *change, const char *name)
{
  for (size_t i = 0; i < change->column_count; i++) {
    if (strcmp(change->columns[i].name, name) == 0) return change->columns[i];
  }
  fail_msg("no column %s", name);
  return (JournalColumn){0};
}

TEST(a_decoded_entry_says_who_why_and_what_changed)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(t.store, 1, "Ana", "Mejia");
  Tx change = {0};
  assert_ok(tx_begin(t.store, actor_staff(test_id(9)), "client.update", "she moved", &change));
  assert_ok(
      tx_update(&change, "client", test_id(1), COLS(col_text("given", STR("Anna")), col_text("city", STR("Ulm")))));
  assert_ok(tx_commit(&change));
  JournalEntry entry;
  JournalTx tx;
  assert_ok(journal_find(t.store, &arena, store_node(t.store), 2, &entry));
  assert_ok(journal_decode(&arena, &entry, &tx));
  assert_string_equal(tx.action, "client.update");
  assert_string_equal(tx.reason, "she moved");
  assert_int_equal(tx.actor.kind, ACTOR_STAFF);
  assert_true(uuid_eq(tx.actor.id, test_id(9)));
  assert_int_equal(tx.change_count, 1);
  assert_int_equal(tx.changes[0].kind, CHANGE_UPDATE);
  assert_string_equal(tx.changes[0].table_name, "client");
  assert_true(uuid_eq(tx.changes[0].id, test_id(1)));
  assert_int_equal(tx.changes[0].column_count, 2); /* not the rest of their groups */
  assert_true(str_eq_c(column_named(&tx.changes[0], "given").old.bytes, "Ana"));
  assert_true(str_eq_c(column_named(&tx.changes[0], "given").new_value.bytes, "Anna"));
  entry.body.len -= 1;
  assert_int_equal(journal_decode(&arena, &entry, &tx), ERR_CORRUPT);
  assert_non_null(strstr(err_detail(), "offset"));
}

TEST(the_json_of_an_entry_is_for_people_and_hides_passwords)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(t.store, actor_system(), "staff.create", "", &tx));
  assert_ok(tx_insert(&tx, "staff", test_id(3),
                      COLS(col_text("username", STR("ana")), col_text("given", STR("Ana")),
                           col_text("family", STR("M")), col_text("password_hash", STR("$argon2id$secret")))));
  assert_ok(tx_commit(&tx));
  JournalEntry entry;
  AUTO(json_t *, json, json_release) = NULL;
  assert_ok(journal_find(t.store, &arena, store_node(t.store), 1, &entry));
  assert_ok(journal_json(&entry, &json));
  assert_true(str_eq_c(json_str(json, "at"), "2026-03-02T15:00:00.000Z"));
  assert_true(str_eq_c(json_str(json, "actor.kind"), "system"));
  assert_true(str_eq_c(json_str(json, "changes.0.table"), "staff"));
  assert_true(str_eq_c(json_str(json, "changes.0.kind"), "insert"));
  assert_true(str_eq_c(json_str(json, "changes.0.columns.username.new"), "ana"));
  Str text = json_canonical(&arena, json);
  assert_null(memmem(text.ptr, text.len, "argon2id", 8));
}

TEST(the_history_of_a_row_is_every_change_of_it_newest_first)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  test_client(r.node[0].store, 1, "Ana", "Mejia");
  test_client(r.node[0].store, 2, "Bo", "Li");
  replicas_settle(&r);
  replica_update_text(r.node[1].store, "client", test_id(1), "phone", "1");
  replica_update_text(r.node[1].store, "client", test_id(2), "phone", "2");
  replicas_settle(&r);
  JournalEntry *entries;
  size_t count;
  assert_ok(journal_history(r.node[0].store, &arena, "client", test_id(1), 10, &entries, &count));
  assert_int_equal(count, 2);
  assert_int_equal(entries[0].node, store_node(r.node[1].store));
  assert_int_equal(entries[0].via, store_node(r.node[1].store));
  assert_int_equal(entries[1].node, store_node(r.node[0].store));
  assert_ok(journal_history(r.node[0].store, &arena, "client", test_id(1), 1, &entries, &count));
  assert_int_equal(count, 1);
  assert_ok(journal_history(r.node[0].store, &arena, "staff", test_id(1), 10, &entries, &count));
  assert_int_equal(count, 0);
}

TEST(a_batch_leaves_out_what_the_neighbour_brought_and_moves_past_it)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(2);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Store *a = r.node[0].store, *b = r.node[1].store;
  for (unsigned i = 1; i <= 5; i++) test_client(b, i, "Ana", "Mejia");
  assert_ok(replicas_send(&r, 1, 0, 100, NULL));
  int64_t before = r.cursor[0][1];
  JournalBatch batch;
  assert_ok(journal_batch(a, &arena, before, store_node(b), 100, 1 << 20, &batch));
  assert_int_equal(batch.count, 0);
  assert_int_equal(batch.next_pos, store_head(a));
  assert_ok(journal_batch(a, &arena, before, 0, 100, 1 << 20, &batch));
  assert_int_equal(batch.count, 5);
  assert_int_equal(batch.head_count, 1);
  assert_int_equal(batch.heads[0].signed_seq, 5);
  assert_true(signature_is_good(b, &batch.heads[0]));
  assert_ok(journal_batch(a, &arena, before, 0, 2, 1 << 20, &batch)); /* it cannot be cut: they came as one */
  assert_int_equal(batch.count, 5);
  test_client(a, 6, "Bo", "Li");
  test_client(a, 7, "Bo", "Li");
  int64_t own = store_head(a) - 2;
  assert_ok(journal_batch(a, &arena, own, 0, 1, 1 << 20, &batch)); /* ours can */
  assert_int_equal(batch.count, 1);
  assert_int_equal(batch.next_pos, own + 1);
  assert_int_equal(batch.heads[0].seq, batch.entries[0].seq);
  assert_true(signature_is_good(a, &batch.heads[0]));
  assert_ok(journal_batch(a, &arena, store_head(a), 0, 1, 1 << 20, &batch));
  assert_int_equal(batch.count, 0);
  assert_int_equal(batch.next_pos, store_head(a));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_are_read_in_order_within_limits),
      cmocka_unit_test(an_entry_is_found_by_its_name),
      cmocka_unit_test(heads_tell_how_far_chains_are_known_and_ours_is_signed_when_asked),
      cmocka_unit_test(a_decoded_entry_says_who_why_and_what_changed),
      cmocka_unit_test(the_json_of_an_entry_is_for_people_and_hides_passwords),
      cmocka_unit_test(the_history_of_a_row_is_every_change_of_it_newest_first),
      cmocka_unit_test(a_batch_leaves_out_what_the_neighbour_brought_and_moves_past_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
