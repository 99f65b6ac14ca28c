/* The settings of the console are rows of a table; those of its link are net/settings.h's. */
#include "tui/main_config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AT(member)   offsetof(struct config, member)
#define SIZE(member) sizeof(((struct config *)0)->member)
#define TEXT_OF(section, setting, member)                              \
    {                                                                  \
        section, setting, SETTING_TEXT, AT(member), SIZE(member), 0, 0 \
    }
#define TEXT(setting, member)    TEXT_OF("console", setting, member)
#define SERVERS(setting, member) TEXT_OF("servers", setting, member)
#define THEME(setting, mode)     TEXT(setting, themes.name[THEME_MODE_##mode])
static const struct setting table[] = {
    TEXT("person", person),
    TEXT("name", name),
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
    SERVERS("list", list),
    SERVERS("user", user),
    SERVERS("book", book),
    SERVERS("ca", ca),
    SERVERS("grant_key", grant_key),
    SERVERS("cache_key_file", cache_key),
    {"servers", "plain", SETTING_YES, AT(plain), 0, 0, 0},
    {"servers", "rates_per_second", SETTING_INTEGER, AT(rates_per_second), 0, 1, 30},
};

/* A drill has an exchange of its own, and asks for no secret; servers have theirs. */
static bool is_for_others(const struct config *c, const char *section, const char *name)
{
    return (c->use != CONFIG_STANDALONE && strcmp(section, "exchange") == 0) ||
           (c->use == CONFIG_DRILL && strcmp(name, "pin_file") == 0);
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

/* HOST:PORT, HOST:PORT, ...: split in place. */
static void take_list(struct config *c)
{
    struct options *o = &c->options;
    char *rest = NULL;

    for (char *word = strtok_r(c->list, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
        if (o->server_count == CONSOLE_SERVERS) {
            snprintf(c->why, sizeof c->why, "[servers] list: %d at most", CONSOLE_SERVERS);
            return;
        }
        o->servers[o->server_count++] = word;
    }
}

/* Each user of this account has a state of his own: two consoles do not share a cache. */
static void remote_state(struct config *c)
{
    struct options *o = &c->options;
    char name[SQ_PERSON_SIZE + 16];
    bool plain_name = o->user && strspn(o->user, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                                                 "wxyz0123456789_-") == strlen(o->user);

    snprintf(name, sizeof name, "console%s%s", plain_name ? "-" : "", plain_name ? o->user : "");
    if (!o->state && xdg_path("XDG_STATE_HOME", ".local/state", name, c->own_state))
        o->state = c->own_state;
    if (!o->state)
        snprintf(c->why, sizeof c->why, "where its state lies must be said: --state");
}

static void fill_up_remote(struct config *c)
{
    struct options *o = &c->options;

    o->user = first(o->user, c->user, o->person);
    o->ca = first(o->ca, c->ca, NULL);
    o->plain = o->plain || c->plain;
    if (o->server_count == 0)
        take_list(c);
    if (c->why[0] == '\0' && o->server_count == 0)
        snprintf(
            c->why, sizeof c->why,
            "which servers must be said: --server HOST:PORT, or list in [servers] of the file");
    if (c->why[0] == '\0')
        remote_state(c);
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
    if (c->use == CONFIG_DRILL)
        return;
    o->person = first(o->person, c->person, NULL);
    o->state = first(o->state, c->state, NULL);
    if (c->use == CONFIG_REMOTE) {
        fill_up_remote(c);
        return;
    }
    if (!o->state && xdg_path("XDG_STATE_HOME", ".local/state", "book", c->own_state))
        o->state = c->own_state;
    if (!o->state || !o->person)
        snprintf(c->why, sizeof c->why,
                 "who sits here must be said: --person, or person in [console] of the file");
}

bool config_read(struct config *c, const struct options *given, enum config_use use)
{
    c->options = *given;
    c->use = use;
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

bool config_is_pin(const struct config *c, const char *text)
{
    size_t length = strlen(c->pin);
    unsigned char differs = (unsigned char)(strlen(text) != length);

    for (size_t i = 0; i < length && text[i]; i++)
        differs |= (unsigned char)(text[i] ^ c->pin[i]);
    return !differs;
}

void config_wipe(struct config *c)
{
    explicit_bzero(c->exchange.password, sizeof c->exchange.password);
    explicit_bzero(c->pin, sizeof c->pin);
}
