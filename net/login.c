/*
 * login.c: two lanes of jobs in front of login_check.c.
 *
 * A lane has its jobs from the start, in one block; those that are free and those that wait are two
 * lists through the same member. A runner is one job under way: a task of libuv, and the answer.
 */
#include "net/login.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "net/login_check.h"
#include "net/loop.h"
#include "net/totp.h"

enum { ADDRESS_SHARE = 4 }; /* one address may have this part of those that wait */

const struct login_options login_usual = {
    .cost = {.memory_bytes = 64 << 20, .passes = 3},
    .life_us = 12 * 3600 * SQ_SECOND,
    .idle_us = 3600 * SQ_SECOND,
    .at_once = 2,
    .waiting = LOGIN_WAITING_MAX,
    .token_waiting = 20480,
};

enum what { PASSWORD, TOKEN, LOGOUT };

/* Copies of what was asked. A text that is too long is kept too long by one: it fits nothing. */
struct job {
    struct job *next;
    enum what what;
    char user[SQ_PERSON_SIZE + 1];
    char password[PASSWORD_LENGTH_MAX + 2];
    char code[TOTP_DIGITS + 2];
    char address[SQ_ADDRESS_SIZE];
    char token[TOKEN_SIZE + 1];
    sq_time now;
    login_done_fn *done;
    void *owner;
};

struct lane;
struct runner {
    struct loop_task task;
    struct lane *lane;
    struct job *job; /* NULL: idle */
    struct login_answer answer;
};

struct lane {
    struct login *login;
    struct job *jobs; /* all of them: as many as may run and wait, and that is the bound */
    unsigned capacity, used;
    struct job *free;
    struct job *first, *last; /* that wait */
    unsigned waiting, waiting_max, running;
    struct runner runners[LOGIN_AT_ONCE_MAX];
    unsigned at_once;
};

enum { PASSWORDS, TOKENS, LANES };

struct login {
    struct loop *loop;
    struct login_rules rules;
    struct lane lanes[LANES];
    bool stopped;
};

/* ---- jobs ------------------------------------------------------------------------------------ */

/* From the free ones, else the next that was never used: pages that no flood needed stay away. */
static struct job *take_job(struct lane *lane)
{
    struct job *job = lane->free;
    if (job != NULL)
        lane->free = job->next;
    else if (lane->used < lane->capacity)
        job = &lane->jobs[lane->used++];
    return job;
}

static void free_job(struct lane *lane, struct job *job)
{
    sodium_memzero(job, sizeof *job);
    job->next = lane->free;
    lane->free = job;
}

static void append(struct lane *lane, struct job *job)
{
    job->next = NULL;
    if (lane->last != NULL)
        lane->last->next = job;
    else
        lane->first = job;
    lane->last = job;
    lane->waiting++;
}

static struct job *shift(struct lane *lane)
{
    struct job *job = lane->first;
    lane->first = job->next;
    if (lane->first == NULL)
        lane->last = NULL;
    lane->waiting--;
    return job;
}

static void copy(char *to, size_t room, const char *from)
{
    size_t length = from != NULL ? strnlen(from, room - 1) : 0;
    memcpy(to, from != NULL ? from : "", length);
    to[length] = '\0';
}

/* ---- under way ------------------------------------------------------------------------------- */

static void start_waiting(struct lane *lane);

/* On another thread: reads the rules and the job, writes the answer. */
static void work(void *owner)
{
    struct runner *r = owner;
    const struct job *job = r->job;
    const struct login_rules *rules = &r->lane->login->rules;
    const struct login_ask ask = {.user = job->user,
                                  .password = job->password,
                                  .code = job->code,
                                  .address = job->address,
                                  .now = job->now};
    switch (job->what) {
    case PASSWORD: login_check_password(rules, &ask, &r->answer); return;
    case TOKEN: login_check_token(rules, job->token, job->now, &r->answer); return;
    case LOGOUT: login_check_logout(rules, job->token, &r->answer); return;
    }
}

/* done() may ask for more: the runner is free only after it. */
static void finished(void *owner)
{
    struct runner *r = owner;
    struct lane *lane = r->lane;
    if (r->job->done != NULL)
        r->job->done(r->job->owner, &r->answer);
    sodium_memzero(&r->answer, sizeof r->answer);
    free_job(lane, r->job);
    r->job = NULL;
    lane->running--;
    start_waiting(lane);
}

static struct runner *idle_runner(struct lane *lane)
{
    for (unsigned i = 0; i < lane->at_once; i++)
        if (lane->runners[i].job == NULL)
            return &lane->runners[i];
    return NULL;
}

