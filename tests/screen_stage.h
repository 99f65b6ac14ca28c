/*
 * screen_stage.h: a console's screen on a stage (tests/stage.h): the whole of tui/ save the terminal,
 * with the engine behind it, a clock that moves when it is told to, and a count of what was sent.
 *
 * Files of tests/keys are played by it:
 *   # text                     a comment
 *   include FILE               plays a file of tests/scenario for its inputs; what it expects is
 *                              left out
 *   size 120x40                of the terminal (80x24 unless said)
 *   person SUP1                who sits here (RAVI unless said)
 *   coach on                   before the first key: with the coach
 *   key x Enter F6             keys by name (tui/keys.h), each alone
 *   burst x                    a key that is not alone
 *   type hello                 characters, each a key
 *   bytes \e[200~excel\e[201~  as the terminal sends them, in one block, through the decoder
 *   + 250ms                    time passes; = 10:42:15 until then
 *   > report ...   rate ...   feed on|off   as in scenarios
 *   sent 1                     so many inputs of kind square-off, cancel, ... since the last time
 *   screen NAME                the frame must be tests/screens/NAME.screen (SQ_UPDATE=1 writes it)
 *   shows TEXT, hides TEXT     the frame has it, or has not
 */
#ifndef TESTS_SCREEN_STAGE_H
#define TESTS_SCREEN_STAGE_H

#include "tests/stage.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum { SCREEN_TEXT = 200 * 51 * 4 };

struct screen {
    struct sq_session session; /* first: the port that the screen holds */
    struct stage *stage;
    struct tui tui;
    struct keymap keys;
    struct theme theme;
    struct canvas canvas;
    struct decoder decoder;
    struct sq_preview previews[256];
    size_t preview_count;
    struct sq_source_info info;
    int rows, columns;
    bool made; /* the screen: at the first key or frame, when the book is loaded */
    bool coach;
    unsigned sent;          /* inputs submitted since it was asked last */
    struct sq_message last; /* the newest of them */
    uint64_t random;
    char text[SCREEN_TEXT]; /* the last frame */
    char written[65536];    /* the last file that was written */
    char why[STAGE_WHY];
};

struct screen *screen_create(void);
void screen_destroy(struct screen *s);

/* Plays a file; every mistake and every wrong expectation fails the running test. */
void screen_play(struct screen *s, const char *path);

/* The same for one line, and for lines up to NULL. */
void screen_line(struct screen *s, const char *line);
void screen_lines(struct screen *s, const char *const *lines);

/* Lines on a screen of their own: first those that lead there, then the play. */
void screen_lines_after(const char *const *first, const char *const *lines);

/* Draws the frame of now. */
const char *screen_frame(struct screen *s);

#endif
