/* Scanner: tells a code reader that types from a person who types, by its pace, before anything reaches a field.
 *
 * A single typed character is held back for up to UI_SCANNER_GAP_MS. If the next comes sooner, and the next, it is a
 * burst; a burst of at least UI_SCANNER_LEAST characters that ends in Enter is a scan, and so is one without Enter that is
 * too long and too fast for hands. Anything else is given back as what a person typed. Enter inside a scan (driving
 * licences have many lines) becomes '\n' when more follows as fast.
 * Times are milliseconds of any monotonic clock. Not for screens: they get UI_EVENT_SCAN.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"

enum { UI_SCANNER_GAP_MS = 60, UI_SCANNER_LEAST = 6, UI_SCANNER_MAX = 4096 };
enum { UI_SCANNER_BARE_LEAST = 8, UI_SCANNER_BARE_GAP_MS = 25 /* on average, without Enter */ };

typedef enum UiScannerResult {
  UI_SCANNER_HELD,  /* wait: ui_scanner_due says until when */
  UI_SCANNER_TYPED, /* `out` was typed by a person (then Enter, if out_enter) */
  UI_SCANNER_SCAN,  /* `out` was scanned */
} UiScannerResult;

typedef struct UiScanner {
  char text[UI_SCANNER_MAX + 4];
  size_t len, characters;
  int64_t first_ms, last_ms; /* of the characters; last_ms also of Enter */
  bool enter;                /* the last thing was Enter */
  bool overflow;             /* too long for a code: the rest of the burst is dropped */
} UiScanner;

/* ui_scanner_text: one character (or a string that came at once) at this time. What had been held may come out first as
 * TYPED; `text` is then held anew. The view is valid until the next call. */
UiScannerResult ui_scanner_text(UiScanner *scanner, Str text, int64_t now_ms, Str *out, bool *out_enter);
/* ui_scanner_enter: HELD when it belongs to a burst; TYPED (with out_enter) else. */
UiScannerResult ui_scanner_enter(UiScanner *scanner, int64_t now_ms, Str *out, bool *out_enter);
/* ui_scanner_other: another key: gives back what is held. */
UiScannerResult ui_scanner_flush(UiScanner *scanner, Str *out, bool *out_enter);
/* ui_scanner_tick: call when due: SCAN or TYPED, or HELD when nothing is. */
UiScannerResult ui_scanner_tick(UiScanner *scanner, int64_t now_ms, Str *out, bool *out_enter);
/* ui_scanner_due: when to tick; -1: nothing is held. */
int64_t ui_scanner_due(const UiScanner *scanner);
/* ui_scanner_wipe: forget and overwrite; after each result that gave text, once it has been used. */
void ui_scanner_wipe(UiScanner *scanner);
