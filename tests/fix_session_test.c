/*
 * FIX session: the conversations of tests/fix/ are played against one session, and the transcript must
 * be the file itself. SQ_UPDATE=1 rewrites them: read `git diff` before you believe it.
 *
 * A file's lines, one command each; '|' stands for SOH, ^A for one inside a value:
 *   # text             comment
 *   config K=V ...     role=initiator|acceptor sender= target= heartbeat= window= span= low= gap=
 *                      reset=1 next_expected=1 stores=1 user= password= (before the first do)
 *   do connect | disconnect | poll | probe | logout TEXT | reserve N | reset N | reject TAG TEXT
 *   do numbers IN OUT RESERVED
 *   do send TYPE|tag=value|...      an application message of ours
 *   > tag=value|...    bytes from the peer, then poll until quiet. 8=, 9=, 10=, 49=, 56= and 52= are
 *                      added unless given; tag=- leaves one out. A line that begins with 8= is taken as it
 *                      is, but 9=# and 10=# are computed. A value @-N or @+N is the time N seconds from now.
 *   + ...              as >, but the bytes wait for the next > (one segment with several messages)
 *   @ N                N seconds later (decimals allowed), then poll until quiet
 * and what must come of it:
 *   < tag=value|...    a message of ours: header without 8, 9, 49, 56, 52, 10, which are checked apart
 *   ! event number text
 *   = result of the do line
 */
#include "tests/check.h"

#include "net/fix_session.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE = 4096,
    TRANSCRIPT = 64 * 1024,
    STORE = 64, /* messages of ours that a conversation keeps */
    FILES = 512,
    FIRST_SECOND = 1795335300, /* 2026-11-22 08:15:00 */
};

struct conversation {
    struct fix_session session;
    struct fix_session_config config;
    bool started;
    bool stores;
    int64_t now_us;
    char user[64], password[64];
    struct {
        char bytes[LINE];
        size_t length;
    } store[STORE];
    char pending[4 * LINE]; /* of '+' lines */
    size_t pending_length;
    char out[TRANSCRIPT]; /* the transcript */
    size_t out_length;
    struct fix_view view; /* of our messages */
};

static void say(struct conversation *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct conversation *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(c->out + c->out_length, TRANSCRIPT - c->out_length, format, arguments);
    va_end(arguments);
    assert_true(n >= 0 && (size_t)n < TRANSCRIPT - c->out_length);
    c->out_length += (size_t)n;
}

/* ---- our messages ---- */

static bool shown(uint32_t tag)
{
    return tag != FIX_BEGIN_STRING && tag != FIX_BODY_LENGTH && tag != FIX_SENDER_COMP_ID &&
           tag != FIX_TARGET_COMP_ID && tag != FIX_SENDING_TIME;
}

/* Every message that leaves a session must parse, be complete, and carry its names and the time. */
static void check_ours(struct conversation *c)
{
    int64_t time_us;
    assert_int_equal(c->view.fault, FIX_REJECT_NONE);
    assert_true(fix_check(&c->view));
    assert_true(fix_equals(fix_get(&c->view, FIX_SENDER_COMP_ID), c->config.sender_comp_id));
    assert_true(fix_equals(fix_get(&c->view, FIX_TARGET_COMP_ID), c->config.target_comp_id));
    assert_int_equal(fix_utc_time(fix_get(&c->view, FIX_SENDING_TIME), &time_us), FIX_VALUE);
    assert_int_equal(time_us / 1000, c->now_us / 1000);
}

static void show_ours(struct conversation *c)
{
    say(c, "<");
    for (uint32_t i = 0; i < c->view.count; i++) {
        const struct fix_field *field = &c->view.field[i];
        int64_t time_us = 0;
        if (!shown(field->tag))
            continue;
        say(c, "%s%u=", i == 2 ? " " : "|", field->tag);
        if (field->tag == FIX_ORIG_SENDING_TIME && fix_utc_time(field, &time_us) == FIX_VALUE)
            say(c, "@%+lld", (long long)((time_us - c->now_us) / 1000000));
        else
            say(c, "%.*s", (int)field->length, field->value);
    }
    say(c, "\n");
}

