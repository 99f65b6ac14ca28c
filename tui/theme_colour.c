/* Colours: their notation, the xterm palette, and the nearest of it. */
#include "tui/theme.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[16] = {"black",       "red",           "green",       "yellow",
                                      "blue",        "magenta",       "cyan",        "white",
                                      "brightblack", "brightred",     "brightgreen", "brightyellow",
                                      "brightblue",  "brightmagenta", "brightcyan",  "brightwhite"};

/* xterm's defaults for the 16; the 6x6x6 cube and the grey ramp of 256 are computed. */
static const int32_t basic[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                  0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                  0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

static bool number_parse(const char *text, size_t digits, int base, int32_t *number)
{
    char *end;

    if (strlen(text) > digits || text[0] == '\0' || strchr("+- \t", text[0]) != NULL)
        return false;
    *number = (int32_t)strtol(text, &end, base);
    return *end == '\0';
}

bool theme_colour_parse(const char *word, int32_t *colour)
{
    for (int i = 0; i < 16; i++)
        if (strcasecmp(names[i], word) == 0) {
            *colour = THEME_INDEX | i;
            return true;
        }
    if (strcmp(word, "default") == 0) {
        *colour = THEME_DEFAULT;
        return true;
    }
    if (word[0] == '#')
        return strlen(word) == 7 && word[1] != 'x' && strcspn(word, "xX") == 7 &&
               number_parse(word + 1, 6, 16, colour);
    if (!number_parse(word, 3, 10, colour) || *colour > 255)
        return false;
    *colour |= THEME_INDEX;
    return true;
}

static int cube_level(int step)
{
    return step == 0 ? 0 : 55 + 40 * step;
}

static int32_t index_rgb(int index)
{
    int grey = 8 + 10 * (index - 232), cube = index - 16;

    if (index < 16)
        return basic[index];
    if (index >= 232)
        return grey << 16 | grey << 8 | grey;
    return cube_level(cube / 36) << 16 | cube_level(cube / 6 % 6) << 8 | cube_level(cube % 6);
}

bool theme_colour_rgb(int32_t colour, int rgb[3])
{
    if (colour == THEME_DEFAULT)
        return false;
    if (colour & THEME_INDEX)
        colour = index_rgb(colour & 0xff);
    for (int i = 0; i < 3; i++)
        rgb[i] = colour >> (16 - 8 * i) & 0xff;
    return true;
}

int32_t theme_colour_nearest(int32_t colour, int count)
{
    int rgb[3], best = 0;
    long least = -1;

    if (!theme_colour_rgb(colour, rgb))
        return THEME_DEFAULT;
    /* Users repaint the first 16, so 256 leaves them out. */
    for (int i = count == 256 ? 16 : 0; i < count; i++) {
        int other[3];
        long distance = 0;

        theme_colour_rgb(THEME_INDEX | i, other);
        for (int j = 0; j < 3; j++)
            distance += (long)(rgb[j] - other[j]) * (rgb[j] - other[j]);
        if (least < 0 || distance < least) {
            least = distance;
            best = i;
        }
    }
    return THEME_INDEX | best;
}
