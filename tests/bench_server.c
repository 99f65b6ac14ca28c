/*
 * bench_server.c - squareoffd under load: consoles connected, memory of each, requests a second,
 * durable sells, rates to all, plain and over TLS; and one user's hour in bytes on the wire
 *
 * CONSOLES=N in the environment (5,000; TLS a quarter of it). The generator, the server and the
 * simulated exchange share the machine: figures are for the three together. A sell is a square-off
 * of a whole position, from its request to the answer that it is durable; its orders go out at
 * 1,000 a second at most, which is the engine's limit, and are filled meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/load.h"
#include "tests/load_house.h"

enum {
    DEALERS = 800,
    EACH = 10,
    OPENING = 64,
    AT_ONCE = 50,     /* sells under way */
    FIRST_PART = 200, /* dealers who sell before the rates are on; the rest sells with them */
    TIMES_MOST = 400000,
    STAGE_S = 120
};

static struct house house;
static struct load_client *clients;
static unsigned client_count, logged_in, whole, answers, errors;
static int64_t times[TIMES_MOST];
static unsigned time_count;
static char last_error[LOAD_HEAD + 1];

/* ---- what comes -------------------------------------------------------------------------------- */

static bool is_answer(const char *head)
{
    return strncmp(head, "{\"id\":", 6) == 0;
}

static void note_answer(struct load_client *c, const char *head)
{
    answers++;
    if (time_count < TIMES_MOST)
        times[time_count++] = load_now_us() - c->asked_us;
    if (strstr(head, "\"error\":") == NULL && strstr(head, "\"refused\":") == NULL)
        return;
    errors++;
    strcpy(last_error, head);
}

/* While consoles come in: login is answered, then the book is asked for, until it is whole. */
static void on_coming_in(struct load_client *c, const char *head, const char *tail, uint64_t length)
{
    (void)length;
    if (is_answer(head) && strstr(head, "\"error\":") != NULL)
        load_fail("console %u: %s", c->number, head);
    if (is_answer(head) && c->asked == 1) {
        logged_in++;
        load_ask(c, "open", "\"book\":\"" HOUSE_BOOK "\"");
    } else if (!is_answer(head) && strstr(tail, "\"at\":") != NULL) {
        whole++;
    }
}

static void on_nothing(struct load_client *c, const char *head, const char *tail, uint64_t length)
{
    (void)tail;
    (void)length;
    if (is_answer(head))
        note_answer(c, head);
}

/* ---- consoles ---------------------------------------------------------------------------------- */

static unsigned dealer_of(const struct load_client *c)
{
    return c->number % house.dealers;
}

static void log_in(struct load_client *c, const char *token)
{
    load_ask(c, "login", "\"v\":1,\"token\":\"%s\"", token);
}

static void wait_until(const unsigned *counter, unsigned wanted, const char *what)
{
    int64_t end = load_now_us() + (int64_t)STAGE_S * 1000000;
    while (*counter < wanted) {
        load_turn(50);
        if (load_now_us() > end)
            load_fail("%s: %u of %u after %d s", what, *counter, wanted, STAGE_S);
    }
}

/* So many at a time: the kernel's queue of those that wait to be accepted has an end. */
static void come_in(unsigned count)
{
    unsigned started = 0, asked = 0;
    clients = calloc(count, sizeof *clients);
    client_count = count;
    logged_in = whole = 0;
    if (clients == NULL)
        load_fail("no memory");
    while (whole < count) {
        while (started < count && started - whole < OPENING) {
            load_connect(&clients[started], started, on_coming_in);
            started++;
        }
        load_turn(20);
        for (; asked < started && load_is_open(&clients[asked]); asked++)
            log_in(&clients[asked], house.tokens[dealer_of(&clients[asked])]);
    }
}

static void listen_with(load_text_fn *on_text)
{
    for (unsigned i = 0; i < client_count; i++)
        clients[i].on_text = on_text;
}

static void all_leave(void)
{
    for (unsigned i = 0; i < client_count; i++)
        load_close(&clients[i]);
    free(clients);
    clients = NULL;
    client_count = 0;
}

/* Nothing comes for a while. */
static void settle(int seconds)
{
    int64_t end = load_now_us() + (int64_t)seconds * 1000000;
    while (load_now_us() < end)
        load_turn(100);
}

