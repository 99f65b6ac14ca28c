/* The text of a bad line is as hostile as the file, so it is made safe here, once for all readers. */
#include "tui/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/text.h"

void report_line(struct report *report, const char *file, size_t line, const char *format, ...)
{
    char what[REPORT_SIZE], whole[2 * REPORT_SIZE], safe[2 * REPORT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (line > 0)
        snprintf(whole, sizeof whole, "%.200s:%zu: %s", file, line, what);
    else
        snprintf(whole, sizeof whole, "%.200s: %s", file, what);
    text_log(whole, strnlen(whole, sizeof whole), safe, sizeof safe);
    report->count++;
    report->line(report->context, safe);
}
