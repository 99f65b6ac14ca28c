#include "tui/own.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/tui.h"

static void ask(struct tui *tui, const struct own_ask *what)
{
    char why[OWN_WHY_SIZE] = "this console can own no book: see `name` in [console]";

    if (!tui->calls.own || !tui->calls.own(tui->calls.extra, what, why, sizeof why))
        tui_say(tui, ROLE_WARN, "%s", why);
    else
        tui_say(tui, ROLE_MESSAGE, "asked for; 8 shows each step");
}

static void ask_with_reason(struct tui *tui, enum own_what what, const char *reason)
{
    if (reason[0] == '\0')
        tui_say(tui, ROLE_WARN, "a reason is needed, behind the command");
    else if (strlen(reason) >= SQ_TEXT_SIZE)
        tui_say(tui, ROLE_WARN, "the reason is too long");
    else
        ask(tui, &(struct own_ask){.what = what, .reason = reason});
}

void command_handover(struct tui *tui, const char *rest)
{
    ask_with_reason(tui, OWN_HANDOVER, rest);
}

void command_handback(struct tui *tui, const char *rest)
{
    ask_with_reason(tui, OWN_HANDBACK, rest);
}

/* ---- the ticket of two people ------------------------------------------------------------------- */

enum { PERSON, PASSWORD, SECOND, SECOND_PASSWORD, REASON };

static void wipe(struct form_field *field)
{
    explicit_bzero(field->line.text, sizeof field->line.text);
    explicit_bzero(field->line.draft, sizeof field->line.draft);
    prompt_set(&field->line, "");
}

static bool glass_done(struct tui *tui, struct form *form)
{
    struct form_field *f = form->fields;
    const struct own_ask what = {.what = OWN_BREAKGLASS,
                                 .reason = f[REASON].line.text,
                                 .person = f[PERSON].line.text,
                                 .password = f[PASSWORD].line.text,
                                 .second = f[SECOND].line.text,
                                 .second_password = f[SECOND_PASSWORD].line.text};
    char why[OWN_WHY_SIZE] = "this console can own no book: see `name` in [console]";
    bool done;

    for (size_t i = 0; i <= REASON; i++)
        if (f[i].line.length == 0) {
            form->current = i;
            snprintf(form->error, sizeof form->error, "all five are needed");
            return false;
        }
    done = tui->calls.own && tui->calls.own(tui->calls.extra, &what, why, sizeof why);
    wipe(&f[PASSWORD]);
    wipe(&f[SECOND_PASSWORD]);
    if (!done) {
        form->current = PASSWORD;
        snprintf(form->error, sizeof form->error, "%.100s", why);
    }
    return done;
}

static void about(const struct tui *tui, char *text, size_t size)
{
    (void)tui;
    snprintf(text, size,
             "ONLY when no server answers, and the exchange says on the phone that it "
             "has the session logged out");
}

static const struct form_ops form_glass = {
    .title = "break the glass: this console takes the book",
    .field_count = 5,
    .fields = {{"person", "who sits here", FORM_TEXT},
               {"password", "as on the servers", FORM_SECRET},
               {"second", "one of you is a supervisor", FORM_TEXT},
               {"password", "typed by the second person", FORM_SECRET},
               {"reference", "of the exchange's word: name, number", FORM_TEXT}},
    .enter = "takes the book",
    .about = about,
    .done = glass_done,
};

void command_breakglass(struct tui *tui, const char *rest)
{
    form_open(tui, &form_glass, SQ_NO_ROW, SQ_NO_ROW);
    prompt_set(&tui->form.fields[PERSON].line, tui->session->person);
    prompt_set(&tui->form.fields[REASON].line, rest);
    tui->form.current = PASSWORD;
}