/* ---- figures ----------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct percentiles {
    double p50_us, p99_us, max_us;
};

static struct percentiles percentiles(void)
{
    if (time_count == 0)
        load_fail("no answer came");
    qsort(times, time_count, sizeof *times, by_value);
    return (struct percentiles){(double)times[time_count / 2],
                                (double)times[(uint64_t)time_count * 99 / 100],
                                (double)times[time_count - 1]};
}

static void begin_counting(void)
{
    answers = errors = time_count = 0;
    last_error[0] = '\0';
}

static uint64_t frames_so_far(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < client_count; i++)
        sum += clients[i].frames_in;
    return sum;
}

/* ---- an operator ------------------------------------------------------------------------------- */

/* A request of the supervisor and its answer. */
static void command(struct load_client *c, unsigned value)
{
    unsigned before = answers;
    load_ask(c, "submit",
             "\"book\":\"" HOUSE_BOOK
             "\",\"in\":[[\"supervise\",\"control\",%u,\"SV02\",\"\",\"-\","
             "0,\"?prod\",\"\",\"a bench\"]]",
             value);
    wait_until(&answers, before + 1, "control");
}

/* Invoked, then active: positions may be closed. */
static void activate(void)
{
    struct load_client supervisor;
    load_connect(&supervisor, 0, on_coming_in);
    while (!load_is_open(&supervisor))
        load_turn(20);
    whole = 0;
    log_in(&supervisor, house.supervisor_token);
    wait_until(&whole, 1, "the supervisor");
    supervisor.on_text = on_nothing;
    begin_counting();
    command(&supervisor, 1);
    command(&supervisor, 2);
    if (errors > 0)
        load_fail("not active: %s", last_error);
    load_close(&supervisor);
}

/* ---- requests ---------------------------------------------------------------------------------- */

static int64_t stop_at;

static void ask_portfolio(struct load_client *c)
{
    load_ask(c, "portfolio", "\"book\":\"" HOUSE_BOOK "\",\"client\":\"K%04u0\",\"count\":20",
             dealer_of(c));
}

static void on_portfolio(struct load_client *c, const char *head, const char *tail, uint64_t length)
{
    on_nothing(c, head, tail, length);
    if (is_answer(head) && load_now_us() < stop_at)
        ask_portfolio(c);
}

/* A hundred consoles ask for a portfolio of twenty, one after the other, while the rest listens. */
static void requests(const char *how)
{
    unsigned active = client_count < 100 ? client_count : 100;
    begin_counting();
    double cpu = house_cpu_s(house.server);
    int64_t from = load_now_us();
    stop_at = from + 5000000;
    for (unsigned i = 0; i < active; i++) {
        clients[i].on_text = on_portfolio;
        ask_portfolio(&clients[i]);
    }
    while (load_now_us() < stop_at)
        load_turn(10);
    double seconds = (double)(load_now_us() - from) / 1e6;
    unsigned done = answers;
    cpu = house_cpu_s(house.server) - cpu;
    settle(1);
    struct percentiles p = percentiles();
    printf("portfolio of 20, %u active of %u%s: p50, p99, server's processor | %.0f us, %.0f us, "
           "%.1f us | - | %.0f/s | 1.5x floor 3.75 us\n",
           active, client_count, how, p.p50_us, p.p99_us, cpu * 1e6 / done, done / seconds);
    if (errors > 0)
        load_fail("portfolio: %s", last_error);
    listen_with(on_nothing);
}

/* ---- sells ------------------------------------------------------------------------------------- */

static void on_sold(struct load_client *c, const char *head, const char *tail, uint64_t length);

static unsigned *sold; /* positions of each console that are sold already */

