/*
 * Fuzz target: one FIX session, played by an input. The first byte chooses the role and options; then each
 * step is a byte for what happens and the bytes it needs: a message of the peer (type, distance of its
 * number from the expected one, flags, text), raw bytes, time, or a call of the owner.
 *
 * Must hold, whatever the peer does: what we send is well framed and complete; new numbers rise by one; an
 * old number only ever comes with PossDupFlag; no order ever carries PossDupFlag; application messages
 * are delivered with rising numbers; the expected number never falls; output stays in its bounds.
 */
#include "net/fix_session.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at, *end;
};

static struct fix_session session;
static struct fix_view view;
static int64_t now_us;
static uint32_t sent;      /* highest new number that went out */
static uint32_t delivered; /* highest number given to the owner */
static bool resets;        /* numbers may begin at 1 again */

static uint8_t byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* A store that even gives back orders: the session has to know better. */
static const char *stored(void *owner, uint32_t number, size_t *length)
{
    static char bytes[256];
    static const char *const types[] = {"D", "8", "F", "9"};
    struct fix_writer w;
    (void)owner;
    if (number % 3 == 0)
        return NULL;
    fix_begin(&w, bytes, sizeof bytes, types[number % 4]);
    fix_put_text(&w, FIX_SENDER_COMP_ID, "DESK");
    fix_put_text(&w, FIX_TARGET_COMP_ID, "EXCH");
    fix_put_int(&w, FIX_MSG_SEQ_NUM, number);
    fix_put_time(&w, FIX_SENDING_TIME, 1795335300000000);
    fix_put_data(&w, 354, 355, "a\001b", 3);
    if (fix_end(&w) != 0)
        return NULL;
    *length = w.length;
    return w.start;
}

static void check_ours(void)
{
    uint32_t number = 0;
    bool dup = false;
    assert(view.fault == FIX_REJECT_NONE);
    assert(fix_seqnum(fix_get(&view, FIX_MSG_SEQ_NUM), false, &number) == FIX_VALUE);
    fix_bool(fix_get(&view, FIX_POSS_DUP_FLAG), &dup);
    if (dup) {
        assert(!fix_is(&view, "D") && !fix_is(&view, "F") && !fix_is(&view, "G"));
        assert(number < session.next_out);
        return;
    }
    assert(number == sent + 1 || (resets && number == 1));
    assert(number < session.out_reserved);
    sent = number;
}

/* The transport takes all of the output; what went out is checked. */
static void drain(void)
{
    size_t n, size;
    const char *bytes = fix_session_output(&session, &n);
    assert(n <= FIX_SESSION_OUT);
    for (size_t at = 0; at < n; at += size) {
        assert(fix_parse(&view, bytes + at, n - at, &size) == FIX_OK);
        check_ours();
    }
    fix_session_written(&session, n);
}

static void poll_all(bool write)
{
    struct fix_event event;
    uint32_t expected = session.next_in;
    int events = 0;
    while (fix_session_poll(&session, now_us, &event)) {
        assert(++events < 1000);
        if (event.kind == FIX_EVENT_MESSAGE) {
            assert(event.number > delivered || resets);
            delivered = event.number;
            assert(session.state != FIX_DISCONNECTED);
        }
        assert(strnlen(event.text, sizeof event.text) < sizeof event.text);
    }
    assert(session.next_in >= expected || resets);
    assert(session.next_out <= session.out_reserved || session.next_out == 1);
    fix_session_deadline(&session);
    if (write)
        drain();
}

static void give(const char *bytes, size_t n)
{
    size_t taken = fix_session_receive(&session, bytes, n);
    assert(taken <= n);
}

static void put_flags(struct fix_writer *w, uint8_t flags)
{
    if (flags & 1)
        fix_put_bool(w, FIX_POSS_DUP_FLAG, true);
    fix_put_time(w, FIX_SENDING_TIME, now_us - (flags & 2 ? 200000000 : 0));
    if (flags & 4)
        fix_put_time(w, FIX_ORIG_SENDING_TIME, now_us + (flags & 8 ? 5000000 : -5000000));
}

