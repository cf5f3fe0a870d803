#include "kiosk/ui/png.h"

#include <stdlib.h>
#include <zlib.h>

#include "common/base/file.h"

enum { PNG_MAX = 64 << 20 };

static void big_endian(uint8_t out[4], uint32_t value)
{
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void chunk(Buf *out, const char type[4], const uint8_t *data, size_t len)
{
  uint8_t number[4];
  big_endian(number, (uint32_t)len);
  buf_bytes(out, number, 4);
  buf_bytes(out, type, 4);
  buf_bytes(out, data, len);
  uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)type, 4);
  if (len > 0) crc = crc32(crc, data, (uInt)len);
  big_endian(number, (uint32_t)crc);
  buf_bytes(out, number, 4);
}

Err ui_png_write(const UiCanvas *canvas, const char *path)
{
  size_t row = 1 + 3 * (size_t)canvas->width, raw_len = row * (size_t)canvas->height;
  AUTO(Arena, arena, arena_fini) = arena_make(2 * (size_t)PNG_MAX);
  uint8_t *raw = ARENA_ARRAY(&arena, uint8_t, raw_len);
  for (int y = 0; y < canvas->height; y++) {
    uint8_t *to = raw + row * (size_t)y + 1; /* behind the filter byte, 0 */
    const uint32_t *from = canvas->pixels + (ptrdiff_t)y * canvas->pitch;
    for (int x = 0; x < canvas->width; x++, to += 3) {
      to[0] = (uint8_t)(from[x] >> 16);
      to[1] = (uint8_t)(from[x] >> 8);
      to[2] = (uint8_t)from[x];
    }
  }
  uLongf packed_len = compressBound((uLong)raw_len);
  uint8_t *packed = ARENA_ARRAY(&arena, uint8_t, packed_len);
  if (compress2(packed, &packed_len, raw, (uLong)raw_len, 6) != Z_OK) return err_because(ERR_IO, "png: deflate failed");
  AUTO(Buf, out, buf_fini) = buf_make(PNG_MAX);
  uint8_t head[13] = {[8] = 8, [9] = 2};
  big_endian(head, (uint32_t)canvas->width);
  big_endian(head + 4, (uint32_t)canvas->height);
  buf_bytes(&out, "\x89PNG\r\n\x1a\n", 8);
  chunk(&out, "IHDR", head, sizeof head);
  chunk(&out, "IDAT", packed, packed_len);
  chunk(&out, "IEND", head, 0);
  if (out.err != ERR_OK) return out.err;
  return file_write(path, out.data, out.len, 0644);
}
