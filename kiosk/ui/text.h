/* Text: paragraphs split by bidi level, script and font, shaped piece by piece, folded into lines, and drawn.
 *
 * Everything shaped is cached up to a stated size; entries that the present tree uses are kept. The caches hold what
 * people typed, so each entry is overwritten when it goes, and ui_text_forget drops them all. Not for screens.
 */
#pragma once

#include "kiosk/ui/draw.h"
#include "kiosk/ui/font.h"

enum {
  UI_TEXT_MASKS_MAX = 8 << 20, /* bytes of drawn words */
  UI_TEXT_PARAS_MAX = 4 << 20, /* bytes of split and folded paragraphs beyond those of the present tree */
  UI_TEXT_UNBOUNDED = 1 << 24, /* px: one line, however long; its trailing spaces count */
};

typedef struct UiStyle {
  UiFamily family;
  bool bold;
  uint16_t size_px, line_px;
} UiStyle;

/* UiSegment: a stretch of a paragraph of one level, script and face, without a place to break inside. */
typedef struct UiSegment {
  uint32_t from, to; /* bytes of the text */
  uint16_t face, script;
  uint8_t level;  /* bidi embedding level; odd is right to left */
  bool space;     /* spaces only: nothing to draw */
  bool may_break; /* a line may end before it */
  bool new_line;  /* a line must end before it (it stands for '\n', or is the last) */
  bool missing;   /* no font has it: shown as question marks */
} UiSegment;

typedef struct UiSplit {
  UiSegment *segments;
  size_t count;
  bool rtl;
  bool missing;
} UiSplit;

/* ui_text_split: into segments in logical order, in the arena. `prefer_rtl` is the layout's direction; the paragraph gets
 * it if any letter of that direction is in it, else that of the letters there are. Numbers alone (telephones) run left to
 * right. Isolates (U+2066..2069) in the text are honoured. */
UiSplit ui_text_split(Arena *arena, UiFonts *fonts, UiStyle style, bool prefer_rtl, Str text);

typedef struct UiText UiText;
typedef struct UiPara UiPara;

typedef struct UiPiece {     /* of a line, in visual order from the left */
  const struct UiWord *word; /* NULL: space */
  uint32_t from, to;         /* bytes of the paragraph's text */
  int x, width;
  uint8_t level;
} UiPiece;

typedef struct UiLine {
  UiPiece *pieces;
  size_t count;
  int width; /* without trailing spaces */
} UiLine;

typedef struct UiFold {
  UiLine *lines;
  size_t count;
  int width, height; /* of the widest line; of all lines */
  bool rtl;
} UiFold;

MUST_CHECK Err ui_text_open(UiText **out);
void ui_text_close(UiText *text);
/* ui_text_next_build: a new tree begins; what only older trees used may now go. */
void ui_text_next_build(UiText *text);
UiPara *ui_text_para(UiText *text, UiStyle style, bool prefer_rtl, Str content);
/* ui_para_widths: of its longest word, and of its longest line when nothing is folded. */
void ui_para_widths(const UiPara *para, int *least, int *preferred);
bool ui_para_missing(const UiPara *para);
uint64_t ui_para_hash(const UiPara *para); /* of content and style */
/* ui_text_fold: the paragraph in lines of at most `width` px; a word that is longer is broken where it must be. Valid
 * until the build after next. */
const UiFold *ui_text_fold(UiText *text, UiPara *para, int width);
/* ui_text_draw: into a box of `width` px whose top left is x, y. UI_START is right when mirrored. */
void ui_text_draw(UiText *text, UiCanvas *canvas, UiPara *para, const UiFold *fold, int x, int y, int width,
                  UiAlign align, bool mirrored, UiRgb colour);
/* ui_text_caret: where the cursor before byte `at` stands, relative to the fold's left and top. */
void ui_text_caret(UiText *text, UiPara *para, const UiFold *fold, size_t at, int *x, int *y);
void ui_text_forget(UiText *text);
size_t ui_text_bytes(const UiText *text);
