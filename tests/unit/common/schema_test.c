#include <stdio.h>

#include "common/store/internal.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

/* The metadata, which is read from comments, against what SQLite made of the same text. */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, const char *argument)
{
  sqlite3_stmt *stmt;
  sqlite3_set_authorizer(db, NULL, NULL);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
  if (argument) sqlite3_bind_text(stmt, 1, argument, -1, SQLITE_STATIC);
  return stmt;
}

static const char *text(sqlite3_stmt *stmt, int column)
{
  const char *value = (const char *)sqlite3_column_text(stmt, column);
  return value ? value : "";
}

static void check_default(const Column *column, const char *literal)
{
  char expected[128] = "";
  const Col *value = &column->default_value;
  if (value->kind == COL_INT) snprintf(expected, sizeof expected, "%lld", (long long)value->number);
  if (value->kind == COL_TEXT) snprintf(expected, sizeof expected, "'" STR_FMT "'", STR_ARG(value->bytes));
  assert_string_equal(expected, literal);
  assert_true(value->kind != COL_NULL || !column->not_null);
}

static void check_column(const Table *table, sqlite3_stmt *info)
{
  const char *name = text(info, 1);
  if (strcmp(name, "id") == 0 || strcmp(name, "v") == 0) return;
  const Column *column = table_column(table, name);
  if (!column) print_error("%s.%s is not described\n", table->name, name);
  assert_non_null(column);
  static const char *const types[] = {[COL_INT] = "INTEGER", [COL_TEXT] = "TEXT", [COL_BLOB] = "BLOB"};
  assert_int_equal(column->position, sqlite3_column_int(info, 0));
  assert_string_equal(types[column->kind], text(info, 2));
  assert_int_equal(column->not_null, sqlite3_column_int(info, 3));
  check_default(column, text(info, 4));
  assert_ptr_equal(table->by_id[column->id], column);
}

TEST(every_column_of_every_replicated_table_is_described)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  for (size_t i = 0; i < t.store->schema.table_count; i++) {
    const Table *table = &t.store->schema.tables[i];
    sqlite3_stmt *info = prepare(t.store->db, "SELECT * FROM pragma_table_info(?1)", table->name);
    size_t count = 0;
    for (; sqlite3_step(info) == SQLITE_ROW; count++) check_column(table, info);
    sqlite3_finalize(info);
    assert_int_equal(count, table->column_count + 2); /* and id and v */
    assert_true(i == 0 || table[-1].id < table->id);
  }
}

TEST(a_table_with_a_version_is_a_replicated_one)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  sqlite3_stmt *list = prepare(t.store->db,
                               "SELECT m.name FROM sqlite_schema m WHERE m.type = 'table' AND EXISTS"
                               " (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'v')",
                               NULL);
  size_t count = 0;
  for (; sqlite3_step(list) == SQLITE_ROW; count++) assert_non_null(schema_table(&t.store->schema, text(list, 0)));
  sqlite3_finalize(list);
  assert_int_equal(count, t.store->schema.table_count);
}

TEST(replicated_tables_have_no_unique_constraint_but_the_key)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  for (size_t i = 0; i < t.store->schema.table_count; i++) {
    sqlite3_stmt *list =
        prepare(t.store->db, "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'",
                t.store->schema.tables[i].name);
    assert_int_equal(sqlite3_step(list), SQLITE_DONE);
    sqlite3_finalize(list);
  }
}

TEST(a_group_is_numbered_by_its_lowest_column)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  const Table *client = schema_table(&t.store->schema, "client");
  assert_int_equal(table_column(client, "suffix")->group, 1);
  assert_string_equal(client->group_names[1], "name");
  assert_int_equal(client->groups[12], 0x3fULL << 11); /* address: 12 to 17 */
  assert_string_equal(client->group_names[10], "phone");
  assert_int_equal(client->groups[2], 0);
  assert_int_equal(table_group_columns(client, 1ULL << 12), 0x3fULL << 11);
  assert_int_equal(table_group_bits(client, 1ULL << 12 | 1), 1ULL << 11 | 1);
  assert_true(schema_table(&t.store->schema, "consent")->append_only);
  assert_false(client->append_only);
  assert_ptr_equal(schema_table_by_id(&t.store->schema, 8), client);
  assert_null(schema_table_by_id(&t.store->schema, 9999));
}

static const Migration LATER[] = {
    {"1", "-- table 7 thing: something\n"
          "CREATE TABLE thing (\n"
          "  id BLOB NOT NULL PRIMARY KEY,\n"
          "  name TEXT NOT NULL,                -- 1: words, with a comma, and -- dashes\n"
          "  v BLOB NOT NULL DEFAULT (foyer_stamp())\n"
          ") STRICT, WITHOUT ROWID;\n"},
    {"2", "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; -- 2: of its skin\n"
          "ALTER TABLE thing ADD COLUMN size INTEGER; -- 5: in mm\n"},
};

TEST(a_later_migration_may_add_columns)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Schema schema = schema_parse(&arena, LATER, 2);
  const Table *thing = schema_table(&schema, "thing");
  assert_int_equal(thing->column_count, 3);
  assert_int_equal(thing->mask, 0x13);
  assert_int_equal(table_column(thing, "colour")->position, 3); /* behind v */
  assert_int_equal(table_column(thing, "size")->id, 5);
  assert_true(str_eq_c(table_column(thing, "colour")->default_value.bytes, "red"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_column_of_every_replicated_table_is_described),
      cmocka_unit_test(a_table_with_a_version_is_a_replicated_one),
      cmocka_unit_test(replicated_tables_have_no_unique_constraint_but_the_key),
      cmocka_unit_test(a_group_is_numbered_by_its_lowest_column),
      cmocka_unit_test(a_later_migration_may_add_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
