#include "common/base/log.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/date.h"

enum { LINE_MAX_BYTES = 64 << 10 };

static struct {
  const char *program;
  LogLevel least;
  FILE *out;
  const Env *env;
} settings = {.program = "foyer", .least = LOG_INFO};

static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const LEVEL_NAMES[] = {"debug", "info", "warn", "error"};

void log_open(const char *program, LogLevel least, FILE *out, const Env *env)
{
  pthread_mutex_lock(&write_lock);
  settings.program = program;
  settings.least = least;
  settings.out = out;
  settings.env = env;
  pthread_mutex_unlock(&write_lock);
}

/* The inside of a JSON string; malformed UTF-8 becomes U+FFFD. */
static void put_escaped(Buf *line, Str text)
{
  uint32_t c;
  for (size_t at = 0; utf8_next(text, &at, &c);) {
    if (c == '"' || c == '\\') {
      buf_u8(line, '\\');
      buf_u8(line, (uint8_t)c);
    } else if (c < 0x20 || c == 0x7f) {
      buf_printf(line, "\\u%04x", (unsigned)c);
    } else {
      char encoded[4];
      buf_bytes(line, encoded, utf8_encode(c, encoded));
    }
  }
}

static void put_string(Buf *line, Str text)
{
  buf_u8(line, '"');
  put_escaped(line, text);
  buf_u8(line, '"');
}

typedef enum Conversion { CONV_S, CONV_D, CONV_U, CONV_LLD, CONV_LLU, CONV_ZU, CONV_COUNT } Conversion;
static const char *const CONVERSIONS[] = {"%s", "%d", "%u", "%lld", "%llu", "%zu"};

/* The conversion that `value` starts with; CONV_COUNT when it is plain text. */
static Conversion conversion_at(Str value)
{
  for (int i = 0; i < CONV_COUNT; i++) {
    if (str_starts(value, str_c(CONVERSIONS[i]))) return (Conversion)i;
  }
  assert(str_empty(value) || value.ptr[0] != '%'); /* a conversion that log_event does not have */
  return CONV_COUNT;
}

static void put_argument(Buf *line, Conversion conversion, va_list *args)
{
  const char *text;
  switch (conversion) {
  case CONV_S:
    text = va_arg(*args, const char *);
    put_escaped(line, text ? str_c(text) : STR("(none)"));
    break;
  case CONV_D: buf_printf(line, "%d", va_arg(*args, int)); break;
  case CONV_U: buf_printf(line, "%u", va_arg(*args, unsigned)); break;
  case CONV_LLD: buf_printf(line, "%lld", va_arg(*args, long long)); break;
  case CONV_LLU: buf_printf(line, "%llu", va_arg(*args, unsigned long long)); break;
  case CONV_ZU: buf_printf(line, "%zu", va_arg(*args, size_t)); break;
  case CONV_COUNT: break;
  }
}

/* A value that is one number's conversion becomes a number; anything else ("%s", "%s:%d", "fast") a string. */
static void put_value(Buf *line, Str value, va_list *args)
{
  Conversion first = conversion_at(value);
  bool number = first != CONV_S && first != CONV_COUNT && value.len == strlen(CONVERSIONS[first]);
  if (!number) buf_u8(line, '"');
  while (value.len > 0) {
    Conversion conversion = conversion_at(value);
    const char *next = memchr(value.ptr, '%', value.len);
    size_t used = next ? (size_t)(next - value.ptr) : value.len;
    if (conversion == CONV_COUNT) {
      put_escaped(line, (Str){value.ptr, used});
    } else {
      used = strlen(CONVERSIONS[conversion]);
      put_argument(line, conversion, args);
    }
    value = (Str){value.ptr + used, value.len - used};
  }
  if (!number) buf_u8(line, '"');
}

static void put_fields(Buf *line, const char *fmt, va_list *args)
{
  Str rest = str_c(fmt);
  while (rest.len > 0) {
    Str value = str_cut(&rest, ' ');
    if (value.len == 0) continue;
    Str name = str_cut(&value, '=');
    buf_u8(line, ',');
    put_string(line, name);
    buf_u8(line, ':');
    put_value(line, value, args);
  }
}

static void put_head(Buf *line, LogLevel level, const char *event)
{
  char when[INSTANT_TEXT_LEN + 1];
  const Env *env = settings.env ? settings.env : env_system();
  instant_text(env_now(env), when);
  buf_printf(line, "{\"t\":\"%s\",\"level\":\"%s\",\"program\":", when, LEVEL_NAMES[level]);
  put_string(line, str_c(settings.program));
  buf_c(line, ",\"event\":");
  put_string(line, str_c(event));
}

void log_event(LogLevel level, const char *event, const char *fmt, ...)
{
  if (level < settings.least) return;
  AUTO(Buf, line, buf_fini) = buf_make(LINE_MAX_BYTES);
  put_head(&line, level, event);
  va_list args;
  va_start(args, fmt);
  put_fields(&line, fmt, &args);
  va_end(args);
  buf_c(&line, "}\n");
  if (line.err != ERR_OK) { /* a field of absurd size: the event itself still matters */
    buf_clear(&line);
    put_head(&line, level, event);
    buf_c(&line, ",\"log\":\"fields too large\"}\n");
  }
  FILE *out = settings.out ? settings.out : stderr;
  pthread_mutex_lock(&write_lock);
  fwrite(line.data, 1, line.len, out);
  fflush(out);
  pthread_mutex_unlock(&write_lock);
}

void log_err(const char *event, Err err)
{
  if (*err_detail())
    log_event(LOG_WARN, event, "error=%s detail=%s", err_name(err), err_detail());
  else
    log_event(LOG_WARN, event, "error=%s", err_name(err));
}
