/* A machine of one byte at a time, after the state diagram of DEC's parsers, but for what terminals
 * send rather than for what they receive. Reading order: the key tables, delivery (where a destructive
 * key is held), one function for each kind of sequence, one in_...() for each state, and at the end
 * the clock: bursts, stalls, deadlines. */
#include "tui/decode.h"

#include <string.h>

enum state {
    GROUND,
    UTF8,     /* continuation bytes outstanding */
    ESCAPED,  /* after ESC */
    CSI,      /* after ESC [ */
    CSI_FUNC, /* after ESC [ [ of the Linux console: one letter follows */
    SS3,      /* after ESC O */
    STRING,   /* OSC, DCS, SOS, PM, APC: until ST (ESC \\) or BEL */
    STRING_ESCAPED,
    SKIP, /* mouse report of the old form: `left` raw bytes */
    PASTE /* between ESC [ 200 ~ and ESC [ 201 ~ */
};

static const char paste_end[] = "\033[201~";

struct key_row {
    int code; /* parameter, or final byte */
    uint32_t key;
};

/* CSI number ~ : VT220 numbers, with the rxvt and PuTTY forms of Home and End. */
static const struct key_row tilde_keys[] = {
    {1, DECODE_HOME},    {2, DECODE_INSERT},    {3, DECODE_DELETE}, {4, DECODE_END},
    {5, DECODE_PAGE_UP}, {6, DECODE_PAGE_DOWN}, {7, DECODE_HOME},   {8, DECODE_END},
    {11, DECODE_F(1)},   {12, DECODE_F(2)},     {13, DECODE_F(3)},  {14, DECODE_F(4)},
    {15, DECODE_F(5)},   {17, DECODE_F(6)},     {18, DECODE_F(7)},  {19, DECODE_F(8)},
    {20, DECODE_F(9)},   {21, DECODE_F(10)},    {23, DECODE_F(11)}, {24, DECODE_F(12)},
    {25, DECODE_F(13)},  {26, DECODE_F(14)},    {28, DECODE_F(15)}, {29, DECODE_F(16)},
    {31, DECODE_F(17)},  {32, DECODE_F(18)},    {33, DECODE_F(19)}, {34, DECODE_F(20)},
};

/* CSI ... letter, with or without modifiers, and the same letters after SS3. */
static const struct key_row letter_keys[] = {
    {'A', DECODE_UP},     {'B', DECODE_DOWN}, {'C', DECODE_RIGHT}, {'D', DECODE_LEFT},
    {'E', DECODE_CENTRE}, {'F', DECODE_END},  {'H', DECODE_HOME},  {'P', DECODE_F(1)},
    {'Q', DECODE_F(2)},   {'R', DECODE_F(3)}, {'S', DECODE_F(4)},  {'Z', DECODE_TAB | DECODE_SHIFT},
};

/* SS3 letter: the numeric keypad in application mode. */
static const struct key_row pad_keys[] = {
    {'M', DECODE_PAD_ENTER},   {'X', DECODE_PAD_EQUAL},  {'j', DECODE_PAD_MULTIPLY},
    {'k', DECODE_PAD_ADD},     {'l', DECODE_PAD_COMMA},  {'m', DECODE_PAD_SUBTRACT},
    {'n', DECODE_PAD_DECIMAL}, {'o', DECODE_PAD_DIVIDE}, {'p', DECODE_PAD_0},
    {'q', DECODE_PAD_0 + 1},   {'r', DECODE_PAD_0 + 2},  {'s', DECODE_PAD_0 + 3},
    {'t', DECODE_PAD_0 + 4},   {'u', DECODE_PAD_0 + 5},  {'v', DECODE_PAD_0 + 6},
    {'w', DECODE_PAD_0 + 7},   {'x', DECODE_PAD_0 + 8},  {'y', DECODE_PAD_9},
};

#define FIND(rows, code) find_key(rows, sizeof(rows) / sizeof(rows)[0], code)

static uint32_t find_key(const struct key_row *rows, size_t count, int code)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].code == code)
            return rows[i].key;
    return 0;
}

void decode_init(struct decoder *decoder, struct decode_calls calls)
{
    *decoder = (struct decoder){.calls = calls,
                                .last_us = INT64_MIN / 2,
                                .escape_us = INT64_MIN / 2,
                                .away_to_us = INT64_MIN / 2};
}

