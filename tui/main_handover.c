/* The replica of a console on servers, and how it comes to own the book. */
#include "tui/main_handover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/num.h"
#include "db/state_dir.h"
#include "db/store_sqlite.h"
#include "net/password.h"

enum { PEOPLE = 32, WORDS_SIZE = REPLICA_WHY + 96 };

/* A password that a server has taken here; kept as the servers keep theirs. */
struct known {
    char person[SQ_PERSON_SIZE];
    char hash[PASSWORD_HASH_SIZE];
};

struct console_owner {
    struct loop *loop;
    const struct config *config;
    struct console_owner_calls calls;
    char path[PATH_SIZE]; /* of the replica */
    struct sq_store *store;
    struct replica *replica;
    enum remote_phase phase;
    char person[SQ_PERSON_SIZE], reason[SQ_TEXT_SIZE]; /* of a hand-over that was asked for */
    char told[WORDS_SIZE];
    struct known known[PEOPLE];
    size_t known_count;
};

void console_owner_path(const char *state, const char *book, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%.1000s/replica-%.3s", state, book);
}

/* ---- small files of the replica's state ---------------------------------------------------------- */

/* Whole or not at all, and readable by nobody else. */
static bool keep_text(const char *folder, const char *name, const char *text)
{
    char path[PATH_SIZE + 32], fresh[PATH_SIZE + 32];
    size_t length = strlen(text);

    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(fresh, sizeof fresh, "%s/%s.new", folder, name);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool written = write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
    close(fd);
    return written && rename(fresh, path) == 0;
}

