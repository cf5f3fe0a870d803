#include "common/base/colour.h"

#include <math.h>
#include <stdio.h>

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool colour_parse(Str text, Colour *out)
{
  if (text.len != COLOUR_TEXT_LEN || text.ptr[0] != '#') return false;
  Colour value = 0;
  for (size_t i = 1; i < COLOUR_TEXT_LEN; i++) {
    int digit = hex_digit(text.ptr[i]);
    if (digit < 0) return false;
    value = value << 4 | (Colour)digit;
  }
  *out = value;
  return true;
}

void colour_text(Colour colour, char out[COLOUR_TEXT_LEN + 1])
{
  snprintf(out, COLOUR_TEXT_LEN + 1, "#%06x", (unsigned)(colour & 0xffffff));
}

static double linear(Colour channel)
{
  double c = (double)(channel & 0xff) / 255.0;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(Colour c)
{
  return 0.2126 * linear(c >> 16) + 0.7152 * linear(c >> 8) + 0.0722 * linear(c);
}

int colour_contrast_x100(Colour a, Colour b)
{
  double la = luminance(a), lb = luminance(b);
  return (int)(100.0 * (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05));
}

Colour colour_mix(Colour a, Colour b, int part)
{
  Colour out = 0;
  for (int shift = 0; shift <= 16; shift += 8) {
    int ca = (int)(a >> shift & 0xff), cb = (int)(b >> shift & 0xff);
    out |= (Colour)(ca + (cb - ca) * part / 256) << shift;
  }
  return out;
}

Colour colour_until(Colour colour, Colour towards, Colour ground, int wanted_x100)
{
  for (int part = 0; part < 256; part += 4) {
    Colour mixed = colour_mix(colour, towards, part);
    if (colour_contrast_x100(mixed, ground) >= wanted_x100) return mixed;
  }
  return towards;
}

AccentColours colour_accent(Colour accent, const AccentPage *page)
{
  bool light = luminance(page->paper) > 0.18;
  Colour black = 0x000000, white = 0xffffff, away = light ? black : white;
  AccentColours out = {.on = light ? white : 0x08100f};
  out.accent = colour_until(accent, away, light ? white : page->surface, COLOUR_TEXT_CONTRAST_X100);
  out.pressed = colour_mix(out.accent, away, 64);
  for (int part = 36; part >= 0; part -= 4) {
    out.soft = colour_mix(page->surface, accent, part);
    if (colour_contrast_x100(page->ink_soft, out.soft) >= COLOUR_TEXT_CONTRAST_X100) break;
  }
  const Colour grounds[] = {out.soft, page->surface, page->paper, page->paper_deep};
  out.deep = colour_mix(out.accent, away, 40);
  for (size_t i = 0; i < sizeof grounds / sizeof grounds[0]; i++)
    out.deep = colour_until(out.deep, away, grounds[i], COLOUR_TEXT_CONTRAST_X100);
  return out;
}