/* Delivery */

/* In a flush only the brackets of a paste go out: whoever shows that a paste is running must learn
 * that it began or ended. */
static void deliver(struct decoder *d, const struct decode_event *event)
{
    bool is_bracket = event->kind == DECODED_PASTE_BEGIN || event->kind == DECODED_PASTE_END;

    if (!d->muted || is_bracket)
        d->calls.deliver(d->calls.context, event);
}

/* The silence after a held key is over (alone), or something came too early (not alone). */
static void release_held(struct decoder *d, bool alone)
{
    if (!d->held)
        return;
    d->held = false;
    d->hold.alone = alone;
    deliver(d, &d->hold);
}

/* A key is complete. Only one that could send something waits for the silence behind it: all others
 * answer at once, so the wait is never felt while moving about. */
static void key_done(struct decoder *d, uint32_t key, int64_t now_us)
{
    struct decode_event event = {
        .kind = DECODED_KEY, .key = key, .alone = d->key_clear, .time_us = now_us};

    d->state = GROUND;
    if (d->muted)
        return;
    if (event.alone && d->calls.destructive(d->calls.context, key)) {
        d->hold = event;
        d->held = true;
    } else {
        deliver(d, &event);
    }
}

static void simple_event(struct decoder *d, enum decode_kind kind, int64_t now_us)
{
    struct decode_event event = {.kind = kind, .time_us = now_us};

    deliver(d, &event);
}

/* Sequences */

/* Numbers of a CSI, separated by ';'. An empty one is 0. More than `most`, or anything that is not
 * a number, makes the sequence unknown: -1. */
static int numbers(const char *text, size_t length, int *values, int most)
{
    int count = 1;

    values[0] = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == ';') {
            if (count == most)
                return -1;
            values[count++] = 0;
        } else if (text[i] >= '0' && text[i] <= '9' && values[count - 1] < 100000) {
            values[count - 1] = values[count - 1] * 10 + (text[i] - '0');
        } else {
            return -1;
        }
    }
    return count;
}

/* xterm: parameter is 1 + (1 shift, 2 alt, 4 control, 8 meta). */
static uint32_t modifiers(int parameter)
{
    int bits = parameter > 0 ? parameter - 1 : 0;

    return (bits & 1 ? DECODE_SHIFT : 0) | (bits & 10 ? DECODE_ALT : 0) |
           (bits & 4 ? DECODE_CTRL : 0);
}

/* SGR report: ESC [ < button ; column ; row M (pressed) or m (released). The mouse may point and
 * scroll; there is no button that could send. */
static void mouse(struct decoder *d, char final, int64_t now_us)
{
    struct decode_event event = {.time_us = now_us};
    int values[3];

    if (numbers(d->parameters + 1, d->parameter_count - 1, values, 3) != 3 || final != 'M' ||
        values[1] < 1 || values[2] < 1)
        return;
    if (values[0] == 0)
        event.kind = DECODED_SELECT;
    else if (values[0] == 64 || values[0] == 65)
        event.kind = DECODED_SCROLL;
    else
        return;
    event.key = values[0] == 65 ? DECODE_DOWN : DECODE_UP;
    event.column = values[1] - 1;
    event.row = values[2] - 1;
    deliver(d, &event);
}

static void paste_start(struct decoder *d, int64_t now_us)
{
    d->state = PASTE;
    d->paste_length = 0;
    d->end_matched = 0;
    simple_event(d, DECODED_PASTE_BEGIN, now_us);
}

/* A letter key has no parameter, or 1 and the modifier; else it is an answer, such as the position
 * of the cursor, ESC [ 24 ; 80 R. */
static uint32_t csi_lookup(char final, const int *values)
{
    if (values[1] > 16)
        return 0;
    if (final == '~')
        return FIND(tilde_keys, values[0]);
    return values[0] <= 1 ? FIND(letter_keys, final) : 0;
}

static void csi_key(struct decoder *d, char final, int64_t now_us)
{
    int values[2] = {0};
    int count = numbers(d->parameters, d->parameter_count, values, 2);
    uint32_t key = count < 0 ? 0 : csi_lookup(final, values);

    if (count == 1 && final == '~' && values[0] == 200)
        paste_start(d, now_us);
    else if (key != 0)
        key_done(d, key | modifiers(values[1]), now_us);
}

