/* Settings as a table: a new one is a row. */
#include "tui/main_config.h"

#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/num.h"

/* A secret lies in a file of its own that nobody else can read. */
static bool read_secret(struct config *c, const char *path, char secret[SECRET_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    ssize_t length = -1;

    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 077) == 0)
        length = read(fd, secret, SECRET_SIZE - 1);
    if (fd >= 0)
        close(fd);
    if (length < 0) {
        snprintf(c->why, sizeof c->why, "%s: must be there, and readable by nobody else", path);
        return false;
    }
    secret[length] = '\0';
    secret[strcspn(secret, "\r\n")] = '\0';
    return true;
}

/* Members by name; exactly one of `text`, `number`, `count`, `flag` and `secret` says what kind. */
#define AT(member)   offsetof(struct config, member)
#define SIZE(member) sizeof(((struct config *)0)->member)
enum kind { TEXT, INTEGER, NUMBER64, COUNT, NO_FLAG, SECRET };
static const struct setting {
    const char *section, *name;
    enum kind kind;
    size_t offset, size;
    int64_t least, most;
} settings[] = {
    {"exchange", "host", TEXT, AT(link.address), SIZE(link.address), 0, 0},
    {"exchange", "port", TEXT, AT(link.port), SIZE(link.port), 0, 0},
    {"exchange", "sender_comp_id", TEXT, AT(sender), SIZE(sender), 0, 0},
    {"exchange", "target_comp_id", TEXT, AT(link.target_comp_id), SIZE(link.target_comp_id), 0, 0},
    {"exchange", "market_sender_comp_id", TEXT, AT(link.market_sender_comp_id),
     SIZE(link.market_sender_comp_id), 0, 0},
    {"exchange", "market_target_comp_id", TEXT, AT(link.market_target_comp_id),
     SIZE(link.market_target_comp_id), 0, 0},
    {"exchange", "heartbeat_s", INTEGER, AT(link.heartbeat_s), 0, 1, 3600},
    {"exchange", "username", TEXT, AT(username), SIZE(username), 0, 0},
    {"exchange", "password_file", SECRET, AT(password), SIZE(password), 0, 0},
    {"exchange", "market_data", NO_FLAG, AT(link.no_market), 0, 0, 0},
    {"exchange", "mass_status", NO_FLAG, AT(link.no_mass_status), 0, 0, 0},
    {"console", "person", TEXT, AT(person), SIZE(person), 0, 0},
    {"console", "theme", TEXT, AT(themes.name[THEME_MODE_ANY]), THEME_CHOICE_SIZE, 0, 0},
    {"console", "theme.drill", TEXT, AT(themes.name[THEME_MODE_DRILL]), THEME_CHOICE_SIZE, 0, 0},
    {"console", "theme.standalone", TEXT, AT(themes.name[THEME_MODE_STANDALONE]), THEME_CHOICE_SIZE,
     0, 0},
    {"console", "theme.backup", TEXT, AT(themes.name[THEME_MODE_BACKUP]), THEME_CHOICE_SIZE, 0, 0},
    {"console", "theme.offline", TEXT, AT(themes.name[THEME_MODE_OFFLINE]), THEME_CHOICE_SIZE, 0,
     0},
    {"console", "bell", NO_FLAG, AT(silent), 0, 0, 0},
    {"console", "keys", TEXT, AT(keys), SIZE(keys), 0, 0},
    {"console", "color", TEXT, AT(colour), SIZE(colour), 0, 0},
    {"console", "state", TEXT, AT(state), SIZE(state), 0, 0},
    {"console", "pin_file", SECRET, AT(pin), SIZE(pin), 0, 0},
    {"engine", "orders_per_second", COUNT, AT(engine.orders_per_second), 0, 1, 1000},
    {"engine", "orders_burst", COUNT, AT(engine.orders_burst), 0, 1, 1000},
    {"engine", "reprices", COUNT, AT(engine.reprices), 0, 0, 100},
    {"engine", "reprice_after_ms", NUMBER64, AT(engine.reprice_after_ms), 0, 0, 3600000},
    {"engine", "protect_bps", NUMBER64, AT(engine.protect_bps), 0, 0, 10000},
    {"engine", "wide_bps", NUMBER64, AT(engine.wide_bps), 0, 0, 10000},
    {"engine", "unknown_after_ms", NUMBER64, AT(engine.unknown_after_ms), 0, 100, 600000},
    {"engine", "largest_cash_qty", NUMBER64, AT(engine.largest_cash_qty), 0, 1, 100000000},
};

