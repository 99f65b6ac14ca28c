/* A frame in which little has changed, at 200x50: our painter beside plain ncurses.
 *
 * Both sides get the same changes and write to the same kind of file in memory; the terminal is
 * tmux-256color for both. A frame of ours is all that a frame costs: drawing the changed cells into the
 * canvas, finding them again, making the bytes, writing them, taking over the frame. A frame of
 * theirs is move, attributes, text, and doupdate. `whole` draws every cell of the canvas anew, as
 * panels do, and still writes only what changed.
 */
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tui/paint.h"

#define ROWS    50
#define COLUMNS 200
#define CHANGES 20
#define FRAMES  20000
#define ROUNDS  5

struct change {
    int row, column;
    bool up;
    char text[12];
};

/* rows: 20 prices one below the other get two new digits each. cells: 20 single cells anywhere. */
struct load {
    const char *name;
    void (*next)(struct change *changes, unsigned frame);
};

static void price_rows(struct change *changes, unsigned frame)
{
    for (unsigned i = 0; i < CHANGES; i++) {
        changes[i].row = (int)(4 + i);
        changes[i].column = 60;
        changes[i].up = (i * 7 + frame) % 3 != 0;
        snprintf(changes[i].text, sizeof changes[i].text, "%7u.%02u", 1600 + i,
                 (frame * 37 + i * 11) % 100);
    }
}

static void single_cells(struct change *changes, unsigned frame)
{
    for (unsigned i = 0; i < CHANGES; i++) {
        changes[i].row = (int)((i * 17 + 3) % ROWS);
        changes[i].column = (int)((i * 61 + 5) % COLUMNS);
        changes[i].up = true;
        changes[i].text[0] = (char)('a' + (frame + i) % 26);
        changes[i].text[1] = '\0';
    }
}

static double now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

struct result {
    double us;      /* a frame */
    double bytes;   /* a frame */
    double changed; /* characters that differ from the frame before */
};

/* Ours */

struct ours {
    struct paint paint;
    struct canvas now, shown;
    char *bytes;
    int fd;
};

static void ignore(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "%s\n", line);
}

static void ours_open(struct ours *ours, int fd)
{
    struct theme_source source = theme_files();
    struct report report = {ignore, NULL, 0};
    struct theme theme;

    theme_load(&theme, "dark", &source, &report);
    paint_init(&ours->paint, THEME_256, 256, 63);
    paint_theme(&ours->paint, &theme);
    ours->bytes = malloc(ROWS * COLUMNS * PAINT_CELL_BYTES);
    ours->fd = fd;
    if (!canvas_init(&ours->now, ROWS, COLUMNS) || !canvas_init(&ours->shown, ROWS, COLUMNS) ||
        ours->bytes == NULL)
        exit(1);
    paint_unknown(&ours->shown);
}

static void ours_close(struct ours *ours)
{
    canvas_finish(&ours->now);
    canvas_finish(&ours->shown);
    free(ours->bytes);
}

static void draw_all(struct canvas *canvas)
{
    canvas_clear(canvas);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column += 20)
            canvas_field(canvas, row, column, 19, ALIGN_LEFT, ROLE_DEFAULT, "NIFTY 28NOV 24500C");
}

static size_t differing(const struct ours *ours)
{
    struct canvas_run run = {0};
    size_t count = 0;

    while (canvas_next_change(&ours->now, &ours->shown, &run))
        count += (size_t)run.count;
    return count;
}

static size_t ours_frame(struct ours *ours, const struct change *changes, bool whole)
{
    size_t length;

    if (whole)
        draw_all(&ours->now);
    for (int i = 0; i < CHANGES; i++)
        canvas_print(&ours->now, changes[i].row, changes[i].column, 12,
                     changes[i].up ? ROLE_PRICE_UP : ROLE_PRICE_DOWN, changes[i].text);
    length = paint_frame(&ours->paint, &ours->now, &ours->shown, ours->bytes);
    if (pwrite(ours->fd, ours->bytes, length, 0) < 0)
        exit(1);
    canvas_copy(&ours->shown, &ours->now);
    return length;
}

static struct result run_ours(const struct load *load, int fd, bool whole)
{
    static struct ours ours;
    struct change changes[CHANGES];
    struct result result = {0, 0, 0};
    double start;

