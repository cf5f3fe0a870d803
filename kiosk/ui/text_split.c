#include <fribidi.h>

#include "kiosk/ui/text.h"

enum { SEGMENT_MAX = 240 /* bytes */ };

typedef struct Char {
  uint32_t code, from, to; /* bytes */
  uint16_t script, face;
  uint8_t level;
  bool breaks_before;
} Char;

static bool is_space(uint32_t c)
{
  return c == ' ' || c == '\t' || c == 0x1680 || (c >= 0x2000 && c <= 0x200b && c != 0x2007) || c == 0x3000;
}

static bool is_mark(uint32_t c)
{
  FriBidiCharType type = fribidi_get_bidi_type(c);
  bool direction = (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return direction || type == FRIBIDI_TYPE_NSM || type == FRIBIDI_TYPE_BN;
}

static bool is_ideograph(uint16_t script)
{
  return script >= ui_fonts_script(0x4e00);
}

static bool closes(uint32_t c)
{
  return c == 0x3001 || c == 0x3002 || c == 0x300d || c == 0x300f || c == 0x3011 || c == 0xff01 || c == 0xff0c ||
         c == 0xff09 || c == 0xff1a || c == 0xff1b || c == 0xff1f;
}

static bool is_letter(uint32_t c)
{
  return FRIBIDI_IS_LETTER(fribidi_get_bidi_type(c));
}

/* may_break: between two characters that are not spaces. */
static bool may_break(const Char *before, const Char *after)
{
  uint32_t a = before->code, b = after->code;
  if (is_mark(b)) return false;
  if (a == '@') return true; /* an address is rather broken here than anywhere */
  if ((a == '-' || a == 0x2010 || a == 0x2013 || a == 0x2014 || a == '/') && is_letter(b)) return true;
  return (is_ideograph(before->script) || is_ideograph(after->script)) && !closes(b);
}

/* resolve_scripts: what belongs to no script takes the one before it, or at the beginning the first one that comes. */
static void resolve_scripts(Char *chars, size_t count)
{
  uint16_t script = UI_SCRIPT_COMMON;
  for (size_t i = 0; i < count && script == UI_SCRIPT_COMMON; i++) script = ui_fonts_script(chars[i].code);
  if (script == UI_SCRIPT_COMMON) script = UI_SCRIPT_LATIN;
  for (size_t i = 0; i < count; i++) {
    uint16_t own = ui_fonts_script(chars[i].code);
    if (own != UI_SCRIPT_COMMON) script = own;
    chars[i].script = script;
  }
}

static void resolve_faces(UiFonts *fonts, UiStyle style, Char *chars, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    Char *c = &chars[i];
    if (i > 0 && is_mark(c->code)) {
      c->face = chars[i - 1].face;
      continue;
    }
    c->face = is_space(c->code)
                  ? (i > 0 ? chars[i - 1].face : ui_fonts_face(fonts, style.family, style.bold, c->script, ' '))
                  : ui_fonts_face(fonts, style.family, style.bold, c->script, c->code);
  }
}

static bool has_letters_of(const FriBidiCharType *types, size_t count, bool rtl)
{
  for (size_t i = 0; i < count; i++)
    if (FRIBIDI_IS_LETTER(types[i]) && (FRIBIDI_IS_RTL(types[i]) != 0) == rtl) return true;
  return false;
}

static bool resolve_levels(Arena *arena, Char *chars, size_t count, bool prefer_rtl)
{
  FriBidiChar *codes = ARENA_ARRAY(arena, FriBidiChar, count);
  FriBidiCharType *types = ARENA_ARRAY(arena, FriBidiCharType, count);
  FriBidiBracketType *brackets = ARENA_ARRAY(arena, FriBidiBracketType, count);
  FriBidiLevel *levels = ARENA_ARRAY(arena, FriBidiLevel, count);
  for (size_t i = 0; i < count; i++) codes[i] = chars[i].code;
  FriBidiStrIndex len = (FriBidiStrIndex)count;
  fribidi_get_bidi_types(codes, len, types);
  fribidi_get_bracket_types(codes, len, types, brackets);
  bool rtl = has_letters_of(types, count, true) && (prefer_rtl || !has_letters_of(types, count, false));
  FriBidiParType base = rtl ? FRIBIDI_PAR_RTL : FRIBIDI_PAR_LTR;
  if (fribidi_get_par_embedding_levels_ex(types, brackets, len, &base, levels) == 0)
    memset(levels, rtl ? 1 : 0, count * sizeof *levels);
  for (size_t i = 0; i < count; i++) chars[i].level = (uint8_t)levels[i];
  return rtl;
}

static bool same_segment(const Char *a, const Char *b)
{
  return a->level == b->level && is_space(a->code) == is_space(b->code) &&
         (is_space(a->code) || (a->script == b->script && a->face == b->face && !may_break(a, b)));
}

typedef struct Segments {
  Arena *arena;
  UiSplit *split;
  size_t capacity;
} Segments;

static UiSegment *add_segment(Segments *s)
{
  UiSplit *split = s->split;
  split->segments = arena_grow_array(s->arena, split->segments, split->count, &s->capacity, sizeof *split->segments);
  UiSegment *segment = &split->segments[split->count++];
  *segment = (UiSegment){0};
  return segment;
}

static void split_line(Segments *s, const Char *chars, size_t count)
{
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && same_segment(&chars[end - 1], &chars[end]) &&
           (chars[end].to - chars[i].from <= SEGMENT_MAX || is_mark(chars[end].code)) &&
           chars[end].to - chars[i].from <= UI_RUN_MAX)
      end++;
    UiSegment *segment = add_segment(s);
    segment->from = chars[i].from;
    segment->to = chars[end - 1].to;
    segment->face = chars[i].face;
    segment->script = chars[i].script;
    segment->level = chars[i].level;
    segment->space = is_space(chars[i].code);
    segment->missing = chars[i].face == UI_FACE_NONE;
    segment->may_break =
        i > 0 && !segment->space && (is_space(chars[i - 1].code) || may_break(&chars[i - 1], &chars[i]));
    if (segment->missing) s->split->missing = true;
    i = end;
  }
}

UiSplit ui_text_split(Arena *arena, UiFonts *fonts, UiStyle style, bool prefer_rtl, Str text)
{
  UiSplit split = {.rtl = prefer_rtl};
  Segments segments = {arena, &split, 0};
  Char *chars = ARENA_ARRAY(arena, Char, text.len + 1);
  size_t at = 0;
  for (bool more = true, first = true; more; first = false) {
    size_t count = 0, from = at;
    uint32_t code = 0;
    while ((more = utf8_next(text, &at, &code)) && code != '\n') {
      chars[count++] = (Char){.code = code, .from = (uint32_t)from, .to = (uint32_t)at};
      from = at;
    }
    bool rtl = prefer_rtl;
    if (count > 0) {
      resolve_scripts(chars, count);
      resolve_faces(fonts, style, chars, count);
      rtl = resolve_levels(arena, chars, count, prefer_rtl);
    }
    if (first) split.rtl = rtl;
    split_line(&segments, chars, count);
    UiSegment *end = add_segment(&segments);
    end->from = end->to = (uint32_t)(more ? at - 1 : at);
    end->new_line = true;
    end->level = rtl ? 1 : 0;
  }
  return split;
}
