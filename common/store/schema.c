#include "common/store/schema.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables and columns are few; they are collected in fixed arrays and then copied to size. */
enum { TABLES_MAX = 256 };

typedef struct Draft {
  Table table;
  Column columns[COLUMN_ID_MAX];
  Str group_names[COLUMN_ID_MAX]; /* beside columns; empty: none */
  int next_position;
} Draft;

typedef struct Parser {
  Arena *arena;   /* the schema's */
  Arena *scratch; /* the drafts' */
  const char *migration;
  Draft *drafts[TABLES_MAX];
  size_t count;
  Draft *announced; /* a `-- table` line was read, its CREATE TABLE is next */
  Draft *open;      /* inside its CREATE TABLE */
} Parser;

static _Noreturn void malformed(const Parser *p, Str line, const char *what)
{
  fprintf(stderr, "migration %s: %s: " STR_FMT "\n", p->migration, what, STR_ARG(line));
  abort();
}

static Str word(Str *rest)
{
  *rest = str_trim(*rest);
  size_t n = 0;
  while (n < rest->len && (isalnum((unsigned char)rest->ptr[n]) || rest->ptr[n] == '_' || rest->ptr[n] == '-')) n++;
  Str found = {rest->ptr, n};
  rest->ptr += n;
  rest->len -= n;
  return found;
}

static bool take(Str *rest, const char *prefix)
{
  Str s = str_trim(*rest);
  if (!str_starts(s, str_c(prefix))) return false;
  *rest = (Str){s.ptr + strlen(prefix), s.len - strlen(prefix)};
  return true;
}

static Str find(Str s, const char *needle)
{
  const char *at = s.len ? memmem(s.ptr, s.len, needle, strlen(needle)) : NULL;
  return at ? (Str){at, (size_t)(s.ptr + s.len - at)} : (Str){0};
}

static Draft *draft_named(const Parser *p, Str name)
{
  for (size_t i = 0; i < p->count; i++) {
    if (str_eq_c(name, p->drafts[i]->table.name)) return p->drafts[i];
  }
  return NULL;
}

/* "table 13 access, append-only: someone read a person's record", behind the dashes */
static void announce(Parser *p, Str line, Str rest)
{
  int64_t id;
  Str number = word(&rest);
  Str name = word(&rest);
  if (!str_to_int64(number, &id) || id < 1 || id > UINT32_MAX >> 2 || name.len == 0)
    malformed(p, line, "not a table line");
  bool append_only = take(&rest, ", append-only");
  if (!take(&rest, ":")) malformed(p, line, "not a table line");
  if (draft_named(p, name)) malformed(p, line, "a table announced twice");
  for (size_t i = 0; i < p->count; i++) {
    if (p->drafts[i]->table.id == id) malformed(p, line, "a table id used twice");
  }
  assert(p->count < TABLES_MAX);
  Draft *draft = ARENA_NEW(p->scratch, Draft);
  draft->table.name = arena_cstr(p->arena, name);
  draft->table.id = (uint32_t)id;
  draft->table.append_only = append_only;
  p->drafts[p->count++] = p->announced = draft;
}

static ColKind parse_type(const Parser *p, Str line, Str type)
{
  if (str_eq_c(type, "INTEGER")) return COL_INT;
  if (str_eq_c(type, "TEXT")) return COL_TEXT;
  if (str_eq_c(type, "BLOB")) return COL_BLOB;
  malformed(p, line, "a type other than INTEGER, TEXT or BLOB");
}

/* A literal: a number or a string without quotes in it. */
static Col parse_default(Parser *p, Str line, Str code, const Column *column)
{
  Str rest = find(code, " DEFAULT ");
  if (!rest.ptr && column->not_null) return (Col){0};
  if (!rest.ptr) return col_null(column->name);
  rest = (Str){rest.ptr + 9, rest.len - 9};
  if (column->kind == COL_TEXT && rest.len > 1 && rest.ptr[0] == '\'') {
    const char *end = memchr(rest.ptr + 1, '\'', rest.len - 1);
    if (!end) malformed(p, line, "a default without an end");
    return col_text(column->name, (Str){rest.ptr + 1, (size_t)(end - rest.ptr) - 1});
  }
  int64_t number;
  if (column->kind != COL_INT || !str_to_int64(word(&rest), &number))
    malformed(p, line, "a default that is no literal");
  return col_int(column->name, number);
}

/* `given TEXT NOT NULL, -- 1 name: given names` */
static void column_line(Parser *p, Draft *draft, Str line)
{
  Str comment = find(line, "-- ");
  Str code = {line.ptr, line.len - comment.len};
  Str rest = code;
  Str name = word(&rest);
  Table *table = &draft->table;
  int position = draft->next_position++;
  if (str_eq_c(name, "id") || str_eq_c(name, "v")) return;
  if (!take(&comment, "-- ")) malformed(p, line, "a column without an id");
  int64_t id;
  if (!str_to_int64(word(&comment), &id) || id < 1 || id > COLUMN_ID_MAX || table->by_id[id])
    malformed(p, line, "a column without an id of its own");
  Str group = word(&comment);
  if (!take(&comment, ":") || str_trim(comment).len == 0) malformed(p, line, "a column without a description");
  Column *column = &draft->columns[table->column_count];
  draft->group_names[table->column_count++] = group;
  *column = (Column){
      .name = arena_cstr(p->arena, name),
      .id = (uint8_t)id,
      .kind = parse_type(p, line, word(&rest)),
      .not_null = find(code, "NOT NULL").ptr != NULL,
      .position = position,
  };
  column->default_value = parse_default(p, line, code, column);
  table->by_id[id] = column;
}

