#include "common/store/merge_state.h"

#include <assert.h>
#include <stdio.h>

SQL_SCAN(ANY_ASIDE, "SELECT EXISTS (SELECT 1 FROM shadow) AS shadow, EXISTS (SELECT 1 FROM overwrite) AS overwrite");
SQL(SHADOW_READ, "SELECT hlc, node, state FROM shadow WHERE table_id = :table AND id = :id");
SQL(SHADOW_WRITE, "INSERT INTO shadow (table_id, id, hlc, node, state) VALUES (:table, :id, :hlc, :node, :state)"
                  " ON CONFLICT DO UPDATE SET hlc = excluded.hlc, node = excluded.node, state = excluded.state");
SQL(SHADOW_DELETE, "DELETE FROM shadow WHERE table_id = :table AND id = :id");
SQL(OPEN_READ, "SELECT column_group, hlc, node, edit, reviewed_at FROM overwrite WHERE table_id = :table AND id = :id");
SQL(OPEN_ADD, "INSERT INTO overwrite (table_id, id, column_group, hlc, node, edit, reviewed_at)"
              " VALUES (:table, :id, :group, :hlc, :node, :edit, nullif(:reviewed, 0))");
SQL(OPEN_DELETE, "DELETE FROM overwrite WHERE table_id = :table AND id = :id");
SQL(UNKNOWN_ADD, "INSERT OR IGNORE INTO unknown_change (table_id, column_id) VALUES (:table, :column)");
SQL(FOREIGN_KEYS, "SELECT \"from\" AS child_column, \"table\" AS parent FROM pragma_foreign_key_list(:child)");

/* A row being merged, and how it was found. */
typedef struct Loaded {
  RowState state;
  bool stored; /* in its table */
  bool shadowed;
  size_t open_found;
  JournalValue found[BODY_COLUMN_MAX + 1]; /* the values it had in its table */
} Loaded;

static Err seen_by_author(Merger *m, NodeId of, Hlc *out)
{
  Author *author = author_find(m->store, m->author);
  return author ? author_seen(m->store, author, of, out) : ERR_OK;
}

static bool saw(Witness *witness, Stamp edit)
{
  Merger *m = (Merger *)(void *)witness;
  if (edit.node == m->author) return true;
  Hlc seen = 0;
  Err err = m->seen_of(m, edit.node, &seen);
  if (m->err == ERR_OK) m->err = err;
  return seen >= edit.hlc;
}

static bool saw_everything(Witness *witness, Stamp edit)
{
  (void)witness, (void)edit;
  return true;
}

Err merger_begin(Merger *m, Store *store)
{
  *m = (Merger){.witness = {saw},
                .store = store,
                .seen_of = seen_by_author,
                .arena = arena_make(8 * JOURNAL_BODY_MAX),
                .names = arena_make(0)};
  AUTO(Query, q, query_fini) = internal_query(store, &ANY_ASIDE);
  if (query_next(&q)) {
    m->any_shadow = query_int(&q, "shadow");
    m->any_overwrite = query_int(&q, "overwrite");
  }
  return query_end(&q);
}

void merger_fini(Merger *m)
{
  arena_fini(&m->arena);
  arena_fini(&m->names);
}

static Query row_query(Merger *m, const Sql *sql, const Table *table, const Uuid *id)
{
  Query q = internal_query(m->store, sql);
  query_bind_int(&q, ":table", table->id);
  query_bind_blob(&q, ":id", (Str){(const char *)id->bytes, sizeof id->bytes});
  return q;
}

/* ------------------------------------------------------------------------------------------------- foreign keys */

