/* Driver: lets another process (an end-to-end test, the demo) use the real program as a person would. Off unless asked
 * for on the command line; never in production.
 *
 * Commands are lines; each is answered by its output and a closing line "ok" or "error <what>". They run in order, each
 * after the frames that the one before has caused.
 *   tap "label or #id"          a finger down and up in its middle (scrolled into view first)
 *   press "..." MS              the same, held so long
 *   drag X1 Y1 X2 Y2            in px
 *   type "text"                 into what has focus, as from an input method
 *   keys "text"                 on the on-screen keyboard, key by key with the finger (changing layers as needed)
 *   key Tab|BackTab|Enter|Space|Escape|Backspace|Delete|Up|Down|Left|Right|PageUp|PageDown|Home|End
 *   scan "text"                 as a scanner types it; \n for line ends
 *   sign "#id"                  a signature-like stroke on the pad
 *   read "#id"                  scroll that area to its end
 *   wait "label or #id" MS      until it is there; an error after MS
 *   gone "label or #id" MS      until it is not there
 *   sleep MS
 *   tree                        the accessibility tree (ui.h)
 *   check                       layout issues, one a line; an error if there are any
 *   shot PATH                   the window as a PNG
 *   resize W H                  px
 *   stats                       name=value lines
 *   quit
 * Blank lines and lines that begin with '#' are skipped without an answer. Quoted words know \" \\ \n.
 */
#pragma once

#include "common/base/err.h"
#include "kiosk/ui/ui.h"

typedef struct UiDriver UiDriver;

/* ui_driver_open: read commands from
 *   "-"           stdin, answers to stdout
 *   "unix:PATH"   a socket that is made at PATH (mode 0600), one client at a time
 *   PATH          a file of commands, answers to stdout; the first error ends the program's loop by ui_quit
 * Starts a thread that only reads lines; commands run on the ui's thread. */
MUST_CHECK Err ui_driver_open(Ui *ui, const char *source, UiDriver **out);
/* ui_driver_failed: did a command of the file answer with an error? */
bool ui_driver_failed(const UiDriver *driver);
/* ui_driver_close: before ui_close. */
void ui_driver_close(UiDriver *driver);
