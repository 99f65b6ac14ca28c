#include "db/incident.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/num.h"
#include "db/state_dir.h"

enum { PATH_ROOM = STATE_PATH_MAX + 32 };

static const char commit_word[] = "commit ";
static const char assertion_word[] = "assertion ";

static struct watched {
    const struct sq_host *host; /* NULL: a free place */
    char state[STATE_PATH_MAX];
} watched[INCIDENT_HOSTS];

static void path_of(const char *state, const char *name, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "%s/%s", state, name);
}

/* One line, synced, whatever is in it: control bytes would make two of it. */
static void append(const char *state, const char *word, const char *text)
{
    char path[PATH_ROOM], line[SQ_LINE_MAX];
    path_of(state, "incident", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int length = snprintf(line, sizeof line - 1, "%s%s", word, text);
    if (fd < 0 || length < 0)
        return;
    if ((size_t)length > sizeof line - 2)
        length = (int)sizeof line - 2;
    for (int i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[length] = '\n';
    if (write(fd, line, (size_t)length + 1) > 0)
        fsync(fd);
    close(fd);
}

/* Whose step it was; where nobody stepped, any that is watched. */
static const struct watched *whose(void)
{
    const struct watched *any = NULL;
    for (size_t i = 0; i < INCIDENT_HOSTS; i++) {
        if (!watched[i].host)
            continue;
        any = &watched[i];
        if (sq_host_stepping(any->host))
            return any;
    }
    return any;
}

static void broke(const char *file, int at, const char *what)
{
    char text[SQ_LINE_MAX], input[SQ_LINE_MAX] = "no input";
    const struct watched *w = whose();
    const struct sq_message *stepping = w ? sq_host_stepping(w->host) : NULL;
    if (stepping)
        sq_line((enum sq_kind)stepping->kind, &stepping->as, input, sizeof input);
    snprintf(text, sizeof text, "%s:%d: %.200s: %.3800s", file, at, what, input);
    if (w)
        append(w->state, assertion_word, text);
    fprintf(stderr, "squareoff: a bug: %s:%d: %s\n", file, at, what);
    abort();
}

static struct watched *place_of(const struct sq_host *host)
{
    for (size_t i = 0; i < INCIDENT_HOSTS; i++)
        if (watched[i].host == host)
            return &watched[i];
    return NULL;
}

void incident_watch(const char *state, const struct sq_host *host)
{
    struct watched *place = place_of(host) ? place_of(host) : place_of(NULL);
    sq_on_assert(broke);
    if (!place)
        return;
    place->host = host;
    snprintf(place->state, sizeof place->state, "%s", state);
}

void incident_forget(const struct sq_host *host)
{
    struct watched *place = place_of(host);
    if (place)
        place->host = NULL;
}

void incident_commit_failed(const char *state, const char *why)
{
    append(state, commit_word, why);
}

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

void incident_read(const char *state, struct incident *incident)
{
    char path[PATH_ROOM], line[SQ_LINE_MAX];
    memset(incident, 0, sizeof *incident);
    path_of(state, "incident", path);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        incident->commits += begins(line, commit_word);
        incident->assertions += begins(line, assertion_word);
        snprintf(incident->words, sizeof incident->words, "%.*s", INCIDENT_WORDS - 1, line);
    }
    fclose(file);
}

bool incident_is_view_only(const struct incident *incident)
{
    return incident->commits > 0 || incident->assertions > 1;
}

enum sq_err incident_clear(const char *state, const char *person, const char *reason, sq_time now)
{
    char path[PATH_ROOM], kept[PATH_ROOM], name[64], text[SQ_LINE_MAX];
    path_of(state, "incident", path);
    if (access(path, F_OK) != 0)
        return SQ_ERR_NOT_FOUND;
    snprintf(text, sizeof text, "%s: %s", person, reason);
    append(state, "cleared ", text);
    snprintf(name, sizeof name, "incident-cleared-%lld", (long long)(now / SQ_SECOND));
    path_of(state, name, kept);
    return rename(path, kept) == 0 ? SQ_ERR_OK : SQ_ERR_IO;
}
