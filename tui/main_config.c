/* The settings of the console are rows of a table; those of its link are net/settings.h's. */
#include "tui/main_config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AT(member)   offsetof(struct config, member)
#define SIZE(member) sizeof(((struct config *)0)->member)
#define TEXT(setting, member)                                            \
    {                                                                    \
        "console", setting, SETTING_TEXT, AT(member), SIZE(member), 0, 0 \
    }
#define THEME(setting, mode) TEXT(setting, themes.name[THEME_MODE_##mode])
static const struct setting table[] = {
    TEXT("person", person),
    TEXT("keys", keys),
    TEXT("color", colour),
    TEXT("state", state),
    THEME("theme", ANY),
    THEME("theme.drill", DRILL),
    THEME("theme.standalone", STANDALONE),
    THEME("theme.backup", BACKUP),
    THEME("theme.offline", OFFLINE),
    {"console", "bell", SETTING_NO, AT(silent), 0, 0, 0},
    {"console", "pin_file", SETTING_SECRET, AT(pin), SIZE(pin), 0, 0},
};

/* A drill has an exchange of its own, and asks for no secret. */
static bool is_for_others(const struct config *c, const char *section, const char *name)
{
    return c->drill && (strcmp(section, "exchange") == 0 || strcmp(name, "pin_file") == 0);
}

static int take(void *owner, const char *section, const char *name, const char *value, char *why,
                size_t why_room)
{
    struct config *c = owner;
    int taken;

    if (is_for_others(c, section, name))
        return 1;
    taken = settings_take(table, sizeof table / sizeof table[0], c, section, name, value, why,
                          why_room);
    return taken != 0 ? taken
                      : link_settings_take(&c->exchange, section, name, value, why, why_room);
}

static const char *first(const char *option, const char *setting, const char *otherwise)
{
    return option ? option : setting[0] ? setting : otherwise;
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
    c->options = *given;
    c->drill = drill;
    c->file = given->config;
    if (!c->file && xdg_path("XDG_CONFIG_HOME", ".config", "squareoff.conf", c->own_file) &&
        access(c->own_file, R_OK) == 0)
        c->file = c->own_file;
    sq_config_default(&c->exchange.engine);
    if (c->file && settings_read(c->file, take, c, c->why, sizeof c->why) != 0)
        return false;
    link_settings_finish(&c->exchange);
    fill_up(c);
    return c->why[0] == '\0';
}

void config_wipe(struct config *c)
{
    explicit_bzero(c->exchange.password, sizeof c->exchange.password);
    explicit_bzero(c->pin, sizeof c->pin);
}