Err merger_references(Merger *m)
{
  if (m->references_read) return ERR_OK;
  const Schema *schema = &m->store->schema;
  size_t capacity = 0;
  for (size_t i = 0; i < schema->table_count; i++) {
    const Table *child = &schema->tables[i];
    AUTO(Query, q, query_fini) = internal_query(m->store, &FOREIGN_KEYS);
    query_bind_text(&q, ":child", str_c(child->name));
    while (query_next(&q)) {
      const Table *parent = schema_table(schema, query_cstr(&q, &m->names, "parent"));
      const Column *column = table_column(child, query_cstr(&q, &m->names, "child_column"));
      if (!parent || !column) continue;
      m->references = arena_grow_array(&m->names, m->references, m->reference_count, &capacity, sizeof(Reference));
      m->references[m->reference_count++] = (Reference){child, parent, column->id};
    }
    TRY(query_end(&q));
  }
  m->references_read = true;
  return ERR_OK;
}

static Err is_in_column(Merger *m, const Reference *reference, const Uuid *id, bool *found)
{
  char sql[256];
  snprintf(sql, sizeof sql, "SELECT 1 FROM %s WHERE %s = ?1 LIMIT 1", reference->child->name,
           reference->child->by_id[reference->column]->name);
  sqlite3_stmt *stmt;
  TRY(store_err(m->store, sqlite3_prepare_v2(m->store->db, sql, -1, &stmt, NULL), "find a reference"));
  sqlite3_bind_blob(stmt, 1, id->bytes, sizeof id->bytes, SQLITE_STATIC);
  int rc = sqlite3_step(stmt);
  *found = rc == SQLITE_ROW;
  Err err = store_err(m->store, rc, "find a reference");
  sqlite3_finalize(stmt);
  return err;
}

Err merger_is_referenced(Merger *m, const Table *table, const Uuid *id, bool *found)
{
  *found = false;
  TRY(merger_references(m));
  for (size_t i = 0; i < m->reference_count && !*found; i++) {
    if (m->references[i].parent == table) TRY(is_in_column(m, &m->references[i], id, found));
  }
  return ERR_OK;
}

/* ---------------------------------------------------------------------------------------------- reading and writing */

/* A row in its table besides a packed one was inserted by our own open Tx, which has not come to merger_own yet. */
static Err unpack(const Table *table, Str packed, Loaded *row)
{
  if (row->stored)
    row->state.deleted = (Stamp){0};
  else if (!row_state_unpack(packed, &row->state))
    return err_because(ERR_CORRUPT, "shadow of a row of %s does not decode", table->name);
  return ERR_OK;
}

static Err load_shadow(Merger *m, const Table *table, const Uuid *id, Loaded *row)
{
  if (!m->any_shadow) return ERR_OK;
  AUTO(Query, q, query_fini) = row_query(m, &SHADOW_READ, table, id);
  if (query_next(&q)) {
    row->shadowed = true;
    row->state.deleted = (Stamp){query_hlc(&q, "hlc"), (NodeId)query_int(&q, "node")};
    if (!query_is_null(&q, "state")) TRY(unpack(table, query_copy(&q, &m->arena, "state"), row));
  }
  return query_end(&q);
}

static Err load_open(Merger *m, const Table *table, const Uuid *id, Loaded *row)
{
  if (!m->any_overwrite) return ERR_OK;
  RowState *state = &row->state;
  AUTO(Query, q, query_fini) = row_query(m, &OPEN_READ, table, id);
  while (query_next(&q)) {
    state->open =
        arena_grow_array(&m->arena, state->open, state->open_count, &state->open_capacity, sizeof *state->open);
    state->open[state->open_count++] = (OpenEdit){(unsigned)query_int(&q, "column_group"),
                                                  {query_hlc(&q, "hlc"), (NodeId)query_int(&q, "node")},
                                                  query_copy(&q, &m->arena, "edit"),
                                                  query_int(&q, "reviewed_at")};
  }
  row->open_found = state->open_count;
  return query_end(&q);
}

static Err load(Merger *m, const Table *table, const Uuid *id, Loaded *row)
{
  memset(row, 0, sizeof *row);
  static _Thread_local Row stored;
  Err err = row_read(m->store, &m->arena, table, *id, &stored);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  if (err == ERR_OK) {
    row->stored = true;
    memcpy(row->state.values, stored.values, sizeof row->state.values);
    memcpy(row->found, stored.values, sizeof row->found);
    if (!version_parse(stored.v, &row->state.version))
      return err_because(ERR_CORRUPT, "version of a row of %s does not decode", table->name);
  }
  TRY(load_shadow(m, table, id, row));
  return load_open(m, table, id, row);
}