static void take_output(struct conversation *c)
{
    size_t n, size;
    const char *bytes = fix_session_output(&c->session, &n);
    for (size_t at = 0; at < n; at += size) {
        assert_int_equal(fix_parse(&c->view, bytes + at, n - at, &size), FIX_OK);
        check_ours(c);
        show_ours(c);
    }
    fix_session_written(&c->session, n);
}

static void poll_all(struct conversation *c)
{
    struct fix_event event;
    bool more;
    do {
        more = fix_session_poll(&c->session, c->now_us, &event);
        take_output(c);
        if (!more)
            continue;
        say(c, "! %s %u", fix_event_name(event.kind), event.number);
        if (event.kind == FIX_EVENT_MESSAGE)
            say(c, " %s%s%s", event.view->type, event.poss_dup ? " poss_dup" : "",
                event.poss_resend ? " poss_resend" : "");
        if (event.kind == FIX_EVENT_REFUSED)
            say(c, " reason=%d", (int)event.reason);
        if (event.kind == FIX_EVENT_DISCONNECT)
            say(c, " %s", fix_end_name(event.end));
        say(c, "%s%s\n", event.text[0] != 0 ? ": " : "", event.text);
    } while (more);
}

static const char *stored(void *owner, uint32_t number, size_t *length)
{
    struct conversation *c = owner;
    if (number >= STORE || c->store[number].length == 0)
        return NULL;
    *length = c->store[number].length;
    return c->store[number].bytes;
}

/* ---- the peer's messages ---- */