/* A console sells what its dealer has, one position after the other; false: nothing is left. */
static bool sell_next(struct load_client *c)
{
    static unsigned long long ids;
    struct timespec now;
    char dealer[12];
    if (sold[c->number] == EACH)
        return false;
    const struct house_position *p =
        &house.positions[(size_t)dealer_of(c) * EACH + sold[c->number]++];
    clock_gettime(CLOCK_REALTIME, &now);
    house_dealer_name(p->dealer, dealer);
    load_ask(c, "submit",
             "\"book\":\"" HOUSE_BOOK "\",\"in\":[[\"square-off\",\"%016llx%016llx\",\"%s\",\"%s\","
             "\"%s\",%u,\"%s\",0,%d,0,%lld,\"one source, accepted by a supervisor;spread is wide;"
             "no recent trade and a one-sided book\",0,1]]",
             0x5eedULL, ++ids, dealer, p->client, p->exchange, p->token, p->product, p->net,
             (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    return true;
}

static unsigned next_seller, last_seller;

/* A seller that has nothing left hands on to the next dealer's console. */
static void sell_on(struct load_client *c)
{
    while (!sell_next(c)) {
        c->on_text = on_nothing;
        if (next_seller == last_seller)
            return;
        c = &clients[next_seller++];
        c->on_text = on_sold;
    }
}

static void on_sold(struct load_client *c, const char *head, const char *tail, uint64_t length)
{
    on_nothing(c, head, tail, length);
    if (is_answer(head))
        sell_on(c);
}

/* Consoles from..to, each the first of its dealer, sell everything that their dealers have. */
static void sells(const char *how, unsigned from, unsigned to)
{
    begin_counting();
    double cpu = house_cpu_s(house.server);
    uint64_t frames = frames_so_far();
    int64_t began = load_now_us();
    unsigned all = (to - from) * EACH;
    next_seller = from + AT_ONCE;
    last_seller = to;
    for (unsigned i = from; i < next_seller; i++) {
        clients[i].on_text = on_sold;
        sell_next(&clients[i]);
    }
    wait_until(&answers, all, "sells");
    double seconds = (double)(load_now_us() - began) / 1e6;
    cpu = house_cpu_s(house.server) - cpu;
    struct percentiles p = percentiles();
    printf(
        "durable sells, %u at once of %u consoles%s: p50, p99, server's processor | %.0f us, %.0f "
        "us, %.0f us | - | %.0f/s, %u refused, %.0f frames/s out | p99 <= 2 ms\n",
        (unsigned)AT_ONCE, client_count, how, p.p50_us, p.p99_us, cpu * 1e6 / all, all / seconds,
        errors, (double)(frames_so_far() - frames) / seconds);
    if (errors > 0)
        printf("  the last refusal: %.200s\n", last_error);
    listen_with(on_nothing);
    settle(8); /* the orders that wait for the rate limit */
}

/* ---- rates ------------------------------------------------------------------------------------- */

static void rates_on(unsigned per_s)
{
    begin_counting();
    for (unsigned i = 0; i < client_count; i++)
        load_ask(&clients[i], "rates", "\"book\":\"" HOUSE_BOOK "\",\"on\":1,\"per_s\":%u", per_s);
    wait_until(&answers, client_count, "rates");
    if (errors > 0)
        load_fail("rates: %s", last_error);
}

static void rates(unsigned per_s)
{
    rates_on(per_s);
    settle(1);
    double cpu = house_cpu_s(house.server);
    uint64_t frames = frames_so_far();
    int64_t began = load_now_us();
    settle(5);
    double seconds = (double)(load_now_us() - began) / 1e6;
    cpu = house_cpu_s(house.server) - cpu;
    double per_frame = cpu * 1e6 / (double)(frames_so_far() - frames);
    printf("rates to %u consoles, %u frames/s each: server's processor a frame | %.1f us | 4 us a "
           "send | %.0f frames/s, %.0f %% of a core | -\n",
           client_count, per_s, per_frame, (double)(frames_so_far() - frames) / seconds,
           100 * cpu / seconds);
}

/* ---- memory ------------------------------------------------------------------------------------ */

static void memory(const char *how, unsigned count, const char *goal)
{
    long before = house_private_kib(house.server);
    int64_t began = load_now_us();
    come_in(count);
    double seconds = (double)(load_now_us() - began) / 1e6;
    listen_with(on_nothing);
    settle(3);
    long after = house_private_kib(house.server);
    printf("memory a console, %u connected%s | %.1f KiB | lws 5.2 KB | %.0f logins and snapshots/s "
           "| %s\n",
           count, how, (double)(after - before) / count, count / seconds, goal);
}

/* ---- an hour of one user ----------------------------------------------------------------------- */

enum { HOUR_RATES = 100, HOUR_SELLS = 10, HOUR_PAGES = 5, HEARTBEATS = 1800 };

static unsigned rate_frames;
static uint64_t answer_bytes; /* of answers alone, as the document counts them */

static void on_hour(struct load_client *c, const char *head, const char *tail, uint64_t length)
{
    on_nothing(c, head, tail, length);
    if (is_answer(head))
        answer_bytes += length + (length < 126 ? 2 : 4);
    rate_frames += strstr(head, "\"q\":") != NULL;
}

static uint64_t bytes_of(const struct load_client *c)
{
    return c->bytes_in + c->bytes_out;
}

static void operation(struct load_client *c, const char *name, uint64_t from, unsigned times_done,
                      unsigned document)
{
    double each = (double)(bytes_of(c) - from) / times_done;
    printf("on the wire, %s | %.0f B | document %u B | %.2f | half\n", name, each, document,
           each / document);
}

/* The document's hour: one login, ten sells, five pages of history and of portfolio, 100 rates. */
static void hour(unsigned dealer)
{
    struct load_client c;
    load_connect(&c, dealer, on_coming_in);
    while (!load_is_open(&c))
        load_turn(20);
    uint64_t began = bytes_of(&c), at = began;
    whole = 0;
    log_in(&c, house.tokens[dealer]);
    wait_until(&whole, 1, "the hour's console");
    settle(1);
    printf("  handshake %llu B; login and the whole book (%u positions, its contracts, all "
           "people): %llu B\n",
           (unsigned long long)began, EACH, (unsigned long long)(bytes_of(&c) - began));
    uint64_t snapshot = bytes_of(&c) - began;
    c.on_text = on_hour;
    begin_counting();
    at = bytes_of(&c);
    uint64_t asked = c.bytes_out;
    answer_bytes = 0;
    for (unsigned i = 0; i < HOUR_SELLS; i++) {
        sell_next(&c);
        wait_until(&answers, i + 1, "a sell of the hour");
    }
    double each = (double)(c.bytes_out - asked + answer_bytes) / HOUR_SELLS;
    printf("on the wire, a sell: request and answer | %.0f B | document 734 B | %.2f | half\n",
           each, each / 734);
    settle(3); /* orders, fills and positions are told, too */
    operation(&c, "a sell with its answer and all its events", at, HOUR_SELLS, 734);
    at = bytes_of(&c);
    begin_counting();
    for (unsigned i = 0; i < HOUR_PAGES; i++)
        load_ask(&c, "history", "\"book\":\"" HOUSE_BOOK "\",\"client\":\"K%04u0\",\"count\":10",
                 dealer);
    wait_until(&answers, HOUR_PAGES, "history");
    operation(&c, "history of ten, half of them there", at, HOUR_PAGES, 1465);
    at = bytes_of(&c);
    begin_counting();
    for (unsigned i = 0; i < HOUR_PAGES; i++)
        ask_portfolio(&c);
    wait_until(&answers, HOUR_PAGES, "portfolio");
    operation(&c, "portfolio of twenty", at, HOUR_PAGES, 2485);
    at = bytes_of(&c);
    const struct house_position *p = &house.positions[(size_t)dealer * EACH];
    rate_frames = 0;
    load_ask(&c, "rates",
             "\"book\":\"" HOUSE_BOOK "\",\"on\":1,\"per_s\":30,\"list\":[[\"NSE\",%u]]", p->token);
    wait_until(&rate_frames, HOUR_RATES, "rates of the hour");
    operation(&c, "one rate of one contract", at, HOUR_RATES, 50);
    printf(
        "on the wire, a user's hour, heartbeats counted for all of it | %llu B | document 32686 B "
        "| %.2f | half\n",
        (unsigned long long)(bytes_of(&c) - snapshot - began + 2 * HEARTBEATS),
        (double)(bytes_of(&c) - snapshot - began + 2 * HEARTBEATS) / 32686);
    if (errors > 0)
        load_fail("the hour: %s", last_error);
    load_close(&c);
}

/* ---- runs -------------------------------------------------------------------------------------- */

static void begin(bool tls)
{
    house_begin(&house, DEALERS, EACH, tls);
    load_begin(house.port, tls);
    activate();
}

static void end(void)
{
    all_leave();
    load_end();
    house_end(&house);
}

static void plain(unsigned count)
{
    begin(false);
    sold = calloc(count > DEALERS ? count : DEALERS, sizeof *sold);
    hour(DEALERS - 1);
    memory("", count, "<= 6 KiB");
    requests("");
    sells("", 0, FIRST_PART);
    rates(1);
    sells(", rates to all", FIRST_PART, DEALERS - 1);
    free(sold);
    end();
}

static void over_tls(unsigned count)
{
    begin(true);
    sold = calloc(count > DEALERS ? count : DEALERS, sizeof *sold);
    memory(", TLS", count, "<= 24 KiB");
    requests(", TLS");
    sells(", TLS", 0, FIRST_PART);
    free(sold);
    end();
}

int main(void)
{
    const char *wanted = getenv("CONSOLES");
    unsigned count = wanted != NULL ? (unsigned)atoi(wanted) : 5000;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    setvbuf(stdout, NULL, _IOLBF, 0);
    plain(count < DEALERS ? DEALERS : count);
    over_tls(count / 4 < DEALERS ? DEALERS : count / 4);
    return 0;
}
