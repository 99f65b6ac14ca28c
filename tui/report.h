/* Where the readers of theme and key files say what is wrong with a line: one call a line, the text
 * is "FILE:LINE: what" and already safe to print. */
#ifndef TUI_REPORT_H
#define TUI_REPORT_H

#include <stddef.h>

#define REPORT_SIZE 256

struct report {
    void (*line)(void *context, const char *text);
    void *context;
    size_t count; /* lines reported so far */
};

/* Formats, makes safe (tui/text.h) and reports. Line 0: the file as a whole, no number is written. */
void report_line(struct report *report, const char *file, size_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
