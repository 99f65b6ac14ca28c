/* The configuration file of squareoffd: [server], and [book XYZ] for each book. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/main.h"

#define AT(type, member)   offsetof(struct type, member)
#define SIZE(type, member) sizeof(((struct type *)0)->member)
#define TEXT(type, section, member)                                                \
    {                                                                              \
        section, #member, SETTING_TEXT, AT(type, member), SIZE(type, member), 0, 0 \
    }
#define COUNT(name, member, most)                                                     \
    {                                                                                 \
        "server", name, SETTING_COUNT, AT(daemon_settings, limits.member), 0, 1, most \
    }

static const struct setting server_table[] = {
    TEXT(daemon_settings, "server", name),
    TEXT(daemon_settings, "server", listen),
    TEXT(daemon_settings, "server", http_listen),
    TEXT(daemon_settings, "server", certificate),
    TEXT(daemon_settings, "server", key),
    TEXT(daemon_settings, "server", client_ca),
    TEXT(daemon_settings, "server", state),
    TEXT(daemon_settings, "server", store),
    TEXT(daemon_settings, "server", conninfo_file),
    {"server", "grant_key_file", SETTING_TEXT, AT(daemon_settings, grant_key),
     SIZE(daemon_settings, grant_key), 0, 0},
    {"server", "behind_terminator", SETTING_YES, AT(daemon_settings, behind_terminator), 0, 0, 0},
    {"server", "lease_ms", SETTING_NUMBER, AT(daemon_settings, lease_ms), 0, 300, 600000},
    {"server", "password_kib", SETTING_NUMBER, AT(daemon_settings, password_kib), 0, 8, 4194304},
    {"server", "password_passes", SETTING_NUMBER, AT(daemon_settings, password_passes), 0, 1, 100},
    COUNT("connections", connections, 19000),
    COUNT("reserved", reserved, 1000),
    COUNT("connections_per_user", per_user, 19000),
    COUNT("connections_per_address", per_address, 19000),
    COUNT("requests_per_second", per_second, 100000),
    COUNT("handshake_ms", handshake_ms, 600000),
    COUNT("login_ms", login_ms, 600000),
};

static const struct setting book_table[] = {
    TEXT(daemon_book, "book", state),       TEXT(daemon_book, "book", day),
    TEXT(daemon_book, "book", accepted_by), TEXT(daemon_book, "book", accepted_why),
    TEXT(daemon_book, "book", replicas),    TEXT(daemon_book, "book", consoles),
};

/* ---- books ------------------------------------------------------------------------------------ */

/* The book of a section "book XYZ", made when it is new; NULL: the name is none. */
static struct daemon_book *book_of(struct daemon *d, const char *section)
{
    const char *code = section + strlen("book ");
    if (strlen(code) != 3 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != 3)
        return NULL;
    for (size_t i = 0; i < d->book_count; i++)
        if (strcmp(d->books[i]->code, code) == 0)
            return d->books[i];
    struct daemon_book *book = d->book_count < SERVER_BOOKS ? calloc(1, sizeof *book) : NULL;
    if (book == NULL)
        return NULL;
    book->daemon = d;
    memcpy(book->code, code, sizeof book->code);
    sq_config_default(&book->exchange.engine);
    d->served[d->book_count] = &book->served;
    d->books[d->book_count++] = book;
    return book;
}

static int take_of_book(struct daemon *d, const char *section, const char *name, const char *value,
                        char *why, size_t why_room)
{
    struct daemon_book *book = book_of(d, section);
    if (book == NULL) {
        snprintf(why, why_room,
                 "a book's code has three letters or digits, and there are at most "
                 "%d books",
                 SERVER_BOOKS);
        return -1;
    }
    int taken = settings_take(book_table, sizeof book_table / sizeof book_table[0], book, NULL,
                              name, value, why, why_room);
    return taken != 0 ? taken
                      : link_settings_take(&book->exchange, NULL, name, value, why, why_room);
}

static int take(void *owner, const char *section, const char *name, const char *value, char *why,
                size_t why_room)
{
    struct daemon *d = owner;
    if (strncmp(section, "book ", 5) == 0)
        return take_of_book(d, section, name, value, why, why_room);
    return settings_take(server_table, sizeof server_table / sizeof server_table[0], &d->settings,
                         section, name, value, why, why_room);
}