static void parse_line(Parser *p, Str line)
{
  Str rest = line;
  if (p->open) {
    if (take(&rest, ")"))
      p->open = NULL;
    else if (str_trim(line).len && !take(&rest, "--"))
      column_line(p, p->open, str_trim(line));
    return;
  }
  if (take(&rest, "-- table ")) {
    if (p->announced) malformed(p, line, "a table line before the table that was announced");
    announce(p, line, rest);
  } else if (take(&rest, "CREATE TABLE ") && p->announced) {
    if (!str_eq_c(word(&rest), p->announced->table.name)) malformed(p, line, "another table than announced");
    p->open = p->announced;
    p->announced = NULL;
  } else if (take(&rest, "ALTER TABLE ")) {
    Draft *draft = draft_named(p, word(&rest));
    if (draft && take(&rest, "ADD COLUMN ")) column_line(p, draft, str_trim(rest));
  }
}

static int by_column_id(const void *a, const void *b)
{
  return (int)((const Column *)a)->id - (int)((const Column *)b)->id;
}

/* A group takes the number of the lowest column in it. */
static void number_groups(Draft *draft)
{
  Table *table = &draft->table;
  for (size_t i = 0; i < table->column_count; i++) {
    Column *column = &draft->columns[i];
    Str name = draft->group_names[i];
    column->group = column->id;
    for (size_t j = 0; name.len && j < table->column_count; j++) {
      if (str_eq(name, draft->group_names[j]) && draft->columns[j].id < column->group)
        column->group = draft->columns[j].id;
    }
  }
}

static Table finish(Arena *arena, Draft *draft, size_t index)
{
  number_groups(draft);
  Table table = draft->table;
  table.index = index;
  Column *columns = ARENA_ARRAY(arena, Column, table.column_count);
  for (size_t i = 0; i < table.column_count; i++) {
    columns[i] = draft->columns[i];
    Str group = draft->group_names[i];
    uint8_t number = columns[i].group;
    table.mask |= 1ULL << (columns[i].id - 1);
    table.groups[number] |= 1ULL << (columns[i].id - 1);
    table.group_names[number] = group.len ? arena_cstr(arena, group) : columns[i].name;
  }
  qsort(columns, table.column_count, sizeof *columns, by_column_id);
  for (size_t i = 0; i < table.column_count; i++) table.by_id[columns[i].id] = &columns[i];
  table.columns = columns;
  return table;
}

static int by_table_id(const void *a, const void *b)
{
  uint32_t x = (*(Draft *const *)a)->table.id;
  uint32_t y = (*(Draft *const *)b)->table.id;
  return (x > y) - (x < y);
}

Schema schema_parse(Arena *arena, const Migration migrations[], size_t count)
{
  AUTO(Arena, scratch, arena_fini) = arena_make(0);
  Parser *p = ARENA_NEW(&scratch, Parser);
  p->arena = arena;
  p->scratch = &scratch;
  for (size_t i = 0; i < count; i++) {
    p->migration = migrations[i].name;
    Str text = str_c(migrations[i].sql);
    while (text.len) parse_line(p, str_cut(&text, '\n'));
    if (p->announced || p->open) malformed(p, (Str){0}, "it ends in a table");
  }
  qsort(p->drafts, p->count, sizeof(Draft *), by_table_id);
  Table *tables = ARENA_ARRAY(arena, Table, p->count);
  for (size_t i = 0; i < p->count; i++) tables[i] = finish(arena, p->drafts[i], i);
  return (Schema){tables, p->count};
}

const Table *schema_table(const Schema *schema, const char *name)
{
  for (size_t i = 0; i < schema->table_count; i++) {
    if (strcmp(schema->tables[i].name, name) == 0) return &schema->tables[i];
  }
  return NULL;
}

const Table *schema_table_by_id(const Schema *schema, uint32_t id)
{
  size_t low = 0, high = schema->table_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (schema->tables[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < schema->table_count && schema->tables[low].id == id ? &schema->tables[low] : NULL;
}

const Column *table_column(const Table *table, const char *name)
{
  for (size_t i = 0; i < table->column_count; i++) {
    if (strcmp(table->columns[i].name, name) == 0) return &table->columns[i];
  }
  return NULL;
}

uint64_t table_group_bits(const Table *table, uint64_t columns)
{
  uint64_t bits = 0;
  for (columns &= table->mask; columns; columns &= columns - 1)
    bits |= 1ULL << (table->by_id[__builtin_ctzll(columns) + 1]->group - 1);
  return bits;
}

uint64_t table_group_columns(const Table *table, uint64_t columns)
{
  uint64_t all = 0;
  for (uint64_t bits = table_group_bits(table, columns); bits; bits &= bits - 1)
    all |= table->groups[__builtin_ctzll(bits) + 1];
  return all;
}
