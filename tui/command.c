/* The ":" line. A new command is a new row. */
#include "tui/command.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/command_supervise.h"
#include "tui/export.h"
#include "tui/login.h"
#include "tui/own.h"
#include "tui/panel_help.h"
#include "tui/send.h"
#include "tui/tui.h"

static bool is_client(const struct tui *tui, const char *code)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t i = 0;

    while (i < t->client_count && !filter_equal(t->client[i].code, code))
        i++;
    return i < t->client_count;
}

/* "client C10421": the client's positions; a mistyped code changes nothing. */
static void do_client(struct tui *tui, const char *rest)
{
    char text[FILTER_SIZE];

    if (rest[0] && !is_client(tui, rest)) {
        tui_say(tui, ROLE_WARN, "no client %s here: the filter is as it was (v finds by name)",
                rest);
        return;
    }
    snprintf(text, sizeof text, "client=%.80s", rest);
    tui_show(tui, PANEL_POSITIONS);
    tui_filter(tui, rest[0] ? text : "");
}

static void do_filter(struct tui *tui, const char *rest)
{
    tui_filter(tui, rest);
}

static void do_theme(struct tui *tui, const char *rest)
{
    char why[160] = "";

    if (!tui->calls.theme(tui->calls.owner, rest, why, sizeof why))
        tui_say(tui, ROLE_WARN, "theme: %s", why);
    else
        tui_say(tui, ROLE_MESSAGE, "theme %s", rest);
}

static void do_bell(struct tui *tui, const char *rest)
{
    bool on = strcmp(rest, "on") == 0;

    if (!on && strcmp(rest, "off") != 0) {
        tui_say(tui, ROLE_WARN, "bell on|off");
        return;
    }
    tui->bell.off = !on;
    tui_say(tui, ROLE_MESSAGE, "the bell is %s", rest);
}

static void do_mode(struct tui *tui, const char *rest)
{
    (void)rest;
    tui_show(tui, PANEL_STATUS);
}

static void do_call(struct tui *tui, const char *rest)
{
    form_open(tui, &form_call, SQ_NO_ROW, SQ_NO_ROW);
    prompt_set(&tui->form.fields[0].line, rest);
}

static void do_approve(struct tui *tui, const char *rest)
{
    (void)rest;
    tui_show(tui, PANEL_NEEDS);
    tui_say(tui, ROLE_MESSAGE, "Enter opens what waits");
}

static void do_drill(struct tui *tui, const char *rest)
{
    char why[120] = "this console is no drill";

    if (!tui->calls.drill || !tui->calls.drill(tui->calls.extra, rest, why, sizeof why)) {
        tui_say(tui, ROLE_WARN, "%s", why);
        return;
    }
    tui_say(tui, ROLE_MESSAGE, "drill: %s", rest);
    coach_drill(tui, rest);
}

static void do_login(struct tui *tui, const char *rest)
{
    if (!tui->calls.login) {
        tui_say(tui, ROLE_WARN, "this console works on no server");
    } else if (tui->source.live) {
        tui_say(tui, ROLE_WARN, "%s is logged in: :logout first", tui->session->person);
    } else {
        if (rest[0])
            sq_text_cut(tui->user, sizeof tui->user, rest);
        login_open(tui, "");
    }
}

static void do_logout(struct tui *tui, const char *rest)
{
    (void)rest;
    if (!tui->calls.logout)
        tui_say(tui, ROLE_WARN, "this console works on no server");
    else
        tui->calls.logout(tui->calls.extra);
}

static void do_write(struct tui *tui, const char *rest)
{
    char why[96];

    if (export_panel(tui, rest, why, sizeof why) != 0)
        tui_say(tui, ROLE_WARN, "%s", why);
    else
        tui_say(tui, ROLE_MESSAGE, "written: %s", rest);
}

static void do_help(struct tui *tui, const char *rest);

static void do_quit(struct tui *tui, const char *rest)
{
    (void)rest;
    tui_leave(tui);
}

