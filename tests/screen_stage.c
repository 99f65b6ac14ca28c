/* A console's screen on a stage. */
#include "tests/screen_stage.h"

#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

#define PERSON "RAVI"
#define DAY    20261126

enum { LINE = 2 * SQ_LINE_MAX };

/* ---- the session -------------------------------------------------------------------------------- */

static bool submit(struct sq_session *session, const struct sq_message *inputs, size_t count)
{
    struct screen *s = (struct screen *)session;

    s->sent += (unsigned)count;
    s->last = inputs[count - 1];
    if (stage_play(s->stage, inputs, count, s->why) != 0) {
        print_error("%s\n", s->why);
        fail();
    }
    return true;
}

static bool preview(struct sq_session *session, const struct sq_square_off *intents, size_t count)
{
    struct screen *s = (struct screen *)session;
    const struct sq_view *view = s->stage->view;

    assert_true(count <= sizeof s->previews / sizeof s->previews[0]);
    for (size_t i = 0; i < count; i++) {
        struct sq_square_off intent = intents[i];
        uint32_t row = sq_find_instrument(&view->tables, (enum sq_exchange)intent.key.exchange,
                                          intent.key.token);

        sq_board_quote(view->board, row, s->stage->now, &intent.quote);
        sq_preview(sq_host_engine(s->stage->host), &intent, s->stage->now, &s->previews[i]);
    }
    s->preview_count = count;
    return true;
}

static const struct sq_preview *previews(struct sq_session *session, size_t *count)
{
    struct screen *s = (struct screen *)session;

    *count = s->preview_count;
    return s->previews;
}

static void info(struct sq_session *session, struct sq_source_info *out)
{
    *out = ((struct screen *)session)->info;
}

static const struct sq_session_ops session_ops = {
    .submit = submit, .preview = preview, .previews = previews, .info = info};

/* ---- the owner's calls -------------------------------------------------------------------------- */

static uint64_t random_bits(void *owner)
{
    struct screen *s = owner;

    return s->random = s->random * UINT64_C(6364136223846793005) + 1442695040888963407;
}

static int write_file(void *owner, const char *name, const char *text, size_t length, char *why,
                      size_t why_room)
{
    struct screen *s = owner;

    (void)name;
    (void)why;
    (void)why_room;
    assert_true(length < sizeof s->written);
    memcpy(s->written, text, length);
    s->written[length] = '\0';
    return 0;
}

static bool set_theme(void *owner, const char *name, char *why, size_t why_room)
{
    (void)owner;
    snprintf(why, why_room, "there is no theme \"%s\"", name);
    return strcmp(name, "mono") == 0;
}

static bool pin(void *owner, const char *text)
{
    (void)owner;
    return strcmp(text, "4711") == 0;
}

/* ---- the screen --------------------------------------------------------------------------------- */

static void deliver(void *context, const struct decode_event *event)
{
    struct screen *s = context;

    tui_input(&s->tui, event, s->stage->now);
}

static bool is_guarded(void *context, uint32_t key)
{
    return tui_key_is_guarded(&((struct screen *)context)->tui, key);
}

static void make(struct screen *s)
{
    struct decode_calls decode = {.deliver = deliver, .destructive = is_guarded, .context = s};
    struct tui_options options = {
        .session = &s->session, .keys = &s->keys, .theme = &s->theme, .coach = s->coach};

    if (s->made)
        return;
    assert_non_null(s->stage->view);
    options.calls = (struct tui_calls){
        .random = random_bits, .write = write_file, .theme = set_theme, .pin = pin, .owner = s};
    s->session.view = s->stage->view;
    keys_preset(&s->keys, "neat");
    theme_init(&s->theme);
    assert_true(tui_init(&s->tui, &options, s->rows, s->columns, s->stage->now));
    assert_true(canvas_init(&s->canvas, s->rows, s->columns));
    decode_init(&s->decoder, decode);
    s->made = true;
}

struct screen *screen_create(void)
{
    struct screen *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->stage = stage_create();
    s->session.ops = &session_ops;
    strcpy(s->session.person, PERSON);
    s->info = (struct sq_source_info){.source = "STANDALONE",
                                      .live = true,
                                      .price_up = true,
                                      .order_up = true,
                                      .order_rtt_us = 41000};
    s->rows = 24;
    s->columns = 80;
    s->random = 1;
    return s;
}

