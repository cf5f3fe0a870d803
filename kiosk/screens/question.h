/* Question: the controls and values of one item of a form. Shared by question.c (the screen) and its parts. */
#pragma once

#include "common/base/json.h"
#include "kiosk/screens/screen.h"

struct Question;

enum { VERB_CHOOSE = VERB_OWN, VERB_YES, VERB_UNIT, VERB_ENTRY_HALF, VERB_ANOTHER };
enum { OPTIONS_SHOWN_MAX = 24, OPTIONS_FOUND_MAX = 6, UNIT_STRIDE = 64, HALF_STRIDE = 4 };

/* question_take: what is answered so far, and over it what a resumed draft had typed. */
void question_take(App *app);
/* question_values: what is on screen as values for checkin_answer. New reference; an empty array for nothing. */
json_t *question_values(App *app);
/* question_is_empty: nothing has been answered or typed. */
bool question_is_empty(const App *app);
/* question_missing: i18n key of what is half filled in; NULL when it may be sent. */
const char *question_missing(const App *app);
void question_controls(App *app, UiBuild *build);
/* question_act: true when the verb was one of the controls'. */
bool question_act(App *app, UiAct act);
void question_keep(App *app);
/* question_focus: id of the field to begin with; NULL for none. */
const char *question_focus(const App *app, Arena *arena);
/* question_is_searching: an option is being looked for on the keyboard, where height is dear: the field asks the question. */
bool question_is_searching(const App *app, const UiBuild *build);
bool question_is_typed(const struct Question *question);
