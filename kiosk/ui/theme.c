#include "kiosk/ui/theme.h"

#include <stdio.h>

#include "common/base/colour.h"
#include "common/base/json.h"

enum { THEME_FILE_MAX = 64 << 10 };

static const char *const colour_names[] = {[UI_NO_COLOUR] = "",
#define UI_COLOUR_TEXT(constant, name) [constant] = name,
                                           UI_COLOURS(UI_COLOUR_TEXT)
#undef UI_COLOUR_TEXT
};

static const char *const type_names[] = {
#define UI_TYPE_TEXT(constant, name) [constant] = name,
    UI_TYPES(UI_TYPE_TEXT)
#undef UI_TYPE_TEXT
};

int ui_contrast_x100(UiRgb a, UiRgb b)
{
  return colour_contrast_x100(a, b);
}

bool ui_theme_set_accent(UiTheme *theme, Str text)
{
  Colour colour;
  if (!colour_parse(text, &colour)) return false;
  UiRgb *c = theme->colour;
  AccentPage page = {c[UI_PAPER], c[UI_PAPER_DEEP], c[UI_SURFACE], c[UI_INK_SOFT]};
  AccentColours derived = colour_accent(colour, &page);
  c[UI_ON_ACCENT] = derived.on;
  c[UI_ACCENT] = derived.accent;
  c[UI_ACCENT_PRESSED] = derived.pressed;
  c[UI_ACCENT_SOFT] = derived.soft;
  c[UI_ACCENT_DEEP] = derived.deep;
  return true;
}

static Err read_int(json_t *root, const char *path, int least, int most, int *out)
{
  json_t *value = json_path(root, path);
  if (!json_is_integer(value)) return err_because(ERR_INVALID, "theme: %s is missing or not a whole number", path);
  json_int_t number = json_integer_value(value);
  if (number < least || number > most)
    return err_because(ERR_INVALID, "theme: %s is outside %d..%d", path, least, most);
  *out = (int)number;
  return ERR_OK;
}

static Err read_colours(json_t *root, UiTheme *theme)
{
  for (int i = 1; i < UI_COLOUR_COUNT; i++) {
    char path[64];
    snprintf(path, sizeof path, "colour.%s", colour_names[i]);
    if (!colour_parse(json_str(root, path), &theme->colour[i]))
      return err_because(ERR_INVALID, "theme: %s is missing or not #rrggbb", path);
  }
  return read_int(root, "opacity.scrim", 1, 100, &theme->scrim_percent);
}

static Err read_type(json_t *root, const char *name, UiTypeToken *type)
{
  char path[64];
  snprintf(path, sizeof path, "type.%s.kiosk.0", name);
  TRY(read_int(root, path, 8, 200, &type->size_dp));
  snprintf(path, sizeof path, "type.%s.kiosk.1", name);
  TRY(read_int(root, path, type->size_dp, 300, &type->line_dp));
  snprintf(path, sizeof path, "type.%s.grow", name);
  TRY(read_int(root, path, 0, 100, &type->grow_percent));
  int weight = 0;
  snprintf(path, sizeof path, "type.%s.weight", name);
  TRY(read_int(root, path, 100, 900, &weight));
  type->bold = weight >= 600;
  snprintf(path, sizeof path, "type.%s.family", name);
  Str family = json_str(root, path);
  if (!str_eq_c(family, "sans") && !str_eq_c(family, "serif"))
    return err_because(ERR_INVALID, "theme: %s must be sans or serif", path);
  type->family = str_eq_c(family, "serif") ? UI_FAMILY_SERIF : UI_FAMILY_SANS;
  return ERR_OK;
}

static Err read_lengths(json_t *root, UiTheme *theme)
{
  for (int i = 0; i < UI_SPACE_COUNT; i++) {
    char path[32];
    snprintf(path, sizeof path, "space.%d", i);
    TRY(read_int(root, path, 0, 400, &theme->space_dp[i]));
  }
  TRY(read_int(root, "size.target", 40, 200, &theme->target_dp));
  TRY(read_int(root, "size.key", 40, 200, &theme->key_dp));
  TRY(read_int(root, "size.measure", 400, 4000, &theme->measure_dp));
  TRY(read_int(root, "size.border", 1, 10, &theme->border_dp));
  TRY(read_int(root, "size.focus", 2, 20, &theme->focus_dp));
  TRY(read_int(root, "radius.small", 0, 100, &theme->radius_small_dp));
  TRY(read_int(root, "radius.medium", 0, 100, &theme->radius_dp));
  TRY(read_int(root, "radius.large", 0, 100, &theme->radius_large_dp));
  return ERR_OK;
}

Err ui_theme_load(const char *path, UiTheme *out)
{
  AUTO(json_t *, root, json_release) = NULL;
  TRY(json_read_file(path, THEME_FILE_MAX, &root));
  UiTheme theme = {0};
  TRY(read_colours(root, &theme));
  for (int i = 0; i < UI_TYPE_COUNT; i++) TRY(read_type(root, type_names[i], &theme.type[i]));
  TRY(read_lengths(root, &theme));
  *out = theme;
  return ERR_OK;
}