void screen_destroy(struct screen *s)
{
    if (s->made) {
        tui_finish(&s->tui);
        canvas_finish(&s->canvas);
    }
    stage_destroy(s->stage);
    free(s);
}

const char *screen_frame(struct screen *s)
{
    make(s);
    tui_update(&s->tui, s->stage->now);
    tui_draw(&s->tui, &s->canvas);
    canvas_text(&s->canvas, s->text, sizeof s->text);
    return s->text;
}

/* ---- statements --------------------------------------------------------------------------------- */

static void need(struct screen *s, int result, const char *line)
{
    if (result == 0)
        return;
    print_error("%s: %s\n", line, s->why);
    fail();
}

/* Moves the clock in small steps, so that the screen sees every moment that it may care about. */
static void pass(struct screen *s, sq_time until, const char *line)
{
    while (s->stage->now < until) {
        sq_time next = s->stage->now + 50 * SQ_MS;

        need(s, stage_to(s->stage, next < until ? next : until, s->why), line);
        if (!s->made)
            continue;
        decode_time(&s->decoder, s->stage->now);
        tui_update(&s->tui, s->stage->now);
    }
}

static void press(struct screen *s, uint32_t key, bool alone)
{
    struct decode_event event = {
        .kind = DECODED_KEY, .key = key, .alone = alone, .time_us = s->stage->now};

    make(s);
    tui_input(&s->tui, &event, s->stage->now);
    tui_update(&s->tui, s->stage->now);
}

static void do_key(struct screen *s, const char *rest)
{
    char word[KEYS_NAME_SIZE];

    for (int taken; sscanf(rest, " %23s%n", word, &taken) == 1; rest += taken) {
        uint32_t key = keys_parse(word);

        if (key == 0) {
            print_error("no such key: %s\n", word);
            fail();
        }
        press(s, key, true);
    }
}

static void do_burst(struct screen *s, const char *rest)
{
    press(s, keys_parse(rest), false);
}

static void do_type(struct screen *s, const char *rest)
{
    for (; *rest; rest++)
        press(s, (unsigned char)*rest, true);
}

/* \e is ESC, \r Enter; 30 ms of silence around the block. */
static void do_bytes(struct screen *s, const char *rest)
{
    char bytes[256];
    size_t length = 0;

    for (; *rest && length < sizeof bytes; rest++) {
        bool escaped = rest[0] == '\\' && (rest[1] == 'e' || rest[1] == 'r');

        bytes[length++] = !escaped ? rest[0] : rest[1] == 'e' ? '\033' : '\r';
        rest += escaped;
    }
    make(s);
    pass(s, s->stage->now + 30 * SQ_MS, "bytes");
    decode_bytes(&s->decoder, bytes, length, s->stage->now);
    pass(s, s->stage->now + 300 * SQ_MS, "bytes");
}

static void do_size(struct screen *s, const char *rest)
{
    assert_int_equal(sscanf(rest, "%dx%d", &s->columns, &s->rows), 2);
    if (!s->made)
        return;
    canvas_finish(&s->canvas);
    assert_true(canvas_init(&s->canvas, s->rows, s->columns));
    tui_resize(&s->tui, s->rows, s->columns);
}

static void do_coach(struct screen *s, const char *rest)
{
    s->coach = strcmp(rest, "on") == 0;
}

static void do_person(struct screen *s, const char *rest)
{
    sq_text_cut(s->session.person, sizeof s->session.person, rest);
}

static sq_time moment(const char *text)
{
    int hours, minutes, seconds;

    assert_int_equal(sscanf(text, "%d:%d:%d", &hours, &minutes, &seconds), 3);
    return sq_midnight(DAY) + (hours * 3600 + minutes * 60 + seconds) * SQ_SECOND;
}

static void do_until(struct screen *s, const char *rest)
{
    if (s->made)
        pass(s, moment(rest), rest);
    else
        need(s, stage_to(s->stage, moment(rest), s->why), rest);
}

static void do_pass(struct screen *s, const char *rest)
{
    char unit[4] = "";
    long number;

    assert_int_equal(sscanf(rest, "%ld%3s", &number, unit), 2);
    pass(s, s->stage->now + number * (strcmp(unit, "ms") == 0 ? SQ_MS : SQ_SECOND), rest);
}

