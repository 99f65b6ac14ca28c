/*
 * The order of life: day, memory, exchange, sockets; and back. Each step can fail and be undone by
 * inproc_free(), which accepts what was never made.
 */
#include "net/simulator/inproc.h"
#include "net/simulator/wire.h"

#include <unistd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct inproc {
    struct sim_settings settings;
    struct sim_day day;
    struct exchange *exchange;
    void *memory;
    struct sim_tick *ticks;
    struct sim_wire wire;
};

static int64_t first_time(int64_t (*clock)(void *), void *context)
{
    struct timespec t;
    if (clock != NULL)
        return clock(context);
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int open_exchange(struct inproc *p, int64_t now_us, char why[SIM_WHY])
{
    const struct exchange_config *config = &p->settings.exchange;
    p->memory = malloc(exchange_size(config, &p->day));
    if (p->memory == NULL) {
        snprintf(why, SIM_WHY, "out of memory");
        return -1;
    }
    p->exchange = exchange_init(p->memory, config, &p->day, now_us, why);
    if (p->exchange == NULL)
        return -1;
    return sim_settings_replay(&p->settings, p->exchange, &p->day, now_us, &p->ticks, why);
}

struct inproc *inproc_create(uv_loop_t *loop, const struct sim_settings *settings,
                             const char *day_folder, int64_t (*clock)(void *context),
                             void *clock_context, char why[SIM_WHY])
{
    struct inproc *p = calloc(1, sizeof *p);
    if (p == NULL) {
        snprintf(why, SIM_WHY, "out of memory");
        return NULL;
    }
    p->settings = *settings;
    if (sim_day_read(&p->day, day_folder, why) != 0 ||
        open_exchange(p, first_time(clock, clock_context), why) != 0) {
        inproc_free(p);
        return NULL;
    }
    int error = sim_wire_start(&p->wire, loop, p->exchange, clock, clock_context);
    if (error != 0) {
        snprintf(why, SIM_WHY, "%s", uv_strerror(error));
        inproc_free(p);
        return NULL;
    }
    return p;
}

int inproc_open(struct inproc *p)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    if (sim_wire_adopt(&p->wire, pair[0]) == 0)
        return pair[1];
    close(pair[1]);
    return -1;
}

struct exchange *inproc_exchange(struct inproc *p)
{
    return p->exchange;
}

void inproc_pump(struct inproc *p)
{
    sim_wire_pump(&p->wire);
}

void inproc_stop(struct inproc *p)
{
    sim_wire_stop(&p->wire);
}

void inproc_free(struct inproc *p)
{
    if (p == NULL)
        return;
    sim_wire_finish(&p->wire);
    free(p->ticks);
    free(p->memory);
    sim_day_finish(&p->day);
    free(p);
}
