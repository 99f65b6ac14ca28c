/* The input decoder, row by row: bytes and the times they came at, and the events that must result.
 *
 * Events are written as words: a key by its name, `x!` for a destructive key that was not alone,
 * <paste "text" paste>, select:row,column, scroll:Up@row,column, flushed:bytes. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/decode.h"
#include "tui/keys.h"

#define BLOCKS 5

struct block {
    int ms; /* since the block before */
    const char *bytes;
};

struct row {
    const char *what;
    struct block blocks[BLOCKS];
    const char *trace;
};

struct trace {
    char text[2048];
    size_t length;
};

static void say(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct trace *trace, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof trace->text - trace->length;
    int length;

    va_start(arguments, format);
    length = vsnprintf(trace->text + trace->length, room, format, arguments);
    va_end(arguments);
    assert_true(length >= 0 && (size_t)length < room);
    trace->length += (size_t)length;
}

static bool destructive(void *context, uint32_t key)
{
    (void)context;
    return key < 0x80 && strchr("xcK", (int)key) != NULL;
}

static void note(void *context, const struct decode_event *event)
{
    struct trace *trace = context;
    char name[KEYS_NAME_SIZE];

    if (trace->length > 0)
        say(trace, " ");
    switch (event->kind) {
    case DECODED_KEY:
        keys_name(event->key, name);
        say(trace, "%s%s", name, destructive(NULL, event->key) && !event->alone ? "!" : "");
        break;
    case DECODED_PASTE_BEGIN: say(trace, "<paste"); break;
    case DECODED_PASTE_TEXT: say(trace, "\"%.*s\"", (int)event->length, event->text); break;
    case DECODED_PASTE_END: say(trace, "paste>"); break;
    case DECODED_SELECT: say(trace, "select:%d,%d", event->row, event->column); break;
    case DECODED_SCROLL:
        keys_name(event->key, name);
        say(trace, "scroll:%s@%d,%d", name, event->row, event->column);
        break;
    case DECODED_FLUSHED: say(trace, "flushed:%zu", event->length); break;
    }
}

static struct decoder new_decoder(struct trace *trace)
{
    struct decoder decoder;

    *trace = (struct trace){.length = 0};
    decode_init(&decoder, (struct decode_calls){note, destructive, trace});
    return decoder;
}

/* Lets time run to to_us the way a loop does: stopping at each deadline. */
static void run_to(struct decoder *decoder, int64_t to_us)
{
    for (int64_t due; (due = decode_deadline(decoder)) <= to_us;)
        decode_time(decoder, due);
}

static void run_row(const struct row *row)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);
    int64_t now_us = 1000000;

    for (int i = 0; i < BLOCKS && row->blocks[i].bytes != NULL; i++) {
        now_us += row->blocks[i].ms * 1000;
        run_to(&decoder, now_us);
        decode_bytes(&decoder, row->blocks[i].bytes, strlen(row->blocks[i].bytes), now_us);
    }
    run_to(&decoder, now_us + 5000000);
    if (strcmp(trace.text, row->trace) != 0)
        fail_msg("%s: expected [%s] got [%s]", row->what, row->trace, trace.text);
}

