#include "kiosk/ui/scanner.h"

#include "common/base/crypto.h"

/* The text that was given out stays in `text` until the next call; what comes then is held from the beginning. */

void ui_scanner_wipe(UiScanner *s)
{
  crypto_wipe(s, sizeof *s);
}

int64_t ui_scanner_due(const UiScanner *s)
{
  return s->len > 0 || s->enter ? s->last_ms + UI_SCANNER_GAP_MS : -1;
}

static bool is_scan(const UiScanner *s)
{
  if (s->enter) return s->characters >= UI_SCANNER_LEAST;
  int64_t took = s->last_ms - s->first_ms;
  return s->characters >= UI_SCANNER_BARE_LEAST && took <= (int64_t)(s->characters - 1) * UI_SCANNER_BARE_GAP_MS;
}

UiScannerResult ui_scanner_flush(UiScanner *s, Str *out, bool *out_enter)
{
  *out_enter = false;
  if (s->len == 0 && !s->enter) return UI_SCANNER_HELD;
  bool scan = is_scan(s);
  while (s->len > 0 && s->text[s->len - 1] == '\n') s->len--;
  *out = (Str){s->text, s->len};
  *out_enter = s->enter && !scan;
  if (s->overflow) *out = (Str){s->text, 0}; /* neither a code nor typed by hand */
  s->enter = s->overflow = false;
  s->len = s->characters = 0;
  return scan ? UI_SCANNER_SCAN : UI_SCANNER_TYPED;
}

UiScannerResult ui_scanner_tick(UiScanner *s, int64_t now_ms, Str *out, bool *out_enter)
{
  int64_t due = ui_scanner_due(s);
  *out_enter = false;
  return due >= 0 && now_ms >= due ? ui_scanner_flush(s, out, out_enter) : UI_SCANNER_HELD;
}

UiScannerResult ui_scanner_text(UiScanner *s, Str text, int64_t now_ms, Str *out, bool *out_enter)
{
  *out_enter = false;
  size_t characters = utf8_count(text);
  if (characters != 1) { /* from an input method: not a scanner */
    if (ui_scanner_due(s) < 0) {
      *out = text;
      return UI_SCANNER_TYPED;
    }
    if (s->len + text.len <= UI_SCANNER_MAX) memcpy(s->text + s->len, text.ptr, text.len);
    if (s->len + text.len <= UI_SCANNER_MAX) s->len += text.len;
    s->enter = false;
    return ui_scanner_flush(s, out, out_enter);
  }
  if (s->len == 0 && !s->enter) crypto_wipe(s, sizeof *s);
  if (s->len + text.len > UI_SCANNER_MAX) {
    s->overflow = true;
  } else {
    memcpy(s->text + s->len, text.ptr, text.len);
    s->len += text.len;
    s->characters++;
  }
  if (s->characters <= 1) s->first_ms = now_ms;
  s->enter = false;
  s->last_ms = now_ms;
  return UI_SCANNER_HELD;
}

UiScannerResult ui_scanner_enter(UiScanner *s, int64_t now_ms, Str *out, bool *out_enter)
{
  *out_enter = false;
  if (s->len == 0 && !s->enter) {
    *out = (Str){s->text, 0};
    *out_enter = true;
    return UI_SCANNER_TYPED;
  }
  if (s->characters < UI_SCANNER_LEAST) {
    s->enter = true;
    return ui_scanner_flush(s, out, out_enter);
  }
  if (s->len < UI_SCANNER_MAX) s->text[s->len++] = '\n';
  s->enter = true;
  s->last_ms = now_ms;
  return UI_SCANNER_HELD;
}