static void start_waiting(struct lane *lane)
{
    struct runner *r;
    while (lane->first != NULL && (r = idle_runner(lane)) != NULL) {
        r->job = shift(lane);
        r->task = (struct loop_task){.work = work, .done = finished, .owner = r};
        lane->running++;
        loop_task_start(&r->task, lane->login->loop); /* fails only without a function */
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

static unsigned waiting_of(const struct lane *lane, const char *address)
{
    unsigned count = 0;
    for (const struct job *job = lane->first; job != NULL; job = job->next)
        count += strcmp(job->address, address) == 0;
    return count;
}

static enum login_result enqueue(struct lane *lane, enum what what, const char *token,
                                 const struct login_ask *ask)
{
    struct job *job = lane->login->stopped ? NULL : take_job(lane);
    if (job == NULL)
        return LOGIN_BUSY;
    job->what = what;
    job->now = ask->now;
    job->done = ask->done;
    job->owner = ask->owner;
    copy(job->token, sizeof job->token, token);
    copy(job->user, sizeof job->user, ask->user);
    copy(job->password, sizeof job->password, ask->password);
    copy(job->code, sizeof job->code, ask->code);
    copy(job->address, sizeof job->address, ask->address);
    append(lane, job);
    start_waiting(lane);
    return LOGIN_OK;
}

enum login_result login_start(struct login *login, const struct login_ask *ask)
{
    struct lane *lane = &login->lanes[PASSWORDS];
    char address[SQ_ADDRESS_SIZE];
    copy(address, sizeof address, ask->address);
    unsigned share = (lane->waiting_max + ADDRESS_SHARE - 1) / ADDRESS_SHARE;
    return waiting_of(lane, address) < share ? enqueue(lane, PASSWORD, NULL, ask) : LOGIN_BUSY;
}

/* Of a token's ask only the time and the caller are taken along. */
static enum login_result enqueue_token(struct login *login, enum what what, const char *token,
                                       const struct login_ask *ask)
{
    const struct login_ask bare = {.now = ask->now, .done = ask->done, .owner = ask->owner};
    return enqueue(&login->lanes[TOKENS], what, token, &bare);
}

enum login_result login_token(struct login *login, const char *token, const struct login_ask *ask)
{
    return enqueue_token(login, TOKEN, token, ask);
}

enum login_result login_logout(struct login *login, const char *token, const struct login_ask *ask)
{
    return enqueue_token(login, LOGOUT, token, ask);
}

/* ---- going ----------------------------------------------------------------------------------- */

/* A logout that waits is carried out all the same: only its caller is forgotten. */
static void forget_waiting(struct lane *lane, const void *owner)
{
    struct job *job = lane->first;
    lane->first = lane->last = NULL;
    lane->waiting = 0;
    while (job != NULL) {
        struct job *next = job->next;
        bool theirs = job->owner == owner;
        if (theirs)
            job->done = NULL;
        if (theirs && job->what != LOGOUT)
            free_job(lane, job);
        else
            append(lane, job);
        job = next;
    }
}

void login_forget(struct login *login, const void *owner)
{
    for (int i = 0; i < LANES; i++) {
        struct lane *lane = &login->lanes[i];
        forget_waiting(lane, owner);
        for (unsigned r = 0; r < lane->at_once; r++)
            if (lane->runners[r].job != NULL && lane->runners[r].job->owner == owner)
                lane->runners[r].job->done = NULL;
    }
}

unsigned login_pending(const struct login *login)
{
    unsigned count = 0;
    for (int i = 0; i < LANES; i++)
        count += login->lanes[i].waiting + login->lanes[i].running;
    return count;
}

void login_stop(struct login *login)
{
    login->stopped = true;
    for (int i = 0; i < LANES; i++) {
        struct lane *lane = &login->lanes[i];
        while (lane->first != NULL)
            free_job(lane, shift(lane));
        for (unsigned r = 0; r < lane->at_once; r++)
            if (lane->runners[r].job != NULL)
                lane->runners[r].job->done = NULL;
    }
}

/* ---- making ---------------------------------------------------------------------------------- */

static unsigned clamp(unsigned value, unsigned most)
{
    return value < 1 ? 1 : value > most ? most : value;
}

static int init_lane(struct login *login, int which, unsigned at_once, unsigned waiting)
{
    struct lane *lane = &login->lanes[which];
    lane->login = login;
    lane->at_once = at_once;
    lane->waiting_max = waiting;
    lane->capacity = at_once + waiting;
    lane->jobs = calloc(lane->capacity, sizeof *lane->jobs);
    for (unsigned i = 0; i < at_once; i++)
        lane->runners[i].lane = lane;
    return lane->jobs != NULL ? 0 : -1;
}

struct login *login_create(struct loop *loop, struct sq_users *users,
                           const struct login_options *options)
{
    struct login *login = calloc(1, sizeof *login);
    if (login == NULL)
        return NULL;
    login->loop = loop;
    unsigned at_once = clamp(options->at_once, LOGIN_AT_ONCE_MAX);
    unsigned waiting = clamp(options->waiting, LOGIN_WAITING_MAX);
    if (login_rules_init(&login->rules, users, options) != 0 ||
        init_lane(login, PASSWORDS, at_once, waiting) != 0 ||
        init_lane(login, TOKENS, 1, clamp(options->token_waiting, UINT32_MAX - 1)) != 0) {
        login_destroy(login);
        return NULL;
    }
    /* Where the limit is too low the passwords may be swapped, for the seconds that they wait. */
    struct lane *lane = &login->lanes[PASSWORDS];
    (void)sodium_mlock(lane->jobs, lane->capacity * sizeof *lane->jobs);
    return login;
}

void login_destroy(struct login *login)
{
    if (login == NULL)
        return;
    struct lane *lane = &login->lanes[PASSWORDS];
    if (lane->jobs != NULL)
        sodium_munlock(lane->jobs, lane->capacity * sizeof *lane->jobs);
    free(lane->jobs);
    free(login->lanes[TOKENS].jobs);
    free(login);
}
