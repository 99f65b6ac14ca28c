#include "tests/fix_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *stored(void *owner, uint32_t number, size_t *length)
{
    const struct fix_peer *peer = owner;
    if (peer->forgets || number >= PEER_STORED || peer->stored[number] == NULL)
        return NULL;
    *length = peer->stored_length[number];
    return peer->stored[number];
}

struct fix_peer *fix_peer_new(const char *ours, const char *theirs, bool reset)
{
    struct fix_peer *peer = calloc(1, sizeof *peer);
    struct fix_session_config config = {
        .role = FIX_ACCEPTOR, .reset_on_logon = reset, .stored = stored, .owner = peer};
    snprintf(config.sender_comp_id, sizeof config.sender_comp_id, "%s", ours);
    snprintf(config.target_comp_id, sizeof config.target_comp_id, "%s", theirs);
    fix_session_init(&peer->session, &config);
    fix_session_numbers(&peer->session, 1, 1, UINT32_MAX);
    return peer;
}

void fix_peer_free(struct fix_peer *peer)
{
    for (int i = 0; i < PEER_STORED; i++)
        free(peer->stored[i]);
    free(peer);
}

static void store(struct fix_peer *peer, uint32_t number)
{
    if (number >= PEER_STORED)
        return;
    const struct fix_writer *w = &peer->session.writer;
    free(peer->stored[number]);
    peer->stored[number] = malloc(w->length);
    memcpy(peer->stored[number], w->start, w->length);
    peer->stored_length[number] = w->length;
}

uint32_t fix_peer_say(struct fix_peer *peer, int64_t now_us, const char *text)
{
    struct fix_writer *w;
    uint32_t number = 0;
    char type[4] = "", copy[PEER_TEXT * 4];
    sscanf(text, "35=%3[^|]", type);
    snprintf(copy, sizeof copy, "%s", text);
    if (fix_session_begin(&peer->session, now_us, type, &w) != FIX_SENT)
        return 0;
    char *save, *field = strtok_r(copy, "|", &save);
    while ((field = strtok_r(NULL, "|", &save)) != NULL) {
        char *value = strchr(field, '=');
        fix_put_text(w, (uint32_t)atoi(field), value + 1);
    }
    if (fix_session_send(&peer->session, &number) != FIX_SENT)
        return 0;
    store(peer, number);
    return number;
}

static bool is_frame(uint32_t tag)
{
    static const uint32_t frame[] = {8, 9, 34, 49, 52, 56, 43, 122};
    for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
        if (frame[i] == tag)
            return true;
    return false;
}

static void hear(struct fix_peer *peer, const struct fix_event *event)
{
    char *out = peer->heard[peer->heard_count % PEER_HEARD];
    size_t at = 0;
    for (uint32_t i = 0; i < event->view->count; i++) {
        const struct fix_field *f = &event->view->field[i];
        if (!is_frame(f->tag) && at < PEER_TEXT)
            at += (size_t)snprintf(out + at, PEER_TEXT - at, "%s%u=%.*s", at ? "|" : "", f->tag,
                                   (int)f->length, f->value);
    }
    peer->heard_number[peer->heard_count++ % PEER_HEARD] = event->number;
}

void fix_peer_poll(struct fix_peer *peer, int64_t now_us)
{
    struct fix_event event;
    while (fix_session_poll(&peer->session, now_us, &event)) {
        if (event.kind == FIX_EVENT_MESSAGE)
            hear(peer, &event);
        if (event.kind == FIX_EVENT_LOGGED_ON)
            peer->logged_on = true;
        if (event.kind == FIX_EVENT_IN_GAP)
            peer->resend_requests++;
    }
}

const char *fix_peer_last(const struct fix_peer *peer)
{
    return peer->heard_count == 0 ? "" : peer->heard[(peer->heard_count - 1) % PEER_HEARD];
}

void fix_peer_clear(struct fix_peer *peer)
{
    peer->heard_count = 0;
}
