/* Terminal bytes -> keys.
 *
 * A decoder of our own, because plain getch turns a numeric keypad inside tmux, or a paste, into
 * letters, and letters close positions here. Three promises:
 *   - an escape sequence is swallowed whole, known or not, also when it arrives in pieces;
 *   - pasted text is delivered as paste, never as keys;
 *   - a key that could send something is delivered as `alone` only after DECODE_BURST_US of silence
 *     on both sides of it.
 * Pure: no file, no clock. Time is an argument (microseconds, monotonic); what the decoder waits
 * for is told by decode_deadline().
 *
 * Sources: ECMA-48 5.4 (control sequences), xterm "ctlseqs" (PC-style function keys, VT220 keypad,
 * bracketed paste, SGR mouse), console_codes(4) for the Linux console.
 */
#ifndef TUI_DECODE_H
#define TUI_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECODE_BURST_US    20000     /* silence that a destructive key needs before and after */
#define DECODE_ESCAPE_US   200000    /* an ESC with nothing after it for so long is the Esc key */
#define DECODE_LATE_US     1000000   /* "[" or "O" so soon after a lone Esc is its lost tail */
#define DECODE_STALL_US    250000    /* a caller busy for longer loses what was typed meanwhile */
#define DECODE_STRING_US   1000000   /* silence that ends an unfinished OSC, DCS or dead paste */
#define DECODE_NEVER       INT64_MAX /* deadline: nothing to wait for */
#define DECODE_PASTE_BYTES 64        /* paste text is delivered in pieces of at most this */

/* A key is a Unicode character or one of the codes below, plus modifiers. */
#define DECODE_CTRL  0x01000000u
#define DECODE_ALT   0x02000000u
#define DECODE_SHIFT 0x04000000u
#define DECODE_CODE  0x00ffffffu /* mask: the key without modifiers */
#define DECODE_F(n)  (DECODE_F1 + (uint32_t)(n)-1)

enum decode_key {
    DECODE_TAB = 0x09,
    DECODE_ENTER = 0x0d,
    DECODE_ESCAPE = 0x1b,
    DECODE_BACKSPACE = 0x7f,
    DECODE_UP = 0x110000, /* first above Unicode */
    DECODE_DOWN,
    DECODE_RIGHT,
    DECODE_LEFT,
    DECODE_HOME,
    DECODE_END,
    DECODE_PAGE_UP,
    DECODE_PAGE_DOWN,
    DECODE_INSERT,
    DECODE_DELETE,
    DECODE_CENTRE, /* the 5 of a keypad without Num Lock */
    DECODE_F1,
    DECODE_F24 = DECODE_F1 + 23,
    DECODE_PAD_0, /* keypad in application mode: never the same as the digit or letter */
    DECODE_PAD_9 = DECODE_PAD_0 + 9,
    DECODE_PAD_MULTIPLY,
    DECODE_PAD_ADD,
    DECODE_PAD_COMMA,
    DECODE_PAD_SUBTRACT,
    DECODE_PAD_DECIMAL,
    DECODE_PAD_DIVIDE,
    DECODE_PAD_EQUAL,
    DECODE_PAD_ENTER
};

enum decode_kind {
    DECODED_KEY,         /* `key` */
    DECODED_PASTE_BEGIN, /* bracketed paste starts */
    DECODED_PASTE_TEXT,  /* `text`, `length`: hostile bytes, to be passed through tui/text.h */
    DECODED_PASTE_END,   /* paste is over */
    DECODED_SELECT,      /* mouse button 1 pressed at `row`, `column` */
    DECODED_SCROLL,      /* mouse wheel at `row`, `column`: `key` is DECODE_UP or DECODE_DOWN */
    DECODED_FLUSHED      /* `length` bytes typed during a stall of the caller were dropped */
};

struct decode_event {
    enum decode_kind kind;
    uint32_t key;                  /* character or enum decode_key, with modifiers */
    bool alone;                    /* nothing else within DECODE_BURST_US; a key that is not
                                      destructive is not held back, so only looks behind it */
    int64_t time_us;               /* when its last byte came */
    int row, column;               /* of the mouse, from 0 */
    size_t length;                 /* of text, or of what was flushed */
    char text[DECODE_PASTE_BYTES]; /* not terminated */
};

/* What the decoder calls. Both get `context`. */
struct decode_calls {
    void (*deliver)(void *context, const struct decode_event *event);
    bool (*destructive)(void *context, uint32_t key); /* in the present mode of the screen? */
    void *context;
};

struct decoder {
    struct decode_calls calls;
    int state;              /* of the byte machine, private */
    char parameters[32];    /* of the sequence being read */
    size_t parameter_count; /* bytes in `parameters`; beyond its size the sequence is unknown */
    int left;               /* bytes still to swallow, or continuation bytes still to come */
    uint32_t character;     /* being put together from UTF-8 */
    uint32_t least;         /* smallest code that its length may encode (overlong forms) */
    bool key_clear;         /* silence before the first byte of the key being read */
    bool muted;             /* a flush: follow the bytes, deliver nothing */
    bool held;              /* `hold` waits for its silence */
    struct decode_event hold;
    int64_t last_us;      /* of the last byte */
    int64_t escape_us;    /* of the last lone Esc that was delivered */
    int64_t away_from_us; /* the caller did not read the terminal from here */
    int64_t away_to_us;   /* to here */
    size_t paste_length;  /* collected in `paste`, not yet delivered */
    char paste[DECODE_PASTE_BYTES];
    size_t end_matched; /* bytes of the end-of-paste sequence seen so far */
};

void decode_init(struct decoder *decoder, struct decode_calls calls);

/* One block as read from the terminal, at now_us. Delivers what it completes. */
void decode_bytes(struct decoder *decoder, const char *bytes, size_t length, int64_t now_us);

/* Time has passed: delivers a lone Esc or a held key that is due. To be called only after the
 * terminal has been read until it had no more, else a byte that waits there would not count. */
void decode_time(struct decoder *decoder, int64_t now_us);

/* When decode_time() is wanted next; DECODE_NEVER when nothing waits. */
int64_t decode_deadline(const struct decoder *decoder);

/* The caller did other work from from_us to to_us, its last turn of the loop. What the next block
 * brings within DECODE_BURST_US of to_us may have been typed at any time of it: it counts as typed
 * at from_us, and after more than DECODE_STALL_US it is dropped, and so is a held key; both are
 * reported as DECODED_FLUSHED. To be called before each wait for input. */
void decode_away(struct decoder *decoder, int64_t from_us, int64_t to_us);

#endif
