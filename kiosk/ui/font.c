#include "kiosk/ui/font.h"

#include <SDL_ttf.h>
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/crypto.h"

/* Scripts: ISO 15924 tag for the shaper, and the stem of Noto's file names. The order is that of `ranges`' numbers. */
static const struct {
  const char *tag, *stem;
} scripts[] = {
    {"Zyyy", "NotoSans"},           {"Latn", "NotoSans"},         {"Grek", "NotoSans"},
    {"Cyrl", "NotoSans"},           {"Arab", "NotoSansArabic"},   {"Hebr", "NotoSansHebrew"},
    {"Deva", "NotoSansDevanagari"}, {"Beng", "NotoSansBengali"},  {"Guru", "NotoSansGurmukhi"},
    {"Gujr", "NotoSansGujarati"},   {"Orya", "NotoSansOriya"},    {"Taml", "NotoSansTamil"},
    {"Telu", "NotoSansTelugu"},     {"Knda", "NotoSansKannada"},  {"Mlym", "NotoSansMalayalam"},
    {"Sinh", "NotoSansSinhala"},    {"Thai", "NotoSansThai"},     {"Laoo", "NotoSansLao"},
    {"Mymr", "NotoSansMyanmar"},    {"Geor", "NotoSansGeorgian"}, {"Ethi", "NotoSansEthiopic"},
    {"Khmr", "NotoSansKhmer"},      {"Armn", "NotoSansArmenian"}, {"Cher", "NotoSansCherokee"},
    {"Tibt", "NotoSerifTibetan"},   {"Syrc", "NotoSansSyriac"},   {"Thaa", "NotoSansThaana"},
    {"Nkoo", "NotoSansNKo"},        {"Hani", "NotoSansCJK"},      {"Hira", "NotoSansCJK"},
    {"Kana", "NotoSansCJK"},        {"Hang", "NotoSansCJK"},
};

enum { SCRIPT_COUNT = sizeof scripts / sizeof scripts[0] };

static const struct {
  uint32_t first, last;
  uint16_t script;
} ranges[] = {
    {'A', 'Z', 1},          {'a', 'z', 1},        {0xaa, 0xaa, 1},      {0xba, 0xba, 1},      {0xc0, 0x2b8, 1},
    {0x370, 0x3ff, 2},      {0x400, 0x52f, 3},    {0x531, 0x58f, 22},   {0x591, 0x5f4, 5},    {0x600, 0x6ff, 4},
    {0x700, 0x74f, 25},     {0x750, 0x77f, 4},    {0x780, 0x7bf, 26},   {0x7c0, 0x7ff, 27},   {0x8a0, 0x8ff, 4},
    {0x900, 0x97f, 6},      {0x980, 0x9ff, 7},    {0xa00, 0xa7f, 8},    {0xa80, 0xaff, 9},    {0xb00, 0xb7f, 10},
    {0xb80, 0xbff, 11},     {0xc00, 0xc7f, 12},   {0xc80, 0xcff, 13},   {0xd00, 0xd7f, 14},   {0xd80, 0xdff, 15},
    {0xe00, 0xe7f, 16},     {0xe80, 0xeff, 17},   {0xf00, 0xfff, 24},   {0x1000, 0x109f, 18}, {0x10a0, 0x10ff, 19},
    {0x1100, 0x11ff, 31},   {0x1200, 0x139f, 20}, {0x13a0, 0x13ff, 23}, {0x1780, 0x17ff, 21}, {0x1c80, 0x1c8f, 3},
    {0x1c90, 0x1cbf, 19},   {0x1d00, 0x1dbf, 1},  {0x1e00, 0x1eff, 1},  {0x1f00, 0x1fff, 2},  {0x2c60, 0x2c7f, 1},
    {0x2de0, 0x2dff, 3},    {0x2e80, 0x2fdf, 28}, {0x3005, 0x3007, 28}, {0x3041, 0x309f, 29}, {0x30a0, 0x30ff, 30},
    {0x3130, 0x318f, 31},   {0x31f0, 0x31ff, 30}, {0x3400, 0x4dbf, 28}, {0x4e00, 0x9fff, 28}, {0xa640, 0xa69f, 3},
    {0xa720, 0xa7ff, 1},    {0xa8e0, 0xa8ff, 6},  {0xab30, 0xab6f, 1},  {0xac00, 0xd7af, 31}, {0xf900, 0xfaff, 28},
    {0xfb00, 0xfb06, 1},    {0xfb13, 0xfb17, 22}, {0xfb1d, 0xfb4f, 5},  {0xfb50, 0xfdff, 4},  {0xfe70, 0xfeff, 4},
    {0x20000, 0x3134f, 28},
};

