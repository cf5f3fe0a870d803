/* Where the program's own files are: sentences, theme, demo practice, web pages.
 *
 * $FOYER_ASSETS if set, else ../share/foyer beside the program's folder (build/<variant>/share/foyer, /usr/share/foyer). */
#pragma once

#include "common/base/arena.h"

/* assets_path: path of `name` ("i18n", "theme.json") in that folder, whether or not it exists. Lives in the arena. */
const char *assets_path(Arena *arena, const char *name);
