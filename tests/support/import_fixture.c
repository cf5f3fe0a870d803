#include "tests/support/import_fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/json_text.h"
#include "tests/support/unit.h"

#define DATA "../shared/data/fhir"

SQL(BY_FAMILY, "SELECT id FROM client WHERE family = :family");

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

TestBundles test_bundles(void)
{
  TestBundles files = {.arena = arena_make(0)};
  DIR *folder = opendir(DATA);
  if (!folder) return files;
  for (struct dirent *entry; (entry = readdir(folder));) {
    const char *end = strrchr(entry->d_name, '.');
    if (!end || strcmp(end, ".json") != 0) continue;
    files.names = arena_grow_array(&files.arena, files.names, files.count, &files.capacity, sizeof *files.names);
    files.names[files.count++] = arena_printf(&files.arena, DATA "/%s", entry->d_name);
  }
  closedir(folder);
  if (files.count) qsort(files.names, files.count, sizeof *files.names, by_name);
  return files;
}

void test_bundles_fini(TestBundles *files)
{
  arena_fini(&files->arena);
}

Err test_take_with(TestPractice *p, const char *text, ImportOptions options, ImportReport *report)
{
  *report = (ImportReport){.arena = &p->arena, .options = options};
  AUTO(json_t *, json, json_release) = NULL;
  TRY(json_parse(str_c(test_quoted(&p->arena, text)), &json));
  return import_fhir(p->t.store, actor_system(), json, report);
}

Err test_take(TestPractice *p, const char *text, ImportReport *report)
{
  return test_take_with(p, text, (ImportOptions){0}, report);
}

size_t test_skipped(const ImportReport *report, const char *what)
{
  size_t count = 0;
  for (size_t i = 0; i < report->skipped_count; i++)
    if (strcmp(report->skipped[i].what, what) == 0) count += report->skipped[i].count;
  return count;
}

Client test_client_named(TestPractice *p, const char *family)
{
  AUTO(Query, q, query_fini) = query(p->t.store, &BY_FAMILY);
  query_bind_text(&q, ":family", str_c(family));
  assert_true(query_next(&q));
  Uuid id = query_uuid(&q, "id");
  assert_false(query_next(&q));
  Client client;
  assert_ok(client_get(p->t.store, &p->arena, id, &client));
  return client;
}

void test_refused(TestPractice *p, const char *text, Err want, const char *words)
{
  int64_t before = test_count(p->t.store, "journal");
  ImportReport report;
  err_clear();
  Err got = test_take(p, text, &report);
  if (got != want) fail_msg("%s (%s) for %.300s", err_name(got), err_detail(), text);
  if (!strstr(err_detail(), words)) fail_msg("\"%s\" does not say \"%s\"", err_detail(), words);
  assert_int_equal(test_count(p->t.store, "journal"), before);
  assert_int_equal(report.clients + report.identifiers + report.coverages + report.unchanged + report.skipped_count, 0);
}
