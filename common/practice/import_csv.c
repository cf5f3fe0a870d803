/* import_csv_file: a CSV file as a whole. */
#include "common/base/file.h"
#include "common/practice/client.h"
#include "common/practice/csv.h"
#include "common/practice/import_csv_internal.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

/* As many rows a transaction: a journal entry has a limit, and other writers want their turn. */
enum { ROWS_A_TX = 1000 };

SQL(CLIENT_BY_BIRTH, "SELECT id FROM client WHERE birth_date = :birth AND sort_name = :sort_name LIMIT 2");

static const struct {
  const char *name, *others;
} COLUMNS[] = {
#define CSV_TEXT(constant, name, others) [constant] = {name, others},
    CSV_COLUMN_TABLE(CSV_TEXT)
#undef CSV_TEXT
};

static const struct Kind {
  const char *name;
  CsvTake *take;
  CsvColumn
      columns[CSV_COLUMN_COUNT + 1]; /* that it has a place for, those with shared names in order; ends with COUNT */
} KINDS[] = {
    {"clients", csv_take_client, {CSV_ID,     CSV_GIVEN,    CSV_FAMILY, CSV_PREFERRED, CSV_BIRTH,
                                  CSV_GENDER, CSV_LANGUAGE, CSV_PHONE,  CSV_EMAIL,     CSV_LINE1,
                                  CSV_LINE2,  CSV_CITY,     CSV_STATE,  CSV_POSTAL,    CSV_COUNTRY,
                                  CSV_PAYER,  CSV_PLAN,     CSV_MEMBER, CSV_GROUP,     CSV_COLUMN_COUNT}},
    {"appointments",
     csv_take_visit,
     {CSV_CLIENT, CSV_ID, CSV_GIVEN, CSV_FAMILY, CSV_BIRTH, CSV_START, CSV_DATE, CSV_TIME, CSV_MINUTES, CSV_TYPE,
      CSV_PROVIDER, CSV_SITE, CSV_STATUS, CSV_NOTE, CSV_COLUMN_COUNT}},
};

/* "Date of birth" -> "dateofbirth" */
static Str column_name(Arena *arena, Str header)
{
  Str folded = str_fold(arena, header);
  char *out = arena_alloc(arena, folded.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < folded.len; i++)
    if (folded.ptr[i] != ' ') out[len++] = folded.ptr[i];
  return (Str){out, len};
}

static bool goes_by(CsvColumn column, Str name)
{
  if (str_eq_c(name, COLUMNS[column].name)) return true;
  Str others = str_c(COLUMNS[column].others);
  while (!str_empty(others))
    if (str_eq(str_cut(&others, ' '), name)) return true;
  return false;
}

static void find_columns(CsvFile *file, const struct Kind *kind, const Str *headers, size_t count)
{
  for (size_t i = 0; i < CSV_COLUMN_COUNT; i++) file->column[i] = -1;
  for (size_t h = 0; h < count; h++) {
    Str name = column_name(file->arena, headers[h]);
    bool taken = false;
    for (const CsvColumn *c = kind->columns; *c != CSV_COLUMN_COUNT && !taken; c++) {
      if (!goes_by(*c, name) || file->column[*c] >= 0) continue;
      file->column[*c] = (int)h;
      taken = true;
    }
    if (!taken && !str_empty(name))
      import_skip(file->report, arena_printf(file->arena, "column %zu", h + 1), "Foyer has no place for it yet");
  }
}

static bool has(const CsvFile *file, CsvColumn column)
{
  return file->column[column] >= 0;
}

/* needed: what is missing, in words; NULL when nothing is. */
static const char *needed(const CsvFile *file, bool visits)
{
  bool named = has(file, CSV_GIVEN) && has(file, CSV_FAMILY);
  if (!visits) {
    if (!named) return "given and family (first name, last name)";
    return has(file, CSV_ID) || has(file, CSV_BIRTH) ? NULL : "id or birth date, to know a client again";
  }
  if (!has(file, CSV_CLIENT) && !(named && has(file, CSV_BIRTH))) return "client, or given, family and birth date";
  if (!has(file, CSV_START) && !(has(file, CSV_DATE) && has(file, CSV_TIME))) return "start, or date and time";
  return has(file, CSV_TYPE) ? NULL : "type";
}

Str csv_field(const CsvFile *file, const CsvRow *row, CsvColumn column)
{
  int index = file->column[column];
  if (index < 0 || (size_t)index >= row->count) return STR("");
  return tidy_line(file->arena, row->fields[index]);
}