    ours_open(&ours, fd);
    draw_all(&ours.now);
    load->next(changes, 0);
    ours_frame(&ours, changes, whole);
    for (unsigned frame = 1; frame <= 100; frame++) {
        size_t changed;

        load->next(changes, frame);
        if (whole)
            draw_all(&ours.now);
        for (int i = 0; i < CHANGES; i++)
            canvas_print(&ours.now, changes[i].row, changes[i].column, 12,
                         changes[i].up ? ROLE_PRICE_UP : ROLE_PRICE_DOWN, changes[i].text);
        changed = differing(&ours);
        result.changed += (double)changed / 100;
        ours_frame(&ours, changes, whole);
    }
    start = now_us();
    for (unsigned frame = 101; frame <= FRAMES; frame++) {
        load->next(changes, frame);
        result.bytes += (double)ours_frame(&ours, changes, whole) / (FRAMES - 100);
    }
    result.us = (now_us() - start) / (FRAMES - 100);
    ours_close(&ours);
    return result;
}

/* Theirs */

static void curses_frame(const struct change *changes)
{
    for (int i = 0; i < CHANGES; i++) {
        attr_set(changes[i].up ? A_NORMAL : A_BOLD, changes[i].up ? 1 : 2, NULL);
        mvaddstr(changes[i].row, changes[i].column, changes[i].text);
    }
    wnoutrefresh(stdscr);
    doupdate();
}

static void curses_background(void)
{
    attr_set(A_NORMAL, 3, NULL);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column += 20)
            mvaddnstr(row, column, "NIFTY 28NOV 24500C  ", 20);
    wnoutrefresh(stdscr);
    doupdate();
}

static struct result run_curses(const struct load *load, int fd)
{
    struct change changes[CHANGES];
    struct result result = {0, 0, 0};
    off_t from;
    double start;

    curses_background();
    load->next(changes, 0);
    curses_frame(changes);
    for (unsigned frame = 1; frame <= 100; frame++) {
        load->next(changes, frame);
        curses_frame(changes);
    }
    from = lseek(fd, 0, SEEK_CUR);
    start = now_us();
    for (unsigned frame = 101; frame <= FRAMES; frame++) {
        load->next(changes, frame);
        curses_frame(changes);
    }
    result.us = (now_us() - start) / (FRAMES - 100);
    result.bytes = (double)(lseek(fd, 0, SEEK_CUR) - from) / (FRAMES - 100);
    lseek(fd, 0, SEEK_SET);
    return result;
}

static void curses_open(FILE *out, FILE *in)
{
    char rows[8], columns[8];

    snprintf(rows, sizeof rows, "%d", ROWS);
    snprintf(columns, sizeof columns, "%d", COLUMNS);
    setenv("LINES", rows, 1);
    setenv("COLUMNS", columns, 1);
    if (newterm("tmux-256color", out, in) == NULL) {
        fprintf(stderr, "no terminfo for tmux-256color\n");
        exit(1);
    }
    start_color();
    init_pair(1, 78, 233);
    init_pair(2, 210, 233);
    init_pair(3, 253, 233);
}

static struct result best(struct result a, struct result b)
{
    return a.us == 0 || b.us < a.us ? b : a;
}

static void report(const struct load *load, struct result ours, struct result whole,
                   struct result theirs)
{
    printf("%s, us | %.1f | ncurses %.1f | %.2f | <= 2\n", load->name, ours.us, theirs.us,
           ours.us / theirs.us);
    printf("%s, every cell drawn anew, us | %.1f | ncurses %.1f | %.2f | <= 2\n", load->name,
           whole.us, theirs.us, whole.us / theirs.us);
    printf("%s, bytes | %.0f | ncurses %.0f | %.2f | <= 1\n", load->name, ours.bytes, theirs.bytes,
           ours.bytes / theirs.bytes);
    printf("%s, bytes a changed character | %.1f | ncurses %.1f | %.2f | <= 5 bytes\n", load->name,
           ours.bytes / ours.changed, theirs.bytes / ours.changed, ours.bytes / theirs.bytes);
}

int main(void)
{
    static const struct load loads[] = {{"frame 200x50, 20 price rows", price_rows},
                                        {"frame 200x50, 20 cells apart", single_cells}};
    int ours_fd = memfd_create("ours", 0), curses_fd = memfd_create("curses", 0);
    FILE *out = fdopen(curses_fd, "r+"), *in = fopen("/dev/null", "r");

    setlocale(LC_ALL, "C.UTF-8");
    if (ours_fd < 0 || out == NULL || in == NULL)
        return 1;
    curses_open(out, in);
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        struct result ours = {0, 0, 0}, whole = ours, theirs = ours;

        for (int round = 0; round < ROUNDS; round++) {
            ours = best(ours, run_ours(&loads[i], ours_fd, false));
            whole = best(whole, run_ours(&loads[i], ours_fd, true));
            theirs = best(theirs, run_curses(&loads[i], curses_fd));
        }
        report(&loads[i], ours, whole, theirs);
    }
    endwin();
    return 0;
}
