/* Tickets about the screen: the call (v), export (w), PIN (!), a contract for Rates (a), sort (s). */
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/book.h"
#include "tui/export.h"
#include "tui/form.h"
#include "tui/tui.h"

static bool wrong(struct form *form, size_t field, const char *why)
{
    form->current = field;
    snprintf(form->error, sizeof form->error, "%s", why);
    return false;
}

/* ---- v: the client on the phone ----------------------------------------------------------------- */

static bool client_is(const struct sq_client *c, const char *text)
{
    return filter_contains(c->code, text) || filter_contains(c->name, text) ||
           filter_contains(c->phone, text);
}

/* The one client that a text means; SQ_NO_ROW: none or several, *count says which. */
static uint32_t find_client(const struct tui *tui, const char *text, uint32_t *count)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t found = sq_find_client(t, text);

    *count = found != SQ_NO_ROW;
    if (found != SQ_NO_ROW)
        return found;
    for (uint32_t i = 0; i < t->client_count; i++)
        if (client_is(&t->client[i], text)) {
            found = i;
            (*count)++;
        }
    return *count == 1 ? found : SQ_NO_ROW;
}

static void pin_call(struct tui *tui, const char *code, const char *ref)
{
    char filter[FILTER_SIZE];

    sq_text_cut(tui->call_client, sizeof tui->call_client, code);
    sq_text_cut(tui->call_ref, sizeof tui->call_ref, ref);
    snprintf(filter, sizeof filter, "client=%s", code);
    tui_show(tui, PANEL_POSITIONS);
    tui_filter(tui, filter);
    tui_say(tui, ROLE_MESSAGE, "CALL %s pinned%s%s; v with nothing unpins", code,
            ref[0] ? ", every close carries ref " : "", ref);
}

static bool call_done(struct tui *tui, struct form *form)
{
    const char *text = form->fields[0].line.text;
    uint32_t count, client;

    if (text[0] == '\0') {
        tui->call_client[0] = tui->call_ref[0] = '\0';
        tui_filter(tui, "");
        tui_say(tui, ROLE_MESSAGE, "no call is pinned");
        return true;
    }
    client = find_client(tui, text, &count);
    if (client == SQ_NO_ROW)
        return wrong(form, 0, count ? "several clients: type more of it" : "no such client");
    if (form->fields[1].line.length == 0 && tui_tables(tui)->client[client].call_required &&
        !tui_tables(tui)->config.drill)
        return wrong(form, 1, "this client needs a call reference");
    tui_close(tui);
    pin_call(tui, tui_tables(tui)->client[client].code, form->fields[1].line.text);
    return true;
}

const struct form_ops form_call = {
    .title = "client on the phone",
    .field_count = 2,
    .fields = {{"client", "code, name or phone; empty: unpin", FORM_TEXT},
               {"reference", "of the call", FORM_TEXT}},
    .enter = "filters and pins",
    .done = call_done,
};

/* ---- w ------------------------------------------------------------------------------------------ */

static bool export_done(struct tui *tui, struct form *form)
{
    const char *name = form->fields[0].line.text;
    char why[96];

    if (name[0] == '\0')
        return wrong(form, 0, "a name ending in .csv, .json or .txt, or call.sheet");
    if (export_panel(tui, name, why, sizeof why) != 0)
        return wrong(form, 0, why);
    tui_say(tui, ROLE_MESSAGE, "written: %s", name);
    return true;
}

const struct form_ops form_export = {
    .title = "write this screen",
    .field_count = 1,
    .fields = {{"file", ".csv .json .txt, or .sheet: call sheet", FORM_TEXT}},
    .enter = "writes it",
    .done = export_done,
};

/* ---- ! ------------------------------------------------------------------------------------------ */

enum { ARMED_MINUTES = 5 };

static bool pin_done(struct tui *tui, struct form *form)
{
    struct prompt *line = &form->fields[0].line;
    bool right = tui->calls.pin && tui->calls.pin(tui->calls.extra, line->text);

    explicit_bzero(line->text, sizeof line->text);
    prompt_set(line, "");
    if (!right)
        return wrong(form, 0, "not that PIN");
    tui->armed_until = tui->now + ARMED_MINUTES * 60 * SQ_SECOND;
    tui_say(tui, ROLE_MODE_ARMED, "ARMED for %d minutes; off after 60 s idle, on link loss, or !",
            ARMED_MINUTES);
    return true;
}

const struct form_ops form_pin = {
    .title = "arm one-key",
    .field_count = 1,
    .fields = {{"PIN", "", FORM_SECRET}},
    .enter = "arms",
    .done = pin_done,
};

/* ---- a ------------------------------------------------------------------------------------------ */

static bool watch_done(struct tui *tui, struct form *form)
{
    const struct sq_tables *t = tui_tables(tui);
    const char *text = form->fields[0].line.text;
    char label[SQ_LABEL_SIZE];

    for (uint32_t i = 0; i < t->instrument_count; i++) {
        sq_label(&t->instrument[i], label);
        if (!filter_equal(label, text))
            continue;
        tui->dropped[i / 8] &= (uint8_t) ~(1u << i % 8);
        if (tui->watched_count < t->instrument_room)
            tui->watched[tui->watched_count++] = i;
        tui->list_dirty = true;
        return true;
    }
    return wrong(form, 0, "no contract of that name is loaded (a * at the end: begins with)");
}

const struct form_ops form_watch = {
    .title = "add a contract to Rates",
    .field_count = 1,
    .fields = {{"contract", "as it stands on the screen: NIFTY 01DEC 24500C", FORM_TEXT}},
    .enter = "adds it",
    .done = watch_done,
};

/* ---- s ------------------------------------------------------------------------------------------ */

static void about_sort(const struct tui *tui, char *text, size_t size)
{
    const struct panel_ops *ops = panels[tui->panel];
    size_t used = (size_t)snprintf(text, size, "%s", ops->order);

    for (size_t i = 0; i < ops->column_count && used < size; i++)
        if (ops->columns[i].max > 0 && ops->columns[i].title[0])
            used += (size_t)snprintf(text + used, size - used, " %s", ops->columns[i].name);
}

static bool sort_done(struct tui *tui, struct form *form)
{
    const struct panel_ops *ops = panels[tui->panel];
    struct list *list = &tui->lists[tui->panel];
    const char *name = form->fields[0].line.text;
    bool down = name[0] == '-';
    const struct panel_column *column = panel_column(ops, name + down);

    if (!column && strcmp(name + down, ops->order) != 0 && name[down] != '\0')
        return wrong(form, 0, "no such column here");
    list->sort = column ? (int)(column - ops->columns) : LIST_NATURAL;
    list->descending = down;
    tui->list_dirty = true;
    return true;
}

const struct form_ops form_sort = {
    .title = "sort by",
    .field_count = 1,
    .fields = {{"column", "-mtm: largest first; empty: the screen's own order", FORM_TEXT}},
    .enter = "sorts",
    .about = about_sort,
    .done = sort_done,
};