bool csv_date(const CsvFile *file, Str text, Str *out)
{
  *out = STR("");
  if (str_empty(text)) return true;
  LooseDate readings[LOOSE_DATES_MAX];
  size_t count = loose_dates(text, readings);
  for (size_t i = 0; i < count; i++) {
    if (count > 1 && readings[i].order != file->order) continue;
    char *iso = arena_alloc(file->arena, DATE_TEXT_LEN + 1);
    date_text(readings[i].date, iso);
    *out = str_c(iso);
    return true;
  }
  return false;
}

/* One date with a day above 12 tells how all of them are written; two that disagree tell nothing. */
static DateOrder find_order(const CsvFile *file)
{
  DateOrder found = DATE_CLEAR;
  for (size_t i = 0; i < file->count; i++)
    for (int c = 0; c < 3; c++) {
      Str text = csv_field(file, &file->rows[i], (const CsvColumn[]){CSV_BIRTH, CSV_DATE, CSV_START}[c]);
      LooseDate readings[LOOSE_DATES_MAX];
      if (c == 2) text = str_cut(&text, ' ');
      if (loose_dates(text, readings) != 1 || readings[0].order == DATE_CLEAR) continue;
      if (found != DATE_CLEAR && found != readings[0].order) return DATE_CLEAR;
      found = readings[0].order;
    }
  return found;
}

void csv_refuse(CsvFile *file, const CsvRow *row, const char *field, const char *why)
{
  const char *between = *field ? ": " : "";
  import_skip(file->report, arena_printf(file->arena, "line %zu%s%s", row->line, between, field), why);
}

Err csv_client(CsvFile *file, Str number, Str given, Str family, Str birth, Uuid *out)
{
  *out = (Uuid){{0}};
  if (!str_empty(number)) return import_identified(file->store, CSV_NUMBERS, number, out);
  if (str_empty(birth)) return ERR_OK;
  AUTO(Query, q, query_fini) = query(file->store, &CLIENT_BY_BIRTH);
  query_bind_text(&q, ":birth", birth);
  query_bind_text(&q, ":sort_name", client_sort_name(file->arena, given, family));
  bool several = false;
  if (query_next(&q)) {
    *out = query_uuid(&q, "id");
    several = query_next(&q);
  }
  TRY(query_end(&q));
  return several ? ERR_CONFLICT : ERR_OK;
}

/* read_all: every record, before anything is changed. */
static Err read_all(CsvFile *file, const struct Kind *kind, Str text)
{
  Csv csv;
  Str *headers;
  size_t count, capacity = 0;
  TRY(csv_open(file->arena, text, &csv));
  if (!csv_next(&csv, &headers, &count))
    return csv.err != ERR_OK ? csv.err : err_because(ERR_INVALID, "the file is empty");
  find_columns(file, kind, headers, count);
  CsvRow row;
  while (csv_next(&csv, &row.fields, &row.count)) {
    if (row.count > count)
      return err_because(ERR_INVALID, "line %zu has %zu fields, the first line %zu", csv.line, row.count, count);
    row.line = csv.line;
    file->rows = arena_grow_array(file->arena, file->rows, file->count, &capacity, sizeof *file->rows);
    file->rows[file->count++] = row;
  }
  TRY(csv.err);
  const char *missing = needed(file, kind->take == csv_take_visit);
  if (missing) return err_because(ERR_INVALID, "a column is missing: %s", missing);
  file->order = find_order(file);
  return ERR_OK;
}

static Err take_rows(CsvFile *file, Actor actor, CsvTake *take, size_t first, size_t end)
{
  TRY(tx_begin(file->store, actor, "import.csv", "", file->tx));
  for (size_t i = first; i < end; i++) TRY(take(file, &file->rows[i]));
  return tx_commit(file->tx);
}

Err import_csv_file(Store *store, Actor actor, const char *kind_name, const char *path, ImportReport *report)
{
  const struct Kind *kind = NULL;
  for (size_t i = 0; i < COUNT_OF(KINDS); i++)
    if (strcmp(KINDS[i].name, kind_name) == 0) kind = &KINDS[i];
  if (!kind) return err_because(ERR_INVALID, "there is no such kind of file: clients, appointments");
  AUTO(Arena, arena, arena_fini) = arena_make_wiping((size_t)2 << 30);
  AUTO(Tx, tx, tx_fini) = {0};
  CsvFile file = {.arena = &arena, .store = store, .tx = &tx, .report = report};
  Str text;
  TRY(file_read(&arena, path, IMPORT_FILE_MAX, &text));
  Err err = read_all(&file, kind, text);
  for (size_t at = 0; err == ERR_OK && at < file.count; at += ROWS_A_TX)
    err = take_rows(&file, actor, kind->take, at, at + ROWS_A_TX < file.count ? at + ROWS_A_TX : file.count);
  if (err != ERR_OK) import_reset(report);
  return err;
}