/* The fields that the session messages are about, mostly right. */
static void put_body(struct fix_writer *w, const char *type, struct input *in, uint32_t number)
{
    uint8_t value = byte(in);
    if (*type == 'A') {
        fix_put_int(w, FIX_ENCRYPT_METHOD, value & 128 ? 1 : 0);
        fix_put_int(w, FIX_HEART_BT_INT, value & 64 ? value : 30);
        if (value & 1)
            fix_put_bool(w, FIX_RESET_SEQ_NUM_FLAG, true);
        if (value & 2)
            fix_put_int(w, FIX_NEXT_EXPECTED_MSG_SEQ_NUM, value >> 2);
    } else if (*type == '0' || *type == '1') {
        char id[32];
        snprintf(id, sizeof id, "probe-%u-%u", session.probe, session.probe_number);
        fix_put_text(w, FIX_TEST_REQ_ID, value & 1 ? id : "x");
    } else if (*type == '2') {
        fix_put_int(w, FIX_BEGIN_SEQ_NO, value & 15);
        fix_put_int(w, FIX_END_SEQ_NO, value >> 4);
    } else if (*type == '3') {
        fix_put_int(w, FIX_REF_SEQ_NUM, value);
    } else if (*type == '4') {
        fix_put_bool(w, FIX_GAP_FILL_FLAG, value & 1);
        fix_put_int(w, FIX_NEW_SEQ_NO, (int64_t)number + (value >> 1) - 32);
    }
    if (value & 32) {
        uint8_t n = byte(in) & 63;
        if (n > in->end - in->at)
            n = (uint8_t)(in->end - in->at);
        fix_put_bytes(w, FIX_TEXT, (const char *)in->at, n);
        in->at += n;
    }
}

static void peer_message(struct input *in)
{
    static const char *const types[] = {"0", "1", "2", "3", "4", "5", "A", "B", "U1", "ZZ"};
    static char buffer[2048];
    struct fix_writer w;
    const char *type = types[byte(in) % (sizeof types / sizeof types[0])];
    uint8_t flags = byte(in);
    int64_t number = (int64_t)session.next_in + (flags & 16 ? (int8_t)byte(in) : 0);
    fix_begin(&w, buffer, sizeof buffer, type);
    fix_put_text(&w, FIX_SENDER_COMP_ID, (flags & 224) == 224 ? "OTHER" : "EXCH");
    fix_put_text(&w, FIX_TARGET_COMP_ID, "DESK");
    fix_put_int(&w, FIX_MSG_SEQ_NUM, number);
    put_flags(&w, flags);
    put_body(&w, type, in, (uint32_t)number);
    if (fix_end(&w) == 0)
        give(w.start, w.length);
}

static void raw_bytes(struct input *in)
{
    size_t n = byte(in);
    if (n > (size_t)(in->end - in->at))
        n = (size_t)(in->end - in->at);
    give((const char *)in->at, n);
    in->at += n;
}

static void owner_send(void)
{
    struct fix_writer *w;
    uint32_t number;
    if (fix_session_begin(&session, now_us, "D", &w) != FIX_SENT)
        return;
    fix_put_text(w, FIX_CL_ORD_ID, "A1");
    if (fix_session_send(&session, &number) == FIX_SENT)
        assert(number + 1 == session.next_out);
}

static void reconnect(void)
{
    fix_session_disconnect(&session);
    fix_session_connect(&session, now_us);
}

static void step(struct input *in)
{
    uint8_t what = byte(in);
    switch (what % 12) {
    case 0: raw_bytes(in); break;
    case 1: now_us += byte(in) * 250000LL; break;
    case 2: owner_send(); break;
    case 3: fix_session_probe(&session, now_us); break;
    case 4: fix_session_logout(&session, now_us, what & 64 ? "end" : NULL); break;
    case 5:
        drain();
        reconnect();
        break;
    case 6: fix_session_reserve(&session, session.out_reserved + byte(in)); break;
    case 7: now_us -= byte(in) * 1000000LL; break;
    default: peer_message(in); break;
    }
    poll_all(what < 192);
}

static void begin(uint8_t options)
{
    struct fix_session_config config = {
        .role = options & 1 ? FIX_ACCEPTOR : FIX_INITIATOR,
        .sender_comp_id = "DESK",
        .target_comp_id = "EXCH",
        .reset_on_logon = options & 2,
        .next_expected = options & 4,
        .stored = options & 8 ? stored : NULL,
        .resend_span = options & 16 ? 2 : 0,
        .reserve_low_water = 4,
    };
    now_us = 1795335300000000;
    resets = config.reset_on_logon;
    fix_session_init(&session, &config);
    fix_session_numbers(&session, 1 + (options >> 5), 1 + (options >> 5), 40);
    sent = delivered = options >> 5;
    fix_session_connect(&session, now_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    fix_view_init(&view);
    begin(byte(&in));
    for (int steps = 0; in.at < in.end && steps < 400; steps++)
        step(&in);
    return 0;
}
