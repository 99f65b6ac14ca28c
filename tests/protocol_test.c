/*
 * protocol_test.c: section 9 of docs/protocol.md is what the tables of fields say.
 *
 * A foreign client is written from the document: a field that was appended and not told there is a
 * fault of the document. SQ_UPDATE=1 writes the section anew.
 */
#include <stdlib.h>
#include <string.h>

#include "net/wire.h"
#include "tests/check.h"

#define DOCUMENT "docs/protocol.md"
/* Behind this line all is generated. */
#define MARK "(`SQ_UPDATE=1` writes it anew).\n"

enum { TEXT_SIZE = 65536 };

static char text[TEXT_SIZE];
static size_t length;

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(text + length, TEXT_SIZE - length, format, arguments);
    va_end(arguments);
    assert_in_range(more, 0, TEXT_SIZE - 1 - length);
    length += (size_t)more;
}

/* ---- kinds ------------------------------------------------------------------------------------ */

static const char *const list_names[SQ_LIST_LIST_COUNT] = {
    "exchange",   "product",     "side",      "contract",    "role",         "policy",
    "control",    "link",        "source",    "order-state", "cancel-state", "origin",
    "order-type", "close-state", "residue",   "verdict",     "guard",        "refusal",
    "alarm",      "exec-type",   "supervise", "ownership",   "taken"};

static void put_type(const struct sq_field *field)
{
    static const char *const plain[] = {[SQ_FIELD_TIME] = "time",
                                        [SQ_FIELD_KIND] = "kind",
                                        [SQ_FIELD_GUARDS] = "guards",
                                        [SQ_FIELD_ID] = "id"};
    if (field->type == SQ_FIELD_TEXT)
        put(" text %u", field->size - 1U);
    else if (field->type == SQ_FIELD_ENUM)
        put(" `%s`", list_names[field->list]);
    else if (field->type >= SQ_FIELD_TIME)
        put(" %s", plain[field->type]);
}

/* The host's own fields are those whose change nobody is told of. */
static bool is_hosts_own(enum sq_kind kind, const struct sq_field *field)
{
    static char bytes[WIRE_REQUEST_MAX];
    struct wire_out out;
    union sq_body was, is;
    memset(&was, 0, sizeof was);
    memset(&is, 0, sizeof is);
    ((char *)&is)[field->offset] = 1;
    wire_begin(&out, bytes, sizeof bytes);
    return !wire_change(&out, kind, &was, &is);
}

static void put_field(enum sq_kind kind, unsigned place)
{
    const struct sq_field *field = &sq_kind_info(kind)->fields[place];
    bool row = sq_kind_info(kind)->family == SQ_FAMILY_RECORD;
    bool key = row && (wire_key_fields(kind) >> place & 1);
    const char *mark = key ? "**" : row && is_hosts_own(kind, field) ? "*" : "";
    put("%s%u %s%s%s", place ? ", " : "", place + 1, mark, field->name, mark);
    put_type(field);
}

static void put_kinds(const char *title, bool (*belongs)(enum sq_kind kind))
{
    put("\n| %s | fields |\n|---|---|\n", title);
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++) {
        const struct sq_kind_info *info = sq_kind_info((enum sq_kind)kind);
        if (!belongs((enum sq_kind)kind))
            continue;
        put("| `%s` | ", info->name);
        for (unsigned place = 0; place < info->field_count; place++)
            put_field((enum sq_kind)kind, place);
        put(" |\n");
    }
}

static bool is_row(enum sq_kind kind)
{
    return sq_kind_info(kind)->family == SQ_FAMILY_RECORD;
}

static bool is_answer(enum sq_kind kind)
{
    return sq_kind_info(kind)->family == SQ_FAMILY_ANSWER;
}

/* A person's name can be put into it. */
static bool is_command(enum sq_kind kind)
{
    struct sq_message message = {.kind = (uint16_t)kind};
    memset(&message.as, 'A', sizeof message.as);
    ((char *)&message.as)[sizeof message.as - 1] = '\0';
    return sq_kind_info(kind)->family == SQ_FAMILY_INPUT && wire_person(&message)[0] != '\0';
}

static bool is_other_input(enum sq_kind kind)
{
    return sq_kind_info(kind)->family == SQ_FAMILY_INPUT && !is_command(kind);
}

/* ---- names ------------------------------------------------------------------------------------ */

static void put_names(void)
{
    put("\n| list | names |\n|---|---|\n");
    for (unsigned list = 0; list < SQ_LIST_LIST_COUNT; list++) {
        put("| `%s` | ", list_names[list]);
        for (unsigned i = 0; i < sq_list_count((enum sq_list)list); i++)
            put("%s`%s`", i ? ", " : "", sq_name((enum sq_list)list, i));
        put(" |\n");
    }
}

static void put_section(void)
{
    put("\nBehind each name: its type, a number where there is none; `text 15`: a text of at most "
        "15 bytes; a name in code style: one of that\nlist's names. What the fields mean is said "
        "in "
        "`core/rows.h` and `core/inputs.h`, field by field.\n");
    put_kinds("row", is_row);
    put_kinds("answer", is_answer);
    put_kinds("command of a person", is_command);
    put_kinds("other input (`log` of a replica only)", is_other_input);
    put("\nLists of names. The first name stands for zero: it is what a field that is left out "
        "has.\n");
    put_names();
}

static void section_9_is_what_the_tables_say(void **state)
{
    (void)state;
    char *document = check_read_file(DOCUMENT, NULL);
    const char *mark = strstr(document, MARK);
    assert_non_null(mark);
    put("%.*s", (int)(mark - document) + (int)strlen(MARK), document);
    put_section();
    free(document);
    check_golden(DOCUMENT, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(section_9_is_what_the_tables_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