/* The final byte of a CSI. A report of the old mouse protocol has three raw bytes behind it, which may
 * be letters and must be swallowed too. */
static void csi_done(struct decoder *d, char final, int64_t now_us)
{
    d->state = GROUND;
    if (final == 'M' && d->parameter_count == 0) {
        d->state = SKIP;
        d->left = 3;
    } else if (d->parameter_count > sizeof d->parameters) {
        return;
    } else if (d->parameter_count > 0 && d->parameters[0] == '<') {
        mouse(d, final, now_us);
    } else {
        csi_key(d, final, now_us);
    }
}

/* Some terminals put the modifier into SS3 too: ESC O 5 P, or ESC O 1 ; 5 P. */
static void ss3_done(struct decoder *d, char final, int64_t now_us)
{
    int values[2];
    int count;
    uint32_t key = FIND(pad_keys, final);

    d->state = GROUND;
    if (d->parameter_count > sizeof d->parameters)
        return;
    count = numbers(d->parameters, d->parameter_count, values, 2);
    if (key == 0)
        key = FIND(letter_keys, final);
    if (key != 0 && count > 0)
        key_done(d, key | modifiers(values[count - 1]), now_us);
}

static void sequence_begin(struct decoder *d, enum state state)
{
    d->state = (int)state;
    d->parameter_count = 0;
}

/* A byte between 0x20 and 0x3f inside a sequence. Beyond the buffer only the count grows, so that
 * the end is still found and the sequence is then unknown. */
static void sequence_collect(struct decoder *d, char byte)
{
    if (d->parameter_count < sizeof d->parameters)
        d->parameters[d->parameter_count] = byte;
    if (d->parameter_count <= sizeof d->parameters)
        d->parameter_count++;
}

/* Characters */

/* C0 controls are Ctrl with the letter or sign 64 above them. Terminals disagree on what the
 * backspace key sends, so both forms are it. */
static uint32_t control_key(unsigned char byte)
{
    if (byte == DECODE_TAB || byte == DECODE_ENTER)
        return byte;
    if (byte == 0x08 || byte == 0x7f)
        return DECODE_BACKSPACE;
    if (byte == 0)
        return ' ' | DECODE_CTRL;
    return (byte <= 0x1a ? byte + 0x60u : byte + 0x40u) | DECODE_CTRL;
}

/* Unicode table 3-7: C0, C1 and F5 to FF begin nothing. */
static void utf8_begin(struct decoder *d, unsigned char byte, int64_t now_us)
{
    int left = byte >= 0xf0 && byte <= 0xf4   ? 3
               : byte >= 0xe0 && byte <= 0xef ? 2
               : byte >= 0xc2 && byte <= 0xdf ? 1
                                              : 0;
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

    if (left == 0) {
        key_done(d, 0xfffd, now_us);
        return;
    }
    d->state = UTF8;
    d->left = left;
    d->least = least[left];
    d->character = byte & (0x3fu >> left);
}

static void utf8_end(struct decoder *d, int64_t now_us)
{
    uint32_t c = d->character;
    bool good = c >= d->least && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);

    key_done(d, good ? c : 0xfffd, now_us);
}

static void escape_begin(struct decoder *d)
{
    sequence_begin(d, ESCAPED);
}

static void in_ground(struct decoder *d, unsigned char byte, int64_t now_us)
{
    bool late = now_us - d->escape_us <= DECODE_LATE_US;

    d->escape_us = INT64_MIN / 2;
    if (byte == DECODE_ESCAPE)
        escape_begin(d);
    else if (late && byte == '[')
        sequence_begin(d, CSI);
    else if (late && byte == 'O')
        sequence_begin(d, SS3);
    else if (byte < 0x20 || byte == 0x7f)
        key_done(d, control_key(byte), now_us);
    else if (byte < 0x80)
        key_done(d, byte, now_us);
    else
        utf8_begin(d, byte, now_us);
}

/* A byte that cannot continue ends the character, and is looked at anew: a cut character must not
 * take the key behind it along. */
