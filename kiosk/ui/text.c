#include "kiosk/ui/text.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/crypto.h"

enum { WORD_BUCKETS = 1024, PARA_BUCKETS = 256, PREFIX_TRIES_MAX = 256 };

typedef struct UiWord {
  struct UiWord *next;          /* in its bucket */
  struct UiWord *newer, *older; /* among those with a mask */
  uint64_t hash;
  uint32_t uses; /* paragraphs and folds that point here */
  int width;
  UiRun run; /* run.text points behind this struct */
  UiRunMask drawn;
  bool has_mask;
} UiWord;

typedef struct Fold {
  struct Fold *next;
  UiFold fold;
  int max_width;
  uint64_t build;
} Fold;

struct UiPara {
  UiPara *next; /* in its bucket */
  uint64_t hash;
  uint64_t build; /* the last one that used it */
  Arena arena;    /* content, segments, folds */
  UiStyle style;
  Str content;
  UiSplit split;
  const UiWord **words; /* of each segment; NULL for spaces and line ends */
  int *widths;
  int least, preferred, ascent, descent;
  bool prefer_rtl;
  Fold *folds;
};

struct UiText {
  UiFonts *fonts;
  UiWord *words[WORD_BUCKETS];
  UiPara *paras[PARA_BUCKETS];
  UiWord *newest, *oldest; /* words with masks, by last use */
  size_t mask_bytes, para_bytes;
  uint64_t build;
};

