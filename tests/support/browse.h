/* A browser's half of HTTPS for tests, by the curl program: one request, its status, headers and body. */
#pragma once

#include "common/base/arena.h"
#include "common/base/json.h"
#include "common/base/str.h"

typedef struct Browse {
  int port;
  const char *method, *path;
  const char *headers[8]; /* "Name: value"; ends with NULL */
  const char *cookie;     /* "name=value"; NULL for none */
  const char *body;       /* NULL for none */
} Browse;

typedef struct Browsed {
  int status;
  Str head, body; /* in the arena */
} Browsed;

/* browse: fails the test when there is no answer. The certificate is not checked. */
Browsed browse(Arena *arena, const Browse *request);
/* browse_statuses: many requests over one connection; only what became of each. Fails the test when one has no answer. */
void browse_statuses(Arena *arena, const Browse requests[], size_t count, int statuses[]);
/* browse_header: the value of a header of the answer; "" if none. */
Str browse_header(Arena *arena, const Browsed *answer, const char *name);
/* browse_json: the body; fails the test when it is not JSON. New reference. */
json_t *browse_json(const Browsed *answer);
