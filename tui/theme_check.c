/* Colour science first (luminance, sight, difference), then one function a rule. Floating point is
 * fine here: it judges looks, not money. */
#include "tui/theme_check.h"

#include <math.h>
#include <string.h>

/* Rows of the matrices act on linear red, green, blue. */
static const double machado[THEME_SIGHTS][3][3] = {
    [THEME_PROTANOPIA] = {{0.152286, 1.052583, -0.204868},
                          {0.114503, 0.786281, 0.099216},
                          {-0.003882, -0.048116, 1.051998}},
    [THEME_DEUTERANOPIA] = {{0.367322, 0.860646, -0.227968},
                            {0.280085, 0.672501, 0.047413},
                            {-0.011820, 0.042940, 0.968881}},
    [THEME_TRITANOPIA] = {{1.255528, -0.076749, -0.178779},
                          {-0.078411, 0.930809, 0.147602},
                          {0.004733, 0.691367, 0.303900}},
};

static const char *const sight_names[THEME_SIGHTS] = {"protanopia", "deuteranopia", "tritanopia"};

struct linear {
    double part[3]; /* red, green, blue, 0 to 1 */
};

/* sRGB to linear light, IEC 61966-2-1. False: the terminal's default colour, of which nothing is
 * known. */
static bool linearise(int32_t colour, struct linear *linear)
{
    int rgb[3];

    if (!theme_colour_rgb(colour, rgb))
        return false;
    for (int i = 0; i < 3; i++) {
        double c = rgb[i] / 255.0;

        linear->part[i] = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
    }
    return true;
}

static double luminance(const struct linear *c)
{
    return 0.2126 * c->part[0] + 0.7152 * c->part[1] + 0.0722 * c->part[2];
}

double theme_contrast(int32_t a, int32_t b)
{
    struct linear first, second;
    double high, low;

    if (!linearise(a, &first) || !linearise(b, &second))
        return 0;
    high = fmax(luminance(&first), luminance(&second));
    low = fmin(luminance(&first), luminance(&second));
    return (high + 0.05) / (low + 0.05);
}

/* Outside of what a screen can show the colour is clipped, as the authors of the model do. */
static struct linear seen_by(const struct linear *c, enum theme_sight sight)
{
    struct linear seen;

    for (int i = 0; i < 3; i++) {
        double sum = 0;

        for (int j = 0; j < 3; j++)
            sum += machado[sight][i][j] * c->part[j];
        seen.part[i] = fmin(1, fmax(0, sum));
    }
    return seen;
}

