#include "common/practice/import.h"

#include "common/practice/import_internal.h"
#include "common/practice/tidy.h"

enum { SKIPPED_MOST = 1000 };

void import_skip(ImportReport *report, const char *what, const char *why)
{
  for (size_t i = report->skipped_count; i-- > 0;) {
    struct ImportSkip *skip = &report->skipped[i];
    if (strcmp(skip->why, why) != 0 || strcmp(skip->what, what) != 0) continue;
    skip->count++;
    return;
  }
  bool full = report->skipped_count == SKIPPED_MOST;
  if (full) {
    report->skipped[SKIPPED_MOST - 1].count++;
    return;
  }
  bool last = report->skipped_count == SKIPPED_MOST - 1;
  report->skipped = arena_grow_array(report->arena, report->skipped, report->skipped_count, &report->skipped_capacity,
                                     sizeof *report->skipped);
  struct ImportSkip *skip = &report->skipped[report->skipped_count++];
  skip->what = last ? "more" : arena_cstr(report->arena, str_c(what));
  skip->why = last ? "there are too many to list" : why;
  skip->count = 1;
}

void import_reset(ImportReport *report)
{
  *report = (ImportReport){.arena = report->arena, .options = report->options};
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

Str import_name(const ImportReport *report, Arena *arena, Str text)
{
  Str line = tidy_line(arena, text);
  if (!report->options.strip_digits) return line;
  char *out = arena_alloc(arena, line.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < line.len; i++) {
    out[len++] = line.ptr[i];
    if (i + 1 < line.len && line.ptr[i + 1] != ' ') continue;
    size_t start = len, end = len; /* a word ends here */
    while (start > 0 && out[start - 1] != ' ') start--;
    while (end > start && is_digit(out[end - 1])) end--;
    if (end > start) len = end; /* a word of digits alone stays */
  }
  out[len] = '\0';
  return (Str){out, len};
}

json_t *import_report_json(const ImportReport *report)
{
  json_t *out = json_object();
  const struct {
    const char *name;
    size_t count;
  } counts[] = {{"clients", report->clients},           {"identifiers", report->identifiers},
                {"related", report->related},           {"coverages", report->coverages},
                {"providers", report->providers},       {"sites", report->sites},
                {"appointments", report->appointments}, {"questionnaires", report->questionnaires},
                {"unchanged", report->unchanged}};
  for (size_t i = 0; i < COUNT_OF(counts); i++)
    json_object_set_new(out, counts[i].name, json_integer((json_int_t)counts[i].count));
  json_t *skipped = json_array();
  json_object_set_new(out, "skipped", skipped);
  for (size_t i = 0; i < report->skipped_count; i++) {
    json_t *skip = json_object();
    json_object_set_new(skip, "what", json_from_str(str_c(report->skipped[i].what)));
    json_object_set_new(skip, "why", json_from_str(str_c(report->skipped[i].why)));
    json_object_set_new(skip, "count", json_integer((json_int_t)report->skipped[i].count));
    json_array_append_new(skipped, skip);
  }
  return out;
}