static Err save_shadow(Merger *m, const Table *table, const Uuid *id, const Loaded *row, bool stored)
{
  if (row_state_alive(&row->state)) {
    if (!row->shadowed) return ERR_OK;
    Query q = row_query(m, &SHADOW_DELETE, table, id);
    return query_run(&q);
  }
  m->any_shadow = true;
  Query q = row_query(m, &SHADOW_WRITE, table, id);
  query_bind_hlc(&q, ":hlc", row->state.deleted.hlc);
  query_bind_int(&q, ":node", row->state.deleted.node);
  if (stored)
    query_bind_null(&q, ":state");
  else
    query_bind_blob(&q, ":state", row_state_pack(&m->arena, &row->state));
  return query_run(&q);
}

static Err save_open(Merger *m, const Table *table, const Uuid *id, const Loaded *row)
{
  if (row->open_found) {
    Query q = row_query(m, &OPEN_DELETE, table, id);
    TRY(query_run(&q));
  }
  for (size_t i = 0; i < row->state.open_count; i++) {
    const OpenEdit *edit = &row->state.open[i];
    m->any_overwrite = true;
    Query q = row_query(m, &OPEN_ADD, table, id);
    query_bind_int(&q, ":group", edit->group);
    query_bind_hlc(&q, ":hlc", edit->stamp.hlc);
    query_bind_int(&q, ":node", edit->stamp.node);
    query_bind_blob(&q, ":edit", edit->edit);
    query_bind_int(&q, ":reviewed", edit->reviewed_at);
    TRY(query_run(&q));
  }
  return ERR_OK;
}

static Err save_row(Merger *m, const Table *table, const Uuid *id, const Loaded *row, bool stored)
{
  if (!stored && !row->stored) return ERR_OK;
  uint8_t v[VERSION_SIZE_MAX];
  Str version = {(const char *)v, version_write(&row->state.version, v)};
  ChangeKind kind = !stored ? CHANGE_DELETE : row->stored ? CHANGE_UPDATE : CHANGE_INSERT;
  return row_write(m->store, table, kind, *id, table->mask, row->state.values, version);
}

static Err refresh(Merger *m, const Table *table, const Uuid *id);

static Str key_of(const JournalValue *value)
{
  return value->kind == COL_BLOB && value->bytes.len == 16 ? value->bytes : (Str){0};
}

static Err refresh_target(Merger *m, const Table *parent, Str key)
{
  if (key.len == 0) return ERR_OK;
  Uuid id;
  memcpy(id.bytes, key.ptr, sizeof id.bytes);
  return refresh(m, parent, &id);
}

/* refresh_targets: rows that this one referred to, or refers to now, may have to go or to come. */
static Err refresh_targets(Merger *m, const Table *table, const JournalValue *before, const JournalValue *after)
{
  if (!m->any_shadow) return ERR_OK;
  TRY(merger_references(m));
  for (size_t i = 0; i < m->reference_count; i++) {
    const Reference *reference = &m->references[i];
    if (reference->child != table) continue;
    Str old = before ? key_of(&before[reference->column]) : (Str){0};
    Str now = after ? key_of(&after[reference->column]) : (Str){0};
    if (str_eq(old, now)) continue;
    TRY(refresh_target(m, reference->parent, old));
    TRY(refresh_target(m, reference->parent, now));
  }
  return ERR_OK;
}

static Err save(Merger *m, const Table *table, const Uuid *id, const Loaded *row)
{
  bool stored = row_state_alive(&row->state);
  if (!stored && row->state.version.base.hlc != 0) TRY(merger_is_referenced(m, table, id, &stored));
  TRY(save_row(m, table, id, row, stored));
  TRY(save_shadow(m, table, id, row, stored));
  TRY(save_open(m, table, id, row));
  return refresh_targets(m, table, row->stored ? row->found : NULL, stored ? row->state.values : NULL);
}

