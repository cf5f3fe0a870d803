/* Pictures: reading PNGs, halving them, and how much two differ. For golden pictures, which are kept at half their size. */
#pragma once

#include <stdint.h>

#include "common/base/arena.h"

typedef struct Picture {
  int width, height;
  uint8_t *rgb; /* width * height * 3, in the arena */
} Picture;

/* picture_read: a PNG of 8-bit RGB or RGBA that is not interlaced. ERR_NOT_FOUND, ERR_INVALID. */
MUST_CHECK Err picture_read(Arena *arena, const char *path, Picture *out);
MUST_CHECK Err picture_write(const Picture *picture, const char *path);
/* picture_half: each pixel the mean of four, in 16 steps a channel: a third of the bytes as a PNG. */
Picture picture_half(Arena *arena, const Picture *picture);
typedef struct PictureDifference {
  double mean;  /* of all channels, 0..255 */
  double worst; /* the largest mean of a tile of 16x16 */
} PictureDifference;
/* picture_compare: sizes must be equal (else 255, 255). */
PictureDifference picture_compare(const Picture *a, const Picture *b);
