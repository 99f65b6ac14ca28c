/* The configuration file of the console: libinih's INI, refused with file and line when a setting is
 * not known or a value is not possible. */
#ifndef TUI_MAIN_CONFIG_H
#define TUI_MAIN_CONFIG_H

#include "net/settings.h"
#include "tui/main.h"
#include "tui/theme_mode.h"

/* What the console is started as: which settings it needs. The others' must be possible, too. */
enum config_use {
    CONFIG_DRILL,      /* [console]'s looks, nothing else; no secret is opened */
    CONFIG_STANDALONE, /* [console], [exchange], [engine] */
    CONFIG_REMOTE      /* [console], [servers] */
};

struct config {
    struct options options;        /* the command line's, filled up from the file */
    struct link_settings exchange; /* the link and the engine behind it */
    char pin[SETTING_SECRET_SIZE]; /* "": none */
    char why[WHY_SIZE];            /* what is wrong, after config_read() failed */

    const char *file; /* that was read; NULL: there is none */
    enum config_use use;
    char list[1024], user[SQ_PERSON_SIZE], ca[512], cache_key[512], book[4]; /* [servers] */
    bool plain;
    int rates_per_second;
    struct theme_choice themes;
    char name[SQ_OWNER_SIZE]; /* this console's, as an owner of books; "": it owns none */
    char grant_key[80];       /* of the servers: grants are signed with it */
    char person[SQ_PERSON_SIZE], keys[256], colour[16], state[512];
    bool silent;
    char own_file[PATH_SIZE], own_state[PATH_SIZE]; /* where they lie by default */
};

/* Reads the file that the command line names, else $XDG_CONFIG_HOME/squareoff/squareoff.conf if there
 * is one. What the command line says comes first; options.servers points into `list`. config is zero before, and stays where it is while its options are used. */
bool config_read(struct config *config, const struct options *given, enum config_use use);

/* Is this the PIN of the file? Takes as long whatever is wrong with it. */
bool config_is_pin(const struct config *config, const char *text);

/* Forgets the secrets. */
void config_wipe(struct config *config);

#endif
