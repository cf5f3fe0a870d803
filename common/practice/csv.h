/* Csv: comma-separated values (RFC 4180), UTF-8 with or without a byte order mark. Spreadsheets write semicolons or tabs in some countries: the
 * separator is the one of , ; and tab that occurs most often in the first record. */
#pragma once

#include "common/base/arena.h"

enum { CSV_COLUMNS_MAX = 200, CSV_FIELD_MAX = 64 << 10 };

typedef struct Csv {
  Arena *arena; /* holds what had to be copied: fields with doubled quotes, and each record's array */
  Str text;
  size_t at;
  size_t line; /* on which the record just read began, from 1 */
  size_t next_line;
  char separator;
  Err err;
} Csv;

/* csv_open: the text must live as long. ERR_INVALID: not UTF-8 (with the line). */
MUST_CHECK Err csv_open(Arena *arena, Str text, Csv *out);
/* csv_next: the next record that is not blank; false at the end and on an error, then csv->err is ERR_INVALID or ERR_TOO_LARGE with the line: an open quote,
 * text behind a closing quote, too many fields, too long a field. */
bool csv_next(Csv *csv, Str **fields, size_t *count);