/* clang-format off */
static const struct row rows[] = {
    /* console.md C5, as tested with plain getch */
    {"keypad 8, application mode", {{0, "\033Ox"}}, "KP8"},
    {"bracketed paste of excel", {{0, "\033[200~excel\033[201~"}}, "<paste \"excel\" paste>"},
    {"F6 in two pieces", {{0, "\033"}, {60, "[17~"}}, "F6"},
    {"F6 in one", {{0, "\033[17~"}}, "F6"},
    {"right arrow in two pieces", {{0, "\033"}, {60, "OC"}}, "Right"},
    {"right arrow in three pieces", {{0, "\033"}, {60, "O"}, {900, "C"}}, "Right"},
    {"F6, a byte at a time, slow link",
     {{0, "\033"}, {150, "["}, {300, "1"}, {300, "7"}, {300, "~"}}, "F6"},
    {"Esc lost its tail for longer than the time-out", {{0, "\033"}, {300, "[17~"}}, "Esc F6"},
    {"the same with SS3 keypad 8: no x", {{0, "\033"}, {300, "Ox"}}, "Esc KP8"},
    {"bracket long after Esc is a bracket", {{0, "\033"}, {3000, "["}}, "Esc ["},
    {"bracket after Esc and another key", {{0, "\033"}, {300, "a"}, {100, "["}}, "Esc a ["},

    /* Esc */
    {"Esc alone", {{0, "\033"}}, "Esc"},
    {"Esc, then x after the time-out", {{0, "\033"}, {250, "x"}}, "Esc x"},
    {"Alt-x is not x", {{0, "\033x"}}, "A-x"},
    {"Esc twice", {{0, "\033\033"}}, "Esc Esc"},
    {"Esc before an arrow", {{0, "\033\033[A"}}, "Esc Up"},
    {"Ctrl-G at once", {{0, "\007"}}, "C-g"},
    {"Ctrl-G inside an unfinished sequence", {{0, "\033[1"}, {50, "\007"}}, "C-g"},
    {"Ctrl-C inside an unfinished sequence", {{0, "\033O"}, {50, "\003"}}, "C-c"},

    /* arrows and their neighbours */
    {"CSI arrows", {{0, "\033[A\033[B\033[C\033[D"}}, "Up Down Right Left"},
    {"SS3 arrows", {{0, "\033OA\033OB\033OC\033OD"}}, "Up Down Right Left"},
    {"xterm Home End", {{0, "\033[H\033[F\033OH\033OF"}}, "Home End Home End"},
    {"vt220, linux, tmux Home End", {{0, "\033[1~\033[4~"}}, "Home End"},
    {"rxvt Home End", {{0, "\033[7~\033[8~"}}, "Home End"},
    {"editing keys", {{0, "\033[2~\033[3~\033[5~\033[6~"}}, "Ins Del PgUp PgDn"},
    {"keypad centre", {{0, "\033[E"}}, "Centre"},
    {"back-tab", {{0, "\033[Z"}}, "S-Tab"},

    /* function keys in each dialect */
    {"xterm F1-F4", {{0, "\033OP\033OQ\033OR\033OS"}}, "F1 F2 F3 F4"},
    {"xterm CSI F1-F4", {{0, "\033[P\033[Q\033[R\033[S"}}, "F1 F2 F3 F4"},
    {"putty, rxvt F1-F4", {{0, "\033[11~\033[12~\033[13~\033[14~"}}, "F1 F2 F3 F4"},
    {"linux F1-F5", {{0, "\033[[A\033[[B\033[[C\033[[D\033[[E"}}, "F1 F2 F3 F4 F5"},
    {"vt220 F5-F8", {{0, "\033[15~\033[17~\033[18~\033[19~"}}, "F5 F6 F7 F8"},
    {"vt220 F9-F12", {{0, "\033[20~\033[21~\033[23~\033[24~"}}, "F9 F10 F11 F12"},
    {"linux shift F1, F2", {{0, "\033[25~\033[26~"}}, "F13 F14"},

    /* modifiers */
    {"shift, alt, control arrows", {{0, "\033[1;2A\033[1;3B\033[1;5C\033[1;6D"}},
     "S-Up A-Down C-Right C-S-Left"},
    {"modified tilde keys", {{0, "\033[3;5~\033[5;2~\033[15;3~"}}, "C-Del S-PgUp A-F5"},
    {"modified F1", {{0, "\033[1;2P\033O1;5P\033O5Q"}}, "S-F1 C-F1 C-F2"},
    {"meta counts as alt", {{0, "\033[1;9A"}}, "A-Up"},

    /* keypad in application mode, every key */
    {"keypad digits", {{0, "\033Op\033Oq\033Or\033Os\033Ot"}}, "KP0 KP1 KP2 KP3 KP4"},
    {"keypad digits", {{0, "\033Ou\033Ov\033Ow\033Ox\033Oy"}}, "KP5 KP6 KP7 KP8 KP9"},
    {"keypad signs", {{0, "\033Oj\033Ok\033Ol\033Om\033On\033Oo\033OX\033OM"}},
     "KP* KP+ KP, KP- KP. KP/ KP= KPEnter"},

    /* unknown sequences vanish whole */
    {"unknown letter", {{0, "\033[5x"}, {50, "a"}}, "a"},
    {"unknown SS3", {{0, "\033Oc"}, {50, "a"}}, "a"},
    {"unknown number", {{0, "\033[99~"}, {50, "a"}}, "a"},
    {"device answers", {{0, "\033[?1;2c\033[24;80R\033[>41;354;0c"}}, ""},
    {"kitty and modifyOtherKeys forms", {{0, "\033[120u\033[120;5u\033[27;5;120~"}}, ""},
    {"focus in, focus out", {{0, "\033[I\033[O"}}, ""},
    {"very long sequence",
     {{0, "\033[1;2;3;4;5;6;7;8;9;1;2;3;4;5;6;7;8;9;1;2;3;4;5;6x"}, {50, "a"}}, "a"},
    {"huge number", {{0, "\033[99999999999999999999~"}, {50, "a"}}, "a"},
    {"title answer (OSC), ended by BEL", {{0, "\033]lexcel\007"}, {50, "a"}}, "a"},
    {"DCS answer, ended by ST", {{0, "\033P1$rx\033\\"}, {50, "a"}}, "a"},
    {"APC and SOS", {{0, "\033_xx\033\\\033Xcc\033\\\033^cc\033\\"}}, ""},
    {"OSC never ended", {{0, "\033]xxx"}, {1500, "a"}}, "a"},
    {"Esc pressed inside an unfinished OSC", {{0, "\033]xxx"}, {100, "\033"}}, "Esc"},
    {"old mouse report", {{0, "\033[M x!"}, {50, "a"}}, "a"},
    {"CSI restarted by ESC", {{0, "\033[1;\033[B"}}, "Down"},

    /* mouse */
    {"button 1 down and up", {{0, "\033[<0;5;3M\033[<0;5;3m"}}, "select:2,4"},
    {"wheel", {{0, "\033[<64;1;1M\033[<65;80;24M"}}, "scroll:Up@0,0 scroll:Down@23,79"},
    {"other buttons, drag, nonsense", {{0, "\033[<1;5;3M\033[<32;5;3M\033[<0;0;3M\033[<0;3M"}}, ""},

    /* characters */
    {"plain keys", {{0, "a"}, {50, "?"}, {50, " "}, {50, "\r"}, {50, "\t"}}, "a ? space Enter Tab"},
    {"controls", {{0, "\001\014\032\034\037"}}, "C-a C-l C-z C-\\ C-_"},
    {"both backspaces", {{0, "\b\177"}}, "BS BS"},
    {"line feed is not Enter", {{0, "\n"}}, "C-j"},
    {"UTF-8 of two, three, four bytes", {{0, "\303\251\342\202\271\360\235\204\236"}},
     "\303\251 \342\202\271 \360\235\204\236"},
    {"UTF-8 in pieces", {{0, "\342"}, {30, "\202"}, {30, "\271"}}, "\342\202\271"},
    {"broken UTF-8 keeps the next key", {{0, "\342\202a"}}, "\357\277\275 a"},
    {"overlong slash", {{0, "\300\257"}}, "\357\277\275 \357\277\275"},
    {"surrogate, beyond Unicode", {{0, "\355\240\200\364\220\200\200"}},
     "\357\277\275 \357\277\275"},
    {"8-bit CSI is not CSI", {{0, "\233" "A"}}, "\357\277\275 A"},

    /* bursts */
    {"x alone", {{0, "x"}}, "x"},
    {"x with company in its block", {{0, "ax"}}, "a x!"},
    {"x first in its block", {{0, "xa"}}, "x! a"},
    {"x x in one block", {{0, "xx"}}, "x! x!"},
    {"excel without brackets", {{0, "excel"}}, "e x! c! e l"},
    {"x 10 ms after another byte", {{0, "a"}, {10, "x"}}, "a x!"},
    {"x 10 ms before another byte", {{0, "x"}, {10, "a"}}, "x! a"},
    {"x with 20 ms on both sides", {{0, "a"}, {20, "x"}, {20, "a"}}, "a x a"},
    {"bouncing x", {{0, "x"}, {5, "x"}}, "x! x!"},
    {"c right after an arrow", {{0, "\033[B"}, {5, "c"}}, "Down c!"},
    {"an arrow right after x", {{0, "x"}, {5, "\033"}, {1, "[B"}}, "x! Down"},
    {"x inside bracketed paste, then x", {{0, "\033[200~x\033[201~x"}}, "<paste \"x\" paste> x!"},

    /* paste */
    {"paste in pieces", {{0, "\033[20"}, {40, "0~ab"}, {40, "c\033[2"}, {40, "01~"}},
     "<paste \"ab\" \"c\" paste>"},
    {"keys inside a paste are text", {{0, "\033[200~\033OP\033[17~\r\003\033[201~"}},
     "<paste \"\033OP\033[17~\r\003\" paste>"},
    {"nearly the end", {{0, "\033[200~a\033[201x\033\033[201~"}},
     "<paste \"a\033[201x\033\" paste>"},
    {"paste that goes on after a pause", {{0, "\033[200~ab"}, {3000, "x"}, {3000, "c\033[201~"}},
     "<paste \"ab\" \"x\" \"c\" paste>"},
    {"paste without end, left by Ctrl-G", {{0, "\033[200~ab"}, {3000, "\007"}, {50, "a"}},
     "<paste \"ab\" paste> a"},
    {"Ctrl-G in the flow of a paste is text", {{0, "\033[200~ab"}, {30, "\007"}, {30, "\033[201~"}},
     "<paste \"ab\" \"\007\" paste>"},
};
/* clang-format on */

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&rows[i]);
}

