#include "tests/sim/model.h"

#include <assert.h>
#include <stdlib.h>

typedef enum NoteKind { NOTE_TEXT, NOTE_ADDED, NOTE_DELETED, NOTE_CHILD } NoteKind;
typedef struct Note { /* what an operation says that it writes */
  NoteKind kind;
  const char *table, *column;
  Uuid id;
  char text[VALUE_MAX];
  struct Note *next;
} Note;

struct Op {
  SimNode *node;
  const char *what;
  int number;
  uint32_t *seen;
  uint64_t own_before;
  Note *notes;
  bool definite; /* committed, though the power failed before we could look */
};

Model *model_new(Sim *sim)
{
  Model *model = calloc(1, sizeof *model);
  assert(model);
  model->sim = sim;
  model->arena = arena_make((size_t)4 << 30);
  return model;
}

int model_author(Model *model, NodeId id)
{
  for (int i = 0; i < model->author_count; i++)
    if (model->authors[i].id == id) return i;
  assert(model->author_count < AUTHORS_MAX);
  model->authors[model->author_count].id = id;
  return model->author_count++;
}

/* is_stopped: a copy that was noticed, in whatever words. */
static bool is_stopped(const SimNode *node)
{
  if (!node->agent) return false;
  if (agent_ended(node->agent)) return true;
  Err err = agent_err(node->agent);
  return node->forked && (err == ERR_GAP || err == ERR_CORRUPT || err == ERR_FORK || err == ERR_DENIED);
}

bool model_live(const SimNode *node)
{
  return node->enrolled && !node->gone && !node->revoked && !is_stopped(node);
}

/* --------------------------------------------------------------------------------------------------------------- the spy */

static sqlite3_stmt *spy_prepare(SimNode *node, const char *sql)
{
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(node->spy, sql, -1, &stmt, NULL) != SQLITE_OK && !node->disk->dead)
    sim_fail(node->sim, "the file can be read", "%s: %s", sql, sqlite3_errmsg(node->spy));
  return stmt;
}

void model_open(SimNode *node)
{
  char path[80];
  snprintf(path, sizeof path, "%s/foyer.db", node->folder);
  Model *model = node->sim->model;
  memcpy(model->before[node->index], model->known[node->index], sizeof model->known[0]);
  memset(model->known[node->index], 0, sizeof model->known[0]);
  memset(model->chain[node->index], 0, sizeof model->chain[0]);
  node->spy_pos = 0;
  node->spy_generation = -1;
  int rc = sqlite3_open_v2(path, &node->spy, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, DISK_VFS);
  if (rc != SQLITE_OK && !node->disk->dead) sim_fail(node->sim, "the file can be read", "%s: %d", path, rc);
  if (node->disk->dead) return;
  node->spy_journal = spy_prepare(node, "SELECT j.pos, j.node, j.seq, j.hlc, j.hash, j.body, r.generation"
                                        " FROM replica AS r LEFT JOIN journal AS j ON j.pos > ?1 ORDER BY j.pos");
}

void model_close(SimNode *node)
{
  sqlite3_finalize(node->spy_journal);
  sqlite3_close(node->spy);
  node->spy = NULL;
  node->spy_journal = NULL;
}

void model_forget(SimNode *node)
{
  Model *model = node->sim->model;
  memset(model->known[node->index], 0, sizeof model->known[0]);
  for (int a = 0; a < model->author_count; a++)
    for (size_t i = 0; i < model->authors[a].count; i++) model->authors[a].entries[i].holders &= ~(1U << node->index);
  model->maybe[node->index] = NULL;
}

static uint64_t hash64(uint64_t h, const void *data, size_t len)
{
  const uint8_t *at = data;
  for (size_t i = 0; i < len; i++) h = (h ^ at[i]) * 0x100000001b3U;
  return h;
}

