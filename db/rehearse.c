/*
 * rehearse.c: would core take this day?
 *
 * The importer's checks and core's overlap, and are meant to: core trusts no importer. Where core
 * alone refuses (a limit, a rule that is younger than a reader), the row is told here, in words,
 * before a state has been touched.
 */
#include "db/rehearse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A quarter more, and some: contracts are added by hand, orders come during the day. */
static void at_least(uint32_t *capacity, uint32_t count)
{
    while (*capacity < count + count / 4 + 64)
        *capacity *= 2;
}

void rehearse_config(const struct day *day, struct sq_config *config)
{
    const struct day_counts *c = &day->counts;
    sq_config_default(config);
    at_least(&config->instruments, c->instruments);
    at_least(&config->clients, c->clients);
    at_least(&config->people, c->people);
    at_least(&config->hours, c->hours);
    at_least(&config->positions, c->positions);
    at_least(&config->orders, c->orders);
    at_least(&config->fills, c->trades);
}

/* The row in words, so that whoever imports finds it. */
static bool was_refused(const struct sq_output *out, const struct sq_message *input, char *why,
                        size_t why_room)
{
    char line[SQ_LINE_MAX];
    for (size_t i = 0; i < out->event_count; i++) {
        if (out->events[i].kind != SQ_REFUSED)
            continue;
        sq_line((enum sq_kind)input->kind, &input->as, line, sizeof line);
        snprintf(why, why_room, "%s: %.160s",
                 sq_name(SQ_LIST_REFUSAL, out->events[i].as.refused.refusal), line);
        return true;
    }
    return false;
}

/* As the host would: configuration first, then the day, stamped in order. */
static bool step_all(const struct day *day, struct sq_engine *engine, struct sq_output *out,
                     const struct sq_config *config, char *why, size_t why_room)
{
    struct sq_message input = {.seq = 1, .time = day->as_of, .kind = SQ_CONFIG};
    input.as.config = *config;
    sq_step(engine, &input, out);
    for (size_t i = 0; i < day->input_count; i++) {
        input = day->inputs[i];
        input.seq = i + 2;
        input.time = day->as_of;
        out->event_count = out->request_count = 0;
        sq_step(engine, &input, out);
        if (was_refused(out, &input, why, why_room))
            return false;
    }
    return true;
}

bool rehearse(const struct day *day, const struct sq_config *config, char *why, size_t why_room)
{
    char field[64] = "";
    if (sq_config_check(config, field, sizeof field) != 0) {
        snprintf(why, why_room, "more rows than an engine can hold: %s", field);
        return false;
    }
    size_t room = sq_output_room(config);
    void *memory = calloc(1, sq_engine_size(config));
    struct sq_output out = {.events = calloc(room, sizeof *out.events),
                            .event_room = room,
                            .requests = calloc(room, sizeof *out.requests),
                            .request_room = room};
    bool good = memory && out.events && out.requests;
    if (good)
        good = step_all(day, sq_engine_init(memory, config), &out, config, why, why_room);
    else
        snprintf(why, why_room, "no memory for an engine");
    free(memory);
    free(out.events);
    free(out.requests);
    return good;
}
