/* Schema: what the migrations say about the replicated tables: ids, groups, types and defaults, read from their text at
 * start-up (the head of 0001_foundation.sql says how they are written). A migration that does not follow asserts. */
#pragma once

#include "common/base/arena.h"
#include "common/store/tx.h"

typedef struct Migration {
  const char *name;
  const char *sql; /* NUL-terminated */
} Migration;

/* MIGRATIONS: those of this program, oldest first; the first is number 1 (PRAGMA user_version). */
extern const Migration MIGRATIONS[];
extern const size_t MIGRATION_COUNT;

enum { COLUMN_ID_MAX = 63 };

typedef struct Column {
  const char *name;
  uint8_t id;    /* 1..COLUMN_ID_MAX */
  uint8_t group; /* number of its group: the lowest column id in it */
  bool not_null;
  ColKind kind;      /* declared type: COL_INT, COL_TEXT or COL_BLOB */
  int position;      /* as SQLite counts, from 0; `id` is 0 */
  Col default_value; /* COL_END: it must be given; COL_NULL where the schema has no default and it may be NULL */
} Column;

typedef struct Table {
  const char *name;
  uint32_t id;
  size_t index; /* in Schema.tables */
  bool append_only;
  size_t column_count;                        /* without id and v */
  const Column *columns;                      /* ascending by id */
  const Column *by_id[COLUMN_ID_MAX + 1];     /* NULL where there is none */
  uint64_t mask;                              /* bit (id - 1) of every column */
  uint64_t groups[COLUMN_ID_MAX + 1];         /* by group number: bits of its columns; 0 where there is no such group */
  const char *group_names[COLUMN_ID_MAX + 1]; /* its name, or the column's */
} Table;

typedef struct Schema {
  const Table *tables; /* ascending by id */
  size_t table_count;
} Schema;

/* schema_parse: lives in the arena; the migrations' text must live as long. */
Schema schema_parse(Arena *arena, const Migration migrations[], size_t count);
/* NULL when there is none. */
const Table *schema_table(const Schema *schema, const char *name);
const Table *schema_table_by_id(const Schema *schema, uint32_t id);
const Column *table_column(const Table *table, const char *name);
/* table_group_columns: all columns of the groups that any of `columns` belongs to. table_group_bits: their group numbers, as
 * bits (group - 1). */
uint64_t table_group_columns(const Table *table, uint64_t columns);
uint64_t table_group_bits(const Table *table, uint64_t columns);