/* check_body: who, when and why, by JOURNAL.md. */
static void check_body(SimNode *node, int64_t pos, uint64_t hlc, const uint8_t *body, size_t len)
{
  size_t at = 3;
  bool good = len > 4 && body[0] == 1 && body[1] <= 1 && body[2] <= 2;
  if (good && body[2] > 0) at += 16;
  size_t action = good && at < len ? body[at] : 0;
  good = good && action >= 1 && action <= 64 && at + 1 + action < len && hlc >> 16 != 0;
  for (size_t i = 0; good && i < action; i++) {
    uint8_t c = body[at + 1 + i];
    good = (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-' || (c >= '0' && c <= '9');
  }
  if (!good)
    sim_fail(node->sim, "5: an author, a time and a reason", "node %d, position %lld", node->index, (long long)pos);
}

static void check_chain(SimNode *node, int author, NodeId id, uint64_t seq, uint64_t hlc, Str body, const void *kept)
{
  uint8_t *last = node->sim->model->chain[node->index][author];
  uint32_t id_le = htole32(id);
  uint64_t seq_le = htole64(seq), hlc_le = htole64(hlc);
  Str parts[] = {{(const char *)last, 32},
                 {(const char *)&id_le, 4},
                 {(const char *)&seq_le, 8},
                 {(const char *)&hlc_le, 8},
                 body};
  Hash hash = hash_parts(parts, COUNT_OF(parts));
  if (memcmp(hash.bytes, kept, 32) != 0)
    sim_fail(node->sim, "5: the journal's chain", "node %d, entry %llu of %08x", node->index, (unsigned long long)seq,
             id);
  memcpy(last, hash.bytes, 32);
}

static Entry *entry_of(SimAuthor *author, uint64_t seq)
{
  if (seq > author->capacity) {
    size_t before = author->capacity;
    author->capacity = seq * 2 + 64;
    author->entries = reallocarray(author->entries, author->capacity, sizeof *author->entries);
    assert(author->entries);
    memset(author->entries + before, 0, (author->capacity - before) * sizeof *author->entries);
  }
  if (seq > author->count) author->count = seq;
  return &author->entries[seq - 1];
}

static void note_entry(SimNode *node, NodeId id, uint64_t seq, uint64_t content, uint64_t body)
{
  Sim *sim = node->sim;
  int a = model_author(sim->model, id);
  SimAuthor *author = &sim->model->authors[a];
  uint64_t *known = &sim->model->known[node->index][a];
  if (seq != *known + 1)
    sim_fail(sim, "1: lost or applied twice", "node %d has entry %llu of %08x after %llu", node->index,
             (unsigned long long)seq, id, (unsigned long long)*known);
  *known = seq;
  Entry *entry = entry_of(author, seq);
  uint32_t others = entry->holders & ~(1U << node->index);
  bool restamped = id == node->number && others == 0;
  if (entry->content && entry->content != content && !restamped && others && !author->forked)
    sim_fail(sim, "1: an entry has two contents", "entry %llu of %08x at node %d", (unsigned long long)seq, id,
             node->index);
  if (!(author->forked && others && entry->content != content)) {
    entry->content = content;
    entry->body = body;
    entry->holders |= 1U << node->index;
  }
}

static void settle_maybe(SimNode *node);

/* compare_with_before: what was committed here is still here. */
static void compare_with_before(SimNode *node)
{
  Model *model = node->sim->model;
  for (int a = 0; a < model->author_count; a++) {
    uint64_t was = model->before[node->index][a], is = model->known[node->index][a];
    if (is < was)
      sim_fail(node->sim, "1: a committed change lost", "node %d had %llu entries of %08x, and has %llu", node->index,
               (unsigned long long)was, model->authors[a].id, (unsigned long long)is);
  }
  memset(model->before[node->index], 0, sizeof model->before[0]);
  settle_maybe(node);
}

static bool read_entries(SimNode *node, bool *again)
{
  sqlite3_stmt *q = node->spy_journal;
  Model *model = node->sim->model;
  sqlite3_bind_int64(q, 1, node->spy_pos);
  int rc;
  *again = false;
  while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
    int64_t generation = sqlite3_column_int64(q, 6);
    if (generation != node->spy_generation && node->spy_pos > 0) { /* entries were replaced: from the beginning */
      *again = true;
      break;
    }
    node->spy_generation = generation;
    if (sqlite3_column_type(q, 0) == SQLITE_NULL) continue;
    int64_t pos = sqlite3_column_int64(q, 0);
    if (pos != node->spy_pos + 1)
      sim_fail(node->sim, "1: the journal has a gap", "node %d at %lld", node->index, (long long)pos);
    NodeId id = (NodeId)sqlite3_column_int64(q, 1);
    uint64_t seq = (uint64_t)sqlite3_column_int64(q, 2), hlc = (uint64_t)sqlite3_column_int64(q, 3);
    Str body = {sqlite3_column_blob(q, 5), (size_t)sqlite3_column_bytes(q, 5)};
    node->spy_pos = pos;
    check_body(node, pos, hlc, (const uint8_t *)body.ptr, body.len);
    check_chain(node, model_author(model, id), id, seq, hlc, body, sqlite3_column_blob(q, 4));
    note_entry(node, id, seq, hash64(hlc ^ 0xcbf29ce484222325U, body.ptr, body.len) | 1,
               hash64(0xcbf29ce484222325U, body.ptr + 2, body.len - 2));
  }
  sqlite3_reset(q);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    bool excused = node->disk->dead || rc == SQLITE_BUSY || node->disk->fail_at;
    if (!excused) sim_fail(node->sim, "the file can be read", "node %d: %s", node->index, sqlite3_errmsg(node->spy));
    return false;
  }
  return true;
}

