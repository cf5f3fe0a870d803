/* Board: what staff see on the lobby's screen: who waits, who is expected, who is in a room, who has asked for help. People are named
 * by ticket, first name and initial, for the lobby looks on. Shared by pin.c, board.c and board_act.c. */
#pragma once

#include "kiosk/screens/state.h"

enum { VERB_TAB = VERB_OWN, VERB_CALL, VERB_ROOM, VERB_ARRIVE, VERB_FINISH, VERB_UNDO, VERB_CLOSE_TASK, VERB_IN_ROOM };

void board_open(App *app);
/* board_read: the lists, from the store. */
void board_read(App *app);
/* board_has: is this visit in the tab? */
bool board_has(BoardTab tab, const Appointment *visit);
/* board_next: index of the one who has waited longest and was not called; -1 for none. */
int board_next(const App *app);
/* board_do: the verb on the visit or task with this index of its list. */
void board_do(App *app, UiAct act);
const char *board_short_name(Arena *arena, const char *name);
