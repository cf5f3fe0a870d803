/* The device takes what it is told. JOURNAL.md, "Scoped nodes". */
#include "common/store/scope_take.h"

#include <stdlib.h>

#include "common/base/buf.h"

SQL_SCAN(OWN_ENTRIES, "SELECT seq, hlc, body FROM journal WHERE node = :node AND seq > :seq ORDER BY pos");
SQL(MARK, "INSERT OR IGNORE INTO scope_mark (table_id, id) VALUES (:table, :id)");
SQL(LEFT_ADD, "INSERT OR IGNORE INTO scope_left (table_id, id) VALUES (:table, :id)");
SQL(LEFT_DROP, "DELETE FROM scope_left WHERE table_id = :table AND id = :id");
SQL_SCAN(MARKS_CLEAR, "DELETE FROM scope_mark");

/* ------------------------------------------------------------------------------------------------------- own changes */

void own_changes_fini(OwnChanges *own)
{
  arena_fini(&own->arena);
}

static int by_row(const void *a, const void *b)
{
  const OwnChange *x = a, *y = b;
  if (x->table != y->table) return x->table < y->table ? -1 : 1;
  int order = uuid_order(&x->id, &y->id);
  return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

static Err add_changes(OwnChanges *own, Stamp stamp, Str body)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  TRY(body_open(body, &head, &reader));
  while (body_next(&reader, &change)) {
    own->list = arena_grow_array(&own->arena, own->list, own->count, &own->capacity, sizeof *own->list);
    own->list[own->count] = (OwnChange){change.table, change.id, own->count, stamp, body, change.kind};
    own->count++;
  }
  return reader.err;
}

Err own_changes_read(Store *store, uint64_t seq, OwnChanges *out)
{
  AUTO(Query, q, query_fini) = internal_query(store, &OWN_ENTRIES);
  query_bind_int(&q, ":node", store->node);
  query_bind_int(&q, ":seq", (int64_t)seq);
  while (query_next(&q))
    TRY(add_changes(out, (Stamp){query_hlc(&q, "hlc"), store->node}, query_copy(&q, &out->arena, "body")));
  TRY(query_end(&q));
  if (out->count > 1) qsort(out->list, out->count, sizeof *out->list, by_row);
  return ERR_OK;
}