static uint64_t hash_more(uint64_t hash, const void *data, size_t len)
{
  const uint8_t *bytes = data;
  for (size_t i = 0; i < len; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

static uint64_t hash_numbers(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
  uint64_t hash = 0xcbf29ce484222325u;
  hash = (hash ^ a) * 0x100000001b3u;
  hash = (hash ^ b) * 0x100000001b3u;
  hash = (hash ^ c) * 0x100000001b3u;
  return (hash ^ d) * 0x100000001b3u;
}

/* --- words ------------------------------------------------------------------------------------------------------ */

static void list_remove(UiText *text, UiWord *word)
{
  if (word->newer != NULL) word->newer->older = word->older;
  if (word->older != NULL) word->older->newer = word->newer;
  if (text->newest == word) text->newest = word->older;
  if (text->oldest == word) text->oldest = word->newer;
  word->newer = word->older = NULL;
}

static void list_push(UiText *text, UiWord *word)
{
  word->older = text->newest;
  if (text->newest != NULL) text->newest->newer = word;
  text->newest = word;
  if (text->oldest == NULL) text->oldest = word;
}

static size_t mask_size(const UiWord *word)
{
  return (size_t)word->drawn.mask.width * (size_t)word->drawn.mask.height;
}

static void drop_mask(UiText *text, UiWord *word)
{
  if (!word->has_mask) return;
  list_remove(text, word);
  text->mask_bytes -= mask_size(word);
  if (word->drawn.mask.alpha != NULL) crypto_wipe(word->drawn.mask.alpha, mask_size(word));
  free(word->drawn.mask.alpha);
  word->drawn = (UiRunMask){0};
  word->has_mask = false;
}

static void drop_word(UiText *text, UiWord *word)
{
  assert(word->uses > 0);
  if (--word->uses > 0) return;
  drop_mask(text, word);
  UiWord **at = &text->words[word->hash % WORD_BUCKETS];
  while (*at != word) at = &(*at)->next;
  *at = word->next;
  crypto_wipe(word, sizeof *word + word->run.text.len);
  free(word);
}

static UiWord *take_word(UiText *text, UiRun run)
{
  uint64_t hash = hash_numbers(run.face, run.script, run.size_px, run.rtl);
  hash = hash_more(hash, run.text.ptr, run.text.len);
  UiWord **bucket = &text->words[hash % WORD_BUCKETS];
  for (UiWord *w = *bucket; w != NULL; w = w->next) {
    if (w->hash != hash || w->run.face != run.face || w->run.script != run.script || w->run.size_px != run.size_px ||
        w->run.rtl != run.rtl || !str_eq(w->run.text, run.text))
      continue;
    w->uses++;
    return w;
  }
  UiWord *word = calloc(1, sizeof *word + run.text.len);
  if (word == NULL) abort();
  memcpy(word + 1, run.text.ptr, run.text.len);
  word->run = run;
  word->run.text.ptr = (const char *)(word + 1);
  word->hash = hash;
  word->uses = 1;
  word->width = ui_fonts_measure(text->fonts, word->run);
  word->next = *bucket;
  *bucket = word;
  return word;
}

static const UiRunMask *word_mask(UiText *text, UiWord *word)
{
  if (word->has_mask) {
    list_remove(text, word);
    list_push(text, word);
    return &word->drawn;
  }
  word->drawn = ui_fonts_render(text->fonts, word->run);
  word->has_mask = true;
  text->mask_bytes += mask_size(word);
  list_push(text, word);
  while (text->mask_bytes > UI_TEXT_MASKS_MAX && text->oldest != word) drop_mask(text, text->oldest);
  return &word->drawn;
}

/* segment_word: the word of bytes from..to of a segment; question marks for what no font has. */
static UiWord *segment_word(UiText *text, const UiPara *para, const UiSegment *segment, uint32_t from, uint32_t to)
{
  UiRun run = {segment->face,
               segment->script,
               para->style.size_px,
               (segment->level & 1) != 0,
               {para->content.ptr + from, to - from}};
  static char marks[UI_RUN_MAX];
  if (segment->missing) {
    size_t count = utf8_count(run.text);
    memset(marks, '?', count);
    run.text = (Str){marks, count};
    run.face = ui_fonts_face(text->fonts, para->style.family, para->style.bold, UI_SCRIPT_LATIN, '?');
    run.script = UI_SCRIPT_LATIN;
  }
  return take_word(text, run);
}

/* --- paragraphs ------------------------------------------------------------------------------------------------- */

static void measure_para(UiText *text, UiPara *para)
{
  UiSplit *split = &para->split;
  int space = 0, line = 0, word = 0;
  ui_fonts_metrics(text->fonts, para->style.family, para->style.bold, para->style.size_px, &para->ascent,
                   &para->descent);
  for (size_t i = 0; i < split->count; i++) {
    const UiSegment *segment = &split->segments[i];
    int width = 0;
    if (segment->new_line) {
      line = word = 0;
    } else if (segment->space) {
      UiRun one = {segment->face, UI_SCRIPT_LATIN, para->style.size_px, false, STR(" ")};
      if (segment->face == UI_FACE_NONE)
        one.face = ui_fonts_face(text->fonts, para->style.family, para->style.bold, UI_SCRIPT_LATIN, ' ');
      if (space == 0) space = ui_fonts_measure(text->fonts, one);
      width = space * (int)utf8_count((Str){para->content.ptr + segment->from, segment->to - segment->from});
      word = 0;
    } else {
      para->words[i] = segment_word(text, para, segment, segment->from, segment->to);
      width = para->words[i]->width;
      word = segment->may_break ? width : word + width;
    }
    para->widths[i] = width;
    line += width;
    if (word > para->least) para->least = word;
    if (line > para->preferred) para->preferred = line;
  }
}

static void free_folds(UiText *text, UiPara *para)
{
  for (Fold *f = para->folds; f != NULL; f = f->next)
    for (size_t l = 0; l < f->fold.count; l++)
      for (size_t p = 0; p < f->fold.lines[l].count; p++) {
        const UiWord *word = f->fold.lines[l].pieces[p].word;
        if (word != NULL) drop_word(text, (UiWord *)(uintptr_t)word);
      }
  para->folds = NULL;
}

static void free_para(UiText *text, UiPara **at)
{
  UiPara *para = *at;
  *at = para->next;
  free_folds(text, para);
  for (size_t i = 0; i < para->split.count; i++)
    if (para->words[i] != NULL) drop_word(text, (UiWord *)(uintptr_t)para->words[i]);
  text->para_bytes -= para->arena.used_bytes;
  Arena arena = para->arena;
  crypto_wipe(para, sizeof *para);
  free(para);
  arena_fini(&arena);
}

UiPara *ui_text_para(UiText *text, UiStyle style, bool prefer_rtl, Str content)
{
  uint64_t hash = hash_numbers(style.family, style.bold, style.size_px, style.line_px) + prefer_rtl;
  hash = hash_more(hash, content.ptr, content.len);
  UiPara **bucket = &text->paras[hash % PARA_BUCKETS];
  for (UiPara *p = *bucket; p != NULL; p = p->next) {
    if (p->hash != hash || p->style.family != style.family || p->style.bold != style.bold ||
        p->style.size_px != style.size_px || p->style.line_px != style.line_px || p->prefer_rtl != prefer_rtl ||
        !str_eq(p->content, content))
      continue;
    p->build = text->build;
    return p;
  }
  UiPara *para = calloc(1, sizeof *para);
  if (para == NULL) abort();
  para->arena = arena_make_wiping(0);
  para->hash = hash;
  para->build = text->build;
  para->style = style;
  para->prefer_rtl = prefer_rtl;
  para->content = arena_strdup(&para->arena, content);
  para->split = ui_text_split(&para->arena, text->fonts, style, prefer_rtl, para->content);
  para->words = ARENA_ARRAY(&para->arena, const UiWord *, para->split.count);
  para->widths = ARENA_ARRAY(&para->arena, int, para->split.count);
  measure_para(text, para);
  para->next = *bucket;
  *bucket = para;
  text->para_bytes += para->arena.used_bytes;
  return para;
}

void ui_para_widths(const UiPara *para, int *least, int *preferred)
{
  *least = para->least;
  *preferred = para->preferred;
}

bool ui_para_missing(const UiPara *para)
{
  return para->split.missing;
}

uint64_t ui_para_hash(const UiPara *para)
{
  return para->hash;
}

/* --- folding ---------------------------------------------------------------------------------------------------- */

typedef struct Folding {
  UiText *text;
  UiPara *para;
  UiFold *fold;
  size_t line_capacity;
  size_t piece_capacity;
  int max_width;
  int width, ink_width; /* of the line so far, with and without trailing spaces */
} Folding;

static UiLine *new_line(Folding *f)
{
  f->fold->lines =
      arena_grow_array(&f->para->arena, f->fold->lines, f->fold->count, &f->line_capacity, sizeof *f->fold->lines);
  UiLine *line = &f->fold->lines[f->fold->count++];
  *line = (UiLine){0};
  f->piece_capacity = 0;
  f->width = f->ink_width = 0;
  return line;
}

static void add_piece(Folding *f, UiPiece piece)
{
  UiLine *line = &f->fold->lines[f->fold->count - 1];
  line->pieces = arena_grow_array(&f->para->arena, line->pieces, line->count, &f->piece_capacity, sizeof *line->pieces);
  line->pieces[line->count++] = piece;
  f->width += piece.width;
  if (piece.word != NULL || f->max_width == UI_TEXT_UNBOUNDED) f->ink_width = f->width;
}

/* finish_line: drop the spaces at its end, put the pieces in visual order (UAX 9, L2), give each its place. */
static void finish_line(Folding *f)
{
  UiLine *line = &f->fold->lines[f->fold->count - 1];
  while (f->max_width != UI_TEXT_UNBOUNDED && line->count > 0 && line->pieces[line->count - 1].word == NULL)
    line->count--;
  line->width = f->ink_width;
  if (line->width > f->fold->width) f->fold->width = line->width;
  uint8_t highest = 0;
  for (size_t i = 0; i < line->count; i++)
    if (line->pieces[i].level > highest) highest = line->pieces[i].level;
  for (uint8_t level = highest; level > 0; level--)
    for (size_t i = 0; i < line->count; i++) {
      size_t end = i;
      while (end < line->count && line->pieces[end].level >= level) end++;
      for (size_t a = i, b = end; b > a + 1; a++, b--) {
        UiPiece swap = line->pieces[a];
        line->pieces[a] = line->pieces[b - 1];
        line->pieces[b - 1] = swap;
      }
      if (end > i) i = end;
    }
  int x = 0;
  for (size_t i = 0; i < line->count; i++) {
    line->pieces[i].x = x;
    x += line->pieces[i].width;
  }
}

static uint32_t character_end(Str text, uint32_t from, uint32_t limit)
{
  size_t at = from;
  uint32_t c;
  utf8_next(text, &at, &c);
  for (size_t after = at; after < limit && utf8_next(text, &after, &c); at = after)
    if (!((c >= 0x300 && c <= 0x36f) || c == 0x200d)) break;
  return (uint32_t)at;
}

/* break_word: a segment wider than a line, in as many pieces as it takes; at least one character each. */
static void break_word(Folding *f, const UiSegment *segment)
{
  uint32_t from = segment->from;
  while (from < segment->to) {
    uint32_t to = character_end(f->para->content, from, segment->to);
    UiWord *best = segment_word(f->text, f->para, segment, from, to);
    while (to < segment->to) {
      uint32_t longer = character_end(f->para->content, to, segment->to);
      UiWord *word = segment_word(f->text, f->para, segment, from, longer);
      if (f->width + word->width > f->max_width) {
        drop_word(f->text, word);
        break;
      }
      drop_word(f->text, best);
      best = word;
      to = longer;
    }
    if (f->width > 0 && f->width + best->width > f->max_width) {
      finish_line(f);
      new_line(f);
    }
    add_piece(f, (UiPiece){best, from, to, 0, best->width, segment->level});
    from = to;
  }
}

static void fold_para(Folding *f)
{
  const UiPara *para = f->para;
  new_line(f);
  for (size_t i = 0; i < para->split.count;) {
    const UiSegment *segment = &para->split.segments[i];
    if (segment->new_line) {
      finish_line(f);
      if (i + 1 < para->split.count) new_line(f);
      i++;
      continue;
    }
    size_t end = i + 1;
    int width = para->widths[i];
    if (!segment->space)
      for (; !para->split.segments[end].new_line && !para->split.segments[end].space &&
             !para->split.segments[end].may_break;
           end++)
        width += para->widths[end];
    bool fits = segment->space || f->width + width <= f->max_width;
    if (!fits && f->ink_width > 0) {
      finish_line(f);
      new_line(f);
      fits = width <= f->max_width;
    }
    for (; i < end; i++) {
      segment = &para->split.segments[i];
      if (!fits) {
        break_word(f, segment);
        continue;
      }
      UiWord *word = (UiWord *)(uintptr_t)para->words[i];
      if (word != NULL) word->uses++;
      add_piece(f, (UiPiece){word, segment->from, segment->to, 0, para->widths[i], segment->level});
    }
  }
}

const UiFold *ui_text_fold(UiText *text, UiPara *para, int width)
{
  if (width >= para->preferred && width != UI_TEXT_UNBOUNDED) width = para->preferred; /* one fold for all that fit */
  for (Fold *f = para->folds; f != NULL; f = f->next)
    if (f->max_width == width) {
      f->build = text->build;
      return &f->fold;
    }
  size_t before = para->arena.used_bytes;
  Fold *fold = ARENA_NEW(&para->arena, Fold);
  fold->max_width = width;
  fold->build = text->build;
  fold->fold.rtl = para->split.rtl;
  Folding folding = {.text = text, .para = para, .fold = &fold->fold, .max_width = width};
  fold_para(&folding);
  fold->fold.height = (int)fold->fold.count * para->style.line_px;
  fold->next = para->folds;
  para->folds = fold;
  text->para_bytes += para->arena.used_bytes - before;
  return &fold->fold;
}

/* --- drawing ---------------------------------------------------------------------------------------------------- */

static int baseline(const UiPara *para)
{
  /* Capitals and digits, 0.714 em high in Noto, stand in the middle of the line: so they do in buttons and fields. */
  return (para->style.line_px * 1000 + para->style.size_px * 714) / 2000;
}

void ui_text_draw(UiText *text, UiCanvas *canvas, UiPara *para, const UiFold *fold, int x, int y, int width,
                  UiAlign align, bool mirrored, UiRgb colour)
{
  bool right = align == UI_END ? !mirrored : align == UI_CENTRE ? false : mirrored;
  int line_px = para->style.line_px;
  for (size_t l = 0; l < fold->count; l++, y += line_px) {
    if (y + 2 * line_px < canvas->clip.y || y - line_px >= canvas->clip.y + canvas->clip.h) continue;
    const UiLine *line = &fold->lines[l];
    int left = x;
    if (align == UI_CENTRE) left += (width - line->width) / 2;
    if (right) left += width - line->width;
    for (size_t p = 0; p < line->count; p++) {
      const UiPiece *piece = &line->pieces[p];
      if (piece->word == NULL || left + piece->x > canvas->clip.x + canvas->clip.w) continue;
      const UiRunMask *drawn = word_mask(text, (UiWord *)(uintptr_t)piece->word);
      if (drawn->mask.alpha != NULL)
        ui_draw_mask(canvas, left + piece->x + drawn->left, y + baseline(para) - drawn->top, drawn->mask, colour);
    }
  }
}

static int prefix_width(UiText *text, const UiPara *para, const UiPiece *piece, size_t at)
{
  if (at <= piece->from) return 0;
  if (at >= piece->to) return piece->width;
  if (piece->word == NULL) return (int)((size_t)piece->width * (at - piece->from) / (piece->to - piece->from));
  UiRun run = piece->word->run;
  run.text = (Str){para->content.ptr + piece->from, at - piece->from};
  return ui_fonts_measure(text->fonts, run);
}

void ui_text_caret(UiText *text, UiPara *para, const UiFold *fold, size_t at, int *x, int *y)
{
  *x = fold->rtl && fold->count > 0 ? fold->lines[0].width : 0;
  *y = 0;
  const UiPiece *best = NULL;
  for (size_t l = 0; l < fold->count; l++)
    for (size_t p = 0; p < fold->lines[l].count; p++) {
      const UiPiece *piece = &fold->lines[l].pieces[p];
      /* After the character typed last rather than before the next one. */
      if (piece->from > at || (piece->from == at && at > 0) || (best != NULL && piece->from < best->from)) continue;
      best = piece;
      int prefix = prefix_width(text, para, piece, at);
      *x = piece->x + (piece->level & 1 ? piece->width - prefix : prefix);
      *y = (int)l * para->style.line_px;
    }
}

/* --- life ------------------------------------------------------------------------------------------------------- */

Err ui_text_open(UiText **out)
{
  UiText *text = calloc(1, sizeof *text);
  if (text == NULL) abort();
  Err err = ui_fonts_open(&text->fonts);
  if (err != ERR_OK) {
    free(text);
    return err;
  }
  *out = text;
  return ERR_OK;
}

/* free_older: paragraphs that no build since `build` has used. */
static void free_older(UiText *text, uint64_t build)
{
  for (size_t i = 0; i < PARA_BUCKETS; i++)
    for (UiPara **at = &text->paras[i]; *at != NULL;) {
      if ((*at)->build < build)
        free_para(text, at);
      else
        at = &(*at)->next;
    }
}

void ui_text_next_build(UiText *text)
{
  text->build++;
  if (text->para_bytes > UI_TEXT_PARAS_MAX && text->build > 2) free_older(text, text->build - 2);
}

void ui_text_forget(UiText *text)
{
  free_older(text, UINT64_MAX);
  ui_fonts_forget(text->fonts);
}

void ui_text_close(UiText *text)
{
  if (text == NULL) return;
  ui_text_forget(text);
  ui_fonts_close(text->fonts);
  free(text);
}

size_t ui_text_bytes(const UiText *text)
{
  return text->mask_bytes + text->para_bytes;
}
