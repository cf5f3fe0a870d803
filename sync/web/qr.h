/* QR codes: the one place that includes <qrencode.h>. */
#pragma once

#include "common/base/err.h"
#include "common/base/json.h"

/* web_qr_json: {"size": 29, "path": "M0 0h7v1h-7z..."}: the dark modules as an SVG path in modules, one rectangle for each run; a new reference.
 * ERR_TOO_LARGE when the text does not fit. */
MUST_CHECK Err web_qr_json(const char *text, json_t **out);
