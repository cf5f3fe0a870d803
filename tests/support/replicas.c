#include "tests/support/replicas.h"

#include "common/store/internal.h"
#include "common/store/verify.h"
#include "tests/support/unit.h"

void replica_enrol(Store *by, Store *store, const char *kind)
{
  AUTO(Tx, tx, tx_fini) = {0};
  Str key = {(const char *)store_key(store)->public_key, SIGN_PUBLIC_SIZE};
  assert_ok(tx_begin(by, actor_system(), "node.enrol", "", &tx));
  const Col *cols = COLS(col_int("number", store_node(store)), col_text("name", STR("a node")),
                         col_text("kind", str_c(kind)), col_text("scope", STR("practice")), col_blob("public_key", key),
                         col_int("enrolled_at", tx_now(&tx)), col_null("revoked_at"));
  assert_ok(tx_put(&tx, "node", node_row_id(store_node(store)), cols, NULL));
  assert_ok(tx_commit(&tx));
}

Replicas replicas_make(size_t count)
{
  Replicas r = {.count = count};
  assert_true(count <= REPLICAS_MAX);
  for (size_t i = 0; i < count; i++) r.node[i] = test_store_seeded(100 + i);
  Store *root = r.node[0].store;
  for (size_t i = 0; i < count; i++) replica_enrol(root, r.node[i].store, i == 0 ? "root" : "office");
  Str key = {(const char *)store_key(root)->public_key, SIGN_PUBLIC_SIZE};
  for (size_t i = 1; i < count; i++) assert_ok(local_set(r.node[i].store, "root.key", key));
  replicas_settle(&r);
  return r;
}

void replicas_fini(Replicas *r)
{
  for (size_t i = 0; i < r->count; i++) test_store_fini(&r->node[i]);
}

typedef struct Sent {
  Replicas *r;
  size_t from, to;
  JournalBatch batch;
} Sent;

static Err take(Sent *sent, Arena *arena, size_t max_count)
{
  Replicas *r = sent->r;
  Store *from = r->node[sent->from].store;
  NodeId neighbour = store_node(r->node[sent->to].store);
  return journal_batch(from, arena, r->cursor[sent->from][sent->to], neighbour, max_count, 1 << 20, &sent->batch);
}

Err replicas_send(Replicas *r, size_t from, size_t to, size_t max_count, MergeReport *report)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Sent sent = {.r = r, .from = from, .to = to};
  TRY(take(&sent, &arena, max_count));
  JournalBatch *batch = &sent.batch;
  for (size_t i = 0; i < batch->count; i++) {
    batch->entries[i].via = store_node(r->node[from].store);
    batch->entries[i].hash = (Hash){{0}}; /* not what the receiver goes by */
  }
  TRY(merge_apply(r->node[to].store, batch->entries, batch->count, batch->heads, batch->head_count, NULL, NULL,
                  report));
  r->cursor[from][to] = batch->next_pos;
  return ERR_OK;
}

static int64_t cursors(const Replicas *r)
{
  int64_t sum = 0;
  for (size_t i = 0; i < r->count; i++) {
    for (size_t j = 0; j < r->count; j++) sum += r->cursor[i][j];
  }
  return sum;
}

void replicas_settle(Replicas *r)
{
  for (int64_t before = -1; before != cursors(r);) {
    before = cursors(r);
    for (size_t i = 0; i < r->count; i++) {
      for (size_t j = 0; j < r->count; j++) {
        if (i != j) assert_ok(replicas_send(r, i, j, 1000, NULL));
      }
    }
  }
}

static void print_rows(Store *store, Buf *out, const char *sql)
{
  sqlite3_stmt *stmt;
  assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), SQLITE_OK);
  while (sqlite3_step(stmt) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(stmt); i++) buf_printf(out, "%s|", sqlite3_column_text(stmt, i));
    buf_c(out, "\n");
  }
  sqlite3_finalize(stmt);
}

const char *replica_aside(Store *store, Arena *arena)
{
  AUTO(Buf, out, buf_fini) = buf_make(16 << 20);
  print_rows(store, &out, "SELECT 'open', table_id, hex(id), column_group, hlc, node, hex(edit) FROM overwrite");
  print_rows(store, &out, "SELECT 'shadow', table_id, hex(id), hlc, node, hex(state) FROM shadow");
  return arena_cstr(arena, str_c(buf_cstr(&out)));
}

/* print_difference: the rows of two replicas that are not the same, for whoever looks into it. */
static void print_difference(Store *a, Store *b)
{
  AUTO(Buf, sql, buf_fini) = buf_make(1 << 16);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  buf_printf(&sql, "ATTACH '%s/foyer.db' AS other", b->folder);
  assert_ok(store_exec(a, buf_cstr(&sql)));
  for (size_t i = 0; i < a->schema.table_count; i++) {
    const char *name = a->schema.tables[i].name;
    static const char *const SIDES[] = {"main", "other"};
    for (int side = 0; side < 2; side++) {
      AUTO(Buf, out, buf_fini) = buf_make(1 << 20);
      buf_clear(&sql);
      buf_printf(&sql, "SELECT *, hex(id), hex(v) FROM %s.%s EXCEPT SELECT *, hex(id), hex(v) FROM %s.%s", SIDES[side],
                 name, SIDES[!side], name);
      print_rows(a, &out, buf_cstr(&sql));
      if (out.len) print_error("%s %s: %s", name, SIDES[side], buf_cstr(&out));
    }
  }
  print_error("aside of the first:\n%saside of the other:\n%s", replica_aside(a, &arena), replica_aside(b, &arena));
}

void replicas_assert_equal(Replicas *r)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Hash first, other;
  assert_ok(verify_digest(r->node[0].store, &first));
  const char *aside = replica_aside(r->node[0].store, &arena);
  for (size_t i = 1; i < r->count; i++) {
    assert_ok(verify_digest(r->node[i].store, &other));
    if (!hash_eq(first, other)) print_difference(r->node[0].store, r->node[i].store);
    assert_true(hash_eq(first, other));
    assert_string_equal(replica_aside(r->node[i].store, &arena), aside);
  }
}

void replica_update_text(Store *store, const char *table, Uuid id, const char *column, const char *value)
{
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.update", "", &tx));
  assert_ok(tx_update(&tx, table, id, COLS(col_text(column, str_c(value)))));
  assert_ok(tx_commit(&tx));
}