/* `=$2`: client order id of the second order asked for; `=@10:00:00`: that moment of the day. */
static void substitute(struct screen *s, const char *line, char *out, size_t room)
{
    size_t used = 0;

    while (*line && used + 64 < room) {
        char *end = NULL;

        out[used++] = *line++;
        if (line[-1] == '=' && line[0] == '$') {
            unsigned long number = strtoul(line + 1, &end, 10);

            assert_in_range(number, 1, s->stage->clord_count);
            used += (size_t)sprintf(out + used, "%s", s->stage->clords[number - 1]);
        } else if (line[-1] == '=' && line[0] == '@') {
            used += sq_print_iso(moment(line + 1), out + used);
            end = (char *)(uintptr_t)line + 1 + strspn(line + 1, "0123456789:");
        }
        line = end ? end : line;
    }
    out[used] = '\0';
}

static void do_input(struct screen *s, const char *rest)
{
    struct sq_message input;
    char text[LINE];

    substitute(s, rest, text, sizeof text);
    need(s, stage_read(s->stage, text, &input, s->why), text);
    need(s, stage_play(s->stage, &input, 1, s->why), text);
}

static void do_rate(struct screen *s, const char *rest)
{
    char line[LINE];

    snprintf(line, sizeof line, "rate %s", rest);
    need(s, stage_rate(s->stage, line, s->why), line);
}

static void do_feed(struct screen *s, const char *rest)
{
    s->stage->feed_on = strcmp(rest, "on") == 0;
}

static void do_include(struct screen *s, const char *rest)
{
    char path[256];

    snprintf(path, sizeof path, "tests/scenario/%s", rest);
    screen_play(s, path);
}

static void do_sent(struct screen *s, const char *rest)
{
    unsigned expected = (unsigned)strtoul(rest, NULL, 10), sent = s->sent;

    s->sent = 0;
    if (sent != expected) {
        print_error("sent %u inputs, expected %u; the screen:\n%s\n", sent, expected,
                    screen_frame(s));
        fail();
    }
}

static void do_screen(struct screen *s, const char *rest)
{
    char path[256];

    snprintf(path, sizeof path, "tests/screens/%s.screen", rest);
    check_golden(path, screen_frame(s));
}

static void look(struct screen *s, const char *text, bool wanted)
{
    if ((strstr(screen_frame(s), text) != NULL) == wanted)
        return;
    print_error("the screen %s \"%s\":\n%s\n", wanted ? "does not show" : "shows", text, s->text);
    fail();
}

static void do_shows(struct screen *s, const char *rest)
{
    look(s, rest, true);
}

static void do_hides(struct screen *s, const char *rest)
{
    look(s, rest, false);
}

/* What a scenario expects is its own test's business. */
static void do_nothing(struct screen *s, const char *rest)
{
    (void)s;
    (void)rest;
}

static const struct {
    const char *word;
    void (*run)(struct screen *s, const char *rest);
} statements[] = {
    {"key", do_key},   {"burst", do_burst},   {"type", do_type},     {"bytes", do_bytes},
    {"size", do_size}, {"coach", do_coach},   {"=", do_until},       {"+", do_pass},
    {">", do_input},   {"rate", do_rate},     {"feed", do_feed},     {"include", do_include},
    {"sent", do_sent}, {"screen", do_screen}, {"shows", do_shows},   {"hides", do_hides},
    {"<", do_nothing}, {"~", do_nothing},     {"person", do_person},
};

void screen_line(struct screen *s, const char *line)
{
    size_t word = strcspn(line, " ");

    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        if (strlen(statements[i].word) == word && strncmp(statements[i].word, line, word) == 0) {
            statements[i].run(s, line + word + (line[word] == ' '));
            return;
        }
    print_error("no such statement: %s\n", line);
    fail();
}

void screen_lines(struct screen *s, const char *const *lines)
{
    for (; *lines; lines++)
        screen_line(s, *lines);
}

void screen_lines_after(const char *const *first, const char *const *lines)
{
    struct screen *s = screen_create();

    screen_lines(s, first);
    screen_lines(s, lines);
    screen_destroy(s);
}

void screen_play(struct screen *s, const char *path)
{
    char *text = check_read_file(path, NULL), *rest = text;
    int number = 0;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        number++;
        if (line[0] == '\0' || line[0] == '#')
            continue;
        snprintf(s->why, sizeof s->why, "%s:%d", path, number);
        screen_line(s, line);
    }
    free(text);
}