static void in_utf8(struct decoder *d, unsigned char byte, int64_t now_us)
{
    if ((byte & 0xc0) != 0x80) {
        key_done(d, 0xfffd, now_us);
        d->key_clear = false;
        in_ground(d, byte, now_us);
        return;
    }
    d->character = d->character << 6 | (byte & 0x3f);
    if (--d->left == 0)
        utf8_end(d, now_us);
}

static void in_escape(struct decoder *d, unsigned char byte, int64_t now_us)
{
    if (byte == DECODE_ESCAPE) {
        key_done(d, DECODE_ESCAPE, now_us);
        escape_begin(d);
    } else if (byte == '[') {
        sequence_begin(d, CSI);
    } else if (byte == 'O') {
        sequence_begin(d, SS3);
    } else if (byte != 0 && strchr("]PX^_", byte) != NULL) {
        d->state = STRING;
    } else if (byte < 0x20 || byte == 0x7f) {
        key_done(d, control_key(byte) | DECODE_ALT, now_us);
    } else if (byte < 0x80) {
        key_done(d, byte | DECODE_ALT, now_us);
    } else {
        d->state = GROUND; /* Alt with a letter beyond ASCII: nothing is bound to it */
        utf8_begin(d, byte, now_us);
    }
}

/* CSI and SS3 alike: controls end the sequence and count for themselves (Ctrl-G and Ctrl-C must
 * always work), digits and signs are collected, a letter ends it. */
static void in_sequence(struct decoder *d, unsigned char byte, int64_t now_us)
{
    if (byte == DECODE_ESCAPE) {
        escape_begin(d);
    } else if (byte < 0x20) {
        key_done(d, control_key(byte), now_us);
    } else if (byte < 0x40) {
        sequence_collect(d, (char)byte);
    } else if (byte == '[' && d->state == CSI && d->parameter_count == 0) {
        d->state = CSI_FUNC;
    } else if (byte >= 0x7f) {
        d->state = GROUND;
    } else if (d->state == CSI) {
        csi_done(d, (char)byte, now_us);
    } else {
        ss3_done(d, (char)byte, now_us);
    }
}

/* Linux console: ESC [ [ A to E are F1 to F5. */
static void in_csi_func(struct decoder *d, unsigned char byte, int64_t now_us)
{
    d->state = GROUND;
    if (byte == DECODE_ESCAPE)
        escape_begin(d);
    else if (byte >= 'A' && byte <= 'E')
        key_done(d, DECODE_F(byte - 'A' + 1), now_us);
}

/* Answers to questions that we never ask; swallowed so that their text does not become keys. */
static void in_string(struct decoder *d, unsigned char byte)
{
    if (byte == DECODE_ESCAPE)
        d->state = STRING_ESCAPED;
    else if (byte == 0x07)
        d->state = GROUND;
}

static void in_string_escape(struct decoder *d, unsigned char byte, int64_t now_us)
{
    d->state = GROUND;
    if (byte != '\\')
        in_escape(d, byte, now_us);
}

static void in_skip(struct decoder *d)
{
    if (--d->left == 0)
        d->state = GROUND;
}

/* Paste */

static void paste_flush(struct decoder *d, int64_t now_us)
{
    struct decode_event event = {
        .kind = DECODED_PASTE_TEXT, .time_us = now_us, .length = d->paste_length};

    if (d->paste_length == 0)
        return;
    memcpy(event.text, d->paste, d->paste_length);
    d->paste_length = 0;
    deliver(d, &event);
}

static void paste_put(struct decoder *d, char byte, int64_t now_us)
{
    if (d->paste_length == sizeof d->paste)
        paste_flush(d, now_us);
    d->paste[d->paste_length++] = byte;
}

static void paste_finish(struct decoder *d, int64_t now_us)
{
    d->state = GROUND;
    paste_flush(d, now_us);
    simple_event(d, DECODED_PASTE_END, now_us);
}

/* Everything up to the end mark is text, escape sequences and controls included. What looked like the
 * end mark and was not is given back to the text. */
