/* The supervisor's commands after ":". Each is an input with person and reason, and journalled. */
#include "tui/command_supervise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/needs.h"
#include "tui/send.h"
#include "tui/tui.h"

/* Takes the first word off a line: into `word` as far as it fits, and the rest behind its blanks. */
static const char *take_word(const char *line, char *word, size_t size)
{
    size_t length = strcspn(line, " ");

    snprintf(word, size, "%.*s", (int)length, line);
    return line + length + strspn(line + length, " ");
}

static bool has_reason(struct tui *tui, const char *reason)
{
    if (reason[0] != '\0')
        return true;
    tui_say(tui, ROLE_WARN, "a reason goes on record: type it behind the command");
    return false;
}

/* ---- the whole book ----------------------------------------------------------------------------- */

void command_halt(struct tui *tui, const char *rest)
{
    if (has_reason(tui, rest))
        send_supervise(tui, SQ_SUPERVISE_HALT, 0, "", NULL, rest);
}

void command_resume(struct tui *tui, const char *rest)
{
    if (has_reason(tui, rest))
        send_supervise(tui, SQ_SUPERVISE_RESUME, 0, "", NULL, rest);
}

void command_accept(struct tui *tui, const char *rest)
{
    if (has_reason(tui, rest))
        send_supervise(tui, SQ_SUPERVISE_ACCEPT_SOURCE, 0, "", NULL, rest);
}

/* ---- control ------------------------------------------------------------------------------------ */

/* DORMANT -> INVOKED -> ACTIVE -> HANDING BACK -> DORMANT, a step at a time. */
static bool may_step(struct tui *tui, enum sq_control from, const char *reason)
{
    enum sq_control now = (enum sq_control)tui_tables(tui)->book.control;

    if (now == from)
        return has_reason(tui, reason);
    tui_say(tui, ROLE_WARN, "squareoff is %s: %s", sq_name(SQ_LIST_CONTROL, now),
            control_allows(now));
    return false;
}

const char *control_allows(enum sq_control control)
{
    static const char *const words[SQ_CONTROL_COUNT] = {
        [SQ_CONTROL_DORMANT] = "sends nothing; a supervisor: :invoke REASON",
        [SQ_CONTROL_INVOKED] = "sends nothing yet; a supervisor: :activate REASON",
        [SQ_CONTROL_ACTIVE] = "closes and cancels",
        [SQ_CONTROL_HANDING_BACK] = "cancels only; a supervisor: :dormant REASON",
    };

    return words[control];
}

void command_invoke(struct tui *tui, const char *rest)
{
    if (may_step(tui, SQ_CONTROL_DORMANT, rest))
        send_supervise(tui, SQ_SUPERVISE_CONTROL, SQ_CONTROL_INVOKED, "", NULL, rest);
}

void command_activate(struct tui *tui, const char *rest)
{
    if (may_step(tui, SQ_CONTROL_INVOKED, rest))
        send_supervise(tui, SQ_SUPERVISE_CONTROL, SQ_CONTROL_ACTIVE, "", NULL, rest);
}

void command_stand_down(struct tui *tui, const char *rest)
{
    if (may_step(tui, SQ_CONTROL_ACTIVE, rest))
        stand_down_open(tui, rest);
}

void command_dormant(struct tui *tui, const char *rest)
{
    if (may_step(tui, SQ_CONTROL_HANDING_BACK, rest))
        send_supervise(tui, SQ_SUPERVISE_CONTROL, SQ_CONTROL_DORMANT, "", NULL, rest);
}

/* ---- desks -------------------------------------------------------------------------------------- */

static bool is_desk(const struct tui *tui, const char *word)
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t i = 0; i < t->client_count; i++)
        if (sq_text_equal(t->client[i].desk, word))
            return true;
    for (uint32_t i = 0; i < t->person_count; i++)
        if (sq_text_equal(t->person[i].desk, word))
            return true;
    return false;
}

/* The desk that a line begins with. False: none, and said so. */
static bool take_desk(struct tui *tui, const char **rest, char desk[SQ_DESK_SIZE])
{
    *rest = take_word(*rest, desk, SQ_DESK_SIZE);
    if (is_desk(tui, desk))
        return true;
    tui_say(tui, ROLE_WARN, "no desk \"%s\" here", desk);
    return false;
}

static void send_policy(struct tui *tui, enum sq_policy policy, const char *desk,
                        const char *reason)
{
    if (has_reason(tui, reason))
        send_supervise(tui, SQ_SUPERVISE_POLICY, (uint8_t)policy, desk, NULL, reason);
}

void command_policy(struct tui *tui, const char *rest)
{
    char desk[SQ_DESK_SIZE], word[16];
    const char *first = rest;
    int policy;

    rest = take_word(rest, word, sizeof word);
    policy = sq_named(SQ_LIST_POLICY, word);
    sq_text_cut(desk, sizeof desk, tui_tables(tui)->book.desk);
    if (policy < 0 && is_desk(tui, word)) {
        rest = take_word(first, desk, sizeof desk);
        rest = take_word(rest, word, sizeof word);
        policy = sq_named(SQ_LIST_POLICY, word);
    }
    if (policy < 0)
        tui_say(tui, ROLE_WARN, "policy [DESK] instant|armed|preview|off REASON");
    else
        send_policy(tui, (enum sq_policy)policy, desk, rest);
}

