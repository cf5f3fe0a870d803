/* The theme's tokens as CSS custom properties: light, dark, and the sizes of a desk and of a phone. */
#include "common/base/buf.h"
#include "common/base/colour.h"
#include "sync/web/state.h"

enum { CSS_MAX = 64 << 10 };

static void colours(Buf *css, json_t *tokens)
{
  const char *name;
  json_t *value;
  json_object_foreach(tokens, name, value)
  {
    Colour colour; /* read and written again, so that nothing but a colour gets into the page */
    char text[COLOUR_TEXT_LEN + 1];
    if (!colour_parse(json_str(value, ""), &colour)) continue;
    colour_text(colour, text);
    buf_printf(css, "  --colour-%s: %s;\n", name, text);
  }
}

static void accent_colours(Buf *css, json_t *tokens, Str accent)
{
  Colour colour;
  AccentPage page;
  if (!colour_parse(accent, &colour) || !colour_parse(json_str(tokens, "paper"), &page.paper) ||
      !colour_parse(json_str(tokens, "paper-deep"), &page.paper_deep) ||
      !colour_parse(json_str(tokens, "surface"), &page.surface) ||
      !colour_parse(json_str(tokens, "ink-soft"), &page.ink_soft))
    return;
  AccentColours derived = colour_accent(colour, &page);
  const struct {
    const char *name;
    Colour colour;
  } list[] = {{"accent", derived.accent},
              {"accent-pressed", derived.pressed},
              {"accent-deep", derived.deep},
              {"accent-soft", derived.soft},
              {"on-accent", derived.on}};
  for (size_t i = 0; i < COUNT_OF(list); i++) {
    char text[COLOUR_TEXT_LEN + 1];
    colour_text(list[i].colour, text);
    buf_printf(css, "  --colour-%s: %s;\n", list[i].name, text);
  }
}

/* Sizes are rem, so that pages follow the text size that a person has set in the browser. */
static void rem(Buf *css, int64_t px)
{
  buf_printf(css, "%lld.%04lldrem", (long long)(px / 16), (long long)(px % 16 * 625));
}

static void types(Buf *css, json_t *tokens, const char *face)
{
  const char *name;
  json_t *type;
  json_object_foreach(tokens, name, type)
  {
    json_t *size = json_object_get(type, face);
    Str family = json_str(type, "family");
    buf_printf(css, "  --type-%s: %lld ", name, (long long)json_int(type, "weight", 400));
    rem(css, json_int(size, "0", 16));
    buf_c(css, "/");
    rem(css, json_int(size, "1", 24));
    buf_printf(css, " var(--family-%s);\n", str_eq_c(family, "serif") ? "serif" : "sans");
  }
}

static void lengths(Buf *css, json_t *theme)
{
  const char *name;
  json_t *value;
  size_t i;
  json_array_foreach(json_object_get(theme, "space"), i, value)
      buf_printf(css, "  --space-%zu: %lldpx;\n", i, (long long)json_integer_value(value));
  json_object_foreach(json_object_get(theme, "radius"), name, value)
      buf_printf(css, "  --radius-%s: %lldpx;\n", name, (long long)json_integer_value(value));
  buf_printf(css, "  --motion-quick: %lldms;\n  --motion-calm: %lldms;\n",
             (long long)json_int(theme, "motion.quick", 120), (long long)json_int(theme, "motion.calm", 240));
  buf_printf(css, "  --motion-ease: " STR_FMT ";\n", STR_ARG(json_str(theme, "motion.ease")));
  json_object_foreach(json_object_get(theme, "family"), name, value)
      buf_printf(css, "  --family-%s: " STR_FMT ";\n", name, STR_ARG(json_str(value, "")));
}

static void palette(Buf *css, json_t *tokens, Str accent, const char *scheme)
{
  buf_printf(css, "  color-scheme: %s;\n", scheme);
  colours(css, tokens);
  accent_colours(css, tokens, accent);
}

Str web_theme_css(Arena *arena, json_t *theme, Str accent)
{
  json_t *light = json_object_get(theme, "colour"), *dark = json_path(theme, "dark.colour");
  json_t *type = json_object_get(theme, "type");
  AUTO(Buf, css, buf_fini) = buf_make(CSS_MAX);
  buf_c(&css, ":root {\n");
  palette(&css, light, accent, "light");
  lengths(&css, theme);
  types(&css, type, "desk");
  buf_c(&css, "}\n@media (max-width: 700px) {\n:root {\n");
  types(&css, type, "phone");
  /* On paper every theme is the light one. */
  buf_c(&css, "}\n}\n@media screen and (prefers-color-scheme: dark) {\n:root:not([data-theme=\"light\"]) {\n");
  palette(&css, dark, accent, "dark");
  buf_c(&css, "}\n}\n@media screen {\n:root[data-theme=\"dark\"] {\n");
  palette(&css, dark, accent, "dark");
  buf_c(&css, "}\n}\n");
  return css.err == ERR_OK ? arena_strdup(arena, buf_view(&css)) : (Str){0};
}
