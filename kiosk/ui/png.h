/* PNG of a canvas, for tests and demos (8-bit RGB, zlib). */
#pragma once

#include "kiosk/ui/draw.h"

/* ui_png_write: to a file that is made or replaced. ERR_IO, ERR_NO_SPACE. */
MUST_CHECK Err ui_png_write(const UiCanvas *canvas, const char *path);
