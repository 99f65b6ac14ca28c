/* The login as a ticket. */
#include "tui/login.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/tui.h"

static void wipe(struct form_field *field)
{
    explicit_bzero(field->line.text, sizeof field->line.text);
    explicit_bzero(field->line.draft, sizeof field->line.draft);
    prompt_set(&field->line, "");
}

static bool wrong(struct form *form, size_t field, const char *why)
{
    form->current = field;
    snprintf(form->error, sizeof form->error, "%s", why);
    return false;
}

static bool login_done(struct tui *tui, struct form *form)
{
    if (form->fields[0].line.length == 0)
        return wrong(form, 0, "who logs in?");
    if (form->fields[0].line.length >= SQ_PERSON_SIZE)
        return wrong(form, 0, "no user has so long a name");
    if (form->fields[1].line.length == 0)
        return wrong(form, 1, "the password");
    sq_text_cut(tui->user, sizeof tui->user, form->fields[0].line.text);
    tui->calls.login(tui->calls.extra, tui->user, form->fields[1].line.text,
                     form->fields[2].line.text);
    wipe(&form->fields[1]);
    wipe(&form->fields[2]);
    tui_say(tui, ROLE_MESSAGE, "logging in as %s; 8 shows the servers", tui->user);
    return true;
}

static void about(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%s",
             tui_tables(tui)->book.loaded
                 ? "Esc looks at the last known book; :login opens this"
                 : "Esc looks at the servers; :login opens this, q leaves");
}

static const struct form_ops form_login = {
    .title = "log in on a backup server",
    .field_count = 3,
    .fields = {{"user", "", FORM_TEXT},
               {"password", "", FORM_SECRET},
               {"code", "of the authenticator, where you have one", FORM_SECRET}},
    .enter = "logs in",
    .about = about,
    .done = login_done,
};

void login_open(struct tui *tui, const char *why)
{
    form_open(tui, &form_login, SQ_NO_ROW, SQ_NO_ROW);
    prompt_set(&tui->form.fields[0].line, tui->user);
    tui->form.current = tui->user[0] != '\0';
    snprintf(tui->form.error, sizeof tui->form.error, "%s", why);
}
