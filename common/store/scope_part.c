/* The upstream's side of a scope. JOURNAL.md, "Scoped nodes". */
#include <stdlib.h>

#include "common/store/merge_row.h"
#include "common/store/replay.h"
#include "common/store/scope_rules.h"

SQL(SCOPE_ENTRIES, "SELECT pos, node, seq, hlc, body FROM journal WHERE pos > :after ORDER BY pos");
SQL(SCOPE_LATER, "SELECT DISTINCT node FROM journal WHERE pos > :pos");
SQL(SCOPE_EARLIER, "SELECT seq, hlc FROM journal WHERE pos <= :pos AND node = :node ORDER BY pos DESC LIMIT 1");

enum {
  PLACE_VERSION = 1,
  PLACE_SIZE = 3 + 16 + 8 + DATE_TEXT_LEN + 8,
  SCAN_ENTRIES = 4096, /* of the journal for one part */
  SCAN_BYTES = 4 << 20,
  BEHIND_MAX = 20000, /* entries: for more than that the whole is told anew: it is smaller */
  TOUCHED_MAX = 20000,
  TELL_MAX = 4000 /* rows that a part tells without pages */
};

typedef enum Phase { PHASE_FOLLOW, PHASE_WHOLE, PHASE_DATED } Phase;

typedef struct Place {
  Phase phase;
  size_t rule; /* pages: where the next one begins ... */
  Uuid after;  /* ... behind this row */
  uint64_t key;
  char from[DATE_TEXT_LEN + 1];
  int64_t pos; /* in the journal */
} Place;

typedef struct Tell { /* a row that may have to be told */
  size_t rule;
  Uuid id;
  bool only_inserted; /* it cannot be at the device already */
} Tell;

typedef struct Telling {
  Store *store;
  Arena *arena;
  const ScopeRules *rules;
  const ScopeOf *of;
  const Table **tables; /* of the rules */
  ScopeSet *sets;       /* by rule, when needed */
  Place place;
  size_t max_bytes, bytes;
  ScopePart *out;
  size_t row_capacity, seen_capacity;
  Tell *tells;
  size_t tell_count, tell_capacity;
  Uuid *persons; /* who may have come into the scope */
  size_t person_count, person_capacity;
  bool too_much; /* the whole has to be told */
  int64_t served;
} Telling;

/* ------------------------------------------------------------------------------------------------------------- places */

/* key_of: another site, other rules, another schema: what was told before does not count. */
static uint64_t key_of(const Telling *t)
{
  AUTO(Buf, buf, buf_fini) = buf_make(1 << 20);
  buf_bytes(&buf, t->of->site.bytes, sizeof t->of->site.bytes);
  buf_varint(&buf, t->store->migration_count);
  for (size_t i = 0; i < t->rules->count; i++) {
    const ScopeRule *rule = &t->rules->list[i];
    buf_chunk(&buf, rule->table, strlen(rule->table));
    buf_chunk(&buf, rule->columns ? rule->columns : "", rule->columns ? strlen(rule->columns) : 0);
    buf_chunk(&buf, rule->rows->text, strlen(rule->rows->text));
  }
  Hash hash = hash_bytes(buf.data, buf.len);
  uint64_t key;
  memcpy(&key, hash.bytes, sizeof key);
  return key;
}

static Str place_write(Arena *arena, const Place *place)
{
  AUTO(Buf, buf, buf_fini) = buf_make(SCOPE_PLACE_MAX);
  buf_u8(&buf, PLACE_VERSION);
  buf_u8(&buf, (uint8_t)place->phase);
  buf_u8(&buf, (uint8_t)place->rule);
  buf_bytes(&buf, place->after.bytes, sizeof place->after.bytes);
  buf_u64(&buf, place->key);
  buf_bytes(&buf, place->from, DATE_TEXT_LEN);
  buf_u64(&buf, (uint64_t)place->pos);
  return arena_strdup(arena, buf_view(&buf));
}

int64_t scope_place_pos(Str place)
{
  if (!place.ptr || place.len != PLACE_SIZE) return 0;
  Reader r = reader_make(place.ptr + PLACE_SIZE - sizeof(uint64_t), sizeof(uint64_t));
  return (int64_t)reader_u64(&r);
}

