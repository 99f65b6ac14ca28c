/* The cursor stands between characters, never inside one: every move goes over whole UTF-8 sequences,
 * and only what the gate leaves as it is can get in. */
#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

#include "tui/decode.h"
#include "tui/text.h"

void prompt_init(struct prompt *prompt, size_t limit, const char *allowed,
                 struct prompt_history *history, struct prompt_words words)
{
    *prompt = (struct prompt){.limit = limit < PROMPT_SIZE ? limit : PROMPT_SIZE - 1,
                              .allowed = allowed,
                              .history = history,
                              .words = words};
}

/* Edges of characters */

static size_t before(const struct prompt *prompt, size_t at)
{
    while (at > 0 && (prompt->text[--at] & 0xc0) == 0x80)
        continue;
    return at;
}

static size_t after(const struct prompt *prompt, size_t at)
{
    if (at < prompt->length)
        at++;
    while (at < prompt->length && (prompt->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

/* Start of the word before a place, blanks between them included. */
static size_t word_start(const struct prompt *prompt, size_t at)
{
    while (at > 0 && prompt->text[at - 1] == ' ')
        at--;
    while (at > 0 && prompt->text[at - 1] != ' ')
        at--;
    return at;
}

/* Changes */

static void cut(struct prompt *prompt, size_t from, size_t to)
{
    memmove(prompt->text + from, prompt->text + to, prompt->length - to + 1);
    prompt->length -= to - from;
    prompt->cursor = from;
}

static bool is_allowed(const struct prompt *prompt, uint32_t character)
{
    return prompt->allowed == NULL ||
           (character < 0x80 && strchr(prompt->allowed, (int)character) != NULL);
}

/* Puts one character in, given as UTF-8; leaves it out when it is unsafe, wide, not allowed, or when
 * the line is full. */
static bool insert(struct prompt *prompt, const char *utf8, size_t length)
{
    uint32_t character;
    int columns;
    char safe[4];

    if (text_next(utf8, length, &character, &columns) != length || columns != 1 ||
        text_utf8(character, safe) != length || memcmp(safe, utf8, length) != 0 ||
        !is_allowed(prompt, character) || prompt->length + length > prompt->limit)
        return false;
    memmove(prompt->text + prompt->cursor + length, prompt->text + prompt->cursor,
            prompt->length - prompt->cursor + 1);
    memcpy(prompt->text + prompt->cursor, utf8, length);
    prompt->length += length;
    prompt->cursor += length;
    return true;
}

void prompt_paste(struct prompt *prompt, const char *bytes, size_t length)
{
    for (size_t at = 0, used; at < length; at += used) {
        uint32_t character;
        int columns;
        bool blank = bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t';

        used = text_next(bytes + at, length - at, &character, &columns);
        insert(prompt, blank ? " " : bytes + at, used);
    }
}

void prompt_set(struct prompt *prompt, const char *text)
{
    prompt->length = prompt->cursor = 0;
    prompt->text[0] = '\0';
    prompt_paste(prompt, text, strlen(text));
}

/* History */

/* Nothing is remembered twice in a row, nor an empty line. */
static void remember(struct prompt_history *history, const char *line)
{
    const char *last = history->lines[(history->count + PROMPT_HISTORY - 1) % PROMPT_HISTORY];

    if (line[0] == '\0' || (history->count > 0 && strcmp(last, line) == 0))
        return;
    snprintf(history->lines[history->count % PROMPT_HISTORY], PROMPT_SIZE, "%s", line);
    history->count++;
}

/* Up and Down. What was being typed is kept and comes back below the newest line. */
static bool go_back(struct prompt *prompt, int lines)
{
    struct prompt_history *history = prompt->history;
    size_t kept, back = prompt->back + (size_t)lines;

    if (history == NULL)
        return false;
    kept = history->count < PROMPT_HISTORY ? history->count : PROMPT_HISTORY;
    if (back > kept) /* also -1 of 0 */
        return true;
    if (prompt->back == 0)
        memcpy(prompt->draft, prompt->text, sizeof prompt->draft);
    prompt->back = back;
    prompt_set(prompt, back == 0 ? prompt->draft
                                 : history->lines[(history->count - back) % PROMPT_HISTORY]);
    return true;
}

/* Completion */

/* Length that two words have in common. */
static size_t common(const char *a, size_t length, const char *b)
{
    size_t i = 0;

    while (i < length && b[i] != '\0' && a[i] == b[i])
        i++;
    return i;
}

/* Completes to what all words have in common; a single one gets a blank behind it. */
static bool complete(struct prompt *prompt)
{
    char so_far[PROMPT_SIZE], best[PROMPT_SIZE] = "";
    size_t matched = 0, found = 0;
    const char *word;

    if (prompt->words.word == NULL)
        return false;
    snprintf(so_far, sizeof so_far, "%.*s", (int)prompt->cursor, prompt->text);
    for (; (word = prompt->words.word(prompt->words.context, so_far, found)) != NULL; found++) {
        if (found == 0)
            matched = (size_t)snprintf(best, sizeof best - 1, "%s", word);
        matched = common(best, matched < sizeof best - 2 ? matched : sizeof best - 2, word);
    }
    if (found == 1)
        best[matched++] = ' ';
    best[matched] = '\0';
    if (found > 0 && matched >= prompt->cursor - word_start(prompt, prompt->cursor)) {
        cut(prompt, word_start(prompt, prompt->cursor), prompt->cursor);
        prompt_paste(prompt, best, matched);
    }
    return true;
}

/* Keys */

static bool move_key(struct prompt *prompt, uint32_t key)
{
    switch (key) {
    case DECODE_LEFT:
    case 'b' | DECODE_CTRL: prompt->cursor = before(prompt, prompt->cursor); return true;
    case DECODE_RIGHT:
    case 'f' | DECODE_CTRL: prompt->cursor = after(prompt, prompt->cursor); return true;
    case DECODE_HOME:
    case 'a' | DECODE_CTRL: prompt->cursor = 0; return true;
    case DECODE_END:
    case 'e' | DECODE_CTRL: prompt->cursor = prompt->length; return true;
    case DECODE_UP: return go_back(prompt, 1);
    case DECODE_DOWN: return go_back(prompt, -1);
    case DECODE_TAB: return complete(prompt);
    default: return false;
    }
}

static bool cut_key(struct prompt *prompt, uint32_t key)
{
    size_t cursor = prompt->cursor;

    switch (key) {
    case DECODE_BACKSPACE: cut(prompt, before(prompt, cursor), cursor); return true;
    case DECODE_DELETE:
    case 'd' | DECODE_CTRL: cut(prompt, cursor, after(prompt, cursor)); return true;
    case 'u' | DECODE_CTRL: cut(prompt, 0, cursor); return true;
    case 'k' | DECODE_CTRL: cut(prompt, cursor, prompt->length); return true;
    case 'w' | DECODE_CTRL: cut(prompt, word_start(prompt, cursor), cursor); return true;
    default: return false;
    }
}

/* Leaving by backspace is vim's and less's way out of a line that was opened by mistake. */
static bool cancels(const struct prompt *prompt, uint32_t key)
{
    return key == DECODE_ESCAPE || key == ('g' | DECODE_CTRL) || key == ('c' | DECODE_CTRL) ||
           (key == DECODE_BACKSPACE && prompt->length == 0);
}

static bool is_character(uint32_t key)
{
    return key >= 0x20 && key < DECODE_UP && key != DECODE_BACKSPACE;
}

enum prompt_result prompt_key(struct prompt *prompt, uint32_t key)
{
    char utf8[4];

    if (cancels(prompt, key))
        return PROMPT_CANCELLED;
    if (key == DECODE_ENTER) {
        if (prompt->history != NULL)
            remember(prompt->history, prompt->text);
        return PROMPT_ACCEPTED;
    }
    if (is_character(key)) {
        insert(prompt, utf8, text_utf8(key, utf8));
        return PROMPT_EDITED;
    }
    return move_key(prompt, key) || cut_key(prompt, key) ? PROMPT_EDITED : PROMPT_IGNORED;
}

int prompt_draw(const struct prompt *prompt, struct canvas *canvas, int row, int column, int width)
{
    size_t start = 0;

    /* One column a character: scroll until the cursor is inside. */
    while (start < prompt->cursor &&
           text_columns(prompt->text + start, prompt->cursor - start) >= (size_t)width)
        start = after(prompt, start);
    canvas_repeat(canvas, row, column, width, ROLE_INPUT, ' ');
    canvas_bytes(canvas, row, column, width, ROLE_INPUT, prompt->text + start,
                 prompt->length - start);
    return column + (int)text_columns(prompt->text + start, prompt->cursor - start);
}