void command_block(struct tui *tui, const char *rest)
{
    char desk[SQ_DESK_SIZE];

    if (take_desk(tui, &rest, desk))
        send_policy(tui, SQ_POLICY_OFF, desk, rest);
}

void command_unblock(struct tui *tui, const char *rest)
{
    char desk[SQ_DESK_SIZE];

    if (take_desk(tui, &rest, desk))
        send_policy(tui, SQ_POLICY_INSTANT, desk, rest);
}

static void send_assign(struct tui *tui, const char *desk, const char *dealer, const char *reason)
{
    struct sq_message message = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &message.as.supervise;

    if (!has_reason(tui, reason))
        return;
    s->what = SQ_SUPERVISE_ASSIGN;
    sq_text_cut(s->desk, sizeof s->desk, desk);
    sq_text_cut(s->dealer, sizeof s->dealer, dealer);
    sq_text_cut(s->reason, sizeof s->reason, reason);
    send_supervision(tui, &message);
}

/* "take MUM-1 AS11 reason": AS11 stands in; without a person's code, whoever sits here. */
void command_take(struct tui *tui, const char *rest)
{
    char desk[SQ_DESK_SIZE], person[SQ_PERSON_SIZE];
    const char *behind;

    if (!take_desk(tui, &rest, desk))
        return;
    behind = take_word(rest, person, sizeof person);
    if (sq_find_person(tui_tables(tui), person) != SQ_NO_ROW)
        send_assign(tui, desk, person, behind);
    else
        send_assign(tui, desk, tui->session->person, rest);
}

/* "give back MUM-1 reason": nobody stands in any more. */
void command_give(struct tui *tui, const char *rest)
{
    char word[8], desk[SQ_DESK_SIZE];

    rest = take_word(rest, word, sizeof word);
    if (strcmp(word, "back") != 0)
        tui_say(tui, ROLE_WARN, "give back DESK REASON");
    else if (take_desk(tui, &rest, desk))
        send_assign(tui, desk, "", rest);
}

/* ---- clients ------------------------------------------------------------------------------------ */

/* The client that a line begins with, by his code; SQ_NO_ROW: it begins with none. */
static uint32_t take_client(const struct tui *tui, const char **rest)
{
    char code[SQ_CLIENT_SIZE];
    const char *behind = take_word(*rest, code, sizeof code);
    uint32_t client = sq_find_client(tui_tables(tui), code);

    if (client != SQ_NO_ROW)
        *rest = behind;
    return client;
}

static void send_client(struct tui *tui, enum sq_supervise_what what, uint32_t client,
                        const char *reason)
{
    struct sq_key key = {.token = 0};

    memcpy(key.client, tui_tables(tui)->client[client].code, sizeof key.client);
    if (has_reason(tui, reason))
        send_supervise(tui, what, 0, "", &key, reason);
}

void command_lock(struct tui *tui, const char *rest)
{
    uint32_t client = take_client(tui, &rest);

    if (client == SQ_NO_ROW)
        tui_say(tui, ROLE_WARN, "lock CLIENT REASON");
    else
        send_client(tui, SQ_SUPERVISE_LOCK, client, rest);
}

/* The position under the cursor, SQ_NO_ROW: none. */
static uint32_t position_at_cursor(const struct tui *tui)
{
    const struct list *list = tui_list(tui);
    const struct panel_ops *ops = panels[tui->panel];
    uint32_t position;

    if (!ops->positions_of || list->cursor == LIST_NO_ROW ||
        ops->positions_of(tui, list->cursor, &position, 1) != 1)
        return SQ_NO_ROW;
    return position;
}

/* "unfreeze C10421 reason": the client; "unfreeze reason": the position under the cursor, or its
 * client when that is what is frozen. */
void command_unfreeze(struct tui *tui, const char *rest)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t client = take_client(tui, &rest), position = position_at_cursor(tui);

    if (client != SQ_NO_ROW)
        send_client(tui, SQ_SUPERVISE_UNFREEZE, client, rest);
    else if (position == SQ_NO_ROW)
        tui_say(tui, ROLE_WARN, "unfreeze CLIENT REASON, or with the cursor on the position");
    else if (!t->position[position].frozen)
        send_client(tui, SQ_SUPERVISE_UNFREEZE, t->position_client[position], rest);
    else if (has_reason(tui, rest))
        send_supervise(tui, SQ_SUPERVISE_UNFREEZE, 0, "", &t->position[position].key, rest);
}

/* "reconcile 118 240 kept the reason": the exchange's word on its numbers and on our orders. */
void command_reconcile(struct tui *tui, const char *rest)
{
    struct sq_message message = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &message.as.supervise;
    char word[8] = "";
    int length = 0;

    s->what = SQ_SUPERVISE_RECONCILE_LOSS;
    if (sscanf(rest, "%9" SCNu64 " %9" SCNu64 " %7s %n", &s->in_next, &s->out_next, word,
               &length) != 3 ||
        length == 0 || (strcmp(word, "kept") != 0 && strcmp(word, "lost") != 0)) {
        tui_say(tui, ROLE_WARN, "reconcile THEIR-NEXT OUR-NEXT kept|lost REASON");
        return;
    }
    s->value = strcmp(word, "kept") == 0;
    sq_text_cut(s->reason, sizeof s->reason, rest + length);
    send_supervision(tui, &message);
}
