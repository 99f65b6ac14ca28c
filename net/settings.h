/*
 * settings.h: what configuration files (INI, libinih) may say, as tables of names and places, and
 * the settings of a link to an exchange, which a console and a server share.
 */
#ifndef NET_SETTINGS_H
#define NET_SETTINGS_H

#include "net/standalone.h"

enum { SETTING_SECRET_SIZE = 64, SETTING_WHY = 512 };

enum setting_kind {
    SETTING_TEXT,    /* char[size]; a longer one is refused */
    SETTING_INTEGER, /* int, from least to most; as the next two */
    SETTING_NUMBER,  /* int64_t */
    SETTING_COUNT,   /* uint32_t */
    SETTING_YES,     /* bool: `yes` sets it, `no` clears it */
    SETTING_NO,      /* bool: `no` sets it */
    SETTING_SECRET   /* char[SETTING_SECRET_SIZE], the first line of the file that is named; nobody
                      * but its owner may read it */
};
struct setting {
    const char *section; /* NULL in the caller's question: any */
    const char *name;
    enum setting_kind kind;
    size_t offset, size; /* of the member in the caller's struct */
    int64_t least, most;
};

/*
 * Sets the member of `base` that a setting of the table stands for. 1: done; 0: the table has no
 * such setting; -1: the value is not possible, why says so. section NULL: by the name alone.
 */
int settings_take(const struct setting *table, size_t count, void *base, const char *section,
                  const char *name, const char *value, char *why, size_t why_room);

/*
 * Reads a file. `take` gets each setting and answers as settings_take() does; the first that it does
 * not take ends it. 0, or -1 with file, line and reason, in characters that a terminal can be shown.
 */
typedef int settings_take_fn(void *owner, const char *section, const char *name, const char *value,
                             char *why, size_t why_room);
int settings_read(const char *file, settings_take_fn *take, void *owner, char *why,
                  size_t why_room);

/* Reads a secret; see SETTING_SECRET. Only a plain file is read. 0, or -1 with the reason. */
int settings_read_secret(const char *path, char *secret, size_t size, char *why, size_t why_room);

/* ---- a link to an exchange, and the engine behind it ------------------------------------------ */

struct link_settings {
    struct standalone_config link; /* address "": none */
    struct sq_config engine;       /* sq_config_default() first */
    char sender[SQ_SENDER_SIZE];   /* "": the book says it */
    char username[SETTING_SECRET_SIZE], password[SETTING_SECRET_SIZE];
};
/* Settings of the sections [exchange] and [engine]; section NULL: of either, by the name alone. */
int link_settings_take(struct link_settings *settings, const char *section, const char *name,
                       const char *value, char *why, size_t why_room);
/* Sets link.username and link.password to what was read. */
void link_settings_finish(struct link_settings *settings);

#endif
