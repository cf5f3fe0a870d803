/* Range: "bytes=A-B" of a request, answered as 206 (RFC 9110 14). */
#pragma once

#include "sync/http/server.h"

typedef struct ByteRange {
  int64_t start, length;
} ByteRange;

/* range_of: what is asked of a resource of `size` bytes, at most `most`; without a Range header its beginning.
 * ERR_RANGE when it begins at or after the end. */
MUST_CHECK Err range_of(HttpRequest *request, int64_t size, int64_t most, ByteRange *out);
/* range_parse: the same of the text of a Range header; "" for none. */
MUST_CHECK Err range_parse(Str text, int64_t size, int64_t most, ByteRange *out);
/* range_answer: 206 with Content-Range, or 200 when it is the whole. */
void range_answer(HttpRequest *request, HttpResponse *response, ByteRange range, int64_t size, Str bytes);