const OwnChange *own_changes_find(const OwnChanges *own, uint32_t table, Uuid id, size_t *count)
{
  OwnChange key = {.table = table, .id = id};
  size_t low = 0, high = own->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (by_row(&own->list[middle], &key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  size_t end = low;
  while (end < own->count && own->list[end].table == table && uuid_eq(own->list[end].id, id)) end++;
  *count = end - low;
  return end > low ? &own->list[low] : NULL;
}

/* --------------------------------------------------------------------------------------------------------------- rows */

typedef struct Take {
  Store *store;
  const ScopePart *part;
  OwnChanges own;
  bool marking;
  Hlc newest;
  Arena arena; /* for one row */
  size_t changed;
} Take;

static void take_fini(Take *t)
{
  arena_fini(&t->arena);
  own_changes_fini(&t->own);
}

static bool saw_everything(Witness *witness, Stamp edit)
{
  (void)witness, (void)edit;
  return true;
}

static JournalValue blank(const Column *column)
{
  JournalValue value = {column->default_value.kind, column->default_value.number, column->default_value.bytes};
  if (value.kind == COL_END) value = (JournalValue){.kind = COL_NULL};
  if (value.kind == COL_NULL && column->not_null) value = (JournalValue){.kind = column->kind, .bytes = STR("")};
  return value;
}

/* told_state: the row as the upstream has it. What is not given is blank, whatever it was here. */
static Err told_state(const Table *table, const ScopeRow *row, RowState *state)
{
  uint64_t columns;
  if (!version_parse(row->v, &state->version) || !row_edit_unpack(row->edit, &columns, state->values))
    return err_because(ERR_CORRUPT, "a row of %s that does not decode", table->name);
  for (uint64_t left = table->mask; left; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    const Column *column = table->by_id[c];
    if (!(columns >> (c - 1) & 1)) state->values[c] = blank(column);
    bool fits = state->values[c].kind == column->kind || (state->values[c].kind == COL_NULL && !column->not_null);
    if (!fits) return err_because(ERR_CORRUPT, "a value of a wrong type for %s", table->name);
  }
  return ERR_OK;
}

/* apply_own: the changes of one of our entries to this row, as the upstream will merge them. */
static Err apply_own(Take *t, const Table *table, const OwnChange *own, RowState *state)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  Witness witness = {saw_everything};
  TRY(body_open(own->body, &head, &reader));
  while (body_next(&reader, &change)) {
    if (change.table != table->id || !uuid_eq(change.id, own->id)) continue;
    if (!row_change_complete(table, &change)) return err_because(ERR_CORRUPT, "an entry of our own does not decode");
    row_state_apply(&t->arena, table, state, &change, own->stamp, &witness);
  }
  return reader.err;
}

static bool same_value(const JournalValue *a, const JournalValue *b)
{
  if (a->kind != b->kind) return false;
  if (a->kind == COL_INT) return a->number == b->number;
  return a->kind == COL_NULL || str_eq(a->bytes, b->bytes);
}

static Err write_state(Take *t, const Table *table, Uuid id, const RowState *state)
{
  uint8_t bytes[VERSION_SIZE_MAX];
  static _Thread_local Row here;
  Str v = {(const char *)bytes, version_write(&state->version, bytes)};
  Err err = row_read(t->store, &t->arena, table, id, &here);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  bool same = err == ERR_OK && str_eq(here.v, v);
  for (uint64_t left = table->mask; left && same; left &= left - 1) {
    unsigned c = (unsigned)__builtin_ctzll(left) + 1;
    same = same_value(&here.values[c], &state->values[c]);
  }
  if (same) return ERR_OK;
  t->changed++;
  ChangeKind kind = err == ERR_OK ? CHANGE_UPDATE : CHANGE_INSERT;
  return row_write(t->store, table, kind, id, table->mask, state->values, v);
}

static Err note(Take *t, const Sql *sql, const ScopeRow *row)
{
  Query q = internal_query(t->store, sql);
  query_bind_int(&q, ":table", row->table);
  query_bind_uuid(&q, ":id", row->id);
  return query_run(&q);
}

/* take_left: it goes with what else is evicted, when nothing needs it. */
static Err take_left(Take *t, const Table *table, const ScopeRow *row)
{
  uint8_t v[VERSION_SIZE_MAX];
  size_t size;
  Err err = row_version(t->store, table, row->id, v, &size);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  return note(t, &LEFT_ADD, row);
}

static Err take_row(Take *t, const ScopeRow *row)
{
  const Table *table = schema_table_by_id(&t->store->schema, row->table);
  if (!table) return ERR_OK; /* of a newer program: told again after our upgrade */
  size_t own_count;
  const OwnChange *own = own_changes_find(&t->own, row->table, row->id, &own_count);
  if (row->left) return take_left(t, table, row);
  TRY(note(t, &LEFT_DROP, row));
  static _Thread_local RowState state;
  state = (RowState){.open = NULL};
  TRY(told_state(table, row, &state));
  Stamp newest = version_newest(&state.version);
  if (newest.hlc > t->newest) t->newest = newest.hlc;
  Str last = {0};
  for (size_t i = 0; i < own_count; i++) { /* several changes in one entry are applied at once */
    if (own[i].body.ptr != last.ptr) TRY(apply_own(t, table, &own[i], &state));
    last = own[i].body;
  }
  if (t->marking) TRY(note(t, &MARK, row));
  return write_state(t, table, row->id, &state);
}

/* ------------------------------------------------------------------------------------------------------------ authors */

static Err forked(const char *how)
{
  return err_because(ERR_FORK, "the upstream has entries of this node that are not here: %s", how);
}

/* check_own: the upstream's end of our chain must be a place in ours. */
static Err check_own(Store *store, const ScopePart *part)
{
  const Head *head = &author_get(store, store->node)->head;
  if (part->own_seq == 0) return ERR_OK;
  if (part->own_seq > head->seq) return forked("a copy of this device has written under its name");
  bool same = part->own_seq < head->seq || hash_eq(part->own_hash, head->hash);
  if (part->own_seq < head->seq) {
    AUTO(Arena, arena, arena_fini) = arena_make(2 * JOURNAL_BODY_MAX);
    JournalEntry entry;
    Err err = journal_find(store, &arena, store->node, part->own_seq, &entry);
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    same = err == ERR_NOT_FOUND || hash_eq(entry.hash, part->own_hash);
  }
  return same ? ERR_OK : forked("one number, two contents");
}

static void take_seen(Store *store, const ScopePart *part, bool *changed)
{
  for (size_t i = 0; i < part->seen_count; i++) {
    const ScopeSeen *seen = &part->seen[i];
    if (seen->node == store->node || seen->node == 0) continue;
    Author *author = author_get(store, seen->node);
    if (seen->hlc == author->head.hlc) continue;
    author->head = (Head){.node = seen->node, .seq = seen->seq, .hlc = seen->hlc};
    author->dirty = *changed = true;
  }
}

/* ---------------------------------------------------------------------------------------------------------------- all */

Err scope_of_write(Store *store, const ScopeOf *of)
{
  AUTO(Buf, buf, buf_fini) = buf_make(64);
  buf_bytes(&buf, of->site.bytes, sizeof of->site.bytes);
  buf_bytes(&buf, of->from, DATE_TEXT_LEN);
  buf_bytes(&buf, of->to, DATE_TEXT_LEN);
  return local_set(store, SCOPE_OF, buf_view(&buf));
}

bool scope_of_read(Store *store, ScopeOf *of)
{
  AUTO(Arena, arena, arena_fini) = arena_make(4096);
  Str kept = local_get(store, &arena, SCOPE_OF);
  *of = (ScopeOf){.node = store->node};
  if (kept.len != sizeof of->site.bytes + 2 * DATE_TEXT_LEN) return false;
  memcpy(of->site.bytes, kept.ptr, sizeof of->site.bytes);
  memcpy(of->from, kept.ptr + sizeof of->site.bytes, DATE_TEXT_LEN);
  memcpy(of->to, kept.ptr + sizeof of->site.bytes + DATE_TEXT_LEN, DATE_TEXT_LEN);
  return true;
}

static Err run(Store *store, const Sql *sql)
{
  Query q = internal_query(store, sql);
  return query_run(&q);
}

/* begin: of a whole. What we had not sent by now may lie before what it has told already: it counts as unsent until the end. */
static Err begin(Take *t)
{
  Store *store = t->store;
  if (t->part->flags & SCOPE_BEGINS) {
    TRY(run(store, &MARKS_CLEAR));
    TRY(local_set_int(store, SCOPE_WHOLE, (int64_t)t->part->own_seq));
  }
  int64_t whole = local_get_int(store, SCOPE_WHOLE, -1);
  t->marking = whole >= 0;
  uint64_t known = t->part->own_seq;
  if (t->marking && (uint64_t)whole < known) known = (uint64_t)whole;
  return own_changes_read(store, known, &t->own);
}

static Err keep(Take *t)
{
  Store *store = t->store;
  bool news = false;
  take_seen(store, t->part, &news);
  if (t->newest > (Hlc)local_get_int(store, SCOPE_HLC, 0)) TRY(local_set_int(store, SCOPE_HLC, (int64_t)t->newest));
  if (t->part->flags & SCOPE_ENDS) {
    TRY(local_set_int(store, SCOPE_WHOLE, -1));
    TRY(run(store, &MARKS_CLEAR));
  }
  TRY(local_set_int(store, SCOPE_OWN, (int64_t)t->part->own_seq));
  TRY(local_set_int(store, SCOPE_FORMAT, (int64_t)store->migration_count));
  TRY(local_set(store, SCOPE_PLACE, t->part->place));
  if (t->changed) store->head++; /* a position without an entry: those that look at the head learn that there is news */
  bool own = author_get(store, store->node)->dirty;
  if (!t->changed && !news && !own) return ERR_OK;
  TRY(authors_save(store));
  return authors_replaced(store); /* other processes' copies are behind in what no entry tells */
}

static Err take(Take *t, const ScopeRules *rules, ScopeReport *report)
{
  const ScopePart *part = t->part;
  TRY(check_own(t->store, part));
  TRY(begin(t));
  for (size_t i = 0; i < part->count; i++) {
    TRY(take_row(t, &part->rows[i]));
    arena_reset(&t->arena);
  }
  TRY(scope_of_write(t->store, &part->of));
  bool whole = (part->flags & SCOPE_ENDS) != 0;
  bool settled = !(part->flags & SCOPE_AMID) && (whole || !t->marking) && (!part->more || whole);
  ScopeOf here = part->of;
  here.node = t->store->node;
  if (settled) TRY(scope_evict(t->store, rules, &here, &t->own, whole, part->own_seq, &report->evicted));
  t->changed += report->evicted;
  report->changed = t->changed;
  return keep(t);
}

Err scope_take(Store *store, const ScopeRules *rules, const ScopePart *part, Err (*also)(Store *store, void *context),
               void *context, ScopeReport *report)
{
  *report = (ScopeReport){0};
  AUTO(Take, t, take_fini) = {.store = store,
                              .part = part,
                              .own = {.arena = arena_make((size_t)1 << 30)},
                              .arena = arena_make(8 * JOURNAL_BODY_MAX)};
  Err err = store_write_begin(store);
  if (err == ERR_OK) {
    err = take(&t, rules, report);
    if (err == ERR_OK && also) err = also(store, context);
    if (err == ERR_OK)
      err = store_write_end(store);
    else
      store_write_cancel(store);
  }
  return err;
}

Str scope_place(Store *store, Arena *arena)
{
  if (local_get_int(store, SCOPE_FORMAT, 0) != (int64_t)store->migration_count) return STR("");
  return local_get(store, arena, SCOPE_PLACE);
}

Err scope_begin_anew(Store *store)
{
  return local_set(store, SCOPE_PLACE, STR(""));
}