/* ---- what belongs together -------------------------------------------------------------------- */

int config_split(const char *listen, char address[ADDRESS_SIZE], char port[8])
{
    const char *colon = strrchr(listen, ':');
    size_t length = colon != NULL ? (size_t)(colon - listen) : 0;
    if (length == 0 || length >= ADDRESS_SIZE || strlen(colon + 1) == 0 || strlen(colon + 1) > 5)
        return -1;
    bool brackets = listen[0] == '[' && listen[length - 1] == ']';
    snprintf(address, ADDRESS_SIZE, "%.*s", (int)(brackets ? length - 2 : length),
             listen + brackets);
    strcpy(port, colon + 1);
    return 0;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static const char *check_listen(const struct daemon_settings *s)
{
    char address[ADDRESS_SIZE], port[8];
    if (s->http_listen[0] != '\0' && config_split(s->http_listen, address, port) != 0)
        return "[server] http_listen: must be ADDRESS:PORT";
    if (config_split(s->listen, address, port) != 0)
        return "[server] listen: must be ADDRESS:PORT";
    if (s->certificate[0] == '\0' && !is_loopback(address) && !s->behind_terminator)
        return "[server] listen: plain TCP is for loopback addresses; give certificate and key, "
               "or behind_terminator = yes";
    if ((s->certificate[0] == '\0') != (s->key[0] == '\0'))
        return "[server] certificate and key belong together";
    return NULL;
}

/* A key that others can read is no secret any more. */
static bool is_private(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 && (st.st_mode & 077) == 0;
}

static const char *check(struct daemon *d)
{
    const struct daemon_settings *s = &d->settings;
    bool postgres = strcmp(s->store, "postgres") == 0;
    if (d->book_count == 0)
        return "there is no [book XYZ]";
    if (s->state[0] == '\0')
        return "[server] state: must be given";
    if (!postgres && strcmp(s->store, "sqlite") != 0)
        return "[server] store: sqlite or postgres";
    if (postgres && s->conninfo_file[0] == '\0')
        return "[server] conninfo_file: must be given with store = postgres";
    if (s->key[0] != '\0' && !is_private(s->key))
        return "[server] key: must be there, and readable by nobody else";
    if (s->limits.reserved >= s->limits.connections)
        return "[server] reserved: must be less than connections";
    return check_listen(s);
}

/* A book's state lies in the server's; who owns it is settled as the store does it. */
static void complete(struct daemon *d)
{
    bool postgres = strcmp(d->settings.store, "postgres") == 0;
    for (size_t i = 0; i < d->book_count; i++) {
        struct daemon_book *book = d->books[i];
        char name[PATH_SIZE];
        snprintf(name, sizeof name, "%s", book->state[0] != '\0' ? book->state : book->code);
        snprintf(book->state, sizeof book->state, "%.300s/%.200s", d->settings.state, name);
        link_settings_finish(&book->exchange);
        book->owner = postgres ? &owner_by_lease : &owner_by_lock;
    }
}

static void set_defaults(struct daemon_settings *s)
{
    gethostname(s->name, sizeof s->name - 1);
    strcpy(s->listen, "127.0.0.1:7410");
    strcpy(s->store, "sqlite");
    s->lease_ms = 10000;
    s->password_kib = (int64_t)login_usual.cost.memory_bytes / 1024;
    s->password_passes = login_usual.cost.passes;
    s->limits = server_usual_limits;
}

int config_read(struct daemon *d, const char *file)
{
    set_defaults(&d->settings);
    if (settings_read(file, take, d, d->why, sizeof d->why) != 0)
        return -1;
    const char *wrong = check(d);
    if (wrong != NULL) {
        snprintf(d->why, sizeof d->why, "%.200s: %s", file, wrong);
        return -1;
    }
    char why[WHY_SIZE / 2];
    if (d->settings.conninfo_file[0] != '\0' &&
        settings_read_secret(d->settings.conninfo_file, d->settings.conninfo,
                             sizeof d->settings.conninfo, why, sizeof why) != 0) {
        snprintf(d->why, sizeof d->why, "%.200s: [server] conninfo_file: %s", file, why);
        return -1;
    }
    complete(d);
    return 0;
}