int64_t model_follow(SimNode *node)
{
  if (!node->spy_journal || node->disk->dead) return node->spy_pos;
  Model *model = node->sim->model;
  bool again, first = node->spy_generation == -1;
  if (!read_entries(node, &again)) return node->spy_pos;
  if (again) {
    memcpy(model->before[node->index], model->known[node->index], sizeof model->known[0]);
    memset(model->known[node->index], 0, sizeof model->known[0]);
    memset(model->chain[node->index], 0, sizeof model->chain[0]);
    node->spy_pos = 0;
    node->spy_generation = -1;
    first = true;
    if (!read_entries(node, &again)) return node->spy_pos;
  }
  if (first) compare_with_before(node);
  return node->spy_pos;
}

bool model_revoked_at(SimNode *node, NodeId device)
{
  sqlite3_stmt *q = spy_prepare(node, "SELECT 1 FROM node WHERE number = ?1 AND revoked_at IS NOT NULL");
  if (!q) return false;
  sqlite3_bind_int64(q, 1, device);
  bool revoked = sqlite3_step(q) == SQLITE_ROW;
  sqlite3_finalize(q);
  return revoked;
}

uint64_t row_content(SimNode *node, const char *table, Uuid id)
{
  char sql[120];
  snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE id = ?1", table);
  sqlite3_stmt *q = spy_prepare(node, sql);
  if (!q) return 0;
  sqlite3_bind_blob(q, 1, id.bytes, 16, SQLITE_STATIC);
  uint64_t hash = 0;
  if (sqlite3_step(q) == SQLITE_ROW) {
    hash = 0xcbf29ce484222325U;
    for (int i = 0; i < sqlite3_column_count(q); i++) {
      if (strcmp(sqlite3_column_name(q, i), "v") == 0) continue;
      int type = sqlite3_column_type(q, i);
      hash = hash64(hash, &type, sizeof type);
      const void *bytes = sqlite3_column_blob(q, i);
      hash = hash64(hash, bytes, (size_t)sqlite3_column_bytes(q, i));
    }
    hash |= 1;
  }
  sqlite3_finalize(q);
  return hash;
}

/* ------------------------------------------------------------------------------------------------------------ operations */

static SimRow *row_of(Model *model, const char *table, Uuid id)
{
  uint64_t h = hash64(hash64(0xcbf29ce484222325U, table, strlen(table)), id.bytes, 16) % BUCKETS;
  for (SimRow *row = model->buckets[h]; row; row = row->next_in_bucket)
    if (uuid_eq(row->id, id) && strcmp(row->table, table) == 0) return row;
  SimRow *row = ARENA_NEW(&model->arena, SimRow);
  *row = (SimRow){.table = table, .id = id, .next = model->rows, .next_in_bucket = model->buckets[h]};
  model->buckets[h] = model->rows = row;
  model->row_count++;
  return row;
}

static Cell *cell_of(Model *model, SimRow *row, const char *column)
{
  for (Cell *cell = row->cells; cell; cell = cell->next)
    if (strcmp(cell->column, column) == 0) return cell;
  Cell *cell = ARENA_NEW(&model->arena, Cell);
  *cell = (Cell){.column = column, .next = row->cells};
  row->cells = cell;
  return cell;
}

Op *op_begin(SimNode *node, const char *what)
{
  Model *model = node->sim->model;
  model_follow(node);
  Op *op = ARENA_NEW(&model->arena, Op);
  *op = (Op){.node = node, .what = what, .number = node->sim->operation};
  op->seen = ARENA_ARRAY(&model->arena, uint32_t, AUTHORS_MAX);
  for (int a = 0; a < model->author_count; a++) op->seen[a] = (uint32_t)model->known[node->index][a];
  op->own_before = model->known[node->index][model_author(model, node->number)];
  return op;
}

void op_value(Op *op, char letter, char out[VALUE_MAX])
{
  snprintf(out, VALUE_MAX, "w%d%c", op->number, letter);
}

static Note *note(Op *op, NoteKind kind, const char *table, Uuid id)
{
  Note *made = ARENA_NEW(&op->node->sim->model->arena, Note);
  *made = (Note){.kind = kind, .table = table, .id = id, .next = op->notes};
  op->notes = made;
  return made;
}

void op_text(Op *op, const char *table, Uuid id, const char *column, const char *text)
{
  Note *made = note(op, NOTE_TEXT, table, id);
  made->column = column;
  snprintf(made->text, sizeof made->text, "%s", text);
}

