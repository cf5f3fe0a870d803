#include "tests/support/picture.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/base/buf.h"
#include "common/base/file.h"

enum { PNG_MAX = 32 << 20, TILE = 16, STEP = 17 };
static const char SIGNATURE[8] = "\x89PNG\r\n\x1a\n";

static uint32_t big(const uint8_t *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int paeth(int a, int b, int c)
{
  int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* unfilter: a row in place (PNG 9.2). */
static bool unfilter(int type, uint8_t *row, const uint8_t *above, int bytes, int step)
{
  for (int i = 0; i < bytes; i++) {
    int a = i >= step ? row[i - step] : 0, b = above ? above[i] : 0, c = above && i >= step ? above[i - step] : 0;
    switch (type) {
    case 0: break;
    case 1: row[i] = (uint8_t)(row[i] + a); break;
    case 2: row[i] = (uint8_t)(row[i] + b); break;
    case 3: row[i] = (uint8_t)(row[i] + (a + b) / 2); break;
    case 4: row[i] = (uint8_t)(row[i] + paeth(a, b, c)); break;
    default: return false;
    }
  }
  return true;
}

static Err decode(Arena *arena, Buf *data, int channels, Picture *out)
{
  size_t stride = (size_t)out->width * (size_t)channels + 1, size = stride * (size_t)out->height;
  uint8_t *raw = arena_alloc(arena, size);
  uLongf len = size;
  if (uncompress(raw, &len, data->data, data->len) != Z_OK || len != size) return ERR_INVALID;
  out->rgb = arena_alloc(arena, (size_t)out->width * (size_t)out->height * 3);
  for (int y = 0; y < out->height; y++) {
    uint8_t *row = raw + stride * (size_t)y;
    if (!unfilter(row[0], row + 1, y > 0 ? row + 1 - stride : NULL, out->width * channels, channels))
      return ERR_INVALID;
    for (int x = 0; x < out->width; x++)
      memcpy(out->rgb + ((size_t)y * (size_t)out->width + (size_t)x) * 3, row + 1 + x * channels, 3);
  }
  return ERR_OK;
}

Err picture_read(Arena *arena, const char *path, Picture *out)
{
  Str file;
  TRY(file_read(arena, path, PNG_MAX, &file));
  const uint8_t *at = (const uint8_t *)file.ptr, *end = at + file.len;
  if (file.len < 8 || memcmp(at, SIGNATURE, 8) != 0) return ERR_INVALID;
  AUTO(Buf, data, buf_fini) = buf_make(PNG_MAX);
  int channels = 0;
  for (at += 8; end - at >= 12;) {
    uint32_t len = big(at);
    if (len > (size_t)(end - at) - 12) return ERR_INVALID;
    if (memcmp(at + 4, "IHDR", 4) == 0) {
      *out = (Picture){.width = (int)big(at + 8), .height = (int)big(at + 12)};
      channels = at[17] == 2 ? 3 : at[17] == 6 ? 4 : 0;
      if (at[16] != 8 || at[20] != 0 || channels == 0) return ERR_INVALID;
    }
    if (memcmp(at + 4, "IDAT", 4) == 0) buf_bytes(&data, at + 8, len);
    at += len + 12;
  }
  return channels > 0 ? decode(arena, &data, channels, out) : ERR_INVALID;
}

static void chunk(Buf *out, const char *type, const uint8_t *bytes, size_t len)
{
  uint8_t head[8] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
  memcpy(head + 4, type, 4);
  buf_bytes(out, head, 8);
  buf_bytes(out, bytes, len);
  uLong crc = crc32(crc32(0, head + 4, 4), bytes, (uInt)len);
  buf_bytes(out, (uint8_t[]){(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc}, 4);
}

Err picture_write(const Picture *picture, const char *path)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  size_t stride = (size_t)picture->width * 3, size = (stride + 1) * (size_t)picture->height;
  uint8_t *raw = arena_alloc(&arena, size);
  for (int y = 0; y < picture->height; y++) { /* unfiltered, which packs flat areas best */
    uint8_t *row = raw + (stride + 1) * (size_t)y;
    row[0] = 0;
    memcpy(row + 1, picture->rgb + stride * (size_t)y, stride);
  }
  uLongf len = compressBound(size);
  uint8_t *packed = arena_alloc(&arena, len);
  if (compress2(packed, &len, raw, size, 9) != Z_OK) return ERR_IO;
  AUTO(Buf, out, buf_fini) = buf_make(PNG_MAX);
  buf_bytes(&out, SIGNATURE, 8);
  uint8_t head[13] = {0, 0, (uint8_t)(picture->width >> 8),  (uint8_t)picture->width,
                      0, 0, (uint8_t)(picture->height >> 8), (uint8_t)picture->height,
                      8, 2};
  chunk(&out, "IHDR", head, sizeof head);
  chunk(&out, "IDAT", packed, len);
  chunk(&out, "IEND", (const uint8_t *)"", 0);
  TRY(out.err);
  return file_write(path, out.data, out.len, 0644);
}

Picture picture_half(Arena *arena, const Picture *p)
{
  Picture half = {.width = p->width / 2, .height = p->height / 2};
  half.rgb = arena_alloc(arena, (size_t)half.width * (size_t)half.height * 3);
  size_t stride = (size_t)p->width * 3;
  uint8_t *to = half.rgb;
  for (int y = 0; y < half.height; y++)
    for (int x = 0; x < half.width; x++)
      for (int c = 0; c < 3; c++) {
        const uint8_t *from = p->rgb + stride * (size_t)(2 * y) + 6 * x + c;
        int mean = (from[0] + from[3] + from[stride] + from[stride + 3] + 2) / 4;
        *to++ = (uint8_t)((mean + STEP / 2) / STEP * STEP);
      }
  return half;
}

PictureDifference picture_compare(const Picture *a, const Picture *b)
{
  PictureDifference result = {0};
  if (a->width != b->width || a->height != b->height) return (PictureDifference){255, 255};
  double all = 0;
  for (int ty = 0; ty < a->height; ty += TILE)
    for (int tx = 0; tx < a->width; tx += TILE) {
      int w = a->width - tx < TILE ? a->width - tx : TILE, h = a->height - ty < TILE ? a->height - ty : TILE;
      long sum = 0;
      for (int y = ty; y < ty + h; y++)
        for (int i = tx * 3; i < (tx + w) * 3; i++) {
          size_t at = (size_t)y * (size_t)a->width * 3 + (size_t)i;
          sum += abs(a->rgb[at] - b->rgb[at]);
        }
      all += (double)sum;
      double mean = (double)sum / (w * h * 3);
      if (mean > result.worst) result.worst = mean;
    }
  result.mean = all / ((double)a->width * a->height * 3);
  return result;
}
