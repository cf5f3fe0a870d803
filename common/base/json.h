/* JSON through jansson (RFC 8259), with limits and errors that say where. The one place that includes <jansson.h>;
 * others use json_t through this header. References are released by AUTO(json_t *, x, json_release).
 * What people answer passes through here, so memory of JSON values is overwritten when it is freed. */
#pragma once

#include <jansson.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* json_parse: UTF-8, duplicate keys refused, depth at most 64, any value at the top.
 * errors  ERR_INVALID with err_detail "line 3, column 14: ..." */
MUST_CHECK Err json_parse(Str text, json_t **out);
/* json_read_file: json_parse of a file of at most max_bytes. ERR_NOT_FOUND, ERR_IO, ERR_TOO_LARGE, ERR_INVALID */
MUST_CHECK Err json_read_file(const char *path, size_t max_bytes, json_t **out);
void json_release(json_t **value);

/* json_path: walk "name.0.family"; NULL when something on the way is missing. Borrowed. */
json_t *json_path(json_t *value, const char *path);
/* json_str: the text at a path ("" path: the value itself); empty Str when it is not a string. Borrowed. */
Str json_str(json_t *value, const char *path);
int64_t json_int(json_t *value, const char *path, int64_t otherwise);
bool json_bool(json_t *value, const char *path, bool otherwise);

/* json_from_str: a JSON string of a Str (must be UTF-8; anything else becomes U+FFFD). New reference. */
json_t *json_from_str(Str text);
/* json_canonical: compact, keys sorted (the bytes that are hashed and signed). Lives in the arena. */
Str json_canonical(Arena *arena, const json_t *value);
