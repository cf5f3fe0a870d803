#include <string.h>

#include "common/store/merge_row.h"
#include "tests/support/unit.h"

enum { AUTHORS = 4, ENTRIES = 14, COLUMNS = 4 };

/* Columns 1 and 2 are one group, 3 and 4 are groups of their own. */
static const Column COLUMN[COLUMNS] = {
    {.name = "a", .id = 1, .group = 1, .not_null = true, .kind = COL_INT, .default_value = {0}},
    {.name = "b", .id = 2, .group = 1, .not_null = true, .kind = COL_INT, .default_value = {"b", COL_INT, 70, {0}}},
    {.name = "c", .id = 3, .group = 3, .not_null = false, .kind = COL_INT, .default_value = {"c", COL_NULL, 0, {0}}},
    {.name = "d", .id = 4, .group = 4, .not_null = true, .kind = COL_INT, .default_value = {0}},
};
static Table table_of_four(void)
{
  Table table = {.name = "t", .id = 1, .column_count = COLUMNS, .columns = COLUMN, .mask = 15};
  for (int i = 0; i < COLUMNS; i++) table.by_id[i + 1] = &COLUMN[i];
  table.groups[1] = 3;
  table.groups[3] = 4;
  table.groups[4] = 8;
  return table;
}
static const unsigned GROUPS[] = {1, 3, 4};

typedef struct Entry { /* one change; its author's number is node - 1 */
  Stamp stamp;
  Hlc seen[AUTHORS]; /* 0: nothing */
  BodyChange change;
} Entry;

typedef struct EntryWitness {
  Witness witness;
  const Entry *entry;
} EntryWitness;

static bool entry_saw(const Entry *entry, Stamp edit)
{
  return edit.node == entry->stamp.node || entry->seen[edit.node - 1] >= edit.hlc;
}

static bool saw(Witness *witness, Stamp edit)
{
  return entry_saw(((EntryWitness *)(void *)witness)->entry, edit);
}

static void apply(Arena *arena, const Table *table, RowState *state, Entry *entry)
{
  EntryWitness witness = {{saw}, entry};
  assert_true(row_change_complete(table, &entry->change));
  row_state_apply(arena, table, state, &entry->change, entry->stamp, &witness.witness);
}

static uint32_t roll(const Env *env, uint32_t sides)
{
  uint32_t r;
  env_random(env, &r, sizeof r);
  return r % sides;
}

static BodyChange random_change(const Env *env, const RowState *state)
{
  BodyChange change = {.kind = CHANGE_INSERT, .table = 1, .columns = 15};
  bool alive = row_state_alive(state);
  if (alive || roll(env, 8) == 0) change.kind = roll(env, 5) == 0 ? CHANGE_DELETE : CHANGE_UPDATE;
  if (change.kind == CHANGE_UPDATE) change.columns = 1 + roll(env, 15);
  if (change.kind == CHANGE_INSERT && roll(env, 3) == 0) change.columns = 9; /* by an older program */
  for (int c = 1; c <= COLUMNS; c++) change.new_value[c] = (JournalValue){COL_INT, roll(env, 1000), {0}};
  return change;
}

/* make_history: authors write and learn of one another at random. */
static void make_history(const Env *env, const Table *table, Entry history[ENTRIES])
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static RowState states[AUTHORS];
  memset(states, 0, sizeof states);
  Hlc known[AUTHORS][AUTHORS] = {{0}};
  for (int n = 0; n < ENTRIES;) {
    uint32_t author = roll(env, AUTHORS);
    if (roll(env, 3) > 0) { /* learn all of another's knowledge */
      uint32_t from = roll(env, AUTHORS);
      for (int i = 0; i < n; i++) {
        uint32_t of = history[i].stamp.node - 1;
        if (history[i].stamp.hlc > known[from][of] || history[i].stamp.hlc <= known[author][of]) continue;
        apply(&arena, table, &states[author], &history[i]);
        known[author][of] = history[i].stamp.hlc;
      }
      continue;
    }
    Hlc newest = 0;
    for (int i = 0; i < AUTHORS; i++) newest = known[author][i] > newest ? known[author][i] : newest;
    Entry *entry = &history[n++];
    *entry = (Entry){.stamp = {newest + 1 + roll(env, 4), author + 1}, .change = random_change(env, &states[author])};
    memcpy(entry->seen, known[author], sizeof entry->seen);
    known[author][author] = entry->stamp.hlc;
    apply(&arena, table, &states[author], entry);
  }
}

static bool deliverable(const Entry *entry, const Hlc known[AUTHORS], const Entry history[ENTRIES], const bool done[])
{
  for (int a = 0; a < AUTHORS; a++) {
    if (entry->seen[a] > known[a]) return false;
  }
  for (int i = 0; i < ENTRIES; i++) {
    if (!done[i] && history[i].stamp.node == entry->stamp.node && history[i].stamp.hlc < entry->stamp.hlc) return false;
  }
  return true;
}

static void deliver_at_random(const Env *env, Arena *arena, const Table *table, Entry history[ENTRIES], RowState *state)
{
  Hlc known[AUTHORS] = {0};
  bool done[ENTRIES] = {0};
  for (int n = 0; n < ENTRIES;) {
    uint32_t i = roll(env, ENTRIES);
    if (done[i] || !deliverable(&history[i], known, history, done)) continue;
    apply(arena, table, state, &history[i]);
    known[history[i].stamp.node - 1] = history[i].stamp.hlc;
    done[i] = true;
    n++;
  }
}

static bool touches(const Entry *entry, const Table *table, unsigned group)
{
  if (entry->change.kind == CHANGE_DELETE) return false;
  return entry->change.kind == CHANGE_INSERT || (entry->change.columns & table->groups[group]);
}