/* Adds to a text of LINE bytes; a conversation with longer lines fails. */
static void append(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(char *to, const char *format, ...)
{
    size_t at = strlen(to);
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(to + at, LINE - at, format, arguments);
    va_end(arguments);
    assert_true(n >= 0 && (size_t)n < LINE - at);
}

/* Adds "tag=value" and SOH; a time marker is turned into a time, and "tag=-" into nothing. */
static void add_field(struct conversation *c, char *to, const char *field)
{
    char time[160];
    struct fix_writer w;
    const char *mark = strstr(field, "=@");
    if (*field == 0 || strcmp(field + strcspn(field, "="), "=-") == 0)
        return;
    if (mark == NULL) {
        append(to, "%s\001", field);
        return;
    }
    fix_begin(&w, time, sizeof time, "0");
    w.at = w.body;
    fix_put_time(&w, (uint32_t)atoi(field), c->now_us + (int64_t)(strtod(mark + 2, NULL) * 1e6));
    append(to, "%.*s", (int)(w.at - w.body), w.body);
}

static void add_fields(struct conversation *c, char *to, const char *text)
{
    char line[LINE] = "", *rest = line;
    append(line, "%s", text);
    for (char *field; (field = strsep(&rest, "|")) != NULL;)
        add_field(c, to, field);
}

/* Does the line give that header field itself? */
static bool gives(const char *text, const char *field)
{
    char middle[16];
    snprintf(middle, sizeof middle, "|%s", field);
    return strstr(text, middle) != NULL;
}

/* "35=T|...": MsgType, the header fields that the line leaves to us, the rest. */
static void add_body(struct conversation *c, char *body, const char *text)
{
    char line[LINE] = "";
    size_t type = strcspn(text, "|");
    append(line, "%.*s|", (int)type, text);
    if (!gives(text, "49="))
        append(line, "49=%s|", c->config.target_comp_id);
    if (!gives(text, "56="))
        append(line, "56=%s|", c->config.sender_comp_id);
    if (!gives(text, "52="))
        append(line, "52=@+0|");
    append(line, "%s", text[type] == '|' ? text + type + 1 : "");
    add_fields(c, body, line);
}

static uint32_t sum_of(const char *bytes)
{
    uint32_t sum = 0;
    for (; *bytes != 0; bytes++)
        sum += (unsigned char)*bytes;
    return sum & 0xff;
}

/* "8=...|9=#|...|10=#|": computes what is marked and leaves all else as it stands. */
static void add_raw(struct conversation *c, char *message, const char *text)
{
    char line[LINE] = "", *rest = line;
    append(line, "%s", text);
    for (char *field; (field = strsep(&rest, "|")) != NULL;) {
        if (strcmp(field, "9=#") == 0) {
            char body[LINE] = "", fields[LINE] = "";
            append(fields, "%.*s", (int)(strstr(rest, "10=") - rest), rest);
            add_fields(c, body, fields);
            append(message, "9=%zu\001", strlen(body));
        } else if (strcmp(field, "10=#") == 0) {
            append(message, "10=%03u\001", sum_of(message));
        } else {
            add_field(c, message, field);
        }
    }
}

static void add_message(struct conversation *c, const char *text)
{
    char message[LINE] = "", body[LINE] = "";
    if (strncmp(text, "35=", 3) == 0) {
        add_body(c, body, text);
        append(message, "8=FIX.4.4\0019=%zu\001", strlen(body));
        append(message, "%s", body);
        append(message, "10=%03u\001", sum_of(message));
    } else {
        add_raw(c, message, text);
    }
    size_t n = strlen(message);
    assert_true(c->pending_length + n < sizeof c->pending);
    memcpy(c->pending + c->pending_length, message, n);
    c->pending_length += n;
}

static void flush_pending(struct conversation *c)
{
    size_t taken = fix_session_receive(&c->session, c->pending, c->pending_length);
    assert_int_equal(taken, c->pending_length);
    c->pending_length = 0;
    poll_all(c);
}

/* ---- commands ---- */

static void set_option(struct conversation *c, const char *key, const char *value)
{
    struct fix_session_config *config = &c->config;
    int64_t number = atoll(value);
    if (strcmp(key, "role") == 0)
        config->role = strcmp(value, "acceptor") == 0 ? FIX_ACCEPTOR : FIX_INITIATOR;
    else if (strcmp(key, "heartbeat") == 0)
        config->heartbeat_s = (int)number;
    else if (strcmp(key, "window") == 0)
        config->sending_time_window_us = number < 0 ? -1 : number * 1000000;
    else if (strcmp(key, "span") == 0)
        config->resend_span = (uint32_t)number;
    else if (strcmp(key, "low") == 0)
        config->reserve_low_water = (uint32_t)number;
    else if (strcmp(key, "reset") == 0)
        config->reset_on_logon = number != 0;
    else if (strcmp(key, "next_expected") == 0)
        config->next_expected = number != 0;
    else if (strcmp(key, "stores") == 0)
        config->stored = number != 0 ? stored : NULL;
    else if (strcmp(key, "user") == 0)
        config->username = strcpy(c->user, value);
    else if (strcmp(key, "password") == 0)
        config->password = strcpy(c->password, value);
    else
        fail_msg("no option %s", key);
}

static void configure(struct conversation *c, char *text)
{
    for (char *pair; (pair = strsep(&text, " ")) != NULL;) {
        char *value = strchr(pair, '=');
        assert_non_null(value);
        *value++ = 0;
        set_option(c, pair, value);
    }
}

static void keep(struct conversation *c, uint32_t number)
{
    assert_true(number < STORE && c->session.writer.length < LINE);
    memcpy(c->store[number].bytes, c->session.writer.start, c->session.writer.length);
    c->store[number].length = c->session.writer.length;
}

/* "TYPE|tag=value|...": the fields are put as text, whatever they hold. */
static void do_send(struct conversation *c, char *text)
{
    struct fix_writer *w;
    uint32_t number = 0;
    const char *type = strsep(&text, "|");
    enum fix_send result = fix_session_begin(&c->session, c->now_us, type, &w);
    if (result == FIX_SENT) {
        for (char *field; (field = strsep(&text, "|")) != NULL;) {
            char *value = strchr(field, '=');
            if (value != NULL)
                fix_put_text(w, (uint32_t)atoi(field), value + 1);
        }
        result = fix_session_send(&c->session, &number);
    }
    say(c, "= %s", fix_send_name(result));
    if (result == FIX_SENT) {
        keep(c, number);
        say(c, " %u", number);
    }
    say(c, "\n");
}

static void do_reject(struct conversation *c, const char *text)
{
    unsigned tag = (unsigned)atoi(text);
    fix_session_reject(&c->session, c->now_us, &c->session.view, FIX_REJECT_VALUE, tag,
                       strchr(text, ' ') + 1);
}

static void command(struct conversation *c, char *text)
{
    struct fix_session *s = &c->session;
    unsigned in, out, reserved;
    char *rest = strchr(text, ' ');
    rest = rest != NULL ? rest + 1 : text + strlen(text);
    if (!c->started) {
        c->config.owner = c;
        fix_session_init(s, &c->config);
        fix_session_numbers(s, 1, 1, 1000);
        c->started = true;
    }
    if (strncmp(text, "connect", 7) == 0)
        fix_session_connect(s, c->now_us);
    else if (strncmp(text, "disconnect", 10) == 0)
        fix_session_disconnect(s);
    else if (strncmp(text, "numbers", 7) == 0 &&
             sscanf(rest, "%u %u %u", &in, &out, &reserved) == 3)
        fix_session_numbers(s, in, out, reserved);
    else if (strncmp(text, "reserve", 7) == 0)
        fix_session_reserve(s, (uint32_t)atoi(rest));
    else if (strncmp(text, "reset", 5) == 0)
        say(c, "= %s\n",
            fix_send_name(fix_session_reset(s, c->now_us, (uint32_t)strtoul(rest, NULL, 10))));
    else if (strncmp(text, "logout", 6) == 0)
        fix_session_logout(s, c->now_us, *rest != 0 ? rest : NULL);
    else if (strncmp(text, "probe", 5) == 0)
        say(c, "= %u\n", fix_session_probe(s, c->now_us));
    else if (strncmp(text, "reject", 6) == 0)
        do_reject(c, rest);
    else if (strncmp(text, "send", 4) == 0)
        do_send(c, rest);
    else if (strncmp(text, "state", 5) == 0)
        say(c, "= %s in=%u out=%u\n", fix_state_name(s->state), s->next_in, s->next_out);
    else
        fail_msg("no command %s", text);
    poll_all(c);
}

/* "^A" in a line stands for a SOH that does not separate fields. */
static void unescape(char *line)
{
    for (char *at; (at = strstr(line, "^A")) != NULL;) {
        *at = FIX_SOH;
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
    }
}

static void play_line(struct conversation *c, char *line)
{
    if (line[0] == '<' || line[0] == '!' || line[0] == '=')
        return;
    say(c, "%s\n", line);
    unescape(line);
    if (strncmp(line, "config ", 7) == 0)
        configure(c, line + 7);
    else if (strncmp(line, "do ", 3) == 0)
        command(c, line + 3);
    else if (line[0] == '@') {
        c->now_us += (int64_t)(strtod(line + 1, NULL) * 1000000);
        poll_all(c);
    } else if (line[0] == '>' || line[0] == '+') {
        add_message(c, line + 2);
        if (line[0] == '>')
            flush_pending(c);
    } else if (line[0] != '#' && line[0] != 0)
        fail_msg("not a line of a conversation: %s", line);
}

static void play(void **state)
{
    const char *path = *state;
    struct conversation *c = calloc(1, sizeof *c);
    char *text = check_read_file(path, NULL), *rest = text;
    strcpy(c->config.sender_comp_id, "DESK");
    strcpy(c->config.target_comp_id, "EXCH");
    c->now_us = FIRST_SECOND * 1000000LL;
    fix_view_init(&c->view);
    for (char *line; (line = strsep(&rest, "\n")) != NULL && (rest != NULL || *line != 0);)
        play_line(c, line);
    check_golden(path, c->out);
    free(text);
    free(c);
}

/* Each file is a test of its own, with its path as name and state. */
struct list {
    struct CMUnitTest test[FILES];
    size_t count;
};

static void add_file(const char *path, void *context)
{
    struct list *list = context;
    char *name = strdup(path);
    assert_true(name != NULL && list->count < FILES);
    list->test[list->count++] =
        (struct CMUnitTest){.name = name, .test_func = play, .initial_state = name};
}

int main(void)
{
    static struct list list;
    check_each_file("tests/fix", ".fix", add_file, &list);
    int failed = _cmocka_run_group_tests("conversations", list.test, list.count, NULL, NULL);
    while (list.count > 0)
        free(list.test[--list.count].initial_state);
    return failed;
}