static double lab_curve(double t)
{
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

/* sRGB with white D65. */
static void to_lab(const struct linear *c, double lab[3])
{
    double x = 0.4124 * c->part[0] + 0.3576 * c->part[1] + 0.1805 * c->part[2];
    double z = 0.0193 * c->part[0] + 0.1192 * c->part[1] + 0.9505 * c->part[2];
    double fx = lab_curve(x / 0.95047), fy = lab_curve(luminance(c)), fz = lab_curve(z / 1.08883);

    lab[0] = 116 * fy - 16;
    lab[1] = 500 * (fx - fy);
    lab[2] = 200 * (fy - fz);
}

double theme_distance(int32_t a, int32_t b, enum theme_sight sight)
{
    struct linear first, second;
    double lab_a[3], lab_b[3], sum = 0;

    if (!linearise(a, &first) || !linearise(b, &second))
        return 0;
    first = seen_by(&first, sight);
    second = seen_by(&second, sight);
    to_lab(&first, lab_a);
    to_lab(&second, lab_b);
    for (int i = 0; i < 3; i++)
        sum += (lab_a[i] - lab_b[i]) * (lab_a[i] - lab_b[i]);
    return sqrt(sum);
}

/* The checks. Each reports its faults. */

static const char *const depth_names[THEME_DEPTHS] = {"mono", "16", "256", "truecolor"};

/* Two colours of which one is the terminal's own are not judged: only the user knows it. */
static void check_pair(const struct theme *theme, int32_t fg, int32_t bg, enum theme_depth depth,
                       const char *what, const char *where, struct report *report)
{
    double contrast = theme_contrast(fg, bg);

    if (contrast > 0 && contrast * 10 < theme->contrast_tenths)
        report_line(report, theme->name, 0, "%s%s has contrast %.1f in %s, needs %d.%d", what,
                    where, contrast, depth_names[depth], theme->contrast_tenths / 10,
                    theme->contrast_tenths % 10);
}

static bool starts_with_one_of(const char *name, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

/* The cursor's row keeps the colours of its cells and takes the background of `select`. */
static void check_contrast(const struct theme *theme, enum theme_depth depth, struct report *report)
{
    static const char *const in_tables[] = {"default", "price.", "mtm.", "side.", "state.", NULL};
    struct theme_look select = theme_look(theme, ROLE_SELECT, depth);

    for (enum role role = 0; role < ROLES; role++) {
        struct theme_look look = theme_look(theme, role, depth);

        check_pair(theme, look.fg, look.bg, depth, role_names[role], "", report);
        if (starts_with_one_of(role_names[role], in_tables) && !(look.attr & THEME_REVERSE))
            check_pair(theme, look.fg, select.bg, depth, role_names[role], " on the cursor's row",
                       report);
    }
}

static void check_apart(const struct theme *theme, enum theme_depth depth, struct report *report)
{
    static const char *const apart[] = {"mode.", "state.unknown", "danger", "select", NULL};
    struct theme_look plain = theme_look(theme, ROLE_DEFAULT, depth);

    for (enum role role = 0; role < ROLES; role++) {
        struct theme_look look = theme_look(theme, role, depth);

        if (starts_with_one_of(role_names[role], apart) && look.fg == plain.fg &&
            look.bg == plain.bg && look.attr == plain.attr)
            report_line(report, theme->name, 0, "%s looks like default in %s", role_names[role],
                        depth_names[depth]);
    }
}

static const struct {
    enum role up, down;
} opposites[] = {{ROLE_PRICE_UP, ROLE_PRICE_DOWN},
                 {ROLE_MTM_GAIN, ROLE_MTM_LOSS},
                 {ROLE_SIDE_BUY, ROLE_SIDE_SELL}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A pair that differs by weight or underline may look alike in colour. */
static void check_opposites(const struct theme *theme, enum theme_depth depth,
                            struct report *report)
{
    for (size_t i = 0; i < COUNT(opposites); i++) {
        struct theme_look up = theme_look(theme, opposites[i].up, depth);
        struct theme_look down = theme_look(theme, opposites[i].down, depth);

        if (up.attr != down.attr || up.fg == THEME_DEFAULT || down.fg == THEME_DEFAULT)
            continue;
        for (enum theme_sight sight = 0; sight < THEME_SIGHTS; sight++)
            if (theme_distance(up.fg, down.fg, sight) < THEME_CHECK_DISTANCE)
                report_line(report, theme->name, 0, "%s and %s are alike in %s for %s",
                            role_names[opposites[i].up], role_names[opposites[i].down],
                            depth_names[depth], sight_names[sight]);
    }
}

/* Without colours, or with colours that only the user knows; signs and words tell the other pairs. */
static void check_price_marks(const struct theme *theme, struct report *report)
{
    struct theme_look up = theme_look(theme, ROLE_PRICE_UP, THEME_MONO);
    struct theme_look down = theme_look(theme, ROLE_PRICE_DOWN, THEME_MONO);

    if (up.attr == down.attr &&
        theme_mark(theme, MARK_PRICE_UP) == theme_mark(theme, MARK_PRICE_DOWN))
        report_line(report, theme->name, 0, "price.up and price.down are alike without colour");
}

bool theme_check(const struct theme *theme, struct report *report)
{
    size_t before = report->count;

    for (enum theme_depth depth = THEME_MONO; depth < THEME_DEPTHS; depth++) {
        check_apart(theme, depth, report);
        if (depth < THEME_256)
            continue;
        check_contrast(theme, depth, report);
        check_opposites(theme, depth, report);
    }
    check_price_marks(theme, report);
    return report->count == before;
}