/* Whole input or any split of it: the same events, as long as the pieces follow closely. */
static void test_split_anywhere(void **state)
{
    static const char *const inputs[] = {
        "\033[17~",     "\033Ox",     "\033[1;5C",   "\033[200~excel\033[201~",
        "\342\202\271", "\033]x\007", "\033[<0;5;3M"};

    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        for (size_t at = 1; at < strlen(inputs[i]); at++) {
            struct trace whole, split;
            struct decoder a = new_decoder(&whole), b = new_decoder(&split);

            decode_bytes(&a, inputs[i], strlen(inputs[i]), 1000000);
            decode_bytes(&b, inputs[i], at, 1000000);
            run_to(&b, 1100000);
            decode_bytes(&b, inputs[i] + at, strlen(inputs[i]) - at, 1100000);
            if (strstr(split.text, "\" \"") == NULL)
                assert_string_equal(whole.text, split.text);
        }
}

static void test_long_paste_in_bounded_pieces(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);
    char text[150];

    (void)state;
    memset(text, 'x', sizeof text);
    decode_bytes(&decoder, "\033[200~", 6, 1000000);
    decode_bytes(&decoder, text, sizeof text, 1000000);
    decode_bytes(&decoder, "\033[201~", 6, 1000000);
    assert_int_equal(strlen("<paste \"\" \"\" \"\" paste>") + 150, trace.length);
}