static bool read_text(const char *folder, const char *name, char *text, size_t size)
{
    char path[PATH_SIZE + 32];
    ssize_t length;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    length = read(fd, text, size - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static bool read_name(const char *folder, const char *file, char *name, size_t size)
{
    bool known = read_text(folder, file, name, size);

    name[known ? strcspn(name, "\n") : 0] = '\0';
    return known;
}

bool console_owner_lender(const char *state, char name[SQ_OWNER_SIZE])
{
    return read_name(state, "lender", name, SQ_OWNER_SIZE);
}

/* ---- people ------------------------------------------------------------------------------------- */

static void read_known(struct console_owner *o)
{
    char text[PEOPLE * (SQ_PERSON_SIZE + PASSWORD_HASH_SIZE + 2)] = "", *rest = NULL;

    read_text(o->path, "people", text, sizeof text);
    for (char *line = strtok_r(text, "\n", &rest); line && o->known_count < PEOPLE;
         line = strtok_r(NULL, "\n", &rest)) {
        struct known *k = &o->known[o->known_count];
        char *blank = strchr(line, ' ');

        if (!blank || blank - line >= SQ_PERSON_SIZE || strlen(blank + 1) >= PASSWORD_HASH_SIZE)
            continue;
        *blank = '\0';
        strcpy(k->person, line);
        strcpy(k->hash, blank + 1);
        o->known_count++;
    }
}

static struct known *find_known(struct console_owner *o, const char *person)
{
    for (size_t i = 0; i < o->known_count; i++)
        if (strcmp(o->known[i].person, person) == 0)
            return &o->known[i];
    return NULL;
}

void console_owner_know(struct console_owner *o, const char *person, const char *password)
{
    char text[PEOPLE * (SQ_PERSON_SIZE + PASSWORD_HASH_SIZE + 2)];
    struct known *k = o ? find_known(o, person) : NULL;
    size_t length = 0;

    if (!o || (!k && o->known_count == PEOPLE))
        return;
    if (k && password_verify(k->hash, password) == PASSWORD_RIGHT)
        return;
    if (!k)
        k = &o->known[o->known_count++];
    sq_text_cut(k->person, sizeof k->person, person);
    if (password_hash(password, &password_usual, k->hash) != 0)
        k->hash[0] = '\0';
    for (size_t i = 0; i < o->known_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s %s\n",
                                   o->known[i].person, o->known[i].hash);
    keep_text(o->path, "people", text);
}

static bool is_known(struct console_owner *o, const char *person, const char *password)
{
    struct known *k = find_known(o, person);

    return k && password_verify(k->hash, password) == PASSWORD_RIGHT;
}

/* ---- what is said ------------------------------------------------------------------------------- */

static void say(struct console_owner *o, bool bad, const char *words)
{
    if (strcmp(o->told, words) == 0)
        return;
    snprintf(o->told, sizeof o->told, "%s", words);
    if (o->calls.say)
        o->calls.say(o->calls.owner, bad, words);
}

void console_owner_words(const struct console_owner *o, char *text, size_t size)
{
    struct replica_status s;

    replica_status(o->replica, &s);
    snprintf(text, size, "%s, row %llu%s%s%s%s", replica_state_words(s.state),
             (unsigned long long)s.seq, s.asked ? "; asked for the book" : "",
             s.owned || s.owner[0] == '\0' ? "" : "; released to ",
             s.owned || s.owner[0] == '\0' ? "" : s.owner, s.why[0] ? ": " : "");
    snprintf(text + strlen(text), size - strlen(text), "%s", s.why);
}

static void on_changed(void *owner)
{
    struct console_owner *o = owner;
    struct replica_status s;
    char words[WORDS_SIZE];

    if (!o->replica)
        return;
    replica_status(o->replica, &s);
    if (s.why[0] == '\0' && s.state != REPLICA_RETURNING)
        return;
    snprintf(words, sizeof words, "replica: %s%s%s", replica_state_words(s.state),
             s.why[0] ? ": " : "", s.why);
    say(o, s.why[0] != '\0', words);
}

/* ---- taking the book ---------------------------------------------------------------------------- */

static bool take(struct console_owner *o, const struct replica_taking *how, const char *lender,
                 char why[REPLICA_WHY])
{
    char name[SQ_OWNER_SIZE + 2];
    struct sq_host *host = replica_host(o->replica);

    snprintf(name, sizeof name, "%s\n", lender);
    if (!host || !keep_text(o->path, "lender", name) || !keep_text(o->path, "taker", how->person)) {
        snprintf(why, REPLICA_WHY, "%s",
                 host ? "the replica's state cannot be written"
                      : "nothing has come from a server yet");
        return false;
    }
    return replica_take(host, how, loop_now(o->loop), why) == SQ_ERR_OK;
}

static void on_granted(void *owner, const char *text, const char *signature)
{
    struct console_owner *o = owner;
    char kept[GRANT_TEXT + GRANT_SIGNATURE_TEXT + 4], name[40], reason[GRANT_WHY];
    char why[REPLICA_WHY] = "the grant cannot be kept";
    struct grant grant;
    const struct replica_taking how = {.taken = SQ_TAKEN_GRANTED,
                                       .name = o->config->name,
                                       .person = o->person,
                                       .second = "",
                                       .reason = o->reason};

    snprintf(kept, sizeof kept, "%s\n%s\n", text, signature);
    if (grant_read(text, &grant, reason))
        snprintf(name, sizeof name, "grant-%u", grant.epoch);
    else
        strcpy(name, "grant");
    if (keep_text(o->path, name, kept) && take(o, &how, grant.from, why))
        o->calls.taken(o->calls.owner);
    else
        say(o, true, why);
}

static void on_returned(void *owner)
{
    say(owner, false, "the server has taken the book back");
}

static bool break_glass(struct console_owner *o, const struct own_ask *ask, char why[REPLICA_WHY])
{
    const struct replica_taking how = {.taken = SQ_TAKEN_BREAK_GLASS,
                                       .name = o->config->name,
                                       .person = ask->person,
                                       .second = ask->second,
                                       .reason = ask->reason};
    struct replica_status s;

    replica_status(o->replica, &s);
    if (o->phase == REMOTE_LIVE || o->phase == REMOTE_SNAPSHOT) {
        snprintf(why, REPLICA_WHY, "a server answers: ask it, with :handover");
        return false;
    }
    if (!is_known(o, ask->person, ask->password) ||
        !is_known(o, ask->second, ask->second_password)) {
        snprintf(why, REPLICA_WHY, "wrong, or a person who has never logged in on this console");
        return false;
    }
    if (!take(o, &how, s.owner, why))
        return false;
    o->calls.taken(o->calls.owner);
    return true;
}

bool console_owner_ask(struct console_owner *o, const struct own_ask *ask, const char *person,
                       char *why, size_t why_room)
{
    char reason[REPLICA_WHY] = "the book is with the server already";
    struct replica_status s;
    bool done = false;

    if (ask->what == OWN_BREAKGLASS) {
        done = break_glass(o, ask, reason);
    } else if (ask->what == OWN_HANDOVER) {
        sq_text_cut(o->person, sizeof o->person, person);
        sq_text_cut(o->reason, sizeof o->reason, ask->reason);
        done = replica_hand_over(o->replica, ask->reason);
        replica_status(o->replica, &s);
        snprintf(reason, sizeof reason, "%s", s.why);
    }
    snprintf(why, why_room, "%s", reason);
    return done;
}

/* ---- the session -------------------------------------------------------------------------------- */

void console_owner_turn(struct console_owner *o, struct remote *remote, enum remote_phase phase)
{
    bool was = o->phase == REMOTE_LIVE, is = phase == REMOTE_LIVE;

    o->phase = phase;
    if (is && !was)
        replica_begin(o->replica, remote);
    if (was && !is)
        replica_lost(o->replica);
}

void console_owner_rows(struct console_owner *o, const struct wire_frame *frame)
{
    replica_rows(o->replica, frame);
}

/* ---- beginning and end -------------------------------------------------------------------------- */

static enum console_exit open_replica(struct console_owner *o, char why[WHY_SIZE])
{
    struct replica_config config = {.loop = o->loop,
                                    .store = o->store,
                                    .grant_key =
                                        o->config->grant_key[0] ? o->config->grant_key : NULL,
                                    .changed = on_changed,
                                    .granted = on_granted,
                                    .returned = on_returned,
                                    .owner = o};
    struct replica_status s;

    memcpy(config.book, o->config->book, sizeof config.book);
    sq_text_cut(config.name, sizeof config.name, o->config->name);
    o->replica = replica_create(&config, why, WHY_SIZE);
    if (!o->replica)
        return EXIT_STATE;
    replica_status(o->replica, &s);
    return s.owned && sq_text_equal(s.owner, config.name) ? EXIT_CHANGES : EXIT_DONE;
}

enum console_exit console_owner_open(struct loop *loop, const struct config *config,
                                     const char *state, const struct console_owner_calls *calls,
                                     struct console_owner **made, char why[WHY_SIZE])
{
    struct console_owner *o;
    enum sq_err error;

    *made = NULL;
    if (config->name[0] == '\0')
        return EXIT_DONE;
    if (!grant_is_name(config->name) || config->book[0] == '\0') {
        snprintf(why, WHY_SIZE,
                 "[console] name is letters, digits, - _ . , and needs [servers] book");
        return EXIT_CONFIG;
    }
    if (password_init() != 0 || !(o = calloc(1, sizeof *o)))
        return EXIT_STATE;
    *made = o;
    o->loop = loop;
    o->config = config;
    o->calls = *calls;
    o->phase = REMOTE_CONNECTING;
    console_owner_path(state, config->book, o->path);
    o->store = store_sqlite_open(o->path, NULL, &error, why, WHY_SIZE);
    if (!o->store)
        return EXIT_STATE;
    read_known(o);
    return open_replica(o, why);
}

void console_owner_stop(struct console_owner *o)
{
    if (o && o->replica)
        replica_stop(o->replica);
}

void console_owner_free(struct console_owner *o)
{
    if (!o)
        return;
    replica_free(o->replica);
    if (o->store)
        o->store->ops->destroy(o->store);
    free(o);
}

/* ---- one mode after the other -------------------------------------------------------------------- */

enum console_exit owner_main(const struct options *options)
{
    char state[PATH_SIZE], taker[SQ_PERSON_SIZE];
    enum console_exit result;

    do {
        struct options alone = *options;

        state[0] = '\0';
        result = remote_main(options, state);
        if (result != EXIT_CHANGES)
            return result;
        alone.remote = false;
        alone.standalone = true;
        alone.state = state;
        if (!alone.person && read_name(state, "taker", taker, sizeof taker))
            alone.person = taker; /* who took it sits there */
        result = standalone_main(&alone);
    } while (result == EXIT_CHANGES);
    return result;
}
