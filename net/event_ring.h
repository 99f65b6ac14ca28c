/*
 * event_ring.h: the newest events of a book, as the bytes that go out.
 *
 * An event is rendered once, whoever hears of it; each console holds a cursor into the ring. Events
 * are counted from 0 for ever; when the ring is full the oldest give way, and a cursor that falls
 * behind `first` has missed something: that console gets a snapshot.
 */
#ifndef NET_EVENT_RING_H
#define NET_EVENT_RING_H

#include "core/types.h"

/* What a console must know to tell whether an event concerns it, and what row it was. */
struct ring_event {
    uint64_t seq;
    sq_time time;
    uint32_t row;     /* in its table, when the kind is a row */
    uint32_t client;  /* row of the client it is about, for whoever may see it */
    uint32_t person;  /* row of the person whom it answers */
    uint32_t length;  /* of its text, a JSON array */
    uint64_t at;      /* place of its text, counted for ever */
    uint16_t kind;    /* enum sq_kind */
    uint8_t audience; /* whom it concerns: the book's business */
};

struct event_ring {
    struct ring_event *events; /* ring of `room`, a power of two */
    char *text;                /* ring of `text_room`; no text lies across its end */
    uint64_t first, next;      /* events that are there: [first, next) */
    uint64_t text_next;        /* where the next text may begin */
    uint64_t lost_seq;         /* seq of the newest event that gave way; 0: none did */
    size_t room, text_room;
};

/* Memory is the ring's own. room: a power of two. Returns 0, or -1 when there is none. */
int event_ring_init(struct event_ring *ring, size_t room, size_t text_room);
void event_ring_finish(struct event_ring *ring);
/* The ring is empty, and knows nothing of what came up to and including `seq`. */
void event_ring_clear(struct event_ring *ring, uint64_t seq);

/* Appends a copy; `at` is set here. text: at most a quarter of text_room. */
void event_ring_add(struct event_ring *ring, const struct ring_event *event, const char *text);

/* Event i, which must be in [first, next), and its text. */
const struct ring_event *event_ring_get(const struct event_ring *ring, uint64_t i);
const char *event_ring_text(const struct event_ring *ring, const struct ring_event *event);

/*
 * The cursor of a console that has seen everything up to and including `seq`. False: what came
 * after it is not all there any more.
 */
bool event_ring_after(const struct event_ring *ring, uint64_t seq, uint64_t *cursor);

#endif