static void in_paste(struct decoder *d, unsigned char byte, int64_t now_us)
{
    if (byte == (unsigned char)paste_end[d->end_matched]) {
        if (paste_end[++d->end_matched] == '\0')
            paste_finish(d, now_us);
        return;
    }
    for (size_t i = 0; i < d->end_matched; i++)
        paste_put(d, paste_end[i], now_us);
    d->end_matched = byte == DECODE_ESCAPE; /* ESC occurs only at the start of the end mark */
    if (d->end_matched == 0)
        paste_put(d, (char)byte, now_us);
}

/* The machine */

static void step(struct decoder *d, unsigned char byte, int64_t now_us)
{
    switch ((enum state)d->state) {
    case GROUND: in_ground(d, byte, now_us); break;
    case UTF8: in_utf8(d, byte, now_us); break;
    case ESCAPED: in_escape(d, byte, now_us); break;
    case CSI:
    case SS3: in_sequence(d, byte, now_us); break;
    case CSI_FUNC: in_csi_func(d, byte, now_us); break;
    case STRING: in_string(d, byte); break;
    case STRING_ESCAPED: in_string_escape(d, byte, now_us); break;
    case SKIP: in_skip(d); break;
    case PASTE: in_paste(d, byte, now_us); break;
    }
}

/* A paste whose end never came must not swallow keys for ever. Only a Ctrl-G that stands alone
 * after a long silence leaves it: a pause in a slow paste must not turn its rest into keys. */
static bool leaves_dead_paste(const struct decoder *d, const char *bytes, size_t length,
                              int64_t now_us)
{
    return d->state == PASTE && length == 1 && bytes[0] == 0x07 &&
           now_us - d->last_us >= DECODE_STRING_US;
}

static void report_flush(struct decoder *d, size_t length, int64_t now_us)
{
    struct decode_event event = {.kind = DECODED_FLUSHED, .time_us = now_us, .length = length};

    deliver(d, &event);
}

/* When the bytes read at now_us can have come at the earliest. */
static int64_t arrival(const struct decoder *d, int64_t now_us)
{
    return now_us - d->away_to_us <= DECODE_BURST_US ? d->away_from_us : now_us;
}

void decode_bytes(struct decoder *d, const char *bytes, size_t length, int64_t now_us)
{
    int64_t earliest_us = arrival(d, now_us);
    bool flush = now_us - earliest_us > DECODE_STALL_US;

    decode_time(d, earliest_us);
    if (leaves_dead_paste(d, bytes, length, now_us)) {
        d->last_us = now_us;
        paste_finish(d, now_us);
        return;
    }
    d->muted = flush;
    for (size_t i = 0; i < length; i++) {
        release_held(d, false);
        if (d->state == GROUND)
            d->key_clear = earliest_us - d->last_us >= DECODE_BURST_US;
        d->last_us = now_us;
        step(d, (unsigned char)bytes[i], now_us);
    }
    if (d->state == PASTE)
        paste_flush(d, now_us);
    d->muted = false;
    if (flush && length > 0)
        report_flush(d, length, now_us);
}

static bool is_escape(const struct decoder *d)
{
    return d->state == ESCAPED || d->state == STRING_ESCAPED;
}

/* CSI and SS3 have no deadline: over a slow link the rest of a key may take long, and until it comes
 * nothing that follows may count as letters. */
static int64_t state_deadline(const struct decoder *d)
{
    if (is_escape(d))
        return d->last_us + DECODE_ESCAPE_US;
    if (d->state == STRING)
        return d->last_us + DECODE_STRING_US;
    return DECODE_NEVER;
}

int64_t decode_deadline(const struct decoder *d)
{
    return d->held ? d->last_us + DECODE_BURST_US : state_deadline(d);
}

void decode_time(struct decoder *d, int64_t now_us)
{
    if (d->held && now_us - d->last_us >= DECODE_BURST_US)
        release_held(d, true);
    if (now_us < state_deadline(d))
        return;
    if (is_escape(d)) {
        d->escape_us = now_us;
        key_done(d, DECODE_ESCAPE, now_us);
    }
    d->state = GROUND;
}

void decode_away(struct decoder *d, int64_t from_us, int64_t to_us)
{
    d->away_from_us = from_us;
    d->away_to_us = to_us;
    if (to_us - from_us > DECODE_STALL_US && d->held) {
        d->held = false;
        report_flush(d, 1, to_us);
    }
}