static bool place_read(const Telling *t, Str bytes, Place *out)
{
  *out = (Place){.phase = PHASE_FOLLOW};
  if (!bytes.ptr || bytes.len != PLACE_SIZE) return false;
  Reader r = reader_make(bytes.ptr, bytes.len);
  uint8_t version = reader_u8(&r), phase = reader_u8(&r);
  out->rule = reader_u8(&r);
  const uint8_t *after = reader_bytes(&r, sizeof out->after.bytes);
  if (after) memcpy(out->after.bytes, after, sizeof out->after.bytes);
  out->key = reader_u64(&r);
  const uint8_t *from = reader_bytes(&r, DATE_TEXT_LEN);
  if (from) memcpy(out->from, from, DATE_TEXT_LEN);
  out->pos = (int64_t)reader_u64(&r);
  if (r.failed || r.at != r.len || version != PLACE_VERSION || phase > PHASE_DATED) return false;
  out->phase = (Phase)phase;
  return out->key == key_of(t) && out->rule <= t->rules->count && out->pos >= 0 && out->pos <= t->store->head;
}

static void begin_whole(Telling *t)
{
  t->place = (Place){.phase = PHASE_WHOLE, .key = key_of(t), .pos = t->store->head};
  memcpy(t->place.from, t->of->from, sizeof t->place.from);
  t->out->flags = SCOPE_BEGINS;
  t->out->count = t->out->seen_count = 0;
  t->bytes = 0;
}

static void begin_days(Telling *t)
{
  t->place.phase = PHASE_DATED;
  t->place.rule = 0;
  t->place.after = (Uuid){{0}};
  memcpy(t->place.from, t->of->from, sizeof t->place.from);
}

/* --------------------------------------------------------------------------------------------------------------- rows */

static Err set_of(Telling *t, size_t rule, const ScopeSet **out)
{
  if (!t->sets[rule].read) TRY(scope_set_read(t->store, t->arena, &t->rules->list[rule], t->of, &t->sets[rule]));
  *out = &t->sets[rule];
  return ERR_OK;
}

static ScopeRow *row_add(Telling *t)
{
  ScopePart *out = t->out;
  out->rows = arena_grow_array(t->arena, out->rows, out->count, &t->row_capacity, sizeof *out->rows);
  return &out->rows[out->count++];
}

static Err tell_row(Telling *t, size_t rule, Uuid id)
{
  const Table *table = t->tables[rule];
  static _Thread_local Row row;
  Err err = row_read(t->store, t->arena, table, id, &row);
  if (err == ERR_NOT_FOUND) return ERR_OK; /* a rule that looks at more than its table */
  TRY(err);
  ScopeRow *out = row_add(t);
  *out = (ScopeRow){.table = table->id, .id = id, .v = row.v};
  out->edit = row_edit_pack(t->arena, scope_columns(&t->rules->list[rule], table), row.values);
  t->bytes += out->v.len + out->edit.len + 24;
  return ERR_OK;
}

static void tell_left(Telling *t, size_t rule, Uuid id)
{
  *row_add(t) = (ScopeRow){.table = t->tables[rule]->id, .id = id, .left = true};
  t->bytes += 24;
}

/* -------------------------------------------------------------------------------------------------------------- pages */

static Err tell_page(Telling *t)
{
  Place *place = &t->place;
  bool whole = place->phase == PHASE_WHOLE;
  for (; place->rule < t->rules->count; place->rule++, place->after = (Uuid){{0}}) {
    if (!whole && !t->rules->list[place->rule].dated) continue;
    const ScopeSet *set;
    TRY(set_of(t, place->rule, &set));
    for (size_t i = 0; i < set->count; i++) {
      if (uuid_order(&set->list[i].id, &place->after) <= 0) continue;
      if (t->out->count > 0 && (t->bytes >= t->max_bytes || t->out->count >= TELL_MAX)) return ERR_OK;
      TRY(tell_row(t, place->rule, set->list[i].id));
      place->after = set->list[i].id;
    }
  }
  return ERR_OK;
}

/* ---------------------------------------------------------------------------------------------------------- following */

static ScopeSeen *seen_of(Telling *t, NodeId node)
{
  ScopePart *out = t->out;
  for (size_t i = 0; i < out->seen_count; i++) {
    if (out->seen[i].node == node) return &out->seen[i];
  }
  out->seen = arena_grow_array(t->arena, out->seen, out->seen_count, &t->seen_capacity, sizeof *out->seen);
  out->seen[out->seen_count] = (ScopeSeen){.node = node};
  return &out->seen[out->seen_count++];
}

static void note_change(Telling *t, const BodyChange *change)
{
  for (size_t i = 0; i < t->rules->count; i++) {
    if (t->tables[i]->id != change->table) continue;
    t->tells = arena_grow_array(t->arena, t->tells, t->tell_count, &t->tell_capacity, sizeof *t->tells);
    t->tells[t->tell_count++] = (Tell){i, change->id, change->kind == CHANGE_INSERT};
  }
}