static const struct {
    const char *word;
    const char *help;
    void (*run)(struct tui *tui, const char *rest);
} commands[] = {
    {"accept", "REASON: one source of positions is enough (supervisor)", command_accept},
    {"activate", "REASON: from INVOKED to ACTIVE, orders go out (supervisor)", command_activate},
    {"approve", "what waits for a supervisor, as 0", do_approve},
    {"bell", "on|off: rings for an alarm, an UNKNOWN, a request to approve", do_bell},
    {"block", "DESK REASON: x is off for that desk (supervisor)", command_block},
    {"breakglass", "no server answers: two people take the book", command_breakglass},
    {"call", "CLIENT: pin the client on the phone", do_call},
    {"client", "CODE: one client's positions, C104* some; nothing: all again", do_client},
    {"dormant", "REASON: from HANDING BACK to DORMANT, the end (supervisor)", command_dormant},
    {"drill", "cut|heal: the links of the drill; person CODE: who sits here", do_drill},
    {"filter", "TERMS, as \\", do_filter},
    {"give", "back DESK REASON: nobody stands in any more (supervisor)", command_give},
    {"halt", "REASON: no new sends, cancels go on", command_halt},
    {"handback", "REASON: gives the book back to its server (supervisor)", command_handback},
    {"handover", "REASON: this console takes the book (supervisor)", command_handover},
    {"help", "these lines; WORD: the line of that command", do_help},
    {"invoke", "REASON: from DORMANT to INVOKED (supervisor)", command_invoke},
    {"lock", "CLIENT REASON: no new closes of one client (supervisor)", command_lock},
    {"login", "USER: on a backup server", do_login},
    {"logout", "ends the session on the servers; the last known book stays", do_logout},
    {"mode", "links and mode", do_mode},
    {"policy", "[DESK] instant|armed|preview|off REASON (supervisor)", command_policy},
    {"quit", "leave", do_quit},
    {"reconcile", "THEIR-NEXT OUR-NEXT kept|lost REASON: a loss (two supervisors)",
     command_reconcile},
    {"resume", "REASON: lift the halt (supervisor)", command_resume},
    {"standdown", "REASON: shows what is open, then HANDING BACK (supervisor)", command_stand_down},
    {"take", "DESK [PERSON] REASON: stand in for its dealers (supervisor)", command_take},
    {"theme", "NAME; drill|standalone|backup|offline NAME: in that mode", do_theme},
    {"unblock", "DESK REASON: x is instant again (supervisor)", command_unblock},
    {"unfreeze", "[CLIENT] REASON: or the position under the cursor (supervisor)",
     command_unfreeze},
    {"write", "FILE: this screen as .csv .json .txt, the call sheet as .sheet", do_write},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Help, where the commands begin; or one of them in a line. */
static void do_help(struct tui *tui, const char *rest)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].word, rest) == 0) {
            tui_say(tui, ROLE_MESSAGE, ":%s %s", rest, commands[i].help);
            return;
        }
    tui_show(tui, PANEL_HELP);
    panel_help_at_commands(tui);
}

bool command_help_line(size_t index, struct keys_help *line)
{
    if (index > COMMANDS)
        return false;
    *line = (struct keys_help){.heading = index == 0, .text = "Commands, after :"};
    if (index == 0)
        return true;
    snprintf(line->keys, sizeof line->keys, ":%s", commands[index - 1].word);
    line->text = commands[index - 1].help;
    return true;
}

void command_run(struct tui *tui, const char *line)
{
    size_t length;

    line += strspn(line, " ");
    length = strcspn(line, " ");
    if (length == 0)
        return;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strlen(commands[i].word) == length && strncmp(commands[i].word, line, length) == 0) {
            commands[i].run(tui, line + length + strspn(line + length, " "));
            return;
        }
    tui_say(tui, ROLE_WARN, "no command \"%.*s\": :help lists them", (int)length, line);
}

const char *command_word(void *tui, const char *so_far, size_t index)
{
    (void)tui;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strncmp(commands[i].word, so_far, strlen(so_far)) == 0 && index-- == 0)
            return commands[i].word;
    return NULL;
}
