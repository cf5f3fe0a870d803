/* UiField: the text that a person is typing. The screen owns it (in a wiping arena); ui edits it in place. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"

enum { UI_FIELD_MAX = 512 }; /* bytes of UTF-8 */

typedef struct UiField {
  char text[UI_FIELD_MAX + 4]; /* NUL-terminated */
  uint16_t len;                /* bytes */
  uint16_t cursor;             /* byte offset, at a character's edge */
  uint16_t max_chars;          /* 0: as many as fit */
} UiField;

/* ui_field_set: replace the text (cut at a character's edge if too long) and put the cursor at its end. */
void ui_field_set(UiField *field, Str text);
static inline Str ui_field_str(const UiField *field)
{
  return (Str){field->text, field->len};
}
/* ui_field_insert: at the cursor; control characters are left out. False when it did not fit: nothing is inserted. */
bool ui_field_insert(UiField *field, Str text);
/* ui_field_backspace: the character before the cursor, with its accents. */
void ui_field_backspace(UiField *field);
/* ui_field_delete: the character after the cursor. */
void ui_field_delete(UiField *field);
/* ui_field_move: the cursor by whole characters, back (-1) or on (+1) in reading order. False at the edge. */
bool ui_field_move(UiField *field, int by);
/* ui_field_wipe: empty it and overwrite its memory; max_chars stays. */
void ui_field_wipe(UiField *field);