static Err scan_entry(Telling *t, Query *q)
{
  BodyHead head;
  BodyReader reader;
  static _Thread_local BodyChange change;
  NodeId node = (NodeId)query_int(q, "node");
  t->place.pos = query_int(q, "pos");
  if (node == t->of->node) t->out->own = true;
  if (node == t->store->node) t->served = t->place.pos;
  if (node != t->of->node) *seen_of(t, node) = (ScopeSeen){node, (uint64_t)query_int(q, "seq"), query_hlc(q, "hlc")};
  TRY(body_open(query_str(q, "body"), &head, &reader));
  while (body_next(&reader, &change)) note_change(t, &change);
  return reader.err;
}

static Err scan(Telling *t)
{
  size_t entries = 0, bytes = 0;
  int64_t first = t->place.pos + 1;
  AUTO(Query, q, query_fini) = internal_query(t->store, &SCOPE_ENTRIES);
  query_bind_int(&q, ":after", t->place.pos);
  while (entries < SCAN_ENTRIES && bytes < SCAN_BYTES && t->tell_count < TOUCHED_MAX && query_next(&q)) {
    if (entries == 0 && query_int(&q, "pos") != first) t->too_much = true; /* what came before is gone */
    bytes += query_str(&q, "body").len;
    entries++;
    TRY(scan_entry(t, &q));
  }
  return query_end(&q);
}

static int by_row(const void *a, const void *b)
{
  const Tell *x = a, *y = b;
  if (x->rule != y->rule) return x->rule < y->rule ? -1 : 1;
  return uuid_order(&x->id, &y->id);
}

static void unite(Telling *t)
{
  size_t kept = 0;
  if (t->tell_count > 1) qsort(t->tells, t->tell_count, sizeof *t->tells, by_row);
  for (size_t i = 0; i < t->tell_count; i++) {
    Tell *last = kept ? &t->tells[kept - 1] : NULL;
    if (last && by_row(last, &t->tells[i]) == 0)
      last->only_inserted = last->only_inserted && t->tells[i].only_inserted;
    else
      t->tells[kept++] = t->tells[i];
  }
  t->tell_count = kept;
}

static void person_add(Telling *t, Uuid person)
{
  if (uuid_is_nil(person)) return;
  for (size_t i = 0; i < t->person_count; i++) {
    if (uuid_eq(t->persons[i], person)) return;
  }
  t->persons = arena_grow_array(t->arena, t->persons, t->person_count, &t->person_capacity, sizeof *t->persons);
  t->persons[t->person_count++] = person;
}

/* judge: what has changed and belongs is told; what has changed and does not may have to leave. */
static Err judge(Telling *t)
{
  size_t kept = 0;
  for (size_t i = 0; i < t->tell_count && !t->too_much; i++) {
    Tell tell = t->tells[i];
    const ScopeRule *rule = &t->rules->list[tell.rule];
    const ScopeSet *set;
    TRY(set_of(t, tell.rule, &set));
    const ScopeId *found = scope_set_find(set, tell.id);
    if (!found) {
      if (rule->notice && !tell.only_inserted) tell_left(t, tell.rule, tell.id);
      continue;
    }
    if (rule->opens == SCOPE_OPENS_ALL) t->too_much = true;
    if (rule->opens == SCOPE_OPENS_PERSON) person_add(t, found->person);
    t->tells[kept++] = tell;
  }
  t->tell_count = kept;
  return ERR_OK;
}

static bool is_person(const Telling *t, Uuid person)
{
  for (size_t i = 0; i < t->person_count; i++) {
    if (uuid_eq(t->persons[i], person)) return true;
  }
  return false;
}

static Err add_rows_of_persons(Telling *t)
{
  for (size_t rule = 0; rule < t->rules->count && t->person_count > 0; rule++) {
    const ScopeSet *set;
    TRY(set_of(t, rule, &set));
    for (size_t i = 0; i < set->count; i++) {
      if (uuid_is_nil(set->list[i].person) || !is_person(t, set->list[i].person)) continue;
      t->tells = arena_grow_array(t->arena, t->tells, t->tell_count, &t->tell_capacity, sizeof *t->tells);
      t->tells[t->tell_count++] = (Tell){rule, set->list[i].id, false};
    }
  }
  unite(t);
  return ERR_OK;
}