static void test_stall_flushes(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);

    (void)state;
    decode_away(&decoder, 1000000, 1300000);
    decode_bytes(&decoder, "\033[Bx\033[A", 7, 1300100);
    assert_string_equal("flushed:7", trace.text);
    decode_away(&decoder, 1300200, 1300300);
    decode_bytes(&decoder, "x", 1, 1400000);
    run_to(&decoder, 2000000);
    assert_string_equal("flushed:7 x", trace.text);
}

static void test_stall_with_nothing_typed(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);

    (void)state;
    decode_away(&decoder, 1000000, 1300000);
    decode_bytes(&decoder, "a", 1, 1350000);
    assert_string_equal("a", trace.text);
}

/* A paste that begins in the stall must not end as keys after it. */
static void test_stall_follows_paste(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);

    (void)state;
    decode_away(&decoder, 1000000, 1300000);
    decode_bytes(&decoder, "\033[200~exc", 9, 1300100);
    decode_away(&decoder, 1300200, 1300300);
    decode_bytes(&decoder, "el\033[201~", 8, 1330000);
    assert_string_equal("<paste flushed:9 \"el\" paste>", trace.text);
}

static void test_stall_drops_held_key(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);

    (void)state;
    decode_bytes(&decoder, "x", 1, 1000000);
    decode_away(&decoder, 1000000, 1300000);
    run_to(&decoder, 2000000);
    assert_string_equal("flushed:1", trace.text);
}

