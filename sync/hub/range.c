#include "sync/hub/range.h"

Err range_parse(Str text, int64_t size, int64_t most, ByteRange *out)
{
  int64_t first = 0, last = size - 1;
  if (str_starts(text, STR("bytes="))) {
    Str rest = {text.ptr + 6, text.len - 6};
    Str from = str_cut(&rest, '-');
    if (!str_to_int64(from, &first) || first < 0) return err_because(ERR_RANGE, "a range that is not understood");
    if (rest.len > 0 && (!str_to_int64(rest, &last) || last < first))
      return err_because(ERR_RANGE, "a range that is not understood");
  }
  if (first >= size && !(first == 0 && size == 0)) return err_because(ERR_RANGE, "a range after the end");
  if (last > size - 1) last = size - 1;
  int64_t length = last - first + 1;
  *out = (ByteRange){first, length < most ? length : most};
  return ERR_OK;
}

Err range_of(HttpRequest *request, int64_t size, int64_t most, ByteRange *out)
{
  return range_parse(http_header(request, "Range"), size, most, out);
}

void range_answer(HttpRequest *request, HttpResponse *response, ByteRange range, int64_t size, Str bytes)
{
  response->content_type = "application/octet-stream";
  response->body = bytes;
  if (range.start == 0 && range.length == size) return;
  response->status = 206;
  http_set_header(response, "Content-Range",
                  arena_printf(request->arena, "bytes %lld-%lld/%lld", (long long)range.start,
                               (long long)(range.start + range.length - 1), (long long)size));
}