static bool is_open(const Entry history[ENTRIES], int edit, const Table *table, unsigned group)
{
  for (int i = 0; i < ENTRIES; i++) {
    bool counts = touches(&history[i], table, group) || history[i].change.kind == CHANGE_DELETE;
    if (i != edit && counts && stamp_before(history[edit].stamp, history[i].stamp) &&
        entry_saw(&history[i], history[edit].stamp))
      return false;
  }
  return true;
}

static bool state_has_open(const RowState *state, unsigned group, Stamp stamp)
{
  for (size_t i = 0; i < state->open_count; i++) {
    if (state->open[i].group == group && stamp_eq(state->open[i].stamp, stamp)) return true;
  }
  return false;
}

/* assert_as_defined: against the rules as JOURNAL.md states them, by looking at the whole set. */
static void assert_as_defined(const Entry history[ENTRIES], const Table *table, const RowState *state)
{
  Stamp base = {0}, deleted = {0};
  for (int i = 0; i < ENTRIES; i++) {
    Stamp stamp = history[i].stamp;
    if (history[i].change.kind == CHANGE_INSERT && stamp_before(base, stamp)) base = stamp;
    if (history[i].change.kind == CHANGE_DELETE && stamp_before(deleted, stamp)) deleted = stamp;
  }
  bool under = stamp_before(base, deleted);
  assert_true(stamp_eq(state->version.base, base));
  assert_true(stamp_eq(state->deleted, under ? deleted : (Stamp){0}));
  size_t open = 0;
  for (size_t g = 0; g < COUNT_OF(GROUPS); g++) {
    int winner = -1;
    for (int i = 0; i < ENTRIES; i++) {
      if (touches(&history[i], table, GROUPS[g]) &&
          (winner < 0 || stamp_before(history[winner].stamp, history[i].stamp)))
        winner = i;
    }
    for (int i = 0; i < ENTRIES; i++) {
      if (!touches(&history[i], table, GROUPS[g])) continue;
      bool listed = is_open(history, i, table, GROUPS[g]) && (i != winner || under);
      assert_int_equal(state_has_open(state, GROUPS[g], history[i].stamp), listed);
      open += listed;
    }
    if (winner < 0) continue;
    assert_true(stamp_eq(version_of(&state->version, GROUPS[g]), history[winner].stamp));
    for (unsigned c = 1; c <= COLUMNS; c++) {
      if (!(table->groups[GROUPS[g]] >> (c - 1) & 1)) continue;
      assert_int_equal(state->values[c].kind, history[winner].change.new_value[c].kind);
      assert_int_equal(state->values[c].number, history[winner].change.new_value[c].number);
    }
  }
  assert_int_equal(state->open_count, open);
}

TEST(any_causal_order_gives_the_state_that_the_rules_define)
{
  EnvFake fake;
  env_fake_init(&fake, 0, 2026);
  Table table = table_of_four();
  static Entry history[ENTRIES];
  int deletions = 0, hidden = 0, listed = 0;
  for (int round = 0; round < 4000; round++) {
    make_history(&fake.env, &table, history);
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    Str first = {0};
    for (int turn = 0; turn < 4; turn++) {
      static RowState row;
      row = (RowState){0};
      deliver_at_random(&fake.env, &arena, &table, history, &row);
      assert_as_defined(history, &table, &row);
      Str packed = row_state_pack(&arena, &row);
      if (turn == 0) first = packed;
      assert_true(str_eq(packed, first));
      hidden += row.deleted.hlc != 0;
      listed += row.open_count > 0;
    }
    for (int i = 0; i < ENTRIES; i++) deletions += history[i].change.kind == CHANGE_DELETE;
  }
  assert_true(deletions > 1000 && hidden > 1000 && listed > 1000); /* the histories are worth testing */
}

TEST(a_packed_state_comes_back)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  RowState row = {.version = {.base = {77, 1}}}, back = {0};
  version_touch(&row.version, (Stamp){99, 2}, 1);
  row.values[1] = (JournalValue){COL_TEXT, 0, STR("x")};
  row.values[40] = (JournalValue){COL_NULL, 0, {0}};
  row.values[63] = (JournalValue){COL_INT, -5, {0}};
  Str packed = row_state_pack(&arena, &row);
  assert_true(row_state_unpack(packed, &back));
  assert_true(stamp_eq(version_of(&back.version, 1), (Stamp){99, 2}));
  assert_true(str_eq_c(back.values[1].bytes, "x"));
  assert_int_equal(back.values[2].kind, COL_END);
  assert_int_equal(back.values[40].kind, COL_NULL);
  assert_int_equal(back.values[63].number, -5);
  for (size_t len = 0; len < packed.len; len++) assert_false(row_state_unpack((Str){packed.ptr, len}, &back));
}

TEST(a_value_of_a_wrong_type_is_refused)
{
  Table table = table_of_four();
  BodyChange change = {.kind = CHANGE_UPDATE, .table = 1, .columns = 4};
  change.new_value[3] = (JournalValue){COL_NULL, 0, {0}};
  assert_true(row_change_complete(&table, &change));
  change.new_value[3] = (JournalValue){COL_TEXT, 0, STR("1")};
  assert_false(row_change_complete(&table, &change));
  change.columns = 8;
  change.new_value[4] = (JournalValue){COL_NULL, 0, {0}};
  assert_false(row_change_complete(&table, &change));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_causal_order_gives_the_state_that_the_rules_define),
      cmocka_unit_test(a_packed_state_comes_back),
      cmocka_unit_test(a_value_of_a_wrong_type_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
