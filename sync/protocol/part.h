/* Part: the wire form of a ScopePart, a field of a message; its place travels in a field of its own. */
#pragma once

#include "common/base/buf.h"
#include "common/store/scope.h"

void part_encode(Buf *out, const ScopePart *part);
/* part_decode: ERR_CORRUPT. Versions and values are views; they are not looked at. */
MUST_CHECK Err part_decode(Arena *arena, Str bytes, ScopePart *out);
