#include "common/base/json.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/file.h"

enum { DEPTH_MAX = 64 };

static void wiping_free(void *memory)
{
  if (memory) crypto_wipe(memory, malloc_usable_size(memory));
  free(memory);
}

/* Before main, since jansson takes its allocator for the whole process. */
__attribute__((constructor)) static void wipe_what_json_frees(void)
{
  json_set_alloc_funcs(malloc, wiping_free);
}

/* jansson's own limit of depth is fixed at 2048, which is more stack than a small thread may have. */
static Err check_depth(Str text)
{
  int depth = 0, line = 1, column = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    column++;
    if (c == '\n') {
      line++;
      column = 0;
    }
    if (in_string) {
      if (c == '\\')
        i++, column++;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > DEPTH_MAX)
        return err_because(ERR_INVALID, "line %d, column %d: nested deeper than %d", line, column, DEPTH_MAX);
    } else if (c == ']' || c == '}') {
      depth--;
    }
  }
  return ERR_OK;
}

Err json_parse(Str text, json_t **out)
{
  TRY(check_depth(text));
  json_error_t error;
  json_t *value = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
  if (!value) return err_because(ERR_INVALID, "line %d, column %d: %s", error.line, error.column, error.text);
  *out = value;
  return ERR_OK;
}

Err json_read_file(const char *path, size_t max_bytes, json_t **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(max_bytes < SIZE_MAX / 8 ? max_bytes * 4 + 65536 : SIZE_MAX / 2);
  Str text;
  TRY(file_read(&arena, path, max_bytes, &text));
  Err err = json_parse(text, out);
  return err == ERR_OK ? ERR_OK : err_because(err, "%s: %s", path, err_detail());
}

void json_release(json_t **value)
{
  json_decref(*value);
  *value = NULL;
}

static json_t *step(json_t *value, Str name)
{
  if (json_is_object(value)) return json_object_getn(value, name.ptr, name.len);
  int64_t index;
  if (!json_is_array(value) || !str_to_int64(name, &index) || index < 0) return NULL;
  return json_array_get(value, (size_t)index);
}

json_t *json_path(json_t *value, const char *path)
{
  Str rest = str_c(path);
  while (value && rest.len > 0) value = step(value, str_cut(&rest, '.'));
  return value;
}

Str json_str(json_t *value, const char *path)
{
  json_t *at = json_path(value, path);
  return json_is_string(at) ? (Str){json_string_value(at), json_string_length(at)} : (Str){0};
}

int64_t json_int(json_t *value, const char *path, int64_t otherwise)
{
  json_t *at = json_path(value, path);
  return json_is_integer(at) ? json_integer_value(at) : otherwise;
}

bool json_bool(json_t *value, const char *path, bool otherwise)
{
  json_t *at = json_path(value, path);
  return json_is_boolean(at) ? json_is_true(at) : otherwise;
}

json_t *json_from_str(Str text)
{
  if (utf8_valid(text)) return json_stringn_nocheck(text.ptr ? text.ptr : "", text.len);
  AUTO(Buf, clean, buf_fini) = buf_make(text.len * 3);
  uint32_t code_point;
  for (size_t at = 0; utf8_next(text, &at, &code_point);) {
    char encoded[4]; /* NUL is UTF-8, but json_parse and SQLite texts do without it */
    buf_bytes(&clean, encoded, utf8_encode(code_point ? code_point : 0xfffd, encoded));
  }
  return json_stringn_nocheck(buf_cstr(&clean), clean.len);
}

Str json_canonical(Arena *arena, const json_t *value)
{
  /* 15 digits: what was written as 36.6 stays 36.6. */
  enum { FLAGS = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) };
  size_t len = json_dumpb(value, NULL, 0, FLAGS);
  char *text = arena_alloc(arena, len + 1);
  json_dumpb(value, text, len, FLAGS);
  return (Str){text, len};
}
