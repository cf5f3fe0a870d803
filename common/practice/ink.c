/* Strokes of a signature as bytes and as a picture, declared in consent.h.
 *
 * Format: byte 1; varints of pad width, pad height and number of points; then for each point the zigzag differences of x and y to the point before
 * (to 0 for the first), and a varint of (zigzag difference of ms) * 2 + down. A point costs about 4 bytes. Every drawing has one encoding.
 */
#include "common/base/buf.h"
#include "common/practice/consent.h"

enum {
  INK_VERSION = 1,
  INK_POINT_BYTES_MIN = 3,
  INK_POINT_BYTES_MAX = 12,
  INK_HEADER_BYTES_MAX = 16,
  INK_SVG_POINT_BYTES = 40
};

static uint64_t zigzag(int64_t value)
{
  return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
  return (int64_t)((value >> 1) ^ (value & 1 ? UINT64_MAX : 0));
}

Str ink_encode(Arena *arena, const InkPoint points[], size_t count, uint16_t pad_width, uint16_t pad_height)
{
  if (count > INK_POINTS_MAX) count = INK_POINTS_MAX;
  AUTO(Buf, out, buf_fini) = buf_make(INK_HEADER_BYTES_MAX + count * INK_POINT_BYTES_MAX);
  buf_u8(&out, INK_VERSION);
  buf_varint(&out, pad_width);
  buf_varint(&out, pad_height);
  buf_varint(&out, count);
  InkPoint before = {0};
  for (size_t i = 0; i < count; i++) {
    buf_zigzag(&out, points[i].x - before.x);
    buf_zigzag(&out, points[i].y - before.y);
    buf_varint(&out, zigzag((int64_t)points[i].ms - before.ms) << 1 | points[i].down);
    before = points[i];
  }
  Str made = arena_strdup(arena, buf_view(&out));
  crypto_wipe(out.data, out.len);
  return made;
}

static bool read_point(Reader *reader, InkPoint before, InkPoint *out)
{
  int64_t dx = reader_zigzag(reader), dy = reader_zigzag(reader);
  uint64_t rest = reader_varint(reader);
  int64_t ms = before.ms + unzigzag(rest >> 1);
  if (reader->failed || dx < -UINT16_MAX || dx > UINT16_MAX || dy < -UINT16_MAX || dy > UINT16_MAX) return false;
  int64_t x = before.x + dx, y = before.y + dy;
  if (x < 0 || x > UINT16_MAX || y < 0 || y > UINT16_MAX || ms < 0 || ms > UINT32_MAX) return false;
  *out = (InkPoint){(uint16_t)x, (uint16_t)y, (uint32_t)ms, rest & 1};
  return true;
}

Err ink_decode(Arena *arena, Str bytes, InkPoint **points, size_t *count, uint16_t *pad_width, uint16_t *pad_height)
{
  Reader reader = reader_make(bytes.ptr, bytes.len);
  if (reader_u8(&reader) != INK_VERSION) return err_because(ERR_INVALID, "ink of no known version");
  uint64_t width = reader_varint(&reader), height = reader_varint(&reader), n = reader_varint(&reader);
  if (reader.failed || width > UINT16_MAX || height > UINT16_MAX || n > INK_POINTS_MAX ||
      n > (reader.len - reader.at) / INK_POINT_BYTES_MIN)
    return err_because(ERR_INVALID, "ink whose header is broken");
  InkPoint *made = ARENA_ARRAY(arena, InkPoint, n), before = {0};
  for (size_t i = 0; i < n; i++) {
    if (!read_point(&reader, before, &made[i])) return err_because(ERR_INVALID, "ink whose point %zu is broken", i);
    before = made[i];
  }
  if (reader.at != reader.len) return err_because(ERR_INVALID, "ink with bytes left over");
  *points = made;
  *count = n;
  *pad_width = (uint16_t)width;
  *pad_height = (uint16_t)height;
  return ERR_OK;
}

/* In pixels of the pad with one decimal, in whole numbers. */
static void put_length(Buf *out, uint16_t at, uint16_t size)
{
  unsigned tenths = (unsigned)((uint64_t)at * size * 10 / UINT16_MAX);
  buf_printf(out, " %u.%u", tenths / 10, tenths % 10);
}

Str ink_svg(Arena *arena, const InkPoint points[], size_t count, uint16_t pad_width, uint16_t pad_height)
{
  AUTO(Buf, out, buf_fini) = buf_make(1024 + count * INK_SVG_POINT_BYTES);
  buf_printf(
      &out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\"><path fill=\"none\" stroke=\"currentColor\""
      " stroke-width=\"3\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"",
      pad_width, pad_height);
  for (size_t i = 0; i < count; i++) {
    bool begins = i == 0 || !points[i].down;
    buf_c(&out, begins ? "M" : "L");
    put_length(&out, points[i].x, pad_width);
    put_length(&out, points[i].y, pad_height);
    bool dot = begins && (i + 1 == count || !points[i + 1].down); /* a line of no length with round ends */
    if (dot) buf_c(&out, "h0");
  }
  buf_c(&out, "\"/></svg>");
  return arena_strdup(arena, buf_view(&out));
}