/* Faces: 4 of each script (sans, sans bold, serif, serif bold), then those that are asked for any script at last. */
static const char *const last_resorts[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansSymbols-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansSymbols2-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansMath-Regular.ttf",
};

enum { PER_SCRIPT = 4, FACE_COUNT = SCRIPT_COUNT * PER_SCRIPT + 4, OPEN_MAX = 48 };

typedef struct Face {
  void *data; /* the file, mapped */
  size_t size;
  bool tried;
} Face;

typedef struct Open {
  uint16_t face, size_px;
  TTF_Font *font;
  uint64_t used;
  int longest; /* glyphs of the longest run shaped, at most its bytes */
} Open;

struct UiFonts {
  Face faces[FACE_COUNT];
  Open open[OPEN_MAX];
  uint64_t clock;
};

uint16_t ui_fonts_script(uint32_t c)
{
  size_t low = 0, high = COUNT_OF(ranges);
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (c > ranges[middle].last)
      low = middle + 1;
    else if (c < ranges[middle].first)
      high = middle;
    else
      return ranges[middle].script;
  }
  return UI_SCRIPT_COMMON;
}

static bool map_file(Face *face, const char *path)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat st;
  if (fstat(fd, &st) == 0 && st.st_size > 0) {
    void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data != MAP_FAILED) {
      face->data = data;
      face->size = (size_t)st.st_size;
    }
  }
  close(fd);
  return face->data != NULL;
}

/* face_file: the mapped file of a face; the plainer faces of its script stand in for one that is not installed. */
static Face *face_file(UiFonts *fonts, uint16_t index)
{
  Face *face = &fonts->faces[index];
  if (face->tried) return face;
  face->tried = true;
  if (index >= SCRIPT_COUNT * PER_SCRIPT) {
    map_file(face, last_resorts[index - SCRIPT_COUNT * PER_SCRIPT]);
    return face;
  }
  const char *stem = scripts[index / PER_SCRIPT].stem, *weight = index % 2 ? "Bold" : "Regular";
  char path[160];
  if (strcmp(stem, "NotoSansCJK") == 0) {
    snprintf(path, sizeof path, "/usr/share/fonts/opentype/noto/NotoSansCJK-%s.ttc", weight);
  } else if (index % PER_SCRIPT >= 2 && strncmp(stem, "NotoSans", 8) == 0) {
    snprintf(path, sizeof path, "/usr/share/fonts/truetype/noto/NotoSerif%s-%s.ttf", stem + 8, weight);
  } else {
    snprintf(path, sizeof path, "/usr/share/fonts/truetype/noto/%s-%s.ttf", stem, weight);
  }
  map_file(face, path);
  return face;
}

static void close_open(Open *open)
{
  if (open->font != NULL) TTF_CloseFont(open->font);
  *open = (Open){0};
}

static Open *open_font(UiFonts *fonts, uint16_t index, int size_px)
{
  Open *oldest = &fonts->open[0];
  for (int i = 0; i < OPEN_MAX; i++) {
    Open *o = &fonts->open[i];
    if (o->font != NULL && o->face == index && o->size_px == size_px) {
      o->used = ++fonts->clock;
      return o;
    }
    if (o->used < oldest->used) oldest = o;
  }
  Face *face = face_file(fonts, index);
  if (face->data == NULL) return NULL;
  close_open(oldest);
  SDL_RWops *file = SDL_RWFromConstMem(face->data, (int)face->size);
  oldest->font = TTF_OpenFontRW(file, 1, size_px);
  if (oldest->font == NULL) return NULL;
  TTF_SetFontHinting(oldest->font, TTF_HINTING_LIGHT_SUBPIXEL);
  oldest->face = index;
  oldest->size_px = (uint16_t)size_px;
  oldest->used = ++fonts->clock;
  return oldest;
}