static Err follow(Telling *t)
{
  if (t->store->head - t->place.pos > BEHIND_MAX) t->too_much = true;
  if (!t->too_much) TRY(scan(t));
  unite(t);
  if (!t->too_much) TRY(judge(t));
  if (!t->too_much) TRY(add_rows_of_persons(t));
  if (t->tell_count + t->out->count > TELL_MAX) t->too_much = true;
  if (t->too_much) return ERR_OK;
  for (size_t i = 0; i < t->tell_count; i++) TRY(tell_row(t, t->tells[i].rule, t->tells[i].id));
  return ERR_OK;
}

/* ---------------------------------------------------------------------------------------------------- what is known */

/* seen_at: everyone's newest entry up to a position, less the device's own. */
static Err seen_at(Telling *t, int64_t pos)
{
  for (size_t i = 0; i < t->store->author_count; i++) {
    const Head *head = &t->store->authors[i].head;
    if (head->node != t->of->node && head->seq > 0)
      *seen_of(t, head->node) = (ScopeSeen){head->node, head->seq, head->hlc};
  }
  AUTO(Query, later, query_fini) = internal_query(t->store, &SCOPE_LATER);
  query_bind_int(&later, ":pos", pos);
  while (query_next(&later)) {
    NodeId node = (NodeId)query_int(&later, "node");
    if (node == t->of->node) continue;
    AUTO(Query, q, query_fini) = internal_query(t->store, &SCOPE_EARLIER);
    query_bind_int(&q, ":pos", pos);
    query_bind_int(&q, ":node", node);
    bool found = query_next(&q);
    *seen_of(t, node) =
        found ? (ScopeSeen){node, (uint64_t)query_int(&q, "seq"), query_hlc(&q, "hlc")} : (ScopeSeen){.node = node};
    TRY(query_end(&q));
  }
  TRY(query_end(&later));
  size_t kept = 0;
  for (size_t i = 0; i < t->out->seen_count; i++) {
    if (t->out->seen[i].seq > 0) t->out->seen[kept++] = t->out->seen[i];
  }
  t->out->seen_count = kept;
  return ERR_OK;
}

static Err tell_pages(Telling *t)
{
  bool whole = t->place.phase == PHASE_WHOLE;
  TRY(tell_page(t));
  t->out->more = true;
  if (t->place.rule < t->rules->count) {
    t->out->flags |= SCOPE_AMID;
    return ERR_OK;
  }
  if (whole) {
    t->out->flags |= SCOPE_ENDS;
    TRY(seen_at(t, t->place.pos));
    t->served = t->place.pos;
  }
  t->place.phase = PHASE_FOLLOW;
  t->place.rule = 0;
  t->out->more = t->place.pos < t->store->head;
  return ERR_OK;
}

static Err tell(Telling *t, Str place)
{
  bool known = place_read(t, place, &t->place);
  bool same_days = known && strcmp(t->place.from, t->of->from) == 0;
  if (!known || (!same_days && t->place.phase == PHASE_WHOLE))
    begin_whole(t);
  else if (!same_days)
    begin_days(t);
  if (t->place.phase == PHASE_FOLLOW) {
    TRY(follow(t));
    t->out->more = t->place.pos < t->store->head;
    if (t->too_much) begin_whole(t);
  }
  if (t->place.phase != PHASE_FOLLOW) TRY(tell_pages(t));
  t->out->place = place_write(t->arena, &t->place);
  const Author *own = author_find(t->store, t->of->node);
  if (own) {
    t->out->own_seq = own->head.seq;
    t->out->own_hlc = own->head.hlc;
    t->out->own_hash = own->head.hash;
  }
  return ERR_OK;
}

Err scope_part(Store *store, Arena *arena, const ScopeRules *rules, const ScopeOf *of, Str place, size_t max_bytes,
               ScopePart *out, int64_t *served)
{
  *out = (ScopePart){.of = *of};
  Telling t = {.store = store, .arena = arena, .rules = rules, .of = of, .max_bytes = max_bytes, .out = out};
  t.tables = ARENA_ARRAY(arena, const Table *, rules->count + 1);
  t.sets = ARENA_ARRAY(arena, ScopeSet, rules->count + 1);
  memset(t.sets, 0, (rules->count + 1) * sizeof *t.sets);
  for (size_t i = 0; i < rules->count; i++) {
    t.tables[i] = schema_table(&store->schema, rules->list[i].table);
    if (!t.tables[i]) return err_because(ERR_INVALID, "no table %s", rules->list[i].table);
  }
  TRY(store_read_begin(store)); /* all of it is of one moment */
  Err err = authors_refresh(store);
  if (err == ERR_OK) err = tell(&t, place);
  store_read_end(store);
  *served = t.served;
  return err;
}