/* The caller drew for 30 ms between two reads: the pieces may have come together. */
static void test_short_absence_is_no_silence(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);

    (void)state;
    decode_bytes(&decoder, "e", 1, 1000000);
    decode_away(&decoder, 1000000, 1030000);
    decode_bytes(&decoder, "x", 1, 1030100);
    run_to(&decoder, 2000000);
    assert_string_equal("e x!", trace.text);
}

static void test_deadlines(void **state)
{
    struct trace trace;
    struct decoder decoder = new_decoder(&trace);

    (void)state;
    assert_true(decode_deadline(&decoder) == DECODE_NEVER);
    decode_bytes(&decoder, "x", 1, 1000000);
    assert_int_equal(1000000 + DECODE_BURST_US, decode_deadline(&decoder));
    decode_time(&decoder, 1000000 + DECODE_BURST_US - 1);
    assert_string_equal("", trace.text);
    decode_time(&decoder, 1000000 + DECODE_BURST_US);
    assert_string_equal("x", trace.text);
    decode_bytes(&decoder, "\033", 1, 2000000);
    assert_int_equal(2000000 + DECODE_ESCAPE_US, decode_deadline(&decoder));
    decode_time(&decoder, 2000000 + DECODE_ESCAPE_US);
    assert_string_equal("x Esc", trace.text);
    assert_true(decode_deadline(&decoder) == DECODE_NEVER);
}

/* No byte string turns into a destructive key that counts as alone, unless it is that key. */
static void test_random_blocks_never_press(void **state)
{
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct trace trace;
        struct decoder decoder = new_decoder(&trace);
        char bytes[8];
        static const char favoured[] = "\033[O~0129;xcK<M]P\\";

        for (size_t i = 0; i < sizeof bytes; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            bytes[i] = seed & 0x100 ? favoured[seed % (sizeof favoured - 1)] : (char)(seed >> 16);
        }
        decode_bytes(&decoder, bytes, sizeof bytes, 1000000);
        run_to(&decoder, 9000000);
        for (const char *word = strpbrk(trace.text, "xcK"); word != NULL;
             word = strpbrk(word + 1, "xcK")) {
            bool whole = (word == trace.text || word[-1] == ' ') && (word[1] == ' ' || !word[1]);

            assert_false(whole && strchr(trace.text, '"') == NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_split_anywhere),
        cmocka_unit_test(test_long_paste_in_bounded_pieces),
        cmocka_unit_test(test_stall_flushes),
        cmocka_unit_test(test_stall_with_nothing_typed),
        cmocka_unit_test(test_stall_follows_paste),
        cmocka_unit_test(test_stall_drops_held_key),
        cmocka_unit_test(test_short_absence_is_no_silence),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_random_blocks_never_press),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
