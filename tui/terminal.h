/* The terminal: raw mode, size, frames out, and its state given back whatever happens.
 *
 * Input is not read here: the loop reads terminal_fd() and feeds tui/decode.h. Output never waits: a
 * frame that the terminal cannot take stays in the buffer, and until it is out no other is made, so
 * that a slow link gets the newest frame rather than a queue of old ones.
 *
 * There is one terminal in a process, because a crash must find it.
 */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>

#include "tui/canvas.h"
#include "tui/theme.h"

#define TERMINAL_WHY_SIZE 256

struct terminal_options {
    const char *colour; /* --color, NULL = auto (theme_depth) */
    bool mouse;         /* report button 1 and the wheel */
};

enum terminal_result {
    TERMINAL_DONE,   /* all of the frame is out */
    TERMINAL_BEHIND, /* bytes are left: terminal_flush() when the descriptor can be written */
    TERMINAL_LOST    /* the terminal is gone */
};

/* Takes the terminal behind standard output: raw mode, alternate screen, bracketed paste on, normal
 * keypad. From now on a crash, abort() or exit() gives it back. False: why not. */
bool terminal_open(const struct terminal_options *options, char why[TERMINAL_WHY_SIZE]);

/* Gives it back; does nothing when it is not open. */
void terminal_close(void);

/* The same from a signal handler, or when the terminal may already be gone: only system calls that
 * POSIX allows there. */
void terminal_restore(void);

/* Descriptor to read keys from and to wait for room on; non-blocking. */
int terminal_fd(void);

/* Size now, as the kernel has it (asked after each SIGWINCH). */
void terminal_size(int *rows, int *columns);

enum theme_depth terminal_depth(void);

/* Looks from now on; the next frame is written whole. */
void terminal_theme(const struct theme *theme);

/* The next frame is written whole (Ctrl-L, after another program wrote). */
void terminal_redraw(void);

/* Shows a frame; a new size of canvas is a new screen. The terminal's cursor goes to row, column, or
 * is hidden when row < 0. TERMINAL_BEHIND: this frame was left out because the one before is not out
 * yet, or is not out itself; draw again later. */
enum terminal_result terminal_draw(const struct canvas *frame, int row, int column);

/* Goes on writing what is left. */
enum terminal_result terminal_flush(void);

/* Rings with the next frame. */
void terminal_bell(void);

#endif