static bool set_number(const struct setting *s, void *member, const char *value)
{
    int64_t number;

    if (!sq_parse_integer(value, strlen(value), &number) || number < s->least || number > s->most)
        return false;
    if (s->kind == INTEGER)
        *(int *)member = (int)number;
    else if (s->kind == COUNT)
        *(uint32_t *)member = (uint32_t)number;
    else
        *(int64_t *)member = number;
    return true;
}

static bool set_value(struct config *c, const struct setting *s, const char *value)
{
    void *member = (char *)c + s->offset;

    switch (s->kind) {
    case TEXT: return (size_t)snprintf(member, s->size, "%s", value) < s->size;
    case SECRET: return c->drill || read_secret(c, value, member);
    case NO_FLAG:
        *(bool *)member = strcmp(value, "no") == 0;
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
    default: return set_number(s, member, value);
    }
}

/* libinih: 0 is an error at this line. */
static int take_setting(void *owner, const char *section, const char *name, const char *value)
{
    struct config *c = owner;

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(settings[i].section, section) != 0 || strcmp(settings[i].name, name) != 0)
            continue;
        if (set_value(c, &settings[i], value))
            return 1;
        if (c->why[0] == '\0')
            snprintf(c->why, sizeof c->why, "[%s] %s: \"%s\" is not possible", section, name,
                     value);
        return 0;
    }
    if (c->why[0] == '\0')
        snprintf(c->why, sizeof c->why, "[%s] %s: no such setting", section, name);
    return 0;
}

static const char *first(const char *option, const char *setting, const char *otherwise)
{
    return option ? option : setting[0] ? setting : otherwise;
}

/* Puts file and line in front of what is wrong there. */
static void name_line(struct config *c, int line)
{
    char what[WHY_SIZE / 2];

    snprintf(what, sizeof what, "%.*s", (int)sizeof what - 1,
             c->why[0] ? c->why : "not understood");
    snprintf(c->why, sizeof c->why, "%.200s:%d: %s", c->file, line, what);
}

static void fill_up(struct config *c)
{
    struct options *o = &c->options;

    o->keys = first(o->keys, c->keys, NULL);
    o->colour = first(o->colour, c->colour, NULL);
    o->silent = o->silent || c->silent;
    if (o->theme) /* said on the command line: for all modes */
        memset(&c->themes, 0, sizeof c->themes);
    o->themes = &c->themes;
    if (c->drill)
        return;
    o->person = first(o->person, c->person, NULL);
    o->state = first(o->state, c->state, NULL);
    if (!o->state && xdg_path("XDG_STATE_HOME", ".local/state", "book", c->own_state))
        o->state = c->own_state;
    if (!o->state || !o->person)
        snprintf(c->why, sizeof c->why,
                 "who sits here must be said: --person, or person in [console] of the file");
}

bool config_read(struct config *c, const struct options *given, bool drill)
{
    int line;

    c->options = *given;
    c->drill = drill;
    c->file = given->config;
    if (!c->file && xdg_path("XDG_CONFIG_HOME", ".config", "squareoff.conf", c->own_file) &&
        access(c->own_file, R_OK) == 0)
        c->file = c->own_file;
    sq_config_default(&c->engine);
    line = c->file ? ini_parse(c->file, take_setting, c) : 0;
    if (line < 0)
        snprintf(c->why, sizeof c->why, "%s: cannot be read", c->file);
    else if (line > 0)
        name_line(c, line);
    else
        fill_up(c);
    return c->why[0] == '\0';
}

void config_wipe(struct config *c)
{
    explicit_bzero(c->password, sizeof c->password);
    explicit_bzero(c->pin, sizeof c->pin);
}
