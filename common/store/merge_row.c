#include "common/store/merge_row.h"

#include <assert.h>

static uint64_t bit(unsigned id)
{
  return 1ULL << (id - 1);
}

Str row_edit_pack(Arena *arena, uint64_t columns, const JournalValue values[])
{
  AUTO(Buf, buf, buf_fini) = buf_make(2 * JOURNAL_BODY_MAX);
  buf_varint(&buf, columns);
  for (uint64_t left = columns; left; left &= left - 1) body_value(&buf, &values[__builtin_ctzll(left) + 1]);
  assert(buf.err == ERR_OK); /* it came from a body, or from a row, which is no larger */
  return arena_strdup(arena, buf_view(&buf));
}

bool row_edit_unpack(Str packed, uint64_t *columns, JournalValue values[])
{
  Reader r = reader_make(packed.ptr, packed.len);
  *columns = reader_varint(&r);
  if (r.failed || *columns >> BODY_COLUMN_MAX) return false;
  for (uint64_t left = *columns; left; left &= left - 1) {
    if (!body_read_value(&r, &values[__builtin_ctzll(left) + 1])) return false;
  }
  return r.at == r.len;
}

Str row_state_pack(Arena *arena, const RowState *state)
{
  uint8_t v[VERSION_SIZE_MAX];
  size_t size = version_write(&state->version, v);
  uint64_t columns = 0;
  for (unsigned c = 1; c <= BODY_COLUMN_MAX; c++) {
    if (state->values[c].kind != COL_END) columns |= bit(c);
  }
  Str edit = row_edit_pack(arena, columns, state->values);
  AUTO(Buf, buf, buf_fini) = buf_make(edit.len + size + 10);
  buf_chunk(&buf, v, size);
  buf_str(&buf, edit);
  assert(buf.err == ERR_OK);
  return arena_strdup(arena, buf_view(&buf));
}

bool row_state_unpack(Str packed, RowState *state)
{
  Reader r = reader_make(packed.ptr, packed.len);
  Str v = reader_chunk(&r);
  uint64_t columns;
  if (r.failed || !version_parse(v, &state->version)) return false;
  return row_edit_unpack((Str){packed.ptr + r.at, packed.len - r.at}, &columns, state->values);
}

static void open_add(Arena *arena, RowState *state, unsigned group, Stamp stamp, uint64_t columns,
                     const JournalValue values[])
{
  for (uint64_t left = columns; left; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    if (values[c].kind == COL_END) columns &= ~bit(c);
  }
  state->open = arena_grow_array(arena, state->open, state->open_count, &state->open_capacity, sizeof *state->open);
  state->open[state->open_count++] = (OpenEdit){group, stamp, row_edit_pack(arena, columns, values), 0};
}

/* settle: forget open edits of these groups that the author has seen: it decided between them. */
static void settle(RowState *state, uint64_t groups, Witness *witness)
{
  size_t kept = 0;
  for (size_t i = 0; i < state->open_count; i++) {
    if (groups & bit(state->open[i].group) && witness->saw(witness, state->open[i].stamp)) continue;
    state->open[kept++] = state->open[i];
  }
  state->open_count = kept;
}

/* close_winners: an alive row's winners are not among its open edits that lost. */
static void close_winners(RowState *state)
{
  size_t kept = 0;
  for (size_t i = 0; i < state->open_count; i++) {
    if (stamp_eq(state->open[i].stamp, version_of(&state->version, state->open[i].group))) continue;
    state->open[kept++] = state->open[i];
  }
  state->open_count = kept;
}

static JournalValue default_of(const Column *column)
{
  const Col *given = &column->default_value;
  if (given->kind != COL_END) return (JournalValue){given->kind, given->number, given->bytes};
  return (JournalValue){column->kind, 0, STR("")}; /* an honest author would have named it */
}

static bool value_fits(const Column *column, const JournalValue *value)
{
  return value->kind == column->kind || (value->kind == COL_NULL && !column->not_null);
}

bool row_change_complete(const Table *table, BodyChange *change)
{
  uint64_t named = change->columns & table->mask;
  uint64_t whole = change->kind == CHANGE_UPDATE ? table_group_columns(table, named) : table->mask;
  change->columns = whole;
  if (change->kind == CHANGE_DELETE) return true;
  for (uint64_t left = whole; left; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    if (!(named & bit(c))) change->new_value[c] = default_of(table->by_id[c]);
    if (!value_fits(table->by_id[c], &change->new_value[c])) return false;
  }
  return true;
}

static uint64_t all_groups(const Table *table)
{
  return table_group_bits(table, table->mask);
}

static size_t apply_delete(Arena *arena, const Table *table, RowState *state, Stamp stamp, Witness *witness)
{
  uint64_t groups = all_groups(table);
  settle(state, groups, witness);
  if (stamp_before(stamp, state->deleted) || stamp_before(stamp, state->version.base)) return 0;
  size_t before = state->open_count;
  if (state->deleted.hlc == 0) {
    for (uint64_t left = groups; left; left &= left - 1) {
      unsigned group = (unsigned)__builtin_ctzll(left) + 1;
      Stamp current = version_of(&state->version, group);
      if (current.hlc != 0 && !witness->saw(witness, current))
        open_add(arena, state, group, current, table->groups[group], state->values);
    }
  }
  state->deleted = stamp;
  return state->open_count - before;
}

static void take_values(const Table *table, RowState *state, const BodyChange *change, unsigned group)
{
  for (uint64_t left = table->groups[group]; left; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    state->values[c] = change->new_value[c];
  }
}

static size_t apply_write(Arena *arena, const Table *table, RowState *state, const BodyChange *change, Stamp stamp,
                          Witness *witness)
{
  bool insert = change->kind == CHANGE_INSERT;
  bool under = state->deleted.hlc != 0;
  bool lifts = insert && under && !stamp_before(stamp, state->deleted);
  uint64_t groups = insert ? all_groups(table) : table_group_bits(table, change->columns);
  settle(state, groups, witness);
  size_t before = state->open_count;
  uint64_t won = 0;
  for (uint64_t left = groups; left; left &= left - 1) {
    unsigned group = (unsigned)__builtin_ctzll(left) + 1;
    Stamp current = version_of(&state->version, group);
    bool wins = !stamp_before(stamp, current);
    /* The one that loses is open, unless the newcomer has seen it. Under a deletion the present one is in `open` if it is. */
    if (wins && !under && current.hlc != 0 && !stamp_eq(stamp, current) && !witness->saw(witness, current))
      open_add(arena, state, group, current, table->groups[group], state->values);
    if (!wins || under) open_add(arena, state, group, stamp, table->groups[group], change->new_value);
    if (!wins) continue;
    won |= bit(group);
    take_values(table, state, change, group);
  }
  if (insert)
    version_insert(&state->version, stamp);
  else
    version_touch(&state->version, stamp, won);
  if (lifts) {
    state->deleted = (Stamp){0};
    close_winners(state);
  }
  return state->open_count > before ? state->open_count - before : 0;
}

size_t row_state_apply(Arena *arena, const Table *table, RowState *state, const BodyChange *change, Stamp stamp,
                       Witness *witness)
{
  if (change->kind == CHANGE_DELETE) return apply_delete(arena, table, state, stamp, witness);
  return apply_write(arena, table, state, change, stamp, witness);
}