static bool has_character(UiFonts *fonts, uint16_t index, uint32_t c)
{
  static const int any_size = 32;
  for (int i = 0; i < OPEN_MAX; i++)
    if (fonts->open[i].font != NULL && fonts->open[i].face == index)
      return TTF_GlyphIsProvided32(fonts->open[i].font, c) != 0;
  Open *o = open_font(fonts, index, any_size);
  return o != NULL && TTF_GlyphIsProvided32(o->font, c) != 0;
}

uint16_t ui_fonts_face(UiFonts *fonts, UiFamily family, bool bold, uint16_t script, uint32_t c)
{
  assert(script < SCRIPT_COUNT);
  uint16_t style = (uint16_t)((family == UI_FAMILY_SERIF ? 2 : 0) + (bold ? 1 : 0));
  uint16_t sans = bold ? 1 : 0;
  uint16_t tries[] = {(uint16_t)(script * PER_SCRIPT + style), (uint16_t)(script * PER_SCRIPT + sans),
                      (uint16_t)(script * PER_SCRIPT), (uint16_t)(UI_SCRIPT_LATIN * PER_SCRIPT + style),
                      (uint16_t)(UI_SCRIPT_LATIN * PER_SCRIPT + sans)};
  for (size_t i = 0; i < COUNT_OF(tries); i++)
    if (has_character(fonts, tries[i], c)) return tries[i];
  for (int i = SCRIPT_COUNT * PER_SCRIPT; i < FACE_COUNT; i++)
    if (has_character(fonts, (uint16_t)i, c)) return (uint16_t)i;
  return UI_FACE_NONE;
}

void ui_fonts_metrics(UiFonts *fonts, UiFamily family, bool bold, int size_px, int *ascent, int *descent)
{
  uint16_t style = (uint16_t)((family == UI_FAMILY_SERIF ? 2 : 0) + (bold ? 1 : 0));
  Open *o = open_font(fonts, (uint16_t)(UI_SCRIPT_LATIN * PER_SCRIPT + style), size_px);
  if (o == NULL) o = open_font(fonts, UI_SCRIPT_LATIN * PER_SCRIPT, size_px);
  assert(o != NULL); /* ui_fonts_open saw to it */
  *ascent = TTF_FontAscent(o->font);
  *descent = -TTF_FontDescent(o->font);
}

static Open *prepare(UiFonts *fonts, UiRun run, char text[UI_RUN_MAX + 1])
{
  assert(run.text.len <= UI_RUN_MAX && run.script < SCRIPT_COUNT);
  Open *o = open_font(fonts, run.face, run.size_px);
  if (o == NULL) return NULL;
  memcpy(text, run.text.ptr, run.text.len);
  text[run.text.len] = '\0';
  TTF_SetFontDirection(o->font, run.rtl ? TTF_DIRECTION_RTL : TTF_DIRECTION_LTR);
  TTF_SetFontScriptName(o->font, scripts[run.script].tag);
  if ((int)run.text.len > o->longest) o->longest = (int)run.text.len;
  return o;
}

int ui_fonts_measure(UiFonts *fonts, UiRun run)
{
  char text[UI_RUN_MAX + 2];
  Open *o = prepare(fonts, run, text);
  int width = 0, space = 0;
  /* SDL_ttf's width includes ink beyond the pen ("f"); behind a space the pen alone counts. */
  text[run.text.len] = ' ';
  text[run.text.len + 1] = '\0';
  if (o != NULL && TTF_SizeUTF8(o->font, text, &width, NULL) == 0 && TTF_SizeUTF8(o->font, " ", &space, NULL) == 0)
    width -= space;
  crypto_wipe(text, sizeof text);
  return width > 0 ? width : 0;
}

static bool row_has_ink(const uint8_t *row, int width)
{
  for (int x = 0; x < width; x++)
    if (row[x] != 0) return true;
  return false;
}

