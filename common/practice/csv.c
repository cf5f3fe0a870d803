#include "common/practice/csv.h"

static Err check_utf8(Str text)
{
  size_t line = 1;
  while (!str_empty(text)) {
    if (!utf8_valid(str_cut(&text, '\n')))
      return err_because(ERR_INVALID, "line %zu is not UTF-8: save the file as \"CSV UTF-8\"", line);
    line++;
  }
  return ERR_OK;
}

static char guess_separator(Str text)
{
  size_t counts[3] = {0};
  const char separators[] = ",;\t";
  bool quoted = false;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    if (c == '"') quoted = !quoted;
    if ((c == '\n' || c == '\r') && !quoted) break;
    const char *at = c && !quoted ? strchr(separators, c) : NULL;
    if (at) counts[at - separators]++;
  }
  size_t best = 0;
  for (size_t i = 1; i < 3; i++)
    if (counts[i] > counts[best]) best = i;
  return separators[best];
}

Err csv_open(Arena *arena, Str text, Csv *out)
{
  if (str_starts(text, STR("\xEF\xBB\xBF"))) text = (Str){text.ptr + 3, text.len - 3};
  TRY(check_utf8(text));
  *out = (Csv){.arena = arena, .text = text, .next_line = 1, .separator = guess_separator(text)};
  return ERR_OK;
}

static bool fail(Csv *csv, Err err, const char *what)
{
  csv->err = err_because(err, "line %zu: %s", csv->line, what);
  return false;
}

static bool at_break(const Csv *csv)
{
  return csv->at < csv->text.len && (csv->text.ptr[csv->at] == '\n' || csv->text.ptr[csv->at] == '\r');
}

static void skip_break(Csv *csv)
{
  bool pair = csv->text.ptr[csv->at] == '\r' && csv->at + 1 < csv->text.len && csv->text.ptr[csv->at + 1] == '\n';
  csv->at += pair ? 2 : 1;
  csv->next_line++;
}

/* A field in quotes; a doubled quote stands for one. */
static bool read_quoted(Csv *csv, Str *out)
{
  const char *text = csv->text.ptr;
  size_t start = ++csv->at, doubled = 0;
  for (;; csv->at++) {
    if (csv->at >= csv->text.len) return fail(csv, ERR_INVALID, "a quote is opened and never closed");
    if (csv->at - start > CSV_FIELD_MAX) return fail(csv, ERR_TOO_LARGE, "a field is too long");
    if (text[csv->at] == '\n') csv->next_line++;
    if (text[csv->at] != '"') continue;
    if (csv->at + 1 >= csv->text.len || text[csv->at + 1] != '"') break;
    csv->at++;
    doubled++;
  }
  *out = (Str){text + start, csv->at - start};
  csv->at++;
  if (csv->at < csv->text.len && text[csv->at] != csv->separator && !at_break(csv))
    return fail(csv, ERR_INVALID, "there is text behind a closing quote");
  if (doubled == 0) return true;
  char *plain = arena_alloc(csv->arena, out->len);
  size_t len = 0;
  for (size_t i = 0; i < out->len; i++) {
    plain[len++] = out->ptr[i];
    if (out->ptr[i] == '"') i++;
  }
  *out = (Str){plain, len};
  return true;
}

static bool read_plain(Csv *csv, Str *out)
{
  size_t start = csv->at;
  while (csv->at < csv->text.len && csv->text.ptr[csv->at] != csv->separator && !at_break(csv)) csv->at++;
  *out = (Str){csv->text.ptr + start, csv->at - start};
  return out->len <= CSV_FIELD_MAX || fail(csv, ERR_TOO_LARGE, "a field is too long");
}

static bool read_record(Csv *csv, Str fields[CSV_COLUMNS_MAX], size_t *count)
{
  *count = 0;
  csv->line = csv->next_line;
  for (;;) {
    if (*count == CSV_COLUMNS_MAX) return fail(csv, ERR_TOO_LARGE, "there are too many fields");
    bool quoted = csv->at < csv->text.len && csv->text.ptr[csv->at] == '"';
    if (!(quoted ? read_quoted : read_plain)(csv, &fields[*count])) return false;
    (*count)++;
    if (csv->at >= csv->text.len) return true;
    if (at_break(csv)) {
      skip_break(csv);
      return true;
    }
    csv->at++; /* the separator */
  }
}

bool csv_next(Csv *csv, Str **fields, size_t *count)
{
  Str record[CSV_COLUMNS_MAX];
  while (csv->err == ERR_OK && csv->at < csv->text.len) {
    if (!read_record(csv, record, count)) return false;
    bool blank = true;
    for (size_t i = 0; i < *count; i++) blank &= str_empty(str_trim(record[i]));
    if (blank) continue;
    *fields = ARENA_ARRAY(csv->arena, Str, *count);
    memcpy(*fields, record, *count * sizeof record[0]);
    return true;
  }
  return false;
}
