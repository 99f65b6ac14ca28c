#include "net/settings.h"

#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/num.h"

/* ---- values ----------------------------------------------------------------------------------- */

/* What a file says goes to terminals and logs: nothing in it may move a cursor or end a line. */
static void make_plain(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

int settings_read_secret(const char *path, char *secret, size_t size, char *why, size_t why_room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is not waited for */
    struct stat st;
    ssize_t length = -1;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0)
        length = read(fd, secret, size - 1);
    if (fd >= 0)
        close(fd);
    if (length < 0) {
        snprintf(why, why_room, "%.200s: must be there, and readable by nobody else", path);
        make_plain(why);
        return -1;
    }
    secret[length] = '\0';
    secret[strcspn(secret, "\r\n")] = '\0';
    return 0;
}

static bool set_number(const struct setting *s, void *member, const char *value)
{
    int64_t number;

    if (!sq_parse_integer(value, strlen(value), &number) || number < s->least || number > s->most)
        return false;
    if (s->kind == SETTING_INTEGER)
        *(int *)member = (int)number;
    else if (s->kind == SETTING_COUNT)
        *(uint32_t *)member = (uint32_t)number;
    else
        *(int64_t *)member = number;
    return true;
}

static bool set_flag(const struct setting *s, bool *member, const char *value)
{
    bool yes = strcmp(value, "yes") == 0, no = strcmp(value, "no") == 0;

    *member = s->kind == SETTING_YES ? yes : no;
    return yes || no;
}

static bool set_value(const struct setting *s, void *member, const char *value, char *why,
                      size_t why_room)
{
    switch (s->kind) {
    case SETTING_TEXT: return (size_t)snprintf(member, s->size, "%s", value) < s->size;
    case SETTING_SECRET:
        return settings_read_secret(value, member, SETTING_SECRET_SIZE, why, why_room) == 0;
    case SETTING_YES:
    case SETTING_NO: return set_flag(s, member, value);
    default: return set_number(s, member, value);
    }
}

int settings_take(const struct setting *table, size_t count, void *base, const char *section,
                  const char *name, const char *value, char *why, size_t why_room)
{
    for (size_t i = 0; i < count; i++) {
        const struct setting *s = &table[i];

        if (strcmp(s->name, name) != 0 || (section != NULL && strcmp(s->section, section) != 0))
            continue;
        why[0] = '\0';
        if (set_value(s, (char *)base + s->offset, value, why, why_room))
            return 1;
        if (why[0] == '\0')
            snprintf(why, why_room, "%s: \"%.100s\" is not possible", name, value);
        return -1;
    }
    return 0;
}

/* ---- files ------------------------------------------------------------------------------------ */

struct reading {
    settings_take_fn *take;
    void *owner;
    char why[SETTING_WHY]; /* the first thing that is wrong; "": not the settings' fault */
};

/* libinih: 0 is an error at this line. */
static int take_line(void *owner, const char *section, const char *name, const char *value)
{
    struct reading *r = owner;
    char why[SETTING_WHY / 2] = "";
    int taken = r->take(r->owner, section, name, value, why, sizeof why);

    if (taken != 1 && r->why[0] == '\0')
        snprintf(r->why, sizeof r->why, "[%.60s] %.60s: %s", section, name,
                 taken == 0 ? "no such setting" : why);
    return taken == 1;
}

int settings_read(const char *file, settings_take_fn *take, void *owner, char *why, size_t why_room)
{
    struct reading r = {.take = take, .owner = owner};
    int line = ini_parse(file, take_line, &r);

    if (line == 0)
        return 0;
    if (line < 0)
        snprintf(why, why_room, "%.200s: cannot be read", file);
    else
        snprintf(why, why_room, "%.200s:%d: %s", file, line,
                 r.why[0] != '\0' ? r.why : "not understood");
    make_plain(why);
    return -1;
}

/* ---- a link ----------------------------------------------------------------------------------- */

#define AT(member)   offsetof(struct link_settings, member)
#define SIZE(member) sizeof(((struct link_settings *)0)->member)
#define TEXT(name, member)                                             \
    {                                                                  \
        "exchange", name, SETTING_TEXT, AT(member), SIZE(member), 0, 0 \
    }
#define LIMIT(member, kind, least, most)                           \
    {                                                              \
        "engine", #member, kind, AT(engine.member), 0, least, most \
    }
static const struct setting link_table[] = {
    TEXT("host", link.address),
    TEXT("port", link.port),
    TEXT("sender_comp_id", sender),
    TEXT("target_comp_id", link.target_comp_id),
    TEXT("market_sender_comp_id", link.market_sender_comp_id),
    TEXT("market_target_comp_id", link.market_target_comp_id),
    {"exchange", "heartbeat_s", SETTING_INTEGER, AT(link.heartbeat_s), 0, 1, 3600},
    TEXT("username", username),
    {"exchange", "password_file", SETTING_SECRET, AT(password), SIZE(password), 0, 0},
    {"exchange", "market_data", SETTING_NO, AT(link.no_market), 0, 0, 0},
    {"exchange", "mass_status", SETTING_NO, AT(link.no_mass_status), 0, 0, 0},
    LIMIT(orders_per_second, SETTING_COUNT, 1, 1000),
    LIMIT(orders_burst, SETTING_COUNT, 1, 1000),
    LIMIT(reprices, SETTING_COUNT, 0, 100),
    LIMIT(reprice_after_ms, SETTING_NUMBER, 0, 3600000),
    LIMIT(protect_bps, SETTING_NUMBER, 0, 10000),
    LIMIT(wide_bps, SETTING_NUMBER, 0, 10000),
    LIMIT(unknown_after_ms, SETTING_NUMBER, 100, 600000),
    LIMIT(largest_cash_qty, SETTING_NUMBER, 1, 100000000),
};

int link_settings_take(struct link_settings *settings, const char *section, const char *name,
                       const char *value, char *why, size_t why_room)
{
    return settings_take(link_table, sizeof link_table / sizeof link_table[0], settings, section,
                         name, value, why, why_room);
}

void link_settings_finish(struct link_settings *settings)
{
    settings->link.username = settings->username[0] != '\0' ? settings->username : NULL;
    settings->link.password = settings->password[0] != '\0' ? settings->password : NULL;
}