static UiRunMask cut_to_ink(const SDL_Surface *surface, int ascent, int height)
{
  const uint8_t *pixels = surface->pixels;
  int top = 0, bottom = surface->h, left = surface->w, right = 0;
  while (top < bottom && !row_has_ink(pixels + (ptrdiff_t)top * surface->pitch, surface->w)) top++;
  while (bottom > top && !row_has_ink(pixels + (ptrdiff_t)(bottom - 1) * surface->pitch, surface->w)) bottom--;
  for (int y = top; y < bottom; y++) {
    const uint8_t *row = pixels + (ptrdiff_t)y * surface->pitch;
    int x = 0;
    while (x < left && row[x] == 0) x++;
    if (x < left) left = x;
    x = surface->w;
    while (x > right && row[x - 1] == 0) x--;
    if (x > right) right = x;
  }
  if (right <= left || bottom <= top) return (UiRunMask){0};
  UiRunMask out = {.mask = {NULL, right - left, bottom - top}, .left = left};
  /* What is higher than the font (stacked accents) makes the surface higher, by so much above its baseline. */
  int raised = top == 0 && surface->h > height ? surface->h - height : 0;
  out.top = ascent + raised - top;
  out.mask.alpha = malloc((size_t)out.mask.width * (size_t)out.mask.height);
  if (out.mask.alpha == NULL) abort();
  for (int y = 0; y < out.mask.height; y++)
    memcpy(out.mask.alpha + (ptrdiff_t)y * out.mask.width, pixels + (ptrdiff_t)(top + y) * surface->pitch + left,
           (size_t)out.mask.width);
  return out;
}

UiRunMask ui_fonts_render(UiFonts *fonts, UiRun run)
{
  char text[UI_RUN_MAX + 1];
  Open *o = prepare(fonts, run, text);
  UiRunMask out = {0};
  /* White on black with 256 levels: the index of a pixel is its coverage. */
  static const SDL_Color white = {255, 255, 255, 255}, black = {0, 0, 0, 255};
  SDL_Surface *surface = o != NULL ? TTF_RenderUTF8_Shaded(o->font, text, white, black) : NULL;
  if (surface != NULL) {
    out = cut_to_ink(surface, TTF_FontAscent(o->font), TTF_FontHeight(o->font));
    crypto_wipe(surface->pixels, (size_t)surface->pitch * (size_t)surface->h);
    SDL_FreeSurface(surface);
  }
  crypto_wipe(text, sizeof text);
  return out;
}

void ui_fonts_forget(UiFonts *fonts)
{
  char neutral[UI_RUN_MAX + 1];
  memset(neutral, '.', sizeof neutral);
  for (int i = 0; i < OPEN_MAX; i++) {
    Open *o = &fonts->open[i];
    if (o->font == NULL || o->longest == 0) continue;
    neutral[o->longest] = '\0'; /* as long as the longest before: it takes the place of all positions that are kept */
    TTF_SetFontDirection(o->font, TTF_DIRECTION_LTR);
    TTF_SetFontScriptName(o->font, "Latn");
    TTF_SizeUTF8(o->font, neutral, NULL, NULL);
    neutral[o->longest] = '.';
    o->longest = 0;
  }
}

Err ui_fonts_open(UiFonts **out)
{
  if (TTF_Init() != 0) return err_because(ERR_IO, "SDL_ttf: %s", TTF_GetError());
  UiFonts *fonts = calloc(1, sizeof *fonts);
  if (fonts == NULL) abort();
  for (uint16_t i = 0; i < 2; i++) {
    if (face_file(fonts, (uint16_t)(UI_SCRIPT_LATIN * PER_SCRIPT + i))->data != NULL) continue;
    ui_fonts_close(fonts);
    return err_because(ERR_NOT_FOUND,
                       "NotoSans-Regular.ttf and NotoSans-Bold.ttf are not in /usr/share/fonts/truetype/noto: "
                       "install Debian's package fonts-noto-core");
  }
  *out = fonts;
  return ERR_OK;
}

void ui_fonts_close(UiFonts *fonts)
{
  if (fonts == NULL) return;
  for (int i = 0; i < OPEN_MAX; i++) close_open(&fonts->open[i]);
  for (int i = 0; i < FACE_COUNT; i++)
    if (fonts->faces[i].data != NULL) munmap(fonts->faces[i].data, fonts->faces[i].size);
  free(fonts);
  TTF_Quit();
}