/* refresh: a deleted row is in its table exactly while another row needs it. */
static Err refresh(Merger *m, const Table *table, const Uuid *id)
{
  AUTO(Query, q, query_fini) = row_query(m, &SHADOW_READ, table, id);
  bool deleted = query_next(&q);
  TRY(query_end(&q));
  if (!deleted) return ERR_OK;
  Loaded *row = ARENA_NEW(&m->arena, Loaded);
  TRY(load(m, table, id, row));
  bool wanted = row_state_alive(&row->state);
  if (!wanted && row->state.version.base.hlc != 0) TRY(merger_is_referenced(m, table, id, &wanted));
  return wanted == row->stored ? ERR_OK : save(m, table, id, row);
}

/* -------------------------------------------------------------------------------------------------- applying changes */

static Err apply_slowly(Merger *m, const Table *table, BodyChange *change, Stamp stamp)
{
  Loaded *row = ARENA_NEW(&m->arena, Loaded);
  TRY(load(m, table, &change->id, row));
  m->overwrites += row_state_apply(&m->arena, table, &row->state, change, stamp, &m->witness);
  TRY(m->err);
  return save(m, table, &change->id, row);
}

static Err has_rows(Merger *m, const Sql *sql, const Table *table, const Uuid *id, bool *found)
{
  AUTO(Query, q, query_fini) = row_query(m, sql, table, id);
  *found = query_next(&q);
  return query_end(&q);
}

static Err insert_quickly(Merger *m, const Table *table, const BodyChange *change, Stamp stamp, bool *done)
{
  uint8_t v[VERSION_SIZE_MAX];
  Str version = {(const char *)v, version_base(stamp, v)};
  Err err = row_write(m->store, table, CHANGE_INSERT, change->id, change->columns, change->new_value, version);
  if (err == ERR_EXISTS) return ERR_OK;
  *done = true;
  TRY(err);
  return refresh_targets(m, table, NULL, change->new_value);
}

/* The stamps of what it replaces are older, and its author had seen them: nothing is overwritten. */
static Err update_quickly(Merger *m, const Table *table, const BodyChange *change, Stamp stamp, bool *done)
{
  uint8_t v[VERSION_SIZE_MAX];
  size_t size;
  Version version;
  Err err = row_version(m->store, table, change->id, v, &size);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  if (!version_parse((Str){(const char *)v, size}, &version))
    return err_because(ERR_CORRUPT, "version of a row of %s does not decode", table->name);
  uint64_t groups = table_group_bits(table, change->columns);
  for (uint64_t left = groups; left; left &= left - 1) {
    Stamp current = version_of(&version, (unsigned)__builtin_ctzll(left) + 1);
    if (stamp_before(stamp, current) || !saw(&m->witness, current)) return m->err;
  }
  version_touch(&version, stamp, groups);
  Str after = {(const char *)v, version_write(&version, v)};
  *done = true;
  return row_write(m->store, table, CHANGE_UPDATE, change->id, change->columns, change->new_value, after);
}

static Err is_plain(Merger *m, const Table *table, const BodyChange *change, bool *plain)
{
  bool aside = false;
  if (m->any_shadow) TRY(has_rows(m, &SHADOW_READ, table, &change->id, &aside));
  if (!aside && m->any_overwrite && change->kind == CHANGE_UPDATE)
    TRY(has_rows(m, &OPEN_READ, table, &change->id, &aside));
  if (!aside && m->any_shadow && change->kind == CHANGE_UPDATE) {
    TRY(merger_references(m));
    for (size_t i = 0; i < m->reference_count; i++) {
      if (m->references[i].child == table && change->columns >> (m->references[i].column - 1) & 1) aside = true;
    }
  }
  *plain = !aside;
  return ERR_OK;
}

static Err note_unknown(Merger *m, uint32_t table, unsigned column)
{
  Query q = internal_query(m->store, &UNKNOWN_ADD);
  query_bind_int(&q, ":table", table);
  query_bind_int(&q, ":column", column);
  return query_run(&q);
}

