#include "common/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct ErrRow {
  const char *name;
  bool retry;
  const char *key;
} ErrRow;

static const ErrRow ROWS[] = {
#define ERR_ROW(name, retry, key) {#name, retry, key},
    ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

static _Thread_local char detail[512];

static const ErrRow *row_of(Err err)
{
  assert((size_t)err < COUNT_OF(ROWS));
  return &ROWS[err];
}

const char *err_name(Err err)
{
  return row_of(err)->name;
}

bool err_retry(Err err)
{
  return row_of(err)->retry;
}

const char *err_key(Err err)
{
  return row_of(err)->key;
}

Err err_because(Err err, const char *fmt, ...)
{
  /* By way of a second buffer, since err_detail() itself is often one of the arguments. */
  char text[sizeof detail];
  va_list args;
  va_start(args, fmt);
  int len = vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  if (len < 0) text[0] = '\0';
  memcpy(detail, text, sizeof detail);
  return err;
}

const char *err_detail(void)
{
  return detail;
}

void err_clear(void)
{
  detail[0] = '\0';
}
