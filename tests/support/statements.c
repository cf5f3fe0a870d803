#include "tests/support/statements.h"

#include <ctype.h>
#include <stdio.h>

#include "common/store/internal.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

/* The linker collects the pointers that SQL() leaves; it defines these if there is at least one. */
extern const Sql *const __start_foyer_sql[] __attribute__((weak, visibility("hidden")));
extern const Sql *const __stop_foyer_sql[] __attribute__((weak, visibility("hidden")));

/* Tables with a row for each client, visit, answer, device request or transaction. The others have a row for each thing that
 * a practice sets up, and may be read whole. */
static const char *const LARGE[] = {
    "client",
    "client_identifier",
    "related_person",
    "client_link",
    "client_words",
    "client_word",
    "coverage",
    "access",
    "appointment",
    "consent",
    "appointment_event",
    "booking",
    "ruling",
    "booking_offer",
    "slot",
    "attachment",
    "task",
    "posting",
    "shadow",
    "ledger_line",
    "journal",
    "signature",
    "overwrite",
    "blob",
    "blob_part",
    "draft",
    "questionnaire_response",
    "session",
    "seen",
};

static bool is_large(const char *table, size_t len)
{
  for (size_t i = 0; i < COUNT_OF(LARGE); i++) {
    if (strlen(LARGE[i]) == len && memcmp(LARGE[i], table, len) == 0) return true;
  }
  return false;
}

static bool is_word(char c)
{
  return isalnum((unsigned char)c) || c == '_';
}

/* word_before: of the word at `at` in `text`, the one in front of it; AS does not count. */
static Str word_before(const char *text, const char *at)
{
  const char *end = at;
  while (end > text && end[-1] == ' ') end--;
  const char *start = end;
  while (start > text && is_word(start[-1])) start--;
  Str word = {start, (size_t)(end - start)};
  return str_eq_ascii_nocase(word, STR("as")) ? word_before(text, start) : word;
}

/* SQLite names what it scans by its alias. */
static bool names_large(const char *text, Str name)
{
  if (is_large(name.ptr, name.len)) return true;
  for (const char *at = text; (at = memmem(at, strlen(at), name.ptr, name.len)); at++) {
    if ((at > text && is_word(at[-1])) || is_word(at[name.len])) continue;
    Str table = word_before(text, at);
    if (is_large(table.ptr, table.len)) return true;
  }
  return false;
}

static sqlite3_stmt *prepare(Store *store, const char *prefix, const Sql *sql)
{
  AUTO(Buf, text, buf_fini) = buf_make(1 << 16);
  buf_c(&text, prefix);
  buf_c(&text, sql->text);
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(store->db, buf_cstr(&text), -1, &stmt, NULL) != SQLITE_OK)
    fail_msg("%s: %s: %s", sql->file, sql->name, sqlite3_errmsg(store->db));
  return stmt;
}

/* scans: how many whole readings of large tables its plan has; names them. */
static int scans(Store *store, const Sql *sql)
{
  int found = 0;
  sqlite3_stmt *plan = prepare(store, "EXPLAIN QUERY PLAN ", sql);
  while (sqlite3_step(plan) == SQLITE_ROW) {
    const char *detail = (const char *)sqlite3_column_text(plan, 3);
    if (strncmp(detail, "SCAN ", 5) != 0) continue;
    Str name = {detail + 5, strcspn(detail + 5, " ")};
    if (!names_large(sql->text, name)) continue;
    if (!sql->may_scan) print_error("%s: %s: %s\n", sql->file, sql->name, detail);
    found++;
  }
  sqlite3_finalize(plan);
  return found;
}

size_t test_statements(void)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  sqlite3_set_authorizer(t.store->db, NULL, NULL);
  size_t count = 0;
  int unexpected = 0;
  for (const Sql *const *at = __start_foyer_sql; at < __stop_foyer_sql; at++, count++) {
    sqlite3_finalize(prepare(t.store, "", *at));
    int found = scans(t.store, *at);
    if (!(*at)->may_scan) unexpected += found;
  }
  if (unexpected) fail_msg("%d statements read a whole table", unexpected);
  return count;
}

int test_statement_scans(const Sql *sql)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  sqlite3_set_authorizer(t.store->db, NULL, NULL);
  return scans(t.store, sql);
}
