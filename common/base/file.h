/* Files as a whole: read with a limit, write so that a power cut leaves the old or the new one. */
#pragma once

#include <sys/types.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* file_read: the whole file, into the arena, which must have room for it. ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_IO. */
MUST_CHECK Err file_read(Arena *arena, const char *path, size_t max_bytes, Str *out);
/* file_write: atomically: temporary file in the same folder, fsync, rename, fsync of the folder. ERR_NO_SPACE, ERR_IO;
 * on failure the old file is as it was and no temporary stays. */
MUST_CHECK Err file_write(const char *path, const void *data, size_t len, mode_t mode);
/* file_make_folders: like mkdir -p. New ones get `mode`. */
MUST_CHECK Err file_make_folders(const char *path, mode_t mode);
bool file_exists(const char *path);
