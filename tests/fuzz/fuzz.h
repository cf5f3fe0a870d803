/* What the fuzz targets share: one program of libFuzzer a parser that faces a peer, or a file from outside. `make fuzz` runs them.
 *
 * A target has LLVMFuzzerTestOneInput and fuzz_seeds, which writes the inputs to begin with: what the real code makes.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void fuzz_seeds(void);

/* fuzz_seed: keep one. Within fuzz_seeds only. */
void fuzz_seed(Str bytes);

/* REQUIRE: what must hold whatever comes in. */
#define REQUIRE(claim) ((claim) ? (void)0 : fuzz_failed(#claim, __FILE__, __LINE__))
_Noreturn void fuzz_failed(const char *claim, const char *file, int line);
