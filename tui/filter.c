/* The filter line. */
#include "tui/filter.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/num.h"

/* Longer operators first: "<=" must not be read as "<" and "=...". */
static const struct {
    const char *sign;
    enum filter_op op;
} ops[] = {
    {"!=", FILTER_NOT_EQUAL}, {"<=", FILTER_LESS_EQUAL}, {">=", FILTER_MORE_EQUAL},
    {"=", FILTER_EQUAL},      {"<", FILTER_LESS},        {">", FILTER_MORE},
};

bool filter_contains(const char *text, const char *part)
{
    size_t length = strlen(part);

    for (; *text; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return length == 0;
}

bool filter_equal(const char *text, const char *value)
{
    size_t length = strlen(value);

    if (length > 0 && value[length - 1] == '*')
        return strncasecmp(text, value, length - 1) == 0;
    return strcasecmp(text, value) == 0;
}

/* Splits "name<=value"; without an operator the whole word is the value. */
static bool split_atom(const char *word, size_t length, struct filter_atom *atom)
{
    size_t name = 0;

    while (name < length && isalpha((unsigned char)word[name]))
        name++;
    for (size_t i = 0; name > 0 && i < sizeof ops / sizeof ops[0]; i++) {
        size_t sign = strlen(ops[i].sign);

        if (length - name < sign || strncmp(word + name, ops[i].sign, sign) != 0)
            continue;
        if (name >= sizeof atom->name)
            return false;
        for (size_t j = 0; j < name; j++)
            atom->name[j] = (char)tolower((unsigned char)word[j]);
        atom->op = ops[i].op;
        word += name + sign;
        length -= name + sign;
        break;
    }
    if (length >= sizeof atom->value)
        return false;
    memcpy(atom->value, word, length);
    return true;
}

/* One term: alternatives between |; an alternative without a name has that of the one before. */
static const char *parse_term(struct filter *filter, const char *word, size_t length, unsigned term)
{
    const char *end = word + length;
    bool negated = *word == '!';
    const struct filter_atom *before = NULL;

    for (word += negated; word <= end;) {
        const char *bar = memchr(word, '|', (size_t)(end - word));
        size_t part = (size_t)((bar ? bar : end) - word);
        struct filter_atom *atom = &filter->atoms[filter->count];

        if (filter->count == FILTER_ATOMS)
            return "too many words";
        *atom = (struct filter_atom){.term = term, .negated = negated};
        if (!split_atom(word, part, atom))
            return "a word is too long";
        if (before && atom->op == FILTER_CONTAINS) {
            memcpy(atom->name, before->name, sizeof atom->name);
            atom->op = before->op;
        }
        before = atom;
        filter->count++;
        word += part + 1;
    }
    return NULL;
}

static const char *parse_terms(struct filter *filter)
{
    const char *at = filter->text;

    for (unsigned term = 0;; term++) {
        size_t length;
        const char *error;

        at += strspn(at, " ");
        length = strcspn(at, " ");
        if (length == 0)
            return NULL;
        error = parse_term(filter, at, length, term);
        if (error)
            return error;
        at += length;
    }
}

int filter_parse(struct filter *filter, const char *text,
                 bool (*known)(void *context, const char *name), void *context, char *why,
                 size_t why_room)
{
    struct filter read = {.count = 0};
    const char *error;

    if (strlen(text) >= sizeof read.text) {
        snprintf(why, why_room, "filter is too long");
        return -1;
    }
    strcpy(read.text, text);
    error = parse_terms(&read);
    if (error) {
        snprintf(why, why_room, "%s", error);
        return -1;
    }
    for (size_t i = 0; i < read.count; i++)
        if (read.atoms[i].op != FILTER_CONTAINS && !known(context, read.atoms[i].name)) {
            snprintf(why, why_room, "no column \"%s\" here", read.atoms[i].name);
            return -1;
        }
    *filter = read;
    return 0;
}

static bool compare(int64_t a, enum filter_op op, int64_t b)
{
    switch (op) {
    case FILTER_EQUAL: return a == b;
    case FILTER_NOT_EQUAL: return a != b;
    case FILTER_LESS: return a < b;
    case FILTER_LESS_EQUAL: return a <= b;
    case FILTER_MORE: return a > b;
    case FILTER_MORE_EQUAL: return a >= b;
    case FILTER_CONTAINS: break;
    }
    return false;
}

static bool atom_match(const struct filter_atom *atom, const struct filter_row *row)
{
    int64_t value, wanted;
    unsigned decimals;

    if (atom->op == FILTER_CONTAINS)
        return row->text(row->context, NULL, atom->value, false);
    if (row->number(row->context, atom->name, &value, &decimals))
        return sq_parse_decimal(atom->value, strlen(atom->value), decimals, &wanted) &&
               compare(value, atom->op, wanted);
    if (atom->op == FILTER_EQUAL || atom->op == FILTER_NOT_EQUAL)
        return row->text(row->context, atom->name, atom->value, true) == (atom->op == FILTER_EQUAL);
    return false;
}

bool filter_match(const struct filter *filter, const struct filter_row *row)
{
    for (size_t i = 0; i < filter->count;) {
        unsigned term = filter->atoms[i].term;
        bool negated = filter->atoms[i].negated, any = false;

        for (; i < filter->count && filter->atoms[i].term == term; i++)
            any = any || atom_match(&filter->atoms[i], row);
        if (any == negated)
            return false;
    }
    return true;
}