static Err note_unknown_columns(Merger *m, const Table *table, uint64_t columns)
{
  for (; columns; columns &= columns - 1) TRY(note_unknown(m, table->id, (unsigned)__builtin_ctzll(columns) + 1));
  return ERR_OK;
}

static Err apply_change(Merger *m, BodyChange *change, Stamp stamp)
{
  const Table *table = schema_table_by_id(&m->store->schema, change->table);
  uint64_t unknown = table ? change->columns & ~table->mask : 0;
  if (!table || unknown) m->unknown++;
  if (!table) return note_unknown(m, change->table, 0);
  if (unknown) TRY(note_unknown_columns(m, table, unknown));
  if (change->kind == CHANGE_UPDATE && change->columns == unknown) return ERR_OK;
  if (change->kind == CHANGE_UPDATE && table->append_only)
    return err_because(ERR_CORRUPT, "an update of %s, where rows are only added", table->name);
  if (!row_change_complete(table, change))
    return err_because(ERR_CORRUPT, "a value of a wrong type for %s", table->name);
  m->nodes_changed |= strcmp(table->name, "node") == 0;
  bool plain = false, done = false;
  if (change->kind != CHANGE_DELETE) TRY(is_plain(m, table, change, &plain));
  if (plain && change->kind == CHANGE_INSERT) TRY(insert_quickly(m, table, change, stamp, &done));
  if (plain && change->kind == CHANGE_UPDATE) TRY(update_quickly(m, table, change, stamp, &done));
  if (!done) TRY(apply_slowly(m, table, change, stamp));
  return ERR_OK;
}

Err merger_apply(Merger *m, Stamp stamp, Str body)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  TRY(body_open(body, &head, &reader));
  m->author = stamp.node;
  m->witness.saw = saw;
  while (body_next(&reader, &change)) {
    TRY(apply_change(m, &change, stamp));
    arena_reset(&m->arena);
  }
  return reader.err;
}

/* ------------------------------------------------------------------------------------------------------ own changes */

Err merger_bury(Merger *m, const Table *table, Uuid id, Stamp stamp)
{
  Loaded *row = ARENA_NEW(&m->arena, Loaded);
  TRY(load(m, table, &id, row));
  if (!row->stored) return ERR_NOT_FOUND;
  BodyChange change = {.kind = CHANGE_DELETE, .table = table->id, .id = id};
  m->witness.saw = saw_everything;
  row_state_apply(&m->arena, table, &row->state, &change, stamp, &m->witness);
  TRY(save_shadow(m, table, &id, row, false));
  TRY(save_open(m, table, &id, row));
  arena_reset(&m->arena);
  return ERR_OK;
}

/* own_update: the row in its table has the new values already. */
static Err own_update(Merger *m, const Table *table, BodyChange *change, Stamp stamp, Loaded *row)
{
  row_state_apply(&m->arena, table, &row->state, change, stamp, &m->witness);
  TRY(save_open(m, table, &change->id, row));
  return refresh_targets(m, table, change->old, change->new_value);
}

Err merger_own(Merger *m, const Table *table, BodyChange *change, Stamp stamp)
{
  m->author = stamp.node;
  m->witness.saw = saw_everything;
  Loaded *row = ARENA_NEW(&m->arena, Loaded);
  TRY(load(m, table, &change->id, row));
  Err err = ERR_OK;
  if (change->kind == CHANGE_UPDATE && row->stored) {
    err = own_update(m, table, change, stamp, row);
  } else if (change->kind == CHANGE_INSERT && row->stored) {
    row->state.deleted = (Stamp){0};
    row->state.open_count = 0;
    err = save_shadow(m, table, &change->id, row, true);
    if (err == ERR_OK) err = save_open(m, table, &change->id, row);
  } else if (change->kind == CHANGE_DELETE) {
    err = refresh_targets(m, table, change->old, NULL);
  }
  arena_reset(&m->arena);
  return err;
}
