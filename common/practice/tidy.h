/* Tidy: what people type and files bring, as one clean line before it is stored. */
#pragma once

#include "common/base/arena.h"

/* tidy_line: trimmed, white space and control characters as single spaces, without the marks that reverse the direction of what
 * follows (a name must not rearrange the line it stands in). Letters, accents, case and everything else stay as they are.
 * Lives in the arena, NUL-terminated behind its length. */
Str tidy_line(Arena *arena, Str text);
/* tidy_c: the same of a C string; NULL is "". */
Str tidy_c(Arena *arena, const char *text);
/* tidy_text: the same line by line: for text of several paragraphs. */
Str tidy_text(Arena *arena, Str text);
/* tidy_phone: tidy_line, with the separators "." and "/" written as "-". */
Str tidy_phone(Arena *arena, Str text);
/* tidy_joined: without its spaces. */
Str tidy_joined(Arena *arena, Str line);
/* tidy_digits: the ASCII digits of a text, in order. */
Str tidy_digits(Arena *arena, Str text);
/* tidy_full_name: as the person is addressed: given and family name; in East Asian scripts the family name first, without a
 * space. Either may be empty. */
const char *tidy_full_name(Arena *arena, Str given, Str family);