void op_added(Op *op, const char *table, Uuid id)
{
  note(op, NOTE_ADDED, table, id);
}

void op_deleted(Op *op, const char *table, Uuid id)
{
  note(op, NOTE_DELETED, table, id);
}

void op_child(Op *op, const char *table, Uuid id)
{
  note(op, NOTE_CHILD, table, id);
}

static void keep_note(Op *op, const Note *said, uint64_t seq, bool single)
{
  Model *model = op->node->sim->model;
  SimRow *row = row_of(model, said->table, said->id);
  if (said->kind == NOTE_CHILD) {
    row->has_children = true;
    return;
  }
  Write *write = ARENA_NEW(&model->arena, Write);
  *write = (Write){.author = model_author(model, op->node->number),
                   .seq = seq,
                   .operation = op->number,
                   .seen = op->seen,
                   .single = single};
  write->body = model->authors[write->author].entries[seq - 1].body;
  memcpy(write->text, said->text, sizeof write->text);
  Write **list = NULL;
  if (said->kind == NOTE_TEXT) list = &cell_of(model, row, said->column)->writes;
  if (said->kind == NOTE_ADDED) list = &row->added;
  if (said->kind == NOTE_DELETED) list = &row->deleted;
  write->next = *list;
  *list = write;
  write->next_of_row = row->all;
  row->all = write;
  if (said->kind == NOTE_ADDED) {
    uint64_t content = row_content(op->node, said->table, said->id);
    if (content == 0 && !op->node->disk->dead)
      sim_fail(model->sim, "1: a committed change lost", "operation %d (%s): its row of %s is not there", op->number,
               op->what, said->table);
    if (row->content && content && row->content != content)
      sim_fail(model->sim, "1: an append-only row changed", "operation %d: %s", op->number, said->table);
    if (content) row->content = content;
  }
}

/* op_writes: does it say that it changed something? What is there already is no change. */
static bool op_writes(const Op *op)
{
  for (const Note *said = op->notes; said; said = said->next)
    if (said->kind == NOTE_TEXT || said->kind == NOTE_DELETED) return true;
  return false;
}

/* happened: it is in the node's journal, up to its newest own entry. */
static void happened(Op *op)
{
  Model *model = op->node->sim->model;
  uint64_t own = model->known[op->node->index][model_author(model, op->node->number)];
  if (own == op->own_before) {
    if (op_writes(op))
      sim_fail(model->sim, "1: a committed change lost", "operation %d (%s) is not in the journal", op->number,
               op->what);
    return;
  }
  for (const Note *said = op->notes; said; said = said->next) keep_note(op, said, own, own == op->own_before + 1);
}

/* settle_maybe: the file was read from its beginning: what became of the last operation? */
static void settle_maybe(SimNode *node)
{
  Model *model = node->sim->model;
  Op *op = model->maybe[node->index];
  model->maybe[node->index] = NULL;
  if (!op) return;
  uint64_t own = model->known[node->index][model_author(model, node->number)];
  if (own > op->own_before)
    happened(op);
  else if (op->definite && op_writes(op))
    sim_fail(node->sim, "1: a committed change lost", "operation %d (%s), by a power cut", op->number, op->what);
}

void op_end(Op *op, Err err)
{
  SimNode *node = op->node;
  Model *model = node->sim->model;
  bool dead = node->disk->dead;
  sim_trace(node->sim, "%d op %d %s: %s", node->index, op->number, op->what, err_name(err));
  model_follow(node);
  if (err == ERR_OK) {
    node->sim->counts.operations++;
    model->maybe[node->index] = NULL;
    if (dead || (node->disk->fail_at && !node->disk->dead &&
                 model->known[node->index][model_author(model, node->number)] == op->own_before)) {
      op->definite = true;
      model->maybe[node->index] = op;
    } else {
      happened(op);
    }
    return;
  }
  node->sim->counts.refused++;
  uint64_t own = model->known[node->index][model_author(model, node->number)];
  if (own != op->own_before && !dead) { /* of several transactions, the first ones */
    model->maybe[node->index] = NULL;
    return;
  }
  model->maybe[node->index] = op;
}

bool write_lives(const Model *model, const Write *write)
{
  const SimAuthor *author = &model->authors[write->author];
  if (author->forked || write->seq == 0 || write->seq > author->count) return false;
  if (author->entries[write->seq - 1].body != write->body) return false; /* lost; another took its number */
  for (int i = 0; i < model->sim->node_count; i++)
    if (author->entries[write->seq - 1].holders >> i & 1 && model_live(&model->sim->nodes[i])) return true;
  return false;
}
