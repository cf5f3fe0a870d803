#include "tests/support/tablet.h"

#include <dirent.h>
#include <string.h>

#include "common/base/file.h"
#include "common/store/internal.h"
#include "common/store/merge.h"
#include "tests/support/unit.h"

enum { DAY_MS = 24 * 3600 * 1000, FILE_MAX = 256 << 20 };

TestTablet test_tablet_make(void)
{
  TestTablet tt = {.p = test_practice_make(), .t = test_store_seeded(8), .max_bytes = 1 << 20};
  NodeNew node = {.name = "Lobby tablet", .kind = "lobby", .scope = "lobby", .site = tt.p.site.id};
  memcpy(node.public_key, store_key(tt.t.store)->public_key, SIGN_PUBLIC_SIZE);
  Faults faults = faults_make(&tt.p.arena);
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(tt.p.t.store, actor_system(), "node.enrol", "", &tx));
  assert_ok(node_add(&tx, &node, &faults));
  assert_ok(tx_commit(&tx));
  assert_ok(local_set(tt.t.store, LOCAL_SCOPE, STR("lobby")));
  test_store_reopen(&tt.t);
  return tt;
}

void test_tablet_fini(TestTablet *tt)
{
  test_store_fini(&tt->t);
  test_practice_fini(&tt->p);
}

void tablet_pull_part(TestTablet *tt, bool *more)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  bool scoped;
  ScopeOf of;
  ScopePart part;
  ScopeReport report;
  int64_t served;
  assert_ok(scope_of(tt->p.t.store, store_node(tt->t.store), &scoped, &of));
  assert_true(scoped);
  assert_ok(scope_part(tt->p.t.store, &arena, &SCOPE_LOBBY_RULES, &of, scope_place(tt->t.store, &arena), tt->max_bytes,
                       &part, &served));
  assert_ok(scope_take(tt->t.store, &SCOPE_LOBBY_RULES, &part, NULL, NULL, &report));
  tt->rows += part.count;
  *more = part.more;
}

void tablet_pull(TestTablet *tt)
{
  bool more = true;
  tt->rows = 0;
  for (int i = 0; more; i++) {
    assert_true(i < 10000);
    tablet_pull_part(tt, &more);
  }
}

static Err check(TestTablet *tt, const JournalBatch *batch, uint64_t *refused)
{
  for (size_t i = 0; i < batch->count; i++) {
    Err err = scope_may_write(tt->p.site.id, &batch->entries[i]);
    if (err == ERR_DENIED) *refused = batch->entries[i].seq;
    TRY(err);
  }
  return ERR_OK;
}

Err tablet_push(TestTablet *tt, uint64_t *refused)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalBatch batch;
  uint64_t none;
  if (!refused) refused = &none;
  *refused = 0;
  TRY(journal_batch(tt->t.store, &arena, tt->pushed, store_node(tt->p.t.store), 1000, 1 << 20, &batch));
  TRY(check(tt, &batch, refused));
  for (size_t i = 0; i < batch.count; i++) batch.entries[i].via = store_node(tt->t.store);
  TRY(merge_apply(tt->p.t.store, batch.entries, batch.count, batch.heads, batch.head_count, NULL, NULL, NULL));
  tt->pushed = batch.next_pos;
  return ERR_OK;
}

void tablet_sync(TestTablet *tt)
{
  assert_ok(tablet_push(tt, NULL));
  tablet_pull(tt);
}

void tablet_days(TestTablet *tt, int days)
{
  tt->p.t.fake->now += (int64_t)days * DAY_MS;
  tt->t.fake->now += (int64_t)days * DAY_MS;
}

bool tablet_reads_bytes(TestTablet *tt, Str bytes)
{
  bool found = false;
  DIR *dir = opendir(tt->t.path);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir));) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    Str content;
    if (entry->d_type != DT_REG) continue;
    assert_ok(file_read(&arena, arena_printf(&arena, "%s/%s", tt->t.path, entry->d_name), FILE_MAX, &content));
    if (memmem(content.ptr, content.len, bytes.ptr, bytes.len)) found = true;
  }
  closedir(dir);
  return found;
}

bool tablet_reads(TestTablet *tt, const char *text)
{
  return tablet_reads_bytes(tt, str_c(text));
}

bool tablet_has(TestTablet *tt, const char *table, Uuid id)
{
  uint8_t v[VERSION_SIZE_MAX];
  size_t size;
  return row_version(tt->t.store, schema_table(&tt->t.store->schema, table), id, v, &size) == ERR_OK;
}
